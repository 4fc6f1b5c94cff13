//! Attestations: what accredited third parties say of machines and accounts.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::MachineId;

/// Most attestations that one batch issues, renews or revokes.
pub const MAX_ATTESTATION_BATCH: u32 = 256;

/// What an attestation is about. Attesters are accredited for each type apart.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
#[cfg_attr(
	feature = "serde",
	derive(serde::Serialize, serde::Deserialize),
	serde(rename_all = "kebab-case")
)]
pub enum ClaimType {
	/// Who made the machine, and which model it is.
	#[codec(index = 0)]
	Manufacturer,
	/// The machine's meter was calibrated.
	#[codec(index = 1)]
	MeterCalibration,
	/// Where the machine stands.
	#[codec(index = 2)]
	Location,
	/// The carbon balance of what the machine produces or uses.
	#[codec(index = 3)]
	Carbon,
	/// The operator was identified (know your customer).
	#[codec(index = 4)]
	OperatorKyc,
	/// The holder of shares was identified (know your customer).
	#[codec(index = 5)]
	HolderKyc,
}

impl ClaimType {
	/// Every type.
	pub const ALL: [Self; 6] = [
		Self::Manufacturer,
		Self::MeterCalibration,
		Self::Location,
		Self::Carbon,
		Self::OperatorKyc,
		Self::HolderKyc,
	];
}

/// Of whom something is attested.
#[derive(
	Clone,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "camelCase"))]
pub enum Subject<AccountId> {
	/// A machine.
	#[codec(index = 0)]
	Machine(#[codec(compact)] MachineId),
	/// A person or company, by account.
	#[codec(index = 1)]
	Account(AccountId),
}

/// An attestation as the runtime API shows it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "camelCase"))]
pub struct AttestationInfo<AccountId> {
	/// What it is about.
	pub claim: ClaimType,
	/// Who attests.
	pub attester: AccountId,
	/// SHA-256 of the evidence, which the attester keeps.
	#[cfg_attr(feature = "serde", serde(serialize_with = "crate::machine::hex_field"))]
	pub evidence: [u8; 32],
	/// First block in which it was valid.
	pub issued_at: u32,
	/// Last block in which it is valid, unless it is revoked.
	pub expires_at: u32,
	/// First block in which it was not valid any more, because its attester took it back.
	pub revoked_at: Option<u32>,
	/// Whether it is valid now: neither expired nor revoked, and its attester still accredited.
	pub valid: bool,
}
