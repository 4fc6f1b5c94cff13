use super::*;
use sp_runtime::DispatchError;

const EACH: [OperatorRights; 5] = [
	OperatorRights::STATUS,
	OperatorRights::KEYS,
	OperatorRights::PROFILE,
	OperatorRights::SERVICES,
	OperatorRights::CO_SIGN,
];

#[test]
fn operator_should_be_appointed_changed_and_dismissed() {
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		go_to(6);
		for appointed in
			[operator(2, OperatorRights::STATUS), operator(3, OperatorRights::ALL), None, None]
		{
			assert_ok!(Identity::set_operator(origin(1), machine, appointed.clone()));
			System::assert_last_event(
				Event::OperatorSet { machine, operator: appointed.clone() }.into(),
			);
			let info = Identity::machine_info(machine).unwrap();
			assert_eq!((info.operator, info.updated_at), (appointed, 6));
		}
		// What the one before has co-signed is then void, even if it is appointed again.
		assert_eq!(ToldOperatorChanged::get(), [machine; 4]);
	});
}

#[test]
fn operator_should_be_permitted_what_is_listed_and_nothing_else() {
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		let other = register(&owner(1), 1);
		for listed in EACH {
			assert_ok!(Identity::set_operator(origin(1), machine, operator(2, listed)));
			for right in EACH {
				assert_eq!(
					Identity::permit(&owner(2), machine, right).is_ok(),
					right == listed,
					"{listed:?} {right:?}"
				);
				assert_ok!(Identity::permit(&owner(1), machine, right));
				let refused = Err(Error::<Test>::NotAuthorized.into());
				assert_eq!(Identity::permit(&owner(3), machine, right), refused);
				assert_eq!(Identity::permit(&owner(2), other, right), refused);
			}
			// A set needs every right in it.
			assert!(Identity::permit(&owner(2), machine, OperatorRights::ALL).is_err());
			assert_eq!(
				Identity::permit_owner(&owner(2), machine),
				Err(Error::<Test>::NotOwner.into())
			);
		}
		assert_ok!(Identity::permit_owner(&owner(1), machine));
		assert_eq!(
			Identity::permit_owner(&owner(1), 9),
			Err(Error::<Test>::MachineNotFound.into())
		);
	});
}

#[test]
fn operator_should_make_the_calls_of_its_rights_and_no_others() {
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		add_key(&owner(1), machine, 40, KeyRights::CLAIM);
		let mut fresh = 1u32;
		for listed in EACH {
			assert_ok!(Identity::set_operator(origin(1), machine, operator(2, listed)));
			let status = listed == OperatorRights::STATUS;
			let keys = listed == OperatorRights::KEYS;
			fresh += 2;
			let rotation = new_key(machine, fresh, KeyRights::ALL);
			let addition = new_key(machine, fresh + 1, KeyRights::CLAIM);
			for (result, allowed) in [
				(Identity::suspend(origin(2), machine), status),
				(Identity::freeze(origin(2), list(&[machine])), status),
				(Identity::rotate_key(origin(2), machine, rotation), keys),
				(Identity::add_key(origin(2), machine, addition, KeyRights::CLAIM), keys),
				(Identity::remove_key(origin(2), machine, key(40)), keys),
				(
					Identity::set_profile(origin(2), machine, Default::default()),
					listed == OperatorRights::PROFILE,
				),
			] {
				if allowed {
					assert_ok!(result);
				} else {
					assert_eq!(result, Err(Error::<Test>::NotAuthorized.into()), "{listed:?}");
				}
			}
			if status {
				assert_ok!(Identity::resume(origin(2), machine));
				assert_ok!(Identity::unfreeze(origin(2), machine));
			}
		}
		// The owner pays for the keys that the operator entered.
		assert_eq!(held(&owner(1)), DEPOSIT + 3 * KEY_DEPOSIT);
		assert_eq!(held(&owner(2)), 0);
	});
}

#[test]
fn operator_should_never_do_what_is_the_owners_alone() {
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		let other = register(&owner(1), 1);
		assert_ok!(Identity::set_operator(origin(1), machine, operator(2, OperatorRights::ALL)));
		let refused: DispatchError = Error::<Test>::NotOwner.into();
		assert_noop!(Identity::retire(origin(2), machine), refused);
		assert_noop!(
			Identity::set_operator(origin(2), machine, operator(3, OperatorRights::ALL)),
			refused
		);
		assert_noop!(Identity::set_parent(origin(2), list(&[machine]), None), refused);
		assert_noop!(Identity::set_parent(origin(2), list(&[machine]), Some(other)), refused);
		assert_noop!(Identity::offer_ownership(origin(2), machine, owner(2), 9), refused);
		assert_ok!(Identity::offer_ownership(origin(1), machine, owner(3), 9));
		assert_noop!(Identity::cancel_offer(origin(2), machine), refused);
	});
}

#[test]
fn operator_should_freeze_a_list_although_one_machine_is_retired() {
	build_and_execute(|| {
		for n in 0..3 {
			let machine = register(&owner(1), n);
			let operator = operator(2, OperatorRights::STATUS);
			assert_ok!(Identity::set_operator(origin(1), machine, operator));
		}
		assert_ok!(Identity::retire(origin(1), 1));
		assert_ok!(Identity::freeze(origin(2), list(&[0, 1, 2])));
		assert!(record(0).frozen && record(2).frozen);
	});
}

#[test]
fn operator_should_be_refused_when_it_is_the_owner_a_key_or_a_wallet() {
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		add_key(&owner(1), machine, 1, KeyRights::CLAIM);
		assert_ok!(Identity::rotate_key(origin(1), machine, new_key(machine, 2, KeyRights::ALL)));
		let appoint = |account| {
			let operator = OperatorInfo { account, rights: OperatorRights::STATUS };
			Identity::set_operator(origin(1), machine, Some(operator))
		};
		for account in [
			owner(1),
			key(0),
			key(1),
			key(2),
			Identity::account(machine),
			Identity::account(machine + 1),
		] {
			assert_noop!(appoint(account), Error::<Test>::InvalidOperator);
		}
		// A gateway may operate other machines: its key is no key of theirs.
		register(&owner(1), 10);
		assert_ok!(appoint(key(10)));
	});
}

#[test]
fn operator_should_be_refused_when_its_rights_are_none_or_unknown() {
	use codec::Decode;
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		let unknown = OperatorRights::decode(&mut &[0b0010_0001u8][..]).unwrap();
		for rights in [OperatorRights::NONE, unknown] {
			assert_noop!(
				Identity::set_operator(origin(1), machine, operator(2, rights)),
				Error::<Test>::InvalidRights
			);
		}
	});
}

#[test]
fn operator_should_be_appointed_by_the_owner_alone() {
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		for who in [origin(2), device(0)] {
			assert_noop!(
				Identity::set_operator(who, machine, operator(2, OperatorRights::ALL)),
				Error::<Test>::NotOwner
			);
		}
		assert_noop!(Identity::set_operator(origin(1), 3, None), Error::<Test>::MachineNotFound);
	});
}
