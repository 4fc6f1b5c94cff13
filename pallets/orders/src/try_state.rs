//! The laws of this pallet's storage.

use crate::*;
use alloc::collections::BTreeMap;
use frame_support::{ensure, traits::Get};
use sp_runtime::{traits::UniqueSaturatedInto, TryRuntimeError};

impl<T: Config> Pallet<T> {
	/// Checks the invariants:
	///
	/// 1. [`Locked`] equals the open amounts and storage deposits of all orders.
	/// 2. Every order's number was given.
	/// 3. For every machine, the counter equals the number of its orders, and no counter is zero.
	/// 4. Every order is about some amount, and owes no more than that.
	/// 5. Only orders with an arbiter are disputed.
	/// 6. Every buyer is a machine that is not retired, and buys from somebody else, in its normal
	///    form.
	/// 7. No state lasts longer from now than it may.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let mut locked = 0u128;
		let mut counted: BTreeMap<MachineId, u32> = BTreeMap::new();
		for (id, order) in Orders::<T>::iter() {
			let open = order.open_amount().ok_or("1: an order owes more than there can be")?;
			locked = open
				.checked_add(order.storage_deposit)
				.and_then(|amount| locked.checked_add(amount))
				.ok_or("1: the orders overflow")?;
			ensure!(id < NextOrderId::<T>::get(), "2: an order's number was never given");
			*counted.entry(order.buyer).or_default() += 1;
			ensure!(order.offer.amount > 0, "4: an order is about nothing");
			ensure!(open <= order.offer.amount, "4: an order owes more than its amount");
			if let OrderState::Disputed { .. } = order.state {
				ensure!(order.offer.arbiter.is_some(), "5: nobody can decide a dispute");
			}
			ensure!(T::Machines::is_payable(order.buyer), "6: a buyer is no living machine");
			match &order.offer.seller {
				Payee::Machine(seller) => {
					ensure!(*seller != order.buyer, "6: a machine buys from itself");
				},
				Payee::Account(seller) => ensure!(
					T::Machines::machine_at(seller).is_none(),
					"6: a seller is not in its normal form"
				),
			}
			let longest: u32 = match order.state {
				OrderState::Offered
				| OrderState::Accepted { .. }
				| OrderState::Delivered { .. } => T::MaxPhase::get().unique_saturated_into(),
				OrderState::Disputed { .. } => T::DisputeTimeout::get().unique_saturated_into(),
				OrderState::Decided { .. } => T::PayeeTimeout::get().unique_saturated_into(),
			};
			ensure!(
				order.deadline().saturating_sub(Self::now()) <= longest,
				"7: a state lasts longer than it may"
			);
		}
		ensure!(Locked::<T>::get() == locked, "1: what is locked differs from the orders");
		let counters: BTreeMap<_, _> = OpenOrders::<T>::iter().collect();
		ensure!(counters == counted, "3: a counter differs from the number of orders");
		Ok(())
	}
}
