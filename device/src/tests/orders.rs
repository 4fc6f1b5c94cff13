//! Orders: what is checked before anything is sent, and what is read of what came of it.

use dam_primitives::{Offer, Order, OrderState, Payee};

use super::mock::{key, machine, patience, Mock, LIMITS};
use crate::{
	chain::{Call, ChainEvent, OrderCall, OrderEvent},
	orders::{Ended, OrderError, Orders},
	AccountId, Error, Usdt,
};

/// What the orders are about.
const AMOUNT: u128 = 1_000_001;

/// Machine 0 buys with key 3 and belongs to key 100, machine 1 sells with key 4 and belongs to key
/// 101; key 7 is the arbiter's.
fn chain() -> Mock {
	let mock = Mock::new(&key(3)).owned_by(&key(100));
	let mut seller = machine(1, &key(4));
	seller.owner = key(101).account();
	mock.state().machines.insert(1, seller);
	mock
}

fn usdt(units: u128) -> Usdt {
	Usdt::from_units(units)
}

/// The chain stands at block 100.
fn offer(arbiter: bool) -> Offer<AccountId> {
	Offer {
		seller: Payee::Machine(1),
		amount: AMOUNT,
		arbiter: arbiter.then(|| key(7).account()),
		terms_hash: [1; 32],
		accept_by: 300,
		deliver_within: 20,
		confirm_within: 30,
	}
}

fn order(mock: &Mock, arbiter: bool, state: OrderState) {
	let order = Order { buyer: 0, offer: offer(arbiter), state, storage_deposit: 100_000 };
	mock.state().orders.insert(5, order);
}

const ACCEPTED: OrderState = OrderState::Accepted { deliver_by: 310 };
const DELIVERED: OrderState = OrderState::Delivered { delivery: [2; 32], confirm_by: 320 };
const DISPUTED: OrderState =
	OrderState::Disputed { delivery: [2; 32], complaint: [3; 32], resolve_by: 330 };
const DECIDED: OrderState = OrderState::Decided { to_seller: 1, to_buyer: 0, pay_by: 340 };

fn says(mock: &Mock, event: OrderEvent) {
	mock.state().events = vec![ChainEvent::Order(event)];
}

/// Everything that can be done with order 5.
#[derive(Clone, Copy, Debug)]
enum Step {
	Accept,
	Cancel,
	Deliver,
	Confirm,
	Dispute,
	Release,
	Resolve(u128),
	Expire,
}

/// Takes a step by a key, with an event that suits all of them.
async fn step(mock: &Mock, number: u8, step: Step) -> Result<(), Error> {
	let signer = key(number);
	let orders = Orders::new(mock, &signer, patience());
	let ignore = &mut |_| {};
	let (order, evidence) = (5, [4; 32]);
	mock.state().events = [
		OrderEvent::Accepted { order, deliver_by: 121 },
		OrderEvent::Delivered { order, evidence, confirm_by: 131 },
		OrderEvent::Disputed { order, evidence, resolve_by: 141 },
	]
	.map(ChainEvent::Order)
	.into();
	match step {
		Step::Accept => assert_eq!(orders.accept(order, ignore).await?.1, 121),
		Step::Deliver => assert_eq!(orders.deliver(order, evidence, ignore).await?.1, 131),
		Step::Dispute => assert_eq!(orders.dispute(order, evidence, ignore).await?.1, 141),
		Step::Cancel => ended(orders.cancel(order, ignore).await?),
		Step::Confirm => ended(orders.confirm(order, ignore).await?),
		Step::Release => ended(orders.release(order, ignore).await?),
		Step::Resolve(units) => ended(orders.resolve(order, usdt(units), ignore).await?),
		Step::Expire => ended(orders.expire_dispute(order, ignore).await?),
	}
	Ok(())
}

/// The events of [`step`] tell of no payment.
fn ended(ended: Ended) {
	assert!(!ended.closed && ended.to_seller == usdt(0) && ended.to_buyer == usdt(0));
}

#[tokio::test]
async fn order_should_be_offered_by_the_payment_key_and_tell_its_number() {
	let (mock, buyer) = (chain(), key(3));
	let orders = Orders::new(&mock, &buyer, patience());
	let offered = |order, buyer| {
		let (seller, amount) = (Payee::Machine(1), usdt(AMOUNT));
		ChainEvent::Order(OrderEvent::Offered { order, buyer, seller, amount })
	};
	mock.state().events = vec![offered(6, 1), offered(7, 0)];
	let (_, id) = orders.offer(&offer(true), &mut |_| {}).await.unwrap();
	assert_eq!(id, 7);
	assert_eq!(mock.last_call(), Call::Order(OrderCall::Offer(offer(true))));
}

#[tokio::test]
async fn order_should_not_be_offered_on_terms_that_the_chain_refuses() {
	let mock = chain();
	let longest = LIMITS.order_phase;
	let good = offer(false);
	for (number, offer, code) in [
		(3, Offer { amount: 0, ..good.clone() }, "bad-amount"),
		(3, Offer { deliver_within: 0, ..good.clone() }, "bad-time"),
		(3, Offer { confirm_within: longest + 1, ..good.clone() }, "bad-time"),
		(3, Offer { accept_by: 100, ..good.clone() }, "bad-time"),
		(3, Offer { accept_by: 102 + longest, ..good.clone() }, "bad-time"),
		(3, Offer { seller: Payee::Machine(0), ..good.clone() }, "self-payment"),
		(3, Offer { seller: Payee::Machine(9), ..good.clone() }, "unknown-payee"),
		(3, Offer { amount: 10_000_000, ..good.clone() }, "out-of-usdt"),
		(100, good.clone(), "not-registered"),
	] {
		let signer = key(number);
		let orders = Orders::new(&mock, &signer, patience());
		let error = Error::from(orders.offer(&offer, &mut |_| {}).await.unwrap_err());
		assert_eq!(error.code(), code, "{error}");
	}
	assert!(mock.state().signed.is_empty());
}

#[tokio::test]
async fn every_step_should_be_taken_in_its_state_only() {
	let mock = chain();
	for (one, number, states) in [
		(Step::Accept, 4, &[0][..]),
		(Step::Cancel, 4, &[0, 1, 2, 3]),
		(Step::Deliver, 4, &[1]),
		(Step::Confirm, 3, &[1, 2, 3]),
		(Step::Dispute, 3, &[2]),
		(Step::Resolve(1), 7, &[3]),
	] {
		let all = [OrderState::Offered, ACCEPTED, DELIVERED, DISPUTED, DECIDED];
		for (index, state) in all.into_iter().enumerate() {
			order(&mock, true, state);
			let result = step(&mock, number, one).await;
			match result {
				Ok(()) => assert!(states.contains(&index), "{one:?} {state:?}"),
				Err(error) => {
					assert!(!states.contains(&index), "{one:?} {state:?}: {error}");
					assert_eq!(error.code(), "wrong-state", "{one:?} {state:?}: {error}");
					assert!(error.to_string().contains("order 5"), "{error}");
				},
			}
		}
	}
	mock.state().orders.clear();
	let gone = step(&mock, 4, Step::Accept).await.unwrap_err();
	assert_eq!(gone.code(), "unknown-order");
}

#[tokio::test]
async fn every_step_should_be_taken_by_its_side_only() {
	let mock = chain();
	for (one, state, may) in [
		(Step::Accept, OrderState::Offered, &[4, 101][..]),
		(Step::Cancel, OrderState::Offered, &[3, 4, 100, 101]),
		(Step::Cancel, ACCEPTED, &[4, 101]),
		(Step::Cancel, DELIVERED, &[4, 101]),
		(Step::Deliver, ACCEPTED, &[4, 101]),
		(Step::Confirm, ACCEPTED, &[3, 100]),
		(Step::Dispute, DELIVERED, &[3, 100]),
		(Step::Resolve(1), DISPUTED, &[7]),
		(Step::Release, DECIDED, &[3, 4, 7, 50, 100, 101]),
	] {
		for number in [3, 4, 7, 50, 100, 101] {
			order(&mock, true, state);
			let result = step(&mock, number, one).await;
			assert_eq!(result.is_ok(), may.contains(&number), "{one:?} by {number}: {result:?}");
		}
	}
}

#[tokio::test]
async fn deadlines_should_be_kept_and_open_the_way_out() {
	let mock = chain();
	mock.advance(250);
	for (one, number, state) in [
		(Step::Accept, 4, OrderState::Offered),
		(Step::Deliver, 4, ACCEPTED),
		(Step::Dispute, 3, DELIVERED),
		(Step::Resolve(1), 7, DISPUTED),
	] {
		order(&mock, true, state);
		let late = step(&mock, number, one).await.unwrap_err();
		assert_eq!(late.code(), "too-late", "{late}");
		assert!(late.to_string().contains("anybody can"), "{late}");
	}
	for (one, state) in [
		(Step::Cancel, OrderState::Offered),
		(Step::Cancel, ACCEPTED),
		(Step::Release, DELIVERED),
		(Step::Expire, DISPUTED),
	] {
		order(&mock, true, state);
		step(&mock, 50, one).await.unwrap();
		let mock = chain();
		order(&mock, true, state);
		let early = step(&mock, 50, one).await.unwrap_err();
		assert_eq!(early.code(), "too-soon", "{early}");
	}
}

#[tokio::test]
async fn only_an_order_with_an_arbiter_should_be_disputed_and_split() {
	let mock = chain();
	order(&mock, false, DELIVERED);
	let refused = step(&mock, 3, Step::Dispute).await.unwrap_err();
	assert_eq!(refused.code(), "no-arbiter", "{refused}");
	order(&mock, true, DISPUTED);
	let much = step(&mock, 7, Step::Resolve(AMOUNT + 1)).await.unwrap_err();
	assert!(matches!(much, Error::Order(OrderError::ExceedsAmount { .. })), "{much}");
	for units in [0, 1, AMOUNT] {
		step(&mock, 7, Step::Resolve(units)).await.unwrap();
		let expected = OrderCall::Resolve { order: 5, to_seller: usdt(units) };
		assert_eq!(mock.last_call(), Call::Order(expected));
	}
}

#[tokio::test]
async fn end_should_tell_who_got_what_and_whether_something_is_left() {
	let (mock, arbiter) = (chain(), key(7));
	let orders = Orders::new(&mock, &arbiter, patience());
	order(&mock, true, DISPUTED);
	let (to_seller, to_buyer) = (usdt(1), usdt(AMOUNT - 1));
	says(&mock, OrderEvent::PaidOut { order: 5, to_seller, to_buyer, closed: true });
	let ended = orders.resolve(5, usdt(1), &mut |_| {}).await.unwrap();
	assert_eq!((ended.to_seller, ended.to_buyer, ended.closed), (to_seller, to_buyer, true));
	// Nobody's account could take anything: the decision stands, the money waits.
	says(&mock, OrderEvent::Decided { order: 5, to_seller, to_buyer });
	let ended = orders.resolve(5, usdt(1), &mut |_| {}).await.unwrap();
	assert_eq!((ended.to_seller, ended.to_buyer, ended.closed), (usdt(0), usdt(0), false));
}
