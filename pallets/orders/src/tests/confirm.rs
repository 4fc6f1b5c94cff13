use super::*;

fn confirm(who: AccountId, id: OrderId) -> DispatchResult {
	PurchaseOrders::confirm(signed(who), id)
}

#[test]
fn confirmed_order_should_pay_the_seller() {
	build_and_execute(|| {
		let id = delivered(offer());
		assert_ok!(confirm(key(BUYER), id));
		assert!(is_gone(id));
		assert_eq!((wallet(SHOP), income(SHOP)), (FUNDS + AMOUNT, AMOUNT));
		// The storage deposit comes back, and is no income.
		assert_eq!((wallet(BUYER), income(BUYER)), (FUNDS - AMOUNT, 0));
		assert_eq!(Locked::<Test>::get(), 0);
		assert!(!OpenOrders::<Test>::contains_key(BUYER));
		let event =
			Event::<Test>::PaidOut { order: id, to_seller: AMOUNT, to_buyer: 0, closed: true };
		System::assert_last_event(event.into());
		assert_noop!(confirm(key(BUYER), id), Error::<Test>::OrderNotFound);
	});
}

#[test]
fn confirmed_order_should_pay_a_person() {
	build_and_execute(|| {
		for (seller, before) in [(SELLER, FUNDS), (NEWCOMER, 0)] {
			let id = delivered(offer_to(Payee::Account(seller)));
			assert_ok!(confirm(key(BUYER), id));
			assert_eq!(balance(seller), before + AMOUNT);
		}
	});
}

#[test]
fn order_should_be_confirmed_by_its_buyer_alone() {
	build_and_execute(|| {
		let id = delivered(offer());
		let others = [STRANGER, ARBITER, claim_key(BUYER), wallet_of(BUYER)];
		for who in others.into_iter().chain([key(SHOP), owner(SHOP), key(2), owner(2)]) {
			assert_noop!(confirm(who, id), Error::<Test>::NotBuyer);
		}
		assert_ok!(confirm(owner(BUYER), id));
	});
}

#[test]
fn buyer_should_confirm_at_any_time_after_acceptance() {
	build_and_execute(|| {
		let make: [fn(Offer<AccountId>) -> OrderId; 3] = [accepted, delivered, disputed];
		for (count, make) in (1..).zip(make) {
			let in_time = make(Offer { amount: 100, ..offer() });
			assert_ok!(confirm(key(BUYER), in_time));
			let late = make(Offer { amount: 100, ..offer() });
			go_past_deadline(late);
			assert_ok!(confirm(key(BUYER), late));
			assert_eq!(income(SHOP), 200 * count);
		}
	});
}

#[test]
fn confirmation_should_be_refused_before_acceptance_and_after_the_decision() {
	build_and_execute(|| {
		for id in [offered(offer()), waiting()] {
			assert_noop!(confirm(key(BUYER), id), Error::<Test>::WrongState);
		}
	});
}

#[test]
fn owner_should_confirm_for_a_suspended_buyer() {
	build_and_execute(|| {
		let id = delivered(offer());
		Suspended::set(&vec![BUYER]);
		assert_noop!(confirm(key(BUYER), id), Error::<Test>::NotBuyer);
		assert_ok!(confirm(owner(BUYER), id));
		assert_eq!(income(SHOP), AMOUNT);
	});
}
