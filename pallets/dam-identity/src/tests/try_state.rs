//! Each invariant must notice the corruption it is about.

use super::*;

fn corrupt(law: &str, corruption: impl FnOnce()) {
	new_test_ext().execute_with(|| {
		register(&owner(1), 0);
		register(&owner(1), 1);
		Identity::do_try_state().unwrap();
		corruption();
		let error = Identity::do_try_state().unwrap_err();
		let text: &'static str = error.into();
		assert!(text.starts_with(law), "law {law} should have been broken, not: {text}");
	});
}

#[test]
fn invariants_should_notice_every_corruption() {
	corrupt("1", || NextMachineId::<Test>::put(3));
	corrupt("1", || NextMachineId::<Test>::put(1));
	corrupt("2", || Keys::<Test>::remove(Device::new(0).account()));
	corrupt("2", || {
		Keys::<Test>::mutate(Device::new(0).account(), |key| {
			key.as_mut().unwrap().public = Device::new(2).public()
		})
	});
	corrupt("3", || {
		Keys::<Test>::mutate(Device::new(0).account(), |key| {
			key.as_mut().unwrap().valid_until = Some(1)
		})
	});
	corrupt("4", || Machines::<Test>::mutate(0, |machine| machine.as_mut().unwrap().deposit += 1));
	corrupt("4", || {
		Machines::<Test>::mutate(0, |machine| {
			let machine = machine.as_mut().unwrap();
			machine.status = MachineStatus::Retired;
		})
	});
	corrupt("5", || {
		System::dec_sufficients(&Device::new(0).account());
	});
}
