use super::*;
use PolicyViolation::{
	CoSignature, Payee as NotAllowed, PaymentCap, PeriodCap as PeriodCapReached,
};

#[test]
fn everything_should_be_allowed_and_nothing_written_when_there_is_no_policy() {
	build_and_execute(|| {
		assert_storage_noop!({
			assert_eq!(pay(&machine(7), u128::MAX), Ok(()));
			assert_eq!(pay(&account(9), u128::MAX), Ok(()));
			assert_eq!(pay(&account(9), 0), Ok(()));
		});
		set(no_rules());
		assert_storage_noop!(assert_eq!(pay(&machine(7), u128::MAX), Ok(())));
	});
}

#[test]
fn payment_cap_should_bound_every_payment() {
	build_and_execute(|| {
		set(payment_cap(10));
		assert_storage_noop!({
			for _ in 0..3 {
				assert_eq!(pay(&machine(7), 10), Ok(()));
			}
		});
		assert_eq!(pay(&machine(7), 11), Err(PaymentCap));
		assert_eq!(pay(&machine(7), u128::MAX), Err(PaymentCap));
		set(payment_cap(0));
		assert_eq!(pay(&machine(7), 1), Err(PaymentCap));
	});
}

#[test]
fn payment_cap_should_hold_when_the_payment_was_approved() {
	build_and_execute(|| {
		set(Policy { payment_cap: Some(10), ..co_sign_above(5) });
		approve(machine(7), 11, 10);
		assert_eq!(pay(&machine(7), 11), Err(PaymentCap));
	});
}

#[test]
fn period_cap_should_bound_what_is_paid_together() {
	build_and_execute(|| {
		set(period_cap(10, 100));
		assert_eq!(pay(&machine(7), 101), Err(PeriodCapReached));
		assert_eq!(pay(&machine(7), 60), Ok(()));
		assert_eq!(pay(&machine(8), 41), Err(PeriodCapReached));
		assert_eq!(pay(&machine(8), u128::MAX), Err(PeriodCapReached));
		assert_eq!(pay(&account(9), 40), Ok(()));
		assert_eq!(pay(&machine(7), 1), Err(PeriodCapReached));
		assert_eq!(Spent::<Test>::get(MACHINE), Some(Period { started_at: 1, spent: 100 }));
	});
}

#[test]
fn period_cap_should_hold_when_the_sum_would_overflow() {
	build_and_execute(|| {
		set(period_cap(10, u128::MAX));
		assert_eq!(pay(&machine(7), 1), Ok(()));
		assert_eq!(pay(&machine(7), u128::MAX), Err(PeriodCapReached));
		assert_eq!(pay(&machine(7), u128::MAX - 1), Ok(()));
		assert_eq!(pay(&machine(7), 1), Err(PeriodCapReached));
		// A path that pays without asking cannot turn the sum over.
		let mut spending = begin();
		spending.made(&machine(7), 1);
		spending.finish();
		assert_eq!(pay(&machine(7), 1), Err(PeriodCapReached));
	});
}

#[test]
fn period_should_begin_with_its_first_payment_and_last_its_blocks() {
	build_and_execute(|| {
		set(period_cap(10, 100));
		System::set_block_number(5);
		// What was refused or was of nothing begins none.
		assert_eq!(pay(&machine(7), 101), Err(PeriodCapReached));
		assert_eq!(pay(&machine(7), 0), Ok(()));
		assert_eq!(Spent::<Test>::get(MACHINE), None);
		System::set_block_number(6);
		assert_eq!(pay(&machine(7), 100), Ok(()));
		System::set_block_number(15);
		assert_eq!(pay(&machine(7), 1), Err(PeriodCapReached));
		System::set_block_number(16);
		assert_eq!(pay(&machine(7), 100), Ok(()));
		assert_eq!(Spent::<Test>::get(MACHINE), Some(Period { started_at: 16, spent: 100 }));
	});
}

#[test]
fn period_should_never_end_when_it_reaches_beyond_the_last_block() {
	build_and_execute(|| {
		set(period_cap(u32::MAX, 100));
		assert_eq!(pay(&machine(7), 100), Ok(()));
		System::set_block_number(u32::MAX - 1);
		assert_eq!(pay(&machine(7), 1), Err(PeriodCapReached));
	});
}

#[test]
fn period_cap_should_count_within_a_batch() {
	build_and_execute(|| {
		set(period_cap(10, 100));
		let mut batch = begin();
		assert_eq!(batch.allow(&machine(7), 60), Ok(()));
		// Not made, because the transfer failed: nothing is counted.
		assert_eq!(batch.allow(&machine(8), 60), Ok(()));
		batch.made(&machine(8), 60);
		assert_eq!(batch.allow(&machine(7), 41), Err(PeriodCapReached));
		assert_eq!(batch.allow(&machine(7), 40), Ok(()));
		batch.made(&machine(7), 40);
		assert_eq!(batch.allow(&machine(7), 1), Err(PeriodCapReached));
		batch.finish();
		assert_eq!(Spent::<Test>::get(MACHINE), Some(Period { started_at: 1, spent: 100 }));
	});
}

#[test]
fn nothing_should_be_counted_when_nothing_was_made() {
	build_and_execute(|| {
		set(Policy { co_sign_above: Some(0), ..period_cap(10, 100) });
		approve(machine(7), 50, 10);
		assert_storage_noop!({
			let spending = begin();
			assert_eq!(spending.allow(&machine(7), 50), Ok(()));
			spending.finish();
		});
	});
}

#[test]
fn only_listed_payees_should_be_paid() {
	build_and_execute(|| {
		set(only(vec![account(9), machine(7)], &[]));
		assert_eq!(pay(&machine(7), 1), Ok(()));
		assert_eq!(pay(&account(9), 1), Ok(()));
		for payee in [machine(6), machine(8), machine(u64::MAX), account(8), account(0)] {
			assert_eq!(pay(&payee, 1), Err(NotAllowed));
		}
		set(only(vec![], &[]));
		for payee in [machine(7), account(9)] {
			assert_eq!(pay(&payee, 1), Err(NotAllowed));
		}
	});
}

#[test]
fn machine_should_be_the_same_payee_by_its_number_and_by_its_address() {
	build_and_execute(|| {
		let both = |result| {
			assert_eq!(pay(&machine(7), 5), result);
			assert_eq!(pay(&address(7), 5), result);
		};
		for listed in [machine(7), address(7)] {
			set(only(vec![listed], &[]));
			both(Ok(()));
		}
		set(only(vec![], &[kind_of(7)]));
		both(Ok(()));
		set(only(vec![machine(8)], &[kind_of(8)]));
		both(Err(NotAllowed));

		set(co_sign_above(0));
		both(Err(CoSignature));
		for (approved, paid) in [(machine(7), address(7)), (address(7), machine(7))] {
			approve(approved, 5, 10);
			assert_eq!(pay(&paid, 5), Ok(()));
			both(Err(CoSignature));
		}
		assert_eq!(Approvals::<Test>::iter().count(), 0);
	});
}

#[test]
fn addresses_that_only_look_like_a_machines_should_be_accounts() {
	build_and_execute(|| {
		let mut near = machine_account(7);
		near[31] = 1;
		set(only(vec![machine(7)], &[kind_of(7)]));
		assert_eq!(pay(&Payee::Account(near.into()), 1), Err(NotAllowed));
	});
}

#[test]
fn machines_of_listed_kinds_should_be_paid() {
	build_and_execute(|| {
		set(only(vec![account(9)], &[MachineKind::Meter, MachineKind::Battery]));
		for id in 0..MACHINES {
			let kind = kind_of(id);
			let listed = kind == MachineKind::Meter || kind == MachineKind::Battery;
			assert_eq!(pay(&machine(id), 1).is_ok(), listed, "{kind:?}");
		}
		assert_eq!(pay(&account(9), 1), Ok(()));
		assert_eq!(pay(&account(8), 1), Err(NotAllowed));
		// One that does not exist has no kind.
		set(only(vec![], &MachineKind::ALL));
		assert_eq!(pay(&machine(MACHINES - 1), 1), Ok(()));
		assert_eq!(pay(&machine(MACHINES), 1), Err(NotAllowed));
		assert_eq!(pay(&address(MACHINES), 1), Err(NotAllowed));
	});
}

#[test]
fn kinds_should_only_be_read_when_they_decide() {
	build_and_execute(|| {
		let reads = |policy, payee: &Payee<AccountId>| {
			set(policy);
			KindReads::set(0);
			let _ = allowed(payee, 1);
			KindReads::get()
		};
		let meters = &[MachineKind::Meter][..];
		assert_eq!(reads(no_rules(), &machine(7)), 0);
		assert_eq!(reads(only(vec![machine(7)], meters), &address(7)), 0);
		assert_eq!(reads(only(vec![machine(8)], &[]), &machine(7)), 0);
		assert_eq!(reads(only(vec![machine(8)], meters), &account(7)), 0);
		assert_eq!(reads(only(vec![machine(8)], meters), &machine(7)), 1);
	});
}

#[test]
fn storage_should_only_be_read_at_the_beginning() {
	build_and_execute(|| {
		set(Policy {
			payment_cap: Some(60),
			co_sign_above: Some(10),
			payees: only(vec![machine(7)], &[]).payees,
			..period_cap(10, 100)
		});
		assert_eq!(pay(&machine(7), 10), Ok(()));
		approve(machine(7), 20, 10);
		let mut spending = begin();
		assert_ok!(SpendingPolicy::on_retire(MACHINE));
		assert_eq!(spending.allow(&machine(7), 61), Err(PaymentCap));
		assert_eq!(spending.allow(&machine(8), 1), Err(NotAllowed));
		assert_eq!(spending.allow(&machine(7), 20), Ok(()));
		spending.made(&machine(7), 20);
		assert_eq!(spending.allow(&machine(7), 20), Err(CoSignature));
		for _ in 0..7 {
			assert_eq!(spending.allow(&machine(7), 10), Ok(()));
			spending.made(&machine(7), 10);
		}
		assert_eq!(spending.allow(&machine(7), 1), Err(PeriodCapReached));
	});
}

#[test]
fn co_signature_should_be_needed_above_the_threshold_only() {
	build_and_execute(|| {
		set(co_sign_above(10));
		assert_eq!(pay(&machine(7), 10), Ok(()));
		assert_eq!(pay(&machine(7), 11), Err(CoSignature));
		assert_eq!(pay(&machine(7), u128::MAX), Err(CoSignature));
		set(co_sign_above(0));
		assert_eq!(pay(&machine(7), 1), Err(CoSignature));
		set(co_sign_above(u128::MAX));
		assert_eq!(pay(&machine(7), u128::MAX), Ok(()));
	});
}

#[test]
fn approval_should_be_used_once_and_for_exactly_its_payment() {
	build_and_execute(|| {
		set(co_sign_above(10));
		approve(machine(7), 50, 10);
		for (payee, amount) in
			[(machine(7), 49), (machine(7), 51), (machine(8), 50), (account(7), 50)]
		{
			assert_eq!(pay(&payee, amount), Err(CoSignature));
		}
		assert_eq!(pay(&machine(7), 50), Ok(()));
		assert_eq!(Approvals::<Test>::iter().count(), 0);
		assert_eq!(pay(&machine(7), 50), Err(CoSignature));
	});
}

#[test]
fn approval_should_stay_when_the_payment_needs_none() {
	build_and_execute(|| {
		set(co_sign_above(50));
		approve(machine(7), 50, 10);
		assert_storage_noop!(assert_eq!(pay(&machine(7), 50), Ok(())));
		set(co_sign_above(49));
		assert_eq!(pay(&machine(7), 50), Ok(()));
		assert_eq!(pay(&machine(7), 50), Err(CoSignature));
	});
}

#[test]
fn approval_should_stay_when_the_payment_was_not_made() {
	build_and_execute(|| {
		set(co_sign_above(10));
		approve(machine(7), 50, 10);
		let mut batch = begin();
		assert_eq!(batch.allow(&machine(7), 50), Ok(()));
		assert_eq!(batch.allow(&machine(7), 50), Ok(()));
		batch.made(&machine(7), 50);
		assert_eq!(batch.allow(&machine(7), 50), Err(CoSignature));
		// Dropped, as when the whole call fails.
		drop(batch);
		assert_eq!(pay(&machine(7), 50), Ok(()));
	});
}

#[test]
fn equal_approvals_should_count_each() {
	build_and_execute(|| {
		set(co_sign_above(10));
		approve(machine(7), 50, 10);
		approve(machine(7), 50, 10);
		let mut batch = begin();
		for _ in 0..2 {
			assert_eq!(batch.allow(&machine(7), 50), Ok(()));
			batch.made(&machine(7), 50);
		}
		assert_eq!(batch.allow(&machine(7), 50), Err(CoSignature));
		batch.finish();
		assert_eq!(Approvals::<Test>::iter().count(), 0);
	});
}

#[test]
fn approval_should_be_of_use_up_to_its_last_block() {
	build_and_execute(|| {
		set(co_sign_above(10));
		approve(machine(7), 50, 20);
		approve(machine(7), 50, 5);
		approve(machine(7), 60, 5);
		System::set_block_number(5);
		// The one that expires first is used first.
		assert_eq!(pay(&machine(7), 50), Ok(()));
		assert_eq!(allowed(&machine(7), 60), Ok(()));
		System::set_block_number(6);
		assert_eq!(pay(&machine(7), 60), Err(CoSignature));
		System::set_block_number(20);
		assert_eq!(allowed(&machine(7), 50), Ok(()));
		System::set_block_number(21);
		assert_eq!(pay(&machine(7), 50), Err(CoSignature));
	});
}

#[test]
fn violations_should_be_told_in_the_order_of_the_rules() {
	build_and_execute(|| {
		let mut policy = Policy {
			payment_cap: Some(0),
			period_cap: Some(PeriodCap { blocks: 1, amount: 0 }),
			payees: only(vec![], &[]).payees,
			co_sign_above: Some(0),
		};
		let mut expect = |relax: fn(&mut PolicyOf<Test>), result| {
			relax(&mut policy);
			set(policy.clone());
			assert_eq!(pay(&machine(7), 1), result);
		};
		expect(|_| {}, Err(PaymentCap));
		expect(|policy| policy.payment_cap = None, Err(PeriodCapReached));
		expect(|policy| policy.period_cap = None, Err(NotAllowed));
		expect(|policy| policy.payees = AllowedPayees::Anyone, Err(CoSignature));
		expect(|policy| policy.co_sign_above = None, Ok(()));
	});
}

#[test]
fn worst_case_should_be_full_and_allow_what_benchmarks_pay() {
	for payee in [machine(7), address(7), account(3), account(0xFF)] {
		build_and_execute(|| {
			SpendingPolicy::insert_worst_case(MACHINE, &payee, 10);
			let policy = Policies::<Test>::get(MACHINE).unwrap();
			let AllowedPayees::Only { payees, .. } = policy.payees else { panic!("not limited") };
			assert_eq!(payees.len() as u32, MAX_LISTED_PAYEES);
			assert_eq!(Approvals::<Test>::get(MACHINE).len() as u32, MAX_APPROVALS);

			KindReads::set(0);
			assert_eq!(pay(&payee, 10), Ok(()));
			let by_kind = payees::normal_form(payee.clone()) == machine(7);
			assert_eq!(KindReads::get(), u32::from(by_kind));
			assert_eq!(Approvals::<Test>::get(MACHINE).len() as u32, MAX_APPROVALS - 1);
			assert_eq!(Spent::<Test>::get(MACHINE), Some(Period { started_at: 1, spent: 11 }));
			assert_eq!(pay(&payee, 10), Err(CoSignature));
			for id in 0..MACHINES {
				assert_eq!(pay(&machine(id), 9), Ok(()));
			}
		});
	}
}
