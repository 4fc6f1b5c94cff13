//! Weights of `pallet_free_quota`: estimates, on the safe side of what the same work costs in other
//! pallets. `scripts/bench-weights` replaces this file by measured ones.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens, unused_imports, missing_docs, clippy::all)]

use polkadot_sdk::*;

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::{constants::ParityDbWeight, Weight}};

/// What the calls of this pallet cost.
pub trait WeightInfo {
	fn charge_quota() -> Weight;
	fn usdt_fee() -> Weight;
	fn bond() -> Weight;
	fn unbond() -> Weight;
	fn withdraw_unbonded(n: u32, ) -> Weight;
	fn set_rates() -> Weight;
}

/// Weights on the reference machine, to be measured.
pub struct SubstrateWeight<T>(PhantomData<T>);
impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	/// `DamIdentity::Keys`, `DamIdentity::Machines`, `FreeQuota::Buckets` (w), `FreeQuota::BlockUsage`
	/// (w), `FreeQuota::CurrentRates`, `System::Account`.
	fn charge_quota() -> Weight {
		Weight::from_parts(32_000_000, 3628)
			.saturating_add(T::DbWeight::get().reads(6_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// `AssetRate::ConversionRateToNative`, `DamIdentity::Keys`, `DamIdentity::Machines`,
	/// `SpendingPolicy::Policies`, `SpendingPolicy::Spent` (w), `FreeQuota::FeePayer` (w),
	/// `Assets::Asset` (w), `Assets::Account` (2, w).
	fn usdt_fee() -> Weight {
		Weight::from_parts(110_000_000, 6208)
			.saturating_add(T::DbWeight::get().reads(9_u64))
			.saturating_add(T::DbWeight::get().writes(5_u64))
	}
	/// `DamIdentity::Machines`, `FreeQuota::CurrentRates`, `FreeQuota::Buckets` (w),
	/// `FreeQuota::Bonders` (w), `FreeQuota::Unbondings`, `Balances::Holds` (w), `System::Account` (w).
	fn bond() -> Weight {
		Weight::from_parts(75_000_000, 4764)
			.saturating_add(T::DbWeight::get().reads(7_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// `DamIdentity::Machines`, `FreeQuota::CurrentRates`, `FreeQuota::Buckets` (w),
	/// `FreeQuota::Bonders` (w), `FreeQuota::Unbondings` (w).
	fn unbond() -> Weight {
		Weight::from_parts(45_000_000, 4337)
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(3_u64))
	}
	/// `FreeQuota::Unbondings` (w); for each chunk `Balances::Holds` (w), `System::Account` (w).
	/// The range of component `n` is `[1, 16]`.
	fn withdraw_unbonded(n: u32, ) -> Weight {
		Weight::from_parts(20_000_000, 4337)
			.saturating_add(Weight::from_parts(50_000_000, 3774).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().reads((2_u64).saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(1_u64))
			.saturating_add(T::DbWeight::get().writes((2_u64).saturating_mul(n.into())))
	}
	/// `FreeQuota::CurrentRates` (w).
	fn set_rates() -> Weight {
		Weight::from_parts(10_000_000, 0)
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
}

// For tests.
impl WeightInfo for () {
	/// `DamIdentity::Keys`, `DamIdentity::Machines`, `FreeQuota::Buckets` (w), `FreeQuota::BlockUsage`
	/// (w), `FreeQuota::CurrentRates`, `System::Account`.
	fn charge_quota() -> Weight {
		Weight::from_parts(32_000_000, 3628)
			.saturating_add(ParityDbWeight::get().reads(6_u64))
			.saturating_add(ParityDbWeight::get().writes(2_u64))
	}
	/// `AssetRate::ConversionRateToNative`, `DamIdentity::Keys`, `DamIdentity::Machines`,
	/// `SpendingPolicy::Policies`, `SpendingPolicy::Spent` (w), `FreeQuota::FeePayer` (w),
	/// `Assets::Asset` (w), `Assets::Account` (2, w).
	fn usdt_fee() -> Weight {
		Weight::from_parts(110_000_000, 6208)
			.saturating_add(ParityDbWeight::get().reads(9_u64))
			.saturating_add(ParityDbWeight::get().writes(5_u64))
	}
	/// `DamIdentity::Machines`, `FreeQuota::CurrentRates`, `FreeQuota::Buckets` (w),
	/// `FreeQuota::Bonders` (w), `FreeQuota::Unbondings`, `Balances::Holds` (w), `System::Account` (w).
	fn bond() -> Weight {
		Weight::from_parts(75_000_000, 4764)
			.saturating_add(ParityDbWeight::get().reads(7_u64))
			.saturating_add(ParityDbWeight::get().writes(4_u64))
	}
	/// `DamIdentity::Machines`, `FreeQuota::CurrentRates`, `FreeQuota::Buckets` (w),
	/// `FreeQuota::Bonders` (w), `FreeQuota::Unbondings` (w).
	fn unbond() -> Weight {
		Weight::from_parts(45_000_000, 4337)
			.saturating_add(ParityDbWeight::get().reads(5_u64))
			.saturating_add(ParityDbWeight::get().writes(3_u64))
	}
	/// `FreeQuota::Unbondings` (w); for each chunk `Balances::Holds` (w), `System::Account` (w).
	/// The range of component `n` is `[1, 16]`.
	fn withdraw_unbonded(n: u32, ) -> Weight {
		Weight::from_parts(20_000_000, 4337)
			.saturating_add(Weight::from_parts(50_000_000, 3774).saturating_mul(n.into()))
			.saturating_add(ParityDbWeight::get().reads(1_u64))
			.saturating_add(ParityDbWeight::get().reads((2_u64).saturating_mul(n.into())))
			.saturating_add(ParityDbWeight::get().writes(1_u64))
			.saturating_add(ParityDbWeight::get().writes((2_u64).saturating_mul(n.into())))
	}
	/// `FreeQuota::CurrentRates` (w).
	fn set_rates() -> Weight {
		Weight::from_parts(10_000_000, 0)
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
}
