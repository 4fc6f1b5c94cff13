//! # Free quota
//!
//! Fee-free transactions for machines, metered by a token bucket of weight; more of them for a bond;
//! and fees in USDT beyond that.
//!
//! ## Pallet API
//!
//! See [`Call`], [`Event`] and [`Error`]. The transaction extension [`QuotaOrFee`] stands where the
//! nonce check and the fee extension would; [`Pallet::quota`] tells what a machine has left.
//!
//! ## Overview
//!
//! Every machine has a bucket of *reference time*, refilled with every block. Capacity and refill
//! have a *base* that comes with the machine's deposit, and a part that grows with the DAM that its
//! owner bonds ([`Call::bond`], [`Call::unbond`], [`Call::withdraw_unbonded`]). Governance sets the
//! [`Rates`] ([`Call::set_rates`]).
//!
//! A transaction is **free** when its outermost call is one of [`Config::FreeCalls`], its signer is a
//! machine's key that has the right which that call needs and may use it now, and the bucket holds
//! the transaction's cost, together with that of the key's transactions which wait before it. All
//! keys of a machine share its bucket. The cost is the declared weight of call and extensions, the
//! base weight of an extrinsic, and the length cost of every byte; what the dispatch did not use
//! comes back.
//!
//! Everything else goes to the wrapped fee extension: other calls, other signers, keys without the
//! right, and free calls of a machine whose bucket is empty. It charges DAM, or USDT if the signer
//! chose that. USDT comes from the signer's account, or, if the signer is a key that may spend a
//! machine's money, out of that machine's wallet, as far as the owner's policy lets it
//! ([`Config::FeePolicy`]). Fees in USDT are collected in one account, [`Pallet::fee_pot`].
//!
//! Whoever can pay in neither is refused with a code that says why: see [`dam_primitives::quota`].
//!
//! ## Low level / implementation details
//!
//! ### Goals
//!
//! 1. **No smuggling.** Only the outermost call counts. A batch, a proxy call or a multisig call that
//!    contains a free call is not free.
//! 2. **Payers get in.** All free calls of a block together use at most a set share of its normal
//!    weight, and any transaction that pays a fee has priority over any free one.
//! 3. **A flood drowns itself.** A free transaction is taken into a pool only if the bucket covers it
//!    and everything of the same key before it, and its priority is what its machine's bucket would
//!    still hold then. So a key's row in the pool ends where its bucket ends, and the later a
//!    transaction stands in a row, the further it stands behind others. A transaction that pays must
//!    find as many fees as wait before it.
//! 4. **No state and no quota without a deposit.** One bucket per registered machine, removed at
//!    retirement; a machine that never used its quota has none. A machine is not retired before what
//!    it used has come back, so that whoever wants more quota needs more deposits, not more
//!    registrations. What is kept for bonds is paid for by the DAM in them.
//! 5. **Full count.** A free call's weight counts against the block like any other's.
//! 6. **No refill but by time.** Bonding leaves the level where it is, unbonding cuts it down to the
//!    new capacity, and neither a transfer nor a change of the rates raises the level of a bucket that
//!    is not full.
//! 7. **Bonds are never lost.** What an account has bonded, and what is on its way back to it, is what
//!    is held from it. A bond belongs to whoever bonded it: when the machine gets another owner or
//!    retires, it goes on its way back, and nothing can prevent that.
//! 8. **Caps hold.** A fee that a key lets its machine's wallet pay counts as spent. What comes back of
//!    it does not. A fee is never less than one unit.
//!
//! ### Design
//!
//! *Rows in the pool.* A pool validates every transaction against the same state. The nonce tells how
//! many of the account come before; the bucket must hold as much as if each of them cost what this
//! one costs. For a row of equal transactions that is exact. For a row that is made on purpose, from
//! heavy to light, the costs add up to at most the level times the harmonic number of the row's
//! length: about eight times the level for a thousand transactions. Several keys of one machine have
//! a row each, so a machine's share of a pool is bounded by the number of its keys; when blocks have
//! used the bucket, what is left of the rows is refused and dropped.
//!
//! *Changing rates* touches no bucket. A level is cut to the present capacity when it is read, and
//! blocks that have passed since a bucket was last written refill it at the present rate, also those
//! before the change. A machine without a bucket is full, whatever the capacity. So a raise can give
//! up to a full bucket at once: governance decides that.
//!
//! *Bonding* writes a machine's bucket down if it had none: full under the old capacity, so that what
//! the bond adds has to fill. The quota of a bond ends when it is unbonded; the DAM comes back after
//! [`Config::UnbondingPeriod`]. So the same DAM gives one machine quota at a time, and one who moves
//! it has none for that long.
//!
//! *Who paid a fee* is noted between a transaction's preparation and its end ([`FeePayer`]), because
//! the call may change whom the key acts for, and what is left over goes back to where it came from.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

use polkadot_sdk::*;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod bonds;
mod bucket;
mod extension;
mod fees;
#[cfg(test)]
mod mock;
mod rates;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;
mod types;
mod view;
pub mod weights;

pub use extension::{FeeExtension, Pre, QuotaOrFee, Val};
pub use fees::{FeeCredit, FeeRate, FeeRefusal, FEE_POT};
pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

use dam_primitives::{KeyRights, MachineId};
use frame_support::{
	dispatch::{DispatchInfo, PostDispatchInfo},
	traits::{
		fungible::{self, hold},
		fungibles,
	},
};
use frame_system::pallet_prelude::BlockNumberFor;
use pallet_dam_traits::{FeePolicy, Machines};
use sp_runtime::traits::Dispatchable;

/// Which calls are free within a machine's quota, and for which of its keys.
///
/// Must never name a call that dispatches another one: see goal 1.
pub trait FreeCalls<Call> {
	/// The right that a key needs for `call` to be free; `None` if it never is.
	fn right(call: &Call) -> Option<KeyRights>;
}

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
		polkadot_sdk::frame_system::Config<
		RuntimeCall: Dispatchable<Info = DispatchInfo, PostInfo = PostDispatchInfo>,
		RuntimeEvent: From<Event<Self>>,
	>
	{
		/// Weights of the calls and the extension, generated on the reference machine.
		type WeightInfo: WeightInfo;

		/// Which key acts for which machine, and whose the machines are.
		type Machines: Machines<Self::AccountId>;

		/// The calls that are free within the quota, and for whom.
		type FreeCalls: FreeCalls<Self::RuntimeCall>;

		/// The native token, which owners bond.
		type Currency: hold::Mutate<Self::AccountId, Reason = Self::RuntimeHoldReason>
			+ fungible::Mutate<Self::AccountId, Balance = u128>;

		/// The runtime's hold reasons.
		type RuntimeHoldReason: From<HoldReason>;

		/// Who sets the rates.
		type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Where the asset is that fees are paid in beside the native token.
		type FeeAssets: fungibles::Balanced<Self::AccountId, Balance = u128>
			+ fungibles::Mutate<Self::AccountId>;

		/// Which one it is: USDT.
		type FeeAsset: Get<<Self::FeeAssets as fungibles::Inspect<Self::AccountId>>::AssetId>;

		/// What the native token is worth in it.
		type FeeRate: FeeRate;

		/// What owners let their machines' wallets pay in fees.
		type FeePolicy: FeePolicy;

		/// The rates until governance sets others.
		#[pallet::constant]
		type DefaultRates: Get<Rates>;

		/// What the rates must leave a machine at least, in capacity and in a block, in picoseconds of
		/// reference time: enough for a small payment, so that no mistake makes the machines mute.
		#[pallet::constant]
		type LeastCapacity: Get<u64>;

		/// Units of the native token in one DAM, to which the rates refer. Never zero.
		#[pallet::constant]
		type BondUnit: Get<u128>;

		/// Least that is bonded for a machine, if anything is, in units of the native token. Pays for
		/// what is kept for a bond and its parts on their way back.
		#[pallet::constant]
		type MinBond: Get<u128>;

		/// Blocks from unbonding until the native token can be withdrawn. Never zero.
		#[pallet::constant]
		type UnbondingPeriod: Get<BlockNumberFor<Self>>;
	}

	/// The buckets. A machine without one has a full bucket and no bond.
	///
	/// Machine numbers are given by the chain, so a hasher that an attacker could aim at is safe.
	#[pallet::storage]
	pub type Buckets<T: Config> =
		StorageMap<_, Twox64Concat, MachineId, Bucket<BlockNumberFor<T>>, OptionQuery>;

	/// Whose the bonds are that stand.
	#[pallet::storage]
	pub type Bonders<T: Config> = StorageMap<_, Twox64Concat, MachineId, T::AccountId, OptionQuery>;

	/// What is on its way back, by the machine that it was bonded for, also of retired ones.
	#[pallet::storage]
	pub type Unbondings<T: Config> =
		StorageMap<_, Twox64Concat, MachineId, UnbondingsOf<T>, ValueQuery>;

	/// What free calls have used of the block that is named, in picoseconds of reference time.
	#[pallet::storage]
	pub type BlockUsage<T: Config> = StorageValue<_, (BlockNumberFor<T>, u64), ValueQuery>;

	/// The rates.
	#[pallet::storage]
	pub type CurrentRates<T: Config> = StorageValue<_, Rates, ValueQuery, T::DefaultRates>;

	/// The machine whose wallet pays the fee of the transaction that is being dispatched. None
	/// between transactions.
	#[pallet::storage]
	pub type FeePayer<T: Config> = StorageValue<_, MachineId, OptionQuery>;

	/// Puts the asset's minimum balance into the fee pot, so that it lives for ever: made out of
	/// nothing, and part of what the chain begins with. The asset's pallet must be built before this
	/// one: where there is no asset, there is no pot.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// Price of one DAM, in units of 0.000001 USDT, at which fees are converted until governance
		/// sets another. Without one, or with zero, fees are paid in DAM alone until then.
		pub usdt_per_dam: Option<u128>,
		/// No account or balance is configured.
		#[serde(skip)]
		pub _config: core::marker::PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			use fungibles::{Inspect, Mutate};
			let (asset, pot) = (T::FeeAsset::get(), Pallet::<T>::fee_pot());
			let minimum = T::FeeAssets::minimum_balance(asset.clone());
			let missing = minimum.saturating_sub(T::FeeAssets::balance(asset.clone(), &pot));
			if missing > 0 {
				T::FeeAssets::mint_into(asset, &pot, missing)
					.expect("an account takes the asset's minimum balance");
			}
			if let Some(price) = self.usdt_per_dam.filter(|price| *price > 0) {
				T::FeeRate::set_price(price);
			}
		}
	}

	/// Why this pallet holds the native token.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// A machine has more quota for it, or had and it is on its way back.
		Bond,
	}

	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An owner bonded DAM for a machine.
		Bonded {
			/// Which machine.
			machine: MachineId,
			/// Its owner.
			bonder: T::AccountId,
			/// How much, in units of 10⁻¹² DAM.
			amount: u128,
			/// How much in all for this machine.
			bonded: u128,
		},
		/// A bond, or a part of it, gives no quota any more and is on its way back.
		Unbonded {
			/// For which machine it was.
			machine: MachineId,
			/// Who gets it.
			bonder: T::AccountId,
			/// How much, in units of 10⁻¹² DAM.
			amount: u128,
			/// First block in which it can be withdrawn.
			unlocks_at: BlockNumberFor<T>,
		},
		/// What was on its way back has arrived.
		Withdrawn {
			/// For which machine it was bonded.
			machine: MachineId,
			/// Who got it.
			bonder: T::AccountId,
			/// How much, in units of 10⁻¹² DAM.
			amount: u128,
		},
		/// Governance has set the rates.
		RatesSet {
			/// The new ones.
			rates: Rates,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The machine has used its quota, and it has not come back yet. Freeze or suspend the
		/// machine so that it uses no more, and retire it when its quota is full.
		QuotaNotRefilled,
		/// The amount is zero. Name how much.
		ZeroAmount,
		/// Too little would be bonded. Bond at least `MinBond` in all; unbond everything, or leave as
		/// much.
		BondTooSmall,
		/// More would be bonded than can be counted. Bond less.
		BondTooLarge,
		/// Less is bonded for this machine. Look at its quota, and unbond what there is.
		BondedLess,
		/// As many parts of bonds are on their way back as can be. Withdraw those that have arrived,
		/// wait for the next one, or unbond everything that is left.
		TooManyUnbonding,
		/// Nothing has arrived that could be withdrawn. Wait for the block in which it can.
		NothingToWithdraw,
		/// A rate is above its bound: `MAX_CAPACITY`, `MAX_CAPACITY_PER_DAM` or `MAX_LENGTH_COST`. Set
		/// it lower.
		RateTooHigh,
		/// Without a refill, a machine that has used its quota would never get it back. Set one.
		ZeroRefill,
		/// A refill is above its capacity, so that part of it would always be lost. Set it lower.
		RefillAboveCapacity,
		/// The base capacity is below `LeastCapacity`: a machine could not even make one payment. Set
		/// it higher.
		CapacityTooLow,
		/// The block share is below `LeastCapacity`: not even one free payment would fit into a block.
		/// Set it higher.
		BlockShareTooLow,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			use sp_runtime::traits::Zero;
			if let Err(error) = Pallet::<T>::check_rates(&T::DefaultRates::get()) {
				panic!("DefaultRates could not be set by governance either: {error:?}");
			}
			assert!(
				T::LeastCapacity::get() > 0,
				"LeastCapacity is zero: the rates could make every call too large to be free"
			);
			assert!(T::BondUnit::get() > 0, "BondUnit is zero: rates refer to it");
			assert!(
				T::MinBond::get() > 0,
				"MinBond is zero: what is kept for bonds would cost nothing"
			);
			assert!(
				!T::UnbondingPeriod::get().is_zero(),
				"UnbondingPeriod is zero: the same DAM could give every machine quota in turn"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call(weight(<T as Config>::WeightInfo))]
	impl<T: Config> Pallet<T> {
		/// Bonds `amount`, in units of 10⁻¹² DAM, for a machine, whose owner signs, in addition to what
		/// is bonded. Capacity and refill of its quota grow at once; what the bucket holds does not.
		///
		/// The DAM stays in the owner's account, on hold.
		#[pallet::call_index(0)]
		pub fn bond(
			origin: OriginFor<T>,
			#[pallet::compact] machine: MachineId,
			#[pallet::compact] amount: u128,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_bond(who, machine, amount)
		}

		/// Unbonds `amount`, in units of 10⁻¹² DAM, of a machine, whose owner signs. Capacity and refill
		/// fall at once; the DAM can be withdrawn after `UnbondingPeriod` blocks.
		///
		/// When a machine gets another owner or retires, its bond is unbonded by itself.
		#[pallet::call_index(1)]
		pub fn unbond(
			origin: OriginFor<T>,
			#[pallet::compact] machine: MachineId,
			#[pallet::compact] amount: u128,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_unbond(who, machine, amount)
		}

		/// Gives everything that was bonded for a machine and has arrived back to whoever bonded it.
		/// Anybody may call this, also for a retired machine.
		#[pallet::call_index(2)]
		#[pallet::weight(<T as Config>::WeightInfo::withdraw_unbonded(MAX_UNBONDING))]
		pub fn withdraw_unbonded(
			origin: OriginFor<T>,
			#[pallet::compact] machine: MachineId,
		) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			let chunks = Self::do_withdraw_unbonded(machine)?;
			Ok(Some(<T as Config>::WeightInfo::withdraw_unbonded(chunks)).into())
		}

		/// Sets the rates, by governance. They are in force at once, for every machine.
		#[pallet::call_index(3)]
		pub fn set_rates(origin: OriginFor<T>, rates: Rates) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_set_rates(rates)
		}
	}
}
