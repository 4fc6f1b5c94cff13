use super::*;

fn dispute(who: AccountId, id: OrderId) -> DispatchResult {
	PurchaseOrders::dispute(signed(who), id, COMPLAINT)
}

fn resolve(id: OrderId, to_seller: u128) -> DispatchResult {
	PurchaseOrders::resolve(signed(ARBITER), id, to_seller)
}

#[test]
fn dispute_should_start_the_arbiters_time() {
	build_and_execute(|| {
		let id = delivered(offer());
		advance(7);
		assert_ok!(dispute(key(BUYER), id));
		let resolve_by = System::block_number() + DISPUTE_TIMEOUT;
		let expected = OrderState::Disputed { delivery: PROOF, complaint: COMPLAINT, resolve_by };
		assert_eq!(order(id).state, expected);
		let event = Event::<Test>::Disputed { order: id, evidence: COMPLAINT, resolve_by };
		System::assert_last_event(event.into());
	});
}

#[test]
fn delivery_should_be_disputed_by_the_buyer_alone() {
	build_and_execute(|| {
		let id = delivered(offer());
		for who in [STRANGER, ARBITER, claim_key(BUYER), key(SHOP), owner(SHOP), key(2)] {
			assert_noop!(dispute(who, id), Error::<Test>::NotBuyer);
		}
		Suspended::set(&vec![BUYER]);
		assert_noop!(dispute(key(BUYER), id), Error::<Test>::NotBuyer);
		assert_ok!(dispute(owner(BUYER), id));
	});
}

#[test]
fn delivery_should_be_disputed_until_its_deadline() {
	build_and_execute(|| {
		let (in_time, late) = (delivered(offer()), delivered(offer()));
		go_to_deadline(in_time);
		assert_ok!(dispute(key(BUYER), in_time));
		go_past_deadline(late);
		assert_noop!(dispute(key(BUYER), late), Error::<Test>::TooLate);
	});
}

#[test]
fn delivery_should_not_be_disputed_without_an_arbiter() {
	build_and_execute(|| {
		let id = delivered(Offer { arbiter: None, ..offer() });
		assert_noop!(dispute(key(BUYER), id), Error::<Test>::NoArbiter);
	});
}

#[test]
fn dispute_should_be_refused_in_every_other_state() {
	build_and_execute(|| {
		let all = one_of_each();
		for id in [all[0], all[1], all[3], all[4]] {
			assert_noop!(dispute(key(BUYER), id), Error::<Test>::WrongState);
		}
		assert_noop!(dispute(key(BUYER), 99), Error::<Test>::OrderNotFound);
	});
}

#[test]
fn dispute_should_be_refused_when_there_is_no_such_block() {
	build_and_execute(|| {
		System::set_block_number(u32::MAX - CONFIRM_WITHIN);
		let id = delivered(Offer { accept_by: u32::MAX - CONFIRM_WITHIN, ..offer() });
		assert_noop!(dispute(key(BUYER), id), Error::<Test>::Overflow);
	});
}

#[test]
fn split_should_add_up_exactly() {
	build_and_execute(|| {
		let (mut buyer, mut shop) = (FUNDS, FUNDS);
		for to_seller in [0, 1, 500, AMOUNT - 1, AMOUNT] {
			let id = disputed(offer());
			assert_ok!(resolve(id, to_seller));
			assert!(is_gone(id));
			buyer -= to_seller;
			shop += to_seller;
			assert_eq!((wallet(BUYER), wallet(SHOP)), (buyer, shop));
			assert_eq!(income(SHOP), shop - FUNDS);
			assert_eq!(Locked::<Test>::get(), 0);
		}
	});
}

#[test]
fn split_should_be_refused_when_it_is_above_the_amount() {
	build_and_execute(|| {
		let id = disputed(offer());
		for to_seller in [AMOUNT + 1, u128::MAX] {
			assert_noop!(resolve(id, to_seller), Error::<Test>::ExceedsAmount);
		}
	});
}

#[test]
fn dispute_should_be_resolved_by_its_arbiter_alone() {
	build_and_execute(|| {
		let id = disputed(offer());
		for who in [STRANGER, key(BUYER), owner(BUYER), key(SHOP), owner(SHOP), key(2)] {
			assert_noop!(PurchaseOrders::resolve(signed(who), id, 1), Error::<Test>::NotArbiter);
		}
	});
}

#[test]
fn dispute_should_be_resolved_until_its_deadline_and_expire_after_it() {
	build_and_execute(|| {
		let (in_time, late) = (disputed(offer()), disputed(offer()));
		go_to_deadline(in_time);
		assert_noop!(PurchaseOrders::expire_dispute(stranger(), in_time), Error::<Test>::TooEarly);
		assert_ok!(resolve(in_time, AMOUNT));
		go_past_deadline(late);
		assert_noop!(resolve(late, AMOUNT), Error::<Test>::TooLate);
		let (buyer, shop) = (wallet(BUYER), wallet(SHOP));
		assert_ok!(PurchaseOrders::expire_dispute(stranger(), late));
		assert!(is_gone(late));
		// An odd amount: the odd unit is the buyer's.
		assert_eq!(wallet(SHOP), shop + 500);
		assert_eq!(wallet(BUYER), buyer + 501 + STORAGE_DEPOSIT);
	});
}

#[test]
fn smallest_amount_should_go_back_when_a_dispute_expires() {
	build_and_execute(|| {
		let id = disputed(Offer { amount: 1, ..offer() });
		go_past_deadline(id);
		assert_ok!(PurchaseOrders::expire_dispute(stranger(), id));
		assert_eq!((wallet(BUYER), wallet(SHOP)), (FUNDS, FUNDS));
	});
}

#[test]
fn resolution_and_expiry_should_be_refused_in_every_other_state() {
	build_and_execute(|| {
		let all = one_of_each();
		for blocks in [0, MAX_PHASE] {
			advance(blocks);
			for id in [all[0], all[1], all[2], all[4]] {
				assert_noop!(resolve(id, 1), Error::<Test>::WrongState);
				assert_noop!(
					PurchaseOrders::expire_dispute(stranger(), id),
					Error::<Test>::WrongState
				);
			}
		}
		assert_noop!(resolve(99, 1), Error::<Test>::OrderNotFound);
		assert_noop!(PurchaseOrders::expire_dispute(stranger(), 99), Error::<Test>::OrderNotFound);
	});
}
