//! Who may change a catalogue.

use super::*;

/// What each call answers to `who`, without changing anything.
fn answers(who: AccountId, machine: MachineId) -> [DispatchResult; 3] {
	let unchanged = |call: &dyn Fn() -> DispatchResult| {
		frame_support::storage::with_transaction(|| {
			sp_runtime::TransactionOutcome::Rollback(Ok::<_, DispatchError>(call()))
		})
		.unwrap()
	};
	let new = || service(ServiceKind::Energy);
	[
		unchanged(&|| Services::offer(signed(who), machine, new())),
		unchanged(&|| Services::update(signed(who), machine, 0, new())),
		unchanged(&|| Services::withdraw(signed(who), machine, 0)),
	]
}

fn assert_answers(who: AccountId, machine: MachineId, answer: DispatchResult) {
	assert_eq!(answers(who, machine), [answer; 3], "{who} for machine {machine}");
}

#[test]
fn owner_operator_and_keys_with_the_right_should_manage_services() {
	build_and_execute(|| {
		offer(1, ServiceKind::Charging);
		for who in [owner(1), operator(1), payment_key(1), services_key(1)] {
			assert_answers(who, 1, Ok(()));
		}
	});
}

#[test]
fn nobody_else_should_manage_services() {
	build_and_execute(|| {
		offer(1, ServiceKind::Charging);
		let others = [owner(2), operator(2), payment_key(2), services_key(2)];
		for who in others.into_iter().chain([STRANGER, other_operator(1)]) {
			assert_answers(who, 1, Err(NOT_PERMITTED));
		}
		assert_answers(claim_key(1), 1, Err(RIGHT_MISSING));
		assert_answers(claim_key(1), 2, Err(NOT_PERMITTED));
		// The machine's own address is nobody's key.
		assert_answers(MockMachines::account(1), 1, Err(NOT_PERMITTED));
	});
}

#[test]
fn unsigned_origins_should_be_refused() {
	build_and_execute(|| {
		offer(1, ServiceKind::Charging);
		for origin in [RuntimeOrigin::none(), RuntimeOrigin::root()] {
			let new = || service(ServiceKind::Energy);
			assert_noop!(Services::offer(origin.clone(), 1, new()), DispatchError::BadOrigin);
			assert_noop!(Services::update(origin.clone(), 1, 0, new()), DispatchError::BadOrigin);
			assert_noop!(Services::withdraw(origin, 1, 0), DispatchError::BadOrigin);
		}
	});
}

#[test]
fn suspended_machine_should_keep_and_change_its_catalogue() {
	build_and_execute(|| {
		offer(1, ServiceKind::Charging);
		Suspended::set(&vec![1]);
		for who in [owner(1), operator(1), payment_key(1), services_key(1)] {
			assert_answers(who, 1, Ok(()));
		}
		assert_eq!(Services::services(1)[0].status, MachineStatus::Suspended);
		assert_eq!(
			Services::by_kind(ServiceKind::Charging, None, 1)[0].status,
			MachineStatus::Suspended
		);
	});
}

#[test]
fn frozen_keys_should_be_refused_and_the_owner_not() {
	build_and_execute(|| {
		offer(1, ServiceKind::Charging);
		Frozen::set(&vec![1]);
		assert_answers(owner(1), 1, Ok(()));
		assert_answers(operator(1), 1, Ok(()));
		// The machine's keys learn why; to a foreign machine they are nobody.
		for key in [payment_key(1), services_key(1)] {
			assert_answers(key, 1, Err(FROZEN));
			assert_answers(key, 2, Err(NOT_PERMITTED));
		}
	});
}

#[test]
fn retired_and_unknown_machines_should_be_refused() {
	build_and_execute(|| {
		offer(1, ServiceKind::Charging);
		retire(1);
		for who in [owner(1), operator(1), payment_key(1), services_key(1)] {
			assert_answers(who, 1, Err(RETIRED));
		}
		for machine in [MACHINES, MachineId::MAX - 5_000] {
			assert_answers(owner(machine), machine, Err(NOT_FOUND));
			assert_answers(payment_key(1), machine, Err(NOT_FOUND));
		}
	});
}

#[test]
fn authority_should_be_asked_before_anything_is_told() {
	build_and_execute(|| {
		let worthless = Service { price: 0, ..service(ServiceKind::Energy) };
		assert_noop!(Services::offer(signed(STRANGER), 1, worthless), NOT_PERMITTED);
		assert_noop!(Services::withdraw(signed(STRANGER), 1, 0), NOT_PERMITTED);
	});
}
