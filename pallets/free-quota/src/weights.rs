// Provisional: replaced by scripts/bench-weights.
#![allow(missing_docs)]

use core::marker::PhantomData;
use frame_support::{
	traits::Get,
	weights::{constants::ParityDbWeight, Weight},
};
use polkadot_sdk::*;

pub trait WeightInfo {
	fn charge_quota() -> Weight;
}

pub struct SubstrateWeight<T>(PhantomData<T>);
impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	fn charge_quota() -> Weight {
		Weight::from_parts(15000000, 0).saturating_add(T::DbWeight::get().reads_writes(4, 2))
	}
}

impl WeightInfo for () {
	fn charge_quota() -> Weight {
		Weight::from_parts(15000000, 0).saturating_add(ParityDbWeight::get().reads_writes(4, 2))
	}
}
