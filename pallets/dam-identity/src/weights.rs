// Provisional: replaced by scripts/bench-weights.
#![allow(missing_docs)]

use core::marker::PhantomData;
use polkadot_sdk::*;
use frame_support::{traits::Get, weights::{constants::ParityDbWeight, Weight}};

pub trait WeightInfo {
	fn register() -> Weight;
	fn register_fleet(n: u32) -> Weight;
	fn suspend() -> Weight;
	fn resume() -> Weight;
	fn retire() -> Weight;
}

pub struct SubstrateWeight<T>(PhantomData<T>);
impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	fn register() -> Weight {
		Weight::from_parts(120000000, 0)
			.saturating_add(T::DbWeight::get().reads_writes(7, 7))
	}
	fn register_fleet(n: u32) -> Weight {
		Weight::from_parts(20000000, 0)
			.saturating_add(T::DbWeight::get().reads_writes(4, 4))
			.saturating_add(Weight::from_parts(100000000, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads_writes(4, 4).saturating_mul(n.into()))
	}
	fn suspend() -> Weight {
		Weight::from_parts(20000000, 0)
			.saturating_add(T::DbWeight::get().reads_writes(1, 1))
	}
	fn resume() -> Weight {
		Weight::from_parts(20000000, 0)
			.saturating_add(T::DbWeight::get().reads_writes(1, 1))
	}
	fn retire() -> Weight {
		Weight::from_parts(90000000, 0)
			.saturating_add(T::DbWeight::get().reads_writes(8, 8))
	}
}

impl WeightInfo for () {
	fn register() -> Weight {
		Weight::from_parts(120000000, 0)
			.saturating_add(ParityDbWeight::get().reads_writes(7, 7))
	}
	fn register_fleet(n: u32) -> Weight {
		Weight::from_parts(20000000, 0)
			.saturating_add(ParityDbWeight::get().reads_writes(4, 4))
			.saturating_add(Weight::from_parts(100000000, 0).saturating_mul(n.into()))
			.saturating_add(ParityDbWeight::get().reads_writes(4, 4).saturating_mul(n.into()))
	}
	fn suspend() -> Weight {
		Weight::from_parts(20000000, 0)
			.saturating_add(ParityDbWeight::get().reads_writes(1, 1))
	}
	fn resume() -> Weight {
		Weight::from_parts(20000000, 0)
			.saturating_add(ParityDbWeight::get().reads_writes(1, 1))
	}
	fn retire() -> Weight {
		Weight::from_parts(90000000, 0)
			.saturating_add(ParityDbWeight::get().reads_writes(8, 8))
	}
}
