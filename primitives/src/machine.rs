//! What a machine is, and where its money stands.

use alloc::string::String;
use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::PublicKey;

/// Number of a machine, given at registration, ascending from 0 and never reused.
pub type MachineId = u64;

/// Longest [`Uri`], in bytes.
pub const MAX_URI_BYTES: u32 = 128;

/// First bytes of every machine's address: the SDK's tag for module accounts, then ours.
const ACCOUNT_PREFIX: [u8; 12] = *b"modldam/mach";

/// The sovereign account of a machine: where its USDT stands.
///
/// The prefix, the id in little endian, then zeros. No private key exists for it, since a public
/// key would have to be found that ends in twelve zero bytes; only the chain's own rules debit it.
/// The derivation is that of `PalletId(*b"dam/mach").into_sub_account_truncating(id)`.
pub fn machine_account(id: MachineId) -> [u8; 32] {
	let mut account = [0; 32];
	account[..12].copy_from_slice(&ACCOUNT_PREFIX);
	account[12..20].copy_from_slice(&id.to_le_bytes());
	account
}

/// The inverse of [`machine_account`]: whose money stands at this address, if it is a machine's.
pub fn machine_at(account: &[u8; 32]) -> Option<MachineId> {
	let id = u64::from_le_bytes(account[12..20].try_into().ok()?);
	(machine_account(id) == *account).then_some(id)
}

/// What sort of device a machine is. Informative: no rule of the chain depends on it yet.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	Debug,
	Default,
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
pub enum MachineKind {
	/// None of the others.
	#[default]
	Other,
	/// Charges electric vehicles.
	EvCharger,
	/// Feeds solar energy into a grid.
	SolarInverter,
	/// Stores energy.
	Battery,
	/// Measures energy, water, gas or heat.
	Meter,
	/// Observes and sells data.
	Sensor,
	/// Flies.
	Drone,
	/// Drives.
	Vehicle,
	/// Works with hands or tools.
	Robot,
	/// Household or medical appliance.
	Appliance,
	/// Relays messages of other machines.
	Gateway,
}

/// Whether a machine may act.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
pub enum MachineStatus {
	/// Pays and is paid.
	Active,
	/// Is paid, but does not spend, until its owner resumes it.
	Suspended,
	/// Gone for good: neither pays nor is paid. Its id and key are never used again.
	Retired,
}

/// An address on the web or in content-addressed storage: UTF-8, at most [`MAX_URI_BYTES`].
#[derive(
	Clone,
	PartialEq,
	Eq,
	Debug,
	Default,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Uri(pub BoundedVec<u8, ConstU32<MAX_URI_BYTES>>);

impl Uri {
	/// The address as text; bytes that are not UTF-8 show as replacement characters.
	pub fn to_text(&self) -> String {
		String::from_utf8_lossy(&self.0).into_owned()
	}

	/// Whether the bytes are UTF-8, as the chain demands.
	pub fn is_text(&self) -> bool {
		core::str::from_utf8(&self.0).is_ok()
	}
}

/// Why a text is no [`Uri`]: it is longer than [`MAX_URI_BYTES`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UriTooLong;

impl TryFrom<&str> for Uri {
	type Error = UriTooLong;
	fn try_from(text: &str) -> Result<Self, UriTooLong> {
		text.as_bytes().to_vec().try_into().map(Self).map_err(|_| UriTooLong)
	}
}

/// A document about the machine, held off chain.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Metadata {
	/// SHA-256 of the document's bytes.
	#[cfg_attr(feature = "serde", serde(serialize_with = "hex_field"))]
	pub hash: [u8; 32],
	/// Where to fetch it, for example `ipfs://…`.
	pub uri: Uri,
}

/// What a machine says of itself at registration. Signed by its key.
#[derive(
	Clone,
	PartialEq,
	Eq,
	Debug,
	Default,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct MachineProfile {
	/// Sort of device.
	pub kind: MachineKind,
	/// Document about it, if any.
	pub metadata: Option<Metadata>,
}

/// A machine as the runtime API shows it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "camelCase"))]
pub struct MachineInfo<AccountId> {
	/// Its number.
	pub id: MachineId,
	/// Who registered it and holds its deposit.
	pub owner: AccountId,
	/// Its sovereign account.
	pub account: AccountId,
	/// The key that authorizes its payments.
	pub key: PublicKey,
	/// The account from which that key signs.
	pub key_account: AccountId,
	/// Whether it may act.
	pub status: MachineStatus,
	/// What it says of itself.
	pub profile: MachineProfile,
	/// Block in which it was registered.
	pub registered_at: u32,
	/// Block of the last change to this record.
	pub updated_at: u32,
	/// Held from the owner until retirement, in units of 10⁻¹² DAM.
	#[cfg_attr(feature = "serde", serde(serialize_with = "text_field"))]
	pub deposit: u128,
}

#[cfg(feature = "serde")]
pub(crate) fn hex(bytes: &[u8]) -> String {
	use core::fmt::Write;
	bytes.iter().fold(String::from("0x"), |mut out, byte| {
		// Writing to a `String` cannot fail.
		let _ = write!(out, "{byte:02x}");
		out
	})
}

#[cfg(feature = "serde")]
fn hex_field<S: serde::Serializer>(bytes: &[u8; 32], serializer: S) -> Result<S::Ok, S::Error> {
	serializer.serialize_str(&hex(bytes))
}

/// Amounts leave as text: JSON numbers lose precision above 2⁵³.
#[cfg(feature = "serde")]
fn text_field<S: serde::Serializer>(amount: &u128, serializer: S) -> Result<S::Ok, S::Error> {
	serializer.collect_str(amount)
}

#[cfg(feature = "serde")]
impl serde::Serialize for Uri {
	fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
		serializer.serialize_str(&self.to_text())
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn account_should_lead_back_to_its_machine() {
		for id in [0, 1, 255, 1_000_000, MachineId::MAX] {
			assert_eq!(machine_at(&machine_account(id)), Some(id));
		}
	}

	#[test]
	fn other_accounts_should_belong_to_no_machine() {
		assert_eq!(machine_at(&[0; 32]), None);
		let mut tail = machine_account(7);
		tail[31] = 1;
		assert_eq!(machine_at(&tail), None);
	}

	#[test]
	fn uri_should_refuse_one_byte_too_many() {
		let longest = "x".repeat(MAX_URI_BYTES as usize);
		assert_eq!(Uri::try_from(longest.as_str()).map(|uri| uri.to_text()), Ok(longest.clone()));
		assert_eq!(Uri::try_from((longest + "x").as_str()), Err(UriTooLong));
	}
}
