use super::*;
use dam_primitives::window::MAX_STEP;

#[test]
fn cancelled_intents_should_be_void() {
	build_and_execute(|| {
		let intents = [3, 4, 5].map(|nonce| sign(intent(PAYER, nonce)));
		assert_ok!(cancel(PAYER, &[5, 3]));
		let nonces = BoundedVec::truncate_from(vec![5, 3]);
		let event = Event::<Test>::IntentsCancelled { machine: PAYER, nonces };
		System::assert_last_event(event.into());
		let failed = submit_by(gateway(), intents.to_vec());
		assert_eq!(failed, [(0, IntentFailure::NonceUsed), (2, IntentFailure::NonceUsed)]);
		assert_eq!(income(PAYEE), AMOUNT);
	});
}

#[test]
fn cancelling_should_take_what_was_used_or_given_up() {
	build_and_execute(|| {
		assert_eq!(submit(sign(intent(PAYER, 300))), Ok(()));
		let before = windows();
		assert_ok!(cancel(PAYER, &[300, 300, 0, 44]));
		assert_eq!(windows(), before);
		assert_ok!(cancel(PAYER, &[45]));
		assert_refused(sign(intent(PAYER, 45)), IntentFailure::NonceUsed);
	});
}

#[test]
fn cancelling_nothing_should_leave_nothing() {
	build_and_execute(|| {
		assert_ok!(cancel(PAYER, &[]));
		assert!(windows().is_empty());
	});
}

#[test]
fn intents_should_be_cancelled_by_the_payment_key_alone() {
	build_and_execute(|| {
		let old_key = key(PAYER);
		rotate(PAYER);
		for who in [gateway(), old_key] {
			let nonces = BoundedVec::truncate_from(vec![0]);
			assert!(PaymentIntents::cancel(RuntimeOrigin::signed(who), nonces).is_err());
		}
		Suspended::set(&vec![PAYER]);
		assert!(cancel(PAYER, &[0]).is_err());
		assert_noop!(
			PaymentIntents::cancel(RuntimeOrigin::none(), BoundedVec::new()),
			DispatchError::BadOrigin
		);
		assert!(windows().is_empty());
	});
}

#[test]
fn cancelling_should_be_refused_as_a_whole_when_a_nonce_is_too_far() {
	build_and_execute(|| {
		assert_noop!(cancel(PAYER, &[1, 256 + MAX_STEP, 2]), Error::<Test>::NonceTooFar);
		assert_eq!(submit(sign(intent(PAYER, 1))), Ok(()));
		// Step by step it is possible, and gives up everything below.
		assert_ok!(cancel(PAYER, &[255 + MAX_STEP, 255 + 2 * MAX_STEP]));
		assert_refused(sign(intent(PAYER, 2)), IntentFailure::NonceTooOld);
	});
}

#[test]
fn machines_should_cancel_for_themselves() {
	build_and_execute(|| {
		assert_ok!(cancel(1, &[0]));
		assert_eq!(submit(sign(intent(PAYER, 0))), Ok(()));
		assert_refused(sign(intent(1, 0)), IntentFailure::NonceUsed);
	});
}
