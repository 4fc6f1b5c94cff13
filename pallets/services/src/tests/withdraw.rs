use super::*;

fn withdraw(machine: MachineId, id: ServiceId) -> DispatchResult {
	Services::withdraw(signed(owner(machine)), machine, id)
}

#[test]
fn withdrawal_should_end_one_service_and_leave_the_others() {
	build_and_execute(|| {
		for kind in [ServiceKind::Charging, ServiceKind::Parking, ServiceKind::Charging] {
			offer(1, kind);
		}
		offer(2, ServiceKind::Charging);
		assert_ok!(withdraw(1, 0));
		System::assert_last_event(Event::ServiceWithdrawn { machine: 1, id: 0 }.into());
		assert_eq!(offered(1), [(1, ServiceKind::Parking), (2, ServiceKind::Charging)]);
		let mut charging = page(ServiceKind::Charging, None, MAX_PAGE);
		charging.sort();
		assert_eq!(charging, [(1, 2), (2, 0)]);
	});
}

#[test]
fn withdrawal_should_be_refused_when_the_service_is_not_offered() {
	build_and_execute(|| {
		assert_noop!(withdraw(1, 0), Error::<Test>::ServiceNotFound);
		offer(1, ServiceKind::Charging);
		assert_noop!(withdraw(1, 1), Error::<Test>::ServiceNotFound);
		assert_noop!(withdraw(2, 0), Error::<Test>::ServiceNotFound);
		assert_ok!(withdraw(1, 0));
		assert_noop!(withdraw(1, 0), Error::<Test>::ServiceNotFound);
	});
}
