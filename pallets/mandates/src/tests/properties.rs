//! Random sequences of operations against a model, with the invariants checked after each step.
//!
//! The model keeps every pull that was ever paid and adds up, so that it also sees what is pulled
//! over any stretch of time.

use super::*;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Machines that take part, all as payers and payees.
const PARTIES: MachineId = 4;

#[derive(Debug, Clone, Copy)]
enum Signer {
	PaymentKey(MachineId),
	ClaimKey(MachineId),
	Owner(MachineId),
}

impl Signer {
	fn account(self) -> AccountId {
		match self {
			Self::PaymentKey(machine) => payment_key(machine),
			Self::ClaimKey(machine) => claim_key(machine),
			Self::Owner(machine) => owner(machine),
		}
	}

	fn machine(self) -> MachineId {
		let (Self::PaymentKey(machine) | Self::ClaimKey(machine) | Self::Owner(machine)) = self;
		machine
	}
}

#[derive(Debug, Clone)]
enum Step {
	Grant { by: Signer, payee: MachineId, cap: u128, period: u32, lifetime: u32 },
	Revoke { by: Signer, mandate: MandateId },
	Pull { by: Signer, mandate: MandateId, amount: u128 },
	PullBatch { by: Signer, pulls: Vec<(MandateId, u128)> },
	Remove { mandate: MandateId },
	LimitPayments { cap: u128 },
	Suspend { machine: MachineId, suspended: bool },
	Block { machine: MachineId, blocked: bool },
	Advance { blocks: u32 },
}

fn step() -> impl Strategy<Value = Step> {
	let machine = || 0..PARTIES;
	let mandate = || 0..8u64;
	let amount = || 0..150u128;
	let signer = || {
		prop_oneof![
			3 => machine().prop_map(Signer::PaymentKey),
			1 => machine().prop_map(Signer::ClaimKey),
			1 => machine().prop_map(Signer::Owner),
		]
	};
	prop_oneof![
		3 => (signer(), machine(), 0..300u128, 0..30u32, 0..MAX_LIFETIME + 2).prop_map(
			|(by, payee, cap, period, lifetime)| Step::Grant { by, payee, cap, period, lifetime }
		),
		1 => (signer(), mandate()).prop_map(|(by, mandate)| Step::Revoke { by, mandate }),
		8 => (signer(), mandate(), amount())
			.prop_map(|(by, mandate, amount)| Step::Pull { by, mandate, amount }),
		3 => (signer(), prop::collection::vec((mandate(), amount()), 0..8))
			.prop_map(|(by, pulls)| Step::PullBatch { by, pulls }),
		1 => mandate().prop_map(|mandate| Step::Remove { mandate }),
		1 => prop_oneof![Just(u128::MAX), 50..150u128]
			.prop_map(|cap| Step::LimitPayments { cap }),
		1 => (machine(), any::<bool>())
			.prop_map(|(machine, suspended)| Step::Suspend { machine, suspended }),
		1 => (machine(), any::<bool>())
			.prop_map(|(machine, blocked)| Step::Block { machine, blocked }),
		4 => (1..15u32).prop_map(|blocks| Step::Advance { blocks }),
		1 => (1..MAX_LIFETIME).prop_map(|blocks| Step::Advance { blocks }),
	]
}

struct Record {
	payer: MachineId,
	payee: MachineId,
	cap: u128,
	period: u32,
	expires_at: u32,
	/// First block of the period that began last.
	period_start: Option<u32>,
	/// Every pull: block and amount.
	pulls: Vec<(u32, u128)>,
}

impl Record {
	/// What was pulled from block `from` on.
	fn since(&self, from: u32) -> u128 {
		self.pulls.iter().filter(|(block, _)| *block >= from).map(|(_, amount)| amount).sum()
	}
}

/// What must be true, without any of the pallet's code.
struct Model {
	mandates: BTreeMap<MandateId, Record>,
	next: MandateId,
	wallets: BTreeMap<MachineId, u128>,
	income: BTreeMap<MachineId, u128>,
	payment_cap: u128,
	suspended: BTreeSet<MachineId>,
	blocked: BTreeSet<MachineId>,
}

impl Model {
	fn new() -> Self {
		Self {
			mandates: BTreeMap::new(),
			next: 0,
			wallets: (0..PARTIES).map(|machine| (machine, FUNDS)).collect(),
			income: BTreeMap::new(),
			payment_cap: u128::MAX,
			suspended: BTreeSet::new(),
			blocked: BTreeSet::new(),
		}
	}

	fn withdraw(&mut self, machine: MachineId, amount: u128) -> bool {
		let wallet = self.wallets.get_mut(&machine).unwrap();
		let enough = *wallet >= amount + MINIMUM;
		if enough {
			*wallet -= amount;
		}
		enough
	}

	fn acts_for_payer(&self, by: Signer, payer: MachineId) -> bool {
		by.machine() == payer
			&& match by {
				Signer::PaymentKey(_) => !self.suspended.contains(&payer),
				Signer::ClaimKey(_) => false,
				Signer::Owner(_) => true,
			}
	}

	fn pull(&mut self, by: Signer, mandate: MandateId, amount: u128, now: u32) -> bool {
		let Some(record) = self.mandates.get(&mandate) else { return false };
		let (payer, payee) = (record.payer, record.payee);
		let start = record.period_start.filter(|start| now - start < record.period).unwrap_or(now);
		if by.machine() != payee
			|| amount == 0
			|| now > record.expires_at
			|| record.since(start) + amount > record.cap
			|| self.suspended.contains(&payer)
			|| amount > self.payment_cap
			|| self.blocked.contains(&payee)
			|| !self.withdraw(payer, amount)
		{
			return false;
		}
		*self.wallets.get_mut(&payee).unwrap() += amount;
		*self.income.entry(payee).or_default() += amount;
		let record = self.mandates.get_mut(&mandate).unwrap();
		record.period_start = Some(start);
		record.pulls.push((now, amount));
		true
	}

	fn end(&mut self, mandate: MandateId) -> bool {
		let payer = self.mandates[&mandate].payer;
		if self.blocked.contains(&payer) {
			return false;
		}
		*self.wallets.get_mut(&payer).unwrap() += STORAGE_DEPOSIT;
		self.mandates.remove(&mandate);
		true
	}

	/// Does what the step should do; tells whether it should succeed.
	fn step(&mut self, step: &Step, now: u32) -> bool {
		match *step {
			Step::Grant { by, payee, cap, period, lifetime } => {
				let payer = by.machine();
				let sane = payer != payee
					&& cap > 0 && period > 0
					&& (1..=MAX_LIFETIME).contains(&lifetime);
				if !sane
					|| !self.acts_for_payer(by, payer)
					|| !self.withdraw(payer, STORAGE_DEPOSIT)
				{
					return false;
				}
				let record = Record {
					payer,
					payee,
					cap,
					period,
					expires_at: now + lifetime,
					period_start: None,
					pulls: Vec::new(),
				};
				self.mandates.insert(self.next, record);
				self.next += 1;
				true
			},
			Step::Revoke { by, mandate } => {
				let Some(Record { payer, payee, .. }) = self.mandates.get(&mandate) else {
					return false;
				};
				let party = self.acts_for_payer(by, *payer) || by.machine() == *payee;
				party && self.end(mandate)
			},
			Step::Pull { by, mandate, amount } => self.pull(by, mandate, amount, now),
			Step::PullBatch { by, ref pulls } => {
				for (mandate, amount) in pulls {
					self.pull(by, *mandate, *amount, now);
				}
				true
			},
			Step::Remove { mandate } => {
				let expires_at = self.mandates.get(&mandate).map(|record| record.expires_at);
				expires_at.is_some_and(|last| now > last) && self.end(mandate)
			},
			Step::LimitPayments { cap } => {
				self.payment_cap = cap;
				true
			},
			Step::Suspend { machine, suspended: true } => {
				self.suspended.insert(machine);
				true
			},
			Step::Suspend { machine, suspended: false } => {
				self.suspended.remove(&machine);
				true
			},
			Step::Block { machine, blocked: true } => {
				self.blocked.insert(machine);
				true
			},
			Step::Block { machine, blocked: false } => {
				self.blocked.remove(&machine);
				true
			},
			Step::Advance { .. } => true,
		}
	}
}

/// The list with `item`, or without it.
fn with<T: PartialEq>(mut list: Vec<T>, item: T, member: bool) -> Vec<T> {
	list.retain(|known| *known != item);
	list.extend(member.then_some(item));
	list
}

fn execute(step: &Step) -> DispatchResult {
	match step.clone() {
		Step::Grant { by, payee, cap, period, lifetime } => {
			let expires_at = System::block_number() + lifetime;
			let payee = Payee::Machine(payee);
			let origin = signed(by.account());
			PaymentMandates::grant(origin, by.machine(), payee, cap, period, expires_at)
		},
		Step::Revoke { by, mandate } => PaymentMandates::revoke(signed(by.account()), mandate),
		Step::Pull { by, mandate, amount } => {
			PaymentMandates::pull(signed(by.account()), mandate, amount)
		},
		Step::PullBatch { by, pulls } => {
			let pulls: Vec<_> =
				pulls.into_iter().map(|(mandate, amount)| Pull { mandate, amount }).collect();
			let pulls = BoundedVec::try_from(pulls).unwrap();
			PaymentMandates::pull_batch(signed(by.account()), pulls)
		},
		Step::Remove { mandate } => PaymentMandates::remove(stranger(), mandate),
		Step::LimitPayments { cap } => {
			PaymentCap::set(&cap);
			Ok(())
		},
		Step::Suspend { machine, suspended } => {
			Suspended::set(&with(Suspended::get(), machine, suspended));
			Ok(())
		},
		Step::Block { machine, blocked } => {
			Blocked::set(&with(Blocked::get(), address(machine), blocked));
			Ok(())
		},
		Step::Advance { blocks } => {
			advance(blocks);
			Ok(())
		},
	}
}

/// How many sequences are tried: few by default, as many as `PROPTEST_CASES` says for a long run.
/// More than 10⁵ steps are
/// `PROPTEST_CASES=2400 cargo test --release -p pallet-mandates properties`.
fn cases() -> u32 {
	std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(64)
}

proptest! {
	#![proptest_config(ProptestConfig {
		cases: cases(),
		failure_persistence: None,
		..Default::default()
	})]

	#[test]
	fn mandates_should_follow_the_model(steps in prop::collection::vec(step(), 1..100)) {
		new_test_ext().execute_with(|| {
			let mut model = Model::new();
			for step in steps {
				let expected = model.step(&step, System::block_number());
				let result = execute(&step);
				assert_eq!(result.is_ok(), expected, "{step:?}: {result:?}");
				check();
				for machine in 0..PARTIES {
					assert_eq!(wallet(machine), model.wallets[&machine], "{step:?}");
					let earned = model.income.get(&machine).copied().unwrap_or_default();
					assert_eq!(income(machine), earned, "{step:?}");
				}
				let mandates: BTreeMap<_, _> = Mandates::<Test>::iter().collect();
				assert!(mandates.keys().eq(model.mandates.keys()), "{step:?}");
				let now = System::block_number();
				for (id, record) in &model.mandates {
					let running =
						record.period_start.filter(|start| now - start < record.period);
					let left = match running {
						_ if now > record.expires_at => 0,
						Some(start) => record.cap - record.since(start),
						None => record.cap,
					};
					assert_eq!(mandates[id].available(now), left, "{step:?}");
					// Over any stretch as long as a period, at most twice the cap.
					let stretch = record.since((now + 1).saturating_sub(record.period));
					assert!(stretch <= 2 * record.cap, "{step:?}");
				}
			}
		});
	}
}
