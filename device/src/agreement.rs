//! Key agreements: what a new key signs offline, and the file that carries it to whoever adds it.

use std::path::Path;

use dam_primitives::{rotation::KeyStatement, KeyRights, MachineId, PublicKey, Signature};
use serde::{Deserialize, Serialize};
use subxt::utils::H256;
use thiserror::Error;

use crate::{
	keys::{Key, Scheme},
	statement::{self, Checked, Statement, StatementError, Version},
};

/// Why a key agreement cannot be used.
#[derive(Debug, Error)]
pub enum AgreementError {
	/// The file, the proof, the chain or the expiry.
	#[error(transparent)]
	Statement(#[from] StatementError),
	/// It was signed for another machine.
	#[error(
		"the key agreement names machine {theirs}, not {ours}: have the new key sign one for \
		 machine {ours}"
	)]
	WrongMachine {
		/// Machine in the agreement.
		theirs: MachineId,
		/// For which the key should act.
		ours: MachineId,
	},
	/// It agrees to other rights than a payment key has.
	#[error(
		"the key agreement is for the rights `{found}`, but the key that replaces a payment key has \
		 all of them: sign it again with --rights {expected}"
	)]
	NotForPayments {
		/// Rights in the agreement.
		found: String,
		/// What they must be.
		expected: String,
	},
	/// It agrees to rights that no further key may have.
	#[error(
		"a further key may have the rights `claim` and `services`, at least one of them, but not \
		 `{0}`: a machine has one payment key, which is replaced, not added"
	)]
	NotForFurtherKeys(String),
}

/// A key's agreement to act for a machine, with its proof.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyAgreement {
	/// Hash of block 0 of the chain it is for.
	pub genesis: H256,
	/// The machine for which the key will act.
	pub machine: MachineId,
	/// The key that agrees.
	pub key: PublicKey,
	/// What it agrees to do.
	pub rights: KeyRights,
	/// Last block in which the chain accepts it.
	pub expires_at: u32,
	/// Signature of the statement.
	pub proof: Signature,
}

impl KeyAgreement {
	/// Signs offline: neither tokens nor a network are needed.
	pub fn sign(
		key: &Key,
		genesis: H256,
		machine: MachineId,
		rights: KeyRights,
		expires_at: u32,
	) -> Self {
		let public = key.public();
		let statement = KeyStatement::new(genesis.0, machine, public, rights, expires_at);
		let proof = key.sign(&statement.signing_payload());
		Self { genesis, machine, key: public, rights, expires_at, proof }
	}

	/// Checks everything that can be checked before it is sent for `machine`: at block `now` of the
	/// chain with that genesis, which takes statements for the next `longest` blocks.
	///
	/// # Errors
	/// [`AgreementError::Statement`], [`AgreementError::WrongMachine`].
	pub fn check(
		&self,
		genesis: H256,
		machine: MachineId,
		now: u32,
		longest: u32,
	) -> Result<(), AgreementError> {
		let statement =
			KeyStatement::new(self.genesis.0, self.machine, self.key, self.rights, self.expires_at);
		let checked = Checked {
			statement: Statement::KeyAgreement,
			genesis: self.genesis,
			key: &self.key,
			payload: &statement.signing_payload(),
			proof: &self.proof,
			expires_at: self.expires_at,
		};
		checked.check_proof(genesis)?;
		if self.machine != machine {
			return Err(AgreementError::WrongMachine { theirs: self.machine, ours: machine });
		}
		Ok(checked.check_expiry(now, longest)?)
	}

	/// Whether the key may become a payment key.
	///
	/// # Errors
	/// [`AgreementError::NotForPayments`].
	pub fn check_payment_rights(&self) -> Result<(), AgreementError> {
		if self.rights == KeyRights::ALL {
			return Ok(());
		}
		Err(AgreementError::NotForPayments {
			found: describe_rights(self.rights),
			expected: describe_rights(KeyRights::ALL),
		})
	}

	/// Whether the key may become a further key.
	///
	/// # Errors
	/// [`AgreementError::NotForFurtherKeys`].
	pub fn check_further_rights(&self) -> Result<(), AgreementError> {
		let allowed = KeyRights::ALL.without(KeyRights::PAY);
		if !self.rights.is_empty() && allowed.contains(self.rights) {
			return Ok(());
		}
		Err(AgreementError::NotForFurtherKeys(describe_rights(self.rights)))
	}

	/// Writes a new file; an existing one is never overwritten.
	///
	/// # Errors
	/// [`StatementError::Exists`], [`StatementError::Io`].
	pub fn write(&self, path: &Path) -> Result<(), StatementError> {
		statement::write(Statement::KeyAgreement, path, &File::from(self))
	}

	/// Reads a file. Its proof is checked by [`Self::check`].
	///
	/// # Errors
	/// [`StatementError::Io`], [`StatementError::Malformed`].
	pub fn read(path: &Path) -> Result<Self, StatementError> {
		statement::read::<File, _>(Statement::KeyAgreement, path)
	}
}

/// Rights as command lines spell them: `pay,claim,services`, or `none`.
pub fn describe_rights(rights: KeyRights) -> String {
	if rights.is_empty() {
		return "none".into();
	}
	rights.names().collect::<Vec<_>>().join(",")
}

/// The agreement as JSON.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct File {
	version: Version,
	genesis_hash: H256,
	machine: MachineId,
	scheme: Scheme,
	key: String,
	rights: Vec<String>,
	expires_at: u32,
	proof: String,
}

impl From<&KeyAgreement> for File {
	fn from(agreement: &KeyAgreement) -> Self {
		let (scheme, key, proof) = statement::show_signed(&agreement.key, &agreement.proof);
		Self {
			version: Version,
			genesis_hash: agreement.genesis,
			machine: agreement.machine,
			scheme,
			key,
			rights: agreement.rights.names().map(Into::into).collect(),
			expires_at: agreement.expires_at,
			proof,
		}
	}
}

impl TryFrom<File> for KeyAgreement {
	type Error = String;
	fn try_from(file: File) -> Result<Self, String> {
		let (key, proof) = statement::parse_signed(file.scheme, &file.key, &file.proof)?;
		let mut rights = KeyRights::NONE;
		for name in &file.rights {
			let right =
				KeyRights::by_name(name).ok_or_else(|| format!("unknown right `{name}`"))?;
			if rights.contains(right) {
				return Err(format!("the right `{name}` is listed twice"));
			}
			rights = rights.and(right);
		}
		if rights.is_empty() {
			return Err("`rights` is empty".into());
		}
		Ok(Self {
			genesis: file.genesis_hash,
			machine: file.machine,
			key,
			rights,
			expires_at: file.expires_at,
			proof,
		})
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;
	use std::fs;

	const HERE: H256 = H256([1; 32]);

	fn signed(scheme: Scheme, rights: KeyRights) -> KeyAgreement {
		let (key, _) = Key::generate(scheme);
		KeyAgreement::sign(&key, HERE, 7, rights, 500)
	}

	#[test]
	fn agreements_should_verify_for_every_scheme() {
		for scheme in Scheme::ALL {
			signed(scheme, KeyRights::ALL).check(HERE, 7, 500, 0).unwrap();
		}
	}

	#[test]
	fn agreements_should_be_refused_when_any_part_was_altered() {
		for scheme in Scheme::ALL {
			let good = signed(scheme, KeyRights::CLAIM);
			let (other, _) = Key::generate(scheme);
			let altered = [
				KeyAgreement { genesis: H256([2; 32]), ..good.clone() },
				KeyAgreement { machine: 8, ..good.clone() },
				KeyAgreement { key: other.public(), ..good.clone() },
				KeyAgreement { rights: KeyRights::ALL, ..good.clone() },
				KeyAgreement { expires_at: 501, ..good.clone() },
			];
			for agreement in altered {
				let refused = agreement.check(HERE, 7, 0, 1_000);
				assert!(
					matches!(
						refused,
						Err(AgreementError::Statement(StatementError::BadProof { .. }))
					),
					"{scheme}"
				);
			}
		}
	}

	#[test]
	fn agreements_should_be_refused_elsewhere_for_other_machines_and_later() {
		let good = signed(Scheme::Sr25519, KeyRights::ALL);
		let statement = |result: Result<(), AgreementError>| match result {
			Err(AgreementError::Statement(error)) => error,
			other => panic!("{other:?}"),
		};
		assert!(matches!(
			statement(good.check(H256([2; 32]), 7, 0, 1_000)),
			StatementError::WrongChain { .. }
		));
		assert!(matches!(
			good.check(HERE, 8, 0, 1_000),
			Err(AgreementError::WrongMachine { theirs: 7, ours: 8 })
		));
		assert!(matches!(
			statement(good.check(HERE, 7, 501, 1_000)),
			StatementError::Expired { expires_at: 500, now: 501, .. }
		));
		assert!(matches!(
			statement(good.check(HERE, 7, 99, 400)),
			StatementError::ValidTooLong { expires_at: 500, latest: 499, .. }
		));
		good.check(HERE, 7, 100, 400).unwrap();
	}

	#[test]
	fn rights_should_fit_the_kind_of_key() {
		let all = signed(Scheme::Ed25519, KeyRights::ALL);
		all.check_payment_rights().unwrap();
		assert!(matches!(all.check_further_rights(), Err(AgreementError::NotForFurtherKeys(_))));
		for rights in [KeyRights::CLAIM, KeyRights::SERVICES.and(KeyRights::CLAIM)] {
			let some = signed(Scheme::Ed25519, rights);
			some.check_further_rights().unwrap();
			let refused = some.check_payment_rights().unwrap_err();
			assert!(refused.to_string().contains("--rights pay,claim,services"), "{refused}");
		}
		let none = signed(Scheme::Ed25519, KeyRights::NONE);
		assert!(none.check_further_rights().unwrap_err().to_string().contains("none"));
		let pay = signed(Scheme::Ed25519, KeyRights::PAY);
		assert!(pay.check_payment_rights().is_err() && pay.check_further_rights().is_err());
	}

	#[test]
	fn files_should_keep_agreements_and_refuse_rubbish() {
		let folder = tempfile::tempdir().unwrap();
		for scheme in Scheme::ALL {
			let path = folder.path().join(scheme.to_string());
			let good = signed(scheme, KeyRights::ALL);
			good.write(&path).unwrap();
			assert_eq!(KeyAgreement::read(&path).unwrap(), good);
			assert!(matches!(good.write(&path), Err(StatementError::Exists(_))));

			let text = fs::read_to_string(&path).unwrap();
			for (broken, says) in [
				(text[..text.len() / 2].to_owned(), "no key agreement file"),
				(text.replace("\"version\": 1", "\"version\": 9"), "format version 9"),
				(text.replace("\"key\": \"0x", "\"key\": \"0xzz"), "`key`"),
				(text.replace("\"proof\": \"0x", "\"proof\": \""), "`proof`"),
				(text.replace("\"machine\": 7", "\"machine\": -7"), "no key agreement file"),
				(text.replace("\"expiresAt\": 500", "\"expiresAt\": 4294967296"), "no key"),
				(text.replace("\"pay\"", "\"rule\""), "unknown right `rule`"),
				(text.replace("\"claim\"", "\"pay\""), "listed twice"),
				(text.replace("\"machine\": 7", "\"machine\": 7, \"note\": 1"), "note"),
			] {
				assert_ne!(broken, text);
				fs::write(&path, &broken).unwrap();
				let refused = KeyAgreement::read(&path).unwrap_err();
				assert!(matches!(refused, StatementError::Malformed { .. }), "{broken}");
				assert!(refused.to_string().contains(says), "{refused}");
			}
			fs::write(&path, vec![b' '; 64 * 1024 + 1]).unwrap();
			assert!(KeyAgreement::read(&path).is_err());
		}
		let missing = KeyAgreement::read(&folder.path().join("none"));
		assert!(matches!(missing, Err(StatementError::Io { .. })));
	}

	#[test]
	fn registrations_should_not_pass_for_agreements() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("registration");
		let (key, _) = Key::generate(Scheme::Ed25519);
		let owner = key.account();
		crate::Registration::sign(&key, HERE, owner, Default::default(), 500).write(&path).unwrap();
		assert!(matches!(KeyAgreement::read(&path), Err(StatementError::Malformed { .. })));
	}

	proptest! {
		#![proptest_config(ProptestConfig::with_cases(16))]
		#[test]
		fn every_agreement_should_survive_its_file(
			seed: [u8; 32],
			genesis: [u8; 32],
			machine: u64,
			expires_at: u32,
			bits in 1usize..8,
		) {
			let folder = tempfile::tempdir().unwrap();
			let key = Key::from_seed(Scheme::Ed25519, &seed).unwrap();
			let rights = KeyRights::NAMES
				.iter()
				.enumerate()
				.filter(|(index, _)| bits & (1 << index) != 0)
				.fold(KeyRights::NONE, |all, (_, (right, _))| all.and(*right));
			let good = KeyAgreement::sign(&key, H256(genesis), machine, rights, expires_at);
			let path = folder.path().join("agreement.json");
			good.write(&path).unwrap();
			let read = KeyAgreement::read(&path).unwrap();
			prop_assert!(read.check(H256(genesis), machine, expires_at, 0).is_ok());
			prop_assert_eq!(read, good);
		}
	}
}
