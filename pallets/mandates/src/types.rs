//! What this pallet stores and takes, and how failures become errors.

use crate::*;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use dam_primitives::Mandate;
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;

/// [`Mandate`] of a runtime.
pub type MandateOf<T> = Mandate<<T as frame_system::Config>::AccountId>;

/// The numbers of a machine's mandates.
pub type MandateIds = BoundedVec<MandateId, ConstU32<MAX_MANDATES>>;

/// One item of a batch.
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
pub struct Pull {
	/// By which mandate.
	#[codec(compact)]
	pub mandate: MandateId,
	/// How much, in units of 0.000001 USDT. Never zero.
	#[codec(compact)]
	pub amount: u128,
}

impl<T> From<PullFailure> for Error<T> {
	fn from(failure: PullFailure) -> Self {
		match failure {
			PullFailure::UnknownMandate => Self::MandateNotFound,
			PullFailure::NotPayee => Self::NotPayee,
			PullFailure::Expired => Self::MandateExpired,
			PullFailure::ExceedsCap => Self::ExceedsCap,
			PullFailure::PayerInactive => Self::PayerInactive,
			PullFailure::Payment(failure) => failure.into(),
		}
	}
}

impl<T> From<PaymentFailure> for Error<T> {
	fn from(failure: PaymentFailure) -> Self {
		match failure {
			PaymentFailure::ZeroAmount => Self::ZeroAmount,
			PaymentFailure::UnknownMachine => Self::UnknownMachine,
			PaymentFailure::SelfPayment => Self::SelfPayment,
			PaymentFailure::InsufficientFunds => Self::InsufficientFunds,
			PaymentFailure::PayerFrozen => Self::PayerFrozen,
			PaymentFailure::BelowMinimum => Self::BelowMinimum,
			PaymentFailure::PayeeUnavailable => Self::PayeeUnavailable,
			PaymentFailure::ExceedsPaymentCap => Self::ExceedsPaymentCap,
			PaymentFailure::ExceedsPeriodCap => Self::ExceedsPeriodCap,
			PaymentFailure::PayeeNotAllowed => Self::PayeeNotAllowed,
			PaymentFailure::NeedsCoSignature => Self::NeedsCoSignature,
		}
	}
}
