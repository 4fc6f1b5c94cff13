//! Weights of `pallet_services`. Estimates from the storage that each call touches, in the shape
//! that `scripts/bench-weights services` writes, which replaces them by what it measures.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens, unused_imports, missing_docs, clippy::all)]

use polkadot_sdk::*;

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::{constants::ParityDbWeight, Weight}};

/// What the calls of this pallet cost.
pub trait WeightInfo {
	fn offer() -> Weight;
	fn update() -> Weight;
	fn withdraw() -> Weight;
}

/// Weights by the runtime's own cost of storage.
pub struct SubstrateWeight<T>(PhantomData<T>);
impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	/// Storage: `DamIdentity::Machines` (r:1 w:0)
	/// Storage: `DamIdentity::Keys` (r:1 w:0)
	/// Storage: `Services::Catalogues` (r:1 w:1)
	/// Storage: `Services::ByKind` (r:0 w:1)
	fn offer() -> Weight {
		Weight::from_parts(45_000_000, 6000)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `DamIdentity::Machines` (r:1 w:0)
	/// Storage: `DamIdentity::Keys` (r:1 w:0)
	/// Storage: `Services::Catalogues` (r:1 w:1)
	/// Storage: `Services::ByKind` (r:0 w:2)
	fn update() -> Weight {
		Weight::from_parts(50_000_000, 6000)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(3_u64))
	}
	/// Storage: `DamIdentity::Machines` (r:1 w:0)
	/// Storage: `DamIdentity::Keys` (r:1 w:0)
	/// Storage: `Services::Catalogues` (r:1 w:1)
	/// Storage: `Services::ByKind` (r:0 w:1)
	fn withdraw() -> Weight {
		Weight::from_parts(45_000_000, 6000)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
}

// For tests.
impl WeightInfo for () {
	fn offer() -> Weight {
		Weight::from_parts(45_000_000, 6000)
			.saturating_add(ParityDbWeight::get().reads(3_u64))
			.saturating_add(ParityDbWeight::get().writes(2_u64))
	}
	fn update() -> Weight {
		Weight::from_parts(50_000_000, 6000)
			.saturating_add(ParityDbWeight::get().reads(3_u64))
			.saturating_add(ParityDbWeight::get().writes(3_u64))
	}
	fn withdraw() -> Weight {
		Weight::from_parts(45_000_000, 6000)
			.saturating_add(ParityDbWeight::get().reads(3_u64))
			.saturating_add(ParityDbWeight::get().writes(2_u64))
	}
}
