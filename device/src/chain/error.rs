//! What can go wrong between a device and the chain.

use std::{fmt, io, path::PathBuf, time::Duration};

use dam_primitives::quota::{
	EXCEEDS_QUOTA, FEE_AGAINST_POLICY, FEE_KEY_MAY_NOT_SPEND, FEE_NOT_COVERED, FEE_WITHOUT_RATE,
	QUOTA_EXHAUSTED,
};
use subxt::{
	error::DispatchError,
	transactions::{TransactionInvalid, TransactionUnknown},
	utils::H256,
	ArcMetadata,
};
use thiserror::Error;

/// Why a chain specification cannot be used.
#[derive(Debug, Error)]
pub enum SpecError {
	/// The file cannot be read.
	#[error("cannot read the chain specification {path}: {cause}; check the path")]
	Io {
		/// Which file.
		path: PathBuf,
		/// What the system said.
		cause: io::Error,
	},
	/// It is no JSON, or cut short.
	#[error(
		"the chain specification is no complete JSON ({0}): copy the file again, or write it with \
		 `dam-node build-spec --chain <chain> --raw`"
	)]
	Syntax(serde_json::Error),
	/// Something that every specification has is not there.
	#[error("the chain specification has no `{0}`: write it with `dam-node build-spec --raw`")]
	Missing(&'static str),
	/// The genesis is described, not computed: a light client cannot start from it.
	#[error("the chain specification is not raw: write it with `dam-node build-spec --raw`")]
	NotRaw,
	/// No node to dial.
	#[error(
		"the chain specification names no boot node: pass one with --boot-node, for example \
		 /ip4/127.0.0.1/tcp/30333/p2p/12D3KooW…"
	)]
	NoBootNode,
	/// An address that no node has.
	#[error(
		"`{0}` is no boot node address: expected a transport and a peer id, for example \
		 /ip4/127.0.0.1/tcp/30333/p2p/12D3KooW…"
	)]
	BadBootNode(String),
	/// The light client does not accept it.
	#[error("the light client refuses the chain specification ({0}): write it again")]
	Refused(String),
}

/// Why the chain could not be asked. Nothing was sent.
#[derive(Debug, Error)]
pub enum ChainError {
	/// The specification.
	#[error(transparent)]
	Spec(#[from] SpecError),
	/// No node answered.
	#[error(
		"no peer answered within {} s: check that a node runs at one of the boot nodes ({}), that \
		 its peer id is still the same, and that the specification is of its chain",
		waited.as_secs(), boot_nodes.join(", ")
	)]
	NoPeers {
		/// How long was waited.
		waited: Duration,
		/// Where was dialled.
		boot_nodes: Vec<String>,
	},
	/// Peers answer, but the head of the chain was not reached.
	#[error(
		"connected to {peers} peers, but not at the head of the chain after {} s: wait longer with \
		 --timeout, and check that the chain finalizes blocks",
		waited.as_secs()
	)]
	NotSynced {
		/// How many peers.
		peers: usize,
		/// How long was waited.
		waited: Duration,
	},
	/// Another chain than the user named.
	#[error("this is another chain: its genesis is {found:?}, expected {expected:?}; use its specification")]
	WrongChain {
		/// Genesis that was expected.
		expected: H256,
		/// Genesis of the specification.
		found: H256,
	},
	/// A request to peers was not answered.
	#[error("{what} was not answered within {} s: check the connection and try again", waited.as_secs())]
	TimedOut {
		/// Which request.
		what: &'static str,
		/// How long was waited.
		waited: Duration,
	},
	/// A request failed.
	#[error("{what} failed: {why}; check the connection and try again")]
	Request {
		/// Which request.
		what: &'static str,
		/// What the light client said.
		why: String,
	},
	/// The chain's answer has another shape.
	#[error("{what} has a form that this program does not know ({why}): use a program of the chain's version")]
	Incompatible {
		/// Which answer.
		what: &'static str,
		/// What is different.
		why: String,
	},
}

impl ChainError {
	/// Whether the same request may succeed later.
	pub const fn is_transient(&self) -> bool {
		matches!(self, Self::TimedOut { .. } | Self::Request { .. })
	}
}

/// Why the runtime does not take a transaction into the pool. Nothing was paid.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum Refusal {
	/// Free for a machine, but its allowance is used up, and the key has no DAM for a fee.
	#[error(
		"the machine's fee-free quota is used up, or will be by what waits before this: wait until it \
		 has refilled (see `dam-device quota`), pay a fee out of the machine's wallet (--fee usdt), or \
		 send DAM to the key's account"
	)]
	QuotaExhausted,
	/// More than the allowance can ever hold.
	#[error(
		"the transaction is larger than the machine's fee-free quota can ever be: make the batch \
		 smaller, bond DAM for the machine (`dam-device owner quota bond`), pay a fee out of its wallet \
		 (--fee usdt), or send DAM to the key's account"
	)]
	ExceedsQuota,
	/// A fee in USDT, and too little of it.
	#[error(
		"the fee was to be paid in USDT, and whoever pays it holds too little: send USDT to the \
		 machine's address, or to the signer's account if it acts for no machine"
	)]
	FeeNotCovered,
	/// A fee in USDT that the owner's policy does not allow.
	#[error(
		"the owner's policy does not let the machine's wallet pay this fee: wait for the next period, \
		 or ask the owner for a higher cap (a policy that lists payees needs a period cap, too)"
	)]
	FeeAgainstPolicy,
	/// No rate.
	#[error("this chain does not take fees in USDT at the moment: pay in DAM (--fee dam)")]
	FeeWithoutRate,
	/// A fee in USDT, and a key that may not spend the machine's.
	#[error(
		"the key may not spend its machine's money now, and its own account cannot pay the fee: have \
		 the owner resume the machine, unfreeze its keys, or give the key the right to pay"
	)]
	FeeKeyMayNotSpend,
	/// Not free, and no DAM.
	#[error(
		"the key acts for no active machine and its account holds too little DAM for the fee: \
		 have the owner register the machine (or resume it), or send DAM to the account"
	)]
	CannotPay,
	/// The nonce was used already.
	#[error(
		"another transaction of this key came first: check what it did, then run the command again"
	)]
	Stale,
	/// The nonce is ahead.
	#[error("an earlier transaction of this key is still missing: wait for it and try again")]
	Future,
	/// The signature does not fit the chain.
	#[error(
		"the signature does not fit this chain: use the specification of the chain you are on"
	)]
	BadProof,
	/// Signed too long ago.
	#[error("the transaction has expired and was never included: run the command again")]
	Expired,
	/// No room.
	#[error("the transaction does not fit into a block now: try again, or make the batch smaller")]
	NoRoom,
	/// The chain's filter.
	#[error("this chain does not allow the call now: ask who operates it")]
	NotAllowed,
	/// Something this program does not know.
	#[error("the chain refuses the transaction ({0}): use a program of the chain's version")]
	Other(String),
}

impl From<TransactionInvalid> for Refusal {
	fn from(invalid: TransactionInvalid) -> Self {
		match invalid {
			TransactionInvalid::Custom(QUOTA_EXHAUSTED) => Self::QuotaExhausted,
			TransactionInvalid::Custom(EXCEEDS_QUOTA) => Self::ExceedsQuota,
			TransactionInvalid::Custom(FEE_NOT_COVERED) => Self::FeeNotCovered,
			TransactionInvalid::Custom(FEE_AGAINST_POLICY) => Self::FeeAgainstPolicy,
			TransactionInvalid::Custom(FEE_WITHOUT_RATE) => Self::FeeWithoutRate,
			TransactionInvalid::Custom(FEE_KEY_MAY_NOT_SPEND) => Self::FeeKeyMayNotSpend,
			TransactionInvalid::Payment => Self::CannotPay,
			TransactionInvalid::Stale => Self::Stale,
			TransactionInvalid::Future => Self::Future,
			TransactionInvalid::BadProof => Self::BadProof,
			TransactionInvalid::AncientBirthBlock => Self::Expired,
			TransactionInvalid::ExhaustsResources => Self::NoRoom,
			TransactionInvalid::Call => Self::NotAllowed,
			other => Self::Other(format!("{other:?}")),
		}
	}
}

impl From<TransactionUnknown> for Refusal {
	fn from(unknown: TransactionUnknown) -> Self {
		Self::Other(format!("{unknown:?}"))
	}
}

/// Why a call in a block did nothing: the pallet's own words, from the chain's metadata.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DispatchFailure {
	/// For example `Micropayments.InsufficientFunds`.
	pub name: String,
	/// What it means and what to do.
	pub explanation: String,
}

impl DispatchFailure {
	/// Reads an encoded `DispatchError` with the chain's metadata.
	pub(super) fn decode(bytes: &[u8], metadata: ArcMetadata) -> Self {
		let error = match DispatchError::decode_from(bytes, metadata) {
			Ok(error) => error,
			Err(error) => {
				return Self {
					name: "unknown".into(),
					explanation: format!("the error has an unknown form ({error})"),
				}
			},
		};
		let DispatchError::Module(module) = &error else {
			return Self { name: format!("{error:?}"), explanation: error.to_string() };
		};
		match module.details() {
			Ok(details) => Self {
				name: format!("{}.{}", details.pallet.name(), details.variant.name),
				explanation: details.variant.docs.join(" ").trim().to_owned(),
			},
			Err(error) => Self { name: module.to_string(), explanation: error.to_string() },
		}
	}

	/// The error's name without its pallet.
	pub fn variant(&self) -> &str {
		self.name.rsplit('.').next().unwrap_or(&self.name)
	}
}

impl fmt::Display for DispatchFailure {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		if self.explanation.is_empty() {
			f.write_str(&self.name)
		} else {
			write!(f, "{} ({})", self.explanation, self.name)
		}
	}
}

impl std::error::Error for DispatchFailure {}
