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
