use super::*;

fn top_up(id: StreamId, amount: u128) -> DispatchResult {
	PaymentStreams::top_up(by(0), id, amount)
}

#[test]
fn top_up_should_prolong_a_stream_that_runs() {
	build_and_execute(|| {
		let id = open(0, 1, 10, 25);
		advance(2);
		assert_ok!(top_up(id, 30));
		System::assert_last_event(Event::ToppedUp { stream: id, deposit: 55 }.into());
		assert_eq!(wallet(0), FUNDS - 55 - STORAGE_DEPOSIT);
		// 20 before and 30 after: no break in between, and a full third block.
		advance(3);
		assert_ok!(collect(id));
		assert_eq!(income(1), 50);
	});
}

#[test]
fn top_up_should_not_pay_for_the_time_without_deposit() {
	build_and_execute(|| {
		let id = open(0, 1, 10, 25);
		advance(100);
		assert_ok!(top_up(id, 100));
		assert_ok!(collect(id));
		assert_eq!(income(1), 25);
		advance(3);
		assert_ok!(collect(id));
		assert_eq!(income(1), 55);
	});
}

#[test]
fn top_up_should_revive_a_stream_that_was_collected_to_the_end() {
	build_and_execute(|| {
		let id = open(0, 1, 10, 25);
		advance(3);
		assert_ok!(collect(id));
		advance(50);
		assert_ok!(top_up(id, 15));
		assert_noop!(collect(id), Error::<Test>::NothingDue);
		advance(1);
		assert_ok!(collect(id));
		advance(1);
		assert_ok!(collect(id));
		assert_eq!(income(1), 40);
		advance(1);
		assert_noop!(collect(id), Error::<Test>::NothingDue);
	});
}

#[test]
fn top_up_should_leave_a_paused_stream_paused() {
	build_and_execute(|| {
		let id = open(0, 1, 10, 25);
		advance(2);
		assert_ok!(PaymentStreams::pause(by(0), id));
		advance(10);
		assert_ok!(top_up(id, 100));
		advance(10);
		assert_eq!(stream(id).due(System::block_number()), 20);
		assert_eq!(stream(id).flow, Flow::Paused { since: 3 });
	});
}

#[test]
fn top_up_should_be_refused_when_it_is_not_the_payers() {
	build_and_execute(|| {
		let id = open(0, 1, 10, 100);
		assert_noop!(PaymentStreams::top_up(by(1), id, 50), Error::<Test>::NotPayer);
		for who in [claim_key(0), owner(0), owner(1)] {
			assert!(PaymentStreams::top_up(signed(who), id, 50).is_err());
		}
		// Nothing new is locked for a payer that may not spend.
		for flag in [Suspended::set, Frozen::set] {
			flag(&vec![0]);
			assert!(top_up(id, 50).is_err());
			flag(&vec![]);
		}
		assert_eq!(stream(id).deposit, 100);
	});
}

#[test]
fn top_up_should_be_refused_when_the_amount_makes_no_sense() {
	build_and_execute(|| {
		let id = open(0, 1, 10, 100);
		assert_noop!(top_up(id, 0), Error::<Test>::ZeroAmount);
		assert_noop!(top_up(id, u128::MAX), Error::<Test>::Overflow);
		assert_noop!(top_up(id, u128::MAX - 100), Error::<Test>::InsufficientFunds);
		assert_noop!(top_up(id, wallet(0) - MINIMUM + 1), Error::<Test>::InsufficientFunds);
		assert_noop!(top_up(id + 1, 1), Error::<Test>::StreamNotFound);
		assert_ok!(top_up(id, wallet(0) - MINIMUM));
	});
}

#[test]
fn top_up_should_be_refused_when_the_payee_was_retired() {
	build_and_execute(|| {
		let id = open(0, 1, 10, 100);
		Retired::set(&vec![1]);
		assert_noop!(top_up(id, 100), Error::<Test>::UnknownMachine);
	});
}
