//! Opening channels and paying into them.

use crate::*;
use frame_support::pallet_prelude::*;
use sp_runtime::traits::UniqueSaturatedInto;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_open(
		key: T::AccountId,
		payee: Payee<T::AccountId>,
		deposit: u128,
		terms: Terms,
		grace: BlockNumberFor<T>,
	) -> DispatchResult {
		let payer = T::Machines::authorize(&key, KeyRights::PAY)?;
		let payee = payee.normal_form();
		ensure!(
			(T::MinGrace::get()..=T::MaxGrace::get()).contains(&grace),
			Error::<T>::InvalidGrace
		);
		let lock = Self::lock_of(terms, payer, deposit)?;

		let channel = NextChannelId::<T>::get();
		let next = channel.checked_add(1).ok_or(Error::<T>::Overflow)?;
		OpenChannels::<T>::try_mutate(payer, |open| {
			ensure!(*open < MAX_CHANNELS, Error::<T>::TooManyChannels);
			*open = open.saturating_add(1);
			Ok::<_, DispatchError>(())
		})?;

		let storage_deposit = T::StorageDeposit::get();
		let locked = deposit.checked_add(storage_deposit).ok_or(Error::<T>::InsufficientFunds)?;
		T::Till::lock(payer, &payee, deposit).map_err(Error::<T>::from)?;
		T::Till::lock_deposit(payer, storage_deposit).map_err(Error::<T>::from)?;
		Self::add_locked(locked)?;

		NextChannelId::<T>::put(next);
		Channels::<T>::insert(
			channel,
			Channel {
				payer,
				payee: payee.clone(),
				deposit,
				settled: 0,
				lock,
				grace: grace.unique_saturated_into(),
				closing: None,
				storage_deposit,
			},
		);
		Self::deposit_event(Event::Opened { channel, payer, payee, deposit });
		Ok(())
	}

	pub(crate) fn do_top_up(key: T::AccountId, channel: ChannelId, amount: u128) -> DispatchResult {
		let payer = T::Machines::authorize(&key, KeyRights::PAY)?;
		let mut record = Channels::<T>::get(channel).ok_or(Error::<T>::ChannelNotFound)?;
		ensure!(record.payer == payer, Error::<T>::NotPayer);
		ensure!(record.closing.is_none(), Error::<T>::AlreadyClosing);
		let deposit = record.deposit.checked_add(amount).ok_or(Error::<T>::Overflow)?;
		if let Lock::HashChain { length, unit, .. } = record.lock {
			ensure!(deposit <= worth::<T>(length, unit)?, Error::<T>::InvalidTerms);
		}

		T::Till::lock(payer, &record.payee, amount).map_err(Error::<T>::from)?;
		Self::add_locked(amount)?;
		record.deposit = deposit;
		Channels::<T>::insert(channel, record);
		Self::deposit_event(Event::ToppedUp { channel, deposit });
		Ok(())
	}

	/// What claims will be checked against, if the terms make sense. `payer` may spend: it has a
	/// payment key.
	fn lock_of(terms: Terms, payer: MachineId, deposit: u128) -> Result<Lock, Error<T>> {
		match terms {
			Terms::Vouchers => {
				let signer = T::Machines::payment_key(payer).ok_or(Error::<T>::NotPayer)?;
				Ok(Lock::Vouchers { signer })
			},
			Terms::HashChain { root, length, unit } => {
				ensure!(length > 0 && unit > 0, Error::<T>::InvalidTerms);
				// More could never be claimed: most likely the unit or the length is a mistake.
				ensure!(deposit <= worth::<T>(length, unit)?, Error::<T>::InvalidTerms);
				Ok(Lock::HashChain { link: root, index: 0, length, unit })
			},
		}
	}

	pub(crate) fn add_locked(amount: u128) -> Result<(), Error<T>> {
		let locked = Locked::<T>::get().checked_add(amount).ok_or(Error::<T>::Overflow)?;
		Locked::<T>::put(locked);
		Ok(())
	}

	/// The caller has paid out `amount` of what it had added.
	pub(crate) fn subtract_locked(amount: u128) -> Result<(), Error<T>> {
		let locked = Locked::<T>::get().checked_sub(amount).ok_or(Error::<T>::Overflow)?;
		Locked::<T>::put(locked);
		Ok(())
	}
}

/// What a whole chain is worth.
fn worth<T>(length: u32, unit: u128) -> Result<u128, Error<T>> {
	unit.checked_mul(length.into()).ok_or(Error::<T>::Overflow)
}
