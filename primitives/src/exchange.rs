//! What payer and payee say to each other off chain, over whatever carries bytes.

use codec::{Compact, Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::{ChannelId, ClaimFailure, RevealedLink, SignedVoucher};

/// A payment through a channel: payer to payee.
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
pub enum ChannelPayment {
	/// By a voucher.
	#[codec(index = 0)]
	Voucher(SignedVoucher),
	/// By a link of a hash chain.
	#[codec(index = 1)]
	Link(RevealedLink),
}

impl ChannelPayment {
	/// Through which channel.
	pub const fn channel(&self) -> ChannelId {
		match self {
			Self::Voucher(voucher) => voucher.channel,
			Self::Link(revealed) => revealed.channel,
		}
	}
}

/// What became of a payment: payee to payer.
///
/// It always names what was accepted so far, so that a payer that lost an answer, or its memory,
/// goes on from there: a payment sent twice is refused as nothing new and costs nothing. An answer
/// is not signed: it tells an honest payer where it stands and proves nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Answer {
	/// Which channel.
	#[codec(compact)]
	pub channel: ChannelId,
	/// What was accepted in all, this payment included if it was, in units of 0.000001 USDT.
	#[codec(compact)]
	pub accepted: u128,
	/// Why the payment was not accepted; `None` if it was, and is on the payee's disk.
	pub refusal: Option<Refusal>,
}

/// Not derived: the derived one takes compact numbers for fixed ones.
impl MaxEncodedLen for Answer {
	fn max_encoded_len() -> usize {
		Compact::<ChannelId>::max_encoded_len()
			.saturating_add(Compact::<u128>::max_encoded_len())
			.saturating_add(Option::<Refusal>::max_encoded_len())
	}
}

/// Why a payee does not accept a payment.
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
pub enum Refusal {
	/// The chain would not settle it, or not in time.
	#[codec(index = 0)]
	Claim(ClaimFailure),
	/// The payee's proof of the channel's state is too old.
	#[codec(index = 1)]
	StateTooOld,
	/// The payee takes nothing more through this channel.
	#[codec(index = 2)]
	Finished,
}

impl Refusal {
	/// What happened and what to do, in a sentence.
	pub const fn explain(self) -> &'static str {
		match self {
			Self::Claim(failure) => failure.explain(),
			Self::StateTooOld => {
				"the payee has not seen the channel's state for too long: try again when it has"
			},
			Self::Finished => "the payee takes nothing more through this channel: open another",
		}
	}
}

impl From<ClaimFailure> for Refusal {
	fn from(failure: ClaimFailure) -> Self {
		Self::Claim(failure)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::Signature;
	use alloc::vec;
	use codec::DecodeAll;

	#[test]
	fn payments_should_keep_their_layout() {
		let signature = Signature::Ed25519([9; 64]);
		let voucher = SignedVoucher { channel: 1, amount: 2, signature };
		let mut expected = vec![0, 4, 8, 0];
		expected.extend([9; 64]);
		let payment = ChannelPayment::Voucher(voucher);
		assert_eq!(payment.encode(), expected);
		assert_eq!(ChannelPayment::decode_all(&mut &expected[..]), Ok(payment));
		assert_eq!(payment.channel(), 1);

		let mut expected = vec![1, 4, 8];
		expected.extend([9; 32]);
		let payment = ChannelPayment::Link(RevealedLink { channel: 1, index: 2, link: [9; 32] });
		assert_eq!(payment.encode(), expected);
		assert_eq!(ChannelPayment::decode_all(&mut &expected[..]), Ok(payment));
		assert_eq!(payment.channel(), 1);
	}

	#[test]
	fn answers_should_keep_their_layout() {
		let accepted = Answer { channel: 1, accepted: 2, refusal: None };
		assert_eq!(accepted.encode(), [4, 8, 0]);
		for (refusal, bytes) in [
			(Refusal::Claim(ClaimFailure::UnknownChannel), vec![4, 8, 1, 0, 0]),
			(Refusal::Claim(ClaimFailure::NothingNew), vec![4, 8, 1, 0, 4]),
			(Refusal::Claim(ClaimFailure::PayeeUnavailable), vec![4, 8, 1, 0, 8]),
			(Refusal::StateTooOld, vec![4, 8, 1, 1]),
			(Refusal::Finished, vec![4, 8, 1, 2]),
		] {
			let answer = Answer { refusal: Some(refusal), ..accepted };
			assert_eq!(answer.encode(), bytes);
			assert_eq!(Answer::decode_all(&mut &bytes[..]), Ok(answer));
			assert!(refusal.explain().contains(": "));
		}
		let refusal = Some(Refusal::Claim(ClaimFailure::PayeeUnavailable));
		let longest = Answer { channel: u64::MAX, accepted: u128::MAX, refusal };
		assert_eq!(longest.encoded_size(), 29);
		assert_eq!(Answer::max_encoded_len(), 29);
		assert_eq!(ChannelPayment::max_encoded_len(), 93);
	}
}
