//! What other pallets do with the till.

use super::*;
use frame_support::storage::with_storage_layer;
use pallet_dam_traits::Till;

/// What stands in the pot beside what keeps it alive.
fn escrow() -> u128 {
	Assets::balance(USDT, Micropayments::pot()) - MINIMUM
}

/// The till's own, not the call of that name.
fn pay(machine: MachineId, payee: &Payee<AccountId>, amount: u128) -> Result<(), PaymentFailure> {
	<Micropayments as Till<AccountId>>::pay(machine, payee, amount)
}

/// An operation fails for that reason and changes nothing, though no storage layer is around it.
fn refused(reason: PaymentFailure, operation: impl FnOnce() -> Result<(), PaymentFailure>) {
	assert_storage_noop!(assert_eq!(operation(), Err(reason)));
}

const TWO: Payee<AccountId> = Payee::Machine(2);

#[test]
fn money_should_pass_through_escrow_exactly() {
	build_and_execute(|| {
		Micropayments::lock(1, &TWO, 100).unwrap();
		Micropayments::lock_deposit(1, 7).unwrap();
		assert_eq!((wallet(1), escrow()), (FUNDS - 107, 107));
		Escrowed::set(&107);
		check();

		Micropayments::pay_out(&TWO, 60).unwrap();
		Micropayments::release(1, 47).unwrap();
		assert_eq!((wallet(1), wallet(2), escrow()), (FUNDS - 60, FUNDS + 60, 0));
		Escrowed::set(&0);
	});
}

#[test]
fn pot_should_live_when_everything_is_paid_out() {
	build_and_execute(|| {
		for amount in [1, FUNDS - MINIMUM - 1] {
			Micropayments::lock(1, &TWO, amount).unwrap();
			refused(PaymentFailure::InsufficientFunds, || Micropayments::pay_out(&TWO, amount + 1));
			Micropayments::pay_out(&TWO, amount).unwrap();
			assert_eq!(escrow(), 0);
			Micropayments::lock(2, &Payee::Machine(1), 1).unwrap();
			Micropayments::release(2, 1).unwrap();
		}
		assert_eq!((wallet(1), wallet(2)), (MINIMUM, 2 * FUNDS - MINIMUM));
	});
}

#[test]
fn payment_should_move_exactly_its_amount_within_the_policy() {
	build_and_execute(|| {
		Policy::set(Rules { period_cap: 100, ..Rules::NONE });
		pay(1, &TWO, 60).unwrap();
		refused(PaymentFailure::ExceedsPeriodCap, || pay(1, &TWO, 41));
		pay(1, &Payee::Account(3_000), 40).unwrap();
		assert_eq!(counted(1), 100);
		assert_eq!((wallet(1), wallet(2)), (FUNDS - 100, FUNDS + 60));
	});
}

#[test]
fn locked_money_should_count_once_as_a_payment_to_its_payee() {
	build_and_execute(|| {
		Policy::set(Rules { period_cap: 100, banned: vec![Payee::Machine(3)], ..Rules::NONE });
		refused(PaymentFailure::PayeeNotAllowed, || Micropayments::lock(1, &Payee::Machine(3), 10));
		Micropayments::lock(1, &TWO, 100).unwrap();
		assert_eq!(Counted::get(), [(1, TWO, 100)]);
		refused(PaymentFailure::ExceedsPeriodCap, || Micropayments::lock(1, &TWO, 1));

		// The policy is not asked again, whatever it has become, and a deposit is no payment.
		let begun = Begun::get();
		Policy::set(Rules { payment_cap: 0, period_cap: 0, ..Rules::NONE });
		Micropayments::pay_out(&TWO, 30).unwrap();
		Micropayments::release(1, 30).unwrap();
		Micropayments::lock_deposit(1, 30).unwrap();
		Micropayments::pay_outs(|pay| pay(&TWO, 40)).unwrap().unwrap();
		assert_eq!((Begun::get(), counted(1)), (begun, 100));
	});
}

#[test]
fn refusals_should_say_why_and_change_nothing() {
	use PaymentFailure::*;
	build_and_execute(|| {
		let retired = Payee::Machine(RETIRED);
		let by_address = |machine| Payee::Account(MockMachines::account(machine));
		for spend in [pay, Micropayments::lock] {
			refused(ZeroAmount, || spend(1, &TWO, 0));
			refused(UnknownMachine, || spend(1, &retired, 10));
			refused(UnknownMachine, || spend(1, &by_address(RETIRED), 10));
			refused(SelfPayment, || spend(1, &Payee::Machine(1), 10));
			refused(SelfPayment, || spend(1, &by_address(1), 10));
			refused(PayeeUnavailable, || spend(1, &Payee::Account(Micropayments::pot()), 10));
			refused(InsufficientFunds, || spend(1, &TWO, FUNDS - MINIMUM + 1));
			refused(InsufficientFunds, || spend(1, &TWO, u128::MAX));
			refused(InsufficientFunds, || spend(50, &TWO, 1));
		}
		refused(InsufficientFunds, || Micropayments::lock_deposit(1, FUNDS - MINIMUM + 1));
		refused(InsufficientFunds, || Micropayments::release(1, 1));

		Micropayments::lock(1, &TWO, 500).unwrap();
		refused(UnknownMachine, || Micropayments::pay_out(&retired, 10));
		refused(UnknownMachine, || Micropayments::pay_out(&by_address(RETIRED), 10));
		refused(BelowMinimum, || Micropayments::pay_out(&Payee::Machine(50), MINIMUM - 1));
		refused(InsufficientFunds, || Micropayments::pay_out(&TWO, u128::MAX));
		block(MockMachines::account(2));
		refused(PayeeUnavailable, || Micropayments::pay_out(&TWO, 10));
		refused(PayeeUnavailable, || Micropayments::release(2, 10));
		freeze(MockMachines::account(1));
		refused(PayerFrozen, || pay(1, &Payee::Machine(3), 10));
		refused(PayerFrozen, || Micropayments::lock(1, &Payee::Machine(3), 10));
		refused(PayerFrozen, || Micropayments::lock_deposit(1, 10));
		// It still gets its own money back.
		Micropayments::release(1, 500).unwrap();
	});
}

#[test]
fn zero_should_be_nothing_to_move_where_it_is_no_payment() {
	build_and_execute(|| {
		assert_storage_noop!({
			Micropayments::lock_deposit(1, 0).unwrap();
			Micropayments::release(1, 0).unwrap();
			Micropayments::pay_out(&Payee::Machine(RETIRED), 0).unwrap();
			Micropayments::pay_outs(|pay| pay(&TWO, 0)).unwrap().unwrap();
		});
	});
}

#[test]
fn frozen_asset_should_stay_where_it_is() {
	build_and_execute(|| {
		Micropayments::lock(1, &TWO, 100).unwrap();
		assert_ok!(Assets::freeze_asset(RuntimeOrigin::signed(ADMIN), USDT));
		let frozen = PaymentFailure::PayerFrozen;
		refused(frozen, || pay(1, &TWO, 10));
		refused(frozen, || Micropayments::lock(1, &TWO, 10));
		refused(frozen, || Micropayments::pay_out(&TWO, 10));
		refused(frozen, || Micropayments::release(1, 10));
		refused(frozen, || Micropayments::pay_outs(|pay| pay(&TWO, 10)).unwrap());
	});
}

#[test]
fn many_payments_out_of_escrow_should_be_isolated() {
	use PaymentFailure::*;
	build_and_execute(|| {
		Micropayments::lock(1, &TWO, 300).unwrap();
		block(MockMachines::account(4));
		let results = Micropayments::pay_outs(|pay| {
			[
				pay(&TWO, 100),
				pay(&Payee::Machine(4), 10),
				pay(&Payee::Machine(RETIRED), 10),
				pay(&Payee::Account(3_000), MINIMUM - 1),
				pay(&Payee::Account(3_000), MINIMUM),
				pay(&Payee::Account(3_000), 1),
				pay(&TWO, 190),
				pay(&Payee::Machine(3), 189),
				pay(&Payee::Machine(3), 1),
			]
		});
		assert_eq!(
			results,
			Ok([
				Ok(()),
				Err(PayeeUnavailable),
				Err(UnknownMachine),
				Err(BelowMinimum),
				Ok(()),
				Ok(()),
				Err(InsufficientFunds),
				Ok(()),
				Err(InsufficientFunds),
			])
		);
		assert_eq!((wallet(2), wallet(3), escrow()), (FUNDS + 100, FUNDS + 189, 0));
		assert_eq!(Assets::balance(USDT, 3_000), MINIMUM + 1);
	});
}

#[test]
fn what_work_stored_should_be_undone_when_escrow_does_not_cover_it() {
	build_and_execute(|| {
		Micropayments::lock(1, &TWO, 100).unwrap();
		assert_storage_noop!({
			let result = Micropayments::pay_outs(|pay| {
				Escrowed::set(&1_000);
				pay(&TWO, 60).unwrap();
				// A pallet whose book is wrong takes out what is promised elsewhere.
				Micropayments::release(1, 50).unwrap();
			});
			assert_eq!(result, Err(PaymentFailure::InsufficientFunds));
		});
		// What is covered may be done in between.
		Micropayments::pay_outs(|pay| {
			pay(&TWO, 60).unwrap();
			Micropayments::release(1, 40).unwrap();
		})
		.unwrap();
		assert_eq!((wallet(1), wallet(2), escrow()), (FUNDS - 60, FUNDS + 60, 0));
	});
}

#[test]
fn till_should_work_however_deeply_its_caller_is_nested() {
	fn deeper(left: u32, bottom: &mut dyn FnMut()) -> Result<(), DispatchError> {
		with_storage_layer(|| match left {
			0 => {
				bottom();
				Ok(())
			},
			left => deeper(left - 1, bottom),
		})
	}
	build_and_execute(|| {
		let layers = frame_support::storage::transactional::TRANSACTIONAL_LIMIT;
		assert_ok!(deeper(layers - 1, &mut || {
			assert!(deeper(0, &mut || ()).is_err(), "no layer is left");
			Micropayments::lock(1, &TWO, 100).unwrap();
			pay(1, &TWO, 10).unwrap();
			Micropayments::pay_out(&TWO, 50).unwrap();
			Micropayments::pay_outs(|pay| pay(&TWO, 20)).unwrap().unwrap();
			Micropayments::release(1, 30).unwrap();
			refused(PaymentFailure::InsufficientFunds, || Micropayments::release(1, 1));
		}));
		assert_eq!((wallet(1), wallet(2), escrow()), (FUNDS - 80, FUNDS + 80, 0));
	});
}
