//! Orders: from the offer to the last payment.

use super::*;

type Record = Order<[u8; 32]>;

const ITEM: &str = "Orders.Orders";
const AMOUNT: u128 = 1_000_001;
/// How long an arbiter has, and what a seller cannot take is kept: 30 days.
const MONTH: u32 = 30 * 24 * 60 * 60;

/// An offer with an arbiter.
pub fn arbitrated() -> Offer<[u8; 32]> {
	Offer {
		seller: MACHINE_9,
		amount: AMOUNT,
		arbiter: Some(ARBITER),
		terms_hash: TERMS_HASH,
		accept_by: 200,
		deliver_within: 50,
		confirm_within: 30,
	}
}

fn describe(order: &Record, _: u32) -> Value {
	let state = match order.state {
		OrderState::Offered => json!({ "is": "offered" }),
		OrderState::Accepted { deliver_by } => json!({ "is": "accepted", "deliverBy": deliver_by }),
		OrderState::Delivered { delivery, confirm_by } => json!({
			"is": "delivered",
			"delivery": hex(&delivery),
			"confirmBy": confirm_by,
		}),
		OrderState::Disputed { delivery, complaint, resolve_by } => json!({
			"is": "disputed",
			"delivery": hex(&delivery),
			"complaint": hex(&complaint),
			"resolveBy": resolve_by,
		}),
		OrderState::Decided { to_seller, to_buyer, pay_by } => json!({
			"is": "decided",
			"toSeller": to_seller.to_string(),
			"toBuyer": to_buyer.to_string(),
			"payBy": pay_by,
		}),
	};
	json!({ "offer": offer_value(&order.offer), "state": state, "deadline": order.deadline() })
}

/// An order that was offered in block 100.
fn offered(terms: Offer<[u8; 32]>) -> Life<Record> {
	let mut life = Life::new(describe);
	let event = event(
		"Orders.Offered",
		[
			fixed_u64("order", 0),
			fixed_u64("buyer", PAYER),
			payee_field("seller", &terms.seller),
			fixed_u128("amount", terms.amount),
		],
	);
	let call = offer(&terms);
	let order = Order {
		buyer: PAYER,
		offer: terms,
		state: OrderState::Offered,
		storage_deposit: STORAGE_DEPOSIT,
	};
	life.step(100, By::Payer, call, Some(order), event);
	life
}

/// One that was accepted in block 150 and delivered in block 160.
fn delivered(terms: Offer<[u8; 32]>, seller: By) -> Life<Record> {
	let mut life = offered(terms);
	life.accept(150, seller);
	life.deliver(160, seller);
	life
}

fn evidence(name: &'static str, evidence: [u8; 32]) -> Message {
	call(name, [compact("order", 0u64), hash_field("evidence", evidence)])
}

fn resolve(to_seller: u128) -> Message {
	call("Orders.resolve", [compact("order", 0u64), compact("to_seller", to_seller)])
}

impl Life<Record> {
	fn change(&mut self, block: u32, by: By, call: Message, state: OrderState, event: Message) {
		let order = Order { state, ..self.now() };
		self.step(block, by, call, Some(order), event);
	}

	fn accept(&mut self, block: u32, by: By) {
		let deliver_by = block + self.now().offer.deliver_within;
		let fields = [fixed_u64("order", 0), fixed_u32("deliver_by", deliver_by)];
		let event = event("Orders.Accepted", fields);
		let state = OrderState::Accepted { deliver_by };
		self.change(block, by, of("Orders.accept", "order"), state, event);
	}

	fn deliver(&mut self, block: u32, by: By) {
		let confirm_by = block + self.now().offer.confirm_within;
		let event = event(
			"Orders.Delivered",
			[
				fixed_u64("order", 0),
				hash_field("evidence", EVIDENCE),
				fixed_u32("confirm_by", confirm_by),
			],
		);
		let state = OrderState::Delivered { delivery: EVIDENCE, confirm_by };
		self.change(block, by, evidence("Orders.deliver", EVIDENCE), state, event);
	}

	fn dispute(&mut self, block: u32) {
		let resolve_by = block + MONTH;
		let event = event(
			"Orders.Disputed",
			[
				fixed_u64("order", 0),
				hash_field("evidence", COMPLAINT),
				fixed_u32("resolve_by", resolve_by),
			],
		);
		let state = OrderState::Disputed { delivery: EVIDENCE, complaint: COMPLAINT, resolve_by };
		self.change(block, By::Payer, evidence("Orders.dispute", COMPLAINT), state, event);
	}

	/// The end: both take what is theirs.
	fn end(&mut self, block: u32, by: By, call: Message, to_seller: u128) {
		let to_buyer = self.now().offer.amount - to_seller;
		self.step(block, by, call, None, paid_out(to_seller, to_buyer));
	}
}

fn paid_out(to_seller: u128, to_buyer: u128) -> Message {
	event(
		"Orders.PaidOut",
		[
			fixed_u64("order", 0),
			fixed_u128("to_seller", to_seller),
			fixed_u128("to_buyer", to_buyer),
			field("closed", true, true),
		],
	)
}

pub fn lives() -> Vec<Value> {
	vec![
		confirmed(),
		never_accepted(),
		not_delivered(),
		silent_buyer(),
		resolved(),
		silent_arbiter(),
		given_in(),
		unavailable(),
	]
}

fn confirmed() -> Value {
	let mut life = offered(Offer { arbiter: None, ..arbitrated() });
	life.refused(110, By::Payer, of("Orders.confirm", "order"), "WrongState");
	life.refused(120, By::Anybody, of("Orders.accept", "order"), "NotSeller");
	life.accept(150, By::Payee);
	life.refused(155, By::Payer, of("Orders.cancel", "order"), "TooEarly");
	life.deliver(160, By::Payee);
	life.refused(170, By::Payer, evidence("Orders.dispute", COMPLAINT), "NoArbiter");
	life.end(170, By::Payer, of("Orders.confirm", "order"), AMOUNT);
	life.refused(171, By::Payer, of("Orders.confirm", "order"), "OrderNotFound");
	life.vector("delivered and confirmed, without an arbiter", ITEM, 0)
}

fn never_accepted() -> Value {
	let mut life = offered(arbitrated());
	life.refused(200, By::Anybody, of("Orders.cancel", "order"), "TooEarly");
	life.refused(201, By::Payee, of("Orders.accept", "order"), "TooLate");
	life.end(201, By::Anybody, of("Orders.cancel", "order"), 0);
	life.vector("never accepted", ITEM, 0)
}

fn not_delivered() -> Value {
	let mut life = offered(arbitrated());
	life.accept(150, By::Payee);
	life.refused(200, By::Anybody, of("Orders.cancel", "order"), "TooEarly");
	life.refused(201, By::Payee, evidence("Orders.deliver", EVIDENCE), "TooLate");
	life.end(201, By::Anybody, of("Orders.cancel", "order"), 0);
	life.vector("accepted and not delivered in time", ITEM, 0)
}

fn silent_buyer() -> Value {
	let mut life = delivered(arbitrated(), By::Payee);
	life.refused(190, By::Anybody, of("Orders.release", "order"), "TooEarly");
	life.refused(191, By::Payer, evidence("Orders.dispute", COMPLAINT), "TooLate");
	life.end(191, By::Anybody, of("Orders.release", "order"), AMOUNT);
	life.vector("delivered, and the buyer says nothing", ITEM, 0)
}

fn resolved() -> Value {
	let mut life = delivered(arbitrated(), By::Payee);
	life.dispute(190);
	life.refused(200, By::Payer, resolve(0), "NotArbiter");
	life.refused(200, By::Arbiter, resolve(AMOUNT + 1), "ExceedsAmount");
	life.end(190 + MONTH, By::Arbiter, resolve(700_001), 700_001);
	life.vector("disputed and resolved", ITEM, 0)
}

fn silent_arbiter() -> Value {
	let mut life = delivered(arbitrated(), By::Payee);
	life.dispute(190);
	let expire = || of("Orders.expire_dispute", "order");
	life.refused(190 + MONTH, By::Anybody, expire(), "TooEarly");
	life.refused(191 + MONTH, By::Arbiter, resolve(AMOUNT), "TooLate");
	life.end(191 + MONTH, By::Anybody, expire(), AMOUNT / 2);
	life.vector("disputed, and the arbiter says nothing", ITEM, 0)
}

fn given_in() -> Value {
	let mut life = delivered(arbitrated(), By::Payee);
	life.dispute(190);
	life.end(195, By::Payee, of("Orders.cancel", "order"), 0);
	life.vector("disputed, and the seller gives in", ITEM, 0)
}

fn unavailable() -> Value {
	let amount = 5_000;
	let mut life = delivered(Offer { seller: ACCOUNT, amount, ..arbitrated() }, By::Account);
	let pay_by = 170 + MONTH;
	let state = OrderState::Decided { to_seller: amount, to_buyer: 0, pay_by };
	let decided = event_of("Orders.Decided", "order", &[("to_seller", amount), ("to_buyer", 0)]);
	life.change(170, By::Payer, of("Orders.confirm", "order"), state, decided);
	let release = || of("Orders.release", "order");
	life.refused(pay_by, By::Anybody, release(), "PayeeUnavailable");
	life.step(pay_by + 1, By::Anybody, release(), None, paid_out(0, amount));
	life.vector("to an account that does not exist, of less than 0.01 USDT", ITEM, 0)
}
