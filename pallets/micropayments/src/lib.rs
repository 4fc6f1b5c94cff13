//! # Micropayments
//!
//! How value moves between machines.
//!
//! ## Pallet API
//!
//! See [`Call`], [`Event`] and [`Error`].
//!
//! ## Overview
//!
//! A machine's key signs [`Call::pay`] or [`Call::pay_batch`]; the money leaves the machine's
//! sovereign account. Who may act for which machine is asked through
//! [`pallet_dam_traits::Machines`], and whether the owner's policy allows a payment through
//! [`pallet_dam_traits::SpendingPolicy`]. Payees are machines, named by number, or any account. The
//! owner takes money out with [`Call::withdraw`], which no policy limits.
//!
//! ## Low level / implementation details
//!
//! ### Goals
//!
//! 1. **Conservation.** A payment moves exactly its amount: nothing is created, burnt or rounded,
//!    and no dust follows it. A payer keeps the asset's minimum balance, so a payment never kills
//!    the payer's account.
//! 2. **Isolated items.** One bad item of a batch leaves the others as they are. The result of a
//!    batch is one event that names every item that failed, and why.
//! 3. **Bounded.** A batch holds at most [`MAX_BATCH`] items, and its weight grows with them.
//! 4. **No way around the policy.** A key moves no money that the policy does not allow, and what
//!    the policy has counted is exactly what has moved.
//!
//! This pallet stores nothing of its own. The law behind goal 1, that all balances sum to the
//! issuance, is the asset pallet's to state in its `try_state`; the tests here assert it, with
//! equality, after every step.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

use polkadot_sdk::*;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
mod payments;
#[cfg(test)]
mod tests;
pub mod weights;

pub use pallet::*;
pub use weights::WeightInfo;

use dam_primitives::{
	FailedPayment, KeyRights, MachineId, Payee, Payment, PaymentFailure, MAX_BATCH,
};
use frame_support::traits::fungible;
use pallet_dam_traits::{Machines, Spending, SpendingPolicy};

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

		/// What machines pay with: USDT. Amounts are in its smallest unit.
		type Currency: fungible::Mutate<Self::AccountId, Balance = u128>;

		/// Who the machines are and which key acts for which.
		type Machines: Machines<Self::AccountId>;

		/// What the owners let their machines pay.
		type Policy: SpendingPolicy<Self::AccountId>;
	}

	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A machine paid.
		Paid {
			/// Who paid.
			machine: MachineId,
			/// Who was paid.
			payee: Payee<T::AccountId>,
			/// How much, in units of 0.000001 USDT.
			amount: u128,
		},
		/// A machine paid a batch.
		BatchPaid {
			/// Who paid.
			machine: MachineId,
			/// How many items were paid.
			paid: u32,
			/// How much in all, in units of 0.000001 USDT.
			total: u128,
			/// Every item that was not paid, and why, in the order of the batch.
			failed: BoundedVec<FailedPayment, ConstU32<MAX_BATCH>>,
		},
		/// The owner took money out of a machine's wallet.
		Withdrawn {
			/// Whose wallet.
			machine: MachineId,
			/// How much, in units of 0.000001 USDT.
			amount: u128,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The amount is zero. Pay at least the smallest unit.
		ZeroAmount,
		/// No machine of this number takes payments: unknown or retired. Check the payee.
		UnknownMachine,
		/// Payer and payee are the same account. Name another payee.
		SelfPayment,
		/// The payer has too little; it must also keep the asset's minimum balance. Send money to
		/// the machine's account.
		InsufficientFunds,
		/// The payer's account is frozen. Ask whoever administers the asset.
		PayerFrozen,
		/// The payee's account does not exist and the amount is below the asset's minimum balance.
		/// Make the first payment to it at least that large.
		BelowMinimum,
		/// The payee's account cannot take the payment: it is blocked, or would overflow. Ask the
		/// payee.
		PayeeUnavailable,
		/// Only the machine's owner may do this. Sign with the owner's account.
		NotOwner,
		/// The owner's policy allows no single payment that large. Pay less, or ask the owner.
		ExceedsPaymentCap,
		/// The owner's policy allows no more than what was paid in this period. Wait for the next
		/// period, or ask the owner.
		ExceedsPeriodCap,
		/// The owner's policy does not allow this payee. Ask the owner to list it.
		PayeeNotAllowed,
		/// The owner's policy wants the owner's co-signature on a payment that large. Have the owner
		/// approve exactly this payee and amount first.
		NeedsCoSignature,
	}

	#[pallet::call(weight(<T as Config>::WeightInfo))]
	impl<T: Config> Pallet<T> {
		/// Pays `amount`, in units of 0.000001 USDT, from the signing key's machine to `payee`, if
		/// the owner's policy allows it.
		#[pallet::call_index(0)]
		pub fn pay(
			origin: OriginFor<T>,
			payee: Payee<T::AccountId>,
			#[pallet::compact] amount: u128,
		) -> DispatchResult {
			let key = ensure_signed(origin)?;
			Self::do_pay(key, payee, amount)
		}

		/// Pays up to [`MAX_BATCH`] payees from the signing key's machine, in order, each as
		/// [`Call::pay`] would. What an item pays counts in the policy for those after it.
		///
		/// Items are isolated: [`Event::BatchPaid`] lists those that failed. The call itself fails
		/// only if the key may not act.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::pay_batch(payments.len() as u32))]
		pub fn pay_batch(
			origin: OriginFor<T>,
			payments: BoundedVec<Payment<T::AccountId>, ConstU32<MAX_BATCH>>,
		) -> DispatchResult {
			let key = ensure_signed(origin)?;
			Self::do_pay_batch(key, payments)
		}

		/// Takes `amount`, in units of 0.000001 USDT, out of a machine's wallet to its owner, who
		/// signs. The asset's minimum balance stays until the machine is retired. The policy neither
		/// limits nor counts it: it binds the machine's keys, not the owner.
		#[pallet::call_index(2)]
		pub fn withdraw(
			origin: OriginFor<T>,
			#[pallet::compact] machine: MachineId,
			#[pallet::compact] amount: u128,
		) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_withdraw(owner, machine, amount)
		}
	}
}
