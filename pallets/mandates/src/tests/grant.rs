use super::*;

fn try_grant(
	who: AccountId,
	payee: Payee<AccountId>,
	cap: u128,
	period: u32,
	expires_at: u32,
) -> DispatchResult {
	PaymentMandates::grant(signed(who), 0, payee, cap, period, expires_at)
}

#[test]
fn mandate_should_be_written_down_and_cost_its_deposit_alone() {
	build_and_execute(|| {
		System::set_block_number(7);
		let id = grant(0, 1);
		assert_eq!(id, 0);
		assert_eq!(wallet(0), FUNDS - STORAGE_DEPOSIT);
		let expected = MandateOf::<Test> {
			payer: 0,
			payee: Payee::Machine(1),
			cap: 100,
			period: 10,
			expires_at: 7 + MAX_LIFETIME,
			pulled: None,
			storage_deposit: STORAGE_DEPOSIT,
		};
		assert_eq!(mandate(id), expected);
		System::assert_last_event(
			Event::MandateGranted {
				mandate: 0,
				payer: 0,
				payee: Payee::Machine(1),
				cap: 100,
				period: 10,
				expires_at: 7 + MAX_LIFETIME,
			}
			.into(),
		);
		assert_eq!((grant(0, 2), grant(3, 1)), (1, 2));
		assert_eq!((listed(0), listed(3)), (vec![0, 1], vec![2]));
		assert_eq!(Locked::<Test>::get(), 3 * STORAGE_DEPOSIT);
	});
}

#[test]
fn nobody_but_key_and_owner_should_grant() {
	build_and_execute(|| {
		let grant = |who| try_grant(who, Payee::Machine(1), 1, 1, 100);
		for who in [claim_key(0), payment_key(1), owner(1), address(0), person()] {
			assert_noop!(grant(who), Error::<Test>::NotPayer);
		}
		let unsigned =
			PaymentMandates::grant(RuntimeOrigin::none(), 0, Payee::Machine(1), 1, 1, 100);
		assert_eq!(unsigned, Err(BadOrigin.into()));
		for flag in [Suspended::set, Frozen::set] {
			flag(&vec![0]);
			assert_noop!(grant(payment_key(0)), Error::<Test>::NotPayer);
			assert_ok!(grant(owner(0)));
			flag(&vec![]);
		}
		assert_ok!(grant(payment_key(0)));
		Retired::set(&vec![0]);
		for who in [payment_key(0), owner(0)] {
			assert_noop!(grant(who), Error::<Test>::NotPayer);
		}
		// Nobody is retired whose mandates stand.
		Retired::set(&vec![]);
	});
}

#[test]
fn mandate_should_be_refused_when_its_numbers_make_no_sense() {
	build_and_execute(|| {
		System::set_block_number(20);
		let grant = |cap, period, expires_at| {
			try_grant(payment_key(0), Payee::Machine(1), cap, period, expires_at)
		};
		assert_noop!(grant(0, 1, 100), Error::<Test>::ZeroCap);
		assert_noop!(grant(1, 0, 100), Error::<Test>::ZeroPeriod);
		for expires_at in [0, 19, 20] {
			assert_noop!(grant(1, 1, expires_at), Error::<Test>::ExpiresInPast);
		}
		for expires_at in [21 + MAX_LIFETIME, u32::MAX] {
			assert_noop!(grant(1, 1, expires_at), Error::<Test>::LifetimeTooLong);
		}
		assert_ok!(grant(1, 1, 21));
		assert_ok!(grant(u128::MAX, u32::MAX, 20 + MAX_LIFETIME));
	});
}

#[test]
fn mandate_should_be_refused_when_the_payee_cannot_be_paid() {
	build_and_execute(|| {
		Retired::set(&vec![2]);
		let grant = |payee| try_grant(payment_key(0), payee, 1, 1, 100);
		for payee in [Payee::Machine(0), Payee::Account(address(0))] {
			assert_noop!(grant(payee), Error::<Test>::SelfPayment);
		}
		for payee in [Payee::Machine(2), Payee::Account(address(2)), Payee::Machine(MACHINES)] {
			assert_noop!(grant(payee), Error::<Test>::UnknownMachine);
		}
	});
}

#[test]
fn machine_should_be_the_payee_by_its_address_as_by_its_number() {
	build_and_execute(|| {
		let id = grant_to(0, Payee::Account(address(1)));
		assert_eq!(mandate(id).payee, Payee::Machine(1));
		assert_ok!(pull(1, id, 10));
	});
}

#[test]
fn mandate_should_be_refused_when_the_wallet_cannot_pay_its_deposit() {
	build_and_execute(|| {
		let grant = || try_grant(payment_key(0), Payee::Machine(1), 1, 1, 100);
		transfer(&address(0), &address(9), FUNDS - STORAGE_DEPOSIT - MINIMUM + 1);
		assert_noop!(grant(), Error::<Test>::InsufficientFunds);
		transfer(&address(9), &address(0), 1);
		assert_ok!(grant());
		assert_eq!(wallet(0), MINIMUM);
	});
}

#[test]
fn machine_should_give_a_bounded_number_of_mandates() {
	build_and_execute(|| {
		transfer(&address(9), &address(0), FUNDS - MINIMUM);
		let ids: Vec<_> = (0..MAX_MANDATES).map(|_| grant(0, 1)).collect();
		assert_eq!(listed(0), ids);
		let another = || try_grant(payment_key(0), Payee::Machine(1), 1, 1, 100);
		assert_noop!(another(), Error::<Test>::TooManyMandates);
		// Others are not concerned, and one that is revoked makes room.
		grant(1, 2);
		assert_ok!(PaymentMandates::revoke(signed(payment_key(0)), ids[7]));
		assert_ok!(another());
		assert_noop!(another(), Error::<Test>::TooManyMandates);
	});
}

#[test]
fn mandate_should_be_refused_when_all_numbers_are_taken() {
	build_and_execute(|| {
		NextMandateId::<Test>::put(MandateId::MAX - 1);
		assert_eq!(grant(0, 1), MandateId::MAX - 1);
		assert_noop!(
			try_grant(payment_key(0), Payee::Machine(1), 1, 1, 100),
			Error::<Test>::Overflow
		);
	});
}

#[test]
fn every_failure_should_have_an_error_of_its_own() {
	use PaymentFailure::*;
	let error = |failure: PullFailure| format!("{:?}", Error::<Test>::from(failure));
	for failure in [
		ZeroAmount,
		UnknownMachine,
		SelfPayment,
		InsufficientFunds,
		PayerFrozen,
		BelowMinimum,
		PayeeUnavailable,
		ExceedsPaymentCap,
		ExceedsPeriodCap,
		PayeeNotAllowed,
		NeedsCoSignature,
	] {
		assert_eq!(error(failure.into()), format!("{failure:?}"));
	}
	assert_eq!(error(PullFailure::UnknownMandate), "MandateNotFound");
	assert_eq!(error(PullFailure::NotPayee), "NotPayee");
	assert_eq!(error(PullFailure::Expired), "MandateExpired");
	assert_eq!(error(PullFailure::ExceedsCap), "ExceedsCap");
	assert_eq!(error(PullFailure::PayerInactive), "PayerInactive");
}
