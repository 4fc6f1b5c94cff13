//! Weights of `pallet_spending_policy`, in the shape that `scripts/bench-weights` writes.
//!
//! Not measured yet: the times are generous estimates from calls of like work, reads and writes are
//! counted.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens, unused_imports, missing_docs, clippy::all)]

use polkadot_sdk::*;

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::{constants::ParityDbWeight, Weight}};

/// What the calls of this pallet cost.
pub trait WeightInfo {
	fn set_policy() -> Weight;
	fn approve() -> Weight;
	fn revoke_approval() -> Weight;
}

/// Weights on the hardware named above.
pub struct SubstrateWeight<T>(PhantomData<T>);
impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	/// Storage: `DamIdentity::Machines` (r:1 w:0)
	/// Storage: `SpendingPolicy::Policies` (r:1 w:1)
	/// Storage: `SpendingPolicy::Spent` (r:1 w:1)
	fn set_policy() -> Weight {
		Weight::from_parts(80_000_000, 4750)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `DamIdentity::Machines` (r:1 w:0)
	/// Storage: `SpendingPolicy::Approvals` (r:1 w:1)
	fn approve() -> Weight {
		Weight::from_parts(60_000_000, 4500)
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `DamIdentity::Machines` (r:1 w:0)
	/// Storage: `SpendingPolicy::Approvals` (r:1 w:1)
	fn revoke_approval() -> Weight {
		Weight::from_parts(60_000_000, 4500)
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
}

// For tests.
impl WeightInfo for () {
	fn set_policy() -> Weight {
		Weight::from_parts(80_000_000, 4750)
			.saturating_add(ParityDbWeight::get().reads(3_u64))
			.saturating_add(ParityDbWeight::get().writes(2_u64))
	}
	fn approve() -> Weight {
		Weight::from_parts(60_000_000, 4500)
			.saturating_add(ParityDbWeight::get().reads(2_u64))
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
	fn revoke_approval() -> Weight {
		Weight::from_parts(60_000_000, 4500)
			.saturating_add(ParityDbWeight::get().reads(2_u64))
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
}
