//! # Services
//!
//! What machines offer, and for how much.
//!
//! ## Pallet API
//!
//! See [`Call`], [`Event`] and [`Error`]. Buyers ask [`Pallet::services`] and [`Pallet::by_kind`],
//! which the runtime API serves.
//!
//! ## Overview
//!
//! Every machine has a **catalogue** of up to [`MAX_SERVICES`] services: of what kind each is, in
//! which unit it is counted, what a unit costs, and where to ask for it. Its owner, an operator with
//! [`OperatorRights::SERVICES`] or a key of the machine with [`KeyRights::SERVICES`]
//! [offers](Call::offer), [updates](Call::update) and [withdraws](Call::withdraw) them, also while
//! the machine is suspended. The chain only publishes what is said: it neither delivers a service
//! nor makes anybody pay the price.
//!
//! Retirement removes the catalogue. Ownership moves without it: the catalogue goes with the
//! machine, so a new owner should look through the endpoints that the old one left.
//!
//! ## For wallets and buyers
//!
//! Offers change at any moment. A buyer should read the price in a finalized block, ask the endpoint
//! for no other, and buy from active machines: a suspended one keeps its catalogue.
//!
//! ## Low level / implementation details
//!
//! ### Goals
//!
//! 1. **State is paid for.** A catalogue is bounded, and there is one for each registered machine at
//!    most: the machine's deposit covers it, so changing it may be free of fees.
//! 2. **An id means one service for ever.** Ids ascend and are never reused while the machine lives,
//!    and a machine's number is never reused at all. What somebody wrote down of a service cannot
//!    come to mean another one.
//! 3. **Paging is exact.** While nothing changes, walking through a kind with pages of any size lists
//!    every service once; see [`Pallet::by_kind`].
//!
//! ### Design
//!
//! A catalogue is one value, because it is small and mostly read as a whole: a change costs one read
//! and one write, and retirement finds everything at once. [`ByKind`] is the way back from a kind to
//! its services. Its keys are numbers that the chain gives, so nobody can aim at its hasher.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

use polkadot_sdk::*;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod catalogue;
mod lookup;
#[cfg(test)]
mod mock;
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
	service::{MAX_PRICE, MAX_SERVICES},
	KeyRights, MachineId, OperatorRights, Service, ServiceId, ServiceKind,
};
use pallet_dam_traits::Machines;

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

		/// Who the machines are and who may act for which.
		type Machines: Machines<Self::AccountId>;
	}

	/// What every machine offers. A machine that never offered anything has no entry; one that
	/// withdrew everything keeps its entry, because that knows the next id.
	#[pallet::storage]
	pub type Catalogues<T> = StorageMap<_, Twox64Concat, MachineId, Catalogue, ValueQuery>;

	/// Every service by its kind: the index behind [`Pallet::by_kind`].
	#[pallet::storage]
	pub type ByKind<T> = StorageDoubleMap<
		_,
		Twox64Concat,
		ServiceKind,
		Twox64Concat,
		(MachineId, ServiceId),
		(),
		OptionQuery,
	>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A machine offers a service that it did not offer before.
		ServiceOffered {
			/// The machine.
			machine: MachineId,
			/// The service's id among the machine's.
			id: ServiceId,
			/// What sort of service it is.
			kind: ServiceKind,
		},
		/// An offered service was replaced by another description of it.
		ServiceUpdated {
			/// The machine.
			machine: MachineId,
			/// The service's id among the machine's.
			id: ServiceId,
			/// What sort of service it is from now on.
			kind: ServiceKind,
		},
		/// A machine no longer offers a service. Retirement ends all of a machine's services without
		/// this event.
		ServiceWithdrawn {
			/// The machine.
			machine: MachineId,
			/// The service's id among the machine's.
			id: ServiceId,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The price of a unit is zero. Ask for at least 0.000001 USDT.
		ZeroPrice,
		/// The price of a unit is above one million USDT. Count in a smaller unit.
		PriceTooHigh,
		/// The endpoint is not an absolute URI as RFC 3986 defines it. Write a scheme, a colon, and
		/// then only characters that may stand in a URI; escape the others with percent signs.
		InvalidEndpoint,
		/// The machine offers as many services as it may. Withdraw one first, or update it.
		TooManyServices,
		/// The machine offers no service of this id: it never did, or withdrew it. Check the id.
		ServiceNotFound,
		/// All ids for services of this machine are taken. Update a service that it offers.
		ServiceIdsExhausted,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	/// Each call is for the machine's owner, its operator with [`OperatorRights::SERVICES`], and its
	/// keys with [`KeyRights::SERVICES`]. A retired machine offers nothing.
	#[pallet::call(weight(<T as Config>::WeightInfo))]
	impl<T: Config> Pallet<T> {
		/// Offers one more service of `machine`, which gets the next id.
		///
		/// The price of a unit must be from 1 to [`MAX_PRICE`], the endpoint an absolute URI.
		#[pallet::call_index(0)]
		pub fn offer(
			origin: OriginFor<T>,
			#[pallet::compact] machine: MachineId,
			service: Service,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_offer(who, machine, service)
		}

		/// Replaces service `id` of `machine` by `service`, under the rules of [`Call::offer`]. The
		/// id stays, also if the kind changes.
		#[pallet::call_index(1)]
		pub fn update(
			origin: OriginFor<T>,
			#[pallet::compact] machine: MachineId,
			#[pallet::compact] id: ServiceId,
			service: Service,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_update(who, machine, id, service)
		}

		/// Ends service `id` of `machine`. The id is not used again.
		#[pallet::call_index(2)]
		pub fn withdraw(
			origin: OriginFor<T>,
			#[pallet::compact] machine: MachineId,
			#[pallet::compact] id: ServiceId,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_withdraw(who, machine, id)
		}
	}
}
