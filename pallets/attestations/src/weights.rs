//! Weights of `pallet_attestations`: estimates, which `scripts/bench-weights` replaces by measured ones.
//!
//! The reads and writes are exact; the times are those of this chain's measured calls of the same
//! storage accesses, rounded up.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens, unused_imports, missing_docs, clippy::all)]

use polkadot_sdk::*;

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::{constants::ParityDbWeight, Weight}};

/// What the calls of this pallet cost.
pub trait WeightInfo {
	fn accredit() -> Weight;
	fn withdraw_accreditation() -> Weight;
	fn issue() -> Weight;
	fn renew() -> Weight;
	fn revoke() -> Weight;
	fn issue_batch(n: u32, ) -> Weight;
	fn renew_batch(n: u32, ) -> Weight;
	fn revoke_batch(n: u32, ) -> Weight;
	fn remove() -> Weight;
}

/// Weights for the chain's runtime.
pub struct SubstrateWeight<T>(PhantomData<T>);
impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	/// Storage: `Attestations::Accreditations` (r:1 w:1)
	fn accredit() -> Weight {
		Weight::from_parts(25_000_000, 3523)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Attestations::Accreditations` (r:1 w:1)
	fn withdraw_accreditation() -> Weight {
		Weight::from_parts(25_000_000, 3523)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Attestations::Accreditations` (r:1 w:0)
	/// Storage: `DamIdentity::Machines` (r:1 w:0)
	/// Storage: `Attestations::Attestations` (r:1 w:1)
	/// Storage: `Balances::Holds` (r:1 w:1)
	fn issue() -> Weight {
		Weight::from_parts(100_000_000, 4000)
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `Attestations::Attestations` (r:1 w:1)
	/// Storage: `Attestations::Accreditations` (r:1 w:0)
	/// Storage: `DamIdentity::Machines` (r:1 w:0)
	fn renew() -> Weight {
		Weight::from_parts(45_000_000, 4000)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Attestations::Attestations` (r:1 w:1)
	fn revoke() -> Weight {
		Weight::from_parts(30_000_000, 3624)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Attestations::Accreditations` (r:4 w:0)
	/// Storage: `DamIdentity::Machines` (r:256 w:0)
	/// Storage: `Attestations::Attestations` (r:256 w:256)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// The range of component `n` is `[1, 256]`.
	fn issue_batch(n: u32, ) -> Weight {
		Weight::from_parts(30_000_000, 4000)
			.saturating_add(Weight::from_parts(90_000_000, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().reads((2_u64).saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(1_u64))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(n.into())))
			.saturating_add(Weight::from_parts(0, 3000).saturating_mul(n.into()))
	}
	/// Storage: `Attestations::Attestations` (r:256 w:256)
	/// Storage: `Attestations::Accreditations` (r:4 w:0)
	/// Storage: `DamIdentity::Machines` (r:256 w:0)
	/// The range of component `n` is `[1, 256]`.
	fn renew_batch(n: u32, ) -> Weight {
		Weight::from_parts(30_000_000, 4000)
			.saturating_add(Weight::from_parts(40_000_000, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().reads((2_u64).saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(n.into())))
			.saturating_add(Weight::from_parts(0, 3000).saturating_mul(n.into()))
	}
	/// Storage: `Attestations::Attestations` (r:256 w:256)
	/// The range of component `n` is `[1, 256]`.
	fn revoke_batch(n: u32, ) -> Weight {
		Weight::from_parts(30_000_000, 3624)
			.saturating_add(Weight::from_parts(25_000_000, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(n.into())))
			.saturating_add(Weight::from_parts(0, 2634).saturating_mul(n.into()))
	}
	/// Storage: `Attestations::Attestations` (r:1 w:1)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `System::Account` (r:1 w:1)
	fn remove() -> Weight {
		Weight::from_parts(80_000_000, 3624)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(3_u64))
	}
}

// For tests.
impl WeightInfo for () {
	fn accredit() -> Weight {
		Weight::from_parts(25_000_000, 3523)
			.saturating_add(ParityDbWeight::get().reads(1_u64))
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
	fn withdraw_accreditation() -> Weight {
		Weight::from_parts(25_000_000, 3523)
			.saturating_add(ParityDbWeight::get().reads(1_u64))
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
	fn issue() -> Weight {
		Weight::from_parts(100_000_000, 4000)
			.saturating_add(ParityDbWeight::get().reads(4_u64))
			.saturating_add(ParityDbWeight::get().writes(2_u64))
	}
	fn renew() -> Weight {
		Weight::from_parts(45_000_000, 4000)
			.saturating_add(ParityDbWeight::get().reads(3_u64))
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
	fn revoke() -> Weight {
		Weight::from_parts(30_000_000, 3624)
			.saturating_add(ParityDbWeight::get().reads(1_u64))
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
	fn issue_batch(n: u32, ) -> Weight {
		Weight::from_parts(30_000_000, 4000)
			.saturating_add(Weight::from_parts(90_000_000, 0).saturating_mul(n.into()))
			.saturating_add(ParityDbWeight::get().reads(5_u64))
			.saturating_add(ParityDbWeight::get().reads((2_u64).saturating_mul(n.into())))
			.saturating_add(ParityDbWeight::get().writes(1_u64))
			.saturating_add(ParityDbWeight::get().writes((1_u64).saturating_mul(n.into())))
			.saturating_add(Weight::from_parts(0, 3000).saturating_mul(n.into()))
	}
	fn renew_batch(n: u32, ) -> Weight {
		Weight::from_parts(30_000_000, 4000)
			.saturating_add(Weight::from_parts(40_000_000, 0).saturating_mul(n.into()))
			.saturating_add(ParityDbWeight::get().reads(4_u64))
			.saturating_add(ParityDbWeight::get().reads((2_u64).saturating_mul(n.into())))
			.saturating_add(ParityDbWeight::get().writes((1_u64).saturating_mul(n.into())))
			.saturating_add(Weight::from_parts(0, 3000).saturating_mul(n.into()))
	}
	fn revoke_batch(n: u32, ) -> Weight {
		Weight::from_parts(30_000_000, 3624)
			.saturating_add(Weight::from_parts(25_000_000, 0).saturating_mul(n.into()))
			.saturating_add(ParityDbWeight::get().reads((1_u64).saturating_mul(n.into())))
			.saturating_add(ParityDbWeight::get().writes((1_u64).saturating_mul(n.into())))
			.saturating_add(Weight::from_parts(0, 2634).saturating_mul(n.into()))
	}
	fn remove() -> Weight {
		Weight::from_parts(80_000_000, 3624)
			.saturating_add(ParityDbWeight::get().reads(3_u64))
			.saturating_add(ParityDbWeight::get().writes(3_u64))
	}
}
