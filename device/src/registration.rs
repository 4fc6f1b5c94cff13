//! Registrations: what a device signs offline, and the file that carries it to the owner.

use std::path::Path;

use dam_primitives::{
	registration::RegistrationStatement, MachineProfile, Metadata, PublicKey, Signature, Uri,
};
use serde::{Deserialize, Serialize};
use subxt::utils::H256;
use thiserror::Error;

use crate::{
	keys::{Key, Scheme},
	payee::parse_account,
	statement::{self, Checked, Statement, StatementError, Version},
	AccountId,
};

/// Why a registration cannot be used.
#[derive(Debug, Error)]
pub enum RegistrationError {
	/// The file, the proof, the chain or the expiry.
	#[error(transparent)]
	Statement(#[from] StatementError),
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
	/// The metadata's address is longer than the chain stores.
	#[error(
		"the URI is longer than {} bytes: use a shorter one",
		dam_primitives::machine::MAX_URI_BYTES
	)]
	UriTooLong,
	/// The metadata's address is none.
	#[error(
		"`{0}` is no absolute URI: begin with a scheme, such as ipfs://, and escape everything but \
		 letters, digits and the usual marks with %"
	)]
	InvalidUri(String),
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
	/// [`RegistrationError::Statement`], [`RegistrationError::WrongOwner`],
	/// [`RegistrationError::InvalidUri`].
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
		let checked = Checked {
			statement: Statement::Registration,
			genesis: self.genesis,
			key: &self.key,
			payload: &statement.signing_payload(),
			proof: &self.proof,
			expires_at: self.expires_at,
		};
		checked.check_proof(genesis)?;
		if self.owner != owner {
			return Err(RegistrationError::WrongOwner { theirs: self.owner, ours: owner });
		}
		check_profile(&self.profile)?;
		Ok(checked.check_expiry(now, longest)?)
	}

	/// Writes a new file; an existing one is never overwritten.
	///
	/// # Errors
	/// [`StatementError::Exists`], [`StatementError::Io`].
	pub fn write(&self, path: &Path) -> Result<(), StatementError> {
		statement::write(Statement::Registration, path, &File::from(self))
	}

	/// Reads a file. Its proof is checked by [`Self::check`].
	///
	/// # Errors
	/// [`StatementError::Io`], [`StatementError::Malformed`].
	pub fn read(path: &Path) -> Result<Self, StatementError> {
		statement::read::<File, _>(Statement::Registration, path)
	}
}

/// Describes a machine: its kind, and a document about it if there is one.
///
/// # Errors
/// [`RegistrationError::UriTooLong`], [`RegistrationError::InvalidUri`].
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
	let profile = MachineProfile { kind, metadata };
	check_profile(&profile)?;
	Ok(profile)
}

/// Whether the chain takes what a machine says of itself.
pub(crate) fn check_profile(profile: &MachineProfile) -> Result<(), RegistrationError> {
	match &profile.metadata {
		Some(metadata) if !metadata.uri.is_valid() => {
			Err(RegistrationError::InvalidUri(metadata.uri.to_text()))
		},
		_ => Ok(()),
	}
}

/// The registration as JSON.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct File {
	version: Version,
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

impl From<&Registration> for File {
	fn from(registration: &Registration) -> Self {
		let (scheme, key, proof) = statement::show_signed(&registration.key, &registration.proof);
		Self {
			version: Version,
			genesis_hash: registration.genesis,
			owner: registration.owner.to_string(),
			scheme,
			key,
			kind: registration.profile.kind,
			metadata: registration.profile.metadata.as_ref().map(|metadata| Document {
				hash: H256(metadata.hash),
				uri: metadata.uri.to_text(),
			}),
			expires_at: registration.expires_at,
			proof,
		}
	}
}

impl TryFrom<File> for Registration {
	type Error = String;
	fn try_from(file: File) -> Result<Self, String> {
		let (key, proof) = statement::parse_signed(file.scheme, &file.key, &file.proof)?;
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
	use std::fs;

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
				assert!(
					matches!(
						refused,
						Err(RegistrationError::Statement(StatementError::BadProof { .. }))
					),
					"{scheme}"
				);
			}
		}
	}

	#[test]
	fn profiles_should_be_refused_when_their_address_is_none() {
		let of = |uri: &str| profile(MachineKind::Other, Some(([0; 32], uri)));
		assert!(matches!(of("charger.json"), Err(RegistrationError::InvalidUri(_))));
		assert!(matches!(of("http://a b"), Err(RegistrationError::InvalidUri(_))));
		let long = format!("ipfs://{}", "x".repeat(122));
		assert!(matches!(of(&long), Err(RegistrationError::UriTooLong)));
		assert!(of(&long[..128]).is_ok());
		// Also where somebody made the statement without this check.
		let profile = MachineProfile {
			kind: MachineKind::Other,
			metadata: Some(Metadata { hash: [0; 32], uri: Uri::try_from("a b").unwrap() }),
		};
		let (key, _) = Key::generate(Scheme::Ed25519);
		let signed = Registration::sign(&key, H256([1; 32]), owner(), profile, 500);
		let refused = signed.check(H256([1; 32]), owner(), 500, 0);
		assert!(matches!(refused, Err(RegistrationError::InvalidUri(_))));
	}

	#[test]
	fn registrations_should_be_refused_elsewhere_by_others_and_later() {
		let good = signed(Scheme::Ed25519);
		let here = H256([1; 32]);
		assert!(matches!(
			good.check(H256([2; 32]), owner(), 0, 1_000),
			Err(RegistrationError::Statement(StatementError::WrongChain { .. }))
		));
		assert!(matches!(
			good.check(here, AccountId::from([3; 32]), 0, 1_000),
			Err(RegistrationError::WrongOwner { .. })
		));
		assert!(matches!(
			good.check(here, owner(), 501, 1_000),
			Err(RegistrationError::Statement(StatementError::Expired {
				expires_at: 500,
				now: 501,
				..
			}))
		));
		assert!(matches!(
			good.check(here, owner(), 99, 400),
			Err(RegistrationError::Statement(StatementError::ValidTooLong {
				expires_at: 500,
				latest: 499,
				..
			}))
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
			assert!(matches!(good.write(&path), Err(StatementError::Exists(_))));

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
				assert!(matches!(refused, Err(StatementError::Malformed { .. })), "{broken}");
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
			path in "[a-z0-9/?#.~:-]{0,118}",
		) {
			let folder = tempfile::tempdir().unwrap();
			let key = Key::from_seed(Scheme::Ed25519, &seed).unwrap();
			let profile = profile(MachineKind::Meter, Some((seed, &format!("https://x{path}")))).unwrap();
			let good = Registration::sign(&key, H256(genesis), owner(), profile, expires_at);
			let path = folder.path().join("registration.json");
			good.write(&path).unwrap();
			let read = Registration::read(&path).unwrap();
			prop_assert!(read.check(H256(genesis), owner(), expires_at, 0).is_ok());
			prop_assert_eq!(read, good);
		}
	}
}
