//! A device whose key holds nothing at all pays a thousand machines through a light client on four
//! validators; strangers are refused; a flood is held to its quota and harms nobody else.

use std::{
	collections::{BTreeMap, HashSet},
	time::Duration,
};

use codec::Decode;
use dam_device::{
	chain::{Call, LightNetwork, Network as _, Refusal, SignedCall},
	payments::{PayError, Payer, Receipt},
	AccountId, Key, Scheme, Usdt,
};
use dam_e2e::{
	fleet::{self, Machine},
	storage, wait_until, Error, Network, Rpc,
};
use dam_primitives::{machine_account, Payee, Payment, USDT_ASSET_ID};

/// Machines that are paid.
const PAYEES: usize = 1_000;
/// What the paying machine gets: 10 USDT.
const FUNDS: u128 = 10_000_000;
/// Blocks over which the flood is watched.
const FLOOD_BLOCKS: u32 = 20;
/// Payments of the flood beyond what fills the quota.
const FLOOD_EXCESS: u64 = 200;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn machines_should_pay_free_and_in_peace_on_four_validators() {
	let mut network = Network::builder().validators(4).start().await.unwrap();
	network.wait_finalized(3).await.unwrap();
	let light = fleet::light_client(&network).await.unwrap();

	let owner = fleet::well_known("Alice");
	let machines = fleet::register(&light, &owner, 1 + PAYEES).await.unwrap();
	let (payer, payees) = machines.split_first().expect("1,001 machines; qed");
	fleet::fund(&light, &owner, payer.id, Usdt::from_units(FUNDS)).await.unwrap();

	let rpc = network.nodes()[3].rpc().clone();
	batch_should_be_final_exact_and_free(&network, &rpc, &light, payer, payees).await;
	stranger_should_be_refused(&rpc, &light, payees[0].id).await;
	// A machine keeps the asset's minimum balance, so these two need more than they were paid.
	for machine in &payees[..2] {
		fleet::fund(&light, &owner, machine.id, Usdt::from_units(FUNDS)).await.unwrap();
	}
	flood_should_be_held_to_its_quota(&network, &light, &payees[0], &payees[1], &payees[2]).await;

	network.wait_more_finalized(5).await.unwrap();
	network.check_alive().unwrap();
	let common = network.assert_one_chain().await.unwrap();
	println!("all four validators agree up to block {common}");
}

async fn batch_should_be_final_exact_and_free(
	network: &Network,
	rpc: &Rpc,
	light: &LightNetwork,
	payer: &Machine,
	payees: &[Machine],
) {
	assert_key_holds_nothing(rpc, &payer.key).await;
	// A different amount for each, so that a mix-up shows.
	let payments: Vec<Payment<AccountId>> = (5_000u128..)
		.zip(payees)
		.map(|(amount, payee)| Payment { payee: Payee::Machine(payee.id), amount })
		.collect();
	let total: u128 = payments.iter().map(|payment| payment.amount).sum();

	let device = Payer::new(light, &payer.key, fleet::patience()).await.unwrap();
	let receipt = device.pay_batch(0, &payments, None, &mut |_| {}).await.unwrap();
	println!(
		"{} payments, {} USDT, fee {} DAM, final in block {}",
		receipt.paid, receipt.total, receipt.fee, receipt.block
	);
	assert_eq!(receipt.paid as usize, PAYEES);
	assert_eq!(receipt.failed, []);
	assert_eq!(receipt.total, Usdt::from_units(total));
	assert_eq!(receipt.fee.units(), 0);

	network.wait_finalized(receipt.block.number).await.unwrap();
	let at = block_hash(rpc, receipt.block.number).await;
	assert_eq!(at, format!("{:?}", receipt.block.hash), "node and light client differ");

	// Read from the state of a node, by keys computed here.
	let keys: Vec<Vec<u8>> = payees
		.iter()
		.chain([payer])
		.map(|machine| storage::asset_account(USDT_ASSET_ID, &machine_account(machine.id)))
		.collect();
	let balances = rpc.storage(&keys, &at).await.unwrap().into_iter().map(asset_balance);
	let expected = payments.iter().map(|payment| payment.amount).chain([FUNDS - total]);
	assert!(balances.eq(expected), "a machine does not hold what it was paid");

	assert_fee_was_zero_on_every_account(rpc, &receipt, &at).await;
	assert_key_holds_nothing(rpc, &payer.key).await;
}

/// Compares the DAM of every account there is, and its issuance, before and after the block.
async fn assert_fee_was_zero_on_every_account(rpc: &Rpc, receipt: &Receipt, after: &str) {
	let before = block_hash(rpc, receipt.block.number - 1).await;
	let all_before = dam_of_all(rpc, &before).await;
	assert!(all_before.len() > PAYEES, "{} accounts", all_before.len());
	assert_eq!(all_before, dam_of_all(rpc, after).await, "the batch moved DAM");

	let issuance = storage::value("Balances", "TotalIssuance");
	let issued: Option<u128> = rpc.value(issuance.clone(), &before).await.unwrap();
	assert!(issued.is_some_and(|issued| issued > 0));
	assert_eq!(issued, rpc.value(issuance, after).await.unwrap());
}

async fn stranger_should_be_refused(rpc: &Rpc, light: &LightNetwork, payee: u64) {
	let (stranger, _) = Key::generate(Scheme::Ed25519);
	let refused = Payer::new(light, &stranger, fleet::patience()).await;
	assert!(matches!(refused, Err(PayError::NotRegistered { .. })), "{refused:?}");

	// The same without the library's own check: the chain itself refuses, with a reason.
	let signed = sign_pay(light, &stranger, payee, 1, 0).await;
	assert_eq!(light.validate(&signed).await.unwrap(), Err(Refusal::CannotPay));
	let refused = rpc.submit(&signed.bytes).await.unwrap_err().to_string();
	assert!(refused.contains("1010") && refused.contains("Inability to pay"), "{refused}");
}

/// `flooder` signs far more payments than its quota holds; they are handed to every validator as
/// fast as these take them. Meanwhile `other` pays.
async fn flood_should_be_held_to_its_quota(
	network: &Network,
	light: &LightNetwork,
	flooder: &Machine,
	other: &Machine,
	payee: &Machine,
) {
	let rpc = network.nodes()[0].rpc();
	// The cost of one payment, from what it takes out of a full bucket.
	let device = Payer::new(light, &flooder.key, fleet::patience()).await.unwrap();
	let first = Payment { payee: Payee::Machine(payee.id), amount: 1 };
	let receipt = device.pay(&first, None, &mut |_| {}).await.unwrap();
	let at = format!("{:?}", receipt.block.hash);
	let quota = rpc.quota(flooder.id, &at).await.unwrap().expect("the machine is active; qed");
	let cost = quota.capacity - quota.available;
	assert!(cost > 0, "a payment took nothing out of the quota");
	// All that can be used while the flood is watched, and more.
	let budget = quota.capacity + u64::from(FLOOD_BLOCKS) * quota.refill_per_block;
	let count = budget / cost + FLOOD_EXCESS;
	println!("a payment takes {cost} of a quota of {}; flooding with {count}", quota.capacity);

	let mut flood = Vec::new();
	for nonce in 1..=count {
		flood.push(sign_pay(light, &flooder.key, payee.id, 1, nonce).await);
	}
	let start = rpc.number(None).await.unwrap();
	let sending =
		futures::future::join_all(network.nodes().iter().map(|node| send_all(node.rpc(), &flood)));
	let paying = async {
		// Not before the flood has reached the blocks.
		wait_until("the flood's first block", Duration::from_secs(120), || async {
			let found = light.balances(&[flooder.key.account()]).await;
			Ok(found.is_ok_and(|(_, all)| all[0].nonce > 1).then_some(()))
		})
		.await?;
		let device = Payer::new(light, &other.key, fleet::patience()).await;
		let payment = Payment { payee: Payee::Machine(payee.id), amount: 7 };
		Ok::<_, Error>(device.unwrap().pay(&payment, None, &mut |_| {}).await.unwrap())
	};
	let (accepted, receipt) = futures::join!(sending, paying);
	let receipt = receipt.unwrap();
	println!("the pools took {accepted:?} payments of the flood");
	println!("another device's payment is final in block {}, fee {}", receipt.block, receipt.fee);
	assert_eq!(receipt.fee.units(), 0);

	quota_should_run_out(light, flooder, payee).await;

	let end = start + FLOOD_BLOCKS;
	network.wait_finalized(end).await.unwrap();
	let included = count_included(rpc, &flood, start, end).await;
	println!("{included} of {count} were included in {FLOOD_BLOCKS} blocks");
	assert!(included * cost <= budget, "{included} payments, {cost} each, exceed {budget}");
	assert!(included < count, "the flood was not slowed down");
	// Held to the quota, not below it: what the machine may use, it got.
	assert!(included * cost >= quota.capacity / 2, "{included} payments used little of {budget}");
	assert!(
		(start..=end).contains(&receipt.block.number),
		"the other payment came in block {}, outside of {start} to {end}",
		receipt.block.number
	);
}

/// Waits until the chain says, by its own error, that the flooder has used up its quota.
async fn quota_should_run_out(light: &LightNetwork, flooder: &Machine, payee: &Machine) {
	wait_until("the quota to run out", Duration::from_secs(240), || async {
		let account = flooder.key.account();
		let (_, balances) = light.balances(&[account]).await.unwrap();
		let nonce = u64::from(balances[0].nonce);
		let next = sign_pay(light, &flooder.key, payee.id, 2, nonce).await;
		// Its nonce may be taken meanwhile: then it is asked again.
		let refused = light.validate(&next).await.unwrap() == Err(Refusal::QuotaExhausted);
		Ok(refused.then_some(()))
	})
	.await
	.unwrap();
}

/// Submits all in order and tells how many the pool took. Refusals are what a flood meets.
async fn send_all(rpc: &Rpc, calls: &[SignedCall]) -> usize {
	let mut accepted = 0;
	for call in calls {
		accepted += usize::from(rpc.submit(&call.bytes).await.is_ok());
	}
	accepted
}

/// How many of `calls` are in the blocks after `start` up to `end`.
async fn count_included(rpc: &Rpc, calls: &[SignedCall], start: u32, end: u32) -> u64 {
	let wanted: HashSet<&[u8]> = calls.iter().map(|call| call.bytes.as_slice()).collect();
	let mut count = 0;
	for number in start + 1..=end {
		let hash = block_hash(rpc, number).await;
		let extrinsics = rpc.extrinsics(&hash).await.unwrap();
		count +=
			extrinsics.iter().filter(|extrinsic| wanted.contains(extrinsic.as_slice())).count();
	}
	count as u64
}

async fn sign_pay(
	light: &LightNetwork,
	key: &Key,
	payee: u64,
	amount: u128,
	nonce: u64,
) -> SignedCall {
	let call = Call::Pay(Payment { payee: Payee::Machine(payee), amount });
	light.sign(&call, key, Some(nonce)).await.unwrap()
}

async fn block_hash(rpc: &Rpc, number: u32) -> String {
	rpc.block_hash(number).await.unwrap().unwrap_or_else(|| panic!("no block {number}"))
}

/// The key's own account: no DAM, no USDT.
async fn assert_key_holds_nothing(rpc: &Rpc, key: &Key) {
	let account = key.account().0;
	let (_, at) = rpc.finalized().await.unwrap();
	let usdt = rpc.storage(&[storage::asset_account(USDT_ASSET_ID, &account)], &at).await.unwrap();
	assert_eq!(usdt, [None], "the key holds USDT");
	let dam: Option<AccountInfo> = rpc.value(storage::system_account(&account), &at).await.unwrap();
	assert!(dam.is_none_or(|dam| dam.held() == [0; 3]), "the key holds DAM: {dam:?}");
}

/// `System.Account` as the SDK stores it.
#[derive(Clone, Copy, Decode, Debug)]
struct AccountInfo {
	_nonce: u32,
	_consumers: u32,
	_providers: u32,
	_sufficients: u32,
	free: u128,
	reserved: u128,
	frozen: u128,
}

impl AccountInfo {
	fn held(&self) -> [u128; 3] {
		[self.free, self.reserved, self.frozen]
	}
}

/// What every account holds of DAM, by storage key.
async fn dam_of_all(rpc: &Rpc, at: &str) -> BTreeMap<Vec<u8>, [u128; 3]> {
	let keys = rpc.keys(&storage::value("System", "Account"), at).await.unwrap();
	let values = rpc.storage(&keys, at).await.unwrap();
	keys.into_iter()
		.zip(values)
		.map(|(key, value)| {
			let value = value.expect("a listed key has a value; qed");
			(key, AccountInfo::decode(&mut value.as_slice()).unwrap().held())
		})
		.collect()
}

/// The balance at the beginning of an `Assets.Account` record; zero if there is none.
fn asset_balance(record: Option<Vec<u8>>) -> u128 {
	record.map_or(0, |bytes| u128::decode(&mut bytes.as_slice()).unwrap())
}
