//! Why a mandate is not granted, used or ended.

use dam_primitives::{
	mandate::{MAX_MANDATES, MAX_PULLS},
	MachineId, MandateId,
};
use thiserror::Error;

use crate::{
	amount::Usdt,
	error::{pay_code, transact_code},
	payments::PayError,
	transact::{from_chain, TransactError},
	AccountId,
};

/// Why a mandate was not granted, used or ended.
#[derive(Debug, Error)]
pub enum MandateError {
	/// Nothing could ever be pulled.
	#[error("the cap is zero: grant at least 0.000001 USDT, or nothing")]
	ZeroCap,
	/// The cap would mean nothing.
	#[error("the period is zero: give it at least a second")]
	ZeroPeriod,
	/// Nothing to pull.
	#[error("the amount is zero: pull at least 0.000001 USDT")]
	ZeroAmount,
	/// No pull, or more than go into one transaction.
	#[error("{0} pulls cannot be made at once: name 1 to {MAX_PULLS}")]
	WrongCount(usize),
	/// The signing key acts for no machine, and none was named.
	#[error("the key {key} is registered for no machine: name the machine with --machine")]
	NotRegistered {
		/// Account of the key.
		key: AccountId,
	},
	/// The signing key is of another machine.
	#[error(
		"the key pays for machine {own}, not for machine {machine}: use the payment key of machine \
		 {machine}, or its owner's"
	)]
	OtherPayer {
		/// Who would pay.
		machine: MachineId,
		/// For whom the key pays.
		own: MachineId,
	},
	/// Too soon or too late.
	#[error("block {expires_at} cannot be the last one: choose one from {first} to {last}")]
	Expiry {
		/// What was asked for.
		expires_at: u32,
		/// The earliest there can be.
		first: u32,
		/// The latest there can be.
		last: u32,
	},
	/// As many as a machine gives.
	#[error("machine {0} has given {MAX_MANDATES} mandates, which is the most: revoke one first")]
	TooManyMandates(MachineId),
	/// No such mandate.
	#[error("there is no mandate {0}: it was revoked or removed, or never granted")]
	UnknownMandate(MandateId),
	/// Only one account or machine may pull.
	#[error(
		"{signer} does not act for the payee of mandate {mandate}: use the payee's key, one with the \
		 right to claim, or its owner's"
	)]
	NotPayee {
		/// Which mandate.
		mandate: MandateId,
		/// Who would sign.
		signer: AccountId,
	},
	/// Neither of the two sides.
	#[error(
		"{signer} is no party of mandate {mandate}: only its payer, its payee, or their owners can \
		 revoke it"
	)]
	NotParty {
		/// Which mandate.
		mandate: MandateId,
		/// Who would sign.
		signer: AccountId,
	},
	/// Too late to pull.
	#[error("mandate {mandate} has expired with block {expires_at}: ask the payer for another")]
	Expired {
		/// Which mandate.
		mandate: MandateId,
		/// Its last block.
		expires_at: u32,
	},
	/// Too early to clear away.
	#[error(
		"mandate {mandate} is good until block {expires_at}: before, its payer or payee can revoke it"
	)]
	NotExpired {
		/// Which mandate.
		mandate: MandateId,
		/// Its last block.
		expires_at: u32,
	},
	/// More than the cap leaves.
	#[error(
		"mandate {mandate} lets {cap} USDT be pulled in {period} blocks, of which {available} are \
		 left, this pull is of {amount}: {}",
		what_to_do(.ends_at, .amount, .cap)
	)]
	ExceedsCap {
		/// Which mandate.
		mandate: MandateId,
		/// How much was asked for.
		amount: Usdt,
		/// Most in a period.
		cap: Usdt,
		/// Length of a period.
		period: u32,
		/// What is left of it.
		available: Usdt,
		/// First block after the running period; `None` if this pull would begin one.
		ends_at: Option<u32>,
	},
	/// The payer is stopped.
	#[error(
		"machine {payer}, which pays by mandate {mandate}, is suspended, frozen or retired: pull again \
		 when its owner lets it spend"
	)]
	PayerInactive {
		/// Which mandate.
		mandate: MandateId,
		/// Who pays.
		payer: MachineId,
	},
	/// What a machine's payment can meet.
	#[error(transparent)]
	Pay(#[from] PayError),
	/// What every operation can meet.
	#[error(transparent)]
	Transact(#[from] TransactError),
}

from_chain!(MandateError);

impl MandateError {
	/// A short name that programs can rely on.
	pub(crate) const fn code(&self) -> &'static str {
		match self {
			Self::ZeroCap | Self::ZeroAmount => "bad-amount",
			Self::ZeroPeriod => "bad-time",
			Self::WrongCount(_) => "bad-batch",
			Self::NotRegistered { .. } => "not-registered",
			Self::OtherPayer { .. } | Self::NotPayee { .. } | Self::NotParty { .. } => {
				"not-entitled"
			},
			Self::Expiry { .. } => "bad-expiry",
			Self::TooManyMandates(_) => "too-many-mandates",
			Self::UnknownMandate(_) => "unknown-mandate",
			Self::Expired { .. } => "expired-mandate",
			Self::NotExpired { .. } => "not-expired",
			Self::ExceedsCap { .. } => "exceeds-cap",
			Self::PayerInactive { .. } => "not-active",
			Self::Pay(error) => pay_code(error),
			Self::Transact(error) => transact_code(error),
		}
	}

	/// Whether what was given is at fault.
	pub(crate) const fn is_bad_input(&self) -> bool {
		matches!(self, Self::ZeroCap | Self::ZeroPeriod | Self::ZeroAmount | Self::WrongCount(_))
	}
}

fn what_to_do(ends_at: &Option<u32>, amount: &Usdt, cap: &Usdt) -> String {
	match ends_at {
		// Waiting helps only if a fresh period is large enough.
		Some(block) if amount <= cap => format!("pull less, or wait for block {block}"),
		_ => "pull less".into(),
	}
}
