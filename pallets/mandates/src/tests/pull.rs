use super::*;

#[test]
fn pull_should_pay_the_payee_out_of_the_wallet() {
	build_and_execute(|| {
		let id = grant(0, 1);
		assert_ok!(pull(1, id, 60));
		System::assert_last_event(Event::Pulled { mandate: id, amount: 60 }.into());
		assert_eq!((wallet(0), wallet(1)), (FUNDS - STORAGE_DEPOSIT - 60, FUNDS + 60));
		assert_eq!(income(1), 60);
	});
}

#[test]
fn cap_should_hold_until_the_period_is_over() {
	build_and_execute(|| {
		let id = grant(0, 1);
		advance(4);
		assert_ok!(pull(1, id, 60));
		assert_noop!(pull(1, id, 41), Error::<Test>::ExceedsCap);
		advance(9);
		assert_ok!(pull(1, id, 40));
		assert_noop!(pull(1, id, 1), Error::<Test>::ExceedsCap);
		// The tenth block after the first pull belongs to the next period.
		advance(1);
		assert_noop!(pull(1, id, 101), Error::<Test>::ExceedsCap);
		assert_ok!(pull(1, id, 100));
		assert_eq!(income(1), 200);
	});
}

#[test]
fn unused_cap_should_be_lost() {
	build_and_execute(|| {
		let id = grant(0, 1);
		assert_ok!(pull(1, id, 1));
		advance(500);
		assert_noop!(pull(1, id, 101), Error::<Test>::ExceedsCap);
		assert_noop!(pull(1, id, u128::MAX), Error::<Test>::ExceedsCap);
		assert_ok!(pull(1, id, 100));
	});
}

#[test]
fn failed_pull_should_not_count() {
	build_and_execute(|| {
		let id = grant(0, 1);
		PaymentCap::set(&50);
		assert_noop!(pull(1, id, 60), Error::<Test>::ExceedsPaymentCap);
		assert_noop!(pull(1, id, 0), Error::<Test>::ZeroAmount);
		assert_eq!(mandate(id).pulled, None);
		assert_ok!(pull(1, id, 50));
		assert_ok!(pull(1, id, 50));
	});
}

#[test]
fn nothing_should_be_pulled_after_the_last_block() {
	build_and_execute(|| {
		let id = grant(0, 1);
		System::set_block_number(mandate(id).expires_at);
		assert_ok!(pull(1, id, 10));
		advance(1);
		assert_noop!(pull(1, id, 10), Error::<Test>::MandateExpired);
		System::set_block_number(u32::MAX);
		assert_noop!(pull(1, id, 10), Error::<Test>::MandateExpired);
	});
}

#[test]
fn nobody_but_the_payee_should_pull() {
	build_and_execute(|| {
		let id = grant(0, 1);
		let by = |who| PaymentMandates::pull(signed(who), id, 1);
		for who in [payment_key(0), owner(0), payment_key(2), claim_key(2), address(1), person()] {
			assert_noop!(by(who), Error::<Test>::NotPayee);
		}
		assert_noop!(PaymentMandates::pull(RuntimeOrigin::none(), id, 1), BadOrigin);
		for who in [payment_key(1), claim_key(1), owner(1)] {
			assert_ok!(by(who));
		}
		let id = grant_to(0, Payee::Account(person()));
		assert_noop!(pull(1, id, MINIMUM), Error::<Test>::NotPayee);
		assert_ok!(PaymentMandates::pull(signed(person()), id, MINIMUM));
		assert_eq!(balance(&person()), MINIMUM);
	});
}

#[test]
fn pull_should_be_refused_while_the_payer_may_not_spend() {
	build_and_execute(|| {
		let id = grant(0, 1);
		for flag in [Suspended::set, Frozen::set] {
			flag(&vec![0]);
			assert_noop!(pull(1, id, 10), Error::<Test>::PayerInactive);
			flag(&vec![]);
			assert_ok!(pull(1, id, 10));
		}
		// A suspended payee can still be paid.
		Suspended::set(&vec![1]);
		assert_ok!(pull(1, id, 10));
	});
}

#[test]
fn pull_should_be_refused_when_the_money_cannot_move() {
	build_and_execute(|| {
		let id = grant(0, 1);
		let newcomer = grant_to(0, Payee::Account(person()));
		let pull_new = |amount| PaymentMandates::pull(signed(person()), newcomer, amount);
		assert_noop!(pull_new(MINIMUM - 1), Error::<Test>::BelowMinimum);
		Blocked::set(&vec![address(1)]);
		assert_noop!(pull(1, id, 10), Error::<Test>::PayeeUnavailable);
		Blocked::set(&vec![]);
		transfer(&address(0), &address(9), wallet(0) - MINIMUM - 20);
		assert_noop!(pull(1, id, 21), Error::<Test>::InsufficientFunds);
		assert_ok!(pull(1, id, 20));
		assert_eq!(wallet(0), MINIMUM);
		Retired::set(&vec![1]);
		assert_noop!(PaymentMandates::pull(signed(owner(1)), id, 1), Error::<Test>::UnknownMachine);
	});
}

#[test]
fn pull_should_be_refused_when_there_is_no_such_mandate() {
	build_and_execute(|| {
		grant(0, 1);
		for id in [1, MandateId::MAX] {
			assert_noop!(pull(1, id, 1), Error::<Test>::MandateNotFound);
		}
	});
}

#[test]
fn extreme_cap_should_not_overflow() {
	build_and_execute(|| {
		let origin = signed(payment_key(0));
		let payee = Payee::Machine(1);
		assert_ok!(PaymentMandates::grant(origin, 0, payee, u128::MAX, u32::MAX, MAX_LIFETIME));
		assert_noop!(pull(1, 0, u128::MAX), Error::<Test>::InsufficientFunds);
		assert_ok!(pull(1, 0, 5));
		assert_noop!(pull(1, 0, u128::MAX - 4), Error::<Test>::ExceedsCap);
		// The period is longer than the mandate's life: the cap is for all of it.
		System::set_block_number(MAX_LIFETIME);
		assert_ok!(pull(1, 0, 5));
		assert_eq!(mandate(0).pulled.map(|pulled| pulled.amount), Some(10));
	});
}
