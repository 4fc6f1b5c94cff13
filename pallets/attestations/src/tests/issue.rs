use super::*;

#[test]
fn attestation_should_be_valid_from_its_block_to_its_last() {
	with_lab(|| {
		System::set_block_number(10);
		assert_ok!(issue(50));
		System::assert_last_event(
			Event::AttestationIssued {
				subject: METER,
				claim: MeterCalibration,
				attester: LAB,
				expires_at: 50,
			}
			.into(),
		);
		assert!(!valid(9) && valid(10) && valid(50) && !valid(51));
		assert_eq!(
			record(),
			Some(AttestationRecord {
				evidence: [MeterCalibration as u8; 32],
				issued_at: 10,
				expires_at: 50,
				revoked_at: None,
				deposit: DEPOSIT
			})
		);
		assert_eq!(held(LAB), DEPOSIT);
	});
}

#[test]
fn attestation_should_be_refused_when_its_attester_is_not_accredited_for_the_claim() {
	build_and_execute(|| {
		assert_noop!(issue(50), Error::<Test>::NotAccredited);
		accredit(LAB, Carbon);
		accredit(OFFICE, MeterCalibration);
		assert_noop!(issue(50), Error::<Test>::NotAccredited);
	});
}

#[test]
fn attestation_should_be_refused_when_nobody_signs_it() {
	with_lab(|| {
		for origin in [RuntimeOrigin::none(), RuntimeOrigin::root()] {
			let refused = Attestations::issue(origin, item(METER, MeterCalibration, 50));
			assert_noop!(refused, BadOrigin);
		}
	});
}

#[test]
fn claim_should_be_refused_when_it_is_made_of_the_wrong_sort_of_subject() {
	build_and_execute(|| {
		for claim in ClaimType::ALL {
			accredit(LAB, claim);
			let (right, wrong) = match claim {
				OperatorKyc | HolderKyc => (PERSON, METER),
				Manufacturer | MeterCalibration | Location | Carbon => (METER, PERSON),
			};
			assert_noop!(
				Attestations::issue(signed(LAB), item(wrong, claim, 50)),
				Error::<Test>::WrongSubject
			);
			assert_ok!(Attestations::issue(signed(LAB), item(right, claim, 50)));
		}
		assert_eq!(held(LAB), 6 * DEPOSIT);
	});
}

#[test]
fn machine_should_be_attested_unless_it_is_unknown_or_retired() {
	with_lab(|| {
		let issue_of = |machine| {
			let subject = Subject::Machine(machine);
			Attestations::issue(signed(LAB), item(subject, MeterCalibration, 50))
		};
		assert_noop!(issue_of(UNKNOWN), Error::<Test>::MachineNotFound);
		assert_noop!(issue_of(MachineId::MAX), Error::<Test>::MachineNotFound);
		assert_noop!(issue_of(RETIRED), Error::<Test>::MachineRetired);
		assert_ok!(issue_of(SUSPENDED));
	});
}

#[test]
fn expiry_should_lie_ahead_but_not_too_far() {
	with_lab(|| {
		System::set_block_number(10);
		for expires_at in [0, 9, 10] {
			assert_noop!(issue(expires_at), Error::<Test>::ExpiryNotInFuture);
		}
		for expires_at in [10 + LIFETIME + 1, u32::MAX] {
			assert_noop!(issue(expires_at), Error::<Test>::LifetimeTooLong);
		}
		assert_ok!(issue(10 + LIFETIME));
		let shortest = item(Subject::Machine(8), MeterCalibration, 11);
		assert_ok!(Attestations::issue(signed(LAB), shortest));
	});
}

#[test]
fn attestation_should_be_refused_while_there_is_a_valid_one() {
	with_lab(|| {
		assert_ok!(issue(50));
		assert_noop!(issue(60), Error::<Test>::AlreadyIssued);
		System::set_block_number(50);
		assert_noop!(issue(60), Error::<Test>::AlreadyIssued);
		// Another attester's word is another attestation.
		accredit(OFFICE, MeterCalibration);
		assert_ok!(Attestations::issue(signed(OFFICE), item(METER, MeterCalibration, 60)));
	});
}

#[test]
fn expired_attestation_should_be_replaced_with_its_deposit() {
	with_lab(|| {
		assert_ok!(issue(50));
		System::set_block_number(51);
		assert_ok!(issue(60));
		assert!(!valid(50) && valid(51) && valid(60) && !valid(61));
		assert_eq!(held(LAB), DEPOSIT);
	});
}

#[test]
fn revoked_attestation_should_be_replaced_with_its_deposit() {
	with_lab(|| {
		assert_ok!(issue(50));
		assert_ok!(revoke());
		assert!(!valid(1));
		assert_ok!(issue(40));
		assert!(valid(1) && valid(40) && !valid(41));
		assert_eq!(held(LAB), DEPOSIT);
	});
}

#[test]
fn attestation_should_be_refused_when_its_attester_cannot_pay_the_deposit() {
	with_lab(|| {
		for machine in 0..9 {
			let of_machine = item(Subject::Machine(machine), MeterCalibration, 50);
			assert_ok!(Attestations::issue(signed(LAB), of_machine));
		}
		assert_noop!(
			Attestations::issue(signed(LAB), item(Subject::Machine(9), MeterCalibration, 50)),
			TokenError::FundsUnavailable
		);
		assert_eq!(held(LAB), 9 * DEPOSIT);
		// To replace one costs nothing more.
		assert_ok!(Attestations::revoke(signed(LAB), METER, MeterCalibration));
		assert_ok!(issue(50));
	});
}
