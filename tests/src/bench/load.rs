//! Full blocks: many machines that each send one batch of as many payments as fit, free of charge.

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

/// Payments of one batch.
const BATCH: usize = 1_000;
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

/// Hands all batches to the validators' pools, in turn.
pub async fn submit(network: &Network, batches: &[SignedCall]) -> Result<(), Error> {
	for (batch, node) in batches.iter().zip(network.nodes().iter().cycle()) {
		node.rpc()
			.submit(&batch.bytes)
			.await
			.map_err(|cause| Error::Rpc { node: node.name().into(), cause })?;
	}
	Ok(())
}

/// Whether a validator still has transactions to include.
pub async fn left(network: &Network) -> Result<bool, Error> {
	let node = &network.nodes()[0];
	let pending = node
		.rpc()
		.call("author_pendingExtrinsics", rpc_params![])
		.await
		.map_err(|cause| Error::Rpc { node: node.name().into(), cause })?;
	Ok(pending.as_array().is_some_and(|all| !all.is_empty()))
}

fn pay(machine: MachineId, amount: u128) -> Payment<AccountId> {
	Payment { payee: Payee::Machine(machine), amount }
}
