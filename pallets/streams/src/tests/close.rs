use super::*;
use pallet_dam_traits::OnMachineChange;

fn close(who: AccountId, id: StreamId) -> DispatchResult {
	PaymentStreams::close(signed(who), id)
}

#[test]
fn close_should_pay_what_was_earned_and_return_the_rest() {
	build_and_execute(|| {
		let id = open(0, 1, 10, 100);
		advance(2);
		assert_ok!(collect(id));
		advance(3);
		assert_ok!(close(payment_key(0), id));
		System::assert_last_event(
			Event::Closed { stream: id, settled: 50, forfeited: 0, returned: 50 }.into(),
		);
		assert_eq!((wallet(0), wallet(1)), (FUNDS - 50, FUNDS + 50));
		assert_eq!((income(0), income(1)), (0, 50), "what comes back is no income");
	});
}

#[test]
fn closed_stream_should_leave_nothing_and_never_come_back() {
	build_and_execute(|| {
		let id = open(0, 1, 10, 100);
		assert_ok!(close(payment_key(1), id));
		assert_eq!((wallet(0), wallet(1)), (FUNDS, FUNDS));
		assert_eq!(Streams::<Test>::iter().count(), 0);
		assert_eq!(OpenStreams::<Test>::iter().count(), 0);
		assert_eq!(Locked::<Test>::get(), 0);
		assert_noop!(close(payment_key(1), id), Error::<Test>::StreamNotFound);
		assert_noop!(collect(id), Error::<Test>::StreamNotFound);
		assert_noop!(PaymentStreams::top_up(by(0), id, 10), Error::<Test>::StreamNotFound);
		assert_ne!(open(0, 1, 10, 100), id);
	});
}

#[test]
fn each_side_should_close_by_itself() {
	build_and_execute(|| {
		for who in [payment_key(0), owner(0), payment_key(1), claim_key(1), owner(1)] {
			let id = open(0, 1, 10, 100);
			for other in [claim_key(0), payment_key(2), owner(2), address(0), person()] {
				assert_noop!(close(other, id), Error::<Test>::NotParty);
			}
			assert_ok!(close(who, id));
		}
		let id = open_to(0, Payee::Account(person()), 10, 100);
		assert_noop!(close(owner(1), id), Error::<Test>::NotParty);
		assert_ok!(close(person(), id));
	});
}

#[test]
fn owner_should_close_when_the_key_may_not_act() {
	build_and_execute(|| {
		for flag in [Suspended::set, Frozen::set] {
			let id = open(0, 1, 10, 100);
			flag(&vec![0]);
			assert_noop!(close(payment_key(0), id), Error::<Test>::NotParty);
			assert_ok!(close(owner(0), id));
			flag(&vec![]);
		}
	});
}

#[test]
fn stream_should_close_when_it_is_paused_or_has_run_out() {
	build_and_execute(|| {
		let paused = open(0, 1, 10, 100);
		let empty = open(0, 2, 10, 25);
		let collected = open(0, 3, 10, 25);
		advance(4);
		assert_ok!(PaymentStreams::pause(by(0), paused));
		assert_ok!(collect(collected));
		advance(20);
		for id in [paused, empty, collected] {
			assert_ok!(close(payment_key(0), id));
		}
		assert_eq!([1, 2, 3].map(income), [40, 25, 25]);
		assert_eq!(wallet(0), FUNDS - 90);
	});
}

#[test]
fn what_was_earned_should_be_kept_for_a_payee_that_cannot_be_paid() {
	build_and_execute(|| {
		let id = open(0, 1, 10, 100);
		advance(3);
		Blocked::set(&vec![address(1)]);
		// As long as it runs, no time-out runs.
		advance(5);
		assert_noop!(close(payment_key(0), id), Error::<Test>::PayeeUnavailable);
		assert_ok!(PaymentStreams::pause(by(0), id));
		advance(PAYEE_TIMEOUT);
		assert_noop!(close(payment_key(0), id), Error::<Test>::PayeeUnavailable);
		assert_noop!(close(owner(1), id), Error::<Test>::PayeeUnavailable);
		advance(1);
		assert_ok!(close(payment_key(0), id));
		System::assert_last_event(
			Event::Closed { stream: id, settled: 0, forfeited: 80, returned: 100 }.into(),
		);
		assert_eq!(wallet(0), FUNDS);
	});
}

#[test]
fn timeout_of_the_payee_should_begin_when_the_deposit_runs_out() {
	build_and_execute(|| {
		let id = open(0, 1, 10, 25);
		Retired::set(&vec![1]);
		// Runs out with the third block.
		advance(3 + PAYEE_TIMEOUT);
		assert_noop!(close(payment_key(0), id), Error::<Test>::PayeeUnavailable);
		advance(1);
		assert_ok!(close(payment_key(0), id));
		assert_eq!(wallet(0), FUNDS);
	});
}

#[test]
fn timeout_of_the_payee_should_begin_anew_when_the_stream_runs_again() {
	build_and_execute(|| {
		let id = open(0, 1, 10, 100);
		Blocked::set(&vec![address(1)]);
		advance(1);
		assert_ok!(PaymentStreams::pause(by(0), id));
		advance(PAYEE_TIMEOUT);
		assert_ok!(PaymentStreams::resume(by(0), id));
		advance(5);
		assert_noop!(close(payment_key(0), id), Error::<Test>::PayeeUnavailable);
		assert_ok!(PaymentStreams::pause(by(0), id));
		advance(PAYEE_TIMEOUT);
		assert_noop!(close(payment_key(0), id), Error::<Test>::PayeeUnavailable);
	});
}

#[test]
fn payee_should_be_paid_after_the_timeout_when_it_can_take_money() {
	build_and_execute(|| {
		let id = open(0, 1, 10, 100);
		advance(3);
		assert_ok!(PaymentStreams::pause(by(0), id));
		advance(2 * PAYEE_TIMEOUT);
		assert_ok!(close(payment_key(0), id));
		assert_eq!((income(1), wallet(0)), (30, FUNDS - 30));
	});
}

#[test]
fn payee_that_has_nothing_due_should_not_stand_in_the_way() {
	build_and_execute(|| {
		let id = open(0, 1, 10, 100);
		advance(3);
		assert_ok!(collect(id));
		Blocked::set(&vec![address(1)]);
		assert_ok!(close(payment_key(0), id));
		assert_eq!(wallet(0), FUNDS - 30);
	});
}

#[test]
fn new_account_should_keep_its_claim_below_the_minimum() {
	build_and_execute(|| {
		let id = open_to(0, Payee::Account(person()), 3, 100);
		advance(3);
		assert_noop!(close(payment_key(0), id), Error::<Test>::PayeeUnavailable);
		assert_ok!(PaymentStreams::pause(by(0), id));
		// Somebody sends it the minimum: its account takes any amount from now on.
		transfer(&address(9), &person(), MINIMUM);
		assert_ok!(close(payment_key(0), id));
		assert_eq!(balance(&person()), MINIMUM + 9);
	});
}

#[test]
fn stream_should_stay_when_the_payer_cannot_take_its_money_back() {
	build_and_execute(|| {
		let id = open(0, 1, 10, 100);
		advance(3);
		Blocked::set(&vec![address(0)]);
		assert_noop!(close(payment_key(1), id), Error::<Test>::PayerUnavailable);
		// The payee is not held up by that.
		assert_ok!(collect(id));
		Blocked::set(&vec![]);
		assert_ok!(close(payment_key(1), id));
	});
}

#[test]
fn nobody_should_lose_anything_while_escrow_is_frozen() {
	build_and_execute(|| {
		let id = open(0, 1, 10, 25);
		advance(2 * PAYEE_TIMEOUT);
		EscrowFrozen::set(&true);
		assert_noop!(close(payment_key(0), id), Error::<Test>::EscrowUnavailable);
		assert_noop!(collect(id), Error::<Test>::EscrowUnavailable);
		let batch = BoundedVec::try_from(vec![id]).unwrap();
		assert_ok!(PaymentStreams::collect_batch(stranger(), batch));
		assert_eq!(stream(id).settled, 0);
		// Nor when there is nothing to pay but only to return.
		let fresh = open(0, 2, 10, 25);
		assert_noop!(close(payment_key(0), fresh), Error::<Test>::EscrowUnavailable);
		EscrowFrozen::set(&false);
		assert_ok!(close(payment_key(0), id));
		assert_eq!(income(1), 25);
	});
}

#[test]
fn payer_should_not_retire_before_its_streams_are_closed() {
	build_and_execute(|| {
		let ids = [open(0, 1, 10, 100), open(0, 1, 10, 100)];
		assert_ok!(PaymentStreams::on_retire(1));
		for id in ids {
			assert_noop!(PaymentStreams::on_retire(0), Error::<Test>::HasOpenStreams);
			assert_ok!(close(payment_key(0), id));
		}
		assert_ok!(PaymentStreams::on_retire(0));
	});
}

#[test]
fn stream_should_stay_with_its_machine_when_that_is_sold() {
	build_and_execute(|| {
		let (of_payer, of_payee) = (open(0, 1, 10, 100), open(2, 1, 10, 100));
		for machine in [0, 1] {
			PaymentStreams::on_transfer(machine);
			sell(machine, person());
		}
		advance(3);
		for (id, seller) in [(of_payer, 0), (of_payee, 1)] {
			assert_noop!(close(owner(seller), id), Error::<Test>::NotParty);
			assert_ok!(close(person(), id));
		}
		// To the machines, not to whoever owned them.
		assert_eq!((income(1), wallet(0)), (60, FUNDS - 30));
	});
}
