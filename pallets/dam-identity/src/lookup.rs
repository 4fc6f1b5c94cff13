//! What other pallets and the runtime API ask.

use crate::*;
use dam_primitives::{machine::machine_at, machine_account, MachineInfo};
use frame_support::pallet_prelude::*;
use sp_runtime::traits::UniqueSaturatedInto;

impl<T: Config> pallet_dam_traits::Machines<T::AccountId> for Pallet<T> {
	fn authorize(key: &T::AccountId) -> Result<MachineId, DispatchError> {
		let KeyRecord { machine, valid_until, .. } =
			Keys::<T>::get(key).ok_or(Error::<T>::KeyNotFound)?;
		let record = Machines::<T>::get(machine).ok_or(Error::<T>::MachineNotFound)?;
		match record.status {
			MachineStatus::Active => {},
			MachineStatus::Suspended => return Err(Error::<T>::MachineSuspended.into()),
			MachineStatus::Retired => return Err(Error::<T>::MachineRetired.into()),
		}
		ensure!(valid_until.is_none(), Error::<T>::KeyReplaced);
		Ok(machine)
	}

	fn is_payable(id: MachineId) -> bool {
		Machines::<T>::get(id).is_some_and(|record| record.status != MachineStatus::Retired)
	}

	fn owner(id: MachineId) -> Option<T::AccountId> {
		Machines::<T>::get(id).map(|record| record.owner)
	}

	fn account(id: MachineId) -> T::AccountId {
		machine_account(id).into()
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_machine(seed: u32) -> (MachineId, T::AccountId) {
		Self::insert_benchmark_machine(seed)
	}
}

impl<T: Config> Pallet<T>
where
	BalanceOf<T>: UniqueSaturatedInto<u128>,
{
	/// A machine as the runtime API shows it, whatever its status.
	pub fn machine_info(id: MachineId) -> Option<MachineInfo<T::AccountId>> {
		let record = Machines::<T>::get(id)?;
		let key = Keys::<T>::get(&record.key)?.public;
		Some(MachineInfo {
			id,
			owner: record.owner,
			account: Self::account(id),
			key,
			key_account: record.key,
			status: record.status,
			profile: record.profile,
			registered_at: record.registered_at.unique_saturated_into(),
			updated_at: record.updated_at.unique_saturated_into(),
			deposit: record.deposit.unique_saturated_into(),
		})
	}

	/// The machine that an account belongs to: as its key, past or present, or as its sovereign
	/// account.
	pub fn machine_of(account: &T::AccountId) -> Option<MachineId> {
		match Keys::<T>::get(account) {
			Some(key) => Some(key.machine),
			None => machine_at(account.as_ref()).filter(|id| Machines::<T>::contains_key(id)),
		}
	}
}
