//! Rates: how much quota there is.

use crate::*;
use frame_support::{dispatch::DispatchClass, ensure, traits::Get};
use sp_runtime::DispatchResult;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_set_rates(rates: Rates) -> DispatchResult {
		Self::check_rates(&rates)?;
		CurrentRates::<T>::put(rates);
		Self::deposit_event(Event::RatesSet { rates });
		Ok(())
	}

	/// Whether rates can be set; an error tells why not.
	pub(crate) fn check_rates(rates: &Rates) -> Result<(), Error<T>> {
		ensure!(
			rates.base_capacity <= MAX_CAPACITY
				&& rates.bonded_capacity <= MAX_CAPACITY_PER_DAM
				&& rates.length_cost <= MAX_LENGTH_COST,
			Error::<T>::RateTooHigh
		);
		ensure!(rates.base_refill > 0, Error::<T>::ZeroRefill);
		ensure!(
			rates.base_refill <= rates.base_capacity
				&& rates.bonded_refill <= rates.bonded_capacity,
			Error::<T>::RefillAboveCapacity
		);
		let least = T::LeastCapacity::get();
		ensure!(rates.base_capacity >= least, Error::<T>::CapacityTooLow);
		ensure!(Self::block_limit_of(rates) >= least, Error::<T>::BlockShareTooLow);
		Ok(())
	}

	/// What all free calls of a block may use together, in picoseconds of reference time.
	pub fn block_limit() -> u64 {
		Self::block_limit_of(&CurrentRates::<T>::get())
	}

	pub(crate) fn block_limit_of(rates: &Rates) -> u64 {
		rates.block_share * Self::normal_weight()
	}

	/// What all calls of the normal class may use of a block, in picoseconds of reference time.
	pub(crate) fn normal_weight() -> u64 {
		let weights = T::BlockWeights::get();
		weights.get(DispatchClass::Normal).max_total.unwrap_or(weights.max_block).ref_time()
	}
}
