//! Registrations: what a device signs offline, and the file that carries it to the owner.

use std::{
	fs::{self, OpenOptions},
	io::{self, Write},
	path::{Path, PathBuf},
};

use dam_primitives::{
	registration::RegistrationStatement, MachineProfile, Metadata, PublicKey, Signature, Uri,
};
use serde::{Deserialize, Serialize};
use subxt::utils::H256;
use thiserror::Error;

use crate::{
	keys::{account_of, verify, Key, Scheme},
	payee::parse_account,
	AccountId,
};

/// Format of the file.
const VERSION: u32 = 1;
/// No registration file is longer.
const MAX_BYTES: u64 = 64 * 1024;

/// Why a registration cannot be used.
#[derive(Debug, Error)]
pub enum RegistrationError {
	/// The file cannot be read or written.
	#[error("cannot {doing} the registration file {path}: {cause}")]
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
	#[error("{path} is no registration file ({why}): have the device sign a new one")]
	Malformed {
		/// Which file.
		path: PathBuf,
		/// What is wrong.
		why: String,
	},
	/// The signature is not one of the key over the statement.
	#[error("the registration of key {key} was altered or its signature is wrong: sign it again")]
	BadProof {
		/// Account of the key.
		key: AccountId,
	},
	/// It was signed for another chain.
	#[error(
		"the registration was signed for the chain with genesis {theirs:?}, but this chain is \
		 {ours:?}: sign it again with this chain's specification"
	)]
	WrongChain {
		/// Genesis in the registration.
		theirs: H256,
		/// Genesis of the chain.
		ours: H256,
	},
	/// It was signed for another owner.
	#[error(
		"the registration names the owner {theirs}, but the submitting account is {ours}: sign it \
		 again for this owner, or submit it with the owner's key"
	)]
	WrongOwner {
		/// Owner in the registration.
		theirs: AccountId,
		/// Who would submit it.
		ours: AccountId,
	},
	/// It is too late.
	#[error(
		"the registration was valid until block {expires_at}, the chain is at {now}: sign it again"
	)]
	Expired {
		/// Last block in which it was accepted.
		expires_at: u32,
		/// Number of the latest finalized block.
		now: u32,
	},
	/// The chain takes no statements that are valid for so long.
	#[error(
		"the registration is valid until block {expires_at}, the chain takes none that goes beyond \
		 block {latest} now: sign it again with an earlier --expires-at"
	)]
	ValidTooLong {
		/// Last block that it names.
		expires_at: u32,
		/// Last block that it could name now.
		latest: u32,
	},
	/// The metadata's URI is longer than the chain stores.
	#[error(
		"the URI is longer than {} bytes: use a shorter one",
		dam_primitives::machine::MAX_URI_BYTES
	)]
	UriTooLong,
}

/// A device's agreement to be registered, with its proof.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Registration {
	/// Hash of block 0 of the chain it is for.
	pub genesis: H256,
	/// Who may submit it.
	pub owner: AccountId,
	/// The key that agrees.
	pub key: PublicKey,
	/// What the machine says of itself.
	pub profile: MachineProfile,
	/// Last block in which the chain accepts it.
	pub expires_at: u32,
	/// Signature of the statement.
	pub proof: Signature,
}

impl Registration {
	/// Signs offline: neither tokens nor a network are needed.
	pub fn sign(
		key: &Key,
		genesis: H256,
		owner: AccountId,
		profile: MachineProfile,
		expires_at: u32,
	) -> Self {
		let public = key.public();
		let statement =
			RegistrationStatement::new(genesis.0, owner.0, public, &profile, expires_at);
		let proof = key.sign(&statement.signing_payload());
		Self { genesis, owner, key: public, profile, expires_at, proof }
	}

	/// Checks everything that can be checked before a fee is spent on it: at block `now` of the
	/// chain with that genesis, which takes statements for the next `longest` blocks.
	///
	/// # Errors
	/// [`RegistrationError::BadProof`], [`RegistrationError::WrongChain`],
	/// [`RegistrationError::WrongOwner`], [`RegistrationError::Expired`],
	/// [`RegistrationError::ValidTooLong`].
	pub fn check(
		&self,
		genesis: H256,
		owner: AccountId,
		now: u32,
		longest: u32,
	) -> Result<(), RegistrationError> {
		let statement = RegistrationStatement::new(
			self.genesis.0,
			self.owner.0,
			self.key,
			&self.profile,
			self.expires_at,
		);
		if !verify(&self.key, &statement.signing_payload(), &self.proof) {
			return Err(RegistrationError::BadProof { key: account_of(&self.key) });
		}
		if self.genesis != genesis {
			return Err(RegistrationError::WrongChain { theirs: self.genesis, ours: genesis });
		}
		if self.owner != owner {
			return Err(RegistrationError::WrongOwner { theirs: self.owner, ours: owner });
		}
		if self.expires_at < now {
			return Err(RegistrationError::Expired { expires_at: self.expires_at, now });
		}
		let latest = now.saturating_add(longest);
		if self.expires_at > latest {
			return Err(RegistrationError::ValidTooLong { expires_at: self.expires_at, latest });
		}
		Ok(())
	}

	/// Writes a new file; an existing one is never overwritten.
	///
	/// # Errors
	/// [`RegistrationError::Exists`], [`RegistrationError::Io`].
	pub fn write(&self, path: &Path) -> Result<(), RegistrationError> {
		let io = |cause: io::Error| match cause.kind() {
			io::ErrorKind::AlreadyExists => RegistrationError::Exists(path.into()),
			_ => RegistrationError::Io { doing: "write", path: path.into(), cause },
		};
		let text = serde_json::to_string_pretty(&File::from(self))
			.expect("strings and numbers serialize; qed");
		let mut file = OpenOptions::new().write(true).create_new(true).open(path).map_err(io)?;
		file.write_all(text.as_bytes()).and_then(|()| file.write_all(b"\n")).map_err(io)
	}

	/// Reads a file. Its proof is checked by [`Self::check`].
	///
	/// # Errors
	/// [`RegistrationError::Io`], [`RegistrationError::Malformed`].
	pub fn read(path: &Path) -> Result<Self, RegistrationError> {
		let io = |cause| RegistrationError::Io { doing: "read", path: path.into(), cause };
		let malformed = |why: String| RegistrationError::Malformed { path: path.into(), why };
		let size = fs::metadata(path).map_err(io)?.len();
		if size > MAX_BYTES {
			return Err(malformed(format!("{size} bytes long")));
		}
		let bytes = fs::read(path).map_err(io)?;
		let file: File =
			serde_json::from_slice(&bytes).map_err(|error| malformed(error.to_string()))?;
		Self::try_from(file).map_err(malformed)
	}
}

/// Describes a machine: its kind, and a document about it if there is one.
///
/// # Errors
/// [`RegistrationError::UriTooLong`].
pub fn profile(
	kind: dam_primitives::MachineKind,
	document: Option<([u8; 32], &str)>,
) -> Result<MachineProfile, RegistrationError> {
	let metadata = match document {
		Some((hash, uri)) => {
			let uri = Uri::try_from(uri).map_err(|_| RegistrationError::UriTooLong)?;
			Some(Metadata { hash, uri })
		},
		None => None,
	};
	Ok(MachineProfile { kind, metadata })
}

/// The registration as JSON.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct File {
	version: u32,
	genesis_hash: H256,
	owner: String,
	scheme: Scheme,
	key: String,
	kind: dam_primitives::MachineKind,
	#[serde(default, skip_serializing_if = "Option::is_none")]
	metadata: Option<Document>,
	expires_at: u32,
	proof: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
	hash: H256,
	uri: String,
}

fn bytes<const N: usize>(name: &str, text: &str) -> Result<[u8; N], String> {
	let mut out = [0; N];
	text.strip_prefix("0x")
		.and_then(|digits| hex::decode_to_slice(digits, &mut out).ok())
		.map(|()| out)
		.ok_or_else(|| format!("`{name}` is not 0x and {} hexadecimal digits", 2 * N))
}

impl From<&Registration> for File {
	fn from(registration: &Registration) -> Self {
		let (scheme, proof) = match &registration.proof {
			Signature::Ed25519(bytes) => (Scheme::Ed25519, hex::encode(bytes)),
			Signature::Sr25519(bytes) => (Scheme::Sr25519, hex::encode(bytes)),
			Signature::Ecdsa(bytes) => (Scheme::Ecdsa, hex::encode(bytes)),
		};
		Self {
			version: VERSION,
			genesis_hash: registration.genesis,
			owner: registration.owner.to_string(),
			scheme,
			key: format!("0x{}", hex::encode(registration.key.as_bytes())),
			kind: registration.profile.kind,
			metadata: registration.profile.metadata.as_ref().map(|metadata| Document {
				hash: H256(metadata.hash),
				uri: metadata.uri.to_text(),
			}),
			expires_at: registration.expires_at,
			proof: format!("0x{proof}"),
		}
	}
}

impl TryFrom<File> for Registration {
	type Error = String;
	fn try_from(file: File) -> Result<Self, String> {
		if file.version != VERSION {
			return Err(format!("format version {}, this program reads {VERSION}", file.version));
		}
		let (key, proof) = match file.scheme {
			Scheme::Ed25519 => (
				PublicKey::Ed25519(bytes("key", &file.key)?),
				Signature::Ed25519(bytes("proof", &file.proof)?),
			),
			Scheme::Sr25519 => (
				PublicKey::Sr25519(bytes("key", &file.key)?),
				Signature::Sr25519(bytes("proof", &file.proof)?),
			),
			Scheme::Ecdsa => (
				PublicKey::Ecdsa(bytes("key", &file.key)?),
				Signature::Ecdsa(bytes("proof", &file.proof)?),
			),
		};
		let document = file.metadata.as_ref().map(|document| (document.hash.0, &*document.uri));
		Ok(Self {
			genesis: file.genesis_hash,
			owner: parse_account(&file.owner).map_err(|error| format!("`owner`: {error}"))?,
			key,
			profile: profile(file.kind, document).map_err(|error| error.to_string())?,
			expires_at: file.expires_at,
			proof,
		})
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use dam_primitives::MachineKind;
	use proptest::prelude::*;

	fn owner() -> AccountId {
		Key::from_uri(Scheme::Sr25519, "//Alice").unwrap().account()
	}

	fn signed(scheme: Scheme) -> Registration {
		let (key, _) = Key::generate(scheme);
		let profile = profile(MachineKind::EvCharger, Some(([7; 32], "ipfs://charger"))).unwrap();
		Registration::sign(&key, H256([1; 32]), owner(), profile, 500)
	}

	#[test]
	fn registrations_should_verify_for_every_scheme() {
		for scheme in Scheme::ALL {
			signed(scheme).check(H256([1; 32]), owner(), 500, 0).unwrap();
		}
	}

	#[test]
	fn registrations_should_be_refused_when_any_part_was_altered() {
		for scheme in Scheme::ALL {
			let good = signed(scheme);
			let (other, _) = Key::generate(scheme);
			let altered = [
				Registration { genesis: H256([2; 32]), ..good.clone() },
				Registration { owner: AccountId::from([3; 32]), ..good.clone() },
				Registration { key: other.public(), ..good.clone() },
				Registration { profile: MachineProfile::default(), ..good.clone() },
				Registration { expires_at: 501, ..good.clone() },
			];
			for registration in altered {
				let refused = registration.check(H256([1; 32]), owner(), 0, 1_000);
				assert!(matches!(refused, Err(RegistrationError::BadProof { .. })), "{scheme}");
			}
		}
	}

	#[test]
	fn registrations_should_be_refused_elsewhere_by_others_and_later() {
		let good = signed(Scheme::Ed25519);
		let here = H256([1; 32]);
		assert!(matches!(
			good.check(H256([2; 32]), owner(), 0, 1_000),
			Err(RegistrationError::WrongChain { .. })
		));
		assert!(matches!(
			good.check(here, AccountId::from([3; 32]), 0, 1_000),
			Err(RegistrationError::WrongOwner { .. })
		));
		assert!(matches!(
			good.check(here, owner(), 501, 1_000),
			Err(RegistrationError::Expired { expires_at: 500, now: 501 })
		));
		assert!(matches!(
			good.check(here, owner(), 99, 400),
			Err(RegistrationError::ValidTooLong { expires_at: 500, latest: 499 })
		));
	}

	#[test]
	fn files_should_keep_registrations_and_refuse_rubbish() {
		let folder = tempfile::tempdir().unwrap();
		for scheme in Scheme::ALL {
			let path = folder.path().join(scheme.to_string());
			let good = signed(scheme);
			good.write(&path).unwrap();
			assert_eq!(Registration::read(&path).unwrap(), good);
			assert!(matches!(good.write(&path), Err(RegistrationError::Exists(_))));

			let text = fs::read_to_string(&path).unwrap();
			for broken in [
				text[..text.len() / 2].to_owned(),
				text.replace("\"version\": 1", "\"version\": 9"),
				text.replace("\"key\": \"0x", "\"key\": \"0xzz"),
				text.replace("\"owner\": \"5", "\"owner\": \"6"),
				text.replace("\"expiresAt\": 500", "\"expiresAt\": -1"),
				text.replace("ev-charger", "toaster"),
			] {
				fs::write(&path, &broken).unwrap();
				let refused = Registration::read(&path);
				assert!(matches!(refused, Err(RegistrationError::Malformed { .. })), "{broken}");
			}
		}
	}

	proptest! {
		#![proptest_config(ProptestConfig::with_cases(16))]
		#[test]
		fn every_registration_should_survive_its_file(
			seed: [u8; 32],
			genesis: [u8; 32],
			expires_at: u32,
			uri in "[ -~]{0,128}",
		) {
			let folder = tempfile::tempdir().unwrap();
			let key = Key::from_seed(Scheme::Ed25519, &seed).unwrap();
			let profile = profile(MachineKind::Meter, Some((seed, &uri))).unwrap();
			let good = Registration::sign(&key, H256(genesis), owner(), profile, expires_at);
			let path = folder.path().join("registration.json");
			good.write(&path).unwrap();
			let read = Registration::read(&path).unwrap();
			prop_assert!(read.check(H256(genesis), owner(), expires_at, 0).is_ok());
			prop_assert_eq!(read, good);
		}
	}
}
