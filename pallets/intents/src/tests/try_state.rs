//! Each invariant must notice the corruption it is about.

use super::*;

fn corrupt(law: &str, corruption: impl FnOnce()) {
	new_test_ext().execute_with(|| {
		submit(sign(intent(PAYER, 5))).unwrap();
		submit(sign(intent(1, 300))).unwrap();
		check();
		corruption();
		let error = PaymentIntents::do_try_state().unwrap_err();
		let text: &'static str = error.into();
		assert!(text.starts_with(law), "law {law} should have been broken, not: {text}");
	});
}

fn put(machine: MachineId, base: u64, used: [u64; 4]) {
	Nonces::<Test>::insert(machine, NonceWindow { base, used });
}

#[test]
fn invariants_should_notice_every_corruption() {
	corrupt("1", || Retired::set(&vec![PAYER]));
	corrupt("1", || put(MACHINES, 0, [1, 0, 0, 0]));
	corrupt("1", || put(2, 0, [0; 4]));
	corrupt("2", || put(2, u64::MAX - 254, [u64::MAX; 4]));
	corrupt("2", || put(2, 1, [1, 0, 0, u64::MAX >> 1]));
}
