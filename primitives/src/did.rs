//! The DID document of a machine: `did:dam:<network>:<id>`.
//!
//! Data model: W3C Decentralized Identifiers 1.0; keys in the Multikey form of W3C Controlled
//! Identifiers 1.0 (multicodec prefix, base58-btc multibase). Secp256k1 and Ed25519 keys are
//! verification methods; sr25519 has the multicodec `0xef`.

use alloc::{
	format,
	string::{String, ToString},
	vec,
	vec::Vec,
};
use core::fmt;
use serde_json::{json, Value};

use crate::{MachineId, MachineInfo, MachineStatus, PublicKey};

/// A parsed `did:dam:<network>:<id>`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Did {
	/// Id of the chain specification, for example `local`.
	pub network: String,
	/// The machine.
	pub machine: MachineId,
}

/// Why a text is not a DID of this method.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DidError {
	/// It does not begin with `did:dam:`.
	OtherMethod,
	/// It is not `did:dam:<network>:<id>` with a decimal id.
	Malformed,
}

impl fmt::Display for DidError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			Self::OtherMethod => "not a DID of the method `dam`: it must begin with `did:dam:`",
			Self::Malformed => {
				"malformed DID: expected `did:dam:<network>:<id>`, for example `did:dam:local:7`"
			},
		})
	}
}

impl core::error::Error for DidError {}

impl core::str::FromStr for Did {
	type Err = DidError;

	fn from_str(text: &str) -> Result<Self, DidError> {
		let rest = text.strip_prefix("did:dam:").ok_or(DidError::OtherMethod)?;
		let (network, id) = rest.rsplit_once(':').ok_or(DidError::Malformed)?;
		let network_ok = !network.is_empty()
			&& network.bytes().all(|byte| {
				byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_')
			});
		// One spelling per machine: no sign, no leading zero.
		let machine: MachineId = id.parse().map_err(|_| DidError::Malformed)?;
		if !network_ok || machine.to_string() != id {
			return Err(DidError::Malformed);
		}
		Ok(Self { network: network.into(), machine })
	}
}

impl fmt::Display for Did {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "did:dam:{}:{}", self.network, self.machine)
	}
}

/// `publicKeyMultibase` of a key.
pub fn multikey(key: &PublicKey) -> String {
	// Multicodec codes as unsigned varints: ed25519-pub 0xed, sr25519-pub 0xef, secp256k1-pub 0xe7.
	let prefix: [u8; 2] = match key {
		PublicKey::Ed25519(_) => [0xed, 0x01],
		PublicKey::Sr25519(_) => [0xef, 0x01],
		PublicKey::Ecdsa(_) => [0xe7, 0x01],
	};
	let bytes: Vec<u8> = prefix.iter().chain(key.as_bytes()).copied().collect();
	format!("z{}", bs58::encode(bytes).into_string())
}

/// The DID resolution result: `didDocument` and `didDocumentMetadata`.
///
/// A retired machine resolves to a document without keys, marked as deactivated.
pub fn resolve<AccountId: fmt::Display>(network: &str, machine: &MachineInfo<AccountId>) -> Value {
	let did = Did { network: network.into(), machine: machine.id };
	let key_id = format!("{did}#key-0");
	let retired = machine.status == MachineStatus::Retired;
	let methods = if retired {
		vec![]
	} else {
		vec![json!({
			"id": key_id,
			"type": "Multikey",
			"controller": did.to_string(),
			"publicKeyMultibase": multikey(&machine.key),
		})]
	};
	// A suspended machine still proves who it is, but may not act.
	let acting =
		if machine.status == MachineStatus::Active { vec![key_id.clone()] } else { vec![] };
	json!({
		"didDocument": {
			"@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
			"id": did.to_string(),
			"verificationMethod": methods,
			"authentication": if retired { vec![] } else { vec![key_id] },
			"capabilityInvocation": acting,
		},
		"didDocumentMetadata": {
			"deactivated": retired,
			"versionId": machine.updated_at.to_string(),
		},
		"didResolutionMetadata": { "contentType": "application/did+ld+json" },
	})
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{machine_account, MachineProfile};

	fn machine(status: MachineStatus) -> MachineInfo<String> {
		MachineInfo {
			id: 7,
			owner: "owner".into(),
			account: format!("{:?}", machine_account(7)),
			key: PublicKey::Ed25519([0; 32]),
			key_account: "key".into(),
			status,
			profile: MachineProfile::default(),
			registered_at: 1,
			updated_at: 3,
			deposit: 0,
		}
	}

	#[test]
	fn did_should_read_back_what_it_writes() {
		let did: Did = "did:dam:local:7".parse().unwrap();
		assert_eq!(did, Did { network: "local".into(), machine: 7 });
		assert_eq!(did.to_string(), "did:dam:local:7");
	}

	#[test]
	fn did_should_refuse_other_methods_and_other_spellings() {
		assert_eq!("did:web:example.org".parse::<Did>(), Err(DidError::OtherMethod));
		for text in
			["did:dam:7", "did:dam::7", "did:dam:local:07", "did:dam:local:+7", "did:dam:Local:7"]
		{
			assert_eq!(text.parse::<Did>(), Err(DidError::Malformed), "{text}");
		}
	}

	#[test]
	fn multikey_should_match_the_published_ed25519_vector() {
		// did:key of the all-zero Ed25519 key, W3C CCG did:key test suite form.
		let multibase = multikey(&PublicKey::Ed25519([0; 32]));
		assert!(multibase.starts_with("z6Mk"), "{multibase}");
		let decoded = bs58::decode(&multibase[1..]).into_vec().unwrap();
		assert_eq!(decoded[..2], [0xed, 0x01]);
		assert_eq!(decoded[2..], [0; 32]);
	}

	#[test]
	fn retired_machines_should_resolve_as_deactivated_without_keys() {
		let result = resolve("local", &machine(MachineStatus::Retired));
		assert_eq!(result["didDocumentMetadata"]["deactivated"], true);
		assert_eq!(result["didDocument"]["verificationMethod"], json!([]));
	}

	#[test]
	fn suspended_machines_should_authenticate_but_not_act() {
		let result = resolve("local", &machine(MachineStatus::Suspended));
		assert_eq!(result["didDocument"]["authentication"], json!(["did:dam:local:7#key-0"]));
		assert_eq!(result["didDocument"]["capabilityInvocation"], json!([]));
	}
}
