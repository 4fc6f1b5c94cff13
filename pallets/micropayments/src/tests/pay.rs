use super::*;

fn refused(payer: MachineId, payee: Payee<AccountId>, amount: u128, error: Error<Test>) {
	assert_noop!(Micropayments::pay(key(payer), payee, amount), error);
}

#[test]
fn payment_should_move_exactly_its_amount() {
	build_and_execute(|| {
		assert_ok!(Micropayments::pay(key(1), Payee::Machine(2), 1));
		assert_eq!((wallet(1), wallet(2)), (FUNDS - 1, FUNDS + 1));
		System::assert_last_event(
			Event::Paid { machine: 1, payee: Payee::Machine(2), amount: 1 }.into(),
		);
		assert_ok!(Micropayments::pay(key(1), Payee::Account(3_000), 100));
		assert_eq!(Assets::balance(USDT, 3_000), 100);
	});
}

#[test]
fn payment_should_be_refused_without_a_machine_that_may_act() {
	build_and_execute(|| {
		for key in [RETIRED, 500] {
			assert_noop!(
				Micropayments::pay(RuntimeOrigin::signed(key), Payee::Machine(2), 1),
				DispatchError::Other("no machine's key")
			);
		}
		assert_noop!(
			Micropayments::pay(key(SUSPENDED), Payee::Machine(2), 1),
			DispatchError::Other("suspended")
		);
		assert_noop!(
			Micropayments::pay(RuntimeOrigin::none(), Payee::Machine(2), 1),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn payment_should_say_what_is_wrong_with_it() {
	build_and_execute(|| {
		refused(1, Payee::Machine(2), 0, Error::ZeroAmount);
		refused(1, Payee::Machine(RETIRED), 10, Error::UnknownMachine);
		refused(1, Payee::Machine(MachineId::MAX), 10, Error::UnknownMachine);
		// Its address is no way around that: nobody could take the money out again.
		refused(1, Payee::Account(MockMachines::account(RETIRED)), 10, Error::UnknownMachine);
		refused(1, Payee::Account(MockMachines::account(RETIRED + 1)), 10, Error::UnknownMachine);
		refused(1, Payee::Machine(1), 10, Error::SelfPayment);
		refused(1, Payee::Account(MockMachines::account(1)), 10, Error::SelfPayment);
		refused(1, Payee::Machine(2), FUNDS + 1, Error::InsufficientFunds);
		refused(1, Payee::Machine(2), u128::MAX, Error::InsufficientFunds);
		refused(50, Payee::Machine(2), 1, Error::InsufficientFunds);
		refused(1, Payee::Account(Micropayments::pot()), 10, Error::PayeeUnavailable);
	});
}

#[test]
fn suspended_machine_should_be_payable() {
	build_and_execute(|| {
		assert_ok!(Micropayments::pay(key(1), Payee::Machine(SUSPENDED), MINIMUM));
		assert_eq!(wallet(SUSPENDED), MINIMUM);
	});
}

#[test]
fn payer_should_keep_the_minimum_balance_and_send_no_dust() {
	build_and_execute(|| {
		refused(1, Payee::Machine(2), FUNDS - MINIMUM + 1, Error::InsufficientFunds);
		refused(1, Payee::Machine(2), FUNDS, Error::InsufficientFunds);
		assert_ok!(Micropayments::pay(key(1), Payee::Machine(2), FUNDS - MINIMUM));
		assert_eq!((wallet(1), wallet(2)), (MINIMUM, 2 * FUNDS - MINIMUM));
	});
}

#[test]
fn first_payment_to_an_account_should_reach_the_minimum_balance() {
	build_and_execute(|| {
		refused(1, Payee::Account(3_000), MINIMUM - 1, Error::BelowMinimum);
		assert_ok!(Micropayments::pay(key(1), Payee::Account(3_000), MINIMUM));
		assert_ok!(Micropayments::pay(key(1), Payee::Account(3_000), 1));
	});
}

#[test]
fn frozen_payers_and_blocked_payees_should_be_named() {
	build_and_execute(|| {
		freeze(MockMachines::account(1));
		refused(1, Payee::Machine(2), 10, Error::PayerFrozen);
		// A frozen account still takes money; a blocked one does not.
		assert_ok!(Micropayments::pay(key(2), Payee::Machine(1), 10));
		block(MockMachines::account(3));
		refused(2, Payee::Machine(3), 10, Error::PayeeUnavailable);
	});
}

#[test]
fn part_of_an_account_should_stay_when_it_is_frozen() {
	build_and_execute(|| {
		Kept::set(&vec![(MockMachines::account(1), 600)]);
		refused(1, Payee::Machine(2), 401, Error::PayerFrozen);
		assert_ok!(Micropayments::pay(key(1), Payee::Machine(2), 400));
		refused(1, Payee::Machine(2), 1, Error::PayerFrozen);
	});
}

#[test]
fn payment_should_be_refused_rather_than_lost_when_the_issuance_is_near_its_end() {
	new_test_ext().execute_with(|| {
		let rest = u128::MAX - ISSUANCE;
		assert_ok!(Assets::mint(RuntimeOrigin::signed(ADMIN), USDT, 3_000, rest - 5));
		// The SDK's transfer would debit the payer and credit nobody.
		refused(1, Payee::Machine(2), 6, Error::PayeeUnavailable);
		assert_ok!(Micropayments::pay(key(1), Payee::Machine(2), 5));
		assert_eq!((wallet(1), wallet(2)), (FUNDS - 5, FUNDS + 5));
	});
}

#[test]
fn payment_should_be_shown_by_the_asset_too() {
	build_and_execute(|| {
		assert_ok!(Micropayments::pay(key(1), Payee::Machine(2), 7));
		System::assert_has_event(
			pallet_assets::Event::Transferred {
				asset_id: USDT,
				from: MockMachines::account(1),
				to: MockMachines::account(2),
				amount: 7,
			}
			.into(),
		);
	});
}
