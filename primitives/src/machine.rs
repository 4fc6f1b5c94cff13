//! What a machine is, and where its money stands.

use alloc::{string::String, vec::Vec};
use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::{KeyRights, OperatorRights, PublicKey};

/// Number of a machine, given at registration, ascending from 0 and never reused.
pub type MachineId = u64;

/// Longest [`Uri`], in bytes.
pub const MAX_URI_BYTES: u32 = 128;
/// Most machines in a line from the root of a fleet tree to a leaf.
pub const MAX_FLEET_DEPTH: u32 = 4;
/// Most keys that act for a machine at a time beside its payment key.
pub const MAX_FURTHER_KEYS: u32 = 7;
/// Most keys that a machine has in its life: each leaves a record for good.
pub const MAX_KEYS_EVER: u32 = 256;

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

/// What sort of device a machine is: what it says of itself, or its owner says of it. Spending
/// policies can refer to it.
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

impl MachineKind {
	/// Every kind.
	pub const ALL: [Self; 11] = [
		Self::Other,
		Self::EvCharger,
		Self::SolarInverter,
		Self::Battery,
		Self::Meter,
		Self::Sensor,
		Self::Drone,
		Self::Vehicle,
		Self::Robot,
		Self::Appliance,
		Self::Gateway,
	];
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
	/// Is paid and can be claimed from, but does not spend, until it is resumed.
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

	/// Whether this is an absolute URI by its characters (RFC 3986): a scheme, a colon, and then
	/// only what may stand in a URI, as the chain demands.
	pub fn is_valid(&self) -> bool {
		let Some(colon) = self.0.iter().position(|byte| *byte == b':') else { return false };
		let (scheme, rest) = self.0.split_at(colon);
		let scheme_ok = scheme.first().is_some_and(u8::is_ascii_alphabetic)
			&& scheme.iter().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte));
		let rest_ok = rest.len() > 1
			&& rest.iter().all(|byte| {
				byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(byte)
			});
		scheme_ok && rest_ok && Self::escapes_are_complete(rest)
	}

	/// Whether two hexadecimal digits follow every percent sign.
	fn escapes_are_complete(bytes: &[u8]) -> bool {
		bytes.iter().enumerate().filter(|(_, byte)| **byte == b'%').all(|(at, _)| {
			bytes.get(at + 1..at + 3).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
		})
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
	/// Who owns it and stands behind its deposit.
	pub owner: AccountId,
	/// Who may act in the owner's name, if anybody.
	pub operator: Option<OperatorInfo<AccountId>>,
	/// The machine that stands above it in its fleet's tree, if any.
	pub parent: Option<MachineId>,
	/// Its sovereign account.
	pub account: AccountId,
	/// The keys that act for it, the payment key first.
	pub keys: Vec<KeyInfo<AccountId>>,
	/// Whether it may act.
	pub status: MachineStatus,
	/// Whether its keys are frozen: none of them acts, until they are unfrozen.
	pub frozen: bool,
	/// To whom its ownership is offered, if to anybody.
	pub offer: Option<OwnershipOffer<AccountId>>,
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

impl<AccountId> MachineInfo<AccountId> {
	/// The key that authorizes its payments.
	pub fn payment_key(&self) -> Option<&KeyInfo<AccountId>> {
		self.keys.iter().find(|key| key.rights.contains(KeyRights::PAY))
	}
}

/// A key of a machine, present or past.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "camelCase"))]
pub struct KeyInfo<AccountId> {
	/// The machine.
	pub machine: MachineId,
	/// Its place among all keys that the machine ever had, from 0.
	pub ordinal: u32,
	/// The key.
	pub public: PublicKey,
	/// The account from which it signs.
	pub account: AccountId,
	/// What it may do.
	pub rights: KeyRights,
	/// First block in which it acted.
	pub valid_from: u32,
	/// Last block in which it acted; `None` while it still does.
	pub valid_until: Option<u32>,
	/// Last block in which what it signed before still settles; `None` while it still acts.
	pub claimable_until: Option<u32>,
}

/// Who may act in an owner's name.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "camelCase"))]
pub struct OperatorInfo<AccountId> {
	/// The operator.
	pub account: AccountId,
	/// What it may do.
	pub rights: OperatorRights,
}

/// An offer to take over a machine.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "camelCase"))]
pub struct OwnershipOffer<AccountId> {
	/// Who may accept.
	pub to: AccountId,
	/// Last block in which it can be accepted.
	pub expires_at: u32,
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
pub(crate) fn hex_field<S: serde::Serializer>(
	bytes: &[u8; 32],
	serializer: S,
) -> Result<S::Ok, S::Error> {
	serializer.serialize_str(&hex(bytes))
}

/// Amounts leave as text: JSON numbers lose precision above 2⁵³.
#[cfg(feature = "serde")]
pub(crate) fn text_field<S: serde::Serializer>(
	amount: &u128,
	serializer: S,
) -> Result<S::Ok, S::Error> {
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
	fn uri_should_be_absolute_and_of_uri_characters() {
		let valid = |text: &str| Uri::try_from(text).unwrap().is_valid();
		for good in [
			"ipfs://bafkreigh2akiscaildc",
			"https://example.org:8080/a%20b?x=1#y",
			"coap://[2001:db8::1]/kwh",
			"did:dam:local:7",
		] {
			assert!(valid(good), "{good}");
		}
		for bad in ["", "example.org/x", ":x", "http:", "1http://x", "http://a b", "x:%2", "x:ü"] {
			assert!(!valid(bad), "{bad}");
		}
		assert!(!Uri(BoundedVec::truncate_from(alloc::vec![b'x', b':', 0xff])).is_valid());
	}

	#[test]
	fn uri_should_not_be_decoded_when_it_is_too_long() {
		let of = |length: u32| alloc::vec![b'x'; length as usize].encode();
		assert!(Uri::decode(&mut &of(MAX_URI_BYTES)[..]).is_ok());
		assert!(Uri::decode(&mut &of(MAX_URI_BYTES + 1)[..]).is_err());
		// Nor does a length that is only claimed make anybody reserve memory for it.
		assert!(Uri::decode(&mut &[0xfe, 0xff, 0xff, 0xff][..]).is_err());
	}

	#[test]
	fn uri_should_refuse_one_byte_too_many() {
		let longest = "x".repeat(MAX_URI_BYTES as usize);
		assert_eq!(Uri::try_from(longest.as_str()).map(|uri| uri.to_text()), Ok(longest.clone()));
		assert_eq!(Uri::try_from((longest + "x").as_str()), Err(UriTooLong));
	}
}
