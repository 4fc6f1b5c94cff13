//! One error for whoever does not care which part failed.

use thiserror::Error;

use crate::{
	agreement::AgreementError,
	amount::AmountError,
	attestations::{AttestationBatchError, AttestationError},
	batch::BatchError,
	chain::{ChainError, Refusal, SpecError},
	channels::{service::ServiceError as ListenError, ChannelError, SessionError},
	content::ContentError,
	intents::{IntentError, IntentFileError},
	journal::JournalError,
	keyring::KeyringError,
	keys::{KeyError, KeyFileError},
	mandates::MandateError,
	orders::OrderError,
	owner::{OwnerError, PolicyError, QuotaError},
	payee::PayeeError,
	payments::PayError,
	policy::Violation,
	recovery::RecoveryError,
	registration::RegistrationError,
	services::ServiceError,
	settle::SettleError,
	statement::{Statement, StatementError},
	streams::StreamError,
	time::TimeError,
	transact::TransactError,
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
	/// The file of a registration or key agreement.
	#[error(transparent)]
	Statement(#[from] StatementError),
	/// A registration.
	#[error(transparent)]
	Registration(#[from] RegistrationError),
	/// A key agreement.
	#[error(transparent)]
	Agreement(#[from] AgreementError),
	/// A journal.
	#[error(transparent)]
	Journal(#[from] JournalError),
	/// The chain.
	#[error(transparent)]
	Chain(#[from] ChainError),
	/// A transaction.
	#[error(transparent)]
	Settle(#[from] SettleError),
	/// An operation, whichever it is.
	#[error(transparent)]
	Transact(#[from] TransactError),
	/// A payment.
	#[error(transparent)]
	Pay(#[from] PayError),
	/// An owner's operation.
	#[error(transparent)]
	Owner(#[from] OwnerError),
	/// A spending policy or an approval.
	#[error(transparent)]
	Policy(#[from] PolicyError),
	/// A bond.
	#[error(transparent)]
	Quota(#[from] QuotaError),
	/// A change of keys.
	#[error(transparent)]
	Keyring(#[from] KeyringError),
	/// A service.
	#[error(transparent)]
	Service(#[from] ServiceError),
	/// An attestation.
	#[error(transparent)]
	Attestation(#[from] AttestationError),
	/// A file of attestations.
	#[error(transparent)]
	AttestationBatch(#[from] AttestationBatchError),
	/// A recovery.
	#[error(transparent)]
	Recovery(#[from] RecoveryError),
	/// A document.
	#[error(transparent)]
	Content(#[from] ContentError),
	/// A payment channel.
	#[error(transparent)]
	Channel(#[from] ChannelError),
	/// A payment through a channel.
	#[error(transparent)]
	Session(#[from] SessionError),
	/// A payee that takes payments.
	#[error(transparent)]
	Listen(#[from] ListenError),
	/// What a payer promises off chain.
	#[error(transparent)]
	Promise(#[from] dam_payments::PayError),
	/// The end of a channel at its payee's.
	#[error(transparent)]
	Finish(#[from] dam_payments::FinishError),
	/// What a payer or payee keeps on disk.
	#[error(transparent)]
	Store(#[from] dam_payments::StoreError),
	/// A file of intents.
	#[error(transparent)]
	IntentFile(#[from] IntentFileError),
	/// Intents.
	#[error(transparent)]
	Intent(#[from] IntentError),
	/// A text that is no time or rate.
	#[error(transparent)]
	Time(#[from] TimeError),
	/// A stream.
	#[error(transparent)]
	Stream(#[from] StreamError),
	/// A mandate.
	#[error(transparent)]
	Mandate(#[from] MandateError),
	/// An order.
	#[error(transparent)]
	Order(#[from] OrderError),
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
			Self::Payee(error) => payee_code(error),
			Self::Batch(_) | Self::AttestationBatch(_) => "bad-batch",
			Self::Key(_) => "bad-key",
			Self::KeyFile(_) => "bad-key-file",
			Self::Statement(error) => statement_code(error),
			Self::Registration(error) => registration_code(error),
			Self::Agreement(error) => agreement_code(error),
			Self::Journal(_) => "bad-journal",
			Self::Chain(error) => chain_code(error),
			Self::Settle(error) => settle_code(error),
			Self::Transact(error) => transact_code(error),
			Self::Pay(error) => pay_code(error),
			Self::Owner(error) => owner_code(error),
			Self::Policy(error) => policy_code(error),
			Self::Quota(error) => error.code(),
			Self::Keyring(error) => keyring_code(error),
			Self::Service(error) => service_code(error),
			Self::Attestation(error) => attestation_code(error),
			Self::Recovery(error) => recovery_code(error),
			Self::Content(error) => content_code(error),
			Self::Channel(error) => error.code(),
			Self::Session(error) => error.code(),
			Self::Listen(_) => "cannot-listen",
			Self::Promise(error) => promise_code(error),
			Self::Finish(dam_payments::FinishError::UnknownChannel(_)) => "unknown-channel",
			Self::Finish(dam_payments::FinishError::Store(_)) | Self::Store(_) => "bad-store",
			Self::IntentFile(error) => error.code(),
			Self::Intent(error) => error.code(),
			Self::Time(_) => "bad-time",
			Self::Stream(error) => error.code(),
			Self::Mandate(error) => error.code(),
			Self::Order(error) => error.code(),
		}
	}

	/// Whether what was given is at fault, so that repeating it cannot help.
	pub const fn is_bad_input(&self) -> bool {
		match self {
			Self::Amount(_)
			| Self::Time(_)
			| Self::Payee(_)
			| Self::Batch(_)
			| Self::AttestationBatch(_)
			| Self::Key(_)
			| Self::KeyFile(_)
			| Self::Statement(_)
			| Self::Registration(_)
			| Self::Agreement(_)
			| Self::Journal(_)
			| Self::Chain(ChainError::Spec(_) | ChainError::WrongChain { .. }) => true,
			Self::Pay(error) => matches!(error, PayError::Journal(_)),
			Self::Owner(error) => matches!(
				error,
				OwnerError::NothingToRegister
					| OwnerError::Registration { .. }
					| OwnerError::Duplicate { .. }
					| OwnerError::OwnKey { .. }
					| OwnerError::NoRights
					| OwnerError::Profile(_)
			),
			Self::Policy(error) => matches!(
				error,
				PolicyError::ZeroPeriod
					| PolicyError::TooManyPayees(_)
					| PolicyError::DuplicatePayee(_)
					| PolicyError::ZeroAmount
			),
			Self::Quota(error) => matches!(error, QuotaError::ZeroAmount),
			Self::Keyring(error) => matches!(error, KeyringError::Agreement(_)),
			Self::Service(error) => matches!(
				error,
				ServiceError::ZeroPrice
					| ServiceError::PriceTooHigh(_)
					| ServiceError::EndpointTooLong
					| ServiceError::InvalidEndpoint(_)
			),
			Self::Attestation(error) => matches!(error, AttestationError::WrongSubject { .. }),
			Self::Recovery(error) => matches!(
				error,
				RecoveryError::NoFriends
					| RecoveryError::TooManyFriends { .. }
					| RecoveryError::DuplicateFriend(_)
					| RecoveryError::OwnFriend(_)
					| RecoveryError::Threshold { .. }
					| RecoveryError::NoDelay
			),
			Self::Content(error) => matches!(
				error,
				ContentError::NoGateway(_)
					| ContentError::InvalidGateway(_)
					| ContentError::Io { .. }
					| ContentError::Exists(_)
			),
			Self::IntentFile(_) => true,
			Self::Channel(error) => error.is_bad_input(),
			Self::Intent(error) => error.is_bad_input(),
			Self::Session(_)
			| Self::Listen(_)
			| Self::Promise(_)
			| Self::Finish(_)
			| Self::Store(_) => false,
			Self::Stream(error) => error.is_bad_input(),
			Self::Mandate(error) => error.is_bad_input(),
			Self::Order(error) => error.is_bad_input(),
			Self::Chain(_) | Self::Settle(_) | Self::Transact(_) => false,
		}
	}
}

const fn payee_code(error: &PayeeError) -> &'static str {
	match error {
		PayeeError::NotMachine(_) | PayeeError::NumberTooLarge(_) => "bad-machine",
		PayeeError::BadDid { .. } | PayeeError::OtherNetwork { .. } => "bad-did",
		PayeeError::BadAddress { .. } => "bad-account",
		PayeeError::Empty | PayeeError::Unknown(_) => "bad-payee",
	}
}

const fn statement_code(error: &StatementError) -> &'static str {
	match error {
		StatementError::WrongChain { .. } => "wrong-chain",
		StatementError::Io { statement, .. }
		| StatementError::Malformed { statement, .. }
		| StatementError::BadProof { statement, .. }
		| StatementError::Expired { statement, .. }
		| StatementError::ValidTooLong { statement, .. } => match statement {
			Statement::Registration => "bad-registration",
			Statement::KeyAgreement => "bad-agreement",
		},
		StatementError::Exists(_) => "file-exists",
	}
}

const fn registration_code(error: &RegistrationError) -> &'static str {
	match error {
		RegistrationError::Statement(error) => statement_code(error),
		_ => "bad-registration",
	}
}

const fn agreement_code(error: &AgreementError) -> &'static str {
	match error {
		AgreementError::Statement(error) => statement_code(error),
		_ => "bad-agreement",
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
		SettleError::Refused(
			Refusal::CannotPay
			| Refusal::FeeNotCovered
			| Refusal::FeeAgainstPolicy
			| Refusal::FeeWithoutRate
			| Refusal::FeeKeyMayNotSpend,
		) => "cannot-pay-fee",
		SettleError::Refused(_) => "refused",
		SettleError::Expired { .. } => "expired",
		SettleError::Superseded { .. } => "superseded",
		SettleError::Undecided { .. } => "undecided",
	}
}

pub(crate) const fn transact_code(error: &TransactError) -> &'static str {
	match error {
		TransactError::UnknownMachine(_) => "unknown-machine",
		TransactError::Retired(_) => "not-active",
		TransactError::NotOwner { .. } | TransactError::NotPermitted { .. } => "not-owner",
		TransactError::OutOfUsdt { .. } => "out-of-usdt",
		TransactError::OutOfDam { .. } => "out-of-dam",
		TransactError::Settle(error) => settle_code(error),
		TransactError::Failed { .. } => "failed",
	}
}

const fn violation_code(violation: &Violation) -> &'static str {
	match violation {
		Violation::PaymentCap { .. } => "exceeds-payment-cap",
		Violation::PeriodCap { .. } => "exceeds-period-cap",
		Violation::Payee { .. } => "payee-not-allowed",
		Violation::CoSignature { .. } => "needs-co-signature",
	}
}

pub(crate) const fn pay_code(error: &PayError) -> &'static str {
	match error {
		PayError::NotRegistered { .. } | PayError::KeyEnded { .. } => "not-registered",
		PayError::MayNotPay { .. } => "key-lacks-right",
		PayError::Suspended { .. } | PayError::Retired { .. } => "not-active",
		PayError::Frozen { .. } => "frozen",
		PayError::OutOfUsdt { .. } => "out-of-usdt",
		PayError::UnknownPayee(_) => "unknown-payee",
		PayError::SelfPayment(_) => "self-payment",
		PayError::Policy(violation) | PayError::PolicyOfItem { violation, .. } => {
			violation_code(violation)
		},
		PayError::Settle(error) => settle_code(error),
		PayError::Failed { .. } => "failed",
		PayError::Journal(_) => "bad-journal",
	}
}

pub(crate) const fn promise_code(error: &dam_payments::PayError) -> &'static str {
	use dam_payments::PayError as E;
	match error {
		E::UnknownChannel(_) => "unknown-channel",
		E::State(_) | E::TooOld { .. } => "bad-state",
		E::WrongTerms(_) => "wrong-terms",
		E::ZeroAmount => "bad-amount",
		E::ExceedsDeposit { .. } => "exceeds-deposit",
		E::WrongKey(_) => "bad-key",
		E::Closing(_) => "closing",
		E::UnknownChain(_) | E::ChainInUse { .. } => "bad-hash-chain",
		E::Intent(_) => "bad-intent",
		E::BadLength | E::BadUnit => "bad-terms",
		E::OutOfNonces => "out-of-nonces",
		E::Store(_) => "bad-store",
	}
}

const fn owner_code(error: &OwnerError) -> &'static str {
	match error {
		OwnerError::Registration { cause, .. } => registration_code(cause),
		OwnerError::NothingToRegister
		| OwnerError::Duplicate { .. }
		| OwnerError::OwnKey { .. } => "bad-registration",
		OwnerError::KeyUsed { .. } => "key-used",
		OwnerError::NoChange { .. }
		| OwnerError::NothingToFreeze
		| OwnerError::NotFrozen(_)
		| OwnerError::NoOperator(_)
		| OwnerError::SamePlace => "no-change",
		OwnerError::HasChildren(_) => "has-children",
		OwnerError::InvalidOperator { .. } | OwnerError::NoRights => "bad-operator",
		OwnerError::Profile(_) => "bad-profile",
		OwnerError::Cycle { .. } | OwnerError::TooDeep(_) => "bad-parent",
		OwnerError::InvalidRecipient { .. } => "bad-recipient",
		OwnerError::OfferExpiry { .. } => "bad-expiry",
		OwnerError::NoOffer(_)
		| OwnerError::NotRecipient { .. }
		| OwnerError::OfferExpired { .. } => "no-offer",
		OwnerError::Transact(error) => transact_code(error),
	}
}

const fn policy_code(error: &PolicyError) -> &'static str {
	match error {
		PolicyError::ZeroPeriod
		| PolicyError::TooManyPayees(_)
		| PolicyError::DuplicatePayee(_) => "bad-policy",
		PolicyError::NoPolicy(_) => "no-change",
		PolicyError::ZeroAmount => "bad-amount",
		PolicyError::Expiry { .. } => "bad-expiry",
		PolicyError::TooManyApprovals(_) => "too-many-approvals",
		PolicyError::NoApproval { .. } => "no-approval",
		PolicyError::Transact(error) => transact_code(error),
	}
}

const fn keyring_code(error: &KeyringError) -> &'static str {
	match error {
		KeyringError::Agreement(error) => agreement_code(error),
		KeyringError::NotRegistered { .. } | KeyringError::Ended { .. } => "not-registered",
		KeyringError::NotPaymentKey { .. } => "key-lacks-right",
		KeyringError::KeyUsed { .. } => "key-used",
		KeyringError::NotForDevice { .. } => "bad-key",
		KeyringError::Suspended { .. } => "not-active",
		KeyringError::Frozen { .. } => "frozen",
		KeyringError::RotatedTooRecently { .. } => "too-soon",
		KeyringError::TooManyFurtherKeys(_) | KeyringError::TooManyKeys(_) => "too-many-keys",
		KeyringError::NotFurtherKey { .. } | KeyringError::PaymentKey { .. } => "not-further-key",
		KeyringError::Transact(error) => transact_code(error),
	}
}

const fn service_code(error: &ServiceError) -> &'static str {
	match error {
		ServiceError::ZeroPrice
		| ServiceError::PriceTooHigh(_)
		| ServiceError::EndpointTooLong
		| ServiceError::InvalidEndpoint(_) => "bad-service",
		ServiceError::NotRegistered { .. } | ServiceError::KeyEnded { .. } => "not-registered",
		ServiceError::KeyLacksRight { .. } => "key-lacks-right",
		ServiceError::Frozen { .. } => "frozen",
		ServiceError::TooManyServices(_) => "too-many-services",
		ServiceError::UnknownService { .. } => "unknown-service",
		ServiceError::Transact(error) => transact_code(error),
	}
}

const fn attestation_code(error: &AttestationError) -> &'static str {
	match error {
		AttestationError::WrongSubject { .. } => "bad-subject",
		AttestationError::NotAccredited { .. } => "not-accredited",
		AttestationError::Expiry { .. } | AttestationError::ExpiryNotLater { .. } => "bad-expiry",
		AttestationError::AlreadyIssued { .. } => "already-issued",
		AttestationError::NotFound { .. } => "unknown-attestation",
		AttestationError::Revoked { .. } => "revoked",
		AttestationError::Expired { .. } | AttestationError::Lapsed { .. } => "lapsed",
		AttestationError::NotExpired { .. } => "not-expired",
		AttestationError::Transact(error) => transact_code(error),
	}
}

const fn recovery_code(error: &RecoveryError) -> &'static str {
	match error {
		RecoveryError::NoFriends
		| RecoveryError::TooManyFriends { .. }
		| RecoveryError::DuplicateFriend(_)
		| RecoveryError::OwnFriend(_)
		| RecoveryError::Threshold { .. }
		| RecoveryError::NoDelay => "bad-friends",
		RecoveryError::AttemptRuns(_) | RecoveryError::AlreadyStarted { .. } => "attempt-runs",
		RecoveryError::UnknownGroup { .. } | RecoveryError::NoAttempt { .. } => "no-attempt",
		RecoveryError::NothingToClear(_)
		| RecoveryError::NotRecovered(_)
		| RecoveryError::AlreadyApproved(_)
		| RecoveryError::FullyApproved => "no-change",
		RecoveryError::NotFriend { .. }
		| RecoveryError::NotCanceller(_)
		| RecoveryError::NotInheritor { .. } => "not-entitled",
		RecoveryError::NotApproved { .. } => "not-approved",
		RecoveryError::TooEarly(_) | RecoveryError::NotYetCancelable(_) => "too-soon",
		RecoveryError::Recovered { .. } => "recovered",
		RecoveryError::NotTheirs { .. } => "not-owner",
		RecoveryError::Inner(_) => "failed",
		RecoveryError::Transact(error) => transact_code(error),
	}
}

const fn content_code(error: &ContentError) -> &'static str {
	match error {
		ContentError::HashMismatch { .. }
		| ContentError::CidMismatch { .. }
		| ContentError::UnknownLayout { .. } => "content-mismatch",
		ContentError::UnsupportedCid { .. } | ContentError::UnsupportedScheme(_) => {
			"unsupported-content"
		},
		ContentError::MalformedCid(_) | ContentError::InvalidUri(_) => "bad-content-address",
		ContentError::NoGateway(_) | ContentError::InvalidGateway(_) => "bad-gateway",
		ContentError::TooLarge { .. } => "too-large",
		ContentError::Status { .. }
		| ContentError::TooManyRedirects { .. }
		| ContentError::TimedOut { .. }
		| ContentError::Http { .. } => "network",
		ContentError::Io { .. } => "bad-file",
		ContentError::Exists(_) => "file-exists",
	}
}
