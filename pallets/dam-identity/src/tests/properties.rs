//! Random sequences of operations against a model, with the invariants checked after each step.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

#[derive(Debug, Clone)]
enum Step {
	Register { owner: u8, device: u32, stale: bool },
	Suspend { owner: u8, machine: MachineId },
	Resume { owner: u8, machine: MachineId },
	Retire { owner: u8, machine: MachineId },
	Advance { blocks: u32 },
}

fn step() -> impl Strategy<Value = Step> {
	let owner = 1..=3u8;
	let machine = 0..12u64;
	prop_oneof![
		3 => (owner.clone(), 0..16u32, prop::bool::weighted(0.2))
			.prop_map(|(owner, device, stale)| Step::Register { owner, device, stale }),
		1 => (owner.clone(), machine.clone())
			.prop_map(|(owner, machine)| Step::Suspend { owner, machine }),
		1 => (owner.clone(), machine.clone())
			.prop_map(|(owner, machine)| Step::Resume { owner, machine }),
		1 => (owner, machine).prop_map(|(owner, machine)| Step::Retire { owner, machine }),
		1 => (1..50u32).prop_map(|blocks| Step::Advance { blocks }),
	]
}

/// What must be true, without any of the pallet's code.
#[derive(Default)]
struct Model {
	machines: Vec<(u8, u32, MachineStatus)>,
	used: BTreeMap<u32, MachineId>,
}

impl Model {
	fn living(&self, owner: u8) -> usize {
		self.machines
			.iter()
			.filter(|(who, _, status)| *who == owner && *status != MachineStatus::Retired)
			.count()
	}

	/// Whether the change is allowed, and makes it if so.
	fn change(
		&mut self,
		owner: u8,
		machine: MachineId,
		from: &[MachineStatus],
		to: MachineStatus,
	) -> bool {
		match self.machines.get_mut(machine as usize) {
			Some((who, _, status)) if *who == owner && from.contains(status) => {
				*status = to;
				true
			},
			_ => false,
		}
	}
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

	#[test]
	fn storage_should_follow_the_model(steps in prop::collection::vec(step(), 1..60)) {
		use MachineStatus::*;
		new_test_ext().execute_with(|| {
			let mut model = Model::default();
			for step in steps {
				match step {
					Step::Register { owner: who, device, stale } => {
						let expires = System::block_number() - u32::from(stale) + u32::from(!stale);
						let registration = Device::new(device).agree(&owner(who), expires);
						let result =
							Identity::register(RuntimeOrigin::signed(owner(who)), registration);
						// 1,000 units, of which one must stay, pay for nine deposits.
						let allowed =
							!stale && !model.used.contains_key(&device) && model.living(who) < 9;
						assert_eq!(result.is_ok(), allowed, "{result:?}");
						if allowed {
							model.used.insert(device, model.machines.len() as MachineId);
							model.machines.push((who, device, Active));
						}
					},
					Step::Suspend { owner: who, machine } => {
						let allowed = model.change(who, machine, &[Active], Suspended);
						let result =
							Identity::suspend(RuntimeOrigin::signed(owner(who)), machine);
						assert_eq!(result.is_ok(), allowed, "{result:?}");
					},
					Step::Resume { owner: who, machine } => {
						let allowed = model.change(who, machine, &[Suspended], Active);
						let result = Identity::resume(RuntimeOrigin::signed(owner(who)), machine);
						assert_eq!(result.is_ok(), allowed, "{result:?}");
					},
					Step::Retire { owner: who, machine } => {
						let allowed = model.change(who, machine, &[Active, Suspended], Retired);
						let result = Identity::retire(RuntimeOrigin::signed(owner(who)), machine);
						assert_eq!(result.is_ok(), allowed, "{result:?}");
					},
					Step::Advance { blocks } => {
						System::set_block_number(System::block_number() + blocks)
					},
				}
				Identity::do_try_state().unwrap();
				for (device, machine) in &model.used {
					let (_, _, status) = model.machines[*machine as usize];
					let acts = Identity::authorize(&Device::new(*device).account());
					assert_eq!(acts.ok(), (status == Active).then_some(*machine));
				}
				for who in 1..=3 {
					let held = DEPOSIT * model.living(who) as Balance;
					assert_eq!(Balances::free_balance(owner(who)), ENDOWMENT - held);
				}
			}
		});
	}
}
