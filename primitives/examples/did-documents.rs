//! Writes what the DIDs of machines in every state resolve to, one file each, into a folder.
//!
//! The real resolver makes them from real public keys: those of the SDK's well-known development
//! accounts. `tests/did-core` checks the files with a generic validator of DID documents, and the
//! examples in `docs/did-dam.md` are some of them.
//!
//! ```sh
//! cargo run -p dam-primitives --example did-documents -- FOLDER
//! ```

use std::{env, fs, path::Path, process::ExitCode};

use dam_primitives::{
	did, machine_account, service::MAX_SERVICES, Cid, KeyInfo, KeyRights, MachineInfo, MachineKind,
	MachineProfile, MachineStatus, PublicKey, Service, ServiceInfo, ServiceKind, Unit, Uri,
};
use serde_json::Value;

const NETWORK: &str = "dev";
/// Stands for the hash of block 0, which differs from one development chain to the next.
const GENESIS_HASH: [u8; 32] = *b"genesis of no particular network";
const ALICE: &str = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";

/// Public keys of `//Alice` and `//Bob`.
const ALICE_ED25519: &str = "88dc3417d5058ec4b4503e0c12ea1a0a89be200fe98922423d4334014fa6b0ee";
const BOB_ED25519: &str = "d17c2d7823ebf260fd138f2d7e27d114c0145d968b5ff5006125f2414fadae69";
const ALICE_SR25519: &str = "d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d";
const ALICE_SECP256K1: &str = "020a1091341fe5664bfa1782d5e04779689068c916b04cb365ec3153755684d9a1";

fn main() -> ExitCode {
	let Some(folder) = env::args().nth(1) else {
		eprintln!("usage: did-documents FOLDER");
		return ExitCode::from(2);
	};
	if let Err(error) = fs::create_dir_all(&folder) {
		eprintln!("{folder}: {error}");
		return ExitCode::FAILURE;
	}
	for (name, result) in samples() {
		let file = Path::new(&folder).join(format!("{name}.json"));
		if let Err(error) = fs::write(&file, format!("{result:#}\n")) {
			eprintln!("{}: {error}", file.display());
			return ExitCode::FAILURE;
		}
		println!("{}", file.display());
	}
	ExitCode::SUCCESS
}

/// Every sample and its name.
fn samples() -> Vec<(&'static str, Value)> {
	let active = machine(7, vec![key(7, 0, ed25519(ALICE_ED25519), KeyRights::ALL)]);
	let further = |id| {
		vec![
			key(id, 3, ed25519(BOB_ED25519), KeyRights::ALL),
			key(id, 1, PublicKey::Sr25519(bytes(ALICE_SR25519)), KeyRights::CLAIM),
			key(id, 2, PublicKey::Ecdsa(bytes(ALICE_SECP256K1)), KeyRights::SERVICES),
		]
	};
	let several = machine(8, further(8));
	let sr25519 = vec![key(9, 0, PublicKey::Sr25519(bytes(ALICE_SR25519)), KeyRights::ALL)];
	let secp256k1 = vec![key(10, 0, PublicKey::Ecdsa(bytes(ALICE_SECP256K1)), KeyRights::ALL)];
	let suspended = MachineInfo {
		status: MachineStatus::Suspended,
		updated_at: 200,
		..machine(11, further(11))
	};
	let frozen = MachineInfo { frozen: true, updated_at: 210, ..machine(12, further(12)) };
	let retired =
		MachineInfo { status: MachineStatus::Retired, updated_at: 220, ..machine(13, vec![]) };

	let resolve = |machine: &MachineInfo<String>, services: &[ServiceInfo]| {
		did::resolve(NETWORK, &GENESIS_HASH, machine, services)
	};
	let most = MAX_SERVICES as usize;
	let services: Vec<_> = every_kind_and_unit(8).take(most).collect();
	let other_services: Vec<_> = every_kind_and_unit(14).skip(most).collect();
	vec![
		("active", resolve(&active, &[charging(7, 0)])),
		("active-without-services", resolve(&active, &[])),
		("several-keys-and-services", resolve(&several, &services)),
		("other-services", resolve(&machine(14, further(14)), &other_services)),
		("sr25519", resolve(&machine(9, sr25519), &[])),
		("secp256k1", resolve(&machine(10, secp256k1), &[])),
		("suspended", resolve(&suspended, &[charging(11, 0)])),
		("frozen", resolve(&frozen, &[charging(12, 0)])),
		("retired", resolve(&retired, &[])),
		("largest-number", resolve(&machine(u64::MAX, further(u64::MAX)), &[])),
		("not-found", did::not_found()),
	]
}

fn machine(id: u64, keys: Vec<KeyInfo<String>>) -> MachineInfo<String> {
	MachineInfo {
		id,
		owner: ALICE.into(),
		operator: None,
		parent: None,
		account: machine_account(id).map(|byte| format!("{byte:02x}")).concat(),
		keys,
		status: MachineStatus::Active,
		frozen: false,
		offer: None,
		profile: MachineProfile { kind: MachineKind::EvCharger, metadata: None },
		registered_at: 100,
		updated_at: 120,
		deposit: 2_000_000_000_000,
	}
}

fn key(machine: u64, ordinal: u32, public: PublicKey, rights: KeyRights) -> KeyInfo<String> {
	KeyInfo {
		machine,
		ordinal,
		public,
		account: public.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect(),
		rights,
		valid_from: 100,
		valid_until: None,
		claimable_until: None,
	}
}

fn ed25519(hex: &str) -> PublicKey {
	PublicKey::Ed25519(bytes(hex))
}

fn bytes<const LENGTH: usize>(hex: &str) -> [u8; LENGTH] {
	std::array::from_fn(|at| {
		u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).expect("the constants are hex; qed")
	})
}

fn charging(machine: u64, id: u32) -> ServiceInfo {
	let description = "bafkreifzjut3te7nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e";
	service(machine, id, ServiceKind::Charging, Unit::KilowattHour, 350_000, Some(description))
}

/// As many services as it takes to show every kind and every unit, at prices from the lowest to the
/// highest. More than a machine can have at a time.
fn every_kind_and_unit(machine: u64) -> impl Iterator<Item = ServiceInfo> {
	ServiceKind::ALL
		.into_iter()
		.zip(Unit::ALL)
		.zip(0..)
		.map(move |((kind, unit), at)| service(machine, at, kind, unit, 10u128.pow(at), None))
}

fn service(
	machine: u64,
	id: u32,
	kind: ServiceKind,
	unit: Unit,
	price: u128,
	description: Option<&str>,
) -> ServiceInfo {
	let endpoint = format!("https://Charger.example:443/machines/{machine}/{id}");
	let description =
		description.map(|text| text.parse::<Cid>().expect("the constant is a CID; qed"));
	ServiceInfo {
		machine,
		status: MachineStatus::Active,
		id,
		service: Service {
			kind,
			unit,
			price,
			endpoint: Uri::try_from(endpoint.as_str()).expect("the endpoint is short; qed"),
			description,
		},
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use dam_primitives::service::MAX_PRICE;

	const METHOD_SPECIFICATION: &str =
		include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/did-dam.md"));

	/// The JSON after the line `<!-- sample: NAME -->`.
	fn examples() -> Vec<(&'static str, Value)> {
		METHOD_SPECIFICATION
			.split("<!-- sample: ")
			.skip(1)
			.map(|rest| {
				let (name, rest) = rest.split_once(" -->").expect("the mark is closed");
				let (_, rest) = rest.split_once("```json\n").expect("JSON follows");
				let (json, _) = rest.split_once("```").expect("the block is closed");
				(name, serde_json::from_str(json).expect("it is JSON"))
			})
			.collect()
	}

	#[test]
	fn examples_of_the_specification_should_be_real_output() {
		let examples = examples();
		assert!(examples.len() >= 5, "the marks were not found");
		for (name, example) in examples {
			let sample = samples().into_iter().find(|(known, _)| *known == name);
			let (_, sample) = sample.unwrap_or_else(|| panic!("no sample {name}"));
			assert_eq!(example, sample, "{name}");
		}
	}

	#[test]
	fn samples_should_show_every_kind_and_unit() {
		let services: Vec<_> = every_kind_and_unit(0).map(|info| info.service).collect();
		let all_kinds =
			ServiceKind::ALL.iter().all(|kind| services.iter().any(|one| one.kind == *kind));
		let all_units = Unit::ALL.iter().all(|unit| services.iter().any(|one| one.unit == *unit));
		assert!(all_kinds && all_units);
		assert!(services.len() <= 2 * MAX_SERVICES as usize, "two samples do not show them all");
		assert_eq!(services.last().map(|service| service.price), Some(MAX_PRICE));
	}
}
