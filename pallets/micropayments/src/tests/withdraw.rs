use super::*;

const OWNER: AccountId = 2_000;

fn owner() -> RuntimeOrigin {
	RuntimeOrigin::signed(OWNER)
}

#[test]
fn owner_should_take_money_out() {
	build_and_execute(|| {
		assert_ok!(Micropayments::withdraw(owner(), 1, FUNDS - MINIMUM));
		assert_eq!(Assets::balance(USDT, OWNER), FUNDS - MINIMUM);
		System::assert_last_event(Event::Withdrawn { machine: 1, amount: FUNDS - MINIMUM }.into());
	});
}

#[test]
fn nobody_else_should_take_money_out() {
	build_and_execute(|| {
		assert_noop!(Micropayments::withdraw(key(1), 1, 10), Error::<Test>::NotOwner);
		assert_noop!(Micropayments::withdraw(owner(), 100, 10), Error::<Test>::UnknownMachine);
		assert_noop!(Micropayments::withdraw(owner(), 1, 0), Error::<Test>::ZeroAmount);
		assert_noop!(Micropayments::withdraw(owner(), 1, FUNDS), Error::<Test>::InsufficientFunds);
	});
}
