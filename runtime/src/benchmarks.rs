//! The benchmarks of this runtime: those of our own pallets, and of the SDK's whose cost depends on
//! how the runtime is set up.

use crate::*;
use alloc::{string::String, vec::Vec};
use frame_benchmarking::{define_benchmarks, BenchmarkBatch, BenchmarkConfig, BenchmarkList};
use frame_support::traits::{StorageInfo, TrackedStorageKey, WhitelistedStorageKeys};

define_benchmarks!(
	[frame_benchmarking, BaselineBench::<Runtime>]
	[frame_system, SystemBench::<Runtime>]
	[frame_system_extensions, SystemExtensionsBench::<Runtime>]
	[pallet_assets, Assets]
	[pallet_attestations, Attestations]
	[pallet_balances, Balances]
	[pallet_channels, Channels]
	[pallet_dam_identity, DamIdentity]
	[pallet_free_quota, FreeQuota]
	[pallet_intents, Intents]
	[pallet_mandates, Mandates]
	[pallet_micropayments, Micropayments]
	[pallet_multisig, Multisig]
	[pallet_orders, Orders]
	[pallet_proxy, Proxy]
	[pallet_recovery, Recovery]
	[pallet_services, Services]
	[pallet_spending_policy, SpendingPolicy]
	[pallet_streams, Streams]
	[pallet_timestamp, Timestamp]
	[pallet_utility, Utility]
);

use frame_benchmarking::baseline::Pallet as BaselineBench;
use frame_system_benchmarking::{
	extensions::Pallet as SystemExtensionsBench, Pallet as SystemBench,
};

impl frame_benchmarking::baseline::Config for Runtime {}
impl frame_system_benchmarking::Config for Runtime {}

pub(crate) fn metadata(extra: bool) -> (Vec<BenchmarkList>, Vec<StorageInfo>) {
	use frame_support::traits::StorageInfoTrait;
	let mut list = Vec::<BenchmarkList>::new();
	list_benchmarks!(list, extra);
	(list, AllPalletsWithSystem::storage_info())
}

pub(crate) fn dispatch(config: BenchmarkConfig) -> Result<Vec<BenchmarkBatch>, String> {
	let whitelist: Vec<TrackedStorageKey> = AllPalletsWithSystem::whitelisted_storage_keys();
	let mut batches = Vec::<BenchmarkBatch>::new();
	let params = (&config, &whitelist);
	add_benchmarks!(params, batches);
	Ok(batches)
}
