//! Delivering, and being paid for it.

use crate::*;
use frame_support::pallet_prelude::*;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_deliver(who: T::AccountId, id: OrderId, evidence: [u8; 32]) -> DispatchResult {
		let mut order = Self::order(id)?;
		ensure!(matches!(order.state, OrderState::Accepted { .. }), Error::<T>::WrongState);
		Self::ensure_seller(&who, &order)?;
		Self::ensure_in_time(&order)?;
		let confirm_by = Self::after(order.offer.confirm_within)?;
		order.state = OrderState::Delivered { delivery: evidence, confirm_by };
		Orders::<T>::insert(id, order);
		Self::deposit_event(Event::Delivered { order: id, evidence, confirm_by });
		Ok(())
	}

	pub(crate) fn do_confirm(who: T::AccountId, id: OrderId) -> DispatchResult {
		let order = Self::order(id)?;
		ensure!(
			!matches!(order.state, OrderState::Offered | OrderState::Decided { .. }),
			Error::<T>::WrongState
		);
		Self::ensure_buyer(&who, &order)?;
		let amount = order.offer.amount;
		Self::decide(id, order, amount)
	}

	pub(crate) fn do_release(id: OrderId) -> DispatchResult {
		let order = Self::order(id)?;
		match order.state {
			OrderState::Delivered { .. } => {
				Self::ensure_late(&order)?;
				let amount = order.offer.amount;
				Self::decide(id, order, amount)
			},
			OrderState::Decided { .. } => Self::pay_rest(id, order),
			_ => Err(Error::<T>::WrongState.into()),
		}
	}
}
