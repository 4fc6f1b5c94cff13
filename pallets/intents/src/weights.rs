//! Weights of `pallet_intents`. Estimates from the storage that each call touches, in the shape that
//! `scripts/bench-weights` writes, which replaces them by what it measures.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens, unused_imports, missing_docs, clippy::all)]

use polkadot_sdk::*;

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::{constants::ParityDbWeight, Weight}};

/// What the calls of this pallet cost.
pub trait WeightInfo {
	fn submit(n: u32, ) -> Weight;
	fn cancel(n: u32, ) -> Weight;
}

/// Weights by the runtime's own cost of storage.
pub struct SubstrateWeight<T>(PhantomData<T>);
impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	/// Storage: `DamIdentity::Machines` (r:1025 w:0)
	/// Storage: `DamIdentity::Keys` (r:513 w:0)
	/// Storage: `Intents::Nonces` (r:512 w:512)
	/// Storage: `SpendingPolicy::Policies` (r:512 w:0)
	/// Storage: `SpendingPolicy::Spent` (r:512 w:512)
	/// Storage: `SpendingPolicy::Approvals` (r:512 w:512)
	/// Storage: `Assets::Asset` (r:1 w:1)
	/// Storage: `Assets::Account` (r:1026 w:1026)
	/// The range of component `n` is `[1, 512]`.
	fn submit(n: u32, ) -> Weight {
		Weight::from_parts(40_000_000, 9000)
			.saturating_add(Weight::from_parts(150_000_000, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().reads((9_u64).saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(3_u64))
			.saturating_add(T::DbWeight::get().writes((5_u64).saturating_mul(n.into())))
			.saturating_add(Weight::from_parts(0, 12000).saturating_mul(n.into()))
	}
	/// Storage: `DamIdentity::Keys` (r:1 w:0)
	/// Storage: `DamIdentity::Machines` (r:1 w:0)
	/// Storage: `Intents::Nonces` (r:1 w:1)
	/// The range of component `n` is `[1, 64]`.
	fn cancel(n: u32, ) -> Weight {
		Weight::from_parts(30_000_000, 4000)
			.saturating_add(Weight::from_parts(50_000, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
}

// For tests.
impl WeightInfo for () {
	fn submit(n: u32, ) -> Weight {
		Weight::from_parts(40_000_000, 9000)
			.saturating_add(Weight::from_parts(150_000_000, 0).saturating_mul(n.into()))
			.saturating_add(ParityDbWeight::get().reads(5_u64))
			.saturating_add(ParityDbWeight::get().reads((9_u64).saturating_mul(n.into())))
			.saturating_add(ParityDbWeight::get().writes(3_u64))
			.saturating_add(ParityDbWeight::get().writes((5_u64).saturating_mul(n.into())))
			.saturating_add(Weight::from_parts(0, 12000).saturating_mul(n.into()))
	}
	fn cancel(n: u32, ) -> Weight {
		Weight::from_parts(30_000_000, 4000)
			.saturating_add(Weight::from_parts(50_000, 0).saturating_mul(n.into()))
			.saturating_add(ParityDbWeight::get().reads(3_u64))
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
}
