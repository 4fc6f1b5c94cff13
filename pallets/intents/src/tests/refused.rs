//! Intents that are refused leave everything as it was.

use super::*;
use dam_primitives::{intent::MAX_LIFETIME, window::MAX_STEP};
use sp_core::{ed25519, Pair};

#[test]
fn intent_should_be_refused_when_it_makes_no_sense() {
	build_and_execute(|| {
		let good = || intent(PAYER, 0);
		assert_refused(sign(Intent { amount: 0, ..good() }), IntentFailure::ZeroAmount);
		let overflow = Intent { amount: u128::MAX, relay_fee: 1, ..good() };
		assert_refused(sign(overflow), IntentFailure::Overflow);
		for payee in [Payee::Machine(PAYER), Payee::Account(dam_primitives::machine_account(PAYER))]
		{
			assert_refused(sign(Intent { payee, ..good() }), IntentFailure::SelfPayment);
		}
	});
}

#[test]
fn intent_should_be_taken_within_its_blocks_alone() {
	build_and_execute(|| {
		let (valid_from, valid_until) = (50, 60);
		let timed = |nonce| sign(Intent { valid_from, valid_until, ..intent(PAYER, nonce) });
		for (now, nonce, expected) in [
			(49, 0, Err(IntentFailure::NotYetValid)),
			(50, 0, Ok(())),
			(60, 1, Ok(())),
			(61, 2, Err(IntentFailure::Expired)),
		] {
			System::set_block_number(now);
			assert_eq!(submit(timed(nonce)), expected, "in block {now}");
		}
	});
}

#[test]
fn intent_should_be_refused_when_it_lives_too_long() {
	build_and_execute(|| {
		let until = |valid_until| sign(Intent { valid_from: 1, valid_until, ..intent(PAYER, 0) });
		assert_refused(until(2 + MAX_LIFETIME), IntentFailure::LifetimeTooLong);
		System::set_block_number(2 + MAX_LIFETIME);
		assert_refused(until(2 + MAX_LIFETIME), IntentFailure::LifetimeTooLong);
		System::set_block_number(1 + MAX_LIFETIME);
		assert_eq!(submit(until(1 + MAX_LIFETIME)), Ok(()));
	});
}

#[test]
fn intent_should_be_refused_when_the_payer_may_not_spend() {
	build_and_execute(|| {
		Suspended::set(&vec![PAYER]);
		assert_refused(sign(intent(PAYER, 0)), IntentFailure::PayerInactive);
		Suspended::set(&vec![]);
		assert_eq!(submit(sign(intent(PAYER, 0))), Ok(()));
		assert_refused(sign(intent(MACHINES, 0)), IntentFailure::UnknownPayer);
	});
}

#[test]
fn intent_should_be_refused_when_another_key_signed() {
	build_and_execute(|| {
		let good = intent(PAYER, 0);
		let payload = good.signing_payload(&PaymentIntents::genesis_hash());
		let by = |signature| SignedIntent { intent: good.clone(), signature };
		for other in 1..MACHINES {
			let signature = Device::present(other).sign(&payload);
			assert_refused(by(signature), IntentFailure::InvalidProof);
		}
		let Signature::Ed25519(bytes) = Device::present(PAYER).sign(&payload) else {
			unreachable!("the payer has an Ed25519 key")
		};
		assert_refused(by(Signature::Sr25519(bytes)), IntentFailure::InvalidProof);
		let stranger = ed25519::Pair::from_seed(&[9; 32]).sign(&payload).0;
		assert_refused(by(Signature::Ed25519(stranger)), IntentFailure::InvalidProof);
		assert_eq!(submit(by(Signature::Ed25519(bytes))), Ok(()));
	});
}

#[test]
fn intent_should_be_refused_when_anything_signed_is_changed() {
	build_and_execute(|| {
		let good = sign(intent(PAYER, 0));
		let changes: [fn(&mut Intent); 8] = [
			|intent| intent.payee = Payee::Machine(4),
			|intent| intent.payee = Payee::Account(gateway().into()),
			|intent| intent.amount += 1,
			|intent| intent.relay_fee += 1,
			|intent| intent.relay_fee = 0,
			|intent| intent.valid_from -= 1,
			|intent| intent.valid_until += 1,
			|intent| intent.nonce += 1,
		];
		for change in changes {
			let mut changed = good.clone();
			change(&mut changed.intent);
			assert_refused(changed, IntentFailure::InvalidProof);
		}
		// Machines 0 and 3 sign on the same curve.
		let mut changed = sign(Intent { payee: Payee::Machine(1), ..intent(PAYER, 0) });
		changed.intent.payer = 3;
		assert_refused(changed, IntentFailure::InvalidProof);
		assert_eq!(submit(good), Ok(()));
	});
}

#[test]
fn intent_should_be_refused_when_the_payee_cannot_be_paid() {
	build_and_execute(|| {
		for relay_fee in [0, RELAY_FEE] {
			let to = |payee, amount| sign(Intent { payee, amount, relay_fee, ..intent(PAYER, 0) });
			let failure = IntentFailure::Payment;
			assert_refused(
				to(Payee::Machine(MACHINES), AMOUNT),
				failure(PaymentFailure::UnknownMachine),
			);
			assert_refused(
				to(Payee::Account(newcomer().into()), MINIMUM - 1),
				failure(PaymentFailure::BelowMinimum),
			);
			Blocked::set(&vec![MockMachines::account(PAYEE)]);
			assert_refused(
				to(Payee::Machine(PAYEE), AMOUNT),
				failure(PaymentFailure::PayeeUnavailable),
			);
			Blocked::set(&vec![]);
		}
	});
}

#[test]
fn intent_should_be_refused_when_the_relayer_cannot_be_paid() {
	build_and_execute(|| {
		let good = || sign(intent(PAYER, 0));
		let failure = IntentFailure::RelayFee;
		let small = sign(Intent { relay_fee: MINIMUM - 1, ..intent(PAYER, 0) });
		assert_refused_by(newcomer(), small, failure(PaymentFailure::BelowMinimum));
		Blocked::set(&vec![gateway()]);
		assert_refused(good(), failure(PaymentFailure::PayeeUnavailable));
		// Another one can submit it.
		settle_by(newcomer(), vec![good()]);
		assert_eq!(balance(&newcomer()), RELAY_FEE);
	});
}

#[test]
fn failed_intent_should_be_good_for_another_try() {
	build_and_execute(|| {
		let poor = 2;
		let rich = Intent { payee: Payee::Machine(poor), amount: 500, ..intent(PAYER, 0) };
		let all = sign(Intent { amount: FUNDS, ..intent(poor, 0) });
		let reason = IntentFailure::Payment(PaymentFailure::InsufficientFunds);
		assert_refused(all.clone(), reason);
		// In one batch, what comes first pays for what follows.
		assert_eq!(submit_by(gateway(), vec![all.clone(), sign(rich), all]), [(0, reason)]);
		assert_eq!(wallet(PAYEE), 2 * FUNDS);
	});
}

#[test]
fn nonce_should_be_refused_when_it_is_out_of_the_window() {
	build_and_execute(|| {
		let furthest = 255 + MAX_STEP;
		assert_refused(sign(intent(PAYER, furthest + 1)), IntentFailure::NonceTooFar);
		assert_refused(sign(intent(PAYER, u64::MAX)), IntentFailure::NonceTooFar);
		assert_eq!(submit(sign(intent(PAYER, furthest))), Ok(()));
		assert_refused(sign(intent(PAYER, MAX_STEP - 1)), IntentFailure::NonceTooOld);
		assert_eq!(submit(sign(intent(PAYER, MAX_STEP))), Ok(()));
		// Every machine counts for itself.
		assert_eq!(submit(sign(intent(1, 0))), Ok(()));
	});
}
