//! Each invariant must notice the corruption it is about.

use super::*;
use frame_support::traits::fungible::MutateHold;

fn corrupt(law: &str, corruption: impl FnOnce()) {
	new_test_ext().execute_with(|| {
		accredit(LAB, MeterCalibration);
		accredit(OFFICE, OperatorKyc);
		System::set_block_number(10);
		assert_ok!(issue(50));
		assert_ok!(Attestations::issue(signed(OFFICE), item(PERSON, OperatorKyc, 50)));
		System::set_block_number(20);
		assert_ok!(revoke());
		withdraw(OFFICE, OperatorKyc);
		Attestations::do_try_state().unwrap();
		corruption();
		let error = Attestations::do_try_state().unwrap_err();
		let text: &'static str = error.into();
		assert!(text.starts_with(law), "law {law} should have been broken, not: {text}");
	});
}

fn change(corruption: impl FnOnce(&mut AttestationRecordOf<Test>)) {
	Records::<Test>::mutate((METER, MeterCalibration, LAB), |record| {
		corruption(record.as_mut().unwrap())
	});
}

fn accreditation(who: AccountId, claim: ClaimType, since: u32, until: Option<u32>) {
	Accreditations::<Test>::insert(claim, who, Accreditation { since, until });
}

fn rename(subject: Subject<AccountId>, claim: ClaimType, attester: AccountId) {
	let record = Records::<Test>::take((METER, MeterCalibration, LAB)).unwrap();
	Records::<Test>::insert((subject, claim, attester), record);
}

#[test]
fn accreditations_should_not_begin_or_end_in_the_future() {
	corrupt("1", || accreditation(LAB, MeterCalibration, 22, None));
	corrupt("1", || accreditation(LAB, MeterCalibration, 1, Some(21)));
	corrupt("1", || accreditation(LAB, MeterCalibration, 12, Some(10)));
}

#[test]
fn attesters_should_have_an_accreditation() {
	corrupt("2", || Accreditations::<Test>::remove(MeterCalibration, LAB));
	corrupt("2", || rename(METER, MeterCalibration, OFFICE));
	corrupt("2", || rename(METER, Location, LAB));
}

#[test]
fn claims_should_be_of_the_right_subjects() {
	corrupt("3", || rename(PERSON, MeterCalibration, LAB));
	corrupt("3", || rename(METER, OperatorKyc, OFFICE));
	corrupt("3", || rename(Subject::Machine(UNKNOWN), MeterCalibration, LAB));
}

#[test]
fn times_should_be_in_order() {
	corrupt("4", || change(|record| record.issued_at = 21));
	corrupt("4", || change(|record| record.expires_at = 10));
	corrupt("4", || change(|record| record.revoked_at = Some(9)));
	corrupt("4", || change(|record| record.revoked_at = Some(21)));
	corrupt("4", || change(|record| record.expires_at = 19));
}

#[test]
fn deposits_should_equal_what_is_held() {
	let hold = |who: AccountId| {
		assert_ok!(Balances::hold(&HoldReason::AttestationDeposit.into(), &who, 1));
	};
	corrupt("5", || change(|record| record.deposit = 0));
	corrupt("5", || change(|record| record.deposit += 1));
	corrupt("5", || change(|record| record.deposit = Balance::MAX));
	corrupt("5", || double(Balance::MAX));
	corrupt("5", || Records::<Test>::remove((METER, MeterCalibration, LAB)));
	corrupt("5", || hold(LAB));
	corrupt("5", || hold(OFFICE));
	corrupt("5", || {
		// An attester that attests nothing.
		accredit(3, Carbon);
		hold(3);
	});
}

/// Lets the attester have two deposits whose sum overflows.
fn double(deposit: Balance) {
	change(|record| record.deposit = deposit);
	let record = record().unwrap();
	Records::<Test>::insert((Subject::Machine(8), MeterCalibration, LAB), record);
}

#[test]
fn invariants_should_allow_every_state_that_the_calls_make() {
	build_and_execute(|| {
		accredit(LAB, MeterCalibration);
		assert_ok!(issue(2));
		System::set_block_number(2);
		assert_ok!(revoke());
		withdraw(LAB, MeterCalibration);
		Attestations::do_try_state().unwrap();
		accredit(LAB, MeterCalibration);
		Attestations::do_try_state().unwrap();
		MockMachines::retire(7);
		System::set_block_number(3);
		Attestations::do_try_state().unwrap();
		assert_ok!(remove());
	});
}
