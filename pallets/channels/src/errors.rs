//! How failures become errors.

use crate::*;

impl<T> From<ClaimFailure> for Error<T> {
	fn from(failure: ClaimFailure) -> Self {
		match failure {
			ClaimFailure::UnknownChannel => Self::ChannelNotFound,
			ClaimFailure::WrongTerms => Self::WrongTerms,
			ClaimFailure::Closed => Self::GraceOver,
			ClaimFailure::InvalidProof => Self::InvalidProof,
			ClaimFailure::NothingNew => Self::NothingNew,
			ClaimFailure::ExceedsDeposit => Self::ExceedsDeposit,
			ClaimFailure::KeyExpired => Self::KeyExpired,
			ClaimFailure::TooManyHashes => Self::TooManyHashes,
			ClaimFailure::PayeeUnavailable => Self::PayeeUnavailable,
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
