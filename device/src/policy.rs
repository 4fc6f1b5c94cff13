//! Spending policies: what an owner lets a machine pay, checked before anything is signed.

use dam_primitives::{
	machine::machine_at, AllowedPayees, Approval, MachineId, MachineKind, Payee, PolicyInfo,
	PolicyViolation,
};
use thiserror::Error;

use crate::{amount::Usdt, payee::describe_payee, AccountId};

/// Which rule of its owner a machine's payment would break, and by how much.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum Violation {
	/// The payment is larger than one may be.
	#[error(
		"the owner of machine {machine} allows at most {cap} USDT a payment, this one is of \
		 {amount}: pay less, or ask the owner to change the policy (`dam-device owner policy set`)"
	)]
	PaymentCap {
		/// Who would pay.
		machine: MachineId,
		/// How much.
		amount: Usdt,
		/// How much is allowed.
		cap: Usdt,
	},
	/// The payment is larger than what is left in the period.
	#[error(
		"the owner of machine {machine} allows {cap} USDT in {blocks} blocks, {}, this payment is \
		 of {amount}: {}ask the owner to change the policy (`dam-device owner policy set`)",
		spent_until(.spent, .ends_at), wait_for(.ends_at, .amount, .cap)
	)]
	PeriodCap {
		/// Who would pay.
		machine: MachineId,
		/// How much.
		amount: Usdt,
		/// How much is allowed in a period.
		cap: Usdt,
		/// How long a period is.
		blocks: u32,
		/// What was spent in the running one.
		spent: Usdt,
		/// First block after the running period; `None` if this payment would begin one.
		ends_at: Option<u32>,
	},
	/// The payee is not listed.
	#[error(
		"the owner of machine {machine} does not let it pay {}: ask the owner to list that payee \
		 (`dam-device owner policy set`)",
		describe_payee(payee)
	)]
	Payee {
		/// Who would pay.
		machine: MachineId,
		/// Whom.
		payee: Payee<AccountId>,
	},
	/// The payment must be co-signed first.
	#[error(
		"the owner of machine {machine} co-signs payments above {threshold} USDT, and this one of \
		 {amount} is not approved: have the owner run `{command}`, then pay again"
	)]
	CoSignature {
		/// Who would pay.
		machine: MachineId,
		/// How much.
		amount: Usdt,
		/// Up to how much needs no co-signature.
		threshold: Usdt,
		/// What the owner, or an operator with the right `co-sign`, must run.
		command: String,
	},
}

impl Violation {
	/// The rule, as the chain names it.
	pub const fn rule(&self) -> PolicyViolation {
		match self {
			Self::PaymentCap { .. } => PolicyViolation::PaymentCap,
			Self::PeriodCap { .. } => PolicyViolation::PeriodCap,
			Self::Payee { .. } => PolicyViolation::Payee,
			Self::CoSignature { .. } => PolicyViolation::CoSignature,
		}
	}
}

fn spent_until(spent: &Usdt, ends_at: &Option<u32>) -> String {
	match ends_at {
		Some(block) => format!("of which {spent} are spent before block {block}"),
		None => "of which none are spent".into(),
	}
}

fn wait_for(ends_at: &Option<u32>, amount: &Usdt, cap: &Usdt) -> String {
	match ends_at {
		// Waiting helps only if a fresh period is large enough.
		Some(block) if amount <= cap => format!("wait for block {block}, pay less, or "),
		_ => "pay less, or ".into(),
	}
}

/// The command with which an owner approves a payment.
pub fn approval_command(machine: MachineId, payee: &Payee<AccountId>, amount: Usdt) -> String {
	let payee = match payee {
		Payee::Machine(id) => id.to_string(),
		Payee::Account(account) => account.to_string(),
	};
	format!(
		"dam-device --chain-spec SPEC.json owner approve --key OWNER.key {machine} {payee} {amount}"
	)
}

/// The payee as policies compare it: the machine, if it is a machine's address.
pub fn normal_form(payee: Payee<AccountId>) -> Payee<AccountId> {
	match payee {
		Payee::Account(account) => {
			machine_at(&account.0).map_or(Payee::Account(account), Payee::Machine)
		},
		machine => machine,
	}
}

/// What is left of a machine's policy while payments are planned one after another.
///
/// The rules and their order are the chain's own. What the chain says in the end counts: others
/// may pay, approve or change the policy in between.
#[derive(Clone, Debug)]
pub struct Allowance {
	machine: MachineId,
	rules: PolicyInfo<AccountId>,
	/// Approvals that were not used yet.
	approvals: Vec<Approval<AccountId>>,
}

impl Allowance {
	/// The allowance of `machine` in block `at`.
	pub fn new(machine: MachineId, mut rules: PolicyInfo<AccountId>, at: u32) -> Self {
		if rules.period_ends_at.is_some_and(|end| end <= at) {
			(rules.spent, rules.period_ends_at) = (0, None);
		}
		let approvals = rules.approvals.clone();
		let approvals = approvals.into_iter().filter(|one| at <= one.expires_at).collect();
		Self { machine, rules, approvals }
	}

	/// The machine whose kind decides whether `payee` is allowed, if that is so.
	pub fn asks_kind_of(&self, payee: &Payee<AccountId>) -> Option<MachineId> {
		let AllowedPayees::Only { payees, kinds } = &self.rules.policy.payees else { return None };
		match normal_form(payee.clone()) {
			Payee::Machine(machine)
				if !kinds.is_empty() && !payees.contains(&Payee::Machine(machine)) =>
			{
				Some(machine)
			},
			_ => None,
		}
	}

	/// Whether `amount` may be paid to `payee`, which is a machine of `kind` if that matters.
	///
	/// # Errors
	/// See [`Violation`].
	pub fn allow(
		&self,
		payee: &Payee<AccountId>,
		kind: Option<MachineKind>,
		amount: Usdt,
	) -> Result<(), Violation> {
		let (machine, rules) = (self.machine, &self.rules);
		let units = amount.units();
		if let Some(cap) = rules.policy.payment_cap.filter(|cap| units > *cap) {
			return Err(Violation::PaymentCap { machine, amount, cap: Usdt::from_units(cap) });
		}
		if let Some(cap) = &rules.policy.period_cap {
			if rules.spent.checked_add(units).is_none_or(|sum| sum > cap.amount) {
				return Err(Violation::PeriodCap {
					machine,
					amount,
					cap: Usdt::from_units(cap.amount),
					blocks: cap.blocks,
					spent: Usdt::from_units(rules.spent),
					ends_at: rules.period_ends_at,
				});
			}
		}
		let payee = normal_form(payee.clone());
		if !self.lists(&payee, kind) {
			return Err(Violation::Payee { machine, payee });
		}
		match rules.policy.co_sign_above {
			Some(threshold) if units > threshold && self.approval(&payee, units).is_none() => {
				Err(Violation::CoSignature {
					machine,
					amount,
					threshold: Usdt::from_units(threshold),
					command: approval_command(machine, &payee, amount),
				})
			},
			_ => Ok(()),
		}
	}

	/// Counts a payment that was allowed.
	pub fn made(&mut self, payee: &Payee<AccountId>, amount: Usdt, at: u32) {
		let units = amount.units();
		if let Some(cap) = self.rules.policy.period_cap {
			self.rules.spent = self.rules.spent.saturating_add(units);
			self.rules.period_ends_at.get_or_insert(at.saturating_add(cap.blocks));
		}
		if self.rules.policy.co_sign_above.is_some_and(|threshold| units > threshold) {
			if let Some(index) = self.approval(&normal_form(payee.clone()), units) {
				self.approvals.remove(index);
			}
		}
	}

	fn lists(&self, payee: &Payee<AccountId>, kind: Option<MachineKind>) -> bool {
		match &self.rules.policy.payees {
			AllowedPayees::Anyone => true,
			AllowedPayees::Only { payees, kinds } => {
				payees.iter().any(|listed| normal_form(listed.clone()) == *payee)
					|| matches!(payee, Payee::Machine(_))
						&& kind.is_some_and(|kind| kinds.contains(kind))
			},
		}
	}

	/// Where an approval of exactly this payment stands.
	fn approval(&self, payee: &Payee<AccountId>, units: u128) -> Option<usize> {
		self.approvals
			.iter()
			.position(|one| one.amount == units && normal_form(one.payee.clone()) == *payee)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use dam_primitives::{machine_account, policy::PeriodCap, MachineKinds, Policy};

	const AT: u32 = 1_000;

	fn rules(policy: Policy<AccountId>) -> PolicyInfo<AccountId> {
		PolicyInfo { policy, spent: 0, period_ends_at: None, approvals: Vec::new() }
	}

	fn allowance(policy: Policy<AccountId>) -> Allowance {
		Allowance::new(0, rules(policy), AT)
	}

	fn usdt(units: u128) -> Usdt {
		Usdt::from_units(units)
	}

	const SEVEN: Payee<AccountId> = Payee::Machine(7);

	#[test]
	fn everything_should_be_allowed_without_rules() {
		allowance(Policy::default()).allow(&SEVEN, None, usdt(u128::MAX)).unwrap();
	}

	#[test]
	fn payments_should_be_capped_at_the_cap_exactly() {
		let capped = allowance(Policy { payment_cap: Some(5), ..Policy::default() });
		capped.allow(&SEVEN, None, usdt(5)).unwrap();
		let refused = capped.allow(&SEVEN, None, usdt(6)).unwrap_err();
		assert_eq!(refused.rule(), PolicyViolation::PaymentCap);
		let nothing = allowance(Policy { payment_cap: Some(0), ..Policy::default() });
		assert!(nothing.allow(&SEVEN, None, usdt(1)).is_err());
	}

	#[test]
	fn periods_should_be_summed_up_and_end() {
		let cap = PeriodCap { blocks: 60, amount: 10_000_000 };
		let policy = Policy { period_cap: Some(cap), ..Policy::default() };
		let info = PolicyInfo { spent: 8_000_000, period_ends_at: Some(AT + 1), ..rules(policy) };
		let running = Allowance::new(0, info.clone(), AT);
		running.allow(&SEVEN, None, usdt(2_000_000)).unwrap();
		let refused = running.allow(&SEVEN, None, usdt(2_000_001)).unwrap_err();
		assert_eq!(refused.rule(), PolicyViolation::PeriodCap);
		let text = refused.to_string();
		for part in ["10 USDT in 60 blocks", "8 are spent", "wait for block 1001"] {
			assert!(text.contains(part), "{text}");
		}
		// Waiting would not help.
		let large = running.allow(&SEVEN, None, usdt(10_000_001)).unwrap_err().to_string();
		assert!(!large.contains("wait"), "{large}");
		// The period is over in the block that is named.
		Allowance::new(0, info, AT + 1).allow(&SEVEN, None, usdt(10_000_000)).unwrap();

		let mut fresh = allowance(Policy { period_cap: Some(cap), ..Policy::default() });
		fresh.made(&SEVEN, usdt(9_000_000), AT);
		let refused = fresh.allow(&SEVEN, None, usdt(1_000_001)).unwrap_err();
		assert!(matches!(refused, Violation::PeriodCap { ends_at: Some(1_060), .. }));
		let overflow = fresh.allow(&SEVEN, None, usdt(u128::MAX)).unwrap_err();
		assert_eq!(overflow.rule(), PolicyViolation::PeriodCap);
	}

	#[test]
	fn payees_should_be_the_same_by_number_and_by_address() {
		let address = Payee::Account(AccountId::from(machine_account(7)));
		for listed in [SEVEN, address.clone()] {
			let only = allowance(Policy {
				payees: AllowedPayees::Only {
					payees: vec![listed].try_into().unwrap(),
					kinds: MachineKinds::NONE,
				},
				..Policy::default()
			});
			only.allow(&SEVEN, None, usdt(1)).unwrap();
			only.allow(&address, None, usdt(1)).unwrap();
			let refused = only.allow(&Payee::Machine(8), Some(MachineKind::Other), usdt(1));
			assert_eq!(refused.unwrap_err().rule(), PolicyViolation::Payee);
		}
	}

	#[test]
	fn kinds_should_let_machines_pass_and_nobody_else() {
		let only = allowance(Policy {
			payees: AllowedPayees::Only {
				payees: vec![SEVEN].try_into().unwrap(),
				kinds: [MachineKind::EvCharger].into_iter().collect(),
			},
			..Policy::default()
		});
		assert_eq!(only.asks_kind_of(&SEVEN), None);
		assert_eq!(only.asks_kind_of(&Payee::Machine(8)), Some(8));
		let address = Payee::Account(AccountId::from(machine_account(8)));
		assert_eq!(only.asks_kind_of(&address), Some(8));
		only.allow(&address, Some(MachineKind::EvCharger), usdt(1)).unwrap();
		assert!(only.allow(&Payee::Machine(8), Some(MachineKind::Drone), usdt(1)).is_err());
		assert!(only.allow(&Payee::Machine(8), None, usdt(1)).is_err());
		let person = Payee::Account(AccountId::from([5; 32]));
		assert_eq!(only.asks_kind_of(&person), None);
		assert!(only.allow(&person, Some(MachineKind::EvCharger), usdt(1)).is_err());
	}

	#[test]
	fn approvals_should_count_once_exactly_and_until_they_expire() {
		let policy = Policy { co_sign_above: Some(10), ..Policy::default() };
		let approved = |expires_at| Approval { payee: SEVEN, amount: 11, expires_at };
		let info = PolicyInfo {
			approvals: vec![approved(AT - 1), approved(AT), approved(AT)],
			..rules(policy)
		};
		let mut two = Allowance::new(0, info, AT);
		two.allow(&SEVEN, None, usdt(10)).unwrap();
		assert!(two.allow(&SEVEN, None, usdt(12)).is_err());
		assert!(two.allow(&Payee::Machine(8), None, usdt(11)).is_err());
		for _ in 0..2 {
			two.allow(&SEVEN, None, usdt(11)).unwrap();
			two.made(&SEVEN, usdt(11), AT);
		}
		let refused = two.allow(&SEVEN, None, usdt(11)).unwrap_err();
		assert_eq!(refused.rule(), PolicyViolation::CoSignature);
		let text = refused.to_string();
		assert!(text.contains("owner approve --key OWNER.key 0 7 0.000011`"), "{text}");
	}

	#[test]
	fn an_approval_should_not_lift_a_cap() {
		let policy = Policy { payment_cap: Some(10), co_sign_above: Some(0), ..Policy::default() };
		let approval = Approval { payee: SEVEN, amount: 11, expires_at: AT };
		let info = PolicyInfo { approvals: vec![approval], ..rules(policy) };
		let refused = Allowance::new(0, info, AT).allow(&SEVEN, None, usdt(11)).unwrap_err();
		assert_eq!(refused.rule(), PolicyViolation::PaymentCap);
	}
}
