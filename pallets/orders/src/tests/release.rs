use super::*;

fn release(id: OrderId) -> DispatchResult {
	PurchaseOrders::release(stranger(), id)
}

#[test]
fn seller_should_be_paid_when_the_buyer_stays_silent() {
	build_and_execute(|| {
		for arbiter in [None, Some(ARBITER)] {
			let shop = wallet(SHOP);
			let id = delivered(Offer { arbiter, ..offer() });
			go_to_deadline(id);
			assert_noop!(release(id), Error::<Test>::TooEarly);
			go_past_deadline(id);
			assert_ok!(release(id));
			assert!(is_gone(id));
			assert_eq!(wallet(SHOP), shop + AMOUNT);
			assert_noop!(release(id), Error::<Test>::OrderNotFound);
		}
		assert_eq!(wallet(BUYER), FUNDS - 2 * AMOUNT);
	});
}

#[test]
fn release_should_be_refused_in_every_other_state() {
	build_and_execute(|| {
		let [offered, accepted, _, disputed, _] = one_of_each();
		for blocks in [0, MAX_PHASE] {
			advance(blocks);
			for id in [offered, accepted, disputed] {
				assert_noop!(release(id), Error::<Test>::WrongState);
			}
		}
	});
}

#[test]
fn delivered_order_should_settle_whatever_becomes_of_the_buyer() {
	build_and_execute(|| {
		let id = delivered(offer());
		Suspended::set(&vec![BUYER]);
		PolicyRefuses::set(&true);
		go_past_deadline(id);
		assert_ok!(release(id));
		assert_eq!(income(SHOP), AMOUNT);
	});
}
