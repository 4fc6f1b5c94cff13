//! Machines that flood four validators, within their quota and beyond it, hurt nobody else.
//!
//! Prints how long the payments of honest machines take before and meanwhile. It asserts what must
//! hold on any machine: who is paid, what is refused, and how much a flood gets into the chain.

use std::{
	sync::atomic::{AtomicBool, Ordering},
	time::Duration,
};

use dam_device::{
	chain::{Call, LightNetwork, Network as _},
	AccountId, Usdt,
};
use dam_e2e::{
	fleet::{self, Machine},
	measure::{self, Payments},
	wait_until, Error, Network, Rpc, RpcError,
};
use dam_primitives::{machine_account, quota::QUOTA_EXHAUSTED, MachineId, Payee, Payment};

/// Machines that pay now and then.
const HONEST: usize = 4;
/// Payments of each of them in each part.
const PAYMENTS: u32 = 10;
/// Machines that flood: what their full buckets hold fills the free share of about ten blocks.
const FLOODERS: usize = 16;
/// Payments that a flooder has under way at a time, once its bucket is empty.
const BURST: u64 = 16;
/// What each machine gets: 2 USDT.
const FUNDS: u128 = 2_000_000;
/// What each payment of a flood pays, in units of 0.000001 USDT.
const FLOOD_AMOUNT: u128 = 2;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn floods_should_not_keep_others_from_paying() {
	let mut network = Network::builder().validators(4).start().await.unwrap();
	network.wait_finalized(3).await.unwrap();
	let light = fleet::light_client(&network).await.unwrap();
	let fleet = prepare(&light).await;

	let quiet = pay(&light, &fleet).await;
	println!("{}", quiet.table("no flood"));

	let rpc = network.nodes()[0].rpc();
	let quota = quota_of(rpc, fleet.flooders[0].id).await;
	let cost = cost_of_a_payment(rpc, &light, &fleet).await;
	let full = quota.capacity / cost;
	println!("a payment takes {cost} of a quota of {}: {full} payments each", quota.capacity);
	let start = rpc.number(None).await.unwrap();

	// Every flooder sends all at once that its full bucket holds, and as much again.
	let (within, taken) =
		futures::join!(pay(&light, &fleet), flood_at_once(&network, &light, &fleet, 2 * full));
	println!("{}", within.table("a flood within the quota"));
	println!("the pools took {taken} payments of the flood at once");

	// Then they go on, with what comes back and far beyond it.
	drain(&network, &light, &fleet, cost).await;
	let over = AtomicBool::new(false);
	let (beyond, refused) = futures::join!(
		async {
			let measured = pay(&light, &fleet).await;
			over.store(true, Ordering::Relaxed);
			measured
		},
		flood_on(&network, &light, &fleet, &over),
	);
	println!("{}", beyond.table("a flood beyond the quota"));
	println!("the pools refused {refused} payments of the flood for their quota");
	assert!(refused > 0, "no payment beyond the quota was refused");

	books_should_tell_what_happened(rpc, &light, &fleet, start, cost).await;
	network.check_alive().unwrap();
	let common = network.assert_one_chain().await.unwrap();
	println!("all four validators agree up to block {common}");
}

struct Fleet {
	honest: Vec<Machine>,
	flooders: Vec<Machine>,
	/// Is paid by the honest ones.
	shop: MachineId,
	/// Is paid by the flooders.
	sink: MachineId,
}

async fn prepare(light: &LightNetwork) -> Fleet {
	let owner = fleet::well_known("Alice");
	let mut honest = fleet::register(light, &owner, HONEST + FLOODERS + 2).await.unwrap();
	let [shop, sink] = [honest.pop(), honest.pop()].map(|last| last.expect("two more; qed").id);
	let flooders = honest.split_off(HONEST);
	for machine in honest.iter().chain(&flooders) {
		fleet::fund(light, &owner, machine.id, Usdt::from_units(FUNDS)).await.unwrap();
	}
	Fleet { honest, flooders, shop, sink }
}

/// Every honest machine pays some times, at random moments. Each payment must become final.
async fn pay(light: &LightNetwork, fleet: &Fleet) -> Payments {
	let all =
		fleet.honest.iter().map(|payer| measure::payments(light, payer, fleet.shop, PAYMENTS));
	Payments::together(futures::future::try_join_all(all).await.unwrap())
}

/// What a payment takes out of a bucket that was full, by one of the flooders.
async fn cost_of_a_payment(rpc: &Rpc, light: &LightNetwork, fleet: &Fleet) -> u64 {
	let flooder = &fleet.flooders[0];
	let before = quota_of(rpc, flooder.id).await;
	let payer = dam_device::payments::Payer::new(light, &flooder.key, fleet::patience());
	let payment = Payment { payee: Payee::Machine(fleet.sink), amount: FLOOD_AMOUNT };
	let receipt = payer.await.unwrap().pay(&payment, None, &mut |_| {}).await.unwrap();
	let at = format!("{:?}", receipt.block.hash);
	let after = rpc.quota(flooder.id, &at).await.unwrap().expect("the machine is active; qed");
	let cost = before.available - after.available;
	assert!(cost > 0, "a payment took nothing out of the quota");
	cost
}

async fn quota_of(rpc: &Rpc, machine: MachineId) -> dam_primitives::QuotaInfo {
	let (_, at) = rpc.finalized().await.unwrap();
	rpc.quota(machine, &at).await.unwrap().expect("the machine is active; qed")
}

/// Hands `count` payments of every flooder to every validator, as fast as these take them. Returns
/// how many all the pools together took.
async fn flood_at_once(
	network: &Network,
	light: &LightNetwork,
	fleet: &Fleet,
	count: u64,
) -> usize {
	let mut taken = 0;
	for flooder in &fleet.flooders {
		let calls = sign(light, flooder, fleet.sink, count).await;
		let all = network.nodes().iter().map(|node| send(node.rpc(), &calls));
		for sent in futures::future::join_all(all).await {
			taken += sent.taken;
		}
	}
	taken
}

/// Goes on until `over`. Returns how many payments were refused for their quota.
async fn flood_on(
	network: &Network,
	light: &LightNetwork,
	fleet: &Fleet,
	over: &AtomicBool,
) -> usize {
	let mut refused = 0;
	for (flooder, node) in fleet.flooders.iter().zip(network.nodes().iter().cycle()).cycle() {
		if over.load(Ordering::Relaxed) {
			break;
		}
		let calls = sign(light, flooder, fleet.sink, BURST).await;
		refused += send(node.rpc(), &calls).await.refused;
	}
	refused
}

/// Signs payments with the flooder's next nonces.
async fn sign(
	light: &LightNetwork,
	flooder: &Machine,
	sink: MachineId,
	count: u64,
) -> Vec<Vec<u8>> {
	let (_, balances) = light.balances(&[flooder.key.account()]).await.unwrap();
	let next = u64::from(balances[0].nonce);
	let call =
		Call::Pay(Payment { payee: Payee::<AccountId>::Machine(sink), amount: FLOOD_AMOUNT });
	let mut calls = Vec::new();
	for nonce in next..next + count {
		calls.push(light.sign(&call, &flooder.key, Some(nonce)).await.unwrap().bytes);
	}
	calls
}

/// What a pool said to a flood.
#[derive(Default)]
struct Sent {
	taken: usize,
	/// For the quota.
	refused: usize,
}

async fn send(rpc: &Rpc, calls: &[Vec<u8>]) -> Sent {
	let mut sent = Sent::default();
	for call in calls {
		match rpc.submit(call).await {
			Ok(_) => sent.taken += 1,
			Err(error) => {
				sent.refused += usize::from(error.is_custom_refusal(QUOTA_EXHAUSTED));
				// A node that cannot be reached is not what a flood may do.
				assert!(matches!(error, RpcError::Refused { .. }), "{error}");
			},
		}
	}
	sent
}

/// Floods until every flooder's bucket holds little more than a payment costs. A pool takes what the
/// bucket covers at the declared weight, of which a part comes back.
async fn drain(network: &Network, light: &LightNetwork, fleet: &Fleet, cost: u64) {
	let rpc = network.nodes()[0].rpc();
	wait_until("the flooders' quota to run out", Duration::from_secs(240), || async {
		let (_, at) = rpc.finalized().await.unwrap();
		let mut empty = true;
		for (flooder, node) in fleet.flooders.iter().zip(network.nodes().iter().cycle()) {
			let quota = rpc.quota(flooder.id, &at).await.unwrap();
			if quota.is_some_and(|quota| quota.available > 2 * cost) {
				empty = false;
				send(node.rpc(), &sign(light, flooder, fleet.sink, BURST).await).await;
			}
		}
		Ok::<_, Error>(empty.then_some(()))
	})
	.await
	.unwrap();
}

/// The floods got into the chain what their quota holds, and no more; all money is where it belongs.
async fn books_should_tell_what_happened(
	rpc: &Rpc,
	light: &LightNetwork,
	fleet: &Fleet,
	start: u32,
	cost: u64,
) {
	let quota = quota_of(rpc, fleet.flooders[0].id).await;
	let accounts: Vec<AccountId> =
		[fleet.shop, fleet.sink].map(|id| AccountId::from(machine_account(id))).into();
	let (at, balances) = light.balances(&accounts).await.unwrap();
	let paid = u128::from(PAYMENTS) * HONEST as u128 * 3;
	assert_eq!(balances[0].usdt, Usdt::from_units(paid), "honest payments are missing");

	let included = balances[1].usdt.units() / FLOOD_AMOUNT;
	// The one payment that told the cost came before the start.
	let blocks = u64::from(at.number - start) + 1;
	let budget = FLOODERS as u64 * ((quota.capacity + blocks * quota.refill_per_block) / cost + 1);
	println!("{included} payments of the floods were included in {blocks} blocks, of {budget}");
	assert!(included <= u128::from(budget), "the floods exceeded their quota");
	assert!(included >= u128::from(budget / 4), "the floods did not get what they may use");
}
