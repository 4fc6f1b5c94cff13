//! Each invariant must notice the corruption it is about.

use super::*;
use dam_primitives::mandate::Pulled;

fn corrupt(law: &str, corruption: impl FnOnce()) {
	new_test_ext().execute_with(|| {
		grant(0, 1);
		grant(0, 2);
		grant(3, 1);
		advance(5);
		assert_ok!(pull(1, 0, 100));
		advance(5);
		check();
		corruption();
		let error = PaymentMandates::do_try_state().unwrap_err();
		let text: &'static str = error.into();
		assert!(text.starts_with(law), "law {law} should have been broken, not: {text}");
	});
}

fn change(id: MandateId, change: impl FnOnce(&mut MandateOf<Test>)) {
	Mandates::<Test>::mutate(id, |mandate| change(mandate.as_mut().unwrap()));
}

fn list(machine: MachineId, mandates: Vec<MandateId>) {
	Granted::<Test>::insert(machine, BoundedVec::try_from(mandates).unwrap());
}

fn pulled(started_at: u32, amount: u128) {
	change(0, |mandate| mandate.pulled = Some(Pulled { started_at, amount }));
}

#[test]
fn invariants_should_notice_every_corruption() {
	corrupt("1", || Locked::<Test>::mutate(|locked| *locked += 1));
	corrupt("1", || change(0, |mandate| mandate.storage_deposit += 1));
	corrupt("1", || change(0, |mandate| mandate.storage_deposit = u128::MAX));

	corrupt("2", || pulled(6, 101));
	corrupt("2", || pulled(6, 0));
	corrupt("2", || pulled(12, 1));
	corrupt("2", || change(0, |mandate| mandate.expires_at = 5));

	corrupt("3", || NextMandateId::<Test>::put(2));

	// Listed and not there, there and not listed, listed twice, with another machine, or not at all.
	corrupt("4", || list(0, vec![0, 1, 2]));
	corrupt("4", || list(0, vec![0]));
	corrupt("4", || list(0, vec![0, 1, 1]));
	corrupt("4", || change(2, |mandate| mandate.payer = 0));
	corrupt("4", || Granted::<Test>::remove(3));
	corrupt("4", || list(7, vec![]));

	corrupt("5", || change(1, |mandate| mandate.cap = 0));
	corrupt("5", || change(1, |mandate| mandate.period = 0));
	corrupt("5", || change(1, |mandate| mandate.expires_at = u32::MAX));

	corrupt("6", || Retired::set(&vec![3]));
	corrupt("6", || change(0, |mandate| mandate.payee = Payee::Machine(0)));
	corrupt("6", || change(0, |mandate| mandate.payee = Payee::Account(address(1))));
}
