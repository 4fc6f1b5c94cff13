//! frame-system, timestamp, sudo, migrations: what every block rests on.

use crate::{units::*, *};
use frame_support::{
	derive_impl,
	dispatch::DispatchClass,
	parameter_types,
	traits::{ConstU32, ConstU64},
	weights::{
		constants::{
			BlockExecutionWeight, ExtrinsicBaseWeight, ParityDbWeight, WEIGHT_REF_TIME_PER_MILLIS,
		},
		Weight,
	},
};
use sp_runtime::{traits::AccountIdLookup, Perbill};

/// Weight of a block: 400 ms of the 1,000 ms of a slot.
///
/// A third of the slot is for proposing; every other node executes the block again before it can
/// build on it, and a block takes several one-way network delays to arrive. See
/// docs/adr/0001-consensus.md.
const MAXIMUM_BLOCK_WEIGHT: Weight = Weight::from_parts(400 * WEIGHT_REF_TIME_PER_MILLIS, u64::MAX);

/// What ordinary transactions may use of a block; the rest is kept for operational ones.
const NORMAL_RATIO: Perbill = Perbill::from_percent(75);

/// Blocks carry at most 2 MiB of extrinsics: over 100 Mbit/s they pass a hop in 0.17 s.
const MAXIMUM_BLOCK_LENGTH: u32 = 2 * 1024 * 1024;

parameter_types! {
	/// Hashes of this many blocks are kept: the longest life of a mortal transaction.
	pub const BlockHashCount: BlockNumber = 4_096;
	pub const Version: RuntimeVersion = VERSION;
	/// How much computing fits into a block.
	pub BlockWeights: frame_system::limits::BlockWeights =
		frame_system::limits::BlockWeights::builder()
			.base_block(BlockExecutionWeight::get())
			.for_class(DispatchClass::all(), |weights| {
				weights.base_extrinsic = ExtrinsicBaseWeight::get();
			})
			.for_class(DispatchClass::Normal, |weights| {
				weights.max_total = Some(NORMAL_RATIO * MAXIMUM_BLOCK_WEIGHT);
			})
			.for_class(DispatchClass::Operational, |weights| {
				weights.max_total = Some(MAXIMUM_BLOCK_WEIGHT);
				weights.reserved = Some(MAXIMUM_BLOCK_WEIGHT - NORMAL_RATIO * MAXIMUM_BLOCK_WEIGHT);
			})
			// What inherents and hooks take before the first transaction.
			.avg_block_initialization(Perbill::from_percent(5))
			.build_or_panic();
	/// How many bytes fit into a block.
	pub BlockLengths: frame_system::limits::BlockLength =
		frame_system::limits::BlockLength::builder()
			.max_length(MAXIMUM_BLOCK_LENGTH)
			.modify_max_length_for_class(DispatchClass::Normal, |max| {
				*max = NORMAL_RATIO * MAXIMUM_BLOCK_LENGTH;
			})
			.build();
	/// The migrations' share of a block while they run.
	pub MaxServiceWeight: Weight = Perbill::from_percent(80) * BlockWeights::get().max_block;
}

#[derive_impl(frame_system::config_preludes::SolochainDefaultConfig)]
impl frame_system::Config for Runtime {
	type Block = Block;
	type BlockWeights = BlockWeights;
	type BlockLength = BlockLengths;
	type AccountId = AccountId;
	type Nonce = Nonce;
	type Hash = Hash;
	type Lookup = AccountIdLookup<AccountId, ()>;
	type BlockHashCount = BlockHashCount;
	type DbWeight = ParityDbWeight;
	type Version = Version;
	type AccountData = pallet_balances::AccountData<Balance>;
	type SS58Prefix = frame_support::traits::ConstU16<42>;
	type MaxConsumers = ConstU32<16>;
	type SystemWeightInfo = frame_system::weights::SubstrateWeight<Runtime>;
	type ExtensionsWeightInfo = frame_system::SubstrateExtensionsWeight<Runtime>;
	type SingleBlockMigrations = Migrations;
	type MultiBlockMigrator = MultiBlockMigrations;
}

impl pallet_timestamp::Config for Runtime {
	type Moment = u64;
	type OnTimestampSet = Babe;
	type MinimumPeriod = ConstU64<{ SLOT_MILLISECONDS / 2 }>;
	type WeightInfo = pallet_timestamp::weights::SubstrateWeight<Runtime>;
}

impl pallet_sudo::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type WeightInfo = pallet_sudo::weights::SubstrateWeight<Runtime>;
}

impl pallet_migrations::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	#[cfg(not(feature = "runtime-benchmarks"))]
	type Migrations = ();
	// The benchmarks drive migrations of their own.
	#[cfg(feature = "runtime-benchmarks")]
	type Migrations = pallet_migrations::mock_helpers::MockedMigrations;
	type CursorMaxLen = ConstU32<65_536>;
	type IdentifierMaxLen = ConstU32<256>;
	type MigrationStatusHandler = ();
	// A migration that fails halfway stops everything but upgrades and governance.
	type FailedMigrationHandler = frame_support::migrations::FreezeChainOnFailedMigration;
	type MaxServiceWeight = MaxServiceWeight;
	type WeightInfo = pallet_migrations::weights::SubstrateWeight<Runtime>;
}
