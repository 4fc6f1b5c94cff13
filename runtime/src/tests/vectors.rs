//! The test vectors of docs/PAYMENTS.md, which devices and other implementations are built by: that
//! this runtime reads, writes and does what they say.

use super::support::*;
use crate::{configs::FreeCalls, units::USDT, *};
use alloc::{
	collections::{BTreeMap, BTreeSet},
	string::{String, ToString},
	vec::Vec,
};
use codec::{DecodeAll, Encode};
use dam_primitives::{registration::RegistrationStatement, KeyRights, MachineProfile, PublicKey};
use frame_support::traits::{GetCallMetadata, StorageInfoTrait};
use pallet_dam_identity::Registration;
use pallet_free_quota::FreeCalls as _;
use scale_info::{MetaType, PortableRegistry, TypeDef, TypeInfo};
use serde_json::Value;
use sp_core::{bytes::from_hex, ed25519, sr25519, Pair, H256};
use sp_io::hashing::{twox_128, twox_64};
use sp_keyring::Sr25519Keyring;
use sp_runtime::traits::Dispatchable;

const FILE: &str = include_str!("../../../docs/vectors/payments.json");
/// The pallets that the file is about.
const PALLETS: [u8; 6] = [32, 36, 37, 38, 39, 40];

fn file() -> Value {
	serde_json::from_str(FILE).unwrap()
}

fn text(value: &Value) -> &str {
	value.as_str().unwrap()
}

fn bytes(value: &Value) -> Vec<u8> {
	from_hex(text(value)).unwrap()
}

fn list<'a>(file: &'a Value, pointer: &str) -> &'a Vec<Value> {
	file.pointer(pointer).unwrap().as_array().unwrap()
}

/// Of an enumeration of pallets, such as all calls: the variants of each of [`PALLETS`], by pallet
/// and own index, with the names of pallet, variant and fields.
fn variants<T: TypeInfo + 'static>() -> BTreeMap<(u8, u8), (String, Vec<String>)> {
	let mut registry = scale_info::Registry::new();
	let root = registry.register_type(&MetaType::new::<T>()).id;
	let registry = PortableRegistry::from(registry);
	let variants = |id: u32| match &registry.resolve(id).unwrap().type_def {
		TypeDef::Variant(variants) => variants.variants.clone(),
		other => panic!("expected an enumeration, got {other:?}"),
	};
	let mut all = BTreeMap::new();
	for pallet in variants(root).iter().filter(|pallet| PALLETS.contains(&pallet.index)) {
		for item in variants(pallet.fields[0].ty.id) {
			let fields = item.fields.iter().map(|field| field.name.clone().unwrap()).collect();
			let name = alloc::format!("{}.{}", pallet.name, item.name);
			all.insert((pallet.index, item.index), (name, fields));
		}
	}
	all
}

/// Compares the messages of the file with those that the runtime's metadata tells of.
fn check_names<T: TypeInfo + 'static>(pointer: &str) {
	let known = variants::<T>();
	let mut seen = BTreeSet::new();
	for message in list(&file(), pointer) {
		let index = |name: &str| u8::try_from(message[name].as_u64().unwrap()).unwrap();
		let place = (index("pallet"), index("index"));
		let fields: Vec<String> = message["fields"]
			.as_array()
			.unwrap()
			.iter()
			.map(|field| text(&field["name"]).to_string())
			.collect();
		assert_eq!(known[&place], (text(&message["name"]).to_string(), fields));
		seen.insert(place);
	}
	assert_eq!(seen, known.keys().copied().collect(), "an example is missing in {pointer}");
}

#[test]
fn vectors_should_name_every_call_and_event_as_the_metadata_does() {
	check_names::<RuntimeCall>("/calls");
	check_names::<RuntimeEvent>("/events");
}

#[test]
fn vectors_of_calls_should_be_those_of_the_runtime() {
	for vector in list(&file(), "/calls") {
		let encoded = bytes(&vector["encoded"]);
		let call = RuntimeCall::decode_all(&mut &encoded[..]).unwrap();
		assert_eq!(call.encode(), encoded, "{vector}");
		let metadata = call.get_call_metadata();
		let name = alloc::format!("{}.{}", metadata.pallet_name, metadata.function_name);
		assert_eq!(name, text(&vector["name"]));
		let right = vector["freeFor"].as_str().map(|name| KeyRights::by_name(name).unwrap());
		assert_eq!(FreeCalls::right(&call), right, "{name}");
	}
}

#[test]
fn vectors_of_events_should_be_those_of_the_runtime() {
	for vector in list(&file(), "/events") {
		let encoded = bytes(&vector["encoded"]);
		let event = RuntimeEvent::decode_all(&mut &encoded[..]).unwrap();
		assert_eq!(event.encode(), encoded, "{vector}");
	}
}

#[test]
fn vectors_should_number_errors_as_the_metadata_does() {
	let mut listed = BTreeMap::new();
	for pallet in list(&file(), "/errors") {
		let index = u8::try_from(pallet["index"].as_u64().unwrap()).unwrap();
		for (number, error) in (0..).zip(pallet["errors"].as_array().unwrap()) {
			let name = alloc::format!("{}.{}", text(&pallet["pallet"]), text(error));
			listed.insert((index, number), (name, Vec::new()));
		}
	}
	assert_eq!(listed, variants::<RuntimeError>());
}

#[test]
fn vectors_of_keys_should_be_where_the_runtime_keeps_things() {
	let infos = [
		Channels::storage_info(),
		Streams::storage_info(),
		Mandates::storage_info(),
		Orders::storage_info(),
		Intents::storage_info(),
	];
	let known: BTreeMap<String, Vec<u8>> = infos
		.into_iter()
		.flatten()
		.map(|info| {
			let name = [info.pallet_name, info.storage_name].join(&b'.');
			(String::from_utf8(name).unwrap(), info.prefix)
		})
		.collect();
	let file = file();
	let listed = list(&file, "/storage");
	assert_eq!(listed.len(), known.len());
	for vector in listed {
		let mut key = known[text(&vector["item"])].clone();
		if let Some(number) = vector["number"].as_str() {
			let number = number.parse::<u64>().unwrap().to_le_bytes();
			key.extend(twox_64(&number));
			key.extend(number);
		}
		assert_eq!(bytes(&vector["key"]), key, "{vector}");
	}
	let map = pallet_channels::Channels::<Runtime>::hashed_key_for(7);
	assert_eq!(bytes(&listed[0]["key"]), map);
}

/// A chain with the genesis hash of the file and ten machines, of which 3 and 9 have its keys.
fn chain_of(file: &Value) -> sp_io::TestExternalities {
	let mut ext = new_test_ext();
	let seed = bytes(&file["keys"][0]["seed"]);
	let genesis: [u8; 32] = bytes(&file["genesisHash"]).try_into().unwrap();
	ext.execute_with(|| {
		frame_system::BlockHash::<Runtime>::insert(0, H256(genesis));
		for machine in 0..10u8 {
			match machine {
				3 => register_ed25519(&ed25519::Pair::from_seed_slice(&seed).unwrap()),
				9 => {
					register(&sr25519::Pair::from_seed_slice(&seed).unwrap());
				},
				_ => {
					register(&device(machine + 1));
				},
			}
		}
		fund(3, 10 * USDT);
	});
	ext
}

fn register_ed25519(device: &ed25519::Pair) {
	let profile = MachineProfile::default();
	let key = PublicKey::Ed25519(device.public().0);
	let expires_at = System::block_number() + 10;
	let genesis = System::block_hash(0).into();
	let statement = RegistrationStatement::new(genesis, owner().into(), key, &profile, expires_at);
	let proof = device.sign(&statement.signing_payload()).into();
	DamIdentity::register(
		RuntimeOrigin::signed(owner()),
		Registration { key, profile, expires_at, proof },
	)
	.unwrap();
}

/// Whoever signs the calls of the lives.
fn signer(file: &Value, by: &str) -> AccountId {
	let key = |at: usize| {
		let public: [u8; 32] = bytes(&file["keys"][at]["public"]).try_into().unwrap();
		AccountId::from(public)
	};
	match by {
		"payer" => key(0),
		"payee" => key(1),
		"account" => [0xcc; 32].into(),
		"arbiter" => [0xaa; 32].into(),
		"anybody" => Sr25519Keyring::Bob.to_account_id(),
		other => panic!("who is {other}?"),
	}
}

/// Takes a step, and compares what it leaves with the file.
fn take(file: &Value, life: &Value, step: &Value) {
	let what = alloc::format!("{}: {step}", life["name"]);
	System::set_block_number(step["block"].as_u64().unwrap() as BlockNumber);
	System::reset_events();
	if !step["call"].is_null() {
		let call = RuntimeCall::decode_all(&mut &bytes(&step["call"])[..]).unwrap();
		let origin = RuntimeOrigin::signed(signer(file, text(&step["by"])));
		// As in a block: a call that fails leaves nothing.
		let result = frame_support::storage::with_storage_layer(|| {
			call.dispatch(origin).map(drop).map_err(|failed| failed.error)
		});
		let error = result.err().map(|error| match error {
			sp_runtime::DispatchError::Module(error) => error.message.unwrap(),
			other => panic!("{other:?} in {what}"),
		});
		assert_eq!(error, step["error"].as_str(), "{what}");
	}
	if !step["event"].is_null() {
		let event = RuntimeEvent::decode_all(&mut &bytes(&step["event"])[..]).unwrap();
		let last = System::events().pop().map(|record| record.event);
		assert_eq!(last, Some(event), "{what}");
	}
	let (pallet, item) = text(&life["item"]).split_once('.').unwrap();
	let number = text(&life["number"]).parse::<u64>().unwrap().to_le_bytes();
	let key =
		[&twox_128(pallet.as_bytes())[..], &twox_128(item.as_bytes()), &twox_64(&number), &number]
			.concat();
	let record = sp_io::storage::get(&key).map(|record| record.to_vec());
	let expected = (!step["record"].is_null()).then(|| bytes(&step["record"]));
	assert_eq!(record, expected, "{what}");
}

#[test]
fn vectors_of_lives_should_be_what_the_runtime_does() {
	let file = file();
	let mut steps = 0;
	for lives in file["lives"].as_object().unwrap().values() {
		for life in lives.as_array().unwrap() {
			let mut ext = chain_of(&file);
			ext.execute_with(|| {
				for step in life["steps"].as_array().unwrap() {
					take(&file, life, step);
					steps += 1;
				}
			});
		}
	}
	assert!(steps > 100, "{steps}");
}
