//! Stopping streams for a while.

use crate::*;
use frame_support::pallet_prelude::*;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_pause(who: T::AccountId, stream: StreamId) -> DispatchResult {
		let mut record = Self::record(stream)?;
		ensure!(T::Machines::is_payer(&who, record.payer), Error::<T>::NotPayer);
		ensure!(matches!(record.flow, Flow::Running { .. }), Error::<T>::AlreadyPaused);
		let now = Self::now();
		// It has stopped by itself: pausing it would only put off the time-out of its payee.
		ensure!(!record.has_run_out(now), Error::<T>::RunOut);
		record.carry(now);
		record.flow = Flow::Paused { since: now };
		let due = record.carried;
		Streams::<T>::insert(stream, record);
		Self::deposit_event(Event::Paused { stream, due });
		Ok(())
	}

	pub(crate) fn do_resume(who: T::AccountId, stream: StreamId) -> DispatchResult {
		let mut record = Self::record(stream)?;
		ensure!(T::Machines::is_payer(&who, record.payer), Error::<T>::NotPayer);
		ensure!(matches!(record.flow, Flow::Paused { .. }), Error::<T>::NotPaused);
		record.flow = Flow::Running { since: Self::now() };
		Streams::<T>::insert(stream, record);
		Self::deposit_event(Event::Resumed { stream });
		Ok(())
	}
}
