//! A record of what was signed, written before it is sent.
//!
//! With a journal a payment command can be repeated safely after a crash, a power cut or a timeout:
//! what was already signed is looked for and, if need be, sent again with the same bytes; only what
//! provably never happened is signed anew.

use std::{
	fs::{File, OpenOptions},
	io::{self, BufRead, BufReader, Write},
	os::unix::fs::OpenOptionsExt,
	path::{Path, PathBuf},
};

use codec::Encode;
use serde::{Deserialize, Serialize};
use subxt::{
	config::{substrate::BlakeTwo256, Hasher},
	utils::H256,
};
use thiserror::Error;

use crate::{chain::SignedCall, AccountId};

/// Why a journal cannot be used. Nothing was sent.
#[derive(Debug, Error)]
pub enum JournalError {
	/// It cannot be read or written.
	#[error("cannot use the journal {path}: {cause}; nothing was sent")]
	Io {
		/// Which file.
		path: PathBuf,
		/// What the system said.
		cause: io::Error,
	},
	/// It is not what we wrote.
	#[error(
		"the journal {path} is damaged in line {line}: find out on chain what was paid before you \
		 use another journal"
	)]
	Malformed {
		/// Which file.
		path: PathBuf,
		/// Where, from 1.
		line: usize,
	},
	/// It is of another payment.
	#[error(
		"the journal {path} belongs to other payments or another key: use one journal file for each \
		 payment command"
	)]
	OtherPayment {
		/// Which file.
		path: PathBuf,
	},
}

/// A part of what the command does, signed.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Entry {
	/// Which part of the command, from 0.
	part: usize,
	/// What the part does and who signs it.
	digest: H256,
	/// The transaction.
	call: SignedCall,
}

/// A file of signed transactions; one JSON object a line, only ever appended to.
#[derive(Debug)]
pub struct Journal {
	path: PathBuf,
	file: File,
	entries: Vec<Entry>,
}

impl Journal {
	/// Opens a journal, or begins one.
	///
	/// # Errors
	/// [`JournalError::Io`], [`JournalError::Malformed`].
	pub fn open(path: &Path) -> Result<Self, JournalError> {
		let io = |cause| JournalError::Io { path: path.into(), cause };
		let file = OpenOptions::new()
			.read(true)
			.append(true)
			.create(true)
			.mode(0o600)
			.open(path)
			.map_err(io)?;
		let mut entries = Vec::new();
		for (index, line) in BufReader::new(&file).lines().enumerate() {
			let entry = serde_json::from_str(&line.map_err(io)?)
				.map_err(|_| JournalError::Malformed { path: path.into(), line: index + 1 })?;
			entries.push(entry);
		}
		Ok(Self { path: path.into(), file, entries })
	}

	/// The transaction last signed for a part, if there is one.
	///
	/// # Errors
	/// [`JournalError::OtherPayment`] if it was signed for something else.
	pub fn signed(&self, part: usize, digest: H256) -> Result<Option<&SignedCall>, JournalError> {
		let last = self.entries.iter().rev().find(|entry| entry.part == part);
		match last {
			Some(entry) if entry.digest != digest => {
				Err(JournalError::OtherPayment { path: self.path.clone() })
			},
			last => Ok(last.map(|entry| &entry.call)),
		}
	}

	/// Records a transaction. Returns once it is on disk.
	///
	/// # Errors
	/// [`JournalError::Io`]: then nothing may be sent.
	pub fn record(
		&mut self,
		part: usize,
		digest: H256,
		call: &SignedCall,
	) -> Result<(), JournalError> {
		let entry = Entry { part, digest, call: call.clone() };
		let mut line = serde_json::to_string(&entry).expect("strings and numbers serialize; qed");
		line.push('\n');
		self.file
			.write_all(line.as_bytes())
			.and_then(|()| self.file.sync_all())
			.map_err(|cause| JournalError::Io { path: self.path.clone(), cause })?;
		self.entries.push(entry);
		Ok(())
	}
}

/// What identifies a part of a command: who signs what on which chain.
pub fn digest(genesis: H256, signer: AccountId, what: &impl Encode) -> H256 {
	BlakeTwo256.hash(&(genesis.0, signer.0, what).encode())
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::chain::Block;

	fn call(nonce: u64) -> SignedCall {
		SignedCall {
			bytes: vec![1, 2, 3],
			hash: H256([9; 32]),
			genesis: H256([1; 32]),
			signer: AccountId::from([2; 32]),
			nonce,
			birth: Block { number: 5, hash: H256([5; 32]) },
			last_block: 132,
		}
	}

	#[test]
	fn journals_should_remember_the_last_transaction_of_each_part() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("journal");
		let (one, two) = (H256([1; 32]), H256([2; 32]));
		let mut journal = Journal::open(&path).unwrap();
		journal.record(0, one, &call(7)).unwrap();
		journal.record(1, two, &call(8)).unwrap();
		journal.record(0, one, &call(9)).unwrap();

		let journal = Journal::open(&path).unwrap();
		assert_eq!(journal.signed(0, one).unwrap(), Some(&call(9)));
		assert_eq!(journal.signed(1, two).unwrap(), Some(&call(8)));
		assert_eq!(journal.signed(2, two).unwrap(), None);
		assert!(matches!(journal.signed(1, one), Err(JournalError::OtherPayment { .. })));
	}

	#[test]
	fn journals_should_be_refused_when_damaged() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("journal");
		Journal::open(&path).unwrap().record(0, H256([1; 32]), &call(7)).unwrap();
		let text = std::fs::read_to_string(&path).unwrap();
		std::fs::write(&path, &text[..text.len() / 2]).unwrap();
		assert!(matches!(Journal::open(&path), Err(JournalError::Malformed { line: 1, .. })));
	}
}
