//! # Machine identity
//!
//! Who a machine is: its owner and operator, the keys that act for it, its place in a fleet, its
//! status, and the deposit behind it.
//!
//! ## Pallet API
//!
//! See [`Call`], [`Event`] and [`Error`]. Other pallets ask through
//! [`pallet_dam_traits::Machines`], which [`Pallet`] implements; the runtime API serves
//! [`Pallet::machine_info`], [`Pallet::machine_of`], [`Pallet::key_info`] and [`Pallet::children`].
//!
//! ## Overview
//!
//! An **owner** registers machines, one at a time ([`Call::register`]) or as a fleet
//! ([`Call::register_fleet`]). Each device signs a
//! [`RegistrationStatement`](dam_primitives::registration::RegistrationStatement) offline: it needs
//! no tokens and no network. From then on the device's **payment key** authorizes payments out of
//! the machine's **sovereign account**, an address without a private key, derived from the machine's
//! number. The key's own account stays empty for ever.
//!
//! **Keys** come and go; the machine's money stays where it is. The payment key is replaced with
//! [`Call::rotate_key`], by itself once in [`Config::RotationInterval`] or by the owner at any time.
//! Up to [`MAX_FURTHER_KEYS`] further keys with fewer rights are added and removed with
//! [`Call::add_key`] and [`Call::remove_key`]. Every new key proves with a
//! [`KeyStatement`](dam_primitives::rotation::KeyStatement) that somebody holds it. What a payment
//! key signed before it ended settles for [`Config::KeyHorizon`] more blocks. In an emergency
//! [`Call::freeze`] stops all keys of up to [`MAX_FLEET`] machines at once, whatever else is wrong
//! with them.
//!
//! An **operator** may do in the owner's name what the owner lists with [`Call::set_operator`].
//! Machines of one owner can be arranged as a **tree** ([`Call::set_parent`]), which says what
//! belongs together and carries no rights.
//!
//! The owner can [`suspend`](Call::suspend), [`resume`](Call::resume) and
//! [`retire`](Call::retire) a machine. Retirement empties its wallet into the owner's account and
//! gives the deposit back. **Ownership** moves in two steps, [`Call::offer_ownership`] and
//! [`Call::accept_ownership`]: the new owner takes over the deposit.
//!
//! ## For wallets and buyers
//!
//! * A machine's money goes with it, and the seller can withdraw it until the moment of acceptance:
//!   pay the seller in a way that does not depend on what is in its wallet. Keys, profile and deposit
//!   cannot change between the block that the buyer names and acceptance; policy and services can.
//! * The payment key goes with it too, and nobody can prove that the seller kept no copy. After
//!   accepting, [`rotate`](Call::rotate_key) it to a key made in the device, in the same batch.
//! * The spending policy stays as the seller set it, and so do suspension and freeze; the operator,
//!   further keys, place in a tree and co-signed payments do not.
//! * Accepting holds the machine's whole deposit from the buyer, including [`Config::KeyDeposit`]
//!   for each key that it ever had after the first; it comes back at retirement.
//! * When a key may be stolen: [`freeze`](Call::freeze) first, then rotate as the owner, then
//!   [`unfreeze`](Call::unfreeze). A thief who rotates first gains nothing: the owner's rotation
//!   ends the thief's key as well, and frozen keys do not rotate.
//!
//! ## Low level / implementation details
//!
//! ### Goals
//!
//! 1. **A device never needs a token.** The owner pays for registration and rotation; a key's nonce
//!    is kept by a `sufficients` reference that its entry takes and nobody ever drops.
//! 2. **A key is entered once.** [`Keys`] is append-only, so a statement, a payment or anything else
//!    that a key signed cannot be used again under a second registration, and the key's nonce never
//!    restarts.
//! 3. **A key is not a wallet.** Stealing a key gives the thief what the pallets that ask
//!    [`authorize`](pallet_dam_traits::Machines::authorize) allow, and nothing through any other
//!    call. Hence no key of a machine, past or present, is its own owner or operator. (It may own or
//!    operate *other* machines, as a gateway does; that is then what a thief of it gets, and freezing
//!    does not end it.)
//! 4. **State is paid for.** A machine costs its owner [`Config::MachineDeposit`] and each key after
//!    the first [`Config::KeyDeposit`] while it lives: all of it stands in
//!    [`MachineRecord::deposit`]. What stays after retirement, so that numbers and keys are never used
//!    again, is one machine record, and a key record and account nonce for each of its keys. It is
//!    paid for by the fee of the registration and, for keys that rotate without one, by their slowness
//!    ([`Config::RotationInterval`]) and number ([`MAX_KEYS_EVER`]).
//! 5. **The owner is stronger than a thief.** Whoever holds only a payment key cannot keep the owner
//!    from replacing it: not by rotating (the owner needs no key to rotate, and no interval), not by
//!    using up the keys of a lifetime (one rotation per interval, and
//!    [`RESERVED_KEYS`] are left to the owner, even by an operator), not by spoiling the new key's proof (it is of use
//!    for this machine, key and right alone: submitting it first does what the owner wants).
//!
//! ### Design
//!
//! [`MachineRecord`] and [`KeyRecord`] are what every payment reads, so they are small: metadata,
//! further keys and offers stand in maps of their own. Exactly one active key of a machine has
//! [`KeyRights::PAY`], and the machine's record names it.
//!
//! ### Terminology
//!
//! * *Statement*: what a key signs to prove that somebody holds it, and to what it agrees.
//! * *Payment key*: the one active key with [`KeyRights::PAY`].
//! * *Further key*: an active key without it.
//! * *Sovereign account*, *wallet*: where a machine's money stands; see
//!   [`dam_primitives::machine_account`].
//! * *Living*: not retired.
//! * *Retired*: a terminal status. Number and keys are never used again.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

use polkadot_sdk::*;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod fleet;
mod integrity;
mod keys;
mod lifecycle;
mod lookup;
#[cfg(test)]
mod mock;
mod operators;
mod ownership;
mod registration;
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
	machine::{MAX_FURTHER_KEYS, MAX_KEYS_EVER},
	KeyRights, MachineId, MachineProfile, MachineStatus, Metadata, OperatorInfo, MAX_FLEET,
};
use frame_support::traits::fungible::{self, hold};
use frame_system::pallet_prelude::BlockNumberFor;
use pallet_dam_traits::{Machines as _, OnMachineChange, Wallets};
use sp_runtime::AccountId32;

/// How many of the [`MAX_KEYS_EVER`] keys of a machine's life only its owner can use: a thief who
/// rotates unnoticed for months must leave some, and so must an operator.
pub const RESERVED_KEYS: u32 = 16;

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

		/// Who has a say, or something to clean up, when a machine is retired or changes hands. What
		/// it costs is part of the weights of [`Call::retire`] and [`Call::accept_ownership`].
		type OnMachineChange: OnMachineChange<Self::AccountId>;

		/// Held from the owner for each machine until it is retired, in units of [`Self::Currency`].
		/// Zero would let anybody fill the state for the price of fees.
		#[pallet::constant]
		type MachineDeposit: Get<BalanceOf<Self>>;

		/// Held from the owner, on top, for each key after the first until the machine is retired, in
		/// units of [`Self::Currency`]. Not zero, for the same reason.
		#[pallet::constant]
		type KeyDeposit: Get<BalanceOf<Self>>;

		/// How far ahead a statement may expire, in blocks. A statement that leaks is of use to its
		/// owner for this long at most.
		#[pallet::constant]
		type MaxStatementLifetime: Get<BlockNumberFor<Self>>;

		/// How many blocks a payment key must wait after a rotation before it can replace itself.
		/// Owners and operators need not wait. Zero would let a thief use up all keys at once.
		#[pallet::constant]
		type RotationInterval: Get<BlockNumberFor<Self>>;

		/// For how many blocks after its end what a payment key signed still settles. Zero would let
		/// a payer rotate away what it owes.
		#[pallet::constant]
		type KeyHorizon: Get<BlockNumberFor<Self>>;

		/// How far ahead an offer of ownership may expire, in blocks.
		#[pallet::constant]
		type MaxOfferLifetime: Get<BlockNumberFor<Self>>;
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

	/// Every key ever entered, by its account. Append-only: see goal 2.
	#[pallet::storage]
	pub type Keys<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, KeyRecord<BlockNumberFor<T>>, OptionQuery>;

	/// The active keys of a living machine beside its payment key, if any.
	#[pallet::storage]
	pub type FurtherKeys<T: Config> = StorageMap<
		_,
		Twox64Concat,
		MachineId,
		BoundedVec<T::AccountId, ConstU32<MAX_FURTHER_KEYS>>,
		ValueQuery,
	>;

	/// The document about a living machine, if it names one.
	#[pallet::storage]
	pub type Documents<T: Config> = StorageMap<_, Twox64Concat, MachineId, Metadata, OptionQuery>;

	/// The machines directly below a machine.
	#[pallet::storage]
	pub type Children<T: Config> =
		StorageDoubleMap<_, Twox64Concat, MachineId, Twox64Concat, MachineId, (), OptionQuery>;

	/// The open offer to take over a machine.
	#[pallet::storage]
	pub type Offers<T: Config> =
		StorageMap<_, Twox64Concat, MachineId, OfferRecordOf<T>, OptionQuery>;

	/// Why this pallet holds the native token.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// The deposit of the owner's machines and of their keys.
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
		/// A machine is gone for good, and all its keys ended.
		MachineRetired {
			/// Its number.
			machine: MachineId,
		},
		/// A machine's payment key was replaced.
		KeyRotated {
			/// The machine's number.
			machine: MachineId,
			/// The account of the key that ended.
			old: T::AccountId,
			/// The account of the key that acts now.
			new: T::AccountId,
		},
		/// Another key acts for a machine.
		KeyAdded {
			/// The machine's number.
			machine: MachineId,
			/// The account of the key.
			key: T::AccountId,
			/// What it may do.
			rights: KeyRights,
		},
		/// A key other than the payment key no longer acts.
		KeyRemoved {
			/// The machine's number.
			machine: MachineId,
			/// The account of the key.
			key: T::AccountId,
		},
		/// No key of a machine acts from now on.
		MachineFrozen {
			/// Its number.
			machine: MachineId,
		},
		/// The keys of a machine act again.
		MachineUnfrozen {
			/// Its number.
			machine: MachineId,
		},
		/// A machine has another operator, or none.
		OperatorSet {
			/// The machine's number.
			machine: MachineId,
			/// Who may do what from now on.
			operator: Option<OperatorInfo<T::AccountId>>,
		},
		/// A machine says something else of itself.
		ProfileSet {
			/// Its number.
			machine: MachineId,
		},
		/// A machine has another place in the tree of its fleet.
		ParentSet {
			/// Its number.
			machine: MachineId,
			/// The machine above it; `None` if it is a root.
			parent: Option<MachineId>,
		},
		/// A machine is offered to another owner.
		OwnershipOffered {
			/// Its number.
			machine: MachineId,
			/// Who may accept.
			to: T::AccountId,
			/// Last block in which that is possible.
			expires_at: BlockNumberFor<T>,
		},
		/// The offer of a machine was withdrawn.
		OfferCancelled {
			/// Its number.
			machine: MachineId,
		},
		/// A machine has another owner. Its operator and its further keys are gone, and it is the
		/// root of its tree.
		OwnershipTransferred {
			/// Its number.
			machine: MachineId,
			/// Who owned it, and got the deposit back.
			from: T::AccountId,
			/// Who owns it, and pays the deposit.
			to: T::AccountId,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// No machine has this number. Check the number.
		MachineNotFound,
		/// This account is no machine's key. Register the machine first, or have its owner add the
		/// key.
		KeyNotFound,
		/// Only the machine's owner may do this. Sign with the owner's account.
		NotOwner,
		/// The signer is neither the machine's owner, nor its operator with the right to do this, nor
		/// (for a rotation) its payment key. Sign with such an account.
		NotAuthorized,
		/// The key was entered before, perhaps for a machine that is retired. Make a new key.
		KeyAlreadyUsed,
		/// The key was replaced or removed and acts no more. Sign with one that does.
		KeyEnded,
		/// The key has not the right that this needs. Sign with the payment key, or have the owner
		/// add a key with that right.
		KeyLacksRight,
		/// The machine's keys are frozen. Its owner, or an operator with the right, can unfreeze them.
		KeysFrozen,
		/// The machine's keys are not frozen.
		NotFrozen,
		/// The key ended more than `KeyHorizon` blocks ago: what it signed no longer settles. Claim
		/// earlier, and ask for a signature by the present key.
		KeyHorizonPassed,
		/// A further key needs at least one right, and cannot have that to pay; an operator needs at
		/// least one right. Only rights that exist can be given. Rotate to replace the payment key.
		InvalidRights,
		/// The key is the account of the machine's owner or operator. Make a key for the device
		/// alone.
		InvalidKey,
		/// The machine has had all keys that a machine can have, or all but those which only its
		/// owner can still use. Retire it and register the device anew with a new key, or have the
		/// owner rotate.
		TooManyKeys,
		/// As many keys act for the machine as can at a time. Remove one first.
		TooManyFurtherKeys,
		/// The account is none of the machine's further keys: unknown, ended, another machine's, or
		/// the payment key, which can only be rotated.
		NotFurtherKey,
		/// The payment key was replaced less than `RotationInterval` blocks ago. Wait, or have the
		/// owner rotate.
		RotatedTooRecently,
		/// The proof is not the key's signature of this statement on this chain. Sign the statement
		/// again with the genesis hash and exactly what is submitted: for a registration the owner,
		/// profile and expiry, for a new key the machine, rights and expiry.
		InvalidProof,
		/// The statement's last block is past. Sign a new one.
		StatementExpired,
		/// The statement expires too far ahead. Sign one that expires within
		/// `MaxStatementLifetime` blocks.
		StatementLifetimeTooLong,
		/// The metadata's address is no absolute URI (RFC 3986). Start with a scheme and a colon, and
		/// percent-encode what a URI cannot contain.
		InvalidUri,
		/// The machine is suspended. Its owner, or an operator with the right, can resume it.
		MachineSuspended,
		/// The machine is retired; nothing brings it back.
		MachineRetired,
		/// The machine is not suspended.
		NotSuspended,
		/// All machine numbers are taken.
		TooManyMachines,
		/// The operator would be the owner, a key of the machine, or a machine's wallet. Name
		/// somebody else.
		InvalidOperator,
		/// Machines stand below this one in its tree. Give them another parent or none first.
		HasChildren,
		/// The parent is the machine itself or stands below it. Choose another parent.
		FleetCycle,
		/// The tree would have more than `MAX_FLEET_DEPTH` levels. Choose a parent nearer to the
		/// root.
		FleetTooDeep,
		/// The recipient is the owner already, a key of the machine, or a machine's wallet. Name
		/// somebody else.
		InvalidRecipient,
		/// The machine is offered to nobody. Ask its owner for an offer.
		OfferNotFound,
		/// The machine is offered to somebody else. Ask its owner for an offer to this account.
		NotRecipient,
		/// The offer's last block is past, or the present one when it is made. Ask for a new offer,
		/// or make one that expires later.
		OfferExpired,
		/// The machine has changed since the block that the buyer named. Look at it again, and accept
		/// it as it is now.
		MachineChanged,
		/// The offer expires too far ahead. Make one that expires within `MaxOfferLifetime` blocks.
		OfferLifetimeTooLong,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			Self::check_config();
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
			Self::do_register(ensure_signed(origin)?, registration)
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
			Self::do_register_fleet(ensure_signed(origin)?, registrations);
			Ok(())
		}

		/// Stops an active machine from spending. It can still be paid. By its owner, or an operator
		/// with [`OperatorRights::STATUS`](dam_primitives::OperatorRights::STATUS).
		#[pallet::call_index(2)]
		pub fn suspend(
			origin: OriginFor<T>,
			#[pallet::compact] machine: MachineId,
		) -> DispatchResult {
			Self::do_suspend(ensure_signed(origin)?, machine)
		}

		/// Lets a suspended machine spend again. By its owner, or an operator with
		/// [`OperatorRights::STATUS`](dam_primitives::OperatorRights::STATUS).
		#[pallet::call_index(3)]
		pub fn resume(
			origin: OriginFor<T>,
			#[pallet::compact] machine: MachineId,
		) -> DispatchResult {
			Self::do_resume(ensure_signed(origin)?, machine)
		}

		/// Retires a machine for good: its money goes to the owner, who also gets the deposit back.
		/// All its keys end. By its owner; the machine must have no children in its tree, and no
		/// other pallet may have something open with it.
		#[pallet::call_index(4)]
		pub fn retire(
			origin: OriginFor<T>,
			#[pallet::compact] machine: MachineId,
		) -> DispatchResult {
			Self::do_retire(ensure_signed(origin)?, machine)
		}

		/// Replaces the payment key of a machine. The owner pays for the new key. No money moves.
		///
		/// By the present payment key, if the machine is active and not frozen, once in
		/// [`Config::RotationInterval`]; or at any time by the owner, or an operator with
		/// [`OperatorRights::KEYS`](dam_primitives::OperatorRights::KEYS). The new key's statement
		/// names [`KeyRights::ALL`].
		#[pallet::call_index(5)]
		pub fn rotate_key(
			origin: OriginFor<T>,
			#[pallet::compact] machine: MachineId,
			new_key: NewKeyOf<T>,
		) -> DispatchResult {
			Self::do_rotate_key(ensure_signed(origin)?, machine, new_key)
		}

		/// Lets another key act for a machine, with some rights but not that to pay. The owner pays
		/// for it. By the owner, or an operator with
		/// [`OperatorRights::KEYS`](dam_primitives::OperatorRights::KEYS). The new key's statement
		/// names the same rights.
		#[pallet::call_index(6)]
		pub fn add_key(
			origin: OriginFor<T>,
			#[pallet::compact] machine: MachineId,
			new_key: NewKeyOf<T>,
			rights: KeyRights,
		) -> DispatchResult {
			Self::do_add_key(ensure_signed(origin)?, machine, new_key, rights)
		}

		/// Ends a key of a machine other than its payment key. What it cost stays held until the
		/// machine is retired, as its record stays for good. By the owner, or an operator with
		/// [`OperatorRights::KEYS`](dam_primitives::OperatorRights::KEYS).
		#[pallet::call_index(7)]
		pub fn remove_key(
			origin: OriginFor<T>,
			#[pallet::compact] machine: MachineId,
			key: T::AccountId,
		) -> DispatchResult {
			Self::do_remove_key(ensure_signed(origin)?, machine, key)
		}

		/// Stops all keys of up to [`MAX_FLEET`] machines until they are unfrozen. The machines can
		/// still be paid, and what they signed still settles.
		///
		/// By the owner, or an operator with
		/// [`OperatorRights::STATUS`](dam_primitives::OperatorRights::STATUS), of every one of them,
		/// or nothing happens. Those that are retired or frozen already are skipped.
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::freeze(machines.len() as u32))]
		pub fn freeze(
			origin: OriginFor<T>,
			machines: BoundedVec<MachineId, ConstU32<MAX_FLEET>>,
		) -> DispatchResult {
			Self::do_freeze(ensure_signed(origin)?, machines)
		}

		/// Lets the keys of a frozen machine act again. By its owner, or an operator with
		/// [`OperatorRights::STATUS`](dam_primitives::OperatorRights::STATUS).
		#[pallet::call_index(9)]
		pub fn unfreeze(
			origin: OriginFor<T>,
			#[pallet::compact] machine: MachineId,
		) -> DispatchResult {
			Self::do_unfreeze(ensure_signed(origin)?, machine)
		}

		/// Says who may act in the owner's name and in what, instead of whoever could before; `None`:
		/// nobody. By the owner.
		///
		/// Payments that were co-signed and not made yet, by whomever, are co-signed no more. Keys
		/// that the one before has let act stay: look at them.
		#[pallet::call_index(10)]
		pub fn set_operator(
			origin: OriginFor<T>,
			#[pallet::compact] machine: MachineId,
			operator: Option<OperatorInfo<T::AccountId>>,
		) -> DispatchResult {
			Self::do_set_operator(ensure_signed(origin)?, machine, operator)
		}

		/// Says something else of a machine. By its owner, or an operator with
		/// [`OperatorRights::PROFILE`](dam_primitives::OperatorRights::PROFILE).
		#[pallet::call_index(11)]
		pub fn set_profile(
			origin: OriginFor<T>,
			#[pallet::compact] machine: MachineId,
			profile: MachineProfile,
		) -> DispatchResult {
			Self::do_set_profile(ensure_signed(origin)?, machine, profile)
		}

		/// Puts up to [`MAX_FLEET`] machines directly below `parent` in the tree of a fleet, or makes
		/// them roots.
		///
		/// By the owner of all of them and of the parent; the owner of a parent can make its children
		/// roots, whoever owns them. Machines that have children can only be made roots. All or
		/// nothing; machines that are in their place already stay there.
		#[pallet::call_index(12)]
		#[pallet::weight(T::WeightInfo::set_parent(machines.len() as u32))]
		pub fn set_parent(
			origin: OriginFor<T>,
			machines: BoundedVec<MachineId, ConstU32<MAX_FLEET>>,
			parent: Option<MachineId>,
		) -> DispatchResult {
			Self::do_set_parent(ensure_signed(origin)?, machines, parent)
		}

		/// Offers a machine to another owner until block `expires_at`, instead of whatever was
		/// offered before. By its owner.
		#[pallet::call_index(13)]
		pub fn offer_ownership(
			origin: OriginFor<T>,
			#[pallet::compact] machine: MachineId,
			to: T::AccountId,
			expires_at: BlockNumberFor<T>,
		) -> DispatchResult {
			Self::do_offer_ownership(ensure_signed(origin)?, machine, to, expires_at)
		}

		/// Withdraws the offer of a machine. By its owner.
		#[pallet::call_index(14)]
		pub fn cancel_offer(
			origin: OriginFor<T>,
			#[pallet::compact] machine: MachineId,
		) -> DispatchResult {
			Self::do_cancel_offer(ensure_signed(origin)?, machine)
		}

		/// Takes over a machine that is offered to the signer, who pays its deposit from now on; the
		/// old owner gets it back.
		///
		/// `unchanged_since` is the block in which the buyer looked at the machine: if its keys, its
		/// deposit or anything else that this pallet shows of it has changed since, nothing happens.
		///
		/// The machine keeps its payment key, money, status and children. Its operator and further
		/// keys go, and it leaves its parent. Read "For wallets and buyers" in this pallet's
		/// documentation first.
		#[pallet::call_index(15)]
		pub fn accept_ownership(
			origin: OriginFor<T>,
			#[pallet::compact] machine: MachineId,
			unchanged_since: BlockNumberFor<T>,
		) -> DispatchResult {
			Self::do_accept_ownership(ensure_signed(origin)?, machine, unchanged_since)
		}
	}
}
