//! The runtime of DAM Chain: the only place that knows every pallet.
//!
//! * [`configs`]: how each pallet is set up, by subject;
//! * `apis`: what nodes and light clients may call;
//! * [`genesis_config_presets`]: the first state of development and local networks;
//! * [`units`]: amounts and times.

#![cfg_attr(not(feature = "std"), no_std)]
// The runtime macro numbers pallets up to 255 and expands deeply.
#![recursion_limit = "512"]
// The macros make public items that cannot carry a comment.
#![allow(missing_docs)]

#[cfg(feature = "std")]
include!(concat!(env!("OUT_DIR"), "/wasm_binary.rs"));

extern crate alloc;

use polkadot_sdk::*;

mod apis;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarks;
pub mod configs;
pub mod genesis_config_presets;
#[cfg(test)]
mod tests;
pub mod units;

use alloc::{borrow::Cow, vec::Vec};
use pallet_asset_tx_payment::ChargeAssetTxPayment;
use pallet_free_quota::QuotaOrFee;
use sp_runtime::{
	generic, impl_opaque_keys,
	traits::{BlakeTwo256, IdentifyAccount, Verify},
	MultiAddress, MultiSignature,
};
use sp_version::RuntimeVersion;

pub use apis::RuntimeApi;

/// Signatures of extrinsics: Ed25519, Sr25519 or ECDSA.
pub type Signature = MultiSignature;
/// The account that a public key signs for.
pub type AccountId = <<Signature as Verify>::Signer as IdentifyAccount>::AccountId;
/// How extrinsics name accounts.
pub type Address = MultiAddress<AccountId, ()>;
/// Amounts of DAM (12 decimals) and USDT (6 decimals), each in its smallest unit.
pub type Balance = u128;
/// Number of a transaction of an account.
pub type Nonce = u32;
/// Hash of blocks and state.
pub type Hash = sp_core::H256;
/// Number of a block.
pub type BlockNumber = u32;
/// Header of a block.
pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
/// A block.
pub type Block = generic::Block<Header, UncheckedExtrinsic>;

/// Types as the node handles them: extrinsics are bytes that only the runtime reads, so that a node
/// survives upgrades of the runtime.
pub mod opaque {
	use super::*;

	/// A block of opaque extrinsics.
	pub type Block = generic::Block<Header, sp_runtime::OpaqueExtrinsic>;
}

impl_opaque_keys! {
	/// The keys with which a validator takes part in consensus.
	pub struct SessionKeys {
		/// Block production.
		pub babe: Babe,
		/// Finality.
		pub grandpa: Grandpa,
	}
}

/// Name and version of this runtime.
#[sp_version::runtime_version]
pub const VERSION: RuntimeVersion = RuntimeVersion {
	spec_name: Cow::Borrowed("dam-chain"),
	impl_name: Cow::Borrowed("dam-chain"),
	authoring_version: 1,
	spec_version: 100,
	impl_version: 1,
	apis: apis::RUNTIME_API_VERSIONS,
	transaction_version: 1,
	system_version: 1,
};

/// What is checked, charged and added around every call.
pub type TxExtension = (
	frame_system::AuthorizeCall<Runtime>,
	frame_system::CheckNonZeroSender<Runtime>,
	frame_system::CheckSpecVersion<Runtime>,
	frame_system::CheckTxVersion<Runtime>,
	frame_system::CheckGenesis<Runtime>,
	frame_system::CheckEra<Runtime>,
	frame_system::CheckWeight<Runtime>,
	// `CheckNonce` and `ChargeAssetTxPayment`, for whoever looks from the outside.
	QuotaOrFee<Runtime, ChargeAssetTxPayment<Runtime>>,
	frame_metadata_hash_extension::CheckMetadataHash<Runtime>,
	frame_system::WeightReclaim<Runtime>,
);

/// The extension of an account's transaction: when it can be included, its number among the
/// account's, and, if it is not free, the tip in units of DAM and the asset in which fee and tip are
/// paid; `None` is DAM.
pub fn tx_extension(
	era: generic::Era,
	nonce: Nonce,
	tip: Balance,
	fee_asset: Option<u32>,
) -> TxExtension {
	(
		frame_system::AuthorizeCall::new(),
		frame_system::CheckNonZeroSender::new(),
		frame_system::CheckSpecVersion::new(),
		frame_system::CheckTxVersion::new(),
		frame_system::CheckGenesis::new(),
		frame_system::CheckEra::from(era),
		frame_system::CheckWeight::new(),
		QuotaOrFee::new(nonce, ChargeAssetTxPayment::from(tip, fee_asset)),
		frame_metadata_hash_extension::CheckMetadataHash::new(false),
		frame_system::WeightReclaim::new(),
	)
}

/// An extrinsic as it travels.
pub type UncheckedExtrinsic =
	generic::UncheckedExtrinsic<Address, RuntimeCall, Signature, TxExtension>;

/// What a signer signs.
pub type SignedPayload = generic::SignedPayload<RuntimeCall, TxExtension>;

/// Storage migrations of this release that run in one block. The network has not launched: none.
pub type Migrations = ();

/// Executes blocks.
pub type Executive = frame_executive::Executive<
	Runtime,
	Block,
	frame_system::ChainContext<Runtime>,
	Runtime,
	AllPalletsWithSystem,
>;

// Indices are part of every extrinsic's bytes: they never change. `tests` pins them.
#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeFreezeReason,
		RuntimeHoldReason,
		RuntimeSlashReason,
		RuntimeLockId,
		RuntimeTask,
		RuntimeViewFunction
	)]
	pub struct Runtime;

	// Base and consensus.
	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type Timestamp = pallet_timestamp;
	#[runtime::pallet_index(2)]
	pub type Babe = pallet_babe;
	// Before Session, so that a block's author is noted in the session in which it wrote it.
	#[runtime::pallet_index(3)]
	pub type Authorship = pallet_authorship;
	#[runtime::pallet_index(4)]
	pub type Offences = pallet_offences;
	#[runtime::pallet_index(5)]
	pub type Historical = pallet_session::historical;
	#[runtime::pallet_index(6)]
	pub type Session = pallet_session;
	#[runtime::pallet_index(7)]
	pub type Grandpa = pallet_grandpa;

	// Money.
	#[runtime::pallet_index(10)]
	pub type Balances = pallet_balances;
	#[runtime::pallet_index(11)]
	pub type TransactionPayment = pallet_transaction_payment;
	#[runtime::pallet_index(12)]
	pub type Assets = pallet_assets::Pallet<Runtime>;
	#[runtime::pallet_index(13)]
	pub type AssetTxPayment = pallet_asset_tx_payment;
	#[runtime::pallet_index(14)]
	pub type AssetRate = pallet_asset_rate;

	// Wrappers and upkeep.
	#[runtime::pallet_index(20)]
	pub type Utility = pallet_utility;
	#[runtime::pallet_index(21)]
	pub type Proxy = pallet_proxy;
	#[runtime::pallet_index(22)]
	pub type Multisig = pallet_multisig;
	#[runtime::pallet_index(23)]
	pub type MultiBlockMigrations = pallet_migrations;
	#[runtime::pallet_index(24)]
	pub type Recovery = pallet_recovery;

	// Machines.
	#[runtime::pallet_index(30)]
	pub type DamIdentity = pallet_dam_identity;
	#[runtime::pallet_index(31)]
	pub type FreeQuota = pallet_free_quota;
	#[runtime::pallet_index(32)]
	pub type Micropayments = pallet_micropayments;
	#[runtime::pallet_index(33)]
	pub type SpendingPolicy = pallet_spending_policy;
	#[runtime::pallet_index(34)]
	pub type Attestations = pallet_attestations;
	#[runtime::pallet_index(35)]
	pub type Services = pallet_services;
	#[runtime::pallet_index(36)]
	pub type Channels = pallet_channels;
	#[runtime::pallet_index(37)]
	pub type Streams = pallet_streams;
	#[runtime::pallet_index(38)]
	pub type Mandates = pallet_mandates;
	#[runtime::pallet_index(39)]
	pub type Orders = pallet_orders;
	#[runtime::pallet_index(40)]
	pub type Intents = pallet_intents;

	// Has a key in development presets only.
	#[runtime::pallet_index(255)]
	pub type Sudo = pallet_sudo;
}

impl<LocalCall> frame_system::offchain::CreateTransactionBase<LocalCall> for Runtime
where
	RuntimeCall: From<LocalCall>,
{
	type Extrinsic = UncheckedExtrinsic;
	type RuntimeCall = RuntimeCall;
}

/// Equivocation reports travel as bare extrinsics.
impl<LocalCall> frame_system::offchain::CreateBare<LocalCall> for Runtime
where
	RuntimeCall: From<LocalCall>,
{
	fn create_bare(call: RuntimeCall) -> UncheckedExtrinsic {
		UncheckedExtrinsic::new_bare(call)
	}
}

/// The wasm blob of this runtime, or why there is none.
#[cfg(feature = "std")]
pub fn wasm_binary() -> Result<&'static [u8], &'static str> {
	WASM_BINARY.ok_or(
		"this build has no runtime: it was compiled with SKIP_WASM_BUILD. Build again without it",
	)
}
