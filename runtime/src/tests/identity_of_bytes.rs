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
		(AssetTxPayment::index(), AssetTxPayment::name()),
		(AssetRate::index(), AssetRate::name()),
		(Utility::index(), Utility::name()),
		(Proxy::index(), Proxy::name()),
		(Multisig::index(), Multisig::name()),
		(MultiBlockMigrations::index(), MultiBlockMigrations::name()),
		(Recovery::index(), Recovery::name()),
		(DamIdentity::index(), DamIdentity::name()),
		(FreeQuota::index(), FreeQuota::name()),
		(Micropayments::index(), Micropayments::name()),
		(SpendingPolicy::index(), SpendingPolicy::name()),
		(Attestations::index(), Attestations::name()),
		(Services::index(), Services::name()),
		(Channels::index(), Channels::name()),
		(Streams::index(), Streams::name()),
		(Mandates::index(), Mandates::name()),
		(Orders::index(), Orders::name()),
		(Intents::index(), Intents::name()),
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
			(13, "AssetTxPayment"),
			(14, "AssetRate"),
			(20, "Utility"),
			(21, "Proxy"),
			(22, "Multisig"),
			(23, "MultiBlockMigrations"),
			(24, "Recovery"),
			(30, "DamIdentity"),
			(31, "FreeQuota"),
			(32, "Micropayments"),
			(33, "SpendingPolicy"),
			(34, "Attestations"),
			(35, "Services"),
			(36, "Channels"),
			(37, "Streams"),
			(38, "Mandates"),
			(39, "Orders"),
			(40, "Intents"),
			(255, "Sudo"),
		]
	);
}

#[test]
fn no_extrinsic_should_look_like_a_statement_and_no_statement_like_another() {
	// Whatever a key signs begins with `d`, an extrinsic's payload with its pallet's index.
	let domains = alloc::collections::BTreeSet::from([
		dam_primitives::registration::DOMAIN,
		dam_primitives::rotation::DOMAIN,
		dam_primitives::voucher::DOMAIN,
		dam_primitives::voucher::CLOSE_DOMAIN,
		dam_primitives::intent::DOMAIN,
		dam_primitives::payword::DOMAIN,
	]);
	assert_eq!(domains.len(), 6, "two kinds of statements look alike");
	let taken = AllPalletsWithSystem::infos_indices();
	for domain in domains {
		assert!(!taken.contains(&usize::from(domain[0])));
	}
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

/// The calls of one of our pallets with their indices, as the metadata tells them.
fn calls<C: scale_info::TypeInfo + 'static>() -> alloc::vec::Vec<(u8, &'static str)> {
	let scale_info::TypeDef::Variant(calls) = C::type_info().type_def else {
		panic!("calls are an enum")
	};
	let mut calls: alloc::vec::Vec<_> =
		calls.variants.iter().map(|call| (call.index, call.name)).collect();
	calls.sort_unstable();
	calls
}

#[test]
fn calls_of_machines_should_not_move() {
	assert_eq!(
		calls::<pallet_dam_identity::Call<Runtime>>(),
		[
			(0, "register"),
			(1, "register_fleet"),
			(2, "suspend"),
			(3, "resume"),
			(4, "retire"),
			(5, "rotate_key"),
			(6, "add_key"),
			(7, "remove_key"),
			(8, "freeze"),
			(9, "unfreeze"),
			(10, "set_operator"),
			(11, "set_profile"),
			(12, "set_parent"),
			(13, "offer_ownership"),
			(14, "cancel_offer"),
			(15, "accept_ownership"),
		]
	);
	assert_eq!(
		calls::<pallet_micropayments::Call<Runtime>>(),
		[(0, "pay"), (1, "pay_batch"), (2, "withdraw")]
	);
	assert_eq!(
		calls::<pallet_spending_policy::Call<Runtime>>(),
		[(0, "set_policy"), (1, "approve"), (2, "revoke_approval")]
	);
	assert_eq!(
		calls::<pallet_attestations::Call<Runtime>>(),
		[
			(0, "accredit"),
			(1, "withdraw_accreditation"),
			(2, "issue"),
			(3, "renew"),
			(4, "revoke"),
			(5, "issue_batch"),
			(6, "renew_batch"),
			(7, "revoke_batch"),
			(8, "remove"),
		]
	);
	assert_eq!(
		calls::<pallet_services::Call<Runtime>>(),
		[(0, "offer"), (1, "update"), (2, "withdraw")]
	);
	assert_eq!(
		calls::<pallet_free_quota::Call<Runtime>>(),
		[(0, "bond"), (1, "unbond"), (2, "withdraw_unbonded"), (3, "set_rates")]
	);
	// Pallet, call, payee's variant and number, amount: what a microcontroller writes.
	assert_eq!(pay(1, 5_000).encode(), [32, 0, 0, 4, 0x21, 0x4e]);
	assert_eq!(pay_batch(1, 5_000, 1).encode(), [32, 1, 4, 0, 4, 0x21, 0x4e]);
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
	all.extend(names(Channels::storage_info()));
	all.extend(names(Streams::storage_info()));
	all.extend(names(Mandates::storage_info()));
	all.extend(names(Orders::storage_info()));
	all.extend(names(Intents::storage_info()));
	all.extend(names(FreeQuota::storage_info()));
	all.extend(names(SpendingPolicy::storage_info()));
	all.extend(names(Attestations::storage_info()));
	all.extend(names(Services::storage_info()));
	let all: alloc::vec::Vec<_> =
		all.iter().map(|(pallet, item)| (pallet.as_str(), item.as_str())).collect();
	assert_eq!(
		all,
		[
			("Attestations", "Accreditations"),
			("Attestations", "Attestations"),
			("Channels", "Channels"),
			("Channels", "Locked"),
			("Channels", "NextChannelId"),
			("Channels", "OpenChannels"),
			("DamIdentity", "Children"),
			("DamIdentity", "Documents"),
			("DamIdentity", "FurtherKeys"),
			("DamIdentity", "Keys"),
			("DamIdentity", "Machines"),
			("DamIdentity", "NextMachineId"),
			("DamIdentity", "Offers"),
			("FreeQuota", "BlockUsage"),
			("FreeQuota", "Bonders"),
			("FreeQuota", "Buckets"),
			("FreeQuota", "CurrentRates"),
			("FreeQuota", "FeePayer"),
			("FreeQuota", "Unbondings"),
			("Intents", "Nonces"),
			("Mandates", "Granted"),
			("Mandates", "Locked"),
			("Mandates", "Mandates"),
			("Mandates", "NextMandateId"),
			("Orders", "Locked"),
			("Orders", "NextOrderId"),
			("Orders", "OpenOrders"),
			("Orders", "Orders"),
			("Services", "ByKind"),
			("Services", "Catalogues"),
			("SpendingPolicy", "Approvals"),
			("SpendingPolicy", "Policies"),
			("SpendingPolicy", "Spent"),
			("Streams", "Locked"),
			("Streams", "NextStreamId"),
			("Streams", "OpenStreams"),
			("Streams", "Streams"),
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
