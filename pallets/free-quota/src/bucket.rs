//! The token bucket, and the block's share.

use crate::*;
use codec::{Decode, Encode, MaxEncodedLen};
use dam_primitives::QuotaInfo;
use frame_support::{dispatch::DispatchClass, ensure, traits::Get};
use scale_info::TypeInfo;
use sp_runtime::{
	traits::{Saturating, UniqueSaturatedInto},
	DispatchResult,
};

/// A machine's bucket, as it stood when it was last used.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Bucket<BlockNumber> {
	/// What it held, in picoseconds of reference time.
	pub level: u64,
	/// In which block.
	pub updated_at: BlockNumber,
}

impl<T: Config> Pallet<T> {
	/// What a machine can use now, what its bucket holds when full, and what comes back per block.
	pub fn quota(machine: MachineId) -> QuotaInfo {
		QuotaInfo {
			available: Self::level(machine),
			capacity: T::Capacity::get(),
			refill_per_block: T::RefillPerBlock::get(),
		}
	}

	/// What all free calls of a block may use together, in picoseconds of reference time.
	pub fn block_limit() -> u64 {
		let weights = T::BlockWeights::get();
		let normal = weights.get(DispatchClass::Normal).max_total.unwrap_or(weights.max_block);
		T::BlockShare::get() * normal.ref_time()
	}

	/// What a machine's bucket holds now. Every step saturates at the capacity or at zero, which
	/// is what a bucket does.
	pub(crate) fn level(machine: MachineId) -> u64 {
		let capacity = T::Capacity::get();
		let Some(Bucket { level, updated_at }) = Buckets::<T>::get(machine) else {
			return capacity;
		};
		let elapsed: u64 = frame_system::Pallet::<T>::block_number()
			.saturating_sub(updated_at)
			.unique_saturated_into();
		level.saturating_add(elapsed.saturating_mul(T::RefillPerBlock::get())).min(capacity)
	}

	/// Takes `cost` out of a machine's bucket, or tells that it holds less.
	pub(crate) fn charge(machine: MachineId, cost: u64) -> Result<(), BucketTooLow> {
		let level = Self::level(machine).checked_sub(cost).ok_or(BucketTooLow)?;
		Self::set_level(machine, level);
		Ok(())
	}

	/// Puts `unused` back after [`Self::charge`] in the same block.
	pub(crate) fn refund(machine: MachineId, unused: u64) {
		let level = Self::level(machine).saturating_add(unused).min(T::Capacity::get());
		Self::set_level(machine, level);
		BlockUsage::<T>::mutate(|(_, used)| *used = used.saturating_sub(unused));
	}

	/// Takes `cost` out of the block's share, or tells that the share is used up.
	pub(crate) fn charge_block(cost: u64) -> Result<(), BlockShareUsedUp> {
		let now = frame_system::Pallet::<T>::block_number();
		let used = match BlockUsage::<T>::get() {
			(block, used) if block == now => used,
			_ => 0,
		};
		let used = used
			.checked_add(cost)
			.filter(|used| *used <= Self::block_limit())
			.ok_or(BlockShareUsedUp)?;
		BlockUsage::<T>::put((now, used));
		Ok(())
	}

	fn set_level(machine: MachineId, level: u64) {
		let updated_at = frame_system::Pallet::<T>::block_number();
		Buckets::<T>::insert(machine, Bucket { level, updated_at });
	}

	/// Checks the invariants:
	///
	/// 1. No bucket holds more than the capacity.
	/// 2. No bucket and no usage is of a block to come.
	/// 3. Free calls used no more of the block than their share.
	/// 4. Buckets are of living machines only.
	#[cfg(any(feature = "std", feature = "try-runtime"))]
	pub fn do_try_state() -> Result<(), sp_runtime::TryRuntimeError> {
		let now = frame_system::Pallet::<T>::block_number();
		for (machine, bucket) in Buckets::<T>::iter() {
			ensure!(T::Machines::is_payable(machine), "4: a bucket is of no living machine");
			ensure!(bucket.level <= T::Capacity::get(), "1: a bucket holds more than its capacity");
			ensure!(bucket.updated_at <= now, "2: a bucket is of a block to come");
		}
		let (block, used) = BlockUsage::<T>::get();
		ensure!(block <= now, "2: the block usage is of a block to come");
		ensure!(used <= Self::block_limit(), "3: free calls used more than their share");
		Ok(())
	}
}

/// The machine's bucket holds less than the transaction costs.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BucketTooLow;

/// Free calls have used their share of this block.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BlockShareUsedUp;

impl<T: Config> pallet_dam_traits::OnMachineChange<T::AccountId> for Pallet<T> {
	/// Refuses while the bucket is not full. Otherwise a full bucket would cost no more than the fees
	/// of a registration and a retirement, since the deposit comes back.
	fn on_retire(machine: MachineId) -> DispatchResult {
		ensure!(Self::level(machine) == T::Capacity::get(), Error::<T>::QuotaNotRefilled);
		Buckets::<T>::remove(machine);
		Ok(())
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_fill(machine: MachineId) {
		Self::set_level(machine, T::Capacity::get());
	}
}
