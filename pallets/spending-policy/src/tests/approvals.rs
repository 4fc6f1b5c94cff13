use super::*;

fn approve_as(who: AccountId, payment: Approval<AccountId>) -> sp_runtime::DispatchResult {
	SpendingPolicy::approve(signed(who), MACHINE, payment)
}

fn revoke(payee: Payee<AccountId>, amount: u128) -> sp_runtime::DispatchResult {
	SpendingPolicy::revoke_approval(signed(owner()), MACHINE, payee, amount)
}

fn waiting() -> Vec<Approval<AccountId>> {
	Approvals::<Test>::get(MACHINE).into_inner()
}

#[test]
fn approval_should_be_given_by_the_owner_and_by_an_operator_that_co_signs() {
	build_and_execute(|| {
		for who in [owner(), co_signer()] {
			assert_ok!(approve_as(who, approval(address(7), 5, 10)));
			System::assert_last_event(
				Event::PaymentApproved {
					machine: MACHINE,
					payee: machine(7),
					amount: 5,
					expires_at: 10,
				}
				.into(),
			);
		}
		assert_eq!(waiting(), vec![approval(machine(7), 5, 10); 2]);
	});
}

#[test]
fn approval_should_be_refused_when_the_signer_may_not_co_sign() {
	build_and_execute(|| {
		let payment = || approval(machine(7), 5, 10);
		assert_noop!(approve_as(manager(), payment()), DispatchError::Other("no right"));
		// The machine itself is not its own second factor.
		assert_noop!(
			approve_as(machine_account(MACHINE).into(), payment()),
			DispatchError::Other("not the owner")
		);
		assert_noop!(
			SpendingPolicy::approve(RuntimeOrigin::none(), MACHINE, payment()),
			DispatchError::BadOrigin
		);
		assert_noop!(
			SpendingPolicy::approve(signed(owner()), MACHINES, payment()),
			DispatchError::Other("no machine")
		);
		Retired::set(&vec![MACHINE]);
		assert_noop!(approve_as(owner(), payment()), DispatchError::Other("retired"));
		assert_noop!(approve_as(co_signer(), payment()), DispatchError::Other("retired"));
	});
}

#[test]
fn approval_should_be_refused_when_its_amount_or_expiry_is_out_of_bounds() {
	build_and_execute(|| {
		System::set_block_number(50);
		let at = |amount, expires_at| approve_as(owner(), approval(machine(7), amount, expires_at));
		assert_noop!(at(0, 60), Error::<Test>::ZeroAmount);
		assert_noop!(at(5, 0), Error::<Test>::ApprovalExpired);
		assert_noop!(at(5, 50), Error::<Test>::ApprovalExpired);
		assert_ok!(at(5, 51));
		assert_ok!(at(u128::MAX, 50 + LIFETIME));
		assert_noop!(at(5, 51 + LIFETIME), Error::<Test>::ApprovalLifetimeTooLong);
		assert_noop!(at(5, u32::MAX), Error::<Test>::ApprovalLifetimeTooLong);
	});
}

#[test]
fn approval_should_be_refused_when_too_many_wait_until_one_expires() {
	build_and_execute(|| {
		for n in 0..MAX_APPROVALS {
			approve(machine(7), 1 + u128::from(n), 20 - n.min(10));
		}
		assert_noop!(
			approve_as(owner(), approval(machine(7), 5, 30)),
			Error::<Test>::TooManyApprovals
		);
		// The six that expire in block 10 still stand in it.
		System::set_block_number(10);
		assert_noop!(
			approve_as(owner(), approval(machine(7), 5, 30)),
			Error::<Test>::TooManyApprovals
		);
		System::set_block_number(11);
		approve(machine(7), 5, 30);
		assert_eq!(waiting().len(), 11);
	});
}

#[test]
fn revocation_should_take_back_every_approval_of_exactly_that_payment() {
	build_and_execute(|| {
		set(co_sign_above(0));
		approve(machine(7), 5, 10);
		approve(address(7), 5, 20);
		approve(machine(7), 6, 10);
		approve(machine(8), 5, 10);
		assert_ok!(SpendingPolicy::revoke_approval(signed(co_signer()), MACHINE, address(7), 5));
		System::assert_last_event(
			Event::ApprovalRevoked { machine: MACHINE, payee: machine(7), amount: 5 }.into(),
		);
		assert_eq!(waiting(), [approval(machine(7), 6, 10), approval(machine(8), 5, 10)]);
		assert_eq!(allowed(&machine(7), 5), Err(PolicyViolation::CoSignature));
		assert_eq!(allowed(&machine(7), 6), Ok(()));
		assert_ok!(revoke(machine(7), 6));
		assert_ok!(revoke(machine(8), 5));
		assert_eq!(Approvals::<Test>::iter().count(), 0);
	});
}

#[test]
fn revocation_should_be_refused_when_nothing_waits() {
	build_and_execute(|| {
		set(co_sign_above(0));
		approve(machine(7), 5, 10);
		for (payee, amount) in [(machine(7), 4), (machine(8), 5), (account(7), 5), (machine(7), 0)]
		{
			assert_noop!(revoke(payee, amount), Error::<Test>::ApprovalNotFound);
		}
		assert_eq!(pay(&machine(7), 5), Ok(()));
		assert_noop!(revoke(machine(7), 5), Error::<Test>::ApprovalNotFound);
		approve(machine(7), 5, 10);
		System::set_block_number(11);
		assert_noop!(revoke(machine(7), 5), Error::<Test>::ApprovalNotFound);
	});
}

#[test]
fn revocation_should_be_refused_when_the_signer_may_not_co_sign() {
	build_and_execute(|| {
		approve(machine(7), 5, 10);
		let revoke = |who| SpendingPolicy::revoke_approval(who, MACHINE, machine(7), 5);
		assert_noop!(revoke(signed(manager())), DispatchError::Other("no right"));
		assert_noop!(revoke(signed([9; 32].into())), DispatchError::Other("not the owner"));
		assert_noop!(revoke(RuntimeOrigin::none()), DispatchError::BadOrigin);
	});
}
