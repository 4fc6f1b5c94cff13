//! A machine's quota as people and devices see it.

use crate::{bucket::Standing, *};
use dam_primitives::{QuotaInfo, UnbondingInfo};
use frame_support::traits::Get;
use sp_runtime::traits::UniqueSaturatedInto;

impl<T: Config> Pallet<T> {
	/// What a machine can use now, what its bucket holds when full and what comes back per block, and
	/// where that comes from.
	pub fn quota(machine: MachineId) -> QuotaInfo<T::AccountId> {
		let rates = CurrentRates::<T>::get();
		let Standing { level, bonded, limits } = Self::standing(machine, &rates);
		let part = rates.bonded_part(bonded, T::BondUnit::get());
		let now: u32 = frame_system::Pallet::<T>::block_number().unique_saturated_into();
		let unbonding = Unbondings::<T>::get(machine).into_iter().map(|chunk| UnbondingInfo {
			bonder: chunk.bonder,
			amount: chunk.amount,
			unlocks_at: chunk.unlocks_at.unique_saturated_into(),
		});
		let mut quota = QuotaInfo {
			available: level,
			capacity: limits.capacity,
			refill_per_block: limits.refill,
			base_capacity: rates.base_capacity,
			base_refill: rates.base_refill,
			bonded_capacity: part.capacity,
			bonded_refill: part.refill,
			bonded,
			unbonding: unbonding.collect(),
			full_at: now,
		};
		// The refill is never zero. A block number beyond the last one is never reached.
		let blocks = quota.blocks_until(quota.capacity).unwrap_or(u64::MAX);
		quota.full_at = now.saturating_add(u32::try_from(blocks).unwrap_or(u32::MAX));
		quota
	}
}
