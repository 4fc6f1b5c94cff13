//! Bonds: DAM that an owner locks up for more quota.

use crate::{bucket::Standing, *};
use frame_support::{
	ensure,
	traits::{
		fungible::{hold::Mutate as _, InspectHold as _},
		tokens::Precision,
		Get,
	},
};
use pallet_dam_traits::OnMachineChange;
use sp_runtime::{traits::Saturating, DispatchError, DispatchResult};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_bond(who: T::AccountId, machine: MachineId, amount: u128) -> DispatchResult {
		T::Machines::permit_owner(&who, machine)?;
		ensure!(amount > 0, Error::<T>::ZeroAmount);
		let Standing { level, bonded: before, .. } =
			Self::standing(machine, &CurrentRates::<T>::get());
		let bonded = before.checked_add(amount).ok_or(Error::<T>::BondTooLarge)?;
		ensure!(bonded >= T::MinBond::get(), Error::<T>::BondTooSmall);
		match Bonders::<T>::get(machine) {
			// A bond has one owner. Never otherwise: a transfer unbonds it.
			Some(bonder) => ensure!(bonder == who, Error::<T>::TooManyUnbonding),
			// The place in the list that the bond takes when it is unbonded whole.
			None => {
				let chunks = Unbondings::<T>::decode_len(machine).unwrap_or(0);
				ensure!(chunks < MAX_UNBONDING as usize, Error::<T>::TooManyUnbonding);
			},
		}
		T::Currency::hold(&HoldReason::Bond.into(), &who, amount)?;
		// The level stays: what the bond adds has to fill.
		Self::store(machine, level, bonded);
		Bonders::<T>::insert(machine, &who);
		Self::deposit_event(Event::Bonded { machine, bonder: who, amount, bonded });
		Ok(())
	}

	pub(crate) fn do_unbond(who: T::AccountId, machine: MachineId, amount: u128) -> DispatchResult {
		T::Machines::permit_owner(&who, machine)?;
		ensure!(amount > 0, Error::<T>::ZeroAmount);
		let standing = Self::standing(machine, &CurrentRates::<T>::get());
		let rest = standing.bonded.checked_sub(amount).ok_or(Error::<T>::BondedLess)?;
		ensure!(rest == 0 || rest >= T::MinBond::get(), Error::<T>::BondTooSmall);
		Self::send_back(machine, standing, amount)
	}

	/// Puts `amount` of a machine's bond on its way back. The quota that it gave goes at once.
	fn send_back(machine: MachineId, standing: Standing, amount: u128) -> DispatchResult {
		let bonder = Bonders::<T>::get(machine).ok_or(Error::<T>::BondedLess)?;
		let rest = standing.bonded.checked_sub(amount).ok_or(Error::<T>::BondedLess)?;
		let now = frame_system::Pallet::<T>::block_number();
		let unlocks_at = now.saturating_add(T::UnbondingPeriod::get());
		let mut chunks = Unbondings::<T>::get(machine);
		let same = chunks
			.iter_mut()
			.find(|chunk| chunk.unlocks_at == unlocks_at && chunk.bonder == bonder);
		match same {
			// Both are held, so that their sum is no more than there is.
			Some(chunk) => {
				chunk.amount = chunk.amount.checked_add(amount).ok_or(Error::<T>::BondTooLarge)?
			},
			None => {
				let chunk = Unbonding { bonder: bonder.clone(), amount, unlocks_at };
				chunks.try_push(chunk).map_err(|_| Error::<T>::TooManyUnbonding)?;
			},
		}
		// What stays bonded must find a place, too, whenever it is unbonded.
		ensure!(rest == 0 || chunks.len() < MAX_UNBONDING as usize, Error::<T>::TooManyUnbonding);
		Unbondings::<T>::insert(machine, chunks);
		if rest == 0 {
			Bonders::<T>::remove(machine);
		}
		let capacity = Self::limits(&CurrentRates::<T>::get(), rest).capacity;
		Self::store(machine, standing.level.min(capacity), rest);
		Self::deposit_event(Event::Unbonded { machine, bonder, amount, unlocks_at });
		Ok(())
	}

	/// Puts a machine's whole bond, if it has one, on its way back to whoever bonded it.
	fn unbond_all(machine: MachineId) -> DispatchResult {
		let standing = Self::standing(machine, &CurrentRates::<T>::get());
		if standing.bonded == 0 {
			return Ok(());
		}
		Self::send_back(machine, standing, standing.bonded)
	}

	/// Gives back what can be withdrawn. Returns how many chunks there were.
	pub(crate) fn do_withdraw_unbonded(machine: MachineId) -> Result<u32, DispatchError> {
		let now = frame_system::Pallet::<T>::block_number();
		let chunks = Unbondings::<T>::get(machine);
		let found = u32::try_from(chunks.len()).unwrap_or(MAX_UNBONDING);
		let mut waiting = UnbondingsOf::<T>::default();
		for chunk in chunks {
			if chunk.unlocks_at > now {
				// No more than there were.
				waiting.try_push(chunk).map_err(|_| Error::<T>::TooManyUnbonding)?;
				continue;
			}
			let Unbonding { bonder, amount, .. } = chunk;
			let reason = HoldReason::Bond.into();
			T::Currency::release(&reason, &bonder, amount, Precision::Exact)?;
			Self::deposit_event(Event::Withdrawn { machine, bonder, amount });
		}
		ensure!(waiting.len() < found as usize, Error::<T>::NothingToWithdraw);
		if waiting.is_empty() {
			Unbondings::<T>::remove(machine);
		} else {
			Unbondings::<T>::insert(machine, waiting);
		}
		Ok(found)
	}

	/// What is held from an account for bonds, those on their way back included.
	pub fn held(who: &T::AccountId) -> u128 {
		T::Currency::balance_on_hold(&HoldReason::Bond.into(), who)
	}
}

impl<T: Config> OnMachineChange<T::AccountId> for Pallet<T> {
	/// Refuses while the bucket does not hold what one without a bond does. Otherwise a full bucket
	/// would cost no more than the fees of a registration and a retirement, since the deposit comes
	/// back. A bond goes on its way back.
	fn on_retire(machine: MachineId) -> DispatchResult {
		let rates = CurrentRates::<T>::get();
		let level = Self::standing(machine, &rates).level;
		ensure!(level >= rates.base_capacity, Error::<T>::QuotaNotRefilled);
		Self::unbond_all(machine)?;
		Buckets::<T>::remove(machine);
		Ok(())
	}

	/// The bond is the former owner's and goes on its way back. The quota that was used stays used.
	fn on_transfer(machine: MachineId) {
		// A bond keeps a place in the list, and its parts are held: this has no reason to fail. If it
		// did, the bond would go on to serve the machine, and its bonder would not lose it.
		let unbonded = Self::unbond_all(machine);
		debug_assert!(unbonded.is_ok(), "a bond always has a place among those that are unbonded");
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_fill(machine: MachineId) {
		Self::benchmark_bond(machine);
	}
}

#[cfg(feature = "runtime-benchmarks")]
impl<T: Config> Pallet<T> {
	/// Gives a machine of the benchmarks' whitelisted caller a bond and a full bucket, and as many
	/// parts of earlier bonds on their way back as can be.
	pub(crate) fn benchmark_bond(machine: MachineId) {
		use frame_support::traits::fungible::Mutate;
		let owner = T::Machines::owner(machine).expect("it is registered");
		let chunks = MAX_UNBONDING.saturating_sub(1);
		let part = T::MinBond::get();
		let all = part.saturating_mul(u128::from(MAX_UNBONDING));
		T::Currency::mint_into(&owner, all.saturating_mul(2)).expect("it takes money");
		T::Currency::hold(&HoldReason::Bond.into(), &owner, all).expect("it has as much");
		let now = frame_system::Pallet::<T>::block_number();
		let list = (0..chunks).map(|n| Unbonding {
			bonder: owner.clone(),
			amount: part,
			unlocks_at: now.saturating_add(n.into()),
		});
		Unbondings::<T>::insert(machine, UnbondingsOf::<T>::truncate_from(list.collect()));
		Bonders::<T>::insert(machine, &owner);
		let capacity = Self::limits(&CurrentRates::<T>::get(), part).capacity;
		Self::store(machine, capacity, part);
	}
}
