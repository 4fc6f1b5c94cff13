use super::*;

#[test]
fn batch_should_pay_everybody() {
	build_and_execute(|| {
		pay_batch(1, vec![to(2, 10), to(3, 20), to(2, 30)]);
		assert_eq!((wallet(1), wallet(2), wallet(3)), (FUNDS - 60, FUNDS + 40, FUNDS + 20));
		assert_result(1, 3, 60, &[]);
	});
}

#[test]
fn bad_items_should_not_undo_the_others() {
	use PaymentFailure::*;
	build_and_execute(|| {
		block(MockMachines::account(4));
		pay_batch(
			1,
			vec![
				to(2, 10),
				to(2, 0),
				to(RETIRED, 10),
				to(1, 10),
				to(2, FUNDS),
				to(50, MINIMUM - 1),
				to(4, 10),
				to(3, 20),
			],
		);
		assert_eq!((wallet(1), wallet(2), wallet(3)), (FUNDS - 30, FUNDS + 10, FUNDS + 20));
		assert_result(
			1,
			2,
			30,
			&[
				(1, ZeroAmount),
				(2, UnknownMachine),
				(3, SelfPayment),
				(4, InsufficientFunds),
				(5, BelowMinimum),
				(6, PayeeUnavailable),
			],
		);
	});
}

#[test]
fn later_items_should_fail_when_the_money_runs_out_and_smaller_ones_still_pass() {
	build_and_execute(|| {
		pay_batch(1, vec![to(2, FUNDS - MINIMUM - 5), to(3, 6), to(3, 5), to(3, 1)]);
		assert_eq!(wallet(1), MINIMUM);
		assert_result(
			1,
			2,
			FUNDS - MINIMUM,
			&[(1, PaymentFailure::InsufficientFunds), (3, PaymentFailure::InsufficientFunds)],
		);
	});
}

#[test]
fn largest_batch_should_pass_and_report_every_failure() {
	build_and_execute(|| {
		pay_batch(1, vec![to(2, 0); MAX_BATCH as usize]);
		let failed: Vec<_> =
			(0..MAX_BATCH).map(|index| (index, PaymentFailure::ZeroAmount)).collect();
		assert_result(1, 0, 0, &failed);
	});
}

#[test]
fn larger_batch_should_not_decode() {
	use codec::{Decode, Encode};
	let encoded = vec![to(2, 1); MAX_BATCH as usize + 1].encode();
	let decoded =
		BoundedVec::<Payment<AccountId>, frame_support::traits::ConstU32<MAX_BATCH>>::decode(
			&mut encoded.as_slice(),
		);
	assert!(decoded.is_err());
}

#[test]
fn empty_batch_should_change_nothing() {
	build_and_execute(|| {
		pay_batch(1, vec![]);
		assert_result(1, 0, 0, &[]);
	});
}

#[test]
fn batch_should_be_refused_as_a_whole_without_a_machine_that_may_act() {
	build_and_execute(|| {
		assert_noop!(
			Micropayments::pay_batch(key(SUSPENDED), BoundedVec::truncate_from(vec![to(2, 1)])),
			DispatchError::Other("suspended")
		);
	});
}

#[test]
fn frozen_payer_should_be_named_for_every_item() {
	use PaymentFailure::*;
	build_and_execute(|| {
		freeze(MockMachines::account(1));
		pay_batch(1, vec![to(2, 10), to(2, 0), to(RETIRED, 10), to(2, FUNDS), to(2, u128::MAX)]);
		assert_result(
			1,
			0,
			0,
			&[
				(0, PayerFrozen),
				(1, ZeroAmount),
				(2, UnknownMachine),
				(3, PayerFrozen),
				// More than there is of the asset: that is looked at first.
				(4, InsufficientFunds),
			],
		);
	});
}

#[test]
fn part_of_an_account_should_stay_when_it_is_frozen() {
	use PaymentFailure::*;
	build_and_execute(|| {
		Kept::set(&vec![(MockMachines::account(1), 600)]);
		pay_batch(1, vec![to(2, 300), to(2, 101), to(3, 100), to(3, 1), to(3, FUNDS)]);
		let failed = [(1, PayerFrozen), (3, PayerFrozen), (4, InsufficientFunds)];
		assert_result(1, 2, 400, &failed);
	});
}

#[test]
fn frozen_asset_should_move_nowhere() {
	build_and_execute(|| {
		assert_ok!(Assets::freeze_asset(RuntimeOrigin::signed(ADMIN), USDT));
		pay_batch(1, vec![to(2, 10), to(3, 10)]);
		assert_result(1, 0, 0, &[0, 1].map(|index| (index, PaymentFailure::PayerFrozen)));
	});
}

#[test]
fn machine_should_be_the_same_by_its_number_and_its_address() {
	use PaymentFailure::*;
	build_and_execute(|| {
		let at = |machine, amount| Payment {
			payee: Payee::Account(MockMachines::account(machine)),
			amount,
		};
		pay_batch(1, vec![at(2, 10), at(RETIRED, 10), at(1, 10), to(2, 5)]);
		assert_result(1, 2, 15, &[(1, UnknownMachine), (2, SelfPayment)]);
		assert_eq!(wallet(2), FUNDS + 15);
	});
}

#[test]
fn money_of_a_batch_should_not_vanish_in_the_pot() {
	build_and_execute(|| {
		let payee = Payee::Account(Micropayments::pot());
		pay_batch(1, vec![Payment { payee, amount: 10 }, to(2, 10)]);
		assert_result(1, 1, 10, &[(0, PaymentFailure::PayeeUnavailable)]);
	});
}

#[test]
fn second_payment_to_a_new_account_should_be_as_small_as_it_likes() {
	build_and_execute(|| {
		pay_batch(1, vec![to(50, MINIMUM - 1), to(50, MINIMUM), to(50, 1)]);
		assert_result(1, 2, MINIMUM + 1, &[(0, PaymentFailure::BelowMinimum)]);
		let asset = pallet_assets::Asset::<Test>::get(USDT).unwrap();
		// Five machines, the pot, and the new one.
		assert_eq!((asset.accounts, asset.sufficients), (7, 7));
		assert_eq!(System::sufficients(&MockMachines::account(50)), 1);
	});
}

#[test]
fn batch_should_have_one_event_whatever_its_size() {
	build_and_execute(|| {
		let before = System::events().len();
		pay_batch(1, vec![to(2, 1); 100]);
		assert_eq!(System::events().len(), before + 1);
	});
}

#[test]
fn accounts_should_be_weighed_apart_from_machines() {
	let machines = [to(1, 1), to(2, 1)];
	let accounts = [3_000, 3_001, 3_002].map(|at| Payment { payee: Payee::Account(at), amount: 1 });
	let weight = Micropayments::batch_weight;
	let of_machines = <() as WeightInfo>::pay_batch;
	let of_accounts = <() as WeightInfo>::pay_batch_to_accounts;
	assert_eq!(weight(&machines), of_machines(2));
	assert_eq!(weight(&accounts), of_machines(0).saturating_add(of_accounts(3)));
	let mixed: Vec<_> = machines.iter().chain(&accounts).cloned().collect();
	assert_eq!(weight(&mixed), of_machines(2).saturating_add(of_accounts(3)));
	assert_eq!(weight(&[]), of_machines(0));
}

#[test]
fn payments_to_one_payee_should_be_credited_together() {
	build_and_execute(|| {
		let at = |machine, amount| Payment {
			payee: Payee::Account(MockMachines::account(machine)),
			amount,
		};
		let stranger = |amount| Payment { payee: Payee::Account(3_000), amount };
		let mixed = vec![
			to(50, 9),
			to(50, 10),
			at(50, 1),
			stranger(9),
			stranger(10),
			to(2, 5),
			stranger(1),
			to(50, 2),
			to(2, 0),
			at(2, 6),
		];
		pay_batch(1, mixed);
		let failed = [
			(0, PaymentFailure::BelowMinimum),
			(3, PaymentFailure::BelowMinimum),
			(8, PaymentFailure::ZeroAmount),
		];
		assert_result(1, 7, 35, &failed);
		assert_eq!((wallet(50), wallet(2)), (13, FUNDS + 11));
		assert_eq!(Assets::balance(USDT, 3_000), 11);
	});
}

#[test]
fn payments_to_one_payee_should_be_checked_one_by_one_when_the_issuance_is_near_its_end() {
	new_test_ext().execute_with(|| {
		let rest = u128::MAX - ISSUANCE;
		assert_ok!(Assets::mint(RuntimeOrigin::signed(ADMIN), USDT, 3_000, rest - 5));
		// Each fits what is left of the range, all together do not.
		pay_batch(1, vec![to(2, 5), to(2, 6), to(2, 5), to(2, 4)]);
		assert_result(1, 3, 14, &[(1, PaymentFailure::PayeeUnavailable)]);
		assert_eq!((wallet(1), wallet(2)), (FUNDS - 14, FUNDS + 14));
	});
}
