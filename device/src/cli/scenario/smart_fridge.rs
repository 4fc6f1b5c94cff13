//! `scenario smart-fridge`: a fridge orders milk, and the shop is paid when it is there.

use std::time::Instant;

use dam_device::{chain::Network, content::sha256, orders::Orders, services, Scheme, Usdt};
use dam_primitives::{MachineKind, Offer, OrderState, ServiceKind, Unit};
use serde_json::json;

use super::{
	books::Books,
	error::{demand, StageError},
	stage::{Role, Stage},
};
use crate::cli::failure::Failure;

/// What the fridge may spend: 20 USDT.
const FUNDS: Usdt = Usdt::from_units(20_000_000);
/// What a bottle costs: 1.25 USDT.
const BOTTLE: Usdt = Usdt::from_units(1_250_000);
/// What ten of them cost: 12.50 USDT.
const PRICE: Usdt = Usdt::from_units(12_500_000);
/// What was agreed.
const TERMS: &str = r#"{"goods": "milk", "bottles": 10, "to": "the fridge's door"}"#;
/// What the shop can show of the delivery.
const RECEIPT: &str = r#"{"delivered": 10, "temperature": "4 °C", "door": "opened and closed"}"#;
/// Time to accept, to deliver and to confirm, in blocks: ten minutes each.
const PHASE: u32 = 600;

pub(super) async fn play(stage: &mut Stage<'_>) -> Result<(), Failure> {
	let [fridge, shop] = stage
		.register([
			Role {
				name: "the fridge",
				file: "fridge.key",
				scheme: Scheme::Ed25519,
				kind: MachineKind::Appliance,
			},
			Role {
				name: "the shop",
				file: "shop.key",
				scheme: Scheme::Sr25519,
				kind: MachineKind::Robot,
			},
		])
		.await?;
	stage.fund(&fridge, FUNDS).await?;
	let milk = services::service(
		ServiceKind::Goods,
		Unit::Piece,
		BOTTLE,
		"https://shop.example/milk",
		None,
	)?;
	stage.offer(&shop, &milk).await?;

	let network = stage.network();
	let deposit = network.limits().await?.order_deposit;
	let mut books = Books::open(stage, &[&fridge, &shop]).await?;
	let buyer = Orders::new(&network, fridge.key(), stage.patience());
	let seller = Orders::new(&network, shop.key(), stage.patience());

	stage.say(&format!(
		"The milk is low. The fridge orders 10 bottles; the terms are a document of which the chain \
		 keeps the SHA-256:\n  {TERMS}"
	));
	let clock = Instant::now();
	let offer = Offer {
		seller: shop.payee(),
		amount: PRICE.units(),
		arbiter: None,
		terms_hash: sha256(TERMS.as_bytes()),
		accept_by: network.finalized().await?.number.saturating_add(PHASE),
		deliver_within: PHASE,
		confirm_within: PHASE,
	};
	let (done, order) = buyer.offer(&offer, &mut |_| {}).await?;
	stage.free(
		clock,
		&format!("The fridge puts {PRICE} USDT into escrow, order {order}"),
		&done,
	)?;
	stage.say(&format!("  and {deposit} USDT, which come back when the order is gone"));
	books.lock(&fridge, PRICE)?;
	books.lock(&fridge, deposit)?;

	// The shop believes proofs, not the fridge.
	let found = network.order(order).await?.ok_or(StageError::Missing("the order"))?;
	demand("the amount in escrow", Usdt::from_units(found.offer.amount), PRICE)?;
	demand("the terms are those the shop has", found.offer.terms_hash == offer.terms_hash, true)?;
	stage.say(
		"The shop reads the order by proof: the money is there, the terms are the ones it has.",
	);
	let clock = Instant::now();
	let (done, deliver_by) = seller.accept(order, &mut |_| {}).await?;
	stage.free(clock, &format!("The shop accepts, to deliver until block {deliver_by}"), &done)?;
	let clock = Instant::now();
	let (done, _) = seller.deliver(order, sha256(RECEIPT.as_bytes()), &mut |_| {}).await?;
	stage.free(clock, "The shop delivers, with the hash of its receipt", &done)?;
	let state = network.order(order).await?.map(|order| order.state);
	demand(
		"the order waits for the fridge",
		matches!(state, Some(OrderState::Delivered { .. })),
		true,
	)?;
	books.check(stage, "While the order waits").await?;

	stage.say("The fridge counts 10 bottles.");
	let clock = Instant::now();
	let ended = buyer.confirm(order, &mut |_| {}).await?;
	stage.free(clock, "The fridge confirms", &ended.done)?;
	demand("what the shop got", ended.to_seller, PRICE)?;
	demand("what the fridge got back of the price", ended.to_buyer, Usdt::default())?;
	demand("the order is gone", ended.closed && network.order(order).await?.is_none(), true)?;
	books.pay_out(&shop, PRICE)?;
	books.pay_out(&fridge, deposit)?;
	stage.note("order", json!({ "order": order, "price": PRICE, "toSeller": ended.to_seller }));
	books.close(stage).await
}
