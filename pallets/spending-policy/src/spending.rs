//! What every payment is asked.

use crate::*;
use dam_primitives::PolicyViolation;
use frame_support::ensure;
use pallet_dam_traits::{Spending, SpendingPolicy};

/// A call's worth of payments of one machine, against its policy.
pub struct Allowance<T: Config> {
	machine: MachineId,
	/// `None` if the machine has no policy: everything is allowed, nothing is counted.
	rules: Option<Rules<T>>,
}

/// The policy, and where it stands after what was made.
struct Rules<T: Config> {
	policy: PolicyOf<T>,
	now: u32,
	/// The period that runs; always `None` without a period cap.
	period: Option<Period>,
	/// Whether `period` differs from what is stored.
	counted: bool,
	/// Those that wait; not even read without a threshold.
	approvals: ApprovalsOf<T>,
	/// Whether one of them was used.
	consumed: bool,
}

impl<T: Config> Rules<T> {
	fn needs_co_signature(&self, amount: u128) -> bool {
		self.policy.co_sign_above.is_some_and(|threshold| amount > threshold)
	}
}

impl<T: Config> SpendingPolicy<T::AccountId> for Pallet<T> {
	type Spending = Allowance<T>;

	fn begin(machine: MachineId) -> Allowance<T> {
		let rules = Policies::<T>::get(machine).map(|policy| {
			let now = Self::now();
			let period = match &policy.period_cap {
				Some(cap) => Spent::<T>::get(machine).filter(|period| period.runs(Some(cap), now)),
				None => None,
			};
			let approvals = match policy.co_sign_above {
				Some(_) => Self::waiting_approvals(machine, now),
				None => Default::default(),
			};
			Rules { policy, now, period, counted: false, approvals, consumed: false }
		});
		Allowance { machine, rules }
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_policy(machine: MachineId, payee: &Payee<T::AccountId>) {
		Self::insert_worst_case(machine, payee, pallet_dam_traits::BENCHMARK_AMOUNT);
	}
}

impl<T: Config> Spending<T::AccountId> for Allowance<T> {
	fn allow(&self, payee: &Payee<T::AccountId>, amount: u128) -> Result<(), PolicyViolation> {
		let Some(rules) = &self.rules else { return Ok(()) };
		let policy = &rules.policy;
		ensure!(policy.payment_cap.is_none_or(|cap| amount <= cap), PolicyViolation::PaymentCap);
		if let Some(cap) = &policy.period_cap {
			let spent = rules.period.map_or(0, |period| period.spent);
			let within = spent.checked_add(amount).is_some_and(|sum| sum <= cap.amount);
			ensure!(within, PolicyViolation::PeriodCap);
		}
		let payee = payees::normal_form(payee.clone());
		ensure!(Pallet::<T>::is_allowed(&policy.payees, &payee), PolicyViolation::Payee);
		if rules.needs_co_signature(amount) {
			let approved = rules
				.approvals
				.iter()
				.any(|approval| approval.amount == amount && approval.payee == payee);
			ensure!(approved, PolicyViolation::CoSignature);
		}
		Ok(())
	}

	fn made(&mut self, payee: &Payee<T::AccountId>, amount: u128) {
		let Some(rules) = &mut self.rules else { return };
		if rules.policy.period_cap.is_some() && amount > 0 {
			let fresh = Period { started_at: rules.now, spent: 0 };
			let period = rules.period.get_or_insert(fresh);
			// `allow` has checked the sum. If a path did not ask, the period is full.
			period.spent = period.spent.saturating_add(amount);
			rules.counted = true;
		}
		if rules.needs_co_signature(amount) {
			let payee = payees::normal_form(payee.clone());
			let mut used = false;
			rules.approvals.retain(|approval| {
				let uses = !used && approval.amount == amount && approval.payee == payee;
				used |= uses;
				!uses
			});
			rules.consumed |= used;
		}
	}

	fn finish(self) {
		let Self { machine, rules: Some(rules) } = self else { return };
		if let (true, Some(period)) = (rules.counted, rules.period) {
			Spent::<T>::insert(machine, period);
		}
		if rules.consumed {
			Pallet::<T>::store_approvals(machine, rules.approvals);
		}
	}
}
