//! Setting and reading policies.

use crate::*;
use dam_primitives::{AllowedPayees, PolicyInfo};
use frame_support::pallet_prelude::*;
use pallet_dam_traits::OnMachineChange;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_set_policy(
		who: T::AccountId,
		machine: MachineId,
		policy: Option<PolicyOf<T>>,
	) -> DispatchResult {
		T::Machines::permit_owner(&who, machine)?;
		let policy = policy.map(Self::normal_policy).transpose()?;
		let old = Policies::<T>::get(machine);
		ensure!(policy.is_some() || old.is_some(), Error::<T>::PolicyNotFound);

		let capped = policy.as_ref().is_some_and(|policy| policy.period_cap.is_some());
		// What has ended must not run again because the new period is longer.
		let continues = capped
			&& old.and_then(|old| old.period_cap).is_some_and(|cap| {
				Spent::<T>::get(machine).is_some_and(|period| period.runs(Some(&cap), Self::now()))
			});
		if !continues {
			Spent::<T>::remove(machine);
		}

		match policy {
			Some(policy) => {
				Policies::<T>::insert(machine, policy);
				Self::deposit_event(Event::PolicySet { machine });
			},
			None => {
				Policies::<T>::remove(machine);
				Self::deposit_event(Event::PolicyRemoved { machine });
			},
		}
		Ok(())
	}

	/// The policy as it is stored: payees in their normal form and order. An error tells why it
	/// cannot be.
	pub(crate) fn normal_policy(mut policy: PolicyOf<T>) -> Result<PolicyOf<T>, Error<T>> {
		ensure!(policy.period_cap.is_none_or(|cap| cap.blocks > 0), Error::<T>::ZeroPeriod);
		if let AllowedPayees::Only { payees, kinds } = &mut policy.payees {
			ensure!(kinds.is_known(), Error::<T>::UnknownKind);
			for payee in payees.iter_mut() {
				*payee = payees::normal_form(payee.clone());
			}
			payees.sort_by(payees::order);
			let distinct = payees.iter().zip(payees.iter().skip(1)).all(|(one, next)| one != next);
			ensure!(distinct, Error::<T>::DuplicatePayee);
		}
		Ok(policy)
	}

	/// The machine's policy and where it stands; `None` if it has none.
	pub fn policy_info(machine: MachineId) -> Option<PolicyInfo<T::AccountId>> {
		let now = Self::now();
		let policy = Policies::<T>::get(machine)?;
		let running =
			Spent::<T>::get(machine).filter(|period| period.runs(policy.period_cap.as_ref(), now));
		Some(PolicyInfo {
			spent: running.map_or(0, |period| period.spent),
			period_ends_at: running
				.zip(policy.period_cap)
				.map(|(period, cap)| period.ends_at(&cap)),
			approvals: Self::waiting_approvals(machine, now).into_inner(),
			policy,
		})
	}
}

impl<T: Config> OnMachineChange<T::AccountId> for Pallet<T> {
	fn on_retire(machine: MachineId) -> DispatchResult {
		Policies::<T>::remove(machine);
		Spent::<T>::remove(machine);
		Approvals::<T>::remove(machine);
		Ok(())
	}

	fn on_transfer(machine: MachineId) {
		Approvals::<T>::remove(machine);
	}

	/// Those that are dismissed must not co-sign from beyond. Who approved what is not stored, so
	/// the owner's own approvals go as well.
	fn on_operator_change(machine: MachineId) {
		Approvals::<T>::remove(machine);
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_fill(machine: MachineId) {
		Self::insert_worst_case(machine, &Payee::Machine(machine), 1);
	}
}
