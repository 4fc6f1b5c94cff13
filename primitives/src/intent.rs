//! Intents: payments that a device signs offline and anybody may submit for it.
//!
//! The device hands the signed intent to a gateway. The gateway submits it, alone or with hundreds
//! of others, within the blocks that the intent names; the payee gets `amount`, whoever submits it
//! gets `relay_fee`, and the nonce makes sure that it happens once. Intents have no order; see
//! [`NonceWindow`](crate::window::NonceWindow) for how far apart the nonces of those may be that are
//! about at a time.
//!
//! Unlike a voucher, an intent draws on the machine's wallet when it is submitted: until then it is
//! a wish, not money. Nobody should hand over goods for one that is not final.

use alloc::vec::Vec;
use bounded_collections::{BoundedVec, ConstU32};
use codec::{Compact, Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::{
	crypto::VerifySignature,
	machine::{machine_at, MachineId},
	Payee, PaymentFailure, PublicKey, Signature,
};

/// Separates intents from everything else that a key ever signs; see
/// [`crate::registration::DOMAIN`].
pub const DOMAIN: [u8; 16] = *b"dam/intent/v1\0\0\0";
/// Most intents that one transaction carries. As many, at their dearest, fit into a block with room to
/// spare, and a gateway with a full bucket submits them without a fee.
pub const MAX_INTENTS: u32 = 256;
/// Most blocks from the first to the last in which an intent is taken: seven days of one a second. So
/// one that was lost or leaked dies.
pub const MAX_LIFETIME: u32 = 7 * 24 * 60 * 60;
/// Most nonces that one transaction cancels.
pub const MAX_CANCELLED: u32 = 64;

/// A payment as its payer wants it.
///
/// The encoding is the signed bytes without domain and genesis hash: 58 to 89 bytes, the numbers of
/// fixed width in little endian.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Intent {
	/// The machine that pays. The key that signs must be its payment key.
	pub payer: MachineId,
	/// Who is paid.
	pub payee: Payee<[u8; 32]>,
	/// How much, in units of 0.000001 USDT. Never zero.
	pub amount: u128,
	/// What whoever submits the intent gets on top, in units of 0.000001 USDT. May be zero.
	pub relay_fee: u128,
	/// First block in which the intent is taken.
	pub valid_from: u32,
	/// Last block in which the intent is taken, at most [`MAX_LIFETIME`] after the first.
	pub valid_until: u32,
	/// Makes the intent one of its kind: a payer uses no nonce twice.
	pub nonce: u64,
}

impl Intent {
	/// The bytes to sign, as they stand: domain, genesis hash, then the encoding. At most 137.
	pub fn signing_payload(&self, genesis_hash: &[u8; 32]) -> Vec<u8> {
		let mut payload = Vec::with_capacity(48 + Self::max_encoded_len());
		payload.extend_from_slice(&DOMAIN);
		payload.extend_from_slice(genesis_hash);
		self.encode_to(&mut payload);
		payload
	}

	/// What leaves the payer's wallet: amount and relay fee. `None` is more than there can be.
	pub const fn total(&self) -> Option<u128> {
		self.amount.checked_add(self.relay_fee)
	}

	/// Whether the intent makes sense and may be submitted in block `now`.
	///
	/// # Errors
	/// Why not.
	pub fn check(&self, now: u32) -> Result<(), IntentFailure> {
		if self.amount == 0 {
			return Err(IntentFailure::ZeroAmount);
		}
		if self.total().is_none() {
			return Err(IntentFailure::Overflow);
		}
		if self.pays_itself() {
			return Err(IntentFailure::SelfPayment);
		}
		if now > self.valid_until || self.valid_from > self.valid_until {
			return Err(IntentFailure::Expired);
		}
		if self.valid_until.saturating_sub(self.valid_from) > MAX_LIFETIME {
			return Err(IntentFailure::LifetimeTooLong);
		}
		if now < self.valid_from {
			return Err(IntentFailure::NotYetValid);
		}
		Ok(())
	}

	/// By number or by the address of its wallet.
	fn pays_itself(&self) -> bool {
		match &self.payee {
			Payee::Machine(payee) => *payee == self.payer,
			Payee::Account(account) => machine_at(account) == Some(self.payer),
		}
	}
}

/// An intent as it is handed over: 123 to 155 bytes.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct SignedIntent {
	/// What is wanted.
	pub intent: Intent,
	/// Of [`Intent::signing_payload`], by the payer's payment key.
	pub signature: Signature,
}

/// The intents of one transaction.
pub type IntentBatch = BoundedVec<SignedIntent, ConstU32<MAX_INTENTS>>;

impl SignedIntent {
	/// Whether the chain with that genesis hash would take the intent in block `now`, as far as the
	/// intent itself tells: whether the nonce is unused, and whether the payer has the money, is for
	/// the chain to say. `key` is the payer's payment key.
	///
	/// # Errors
	/// Why not. The signature is checked last, since that is what costs.
	pub fn check(
		&self,
		genesis_hash: &[u8; 32],
		key: &PublicKey,
		now: u32,
		verifier: &impl VerifySignature,
	) -> Result<(), IntentFailure> {
		self.intent.check(now)?;
		if !self.is_signed_by(genesis_hash, key, verifier) {
			return Err(IntentFailure::InvalidProof);
		}
		Ok(())
	}

	/// Whether `key` signed the intent for the chain with that genesis hash.
	pub fn is_signed_by(
		&self,
		genesis_hash: &[u8; 32],
		key: &PublicKey,
		verifier: &impl VerifySignature,
	) -> bool {
		let payload = self.intent.signing_payload(genesis_hash);
		verifier.verify(key, &payload, &self.signature)
	}
}

/// Why an intent cannot be submitted, or was not settled.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
pub enum IntentFailure {
	/// The amount is zero.
	ZeroAmount,
	/// Amount and relay fee together are more than there can be.
	Overflow,
	/// The payer would pay itself.
	SelfPayment,
	/// From its first to its last block it is more than [`MAX_LIFETIME`].
	LifetimeTooLong,
	/// Its first block is not reached.
	NotYetValid,
	/// Its last block is past, or comes before its first.
	Expired,
	/// The signature is not the payer's, for exactly this intent, on this chain. It is no longer the
	/// payer's once its payment key was replaced.
	InvalidProof,
	/// No such payer, or it is retired.
	UnknownPayer,
	/// The payer is suspended, or its keys are frozen.
	PayerInactive,
	/// The nonce was used, by this intent, by another one or by a cancellation.
	NonceUsed,
	/// The nonce is too far below the highest that was used.
	NonceTooOld,
	/// The nonce is too far above the highest that was used.
	NonceTooFar,
	/// The payment itself is not possible.
	Payment(PaymentFailure),
	/// Whoever submits the intent cannot be paid the relay fee.
	RelayFee(PaymentFailure),
}

impl IntentFailure {
	/// What happened and what to do, in a sentence.
	pub const fn explain(self) -> &'static str {
		match self {
			Self::ZeroAmount => "the amount is zero: pay at least 0.000001 USDT",
			Self::Overflow => {
				"amount and relay fee together are more than there can be: check both"
			},
			Self::SelfPayment => "payer and payee are the same: name another payee",
			Self::LifetimeTooLong => {
				"the intent is valid for more than seven days: have the payer sign a shorter one"
			},
			Self::NotYetValid => "the intent is not valid yet: keep it until its first block",
			Self::Expired => "the intent is no longer valid: have the payer sign another",
			Self::InvalidProof => {
				"the signature is not the payer's for this intent and chain: do not accept it"
			},
			Self::UnknownPayer => "no machine of that number pays: check the payer",
			Self::PayerInactive => {
				"the payer is suspended or its keys are frozen: try again when it may spend"
			},
			Self::NonceUsed => "the nonce was used: the intent was settled before, or is void",
			Self::NonceTooOld => {
				"the nonce is too far below others that were used: have the payer sign another"
			},
			Self::NonceTooFar => {
				"the nonce is too far above others that were used: have the payer count from them"
			},
			Self::Payment(failure) => failure.explain(),
			Self::RelayFee(PaymentFailure::BelowMinimum) => {
				"the relay fee is too small to open the relayer's account: fund the account first"
			},
			Self::RelayFee(_) => {
				"the relayer's account cannot take the relay fee: submit from another"
			},
		}
	}
}

/// An intent of a batch that was not settled.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct FailedIntent {
	/// Position in the batch, from 0.
	#[codec(compact)]
	pub index: u32,
	/// Why.
	pub reason: IntentFailure,
}

/// Not derived: the derived one takes compact numbers for fixed ones.
impl MaxEncodedLen for FailedIntent {
	fn max_encoded_len() -> usize {
		Compact::<u32>::max_encoded_len().saturating_add(IntentFailure::max_encoded_len())
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::machine_account;
	use alloc::vec;
	use codec::DecodeAll;

	fn intent() -> Intent {
		Intent {
			payer: 0x102,
			payee: Payee::Machine(300),
			amount: 3 | 4 << 120,
			relay_fee: 5,
			valid_from: 10,
			valid_until: 20,
			nonce: 0x607,
		}
	}

	struct Only(Signature, Vec<u8>);
	impl VerifySignature for Only {
		fn verify(&self, _: &PublicKey, message: &[u8], signature: &Signature) -> bool {
			(signature, message) == (&self.0, &self.1[..])
		}
	}

	#[test]
	fn payload_should_keep_its_layout() {
		let mut expected = b"dam/intent/v1\0\0\0".to_vec();
		expected.extend([1; 32]);
		expected.extend([2, 1, 0, 0, 0, 0, 0, 0]);
		expected.extend([0, 0xb1, 0x04]);
		expected.extend([3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4]);
		expected.extend([5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
		expected.extend([10, 0, 0, 0, 20, 0, 0, 0]);
		expected.extend([7, 6, 0, 0, 0, 0, 0, 0]);
		assert_eq!(intent().signing_payload(&[1; 32]), expected);
		assert_eq!(intent().encode(), expected[48..]);

		let to_account = Intent { payee: Payee::Account([9; 32]), ..intent() };
		expected.splice(56..59, [1].into_iter().chain([9; 32]));
		assert_eq!(to_account.signing_payload(&[1; 32]), expected);
		assert_eq!(expected.len(), 137);
	}

	#[test]
	fn signed_intent_should_keep_its_layout() {
		let signed = SignedIntent { intent: intent(), signature: Signature::Sr25519([9; 64]) };
		let mut expected = intent().encode();
		expected.push(1);
		expected.extend([9; 64]);
		assert_eq!(signed.encode(), expected);
		assert_eq!(SignedIntent::decode_all(&mut &expected[..]), Ok(signed.clone()));
		assert!(SignedIntent::decode_all(&mut &expected[..expected.len() - 1]).is_err());
		let shortest = Intent { payee: Payee::Machine(0), ..intent() };
		assert_eq!(shortest.encoded_size() + 65, 123);
		let longest = SignedIntent {
			intent: Intent { payee: Payee::Account([0; 32]), ..intent() },
			signature: Signature::Ecdsa([0; 65]),
		};
		assert_eq!(longest.encoded_size(), 155);
		assert_eq!(SignedIntent::max_encoded_len(), 155);
	}

	#[test]
	fn intent_should_be_valid_from_its_first_to_its_last_block() {
		for (now, expected) in [
			(0, Err(IntentFailure::NotYetValid)),
			(9, Err(IntentFailure::NotYetValid)),
			(10, Ok(())),
			(20, Ok(())),
			(21, Err(IntentFailure::Expired)),
			(u32::MAX, Err(IntentFailure::Expired)),
		] {
			assert_eq!(intent().check(now), expected, "{now}");
		}
		let never = Intent { valid_from: 21, ..intent() };
		for now in [19, 20, 21, 22] {
			assert_eq!(never.check(now), Err(IntentFailure::Expired));
		}
	}

	#[test]
	fn intent_should_live_for_seven_days_at_most() {
		for (valid_from, lifetime) in [(0, MAX_LIFETIME), (1_000, MAX_LIFETIME), (50, 0)] {
			let longest = Intent { valid_from, valid_until: valid_from + lifetime, ..intent() };
			assert_eq!(longest.check(valid_from), Ok(()));
			assert_eq!(longest.check(valid_from + lifetime), Ok(()));
		}
		let too_long = Intent { valid_from: 10, valid_until: 11 + MAX_LIFETIME, ..intent() };
		// Not even in its last seconds, when less than seven days are left.
		for now in [9, 10, MAX_LIFETIME, 11 + MAX_LIFETIME] {
			assert_eq!(too_long.check(now), Err(IntentFailure::LifetimeTooLong));
		}
		let for_ever = Intent { valid_from: 0, valid_until: u32::MAX, ..intent() };
		assert_eq!(for_ever.check(u32::MAX), Err(IntentFailure::LifetimeTooLong));
	}

	#[test]
	fn intent_should_be_refused_when_it_makes_no_sense() {
		let at = |intent: Intent| intent.check(15);
		assert_eq!(at(Intent { amount: 0, ..intent() }), Err(IntentFailure::ZeroAmount));
		let too_much = Intent { amount: u128::MAX, relay_fee: 1, ..intent() };
		assert_eq!(at(too_much), Err(IntentFailure::Overflow));
		for payee in [Payee::Machine(0x102), Payee::Account(machine_account(0x102))] {
			assert_eq!(at(Intent { payee, ..intent() }), Err(IntentFailure::SelfPayment));
		}
		at(Intent { payee: Payee::Account(machine_account(0x103)), ..intent() }).unwrap();
	}

	#[test]
	fn intent_should_be_refused_when_anything_it_covers_is_changed() {
		let signature = Signature::Ed25519([9; 64]);
		let verifier = Only(signature, intent().signing_payload(&[1; 32]));
		let key = PublicKey::Ed25519([7; 32]);
		let check = |intent: Intent, genesis: [u8; 32]| {
			SignedIntent { intent, signature }.check(&genesis, &key, 15, &verifier)
		};
		assert_eq!(check(intent(), [1; 32]), Ok(()));
		assert_eq!(check(intent(), [2; 32]), Err(IntentFailure::InvalidProof));
		let altered = vec![
			Intent { payer: 1, ..intent() },
			Intent { payee: Payee::Machine(301), ..intent() },
			Intent { amount: 1, ..intent() },
			Intent { relay_fee: 6, ..intent() },
			Intent { valid_from: 9, ..intent() },
			Intent { valid_until: 21, ..intent() },
			Intent { nonce: 1, ..intent() },
		];
		for intent in altered {
			assert_eq!(check(intent, [1; 32]), Err(IntentFailure::InvalidProof));
		}
	}

	#[test]
	fn failures_should_say_what_to_do() {
		for failure in [
			IntentFailure::ZeroAmount,
			IntentFailure::Overflow,
			IntentFailure::SelfPayment,
			IntentFailure::LifetimeTooLong,
			IntentFailure::NotYetValid,
			IntentFailure::Expired,
			IntentFailure::InvalidProof,
			IntentFailure::UnknownPayer,
			IntentFailure::PayerInactive,
			IntentFailure::NonceUsed,
			IntentFailure::NonceTooOld,
			IntentFailure::NonceTooFar,
			IntentFailure::Payment(PaymentFailure::InsufficientFunds),
			IntentFailure::RelayFee(PaymentFailure::BelowMinimum),
			IntentFailure::RelayFee(PaymentFailure::PayeeUnavailable),
		] {
			assert!(failure.explain().contains(": "), "{failure:?}");
		}
	}

	#[test]
	fn failed_intents_should_keep_their_layout() {
		let failed = |reason| FailedIntent { index: 1, reason };
		assert_eq!(failed(IntentFailure::ZeroAmount).encode(), [4, 0]);
		assert_eq!(failed(IntentFailure::InvalidProof).encode(), [4, 6]);
		let payment = IntentFailure::Payment(PaymentFailure::SelfPayment);
		assert_eq!(failed(payment).encode(), [4, 12, 2]);
		let relay_fee = IntentFailure::RelayFee(PaymentFailure::BelowMinimum);
		assert_eq!(failed(relay_fee).encode(), [4, 13, 5]);
		assert_eq!(FailedIntent::max_encoded_len(), 7);
	}
}
