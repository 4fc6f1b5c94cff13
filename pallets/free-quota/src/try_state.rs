//! The laws of this pallet's storage.

use crate::*;
use alloc::collections::BTreeMap;
use frame_support::{ensure, traits::Get};
use sp_runtime::{traits::Saturating, TryRuntimeError};

impl<T: Config> Pallet<T> {
	/// Checks the invariants:
	///
	/// 1. The rates could be set. No bucket holds more than any bucket can. What it holds above its
	///    present capacity, because the rates were lowered, is no quota.
	/// 2. No bucket and no usage is of a block to come.
	/// 3. Free calls used no more of the block than there is for its normal class.
	/// 4. Buckets and bonds are of living machines only.
	/// 5. A machine has a bonder exactly if something is bonded.
	/// 6. What is on its way back is more than nothing, arrives within [`Config::UnbondingPeriod`],
	///    and leaves a place for the bond that stands.
	/// 7. For every account, what it has bonded and what is on its way back to it equal what is held
	///    from it.
	/// 8. Between transactions nobody is noted as the payer of a fee.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let now = frame_system::Pallet::<T>::block_number();
		Self::check_rates(&CurrentRates::<T>::get()).map_err(|_| "1: the rates cannot be set")?;
		let mut sums: BTreeMap<T::AccountId, u128> = BTreeMap::new();
		let mut add = |account: T::AccountId, amount: u128| {
			let sum = sums.entry(account).or_default();
			*sum = sum.checked_add(amount).ok_or("7: the bonds overflow")?;
			Ok::<_, TryRuntimeError>(())
		};

		for (machine, bucket) in Buckets::<T>::iter() {
			ensure!(T::Machines::is_payable(machine), "4: a bucket is of no living machine");
			let most = MAX_CAPACITY.saturating_mul(2);
			ensure!(bucket.level <= most, "1: a bucket holds more than any can");
			ensure!(bucket.updated_at <= now, "2: a bucket is of a block to come");
			let bonder = Bonders::<T>::get(machine);
			ensure!(bonder.is_some() == (bucket.bonded > 0), "5: a bond has no bonder, or none is");
			if let Some(bonder) = bonder {
				add(bonder, bucket.bonded)?;
			}
		}
		for machine in Bonders::<T>::iter_keys() {
			ensure!(Buckets::<T>::contains_key(machine), "4: a bonder is of no bucket");
		}

		for (machine, chunks) in Unbondings::<T>::iter() {
			ensure!(!chunks.is_empty(), "6: a list of nothing is stored");
			let places = chunks.len() + usize::from(Bonders::<T>::contains_key(machine));
			ensure!(places <= MAX_UNBONDING as usize, "6: a bond has no place when it is unbonded");
			for Unbonding { bonder, amount, unlocks_at } in chunks {
				ensure!(amount > 0, "6: nothing is on its way back");
				let wait = unlocks_at.saturating_sub(now);
				ensure!(wait <= T::UnbondingPeriod::get(), "6: a bond is too long on its way");
				add(bonder, amount)?;
			}
		}
		for (account, sum) in sums {
			ensure!(Self::held(&account) == sum, "7: bonds differ from what is held");
		}

		let (block, used) = BlockUsage::<T>::get();
		ensure!(block <= now, "2: the block usage is of a block to come");
		ensure!(used <= Self::normal_weight(), "3: free calls used more than there is");
		ensure!(!FeePayer::<T>::exists(), "8: a fee was not settled");
		Ok(())
	}
}
