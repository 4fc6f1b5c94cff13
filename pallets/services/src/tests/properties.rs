//! Random sequences of operations against a model, with the invariants checked after each step.

use super::*;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone)]
enum Action {
	Offer { service: Service },
	Update { id: ServiceId, service: Service },
	Withdraw { id: ServiceId },
	Retire,
}

#[derive(Debug, Clone)]
struct Step {
	/// Makes an account out of `of`.
	role: fn(MachineId) -> AccountId,
	/// Whether the role may change a catalogue.
	permitted: bool,
	/// Whose account signs.
	of: MachineId,
	/// Whose catalogue changes.
	machine: MachineId,
	action: Action,
}

fn any_service() -> impl Strategy<Value = Service> {
	let kind = prop::sample::select(&ServiceKind::ALL[..3]);
	let price = prop_oneof![8 => 1..=MAX_PRICE, 1 => Just(0), 1 => Just(MAX_PRICE + 1)];
	let endpoint = prop_oneof![8 => Just("coap://[::1]/a"), 1 => Just("nowhere")];
	let unit = prop::sample::select(&Unit::ALL[..]);
	(kind, unit, price, endpoint).prop_map(|(kind, unit, price, endpoint)| Service {
		kind,
		unit,
		price,
		endpoint: uri(endpoint),
		description: None,
	})
}

fn action() -> impl Strategy<Value = Action> {
	let id = || 0..12u32;
	prop_oneof![
		40 => any_service().prop_map(|service| Action::Offer { service }),
		20 => (id(), any_service()).prop_map(|(id, service)| Action::Update { id, service }),
		20 => id().prop_map(|id| Action::Withdraw { id }),
		1 => Just(Action::Retire),
	]
}

fn step() -> impl Strategy<Value = Step> {
	let role = prop::sample::select(vec![
		(owner as fn(MachineId) -> AccountId, true),
		(operator, true),
		(payment_key, true),
		(services_key, true),
		(claim_key, false),
		(other_operator, false),
	]);
	(role, 0..4u64, prop::bool::weighted(0.1), action()).prop_map(
		|((role, permitted), machine, foreign, action)| Step {
			role,
			permitted,
			of: machine + u64::from(foreign),
			machine,
			action,
		},
	)
}

/// What must be true, without any of the pallet's code.
#[derive(Default)]
struct Model {
	machines: BTreeMap<MachineId, (ServiceId, BTreeMap<ServiceId, Service>)>,
	retired: BTreeSet<MachineId>,
}

impl Model {
	fn valid(service: &Service) -> bool {
		(1..=1_000_000_000_000).contains(&service.price)
			&& service.endpoint.to_text() == "coap://[::1]/a"
	}

	/// Whether the step is allowed, and makes it if so.
	fn apply(&mut self, step: &Step) -> bool {
		if !step.permitted || step.of != step.machine || self.retired.contains(&step.machine) {
			return false;
		}
		let (next, services) = self.machines.entry(step.machine).or_default();
		match &step.action {
			Action::Offer { service } => {
				let allowed = Self::valid(service) && services.len() < 8;
				if allowed {
					services.insert(*next, service.clone());
					*next += 1;
				}
				allowed
			},
			Action::Update { id, service } => {
				let allowed = Self::valid(service) && services.contains_key(id);
				if allowed {
					services.insert(*id, service.clone());
				}
				allowed
			},
			Action::Withdraw { id } => services.remove(id).is_some(),
			Action::Retire => {
				self.machines.remove(&step.machine);
				self.retired.insert(step.machine)
			},
		}
	}

	fn of_kind(&self, kind: ServiceKind) -> BTreeSet<(MachineId, ServiceId)> {
		self.machines
			.iter()
			.flat_map(|(machine, (_, services))| {
				services.iter().map(move |(id, service)| (*machine, *id, service.kind))
			})
			.filter(|(_, _, of)| *of == kind)
			.map(|(machine, id, _)| (machine, id))
			.collect()
	}
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

	#[test]
	fn storage_should_follow_the_model(
		steps in prop::collection::vec(step(), 1..100),
		limit in 1..8u32,
		after in (0..6u64, 0..12u32),
	) {
		new_test_ext().execute_with(|| {
			let mut model = Model::default();
			for step in steps {
				let origin = signed((step.role)(step.of));
				let machine = step.machine;
				let allowed = model.apply(&step);
				let result = match step.action {
					Action::Offer { service } => Services::offer(origin, machine, service),
					Action::Update { id, service } => {
						Services::update(origin, machine, id, service)
					},
					Action::Withdraw { id } => Services::withdraw(origin, machine, id),
					Action::Retire if allowed => {
						retire(machine);
						Ok(())
					},
					Action::Retire => Err(NOT_PERMITTED),
				};
				assert_eq!(result.is_ok(), allowed, "{result:?}");
				Services::do_try_state().unwrap();

				for machine in 0..5 {
					let expected: Vec<_> = model
						.machines
						.get(&machine)
						.map(|(_, services)| services.clone().into_iter().collect())
						.unwrap_or_default();
					let found: Vec<_> = Services::services(machine)
						.into_iter()
						.map(|info| (info.id, info.service))
						.collect();
					assert_eq!(found, expected);
				}
			}
			for kind in ServiceKind::ALL {
				let all = walk(kind, limit);
				let distinct: BTreeSet<_> = all.iter().copied().collect();
				assert_eq!(all.len(), distinct.len(), "something is listed twice");
				assert_eq!(distinct, model.of_kind(kind));
				// Whatever key a page starts after, it goes on within the same order.
				assert!(all.ends_with(&page(kind, Some(after), MAX_PAGE)));
				for info in Services::by_kind(kind, None, MAX_PAGE) {
					assert_eq!(info.service, model.machines[&info.machine].1[&info.id]);
				}
			}
		});
	}
}
