//! Paying payees what they have earned.

use crate::*;
use alloc::vec::Vec;
use frame_support::pallet_prelude::*;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_collect(stream: StreamId) -> DispatchResult {
		let amount = Self::settle(stream, T::Till::pay_out).map_err(Error::<T>::from)?;
		Self::subtract_locked(amount)?;
		Self::deposit_event(Event::Collected { stream, amount });
		Ok(())
	}

	pub(crate) fn do_collect_batch(
		streams: BoundedVec<StreamId, ConstU32<MAX_COLLECTIONS>>,
	) -> DispatchResult {
		let (mut collected, mut total) = (0u32, 0u128);
		let mut failed = Vec::new();
		T::Till::pay_outs(|pay_out| {
			for (index, stream) in (0u32..).zip(streams) {
				match Self::settle(stream, &mut *pay_out) {
					Ok(amount) => {
						// At most MAX_COLLECTIONS items.
						collected = collected.saturating_add(1);
						total = total.checked_add(amount).ok_or(Error::<T>::Overflow)?;
					},
					Err(reason) => failed.push(FailedCollection { index, reason }),
				}
			}
			Ok::<_, Error<T>>(())
		})
		.map_err(|_| Error::<T>::EscrowUnavailable)??;
		Self::subtract_locked(total)?;
		let failed = BoundedVec::truncate_from(failed);
		Self::deposit_event(Event::BatchCollected { collected, total, failed });
		Ok(())
	}

	/// Pays the payee what it has earned, or changes nothing and tells why. The caller takes it off
	/// [`Locked`].
	fn settle(
		stream: StreamId,
		pay_out: impl FnOnce(&Payee<T::AccountId>, u128) -> Result<(), PaymentFailure>,
	) -> Result<u128, CollectFailure> {
		let mut record = Streams::<T>::get(stream).ok_or(CollectFailure::UnknownStream)?;
		record.carry(Self::now());
		let due = core::mem::take(&mut record.carried);
		ensure!(due > 0, CollectFailure::NothingDue);
		// No more is due than is open, so this is at most the deposit.
		record.settled = record.settled.checked_add(due).ok_or(CollectFailure::NothingDue)?;
		pay_out(&record.payee, due)?;
		Streams::<T>::insert(stream, record);
		Ok(due)
	}
}
