use super::*;

fn sweep(id: StreamId) -> DispatchResult {
	PaymentStreams::sweep(stranger(), id)
}

#[test]
fn anybody_should_sweep_a_stream_that_has_run_out() {
	build_and_execute(|| {
		let id = open(0, 1, 10, 25);
		advance(2);
		assert_noop!(sweep(id), Error::<Test>::StillOpen);
		advance(1);
		assert_noop!(PaymentStreams::sweep(RuntimeOrigin::none(), id), BadOrigin);
		assert_ok!(sweep(id));
		System::assert_last_event(
			Event::Closed { stream: id, settled: 25, forfeited: 0, returned: 0 }.into(),
		);
		assert_eq!((income(1), wallet(0)), (25, FUNDS - 25));
		assert_noop!(sweep(id), Error::<Test>::StreamNotFound);
	});
}

#[test]
fn anybody_should_sweep_a_stream_that_was_collected_to_the_end() {
	build_and_execute(|| {
		let id = open(0, 1, 10, 20);
		advance(2);
		assert_ok!(collect(id));
		assert_ok!(sweep(id));
		assert_eq!((income(1), wallet(0)), (20, FUNDS - 20));
	});
}

#[test]
fn top_up_should_save_a_stream_from_being_swept() {
	build_and_execute(|| {
		let id = open(0, 1, 10, 20);
		advance(50);
		assert_ok!(PaymentStreams::top_up(by(0), id, 1));
		assert_noop!(sweep(id), Error::<Test>::StillOpen);
		advance(1);
		assert_ok!(sweep(id));
		assert_eq!(income(1), 21);
	});
}

#[test]
fn anybody_should_sweep_a_stream_that_was_paused_for_too_long() {
	build_and_execute(|| {
		let id = open(0, 1, 10, 100);
		advance(3);
		assert_ok!(PaymentStreams::pause(by(0), id));
		advance(MAX_PAUSE);
		assert_noop!(sweep(id), Error::<Test>::StillOpen);
		advance(1);
		assert_ok!(sweep(id));
		System::assert_last_event(
			Event::Closed { stream: id, settled: 30, forfeited: 0, returned: 70 }.into(),
		);
	});
}

#[test]
fn sweep_should_keep_what_was_earned_for_a_payee_that_cannot_be_paid() {
	build_and_execute(|| {
		let id = open(0, 1, 10, 25);
		Blocked::set(&vec![address(1)]);
		advance(3 + PAYEE_TIMEOUT);
		assert_noop!(sweep(id), Error::<Test>::PayeeUnavailable);
		advance(1);
		assert_ok!(sweep(id));
		System::assert_last_event(
			Event::Closed { stream: id, settled: 0, forfeited: 25, returned: 25 }.into(),
		);
		assert_eq!(wallet(0), FUNDS);
	});
}
