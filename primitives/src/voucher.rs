//! Vouchers: signed promises of a cumulative amount out of a payment channel.
//!
//! A voucher is worth what it says above the last one that was accepted. A later voucher replaces
//! all earlier ones, so whoever is paid keeps one, however many were given.

use bounded_collections::{BoundedVec, ConstU32};
use codec::{Compact, Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::{
	channel::MAX_CLAIMS, crypto::VerifySignature, Channel, ChannelId, ClaimFailure, Lock, Signature,
};

/// Separates vouchers from everything else that a key ever signs; see
/// [`crate::registration::DOMAIN`].
pub const DOMAIN: [u8; 16] = *b"dam/voucher/v1\0\0";
/// Separates close agreements from everything else that a key ever signs.
pub const CLOSE_DOMAIN: [u8; 16] = *b"dam/close/v1\0\0\0\0";

/// Bytes that are signed for a [`Voucher`] or a [`CloseAgreement`].
pub const PAYLOAD_BYTES: usize = 72;

/// A promise: out of `channel`, the payee may have `amount` in all.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Voucher {
	/// Hash of block 0: binds the voucher to one chain.
	pub genesis_hash: [u8; 32],
	/// Which channel. Numbers are never reused, so a voucher outlives no channel.
	pub channel: ChannelId,
	/// Cumulative, in units of 0.000001 USDT.
	pub amount: u128,
}

impl Voucher {
	/// Promises `amount` in all out of `channel`.
	pub const fn new(genesis_hash: [u8; 32], channel: ChannelId, amount: u128) -> Self {
		Self { genesis_hash, channel, amount }
	}

	/// The bytes to sign, as they stand: domain, genesis hash, channel and amount, the numbers in
	/// little endian.
	pub fn signing_payload(&self) -> [u8; PAYLOAD_BYTES] {
		payload(&DOMAIN, &self.genesis_hash, self.channel, self.amount)
	}
}

/// A payee's consent that the payer closes a channel at once: it has, or with the close gets, no
/// more than `settled` in all.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CloseAgreement {
	/// Hash of block 0: binds the agreement to one chain.
	pub genesis_hash: [u8; 32],
	/// Which channel.
	pub channel: ChannelId,
	/// What the payee gets out of the channel in all, in units of 0.000001 USDT.
	pub settled: u128,
}

impl CloseAgreement {
	/// Agrees to the end of `channel` with `settled` paid out.
	pub const fn new(genesis_hash: [u8; 32], channel: ChannelId, settled: u128) -> Self {
		Self { genesis_hash, channel, settled }
	}

	/// The bytes to sign, as they stand: domain, genesis hash, channel and amount, the numbers in
	/// little endian.
	pub fn signing_payload(&self) -> [u8; PAYLOAD_BYTES] {
		payload(&CLOSE_DOMAIN, &self.genesis_hash, self.channel, self.settled)
	}
}

fn payload(
	domain: &[u8; 16],
	genesis_hash: &[u8; 32],
	channel: ChannelId,
	amount: u128,
) -> [u8; PAYLOAD_BYTES] {
	let mut payload = [0; PAYLOAD_BYTES];
	payload[..16].copy_from_slice(domain);
	payload[16..48].copy_from_slice(genesis_hash);
	payload[48..56].copy_from_slice(&channel.to_le_bytes());
	payload[56..].copy_from_slice(&amount.to_le_bytes());
	payload
}

/// A voucher as it is handed over, and as it is claimed: 67 to 92 bytes.
///
/// The genesis hash is not sent. Both sides know their chain, and a voucher of another one fails
/// its signature.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct SignedVoucher {
	/// Which channel.
	#[codec(compact)]
	pub channel: ChannelId,
	/// Cumulative, in units of 0.000001 USDT.
	#[codec(compact)]
	pub amount: u128,
	/// Of [`Voucher::signing_payload`], by the key that the channel names.
	pub signature: Signature,
}

/// Not derived: the derived one takes compact numbers for fixed ones.
impl MaxEncodedLen for SignedVoucher {
	fn max_encoded_len() -> usize {
		Compact::<ChannelId>::max_encoded_len()
			.saturating_add(Compact::<u128>::max_encoded_len())
			.saturating_add(Signature::max_encoded_len())
	}
}

/// The vouchers of one `claim_batch`.
pub type VoucherBatch = BoundedVec<SignedVoucher, ConstU32<MAX_CLAIMS>>;

impl SignedVoucher {
	/// What was signed, on the chain with that genesis hash.
	pub const fn voucher(&self, genesis_hash: [u8; 32]) -> Voucher {
		Voucher::new(genesis_hash, self.channel, self.amount)
	}

	/// What the voucher is worth above `accepted`, if `channel`, which must be the one that it
	/// names, settles it in block `now`.
	///
	/// On chain `accepted` is zero, since what was settled is never worth anything again. A payee
	/// gives what it accepted before. Whether the key's horizon is past is for the caller to know.
	///
	/// # Errors
	/// Why it is worth nothing. The signature is checked last, since that is what costs.
	pub fn check<AccountId>(
		&self,
		genesis_hash: [u8; 32],
		channel: &Channel<AccountId>,
		accepted: u128,
		now: u32,
		verifier: &impl VerifySignature,
	) -> Result<u128, ClaimFailure> {
		let Lock::Vouchers { signer } = &channel.lock else {
			return Err(ClaimFailure::WrongTerms);
		};
		let worth = worth(channel, accepted, self.amount, now)?;
		let payload = self.voucher(genesis_hash).signing_payload();
		if !verifier.verify(signer, &payload, &self.signature) {
			return Err(ClaimFailure::InvalidProof);
		}
		Ok(worth)
	}
}

/// What a proof of `amount` in all is worth above what was settled and `accepted`, if `channel`
/// settles that much in block `now`.
///
/// # Errors
/// [`ClaimFailure::Closed`], [`ClaimFailure::ExceedsDeposit`], [`ClaimFailure::NothingNew`].
pub fn worth<AccountId>(
	channel: &Channel<AccountId>,
	accepted: u128,
	amount: u128,
	now: u32,
) -> Result<u128, ClaimFailure> {
	if channel.closing.is_some_and(|last_block| now > last_block) {
		return Err(ClaimFailure::Closed);
	}
	if amount > channel.deposit {
		return Err(ClaimFailure::ExceedsDeposit);
	}
	amount
		.checked_sub(accepted.max(channel.settled))
		.filter(|worth| *worth > 0)
		.ok_or(ClaimFailure::NothingNew)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{Payee, PublicKey};
	use alloc::vec;
	use codec::DecodeAll;

	/// A curve of its own: the signature is the first 64 bytes of the message, mixed with the key.
	struct Mirror;

	impl Mirror {
		fn sign(key: &PublicKey, message: &[u8]) -> Signature {
			let mut bytes = [0; 64];
			bytes.copy_from_slice(&message[8..]);
			bytes.iter_mut().zip(key.as_bytes()).for_each(|(byte, key)| *byte ^= key);
			Signature::Ed25519(bytes)
		}
	}

	impl VerifySignature for Mirror {
		fn verify(&self, key: &PublicKey, message: &[u8], signature: &Signature) -> bool {
			*signature == Self::sign(key, message)
		}
	}

	const HERE: [u8; 32] = [1; 32];
	const KEY: PublicKey = PublicKey::Ed25519([7; 32]);

	fn channel() -> Channel<[u8; 32]> {
		Channel {
			payer: 3,
			payee: Payee::Machine(4),
			deposit: 1_000,
			settled: 200,
			lock: Lock::Vouchers { signer: KEY },
			grace: 100,
			closing: None,
			storage_deposit: 10,
		}
	}

	fn signed(channel: ChannelId, amount: u128) -> SignedVoucher {
		let payload = Voucher::new(HERE, channel, amount).signing_payload();
		SignedVoucher { channel, amount, signature: Mirror::sign(&KEY, &payload) }
	}

	fn check(voucher: SignedVoucher, accepted: u128) -> Result<u128, ClaimFailure> {
		voucher.check(HERE, &channel(), accepted, 0, &Mirror)
	}

	#[test]
	fn payloads_should_keep_their_layout() {
		let mut expected = b"dam/voucher/v1\0\0".to_vec();
		expected.extend([1; 32]);
		expected.extend([2, 1, 0, 0, 0, 0, 0, 0]);
		expected.extend([3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4]);
		assert_eq!(Voucher::new(HERE, 0x102, 3 | 4 << 120).signing_payload()[..], expected);
		expected.splice(..16, *b"dam/close/v1\0\0\0\0");
		assert_eq!(CloseAgreement::new(HERE, 0x102, 3 | 4 << 120).signing_payload()[..], expected);
	}

	#[test]
	fn signed_voucher_should_keep_its_layout() {
		let voucher =
			SignedVoucher { channel: 7, amount: 1_000_000, signature: Signature::Ecdsa([9; 65]) };
		let mut expected = vec![28, 0x02, 0x09, 0x3d, 0x00, 2];
		expected.extend([9; 65]);
		assert_eq!(voucher.encode(), expected);
		assert_eq!(SignedVoucher::decode_all(&mut &expected[..]), Ok(voucher));
		let longest = SignedVoucher { channel: u64::MAX, amount: u128::MAX, ..voucher };
		assert_eq!(longest.encoded_size(), 92);
		assert_eq!(SignedVoucher::max_encoded_len(), 92);
		let shortest =
			SignedVoucher { channel: 0, amount: 0, signature: Signature::Ed25519([0; 64]) };
		assert_eq!(shortest.encoded_size(), 67);
	}

	#[test]
	fn voucher_should_be_worth_what_is_new() {
		assert_eq!(check(signed(5, 201), 0), Ok(1));
		assert_eq!(check(signed(5, 1_000), 0), Ok(800));
		assert_eq!(check(signed(5, 1_000), 900), Ok(100));
		assert_eq!(check(signed(5, 200), 0), Err(ClaimFailure::NothingNew));
		assert_eq!(check(signed(5, 900), 900), Err(ClaimFailure::NothingNew));
		assert_eq!(check(signed(5, 0), 0), Err(ClaimFailure::NothingNew));
	}

	#[test]
	fn voucher_should_be_refused_above_the_deposit() {
		for amount in [1_001, u128::MAX] {
			assert_eq!(check(signed(5, amount), 0), Err(ClaimFailure::ExceedsDeposit));
		}
	}

	#[test]
	fn voucher_should_be_refused_when_anything_it_covers_is_changed() {
		let good = signed(5, 300);
		let altered = [
			SignedVoucher { amount: 301, ..good },
			SignedVoucher { channel: 6, ..good },
			SignedVoucher { signature: Signature::Sr25519([0; 64]), ..good },
		];
		for voucher in altered {
			assert_eq!(check(voucher, 0), Err(ClaimFailure::InvalidProof));
		}
		let elsewhere = good.check([2; 32], &channel(), 0, 0, &Mirror);
		assert_eq!(elsewhere, Err(ClaimFailure::InvalidProof));
		let signer = PublicKey::Ed25519([8; 32]);
		let other = Channel { lock: Lock::Vouchers { signer }, ..channel() };
		assert_eq!(good.check(HERE, &other, 0, 0, &Mirror), Err(ClaimFailure::InvalidProof));
	}

	#[test]
	fn close_agreement_should_not_pass_for_a_voucher() {
		let payload = CloseAgreement::new(HERE, 5, 300).signing_payload();
		let signature = Mirror::sign(&KEY, &payload);
		let voucher = SignedVoucher { channel: 5, amount: 300, signature };
		assert_eq!(check(voucher, 0), Err(ClaimFailure::InvalidProof));
	}

	#[test]
	fn voucher_should_be_taken_until_the_last_block_of_the_grace_period() {
		let closing = Channel { closing: Some(50), ..channel() };
		let voucher = signed(5, 300);
		assert_eq!(voucher.check(HERE, &closing, 0, 50, &Mirror), Ok(100));
		assert_eq!(voucher.check(HERE, &closing, 0, 51, &Mirror), Err(ClaimFailure::Closed));
	}

	#[test]
	fn voucher_should_be_refused_by_a_hash_chain() {
		let lock = Lock::HashChain { link: [0; 32], index: 0, length: 9, unit: 1 };
		let chain = Channel { lock, ..channel() };
		let refused = signed(5, 300).check(HERE, &chain, 0, 0, &Mirror);
		assert_eq!(refused, Err(ClaimFailure::WrongTerms));
	}
}
