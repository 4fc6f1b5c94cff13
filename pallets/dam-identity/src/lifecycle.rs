//! Suspending, freezing and retiring machines.

use crate::*;
use dam_primitives::OperatorRights;
use frame_support::{
	pallet_prelude::*,
	traits::{fungible::MutateHold as _, tokens::Precision},
};
use sp_runtime::traits::Zero;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_suspend(who: T::AccountId, machine: MachineId) -> DispatchResult {
		Self::mutate_living(machine, |record| {
			ensure!(record.permits(&who, OperatorRights::STATUS), Error::<T>::NotAuthorized);
			ensure!(record.status == MachineStatus::Active, Error::<T>::MachineSuspended);
			record.status = MachineStatus::Suspended;
			Ok(())
		})?;
		Self::deposit_event(Event::MachineSuspended { machine });
		Ok(())
	}

	pub(crate) fn do_resume(who: T::AccountId, machine: MachineId) -> DispatchResult {
		Self::mutate_living(machine, |record| {
			ensure!(record.permits(&who, OperatorRights::STATUS), Error::<T>::NotAuthorized);
			ensure!(record.status == MachineStatus::Suspended, Error::<T>::NotSuspended);
			record.status = MachineStatus::Active;
			Ok(())
		})?;
		Self::deposit_event(Event::MachineResumed { machine });
		Ok(())
	}

	pub(crate) fn do_freeze(
		who: T::AccountId,
		machines: BoundedVec<MachineId, ConstU32<MAX_FLEET>>,
	) -> DispatchResult {
		for machine in machines {
			let mut record = Machines::<T>::get(machine).ok_or(Error::<T>::MachineNotFound)?;
			// Before the permission: a retired machine has no operator any more, and its keys act no
			// more. It must not stand in the way of an operator's emergency list.
			if record.status == MachineStatus::Retired {
				continue;
			}
			ensure!(record.permits(&who, OperatorRights::STATUS), Error::<T>::NotAuthorized);
			if record.frozen {
				continue;
			}
			record.frozen = true;
			record.updated_at = frame_system::Pallet::<T>::block_number();
			Machines::<T>::insert(machine, record);
			Self::deposit_event(Event::MachineFrozen { machine });
		}
		Ok(())
	}

	pub(crate) fn do_unfreeze(who: T::AccountId, machine: MachineId) -> DispatchResult {
		Self::mutate_living(machine, |record| {
			ensure!(record.permits(&who, OperatorRights::STATUS), Error::<T>::NotAuthorized);
			ensure!(record.frozen, Error::<T>::NotFrozen);
			record.frozen = false;
			Ok(())
		})?;
		Self::deposit_event(Event::MachineUnfrozen { machine });
		Ok(())
	}

	pub(crate) fn do_retire(owner: T::AccountId, machine: MachineId) -> DispatchResult {
		Self::mutate_living(machine, |record| {
			ensure!(record.owner == owner, Error::<T>::NotOwner);
			ensure!(record.children == 0, Error::<T>::HasChildren);
			T::OnMachineChange::on_retire(machine)?;
			// Before the wallet is closed, which may cost the owner a deposit of its own.
			T::Currency::release(
				&HoldReason::MachineDeposit.into(),
				&owner,
				record.deposit,
				Precision::Exact,
			)?;
			T::Wallets::close(&Self::account(machine), &owner)?;
			record.deposit = Zero::zero();

			Self::end_key(&record.key);
			Self::end_further_keys(machine);
			if let Some(parent) = record.parent.take() {
				Self::unlink(parent, machine);
			}
			Documents::<T>::remove(machine);
			Offers::<T>::remove(machine);
			record.operator = None;
			record.status = MachineStatus::Retired;
			Ok(())
		})?;
		Self::deposit_event(Event::MachineRetired { machine });
		Ok(())
	}

	/// A machine that is not retired.
	pub(crate) fn living(machine: MachineId) -> Result<MachineRecordOf<T>, Error<T>> {
		let record = Machines::<T>::get(machine).ok_or(Error::<T>::MachineNotFound)?;
		ensure!(record.status != MachineStatus::Retired, Error::<T>::MachineRetired);
		Ok(record)
	}

	/// Changes a machine that is not retired. `change` says who may, and must leave this machine's
	/// record in storage alone.
	pub(crate) fn mutate_living<R>(
		machine: MachineId,
		change: impl FnOnce(&mut MachineRecordOf<T>) -> Result<R, DispatchError>,
	) -> Result<R, DispatchError> {
		let mut record = Self::living(machine)?;
		let result = change(&mut record)?;
		record.updated_at = frame_system::Pallet::<T>::block_number();
		Machines::<T>::insert(machine, record);
		Ok(result)
	}
}
