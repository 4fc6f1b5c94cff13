//! # Machine identity
//!
//! Who a machine is: its owner, the key that acts for it, its status, and the deposit behind it.
//!
//! ## Pallet API
//!
//! See [`Call`], [`Event`] and [`Error`]. Other pallets ask through
//! [`pallet_dam_traits::Machines`], which [`Pallet`] implements.
//!
//! ## Overview
//!
//! An **owner** registers machines, one at a time ([`Call::register`]) or as a fleet
//! ([`Call::register_fleet`]). Each device signs a
//! [`RegistrationStatement`](dam_primitives::registration::RegistrationStatement) offline: it needs
//! no tokens and no network. From then on the **device key** authorizes payments out of the
//! machine's **sovereign account**, an address without a private key, derived from the machine's
//! number. The key's own account stays empty for ever.
//!
//! The owner can [`suspend`](Call::suspend), [`resume`](Call::resume) and
//! [`retire`](Call::retire) a machine. Retirement empties its wallet into the owner's account and
//! gives the deposit back.
//!
//! ## Low level / implementation details
//!
//! ### Goals
//!
//! 1. **A device never needs a token.** The owner pays for registration; the key's nonce is kept by
//!    a `sufficients` reference that the registration takes and nobody ever drops.
//! 2. **A key registers once.** [`Keys`] is append-only, so a statement, a payment or anything else
//!    that a key signed cannot be used again under a second registration, and the key's nonce never
//!    restarts.
//! 3. **A key is not a wallet.** Stealing a key gives the thief what the pallets that ask
//!    [`Machines::authorize`] allow, and nothing through any other call.
//! 4. **State is paid for.** A machine costs its owner [`Config::MachineDeposit`] while it lives. What
//!    stays after retirement (one machine record, one key record, one account nonce) is paid by the
//!    fee of the registration.
//!
//! ### Terminology
//!
//! * *Statement*: what the device signs for its registration.
//! * *Sovereign account*, *wallet*: where a machine's money stands; see
//!   [`dam_primitives::machine_account`].
//! * *Retired*: a terminal status. Number and key are never used again.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

use polkadot_sdk::*;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod lifecycle;
mod lookup;
#[cfg(test)]
mod mock;
mod registration;
#[cfg(test)]
mod tests;
#[cfg(any(test, feature = "try-runtime"))]
mod try_state;
mod types;
pub mod weights;

pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

use dam_primitives::{MachineId, MachineStatus, MAX_FLEET};
use frame_support::traits::fungible::{self, hold};
use frame_system::pallet_prelude::BlockNumberFor;
use pallet_dam_traits::{Machines as _, OnRetire, Wallets};
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

		/// The native token, in which deposits are held.
		type Currency: hold::Mutate<Self::AccountId, Reason = Self::RuntimeHoldReason>
			+ fungible::Inspect<Self::AccountId>;

		/// The runtime's hold reasons.
		type RuntimeHoldReason: From<HoldReason>;

		/// Where machines keep their money.
		type Wallets: Wallets<Self::AccountId>;

		/// Who has a say, or something to clean up, when a machine is retired.
		type OnRetire: OnRetire;

		/// Held from the owner for each machine until it is retired, in units of [`Self::Currency`].
		/// Zero would let anybody fill the state for the price of fees.
		#[pallet::constant]
		type MachineDeposit: Get<BalanceOf<Self>>;

		/// How far ahead a statement may expire, in blocks. A statement that leaks is of use to its
		/// owner for this long at most.
		#[pallet::constant]
		type MaxStatementLifetime: Get<BlockNumberFor<Self>>;
	}

	/// The number that the next machine gets. Numbers ascend without gaps.
	#[pallet::storage]
	pub type NextMachineId<T> = StorageValue<_, MachineId, ValueQuery>;

	/// Every machine ever registered.
	///
	/// Numbers are given by the chain, so a hasher that an attacker could aim at is safe.
	#[pallet::storage]
	pub type Machines<T: Config> =
		StorageMap<_, Twox64Concat, MachineId, MachineRecordOf<T>, OptionQuery>;

	/// Every key ever registered, by its account. Append-only: see goal 2.
	#[pallet::storage]
	pub type Keys<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, KeyRecord<BlockNumberFor<T>>, OptionQuery>;

	/// Why this pallet holds the native token.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// The deposit of the owner's machines.
		MachineDeposit,
	}

	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A machine was registered.
		MachineRegistered {
			/// Its number.
			machine: MachineId,
			/// Its owner.
			owner: T::AccountId,
			/// The account of its key.
			key: T::AccountId,
		},
		/// One registration of a fleet failed; the others go on.
		RegistrationFailed {
			/// Position in the fleet, from 0.
			index: u32,
			/// Why.
			error: DispatchError,
		},
		/// A fleet was worked through.
		FleetRegistered {
			/// How many machines were registered.
			registered: u32,
			/// How many registrations failed, each with its own event.
			failed: u32,
		},
		/// A machine may be paid but no longer spends.
		MachineSuspended {
			/// Its number.
			machine: MachineId,
		},
		/// A suspended machine spends again.
		MachineResumed {
			/// Its number.
			machine: MachineId,
		},
		/// A machine is gone for good.
		MachineRetired {
			/// Its number.
			machine: MachineId,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// No machine has this number. Check the number.
		MachineNotFound,
		/// This account is no machine's key. Register the machine first.
		KeyNotFound,
		/// Only the machine's owner may do this. Sign with the owner's account.
		NotOwner,
		/// The key was registered before, perhaps for a machine that is retired. Make a new key.
		KeyAlreadyUsed,
		/// The key is not the machine's current one. Sign with the current key.
		KeyReplaced,
		/// The proof is not the key's signature of this owner's statement on this chain. Sign the
		/// statement again with the genesis hash, owner, profile and expiry that are submitted.
		InvalidProof,
		/// The statement's last block is past. Sign a new one.
		StatementExpired,
		/// The statement expires too far ahead. Sign one that expires within
		/// `MaxStatementLifetime` blocks.
		StatementLifetimeTooLong,
		/// The metadata's address is not UTF-8.
		InvalidUri,
		/// The machine is suspended. Its owner can resume it.
		MachineSuspended,
		/// The machine is retired; nothing brings it back.
		MachineRetired,
		/// The machine is not suspended.
		NotSuspended,
		/// All machine numbers are taken.
		TooManyMachines,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			assert!(
				!T::MachineDeposit::get().is_zero(),
				"MachineDeposit is zero: anybody could fill the state for the price of fees"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call(weight(<T as Config>::WeightInfo))]
	impl<T: Config> Pallet<T> {
		/// Registers one machine, owned by the signer, who pays its deposit.
		///
		/// `registration` carries the device's public key, what the machine says of itself, and the
		/// device's signature of the statement.
		#[pallet::call_index(0)]
		pub fn register(origin: OriginFor<T>, registration: RegistrationOf<T>) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_register(owner, registration)
		}

		/// Registers up to [`MAX_FLEET`] machines, each as [`Call::register`] would.
		///
		/// Items are isolated: one that fails leaves a [`Event::RegistrationFailed`] and nothing
		/// else.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::register_fleet(registrations.len() as u32))]
		pub fn register_fleet(
			origin: OriginFor<T>,
			registrations: BoundedVec<RegistrationOf<T>, ConstU32<MAX_FLEET>>,
		) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_register_fleet(owner, registrations);
			Ok(())
		}

		/// Stops an active machine from spending. It can still be paid. By its owner.
		#[pallet::call_index(2)]
		pub fn suspend(
			origin: OriginFor<T>,
			#[pallet::compact] machine: MachineId,
		) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_suspend(owner, machine)
		}

		/// Lets a suspended machine spend again. By its owner.
		#[pallet::call_index(3)]
		pub fn resume(
			origin: OriginFor<T>,
			#[pallet::compact] machine: MachineId,
		) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_resume(owner, machine)
		}

		/// Retires a machine for good: its money goes to the owner, who also gets the deposit back.
		/// By its owner.
		#[pallet::call_index(4)]
		pub fn retire(
			origin: OriginFor<T>,
			#[pallet::compact] machine: MachineId,
		) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_retire(owner, machine)
		}
	}
}
