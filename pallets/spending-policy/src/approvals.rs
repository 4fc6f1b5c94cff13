//! Co-signing payments beforehand.

use crate::*;
use frame_support::pallet_prelude::*;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_approve(
		who: T::AccountId,
		machine: MachineId,
		approval: Approval<T::AccountId>,
	) -> DispatchResult {
		T::Machines::permit(&who, machine, OperatorRights::CO_SIGN)?;
		let Approval { payee, amount, expires_at } = approval;
		let payee = payees::normal_form(payee);
		let now = Self::now();
		ensure!(amount > 0, Error::<T>::ZeroAmount);
		ensure!(expires_at > now, Error::<T>::ApprovalExpired);
		ensure!(
			expires_at.saturating_sub(now) <= T::MaxApprovalLifetime::get(),
			Error::<T>::ApprovalLifetimeTooLong
		);

		let mut approvals = Self::waiting_approvals(machine, now);
		approvals
			.try_push(Approval { payee: payee.clone(), amount, expires_at })
			.map_err(|_| Error::<T>::TooManyApprovals)?;
		approvals.sort_by_key(|approval| approval.expires_at);
		Self::store_approvals(machine, approvals);
		Self::deposit_event(Event::PaymentApproved { machine, payee, amount, expires_at });
		Ok(())
	}

	pub(crate) fn do_revoke_approval(
		who: T::AccountId,
		machine: MachineId,
		payee: Payee<T::AccountId>,
		amount: u128,
	) -> DispatchResult {
		T::Machines::permit(&who, machine, OperatorRights::CO_SIGN)?;
		let payee = payees::normal_form(payee);
		let mut approvals = Self::waiting_approvals(machine, Self::now());
		let before = approvals.len();
		approvals.retain(|approval| !(approval.amount == amount && approval.payee == payee));
		ensure!(approvals.len() < before, Error::<T>::ApprovalNotFound);
		Self::store_approvals(machine, approvals);
		Self::deposit_event(Event::ApprovalRevoked { machine, payee, amount });
		Ok(())
	}

	/// The approvals that have not expired, those that expire first in front.
	pub(crate) fn waiting_approvals(machine: MachineId, now: u32) -> ApprovalsOf<T> {
		let mut approvals = Approvals::<T>::get(machine);
		approvals.retain(|approval| now <= approval.expires_at);
		approvals
	}

	/// Stores what waits for a machine, and nothing if nothing does.
	pub(crate) fn store_approvals(machine: MachineId, approvals: ApprovalsOf<T>) {
		if approvals.is_empty() {
			Approvals::<T>::remove(machine);
		} else {
			Approvals::<T>::insert(machine, approvals);
		}
	}
}
