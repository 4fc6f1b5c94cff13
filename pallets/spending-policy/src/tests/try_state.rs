//! Each invariant must notice the corruption it is about.

use super::*;

fn corrupt(law: &str, corruption: impl FnOnce()) {
	new_test_ext().execute_with(|| {
		set(Policy {
			payees: only(vec![machine(7), account(9)], &[MachineKind::Meter]).payees,
			co_sign_above: Some(10),
			..period_cap(10, 100)
		});
		approve(machine(7), 50, 20);
		approve(machine(7), 50, 10);
		assert_eq!(pay(&machine(7), 5), Ok(()));
		SpendingPolicy::do_try_state().unwrap();
		corruption();
		let error: &'static str = SpendingPolicy::do_try_state().unwrap_err().into();
		assert!(error.starts_with(law), "law {law} should have been broken, not: {error}");
	});
}

#[test]
fn invariants_should_notice_every_corruption_of_a_policy() {
	let list = |payees| {
		Policies::<Test>::insert(MACHINE, Policy { co_sign_above: Some(10), ..only(payees, &[]) })
	};
	corrupt("1", || list(vec![address(7)]));
	corrupt("1", || list(vec![machine(8), machine(7)]));
	corrupt("1", || list(vec![account(9), machine(7)]));
	corrupt("1", || list(vec![machine(7), machine(7)]));
	corrupt("1", || Policies::<Test>::insert(MACHINE, period_cap(0, 1)));
}

#[test]
fn invariants_should_notice_every_corruption_of_a_period() {
	let period = |started_at, spent| Spent::<Test>::insert(MACHINE, Period { started_at, spent });
	corrupt("2", || Policies::<Test>::insert(MACHINE, no_rules()));
	corrupt("2", || Policies::<Test>::remove(MACHINE));
	corrupt("2", || period(2, 5));
	corrupt("2", || period(1, 0));
}

#[test]
fn invariants_should_notice_every_corruption_of_approvals() {
	let store = |approvals: Vec<_>| {
		Approvals::<Test>::insert(MACHINE, ApprovalsOf::<Test>::truncate_from(approvals))
	};
	corrupt("3", || store(vec![]));
	corrupt("3", || store(vec![approval(machine(7), 1, 20), approval(machine(7), 1, 10)]));
	corrupt("3", || store(vec![approval(machine(7), 0, 10)]));
	corrupt("3", || store(vec![approval(address(7), 1, 10)]));
	corrupt("3", || store(vec![approval(machine(7), 1, 2 + LIFETIME)]));
}

#[test]
fn invariants_should_notice_what_belongs_to_no_living_machine() {
	corrupt("4", || Retired::set(&vec![MACHINE]));
	corrupt("4", || Policies::<Test>::insert(MACHINES, no_rules()));
	corrupt("4", || Spent::<Test>::insert(MACHINES, Period { started_at: 1, spent: 1 }));
	corrupt("4", || {
		let approvals = vec![approval(machine(7), 1, 10)];
		Approvals::<Test>::insert(MACHINES, ApprovalsOf::<Test>::truncate_from(approvals))
	});
}
