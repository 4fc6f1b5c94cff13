use super::*;
use sp_runtime::{traits::BadOrigin, DispatchError};

#[test]
fn suspended_machine_should_be_payable_but_not_pay() {
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		assert_ok!(Identity::suspend(origin(1), machine));
		assert_eq!(
			Identity::authorize(&key(0), KeyRights::PAY),
			Err(Error::<Test>::MachineSuspended.into())
		);
		// A set that holds the right to pay is no way around.
		assert_eq!(
			Identity::authorize(&key(0), KeyRights::ALL),
			Err(Error::<Test>::MachineSuspended.into())
		);
		assert_eq!(Identity::authorize(&key(0), KeyRights::CLAIM), Ok(machine));
		assert_eq!(Identity::authorize(&key(0), KeyRights::SERVICES), Ok(machine));
		assert_eq!(Identity::signer(&key(0)), Ok(machine));
		assert_eq!(Identity::status(machine), Some(MachineStatus::Suspended));
		assert!(Identity::is_payable(machine));
		assert_noop!(Identity::suspend(origin(1), machine), Error::<Test>::MachineSuspended);
		assert_ok!(Identity::resume(origin(1), machine));
		assert_eq!(Identity::authorize(&key(0), KeyRights::PAY), Ok(machine));
		assert_noop!(Identity::resume(origin(1), machine), Error::<Test>::NotSuspended);
	});
}

#[test]
fn frozen_machine_should_be_payable_but_none_of_its_keys_act() {
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		add_key(&owner(1), machine, 1, KeyRights::SERVICES);
		assert_ok!(Identity::freeze(origin(1), list(&[machine])));
		System::assert_last_event(Event::MachineFrozen { machine }.into());
		for right in [KeyRights::PAY, KeyRights::CLAIM, KeyRights::SERVICES] {
			let refused = Err(Error::<Test>::KeysFrozen.into());
			assert_eq!(Identity::authorize(&key(0), right), refused);
			assert_eq!(Identity::authorize(&key(1), right), refused);
		}
		assert_eq!(Identity::signer(&key(0)), Ok(machine));
		assert!(Identity::is_payable(machine));
		assert!(Identity::machine_info(machine).unwrap().frozen);

		assert_ok!(Identity::unfreeze(origin(1), machine));
		System::assert_last_event(Event::MachineUnfrozen { machine }.into());
		assert_eq!(Identity::authorize(&key(0), KeyRights::PAY), Ok(machine));
		assert_eq!(Identity::authorize(&key(1), KeyRights::SERVICES), Ok(machine));
		assert_noop!(Identity::unfreeze(origin(1), machine), Error::<Test>::NotFrozen);
	});
}

#[test]
fn freeze_and_suspension_should_not_lift_each_other() {
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		assert_ok!(Identity::suspend(origin(1), machine));
		assert_ok!(Identity::freeze(origin(1), list(&[machine])));
		assert_ok!(Identity::resume(origin(1), machine));
		assert_eq!(
			Identity::authorize(&key(0), KeyRights::PAY),
			Err(Error::<Test>::KeysFrozen.into())
		);
		assert_ok!(Identity::suspend(origin(1), machine));
		assert_ok!(Identity::unfreeze(origin(1), machine));
		assert_eq!(
			Identity::authorize(&key(0), KeyRights::PAY),
			Err(Error::<Test>::MachineSuspended.into())
		);
	});
}

#[test]
fn freeze_should_skip_what_needs_none() {
	build_and_execute(|| {
		for n in 0..4 {
			register(&owner(1), n);
		}
		assert_ok!(Identity::freeze(origin(1), list(&[1])));
		assert_ok!(Identity::retire(origin(1), 2));
		go_to(7);
		System::reset_events();
		// One twice, one frozen already, one retired.
		assert_ok!(Identity::freeze(origin(1), list(&[0, 1, 2, 0, 3])));
		let frozen: Vec<_> = System::events().into_iter().map(|record| record.event).collect();
		assert_eq!(
			frozen,
			[
				Event::MachineFrozen { machine: 0 }.into(),
				Event::MachineFrozen { machine: 3 }.into()
			]
		);
		assert_eq!([0, 1, 2, 3].map(|id| record(id).frozen), [true, true, false, true]);
		assert_eq!([0, 1, 2, 3].map(|id| record(id).updated_at), [7, 1, 1, 7]);
		assert_ok!(Identity::freeze(origin(1), list(&[])));
	});
}

#[test]
fn freeze_should_change_nothing_when_one_machine_is_unknown_or_anothers() {
	build_and_execute(|| {
		register(&owner(1), 0);
		register(&owner(2), 1);
		assert_noop!(Identity::freeze(origin(1), list(&[0, 1])), Error::<Test>::NotAuthorized);
		assert_noop!(Identity::freeze(origin(1), list(&[0, 2])), Error::<Test>::MachineNotFound);
		// Nobody learns or gets anything by freezing what is frozen already.
		assert_ok!(Identity::freeze(origin(2), list(&[1])));
		assert_noop!(Identity::freeze(origin(1), list(&[0, 1])), Error::<Test>::NotAuthorized);
	});
}

#[test]
fn freeze_should_take_a_whole_fleet_in_one_call() {
	build_and_execute(|| {
		let rich: AccountId = owner(1);
		assert_ok!(Balances::force_set_balance(RuntimeOrigin::root(), rich.clone(), 1_000_000));
		let fleet: Vec<_> = (0..MAX_FLEET).map(|n| Device::new(n * 3).agree(&rich, 10)).collect();
		assert_ok!(Identity::register_fleet(origin(1), BoundedVec::truncate_from(fleet)));
		let all: Vec<_> = (0..u64::from(MAX_FLEET)).collect();
		assert_ok!(Identity::freeze(origin(1), list(&all)));
		assert!(all.iter().all(|machine| record(*machine).frozen));
	});
}

#[test]
fn retired_machine_should_be_gone_and_its_deposit_back() {
	build_and_execute(|| {
		let parent = register(&owner(1), 8);
		let machine = register(&owner(1), 0);
		add_key(&owner(1), machine, 1, KeyRights::CLAIM);
		assert_ok!(Identity::set_operator(origin(1), machine, operator(2, OperatorRights::ALL)));
		assert_ok!(Identity::offer_ownership(origin(1), machine, owner(3), 100));
		assert_ok!(Identity::set_parent(origin(1), list(&[machine]), Some(parent)));
		assert_eq!(Balances::free_balance(owner(1)), ENDOWMENT - 2 * DEPOSIT - KEY_DEPOSIT);

		go_to(5);
		assert_ok!(Identity::retire(origin(1), machine));
		assert_eq!(Balances::free_balance(owner(1)), ENDOWMENT - DEPOSIT);
		assert_eq!(ToldRetired::get(), [machine]);
		assert!(!OpenWallets::get().contains(&Identity::account(machine)));
		assert!(!Identity::is_payable(machine));
		assert_eq!(Identity::status(machine), Some(MachineStatus::Retired));
		assert_eq!(record(parent).children, 0);
		assert!(Identity::children(parent, None, 9).is_empty());

		let info = Identity::machine_info(machine).unwrap();
		assert_eq!((info.operator, info.offer, info.parent, info.deposit), (None, None, None, 0));
		assert_eq!(info.keys, []);
		for n in [0, 1] {
			let ended = Keys::<Test>::get(key(n)).unwrap();
			assert_eq!((ended.valid_until, ended.claimable_until), (Some(5), Some(5 + HORIZON)));
			assert_eq!(
				Identity::authorize(&key(n), KeyRights::CLAIM),
				Err(Error::<Test>::MachineRetired.into())
			);
		}
		// What its payment key signed settles until the horizon.
		go_to(5 + HORIZON);
		assert_eq!(Identity::signer(&key(0)), Ok(machine));
		go_to(6 + HORIZON);
		assert_eq!(Identity::signer(&key(0)), Err(Error::<Test>::KeyHorizonPassed.into()));
	});
}

#[test]
fn retired_machine_should_refuse_every_call() {
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		let other = register(&owner(1), 1);
		assert_ok!(Identity::retire(origin(1), machine));
		let retired: DispatchError = Error::<Test>::MachineRetired.into();
		for call in [
			Identity::suspend,
			Identity::resume,
			Identity::retire,
			Identity::unfreeze,
			Identity::cancel_offer,
			|who, machine| Identity::accept_ownership(who, machine, System::block_number()),
		] {
			assert_noop!(call(origin(1), machine), retired);
		}
		let new_key = new_key(machine, 3, KeyRights::ALL);
		assert_noop!(Identity::rotate_key(origin(1), machine, new_key.clone()), retired);
		assert_noop!(Identity::rotate_key(device(0), machine, new_key.clone()), retired);
		assert_noop!(Identity::add_key(origin(1), machine, new_key, KeyRights::CLAIM), retired);
		assert_noop!(Identity::remove_key(origin(1), machine, key(0)), retired);
		assert_noop!(Identity::set_operator(origin(1), machine, None), retired);
		assert_noop!(Identity::set_profile(origin(1), machine, Default::default()), retired);
		assert_noop!(Identity::set_parent(origin(1), list(&[machine]), None), retired);
		assert_noop!(Identity::set_parent(origin(1), list(&[machine]), Some(other)), retired);
		assert_noop!(Identity::set_parent(origin(1), list(&[other]), Some(machine)), retired);
		assert_noop!(Identity::offer_ownership(origin(1), machine, owner(2), 9), retired);
		assert_eq!(Identity::permit_owner(&owner(1), machine), Err(retired));
		assert_eq!(
			Identity::permit(&owner(1), machine, OperatorRights::STATUS),
			Err(Error::<Test>::MachineRetired.into())
		);
	});
}

#[test]
fn suspended_and_frozen_machines_should_be_retired_all_the_same() {
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		assert_ok!(Identity::suspend(origin(1), machine));
		assert_ok!(Identity::freeze(origin(1), list(&[machine])));
		assert_ok!(Identity::retire(origin(1), machine));
		assert_eq!(Balances::free_balance(owner(1)), ENDOWMENT);
	});
}

#[test]
fn retirement_should_change_nothing_when_another_pallet_refuses() {
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		RetirementRefused::set(&true);
		assert_noop!(
			Identity::retire(origin(1), machine),
			DispatchError::Other("an obligation is open")
		);
	});
}

#[test]
fn retirement_should_be_refused_when_machines_stand_below() {
	build_and_execute(|| {
		let parent = register(&owner(1), 0);
		let child = register(&owner(1), 1);
		assert_ok!(Identity::set_parent(origin(1), list(&[child]), Some(parent)));
		assert_noop!(Identity::retire(origin(1), parent), Error::<Test>::HasChildren);
		assert_ok!(Identity::retire(origin(1), child));
		assert_ok!(Identity::retire(origin(1), parent));
	});
}

#[test]
fn life_cycle_should_obey_the_owner_alone() {
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		assert_ok!(Identity::freeze(origin(1), list(&[machine])));
		for (call, refusal) in [
			(Identity::suspend as fn(_, _) -> _, DispatchError::from(Error::<Test>::NotAuthorized)),
			(Identity::resume, Error::<Test>::NotAuthorized.into()),
			(Identity::unfreeze, Error::<Test>::NotAuthorized.into()),
			(Identity::retire, Error::<Test>::NotOwner.into()),
			(Identity::cancel_offer, Error::<Test>::NotOwner.into()),
		] {
			assert_noop!(call(origin(2), machine), refusal);
			assert_noop!(call(device(0), machine), refusal);
			assert_noop!(call(origin(1), machine + 1), Error::<Test>::MachineNotFound);
			assert_noop!(call(RuntimeOrigin::none(), machine), BadOrigin);
			assert_noop!(call(RuntimeOrigin::root(), machine), BadOrigin);
		}
	});
}

#[test]
fn unknown_key_should_not_act() {
	build_and_execute(|| {
		let unknown = Err(Error::<Test>::KeyNotFound.into());
		assert_eq!(Identity::authorize(&owner(1), KeyRights::NONE), unknown);
		assert_eq!(Identity::signer(&owner(1)), unknown);
		assert_eq!(Identity::machine_of(&Identity::account(0)), None);
		assert_eq!(Identity::key_info(&owner(1)), None);
		assert_eq!(Identity::machine_info(0), None);
		assert_eq!(Identity::status(0), None);
		assert_eq!(Identity::owner(0), None);
		assert!(!Identity::is_payable(0));
	});
}
