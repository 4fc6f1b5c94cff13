//! What pallets assume of each other and of the presets.

use super::support::*;
use crate::*;
use pallet_dam_traits::Machines;

#[test]
fn presets_should_build_and_name_their_validators() {
	for (preset, validators) in
		[(genesis_config_presets::DEVELOPMENT, 1), (genesis_config_presets::LOCAL, 4)]
	{
		let bytes = genesis_config_presets::get_preset(&preset.into()).unwrap();
		let value: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
		assert_eq!(value["session"]["keys"].as_array().unwrap().len(), validators, "{preset}");
	}
	assert!(genesis_config_presets::get_preset(&"public".into()).is_none());
}

#[test]
fn session_keys_should_be_provable_from_genesis() {
	use frame_support::traits::KeyOwnerProofSystem;
	new_test_ext().execute_with(|| {
		let key = pallet_babe::Authorities::<Runtime>::get()[0].0.clone();
		let proof = Historical::prove((sp_consensus_babe::KEY_TYPE, key.clone()));
		let proof = proof.expect("a report of an equivocation needs this proof");
		let owner = Historical::check_proof((sp_consensus_babe::KEY_TYPE, key), proof);
		assert_eq!(owner.map(|(who, ())| who), Some(super::support::owner()));
	});
}

#[test]
fn runtime_api_should_show_machines_and_quota() {
	new_test_ext().execute_with(|| {
		let machine = register(&device(1));
		let info = DamIdentity::machine_info(machine).unwrap();
		assert_eq!(info.account, DamIdentity::account(machine));
		assert_eq!(info.owner, owner());
		assert_eq!(DamIdentity::machine_of(&key_of(&device(1))), Some(machine));
		let quota = FreeQuota::quota(machine);
		assert_eq!(quota.available, quota.capacity);
	});
}

#[test]
fn machines_in_pallets_and_keys_should_agree() {
	new_test_ext().execute_with(|| {
		let machine = register(&device(1));
		assert_eq!(
			DamIdentity::authorize(&key_of(&device(1)), dam_primitives::KeyRights::PAY),
			Ok(machine)
		);
		assert_eq!(<DamIdentity as Machines<_>>::owner(machine), Some(owner()));
	});
}

/// A payer could otherwise have its vouchers expire within the grace period; and a payee with the
/// library's own limits follows every channel that the chain lets a payer open.
#[test]
fn periods_of_channels_should_fit_each_other() {
	let limits = dam_payments::Limits::default();
	let grace = <Runtime as pallet_channels::Config>::MinGrace::get();
	let horizon = <Runtime as pallet_dam_identity::Config>::KeyHorizon::get();
	assert!(grace < horizon);
	assert!(limits.least_grace() <= grace);
	let lifetime = dam_payments::ClaimPolicy::default().lifetime;
	assert!(3 * lifetime <= limits.claim_margin, "a claim that is lost is hardly made again");
}
