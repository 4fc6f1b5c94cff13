//! Parameters of `dam_` methods, and what is answered to rubbish.

use dam_primitives::{
	did::{Did, DidError},
	ClaimType, MachineId, ServiceId, ServiceKind, Subject, MAX_PAGE,
};
use dam_runtime::{AccountId, Hash};
use jsonrpsee::types::{error::INVALID_PARAMS_CODE, ErrorObjectOwned};
use polkadot_sdk::sp_core::{bytes::from_hex, crypto::Ss58Codec};
use serde::de::DeserializeOwned;
use serde_json::{json, Value};

/// The block that was asked for is not known to this node.
pub const UNKNOWN_BLOCK: i32 = 12_001;
/// The state of the block cannot be read, most often because it was pruned.
pub const UNREADABLE: i32 = 12_002;
/// The DID belongs to another network than the one that this node follows.
pub const OTHER_NETWORK: i32 = 12_003;

/// Longest part of a wrong parameter that an error repeats, in characters.
const LONGEST_ECHO: usize = 80;

const MACHINE: &str =
	"a machine number, or an account of the machine as SS58 or 0x-prefixed hex text";
const MACHINE_ID: &str = "a machine number, such as 7 or \"7\"";
const ACCOUNT: &str = "an account as SS58 text or as 0x and 64 hex digits";
const BLOCK: &str = "a block hash as 0x and 64 hex digits, or nothing";
const BLOCK_NUMBER: &str = "a block number, or nothing for the block that is read";
const DID: &str = "a text `did:dam:<network>:<id>`";
const SUBJECT: &str = "a machine number, or an account as SS58 or 0x-prefixed hex text";
const KIND: &str = "a kind of service: other, charging, energy, water, data, compute, storage, \
	connectivity, transport, parking, toll, labour or goods";
const CLAIM: &str = "a type of claim: manufacturer, meter-calibration, location, carbon, \
	operator-kyc or holder-kyc";
const LIMIT: &str = "a number from 1 to 256, or nothing for 256";
const AFTER_MACHINE: &str = "the last machine number of the page before, or nothing";
const AFTER_SERVICE: &str =
	"the last service of the page before, or its `machine` and `id` as an object, or nothing";
const AFTER_ATTESTATION: &str =
	"the last attestation of the page before, or its `claim` and `attester` as an object, or nothing";

/// Why a `dam_` method has no answer. Becomes a JSON-RPC error.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Failure {
	/// Code −32602: a parameter is missing or not what it should be.
	#[error("parameter `{parameter}` must be {expected}; got {got}")]
	Parameter {
		/// Its name.
		parameter: &'static str,
		/// What it should be.
		expected: &'static str,
		/// What came, shortened.
		got: String,
	},
	/// Code −32602, with W3C's word for it under `data.error`: not a DID of this method.
	#[error("parameter `did`: {0}")]
	Did(DidError),
	/// Code 12003: a DID of another network.
	#[error("the DID is of the network `{asked}`; this node follows `{own}`: ask a node of that network")]
	OtherNetwork {
		/// The network in the DID.
		asked: String,
		/// The network of this node.
		own: String,
	},
	/// Code 12001: no such block here.
	#[error(
		"block {0:?} is not known to this node: check the hash, or wait until the node is synced"
	)]
	UnknownBlock(Hash),
	/// Code 12002: no state, or no such runtime API, at that block.
	#[error(
		"the state of block {at:?} cannot be read: {reason}; for old blocks ask an archive node \
		 (--state-pruning archive)"
	)]
	Unreadable {
		/// The block.
		at: Hash,
		/// What the client says.
		reason: String,
	},
}

impl From<Failure> for ErrorObjectOwned {
	fn from(failure: Failure) -> Self {
		let (code, data) = match &failure {
			Failure::Parameter { .. } => (INVALID_PARAMS_CODE, None),
			Failure::Did(DidError::OtherMethod) => {
				(INVALID_PARAMS_CODE, Some(json!({ "error": "methodNotSupported" })))
			},
			// A DID URL is to be dereferenced; what resolves is a DID.
			Failure::Did(DidError::Malformed | DidError::Url) => {
				(INVALID_PARAMS_CODE, Some(json!({ "error": "invalidDid" })))
			},
			Failure::OtherNetwork { .. } => (OTHER_NETWORK, Some(json!({ "error": "notFound" }))),
			Failure::UnknownBlock(_) => (UNKNOWN_BLOCK, None),
			Failure::Unreadable { .. } => (UNREADABLE, None),
		};
		Self::owned(code, failure.to_string(), data)
	}
}

/// How a caller names a machine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum MachineRef {
	/// By its number.
	Id(MachineId),
	/// By an account that belongs to it.
	Account(AccountId),
}

/// A machine by number or account.
pub fn machine(value: Option<Value>) -> Result<MachineRef, Failure> {
	let value = value.unwrap_or_default();
	read_id(&value)
		.map(MachineRef::Id)
		.or_else(|| read_account(&value).map(MachineRef::Account))
		.ok_or_else(|| wrong("idOrAccount", MACHINE, &value))
}

/// A machine by number.
pub fn machine_id(value: Option<Value>) -> Result<MachineId, Failure> {
	let value = value.unwrap_or_default();
	read_id(&value).ok_or_else(|| wrong("machineId", MACHINE_ID, &value))
}

/// An account.
pub fn account(value: Option<Value>) -> Result<AccountId, Failure> {
	let value = value.unwrap_or_default();
	read_account(&value).ok_or_else(|| wrong("account", ACCOUNT, &value))
}

/// A block, if one is named.
pub fn block_hash(value: Option<Value>) -> Result<Option<Hash>, Failure> {
	optional(value, "at", BLOCK, |value| value.as_str().and_then(read_32_bytes).map(Hash::from))
}

/// The number of a block, if one is named.
pub fn block_number(value: Option<Value>) -> Result<Option<u32>, Failure> {
	optional(value, "block", BLOCK_NUMBER, |value| value.as_u64()?.try_into().ok())
}

/// What attestations are about: a machine by number, or an account.
pub fn subject(value: Option<Value>) -> Result<Subject<AccountId>, Failure> {
	let value = value.unwrap_or_default();
	read_id(&value)
		.map(Subject::Machine)
		.or_else(|| read_account(&value).map(Subject::Account))
		.ok_or_else(|| wrong("subject", SUBJECT, &value))
}

/// A kind of service by its name.
pub fn kind(value: Option<Value>) -> Result<ServiceKind, Failure> {
	let value = value.unwrap_or_default();
	read_name(&value).ok_or_else(|| wrong("kind", KIND, &value))
}

/// A type of claim by its name.
pub fn claim(value: Option<Value>) -> Result<ClaimType, Failure> {
	let value = value.unwrap_or_default();
	read_name(&value).ok_or_else(|| wrong("claim", CLAIM, &value))
}

/// How many items a page may have.
pub fn limit(value: Option<Value>) -> Result<u32, Failure> {
	optional(value, "limit", LIMIT, |value| {
		value.as_u64()?.try_into().ok().filter(|limit| (1..=MAX_PAGE).contains(limit))
	})
	.map(|limit| limit.unwrap_or(MAX_PAGE))
}

/// The machine behind which a page begins.
pub fn after_machine(value: Option<Value>) -> Result<Option<MachineId>, Failure> {
	optional(value, "after", AFTER_MACHINE, read_id)
}

/// The service behind which a page begins.
pub fn after_service(value: Option<Value>) -> Result<Option<(MachineId, ServiceId)>, Failure> {
	optional(value, "after", AFTER_SERVICE, |value| {
		let id = value.get("id")?.as_u64()?.try_into().ok()?;
		Some((read_id(value.get("machine")?)?, id))
	})
}

/// The attestation behind which a page begins.
pub fn after_attestation(value: Option<Value>) -> Result<Option<(ClaimType, AccountId)>, Failure> {
	optional(value, "after", AFTER_ATTESTATION, |value| {
		Some((read_name(value.get("claim")?)?, read_account(value.get("attester")?)?))
	})
}

/// A DID of the network `own`.
pub fn did(value: Option<Value>, own: &str) -> Result<Did, Failure> {
	let value = value.unwrap_or_default();
	let text = value.as_str().ok_or_else(|| wrong("did", DID, &value))?;
	let did: Did = text.parse().map_err(Failure::Did)?;
	if did.network != own {
		return Err(Failure::OtherNetwork { asked: shortened(&did.network), own: own.into() });
	}
	Ok(did)
}

/// Decimal digits only: `u64::from_str` alone would also take a plus sign.
fn read_id(value: &Value) -> Option<MachineId> {
	match value {
		Value::Number(number) => number.as_u64(),
		Value::String(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok(),
		_ => None,
	}
}

/// A variant by the name that it has in JSON.
fn read_name<T: DeserializeOwned>(value: &Value) -> Option<T> {
	// Only a text is a name: an enum could also be read from an object.
	let name = value.as_str()?;
	serde_json::from_value(name.into()).ok()
}

/// A parameter that may be left out.
fn optional<T>(
	value: Option<Value>,
	parameter: &'static str,
	expected: &'static str,
	read: impl FnOnce(&Value) -> Option<T>,
) -> Result<Option<T>, Failure> {
	let Some(value) = value else { return Ok(None) };
	read(&value).map(Some).ok_or_else(|| wrong(parameter, expected, &value))
}

fn read_account(value: &Value) -> Option<AccountId> {
	let text = value.as_str()?;
	match read_32_bytes(text) {
		Some(bytes) => Some(bytes.into()),
		None => AccountId::from_ss58check(text).ok(),
	}
}

fn read_32_bytes(text: &str) -> Option<[u8; 32]> {
	let hex = text.strip_prefix("0x").filter(|hex| hex.len() == 64)?;
	from_hex(hex).ok()?.try_into().ok()
}

fn wrong(parameter: &'static str, expected: &'static str, got: &Value) -> Failure {
	let got = if got.is_null() { "nothing".into() } else { shortened(&got.to_string()) };
	Failure::Parameter { parameter, expected, got }
}

fn shortened(text: &str) -> String {
	match text.char_indices().nth(LONGEST_ECHO) {
		Some((end, _)) => format!("{}…", &text[..end]),
		None => text.into(),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use polkadot_sdk::sp_keyring::Sr25519Keyring;

	fn code(failure: Failure) -> i32 {
		ErrorObjectOwned::from(failure).code()
	}

	#[test]
	fn machine_should_be_named_by_number_or_account() {
		let alice = Sr25519Keyring::Alice.to_account_id();
		let hex =
			format!("0x{}", Sr25519Keyring::Alice.public().0.map(|b| format!("{b:02x}")).concat());
		assert_eq!(machine(Some(json!(7))), Ok(MachineRef::Id(7)));
		assert_eq!(machine(Some(json!("18446744073709551615"))), Ok(MachineRef::Id(u64::MAX)));
		for text in [alice.to_ss58check(), hex] {
			assert_eq!(machine(Some(json!(text))), Ok(MachineRef::Account(alice.clone())));
		}
	}

	#[test]
	fn rubbish_machine_should_be_refused_with_what_is_expected() {
		let mut wrong_checksum = Sr25519Keyring::Alice.to_account_id().to_ss58check();
		wrong_checksum.pop();
		for rubbish in [
			Value::Null,
			json!(-1),
			json!(1.5),
			json!(true),
			json!([7]),
			json!({ "id": 7 }),
			json!(""),
			json!("+7"),
			json!("18446744073709551616"),
			json!("0x12"),
			json!(format!("0x{}", "g".repeat(64))),
			json!("é".repeat(500)),
			json!(wrong_checksum),
		] {
			let failure = machine(Some(rubbish.clone())).unwrap_err();
			assert!(failure.to_string().contains(MACHINE), "{rubbish}");
			assert!(failure.to_string().len() < 400, "{rubbish}");
			assert_eq!(code(failure), INVALID_PARAMS_CODE, "{rubbish}");
		}
		assert!(machine(None).unwrap_err().to_string().contains("got nothing"));
	}

	#[test]
	fn machine_number_should_refuse_accounts() {
		assert_eq!(machine_id(Some(json!("12"))), Ok(12));
		let account = Sr25519Keyring::Alice.to_account_id().to_ss58check();
		assert_eq!(code(machine_id(Some(json!(account))).unwrap_err()), INVALID_PARAMS_CODE);
	}

	#[test]
	fn account_should_refuse_numbers() {
		assert_eq!(code(account(Some(json!(7))).unwrap_err()), INVALID_PARAMS_CODE);
		assert_eq!(code(account(None).unwrap_err()), INVALID_PARAMS_CODE);
	}

	#[test]
	fn block_should_be_a_whole_hash_or_nothing() {
		assert_eq!(block_hash(None), Ok(None));
		let text = format!("0x{}", "ab".repeat(32));
		assert_eq!(block_hash(Some(json!(text))), Ok(Some(Hash::repeat_byte(0xab))));
		for rubbish in [json!(3), json!("0xab"), json!("latest")] {
			assert_eq!(code(block_hash(Some(rubbish)).unwrap_err()), INVALID_PARAMS_CODE);
		}
	}

	#[test]
	fn subject_should_be_a_machine_or_an_account() {
		let alice = Sr25519Keyring::Alice.to_account_id();
		assert_eq!(subject(Some(json!("7"))), Ok(Subject::Machine(7)));
		assert_eq!(subject(Some(json!(alice.to_ss58check()))), Ok(Subject::Account(alice)));
		for rubbish in [None, Some(json!({ "machine": 7 })), Some(json!(-7)), Some(json!("Alice"))]
		{
			assert_eq!(code(subject(rubbish).unwrap_err()), INVALID_PARAMS_CODE);
		}
	}

	#[test]
	fn names_should_be_those_of_every_variant() {
		for variant in ServiceKind::ALL {
			assert_eq!(kind(Some(json!(variant))), Ok(variant));
			assert!(KIND.contains(json!(variant).as_str().unwrap()), "{variant:?}");
		}
		for variant in ClaimType::ALL {
			assert_eq!(claim(Some(json!(variant))), Ok(variant));
			assert!(CLAIM.contains(json!(variant).as_str().unwrap()), "{variant:?}");
		}
		for rubbish in
			[None, Some(json!("Charging")), Some(json!(1)), Some(json!({ "charging": null }))]
		{
			assert_eq!(code(kind(rubbish.clone()).unwrap_err()), INVALID_PARAMS_CODE);
			assert_eq!(code(claim(rubbish).unwrap_err()), INVALID_PARAMS_CODE);
		}
	}

	#[test]
	fn limit_should_stay_within_a_page() {
		assert!(LIMIT.contains(&MAX_PAGE.to_string()));
		assert_eq!(limit(None), Ok(MAX_PAGE));
		assert_eq!(limit(Some(json!(1))), Ok(1));
		assert_eq!(limit(Some(json!(MAX_PAGE))), Ok(MAX_PAGE));
		for rubbish in [json!(0), json!(MAX_PAGE + 1), json!(u64::MAX), json!(-1), json!("9")] {
			assert_eq!(code(limit(Some(rubbish)).unwrap_err()), INVALID_PARAMS_CODE);
		}
	}

	#[test]
	fn page_should_begin_behind_the_last_item_of_the_one_before() {
		let alice = Sr25519Keyring::Alice.to_account_id();
		assert_eq!(after_machine(None), Ok(None));
		assert_eq!(after_machine(Some(json!("7"))), Ok(Some(7)));
		assert_eq!(after_service(None), Ok(None));
		let service = json!({ "machine": 7, "id": 3, "kind": "charging", "price": "1" });
		assert_eq!(after_service(Some(service)), Ok(Some((7, 3))));
		assert_eq!(after_attestation(None), Ok(None));
		let attestation =
			json!({ "claim": "carbon", "attester": alice.to_ss58check(), "valid": true });
		assert_eq!(after_attestation(Some(attestation)), Ok(Some((ClaimType::Carbon, alice))));
	}

	#[test]
	fn rubbish_page_should_be_refused() {
		assert_eq!(code(after_machine(Some(json!([7]))).unwrap_err()), INVALID_PARAMS_CODE);
		for rubbish in [
			json!(7),
			json!([7, 3]),
			json!({ "machine": 7 }),
			json!({ "id": 3 }),
			json!({ "machine": 7, "id": -1 }),
			json!({ "machine": 7, "id": 4_294_967_296_u64 }),
		] {
			let failure = after_service(Some(rubbish.clone())).unwrap_err();
			assert_eq!(code(failure), INVALID_PARAMS_CODE, "{rubbish}");
		}
		for rubbish in [
			json!("carbon"),
			json!({ "claim": "carbon" }),
			json!({ "claim": "coal", "attester": Sr25519Keyring::Alice.to_account_id().to_ss58check() }),
			json!({ "claim": "carbon", "attester": "Alice" }),
		] {
			let failure = after_attestation(Some(rubbish.clone())).unwrap_err();
			assert_eq!(code(failure), INVALID_PARAMS_CODE, "{rubbish}");
		}
	}

	#[test]
	fn block_number_should_be_a_number_or_nothing() {
		assert_eq!(block_number(None), Ok(None));
		assert_eq!(block_number(Some(json!(u32::MAX))), Ok(Some(u32::MAX)));
		for rubbish in [json!(4_294_967_296_u64), json!(-1), json!("7"), json!(1.5)] {
			assert_eq!(code(block_number(Some(rubbish)).unwrap_err()), INVALID_PARAMS_CODE);
		}
	}

	#[test]
	fn did_should_be_of_this_network() {
		assert_eq!(did(Some(json!("did:dam:local:7")), "local").map(|did| did.machine), Ok(7));
		let failure = did(Some(json!("did:dam:dev:7")), "local").unwrap_err();
		assert!(failure.to_string().contains("`dev`") && failure.to_string().contains("`local`"));
		assert_eq!(code(failure), OTHER_NETWORK);
	}

	#[test]
	fn rubbish_did_should_carry_the_word_of_the_standard() {
		let data = |text: &str| {
			let object = ErrorObjectOwned::from(did(Some(json!(text)), "local").unwrap_err());
			assert_eq!(object.code(), INVALID_PARAMS_CODE);
			object.data().unwrap().get().to_string()
		};
		for text in [
			"did:dam:local:x",
			"did:dam:local:7#key-0",
			"did:dam:local:7?versionId=3",
			"did:dam:local:7/path",
			"machine 7",
		] {
			assert!(data(text).contains("invalidDid"), "{text}");
		}
		assert!(data("did:web:example.org").contains("methodNotSupported"));
		assert_eq!(code(did(Some(json!(7)), "local").unwrap_err()), INVALID_PARAMS_CODE);
	}

	#[test]
	fn state_errors_should_have_their_own_codes() {
		let at = Hash::repeat_byte(1);
		assert_eq!(code(Failure::UnknownBlock(at)), UNKNOWN_BLOCK);
		let failure = Failure::Unreadable { at, reason: "State already discarded".into() };
		assert!(failure.to_string().contains("archive"));
		assert_eq!(code(failure), UNREADABLE);
	}
}
