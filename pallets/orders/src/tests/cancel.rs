use super::*;

fn cancel(who: AccountId, id: OrderId) -> DispatchResult {
	PurchaseOrders::cancel(signed(who), id)
}

fn assert_refunded(id: OrderId) {
	assert!(is_gone(id));
	assert_eq!(wallet(BUYER), FUNDS);
	assert_eq!((wallet(SHOP), income(SHOP), income(BUYER)), (FUNDS, 0, 0));
	assert_eq!(Locked::<Test>::get(), 0);
	assert!(!OpenOrders::<Test>::contains_key(BUYER));
}

#[test]
fn cancelled_order_should_give_everything_back() {
	build_and_execute(|| {
		let id = offered(offer());
		assert_ok!(cancel(key(BUYER), id));
		assert_refunded(id);
		let events: Vec<_> = System::events().into_iter().rev().take(2).map(|e| e.event).collect();
		let decided = Event::<Test>::Decided { order: id, to_seller: 0, to_buyer: AMOUNT };
		let paid =
			Event::<Test>::PaidOut { order: id, to_seller: 0, to_buyer: AMOUNT, closed: true };
		let expected: [RuntimeEvent; 2] = [paid.into(), decided.into()];
		assert_eq!(events, expected);
	});
}

#[test]
fn offer_should_be_withdrawn_by_either_side() {
	build_and_execute(|| {
		for who in [key(BUYER), owner(BUYER), key(SHOP), claim_key(SHOP), owner(SHOP)] {
			let id = offered(offer());
			assert_ok!(cancel(who, id));
			assert_refunded(id);
		}
		let id = offered(offer());
		for who in [STRANGER, ARBITER, claim_key(BUYER), key(2)] {
			assert_noop!(cancel(who, id), Error::<Test>::TooEarly);
		}
	});
}

#[test]
fn seller_should_cancel_in_every_state_before_the_decision() {
	build_and_execute(|| {
		let make: [fn(Offer<AccountId>) -> OrderId; 4] = [offered, accepted, delivered, disputed];
		for make in make {
			for late in [false, true] {
				let id = make(offer());
				if late {
					go_past_deadline(id);
				}
				assert_ok!(cancel(claim_key(SHOP), id));
				assert_refunded(id);
			}
		}
	});
}

#[test]
fn offer_should_be_cancelled_by_anybody_once_nobody_accepted_in_time() {
	build_and_execute(|| {
		let id = offered(offer());
		go_to_deadline(id);
		assert_noop!(cancel(STRANGER, id), Error::<Test>::TooEarly);
		go_past_deadline(id);
		assert_ok!(cancel(STRANGER, id));
		assert_refunded(id);
	});
}

#[test]
fn accepted_order_should_bind_the_buyer_until_the_seller_is_late() {
	build_and_execute(|| {
		let id = accepted(offer());
		go_to_deadline(id);
		for who in [key(BUYER), owner(BUYER), STRANGER] {
			assert_noop!(cancel(who, id), Error::<Test>::TooEarly);
		}
		go_past_deadline(id);
		assert_ok!(cancel(STRANGER, id));
		assert_refunded(id);
	});
}

#[test]
fn delivered_or_disputed_order_should_never_be_cancelled_by_the_buyer() {
	build_and_execute(|| {
		for id in [delivered(offer()), disputed(offer())] {
			for blocks in [0, MAX_PHASE] {
				advance(blocks);
				for who in [key(BUYER), owner(BUYER), STRANGER, ARBITER] {
					assert_noop!(cancel(who, id), Error::<Test>::NotSeller);
				}
			}
		}
	});
}

#[test]
fn decided_order_should_not_be_cancelled() {
	build_and_execute(|| {
		let id = waiting();
		for who in [SELLER, key(BUYER), STRANGER] {
			assert_noop!(cancel(who, id), Error::<Test>::WrongState);
		}
	});
}

#[test]
fn unknown_order_should_not_be_cancelled() {
	build_and_execute(|| {
		assert_noop!(cancel(key(BUYER), 0), Error::<Test>::OrderNotFound);
		let id = offered(offer());
		assert_ok!(cancel(key(BUYER), id));
		assert_noop!(cancel(key(BUYER), id), Error::<Test>::OrderNotFound);
	});
}

#[test]
fn owner_should_cancel_for_a_suspended_buyer() {
	build_and_execute(|| {
		let id = offered(offer());
		Suspended::set(&vec![BUYER]);
		assert_noop!(cancel(key(BUYER), id), Error::<Test>::TooEarly);
		assert_ok!(cancel(owner(BUYER), id));
		assert_refunded(id);
	});
}
