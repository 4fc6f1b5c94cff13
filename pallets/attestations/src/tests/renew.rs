use super::*;

#[test]
fn renewal_should_extend_the_life_and_nothing_else() {
	with_lab(|| {
		assert_ok!(issue(50));
		let before = record().unwrap();
		System::set_block_number(50);
		assert_ok!(renew(120));
		System::assert_last_event(
			Event::AttestationRenewed {
				subject: METER,
				claim: MeterCalibration,
				attester: LAB,
				expires_at: 120,
			}
			.into(),
		);
		assert_eq!(record(), Some(AttestationRecord { expires_at: 120, ..before }));
		assert!(valid(1) && valid(50) && valid(51) && valid(120) && !valid(121));
		assert_eq!(held(LAB), DEPOSIT);
	});
}

#[test]
fn renewal_should_be_refused_when_there_is_nothing_of_the_signers_own() {
	with_lab(|| {
		assert_noop!(renew(60), Error::<Test>::AttestationNotFound);
		assert_ok!(issue(50));
		accredit(OFFICE, MeterCalibration);
		assert_noop!(
			Attestations::renew(signed(OFFICE), METER, MeterCalibration, 60),
			Error::<Test>::AttestationNotFound
		);
		assert_noop!(
			Attestations::renew(signed(LAB), METER, Carbon, 60),
			Error::<Test>::AttestationNotFound
		);
		assert_noop!(
			Attestations::renew(signed(LAB), Subject::Account(7), MeterCalibration, 60),
			Error::<Test>::AttestationNotFound
		);
		assert_noop!(
			Attestations::renew(RuntimeOrigin::root(), METER, MeterCalibration, 60),
			BadOrigin
		);
	});
}

#[test]
fn renewal_should_be_refused_when_the_attestation_is_over() {
	with_lab(|| {
		assert_ok!(issue(50));
		System::set_block_number(51);
		assert_noop!(renew(60), Error::<Test>::AttestationExpired);
		assert_ok!(issue(80));
		assert_ok!(revoke());
		assert_noop!(renew(90), Error::<Test>::AttestationRevoked);
	});
}

#[test]
fn renewal_should_name_a_later_block_but_not_too_far_ahead() {
	with_lab(|| {
		assert_ok!(issue(50));
		System::set_block_number(10);
		for expires_at in [0, 10, 49, 50] {
			assert_noop!(renew(expires_at), Error::<Test>::ExpiryNotLater);
		}
		for expires_at in [10 + LIFETIME + 1, u32::MAX] {
			assert_noop!(renew(expires_at), Error::<Test>::LifetimeTooLong);
		}
		assert_ok!(renew(51));
		assert_ok!(renew(10 + LIFETIME));
	});
}

#[test]
fn renewal_should_be_refused_when_the_machine_is_retired() {
	with_lab(|| {
		assert_ok!(issue(50));
		MockMachines::retire(7);
		assert_noop!(renew(60), Error::<Test>::MachineRetired);
	});
}

#[test]
fn renewal_should_be_refused_when_the_accreditation_is_withdrawn() {
	with_lab(|| {
		assert_ok!(issue(50));
		withdraw(LAB, MeterCalibration);
		assert_noop!(renew(60), Error::<Test>::NotAccredited);
	});
}
