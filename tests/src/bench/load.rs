//! Full blocks: free batches up to the share of a block that free calls may use, and in every slot a
//! transaction that pays a fee, for the rest.

use std::time::Duration;

use dam_device::{
	chain::{Call, LightNetwork, Network as _, SignedCall},
	payments::Payer,
	AccountId, Key, Usdt,
};
use dam_e2e::{
	fleet::{self, Machine},
	Error, Network,
};
use dam_primitives::{MachineId, Payee, Payment};
use jsonrpsee::rpc_params;

/// Payments of one batch: several batches fill the free share of a block better than one large one.
const BATCH: usize = 400;
/// Machines that the paid transaction of each slot registers: about the share that free calls leave.
const REGISTRATIONS: usize = 192;
/// Transactions that are in a pool without any free batch left: the measured payment, and a paid one.
const IN_FLIGHT: usize = 3;
/// Length of a slot.
const SLOT: Duration = Duration::from_secs(1);
/// What the payer gets: 10 USDT.
const FUNDS: u128 = 10_000_000;
/// What each sender of a batch gets, in units of 0.000001 USDT: enough for its batch.
const SHARE: u128 = BATCH as u128;

/// The machines of the measurement.
pub struct Fleet {
	/// Sends the payments that are measured.
	pub payer: Machine,
	/// Gets them all.
	pub payee: MachineId,
	/// Send the batches.
	senders: Vec<Machine>,
}

/// Registers and funds them.
pub async fn prepare(light: &LightNetwork, owner: &Key, batches: u32) -> Result<Fleet, Error> {
	eprintln!("registering {} machines", batches + 3);
	let mut machines = fleet::register(light, owner, batches as usize + 3).await?;
	let (payer, payee, bank) = match (machines.pop(), machines.pop(), machines.pop()) {
		(Some(payer), Some(payee), Some(bank)) => (payer, payee.id, bank),
		_ => unreachable!("at least three were registered"),
	};
	for machine in [&payer, &bank] {
		fleet::fund(light, owner, machine.id, Usdt::from_units(FUNDS)).await?;
	}
	let shares: Vec<_> = machines.iter().map(|machine| pay(machine.id, SHARE)).collect();
	let device = |cause: dam_device::payments::PayError| Error::Device(Box::new(cause));
	if !shares.is_empty() {
		let bank = Payer::new(light, &bank.key, fleet::patience()).await.map_err(device)?;
		for (index, part) in shares.chunks(BATCH).enumerate() {
			bank.pay_batch(index, part, None, &mut |_| {}).await.map_err(device)?;
		}
	}
	Ok(Fleet { payer, payee, senders: machines })
}

/// Fills the blocks until no free batch is left: hands all of them to the validators' pools, and
/// then has `owner` pay for one registration of machines in every slot.
pub async fn fill(
	network: &Network,
	light: &LightNetwork,
	owner: &Key,
	batches: &[SignedCall],
) -> Result<(), Error> {
	let device = |cause: dam_device::chain::ChainError| Error::Device(Box::new(cause));
	submit(network, batches).await?;
	let (_, balances) = light.balances(&[owner.account()]).await.map_err(device)?;
	let mut nonce = balances.first().map_or(0, |balances| u64::from(balances.nonce));
	let mut slots = tokio::time::interval(SLOT);
	while left(network).await? {
		slots.tick().await;
		let keys = fleet::device_keys(REGISTRATIONS);
		let call = Call::RegisterFleet(fleet::agree(light, owner, &keys).await?);
		let signed = light.sign(&call, owner, Some(nonce)).await.map_err(device)?;
		submit(network, &[signed]).await?;
		nonce += 1;
	}
	Ok(())
}

/// Signs one batch for each sender.
pub async fn sign(light: &LightNetwork, fleet: &Fleet) -> Result<Vec<SignedCall>, Error> {
	let call = Call::PayBatch(vec![pay(fleet.payee, 1); BATCH]);
	let mut signed = Vec::new();
	for sender in &fleet.senders {
		let one = light.sign(&call, &sender.key, Some(0)).await;
		signed.push(one.map_err(|cause| Error::Device(Box::new(cause)))?);
	}
	Ok(signed)
}

/// Hands transactions to the validators' pools, in turn.
async fn submit(network: &Network, batches: &[SignedCall]) -> Result<(), Error> {
	for (batch, node) in batches.iter().zip(network.nodes().iter().cycle()) {
		node.rpc()
			.submit(&batch.bytes)
			.await
			.map_err(|cause| Error::Rpc { node: node.name().into(), cause })?;
	}
	Ok(())
}

/// Whether the first validator still has free batches to include: more in its pool than what is
/// sent for every slot.
pub async fn left(network: &Network) -> Result<bool, Error> {
	let node = &network.nodes()[0];
	let pending = node
		.rpc()
		.call("author_pendingExtrinsics", rpc_params![])
		.await
		.map_err(|cause| Error::Rpc { node: node.name().into(), cause })?;
	Ok(pending.as_array().is_some_and(|all| all.len() > IN_FLIGHT))
}

fn pay(machine: MachineId, amount: u128) -> Payment<AccountId> {
	Payment { payee: Payee::Machine(machine), amount }
}
