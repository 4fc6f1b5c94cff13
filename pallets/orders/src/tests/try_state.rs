//! Each invariant must notice the corruption it is about.

use super::*;

fn corrupt(law: &str, corruption: impl FnOnce([OrderId; 5])) {
	new_test_ext().execute_with(|| {
		let orders = one_of_each();
		check();
		corruption(orders);
		let error = PurchaseOrders::do_try_state().unwrap_err();
		let text: &'static str = error.into();
		assert!(text.starts_with(law), "law {law} should have been broken, not: {text}");
	});
}

fn change(id: OrderId, change: impl FnOnce(&mut OrderOf<Test>)) {
	Orders::<Test>::mutate(id, |order| change(order.as_mut().unwrap()));
}

fn owe(id: OrderId, to_seller: u128, to_buyer: u128) {
	change(id, |order| order.state = OrderState::Decided { to_seller, to_buyer, pay_by: 9 });
}

#[test]
fn invariants_should_notice_every_corruption() {
	corrupt("1", |_| Locked::<Test>::mutate(|locked| *locked += 1));
	corrupt("1", |[offered, ..]| change(offered, |order| order.offer.amount += 1));
	corrupt("1", |[.., waiting]| owe(waiting, 1, 0));
	corrupt("1", |[.., waiting]| owe(waiting, u128::MAX, 1));
	corrupt("1", |[offered, ..]| change(offered, |order| order.storage_deposit = u128::MAX));
	corrupt("2", |[.., waiting]| NextOrderId::<Test>::put(waiting));
	corrupt("3", |_| OpenOrders::<Test>::insert(BUYER, 4));
	corrupt("3", |_| OpenOrders::<Test>::insert(7, 0));
	corrupt("3", |[offered, ..]| change(offered, |order| order.buyer = 7));
	corrupt("4", |[offered, ..]| change(offered, |order| order.offer.amount = 0));
	corrupt("4", |[.., waiting]| owe(waiting, AMOUNT, 1));
	corrupt("5", |[.., disputed, _]| change(disputed, |order| order.offer.arbiter = None));
	corrupt("6", |_| Retired::set(&vec![BUYER]));
	corrupt("6", |[offered, ..]| {
		change(offered, |order| order.offer.seller = Payee::Machine(BUYER))
	});
	corrupt("6", |[offered, ..]| {
		change(offered, |order| order.offer.seller = Payee::Account(wallet_of(SHOP)))
	});
	let never = u32::MAX;
	corrupt("7", |[offered, ..]| change(offered, |order| order.offer.accept_by = never));
	corrupt("7", |[_, accepted, ..]| {
		change(accepted, |order| order.state = OrderState::Accepted { deliver_by: never })
	});
	corrupt("7", |[_, _, delivered, ..]| {
		change(delivered, |order| {
			order.state = OrderState::Delivered { delivery: PROOF, confirm_by: never }
		})
	});
	corrupt("7", |[.., disputed, _]| {
		change(disputed, |order| {
			let (delivery, complaint) = (PROOF, COMPLAINT);
			order.state = OrderState::Disputed { delivery, complaint, resolve_by: never }
		})
	});
	corrupt("7", |[.., waiting]| {
		change(waiting, |order| {
			let OrderState::Decided { to_seller, to_buyer, .. } = order.state else { panic!() };
			order.state = OrderState::Decided { to_seller, to_buyer, pay_by: never }
		})
	});
}
