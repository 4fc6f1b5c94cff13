//! # Mandates
//!
//! What payees may pull from a machine, again and again: subscriptions, tolls, maintenance by
//! contract.
//!
//! ## Pallet API
//!
//! See [`Call`], [`Event`] and [`Error`].
//!
//! ## Overview
//!
//! A payer's owner or payment key [`grant`](Call::grant)s a mandate to one payee: until a block, the
//! payee may [`pull`](Call::pull) up to a cap within every period
//! ([`pull_batch`](Call::pull_batch) for many mandates). Nothing is put aside for it. Every pull is
//! a payment out of the payer's wallet: the wallet must hold the money, the machine must be allowed
//! to spend, and the owner's policy is asked and counts it, as if the machine had paid by itself.
//!
//! Payer and payee can both [`revoke`](Call::revoke) a mandate at any time. Once it has expired,
//! anybody may [`remove`](Call::remove) it.
//!
//! ```text
//!         grant              revoke, by payer or payee
//! (none) ──────► granted ─────────────────────────────────► (none)
//!                 │  ▲ pull                                   ▲
//!                 │  └───┘                                    │
//!                 └── expires_at ──► expired ─────remove──────┘
//! ```
//!
//! ## For wallets and owners
//!
//! A mandate is the machine's promise, not a key's: it goes on when the key that granted it is
//! replaced, and when the machine is sold. [`Granted`] lists what a machine has promised. Whoever
//! buys a machine should look through it; so should whoever replaces a key that was stolen, before
//! the machine is let go on: freeze, [`revoke`](Call::revoke), rotate, unfreeze.
//!
//! A payee reads what it can pull from one storage proof
//! ([`Mandate::available`](dam_primitives::Mandate::available)). Whether the payer can pay is known
//! only when it has: nobody should hand over goods for a pull that is not final.
//!
//! ## Low level / implementation details
//!
//! ### Goals
//!
//! 1. **The owner's limits stand above.** A mandate allows nothing that the policy does not allow at
//!    the time of the pull, and nothing while the machine is suspended or frozen.
//! 2. **The cap holds.** Within a period no more than the cap is pulled, in whatever order and by
//!    however many transactions. A period begins with the first pull when none runs, as in the
//!    owner's policy: over any stretch of time as long as a period at most twice the cap is pulled.
//!    What is not pulled is not added to the next period.
//! 3. **Isolated items.** A pull of a batch that fails leaves the others as they are.
//! 4. **An end by itself.** A mandate lives for at most [`Config::MaxLifetime`], and its number never
//!    comes back.
//! 5. **State is paid for.** Each mandate carries [`Config::StorageDeposit`] of the payer's USDT, and
//!    a machine has given at most [`MAX_MANDATES`] at a time. [`Locked`] equals these deposits.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

use polkadot_sdk::*;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod granting;
#[cfg(test)]
mod mock;
mod pulling;
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
	mandate::{MAX_MANDATES, MAX_PULLS},
	FailedPull, MachineId, MandateId, Payee, PaymentFailure, PullFailure,
};
use pallet_dam_traits::{Machines, Till};
use sp_runtime::{traits::SaturatedConversion, AccountId32};

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
	pub trait Config:
		polkadot_sdk::frame_system::Config<AccountId = AccountId32, RuntimeEvent: From<Event<Self>>>
	{
		/// Weights of the calls, generated on the reference machine.
		type WeightInfo: WeightInfo;

		/// Who the machines are and which key acts for which.
		type Machines: Machines<Self::AccountId>;

		/// Pays out of wallets, and keeps deposits in escrow.
		type Till: Till<Self::AccountId>;

		/// Comes back to the payer when a mandate is gone, in units of 0.000001 USDT. Zero would let
		/// machines fill the state for nothing.
		#[pallet::constant]
		type StorageDeposit: Get<u128>;

		/// How far ahead a mandate may expire, in blocks. One that was forgotten can be pulled from
		/// for this long at most.
		#[pallet::constant]
		type MaxLifetime: Get<u32>;
	}

	/// The number that the next mandate gets. Numbers ascend without gaps.
	#[pallet::storage]
	pub type NextMandateId<T> = StorageValue<_, MandateId, ValueQuery>;

	/// The mandates that were granted and not revoked or removed.
	///
	/// Numbers are given by the chain, so a hasher that an attacker could aim at is safe.
	#[pallet::storage]
	pub type Mandates<T: Config> =
		StorageMap<_, Twox64Concat, MandateId, MandateOf<T>, OptionQuery>;

	/// The mandates that each machine has given, in no order. Machines that have given none have no
	/// entry.
	#[pallet::storage]
	pub type Granted<T: Config> = StorageMap<_, Twox64Concat, MachineId, MandateIds, ValueQuery>;

	/// The deposits of all mandates together, in units of 0.000001 USDT.
	#[pallet::storage]
	pub type Locked<T: Config> = StorageValue<_, u128, ValueQuery>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A mandate was granted.
		MandateGranted {
			/// Its number.
			mandate: MandateId,
			/// Who pays.
			payer: MachineId,
			/// Who may pull.
			payee: Payee<T::AccountId>,
			/// Most within a period, in units of 0.000001 USDT.
			cap: u128,
			/// Length of a period, in blocks.
			period: u32,
			/// Last block in which something can be pulled.
			expires_at: u32,
		},
		/// Payer or payee ended a mandate.
		MandateRevoked {
			/// Which.
			mandate: MandateId,
		},
		/// A mandate that had expired is gone.
		MandateRemoved {
			/// Which.
			mandate: MandateId,
		},
		/// The payee was paid.
		Pulled {
			/// By which mandate.
			mandate: MandateId,
			/// How much, in units of 0.000001 USDT.
			amount: u128,
		},
		/// A batch was pulled.
		BatchPulled {
			/// How many items were paid.
			pulled: u32,
			/// How much in all, in units of 0.000001 USDT.
			total: u128,
			/// Every item that was not paid, and why, in the order of the batch.
			failed: BoundedVec<FailedPull, ConstU32<MAX_PULLS>>,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// No mandate has this number: it was revoked or removed, or never granted. Check the number.
		MandateNotFound,
		/// The cap is zero, so that nothing could ever be pulled. Grant at least the smallest unit.
		ZeroCap,
		/// The period is zero, so that the cap would mean nothing. Give it at least one block.
		ZeroPeriod,
		/// The mandate's last block is not in the future. Let it expire later.
		ExpiresInPast,
		/// The mandate expires too far ahead. Let it expire within `MaxLifetime` blocks, and grant
		/// another then.
		LifetimeTooLong,
		/// The machine has given as many mandates as it may. Revoke one, or remove one that has
		/// expired.
		TooManyMandates,
		/// The machine has given mandates. Revoke them before it is retired.
		HasOpenMandates,
		/// Only the machine's payment key, while it may spend, or its owner may do this.
		NotPayer,
		/// Only the payee may do this: its account, its owner, or a key of it with the right to
		/// claim.
		NotPayee,
		/// Only payer and payee may revoke a mandate: the payer's payment key, while the machine may
		/// spend, or its owner; the payee's account, its owner, or a key of it with the right to
		/// claim.
		NotParty,
		/// The mandate has expired. Ask the payer for another.
		MandateExpired,
		/// The mandate has not expired. Only payer and payee may revoke it.
		NotExpired,
		/// The cap leaves no more in this period. Pull less, or wait for the next period.
		ExceedsCap,
		/// The payer may not spend now: it is suspended, or its keys are frozen. Pull again when its
		/// owner lets it spend.
		PayerInactive,
		/// The payer's wallet cannot take its deposit back, or escrow cannot let it go: one of them
		/// is blocked. Ask whoever administers the asset.
		DepositUnavailable,
		/// The amount is zero. Pull at least the smallest unit.
		ZeroAmount,
		/// No machine of this number takes payments. Check the payee.
		UnknownMachine,
		/// A machine cannot pull from itself.
		SelfPayment,
		/// The payer has too little. Have money sent to it, and try again.
		InsufficientFunds,
		/// The payer's account is frozen. Ask whoever administers the asset.
		PayerFrozen,
		/// The payee's account does not exist and the amount is below the asset's minimum balance.
		/// Make the first pull at least that large.
		BelowMinimum,
		/// The payee's account cannot take the money now: it is blocked or full. Pull again when it
		/// can.
		PayeeUnavailable,
		/// The policy of the payer's owner allows no single payment that large. Pull less.
		ExceedsPaymentCap,
		/// The policy of the payer's owner allows no more in this period. Pull again in the next.
		ExceedsPeriodCap,
		/// The policy of the payer's owner does not allow this payee. Ask the owner to list it.
		PayeeNotAllowed,
		/// The policy of the payer's owner wants a co-signature on a payment that large. Have the
		/// owner approve exactly this payee and amount first.
		NeedsCoSignature,
		/// All mandate numbers are taken, or an amount is larger than any money there is.
		Overflow,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			assert!(
				T::StorageDeposit::get() > 0,
				"StorageDeposit is zero: machines could fill the state for nothing"
			);
			assert!(T::MaxLifetime::get() > 0, "MaxLifetime is zero: no mandate could be granted");
			let normal = frame_support::dispatch::DispatchClass::Normal;
			if let Some(most) = T::BlockWeights::get().get(normal).max_extrinsic {
				let weight = T::WeightInfo::pull_batch(MAX_PULLS);
				assert!(
					weight.all_lte(most),
					"pull_batch of MAX_PULLS pulls does not fit a block: {weight:?}, and {most:?} is \
					 what a transaction may weigh"
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
		/// Lets `payee` pull up to `cap` from `machine` within every `period`, up to and including
		/// block `expires_at`. By the machine's payment key or its owner.
		///
		/// `cap` is in units of 0.000001 USDT, `period` in blocks; neither may be zero. The machine's
		/// wallet pays [`Config::StorageDeposit`]. The owner's policy is not asked now but at every
		/// pull.
		#[pallet::call_index(0)]
		pub fn grant(
			origin: OriginFor<T>,
			#[pallet::compact] machine: MachineId,
			payee: Payee<T::AccountId>,
			#[pallet::compact] cap: u128,
			#[pallet::compact] period: u32,
			#[pallet::compact] expires_at: u32,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_grant(who, machine, payee, cap, period, expires_at)
		}

		/// Ends a mandate, by the payer's payment key, its owner, or the payee. The deposit goes back
		/// to the payer's wallet.
		#[pallet::call_index(1)]
		pub fn revoke(
			origin: OriginFor<T>,
			#[pallet::compact] mandate: MandateId,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_revoke(who, mandate)
		}

		/// Pays `amount`, in units of 0.000001 USDT, from the payer's wallet to the payee, who signs,
		/// if mandate and policy allow it.
		#[pallet::call_index(2)]
		pub fn pull(
			origin: OriginFor<T>,
			#[pallet::compact] mandate: MandateId,
			#[pallet::compact] amount: u128,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_pull(who, Pull { mandate, amount })
		}

		/// Pulls by up to [`MAX_PULLS`] mandates whose payees the signer acts for, each as
		/// [`Call::pull`] would.
		///
		/// Items are isolated: [`Event::BatchPulled`] lists those that failed.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::pull_batch(pulls.len() as u32))]
		pub fn pull_batch(
			origin: OriginFor<T>,
			pulls: BoundedVec<Pull, ConstU32<MAX_PULLS>>,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_pull_batch(who, pulls)
		}

		/// Removes a mandate that has expired. By anybody. The deposit goes back to the payer's
		/// wallet.
		#[pallet::call_index(4)]
		pub fn remove(
			origin: OriginFor<T>,
			#[pallet::compact] mandate: MandateId,
		) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_remove(mandate)
		}
	}

	impl<T: Config> Pallet<T> {
		/// The present block, as mandates count blocks.
		pub(crate) fn now() -> u32 {
			// Blocks of a second reach the last u32 after 136 years.
			frame_system::Pallet::<T>::block_number().saturated_into()
		}
	}
}
