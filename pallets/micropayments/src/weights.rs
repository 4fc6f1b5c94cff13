// Provisional: replaced by scripts/bench-weights.
#![allow(missing_docs)]

use core::marker::PhantomData;
use polkadot_sdk::*;
use frame_support::{traits::Get, weights::{constants::ParityDbWeight, Weight}};

pub trait WeightInfo {
	fn pay() -> Weight;
	fn pay_batch(n: u32) -> Weight;
	fn withdraw() -> Weight;
}

pub struct SubstrateWeight<T>(PhantomData<T>);
impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	fn pay() -> Weight {
		Weight::from_parts(50000000, 0)
			.saturating_add(T::DbWeight::get().reads_writes(6, 3))
	}
	fn pay_batch(n: u32) -> Weight {
		Weight::from_parts(20000000, 0)
			.saturating_add(T::DbWeight::get().reads_writes(4, 2))
			.saturating_add(Weight::from_parts(25000000, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads_writes(2, 1).saturating_mul(n.into()))
	}
	fn withdraw() -> Weight {
		Weight::from_parts(40000000, 0)
			.saturating_add(T::DbWeight::get().reads_writes(5, 3))
	}
}

impl WeightInfo for () {
	fn pay() -> Weight {
		Weight::from_parts(50000000, 0)
			.saturating_add(ParityDbWeight::get().reads_writes(6, 3))
	}
	fn pay_batch(n: u32) -> Weight {
		Weight::from_parts(20000000, 0)
			.saturating_add(ParityDbWeight::get().reads_writes(4, 2))
			.saturating_add(Weight::from_parts(25000000, 0).saturating_mul(n.into()))
			.saturating_add(ParityDbWeight::get().reads_writes(2, 1).saturating_mul(n.into()))
	}
	fn withdraw() -> Weight {
		Weight::from_parts(40000000, 0)
			.saturating_add(ParityDbWeight::get().reads_writes(5, 3))
	}
}
