use super::*;
use dam_primitives::MAX_PAGE;

/// Accredits account `who` for `claim` and lets it attest of `METER` until block `expires_at`.
fn attest(who: AccountId, claim: ClaimType, expires_at: u32) {
	accredit(who, claim);
	assert_ok!(Attestations::issue(signed(who), item(METER, claim, expires_at)));
}

/// Puts `n` attestations of the same into storage, by as many attesters.
fn crowd(n: u32) {
	for who in 1_000..1_000 + AccountId::from(n) {
		Accreditations::<Test>::insert(Carbon, who, Accreditation { since: 1, until: None });
		let record = AttestationRecord {
			evidence: [0; 32],
			issued_at: 1,
			expires_at: 50,
			revoked_at: None,
			deposit: DEPOSIT,
		};
		Records::<Test>::insert((METER, Carbon, who), record);
	}
}

#[test]
fn attestations_should_be_listed_with_everything_that_is_known() {
	build_and_execute(|| {
		attest(LAB, MeterCalibration, 50);
		attest(OFFICE, MeterCalibration, 20);
		attest(LAB, Manufacturer, 60);
		attest(OFFICE, Location, 60);
		System::set_block_number(15);
		assert_ok!(Attestations::revoke(signed(LAB), METER, MeterCalibration));
		withdraw(OFFICE, Location);
		System::set_block_number(20);
		let of = Attestations::of(METER, None, 10);
		let seen: Vec<_> = of
			.iter()
			.map(|info| (info.claim, info.attester, info.expires_at, info.revoked_at, info.valid))
			.collect();
		assert_eq!(seen.len(), 4);
		for expected in [
			(Manufacturer, LAB, 60, None, true),
			(MeterCalibration, LAB, 50, Some(15), false),
			(MeterCalibration, OFFICE, 20, None, true),
			(Location, OFFICE, 60, None, false),
		] {
			assert!(seen.contains(&expected), "{expected:?} in {seen:?}");
		}
		assert!(of.iter().all(|info| info.issued_at == 1));
		assert!(of.iter().all(|info| info.evidence == [info.claim as u8; 32]));
		assert!(of.is_sorted_by_key(|info| info.claim));

		System::set_block_number(21);
		let valid = Attestations::of(METER, None, 10).iter().filter(|info| info.valid).count();
		assert_eq!(valid, 1);
		assert!(Attestations::of(Subject::Machine(8), None, 10).is_empty());
		assert!(Attestations::of(Subject::Account(7), None, 10).is_empty());
	});
}

#[test]
fn pages_should_join_to_the_whole_list_whatever_their_size() {
	build_and_execute(|| {
		for who in 1..=5 {
			attest(who, Carbon, 50);
			attest(who, Location, 50);
		}
		// A neighbour in storage must not be seen.
		let neighbour = item(Subject::Machine(8), Carbon, 50);
		assert_ok!(Attestations::issue(signed(1), neighbour));
		let whole = Attestations::of(METER, None, MAX_PAGE);
		assert_eq!(whole.len(), 10);
		for size in 1..=11 {
			let (mut joined, mut after) = (vec![], None);
			loop {
				let page = Attestations::of(METER, after, size);
				after = page.last().map(|info| (info.claim, info.attester));
				let full = page.len() == size as usize;
				joined.extend(page);
				if !full {
					break;
				}
			}
			assert_eq!(joined, whole, "in pages of {size}");
		}
		assert!(Attestations::of(METER, None, 0).is_empty());
	});
}

#[test]
fn page_should_go_on_where_the_last_item_is_gone() {
	build_and_execute(|| {
		for who in 1..=5 {
			attest(who, Carbon, 10 + who as u32);
		}
		let whole = Attestations::of(METER, None, 10);
		let gone = &whole[2];
		System::set_block_number(gone.expires_at + 1);
		assert_ok!(Attestations::remove(signed(50), METER, Carbon, gone.attester));
		let rest = Attestations::of(METER, Some((Carbon, gone.attester)), 10);
		let rest: Vec<_> = rest.iter().map(|info| info.attester).collect();
		assert_eq!(rest, [whole[3].attester, whole[4].attester]);
	});
}

#[test]
fn lists_should_be_bounded_however_much_is_asked_for() {
	new_test_ext().execute_with(|| {
		crowd(MAX_PAGE + 10);
		let page = Attestations::of(METER, None, u32::MAX);
		assert_eq!(page.len(), MAX_PAGE as usize);
		let last = page.last().map(|info| (info.claim, info.attester));
		assert_eq!(Attestations::of(METER, last, u32::MAX).len(), 10);
		assert_eq!(Attestations::attesters(METER, Carbon, 1).len(), MAX_PAGE as usize);
		// Invalid ones are not skipped for free.
		assert!(Attestations::attesters(METER, Carbon, 51).is_empty());
	});
}

#[test]
fn other_claims_should_not_take_room_from_the_attesters_of_one() {
	new_test_ext().execute_with(|| {
		crowd(MAX_PAGE + 10);
		attest(LAB, Manufacturer, 50);
		attest(OFFICE, MeterCalibration, 50);
		assert_eq!(Attestations::attesters(METER, Manufacturer, 1), [LAB]);
		assert_eq!(Attestations::attesters(METER, MeterCalibration, 1), [OFFICE]);
	});
}

#[test]
fn attesters_should_be_those_whose_word_was_valid_in_the_block() {
	build_and_execute(|| {
		attest(1, Carbon, 50);
		System::set_block_number(10);
		attest(2, Carbon, 20);
		attest(3, Carbon, 50);
		attest(4, Location, 50);
		System::set_block_number(15);
		assert_ok!(Attestations::revoke(signed(3), METER, Carbon));
		System::set_block_number(30);
		withdraw(1, Carbon);
		let at = |block| {
			let mut attesters = Attestations::attesters(METER, Carbon, block);
			attesters.sort();
			attesters
		};
		assert_eq!(at(0), [0u64; 0]);
		assert_eq!(at(1), [1]);
		assert_eq!(at(9), [1]);
		assert_eq!(at(10), [1, 2, 3]);
		assert_eq!(at(14), [1, 2, 3]);
		assert_eq!(at(15), [1, 2]);
		assert_eq!(at(20), [1, 2]);
		assert_eq!(at(21), [1]);
		assert_eq!(at(29), [1]);
		assert_eq!(at(30), [0u64; 0]);
		assert_eq!(at(u32::MAX), [0u64; 0]);
	});
}

#[test]
fn attestation_should_not_be_valid_of_another_subject_claim_or_attester() {
	with_lab(|| {
		assert_ok!(issue(50));
		assert!(valid(1));
		assert!(!Attestations::is_valid(&Subject::Machine(8), MeterCalibration, &LAB, 1));
		assert!(!Attestations::is_valid(&Subject::Account(7), MeterCalibration, &LAB, 1));
		assert!(!Attestations::is_valid(&METER, Carbon, &LAB, 1));
		assert!(!Attestations::is_valid(&METER, MeterCalibration, &OFFICE, 1));
	});
}
