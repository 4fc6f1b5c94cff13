//! A device whose key holds nothing at all pays a thousand machines through a light client on four
//! validators; strangers are refused.

use std::collections::BTreeMap;

use codec::Decode;
use dam_device::{
	chain::{Call, LightNetwork, Network as _, Refusal, SignedCall},
	payments::{PayError, Payer, Receipt},
	AccountId, Key, Scheme, Usdt,
};
use dam_e2e::{
	fleet::{self, Machine},
	storage, Network, Rpc,
};
use dam_primitives::{machine_account, Payee, Payment, USDT_ASSET_ID};

/// Machines that are paid.
const PAYEES: usize = 1_000;
/// What the paying machine gets: 10 USDT.
const FUNDS: u128 = 10_000_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn machines_should_pay_free_on_four_validators() {
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
