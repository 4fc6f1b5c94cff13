//! What a DID resolves to.

use alloc::{
	format,
	string::{String, ToString},
	vec::Vec,
};
use core::fmt;
use serde_json::{json, Map, Value};

use super::{endpoint, version, Did};
use crate::{
	machine::hex, Cid, KeyInfo, KeyRights, MachineInfo, MachineStatus, PublicKey, ServiceInfo,
	Unit, USDT_DECIMALS,
};

const DID_CONTEXT: &str = "https://www.w3.org/ns/did/v1";
const MULTIKEY_CONTEXT: &str = "https://w3id.org/security/multikey/v1";
/// `@type` of a service, so that JSON-only readers can tell it from others: an offer by a machine.
const SERVICE_TYPE: &str = "MachineService";
/// Digits of the genesis hash that CAIP-2 takes for a chain of the namespace `polkadot`.
const CHAIN_REFERENCE_DIGITS: usize = 32;

/// The DID resolution result of a machine: `didDocument`, `didDocumentMetadata` and
/// `didResolutionMetadata`, as W3C DID Core 1.0 defines them.
///
/// `network` is the id of the chain specification and must be one that [`Did`] reads;
/// `genesis_hash` is the hash of block 0; `services` is what the machine offers, as the runtime API
/// shows it at the same block as `machine`.
///
/// * Every key that acts is a verification method. The payment key speaks for the machine
///   (`authentication`, `assertionMethod`) and, while the machine is active, acts for it
///   (`capabilityInvocation`).
/// * A suspended machine still proves who it is, but neither acts nor offers anything.
/// * The keys of a frozen machine are listed, so that what refers to them can be looked up, but have
///   no verification relationship: somebody else may hold them. Nothing is offered either.
/// * A retired machine resolves to a document without keys and services that nobody controls, marked
///   as deactivated.
pub fn resolve<AccountId: fmt::Display>(
	network: &str,
	genesis_hash: &[u8; 32],
	machine: &MachineInfo<AccountId>,
	services: &[ServiceInfo],
) -> Value {
	let did = Did { network: network.into(), machine: machine.id };
	let deactivated = machine.status == MachineStatus::Retired;
	let document = if deactivated {
		// Its own controller, without a key: nobody speaks for it, and nobody changes it any more. And
		// a document of an id alone says nothing in JSON-LD, which refuses that in safe mode.
		let did = did.to_string();
		json!({ "@context": [DID_CONTEXT], "id": did, "controller": did })
	} else {
		living(&did, genesis_hash, machine, services)
	};
	json!({
		"didDocumentMetadata": {
			"deactivated": deactivated,
			"versionId": version::version_id(machine.updated_at, &document),
		},
		"didDocument": document,
		"didResolutionMetadata": { "contentType": "application/did+ld+json" },
	})
}

/// The DID resolution result for a machine that was never registered.
pub fn not_found() -> Value {
	json!({
		"didDocument": null,
		"didDocumentMetadata": {},
		"didResolutionMetadata": { "error": "notFound" },
	})
}

/// The document of a machine that is not retired.
fn living<AccountId: fmt::Display>(
	did: &Did,
	genesis_hash: &[u8; 32],
	machine: &MachineInfo<AccountId>,
	services: &[ServiceInfo],
) -> Value {
	let key_id = |key: &KeyInfo<AccountId>| format!("{did}#key-{}", key.ordinal);
	let keys = || machine.keys.iter().filter(|key| key.valid_until.is_none());
	let methods = keys().map(|key| {
		json!({
			"id": key_id(key),
			"type": "Multikey",
			"controller": did.to_string(),
			"publicKeyMultibase": multikey(&key.public),
		})
	});
	let active = machine.status == MachineStatus::Active && !machine.frozen;
	let payment_key = || {
		keys()
			.filter(|key| !machine.frozen && key.rights.contains(KeyRights::PAY))
			.map(|key| Value::from(key_id(key)))
	};
	let services: Vec<Value> = services
		.iter()
		.filter(|service| active && service.machine == machine.id)
		.filter_map(|info| service(did, info))
		.collect();

	let mut contexts = Vec::from([json!(DID_CONTEXT), json!(MULTIKEY_CONTEXT)]);
	if !services.is_empty() {
		contexts.push(service_context());
	}
	let mut document = Map::new();
	document.insert("@context".into(), contexts.into());
	document.insert("id".into(), did.to_string().into());
	document.insert("controller".into(), account_did(genesis_hash, &machine.owner).into());
	// DID Core knows sets of one or more: what would be empty is left out.
	let mut insert = |name: &str, values: Vec<Value>| {
		if !values.is_empty() {
			document.insert(name.into(), values.into());
		}
	};
	insert("verificationMethod", methods.collect());
	insert("authentication", payment_key().collect());
	insert("assertionMethod", payment_key().collect());
	insert("capabilityInvocation", payment_key().filter(|_| active).collect());
	insert("service", services);
	document.into()
}

/// `did:pkh` of an account of this chain: its CAIP-10 account id as a DID.
fn account_did<AccountId: fmt::Display>(genesis_hash: &[u8; 32], account: &AccountId) -> String {
	let genesis = hex(genesis_hash);
	let digits = genesis.chars().skip("0x".len());
	let reference: String = digits.take(CHAIN_REFERENCE_DIGITS).collect();
	format!("did:pkh:polkadot:{reference}:{account}")
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

/// A service of the document; `None` if its endpoint is no URI, which DID Core does not allow.
fn service(did: &Did, info: &ServiceInfo) -> Option<Value> {
	let offered = &info.service;
	let mut service = json!({
		"id": format!("{did}#service-{}", info.id),
		"type": SERVICE_TYPE,
		"serviceEndpoint": endpoint::normalized(&offered.endpoint.to_text())?,
		"category": offered.kind,
		"priceSpecification": {
			"type": "UnitPriceSpecification",
			"price": usdt(offered.price),
			"priceCurrency": "USDT",
			"unitCode": unit_code(offered.unit),
			"unitText": offered.unit,
		},
	});
	if let Some(uri) = offered.description.as_ref().and_then(ipfs_uri) {
		service["subjectOf"] = uri.into();
	}
	Some(service)
}

/// The terms of [`service`] that the contexts of W3C do not have: those of schema.org, within the
/// document, so that reading it needs no further context from anywhere.
fn service_context() -> Value {
	json!({
		"@protected": true,
		"MachineService": "https://schema.org/Offer",
		"UnitPriceSpecification": "https://schema.org/UnitPriceSpecification",
		"category": "https://schema.org/category",
		"price": "https://schema.org/price",
		"priceCurrency": "https://schema.org/priceCurrency",
		"priceSpecification": "https://schema.org/priceSpecification",
		"subjectOf": { "@id": "https://schema.org/subjectOf", "@type": "@id" },
		"unitCode": "https://schema.org/unitCode",
		"unitText": "https://schema.org/unitText",
	})
}

/// UN/CEFACT common code (Recommendation 20) of a unit, as schema.org wants it.
const fn unit_code(unit: Unit) -> &'static str {
	match unit {
		Unit::Request => "C62",
		Unit::KilowattHour => "KWH",
		Unit::Litre => "LTR",
		Unit::CubicMetre => "MTQ",
		Unit::Kilogram => "KGM",
		Unit::Piece => "H87",
		Unit::Second => "SEC",
		Unit::Minute => "MIN",
		Unit::Hour => "HUR",
		Unit::Day => "DAY",
		Unit::Kilometre => "KMT",
		Unit::Byte => "AD",
		Unit::Megabyte => "4L",
	}
}

/// An amount of USDT as a decimal number, without zeros at its end.
fn usdt(units: u128) -> String {
	let one = 10u128.pow(USDT_DECIMALS.into());
	let digits = usize::from(USDT_DECIMALS);
	let text = format!("{}.{:0digits$}", units / one, units % one);
	text.trim_end_matches('0').trim_end_matches('.').into()
}

/// Where a document lies in IPFS; `None` for bytes that are no CID.
///
/// In version 1 and base 32: the authority of a URI has no capital letters, which the text form of
/// version 0 needs.
fn ipfs_uri(cid: &Cid) -> Option<String> {
	let cid = ::cid::Cid::try_from(cid.0.as_slice()).ok()?.into_v1().ok()?;
	Some(format!("ipfs://{cid}"))
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{
		machine::{MAX_FURTHER_KEYS, MAX_KEYS_EVER, MAX_URI_BYTES},
		machine_account,
		service::MAX_SERVICES,
		MachineProfile, OperatorInfo, OperatorRights, Service, ServiceKind, Uri,
	};
	use alloc::vec;

	const GENESIS: [u8; 32] = [0xab; 32];

	fn key(ordinal: u32, public: PublicKey, rights: KeyRights) -> KeyInfo<String> {
		KeyInfo {
			machine: 7,
			ordinal,
			public,
			account: "key".into(),
			rights,
			valid_from: 1,
			valid_until: None,
			claimable_until: None,
		}
	}

	fn machine(status: MachineStatus) -> MachineInfo<String> {
		MachineInfo {
			id: 7,
			owner: "owner".into(),
			operator: Some(OperatorInfo {
				account: "operator".into(),
				rights: OperatorRights::ALL,
			}),
			parent: None,
			account: format!("{:?}", machine_account(7)),
			keys: vec![
				key(2, PublicKey::Ed25519([0; 32]), KeyRights::ALL),
				key(1, PublicKey::Ecdsa([2; 33]), KeyRights::CLAIM),
			],
			status,
			frozen: false,
			offer: None,
			profile: MachineProfile::default(),
			registered_at: 1,
			updated_at: 3,
			deposit: 0,
		}
	}

	fn offer(id: u32, endpoint: &str) -> ServiceInfo {
		ServiceInfo {
			machine: 7,
			status: MachineStatus::Active,
			id,
			service: Service {
				kind: ServiceKind::Charging,
				unit: Unit::KilowattHour,
				price: 350_000,
				endpoint: Uri::try_from(endpoint).unwrap(),
				description: None,
			},
		}
	}

	fn document(machine: &MachineInfo<String>, services: &[ServiceInfo]) -> Value {
		resolve("local", &GENESIS, machine, services)["didDocument"].clone()
	}

	fn members(document: &Value) -> Vec<&str> {
		let mut names: Vec<_> = document.as_object().unwrap().keys().map(String::as_str).collect();
		names.sort_unstable();
		names
	}

	#[test]
	fn active_machines_should_list_keys_and_let_the_payment_key_act() {
		let document = document(&machine(MachineStatus::Active), &[]);
		let payment = json!(["did:dam:local:7#key-2"]);
		for relationship in ["authentication", "assertionMethod", "capabilityInvocation"] {
			assert_eq!(document[relationship], payment, "{relationship}");
		}
		let methods = document["verificationMethod"].as_array().unwrap();
		let ids: Vec<_> = methods.iter().map(|method| method["id"].as_str().unwrap()).collect();
		assert_eq!(ids, ["did:dam:local:7#key-2", "did:dam:local:7#key-1"]);
		assert!(methods.iter().all(|method| method["controller"] == "did:dam:local:7"));
		assert_eq!(document["@context"], json!([DID_CONTEXT, MULTIKEY_CONTEXT]));
	}

	#[test]
	fn controller_should_be_the_owner_alone() {
		// What a controller signs counts as signed by the subject: an operator has fewer rights.
		let document = document(&machine(MachineStatus::Active), &[]);
		assert_eq!(document["controller"], format!("did:pkh:polkadot:{}:owner", "ab".repeat(16)));
	}

	#[test]
	fn suspended_machines_should_authenticate_but_not_act() {
		let document =
			document(&machine(MachineStatus::Suspended), &[offer(0, "https://a.example/")]);
		assert_eq!(
			members(&document),
			[
				"@context",
				"assertionMethod",
				"authentication",
				"controller",
				"id",
				"verificationMethod"
			]
		);
	}

	#[test]
	fn frozen_machines_should_list_keys_that_speak_for_nobody() {
		for status in [MachineStatus::Active, MachineStatus::Suspended] {
			let machine = MachineInfo { frozen: true, ..machine(status) };
			let document = document(&machine, &[offer(0, "https://a.example/")]);
			assert_eq!(members(&document), ["@context", "controller", "id", "verificationMethod"]);
			assert_eq!(document["verificationMethod"].as_array().unwrap().len(), 2);
		}
	}

	#[test]
	fn retired_machines_should_resolve_as_deactivated_and_controlled_by_nobody() {
		let machine = MachineInfo { frozen: true, ..machine(MachineStatus::Retired) };
		let result = resolve("local", &GENESIS, &machine, &[offer(0, "https://a.example/")]);
		assert_eq!(result["didDocumentMetadata"]["deactivated"], true);
		assert_eq!(
			result["didDocument"],
			json!({
				"@context": [DID_CONTEXT],
				"id": "did:dam:local:7",
				"controller": "did:dam:local:7",
			})
		);
	}

	#[test]
	fn past_keys_should_not_be_listed() {
		let mut machine = machine(MachineStatus::Active);
		let mut past = key(0, PublicKey::Sr25519([9; 32]), KeyRights::ALL);
		past.valid_until = Some(2);
		machine.keys.push(past);
		let document = document(&machine, &[]);
		assert_eq!(document["verificationMethod"].as_array().unwrap().len(), 2);
		assert_eq!(document["authentication"].as_array().unwrap().len(), 1);
	}

	#[test]
	fn services_should_carry_price_unit_and_description() {
		let mut charging = offer(4, "https://charger.example");
		let cid = "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG";
		charging.service.description = Some(cid.parse().unwrap());
		let document = document(&machine(MachineStatus::Active), &[charging]);
		let expected = json!([{
			"id": "did:dam:local:7#service-4",
			"type": "MachineService",
			"serviceEndpoint": "https://charger.example/",
			"category": "charging",
			"priceSpecification": {
				"type": "UnitPriceSpecification",
				"price": "0.35",
				"priceCurrency": "USDT",
				"unitCode": "KWH",
				"unitText": "kilowatt-hour",
			},
			"subjectOf": "ipfs://bafybeie5nqv6kd3qnfjupgvz34woh3oksc3iau6abmyajn7qvtf6d2ho34",
		}]);
		assert_eq!(document["service"], expected);
		assert_eq!(document["@context"][2], service_context());
	}

	#[test]
	fn every_term_of_a_service_should_be_defined() {
		let mut full = offer(0, "https://a.example/");
		full.service.description =
			Some("QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG".parse().unwrap());
		let document = document(&machine(MachineStatus::Active), &[full]);
		let context = service_context();
		let service = &document["service"][0];
		let price = &service["priceSpecification"];
		let terms = members(service).into_iter().chain(members(price));
		let types = [&service["type"], &price["type"]].map(|name| name.as_str().unwrap());
		// These stand in the context of DID Core.
		let core = ["id", "type", "serviceEndpoint"];
		for term in terms.filter(|term| !core.contains(term)).chain(types) {
			assert!(context.get(term).is_some(), "{term}");
		}
	}

	#[test]
	fn services_should_be_left_out_when_they_cannot_be_stated() {
		let of_another = ServiceInfo { machine: 8, ..offer(0, "https://a.example/") };
		let no_uri = offer(1, "http://[");
		let machine = machine(MachineStatus::Active);
		let without = document(&machine, &[of_another, no_uri]);
		assert_eq!(members(&without), members(&document(&machine, &[])));
		assert_eq!(without["@context"].as_array().unwrap().len(), 2);

		let mut undescribed = offer(2, "https://a.example/");
		undescribed.service.description = Some(Cid(vec![0xff; 5].try_into().unwrap()));
		let document = document(&machine, &[undescribed]);
		assert_eq!(document["service"][0].get("subjectOf"), None);
	}

	#[test]
	fn version_should_change_with_the_machine_and_with_its_services() {
		let version = |machine: &MachineInfo<String>, services: &[ServiceInfo]| {
			let result = resolve("local", &GENESIS, machine, services);
			result["didDocumentMetadata"]["versionId"].as_str().unwrap().to_string()
		};
		let machine = machine(MachineStatus::Active);
		let first = version(&machine, &[offer(0, "https://a.example/")]);
		assert!(first.starts_with("3-Qm"), "{first}");
		assert_eq!(first, version(&machine, &[offer(0, "https://a.example/")]));
		assert_ne!(first, version(&machine, &[offer(0, "https://b.example/")]));
		assert_ne!(first, version(&machine, &[offer(1, "https://a.example/")]));
		let later = MachineInfo { updated_at: 4, ..machine };
		assert!(version(&later, &[]).starts_with("4-Qm"));
	}

	#[test]
	fn result_should_stay_small_when_everything_is_at_its_bound() {
		let mut machine = machine(MachineStatus::Active);
		machine.id = u64::MAX;
		machine.owner = "5".repeat(48);
		machine.updated_at = u32::MAX;
		let key = |at| key(MAX_KEYS_EVER - at, PublicKey::Ecdsa([0xff; 33]), KeyRights::ALL);
		machine.keys = (1..=MAX_FURTHER_KEYS + 1).map(key).collect();
		let path = "x".repeat(MAX_URI_BYTES as usize - "https://a.example/".len());
		let mut offer = offer(0, &format!("https://a.example/{path}"));
		offer.machine = machine.id;
		offer.service.description = {
			// CIDv1, raw, and a multihash of 64 bytes, SHA-512.
			let bytes: Vec<u8> = [1, 0x55, 0x13, 64].into_iter().chain([0xff; 64]).collect();
			Some(Cid(bytes.try_into().unwrap()))
		};
		let services: Vec<_> = (0..MAX_SERVICES)
			.map(|at| ServiceInfo { id: u32::MAX - at, ..offer.clone() })
			.collect();
		let network = "n".repeat(crate::did::MAX_NETWORK_BYTES);
		let result = resolve(&network, &GENESIS, &machine, &services);
		let services = result["didDocument"]["service"].as_array().unwrap();
		assert!(services.iter().all(|service| service.get("subjectOf").is_some()));
		let size = result.to_string().len();
		assert!(size <= 16 * 1024, "{size} bytes");
	}

	#[test]
	fn multikey_should_match_published_did_keys() {
		let bytes = |hex: &str| -> Vec<u8> {
			let digits: Vec<char> = hex.chars().collect();
			let byte =
				|pair: &[char]| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap();
			digits.chunks(2).map(byte).collect()
		};
		// The identifiers of these keys in the did:key method specification's test vectors.
		let ed25519 = bytes("2e6fcce36701dc791488e0d0b1745cc1e33a4c1c9fcc41c63bd343dbbe0970e6");
		assert_eq!(
			multikey(&PublicKey::Ed25519(ed25519.try_into().unwrap())),
			"z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
		);
		let secp256k1 = bytes("03874c15c7fda20e539c6e5ba573c139884c351188799f5458b4b41f7924f235cd");
		assert_eq!(
			multikey(&PublicKey::Ecdsa(secp256k1.try_into().unwrap())),
			"zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme"
		);
	}

	#[test]
	fn multikey_should_carry_the_multicodec_of_sr25519() {
		let multibase = multikey(&PublicKey::Sr25519([7; 32]));
		let decoded = bs58::decode(&multibase[1..]).into_vec().unwrap();
		assert_eq!(decoded[..2], [0xef, 0x01]);
		assert_eq!(decoded[2..], [7; 32]);
	}

	#[test]
	fn amounts_should_read_as_decimal_numbers() {
		for (units, text) in [
			(1, "0.000001"),
			(350_000, "0.35"),
			(1_000_000, "1"),
			(10_500_000, "10.5"),
			(crate::service::MAX_PRICE, "1000000"),
		] {
			assert_eq!(usdt(units), text);
		}
	}

	#[test]
	fn unit_codes_should_be_distinct() {
		let mut codes = Unit::ALL.map(unit_code);
		codes.sort_unstable();
		assert!(codes.windows(2).all(|pair| pair[0] != pair[1]), "{codes:?}");
	}
}
