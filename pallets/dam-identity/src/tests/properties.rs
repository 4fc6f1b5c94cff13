//! Random sequences of operations against a model, with the invariants checked after each step.

use super::*;
use dam_primitives::machine::MAX_FLEET_DEPTH;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// Owners 1 to 3 act, and the keys of devices.
const OWNERS: u8 = 3;
const DEVICES: u32 = 24;
const MACHINES: u64 = 7;

/// Who signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
	Owner(u8),
	Device(u32),
}

impl Who {
	fn origin(self) -> RuntimeOrigin {
		match self {
			Self::Owner(n) => origin(n),
			Self::Device(n) => device(n),
		}
	}
}

#[derive(Debug, Clone)]
enum Step {
	Register { owner: u8, device: u32, stale: bool },
	Suspend { who: Who, machine: MachineId },
	Resume { who: Who, machine: MachineId },
	Retire { who: Who, machine: MachineId },
	Rotate { who: Who, machine: MachineId, device: u32 },
	AddKey { who: Who, machine: MachineId, device: u32, rights: KeyRights },
	RemoveKey { who: Who, machine: MachineId, device: u32 },
	Freeze { who: Who, machines: Vec<MachineId> },
	Unfreeze { who: Who, machine: MachineId },
	SetOperator { who: Who, machine: MachineId, operator: Option<(u8, OperatorRights)> },
	SetParent { who: Who, machines: Vec<MachineId>, parent: Option<MachineId> },
	Offer { who: Who, machine: MachineId, to: u8, blocks: u32 },
	Cancel { who: Who, machine: MachineId },
	Accept { who: Who, machine: MachineId },
	Advance { blocks: u32 },
}

fn step() -> impl Strategy<Value = Step> {
	let person = || 1..=OWNERS;
	let device = || 0..DEVICES;
	let machine = || 0..MACHINES;
	let machines = || prop::collection::vec(machine(), 0..4);
	// Mostly owners: devices can do little.
	let who =
		|| prop_oneof![5 => person().prop_map(Who::Owner), 1 => device().prop_map(Who::Device)];
	let key_rights = prop::sample::select(vec![
		KeyRights::NONE,
		KeyRights::PAY,
		KeyRights::CLAIM,
		KeyRights::SERVICES,
		KeyRights::CLAIM.and(KeyRights::SERVICES),
		KeyRights::ALL,
	]);
	let operator_rights = prop::sample::select(vec![
		OperatorRights::NONE,
		OperatorRights::STATUS,
		OperatorRights::KEYS,
		OperatorRights::ALL,
	]);
	prop_oneof![
		6 => (person(), device(), prop::bool::weighted(0.1))
			.prop_map(|(owner, device, stale)| Step::Register { owner, device, stale }),
		1 => (who(), machine()).prop_map(|(who, machine)| Step::Suspend { who, machine }),
		1 => (who(), machine()).prop_map(|(who, machine)| Step::Resume { who, machine }),
		1 => (who(), machine()).prop_map(|(who, machine)| Step::Retire { who, machine }),
		4 => (who(), machine(), device())
			.prop_map(|(who, machine, device)| Step::Rotate { who, machine, device }),
		4 => (who(), machine(), device(), key_rights).prop_map(
			|(who, machine, device, rights)| Step::AddKey { who, machine, device, rights }
		),
		2 => (who(), machine(), device())
			.prop_map(|(who, machine, device)| Step::RemoveKey { who, machine, device }),
		1 => (who(), machines()).prop_map(|(who, machines)| Step::Freeze { who, machines }),
		1 => (who(), machine()).prop_map(|(who, machine)| Step::Unfreeze { who, machine }),
		2 => (who(), machine(), prop::option::of((person(), operator_rights))).prop_map(
			|(who, machine, operator)| Step::SetOperator { who, machine, operator }
		),
		6 => (who(), machines(), prop::option::weighted(0.8, machine())).prop_map(
			|(who, machines, parent)| Step::SetParent { who, machines, parent }
		),
		3 => (who(), machine(), person(), 0..260u32)
			.prop_map(|(who, machine, to, blocks)| Step::Offer { who, machine, to, blocks }),
		1 => (who(), machine()).prop_map(|(who, machine)| Step::Cancel { who, machine }),
		3 => (who(), machine()).prop_map(|(who, machine)| Step::Accept { who, machine }),
		2 => (1..120u32).prop_map(|blocks| Step::Advance { blocks }),
	]
}

/// What must be true of a machine, without any of the pallet's code.
#[derive(Debug, Clone)]
struct Machine {
	owner: u8,
	operator: Option<(u8, OperatorRights)>,
	key: u32,
	further: Vec<(u32, KeyRights)>,
	status: MachineStatus,
	frozen: bool,
	parent: Option<MachineId>,
	offer: Option<(u8, u32)>,
	rotated: Option<u32>,
	deposit: Balance,
}

impl Machine {
	fn is_living(&self) -> bool {
		self.status != MachineStatus::Retired
	}

	fn permits(&self, who: Who, right: OperatorRights) -> bool {
		let operates =
			self.operator.is_some_and(|(n, rights)| who == Who::Owner(n) && rights.contains(right));
		self.is_living() && (who == Who::Owner(self.owner) || operates)
	}

	fn owned_by(&self, who: Who) -> bool {
		self.is_living() && who == Who::Owner(self.owner)
	}
}

#[derive(Default, Clone)]
struct Model {
	now: u32,
	machines: Vec<Machine>,
	/// Payment keys of the past, with the last block in which what they signed settles.
	past: Vec<(u32, MachineId, u32)>,
	used: BTreeSet<u32>,
}

impl Model {
	fn get(&mut self, machine: MachineId) -> Option<&mut Machine> {
		self.machines.get_mut(machine as usize)
	}

	fn held(&self, owner: u8) -> Balance {
		self.machines
			.iter()
			.filter(|machine| machine.owner == owner)
			.map(|machine| machine.deposit)
			.sum()
	}

	/// Whether the owner can have that much held more: one unit must stay.
	fn affords(&self, owner: u8, amount: Balance) -> bool {
		self.held(owner) + amount < ENDOWMENT
	}

	fn children(&self, machine: MachineId) -> BTreeSet<MachineId> {
		(0..)
			.zip(&self.machines)
			.filter(|(_, child)| child.parent == Some(machine))
			.map(|(id, _)| id)
			.collect()
	}

	fn line(&self, machine: MachineId) -> Vec<MachineId> {
		let mut line = vec![machine];
		while let Some(parent) = self.machines[*line.last().unwrap() as usize].parent {
			line.push(parent);
		}
		line
	}

	/// Makes the step if it is allowed; what is left of it if it is not must be thrown away.
	fn make(&mut self, step: &Step) -> Option<()> {
		match *step {
			Step::Register { owner, device, stale } => {
				require(!stale && self.affords(owner, DEPOSIT))?;
				require(self.used.insert(device))?;
				self.machines.push(Machine {
					owner,
					operator: None,
					key: device,
					further: Vec::new(),
					status: MachineStatus::Active,
					frozen: false,
					parent: None,
					offer: None,
					rotated: None,
					deposit: DEPOSIT,
				});
			},
			Step::Suspend { who, machine } => {
				let machine = self.get(machine)?;
				require(machine.permits(who, OperatorRights::STATUS))?;
				require(machine.status == MachineStatus::Active)?;
				machine.status = MachineStatus::Suspended;
			},
			Step::Resume { who, machine } => {
				let machine = self.get(machine)?;
				require(machine.permits(who, OperatorRights::STATUS))?;
				require(machine.status == MachineStatus::Suspended)?;
				machine.status = MachineStatus::Active;
			},
			Step::Retire { who, machine: id } => {
				require(self.children(id).is_empty())?;
				let horizon = self.now + HORIZON;
				let machine = self.get(id)?;
				require(machine.owned_by(who))?;
				machine.status = MachineStatus::Retired;
				machine.further.clear();
				machine.operator = None;
				machine.offer = None;
				machine.parent = None;
				machine.deposit = 0;
				let key = machine.key;
				self.past.push((key, id, horizon));
			},
			Step::Rotate { who, machine: id, device } => {
				let now = self.now;
				let machine = self.get(id)?;
				let by_key = who == Who::Device(machine.key)
					&& machine.status == MachineStatus::Active
					&& !machine.frozen
					&& machine.rotated.is_none_or(|last| now - last >= INTERVAL);
				require(by_key || machine.permits(who, OperatorRights::KEYS))?;
				let owner = machine.owner;
				machine.deposit += KEY_DEPOSIT;
				machine.rotated = Some(now);
				let old = std::mem::replace(&mut machine.key, device);
				require(self.held(owner) < ENDOWMENT && self.used.insert(device))?;
				self.past.push((old, id, now + HORIZON));
			},
			Step::AddKey { who, machine, device, rights } => {
				let machine = self.get(machine)?;
				require(machine.permits(who, OperatorRights::KEYS))?;
				require(!rights.is_empty() && !rights.contains(KeyRights::PAY))?;
				require(machine.further.len() < MAX_FURTHER_KEYS as usize)?;
				machine.further.push((device, rights));
				machine.deposit += KEY_DEPOSIT;
				let owner = machine.owner;
				require(self.held(owner) < ENDOWMENT && self.used.insert(device))?;
			},
			Step::RemoveKey { who, machine, device } => {
				let machine = self.get(machine)?;
				require(machine.permits(who, OperatorRights::KEYS))?;
				let at = machine.further.iter().position(|(further, _)| *further == device)?;
				machine.further.remove(at);
			},
			Step::Freeze { who, ref machines } => {
				for machine in machines {
					let machine = self.get(*machine)?;
					require(!machine.is_living() || machine.permits(who, OperatorRights::STATUS))?;
					machine.frozen |= machine.is_living();
				}
			},
			Step::Unfreeze { who, machine } => {
				let machine = self.get(machine)?;
				require(machine.permits(who, OperatorRights::STATUS) && machine.frozen)?;
				machine.frozen = false;
			},
			Step::SetOperator { who, machine, operator } => {
				let machine = self.get(machine)?;
				require(machine.owned_by(who))?;
				if let Some((account, rights)) = operator {
					require(account != machine.owner && !rights.is_empty())?;
				}
				machine.operator = operator;
			},
			Step::SetParent { who, ref machines, parent: Some(parent) } => {
				require(self.get(parent)?.owned_by(who))?;
				for id in machines {
					require(self.get(*id)?.owned_by(who))?;
					let line = self.line(parent);
					if self.machines[*id as usize].parent != Some(parent) {
						require(self.children(*id).is_empty() && *id != parent)?;
						require(line.len() < MAX_FLEET_DEPTH as usize)?;
						self.get(*id)?.parent = Some(parent);
					}
				}
			},
			Step::SetParent { who, ref machines, parent: None } => {
				for id in machines {
					let machine = self.get(*id)?.clone();
					require(machine.is_living())?;
					let above = machine.parent.and_then(|parent| self.get(parent).cloned());
					require(
						machine.owned_by(who) || above.is_some_and(|above| above.owned_by(who)),
					)?;
					self.get(*id)?.parent = None;
				}
			},
			Step::Offer { who, machine, to, blocks } => {
				let now = self.now;
				let machine = self.get(machine)?;
				require(machine.owned_by(who) && to != machine.owner)?;
				require(blocks > 0 && blocks <= OFFER_LIFETIME)?;
				machine.offer = Some((to, now + blocks));
			},
			Step::Cancel { who, machine } => {
				let machine = self.get(machine)?;
				require(machine.owned_by(who))?;
				machine.offer.take()?;
			},
			Step::Accept { who, machine: id } => {
				let now = self.now;
				let machine = self.get(id)?;
				let (to, expires_at) = machine.offer.take()?;
				require(machine.is_living() && who == Who::Owner(to) && now <= expires_at)?;
				machine.owner = to;
				machine.operator = None;
				machine.further.clear();
				machine.parent = None;
				require(self.held(to) < ENDOWMENT)?;
			},
			Step::Advance { blocks } => self.now += blocks,
		}
		Some(())
	}

	/// Compares what other pallets and the runtime API see.
	fn check(&self) {
		for (id, machine) in (0..).zip(&self.machines) {
			let shown = Identity::machine_info(id).unwrap();
			assert_eq!(shown.owner, owner(machine.owner));
			assert_eq!(shown.status, machine.status);
			assert_eq!(shown.frozen, machine.frozen);
			assert_eq!(shown.parent, machine.parent);
			assert_eq!(shown.deposit, machine.deposit);
			assert_eq!(
				shown.operator,
				machine.operator.and_then(|(account, rights)| operator(account, rights))
			);
			assert_eq!(
				shown.offer.map(|offer| (offer.to, offer.expires_at)),
				machine.offer.map(|(to, expires_at)| (owner(to), expires_at))
			);
			let keys: BTreeSet<_> = shown.keys.iter().map(|info| info.account.clone()).collect();
			let active = std::iter::once(machine.key)
				.chain(machine.further.iter().map(|(device, _)| *device))
				.filter(|_| machine.is_living());
			assert_eq!(keys, active.map(key).collect());
			let children: BTreeSet<_> = Identity::children(id, None, 99).into_iter().collect();
			assert_eq!(children, self.children(id));

			let acts = machine.is_living() && !machine.frozen;
			assert_eq!(
				Identity::authorize(&key(machine.key), KeyRights::PAY).ok(),
				(acts && machine.status == MachineStatus::Active).then_some(id)
			);
			for (device, rights) in &machine.further {
				for right in [KeyRights::PAY, KeyRights::CLAIM, KeyRights::SERVICES] {
					assert_eq!(
						Identity::authorize(&key(*device), right).ok(),
						(acts && rights.contains(right)).then_some(id)
					);
				}
				assert!(Identity::signer(&key(*device)).is_err());
			}
			if machine.is_living() {
				assert_eq!(Identity::signer(&key(machine.key)), Ok(id));
			}
		}
		for (device, machine, horizon) in &self.past {
			assert!(Identity::authorize(&key(*device), KeyRights::NONE).is_err());
			assert_eq!(
				Identity::signer(&key(*device)).ok(),
				(self.now <= *horizon).then_some(*machine)
			);
		}
		for who in 1..=OWNERS {
			assert_eq!(held(&owner(who)), self.held(who));
			assert_eq!(Balances::free_balance(owner(who)), ENDOWMENT - self.held(who));
		}
	}
}

fn require(condition: bool) -> Option<()> {
	condition.then_some(())
}

/// Makes the step on the chain.
fn dispatch(step: &Step) -> Result<(), sp_runtime::DispatchError> {
	match step.clone() {
		Step::Register { owner: who, device, stale } => {
			let expires_at = System::block_number() + 1 - 2 * u32::from(stale);
			Identity::register(origin(who), Device::new(device).agree(&owner(who), expires_at))
		},
		Step::Suspend { who, machine } => Identity::suspend(who.origin(), machine),
		Step::Resume { who, machine } => Identity::resume(who.origin(), machine),
		Step::Retire { who, machine } => Identity::retire(who.origin(), machine),
		Step::Rotate { who, machine, device } => {
			Identity::rotate_key(who.origin(), machine, new_key(machine, device, KeyRights::ALL))
		},
		Step::AddKey { who, machine, device, rights } => {
			Identity::add_key(who.origin(), machine, new_key(machine, device, rights), rights)
		},
		Step::RemoveKey { who, machine, device } => {
			Identity::remove_key(who.origin(), machine, key(device))
		},
		Step::Freeze { who, machines } => Identity::freeze(who.origin(), list(&machines)),
		Step::Unfreeze { who, machine } => Identity::unfreeze(who.origin(), machine),
		Step::SetOperator { who, machine, operator: appointed } => {
			let appointed = appointed.and_then(|(account, rights)| operator(account, rights));
			Identity::set_operator(who.origin(), machine, appointed)
		},
		Step::SetParent { who, machines, parent } => {
			Identity::set_parent(who.origin(), list(&machines), parent)
		},
		Step::Offer { who, machine, to, blocks } => {
			let expires_at = System::block_number() + blocks;
			Identity::offer_ownership(who.origin(), machine, owner(to), expires_at)
		},
		Step::Cancel { who, machine } => Identity::cancel_offer(who.origin(), machine),
		Step::Accept { who, machine } => {
			Identity::accept_ownership(who.origin(), machine, System::block_number())
		},
		Step::Advance { blocks } => {
			go_to(System::block_number() + blocks);
			Ok(())
		},
	}
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

	#[test]
	fn storage_should_follow_the_model(steps in prop::collection::vec(step(), 1..120)) {
		new_test_ext().execute_with(|| {
			let mut model = Model { now: 1, ..Default::default() };
			for step in &steps {
				let mut next = model.clone();
				let allowed = next.make(step).is_some();
				let result = dispatch(step);
				assert_eq!(result.is_ok(), allowed, "{step:?}: {result:?}");
				if allowed {
					model = next;
				}
				check_invariants();
				model.check();
			}
		});
	}
}
