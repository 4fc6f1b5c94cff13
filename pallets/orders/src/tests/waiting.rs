//! Decisions for accounts that cannot take their part.

use super::*;

fn release(id: OrderId) -> DispatchResult {
	PurchaseOrders::release(stranger(), id)
}

fn resolve(id: OrderId, to_seller: u128) -> DispatchResult {
	PurchaseOrders::resolve(signed(ARBITER), id, to_seller)
}

fn block(accounts: &[AccountId]) {
	Blocked::set(&accounts.to_vec());
}

fn owes(id: OrderId) -> (u128, u128) {
	let OrderState::Decided { to_seller, to_buyer, .. } = order(id).state else {
		panic!("order {id} is not decided")
	};
	(to_seller, to_buyer)
}

#[test]
fn sellers_part_should_wait_until_it_can_be_paid() {
	build_and_execute(|| {
		let id = waiting();
		let pay_by = System::block_number() + PAYEE_TIMEOUT;
		let expected = OrderState::Decided { to_seller: AMOUNT, to_buyer: 0, pay_by };
		assert_eq!(order(id).state, expected);
		let event = Event::<Test>::Decided { order: id, to_seller: AMOUNT, to_buyer: 0 };
		System::assert_last_event(event.into());
		assert_eq!(wallet(BUYER), FUNDS - out_of_pocket(AMOUNT));

		assert_noop!(release(id), Error::<Test>::PayeeUnavailable);
		go_to_deadline(id);
		assert_noop!(release(id), Error::<Test>::PayeeUnavailable);
		block(&[]);
		assert_ok!(release(id));
		assert!(is_gone(id));
		assert_eq!(balance(SELLER), FUNDS + AMOUNT);
		assert_eq!(wallet(BUYER), FUNDS - AMOUNT);
	});
}

#[test]
fn sellers_part_should_go_back_after_the_timeout() {
	build_and_execute(|| {
		let id = waiting();
		go_past_deadline(id);
		assert_ok!(release(id));
		assert!(is_gone(id));
		assert_eq!((wallet(BUYER), balance(SELLER)), (FUNDS, FUNDS));
	});
}

#[test]
fn seller_should_still_be_paid_after_the_timeout_if_it_can_be() {
	build_and_execute(|| {
		let id = waiting();
		go_past_deadline(id);
		block(&[]);
		assert_ok!(release(id));
		assert_eq!(balance(SELLER), FUNDS + AMOUNT);
	});
}

#[test]
fn buyers_part_should_not_wait_for_a_blocked_seller() {
	build_and_execute(|| {
		let id = disputed(offer_to(Payee::Account(SELLER)));
		block(&[SELLER]);
		assert_ok!(resolve(id, 400));
		assert_eq!(owes(id), (400, 0));
		assert_eq!(wallet(BUYER), FUNDS - 400 - STORAGE_DEPOSIT);
		let event =
			Event::<Test>::PaidOut { order: id, to_seller: 0, to_buyer: 601, closed: false };
		System::assert_last_event(event.into());

		block(&[]);
		assert_ok!(release(id));
		assert!(is_gone(id));
		assert_eq!((wallet(BUYER), balance(SELLER)), (FUNDS - 400, FUNDS + 400));
	});
}

#[test]
fn sellers_part_should_not_wait_for_a_blocked_buyer() {
	build_and_execute(|| {
		let id = disputed(offer());
		block(&[wallet_of(BUYER)]);
		assert_ok!(resolve(id, 400));
		assert_eq!(income(SHOP), 400);
		assert_eq!(owes(id), (0, 601));
		// Nothing more happens, however long it takes.
		assert_noop!(release(id), Error::<Test>::PayeeUnavailable);
		go_past_deadline(id);
		assert_noop!(release(id), Error::<Test>::PayeeUnavailable);

		block(&[]);
		assert_ok!(release(id));
		assert!(is_gone(id));
		assert_eq!((wallet(BUYER), wallet(SHOP)), (FUNDS - 400, FUNDS + 400));
	});
}

#[test]
fn record_should_stay_for_a_deposit_that_cannot_go_back() {
	build_and_execute(|| {
		let id = delivered(offer());
		block(&[wallet_of(BUYER)]);
		assert_ok!(PurchaseOrders::confirm(signed(key(BUYER)), id));
		assert_eq!(income(SHOP), AMOUNT);
		assert_eq!(owes(id), (0, 0));
		assert_eq!(Locked::<Test>::get(), STORAGE_DEPOSIT);
		assert_noop!(release(id), Error::<Test>::PayeeUnavailable);
		block(&[]);
		assert_ok!(release(id));
		assert!(is_gone(id));
		let event = Event::<Test>::PaidOut { order: id, to_seller: 0, to_buyer: 0, closed: true };
		System::assert_last_event(event.into());
	});
}

#[test]
fn decision_should_stand_when_both_sides_are_blocked() {
	build_and_execute(|| {
		let id = disputed(offer_to(Payee::Account(SELLER)));
		block(&[SELLER, wallet_of(BUYER)]);
		assert_ok!(resolve(id, 400));
		assert_eq!(owes(id), (400, 601));
		assert_noop!(release(id), Error::<Test>::PayeeUnavailable);
		assert_noop!(resolve(id, 0), Error::<Test>::WrongState);

		// After the timeout the seller's part is the buyer's, who still cannot take it.
		go_past_deadline(id);
		assert_ok!(release(id));
		assert_eq!(owes(id), (0, AMOUNT));
		block(&[wallet_of(BUYER)]);
		assert_noop!(release(id), Error::<Test>::PayeeUnavailable);
		block(&[]);
		assert_ok!(release(id));
		assert!(is_gone(id));
		assert_eq!((wallet(BUYER), balance(SELLER)), (FUNDS, FUNDS));
	});
}

#[test]
fn part_below_the_minimum_should_wait_for_an_account() {
	build_and_execute(|| {
		let id = disputed(offer_to(Payee::Account(NEWCOMER)));
		assert_ok!(resolve(id, MINIMUM - 1));
		assert_eq!(owes(id), (MINIMUM - 1, 0));
		let other = delivered(offer_to(Payee::Account(NEWCOMER)));
		assert_ok!(PurchaseOrders::confirm(signed(key(BUYER)), other));
		assert_ok!(release(id));
		assert_eq!(balance(NEWCOMER), AMOUNT + MINIMUM - 1);
	});
}

#[test]
fn decision_should_wait_when_escrow_is_frozen() {
	build_and_execute(|| {
		let silent = delivered(offer());
		let [offered, _, delivered, disputed, waiting] = one_of_each();
		go_past_deadline(silent);
		EscrowFrozen::set(&true);
		assert_noop!(
			PurchaseOrders::cancel(signed(key(BUYER)), offered),
			Error::<Test>::EscrowUnavailable
		);
		assert_noop!(
			PurchaseOrders::confirm(signed(key(BUYER)), delivered),
			Error::<Test>::EscrowUnavailable
		);
		for id in [silent, waiting] {
			assert_noop!(release(id), Error::<Test>::EscrowUnavailable);
		}
		assert_noop!(resolve(disputed, 1), Error::<Test>::EscrowUnavailable);
		EscrowFrozen::set(&false);
		assert_ok!(release(silent));
	});
}

#[test]
fn decision_should_be_possible_in_the_last_block() {
	build_and_execute(|| {
		let id = delivered(offer_to(Payee::Account(SELLER)));
		block(&[SELLER]);
		System::set_block_number(u32::MAX);
		assert_ok!(release(id));
		assert_eq!(order(id).deadline(), u32::MAX);
		block(&[]);
		assert_ok!(release(id));
		assert!(is_gone(id));
	});
}
