//! A payee's consent to close, on its way to the payer.

use std::{
	fs::{self, OpenOptions},
	io::{self, Write},
	path::{Path, PathBuf},
};

use codec::{DecodeAll, Encode};
use dam_primitives::{ChannelId, CloseAgreement, PublicKey, Signature};
use serde::{Deserialize, Serialize};
use subxt::utils::H256;
use thiserror::Error;

use crate::{amount::Usdt, keys::verify};

/// No such file is longer.
const MAX_BYTES: u64 = 4 * 1024;

/// Why a consent cannot be used.
#[derive(Debug, Error)]
pub enum ConsentError {
	/// The file cannot be read or written.
	#[error("cannot {doing} the agreement {path}: {cause}")]
	Io {
		/// `read` or `write`.
		doing: &'static str,
		/// Which file.
		path: PathBuf,
		/// What the system said.
		cause: io::Error,
	},
	/// A file is already there.
	#[error("{0} exists already: choose another path or remove it")]
	Exists(PathBuf),
	/// The file is not what we wrote.
	#[error("{path} is no agreement to close ({why}): have the payee sign another")]
	Malformed {
		/// Which file.
		path: PathBuf,
		/// What is wrong.
		why: String,
	},
	/// It was signed for another chain.
	#[error(
		"the agreement was signed for the chain with genesis {theirs:?}, but this chain is {ours:?}: \
		 use the specification of that chain"
	)]
	WrongChain {
		/// Genesis in the agreement.
		theirs: H256,
		/// Genesis of the chain.
		ours: H256,
	},
	/// The signature is not one of the key over the agreement.
	#[error("the agreement was altered, or its signature is wrong: have the payee sign another")]
	BadProof,
	/// Less than was settled, or more than there is.
	#[error(
		"the agreement gives the payee {settled} USDT of channel {channel}, which must be from \
		 {least} (settled already) to {most} (paid in): have the payee sign another"
	)]
	Outdated {
		/// Which channel.
		channel: ChannelId,
		/// What the payee would get in all.
		settled: Usdt,
		/// What it has.
		least: Usdt,
		/// What was paid in.
		most: Usdt,
	},
}

impl ConsentError {
	/// A short name that programs can rely on.
	pub(crate) const fn code(&self) -> &'static str {
		match self {
			Self::Io { .. } => "bad-file",
			Self::Exists(_) => "file-exists",
			Self::WrongChain { .. } => "wrong-chain",
			Self::Malformed { .. } | Self::BadProof => "bad-agreement",
			Self::Outdated { .. } => "outdated-agreement",
		}
	}
}

/// A payee's signed consent that the payer closes a channel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CloseConsent {
	/// Genesis of the chain.
	pub genesis: H256,
	/// Which channel.
	pub channel: ChannelId,
	/// What the payee gets out of it in all.
	pub settled: Usdt,
	/// The payee's key.
	pub key: PublicKey,
	/// Its signature of the agreement.
	pub signature: Signature,
}

/// The file: key and signature are in SCALE, which tells their curve.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Stored {
	genesis: H256,
	channel: ChannelId,
	settled: String,
	key: String,
	signature: String,
}

impl CloseConsent {
	/// Puts an agreement and its signature together.
	pub fn new(agreement: &CloseAgreement, key: PublicKey, signature: Signature) -> Self {
		Self {
			genesis: H256(agreement.genesis_hash),
			channel: agreement.channel,
			settled: Usdt::from_units(agreement.settled),
			key,
			signature,
		}
	}

	/// Whether it is for that chain, and signed by the key that it names. Whether that key is the
	/// payee's is for the chain to say.
	///
	/// # Errors
	/// [`ConsentError::WrongChain`], [`ConsentError::BadProof`].
	pub fn check(&self, ours: H256) -> Result<(), ConsentError> {
		if self.genesis != ours {
			return Err(ConsentError::WrongChain { theirs: self.genesis, ours });
		}
		let agreement = CloseAgreement::new(ours.0, self.channel, self.settled.units());
		if !verify(&self.key, &agreement.signing_payload(), &self.signature) {
			return Err(ConsentError::BadProof);
		}
		Ok(())
	}

	/// Writes it into a new file.
	///
	/// # Errors
	/// [`ConsentError::Exists`], [`ConsentError::Io`].
	pub fn write(&self, path: &Path) -> Result<(), ConsentError> {
		let file = OpenOptions::new().write(true).create_new(true).open(path);
		let io = |cause| ConsentError::Io { doing: "write", path: path.into(), cause };
		let mut file = file.map_err(|error| match error.kind() {
			io::ErrorKind::AlreadyExists => ConsentError::Exists(path.into()),
			_ => io(error),
		})?;
		let mut text = self.to_json();
		text.push('\n');
		file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(io)
	}

	/// Reads a file.
	///
	/// # Errors
	/// [`ConsentError::Io`], [`ConsentError::Malformed`].
	pub fn read(path: &Path) -> Result<Self, ConsentError> {
		let io = |cause| ConsentError::Io { doing: "read", path: path.into(), cause };
		let malformed = |why: &str| ConsentError::Malformed { path: path.into(), why: why.into() };
		if fs::metadata(path).map_err(io)?.len() > MAX_BYTES {
			return Err(malformed("it is too long"));
		}
		let text = fs::read(path).map_err(io)?;
		let stored: Stored =
			serde_json::from_slice(&text).map_err(|error| malformed(&error.to_string()))?;
		Ok(Self {
			genesis: stored.genesis,
			channel: stored.channel,
			settled: stored
				.settled
				.parse()
				.map_err(|_| malformed("`settled` is no amount of USDT"))?,
			key: scale(&stored.key).ok_or_else(|| malformed("`key` is no public key"))?,
			signature: scale(&stored.signature)
				.ok_or_else(|| malformed("`signature` is no signature"))?,
		})
	}

	/// As the file has it.
	pub fn to_json(&self) -> String {
		let stored = Stored {
			genesis: self.genesis,
			channel: self.channel,
			settled: self.settled.to_string(),
			key: format!("0x{}", hex::encode(self.key.encode())),
			signature: format!("0x{}", hex::encode(self.signature.encode())),
		};
		serde_json::to_string(&stored).expect("strings and numbers serialize; qed")
	}
}

/// Reads the hexadecimal digits of an encoding.
fn scale<T: DecodeAll>(text: &str) -> Option<T> {
	let bytes = hex::decode(text.strip_prefix("0x")?).ok()?;
	T::decode_all(&mut &bytes[..]).ok()
}
