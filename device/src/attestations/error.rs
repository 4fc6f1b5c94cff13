//! Why something was not attested.

use dam_primitives::{ClaimType, Subject};
use thiserror::Error;

use crate::{
	batch::{BatchError, Place},
	payee::PayeeError,
	transact::{from_chain, TransactError},
	AccountId,
};

/// Why something was not attested.
#[derive(Debug, Error)]
pub enum AttestationError {
	/// Claims of that type are made of others.
	#[error(
		"`{}` is not attested of {}: identity checks are of accounts, everything else is of machines",
		name(*.claim), describe(.subject)
	)]
	WrongSubject {
		/// What.
		claim: ClaimType,
		/// Of whom.
		subject: Subject<AccountId>,
	},
	/// The signer may not attest that.
	#[error(
		"{attester} is not accredited for `{}`{}: have governance accredit it",
		name(*.claim), since(.until)
	)]
	NotAccredited {
		/// Who would attest.
		attester: AccountId,
		/// What.
		claim: ClaimType,
		/// Since when not any more, if it once was.
		until: Option<u32>,
	},
	/// The last block is not in the future, or too far.
	#[error(
		"the attestation would expire in block {expires_at}: name a block from {first} to {last}"
	)]
	Expiry {
		/// Last block that was named.
		expires_at: u32,
		/// Earliest that it can be.
		first: u32,
		/// Latest that it can be.
		last: u32,
	},
	/// It is attested already.
	#[error(
		"the key's account attests `{}` of {} already, until block {expires_at}: renew it, or revoke \
		 it first",
		name(*.claim), describe(.subject)
	)]
	AlreadyIssued {
		/// Of whom.
		subject: Subject<AccountId>,
		/// What.
		claim: ClaimType,
		/// Last block in which it is valid.
		expires_at: u32,
	},
	/// It was never attested, or removed.
	#[error("{attester} does not attest `{}` of {}", name(*.claim), describe(.subject))]
	NotFound {
		/// Of whom.
		subject: Subject<AccountId>,
		/// What.
		claim: ClaimType,
		/// By whom.
		attester: AccountId,
	},
	/// It was taken back.
	#[error(
		"`{}` of {} was revoked in block {revoked_at}: issue it anew",
		name(*.claim), describe(.subject)
	)]
	Revoked {
		/// Of whom.
		subject: Subject<AccountId>,
		/// What.
		claim: ClaimType,
		/// First block in which it was not valid any more.
		revoked_at: u32,
	},
	/// It has expired.
	#[error(
		"`{}` of {} was valid until block {expires_at}: issue it anew",
		name(*.claim), describe(.subject)
	)]
	Expired {
		/// Of whom.
		subject: Subject<AccountId>,
		/// What.
		claim: ClaimType,
		/// Last block in which it was valid.
		expires_at: u32,
	},
	/// The accreditation behind it was withdrawn.
	#[error(
		"`{}` of {} was issued under an accreditation that was withdrawn: issue it anew",
		name(*.claim), describe(.subject)
	)]
	Lapsed {
		/// Of whom.
		subject: Subject<AccountId>,
		/// What.
		claim: ClaimType,
	},
	/// It does not expire earlier than that.
	#[error("the attestation is valid until block {present}: name a later one")]
	ExpiryNotLater {
		/// Last block in which it is valid.
		present: u32,
	},
	/// It can still be valid.
	#[error(
		"the attestation expires in block {expires_at}: it can be removed once that is past, and \
		 revoked by its attester before"
	)]
	NotExpired {
		/// Last block in which it is valid, unless it was revoked.
		expires_at: u32,
	},
	/// What every operation can meet.
	#[error(transparent)]
	Transact(#[from] TransactError),
}

from_chain!(AttestationError);

/// Why a file of attestations cannot be used. Nothing was sent.
#[derive(Debug, Error)]
pub enum AttestationBatchError {
	/// The file, as any CSV.
	#[error(transparent)]
	File(#[from] BatchError),
	/// The subject of an item.
	#[error("{place}, column subject: {cause}")]
	Subject {
		/// Where.
		place: Place,
		/// Why.
		cause: PayeeError,
	},
	/// The claim of an item.
	#[error("{place}, column claim: {why}")]
	Claim {
		/// Where.
		place: Place,
		/// What is wrong.
		why: String,
	},
	/// The evidence of an item.
	#[error("{place}, column evidence: `{found}` is not 0x and 64 hexadecimal digits (SHA-256)")]
	Evidence {
		/// Where.
		place: Place,
		/// What stands there.
		found: String,
	},
	/// The expiry of an item.
	#[error("{place}, column expires_at: `{found}` is no block number")]
	Expiry {
		/// Where.
		place: Place,
		/// What stands there.
		found: String,
	},
	/// Something is listed twice.
	#[error("{place}: `{}` of {} is listed twice, here and in {first}", name(*.claim), describe(.subject))]
	Duplicate {
		/// Where.
		place: Place,
		/// Where it stood first.
		first: Place,
		/// Of whom.
		subject: Subject<AccountId>,
		/// What.
		claim: ClaimType,
	},
	/// A subject of which such claims are not made.
	#[error("{place}: {cause}")]
	WrongSubject {
		/// Where.
		place: Place,
		/// Why.
		cause: Box<AttestationError>,
	},
}

/// The claim as command lines and files spell it.
pub(crate) fn name(claim: ClaimType) -> String {
	match serde_json::to_value(claim) {
		Ok(serde_json::Value::String(name)) => name,
		_ => format!("{claim:?}"),
	}
}

fn describe(subject: &Subject<AccountId>) -> String {
	match subject {
		Subject::Machine(machine) => format!("machine {machine}"),
		Subject::Account(account) => account.to_string(),
	}
}

fn since(until: &Option<u32>) -> String {
	until.map_or_else(String::new, |block| format!(" any more, since block {block}"))
}
