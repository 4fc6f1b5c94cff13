//! Ending streams.

use crate::*;
use frame_support::pallet_prelude::*;
use pallet_dam_traits::OnMachineChange;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_close(who: T::AccountId, stream: StreamId) -> DispatchResult {
		let record = Self::record(stream)?;
		ensure!(
			T::Machines::is_payer(&who, record.payer) || T::Machines::is_payee(&who, &record.payee),
			Error::<T>::NotParty
		);
		Self::end(stream, record)
	}

	pub(crate) fn do_sweep(stream: StreamId) -> DispatchResult {
		let record = Self::record(stream)?;
		let now = Self::now();
		let forgotten = match record.flow {
			Flow::Paused { since } => now.saturating_sub(since) > T::MaxPause::get(),
			Flow::Running { .. } => false,
		};
		ensure!(record.has_run_out(now) || forgotten, Error::<T>::StillOpen);
		Self::end(stream, record)
	}

	/// Pays the payee what it has earned, gives back the rest, and forgets the stream.
	fn end(stream: StreamId, record: StreamOf<T>) -> DispatchResult {
		let now = Self::now();
		let (open, due) = (record.open_amount(), record.due(now));
		let paid = match T::Till::pay_out(&record.payee, due).map_err(CollectFailure::from) {
			Ok(()) => due,
			Err(CollectFailure::PayeeUnavailable) if Self::may_forfeit(&record, now) => 0,
			Err(failure) => return Err(Error::<T>::from(failure).into()),
		};
		let settled = record.settled.checked_add(paid).ok_or(Error::<T>::Overflow)?;
		let forfeited = due.checked_sub(paid).ok_or(Error::<T>::Overflow)?;
		let returned = open.checked_sub(paid).ok_or(Error::<T>::Overflow)?;

		let released = returned.checked_add(record.storage_deposit).ok_or(Error::<T>::Overflow)?;
		T::Till::release(record.payer, released).map_err(|failure| {
			match CollectFailure::from(failure) {
				CollectFailure::PayeeUnavailable => Error::<T>::PayerUnavailable,
				failure => failure.into(),
			}
		})?;
		Self::subtract_locked(paid)?;
		Self::subtract_locked(released)?;

		OpenStreams::<T>::mutate_exists(record.payer, |streams| {
			*streams = streams.take().and_then(|mut streams| {
				streams.retain(|open| *open != stream);
				(!streams.is_empty()).then_some(streams)
			});
		});
		Streams::<T>::remove(stream);
		Self::deposit_event(Event::Closed { stream, settled, forfeited, returned });
		Ok(())
	}

	/// Whether a payee that cannot be paid has waited for long enough.
	fn may_forfeit(record: &StreamOf<T>, now: u32) -> bool {
		record.stopped_at(now).is_some_and(|last| now.saturating_sub(last) > T::PayeeTimeout::get())
	}
}

impl<T: Config> OnMachineChange<T::AccountId> for Pallet<T> {
	/// A machine that is gone could not take back what is open.
	fn on_retire(machine: MachineId) -> DispatchResult {
		ensure!(!OpenStreams::<T>::contains_key(machine), Error::<T>::HasOpenStreams);
		Ok(())
	}
}
