//! Pulling what mandates allow.

use crate::*;
use alloc::vec::Vec;
use frame_support::pallet_prelude::*;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_pull(who: T::AccountId, pull: Pull) -> DispatchResult {
		Self::pay(&who, pull).map_err(Error::<T>::from)?;
		let Pull { mandate, amount } = pull;
		Self::deposit_event(Event::Pulled { mandate, amount });
		Ok(())
	}

	pub(crate) fn do_pull_batch(
		who: T::AccountId,
		pulls: BoundedVec<Pull, ConstU32<MAX_PULLS>>,
	) -> DispatchResult {
		let (mut pulled, mut total) = (0u32, 0u128);
		let mut failed = Vec::new();
		for (index, pull) in (0u32..).zip(pulls) {
			match Self::pay(&who, pull) {
				Ok(()) => {
					// At most MAX_PULLS items.
					pulled = pulled.saturating_add(1);
					total = total.checked_add(pull.amount).ok_or(Error::<T>::Overflow)?;
				},
				Err(reason) => failed.push(FailedPull { index, reason }),
			}
		}
		let failed = BoundedVec::truncate_from(failed);
		Self::deposit_event(Event::BatchPulled { pulled, total, failed });
		Ok(())
	}

	/// Pays one pull, or changes nothing and tells why.
	fn pay(who: &T::AccountId, Pull { mandate, amount }: Pull) -> Result<(), PullFailure> {
		let mut record = Mandates::<T>::get(mandate).ok_or(PullFailure::UnknownMandate)?;
		ensure!(T::Machines::is_payee(who, &record.payee), PullFailure::NotPayee);
		record.pull(amount, Self::now())?;
		ensure!(T::Machines::may_spend(record.payer), PullFailure::PayerInactive);
		T::Till::pay(record.payer, &record.payee, amount)?;
		Mandates::<T>::insert(mandate, record);
		Ok(())
	}
}
