//! Granting mandates, and ending them.

use crate::*;
use dam_primitives::Mandate;
use frame_support::pallet_prelude::*;
use pallet_dam_traits::OnMachineChange;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_grant(
		who: T::AccountId,
		payer: MachineId,
		payee: Payee<T::AccountId>,
		cap: u128,
		period: u32,
		expires_at: u32,
	) -> DispatchResult {
		ensure!(T::Machines::is_payer(&who, payer), Error::<T>::NotPayer);
		// A machine that is named by its wallet's address could not pull: nobody signs for that.
		let payee = payee.normal_form();
		if let Payee::Machine(machine) = payee {
			ensure!(machine != payer, Error::<T>::SelfPayment);
			ensure!(T::Machines::is_payable(machine), Error::<T>::UnknownMachine);
		}
		ensure!(cap > 0, Error::<T>::ZeroCap);
		ensure!(period > 0, Error::<T>::ZeroPeriod);
		let lifetime = expires_at.checked_sub(Self::now()).filter(|lifetime| *lifetime > 0);
		let lifetime = lifetime.ok_or(Error::<T>::ExpiresInPast)?;
		ensure!(lifetime <= T::MaxLifetime::get(), Error::<T>::LifetimeTooLong);

		let mandate = NextMandateId::<T>::get();
		NextMandateId::<T>::put(mandate.checked_add(1).ok_or(Error::<T>::Overflow)?);
		Granted::<T>::try_mutate(payer, |mandates| mandates.try_push(mandate))
			.map_err(|_| Error::<T>::TooManyMandates)?;

		let storage_deposit = T::StorageDeposit::get();
		T::Till::lock_deposit(payer, storage_deposit).map_err(Error::<T>::from)?;
		let locked = Locked::<T>::get().checked_add(storage_deposit).ok_or(Error::<T>::Overflow)?;
		Locked::<T>::put(locked);

		Mandates::<T>::insert(
			mandate,
			Mandate {
				payer,
				payee: payee.clone(),
				cap,
				period,
				expires_at,
				pulled: None,
				storage_deposit,
			},
		);
		Self::deposit_event(Event::MandateGranted {
			mandate,
			payer,
			payee,
			cap,
			period,
			expires_at,
		});
		Ok(())
	}

	pub(crate) fn do_revoke(who: T::AccountId, mandate: MandateId) -> DispatchResult {
		let record = Mandates::<T>::get(mandate).ok_or(Error::<T>::MandateNotFound)?;
		ensure!(
			T::Machines::is_payer(&who, record.payer) || T::Machines::is_payee(&who, &record.payee),
			Error::<T>::NotParty
		);
		Self::end(mandate, record)?;
		Self::deposit_event(Event::MandateRevoked { mandate });
		Ok(())
	}

	pub(crate) fn do_remove(mandate: MandateId) -> DispatchResult {
		let record = Mandates::<T>::get(mandate).ok_or(Error::<T>::MandateNotFound)?;
		ensure!(record.has_expired(Self::now()), Error::<T>::NotExpired);
		Self::end(mandate, record)?;
		Self::deposit_event(Event::MandateRemoved { mandate });
		Ok(())
	}

	/// Gives the deposit back and forgets the mandate.
	fn end(mandate: MandateId, record: MandateOf<T>) -> DispatchResult {
		let deposit = record.storage_deposit;
		T::Till::release(record.payer, deposit).map_err(|_| Error::<T>::DepositUnavailable)?;
		let locked = Locked::<T>::get().checked_sub(deposit).ok_or(Error::<T>::Overflow)?;
		Locked::<T>::put(locked);

		Granted::<T>::mutate_exists(record.payer, |mandates| {
			*mandates = mandates.take().and_then(|mut mandates| {
				mandates.retain(|granted| *granted != mandate);
				(!mandates.is_empty()).then_some(mandates)
			});
		});
		Mandates::<T>::remove(mandate);
		Ok(())
	}
}

impl<T: Config> OnMachineChange<T::AccountId> for Pallet<T> {
	/// A machine that is gone could not take back its deposits.
	fn on_retire(machine: MachineId) -> DispatchResult {
		ensure!(!Granted::<T>::contains_key(machine), Error::<T>::HasOpenMandates);
		Ok(())
	}
}
