//! Offering, accepting and cancelling orders.

use crate::*;
use frame_support::pallet_prelude::*;
use sp_runtime::traits::UniqueSaturatedInto;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_offer(key: T::AccountId, mut offer: Offer<T::AccountId>) -> DispatchResult {
		let buyer = T::Machines::authorize(&key, KeyRights::PAY)?;
		Self::ensure_valid(&offer)?;
		// Nobody signs for a machine's address, but its keys do for the machine.
		if let Payee::Account(account) = &offer.seller {
			if let Some(machine) = T::Machines::machine_at(account) {
				offer.seller = Payee::Machine(machine);
			}
		}

		let id = NextOrderId::<T>::get();
		let next = id.checked_add(1).ok_or(Error::<T>::Overflow)?;
		OpenOrders::<T>::try_mutate(buyer, |open| {
			ensure!(*open < MAX_OPEN_ORDERS, Error::<T>::TooManyOrders);
			*open = open.saturating_add(1);
			Ok::<_, DispatchError>(())
		})?;

		let storage_deposit = T::StorageDeposit::get();
		T::Till::lock(buyer, &offer.seller, offer.amount).map_err(Error::<T>::from)?;
		T::Till::lock_deposit(buyer, storage_deposit).map_err(Error::<T>::from)?;
		Self::add_locked(offer.amount)?;
		Self::add_locked(storage_deposit)?;

		let (seller, amount) = (offer.seller.clone(), offer.amount);
		NextOrderId::<T>::put(next);
		let order = Order { buyer, offer, state: OrderState::Offered, storage_deposit };
		Orders::<T>::insert(id, order);
		Self::deposit_event(Event::Offered { order: id, buyer, seller, amount });
		Ok(())
	}

	pub(crate) fn do_accept(who: T::AccountId, id: OrderId) -> DispatchResult {
		let mut order = Self::order(id)?;
		ensure!(order.state == OrderState::Offered, Error::<T>::WrongState);
		Self::ensure_seller(&who, &order)?;
		Self::ensure_in_time(&order)?;
		// The owner of a retired machine still signs for it, but nobody could pay it.
		if let Payee::Machine(seller) = order.offer.seller {
			ensure!(T::Machines::is_payable(seller), Error::<T>::UnknownMachine);
		}
		let deliver_by = Self::after(order.offer.deliver_within)?;
		order.state = OrderState::Accepted { deliver_by };
		Orders::<T>::insert(id, order);
		Self::deposit_event(Event::Accepted { order: id, deliver_by });
		Ok(())
	}

	pub(crate) fn do_cancel(who: T::AccountId, id: OrderId) -> DispatchResult {
		let order = Self::order(id)?;
		match order.state {
			OrderState::Offered => ensure!(
				order.is_late(Self::now())
					|| Self::ensure_seller(&who, &order).is_ok()
					|| T::Machines::is_payer(&who, order.buyer),
				Error::<T>::TooEarly
			),
			OrderState::Accepted { .. } => ensure!(
				order.is_late(Self::now()) || Self::ensure_seller(&who, &order).is_ok(),
				Error::<T>::TooEarly
			),
			OrderState::Delivered { .. } | OrderState::Disputed { .. } => {
				Self::ensure_seller(&who, &order)?
			},
			OrderState::Decided { .. } => return Err(Error::<T>::WrongState.into()),
		}
		Self::decide(id, order, 0)
	}

	/// Whether the times of an offer make sense now.
	fn ensure_valid(offer: &Offer<T::AccountId>) -> Result<(), Error<T>> {
		let longest: u32 = T::MaxPhase::get().unique_saturated_into();
		let to_accept = offer.accept_by.checked_sub(Self::now());
		ensure!(to_accept.is_some_and(|blocks| blocks <= longest), Error::<T>::InvalidDeadline);
		for blocks in [offer.deliver_within, offer.confirm_within] {
			ensure!((1..=longest).contains(&blocks), Error::<T>::InvalidDeadline);
		}
		Ok(())
	}

	pub(crate) fn order(id: OrderId) -> Result<OrderOf<T>, Error<T>> {
		Orders::<T>::get(id).ok_or(Error::OrderNotFound)
	}

	/// The buyer's payment key may be lost or frozen, but then there is still the owner.
	pub(crate) fn ensure_buyer(who: &T::AccountId, order: &OrderOf<T>) -> Result<(), Error<T>> {
		ensure!(T::Machines::is_payer(who, order.buyer), Error::<T>::NotBuyer);
		Ok(())
	}

	pub(crate) fn ensure_seller(who: &T::AccountId, order: &OrderOf<T>) -> Result<(), Error<T>> {
		ensure!(T::Machines::is_payee(who, &order.offer.seller), Error::<T>::NotSeller);
		Ok(())
	}

	pub(crate) fn ensure_in_time(order: &OrderOf<T>) -> Result<(), Error<T>> {
		ensure!(!order.is_late(Self::now()), Error::<T>::TooLate);
		Ok(())
	}

	pub(crate) fn ensure_late(order: &OrderOf<T>) -> Result<(), Error<T>> {
		ensure!(order.is_late(Self::now()), Error::<T>::TooEarly);
		Ok(())
	}

	pub(crate) fn now() -> u32 {
		frame_system::Pallet::<T>::block_number().unique_saturated_into()
	}

	/// The block that comes `blocks` after this one.
	pub(crate) fn after(blocks: u32) -> Result<u32, Error<T>> {
		Self::now().checked_add(blocks).ok_or(Error::Overflow)
	}

	fn add_locked(amount: u128) -> Result<(), Error<T>> {
		let locked = Locked::<T>::get().checked_add(amount).ok_or(Error::<T>::Overflow)?;
		Locked::<T>::put(locked);
		Ok(())
	}
}

impl<T: Config> pallet_dam_traits::OnMachineChange<T::AccountId> for Pallet<T> {
	/// A buyer that is gone could not take its money back. A seller may go: what it would have been
	/// paid goes back to the buyers in time.
	fn on_retire(machine: MachineId) -> DispatchResult {
		ensure!(OpenOrders::<T>::get(machine) == 0, Error::<T>::HasOpenOrders);
		Ok(())
	}
}
