use super::*;

fn pause(id: StreamId) -> DispatchResult {
	PaymentStreams::pause(by(0), id)
}

fn resume(id: StreamId) -> DispatchResult {
	PaymentStreams::resume(by(0), id)
}

#[test]
fn paused_stream_should_earn_nothing_until_it_is_resumed() {
	build_and_execute(|| {
		let id = open(0, 1, 10, 100);
		advance(3);
		assert_ok!(pause(id));
		System::assert_last_event(Event::Paused { stream: id, due: 30 }.into());
		advance(50);
		assert_ok!(resume(id));
		System::assert_last_event(Event::Resumed { stream: id }.into());
		assert_eq!(stream(id).due(System::block_number()), 30);
		advance(2);
		assert_ok!(collect(id));
		assert_eq!(income(1), 50);
	});
}

#[test]
fn payee_should_get_what_it_has_earned_before_the_pause() {
	build_and_execute(|| {
		let id = open(0, 1, 10, 100);
		advance(3);
		assert_ok!(pause(id));
		advance(50);
		assert_ok!(collect(id));
		assert_eq!(income(1), 30);
		assert_noop!(collect(id), Error::<Test>::NothingDue);
		assert_ok!(resume(id));
		advance(100);
		assert_ok!(collect(id));
		assert_eq!(income(1), 100);
	});
}

#[test]
fn pausing_in_every_block_should_cost_the_payee_nothing() {
	build_and_execute(|| {
		let id = open(0, 1, 10, 100);
		for _ in 0..5 {
			advance(1);
			assert_ok!(pause(id));
			assert_ok!(resume(id));
		}
		assert_ok!(collect(id));
		assert_eq!(income(1), 50);
	});
}

#[test]
fn stream_should_not_be_paused_or_resumed_twice() {
	build_and_execute(|| {
		let id = open(0, 1, 10, 100);
		assert_noop!(resume(id), Error::<Test>::NotPaused);
		assert_ok!(pause(id));
		assert_noop!(pause(id), Error::<Test>::AlreadyPaused);
		assert_ok!(resume(id));
		assert_noop!(resume(id), Error::<Test>::NotPaused);
		for result in [pause(9), resume(9)] {
			assert_eq!(result, Err(Error::<Test>::StreamNotFound.into()));
		}
	});
}

#[test]
fn stream_that_has_run_out_should_not_be_paused() {
	build_and_execute(|| {
		let id = open(0, 1, 10, 25);
		advance(3);
		assert_noop!(pause(id), Error::<Test>::RunOut);
		assert_ok!(collect(id));
		assert_noop!(pause(id), Error::<Test>::RunOut);
	});
}

#[test]
fn nobody_but_payer_and_owner_should_pause_or_resume() {
	build_and_execute(|| {
		let id = open(0, 1, 10, 100);
		let others = || {
			[payment_key(1), owner(1), claim_key(0), address(0), person()]
				.map(RuntimeOrigin::signed)
		};
		for origin in others() {
			assert_noop!(PaymentStreams::pause(origin, id), Error::<Test>::NotPayer);
		}
		// A payer whose key may not act is stopped by its owner.
		Frozen::set(&vec![0]);
		assert_noop!(pause(id), Error::<Test>::NotPayer);
		assert_ok!(PaymentStreams::pause(signed(owner(0)), id));
		for origin in others() {
			assert_noop!(PaymentStreams::resume(origin, id), Error::<Test>::NotPayer);
		}
		assert_noop!(resume(id), Error::<Test>::NotPayer);
		assert_ok!(PaymentStreams::resume(signed(owner(0)), id));
	});
}
