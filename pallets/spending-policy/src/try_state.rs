//! The laws of this pallet's storage.

use crate::*;
use dam_primitives::MachineStatus;
use frame_support::{ensure, traits::Get};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Checks the invariants:
	///
	/// 1. Every policy equals its normal form: a period of at least one block, known kinds, payees
	///    in their normal form and order, none twice.
	/// 2. Every period is that of a policy that caps periods, began in a block that has been, and
	///    has a payment.
	/// 3. Every list of approvals has one, and equals itself when sorted by expiry. Every approval
	///    is of an amount above zero to a payee in its normal form, and expires within
	///    [`Config::MaxApprovalLifetime`].
	/// 4. All of it belongs to machines that exist and are not retired.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let now = Self::now();
		for (machine, policy) in Policies::<T>::iter() {
			ensure!(Self::lives(machine), "4: a policy is of no living machine");
			let normal = Self::normal_policy(policy.clone())
				.map_err(|_| "1: a policy would not be accepted")?;
			ensure!(policy == normal, "1: a policy is not in its normal form");
		}

		for (machine, period) in Spent::<T>::iter() {
			ensure!(Self::lives(machine), "4: a period is of no living machine");
			let cap = Policies::<T>::get(machine).and_then(|policy| policy.period_cap);
			ensure!(cap.is_some(), "2: a period has no cap");
			ensure!(period.started_at <= now, "2: a period begins in a block to come");
			ensure!(period.spent > 0, "2: a period has no payment");
		}

		for (machine, approvals) in Approvals::<T>::iter() {
			ensure!(Self::lives(machine), "4: approvals are of no living machine");
			ensure!(!approvals.is_empty(), "3: an empty list of approvals is stored");
			let mut sorted = approvals.clone();
			sorted.sort_by_key(|approval| approval.expires_at);
			ensure!(approvals == sorted, "3: approvals are not sorted by expiry");
			for Approval { payee, amount, expires_at } in approvals {
				ensure!(amount > 0, "3: an approval is of nothing");
				ensure!(
					payees::normal_form(payee.clone()) == payee,
					"3: an approved payee is not in its normal form"
				);
				ensure!(
					expires_at.saturating_sub(now) <= T::MaxApprovalLifetime::get(),
					"3: an approval lives too long"
				);
			}
		}
		Ok(())
	}

	fn lives(machine: MachineId) -> bool {
		T::Machines::status(machine).is_some_and(|status| status != MachineStatus::Retired)
	}
}
