use super::*;

#[test]
fn retirement_should_leave_nothing_behind_and_nobody_else_should_notice() {
	build_and_execute(|| {
		for kind in [ServiceKind::Charging, ServiceKind::Parking, ServiceKind::Charging] {
			offer(1, kind);
			offer(2, kind);
		}
		assert_ok!(Services::withdraw(signed(owner(1)), 1, 0));
		retire(1);
		assert!(!Catalogues::<Test>::contains_key(1));
		assert!(Services::services(1).is_empty());
		assert!(ByKind::<Test>::iter_keys().all(|(_, (machine, _))| machine == 2));
		assert_eq!(offered(2).len(), 3);
	});
}

#[test]
fn retirement_should_succeed_when_nothing_is_offered() {
	build_and_execute(|| {
		assert_ok!(Services::on_retire(1));
		assert_ok!(Services::on_retire(MachineId::MAX));
		offer(2, ServiceKind::Charging);
		assert_ok!(Services::withdraw(signed(owner(2)), 2, 0));
		retire(2);
		assert!(!Catalogues::<Test>::contains_key(2));
	});
}

#[test]
fn transfer_should_leave_the_catalogue_with_the_machine() {
	build_and_execute(|| {
		offer(1, ServiceKind::Charging);
		Services::on_transfer(1);
		assert_eq!(offered(1), [(0, ServiceKind::Charging)]);
	});
}

#[cfg(feature = "runtime-benchmarks")]
#[test]
fn retirement_should_be_measured_with_a_full_catalogue() {
	build_and_execute(|| {
		Services::benchmark_fill(1);
		assert_eq!(offered(1).len(), MAX_SERVICES as usize);
		assert_noop!(
			Services::offer(signed(owner(1)), 1, service(ServiceKind::Goods)),
			Error::<Test>::TooManyServices
		);
	});
}
