//! The first state of development and local networks. Public networks bring a specification file.

use crate::{configs::*, units::*, *};
use alloc::{vec, vec::Vec};
use dam_primitives::{USDT_ASSET_ID, USDT_DECIMALS};
use frame_support::build_struct_json_patch;
use serde_json::Value;
use sp_genesis_builder::{PresetId, DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET};
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};

/// One validator, Alice.
pub const DEVELOPMENT: &str = DEV_RUNTIME_PRESET;
/// Four validators: Alice, Bob, Charlie, Dave.
pub const LOCAL: &str = LOCAL_TESTNET_RUNTIME_PRESET;

/// DAM of each well-known account.
const ENDOWMENT: Balance = 1_000_000 * DAM;
/// USDT of each well-known account. No vault stands behind it: it exists on these networks alone.
const USDT_ENDOWMENT: Balance = 1_000_000 * USDT;
/// Price of a DAM at which fees are converted. No market stands behind it: public networks begin
/// without a price, and governance sets it.
const USDT_PER_DAM: Balance = USDT / 10;

/// The genesis of `validators`, with every well-known account endowed and Alice in charge of sudo.
fn development_genesis(validators: &[(Sr25519Keyring, Ed25519Keyring)]) -> Value {
	let accounts: Vec<AccountId> =
		Sr25519Keyring::well_known().map(|account| account.to_account_id()).collect();
	let session_keys = validators
		.iter()
		.map(|(account, finality)| {
			let id = account.to_account_id();
			let keys =
				SessionKeys { babe: account.public().into(), grandpa: finality.public().into() };
			(id.clone(), id, keys)
		})
		.collect();

	build_struct_json_patch!(RuntimeGenesisConfig {
		balances: BalancesConfig {
			balances: accounts.iter().cloned().map(|account| (account, ENDOWMENT)).collect(),
		},
		assets: AssetsConfig {
			assets: vec![(USDT_ASSET_ID, bridge_account(), true, UsdtMinimumBalance::get())],
			metadata: vec![(
				USDT_ASSET_ID,
				b"Tether USD".to_vec(),
				b"USDT".to_vec(),
				USDT_DECIMALS,
			)],
			accounts: accounts
				.iter()
				.cloned()
				.map(|account| (USDT_ASSET_ID, account, USDT_ENDOWMENT))
				.collect(),
		},
		babe: BabeConfig { epoch_config: BABE_GENESIS_EPOCH_CONFIG },
		free_quota: FreeQuotaConfig { usdt_per_dam: Some(USDT_PER_DAM) },
		session: SessionConfig { keys: session_keys },
		sudo: SudoConfig { key: Some(Sr25519Keyring::Alice.to_account_id()) },
	})
}

/// The preset of that name, as JSON.
pub fn get_preset(id: &PresetId) -> Option<Vec<u8>> {
	use Ed25519Keyring as Finality;
	use Sr25519Keyring as Account;
	let genesis = match id.as_str() {
		DEVELOPMENT => development_genesis(&[(Account::Alice, Finality::Alice)]),
		LOCAL => development_genesis(&[
			(Account::Alice, Finality::Alice),
			(Account::Bob, Finality::Bob),
			(Account::Charlie, Finality::Charlie),
			(Account::Dave, Finality::Dave),
		]),
		_ => return None,
	};
	serde_json::to_vec(&genesis).ok()
}

/// Names of the presets.
pub fn preset_names() -> Vec<PresetId> {
	vec![PresetId::from(DEVELOPMENT), PresetId::from(LOCAL)]
}
