//! An intent happens once, and on one chain.

use super::*;
use pallet_dam_traits::OnMachineChange;

/// The order of secp256k1's group.
const ORDER: [u8; 32] = [
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe,
	0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41,
];

/// The other ECDSA signature that recovers to the same key: `(r, n − s)`, with the other parity.
fn twin(signature: Signature) -> Signature {
	let Signature::Ecdsa(mut bytes) = signature else { unreachable!("only ECDSA has a twin") };
	let mut borrow = 0;
	for at in (0..32).rev() {
		let digit = i16::from(ORDER[at]) - i16::from(bytes[32 + at]) - borrow;
		borrow = i16::from(digit < 0);
		bytes[32 + at] = digit.rem_euclid(256) as u8;
	}
	bytes[64] ^= 1;
	Signature::Ecdsa(bytes)
}

#[test]
fn intent_should_settle_once_on_every_curve() {
	build_and_execute(|| {
		for payer in 0..3 {
			let signed = sign(intent(payer, 7));
			let failed = submit_by(gateway(), vec![signed.clone(), signed.clone()]);
			assert_eq!(failed, [(1, IntentFailure::NonceUsed)]);
			assert_refused(signed.clone(), IntentFailure::NonceUsed);
			assert_refused_by(key(4), signed, IntentFailure::NonceUsed);
			// Nor does another one of the same nonce.
			let other = sign(Intent { amount: 1, ..intent(payer, 7) });
			assert_refused(other, IntentFailure::NonceUsed);
			assert_eq!(wallet(payer), FUNDS - AMOUNT - RELAY_FEE);
		}
	});
}

#[test]
fn intent_should_settle_once_whatever_becomes_of_its_signature() {
	build_and_execute(|| {
		let signed = sign(intent(2, 0));
		let mut other = signed.clone();
		other.signature = twin(signed.signature);
		assert_ne!(other, signed);
		// Whether or not the twin is good enough: they are not good for two payments.
		let failed = submit_by(gateway(), vec![other.clone(), signed, other]);
		assert_eq!(failed.len(), 2);
		assert_eq!(income(PAYEE), AMOUNT);
	});
}

#[test]
fn intent_should_be_refused_on_another_chain() {
	build_and_execute(|| {
		let good = intent(PAYER, 0);
		let signature = Device::present(PAYER).sign(&good.signing_payload(&[1; 32]));
		assert_refused(SignedIntent { intent: good, signature }, IntentFailure::InvalidProof);
	});
}

#[test]
fn other_signed_bytes_should_be_no_intent() {
	build_and_execute(|| {
		let good = intent(PAYER, 0);
		let payload = good.signing_payload(&PaymentIntents::genesis_hash());
		for bytes in [&payload[16..], &payload[48..], &payload[..payload.len() - 1], &[]] {
			let signature = Device::present(PAYER).sign(bytes);
			let signed = SignedIntent { intent: good.clone(), signature };
			assert_refused(signed, IntentFailure::InvalidProof);
		}
	});
}

#[test]
fn intents_should_settle_in_any_order() {
	build_and_execute(|| {
		let intents = [9, 200, 0, 255, 8, 17].map(|nonce| sign(intent(PAYER, nonce)));
		settle_by(gateway(), intents.to_vec());
		let failed = submit_by(gateway(), intents.iter().rev().cloned().collect());
		assert_eq!(failed.len(), intents.len());
		assert_eq!(income(PAYEE), 6 * AMOUNT);
	});
}

#[test]
fn higher_nonce_should_give_up_those_far_below() {
	build_and_execute(|| {
		assert_eq!(submit(sign(intent(PAYER, 1_000))), Ok(()));
		for nonce in [0, 744] {
			assert_refused(sign(intent(PAYER, nonce)), IntentFailure::NonceTooOld);
		}
		assert_eq!(submit(sign(intent(PAYER, 745))), Ok(()));
	});
}

#[test]
fn replaced_key_should_make_its_intents_void() {
	build_and_execute(|| {
		let before = sign(intent(PAYER, 1));
		let settled = sign(intent(PAYER, 0));
		assert_eq!(submit(settled.clone()), Ok(()));
		rotate(PAYER);
		assert_refused(before, IntentFailure::InvalidProof);
		// What was used stays used for the new key.
		assert_refused(settled, IntentFailure::NonceUsed);
		assert_refused(sign(intent(PAYER, 0)), IntentFailure::NonceUsed);
		assert_eq!(submit(sign(intent(PAYER, 1))), Ok(()));
	});
}

#[test]
fn retired_machine_should_leave_nothing_and_never_pay_again() {
	build_and_execute(|| {
		let signed = sign(intent(PAYER, 0));
		assert_eq!(submit(signed.clone()), Ok(()));
		assert_eq!(submit(sign(intent(1, 0))), Ok(()));
		assert_ok!(<PaymentIntents as OnMachineChange<AccountId>>::on_retire(PAYER));
		Retired::set(&vec![PAYER]);
		assert_eq!(windows().into_keys().collect::<Vec<_>>(), [1]);
		for intent in [signed, sign(intent(PAYER, 1))] {
			assert_refused(intent, IntentFailure::UnknownPayer);
		}
	});
}
