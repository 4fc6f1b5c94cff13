use super::*;

fn deliver(who: AccountId, id: OrderId) -> DispatchResult {
	PurchaseOrders::deliver(signed(who), id, PROOF)
}

#[test]
fn delivery_should_start_the_time_to_confirm() {
	build_and_execute(|| {
		let id = accepted(offer());
		advance(7);
		assert_ok!(deliver(claim_key(SHOP), id));
		let confirm_by = System::block_number() + CONFIRM_WITHIN;
		assert_eq!(order(id).state, OrderState::Delivered { delivery: PROOF, confirm_by });
		let event = Event::<Test>::Delivered { order: id, evidence: PROOF, confirm_by };
		System::assert_last_event(event.into());
		assert_eq!(wallet(SHOP), FUNDS);
	});
}

#[test]
fn order_should_be_delivered_by_its_seller_alone() {
	build_and_execute(|| {
		let id = accepted(offer());
		for who in [STRANGER, ARBITER, key(BUYER), owner(BUYER), key(2), wallet_of(SHOP)] {
			assert_noop!(deliver(who, id), Error::<Test>::NotSeller);
		}
		assert_ok!(deliver(owner(SHOP), id));
	});
}

#[test]
fn order_should_be_delivered_until_its_deadline() {
	build_and_execute(|| {
		let (in_time, late) = (accepted(offer()), accepted(offer()));
		go_to_deadline(in_time);
		assert_ok!(deliver(key(SHOP), in_time));
		go_past_deadline(late);
		assert_noop!(deliver(key(SHOP), late), Error::<Test>::TooLate);
	});
}

#[test]
fn delivery_should_be_refused_in_every_other_state() {
	build_and_execute(|| {
		let all = one_of_each();
		for id in [all[0], all[2], all[3], all[4]] {
			let result = PurchaseOrders::deliver(seller_of(id), id, PROOF);
			assert_noop!(result, Error::<Test>::WrongState);
		}
		assert_noop!(deliver(key(SHOP), 99), Error::<Test>::OrderNotFound);
	});
}

#[test]
fn delivery_should_be_refused_when_there_is_no_such_block() {
	build_and_execute(|| {
		System::set_block_number(u32::MAX - DELIVER_WITHIN);
		let id = accepted(Offer { accept_by: u32::MAX - DELIVER_WITHIN, ..offer() });
		assert_eq!(order(id).deadline(), u32::MAX);
		advance(DELIVER_WITHIN);
		assert_noop!(deliver(key(SHOP), id), Error::<Test>::Overflow);
	});
}
