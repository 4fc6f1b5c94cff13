//! Payment channels as the chain keeps them.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::{MachineId, Payee, PublicKey};

/// Number of a channel, ascending from 0 and never reused.
pub type ChannelId = u64;

/// Most vouchers that one `claim_batch` carries.
pub const MAX_CLAIMS: u32 = 512;
/// Most hashes that one claim on a hash chain computes. A longer way is gone in several claims.
pub const MAX_HASHES_PER_CLAIM: u32 = 10_000;
/// Most channels that a machine pays from at a time.
pub const MAX_CHANNELS: u32 = 1_024;

/// How the payer proves what it owes; agreed at opening.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum Terms {
	/// By vouchers, each signed by the payer's payment key of the moment of opening.
	#[codec(index = 0)]
	Vouchers,
	/// By the links of a hash chain, each worth the same (PayWord).
	#[codec(index = 1)]
	HashChain {
		/// The root: link 0, which is worth nothing.
		root: [u8; 32],
		/// Number of links after the root.
		#[codec(compact)]
		length: u32,
		/// What each is worth, in units of 0.000001 USDT.
		#[codec(compact)]
		unit: u128,
	},
}

/// What a claim is checked against.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(
	feature = "serde",
	derive(serde::Serialize),
	serde(rename_all = "camelCase", tag = "by")
)]
pub enum Lock {
	/// Vouchers signed by this key.
	#[codec(index = 0)]
	#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
	Vouchers {
		/// The payer's payment key when the channel was opened.
		signer: PublicKey,
	},
	/// The links of a hash chain.
	#[codec(index = 1)]
	#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
	HashChain {
		/// The last link that was settled, or the root.
		#[cfg_attr(feature = "serde", serde(serialize_with = "crate::machine::hex_field"))]
		link: [u8; 32],
		/// Its number.
		index: u32,
		/// Number of the last link of the chain.
		length: u32,
		/// What each link is worth, in units of 0.000001 USDT.
		#[cfg_attr(feature = "serde", serde(serialize_with = "crate::machine::text_field"))]
		unit: u128,
	},
}

/// A channel, as it stands in the state.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "camelCase"))]
pub struct Channel<AccountId> {
	/// Who pays.
	pub payer: MachineId,
	/// Who is paid, and nobody else ever.
	pub payee: Payee<AccountId>,
	/// Paid in so far, in units of 0.000001 USDT.
	#[cfg_attr(feature = "serde", serde(serialize_with = "crate::machine::text_field"))]
	pub deposit: u128,
	/// Of it, paid out to the payee so far. What is left goes back to the payer at the end.
	#[cfg_attr(feature = "serde", serde(serialize_with = "crate::machine::text_field"))]
	pub settled: u128,
	/// How claims are checked.
	pub lock: Lock,
	/// How long claims are taken after the payer asked to close, in blocks.
	pub grace: u32,
	/// Last block in which claims are taken, once the payer has asked to close.
	pub closing: Option<u32>,
	/// Comes back to the payer when the channel is gone, in units of 0.000001 USDT.
	#[cfg_attr(feature = "serde", serde(serialize_with = "crate::machine::text_field"))]
	pub storage_deposit: u128,
}

impl<AccountId> Channel<AccountId> {
	/// What the payee can still get, in units of 0.000001 USDT.
	pub const fn open_amount(&self) -> u128 {
		self.deposit.saturating_sub(self.settled)
	}
}

/// Why a claim was not settled.
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
pub enum ClaimFailure {
	/// No such channel: never opened, or closed.
	UnknownChannel,
	/// The channel settles by the other kind of proof.
	WrongTerms,
	/// The grace period is over.
	Closed,
	/// The signature or link is not the payer's, for this channel, on this chain.
	InvalidProof,
	/// Not more than what was settled already.
	NothingNew,
	/// More than the channel's deposit, or beyond the end of the hash chain.
	ExceedsDeposit,
	/// The key that signed was replaced, and its horizon is past.
	KeyExpired,
	/// More hashes than one claim may compute: claim a nearer link first.
	TooManyHashes,
	/// The payee's account cannot take the money now: blocked, full, or its first payment is too
	/// small. The claim can be made again.
	PayeeUnavailable,
}

impl ClaimFailure {
	/// What happened and what to do, in a sentence.
	pub const fn explain(self) -> &'static str {
		match self {
			Self::UnknownChannel => "there is no such channel: it was closed, or never opened",
			Self::WrongTerms => "the channel settles by the other kind of proof: check its terms",
			Self::Closed => "the channel's grace period is over: claims come too late",
			Self::InvalidProof => {
				"the proof is not the payer's for this channel and chain: do not accept it"
			},
			Self::NothingNew => "that much was settled before: claim a later voucher or link",
			Self::ExceedsDeposit => {
				"the claim is above the channel's deposit: have the payer top it up"
			},
			Self::KeyExpired => {
				"the payer's key was replaced and its horizon is past: claims come too late"
			},
			Self::TooManyHashes => {
				"the link is too far from the last one: claim a nearer one first"
			},
			Self::PayeeUnavailable => {
				"the payee's account cannot take the money now: claim again when it can"
			},
		}
	}
}

/// A claim of a batch that was not settled.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct FailedClaim {
	/// Position in the batch, from 0.
	#[codec(compact)]
	pub index: u32,
	/// Why.
	pub reason: ClaimFailure,
}

#[cfg(test)]
mod tests {
	use super::*;
	use alloc::{vec, vec::Vec};
	use codec::DecodeAll;

	#[test]
	fn terms_should_keep_their_layout() {
		assert_eq!(Terms::Vouchers.encode(), [0]);
		let terms = Terms::HashChain { root: [9; 32], length: 1_000, unit: 1_000_000 };
		let mut expected = vec![1];
		expected.extend([9; 32]);
		expected.extend([0xa1, 0x0f, 0x02, 0x09, 0x3d, 0x00]);
		assert_eq!(terms.encode(), expected);
		assert_eq!(Terms::decode_all(&mut &expected[..]), Ok(terms));
	}

	#[test]
	fn channels_should_keep_their_layout() {
		let channel = Channel::<[u8; 32]> {
			payer: 0x102,
			payee: Payee::Machine(300),
			deposit: 3,
			settled: 2,
			lock: Lock::Vouchers { signer: PublicKey::Ed25519([7; 32]) },
			grace: 0x405,
			closing: Some(0x607),
			storage_deposit: 8,
		};
		let amount = |low: u8| -> Vec<u8> { [&[low][..], &[0; 15]].concat() };
		let start = [vec![2, 1, 0, 0, 0, 0, 0, 0, 0, 0xb1, 0x04], amount(3), amount(2)].concat();
		let end = [vec![5, 4, 0, 0, 1, 7, 6, 0, 0], amount(8)].concat();
		let voucher = [&[0, 0][..], &[7; 32]].concat();
		let expected = [&start[..], &voucher, &end].concat();
		assert_eq!(channel.encode(), expected);
		assert_eq!(Channel::decode_all(&mut &expected[..]), Ok(channel.clone()));

		let lock = Lock::HashChain { link: [9; 32], index: 0x102, length: 0x304, unit: 10 };
		let chained = Channel { lock, closing: None, ..channel };
		let links = [&[1][..], &[9; 32], &[2, 1, 0, 0, 4, 3, 0, 0], &amount(10)].concat();
		let end = [vec![5, 4, 0, 0, 0], amount(8)].concat();
		let expected = [start, links, end].concat();
		assert_eq!(chained.encode(), expected);
		assert_eq!(Channel::decode_all(&mut &expected[..]), Ok(chained));
	}

	#[test]
	fn channels_should_fit_their_bound() {
		let longest = Channel::<[u8; 32]> {
			payer: u64::MAX,
			payee: Payee::Account([0; 32]),
			deposit: u128::MAX,
			settled: u128::MAX,
			lock: Lock::HashChain { link: [0; 32], index: 0, length: 0, unit: 0 },
			grace: 0,
			closing: Some(0),
			storage_deposit: 0,
		};
		assert_eq!(Channel::<[u8; 32]>::max_encoded_len(), longest.encoded_size());
	}

	#[test]
	fn failures_should_keep_their_numbers_and_say_what_to_do() {
		for (number, failure) in (0u8..).zip([
			ClaimFailure::UnknownChannel,
			ClaimFailure::WrongTerms,
			ClaimFailure::Closed,
			ClaimFailure::InvalidProof,
			ClaimFailure::NothingNew,
			ClaimFailure::ExceedsDeposit,
			ClaimFailure::KeyExpired,
			ClaimFailure::TooManyHashes,
			ClaimFailure::PayeeUnavailable,
		]) {
			assert_eq!(failure.encode(), [number]);
			assert!(failure.explain().contains(": "), "{failure:?}");
			assert_eq!(FailedClaim { index: 63, reason: failure }.encode(), [252, number]);
		}
	}
}
