//! Fees as signed extrinsics: who pays what, in which asset, and that nobody gets away or is robbed.

use super::{quota::*, support::*};
use crate::{configs::*, units::*, *};
use alloc::vec;
use dam_primitives::{
	policy::PeriodCap,
	quota::{
		FEE_AGAINST_POLICY, FEE_KEY_MAY_NOT_SPEND, FEE_NOT_COVERED, FEE_WITHOUT_RATE,
		QUOTA_EXHAUSTED,
	},
	AllowedPayees, MachineId, Payee, Policy, USDT_ASSET_ID,
};
use frame_support::{
	assert_ok, dispatch::GetDispatchInfo, traits::fungible::Inspect as _, BoundedVec,
};
use sp_keyring::Sr25519Keyring;
use sp_runtime::transaction_validity::InvalidTransaction;

/// What is held of DAM and USDT in all, which nothing here may change.
fn issued() -> (Balance, Balance) {
	(Balances::total_issuance(), Assets::total_supply(USDT_ASSET_ID))
}

fn set_policy(machine: MachineId, policy: Policy<AccountId>) {
	assert_ok!(SpendingPolicy::set_policy(origin(), machine, Some(policy)));
}

fn spent(machine: MachineId) -> Balance {
	SpendingPolicy::policy_info(machine).unwrap().spent
}

#[test]
fn key_over_quota_should_pay_in_usdt_out_of_the_wallet() {
	new_test_ext().execute_with(|| {
		let (payer, payee) = payer_over_quota();
		let (issued_before, pot_before) = (issued(), pot());
		// Without a choice the key is told what is the matter.
		let plain = apply(sign(&device(1), pay(payee, 5), Envelope::honest(0)));
		assert_eq!(plain, Err(custom(QUOTA_EXHAUSTED)));

		assert_ok!(apply(sign(&device(1), pay(payee, 5), in_usdt(0))).unwrap());
		let (fee, tip) = fee_reported();
		assert!(fee > 0 && tip == 0);
		assert_eq!((wallet(payer), wallet(payee)), (10 * USDT - 5 - fee, 5));
		assert_eq!(pot(), pot_before + fee);
		assert_eq!(issued(), issued_before);
		let key = key_of(&device(1));
		assert_eq!((usdt(&key), Balances::total_balance(&key)), (0, 0));
		// It costs what the same fee in DAM would, rounded up: a unit is worth 10⁷ of DAM here.
		println!("a payment over quota costs {fee} units of USDT");
		assert!((100..2_000).contains(&fee), "{fee}");
		FreeQuota::do_try_state().unwrap();
	});
}

#[test]
fn key_over_quota_should_pay_in_dam_if_it_has_some() {
	new_test_ext().execute_with(|| {
		let (payer, payee) = payer_over_quota();
		let key = key_of(&device(1));
		assert_ok!(Balances::transfer_keep_alive(origin(), key.clone().into(), DAM));
		let pot_before = pot();
		assert_ok!(apply(sign(&device(1), pay(payee, 5), Envelope::honest(0))).unwrap());
		assert!(Balances::free_balance(&key) < DAM);
		assert_eq!((wallet(payer), pot()), (10 * USDT - 5, pot_before));
	});
}

#[test]
fn free_call_within_quota_should_cost_nothing_whatever_was_chosen() {
	new_test_ext().execute_with(|| {
		let (payer, payee) = (register(&device(1)), register(&device(2)));
		fund(payer, 10 * USDT);
		let envelope = Envelope { tip: DAM, ..in_usdt(0) };
		assert_ok!(apply(sign(&device(1), pay(payee, 5), envelope)).unwrap());
		assert_eq!(wallet(payer), 10 * USDT - 5);
	});
}

#[test]
fn calls_that_are_never_free_should_be_paid_by_the_wallet_too() {
	new_test_ext().execute_with(|| {
		let (payer, payee) = (register(&device(1)), register(&device(2)));
		fund(payer, 10 * USDT);
		let batch = pallet_utility::Call::batch { calls: vec![pay(payee, 5), pay(payee, 6)] };
		assert_ok!(apply(sign(&device(1), batch, in_usdt(0))).unwrap());
		assert_eq!(wallet(payer), 10 * USDT - 11 - fee_reported().0);
		// A call that fails costs its fee all the same.
		let before = wallet(payer);
		let stolen = pallet_micropayments::Call::withdraw { machine: payer, amount: 1 };
		assert!(apply(sign(&device(1), stolen, in_usdt(1))).unwrap().is_err());
		assert_eq!(wallet(payer), before - fee_reported().0);
	});
}

#[test]
fn caps_of_the_owner_should_bound_what_a_stolen_key_burns() {
	new_test_ext().execute_with(|| {
		let (payer, _) = payer_over_quota();
		let cap = USDT / 100;
		set_policy(
			payer,
			Policy {
				period_cap: Some(PeriodCap { blocks: 1_000, amount: cap }),
				payees: AllowedPayees::Only {
					payees: BoundedVec::new(),
					kinds: Default::default(),
				},
				..Default::default()
			},
		);
		let before = wallet(payer);
		let mut nonce = 0;
		let refusal = loop {
			let waste = frame_system::Call::remark { remark: vec![0; 64] };
			match apply(sign(&device(1), waste, in_usdt(nonce))) {
				Ok(outcome) => outcome.unwrap(),
				Err(error) => break error,
			}
			nonce += 1;
			let gone = before - wallet(payer);
			assert_eq!(spent(payer), gone, "what is gone was counted");
			assert!(gone <= cap);
		};
		assert!(nonce > 3);
		assert_eq!(refusal, custom(FEE_AGAINST_POLICY));
		// Nor with a tip, nor a dear transaction, nor the next ones of a row.
		let dear = pay_batch(payer, 1, 1_000);
		assert_eq!(apply(sign(&device(1), dear, in_usdt(nonce))), Err(custom(FEE_AGAINST_POLICY)));
		let tip = Envelope { tip: 10 * DAM, ..in_usdt(nonce) };
		let waste = frame_system::Call::remark { remark: vec![] };
		assert_eq!(apply(sign(&device(1), waste, tip)), Err(custom(FEE_AGAINST_POLICY)));
		SpendingPolicy::do_try_state().unwrap();
	});
}

#[test]
fn fee_should_be_counted_together_with_what_the_call_pays() {
	new_test_ext().execute_with(|| {
		let (payer, payee) = payer_over_quota();
		let cap = PeriodCap { blocks: 1_000, amount: USDT };
		set_policy(payer, Policy { period_cap: Some(cap), ..Default::default() });
		let all = pay(payee, USDT);
		// The fee leaves too little of the period: the payment fails, and the fee is all that counts.
		assert!(apply(sign(&device(1), all, in_usdt(0))).unwrap().is_err());
		assert_eq!(spent(payer), fee_reported().0);
		assert_ok!(apply(sign(&device(1), pay(payee, USDT / 2), in_usdt(1))).unwrap());
		assert_eq!(spent(payer), 10 * USDT - wallet(payer));
	});
}

#[test]
fn listed_payees_alone_should_keep_fees_in_the_wallet() {
	new_test_ext().execute_with(|| {
		let (payer, payee) = payer_over_quota();
		let payees = BoundedVec::truncate_from(vec![Payee::Machine(payee)]);
		let payees = AllowedPayees::Only { payees, kinds: Default::default() };
		set_policy(payer, Policy { payees, ..Default::default() });
		let result = apply(sign(&device(1), pay(payee, 5), in_usdt(0)));
		assert_eq!(result, Err(custom(FEE_AGAINST_POLICY)));
	});
}

#[test]
fn every_other_refusal_should_have_its_code() {
	new_test_ext().execute_with(|| {
		let (payer, payee) = payer_over_quota();
		let attempt = |envelope| apply(sign(&device(1), pay(payee, 5), envelope));
		// An asset that fees are not taken in.
		let other = Envelope { fee_asset: Some(1), ..Envelope::honest(0) };
		assert_eq!(attempt(other), Err(custom(FEE_WITHOUT_RATE)));
		// No rate.
		let rate =
			pallet_asset_rate::ConversionRateToNative::<Runtime>::get(USDT_ASSET_ID).unwrap();
		assert_ok!(AssetRate::remove(RuntimeOrigin::root(), USDT_ASSET_ID.into()));
		assert_eq!(attempt(in_usdt(0)), Err(custom(FEE_WITHOUT_RATE)));
		assert_ok!(AssetRate::create(RuntimeOrigin::root(), USDT_ASSET_ID.into(), rate));
		// A key that may not spend.
		assert_ok!(DamIdentity::suspend(origin(), payer));
		assert_eq!(attempt(in_usdt(0)), Err(custom(FEE_KEY_MAY_NOT_SPEND)));
		assert_ok!(DamIdentity::resume(origin(), payer));
		let frozen = BoundedVec::truncate_from(vec![payer]);
		assert_ok!(DamIdentity::freeze(origin(), frozen));
		assert_eq!(attempt(in_usdt(0)), Err(custom(FEE_KEY_MAY_NOT_SPEND)));
		assert_ok!(DamIdentity::unfreeze(origin(), payer));
		// A wallet that holds little more than its minimum.
		let minimum = UsdtMinimumBalance::get();
		assert_ok!(Micropayments::withdraw(origin(), payer, 10 * USDT - minimum - 10));
		assert_eq!(attempt(in_usdt(0)), Err(custom(FEE_NOT_COVERED)));
		// A stranger has no wallet, and no account either.
		let stranger = apply(sign(&device(9), pay(payee, 5), in_usdt(0)));
		assert_eq!(stranger, Err(InvalidTransaction::Payment.into()));
		fund(payer, USDT);
		assert_ok!(attempt(in_usdt(0)).unwrap());
	});
}

#[test]
fn owner_should_pay_in_usdt_for_itself_and_get_the_rest_back() {
	new_test_ext().execute_with(|| {
		let machine = register(&device(1));
		fund(machine, 10 * USDT);
		assert_ok!(FreeQuota::bond(origin(), machine, 5 * DAM));
		assert_ok!(FreeQuota::unbond(origin(), machine, DAM));
		System::set_block_number(1 + 7 * DAYS);
		let call = RuntimeCall::from(pallet_free_quota::Call::withdraw_unbonded { machine });
		let extrinsic = sign(&alice(), call, in_usdt(0));
		let len = u32::try_from(codec::Encode::encoded_size(&extrinsic)).unwrap();
		let most = TransactionPayment::compute_fee(len, &extrinsic.get_dispatch_info(), 0);
		let (before, pot_before, issued_before) = (usdt(&owner()), pot(), issued());
		assert_ok!(apply(extrinsic).unwrap());
		let (fee, _) = fee_reported();
		assert_eq!((usdt(&owner()), pot()), (before - fee, pot_before + fee));
		assert_eq!(wallet(machine), 10 * USDT);
		assert_eq!(issued(), issued_before);
		// One part came back, and sixteen were declared.
		assert!(fee < FreeQuota::fee_in_usdt(most).unwrap() / 2, "{fee} of {most}");
	});
}

#[test]
fn tip_should_be_converted_and_no_fee_be_nothing() {
	new_test_ext().execute_with(|| {
		let (payer, payee) = payer_over_quota();
		let envelope = Envelope { tip: DAM, ..in_usdt(0) };
		assert_ok!(apply(sign(&device(1), pay(payee, 5), envelope)).unwrap());
		let (fee, tip) = fee_reported();
		assert_eq!(tip, USDT / 10);
		assert!(fee > tip);
		assert_eq!(wallet(payer), 10 * USDT - 5 - fee);

		// A DAM that is worth hardly anything.
		let rate = sp_runtime::FixedU128::from_u32(1_000_000_000) * 1_000_000_000.into();
		assert_ok!(AssetRate::update(RuntimeOrigin::root(), USDT_ASSET_ID.into(), rate));
		assert_ok!(apply(sign(&device(1), pay(payee, 5), in_usdt(1))).unwrap());
		assert_eq!(fee_reported().0, 1);
		// A rate of zero, by mistake, is none.
		assert_ok!(AssetRate::update(
			RuntimeOrigin::root(),
			USDT_ASSET_ID.into(),
			Default::default()
		));
		let result = apply(sign(&device(1), pay(payee, 5), in_usdt(2)));
		assert_eq!(result, Err(custom(FEE_WITHOUT_RATE)));
	});
}

#[test]
fn fee_should_not_be_lost_when_the_call_ends_the_payers_account() {
	new_test_ext().execute_with(|| {
		let issued_before = issued().1;
		let bob = Sr25519Keyring::Bob;
		let all = pallet_assets::Call::transfer_all {
			id: USDT_ASSET_ID.into(),
			dest: owner().into(),
			keep_alive: false,
		};
		let pot_before = pot();
		assert_ok!(apply(sign(&bob.pair(), all, in_usdt(0))).unwrap());
		assert_eq!(usdt(&bob.to_account_id()), 0);
		assert_eq!(pot(), pot_before + fee_reported().0);
		assert_eq!(issued().1, issued_before);
	});
}
