use super::*;

#[test]
fn accreditation_should_come_from_governance_alone() {
	build_and_execute(|| {
		for origin in [signed(LAB), RuntimeOrigin::none()] {
			assert_noop!(Attestations::accredit(origin.clone(), LAB, Carbon), BadOrigin);
			assert_noop!(Attestations::withdraw_accreditation(origin, LAB, Carbon), BadOrigin);
		}
		accredit(LAB, Carbon);
		System::assert_last_event(Event::Accredited { attester: LAB, claim: Carbon }.into());
		System::set_block_number(5);
		withdraw(LAB, Carbon);
		System::assert_last_event(
			Event::AccreditationWithdrawn { attester: LAB, claim: Carbon }.into(),
		);
		assert_eq!(
			Accreditations::<Test>::get(Carbon, LAB),
			Some(Accreditation { since: 1, until: Some(5) })
		);
	});
}

#[test]
fn accreditation_should_be_refused_when_there_is_one() {
	build_and_execute(|| {
		accredit(LAB, Carbon);
		assert_noop!(
			Attestations::accredit(RuntimeOrigin::root(), LAB, Carbon),
			Error::<Test>::AlreadyAccredited
		);
		// Neither another claim nor another attester is in the way.
		accredit(LAB, Location);
		accredit(OFFICE, Carbon);
	});
}

#[test]
fn withdrawal_should_be_refused_when_there_is_no_accreditation() {
	build_and_execute(|| {
		let withdraw_again =
			|| Attestations::withdraw_accreditation(RuntimeOrigin::root(), LAB, Carbon);
		assert_noop!(withdraw_again(), Error::<Test>::NotAccredited);
		accredit(LAB, Carbon);
		withdraw(LAB, Carbon);
		assert_noop!(withdraw_again(), Error::<Test>::NotAccredited);
	});
}

#[test]
fn withdrawal_should_end_validity_from_its_block_on_and_keep_the_past() {
	with_lab(|| {
		System::set_block_number(10);
		assert_ok!(issue(50));
		System::set_block_number(20);
		withdraw(LAB, MeterCalibration);
		assert!(!valid(9) && valid(10) && valid(19) && !valid(20) && !valid(50));
		assert_noop!(renew(60), Error::<Test>::NotAccredited);
		assert_noop!(
			Attestations::issue(signed(LAB), item(Subject::Machine(8), MeterCalibration, 50)),
			Error::<Test>::NotAccredited
		);
	});
}

#[test]
fn withdrawal_should_leave_other_claims_and_attesters_alone() {
	build_and_execute(|| {
		for (who, claim) in [(LAB, MeterCalibration), (LAB, Carbon), (OFFICE, MeterCalibration)] {
			accredit(who, claim);
			assert_ok!(Attestations::issue(signed(who), item(METER, claim, 50)));
		}
		withdraw(LAB, MeterCalibration);
		assert!(!Attestations::is_valid(&METER, MeterCalibration, &LAB, 1));
		assert!(Attestations::is_valid(&METER, Carbon, &LAB, 1));
		assert!(Attestations::is_valid(&METER, MeterCalibration, &OFFICE, 1));
	});
}

#[test]
fn new_accreditation_should_not_revive_what_was_issued_under_an_old_one() {
	with_lab(|| {
		assert_ok!(issue(90));
		System::set_block_number(10);
		withdraw(LAB, MeterCalibration);
		System::set_block_number(20);
		accredit(LAB, MeterCalibration);
		for at in [1, 9, 10, 19, 20, 90] {
			assert!(!valid(at), "in block {at}");
		}
		// Longer life would not make it valid either, but it can be issued anew, without a second
		// deposit.
		assert_noop!(renew(95), Error::<Test>::AttestationLapsed);
		assert_ok!(issue(95));
		assert!(valid(20) && valid(95));
		assert_eq!(held(LAB), DEPOSIT);
	});
}

#[test]
fn new_accreditation_should_not_revive_what_was_issued_in_the_same_block_before() {
	with_lab(|| {
		System::set_block_number(10);
		assert_ok!(issue(50));
		withdraw(LAB, MeterCalibration);
		accredit(LAB, MeterCalibration);
		assert!(!valid(10) && !valid(11));
		// What would come next in this block could not be told from what was before.
		assert_noop!(issue(50), Error::<Test>::NotAccredited);
		Attestations::do_try_state().unwrap();

		// However often it goes back and forth.
		withdraw(LAB, MeterCalibration);
		Attestations::do_try_state().unwrap();
		accredit(LAB, MeterCalibration);
		System::set_block_number(11);
		assert!(!valid(10) && !valid(11));
		assert_ok!(issue(50));
		assert!(!valid(10) && valid(11));
	});
}

#[test]
fn accreditation_should_count_in_its_own_block_when_the_withdrawal_was_before() {
	with_lab(|| {
		System::set_block_number(10);
		withdraw(LAB, MeterCalibration);
		System::set_block_number(11);
		accredit(LAB, MeterCalibration);
		assert_ok!(issue(50));
		assert!(valid(11));
	});
}
