//! # Free quota
//!
//! Fee-free transactions for machines, metered by a token bucket of weight.
//!
//! ## Pallet API
//!
//! No calls. The transaction extension [`QuotaOrFee`] stands where the fee extension would;
//! [`Pallet::quota`] tells what a machine has left.
//!
//! ## Overview
//!
//! Every machine has a bucket of *reference time*, filled to [`Config::Capacity`] and refilled by
//! [`Config::RefillPerBlock`] with every block. A transaction is **free** when its outermost call
//! is one of [`Config::FreeCalls`], its signer is a machine's key that has the right which that call
//! needs and may use it now, and the bucket holds the transaction's cost. All keys of a machine share
//! its bucket. The cost is the declared weight of call and extensions, the base
//! weight of an extrinsic, and [`Config::LengthCost`] for every byte; what the dispatch did not use
//! comes back.
//!
//! Everything else goes to the wrapped fee extension: other calls, other signers, keys without the
//! right, and free calls of a machine whose bucket is empty. If the key then has nothing to pay with, the transaction is
//! refused with [`QUOTA_EXHAUSTED`](dam_primitives::quota::QUOTA_EXHAUSTED) or
//! [`EXCEEDS_QUOTA`](dam_primitives::quota::EXCEEDS_QUOTA), never silently.
//!
//! ## Low level / implementation details
//!
//! ### Goals
//!
//! 1. **No smuggling.** Only the outermost call counts. A batch, a proxy call or a multisig call that
//!    contains a free call is not free.
//! 2. **Payers get in.** All free calls of a block together use at most [`Config::BlockShare`] of its
//!    normal weight, and any transaction that pays a fee has priority over any free one.
//! 3. **A flood drowns itself.** A free transaction's priority is what its machine's bucket would
//!    still hold, so those of a busy machine stand behind those of a quiet one.
//! 4. **No state and no quota without a deposit.** One bucket per registered machine, removed at
//!    retirement; a machine that never used its quota has none. A machine is not retired before what
//!    it used has come back, so that whoever wants more quota needs more deposits, not more
//!    registrations.
//! 5. **Full count.** A free call's weight counts against the block like any other's.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

use polkadot_sdk::*;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod bucket;
mod extension;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;
pub mod weights;

pub use bucket::Bucket;
pub use extension::{Pre, QuotaOrFee, Val};
pub use pallet::*;
pub use weights::WeightInfo;

use dam_primitives::{KeyRights, MachineId};
use frame_support::dispatch::{DispatchInfo, PostDispatchInfo};
use frame_system::pallet_prelude::BlockNumberFor;
use pallet_dam_traits::Machines;
use sp_runtime::traits::Dispatchable;

/// Which calls are free within a machine's quota, and for which of its keys.
///
/// Must never name a call that dispatches another one: see goal 1.
pub trait FreeCalls<Call> {
	/// The right that a key needs for `call` to be free; `None` if it never is.
	fn right(call: &Call) -> Option<KeyRights>;
}

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use frame_support::pallet_prelude::*;
	use sp_runtime::Perbill;

	/// Layout of this pallet's storage.
	pub const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config:
		polkadot_sdk::frame_system::Config<
		RuntimeCall: Dispatchable<Info = DispatchInfo, PostInfo = PostDispatchInfo>,
	>
	{
		/// Weight of the extension, generated on the reference machine.
		type WeightInfo: WeightInfo;

		/// Which key acts for which machine.
		type Machines: Machines<Self::AccountId>;

		/// The calls that are free within the quota, and for whom.
		type FreeCalls: FreeCalls<Self::RuntimeCall>;

		/// What a full bucket holds, in picoseconds of reference time. At least the cost of the
		/// heaviest free call, or that call is never free.
		#[pallet::constant]
		type Capacity: Get<u64>;

		/// What comes back with every block, in picoseconds of reference time.
		#[pallet::constant]
		type RefillPerBlock: Get<u64>;

		/// Cost of one byte of a transaction, in picoseconds of reference time.
		#[pallet::constant]
		type LengthCost: Get<u64>;

		/// Share of a block's normal weight that all free calls together may use.
		#[pallet::constant]
		type BlockShare: Get<Perbill>;
	}

	/// The buckets. A machine without one has a full bucket.
	///
	/// Machine numbers are given by the chain, so a hasher that an attacker could aim at is safe.
	#[pallet::storage]
	pub type Buckets<T: Config> =
		StorageMap<_, Twox64Concat, MachineId, Bucket<BlockNumberFor<T>>, OptionQuery>;

	/// What free calls have used of the block that is named, in picoseconds of reference time.
	#[pallet::storage]
	pub type BlockUsage<T: Config> = StorageValue<_, (BlockNumberFor<T>, u64), ValueQuery>;

	#[pallet::error]
	pub enum Error<T> {
		/// The machine has used its quota, and it has not come back yet. Freeze or suspend the
		/// machine so that it uses no more, and retire it when its quota is full.
		QuotaNotRefilled,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			assert!(
				!T::RefillPerBlock::get().is_zero(),
				"RefillPerBlock is zero: a machine that has used its quota would never get it back"
			);
			assert!(
				T::Capacity::get() >= T::RefillPerBlock::get(),
				"Capacity is below RefillPerBlock: part of every refill would be lost"
			);
			assert!(Pallet::<T>::block_limit() > 0, "BlockShare leaves nothing to free calls");
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}
}
