//! Random sequences of transactions, bonds and blocks against a model.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

#[derive(Debug, Clone)]
enum Step {
	Call { machine: MachineId, weight: u64, used: u64, len: usize },
	Advance { blocks: u64 },
	Bond { machine: MachineId, amount: u128 },
	Unbond { machine: MachineId, amount: u128 },
	UnbondAll { machine: MachineId },
	Withdraw { machine: MachineId },
	Sell { machine: MachineId, to: AccountId },
	Retire { machine: MachineId },
}

/// Machines 1 to 3.
fn machine() -> impl Strategy<Value = MachineId> {
	1..4u64
}

fn step() -> impl Strategy<Value = Step> {
	prop_oneof![
		6 => (machine(), 0..CAPACITY, 0..CAPACITY, 0..1_000usize)
			.prop_map(|(machine, weight, used, len)| Step::Call { machine, weight, used, len }),
		3 => (1..60u64).prop_map(|blocks| Step::Advance { blocks }),
		1 => (400..2_000u64).prop_map(|blocks| Step::Advance { blocks }),
		4 => (machine(), 0..50 * DAM).prop_map(|(machine, amount)| Step::Bond { machine, amount }),
		5 => (machine(), 0..10 * DAM).prop_map(|(machine, amount)| Step::Unbond { machine, amount }),
		1 => machine().prop_map(|machine| Step::UnbondAll { machine }),
		2 => machine().prop_map(|machine| Step::Withdraw { machine }),
		1 => (machine(), OWNER..=BUYER).prop_map(|(machine, to)| Step::Sell { machine, to }),
		1 => machine().prop_map(|machine| Step::Retire { machine }),
	]
}

/// A machine, as it should be.
#[derive(Debug, Clone)]
struct Machine {
	owner: AccountId,
	retired: bool,
	level: u64,
	bonded: u128,
	/// Bonder, block of arrival, amount.
	unbonding: Vec<(AccountId, u64, u128)>,
}

impl Machine {
	fn capacity(&self) -> u64 {
		CAPACITY + u64::try_from(self.bonded * u128::from(BONDED_CAPACITY) / DAM).unwrap()
	}

	fn refill(&self) -> u64 {
		REFILL + u64::try_from(self.bonded * u128::from(BONDED_REFILL) / DAM).unwrap()
	}

	/// Moves a part of the bond; tells whether the list has a place for it.
	fn unbond(&mut self, amount: u128, now: u64) -> bool {
		let mut list = self.unbonding.clone();
		let same = list.iter_mut().find(|(who, at, _)| (*who, *at) == (self.owner, now + PERIOD));
		match same {
			Some((.., sum)) => *sum += amount,
			None => list.push((self.owner, now + PERIOD, amount)),
		}
		let places = list.len() + usize::from(self.bonded > amount);
		if places > MAX_UNBONDING as usize {
			return false;
		}
		self.unbonding = list;
		self.bonded -= amount;
		self.level = self.level.min(self.capacity());
		true
	}
}

struct Model {
	machines: BTreeMap<MachineId, Machine>,
	block_used: u64,
}

impl Model {
	fn new() -> Self {
		let machine =
			Machine { owner: OWNER, retired: false, level: CAPACITY, bonded: 0, unbonding: vec![] };
		let machines = (1..4).map(|id| (id, machine.clone())).collect();
		Self { machines, block_used: 0 }
	}

	fn held(&self, who: AccountId) -> u128 {
		let bonded = |machine: &Machine| if machine.owner == who { machine.bonded } else { 0 };
		let unbonding = |machine: &Machine| -> u128 {
			let list = machine.unbonding.iter();
			list.filter(|(bonder, ..)| *bonder == who).map(|(.., amount)| amount).sum()
		};
		self.machines.values().map(|machine| bonded(machine) + unbonding(machine)).sum()
	}

	/// Does on the chain and in the model what the step says; tells whether the chain did it, and
	/// whether it should.
	fn apply(&mut self, step: Step) -> (bool, bool) {
		let now = System::block_number();
		match step {
			Step::Call { machine: id, weight, used, len } => {
				let extension = extension(id, 0, 0);
				let done = run_with(extension, id, &free_call(), weight, Some(used), len).is_ok();
				let machine = self.machines.get_mut(&id).unwrap();
				let cost = weight + BASE + len as u64 * LENGTH_COST;
				let should = cost <= machine.level
					&& cost <= BLOCK_LIMIT
					&& self.block_used + cost <= BLOCK_LIMIT
					&& !machine.retired;
				if should {
					let spent = cost - weight.saturating_sub(used);
					machine.level -= spent;
					self.block_used += spent;
				}
				(done, should)
			},
			Step::Advance { blocks } => {
				advance(blocks);
				self.block_used = 0;
				for machine in self.machines.values_mut() {
					machine.level =
						(machine.level + blocks * machine.refill()).min(machine.capacity());
				}
				(true, true)
			},
			Step::Bond { machine: id, amount } => {
				let machine = &self.machines[&id];
				let owner = machine.owner;
				let free = WEALTH - self.held(owner);
				let done = Quota::bond(signed(owner), id, amount).is_ok();
				let machine = self.machines.get_mut(&id).unwrap();
				let should = amount > 0
					&& machine.bonded + amount >= MIN_BOND
					// The existential deposit stays.
					&& amount < free
					&& (machine.bonded > 0 || machine.unbonding.len() < MAX_UNBONDING as usize)
					&& !machine.retired;
				if should {
					machine.bonded += amount;
				}
				(done, should)
			},
			Step::Unbond { machine: id, amount } => {
				let machine = self.machines.get_mut(&id).unwrap();
				let done = Quota::unbond(signed(machine.owner), id, amount).is_ok();
				let rest = machine.bonded.checked_sub(amount);
				let should = amount > 0
					&& !machine.retired
					&& rest.is_some_and(|rest| rest == 0 || rest >= MIN_BOND)
					&& machine.unbond(amount, now);
				(done, should)
			},
			Step::UnbondAll { machine: id } => {
				let machine = self.machines.get_mut(&id).unwrap();
				let amount = machine.bonded;
				let done = Quota::unbond(signed(machine.owner), id, amount).is_ok();
				// It never lacks a place.
				let should = amount > 0;
				assert!(!should || machine.unbond(amount, now));
				(done, should)
			},
			Step::Withdraw { machine: id } => {
				let done = Quota::withdraw_unbonded(signed(200), id).is_ok();
				let machine = self.machines.get_mut(&id).unwrap();
				let before = machine.unbonding.len();
				machine.unbonding.retain(|(_, at, _)| *at > now);
				(done, machine.unbonding.len() < before)
			},
			Step::Sell { machine: id, to } => {
				let machine = self.machines.get_mut(&id).unwrap();
				if !machine.retired {
					sell(id, to);
					assert!(machine.bonded == 0 || machine.unbond(machine.bonded, now));
					machine.owner = to;
				}
				(true, true)
			},
			Step::Retire { machine: id } => {
				let machine = self.machines.get_mut(&id).unwrap();
				if machine.retired {
					return (true, true);
				}
				let done = retire(id).is_ok();
				let should = machine.level >= CAPACITY;
				if should {
					assert!(machine.bonded == 0 || machine.unbond(machine.bonded, now));
					machine.retired = true;
				}
				(done, should)
			},
		}
	}

	fn check(&self) {
		for (id, machine) in &self.machines {
			let quota = Quota::quota(*id);
			let chunks: Vec<_> = Unbondings::<Test>::get(id)
				.into_iter()
				.map(|chunk| (chunk.bonder, chunk.unlocks_at, chunk.amount))
				.collect();
			assert_eq!(chunks, machine.unbonding);
			if machine.retired {
				assert!(!Buckets::<Test>::contains_key(id));
				continue;
			}
			assert_eq!(quota.available, machine.level, "machine {id}");
			assert_eq!((quota.capacity, quota.bonded), (machine.capacity(), machine.bonded));
		}
		for who in [OWNER, BUYER] {
			assert_eq!(Quota::held(&who), self.held(who));
			let free = Balances::free_balance(who);
			assert_eq!(free + self.held(who), WEALTH, "DAM came or went");
		}
		Quota::do_try_state().unwrap();
	}
}

/// How many sequences are tried: few by default, as many as `PROPTEST_CASES` says for a long run.
/// More than 10⁵ steps are `PROPTEST_CASES=2000 cargo test --release -p pallet-free-quota properties`.
fn cases() -> u32 {
	std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(96)
}

proptest! {
	#![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..Default::default() })]

	#[test]
	fn buckets_and_bonds_should_follow_the_model(steps in prop::collection::vec(step(), 1..150)) {
		new_test_ext().execute_with(|| {
			let mut model = Model::new();
			for step in steps {
				let text = format!("{step:?}");
				let (done, should) = model.apply(step);
				prop_assert_eq!(done, should, "{}", text);
				model.check();
			}
			// In the end everything comes back to whoever bonded it.
			for (id, machine) in model.machines.clone() {
				if machine.bonded > 0 {
					model.apply(Step::UnbondAll { machine: id });
				}
			}
			model.apply(Step::Advance { blocks: PERIOD });
			for id in 1..4 {
				model.apply(Step::Withdraw { machine: id });
			}
			model.check();
			for who in [OWNER, BUYER] {
				prop_assert_eq!(Balances::free_balance(who), WEALTH);
			}
			Ok(())
		})?;
	}
}
