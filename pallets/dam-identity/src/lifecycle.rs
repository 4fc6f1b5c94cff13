//! What an owner does with a machine after its registration.

use crate::*;
use frame_support::{
	pallet_prelude::*,
	traits::{fungible::MutateHold as _, tokens::Precision},
};
use sp_runtime::traits::Zero;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_suspend(owner: T::AccountId, machine: MachineId) -> DispatchResult {
		Self::mutate_owned(&owner, machine, |record| {
			ensure!(record.status == MachineStatus::Active, Error::<T>::MachineSuspended);
			record.status = MachineStatus::Suspended;
			Ok(())
		})?;
		Self::deposit_event(Event::MachineSuspended { machine });
		Ok(())
	}

	pub(crate) fn do_resume(owner: T::AccountId, machine: MachineId) -> DispatchResult {
		Self::mutate_owned(&owner, machine, |record| {
			ensure!(record.status == MachineStatus::Suspended, Error::<T>::NotSuspended);
			record.status = MachineStatus::Active;
			Ok(())
		})?;
		Self::deposit_event(Event::MachineResumed { machine });
		Ok(())
	}

	pub(crate) fn do_retire(owner: T::AccountId, machine: MachineId) -> DispatchResult {
		Self::mutate_owned(&owner, machine, |record| {
			T::OnRetire::on_retire(machine)?;
			T::Wallets::close(&Self::account(machine), &owner)?;
			T::Currency::release(
				&HoldReason::MachineDeposit.into(),
				&owner,
				record.deposit,
				Precision::Exact,
			)?;
			record.deposit = Zero::zero();
			record.status = MachineStatus::Retired;
			Keys::<T>::mutate(&record.key, |key| {
				if let Some(key) = key {
					key.valid_until = Some(frame_system::Pallet::<T>::block_number());
				}
			});
			Ok(())
		})?;
		Self::deposit_event(Event::MachineRetired { machine });
		Ok(())
	}

	/// Changes a machine that is not retired, on behalf of its owner.
	fn mutate_owned(
		owner: &T::AccountId,
		machine: MachineId,
		change: impl FnOnce(&mut MachineRecordOf<T>) -> DispatchResult,
	) -> DispatchResult {
		Machines::<T>::try_mutate(machine, |record| {
			let record = record.as_mut().ok_or(Error::<T>::MachineNotFound)?;
			ensure!(record.owner == *owner, Error::<T>::NotOwner);
			ensure!(record.status != MachineStatus::Retired, Error::<T>::MachineRetired);
			change(record)?;
			record.updated_at = frame_system::Pallet::<T>::block_number();
			Ok(())
		})
	}
}
