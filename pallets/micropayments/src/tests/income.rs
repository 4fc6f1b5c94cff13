//! Every income of a machine is told of, on every path, and nothing else is.

use super::*;
use pallet_dam_traits::Till as _;

/// The till, as another pallet names it.
type Till = Micropayments;

fn pay(payee: &Payee<AccountId>, amount: u128) -> Result<(), PaymentFailure> {
	<Till as pallet_dam_traits::Till<AccountId>>::pay(1, payee, amount)
}

/// What machines were paid since this was asked last.
fn incomes() -> Vec<(MachineId, u128)> {
	let incomes = Incomes::get();
	Incomes::set(&Default::default());
	incomes.into_iter().collect()
}

#[test]
fn income_should_be_told_of_on_every_path_by_either_name() {
	build_and_execute(|| {
		Till::lock(1, &Payee::Machine(2), 100).unwrap();
		for payee in [Payee::Machine(2), Payee::Account(MockMachines::account(2))] {
			assert_ok!(Micropayments::pay(key(1), payee.clone(), 10));
			assert_eq!(incomes(), [(2, 10)]);
			pay_batch(1, vec![Payment { payee: payee.clone(), amount: 20 }, to(3, 1), to(2, 2)]);
			assert_eq!(incomes(), [(2, 22), (3, 1)]);
			pay(&payee, 30).unwrap();
			assert_eq!(incomes(), [(2, 30)]);
			Till::pay_out(&payee, 10).unwrap();
			assert_eq!(incomes(), [(2, 10)]);
			Till::pay_outs(|pay| pay(&payee, 3).and(pay(&payee, 4))).unwrap().unwrap();
			assert_eq!(incomes(), [(2, 7)]);
		}
	});
}

#[test]
fn income_should_be_told_of_once_for_all_payments_of_a_call() {
	build_and_execute(|| {
		pay_batch(1, (0..100).map(|n| to(2 + n % 3, 5)).collect());
		assert_eq!(Told::get(), 3);
		assert_eq!(incomes(), [(2, 170), (3, 165), (4, 165)]);
	});
}

#[test]
fn suspended_machine_should_have_an_income() {
	build_and_execute(|| {
		assert_ok!(Micropayments::pay(key(1), Payee::Machine(SUSPENDED), MINIMUM));
		assert_eq!(incomes(), [(SUSPENDED, MINIMUM)]);
	});
}

#[test]
fn nothing_else_should_be_an_income() {
	build_and_execute(|| {
		let account = Payee::Account(3_000);
		assert_ok!(Micropayments::pay(key(1), account.clone(), 50));
		pay_batch(1, vec![Payment { payee: account.clone(), amount: 50 }]);
		pay(&account, 50).unwrap();
		Till::lock(1, &Payee::Machine(2), 100).unwrap();
		Till::lock_deposit(1, 50).unwrap();
		Till::pay_out(&account, 10).unwrap();
		Till::release(1, 140).unwrap();
		assert_ok!(Micropayments::withdraw(RuntimeOrigin::signed(2_000), 1, 50));
		assert_eq!(incomes(), []);
	});
}

#[test]
fn failed_payments_should_be_no_income() {
	build_and_execute(|| {
		Till::lock(1, &Payee::Machine(2), 100).unwrap();
		assert!(Micropayments::pay(key(1), Payee::Machine(2), FUNDS).is_err());
		pay_batch(1, vec![to(2, 0), to(2, FUNDS), to(RETIRED, 1), to(50, MINIMUM - 1)]);
		assert!(pay(&Payee::Machine(2), FUNDS).is_err());
		assert!(Till::pay_out(&Payee::Machine(2), FUNDS).is_err());
		Till::pay_out(&Payee::Machine(2), 0).unwrap();
		Till::pay_outs(|pay| pay(&Payee::Machine(2), FUNDS)).unwrap().unwrap_err();
		assert_eq!(incomes(), []);
	});
}
