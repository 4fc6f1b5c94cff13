use super::*;

fn origin(n: u8) -> RuntimeOrigin {
	RuntimeOrigin::signed(owner(n))
}

#[test]
fn suspended_machine_should_be_payable_but_not_act() {
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		let key = Device::new(0).account();
		assert_ok!(Identity::suspend(origin(1), machine));
		assert_eq!(Identity::authorize(&key), Err(Error::<Test>::MachineSuspended.into()));
		assert!(Identity::is_payable(machine));
		assert_noop!(Identity::suspend(origin(1), machine), Error::<Test>::MachineSuspended);
		assert_ok!(Identity::resume(origin(1), machine));
		assert_eq!(Identity::authorize(&key), Ok(machine));
		assert_noop!(Identity::resume(origin(1), machine), Error::<Test>::NotSuspended);
	});
}

#[test]
fn retired_machine_should_be_gone_and_its_deposit_back() {
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		let key = Device::new(0).account();
		assert_eq!(Balances::free_balance(owner(1)), ENDOWMENT - DEPOSIT);
		System::set_block_number(5);
		assert_ok!(Identity::retire(origin(1), machine));
		assert_eq!(Balances::free_balance(owner(1)), ENDOWMENT);
		assert_eq!(Identity::authorize(&key), Err(Error::<Test>::MachineRetired.into()));
		assert!(!Identity::is_payable(machine));
		assert_eq!(Keys::<Test>::get(&key).unwrap().valid_until, Some(5));
		assert!(OpenWallets::get().is_empty());
		for call in [Identity::suspend, Identity::resume, Identity::retire] {
			assert_noop!(call(origin(1), machine), Error::<Test>::MachineRetired);
		}
	});
}

#[test]
fn retirement_should_change_nothing_when_another_pallet_refuses() {
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		RetirementRefused::set(&true);
		assert_noop!(
			Identity::retire(origin(1), machine),
			sp_runtime::DispatchError::Other("an obligation is open")
		);
	});
}

#[test]
fn life_cycle_should_obey_the_owner_alone() {
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		let key = Device::new(0).account();
		for call in [Identity::suspend, Identity::resume, Identity::retire] {
			assert_noop!(call(origin(2), machine), Error::<Test>::NotOwner);
			assert_noop!(
				call(RuntimeOrigin::signed(key.clone()), machine),
				Error::<Test>::NotOwner
			);
			assert_noop!(call(origin(1), machine + 1), Error::<Test>::MachineNotFound);
			assert_noop!(call(RuntimeOrigin::none(), machine), sp_runtime::traits::BadOrigin);
		}
	});
}

#[test]
fn unknown_key_should_not_act() {
	build_and_execute(|| {
		assert_eq!(Identity::authorize(&owner(1)), Err(Error::<Test>::KeyNotFound.into()));
		assert_eq!(Identity::machine_of(&Identity::account(0)), None);
	});
}
