use super::*;

#[test]
fn revocation_should_end_validity_from_its_block_on_and_keep_the_past() {
	with_lab(|| {
		assert_ok!(issue(50));
		System::set_block_number(20);
		assert_ok!(revoke());
		System::assert_last_event(
			Event::AttestationRevoked { subject: METER, claim: MeterCalibration, attester: LAB }
				.into(),
		);
		assert!(valid(1) && valid(19) && !valid(20) && !valid(50));
		// The record and with it the deposit stay until the last block is over.
		assert_eq!(held(LAB), DEPOSIT);
		System::set_block_number(50);
		assert_noop!(remove(), Error::<Test>::NotExpired);
	});
}

#[test]
fn revocation_should_work_without_an_accreditation_and_of_retired_machines() {
	with_lab(|| {
		assert_ok!(issue(50));
		System::set_block_number(20);
		withdraw(LAB, MeterCalibration);
		MockMachines::retire(7);
		System::set_block_number(30);
		assert_ok!(revoke());
		assert!(valid(19) && !valid(20) && !valid(30));
	});
}

#[test]
fn revocation_should_work_in_the_block_of_the_issue_and_in_the_last() {
	with_lab(|| {
		assert_ok!(issue(50));
		assert_ok!(revoke());
		assert!(!valid(1));
		assert_ok!(issue(50));
		System::set_block_number(50);
		assert_ok!(revoke());
		assert!(valid(1) && valid(49) && !valid(50));
	});
}

#[test]
fn revocation_should_be_refused_when_there_is_nothing_of_the_signers_own() {
	with_lab(|| {
		assert_noop!(revoke(), Error::<Test>::AttestationNotFound);
		assert_ok!(issue(50));
		accredit(OFFICE, MeterCalibration);
		assert_noop!(
			Attestations::revoke(signed(OFFICE), METER, MeterCalibration),
			Error::<Test>::AttestationNotFound
		);
		for origin in [RuntimeOrigin::root(), RuntimeOrigin::none()] {
			assert_noop!(Attestations::revoke(origin, METER, MeterCalibration), BadOrigin);
		}
	});
}

#[test]
fn revocation_should_be_refused_when_the_attestation_is_over() {
	with_lab(|| {
		assert_ok!(issue(50));
		System::set_block_number(51);
		// Otherwise an attester could still change what was said of the past.
		assert_noop!(revoke(), Error::<Test>::AttestationExpired);
		assert_ok!(issue(80));
		assert_ok!(revoke());
		System::set_block_number(60);
		assert_noop!(revoke(), Error::<Test>::AttestationRevoked);
		assert_eq!(record().unwrap().revoked_at, Some(51));
	});
}
