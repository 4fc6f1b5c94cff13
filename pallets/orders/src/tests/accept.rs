use super::*;

#[test]
fn acceptance_should_start_the_time_to_deliver() {
	build_and_execute(|| {
		let id = offered(offer());
		advance(7);
		assert_ok!(PurchaseOrders::accept(signed(claim_key(SHOP)), id));
		let deliver_by = System::block_number() + DELIVER_WITHIN;
		assert_eq!(order(id).state, OrderState::Accepted { deliver_by });
		System::assert_last_event(Event::<Test>::Accepted { order: id, deliver_by }.into());
		// Nothing moves.
		assert_eq!(wallet(BUYER), FUNDS - out_of_pocket(AMOUNT));
	});
}

#[test]
fn order_should_be_accepted_by_its_seller_alone() {
	build_and_execute(|| {
		let id = offered(offer());
		let others = [STRANGER, ARBITER, key(BUYER), owner(BUYER), key(2), owner(2)];
		for who in others.into_iter().chain([wallet_of(SHOP)]) {
			let result = PurchaseOrders::accept(signed(who), id);
			assert_noop!(result, Error::<Test>::NotSeller);
		}
		for who in [key(SHOP), claim_key(SHOP), owner(SHOP)] {
			assert_ok!(PurchaseOrders::accept(signed(who), offered(offer())));
		}
		let id = offered(offer_to(Payee::Account(SELLER)));
		assert_noop!(PurchaseOrders::accept(stranger(), id), Error::<Test>::NotSeller);
		assert_ok!(PurchaseOrders::accept(signed(SELLER), id));
	});
}

#[test]
fn order_should_be_accepted_until_its_deadline() {
	build_and_execute(|| {
		let (in_time, late) = (offered(offer()), offered(offer()));
		go_to_deadline(in_time);
		assert_ok!(PurchaseOrders::accept(signed(key(SHOP)), in_time));
		go_past_deadline(late);
		assert_noop!(PurchaseOrders::accept(signed(key(SHOP)), late), Error::<Test>::TooLate);
	});
}

#[test]
fn acceptance_should_be_refused_in_every_other_state() {
	build_and_execute(|| {
		for id in one_of_each().into_iter().skip(1) {
			assert_noop!(PurchaseOrders::accept(seller_of(id), id), Error::<Test>::WrongState);
		}
	});
}

#[test]
fn acceptance_should_be_refused_when_the_seller_is_retired() {
	build_and_execute(|| {
		let id = offered(offer());
		Retired::set(&vec![SHOP]);
		assert_noop!(
			PurchaseOrders::accept(signed(owner(SHOP)), id),
			Error::<Test>::UnknownMachine
		);
		// It can still decline.
		assert_ok!(PurchaseOrders::cancel(signed(owner(SHOP)), id));
	});
}

#[test]
fn suspended_seller_should_accept() {
	build_and_execute(|| {
		let id = offered(offer());
		Suspended::set(&vec![SHOP]);
		assert_ok!(PurchaseOrders::accept(signed(claim_key(SHOP)), id));
	});
}

#[test]
fn acceptance_should_be_refused_when_there_is_no_such_block() {
	build_and_execute(|| {
		System::set_block_number(u32::MAX - DELIVER_WITHIN);
		let id = offered(Offer { accept_by: u32::MAX - DELIVER_WITHIN + 1, ..offer() });
		go_to_deadline(id);
		assert_noop!(PurchaseOrders::accept(signed(key(SHOP)), id), Error::<Test>::Overflow);
		go_past_deadline(id);
		assert_ok!(PurchaseOrders::cancel(stranger(), id));
	});
}
