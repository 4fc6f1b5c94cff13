use super::*;

fn of(machine: MachineId) -> Subject<AccountId> {
	Subject::Machine(machine)
}

fn issue_all(who: AccountId, items: Vec<NewAttestation<AccountId, u32>>) {
	assert_ok!(Attestations::issue_batch(signed(who), BoundedVec::truncate_from(items)));
}

fn failed(items: impl IntoIterator<Item = (u32, Error<Test>)>) -> FailedItems {
	let failed =
		items.into_iter().map(|(index, error)| FailedItem { index, error: error.into() }).collect();
	BoundedVec::truncate_from(failed)
}

#[test]
fn batch_should_issue_the_good_and_report_the_bad_in_one_event() {
	with_lab(|| {
		let good = |machine| item(of(machine), MeterCalibration, 50);
		System::reset_events();
		issue_all(
			LAB,
			vec![
				good(0),
				item(of(1), Carbon, 50),
				good(UNKNOWN),
				item(of(1), MeterCalibration, 1),
				good(0),
				good(RETIRED),
				item(PERSON, MeterCalibration, 50),
				item(of(1), MeterCalibration, 2 + LIFETIME),
				good(1),
			],
		);
		let failed = failed([
			(1, Error::NotAccredited),
			(2, Error::MachineNotFound),
			(3, Error::ExpiryNotInFuture),
			(4, Error::AlreadyIssued),
			(5, Error::MachineRetired),
			(6, Error::WrongSubject),
			(7, Error::LifetimeTooLong),
		]);
		let ours: Vec<_> = System::events()
			.into_iter()
			.filter_map(|record| match record.event {
				RuntimeEvent::Attestations(event) => Some(event),
				_ => None,
			})
			.collect();
		assert_eq!(ours, [Event::BatchIssued { attester: LAB, issued: 2, failed }]);
		assert_eq!(Records::<Test>::iter().count(), 2);
		assert_eq!(held(LAB), 2 * DEPOSIT);
	});
}

#[test]
fn batch_should_stop_issuing_when_the_attester_runs_out_of_money() {
	with_lab(|| {
		let items = (0..11).map(|machine| item(of(machine), MeterCalibration, 50)).collect();
		issue_all(LAB, items);
		let error = DispatchError::Token(TokenError::FundsUnavailable);
		let failed = [9, 10].map(|index| FailedItem { index, error }).to_vec();
		let failed = BoundedVec::truncate_from(failed);
		System::assert_last_event(Event::BatchIssued { attester: LAB, issued: 9, failed }.into());
		assert_eq!(held(LAB), 9 * DEPOSIT);
	});
}

#[test]
fn batch_should_renew_the_good_and_report_the_bad() {
	with_lab(|| {
		issue_all(LAB, (0..4).map(|n| item(of(n), MeterCalibration, 50 + n as u32)).collect());
		assert_ok!(Attestations::revoke(signed(LAB), of(1), MeterCalibration));
		MockMachines::retire(2);
		System::set_block_number(51);
		let renewal = |machine, expires_at| Renewal {
			subject: of(machine),
			claim: MeterCalibration,
			expires_at,
		};
		let items = vec![
			renewal(0, 80),
			renewal(1, 80),
			renewal(2, 80),
			renewal(3, 53),
			renewal(4, 80),
			renewal(3, 80),
			renewal(3, 81),
			renewal(3, 52 + LIFETIME),
		];
		assert_ok!(Attestations::renew_batch(signed(LAB), BoundedVec::truncate_from(items)));
		let failed = failed([
			(0, Error::AttestationExpired),
			(1, Error::AttestationRevoked),
			(2, Error::MachineRetired),
			(3, Error::ExpiryNotLater),
			(4, Error::AttestationNotFound),
			(7, Error::LifetimeTooLong),
		]);
		System::assert_last_event(Event::BatchRenewed { attester: LAB, renewed: 2, failed }.into());
		let expiry = |n| Records::<Test>::get((of(n), MeterCalibration, LAB)).unwrap().expires_at;
		assert_eq!([0, 1, 2, 3].map(expiry), [50, 51, 52, 81]);
	});
}

#[test]
fn batch_should_revoke_the_good_and_report_the_bad() {
	with_lab(|| {
		issue_all(LAB, (0..4).map(|n| item(of(n), MeterCalibration, 50 + n as u32)).collect());
		System::set_block_number(51);
		withdraw(LAB, MeterCalibration);
		let items = [0, 1, 4, 1, 3]
			.map(|n| Revocation { subject: of(n), claim: MeterCalibration })
			.to_vec();
		assert_ok!(Attestations::revoke_batch(signed(LAB), BoundedVec::truncate_from(items)));
		let failed = failed([
			(0, Error::AttestationExpired),
			(2, Error::AttestationNotFound),
			(3, Error::AttestationRevoked),
		]);
		System::assert_last_event(Event::BatchRevoked { attester: LAB, revoked: 2, failed }.into());
		let revoked = |n| Records::<Test>::get((of(n), MeterCalibration, LAB)).unwrap().revoked_at;
		assert_eq!([0, 1, 2, 3].map(revoked), [None, Some(51), None, Some(51)]);
	});
}

#[test]
fn largest_batch_should_pass_through_a_whole_life() {
	build_and_execute(|| {
		accredit(RICH, Carbon);
		let machines = || (0..u64::from(MAX_ATTESTATION_BATCH)).map(|n| of(n + 100));
		issue_all(RICH, machines().map(|subject| item(subject, Carbon, 50)).collect());
		let none = failed([]);
		System::assert_last_event(
			Event::BatchIssued {
				attester: RICH,
				issued: MAX_ATTESTATION_BATCH,
				failed: none.clone(),
			}
			.into(),
		);
		assert_eq!(held(RICH), Balance::from(MAX_ATTESTATION_BATCH) * DEPOSIT);

		let renewals =
			machines().map(|subject| Renewal { subject, claim: Carbon, expires_at: 60 }).collect();
		assert_ok!(Attestations::renew_batch(signed(RICH), BoundedVec::truncate_from(renewals)));
		System::assert_last_event(
			Event::BatchRenewed {
				attester: RICH,
				renewed: MAX_ATTESTATION_BATCH,
				failed: none.clone(),
			}
			.into(),
		);

		let revocations: Vec<_> =
			machines().map(|subject| Revocation { subject, claim: Carbon }).collect();
		let revocations = BoundedVec::truncate_from(revocations);
		assert_ok!(Attestations::revoke_batch(signed(RICH), revocations.clone()));
		System::assert_last_event(
			Event::BatchRevoked { attester: RICH, revoked: MAX_ATTESTATION_BATCH, failed: none }
				.into(),
		);

		// As many failures fit into the event.
		assert_ok!(Attestations::revoke_batch(signed(RICH), revocations));
		let failures: Vec<_> =
			(0..MAX_ATTESTATION_BATCH).map(|n| (n, Error::AttestationRevoked)).collect();
		System::assert_last_event(
			Event::BatchRevoked { attester: RICH, revoked: 0, failed: failed(failures) }.into(),
		);
	});
}

#[test]
fn larger_batch_should_not_decode() {
	use codec::{Decode, Encode};
	type Items =
		BoundedVec<Revocation<AccountId>, frame_support::traits::ConstU32<MAX_ATTESTATION_BATCH>>;
	let items = |n: u32| vec![Revocation { subject: METER, claim: Carbon }; n as usize].encode();
	assert!(Items::decode(&mut &items(MAX_ATTESTATION_BATCH)[..]).is_ok());
	assert!(Items::decode(&mut &items(MAX_ATTESTATION_BATCH + 1)[..]).is_err());
}

#[test]
fn empty_batch_should_change_nothing() {
	build_and_execute(|| {
		issue_all(LAB, vec![]);
		let failed = failed([]);
		System::assert_last_event(Event::BatchIssued { attester: LAB, issued: 0, failed }.into());
	});
}

#[test]
fn batch_should_be_refused_when_nobody_signs_it() {
	build_and_execute(|| {
		for origin in [RuntimeOrigin::none(), RuntimeOrigin::root()] {
			let empty = BoundedVec::default();
			assert_noop!(Attestations::issue_batch(origin.clone(), empty), BadOrigin);
			let empty = BoundedVec::default();
			assert_noop!(Attestations::renew_batch(origin.clone(), empty), BadOrigin);
			let empty = BoundedVec::default();
			assert_noop!(Attestations::revoke_batch(origin, empty), BadOrigin);
		}
	});
}
