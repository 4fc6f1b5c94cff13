use super::*;

#[test]
fn intent_should_pay_payee_and_relayer_on_every_curve() {
	build_and_execute(|| {
		for payer in 0..3 {
			assert_eq!(submit(sign(intent(payer, 0))), Ok(()));
			assert_eq!(wallet(payer), FUNDS - AMOUNT - RELAY_FEE);
		}
		assert_eq!(wallet(PAYEE), FUNDS + 3 * AMOUNT);
		assert_eq!(income(PAYEE), 3 * AMOUNT);
		assert_eq!(balance(&gateway()), FUNDS + 3 * RELAY_FEE);
	});
}

#[test]
fn result_should_name_sums_and_every_failure() {
	build_and_execute(|| {
		let mut forged = sign(intent(1, 0));
		forged.intent.amount += 1;
		let intents = vec![
			sign(intent(0, 0)),
			forged,
			sign(intent(1, 0)),
			sign(intent(0, 0)),
			sign(Intent { relay_fee: 7, ..intent(2, 5) }),
			sign(intent(PAYEE, 0)),
		];
		assert_ok!(PaymentIntents::submit(RuntimeOrigin::signed(gateway()), batch(intents)));
		let failed = |index, reason| FailedIntent { index, reason };
		let event = Event::<Test>::IntentsSettled {
			relayer: Payee::Account(gateway()),
			settled: 3,
			total: 3 * AMOUNT,
			relay_fees: 2 * RELAY_FEE + 7,
			failed: BoundedVec::truncate_from(vec![
				failed(1, IntentFailure::InvalidProof),
				failed(3, IntentFailure::NonceUsed),
				failed(5, IntentFailure::SelfPayment),
			]),
		};
		System::assert_last_event(event.into());
		assert_eq!(System::events().len(), 1);
		assert_eq!(balance(&gateway()), FUNDS + 2 * RELAY_FEE + 7);
	});
}

#[test]
fn relay_fee_should_go_to_the_machine_of_a_key() {
	build_and_execute(|| {
		let relayer = 4;
		let old_key = key(relayer);
		settle_by(old_key.clone(), vec![sign(intent(PAYER, 0))]);
		assert_eq!((wallet(relayer), income(relayer)), (FUNDS + RELAY_FEE, RELAY_FEE));

		// A key is not a wallet, whether or not it acts.
		Suspended::set(&vec![relayer]);
		settle_by(old_key.clone(), vec![sign(intent(PAYER, 1))]);
		rotate(relayer);
		settle_by(old_key.clone(), vec![sign(intent(PAYER, 2))]);
		assert_eq!(income(relayer), 3 * RELAY_FEE);
		assert_eq!(balance(&old_key), 0);

		Retired::set(&vec![relayer]);
		let reason = IntentFailure::RelayFee(PaymentFailure::UnknownMachine);
		assert_refused_by(old_key, sign(intent(PAYER, 3)), reason);
	});
}

#[test]
fn machine_should_pay_no_relay_fee_to_itself() {
	build_and_execute(|| {
		let intents = vec![sign(intent(PAYER, 0)), sign(intent(1, 0))];
		settle_by(key(PAYER), intents);
		assert_eq!(wallet(PAYER), FUNDS - AMOUNT + RELAY_FEE);
		assert_eq!((counted(PAYER), counted(1)), (AMOUNT, AMOUNT + RELAY_FEE));
		assert_eq!(income(PAYER), RELAY_FEE);
	});
}

#[test]
fn intent_should_need_no_relay_fee() {
	build_and_execute(|| {
		// Not even a relayer that could take one.
		let free = sign(Intent { relay_fee: 0, ..intent(PAYER, 0) });
		settle_by(newcomer(), vec![free]);
		assert_eq!((wallet(PAYER), wallet(PAYEE)), (FUNDS - AMOUNT, FUNDS + AMOUNT));
	});
}

#[test]
fn payee_should_relay_what_it_is_paid() {
	build_and_execute(|| {
		settle_by(key(PAYEE), vec![sign(intent(PAYER, 0))]);
		assert_eq!(income(PAYEE), AMOUNT + RELAY_FEE);
		let payee = Payee::Account(gateway().into());
		assert_eq!(submit(sign(Intent { payee, ..intent(PAYER, 1) })), Ok(()));
		assert_eq!(balance(&gateway()), FUNDS + AMOUNT + RELAY_FEE);
	});
}

#[test]
fn intent_should_open_an_account() {
	build_and_execute(|| {
		let payee = Payee::Account(newcomer().into());
		let paid = Intent { payee, amount: MINIMUM, ..intent(PAYER, 0) };
		assert_eq!(submit(sign(paid)), Ok(()));
		assert_eq!(balance(&newcomer()), MINIMUM);
	});
}

#[test]
fn policy_should_be_asked_for_amount_and_relay_fee_each() {
	build_and_execute(|| {
		PaymentCap::set(&AMOUNT);
		assert_eq!(submit(sign(intent(PAYER, 0))), Ok(()));
		assert_eq!(counted(PAYER), AMOUNT + RELAY_FEE);
		let dear = Intent { amount: RELAY_FEE, relay_fee: AMOUNT + 1, ..intent(PAYER, 1) };
		let reason = IntentFailure::RelayFee(PaymentFailure::ExceedsPaymentCap);
		assert_refused(sign(dear), reason);
		PaymentCap::set(&(AMOUNT - 1));
		let reason = IntentFailure::Payment(PaymentFailure::ExceedsPaymentCap);
		assert_refused(sign(intent(PAYER, 1)), reason);
	});
}

#[test]
fn wallet_should_keep_its_minimum() {
	build_and_execute(|| {
		let most = FUNDS - RELAY_FEE - MINIMUM;
		let too_little = PaymentFailure::InsufficientFunds;
		for (amount, reason) in [
			(most + 1, IntentFailure::RelayFee(too_little)),
			(FUNDS, IntentFailure::Payment(too_little)),
			(u128::MAX - RELAY_FEE, IntentFailure::Payment(too_little)),
		] {
			assert_refused(sign(Intent { amount, ..intent(PAYER, 0) }), reason);
		}
		assert_eq!(submit(sign(Intent { amount: most, ..intent(PAYER, 0) })), Ok(()));
		assert_eq!(wallet(PAYER), MINIMUM);
	});
}

#[test]
fn full_batch_should_settle() {
	build_and_execute(|| {
		let one = |nonce| sign(Intent { amount: 1, relay_fee: 1, ..intent(PAYER, nonce) });
		// All that fit into one window, the last first.
		let intents: Vec<_> = (0..u64::from(MAX_INTENTS)).rev().map(one).collect();
		settle_by(gateway(), intents.clone());
		let failed = submit_by(gateway(), intents);
		assert_eq!(failed.len(), MAX_INTENTS as usize);
		assert!(failed.iter().all(|(_, reason)| *reason == IntentFailure::NonceUsed));
		assert_eq!(wallet(PAYER), FUNDS - 2 * u128::from(MAX_INTENTS));
	});
}

#[test]
fn empty_batch_should_do_nothing() {
	build_and_execute(|| {
		settle_by(gateway(), vec![]);
		assert_noop!(
			PaymentIntents::submit(RuntimeOrigin::none(), batch(vec![])),
			DispatchError::BadOrigin
		);
	});
}
