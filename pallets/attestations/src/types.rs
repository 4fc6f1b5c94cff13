//! What this pallet stores and takes.

use crate::*;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;
use sp_runtime::DispatchError;

/// Amounts of the native token.
pub type BalanceOf<T> =
	<<T as Config>::Currency as fungible::Inspect<<T as frame_system::Config>::AccountId>>::Balance;

/// When an attester was last accredited for a type of claim.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Accreditation<BlockNumber> {
	/// First block in which what the attester issues counts.
	pub since: BlockNumber,
	/// First block in which nothing counts any more; `None` while the attester is accredited.
	pub until: Option<BlockNumber>,
}

impl<BlockNumber: PartialOrd> Accreditation<BlockNumber> {
	/// Whether what was issued in block `issued_at` counts in block `at`.
	pub fn covers(&self, issued_at: &BlockNumber, at: &BlockNumber) -> bool {
		self.since <= *issued_at && self.until.as_ref().is_none_or(|until| at < until)
	}
}

/// An attestation. Subject, claim and attester are its key.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct AttestationRecord<Balance, BlockNumber> {
	/// SHA-256 of the evidence, which the attester keeps.
	pub evidence: [u8; 32],
	/// First block in which it was valid.
	pub issued_at: BlockNumber,
	/// Last block in which it is valid, unless it is revoked.
	pub expires_at: BlockNumber,
	/// First block in which it was not valid any more, because its attester took it back.
	pub revoked_at: Option<BlockNumber>,
	/// Held from the attester, in units of the native token.
	pub deposit: Balance,
}

impl<Balance, BlockNumber: PartialOrd> AttestationRecord<Balance, BlockNumber> {
	/// Whether it is valid in block `at`, given its attester's `accreditation` for the claim. Of a
	/// block to come this tells what holds if nothing is changed until then.
	pub fn is_valid_at(
		&self,
		at: &BlockNumber,
		accreditation: &Accreditation<BlockNumber>,
	) -> bool {
		self.issued_at <= *at
			&& *at <= self.expires_at
			&& self.revoked_at.as_ref().is_none_or(|revoked_at| at < revoked_at)
			&& accreditation.covers(&self.issued_at, at)
	}
}

/// [`AttestationRecord`] of a runtime.
pub type AttestationRecordOf<T> = AttestationRecord<BalanceOf<T>, BlockNumberFor<T>>;

/// What an attester submits to attest something.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct NewAttestation<AccountId, BlockNumber> {
	/// Of whom.
	pub subject: Subject<AccountId>,
	/// What.
	pub claim: ClaimType,
	/// SHA-256 of the evidence, which the attester keeps.
	pub evidence: [u8; 32],
	/// Last block in which it is valid.
	pub expires_at: BlockNumber,
}

/// [`NewAttestation`] of a runtime.
pub type NewAttestationOf<T> =
	NewAttestation<<T as frame_system::Config>::AccountId, BlockNumberFor<T>>;

/// What an attester submits to let one of its attestations expire later.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Renewal<AccountId, BlockNumber> {
	/// Of whom.
	pub subject: Subject<AccountId>,
	/// What.
	pub claim: ClaimType,
	/// Last block in which it is valid from now on.
	pub expires_at: BlockNumber,
}

/// [`Renewal`] of a runtime.
pub type RenewalOf<T> = Renewal<<T as frame_system::Config>::AccountId, BlockNumberFor<T>>;

/// Which of its attestations an attester takes back.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Revocation<AccountId> {
	/// Of whom.
	pub subject: Subject<AccountId>,
	/// What.
	pub claim: ClaimType,
}

/// An item of a batch that failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct FailedItem {
	/// Position in the batch, from 0.
	#[codec(compact)]
	pub index: u32,
	/// Why.
	pub error: DispatchError,
}

/// The items of a batch that failed, in its order.
pub type FailedItems = BoundedVec<FailedItem, ConstU32<MAX_ATTESTATION_BATCH>>;

/// Whether `claim` is made of subjects like this one.
pub(crate) fn is_made_of<AccountId>(claim: ClaimType, subject: &Subject<AccountId>) -> bool {
	match claim {
		ClaimType::Manufacturer
		| ClaimType::MeterCalibration
		| ClaimType::Location
		| ClaimType::Carbon => matches!(subject, Subject::Machine(_)),
		ClaimType::OperatorKyc | ClaimType::HolderKyc => matches!(subject, Subject::Account(_)),
	}
}
