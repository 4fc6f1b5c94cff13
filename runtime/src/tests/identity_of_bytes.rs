//! Bytes that others have stored, signed or compiled in: they never change.

use super::support::*;
use crate::*;
use codec::Encode;
use dam_primitives::{machine_account, PublicKey};
use frame_support::{
	traits::{PalletInfoAccess, StorageInfoTrait},
	PalletId,
};
use sp_core::{ecdsa, ed25519, sr25519};
use sp_runtime::{traits::AccountIdConversion, MultiSigner};

#[test]
fn pallet_indices_should_not_move() {
	let indices: alloc::vec::Vec<_> = [
		(System::index(), System::name()),
		(Timestamp::index(), Timestamp::name()),
		(Babe::index(), Babe::name()),
		(Authorship::index(), Authorship::name()),
		(Offences::index(), Offences::name()),
		(Historical::index(), Historical::name()),
		(Session::index(), Session::name()),
		(Grandpa::index(), Grandpa::name()),
		(Balances::index(), Balances::name()),
		(TransactionPayment::index(), TransactionPayment::name()),
		(Assets::index(), Assets::name()),
		(Utility::index(), Utility::name()),
		(Proxy::index(), Proxy::name()),
		(Multisig::index(), Multisig::name()),
		(MultiBlockMigrations::index(), MultiBlockMigrations::name()),
		(DamIdentity::index(), DamIdentity::name()),
		(FreeQuota::index(), FreeQuota::name()),
		(Micropayments::index(), Micropayments::name()),
		(Sudo::index(), Sudo::name()),
	]
	.into();
	assert_eq!(
		indices,
		[
			(0, "System"),
			(1, "Timestamp"),
			(2, "Babe"),
			(3, "Authorship"),
			(4, "Offences"),
			(5, "Historical"),
			(6, "Session"),
			(7, "Grandpa"),
			(10, "Balances"),
			(11, "TransactionPayment"),
			(12, "Assets"),
			(20, "Utility"),
			(21, "Proxy"),
			(22, "Multisig"),
			(23, "MultiBlockMigrations"),
			(30, "DamIdentity"),
			(31, "FreeQuota"),
			(32, "Micropayments"),
			(255, "Sudo"),
		]
	);
}

#[test]
fn no_extrinsic_should_look_like_a_registration_statement() {
	// A statement begins with `d`, an extrinsic's payload with its pallet's index.
	let first = usize::from(dam_primitives::registration::DOMAIN[0]);
	let taken = AllPalletsWithSystem::infos_indices();
	assert!(!taken.contains(&first));
}

trait Indices {
	fn infos_indices() -> alloc::vec::Vec<usize>;
}

impl Indices for AllPalletsWithSystem {
	fn infos_indices() -> alloc::vec::Vec<usize> {
		use frame_support::traits::PalletsInfoAccess;
		Self::infos().into_iter().map(|pallet| pallet.index).collect()
	}
}

#[test]
fn calls_of_machines_should_not_move() {
	let bytes = |call: RuntimeCall| call.encode()[..2].to_vec();
	assert_eq!(bytes(pay(0, 1)), [32, 0]);
	assert_eq!(bytes(pay_batch(0, 1, 1)), [32, 1]);
	assert_eq!(
		bytes(pallet_micropayments::Call::withdraw { machine: 0, amount: 1 }.into()),
		[32, 2]
	);
	for (call, index) in [
		(pallet_dam_identity::Call::suspend { machine: 0 }, 2),
		(pallet_dam_identity::Call::resume { machine: 0 }, 3),
		(pallet_dam_identity::Call::retire { machine: 0 }, 4),
	] {
		assert_eq!(bytes(call.into()), [30, index]);
	}
	// Pallet, call, payee's variant and number, amount: what a microcontroller writes.
	assert_eq!(pay(1, 5_000).encode(), [32, 0, 0, 4, 0x21, 0x4e]);
}

#[test]
fn storage_of_machines_should_not_move() {
	let names = |infos: alloc::vec::Vec<frame_support::traits::StorageInfo>| {
		infos
			.into_iter()
			.map(|info| {
				(
					alloc::string::String::from_utf8(info.pallet_name).unwrap(),
					alloc::string::String::from_utf8(info.storage_name).unwrap(),
				)
			})
			.collect::<alloc::collections::BTreeSet<_>>()
	};
	let mut all = names(DamIdentity::storage_info());
	all.extend(names(FreeQuota::storage_info()));
	let all: alloc::vec::Vec<_> =
		all.iter().map(|(pallet, item)| (pallet.as_str(), item.as_str())).collect();
	assert_eq!(
		all,
		[
			("DamIdentity", "Keys"),
			("DamIdentity", "Machines"),
			("DamIdentity", "NextMachineId"),
			("FreeQuota", "BlockUsage"),
			("FreeQuota", "Buckets"),
		]
	);
}

#[test]
fn machine_address_should_be_the_sdks_derivation() {
	for id in [0, 1, 1_000_000, u64::MAX] {
		let by_sdk: AccountId = PalletId(*b"dam/mach").into_sub_account_truncating(id);
		assert_eq!(AccountId::from(machine_account(id)), by_sdk);
	}
}

#[test]
fn public_keys_should_encode_like_the_sdks() {
	let pairs: [(PublicKey, MultiSigner); 3] = [
		(PublicKey::Ed25519([1; 32]), ed25519::Public::from_raw([1; 32]).into()),
		(PublicKey::Sr25519([2; 32]), sr25519::Public::from_raw([2; 32]).into()),
		(PublicKey::Ecdsa([3; 33]), ecdsa::Public::from_raw([3; 33]).into()),
	];
	for (ours, theirs) in pairs {
		assert_eq!(ours.encode(), theirs.encode());
		assert_eq!(pallet_dam_identity::account_of(&ours), theirs.into_account());
	}
}

#[test]
fn signatures_should_encode_like_the_sdks() {
	use dam_primitives::Signature as Ours;
	let pairs: [(Ours, MultiSignature); 3] = [
		(Ours::Ed25519([1; 64]), ed25519::Signature::from_raw([1; 64]).into()),
		(Ours::Sr25519([2; 64]), sr25519::Signature::from_raw([2; 64]).into()),
		(Ours::Ecdsa([3; 65]), ecdsa::Signature::from_raw([3; 65]).into()),
	];
	for (ours, theirs) in pairs {
		assert_eq!(ours.encode(), theirs.encode());
	}
}
