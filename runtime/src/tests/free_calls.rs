//! What is free, and that nothing else gets in with it.

use super::support::*;
use crate::{configs::*, *};
use dam_primitives::{
	quota::{
		EXCEEDS_QUOTA, FEE_AGAINST_POLICY, FEE_KEY_MAY_NOT_SPEND, FEE_NOT_COVERED,
		FEE_WITHOUT_RATE, QUOTA_EXHAUSTED,
	},
	KeyRights, MAX_BATCH,
};
use frame_support::dispatch::GetDispatchInfo;
use pallet_free_quota::FreeCalls as _;
use sp_runtime::transaction_validity::{InvalidTransaction, TransactionValidityError};

fn payment_error() -> TransactionValidityError {
	InvalidTransaction::Payment.into()
}

#[test]
fn free_calls_should_be_these_and_no_others() {
	use frame_support::traits::GetCallName;
	// Whoever adds a call to one of these pallets decides here whether it is free.
	assert_eq!(
		pallet_micropayments::Call::<Runtime>::get_call_names(),
		["pay", "pay_batch", "withdraw"]
	);
	assert_eq!(pallet_services::Call::<Runtime>::get_call_names(), ["offer", "update", "withdraw"]);
	// The calls of the identity pallet are pinned in `identity_of_bytes`; one of them is free.
	let withdraw = pallet_micropayments::Call::withdraw { machine: 0, amount: 1 };
	let suspend = pallet_dam_identity::Call::suspend { machine: 0 };
	let no_policy = pallet_spending_policy::Call::set_policy { machine: 0, policy: None };
	let bond = pallet_free_quota::Call::bond { machine: 0, amount: 1 };
	let rotate = new_test_ext().execute_with(|| rotate_key(0, &device(2)));
	for (call, right) in [
		(pay(0, 1), Some(KeyRights::PAY)),
		(pay_batch(0, 1, 1), Some(KeyRights::PAY)),
		(withdraw.into(), None),
		(rotate, Some(KeyRights::PAY)),
		(suspend.into(), None),
		(no_policy.into(), None),
		(bond.into(), None),
		(offer_service(0), Some(KeyRights::SERVICES)),
		(pallet_services::Call::withdraw { machine: 0, id: 0 }.into(), Some(KeyRights::SERVICES)),
	] {
		assert_eq!(FreeCalls::right(&call), right, "{call:?}");
	}
}

fn wrapped(call: RuntimeCall) -> alloc::vec::Vec<(&'static str, RuntimeCall)> {
	let boxed = || alloc::boxed::Box::new(call.clone());
	let calls = || alloc::vec![call.clone()];
	let origin = || alloc::boxed::Box::new(OriginCaller::system(RawOrigin::Signed(owner())));
	use frame_system::RawOrigin;
	use pallet_utility::Call as Utility;
	alloc::vec![
		("batch", Utility::batch { calls: calls() }.into()),
		("batch_all", Utility::batch_all { calls: calls() }.into()),
		("force_batch", Utility::force_batch { calls: calls() }.into()),
		("as_derivative", Utility::as_derivative { index: 0, call: boxed() }.into()),
		("dispatch_as", Utility::dispatch_as { as_origin: origin(), call: boxed() }.into()),
		("if_else", Utility::if_else { main: boxed(), fallback: boxed() }.into()),
		("with_weight", Utility::with_weight { call: boxed(), weight: Default::default() }.into()),
		(
			"proxy",
			pallet_proxy::Call::proxy {
				real: key_of(&device(1)).into(),
				force_proxy_type: None,
				call: boxed()
			}
			.into()
		),
		(
			"as_multi_threshold_1",
			pallet_multisig::Call::as_multi_threshold_1 {
				other_signatories: alloc::vec![owner()],
				call: boxed()
			}
			.into()
		),
		(
			"proxy_announced",
			pallet_proxy::Call::proxy_announced {
				delegate: owner().into(),
				real: key_of(&device(1)).into(),
				force_proxy_type: None,
				call: boxed()
			}
			.into()
		),
		(
			"as_multi",
			pallet_multisig::Call::as_multi {
				threshold: 2,
				other_signatories: alloc::vec![owner()],
				maybe_timepoint: None,
				call: boxed(),
				max_weight: Default::default(),
			}
			.into()
		),
		(
			"control_inherited_account",
			pallet_recovery::Call::control_inherited_account {
				recovered: key_of(&device(1)).into(),
				call: boxed()
			}
			.into()
		),
		("sudo", pallet_sudo::Call::sudo { call: boxed() }.into()),
		("sudo_as", pallet_sudo::Call::sudo_as { who: owner().into(), call: boxed() }.into()),
	]
}

#[test]
fn wrappers_should_smuggle_no_free_call() {
	new_test_ext().execute_with(|| {
		let machine = register(&device(1));
		let payee = register(&device(2));
		fund(machine, 10 * units::USDT);
		for (name, call) in wrapped(pay(payee, 1)) {
			assert_eq!(FreeCalls::right(&call), None, "{name} must not be free");
			let result = apply(sign(&device(1), call, Envelope::honest(0)));
			assert_eq!(result, Err(payment_error()), "{name} must be refused");
		}
		assert_eq!(wallet(machine), 10 * units::USDT);
		// The call itself is fine.
		apply(sign(&device(1), pay(payee, 1), Envelope::honest(0))).unwrap().unwrap();
	});
}

#[test]
fn every_other_call_should_cost_a_machine_without_dam_its_entry() {
	new_test_ext().execute_with(|| {
		let machine = register(&device(1));
		fund(machine, 10 * units::USDT);
		let others: [RuntimeCall; 4] = [
			frame_system::Call::remark { remark: alloc::vec![0; 64] }.into(),
			pallet_assets::Call::transfer {
				id: dam_primitives::USDT_ASSET_ID.into(),
				target: owner().into(),
				amount: units::USDT,
			}
			.into(),
			pallet_balances::Call::transfer_all { dest: owner().into(), keep_alive: false }.into(),
			pallet_micropayments::Call::withdraw { machine, amount: 1 }.into(),
		];
		for call in others {
			let result = apply(sign(&device(1), call, Envelope::honest(0)));
			assert_eq!(result, Err(payment_error()));
		}
	});
}

#[test]
fn unregistered_key_should_be_refused_before_it_costs_anything() {
	new_test_ext().execute_with(|| {
		let result = apply(sign(&device(9), pay(0, 1), Envelope::honest(0)));
		assert_eq!(result, Err(payment_error()));
		assert!(!frame_system::Account::<Runtime>::contains_key(key_of(&device(9))));
	});
}

#[test]
fn largest_batch_should_fit_into_bucket_share_and_block() {
	let batch = sign_for_size(pay_batch(u64::MAX, u128::MAX, MAX_BATCH));
	let (info, len) = batch;
	let (cost, capacity, share) = new_test_ext().execute_with(|| {
		type Extension =
			QuotaOrFee<Runtime, pallet_asset_tx_payment::ChargeAssetTxPayment<Runtime>>;
		let rates = pallet_free_quota::CurrentRates::<Runtime>::get();
		(Extension::cost(&info, len), rates.base_capacity, FreeQuota::block_limit())
	});
	assert!(cost <= capacity, "{cost} > {capacity}");
	assert!(cost <= share, "{cost} > {share}");
	let weights = BlockWeights::get();
	let limit = weights.get(frame_support::dispatch::DispatchClass::Normal).max_extrinsic.unwrap();
	assert!(info.total_weight().all_lte(limit));
}

fn sign_for_size(call: RuntimeCall) -> (frame_support::dispatch::DispatchInfo, usize) {
	new_test_ext().execute_with(|| {
		let extrinsic = sign(&device(1), call, Envelope::honest(0));
		(extrinsic.get_dispatch_info(), codec::Encode::encoded_size(&extrinsic))
	})
}

#[test]
fn flood_should_end_with_the_quota_and_concern_nobody_else() {
	new_test_ext().execute_with(|| {
		let flooder = register(&device(1));
		let quiet = register(&device(2));
		fund(flooder, 100 * units::USDT);
		fund(quiet, units::USDT);
		let mut nonce = 0;
		let refusal = loop {
			let result = apply(sign(&device(1), pay_batch(quiet, 1, 500), Envelope::honest(nonce)));
			match result {
				Ok(outcome) => outcome.unwrap(),
				Err(error) => break error,
			}
			nonce += 1;
			assert!(nonce < 1_000, "the quota never ends");
		};
		assert!(nonce > 0, "not even one batch was free");
		assert!(
			refusal == InvalidTransaction::Custom(QUOTA_EXHAUSTED).into()
				|| refusal == InvalidTransaction::ExhaustsResources.into(),
			"{refusal:?}"
		);
		start_block(2);
		let result = apply(sign(&device(1), pay_batch(quiet, 1, 500), Envelope::honest(nonce)));
		assert_eq!(result, Err(InvalidTransaction::Custom(QUOTA_EXHAUSTED).into()));
		apply(sign(&device(2), pay(flooder, 1), Envelope::honest(0))).unwrap().unwrap();
	});
}

#[test]
fn error_codes_should_not_move() {
	assert_eq!((QUOTA_EXHAUSTED, EXCEEDS_QUOTA), (1, 2));
	let of_fees = [FEE_NOT_COVERED, FEE_AGAINST_POLICY, FEE_WITHOUT_RATE, FEE_KEY_MAY_NOT_SPEND];
	assert_eq!(of_fees, [3, 4, 5, 6]);
}
