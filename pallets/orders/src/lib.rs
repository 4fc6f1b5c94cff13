//! # Orders
//!
//! A machine buys something, and its money waits in escrow until the goods are there.
//!
//! ## Pallet API
//!
//! See [`Call`], [`Event`] and [`Error`]. An order in the state is a
//! [`dam_primitives::order::Order`].
//!
//! ## Overview
//!
//! A buyer's machine [`offer`](Call::offer)s an amount to one seller, which goes into escrow. The
//! seller [`accept`](Call::accept)s and [`deliver`](Call::deliver)s; the buyer
//! [`confirm`](Call::confirm)s, which pays the seller, or [`dispute`](Call::dispute)s, if the offer
//! named an arbiter, who then [`resolve`](Call::resolve)s how the amount is split. Either side can
//! give in at any time: the buyer by confirming, the seller by [`cancel`](Call::cancel)ling. Every
//! state has a deadline, after which anybody may end it in favour of the side that was not late.
//!
//! ```text
//!  offer           accept            deliver            dispute
//! ──────► Offered ───────► Accepted ────────► Delivered ───────► Disputed
//!            │                │                   │                  │
//!   seller   │ cancel         │ cancel            │ cancel           │ cancel
//!   buyer    │ cancel         │ confirm           │ confirm          │ confirm
//!   arbiter  │                │                   │                  │ resolve
//!   too late │ cancel         │ cancel            │ release          │ expire_dispute
//!            ▼                ▼                   ▼                  ▼
//!         buyer gets       buyer gets          seller is          each side
//!         all back         all back            paid               gets half
//! ```
//!
//! ## For wallets and devices
//!
//! * A seller accepts only what it read in a finalized block: until then the number can come to mean
//!   another order. It looks at the amount, at the hash of the terms, at the time it has to deliver,
//!   and at the arbiter, whom the buyer chose, perhaps to suit itself.
//! * A buyer without an arbiter trusts the seller: once the seller says that it has delivered, time
//!   alone pays it.
//! * The chain keeps hashes of terms and evidence. The documents, and who may see them, are the
//!   parties' own concern, an arbiter's above all.
//!
//! ## Low level / implementation details
//!
//! ### Goals
//!
//! 1. **Conservation.** What a buyer paid in is open, or went to the seller or back to the buyer, to
//!    the last unit: [`Locked`] equals the open amounts and storage deposits of all orders. A split
//!    adds up to the amount exactly.
//! 2. **Nothing is locked for ever.** Every state has a deadline, all of them are bounded, and what
//!    ends a state after its deadline can be called by anybody.
//! 3. **A decision stands.** Who gets what is decided once, whether or not the accounts can take it
//!    at that moment. An account that cannot keeps nobody else waiting for money; see *Design*.
//! 4. **What was promised is kept**, whatever becomes of the buyer: suspended, frozen, or with
//!    another key or owner, its orders go on. It is not retired before they have ended.
//! 5. **State is paid for.** Each order carries [`Config::StorageDeposit`] of the buyer's USDT, and a
//!    buyer has at most [`MAX_OPEN_ORDERS`] at a time.
//!
//! ### Design
//!
//! At the end of an order up to two accounts are credited, and each may be unable to take it:
//! blocked by whoever administers the asset, retired, or without an account for so little. Were that
//! an error, a blocked buyer would keep its seller from being paid, since the storage deposit cannot
//! go back, and an arbiter's decision would be lost. So the order then stays as
//! [`OrderState::Decided`] with what is still owed, and [`release`](Call::release) pays it out when
//! it can be. What a seller cannot take for [`Config::PayeeTimeout`] goes back to the buyer.
//!
//! The owner's policy is asked when the money is locked, as for a payment to the seller, and counts
//! it then. Money that comes back is not counted back.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

use polkadot_sdk::*;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod delivery;
mod disputes;
#[cfg(test)]
mod mock;
mod offering;
mod settlement;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;
mod types;
pub mod weights;

pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

use dam_primitives::{
	order::{Offer, Order, OrderId, OrderState, MAX_OPEN_ORDERS},
	KeyRights, MachineId, Payee, PaymentFailure,
};
use pallet_dam_traits::{Machines, Till};

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use frame_support::pallet_prelude::*;
	use frame_system::pallet_prelude::*;

	/// Layout of this pallet's storage.
	pub const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: polkadot_sdk::frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// Weights of the calls, generated on the reference machine.
		type WeightInfo: WeightInfo;

		/// Who the machines are and which key acts for which.
		type Machines: Machines<Self::AccountId>;

		/// Moves money between wallets and escrow.
		type Till: Till<Self::AccountId>;

		/// Comes back to the buyer when an order is gone, in units of 0.000001 USDT. Zero would let
		/// machines fill the state for nothing.
		#[pallet::constant]
		type StorageDeposit: Get<u128>;

		/// Longest time that a buyer can give for acceptance, for delivery, and for its own
		/// confirmation, in blocks. Bounds how long its money can wait for each.
		#[pallet::constant]
		type MaxPhase: Get<BlockNumberFor<Self>>;

		/// How long the arbiter has to decide, in blocks. Long enough to hear both sides.
		#[pallet::constant]
		type DisputeTimeout: Get<BlockNumberFor<Self>>;

		/// How long the part of a seller that cannot be paid is kept for it, in blocks, from the first
		/// attempt on. Long enough to set things right with whoever blocked it.
		#[pallet::constant]
		type PayeeTimeout: Get<BlockNumberFor<Self>>;
	}

	/// The number that the next order gets. Numbers ascend without gaps.
	#[pallet::storage]
	pub type NextOrderId<T> = StorageValue<_, OrderId, ValueQuery>;

	/// The orders that are open.
	///
	/// Numbers are given by the chain, so a hasher that an attacker could aim at is safe.
	#[pallet::storage]
	pub type Orders<T: Config> = StorageMap<_, Twox64Concat, OrderId, OrderOf<T>, OptionQuery>;

	/// How many open orders each machine has as a buyer.
	#[pallet::storage]
	pub type OpenOrders<T: Config> = StorageMap<_, Twox64Concat, MachineId, u32, ValueQuery>;

	/// What all orders together have in escrow, in units of 0.000001 USDT.
	#[pallet::storage]
	pub type Locked<T: Config> = StorageValue<_, u128, ValueQuery>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An order was offered.
		Offered {
			/// Its number.
			order: OrderId,
			/// Who buys.
			buyer: MachineId,
			/// Who is to deliver.
			seller: Payee<T::AccountId>,
			/// What the seller is to be paid, in units of 0.000001 USDT.
			amount: u128,
		},
		/// The seller accepted.
		Accepted {
			/// Which order.
			order: OrderId,
			/// Last block in which the seller can deliver.
			deliver_by: u32,
		},
		/// The seller delivered, as it says.
		Delivered {
			/// Which order.
			order: OrderId,
			/// Hash of what the seller says proves it.
			evidence: [u8; 32],
			/// Last block in which the buyer can dispute.
			confirm_by: u32,
		},
		/// The buyer disputes the delivery.
		Disputed {
			/// Which order.
			order: OrderId,
			/// Hash of what the buyer says proves its complaint.
			evidence: [u8; 32],
			/// Last block in which the arbiter can decide.
			resolve_by: u32,
		},
		/// It was decided who gets what of the amount. [`Event::PaidOut`] tells what was paid.
		Decided {
			/// Of which order.
			order: OrderId,
			/// What is the seller's, in units of 0.000001 USDT.
			to_seller: u128,
			/// What is the buyer's, in units of 0.000001 USDT.
			to_buyer: u128,
		},
		/// What could be paid out of an order was.
		PaidOut {
			/// Of which order.
			order: OrderId,
			/// What the seller got, this time.
			to_seller: u128,
			/// What went back to the buyer, this time, without the storage deposit.
			to_buyer: u128,
			/// Whether the order is gone. If not, somebody's account could not take its part.
			closed: bool,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// No order has this number: it has ended, or never was. Check the number.
		OrderNotFound,
		/// This is not possible in the order's present state. Look at the state.
		WrongState,
		/// The deadline is past. Anybody may end the order now, as its state says.
		TooLate,
		/// The deadline is not past yet. Wait until it is, or let the other side act.
		TooEarly,
		/// Only the buyer's payment key or its owner may do this.
		NotBuyer,
		/// Only the seller may do this: its account, its owner, or a key of it with the right to
		/// claim.
		NotSeller,
		/// Only the arbiter may do this, with the account that the offer names.
		NotArbiter,
		/// The offer named no arbiter, so nobody could decide. Confirm, or talk to the seller.
		NoArbiter,
		/// A deadline is past already, zero blocks away, or further away than `MaxPhase`.
		InvalidDeadline,
		/// The seller cannot get more than the order's amount.
		ExceedsAmount,
		/// The buyer has as many open orders as it may. End one.
		TooManyOrders,
		/// The machine still buys. Let its orders end before it is retired.
		HasOpenOrders,
		/// Who is still to be paid cannot take the money now: the seller, the buyer, or both. Try
		/// again when they can.
		PayeeUnavailable,
		/// Escrow itself cannot pay, because the asset or its account is frozen. Ask whoever
		/// administers the asset.
		EscrowUnavailable,
		/// The amount is zero. Offer at least the smallest unit.
		ZeroAmount,
		/// No machine of this number takes payments: unknown or retired. Check the seller.
		UnknownMachine,
		/// A machine cannot buy from itself.
		SelfPayment,
		/// The buyer has too little for the amount and the storage deposit; it must also keep the
		/// asset's minimum balance. Send money to it.
		InsufficientFunds,
		/// The buyer's account is frozen. Ask whoever administers the asset.
		PayerFrozen,
		/// The owner's policy allows no single payment that large.
		ExceedsPaymentCap,
		/// The owner's policy allows no more in this period.
		ExceedsPeriodCap,
		/// The owner's policy does not allow this seller.
		PayeeNotAllowed,
		/// The owner's policy wants the owner's co-signature on an amount that large. Have the owner
		/// approve it first.
		NeedsCoSignature,
		/// All order numbers are taken, or a block or an amount is larger than any there is.
		Overflow,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			assert!(
				T::StorageDeposit::get() > 0,
				"StorageDeposit is zero: machines could fill the state for nothing"
			);
			for (name, blocks) in [
				("MaxPhase", T::MaxPhase::get()),
				("DisputeTimeout", T::DisputeTimeout::get()),
				("PayeeTimeout", T::PayeeTimeout::get()),
			] {
				assert!(blocks > 0u32.into(), "{name} is zero: nobody would have time to act");
			}
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call(weight(<T as Config>::WeightInfo))]
	impl<T: Config> Pallet<T> {
		/// Offers an order from the signing payment key's machine.
		///
		/// The amount goes into escrow together with [`Config::StorageDeposit`]; the owner's policy
		/// is asked for it as for a payment to the seller. The block to accept by must not be past,
		/// the other times not zero, and none further away than [`Config::MaxPhase`].
		#[pallet::call_index(0)]
		pub fn offer(origin: OriginFor<T>, offer: Offer<T::AccountId>) -> DispatchResult {
			let key = ensure_signed(origin)?;
			Self::do_offer(key, offer)
		}

		/// Accepts an order as its seller, until the block that the offer names. The time to deliver
		/// begins.
		#[pallet::call_index(1)]
		pub fn accept(origin: OriginFor<T>, #[pallet::compact] order: OrderId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_accept(who, order)
		}

		/// Ends an order in the buyer's favour: it gets everything back. By the seller at any time;
		/// by the buyer until the seller accepts; by anybody once the seller is too late to accept or
		/// to deliver.
		#[pallet::call_index(2)]
		pub fn cancel(origin: OriginFor<T>, #[pallet::compact] order: OrderId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_cancel(who, order)
		}

		/// Says, as the seller of an accepted order and in time, that it is delivered. The time to
		/// confirm begins. `evidence` is the hash of whatever proves it: a receipt, a meter's reading.
		#[pallet::call_index(3)]
		pub fn deliver(
			origin: OriginFor<T>,
			#[pallet::compact] order: OrderId,
			evidence: [u8; 32],
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_deliver(who, order, evidence)
		}

		/// Ends an order in the seller's favour, by the buyer's payment key or its owner, at any time
		/// after the seller accepted: the seller is paid.
		#[pallet::call_index(4)]
		pub fn confirm(origin: OriginFor<T>, #[pallet::compact] order: OrderId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_confirm(who, order)
		}

		/// Disputes a delivery in time, by the buyer's payment key or its owner, if the offer named
		/// an arbiter, who has [`Config::DisputeTimeout`] to decide. `evidence` is the hash of
		/// whatever proves the complaint.
		#[pallet::call_index(5)]
		pub fn dispute(
			origin: OriginFor<T>,
			#[pallet::compact] order: OrderId,
			evidence: [u8; 32],
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_dispute(who, order, evidence)
		}

		/// Pays the seller of a delivered order that the buyer neither confirmed nor disputed in
		/// time; or pays out what is still owed of an order that is decided. By anybody.
		#[pallet::call_index(6)]
		pub fn release(origin: OriginFor<T>, #[pallet::compact] order: OrderId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_release(order)
		}

		/// Decides a dispute in time, as its arbiter: the seller gets `to_seller`, in units of
		/// 0.000001 USDT, and the buyer the rest of the amount.
		#[pallet::call_index(7)]
		pub fn resolve(
			origin: OriginFor<T>,
			#[pallet::compact] order: OrderId,
			#[pallet::compact] to_seller: u128,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_resolve(who, order, to_seller)
		}

		/// Ends a dispute that the arbiter did not decide in time: each side gets half, and the buyer
		/// the odd unit. By anybody.
		#[pallet::call_index(8)]
		pub fn expire_dispute(
			origin: OriginFor<T>,
			#[pallet::compact] order: OrderId,
		) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_expire_dispute(order)
		}
	}
}
