use super::*;

fn refused(service: Service, error: Error<Test>) {
	assert_noop!(Services::offer(signed(owner(1)), 1, service), error);
}

#[test]
fn offer_should_publish_exactly_what_was_said() {
	build_and_execute(|| {
		let service = Service {
			kind: ServiceKind::Data,
			unit: Unit::Request,
			price: 1,
			endpoint: uri("coap://[2001:db8::1]/readings?of=pm10"),
			description: Some(Cid(BoundedVec::truncate_from(vec![1, 0x55, 0x12, 0x20]))),
		};
		assert_ok!(Services::offer(signed(owner(1)), 1, service.clone()));
		System::assert_last_event(
			Event::ServiceOffered { machine: 1, id: 0, kind: ServiceKind::Data }.into(),
		);
		let info = ServiceInfo { machine: 1, status: MachineStatus::Active, id: 0, service };
		assert_eq!(Services::services(1), vec![info.clone()]);
		assert_eq!(Services::by_kind(ServiceKind::Data, None, MAX_PAGE), vec![info]);
		assert!(Services::services(2).is_empty());
	});
}

#[test]
fn ids_should_ascend_per_machine_and_never_come_back() {
	build_and_execute(|| {
		assert_eq!(offer(1, ServiceKind::Charging), 0);
		assert_eq!(offer(1, ServiceKind::Charging), 1);
		assert_eq!(offer(2, ServiceKind::Charging), 0);
		assert_ok!(Services::withdraw(signed(owner(1)), 1, 1));
		assert_ok!(Services::withdraw(signed(owner(1)), 1, 0));
		assert_eq!(offer(1, ServiceKind::Charging), 2);
		assert_eq!(offered(1), [(2, ServiceKind::Charging)]);
	});
}

#[test]
fn price_should_be_accepted_up_to_both_bounds_and_no_further() {
	build_and_execute(|| {
		let priced = |price| Service { price, ..service(ServiceKind::Energy) };
		refused(priced(0), Error::ZeroPrice);
		refused(priced(MAX_PRICE + 1), Error::PriceTooHigh);
		refused(priced(u128::MAX), Error::PriceTooHigh);
		assert_ok!(Services::offer(signed(owner(1)), 1, priced(1)));
		assert_ok!(Services::offer(signed(owner(1)), 1, priced(MAX_PRICE)));
	});
}

#[test]
fn endpoint_should_be_refused_when_it_is_no_absolute_uri() {
	build_and_execute(|| {
		let at = |endpoint| Service { endpoint, ..service(ServiceKind::Water) };
		refused(at(Uri::default()), Error::InvalidEndpoint);
		for bad in ["charger.example", "/kwh", "http:", "http://a b", "x:%2", "x:\0", "x:ü"] {
			refused(at(uri(bad)), Error::InvalidEndpoint);
		}
		refused(at(Uri(BoundedVec::truncate_from(vec![b'x', b':', 0xff]))), Error::InvalidEndpoint);
		let longest = format!("x:{}", "y".repeat(MAX_URI_BYTES as usize - 2));
		assert_ok!(Services::offer(signed(owner(1)), 1, at(uri(&longest))));
	});
}

#[test]
fn offer_should_be_refused_when_the_catalogue_is_full() {
	build_and_execute(|| {
		for _ in 0..MAX_SERVICES {
			offer(1, ServiceKind::Charging);
		}
		refused(service(ServiceKind::Charging), Error::TooManyServices);
		// Others are not concerned, and a withdrawal makes room.
		offer(2, ServiceKind::Charging);
		assert_ok!(Services::withdraw(signed(owner(1)), 1, 3));
		assert_eq!(offer(1, ServiceKind::Parking), MAX_SERVICES);
		refused(service(ServiceKind::Charging), Error::TooManyServices);
	});
}

#[test]
fn offer_should_be_refused_when_no_id_is_left() {
	build_and_execute(|| {
		Catalogues::<Test>::mutate(1, |catalogue| catalogue.next_id = ServiceId::MAX - 1);
		assert_eq!(offer(1, ServiceKind::Charging), ServiceId::MAX - 1);
		refused(service(ServiceKind::Charging), Error::ServiceIdsExhausted);
		assert_eq!(offered(1), [(ServiceId::MAX - 1, ServiceKind::Charging)]);
	});
}

#[test]
fn every_kind_should_have_an_index_of_its_own() {
	build_and_execute(|| {
		for (machine, kind) in (0..).zip(ServiceKind::ALL) {
			offer(machine, kind);
		}
		for (machine, kind) in (0..).zip(ServiceKind::ALL) {
			assert_eq!(page(kind, None, MAX_PAGE), [(machine, 0)]);
		}
	});
}
