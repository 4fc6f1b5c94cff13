//! DAM, USDT, and fees.

use crate::{units::*, *};
use dam_primitives::USDT_ASSET_ID;
use frame_support::{
	parameter_types,
	traits::{
		fungible::{Balanced, Credit},
		AsEnsureOriginWithArg, ConstU32, ConstU8, NeverEnsureOrigin, OnUnbalanced,
	},
	weights::{
		constants::ExtrinsicBaseWeight, ConstantMultiplier, WeightToFeeCoefficient,
		WeightToFeeCoefficients, WeightToFeePolynomial,
	},
	PalletId,
};
use frame_system::EnsureRoot;
use pallet_transaction_payment::{FungibleAdapter, Multiplier, TargetedFeeAdjustment};
use sp_runtime::{
	traits::{AccountIdConversion, Bounded},
	FixedPointNumber, Perbill, Perquintill,
};

parameter_types! {
	/// Accounts below this are removed. Machine keys do without: they need no DAM account.
	pub const ExistentialDeposit: Balance = MILLIDAM;
	/// Least balance of a USDT account that exists by itself: 0.01 USDT, as on Asset Hub.
	pub const UsdtMinimumBalance: Balance = USDT / 100;
	/// Pays for a machine's USDT account, which then takes payments of any size.
	pub const AssetAccountDeposit: Balance = 100 * MILLIDAM;
	pub const AssetDeposit: Balance = 100 * DAM;
	pub const ApprovalDeposit: Balance = 100 * MILLIDAM;
	pub const MetadataDepositBase: Balance = DAM;
	pub const MetadataDepositPerByte: Balance = 10 * MILLIDAM;

	/// Fee of one byte of a transaction.
	pub const TransactionByteFee: Balance = 10 * MICRODAM;
	/// How full blocks are when fees neither rise nor fall.
	pub const TargetBlockFullness: Perquintill = Perquintill::from_percent(25);
	/// Speed of the fee adjustment: with full blocks fees rise by about a third in an hour.
	pub AdjustmentVariable: Multiplier = Multiplier::saturating_from_rational(11, 100_000);
	/// Fees fall to a tenth at the lowest.
	pub MinimumMultiplier: Multiplier = Multiplier::saturating_from_rational(1, 10);
	pub MaximumMultiplier: Multiplier = Bounded::max_value();
}

impl pallet_balances::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeHoldReason = RuntimeHoldReason;
	type RuntimeFreezeReason = RuntimeFreezeReason;
	type WeightInfo = pallet_balances::weights::SubstrateWeight<Runtime>;
	type Balance = Balance;
	type DustRemoval = ();
	type ExistentialDeposit = ExistentialDeposit;
	type AccountStore = System;
	type ReserveIdentifier = [u8; 8];
	type FreezeIdentifier = RuntimeFreezeReason;
	type MaxLocks = ConstU32<50>;
	type MaxReserves = ConstU32<50>;
	type MaxFreezes = ConstU32<8>;
	type DoneSlashHandler = ();
}

/// The account that owns, issues and administers USDT. No key exists for it: only the bridge, when
/// there is one, acts for it.
pub fn bridge_account() -> AccountId {
	PalletId(*b"dam/brdg").into_account_truncating()
}

impl pallet_assets::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type Balance = Balance;
	type RemoveItemsLimit = ConstU32<1_000>;
	type AssetId = u32;
	type AssetIdParameter = codec::Compact<u32>;
	type ReserveData = ();
	type Currency = Balances;
	// USDT is the chain's money. Others come by governance.
	type CreateOrigin = AsEnsureOriginWithArg<NeverEnsureOrigin<AccountId>>;
	type ForceOrigin = EnsureRoot<AccountId>;
	type AssetDeposit = AssetDeposit;
	type AssetAccountDeposit = AssetAccountDeposit;
	type MetadataDepositBase = MetadataDepositBase;
	type MetadataDepositPerByte = MetadataDepositPerByte;
	type ApprovalDeposit = ApprovalDeposit;
	type StringLimit = ConstU32<50>;
	type Freezer = ();
	type Holder = ();
	type Extra = ();
	type CallbackHandle = ();
	type AssetIdAllocator = ();
	type WeightInfo = pallet_assets::weights::SubstrateWeight<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = ();
}

/// USDT as a single currency.
pub type Usdt = frame_support::traits::fungible::ItemOf<Assets, ConstU32<USDT_ASSET_ID>, AccountId>;

/// Weight to fee: an empty extrinsic costs 0.001 DAM, and other weights in proportion. What makes
/// full blocks dear is the multiplier, not the polynomial's degree.
pub struct WeightToFee;
impl WeightToFeePolynomial for WeightToFee {
	type Balance = Balance;
	fn polynomial() -> WeightToFeeCoefficients<Balance> {
		let base = Balance::from(ExtrinsicBaseWeight::get().ref_time());
		smallvec::smallvec![WeightToFeeCoefficient {
			degree: 1,
			negative: false,
			coeff_integer: MILLIDAM / base,
			coeff_frac: Perbill::from_rational(MILLIDAM % base, base),
		}]
	}
}

impl pallet_transaction_payment::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type OnChargeTransaction = FungibleAdapter<Balances, FeesToAuthor>;
	type WeightToFee = WeightToFee;
	type LengthToFee = ConstantMultiplier<Balance, TransactionByteFee>;
	type FeeMultiplierUpdate = TargetedFeeAdjustment<
		Self,
		TargetBlockFullness,
		AdjustmentVariable,
		MinimumMultiplier,
		MaximumMultiplier,
	>;
	type OperationalFeeMultiplier = ConstU8<5>;
	type WeightInfo = pallet_transaction_payment::weights::SubstrateWeight<Runtime>;
}

/// Fees and tips go to the block's author; without one, as in a dry run, they are burnt.
pub struct FeesToAuthor;
impl OnUnbalanced<Credit<AccountId, Balances>> for FeesToAuthor {
	fn on_nonzero_unbalanced(fee: Credit<AccountId, Balances>) {
		if let Some(author) = Authorship::author() {
			// Dropping what an author below the existential deposit cannot take burns it.
			let _ = <Balances as Balanced<AccountId>>::resolve(&author, fee);
		}
	}
}
