//! Disputes, and how they end.

use crate::*;
use frame_support::pallet_prelude::*;
use sp_runtime::traits::UniqueSaturatedInto;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_dispute(who: T::AccountId, id: OrderId, evidence: [u8; 32]) -> DispatchResult {
		let mut order = Self::order(id)?;
		let OrderState::Delivered { delivery, .. } = order.state else {
			return Err(Error::<T>::WrongState.into());
		};
		Self::ensure_buyer(&who, &order)?;
		ensure!(order.offer.arbiter.is_some(), Error::<T>::NoArbiter);
		Self::ensure_in_time(&order)?;
		let resolve_by = Self::after(T::DisputeTimeout::get().unique_saturated_into())?;
		order.state = OrderState::Disputed { delivery, complaint: evidence, resolve_by };
		Orders::<T>::insert(id, order);
		Self::deposit_event(Event::Disputed { order: id, evidence, resolve_by });
		Ok(())
	}

	pub(crate) fn do_resolve(who: T::AccountId, id: OrderId, to_seller: u128) -> DispatchResult {
		let order = Self::disputed(id)?;
		ensure!(order.offer.arbiter.as_ref() == Some(&who), Error::<T>::NotArbiter);
		Self::ensure_in_time(&order)?;
		Self::decide(id, order, to_seller)
	}

	pub(crate) fn do_expire_dispute(id: OrderId) -> DispatchResult {
		let order = Self::disputed(id)?;
		Self::ensure_late(&order)?;
		let half = order.offer.amount / 2;
		Self::decide(id, order, half)
	}

	fn disputed(id: OrderId) -> Result<OrderOf<T>, Error<T>> {
		let order = Self::order(id)?;
		ensure!(matches!(order.state, OrderState::Disputed { .. }), Error::<T>::WrongState);
		Ok(order)
	}
}
