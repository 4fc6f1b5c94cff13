use super::*;

#[test]
fn anybody_should_clear_what_has_expired_and_the_attester_get_the_deposit() {
	with_lab(|| {
		assert_ok!(issue(50));
		System::set_block_number(51);
		assert_ok!(remove());
		System::assert_last_event(
			Event::AttestationRemoved { subject: METER, claim: MeterCalibration, attester: LAB }
				.into(),
		);
		assert_eq!(record(), None);
		assert_eq!((held(LAB), Balances::free_balance(LAB)), (0, ENDOWMENT));
		assert_eq!(Balances::free_balance(50), 0);
		assert_noop!(remove(), Error::<Test>::AttestationNotFound);
	});
}

#[test]
fn removal_should_be_refused_until_the_last_block_is_over() {
	with_lab(|| {
		assert_ok!(issue(50));
		assert_noop!(remove(), Error::<Test>::NotExpired);
		assert_ok!(revoke());
		withdraw(LAB, MeterCalibration);
		System::set_block_number(50);
		assert_noop!(remove(), Error::<Test>::NotExpired);
		System::set_block_number(51);
		for origin in [RuntimeOrigin::root(), RuntimeOrigin::none()] {
			assert_noop!(Attestations::remove(origin, METER, MeterCalibration, LAB), BadOrigin);
		}
		assert_ok!(remove());
	});
}

#[test]
fn removal_should_take_the_attestation_of_the_named_attester_alone() {
	with_lab(|| {
		accredit(OFFICE, MeterCalibration);
		assert_ok!(issue(50));
		assert_ok!(Attestations::issue(signed(OFFICE), item(METER, MeterCalibration, 60)));
		System::set_block_number(55);
		assert_noop!(
			Attestations::remove(signed(LAB), METER, MeterCalibration, OFFICE),
			Error::<Test>::NotExpired
		);
		assert_ok!(remove());
		assert_eq!((held(LAB), held(OFFICE)), (0, DEPOSIT));
		assert!(Attestations::is_valid(&METER, MeterCalibration, &OFFICE, 55));
	});
}

#[test]
fn removed_attestation_should_be_issued_anew_for_a_new_deposit() {
	with_lab(|| {
		assert_ok!(issue(50));
		System::set_block_number(51);
		assert_ok!(remove());
		assert_ok!(issue(60));
		assert_eq!(held(LAB), DEPOSIT);
	});
}
