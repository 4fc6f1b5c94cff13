use super::*;

fn update(machine: MachineId, id: ServiceId, service: Service) -> DispatchResult {
	Services::update(signed(owner(machine)), machine, id, service)
}

#[test]
fn update_should_replace_one_service_and_keep_its_id() {
	build_and_execute(|| {
		offer(1, ServiceKind::Charging);
		offer(1, ServiceKind::Parking);
		let dearer = Service { price: 300_000, ..service(ServiceKind::Charging) };
		assert_ok!(update(1, 0, dearer.clone()));
		System::assert_last_event(
			Event::ServiceUpdated { machine: 1, id: 0, kind: ServiceKind::Charging }.into(),
		);
		let services: Vec<_> =
			Services::services(1).into_iter().map(|info| (info.id, info.service)).collect();
		assert_eq!(services, [(0, dearer), (1, service(ServiceKind::Parking))]);
		assert_eq!(Catalogues::<Test>::get(1).next_id, 2);
	});
}

#[test]
fn update_should_move_the_service_when_its_kind_changes() {
	build_and_execute(|| {
		offer(1, ServiceKind::Charging);
		offer(2, ServiceKind::Charging);
		assert_ok!(update(1, 0, service(ServiceKind::Energy)));
		System::assert_last_event(
			Event::ServiceUpdated { machine: 1, id: 0, kind: ServiceKind::Energy }.into(),
		);
		assert_eq!(page(ServiceKind::Charging, None, MAX_PAGE), [(2, 0)]);
		assert_eq!(page(ServiceKind::Energy, None, MAX_PAGE), [(1, 0)]);
	});
}

#[test]
fn update_should_work_when_the_catalogue_is_full() {
	build_and_execute(|| {
		for _ in 0..MAX_SERVICES {
			offer(1, ServiceKind::Charging);
		}
		assert_ok!(update(1, MAX_SERVICES - 1, service(ServiceKind::Toll)));
		assert_eq!(offered(1).last(), Some(&(MAX_SERVICES - 1, ServiceKind::Toll)));
	});
}

#[test]
fn update_should_be_refused_when_the_service_is_not_offered() {
	build_and_execute(|| {
		let other = service(ServiceKind::Energy);
		assert_noop!(update(1, 0, other.clone()), Error::<Test>::ServiceNotFound);
		offer(1, ServiceKind::Charging);
		for id in [1, ServiceId::MAX] {
			assert_noop!(update(1, id, other.clone()), Error::<Test>::ServiceNotFound);
		}
		// An id of another machine's.
		offer(2, ServiceKind::Charging);
		offer(2, ServiceKind::Charging);
		assert_noop!(update(1, 1, other.clone()), Error::<Test>::ServiceNotFound);
		// One that was withdrawn.
		assert_ok!(Services::withdraw(signed(owner(1)), 1, 0));
		assert_noop!(update(1, 0, other), Error::<Test>::ServiceNotFound);
	});
}

#[test]
fn update_should_obey_the_bounds_of_an_offer() {
	build_and_execute(|| {
		offer(1, ServiceKind::Charging);
		let charging = || service(ServiceKind::Charging);
		for (bad, error) in [
			(Service { price: 0, ..charging() }, Error::<Test>::ZeroPrice),
			(Service { price: MAX_PRICE + 1, ..charging() }, Error::PriceTooHigh),
			(Service { endpoint: uri("charger.example"), ..charging() }, Error::InvalidEndpoint),
		] {
			assert_noop!(update(1, 0, bad), error);
		}
		assert_ok!(update(1, 0, Service { price: MAX_PRICE, ..charging() }));
		assert_ok!(update(1, 0, Service { price: 1, ..charging() }));
	});
}
