//! # Intents
//!
//! A device without a connection signs a payment and hands it to whoever can submit it.
//!
//! ## Pallet API
//!
//! See [`Call`], [`Event`] and [`Error`]. What is signed is a [`dam_primitives::intent::Intent`].
//!
//! ## Overview
//!
//! An **intent** says which machine pays whom how much, within which blocks, and what whoever submits
//! it gets for that, the relay fee. The machine's payment key signs it offline. A gateway collects
//! intents of any machines and [`submit`](Call::submit)s hundreds in one transaction, in any order;
//! each is settled or fails for itself. The machine can make intents void before they are settled
//! with [`cancel`](Call::cancel).
//!
//! An intent draws on the wallet when it is settled: until then it is a wish, not money. Where a
//! payee must rely on a payment that it holds in its hand, that is what channels are for.
//!
//! ## For gateways and devices
//!
//! * A device counts its nonces upwards from 0, and has no two intents about that are
//!   [`WIDTH`](dam_primitives::window::WIDTH) or more apart: settling the higher one gives up the
//!   lower one. One that lost its memory reads its [`Nonces`] by a storage proof and goes on from
//!   there.
//! * Whoever sees an intent can submit it and gets the relay fee, also the author of a block that
//!   sees it in another's transaction. A gateway that wants to be sure of its fee is paid otherwise.
//! * A failed intent is not used up: while it is valid, it can be submitted again, for example when
//!   the wallet has been filled.
//! * Replacing a machine's payment key makes all intents void that the old key signed.
//!
//! ## Low level / implementation details
//!
//! ### Goals
//!
//! 1. **Once at most.** An intent is settled at most once, under any order, replay or restart: its
//!    nonce is used in the same step as the money moves, and no nonce is used twice.
//! 2. **As signed.** What an intent names is what happens: to this payee, this amount, and no more
//!    than this relay fee leave the wallet, or nothing does.
//! 3. **No way around the owner.** An intent spends on the authority of the payment key of the moment,
//!    and only while that key could sign the payment itself: the machine is active, its keys are not
//!    frozen. The owner's policy is asked for the amount as for a payment to the payee, and for the
//!    relay fee as for one to whoever submits. An owner who lists payees lists gateways, too.
//! 4. **An intent dies.** It is valid for seven days at most, by its own numbers.
//! 5. **Isolated items.** One bad intent of a batch leaves the others as they are. The result is one
//!    event that names every one that failed, and why.
//! 6. **Bounded state.** A machine that ever used intents has 40 bytes in the state until it is
//!    retired, which its deposit pays for.
//!
//! ### Design
//!
//! A storage layer undoes the payment when the relay fee is not possible.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

use polkadot_sdk::*;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
mod settling;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;
pub mod weights;

pub use pallet::*;
pub use weights::WeightInfo;

use dam_primitives::{
	intent::{FailedIntent, IntentBatch, SignedIntent, MAX_CANCELLED, MAX_INTENTS},
	window::NonceWindow,
	IntentFailure, KeyRights, MachineId, Payee, PaymentFailure,
};
use pallet_dam_traits::{Machines, Till};
use sp_runtime::AccountId32;

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

		/// Moves money between wallets, escrow and payees.
		type Till: Till<Self::AccountId>;
	}

	/// Which nonces each machine has used. A machine that never used one has no entry.
	///
	/// Numbers are given by the chain, so a hasher that an attacker could aim at is safe.
	#[pallet::storage]
	pub type Nonces<T> = StorageMap<_, Twox64Concat, MachineId, NonceWindow, ValueQuery>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A batch of intents was worked through.
		IntentsSettled {
			/// Who got the relay fees.
			relayer: Payee<T::AccountId>,
			/// How many were settled.
			settled: u32,
			/// What their payees got in all, in units of 0.000001 USDT.
			total: u128,
			/// What the relayer got in all, in units of 0.000001 USDT.
			relay_fees: u128,
			/// Every one that was not settled, and why, in the order of the batch.
			failed: BoundedVec<FailedIntent, ConstU32<MAX_INTENTS>>,
		},
		/// A machine made intents void.
		IntentsCancelled {
			/// Which machine.
			machine: MachineId,
			/// Their nonces. Intents further below the highest are void too.
			nonces: BoundedVec<u64, ConstU32<MAX_CANCELLED>>,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// A nonce is too far above those that were used. Cancel a lower one first, and check where
		/// the number comes from.
		NonceTooFar,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			let normal = frame_support::dispatch::DispatchClass::Normal;
			if let Some(most) = T::BlockWeights::get().get(normal).max_extrinsic {
				let weight = T::WeightInfo::submit(MAX_INTENTS);
				assert!(
					weight.all_lte(most),
					"submit of MAX_INTENTS intents does not fit a block: {weight:?}, and {most:?} is \
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
		/// Settles up to [`MAX_INTENTS`] intents of any machines, in their order. By anybody.
		///
		/// The relay fees go to whoever signs: to its machine, if the account is a key that acts or
		/// acted for one, else to the account itself. A machine that submits its own intents pays no
		/// relay fee. Items are isolated: [`Event::IntentsSettled`] lists those that failed.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::submit(intents.len() as u32))]
		pub fn submit(origin: OriginFor<T>, intents: IntentBatch) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_submit(who, &intents);
			Ok(())
		}

		/// Makes intents void that have any of `nonces` and were not settled, by the machine's payment
		/// key. It is no error if one was used before.
		///
		/// As with a payment, a nonce above all others gives up those that are
		/// [`WIDTH`](dam_primitives::window::WIDTH) or more below it.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::cancel(nonces.len() as u32))]
		pub fn cancel(
			origin: OriginFor<T>,
			nonces: BoundedVec<u64, ConstU32<MAX_CANCELLED>>,
		) -> DispatchResult {
			let key = ensure_signed(origin)?;
			Self::do_cancel(key, nonces)
		}
	}
}
