//! Ownership moves in two steps: the owner offers, the next one accepts and takes over the deposit.

use crate::*;
use frame_support::{
	pallet_prelude::*,
	traits::{fungible::MutateHold as _, tokens::Precision},
};
use sp_runtime::traits::Saturating;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_offer_ownership(
		owner: T::AccountId,
		machine: MachineId,
		to: T::AccountId,
		expires_at: BlockNumberFor<T>,
	) -> DispatchResult {
		Self::mutate_living(machine, |record| {
			ensure!(record.owner == owner, Error::<T>::NotOwner);
			ensure!(
				to != owner && Self::is_independent(&to, machine),
				Error::<T>::InvalidRecipient
			);
			let now = frame_system::Pallet::<T>::block_number();
			ensure!(expires_at > now, Error::<T>::OfferExpired);
			ensure!(
				expires_at.saturating_sub(now) <= T::MaxOfferLifetime::get(),
				Error::<T>::OfferLifetimeTooLong
			);
			Offers::<T>::insert(machine, OfferRecord { to: to.clone(), expires_at });
			Ok(())
		})?;
		Self::deposit_event(Event::OwnershipOffered { machine, to, expires_at });
		Ok(())
	}

	pub(crate) fn do_cancel_offer(owner: T::AccountId, machine: MachineId) -> DispatchResult {
		Self::mutate_living(machine, |record| {
			ensure!(record.owner == owner, Error::<T>::NotOwner);
			ensure!(Offers::<T>::take(machine).is_some(), Error::<T>::OfferNotFound);
			Ok(())
		})?;
		Self::deposit_event(Event::OfferCancelled { machine });
		Ok(())
	}

	pub(crate) fn do_accept_ownership(
		to: T::AccountId,
		machine: MachineId,
		unchanged_since: BlockNumberFor<T>,
	) -> DispatchResult {
		let from = Self::mutate_living(machine, |record| {
			let offer = Offers::<T>::take(machine).ok_or(Error::<T>::OfferNotFound)?;
			ensure!(offer.to == to, Error::<T>::NotRecipient);
			let now = frame_system::Pallet::<T>::block_number();
			ensure!(now <= offer.expires_at, Error::<T>::OfferExpired);
			ensure!(record.updated_at <= unchanged_since, Error::<T>::MachineChanged);
			// It may have become a key of the machine since the offer.
			ensure!(Self::is_independent(&to, machine), Error::<T>::InvalidRecipient);

			let reason = HoldReason::MachineDeposit.into();
			T::Currency::hold(&reason, &to, record.deposit)?;
			T::Currency::release(&reason, &record.owner, record.deposit, Precision::Exact)?;

			Self::end_further_keys(machine);
			if let Some(parent) = record.parent.take() {
				Self::unlink(parent, machine);
			}
			record.operator = None;
			Ok(core::mem::replace(&mut record.owner, to.clone()))
		})?;
		T::OnMachineChange::on_transfer(machine);
		Self::deposit_event(Event::OwnershipTransferred { machine, from, to });
		Ok(())
	}
}
