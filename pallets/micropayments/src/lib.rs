//! # Micropayments
//!
//! How value moves between machines.
//!
//! ## Pallet API
//!
//! See [`Call`], [`Event`] and [`Error`].
//!
//! Other pallets move money through the till: [`Pallet`] implements [`pallet_dam_traits::Till`].
//!
//! ## Overview
//!
//! A machine's key signs [`Call::pay`] or [`Call::pay_batch`]; the money leaves the machine's
//! sovereign account. Who may act for which machine is asked through
//! [`pallet_dam_traits::Machines`], and whether the owner's policy allows a payment through
//! [`pallet_dam_traits::SpendingPolicy`]. Payees are machines, named by number, or any account; the
//! address of a machine's wallet is that machine. The owner takes money out with [`Call::withdraw`],
//! which no policy limits.
//!
//! Channels, streams, mandates, orders and intents keep their own books, and move money through the
//! *till* alone: out of a wallet to a payee, out of a wallet into *escrow*, out of escrow to a payee
//! or back. Everything in escrow stands in one account without a key, the *pot*
//! ([`Pallet::pot`]).
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
//! 5. **A batch is a sequence.** An item of a batch is paid, or fails for the reason, as the same
//!    [`Call::pay`] after those before it would. It costs a fraction: the payer's account is read
//!    and written once for all items, and no item has an event.
//! 6. **No income unseen.** Whatever a machine is paid, by whichever path and name, is told to
//!    [`Config::OnIncome`] after it has arrived. What comes back out of escrow is no income.
//! 7. **Escrow is covered.** The pot has what all books together say is in it
//!    ([`Config::Escrowed`]), and the asset's minimum balance beneath, so that it can always pay the
//!    last unit.
//!
//! ### Design
//!
//! Items of a batch are credited one by one and the payer is debited once, by their sum: see
//! `outflow.rs`, which also says why that keeps every check of the SDK's transfer.
//!
//! This pallet stores nothing of its own. The law behind goal 1, that all balances sum to the
//! issuance, is the asset pallet's to state in its `try_state`; the tests here assert it, with
//! equality, after every step.
//!
//! ### Terminology
//!
//! * *Wallet*: the sovereign account of a machine.
//! * *Pot*: the account in which escrow stands.
//! * *Till*: what moves money between wallets, the pot and payees.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

use polkadot_sdk::*;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
mod outflow;
mod payments;
#[cfg(test)]
mod tests;
mod till;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;
pub mod weights;

pub use pallet::*;
pub use weights::WeightInfo;

use dam_primitives::{
	FailedPayment, KeyRights, MachineId, Payee, Payment, PaymentFailure, MAX_BATCH,
};
use frame_support::{traits::fungible, weights::Weight, PalletId};
use pallet_dam_traits::{Machines, OnIncome, Spending, SpendingPolicy, Till};

/// Names the pot: see [`Pallet::pot`].
pub const POT: PalletId = PalletId(*b"dam/till");

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

		/// Who is told of every income of a machine.
		type OnIncome: OnIncome;

		/// What all pallets together say that they have in escrow, in units of 0.000001 USDT. Only
		/// `try_state` asks.
		type Escrowed: Get<u128>;
	}

	/// Puts the asset's minimum balance into the pot, so that it lives for ever. It is made out of
	/// nothing, and is part of what the chain begins with.
	///
	/// The asset's pallet must be built before this one: where there is no asset, there is no pot.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// Nothing is configured.
		#[serde(skip)]
		pub _config: core::marker::PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			use fungible::{Inspect, Mutate};
			let minimum = T::Currency::minimum_balance();
			let missing = minimum.saturating_sub(T::Currency::balance(&Pallet::<T>::pot()));
			if missing > 0 {
				T::Currency::mint_into(&Pallet::<T>::pot(), missing)
					.expect("an account takes the asset's minimum balance");
			}
		}
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
		/// The payee's account cannot take the payment: it is blocked, would overflow, or is where
		/// escrow stands. Ask the payee.
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

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			let machines = T::WeightInfo::pay_batch(MAX_BATCH);
			let accounts = T::WeightInfo::pay_batch(0)
				.saturating_add(T::WeightInfo::pay_batch_to_accounts(MAX_BATCH));
			let most = T::BlockWeights::get()
				.get(frame_support::dispatch::DispatchClass::Normal)
				.max_extrinsic;
			if let Some(most) = most {
				assert!(
					machines.max(accounts).all_lte(most),
					"a batch of MAX_BATCH payments weighs {machines:?} to machines and \
					 {accounts:?} to accounts, and {most:?} is what a transaction may weigh"
				);
			}
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
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
		#[pallet::weight(Pallet::<T>::batch_weight(payments))]
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

impl<T: Config> Pallet<T> {
	/// What a batch weighs at most. Accounts are dearer than machines, whose wallets exist: each may
	/// be new.
	pub fn batch_weight(payments: &[Payment<T::AccountId>]) -> Weight {
		let (mut machines, mut accounts) = (0u32, 0u32);
		for Payment { payee, .. } in payments {
			// At most MAX_BATCH items.
			match payee {
				Payee::Machine(_) => machines = machines.saturating_add(1),
				Payee::Account(_) => accounts = accounts.saturating_add(1),
			}
		}
		let to_machines = T::WeightInfo::pay_batch(machines);
		if accounts == 0 {
			return to_machines;
		}
		to_machines.saturating_add(T::WeightInfo::pay_batch_to_accounts(accounts))
	}
}
