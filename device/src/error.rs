//! One error for whoever does not care which part failed.

use thiserror::Error;

use crate::{
	amount::AmountError,
	batch::BatchError,
	chain::{ChainError, Refusal, SpecError},
	journal::JournalError,
	keys::{KeyError, KeyFileError},
	owner::OwnerError,
	payee::PayeeError,
	payments::PayError,
	registration::RegistrationError,
	settle::SettleError,
};

/// Everything that can go wrong in this library.
#[derive(Debug, Error)]
pub enum Error {
	/// A text that is no amount.
	#[error(transparent)]
	Amount(#[from] AmountError),
	/// A text that names no payee.
	#[error(transparent)]
	Payee(#[from] PayeeError),
	/// A batch file.
	#[error(transparent)]
	Batch(#[from] BatchError),
	/// A secret.
	#[error(transparent)]
	Key(#[from] KeyError),
	/// A key file.
	#[error(transparent)]
	KeyFile(#[from] KeyFileError),
	/// A registration.
	#[error(transparent)]
	Registration(#[from] RegistrationError),
	/// A journal.
	#[error(transparent)]
	Journal(#[from] JournalError),
	/// The chain.
	#[error(transparent)]
	Chain(#[from] ChainError),
	/// A transaction.
	#[error(transparent)]
	Settle(#[from] SettleError),
	/// A payment.
	#[error(transparent)]
	Pay(#[from] PayError),
	/// An owner's operation.
	#[error(transparent)]
	Owner(#[from] OwnerError),
}

impl From<SpecError> for Error {
	fn from(error: SpecError) -> Self {
		Self::Chain(error.into())
	}
}

impl Error {
	/// A short name that programs can rely on.
	pub fn code(&self) -> &'static str {
		match self {
			Self::Amount(_) => "bad-amount",
			Self::Payee(_) => "bad-payee",
			Self::Batch(_) => "bad-batch",
			Self::Key(_) => "bad-key",
			Self::KeyFile(_) => "bad-key-file",
			Self::Registration(RegistrationError::WrongChain { .. }) => "wrong-chain",
			Self::Registration(_) => "bad-registration",
			Self::Journal(_) | Self::Pay(PayError::Journal(_)) => "bad-journal",
			Self::Chain(error) => chain_code(error),
			Self::Settle(error) => settle_code(error),
			Self::Pay(error) => pay_code(error),
			Self::Owner(error) => owner_code(error),
		}
	}

	/// Whether what was given is at fault, so that repeating it cannot help.
	pub const fn is_bad_input(&self) -> bool {
		match self {
			Self::Amount(_)
			| Self::Payee(_)
			| Self::Batch(_)
			| Self::Key(_)
			| Self::KeyFile(_)
			| Self::Registration(_)
			| Self::Journal(_)
			| Self::Chain(ChainError::Spec(_) | ChainError::WrongChain { .. }) => true,
			Self::Pay(error) => matches!(error, PayError::Journal(_)),
			Self::Owner(error) => matches!(
				error,
				OwnerError::NothingToRegister
					| OwnerError::Registration { .. }
					| OwnerError::Duplicate { .. }
			),
			Self::Chain(_) | Self::Settle(_) => false,
		}
	}
}

const fn chain_code(error: &ChainError) -> &'static str {
	match error {
		ChainError::Spec(_) => "bad-chain-spec",
		ChainError::NoPeers { .. } => "no-peers",
		ChainError::NotSynced { .. } => "not-synced",
		ChainError::WrongChain { .. } => "wrong-chain",
		ChainError::TimedOut { .. } | ChainError::Request { .. } => "network",
		ChainError::Incompatible { .. } => "incompatible",
	}
}

const fn settle_code(error: &SettleError) -> &'static str {
	match error {
		SettleError::Chain(error) => chain_code(error),
		SettleError::Refused(Refusal::QuotaExhausted | Refusal::ExceedsQuota) => "over-quota",
		SettleError::Refused(Refusal::CannotPay) => "cannot-pay-fee",
		SettleError::Refused(_) => "refused",
		SettleError::Expired { .. } => "expired",
		SettleError::Superseded { .. } => "superseded",
		SettleError::Undecided { .. } => "undecided",
	}
}

const fn pay_code(error: &PayError) -> &'static str {
	match error {
		PayError::NotRegistered { .. } | PayError::KeyReplaced { .. } => "not-registered",
		PayError::Suspended { .. } | PayError::Retired { .. } => "not-active",
		PayError::OutOfUsdt { .. } => "out-of-usdt",
		PayError::UnknownPayee(_) => "unknown-payee",
		PayError::SelfPayment(_) => "self-payment",
		PayError::Settle(error) => settle_code(error),
		PayError::Failed { .. } => "failed",
		PayError::Journal(_) => "bad-journal",
	}
}

const fn owner_code(error: &OwnerError) -> &'static str {
	match error {
		OwnerError::Registration { cause: RegistrationError::WrongChain { .. }, .. } => {
			"wrong-chain"
		},
		OwnerError::NothingToRegister
		| OwnerError::Registration { .. }
		| OwnerError::Duplicate { .. } => "bad-registration",
		OwnerError::KeyUsed { .. } => "key-used",
		OwnerError::NoChange { .. } => "no-change",
		OwnerError::UnknownMachine(_) => "unknown-machine",
		OwnerError::Retired(_) => "not-active",
		OwnerError::NotOwner { .. } => "not-owner",
		OwnerError::OutOfUsdt { .. } => "out-of-usdt",
		OwnerError::Settle(error) => settle_code(error),
		OwnerError::Failed { .. } => "failed",
	}
}
