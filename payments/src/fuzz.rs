//! Targets for fuzzers: each takes any bytes, and panics if a law of the formats is broken.
//!
//! They are plain functions, so that any fuzzer can drive them. The tests do, with random bytes and
//! with valid encodings that were tampered with.

use codec::{Decode, DecodeAll, Encode, MaxEncodedLen};
use dam_primitives::{
	channel::MAX_HASHES_PER_CLAIM,
	crypto::VerifySignature,
	exchange::Answer,
	intent::IntentBatch,
	voucher::{VoucherBatch, PAYLOAD_BYTES},
	Channel, ChannelPayment, Intent, Lock, PublicKey, RevealedLink, Signature, SignedIntent,
	SignedVoucher, Voucher,
};

use crate::{acceptor::record::Record, ChannelState, Limits};

/// Decodes a voucher; checks that it has one encoding and one payload, which is about it alone.
pub fn fuzz_voucher(bytes: &[u8]) {
	let Some(voucher) = canonical::<SignedVoucher>(bytes) else { return };
	let payload = Voucher::new([0; 32], voucher.channel, voucher.amount).signing_payload();
	assert_eq!(payload.len(), PAYLOAD_BYTES);
	assert_eq!(payload[48..56], voucher.channel.to_le_bytes());
	assert_eq!(payload[56..], voucher.amount.to_le_bytes());
	let _ = voucher.check([0; 32], &channel(voucher.channel), 0, 0, &Nobody);
}

/// Decodes a link.
pub fn fuzz_link(bytes: &[u8]) {
	canonical::<RevealedLink>(bytes);
}

/// Decodes what payer and payee send each other.
pub fn fuzz_exchange(bytes: &[u8]) {
	canonical::<ChannelPayment>(bytes);
	canonical::<Answer>(bytes);
}

/// Decodes an intent; checks that it has one encoding, that its payload holds exactly that, and that
/// its checks take any numbers.
pub fn fuzz_intent(bytes: &[u8]) {
	let Some(signed) = canonical::<SignedIntent>(bytes) else { return };
	let payload = signed.intent.signing_payload(&[0; 32]);
	assert_eq!(Intent::decode_all(&mut &payload[48..]).as_ref(), Ok(&signed.intent));
	for now in [0, signed.intent.valid_from, signed.intent.valid_until, u32::MAX] {
		let key = PublicKey::Ed25519([0; 32]);
		assert!(signed.check(&[0; 32], &key, now, &Nobody).is_err(), "nobody signed it");
	}
}

/// Decodes batches of vouchers and of intents; checks that they are bounded before they are read.
pub fn fuzz_batch(bytes: &[u8]) {
	if let Some(batch) = canonical::<VoucherBatch>(bytes) {
		batch.iter().for_each(|voucher| fuzz_voucher(&voucher.encode()));
	}
	if let Some(batch) = canonical::<IntentBatch>(bytes) {
		batch.iter().for_each(|intent| fuzz_intent(&intent.encode()));
	}
}

/// Decodes what a payee's store keeps of a channel; checks that whatever is believed can be used.
pub fn fuzz_record(bytes: &[u8]) {
	let Ok(record) = Record::decode_all(&mut &bytes[..]) else { return };
	assert_eq!(record.encode(), bytes, "a second encoding of the same record");
	if !record.is_sound() {
		return;
	}
	let limits = Limits::default();
	for now in [0, record.state.at, u32::MAX] {
		let _ = record.check_time(now, &limits);
	}
	let unsettled = record.accepted.checked_sub(record.state.channel.settled);
	assert_eq!(Some(record.unsettled()), unsettled);
	assert_eq!(record.is_far(), record.hashes() >= MAX_HASHES_PER_CLAIM);
	assert!(record.hashes() == 0 || record.receiver(&limits).is_some());
	// The same state again, and that of a block in which nothing that is under way is alive.
	for at in [record.state.at, u32::MAX] {
		let mut later = record.clone();
		let state = ChannelState { at, ..record.state.clone() };
		assert_eq!(later.observe(state), Ok(()));
		assert!(later.is_sound(), "{later:?}");
		assert_eq!(later.accepted, record.accepted);
	}
}

/// What the bytes decode to, if to anything. Whatever decodes must encode to the same bytes: else two
/// byte strings would be one voucher, and copies could not be told from originals.
fn canonical<T: Decode + Encode + MaxEncodedLen>(bytes: &[u8]) -> Option<T> {
	let value = T::decode_all(&mut &bytes[..]).ok()?;
	assert_eq!(value.encode(), bytes, "a second encoding of the same value");
	assert!(bytes.len() <= T::max_encoded_len(), "longer than the bound");
	Some(value)
}

/// A channel that the number picks the kind of.
fn channel(number: u64) -> Channel<[u8; 32]> {
	let lock = match number % 2 {
		0 => Lock::Vouchers { signer: PublicKey::Ed25519([0; 32]) },
		_ => Lock::HashChain { link: [0; 32], index: 0, length: u32::MAX, unit: u128::MAX },
	};
	Channel {
		payer: 0,
		payee: dam_primitives::Payee::Machine(1),
		deposit: u128::MAX,
		settled: 0,
		lock,
		grace: 0,
		closing: None,
		storage_deposit: 0,
	}
}

/// Has signed nothing.
struct Nobody;
impl VerifySignature for Nobody {
	fn verify(&self, _: &PublicKey, _: &[u8], _: &Signature) -> bool {
		false
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use dam_primitives::Payee;
	use proptest::{collection::vec, prelude::*};

	fn signature() -> impl Strategy<Value = Signature> {
		prop_oneof![
			any::<[u8; 64]>().prop_map(Signature::Ed25519),
			any::<[u8; 64]>().prop_map(Signature::Sr25519),
			any::<[u8; 65]>().prop_map(Signature::Ecdsa),
		]
	}

	fn voucher() -> impl Strategy<Value = SignedVoucher> {
		(any::<u64>(), any::<u128>(), 0u32..64, 0u32..128, signature()).prop_map(
			|(channel, amount, short, shorter, signature)| SignedVoucher {
				channel: channel >> short,
				amount: amount >> shorter,
				signature,
			},
		)
	}

	fn intent() -> impl Strategy<Value = SignedIntent> {
		let payee = prop_oneof![
			any::<u64>().prop_map(Payee::Machine),
			any::<[u8; 32]>().prop_map(Payee::Account),
		];
		let numbers = any::<(u64, u128, u128, u32, u32, u64)>();
		(payee, numbers, signature()).prop_map(|(payee, numbers, signature)| {
			let (payer, amount, relay_fee, valid_from, valid_until, nonce) = numbers;
			let intent = Intent { payer, payee, amount, relay_fee, valid_from, valid_until, nonce };
			SignedIntent { intent, signature }
		})
	}

	/// Changes, cuts and extends.
	fn tamper(mut bytes: Vec<u8>, at: prop::sample::Index, with: u8, cut: bool) -> Vec<u8> {
		if !bytes.is_empty() {
			let at = at.index(bytes.len());
			bytes[at] ^= with;
			if cut {
				bytes.truncate(at);
			}
		}
		bytes
	}

	fn record() -> impl Strategy<Value = Record> {
		use crate::acceptor::record::{Proof, Submission};
		let numbers = any::<(u64, u32, u32, u32, bool, Option<u32>)>();
		// Small, so that they are often in order.
		let amounts = proptest::array::uniform4(0u32..6);
		(numbers, amounts, any::<bool>(), signature(), any::<Option<u32>>()).prop_map(
			|(numbers, mut amounts, links, signature, closing)| {
				let (payer, at, until, retry_at, finished, since) = numbers;
				amounts.sort_unstable();
				let [settled, submitted, accepted, deposit] = amounts;
				let unit = if links { 7 } else { 1 };
				let proof = |index: u32| match links {
					true => Proof::Link(index, [index as u8; 32]),
					false => Proof::Voucher(signature),
				};
				let amount = |index: u32| u128::from(index) * unit;
				let lock = match links {
					true => Lock::HashChain { link: [0; 32], index: settled, length: 5, unit },
					false => Lock::Vouchers { signer: PublicKey::Ed25519([0; 32]) },
				};
				let channel = Channel {
					payer,
					payee: Payee::Machine(1),
					deposit: amount(deposit),
					settled: amount(settled),
					lock,
					grace: until,
					closing,
					storage_deposit: 0,
				};
				Record {
					state: ChannelState { channel, signer_until: closing, at },
					accepted: amount(accepted),
					proof: (accepted > settled).then(|| proof(accepted)),
					since: since.filter(|_| accepted > submitted),
					submitted: (submitted > settled).then(|| Submission {
						batch: 1,
						position: 2,
						amount: amount(submitted),
						proof: proof(submitted),
						since: 3,
						until,
					}),
					finished,
					failures: until,
					retry_at,
				}
			},
		)
	}

	fn all(bytes: &[u8]) {
		fuzz_voucher(bytes);
		fuzz_link(bytes);
		fuzz_exchange(bytes);
		fuzz_intent(bytes);
		fuzz_batch(bytes);
		fuzz_record(bytes);
	}

	proptest! {
		#![proptest_config(crate::tests::cases(2_000))]

		#[test]
		fn decoders_should_hold_their_laws_when_fed_anything(bytes in vec(any::<u8>(), 0..400)) {
			all(&bytes);
		}

		#[test]
		fn decoders_should_hold_their_laws_when_fed_tampered_vouchers(
			vouchers in vec(voucher(), 0..4),
			at: prop::sample::Index,
			with: u8,
			cut: bool,
		) {
			for voucher in &vouchers {
				prop_assert_eq!(SignedVoucher::decode_all(&mut &voucher.encode()[..]), Ok(*voucher));
				fuzz_voucher(&tamper(voucher.encode(), at, with, cut));
				fuzz_exchange(&tamper(ChannelPayment::Voucher(*voucher).encode(), at, with, cut));
			}
			all(&tamper(vouchers.encode(), at, with, cut));
		}

		#[test]
		fn decoders_should_hold_their_laws_when_fed_tampered_intents(
			intents in vec(intent(), 0..4),
			at: prop::sample::Index,
			with: u8,
			cut: bool,
		) {
			for intent in &intents {
				let decoded = SignedIntent::decode_all(&mut &intent.encode()[..]);
				prop_assert_eq!(decoded.as_ref(), Ok(intent));
				fuzz_intent(&tamper(intent.encode(), at, with, cut));
			}
			all(&tamper(intents.encode(), at, with, cut));
		}

		#[test]
		fn records_should_hold_their_laws_when_tampered_with(
			record in record(),
			at: prop::sample::Index,
			with: u8,
			cut: bool,
		) {
			fuzz_record(&record.encode());
			all(&tamper(record.encode(), at, with, cut));
		}

		#[test]
		fn batches_should_be_refused_when_they_are_too_long(more in 1u32..1_000) {
			let mut bytes = codec::Compact(512 + more).encode();
			bytes.resize(bytes.len() + (512 + more as usize) * 67, 0);
			prop_assert!(VoucherBatch::decode_all(&mut &bytes[..]).is_err());
			prop_assert!(IntentBatch::decode_all(&mut &bytes[..]).is_err());
			fuzz_batch(&bytes);
		}
	}
}
