//! Quota and bonds as signed extrinsics, and rows of transactions in the pool.

use super::support::*;
use crate::{configs::*, units::*, *};
use alloc::vec::Vec;
use dam_primitives::{
	quota::{FEE_NOT_COVERED, QUOTA_EXHAUSTED},
	MachineId, USDT_ASSET_ID,
};
use frame_support::{assert_noop, assert_ok, dispatch::GetDispatchInfo, storage::with_transaction};
use pallet_free_quota::{Bucket, Buckets, CurrentRates, Event as QuotaEvent, MAX_UNBONDING};
use sp_core::{sr25519, Pair};
use sp_keyring::Sr25519Keyring;
use sp_runtime::{
	traits::TransactionExtension,
	transaction_validity::{
		InvalidTransaction, TransactionSource, TransactionValidity, TransactionValidityError,
	},
	DispatchError, TransactionOutcome,
};

/// Fees in USDT.
pub fn in_usdt(nonce: Nonce) -> Envelope {
	Envelope { fee_asset: Some(USDT_ASSET_ID), ..Envelope::honest(nonce) }
}

pub fn custom(code: u8) -> TransactionValidityError {
	InvalidTransaction::Custom(code).into()
}

/// Leaves nothing in a machine's bucket.
pub fn empty(machine: MachineId) {
	let bonded = FreeQuota::quota(machine).bonded;
	let updated_at = System::block_number();
	Buckets::<Runtime>::insert(machine, Bucket { level: 0, updated_at, bonded });
}

/// A payer with 10 USDT and no quota left, and a payee.
pub fn payer_over_quota() -> (MachineId, MachineId) {
	let machines = (register(&device(1)), register(&device(2)));
	fund(machines.0, 10 * USDT);
	empty(machines.0);
	machines
}

pub fn pot() -> Balance {
	usdt(&FreeQuota::fee_pot())
}

pub fn origin() -> RuntimeOrigin {
	RuntimeOrigin::signed(owner())
}

pub fn alice() -> sr25519::Pair {
	Sr25519Keyring::Alice.pair()
}

/// The last fee in USDT that the chain reports: fee and tip.
pub fn fee_reported() -> (Balance, Balance) {
	let fees = System::read_events_no_consensus().filter_map(|record| match record.event {
		RuntimeEvent::AssetTxPayment(pallet_asset_tx_payment::Event::AssetTxFeePaid {
			actual_fee,
			tip,
			asset_id: Some(USDT_ASSET_ID),
			..
		}) => Some((actual_fee, tip)),
		_ => None,
	});
	fees.last().expect("a fee was paid in USDT")
}

/// What a pool is told of a transaction, at the state as it is.
pub fn validate(extrinsic: UncheckedExtrinsic) -> TransactionValidity {
	with_transaction(|| {
		let hash = System::block_hash(0);
		let source = TransactionSource::External;
		let validity = Executive::validate_transaction(source, extrinsic, hash);
		TransactionOutcome::Rollback(Ok::<_, DispatchError>(validity))
	})
	.unwrap()
}

#[test]
fn extensions_should_look_like_the_sdks() {
	let names: Vec<_> = <TxExtension as TransactionExtension<RuntimeCall>>::metadata()
		.into_iter()
		.map(|extension| extension.identifier)
		.collect();
	assert_eq!(
		names,
		[
			"AuthorizeCall",
			"CheckNonZeroSender",
			"CheckSpecVersion",
			"CheckTxVersion",
			"CheckGenesis",
			"CheckMortality",
			"CheckWeight",
			"CheckNonce",
			"ChargeAssetTxPayment",
			"CheckMetadataHash",
			"WeightReclaim",
		]
	);
}

#[test]
fn row_in_the_pool_should_end_with_the_bucket_and_fall_behind() {
	new_test_ext().execute_with(|| {
		let (flooder, payee) = (register(&device(1)), register(&device(2)));
		fund(flooder, 10 * USDT);
		let row = |nonce| sign(&device(1), pay_batch(payee, 1, 200), Envelope::honest(nonce));
		let mut priorities = Vec::new();
		let refusal = loop {
			match validate(row(priorities.len() as Nonce)) {
				Ok(validity) => priorities.push(validity.priority),
				Err(error) => break error,
			}
			assert!(priorities.len() < 1_000, "the row has no end");
		};
		assert_eq!(refusal, custom(QUOTA_EXHAUSTED));
		assert!(priorities.len() > 1 && priorities.is_sorted_by(|one, next| one > next));
		// The first of a machine that was quiet stands before all but one of the row.
		let quiet = sign(&device(2), pay_batch(flooder, 1, 200), Envelope::honest(0));
		let quiet = validate(quiet).unwrap().priority;
		assert!(quiet >= priorities[0] && quiet > priorities[1]);

		// What was taken into the pool gets into blocks, if there is room.
		let length = priorities.len() as Nonce;
		for nonce in 0..length {
			start_block(nonce + 2);
			assert_ok!(apply(row(nonce)).unwrap());
		}
		println!("a row of {length} batches of 200 payments");
	});
}

#[test]
fn row_that_pays_in_usdt_should_be_covered_by_the_wallet() {
	new_test_ext().execute_with(|| {
		let (payer, payee) = payer_over_quota();
		assert_ok!(validate(sign(&device(1), pay(payee, 1), in_usdt(0))).map(|_| ()));
		assert_ok!(apply(sign(&device(1), pay(payee, 1), in_usdt(0))).unwrap());
		empty(payer);
		let fee = fee_reported().0;
		// What is left pays for a third of the row that is tried.
		let keep = UsdtMinimumBalance::get() + 10 * fee;
		assert_ok!(Micropayments::withdraw(origin(), payer, wallet(payer) - keep));
		let mut accepted = 0;
		for nonce in 1..=30 {
			match validate(sign(&device(1), pay(payee, 1), in_usdt(nonce))) {
				Ok(_) => accepted += 1,
				Err(error) => assert_eq!(error, custom(FEE_NOT_COVERED)),
			}
		}
		assert!((5..=10).contains(&accepted), "{accepted}");
		// In DAM as well.
		let poor = sr25519::Pair::from_seed(&[77; 32]);
		assert_ok!(Balances::transfer_keep_alive(origin(), key_of(&poor).into(), 20 * MILLIDAM));
		let remark = || frame_system::Call::remark { remark: vec![] };
		assert!(validate(sign(&poor, remark(), Envelope::honest(0))).is_ok());
		let last = validate(sign(&poor, remark(), Envelope::honest(100)));
		assert_eq!(last, Err(InvalidTransaction::Payment.into()));
	});
}

#[test]
fn bond_should_give_quota_and_come_back_after_a_week() {
	new_test_ext().execute_with(|| {
		let machine = register(&device(1));
		let before = FreeQuota::quota(machine);
		let free = Balances::free_balance(owner());
		let bond = pallet_free_quota::Call::bond { machine, amount: 20 * DAM };
		assert_ok!(apply(sign(&alice(), bond, in_usdt(0))).unwrap());
		let quota = FreeQuota::quota(machine);
		assert_eq!(quota.available, before.available);
		assert_eq!(quota.capacity, 2 * before.capacity);
		assert_eq!(quota.refill_per_block, 2 * before.refill_per_block);
		assert_eq!(quota.full_at, System::block_number() + 500);
		assert_eq!(Balances::free_balance(owner()), free - 20 * DAM);

		let unbond = pallet_free_quota::Call::unbond { machine, amount: 20 * DAM };
		assert_ok!(apply(sign(&alice(), unbond, in_usdt(1))).unwrap());
		assert_eq!(FreeQuota::quota(machine).capacity, before.capacity);
		let unlocks_at = System::block_number() + 7 * DAYS;
		assert_eq!(FreeQuota::quota(machine).unbonding[0].unlocks_at, unlocks_at);
		let withdraw = || pallet_free_quota::Call::withdraw_unbonded { machine };
		let bob = Sr25519Keyring::Bob.pair();
		System::set_block_number(unlocks_at - 1);
		// A fee in DAM would go to the author, who is the owner here.
		assert!(apply(sign(&bob, withdraw(), in_usdt(0))).unwrap().is_err());
		System::set_block_number(unlocks_at);
		assert_ok!(apply(sign(&bob, withdraw(), in_usdt(1))).unwrap());
		assert_eq!(Balances::free_balance(owner()), free);
		FreeQuota::do_try_state().unwrap();
	});
}

#[test]
fn key_should_not_touch_the_bond() {
	new_test_ext().execute_with(|| {
		let machine = register(&device(1));
		fund(machine, 10 * USDT);
		assert_ok!(FreeQuota::bond(origin(), machine, 20 * DAM));
		for (nonce, call) in [
			pallet_free_quota::Call::unbond { machine, amount: DAM },
			pallet_free_quota::Call::bond { machine, amount: DAM },
			pallet_free_quota::Call::set_rates { rates: CurrentRates::<Runtime>::get() },
		]
		.into_iter()
		.enumerate()
		{
			let result = apply(sign(&device(1), call, in_usdt(nonce as Nonce)));
			assert!(matches!(result, Ok(Err(_))), "{result:?}");
		}
		assert_eq!(FreeQuota::quota(machine).bonded, 20 * DAM);
	});
}

#[test]
fn sale_and_retirement_should_give_bonds_back() {
	new_test_ext().execute_with(|| {
		let buyer = Sr25519Keyring::Bob.to_account_id();
		let machine = register(&device(1));
		let free = Balances::free_balance(owner());
		assert_ok!(FreeQuota::bond(origin(), machine, 20 * DAM));
		let now = System::block_number();
		assert_ok!(DamIdentity::offer_ownership(origin(), machine, buyer.clone(), now + 10));
		let signed = RuntimeOrigin::signed(buyer.clone());
		assert_ok!(DamIdentity::accept_ownership(signed.clone(), machine, now));
		assert_eq!(FreeQuota::quota(machine).bonded, 0);
		assert_eq!(FreeQuota::held(&owner()), 20 * DAM);
		System::assert_has_event(
			QuotaEvent::Unbonded {
				machine,
				bonder: owner(),
				amount: 20 * DAM,
				unlocks_at: now + 7 * DAYS,
			}
			.into(),
		);

		assert_ok!(FreeQuota::bond(signed.clone(), machine, 3 * DAM));
		assert_noop!(
			FreeQuota::unbond(origin(), machine, DAM),
			pallet_dam_identity::Error::<Runtime>::NotOwner
		);
		assert_ok!(DamIdentity::retire(signed, machine));
		assert_eq!(FreeQuota::held(&buyer), 3 * DAM);
		FreeQuota::do_try_state().unwrap();
		System::set_block_number(now + 7 * DAYS);
		assert_ok!(FreeQuota::withdraw_unbonded(origin(), machine));
		assert_eq!((FreeQuota::held(&owner()), FreeQuota::held(&buyer)), (0, 0));
		// With the deposit of the machine, which is the buyer's since the sale.
		assert_eq!(Balances::free_balance(owner()), free + configs::MachineDeposit::get());
		FreeQuota::do_try_state().unwrap();
	});
}

#[test]
fn least_quota_should_be_enough_for_a_payment() {
	new_test_ext().execute_with(|| {
		type Extension =
			QuotaOrFee<Runtime, pallet_asset_tx_payment::ChargeAssetTxPayment<Runtime>>;
		let least = <Runtime as pallet_free_quota::Config>::LeastCapacity::get();
		let extrinsic = sign(&device(1), pay(MachineId::MAX, u128::MAX), Envelope::honest(0));
		let len = codec::Encode::encoded_size(&extrinsic);
		let cost = Extension::cost(&extrinsic.get_dispatch_info(), len);
		println!("a payment costs {cost} ps of {least} at least");
		assert!(cost <= least / 10, "{cost}");
	});
}

#[test]
fn smallest_bond_should_pay_for_all_that_bonds_may_store() {
	new_test_ext().execute_with(|| {
		let machine = register(&device(1));
		empty(machine);
		let size = || {
			let (mut items, mut bytes, mut key) = (0u32, 0u32, Vec::new());
			while let Some(next) = sp_io::storage::next_key(&key) {
				let value = sp_io::storage::get(&next).map_or(0, |value| value.len());
				items += 1;
				bytes += (next.len() + value) as u32;
				key = next;
			}
			(items, bytes)
		};
		System::reset_events();
		let before = size();
		assert_ok!(FreeQuota::bond(origin(), machine, 100 * DAM));
		for _ in 1..MAX_UNBONDING {
			assert_ok!(FreeQuota::unbond(origin(), machine, DAM));
			System::set_block_number(System::block_number() + 1);
		}
		System::reset_events();
		let after = size();
		let price = deposit(after.0 - before.0, after.1.saturating_sub(before.1));
		assert!(price <= MinBond::get(), "{before:?} to {after:?} costs {price}");
	});
}
