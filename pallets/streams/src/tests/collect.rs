use super::*;

#[test]
fn payee_should_earn_the_rate_with_every_block() {
	build_and_execute(|| {
		let id = open(0, 1, 10, 100);
		assert_noop!(collect(id), Error::<Test>::NothingDue);
		advance(1);
		assert_ok!(collect(id));
		System::assert_last_event(Event::Collected { stream: id, amount: 10 }.into());
		assert_noop!(collect(id), Error::<Test>::NothingDue);
		advance(4);
		assert_ok!(collect(id));
		assert_eq!((income(1), wallet(1)), (50, FUNDS + 50));
		assert_eq!(stream(id).open_amount(), 50);
	});
}

#[test]
fn payee_should_earn_the_same_however_often_it_collects() {
	build_and_execute(|| {
		let often = open(0, 1, 7, 100);
		let once = open(0, 2, 7, 100);
		for _ in 0..15 {
			advance(1);
			assert_ok!(collect(often));
			assert_eq!(income(1), stream(once).due(System::block_number()));
		}
		assert_ok!(collect(once));
		assert_eq!((income(1), income(2)), (100, 100));
	});
}

#[test]
fn payee_should_earn_no_more_than_the_deposit() {
	build_and_execute(|| {
		let id = open(0, 1, 10, 25);
		advance(2);
		assert_ok!(collect(id));
		assert_eq!(income(1), 20);
		advance(1);
		assert_ok!(collect(id));
		assert_eq!(income(1), 25);
		System::set_block_number(u32::MAX);
		assert_noop!(collect(id), Error::<Test>::NothingDue);
		assert_eq!(wallet(0), FUNDS - 25 - STORAGE_DEPOSIT);
	});
}

#[test]
fn money_should_go_to_the_payee_whoever_collects() {
	build_and_execute(|| {
		let id = open_to(0, Payee::Account(person()), 10, 100);
		advance(3);
		assert_noop!(PaymentStreams::collect(RuntimeOrigin::none(), id), BadOrigin);
		assert_ok!(PaymentStreams::collect(by(2), id));
		assert_eq!((balance(&person()), wallet(2)), (30, FUNDS));
	});
}

#[test]
fn payee_should_be_paid_though_the_payer_may_not_spend() {
	build_and_execute(|| {
		let id = open(0, 1, 10, 100);
		let mut earned = 0;
		for flag in [Suspended::set, Frozen::set] {
			advance(3);
			flag(&vec![0]);
			assert_ok!(collect(id));
			earned += 30;
			assert_eq!(income(1), earned);
			flag(&vec![]);
		}
		// Nor does a policy that has become stricter take anything back.
		Refusal::set(&Some(PaymentFailure::PayeeNotAllowed));
		advance(1);
		assert_ok!(collect(id));
	});
}

#[test]
fn collection_should_wait_when_the_payee_cannot_take_money() {
	build_and_execute(|| {
		let id = open(0, 1, 10, 100);
		advance(3);
		Blocked::set(&vec![address(1)]);
		assert_noop!(collect(id), Error::<Test>::PayeeUnavailable);
		advance(2);
		Blocked::set(&vec![]);
		assert_ok!(collect(id));
		assert_eq!(income(1), 50);
	});
}

#[test]
fn new_account_should_be_paid_once_it_has_earned_the_minimum() {
	build_and_execute(|| {
		let id = open_to(0, Payee::Account(person()), 3, 100);
		advance(3);
		assert_noop!(collect(id), Error::<Test>::PayeeUnavailable);
		advance(1);
		assert_ok!(collect(id));
		advance(1);
		assert_ok!(collect(id));
		assert_eq!(balance(&person()), 15);
	});
}

#[test]
fn collection_should_be_refused_when_there_is_no_such_stream() {
	build_and_execute(|| {
		open(0, 1, 10, 100);
		for id in [1, StreamId::MAX] {
			assert_noop!(collect(id), Error::<Test>::StreamNotFound);
		}
	});
}
