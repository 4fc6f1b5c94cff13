//! Who may act in an owner's name.

use crate::*;
use dam_primitives::machine::machine_at;
use frame_support::pallet_prelude::*;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_set_operator(
		owner: T::AccountId,
		machine: MachineId,
		operator: Option<OperatorInfo<T::AccountId>>,
	) -> DispatchResult {
		Self::mutate_living(machine, |record| {
			ensure!(record.owner == owner, Error::<T>::NotOwner);
			if let Some(OperatorInfo { account, rights }) = &operator {
				ensure!(
					*account != owner && Self::is_independent(account, machine),
					Error::<T>::InvalidOperator
				);
				ensure!(!rights.is_empty() && rights.is_known(), Error::<T>::InvalidRights);
			}
			record.operator.clone_from(&operator);
			Ok(())
		})?;
		T::OnMachineChange::on_operator_change(machine);
		Self::deposit_event(Event::OperatorSet { machine, operator });
		Ok(())
	}

	/// Whether `account` may own or operate `machine`: it is none of the machine's keys, past or
	/// present, or a thief of that key would get more than what keys may do; and it is no machine's
	/// wallet, for which nobody can sign.
	pub(crate) fn is_independent(account: &T::AccountId, machine: MachineId) -> bool {
		machine_at(account.as_ref()).is_none()
			&& Keys::<T>::get(account).is_none_or(|key| key.machine != machine)
	}
}
