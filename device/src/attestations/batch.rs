//! Attestations from CSV.
//!
//! Everything is checked before anything is signed: one bad line refuses the whole file, with its
//! line, its column, and what was expected.

use std::{collections::BTreeMap, path::Path};

use dam_primitives::{ClaimType, Payee, Subject};

use super::{check_subject, error::AttestationBatchError, NewAttestation, Renewal, Revocation};
use crate::{
	batch::{self, BatchError, Place, Row},
	payee::parse_payee,
	AccountId,
};

/// A checked list of items, each of another subject or claim.
macro_rules! batch {
	($(#[$meta:meta])* $name:ident of $item:ident, $header:literal, $read:expr) => {
		$(#[$meta])*
		#[derive(Clone, PartialEq, Eq, Debug)]
		pub struct $name {
			items: Vec<$item>,
		}

		impl $name {
			/// The columns of the file.
			pub const HEADER: &'static str = $header;

			/// Checks a list of items.
			///
			/// # Errors
			/// [`BatchError::Empty`], [`AttestationBatchError::Duplicate`],
			/// [`AttestationBatchError::WrongSubject`].
			pub fn new(items: Vec<$item>) -> Result<Self, AttestationBatchError> {
				Self::checked(items.into_iter().enumerate().map(|(index, item)| {
					(Place::Item(index), item)
				}).collect())
			}

			/// Reads a CSV file.
			///
			/// `network` is the chain specification's id, to refuse DIDs of other networks.
			///
			/// # Errors
			/// See [`AttestationBatchError`].
			pub fn read(path: &Path, network: Option<&str>) -> Result<Self, AttestationBatchError> {
				Self::from_csv(&batch::read_file(path)?, network)
			}

			/// Reads CSV.
			///
			/// # Errors
			/// See [`AttestationBatchError`].
			pub fn from_csv(
				bytes: &[u8],
				network: Option<&str>,
			) -> Result<Self, AttestationBatchError> {
				let read: fn(&Row, Option<&str>) -> Result<$item, AttestationBatchError> = $read;
				let items = batch::read_rows(bytes, Self::HEADER, |row| {
					Ok::<_, AttestationBatchError>((row.place, read(row, network)?))
				})?;
				Self::checked(items)
			}

			/// The items, in order.
			pub fn items(&self) -> &[$item] {
				&self.items
			}

			fn checked(items: Vec<(Place, $item)>) -> Result<Self, AttestationBatchError> {
				if items.is_empty() {
					return Err(BatchError::Empty.into());
				}
				let mut seen = BTreeMap::new();
				for (place, item) in &items {
					check_subject(item.claim, &item.subject).map_err(|cause| {
						AttestationBatchError::WrongSubject { place: *place, cause: cause.into() }
					})?;
					if let Some(first) = seen.insert((order(&item.subject), item.claim), *place) {
						return Err(AttestationBatchError::Duplicate {
							place: *place,
							first,
							subject: item.subject.clone(),
							claim: item.claim,
						});
					}
				}
				Ok(Self { items: items.into_iter().map(|(_, item)| item).collect() })
			}
		}
	};
}

batch! {
	/// Attestations to be issued.
	IssueBatch of NewAttestation, "subject,claim,evidence,expires_at", |row, network| {
		Ok(NewAttestation {
			subject: subject(row, network)?,
			claim: claim(row)?,
			evidence: evidence(row)?,
			expires_at: expires_at(row, 3)?,
		})
	}
}

batch! {
	/// Attestations that are to expire later.
	RenewalBatch of Renewal, "subject,claim,expires_at", |row, network| {
		Ok(Renewal {
			subject: subject(row, network)?,
			claim: claim(row)?,
			expires_at: expires_at(row, 2)?,
		})
	}
}

batch! {
	/// Attestations that are taken back.
	RevocationBatch of Revocation, "subject,claim", |row, network| {
		Ok(Revocation { subject: subject(row, network)?, claim: claim(row)? })
	}
}

/// Something to sort subjects by.
fn order(subject: &Subject<AccountId>) -> (u64, Option<[u8; 32]>) {
	match subject {
		Subject::Machine(machine) => (*machine, None),
		Subject::Account(account) => (0, Some(account.0)),
	}
}

fn subject(row: &Row, network: Option<&str>) -> Result<Subject<AccountId>, AttestationBatchError> {
	match parse_payee(row.column(0), network) {
		Ok(Payee::Machine(machine)) => Ok(Subject::Machine(machine)),
		Ok(Payee::Account(account)) => Ok(Subject::Account(account)),
		Err(cause) => Err(AttestationBatchError::Subject { place: row.place, cause }),
	}
}

fn claim(row: &Row) -> Result<ClaimType, AttestationBatchError> {
	// The parser lists the types by itself.
	serde_json::from_value(row.column(1).into())
		.map_err(|error| AttestationBatchError::Claim { place: row.place, why: error.to_string() })
}

fn evidence(row: &Row) -> Result<[u8; 32], AttestationBatchError> {
	let (place, found) = (row.place, row.column(2));
	let mut bytes = [0; 32];
	found
		.strip_prefix("0x")
		.and_then(|digits| hex::decode_to_slice(digits, &mut bytes).ok())
		.map(|()| bytes)
		.ok_or_else(|| AttestationBatchError::Evidence { place, found: found.into() })
}

fn expires_at(row: &Row, column: usize) -> Result<u32, AttestationBatchError> {
	let (place, found) = (row.place, row.column(column));
	found.parse().map_err(|_| AttestationBatchError::Expiry { place, found: found.into() })
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	const ALICE: &str = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";

	fn hash(byte: u8) -> String {
		format!("0x{}", hex::encode([byte; 32]))
	}

	fn issue(text: &str) -> Result<IssueBatch, AttestationBatchError> {
		IssueBatch::from_csv(text.as_bytes(), Some("local"))
	}

	#[test]
	fn files_should_be_read_in_order() {
		let text = format!(
			"subject,claim,evidence,expires_at\n7,manufacturer,{},500\n\
			 did:dam:local:8,meter-calibration,{},501\n{ALICE},operator-kyc,{},502\n",
			hash(1),
			hash(2),
			hash(3),
		);
		let batch = issue(&text).unwrap();
		let items = batch.items();
		assert_eq!(items.len(), 3);
		assert_eq!(
			items[0],
			NewAttestation {
				subject: Subject::Machine(7),
				claim: ClaimType::Manufacturer,
				evidence: [1; 32],
				expires_at: 500,
			}
		);
		assert_eq!(items[1].subject, Subject::Machine(8));
		assert!(matches!(items[2].subject, Subject::Account(_)));

		let renewals =
			RenewalBatch::from_csv(b"subject,claim,expires_at\n7,carbon,900\n", None).unwrap();
		let renewal =
			Renewal { subject: Subject::Machine(7), claim: ClaimType::Carbon, expires_at: 900 };
		assert_eq!(renewals.items(), [renewal]);
		let revocations =
			RevocationBatch::from_csv(b"subject,claim\n7,carbon\n7,location\n", None).unwrap();
		assert_eq!(revocations.items().len(), 2);
	}

	#[test]
	fn errors_should_name_line_column_and_expectation() {
		let header = "subject,claim,evidence,expires_at\n";
		let good = hash(1);
		for (rows, expected) in [
			(String::new(), "empty"),
			("7,carbon\n".into(), "line 2: 2 columns"),
			(format!("bob,carbon,{good},5\n"), "line 2, column subject"),
			(format!("did:dam:dev:7,carbon,{good},5\n"), "network"),
			(format!("7,carbon,{good},5\n\n8,steam,{good},5\n"), "line 4, column claim"),
			(format!("7,steam,{good},5\n"), "meter-calibration"),
			("7,carbon,0x12,5\n".into(), "line 2, column evidence"),
			(format!("7,carbon,{good},soon\n"), "line 2, column expires_at"),
			(format!("7,carbon,{good},4294967296\n"), "no block number"),
			(format!("7,carbon,{good},5\n7,carbon,{good},6\n"), "line 3: `carbon` of machine 7"),
			(format!("7,operator-kyc,{good},5\n"), "line 2: `operator-kyc` is not attested of"),
			(format!("{ALICE},carbon,{good},5\n"), "of machines"),
		] {
			let error = issue(&format!("{header}{rows}")).unwrap_err().to_string();
			assert!(error.contains(expected), "{rows:?} gave {error:?}");
		}
		let swapped = issue("claim,subject,evidence,expires_at\n").unwrap_err().to_string();
		assert!(swapped.contains("expected `subject,claim,evidence,expires_at`"), "{swapped}");
		let shorter = RevocationBatch::from_csv(header.as_bytes(), None).unwrap_err().to_string();
		assert!(shorter.contains("expected `subject,claim`"), "{shorter}");
		assert!(matches!(
			RevocationBatch::new(vec![]),
			Err(AttestationBatchError::File(BatchError::Empty))
		));
		// A machine's address means the machine.
		let address = AccountId::from(dam_primitives::machine_account(7)).to_string();
		let twice = format!("subject,claim\n7,carbon\n{address},carbon\n");
		let refused = RevocationBatch::from_csv(twice.as_bytes(), None);
		assert!(matches!(refused, Err(AttestationBatchError::Duplicate { .. })));
	}

	proptest! {
		#[test]
		fn no_bytes_should_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
			let _ = IssueBatch::from_csv(&bytes, None);
			let _ = RenewalBatch::from_csv(&bytes, None);
			let _ = RevocationBatch::from_csv(&bytes, None);
		}
	}
}
