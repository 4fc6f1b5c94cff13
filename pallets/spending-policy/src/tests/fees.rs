use super::*;
use PolicyViolation::{
	CoSignature, Payee as NotAllowed, PaymentCap, PeriodCap as PeriodCapReached,
};

fn allow(fee: u128) -> Result<(), PolicyViolation> {
	SpendingPolicy::allow_fee(MACHINE, fee, 1)
}

fn take(fee: u128) -> Result<(), PolicyViolation> {
	allow(fee)?;
	SpendingPolicy::fee_taken(MACHINE, fee);
	Ok(())
}

fn spent() -> u128 {
	Spent::<Test>::get(MACHINE).map_or(0, |period| period.spent)
}

#[test]
fn fee_should_be_allowed_and_nothing_written_when_there_is_no_policy() {
	build_and_execute(|| {
		assert_storage_noop!({
			assert_eq!(take(u128::MAX), Ok(()));
			SpendingPolicy::fee_returned(MACHINE, u128::MAX);
		});
		set(payment_cap(10));
		assert_storage_noop!({
			assert_eq!(take(10), Ok(()));
			SpendingPolicy::fee_returned(MACHINE, 10);
		});
	});
}

#[test]
fn caps_and_threshold_should_bound_a_fee() {
	build_and_execute(|| {
		set(payment_cap(10));
		assert_eq!(allow(10), Ok(()));
		assert_eq!(allow(11), Err(PaymentCap));
		set(co_sign_above(10));
		assert_eq!(allow(10), Ok(()));
		assert_eq!(allow(11), Err(CoSignature));
		// Nobody can co-sign a fee.
		approve(account(9), 11, 10);
		assert_eq!(allow(11), Err(CoSignature));
		set(period_cap(10, 100));
		assert_eq!(allow(100), Ok(()));
		assert_eq!(allow(101), Err(PeriodCapReached));
		assert_eq!(allow(u128::MAX), Err(PeriodCapReached));
	});
}

#[test]
fn listed_payees_should_not_matter_when_the_period_has_a_cap() {
	build_and_execute(|| {
		let listed = only(vec![machine(7)], &[]);
		set(listed.clone());
		assert_eq!(allow(1), Err(NotAllowed));
		set(Policy { payment_cap: Some(10), ..listed.clone() });
		assert_eq!(allow(1), Err(NotAllowed));
		set(Policy { period_cap: Some(PeriodCap { blocks: 10, amount: 100 }), ..listed });
		assert_eq!(allow(100), Ok(()));
		assert_eq!(allow(101), Err(PeriodCapReached));
	});
}

#[test]
fn fees_and_payments_should_share_the_period() {
	build_and_execute(|| {
		set(period_cap(10, 100));
		assert_eq!(take(30), Ok(()));
		assert_eq!(pay(&machine(7), 71), Err(PeriodCapReached));
		assert_eq!(pay(&machine(7), 70), Ok(()));
		assert_eq!(take(1), Err(PeriodCapReached));
		assert_eq!(Spent::<Test>::get(MACHINE), Some(Period { started_at: 1, spent: 100 }));
		// The period ends for both.
		System::set_block_number(11);
		assert_eq!(take(100), Ok(()));
		assert_eq!(Spent::<Test>::get(MACHINE), Some(Period { started_at: 11, spent: 100 }));
	});
}

#[test]
fn what_comes_back_should_not_count() {
	build_and_execute(|| {
		set(period_cap(10, 100));
		assert_eq!(take(60), Ok(()));
		SpendingPolicy::fee_returned(MACHINE, 25);
		assert_eq!(spent(), 35);
		assert_eq!(allow(65), Ok(()));
		assert_eq!(allow(66), Err(PeriodCapReached));
		// Nothing is left of the period when all came back.
		SpendingPolicy::fee_returned(MACHINE, 35);
		assert!(Spent::<Test>::get(MACHINE).is_none());
		assert_storage_noop!(SpendingPolicy::fee_returned(MACHINE, 1));
		assert_storage_noop!(SpendingPolicy::fee_taken(MACHINE, 0));
	});
}

#[test]
fn fees_that_wait_should_fit_into_the_period_together() {
	build_and_execute(|| {
		set(Policy { payment_cap: Some(10), ..period_cap(10, 100) });
		assert_eq!(SpendingPolicy::allow_fee(MACHINE, 10, 10), Ok(()));
		assert_eq!(SpendingPolicy::allow_fee(MACHINE, 10, 11), Err(PeriodCapReached));
		assert_eq!(SpendingPolicy::allow_fee(MACHINE, 10, u64::MAX), Err(PeriodCapReached));
		assert_eq!(take(10), Ok(()));
		assert_eq!(SpendingPolicy::allow_fee(MACHINE, 10, 10), Err(PeriodCapReached));
		assert_eq!(SpendingPolicy::allow_fee(MACHINE, 10, 9), Ok(()));
	});
}
