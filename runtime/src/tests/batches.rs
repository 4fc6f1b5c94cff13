//! The largest batches: that each fits into a block, and which of them are free.

use super::support::*;
use crate::{units::*, *};
use alloc::{vec, vec::Vec};
use dam_primitives::{
	channel::{MAX_CLAIMS, MAX_HASHES_PER_CLAIM},
	intent::{MAX_CANCELLED, MAX_INTENTS},
	mandate::MAX_PULLS,
	stream::MAX_COLLECTIONS,
	Intent, Payee, Payment, RevealedLink, Signature, SignedIntent, SignedVoucher, MAX_BATCH,
};
use frame_support::{
	dispatch::{DispatchClass, GetDispatchInfo},
	traits::Get,
	weights::Weight,
	BoundedVec,
};
use pallet_free_quota::{FreeCalls as _, QuotaOrFee};
use sp_core::Pair;
use sp_keyring::Sr25519Keyring;

type Extension = QuotaOrFee<Runtime, pallet_asset_tx_payment::ChargeAssetTxPayment<Runtime>>;

/// The longest signature.
const SIGNATURE: Signature = Signature::Ecdsa([7; 65]);

fn bounded<T: Clone, Bound: Get<u32>>(item: T, count: u32) -> BoundedVec<T, Bound> {
	BoundedVec::truncate_from(vec![item; count as usize])
}

fn payments(payee: Payee<AccountId>) -> RuntimeCall {
	let payments = bounded(Payment { payee, amount: u128::MAX }, MAX_BATCH);
	pallet_micropayments::Call::pay_batch { payments }.into()
}

fn vouchers() -> RuntimeCall {
	let voucher = SignedVoucher { channel: u64::MAX, amount: u128::MAX, signature: SIGNATURE };
	pallet_channels::Call::claim_batch { vouchers: bounded(voucher, MAX_CLAIMS) }.into()
}

fn links() -> RuntimeCall {
	let revealed = RevealedLink { channel: u64::MAX, index: u32::MAX, link: [7; 32] };
	pallet_channels::Call::claim_links { revealed }.into()
}

fn intents() -> RuntimeCall {
	let intent = Intent {
		payer: u64::MAX,
		payee: Payee::Account([7; 32]),
		amount: u128::MAX,
		relay_fee: u128::MAX,
		valid_from: u32::MAX,
		valid_until: u32::MAX,
		nonce: u64::MAX,
	};
	let intents = bounded(SignedIntent { intent, signature: SIGNATURE }, MAX_INTENTS);
	pallet_intents::Call::submit { intents }.into()
}

fn nonces() -> RuntimeCall {
	pallet_intents::Call::cancel { nonces: bounded(u64::MAX, MAX_CANCELLED) }.into()
}

fn pulls() -> RuntimeCall {
	let pull = pallet_mandates::Pull { mandate: u64::MAX, amount: u128::MAX };
	pallet_mandates::Call::pull_batch { pulls: bounded(pull, MAX_PULLS) }.into()
}

fn collections() -> RuntimeCall {
	pallet_streams::Call::collect_batch { streams: bounded(u64::MAX, MAX_COLLECTIONS) }.into()
}

/// What a call takes: weight, bytes, and the share of a full bucket that it would use.
fn measure(call: RuntimeCall) -> (Weight, u32, u64) {
	let extrinsic = sign(&device(1), call, Envelope::honest(0));
	let (info, bytes) = (extrinsic.get_dispatch_info(), codec::Encode::encoded_size(&extrinsic));
	(info.total_weight(), bytes as u32, Extension::cost(&info, bytes))
}

/// What the bucket of a machine holds for which nobody has bonded anything.
fn capacity() -> u64 {
	pallet_free_quota::CurrentRates::<Runtime>::get().base_capacity
}

/// Whether such a machine with a full bucket makes the call without a fee, in a block that has nothing
/// else.
fn is_free(cost: u64) -> bool {
	cost <= capacity() && cost <= FreeQuota::block_limit()
}

#[test]
fn largest_batches_should_fit_into_a_block_and_be_free() {
	new_test_ext().execute_with(|| {
		let most = configs::BlockWeights::get().get(DispatchClass::Normal).max_extrinsic.unwrap();
		let longest = *configs::BlockLengths::get().max.get(DispatchClass::Normal);
		println!("{:<28} {:>9} {:>8} {:>9}", "call", "µs", "bytes", "of bucket");
		for (name, call) in [
			("1,024 payments to machines", payments(Payee::Machine(u64::MAX))),
			("1,024 payments to accounts", payments(Payee::Account([7; 32].into()))),
			("512 vouchers", vouchers()),
			("10,000 hashes", links()),
			("256 intents", intents()),
			("64 cancelled nonces", nonces()),
			("256 pulls", pulls()),
			("256 collections", collections()),
		] {
			assert!(configs::FreeCalls::right(&call).is_some(), "{name}");
			let (weight, bytes, cost) = measure(call);
			println!(
				"{name:<28} {:>9} {bytes:>8} {:>8} %",
				weight.ref_time() / 1_000_000,
				100 * cost / capacity()
			);
			assert!(weight.all_lte(most), "{name}: {weight:?} is more than {most:?}");
			assert!(bytes <= longest, "{name}: {bytes} bytes are more than {longest}");
			assert!(is_free(cost), "{name} is not free: {cost}");
		}
		assert_eq!(MAX_HASHES_PER_CLAIM, 10_000);
	});
}

#[test]
fn largest_batch_of_intents_should_settle_in_one_transaction() {
	new_test_ext().execute_with(|| {
		let payers: Vec<_> = (1..=16).map(|n| (n, register(&device(n)))).collect();
		payers.iter().for_each(|(_, machine)| fund(*machine, USDT));
		let payee = register(&device(17));
		let now = System::block_number();
		let genesis = System::block_hash(0).into();
		let intents: Vec<_> = (0..u64::from(MAX_INTENTS))
			.map(|index| {
				let (n, payer) = payers[index as usize % payers.len()];
				let intent = Intent {
					payer,
					payee: Payee::Machine(payee),
					amount: 10,
					relay_fee: 1,
					valid_from: now,
					valid_until: now + 10,
					nonce: index / 16,
				};
				let signature = device(n).sign(&intent.signing_payload(&genesis));
				SignedIntent { intent, signature: Signature::Sr25519(signature.0) }
			})
			.collect();
		let call = pallet_intents::Call::submit { intents: BoundedVec::truncate_from(intents) };
		// The owner relays, and pays the fee of the transaction.
		let alice = Sr25519Keyring::Alice.pair();
		let before = usdt(&owner());
		let nonce = System::account_nonce(owner());
		apply(sign(&alice, call, Envelope::honest(nonce))).unwrap().unwrap();
		assert_eq!(wallet(payee), 10 * u128::from(MAX_INTENTS));
		assert_eq!(usdt(&owner()) - before, u128::from(MAX_INTENTS));
	});
}
