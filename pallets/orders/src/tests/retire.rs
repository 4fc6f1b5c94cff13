use super::*;
use pallet_dam_traits::OnMachineChange;

fn on_retire(machine: MachineId) -> DispatchResult {
	<PurchaseOrders as OnMachineChange<AccountId>>::on_retire(machine)
}

#[test]
fn buyer_should_not_be_retired_while_an_order_is_open() {
	build_and_execute(|| {
		let make: [fn(Offer<AccountId>) -> OrderId; 4] = [offered, accepted, delivered, disputed];
		for make in make {
			let id = make(offer());
			assert_noop!(on_retire(BUYER), Error::<Test>::HasOpenOrders);
			assert_ok!(PurchaseOrders::cancel(signed(key(SHOP)), id));
			assert_ok!(on_retire(BUYER));
		}
		let id = waiting();
		assert_noop!(on_retire(BUYER), Error::<Test>::HasOpenOrders);
		go_past_deadline(id);
		assert_ok!(PurchaseOrders::release(stranger(), id));
		assert_ok!(on_retire(BUYER));
	});
}

#[test]
fn seller_should_be_retired_and_its_orders_should_go_back_to_the_buyers() {
	build_and_execute(|| {
		let [offered, accepted, delivered, disputed, _] = one_of_each();
		Blocked::set(&vec![]);
		assert_ok!(on_retire(SHOP));
		Retired::set(&vec![SHOP]);

		go_past_deadline(offered);
		assert_ok!(PurchaseOrders::cancel(stranger(), offered));
		go_past_deadline(accepted);
		assert_ok!(PurchaseOrders::cancel(stranger(), accepted));
		// What is owed to the seller waits, then goes back.
		let waits = |id, owed| {
			assert_noop!(PurchaseOrders::release(stranger(), id), Error::<Test>::PayeeUnavailable);
			assert_eq!(order(id).open_amount(), Some(owed));
		};
		go_past_deadline(delivered);
		assert_ok!(PurchaseOrders::release(stranger(), delivered));
		waits(delivered, AMOUNT);
		go_past_deadline(disputed);
		assert_ok!(PurchaseOrders::expire_dispute(stranger(), disputed));
		waits(disputed, AMOUNT / 2);
		go_past_deadline(disputed);
		for id in [delivered, disputed] {
			assert_ok!(PurchaseOrders::release(stranger(), id));
			assert!(is_gone(id));
		}
		// The order for the person still waits.
		assert_eq!(wallet(BUYER), FUNDS - out_of_pocket(AMOUNT));
		assert_eq!((wallet(SHOP), income(SHOP)), (FUNDS, 0));
	});
}
