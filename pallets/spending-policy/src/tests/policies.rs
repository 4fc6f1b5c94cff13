use super::*;

fn refused(policy: PolicyOf<Test>, error: Error<Test>) {
	assert_noop!(SpendingPolicy::set_policy(signed(owner()), MACHINE, Some(policy)), error);
}

#[test]
fn policy_should_be_set_replaced_and_removed_by_the_owner() {
	build_and_execute(|| {
		set(payment_cap(10));
		System::assert_last_event(Event::PolicySet { machine: MACHINE }.into());
		assert_eq!(Policies::<Test>::get(MACHINE), Some(payment_cap(10)));
		set(payment_cap(20));
		assert_eq!(Policies::<Test>::get(MACHINE), Some(payment_cap(20)));
		assert_ok!(SpendingPolicy::set_policy(signed(owner()), MACHINE, None));
		System::assert_last_event(Event::PolicyRemoved { machine: MACHINE }.into());
		assert_eq!(Policies::<Test>::get(MACHINE), None);
		assert_eq!(Policies::<Test>::iter().count(), 0);
	});
}

#[test]
fn policy_should_be_refused_when_the_signer_is_not_the_owner() {
	build_and_execute(|| {
		let set = |who, machine| SpendingPolicy::set_policy(who, machine, Some(no_rules()));
		// Not even the operator that co-signs loosens a limit.
		for who in [co_signer(), manager(), machine_account(MACHINE).into()] {
			assert_noop!(set(signed(who), MACHINE), DispatchError::Other("not the owner"));
		}
		assert_noop!(set(RuntimeOrigin::root(), MACHINE), DispatchError::BadOrigin);
		assert_noop!(set(RuntimeOrigin::none(), MACHINE), DispatchError::BadOrigin);
		assert_noop!(set(signed(owner()), MACHINES), DispatchError::Other("no machine"));
		Retired::set(&vec![MACHINE]);
		assert_noop!(set(signed(owner()), MACHINE), DispatchError::Other("retired"));
	});
}

#[test]
fn removal_should_be_refused_when_there_is_no_policy() {
	build_and_execute(|| {
		assert_noop!(
			SpendingPolicy::set_policy(signed(owner()), MACHINE, None),
			Error::<Test>::PolicyNotFound
		);
	});
}

#[test]
fn policy_should_be_refused_when_its_period_is_empty() {
	build_and_execute(|| {
		refused(period_cap(0, 10), Error::ZeroPeriod);
		set(period_cap(1, 0));
		set(period_cap(u32::MAX, u128::MAX));
	});
}

#[test]
fn policy_should_be_refused_when_a_kind_is_unknown() {
	use codec::Decode;
	build_and_execute(|| {
		// The first bit that stands for no kind.
		let bits = 1u16 << MachineKind::ALL.len();
		let kinds = MachineKinds::decode(&mut &bits.to_le_bytes()[..]).unwrap();
		let payees = AllowedPayees::Only { payees: Default::default(), kinds };
		refused(Policy { payees, ..no_rules() }, Error::UnknownKind);
		set(only(vec![], &MachineKind::ALL));
	});
}

#[test]
fn policy_should_be_refused_when_a_payee_is_listed_twice() {
	build_and_execute(|| {
		refused(only(vec![machine(7), machine(7)], &[]), Error::DuplicatePayee);
		refused(only(vec![account(1), machine(7), account(1)], &[]), Error::DuplicatePayee);
		// The same machine under its two names, with others between them.
		refused(
			only(vec![address(7), account(1), machine(8), machine(7)], &[]),
			Error::DuplicatePayee,
		);
		set(only(vec![machine(7), machine(8), account(1), account(2)], &[]));
	});
}

#[test]
fn payees_should_be_stored_in_their_normal_form_and_order() {
	build_and_execute(|| {
		set(only(vec![account(2), address(9), account(1), machine(300), machine(7)], &[]));
		assert_eq!(
			Policies::<Test>::get(MACHINE),
			Some(only(vec![machine(7), machine(9), machine(300), account(1), account(2)], &[]))
		);
	});
}

#[test]
fn longest_list_should_be_accepted_and_longer_ones_should_not_decode() {
	use codec::{Decode, Encode};
	build_and_execute(|| {
		let many = |n: u32| (0..n).rev().map(|n| machine(n.into())).collect::<Vec<_>>();
		set(only(many(MAX_LISTED_PAYEES), &[]));
		for id in 0..MachineId::from(MAX_LISTED_PAYEES) {
			assert_eq!(allowed(&machine(id), 1), Ok(()));
			assert_eq!(allowed(&address(id), 1), Ok(()));
		}
		assert_eq!(allowed(&machine(MAX_LISTED_PAYEES.into()), 1), Err(PolicyViolation::Payee));

		let mut bytes = only(many(MAX_LISTED_PAYEES), &[]).encode();
		assert!(PolicyOf::<Test>::decode(&mut bytes.as_slice()).is_ok());
		// The third field begins after two absent ones and its own variant, with the length.
		assert_eq!(bytes[3..4], codec::Compact(MAX_LISTED_PAYEES).encode());
		bytes[3..4].copy_from_slice(&codec::Compact(MAX_LISTED_PAYEES + 1).encode());
		let tail = bytes.split_off(4);
		bytes.extend(machine(50).encode());
		bytes.extend(tail);
		assert!(PolicyOf::<Test>::decode(&mut bytes.as_slice()).is_err());
	});
}

#[test]
fn policy_info_should_tell_where_the_policy_stands() {
	build_and_execute(|| {
		approve(machine(7), 50, 5);
		assert_eq!(SpendingPolicy::policy_info(MACHINE), None);

		let policy = Policy { co_sign_above: Some(40), ..period_cap(10, 100) };
		set(policy.clone());
		let info = SpendingPolicy::policy_info(MACHINE).unwrap();
		assert_eq!((info.spent, info.period_ends_at), (0, None));
		assert_eq!(info.approvals, [approval(machine(7), 50, 5)]);
		assert_eq!(info.policy, policy);

		assert_eq!(pay(&machine(7), 30), Ok(()));
		let info = SpendingPolicy::policy_info(MACHINE).unwrap();
		assert_eq!((info.spent, info.period_ends_at), (30, Some(11)));

		// In the last block of the approval, and after it.
		System::set_block_number(5);
		assert_eq!(SpendingPolicy::policy_info(MACHINE).unwrap().approvals.len(), 1);
		System::set_block_number(6);
		assert_eq!(SpendingPolicy::policy_info(MACHINE).unwrap().approvals, []);
		// In the last block of the period, and after it.
		System::set_block_number(10);
		assert_eq!(SpendingPolicy::policy_info(MACHINE).unwrap().spent, 30);
		System::set_block_number(11);
		let info = SpendingPolicy::policy_info(MACHINE).unwrap();
		assert_eq!((info.spent, info.period_ends_at), (0, None));
	});
}

#[test]
fn running_period_should_go_on_when_a_policy_is_set() {
	build_and_execute(|| {
		set(period_cap(10, 100));
		assert_eq!(pay(&machine(7), 60), Ok(()));
		System::set_block_number(5);

		// The same length: what was spent counts under the new cap.
		set(period_cap(10, 80));
		assert_eq!(allowed(&machine(7), 21), Err(PolicyViolation::PeriodCap));
		assert_eq!(allowed(&machine(7), 20), Ok(()));
		// A cap below what was spent already.
		set(period_cap(10, 50));
		assert_eq!(allowed(&machine(7), 1), Err(PolicyViolation::PeriodCap));

		// Longer: the period that began in block 1 ends before block 21.
		set(period_cap(20, 80));
		System::set_block_number(20);
		assert_eq!(allowed(&machine(7), 21), Err(PolicyViolation::PeriodCap));
		System::set_block_number(21);
		assert_eq!(allowed(&machine(7), 80), Ok(()));
	});
}

#[test]
fn running_period_should_end_when_its_length_becomes_shorter_than_its_age() {
	build_and_execute(|| {
		set(period_cap(10, 100));
		assert_eq!(pay(&machine(7), 60), Ok(()));
		System::set_block_number(5);
		set(period_cap(4, 100));
		assert_eq!(allowed(&machine(7), 100), Ok(()));
		// One that was ended so does not come back.
		set(period_cap(1_000, 100));
		assert_eq!(allowed(&machine(7), 100), Ok(()));
	});
}

#[test]
fn ended_period_should_not_run_again_when_the_new_length_would_cover_it() {
	build_and_execute(|| {
		set(period_cap(10, 100));
		assert_eq!(pay(&machine(7), 60), Ok(()));
		System::set_block_number(11);
		set(period_cap(1_000, 100));
		assert_eq!(Spent::<Test>::get(MACHINE), None);
		assert_eq!(allowed(&machine(7), 100), Ok(()));
	});
}

#[test]
fn period_should_end_when_the_policy_or_its_cap_is_removed() {
	build_and_execute(|| {
		let spend_all = || {
			set(period_cap(10, 100));
			assert_eq!(pay(&machine(7), 100), Ok(()));
			assert_eq!(allowed(&machine(7), 1), Err(PolicyViolation::PeriodCap));
		};
		spend_all();
		assert_ok!(SpendingPolicy::set_policy(signed(owner()), MACHINE, None));
		assert_eq!(Spent::<Test>::get(MACHINE), None);
		spend_all();
		set(payment_cap(100));
		assert_eq!(Spent::<Test>::get(MACHINE), None);
		spend_all();
	});
}

#[test]
fn retirement_should_leave_nothing() {
	build_and_execute(|| {
		set(Policy { co_sign_above: Some(0), ..period_cap(10, 100) });
		approve(machine(7), 1, 10);
		approve(machine(7), 2, 10);
		assert_eq!(pay(&machine(7), 1), Ok(()));
		assert_ok!(SpendingPolicy::on_retire(MACHINE));
		assert_eq!(Policies::<Test>::iter().count(), 0);
		assert_eq!(Spent::<Test>::iter().count(), 0);
		assert_eq!(Approvals::<Test>::iter().count(), 0);
		Retired::set(&vec![MACHINE]);
	});
}

#[test]
fn transfer_and_another_operator_should_drop_the_approvals_and_nothing_else() {
	let changes = [
		<SpendingPolicy as OnMachineChange<AccountId>>::on_transfer,
		<SpendingPolicy as OnMachineChange<AccountId>>::on_operator_change,
	];
	for change in changes {
		build_and_execute(|| {
			let policy = Policy { co_sign_above: Some(5), ..period_cap(10, 100) };
			set(policy.clone());
			assert_eq!(pay(&machine(7), 3), Ok(()));
			approve(machine(7), 6, 10);
			change(MACHINE);
			assert_eq!(Approvals::<Test>::iter().count(), 0);
			assert_eq!(allowed(&machine(7), 6), Err(PolicyViolation::CoSignature));
			assert_eq!(Policies::<Test>::get(MACHINE), Some(policy));
			assert_eq!(Spent::<Test>::get(MACHINE), Some(Period { started_at: 1, spent: 3 }));
		});
	}
}

#[test]
fn machines_should_not_share_anything() {
	build_and_execute(|| {
		set(Policy { co_sign_above: Some(0), ..period_cap(10, 100) });
		approve(machine(7), 1, 10);
		assert_ok!(SpendingPolicy::set_policy(signed(owner()), 2, Some(co_sign_above(0))));
		let other = <SpendingPolicy as SpendingPolicyTrait<AccountId>>::begin(2);
		assert_eq!(other.allow(&machine(7), 1), Err(PolicyViolation::CoSignature));
		assert_ok!(SpendingPolicy::on_retire(2));
		assert_eq!(pay(&machine(7), 1), Ok(()));
	});
}

#[test]
fn integrity_test_should_pass_with_the_mock() {
	integrity_test();
}

#[test]
#[should_panic(expected = "nothing could ever be approved")]
fn integrity_test_should_fail_when_approvals_could_not_live() {
	MaxApprovalLifetime::set(0);
	integrity_test();
}

#[test]
#[should_panic(expected = "go around the policy's lists")]
fn integrity_test_should_fail_when_machines_have_other_addresses() {
	AddressShift::set(1);
	integrity_test();
}

fn integrity_test() {
	<Pallet<Test> as frame_support::traits::Hooks<u32>>::integrity_test();
}
