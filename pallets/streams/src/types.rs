//! What this pallet stores, and how failures become errors.

use crate::*;
use dam_primitives::Stream;
use frame_support::{traits::ConstU32, BoundedVec};

/// [`Stream`] of a runtime.
pub type StreamOf<T> = Stream<<T as frame_system::Config>::AccountId>;

/// The numbers of a machine's streams.
pub type StreamIds = BoundedVec<StreamId, ConstU32<MAX_STREAMS>>;

impl<T> From<CollectFailure> for Error<T> {
	fn from(failure: CollectFailure) -> Self {
		match failure {
			CollectFailure::UnknownStream => Self::StreamNotFound,
			CollectFailure::NothingDue => Self::NothingDue,
			CollectFailure::PayeeUnavailable => Self::PayeeUnavailable,
			CollectFailure::EscrowUnavailable => Self::EscrowUnavailable,
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
			PaymentFailure::BelowMinimum | PaymentFailure::PayeeUnavailable => {
				Self::PayeeUnavailable
			},
			PaymentFailure::ExceedsPaymentCap => Self::ExceedsPaymentCap,
			PaymentFailure::ExceedsPeriodCap => Self::ExceedsPeriodCap,
			PaymentFailure::PayeeNotAllowed => Self::PayeeNotAllowed,
			PaymentFailure::NeedsCoSignature => Self::NeedsCoSignature,
		}
	}
}
