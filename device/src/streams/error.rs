//! Why a stream is not opened, changed, collected or ended.

use dam_primitives::{
	stream::{MAX_COLLECTIONS, MAX_STREAMS},
	MachineId, StreamId,
};
use thiserror::Error;

use crate::{
	amount::Usdt,
	error::{pay_code, transact_code},
	payments::PayError,
	transact::{from_chain, TransactError},
	AccountId,
};

/// Why a stream was not opened, changed, collected or ended.
#[derive(Debug, Error)]
pub enum StreamError {
	/// Nothing would ever be earned.
	#[error("the rate is zero: pay at least 0.000001 USDT a second")]
	ZeroRate,
	/// Too little for one block.
	#[error("a deposit of {deposit} USDT does not last a second at {rate} USDT each: pay in more")]
	DepositBelowRate {
		/// What would be paid in.
		deposit: Usdt,
		/// What a block earns.
		rate: Usdt,
	},
	/// Nothing to pay in.
	#[error("the amount is zero: pay in at least 0.000001 USDT")]
	ZeroAmount,
	/// No stream, or more than go into one transaction.
	#[error("{0} streams cannot be collected at once: name 1 to {MAX_COLLECTIONS}")]
	WrongCount(usize),
	/// As many as a machine pays at a time.
	#[error("machine {0} pays {MAX_STREAMS} streams, which is the most: close one first")]
	TooManyStreams(MachineId),
	/// No such stream.
	#[error("there is no stream {0}: it was closed, or never opened")]
	UnknownStream(StreamId),
	/// Somebody else's to decide.
	#[error(
		"stream {stream} is paid by machine {payer}: only that machine's payment key, while it may \
		 spend, or its owner can do this"
	)]
	NotPayer {
		/// Which stream.
		stream: StreamId,
		/// Who pays it.
		payer: MachineId,
	},
	/// Only money from the machine itself flows.
	#[error(
		"stream {stream} is paid by machine {payer}, the key pays for machine {own}: use the payment \
		 key of machine {payer}"
	)]
	OtherPayer {
		/// Which stream.
		stream: StreamId,
		/// Who pays it.
		payer: MachineId,
		/// For whom the key pays.
		own: MachineId,
	},
	/// Neither of the two sides.
	#[error(
		"{signer} is no party of stream {stream}: only its payer, its payee, or their owners can \
		 close it"
	)]
	NotParty {
		/// Which stream.
		stream: StreamId,
		/// Who would sign.
		signer: AccountId,
	},
	/// Nothing was earned.
	#[error("stream {0} has earned nothing since the last time: collect again later")]
	NothingDue(StreamId),
	/// It stands already.
	#[error("stream {stream} is paused already, since block {since}")]
	AlreadyPaused {
		/// Which stream.
		stream: StreamId,
		/// The last block that earned something.
		since: u32,
	},
	/// It runs already.
	#[error("stream {0} is not paused")]
	NotPaused(StreamId),
	/// There is nothing to stop.
	#[error("the deposit of stream {0} has run out: top it up, or sweep it")]
	RunOut(StreamId),
	/// Not anybody's to end.
	#[error(
		"stream {stream} has not run out{}: its payer or payee can close it",
		runs_until(.runs_out_at)
	)]
	StillOpen {
		/// Which stream.
		stream: StreamId,
		/// The block with which it does, if it runs.
		runs_out_at: Option<u32>,
	},
	/// What a machine's payment can meet.
	#[error(transparent)]
	Pay(#[from] PayError),
	/// What every operation can meet.
	#[error(transparent)]
	Transact(#[from] TransactError),
}

from_chain!(StreamError);

impl StreamError {
	/// A short name that programs can rely on.
	pub(crate) const fn code(&self) -> &'static str {
		match self {
			Self::ZeroRate | Self::DepositBelowRate { .. } | Self::ZeroAmount => "bad-amount",
			Self::WrongCount(_) => "bad-batch",
			Self::TooManyStreams(_) => "too-many-streams",
			Self::UnknownStream(_) => "unknown-stream",
			Self::NotPayer { .. } | Self::OtherPayer { .. } | Self::NotParty { .. } => {
				"not-entitled"
			},
			Self::NothingDue(_) => "nothing-due",
			Self::AlreadyPaused { .. } | Self::NotPaused(_) => "no-change",
			Self::RunOut(_) => "run-out",
			Self::StillOpen { .. } => "too-soon",
			Self::Pay(error) => pay_code(error),
			Self::Transact(error) => transact_code(error),
		}
	}

	/// Whether what was given is at fault.
	pub(crate) const fn is_bad_input(&self) -> bool {
		matches!(
			self,
			Self::ZeroRate | Self::DepositBelowRate { .. } | Self::ZeroAmount | Self::WrongCount(_)
		)
	}
}

fn runs_until(block: &Option<u32>) -> String {
	block.map_or_else(String::new, |block| format!(", that is in block {block}"))
}
