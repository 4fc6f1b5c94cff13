//! Random sequences of operations against a model, with the invariants checked after each step.

use super::*;
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum Step {
	Set {
		policy: Option<PolicyOf<Test>>,
	},
	Approve {
		payee: Payee<AccountId>,
		amount: u128,
		lives: u32,
	},
	Revoke {
		payee: Payee<AccountId>,
		amount: u128,
	},
	/// Payments of one call, and whether the money moved.
	Pay {
		items: Vec<(Payee<AccountId>, u128, bool)>,
		succeeds: bool,
	},
	Transfer,
	Retire,
	Advance {
		blocks: u32,
	},
}

fn payee() -> impl Strategy<Value = Payee<AccountId>> {
	prop_oneof![
		3 => (5..9u64).prop_map(machine),
		2 => (5..9u64).prop_map(address),
		2 => (1..4u8).prop_map(account),
	]
}

fn amount() -> impl Strategy<Value = u128> {
	prop_oneof![8 => 0..12u128, 1 => 50..60u128, 1 => Just(u128::MAX)]
}

fn payees() -> impl Strategy<Value = AllowedPayees<AccountId>> {
	let kinds = prop::collection::vec(prop::sample::select(&MachineKind::ALL[5..9]), 0..3);
	prop_oneof![
		1 => Just(AllowedPayees::Anyone),
		2 => (prop::collection::vec(payee(), 0..4), kinds).prop_map(|(payees, kinds)| {
			only(payees, &kinds).payees
		}),
	]
}

fn policy() -> impl Strategy<Value = PolicyOf<Test>> {
	let period = (0..12u32, 0..60u128).prop_map(|(blocks, amount)| PeriodCap { blocks, amount });
	(
		prop::option::of(4..12u128),
		prop::option::weighted(0.7, period),
		payees(),
		prop::option::of(0..10u128),
	)
		.prop_map(|(payment_cap, period_cap, payees, co_sign_above)| Policy {
			payment_cap,
			period_cap,
			payees,
			co_sign_above,
		})
}

fn step() -> impl Strategy<Value = Step> {
	let item = (payee(), amount(), prop::bool::weighted(0.8));
	prop_oneof![
		3 => prop::option::weighted(0.9, policy()).prop_map(|policy| Step::Set { policy }),
		5 => (payee(), amount(), prop_oneof![9 => 0..25u32, 1 => LIFETIME..LIFETIME + 2])
			.prop_map(|(payee, amount, lives)| Step::Approve { payee, amount, lives }),
		1 => (payee(), amount()).prop_map(|(payee, amount)| Step::Revoke { payee, amount }),
		8 => (prop::collection::vec(item, 0..8), prop::bool::weighted(0.9))
			.prop_map(|(items, succeeds)| Step::Pay { items, succeeds }),
		1 => Just(Step::Transfer),
		1 => Just(Step::Retire),
		4 => (1..8u32).prop_map(|blocks| Step::Advance { blocks }),
	]
}

/// What must be true, without any of the pallet's code: payees are known by the address to which
/// the money goes, and a period by the blocks that it covers.
#[derive(Default, Clone)]
struct Model {
	policy: Option<PolicyOf<Test>>,
	/// First block of the period, and what was spent.
	period: Option<(u32, u128)>,
	/// Address, amount, last block.
	approvals: Vec<([u8; 32], u128, u32)>,
}

fn address_of(payee: &Payee<AccountId>) -> [u8; 32] {
	match payee {
		Payee::Machine(id) => machine_account(*id),
		Payee::Account(account) => account.clone().into(),
	}
}

impl Model {
	/// Forgets what is over in block `now`.
	fn expire(&mut self, now: u32) {
		self.approvals.retain(|(_, _, last)| *last >= now);
		let length = self.policy.as_ref().and_then(|p| p.period_cap).map(|cap| cap.blocks);
		self.period = self.period.filter(|(start, _)| length.is_some_and(|l| now - start < l));
	}

	fn set(&mut self, policy: Option<PolicyOf<Test>>, now: u32) -> Result<(), Error<Test>> {
		if let Some(policy) = &policy {
			if policy.period_cap.is_some_and(|cap| cap.blocks == 0) {
				return Err(Error::ZeroPeriod);
			}
			if let AllowedPayees::Only { payees, .. } = &policy.payees {
				let distinct: std::collections::BTreeSet<_> =
					payees.iter().map(address_of).collect();
				if distinct.len() < payees.len() {
					return Err(Error::DuplicatePayee);
				}
			}
		} else if self.policy.is_none() {
			return Err(Error::PolicyNotFound);
		}
		self.policy = policy;
		self.expire(now);
		Ok(())
	}

	fn allows(&self, payee: &Payee<AccountId>, amount: u128) -> Result<(), PolicyViolation> {
		let Some(policy) = &self.policy else { return Ok(()) };
		if policy.payment_cap.is_some_and(|cap| amount > cap) {
			return Err(PolicyViolation::PaymentCap);
		}
		if let Some(cap) = policy.period_cap {
			let spent = self.period.map_or(0, |(_, spent)| spent);
			if spent > cap.amount || amount > cap.amount - spent {
				return Err(PolicyViolation::PeriodCap);
			}
		}
		if let AllowedPayees::Only { payees, kinds } = &policy.payees {
			let address = address_of(payee);
			let listed = payees.iter().any(|listed| address_of(listed) == address);
			let of_kind = (0..MACHINES)
				.any(|id| machine_account(id) == address && kinds.contains(kind_of(id)));
			if !listed && !of_kind {
				return Err(PolicyViolation::Payee);
			}
		}
		if policy.co_sign_above.is_some_and(|threshold| amount > threshold)
			&& self.approval(payee, amount).is_none()
		{
			return Err(PolicyViolation::CoSignature);
		}
		Ok(())
	}

	/// Which approval a payment would use: the one that expires first.
	fn approval(&self, payee: &Payee<AccountId>, amount: u128) -> Option<usize> {
		(0..self.approvals.len())
			.filter(|&at| {
				let (address, approved, _) = self.approvals[at];
				address == address_of(payee) && approved == amount
			})
			.min_by_key(|&at| self.approvals[at].2)
	}

	fn made(&mut self, payee: &Payee<AccountId>, amount: u128, now: u32) {
		let Some(policy) = self.policy.clone() else { return };
		if policy.period_cap.is_some() && amount > 0 {
			let (start, spent) = self.period.unwrap_or((now, 0));
			self.period = Some((start, spent + amount));
		}
		if policy.co_sign_above.is_some_and(|threshold| amount > threshold) {
			self.approvals.remove(self.approval(payee, amount).unwrap());
		}
	}
}

/// How many sequences are tried: few by default, as many as `PROPTEST_CASES` says for a long run.
/// More than 10⁵ steps are
/// `PROPTEST_CASES=3000 cargo test --release -p pallet-spending-policy properties`.
fn cases() -> u32 {
	std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(64)
}

proptest! {
	#![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..Default::default() })]

	#[test]
	fn policies_should_follow_the_model(steps in prop::collection::vec(step(), 1..80)) {
		new_test_ext().execute_with(|| {
			let mut model = Model::default();
			for step in steps {
				let now = System::block_number();
				match step {
					Step::Set { policy } => {
						let result =
							SpendingPolicy::set_policy(signed(owner()), MACHINE, policy.clone());
						assert_eq!(result, model.set(policy, now).map_err(Into::into));
					},
					Step::Approve { payee, amount, lives } => {
						let expires_at = now + lives;
						let result = SpendingPolicy::approve(
							signed(co_signer()),
							MACHINE,
							approval(payee.clone(), amount, expires_at),
						);
						let expected = if amount == 0 {
							Err(Error::<Test>::ZeroAmount)
						} else if lives == 0 {
							Err(Error::ApprovalExpired)
						} else if lives > LIFETIME {
							Err(Error::ApprovalLifetimeTooLong)
						} else if model.approvals.len() == MAX_APPROVALS as usize {
							Err(Error::TooManyApprovals)
						} else {
							model.approvals.push((address_of(&payee), amount, expires_at));
							Ok(())
						};
						assert_eq!(result, expected.map_err(Into::into));
					},
					Step::Revoke { payee, amount } => {
						let result = SpendingPolicy::revoke_approval(
							signed(owner()),
							MACHINE,
							payee.clone(),
							amount,
						);
						let before = model.approvals.len();
						model.approvals.retain(|(address, approved, _)| {
							*address != address_of(&payee) || *approved != amount
						});
						let revoked = model.approvals.len() < before;
						let expected =
							if revoked { Ok(()) } else { Err(Error::<Test>::ApprovalNotFound) };
						assert_eq!(result, expected.map_err(Into::into));
					},
					Step::Pay { items, succeeds } => {
						let mut after = model.clone();
						let mut spending = begin();
						for (payee, amount, moves) in items {
							let result = spending.allow(&payee, amount);
							assert_eq!(result, after.allows(&payee, amount));
							if result.is_ok() && moves {
								spending.made(&payee, amount);
								after.made(&payee, amount, now);
							}
						}
						if succeeds {
							spending.finish();
							model = after;
						}
					},
					Step::Transfer => {
						SpendingPolicy::on_transfer(MACHINE);
						model.approvals.clear();
					},
					Step::Retire => {
						assert_ok!(SpendingPolicy::on_retire(MACHINE));
						model = Model::default();
					},
					Step::Advance { blocks } => {
						System::set_block_number(now + blocks);
						model.expire(now + blocks);
					},
				}

				SpendingPolicy::do_try_state().unwrap();
				let info = SpendingPolicy::policy_info(MACHINE);
				assert_eq!(info.is_some(), model.policy.is_some());
				if let Some(info) = info {
					assert_eq!(info.spent, model.period.map_or(0, |(_, spent)| spent));
					assert_eq!(info.policy.payment_cap, model.policy.as_ref().unwrap().payment_cap);
					let ends = model.period.zip(info.policy.period_cap);
					assert_eq!(info.period_ends_at, ends.map(|((s, _), cap)| s + cap.blocks));
				}
				let mut stored: Vec<_> =
					SpendingPolicy::waiting_approvals(MACHINE, System::block_number())
						.into_iter()
						.map(|a| (address_of(&a.payee), a.amount, a.expires_at))
						.collect();
				stored.sort();
				model.approvals.sort();
				assert_eq!(stored, model.approvals);
			}
		});
	}

	#[test]
	fn any_stretch_of_a_periods_length_should_hold_at_most_twice_the_cap(
		length in 1..20u32,
		cap in 1..100u128,
		payments in prop::collection::vec((0..6u32, 1..60u128), 1..80),
	) {
		new_test_ext().execute_with(|| {
			set(period_cap(length, cap));
			let mut paid: Vec<(u32, u128)> = vec![];
			for (wait, amount) in payments {
				System::set_block_number(System::block_number() + wait);
				if pay(&machine(7), amount).is_ok() {
					paid.push((System::block_number(), amount));
				}
			}
			for (start, _) in &paid {
				let within = paid.iter().filter(|(at, _)| (*start..*start + length).contains(at));
				let sum: u128 = within.map(|(_, amount)| amount).sum();
				prop_assert!(sum <= 2 * cap, "{sum} in {length} blocks from {start}");
			}
			Ok(())
		})?;
	}
}
