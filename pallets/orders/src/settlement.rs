//! Paying out what is decided, and forgetting the order.

use crate::*;
use frame_support::pallet_prelude::*;
use sp_runtime::traits::UniqueSaturatedInto;

/// What an order still owes to whom, in units of 0.000001 USDT.
struct Owed {
	to_seller: u128,
	/// Without the storage deposit.
	to_buyer: u128,
	/// Last block in which the seller's part is kept for it.
	pay_by: u32,
}

impl<T: Config> Pallet<T> {
	/// Gives `to_seller` of an order that is not decided yet to the seller and the rest to the buyer,
	/// now or when they can take it.
	pub(crate) fn decide(id: OrderId, order: OrderOf<T>, to_seller: u128) -> DispatchResult {
		let to_buyer =
			order.offer.amount.checked_sub(to_seller).ok_or(Error::<T>::ExceedsAmount)?;
		// At the end of all block numbers the deadline is that end: the decision stands all the same.
		let pay_by = Self::now().saturating_add(T::PayeeTimeout::get().unique_saturated_into());
		Self::deposit_event(Event::Decided { order: id, to_seller, to_buyer });
		Self::pay(id, order, Owed { to_seller, to_buyer, pay_by })?;
		Ok(())
	}

	/// Pays out what is left of an order that is decided, as far as that is possible now.
	pub(crate) fn pay_rest(id: OrderId, order: OrderOf<T>) -> DispatchResult {
		let OrderState::Decided { to_seller, to_buyer, pay_by } = order.state else {
			return Err(Error::<T>::WrongState.into());
		};
		let changed = Self::pay(id, order, Owed { to_seller, to_buyer, pay_by })?;
		ensure!(changed, Error::<T>::PayeeUnavailable);
		Ok(())
	}

	/// Pays what can be paid, and keeps the order if something is left; tells whether less is owed, or
	/// to somebody else.
	fn pay(id: OrderId, mut order: OrderOf<T>, mut owed: Owed) -> Result<bool, DispatchError> {
		let (mut to_seller, mut moved) = (0, false);
		if owed.to_seller > 0 {
			if Self::can_be_paid(T::Till::pay_out(&order.offer.seller, owed.to_seller))? {
				to_seller = core::mem::take(&mut owed.to_seller);
			} else if Self::now() > owed.pay_by {
				let forfeited = core::mem::take(&mut owed.to_seller);
				owed.to_buyer = forfeited.checked_add(owed.to_buyer).ok_or(Error::<T>::Overflow)?;
				moved = true;
			}
		}

		// The storage deposit pays for the record for as long as that is there.
		let last = owed.to_seller == 0;
		let deposit = if last { order.storage_deposit } else { 0 };
		let refund = owed.to_buyer.checked_add(deposit).ok_or(Error::<T>::Overflow)?;
		let refunded = refund == 0 || Self::can_be_paid(T::Till::release(order.buyer, refund))?;
		let to_buyer = if refunded { core::mem::take(&mut owed.to_buyer) } else { 0 };
		let returned = if refunded { refund } else { 0 };
		Self::subtract_locked(to_seller)?;
		Self::subtract_locked(returned)?;

		let closed = last && refunded;
		if closed {
			Orders::<T>::remove(id);
			OpenOrders::<T>::mutate_exists(order.buyer, |open| {
				*open = open.and_then(|open| open.checked_sub(1)).filter(|open| *open > 0)
			});
		} else {
			let Owed { to_seller, to_buyer, pay_by } = owed;
			order.state = OrderState::Decided { to_seller, to_buyer, pay_by };
			Orders::<T>::insert(id, order);
		}
		let changed = moved || to_seller > 0 || returned > 0;
		if changed {
			Self::deposit_event(Event::PaidOut { order: id, to_seller, to_buyer, closed });
		}
		Ok(changed)
	}

	/// Whether money left escrow; not, if the account that it was for could not take it.
	///
	/// # Errors
	/// It is escrow that could not let it go.
	fn can_be_paid(result: Result<(), PaymentFailure>) -> Result<bool, Error<T>> {
		match result {
			Ok(()) => Ok(true),
			Err(
				PaymentFailure::UnknownMachine
				| PaymentFailure::BelowMinimum
				| PaymentFailure::PayeeUnavailable,
			) => Ok(false),
			Err(_) => Err(Error::EscrowUnavailable),
		}
	}

	/// The caller has paid out `amount` of what was added.
	fn subtract_locked(amount: u128) -> Result<(), Error<T>> {
		let locked = Locked::<T>::get().checked_sub(amount).ok_or(Error::<T>::Overflow)?;
		Locked::<T>::put(locked);
		Ok(())
	}
}
