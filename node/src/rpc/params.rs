//! Parameters of `dam_` methods, and what is answered to rubbish.

use dam_primitives::{
	did::{Did, DidError},
	MachineId,
};
use dam_runtime::{AccountId, Hash};
use jsonrpsee::types::{error::INVALID_PARAMS_CODE, ErrorObjectOwned};
use polkadot_sdk::sp_core::{bytes::from_hex, crypto::Ss58Codec};
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
const BLOCK: &str = "a block hash as 0x and 64 hex digits, or nothing for the best block";
const DID: &str = "a text `did:dam:<network>:<id>`";

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
			Failure::Did(DidError::Malformed) => {
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
	let Some(value) = value else { return Ok(None) };
	value
		.as_str()
		.and_then(read_32_bytes)
		.map(|bytes| Some(Hash::from(bytes)))
		.ok_or_else(|| wrong("at", BLOCK, &value))
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
		assert!(data("did:dam:local:x").contains("invalidDid"));
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
