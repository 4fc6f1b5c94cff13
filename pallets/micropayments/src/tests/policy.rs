//! The owner's policy is asked on every payment, and told of exactly those that were made.

use super::*;

fn rules(change: impl FnOnce(&mut Rules)) {
	let mut rules = Rules::NONE;
	change(&mut rules);
	Policy::set(rules);
}

fn refused(payee: MachineId, amount: u128, error: Error<Test>) {
	assert_noop!(Micropayments::pay(key(1), Payee::Machine(payee), amount), error);
}

#[test]
fn payment_should_be_refused_when_the_policy_refuses_it() {
	build_and_execute(|| {
		rules(|rules| rules.payment_cap = 50);
		refused(2, 51, Error::ExceedsPaymentCap);
		rules(|rules| rules.period_cap = 50);
		refused(2, 51, Error::ExceedsPeriodCap);
		rules(|rules| rules.banned = vec![Payee::Machine(2)]);
		refused(2, 1, Error::PayeeNotAllowed);
		rules(|rules| rules.co_sign_above = 50);
		refused(2, 51, Error::NeedsCoSignature);
		assert_eq!(Counted::get(), []);

		assert_ok!(Micropayments::pay(key(1), Payee::Machine(2), 50));
		assert_eq!(Counted::get(), [(1, Payee::Machine(2), 50)]);
	});
}

#[test]
fn policy_should_be_told_of_payments_one_after_the_other() {
	build_and_execute(|| {
		rules(|rules| rules.period_cap = 100);
		assert_ok!(Micropayments::pay(key(1), Payee::Machine(2), 60));
		refused(2, 41, Error::ExceedsPeriodCap);
		assert_ok!(Micropayments::pay(key(1), Payee::Account(3_000), 40));
		refused(2, 1, Error::ExceedsPeriodCap);
		// Each machine has its own.
		assert_ok!(Micropayments::pay(key(2), Payee::Machine(1), 100));
		assert_eq!((counted(1), counted(2)), (100, 100));
	});
}

#[test]
fn policy_should_count_nothing_when_the_transfer_fails() {
	build_and_execute(|| {
		refused(2, 0, Error::ZeroAmount);
		refused(RETIRED, 10, Error::UnknownMachine);
		refused(1, 10, Error::SelfPayment);
		refused(2, FUNDS, Error::InsufficientFunds);
		refused(50, MINIMUM - 1, Error::BelowMinimum);
		block(MockMachines::account(4));
		refused(4, 10, Error::PayeeUnavailable);
		freeze(MockMachines::account(1));
		refused(2, 10, Error::PayerFrozen);
		assert_eq!(Begun::get(), 7);
		assert_eq!(Counted::get(), []);
	});
}

#[test]
fn items_that_the_policy_refuses_should_not_undo_the_others() {
	use PaymentFailure::*;
	build_and_execute(|| {
		rules(|rules| {
			rules.payment_cap = 60;
			rules.period_cap = 100;
			rules.banned = vec![Payee::Machine(3)];
			rules.co_sign_above = 50;
		});
		pay_batch(
			1,
			vec![
				to(2, 61),
				to(3, 10),
				to(2, 51),
				to(2, 50),
				// Refused by the asset, after the policy allowed it: it must not count.
				to(RETIRED, 50),
				to(1, 50),
				to(2, 50),
				to(2, 1),
				to(4, 0),
			],
		);
		assert_result(
			1,
			2,
			100,
			&[
				(0, ExceedsPaymentCap),
				(1, PayeeNotAllowed),
				(2, NeedsCoSignature),
				(4, UnknownMachine),
				(5, SelfPayment),
				(7, ExceedsPeriodCap),
				(8, ZeroAmount),
			],
		);
		assert_eq!(Begun::get(), 1);
		assert_eq!(Counted::get(), vec![(1, Payee::Machine(2), 50); 2]);
		assert_eq!((wallet(1), wallet(2), wallet(3)), (FUNDS - 100, FUNDS + 100, FUNDS));

		// The next batch goes on where this one ended.
		pay_batch(1, vec![to(2, 1)]);
		assert_result(1, 0, 0, &[(0, ExceedsPeriodCap)]);
	});
}

#[test]
fn policy_should_not_be_asked_when_the_key_may_not_pay() {
	build_and_execute(|| {
		assert_noop!(
			Micropayments::pay(key(SUSPENDED), Payee::Machine(2), 1),
			DispatchError::Other("suspended")
		);
		assert_eq!(Begun::get(), 0);
	});
}

#[test]
fn withdrawal_should_neither_be_limited_nor_counted() {
	build_and_execute(|| {
		rules(|rules| {
			rules.payment_cap = 0;
			rules.period_cap = 0;
			rules.co_sign_above = 0;
			rules.banned = vec![Payee::Account(2_000)];
		});
		assert_ok!(Micropayments::withdraw(RuntimeOrigin::signed(2_000), 1, 100));
		assert_eq!(Begun::get(), 0);
		assert_eq!(Counted::get(), []);
	});
}
