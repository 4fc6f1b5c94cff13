//! Statements that keys sign offline, and the files that carry them: what registrations and key
//! agreements have in common.

use std::{
	fmt,
	fs::{self, OpenOptions},
	io::{self, Write},
	path::{Path, PathBuf},
};

use dam_primitives::{PublicKey, Signature};
use serde::{de::DeserializeOwned, Deserialize, Serialize};
use subxt::utils::H256;
use thiserror::Error;

use crate::{
	keys::{account_of, verify, Scheme},
	AccountId,
};

/// Format of the files.
const VERSION: u32 = 1;
/// No such file is longer.
const MAX_BYTES: u64 = 64 * 1024;

/// What a key states.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Statement {
	/// That it agrees to be registered: [`crate::Registration`].
	Registration,
	/// That it agrees to act for a machine: [`crate::KeyAgreement`].
	KeyAgreement,
}

impl fmt::Display for Statement {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			Self::Registration => "registration",
			Self::KeyAgreement => "key agreement",
		})
	}
}

/// Why a statement cannot be used. Nothing was sent.
#[derive(Debug, Error)]
pub enum StatementError {
	/// The file cannot be read or written.
	#[error("cannot {doing} the {statement} file {path}: {cause}")]
	Io {
		/// `read` or `write`.
		doing: &'static str,
		/// Of what.
		statement: Statement,
		/// Which file.
		path: PathBuf,
		/// What the system said.
		cause: io::Error,
	},
	/// A file is already there.
	#[error("{0} exists already: choose another path or remove it")]
	Exists(PathBuf),
	/// The file is not what we wrote.
	#[error("{path} is no {statement} file ({why}): have the device sign a new one")]
	Malformed {
		/// Of what.
		statement: Statement,
		/// Which file.
		path: PathBuf,
		/// What is wrong.
		why: String,
	},
	/// The signature is not one of the key over the statement.
	#[error("the {statement} of key {key} was altered or its signature is wrong: sign it again")]
	BadProof {
		/// Of what.
		statement: Statement,
		/// Account of the key.
		key: AccountId,
	},
	/// It was signed for another chain.
	#[error(
		"the {statement} was signed for the chain with genesis {theirs:?}, but this chain is \
		 {ours:?}: sign it again with this chain's specification"
	)]
	WrongChain {
		/// Of what.
		statement: Statement,
		/// Genesis in the statement.
		theirs: H256,
		/// Genesis of the chain.
		ours: H256,
	},
	/// It is too late.
	#[error(
		"the {statement} was valid until block {expires_at}, the chain is at {now}: sign it again"
	)]
	Expired {
		/// Of what.
		statement: Statement,
		/// Last block in which it was accepted.
		expires_at: u32,
		/// Number of the latest finalized block.
		now: u32,
	},
	/// The chain takes no statements that are valid for so long.
	#[error(
		"the {statement} is valid until block {expires_at}, the chain takes none that goes beyond \
		 block {latest} now: sign it again with an earlier --expires-at"
	)]
	ValidTooLong {
		/// Of what.
		statement: Statement,
		/// Last block that it names.
		expires_at: u32,
		/// Last block that it could name now.
		latest: u32,
	},
}

/// What is checked of every statement before a fee is spent on it.
pub(crate) struct Checked<'a> {
	pub(crate) statement: Statement,
	pub(crate) genesis: H256,
	pub(crate) key: &'a PublicKey,
	pub(crate) payload: &'a [u8],
	pub(crate) proof: &'a Signature,
	pub(crate) expires_at: u32,
}

impl Checked<'_> {
	/// Whether the key signed this, for the chain with that genesis.
	pub(crate) fn check_proof(&self, ours: H256) -> Result<(), StatementError> {
		let Self { statement, genesis: theirs, key, .. } = *self;
		if !verify(key, self.payload, self.proof) {
			return Err(StatementError::BadProof { statement, key: account_of(key) });
		}
		if theirs != ours {
			return Err(StatementError::WrongChain { statement, theirs, ours });
		}
		Ok(())
	}

	/// Whether a chain at block `now`, which takes statements for the next `longest` blocks, takes
	/// this one.
	pub(crate) fn check_expiry(&self, now: u32, longest: u32) -> Result<(), StatementError> {
		let Self { statement, expires_at, .. } = *self;
		if expires_at < now {
			return Err(StatementError::Expired { statement, expires_at, now });
		}
		let latest = now.saturating_add(longest);
		if expires_at > latest {
			return Err(StatementError::ValidTooLong { statement, expires_at, latest });
		}
		Ok(())
	}
}

/// Writes a new file; an existing one is never overwritten.
pub(crate) fn write(
	statement: Statement,
	path: &Path,
	content: &impl Serialize,
) -> Result<(), StatementError> {
	let io = |cause: io::Error| match cause.kind() {
		io::ErrorKind::AlreadyExists => StatementError::Exists(path.into()),
		_ => StatementError::Io { doing: "write", statement, path: path.into(), cause },
	};
	let text = serde_json::to_string_pretty(content).expect("strings and numbers serialize; qed");
	let mut file = OpenOptions::new().write(true).create_new(true).open(path).map_err(io)?;
	file.write_all(text.as_bytes()).and_then(|()| file.write_all(b"\n")).map_err(io)
}

/// Reads a file, strictly.
pub(crate) fn read<F, T>(statement: Statement, path: &Path) -> Result<T, StatementError>
where
	F: DeserializeOwned,
	T: TryFrom<F, Error = String>,
{
	let io = |cause| StatementError::Io { doing: "read", statement, path: path.into(), cause };
	let malformed = |why: String| StatementError::Malformed { statement, path: path.into(), why };
	let size = fs::metadata(path).map_err(io)?.len();
	if size > MAX_BYTES {
		return Err(malformed(format!("{size} bytes long")));
	}
	let bytes = fs::read(path).map_err(io)?;
	let file: F = serde_json::from_slice(&bytes).map_err(|error| malformed(error.to_string()))?;
	T::try_from(file).map_err(malformed)
}

/// Scheme, key and proof as they stand in a file.
pub(crate) fn show_signed(key: &PublicKey, proof: &Signature) -> (Scheme, String, String) {
	let (scheme, proof) = match proof {
		Signature::Ed25519(bytes) => (Scheme::Ed25519, hex::encode(bytes)),
		Signature::Sr25519(bytes) => (Scheme::Sr25519, hex::encode(bytes)),
		Signature::Ecdsa(bytes) => (Scheme::Ecdsa, hex::encode(bytes)),
	};
	(scheme, format!("0x{}", hex::encode(key.as_bytes())), format!("0x{proof}"))
}

/// The inverse of [`show_signed`].
pub(crate) fn parse_signed(
	scheme: Scheme,
	key: &str,
	proof: &str,
) -> Result<(PublicKey, Signature), String> {
	Ok(match scheme {
		Scheme::Ed25519 => {
			(PublicKey::Ed25519(bytes("key", key)?), Signature::Ed25519(bytes("proof", proof)?))
		},
		Scheme::Sr25519 => {
			(PublicKey::Sr25519(bytes("key", key)?), Signature::Sr25519(bytes("proof", proof)?))
		},
		Scheme::Ecdsa => {
			(PublicKey::Ecdsa(bytes("key", key)?), Signature::Ecdsa(bytes("proof", proof)?))
		},
	})
}

/// The format of a file that this program reads.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub(crate) struct Version;

impl From<Version> for u32 {
	fn from(_: Version) -> Self {
		VERSION
	}
}

impl TryFrom<u32> for Version {
	type Error = String;

	fn try_from(found: u32) -> Result<Self, String> {
		if found == VERSION {
			Ok(Self)
		} else {
			Err(format!("format version {found}, this program reads {VERSION}"))
		}
	}
}

fn bytes<const N: usize>(name: &str, text: &str) -> Result<[u8; N], String> {
	let mut out = [0; N];
	text.strip_prefix("0x")
		.and_then(|digits| hex::decode_to_slice(digits, &mut out).ok())
		.map(|()| out)
		.ok_or_else(|| format!("`{name}` is not 0x and {} hexadecimal digits", 2 * N))
}
