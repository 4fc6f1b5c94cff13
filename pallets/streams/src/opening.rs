//! Opening streams and paying into them.

use crate::*;
use dam_primitives::Stream;
use frame_support::pallet_prelude::*;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_open(
		key: T::AccountId,
		payee: Payee<T::AccountId>,
		rate: u128,
		deposit: u128,
	) -> DispatchResult {
		let payer = T::Machines::authorize(&key, KeyRights::PAY)?;
		ensure!(rate > 0, Error::<T>::ZeroRate);
		ensure!(deposit >= rate, Error::<T>::DepositBelowRate);
		// A machine that is named by its wallet's address is a party as much as one by its number.
		let payee = payee.normal_form();

		let stream = NextStreamId::<T>::get();
		NextStreamId::<T>::put(stream.checked_add(1).ok_or(Error::<T>::Overflow)?);
		OpenStreams::<T>::try_mutate(payer, |streams| streams.try_push(stream))
			.map_err(|_| Error::<T>::TooManyStreams)?;

		let storage_deposit = T::StorageDeposit::get();
		T::Till::lock(payer, &payee, deposit).map_err(Error::<T>::from)?;
		T::Till::lock_deposit(payer, storage_deposit).map_err(Error::<T>::from)?;
		Self::add_locked(deposit)?;
		Self::add_locked(storage_deposit)?;

		Streams::<T>::insert(
			stream,
			Stream {
				payer,
				payee: payee.clone(),
				rate,
				deposit,
				settled: 0,
				carried: 0,
				flow: Flow::Running { since: Self::now() },
				storage_deposit,
			},
		);
		Self::deposit_event(Event::Opened { stream, payer, payee, rate, deposit });
		Ok(())
	}

	pub(crate) fn do_top_up(key: T::AccountId, stream: StreamId, amount: u128) -> DispatchResult {
		let payer = T::Machines::authorize(&key, KeyRights::PAY)?;
		let mut record = Self::record(stream)?;
		ensure!(record.payer == payer, Error::<T>::NotPayer);

		// What was earned is measured by the old deposit: waiting earns nothing.
		record.carry(Self::now());
		record.deposit = record.deposit.checked_add(amount).ok_or(Error::<T>::Overflow)?;
		T::Till::lock(payer, &record.payee, amount).map_err(Error::<T>::from)?;
		Self::add_locked(amount)?;
		let deposit = record.deposit;
		Streams::<T>::insert(stream, record);
		Self::deposit_event(Event::ToppedUp { stream, deposit });
		Ok(())
	}

	/// A stream that is open.
	pub(crate) fn record(stream: StreamId) -> Result<StreamOf<T>, Error<T>> {
		Streams::<T>::get(stream).ok_or(Error::<T>::StreamNotFound)
	}

	pub(crate) fn add_locked(amount: u128) -> Result<(), Error<T>> {
		let locked = Locked::<T>::get().checked_add(amount).ok_or(Error::<T>::Overflow)?;
		Locked::<T>::put(locked);
		Ok(())
	}

	/// The caller has taken `amount` out of escrow.
	pub(crate) fn subtract_locked(amount: u128) -> Result<(), Error<T>> {
		let locked = Locked::<T>::get().checked_sub(amount).ok_or(Error::<T>::Overflow)?;
		Locked::<T>::put(locked);
		Ok(())
	}
}
