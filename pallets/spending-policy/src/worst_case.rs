//! The policy that is the slowest to ask, for benchmarks of whoever asks.

use crate::*;
use alloc::vec::Vec;
use dam_primitives::{
	policy::{PeriodCap, MAX_LISTED_PAYEES},
	AllowedPayees, MachineKind,
};
use frame_support::{traits::Get, BoundedVec};

impl<T: Config> Pallet<T> {
	/// Gives `machine` every rule there is, with lists of full length, a period that runs, and
	/// approvals of full number.
	///
	/// One payment of `amount` to `payee` is co-signed, by the last approval in the list. Payments
	/// below `amount`, which must not be zero, need no co-signature. Every machine is allowed by its
	/// kind, which is slower than by its name; a payee that is no machine is listed.
	pub(crate) fn insert_worst_case(machine: MachineId, payee: &Payee<T::AccountId>, amount: u128) {
		let payee = payees::normal_form(payee.clone());
		let strangers = || (1u8..).map(|n| Payee::Account([n; 32].into())).filter(|p| *p != payee);

		let mut listed: Vec<_> = strangers().take(MAX_LISTED_PAYEES as usize).collect();
		if matches!(payee, Payee::Account(_)) {
			listed.pop();
			listed.push(payee.clone());
		}
		listed.sort_by(payees::order);
		let policy = Policy {
			payment_cap: Some(u128::MAX),
			period_cap: Some(PeriodCap { blocks: u32::MAX, amount: u128::MAX }),
			payees: AllowedPayees::Only {
				payees: BoundedVec::truncate_from(listed),
				kinds: MachineKind::ALL.into_iter().collect(),
			},
			co_sign_above: Some(amount.saturating_sub(1)),
		};

		let now = Self::now();
		let expires_at = now.saturating_add(T::MaxApprovalLifetime::get());
		let approvals = strangers()
			.take(MAX_APPROVALS.saturating_sub(1) as usize)
			.chain([payee.clone()])
			.map(|payee| Approval { payee, amount, expires_at })
			.collect();

		Policies::<T>::insert(machine, policy);
		Spent::<T>::insert(machine, Period { started_at: now, spent: 1 });
		Approvals::<T>::insert(machine, ApprovalsOf::<T>::truncate_from(approvals));
	}
}
