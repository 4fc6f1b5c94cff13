//! What can go wrong with channels on chain.

use dam_primitives::{channel::MAX_CLAIMS, ChannelId, MachineId};
use thiserror::Error;

use super::ConsentError;
use crate::{
	amount::Usdt,
	error::{pay_code, transact_code},
	payments::PayError,
	transact::{from_chain, TransactError},
};

/// Why something was not done with a channel.
#[derive(Debug, Error)]
pub enum ChannelError {
	/// No such channel.
	#[error("there is no channel {0}: it was closed, or never opened; check the number")]
	Unknown(ChannelId),
	/// The grace period is none that the chain takes.
	#[error(
		"a grace period of {grace} blocks is out of bounds: choose one from {least} to {most} blocks"
	)]
	Grace {
		/// What was asked for.
		grace: u32,
		/// The shortest.
		least: u32,
		/// The longest.
		most: u32,
	},
	/// A hash chain without links, or of worthless ones.
	#[error("a hash chain needs at least one link, and each must be worth something")]
	NoLinks,
	/// More money than links.
	#[error(
		"all links together are worth {worth} USDT, but {deposit} USDT would be in the channel: make \
		 the chain longer, or pay in less"
	)]
	WorthLess {
		/// What would be in the channel.
		deposit: Usdt,
		/// What its links are worth.
		worth: Usdt,
	},
	/// The sum is more than there can be.
	#[error("the amounts together are more than the chain can count: pay in less")]
	Overflow,
	/// The payer has asked to close it.
	#[error("channel {0} is being closed: open another")]
	Closing(ChannelId),
	/// The payer has asked already.
	#[error(
		"channel {channel} is being closed already: claims are taken until block {last_block}"
	)]
	AlreadyClosing {
		/// Which channel.
		channel: ChannelId,
		/// Last block in which claims are taken.
		last_block: u32,
	},
	/// Nobody has asked to close it.
	#[error(
		"nobody has asked to close channel {0}: the payer can (`dam-device channel request-close`)"
	)]
	NotClosing(ChannelId),
	/// Claims are still taken.
	#[error("claims on channel {channel} are taken until block {last_block}: sweep it after that")]
	GraceRuns {
		/// Which channel.
		channel: ChannelId,
		/// Last block in which claims are taken.
		last_block: u32,
	},
	/// Another machine's channel.
	#[error(
		"channel {channel} is paid by machine {payer}: use its payment key, while it may spend, or its \
		 owner's key where that will do"
	)]
	NotPayer {
		/// Which channel.
		channel: ChannelId,
		/// Who pays.
		payer: MachineId,
	},
	/// Somebody else is paid.
	#[error(
		"channel {channel} pays {payee}: use that account's key; for a machine its owner's, or a key \
		 of it with the right to claim"
	)]
	NotPayee {
		/// Which channel.
		channel: ChannelId,
		/// Who is paid.
		payee: String,
	},
	/// More than one transaction carries.
	#[error("{0} claims are too many for one transaction: claim at most {MAX_CLAIMS}")]
	TooManyClaims(usize),
	/// The payee's agreement.
	#[error(transparent)]
	Consent(#[from] ConsentError),
	/// The deposit, which is a payment to the payee.
	#[error(transparent)]
	Pay(#[from] PayError),
	/// What every operation can meet.
	#[error(transparent)]
	Transact(#[from] TransactError),
}

from_chain!(ChannelError);

impl ChannelError {
	/// A short name that programs can rely on.
	pub(crate) const fn code(&self) -> &'static str {
		match self {
			Self::Unknown(_) => "unknown-channel",
			Self::Grace { .. } => "bad-grace",
			Self::NoLinks | Self::WorthLess { .. } => "bad-terms",
			Self::Overflow => "bad-amount",
			Self::Closing(_) | Self::AlreadyClosing { .. } => "closing",
			Self::NotClosing(_) | Self::GraceRuns { .. } => "too-soon",
			Self::NotPayer { .. } => "not-payer",
			Self::NotPayee { .. } => "not-payee",
			Self::TooManyClaims(_) => "bad-batch",
			Self::Consent(error) => error.code(),
			Self::Pay(error) => pay_code(error),
			Self::Transact(error) => transact_code(error),
		}
	}

	/// Whether what was given is at fault.
	pub(crate) const fn is_bad_input(&self) -> bool {
		matches!(
			self,
			Self::Grace { .. }
				| Self::NoLinks
				| Self::WorthLess { .. }
				| Self::Overflow
				| Self::TooManyClaims(_)
				| Self::Consent(_)
		)
	}
}
