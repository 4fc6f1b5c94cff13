//! Each invariant must notice the corruption it is about.

use super::*;

fn corrupt(law: &str, corruption: impl FnOnce()) {
	new_test_ext().execute_with(|| {
		offer(1, ServiceKind::Charging);
		offer(1, ServiceKind::Parking);
		offer(2, ServiceKind::Charging);
		Services::do_try_state().unwrap();
		corruption();
		let error = Services::do_try_state().unwrap_err();
		let text: &'static str = error.into();
		assert!(text.starts_with(law), "law {law} should have been broken, not: {text}");
	});
}

fn change(change: impl FnOnce(&mut Catalogue)) {
	Catalogues::<Test>::mutate(1, change);
}

fn change_first(change: impl FnOnce(&mut (ServiceId, Service))) {
	Catalogues::<Test>::mutate(1, |catalogue| {
		change(catalogue.services.iter_mut().next().unwrap())
	});
}

#[test]
fn invariants_should_notice_every_corruption() {
	// An id twice, descending ids, and an id that was never given.
	corrupt("1", || change_first(|(id, _)| *id = 1));
	corrupt("1", || change(|catalogue| catalogue.services.sort_by(|a, b| b.0.cmp(&a.0))));
	corrupt("1", || change(|catalogue| catalogue.next_id = 1));

	corrupt("2", || change_first(|(_, service)| service.price = 0));
	corrupt("2", || change_first(|(_, service)| service.price = MAX_PRICE + 1));
	corrupt("2", || change_first(|(_, service)| service.endpoint = Uri::default()));

	corrupt("3", || Retired::set(&vec![1]));
	corrupt("3", || {
		let catalogue = Catalogues::<Test>::take(1);
		Catalogues::<Test>::insert(MACHINES, catalogue);
	});
	corrupt("3", || Catalogues::<Test>::insert(5, Catalogue::default()));

	// Both ways: something offered that is not indexed, and something indexed that is not offered.
	corrupt("4", || ByKind::<Test>::remove(ServiceKind::Charging, (1, 0)));
	corrupt("4", || ByKind::<Test>::insert(ServiceKind::Charging, (1, 1), ()));
	corrupt("4", || ByKind::<Test>::insert(ServiceKind::Charging, (MACHINES, 0), ()));
	corrupt("4", || change_first(|(_, service)| service.kind = ServiceKind::Toll));
	corrupt("4", || change(|catalogue| catalogue.services.clear()));
	corrupt("4", || Catalogues::<Test>::remove(2));
}
