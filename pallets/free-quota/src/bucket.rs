//! The token bucket, and the block's share.

use crate::*;
use frame_support::traits::Get;
use sp_runtime::traits::{Saturating, UniqueSaturatedInto};

/// A bucket as it stands in the present block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Standing {
	/// What it holds, in picoseconds of reference time.
	pub(crate) level: u64,
	/// What is bonded.
	pub(crate) bonded: u128,
	/// Under the present rates.
	pub(crate) limits: Limits,
}

impl<T: Config> Pallet<T> {
	/// What a machine's bucket holds now. Every step saturates at the capacity or at zero, which is
	/// what a bucket does.
	pub(crate) fn standing(machine: MachineId, rates: &Rates) -> Standing {
		let Some(Bucket { level, updated_at, bonded }) = Buckets::<T>::get(machine) else {
			let limits = Self::limits(rates, 0);
			return Standing { level: limits.capacity, bonded: 0, limits };
		};
		let limits = Self::limits(rates, bonded);
		let elapsed: u64 = frame_system::Pallet::<T>::block_number()
			.saturating_sub(updated_at)
			.unique_saturated_into();
		let level =
			level.saturating_add(elapsed.saturating_mul(limits.refill)).min(limits.capacity);
		Standing { level, bonded, limits }
	}

	pub(crate) fn limits(rates: &Rates, bonded: u128) -> Limits {
		rates.limits(bonded, T::BondUnit::get())
	}

	/// Takes `cost` out of a machine's bucket, or tells that it holds less.
	pub(crate) fn charge(machine: MachineId, cost: u64) -> Result<(), BucketTooLow> {
		let Standing { level, bonded, .. } = Self::standing(machine, &CurrentRates::<T>::get());
		let level = level.checked_sub(cost).ok_or(BucketTooLow)?;
		Self::store(machine, level, bonded);
		Ok(())
	}

	/// Puts `unused` back after [`Self::charge`] and [`Self::charge_block`] in the same block.
	pub(crate) fn refund(machine: MachineId, unused: u64) {
		// The bucket went if the machine was retired meanwhile.
		if Buckets::<T>::contains_key(machine) {
			let Standing { level, bonded, limits } =
				Self::standing(machine, &CurrentRates::<T>::get());
			let level = level.saturating_add(unused).min(limits.capacity);
			Self::store(machine, level, bonded);
		}
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

	/// Writes a bucket down as it stands now.
	pub(crate) fn store(machine: MachineId, level: u64, bonded: u128) {
		let updated_at = frame_system::Pallet::<T>::block_number();
		Buckets::<T>::insert(machine, Bucket { level, updated_at, bonded });
	}
}

/// The machine's bucket holds less than the transaction costs.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BucketTooLow;

/// Free calls have used their share of this block.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BlockShareUsedUp;
