//! `scenario hospital-supplies`: a part of a delivery is spoilt, and an arbiter splits the price.

use std::time::Instant;

use dam_device::{
	chain::Network, content::sha256, orders::Orders, owner::Owner, services, Dam, KeyFile, Scheme,
	Usdt,
};
use dam_primitives::{MachineKind, Offer, ServiceKind, Unit};
use serde_json::json;

use super::{
	books::Books,
	error::{demand, StageError},
	stage::{Role, Stage},
};
use crate::cli::failure::Failure;

/// What the hospital's store may spend: 60 USDT.
const FUNDS: Usdt = Usdt::from_units(60_000_000);
/// What a vial costs: 0.12 USDT.
const VIAL: Usdt = Usdt::from_units(120_000);
/// What 400 of them cost: 48 USDT.
const PRICE: Usdt = Usdt::from_units(48_000_000);
/// What the 363 good ones cost: 43.56 USDT.
const GOOD: Usdt = Usdt::from_units(43_560_000);
/// What the 37 spoilt ones cost: 4.44 USDT.
const SPOILT: Usdt = Usdt::from_units(4_440_000);
/// What the arbiter gets for its fees: 1 DAM.
const FEES: Dam = Dam::from_units(1_000_000_000_000);
/// What was agreed.
const TERMS: &str = r#"{"goods": "vaccine", "vials": 400, "temperature": "2 to 8 °C"}"#;
/// What the supplier can show.
const RECEIPT: &str = r#"{"delivered": 400, "to": "the store's cold room"}"#;
/// What the hospital can show.
const COMPLAINT: &str = r#"{"spoilt": 37, "because": "their loggers say 19 °C"}"#;
/// Time to accept, to deliver and to confirm, in blocks: ten minutes each.
const PHASE: u32 = 600;

pub(super) async fn play(stage: &mut Stage<'_>) -> Result<(), Failure> {
	let [store, supplier] = stage
		.register([
			Role {
				name: "the hospital's store",
				file: "store.key",
				scheme: Scheme::Sr25519,
				kind: MachineKind::Robot,
			},
			Role {
				name: "the supplier's drone",
				file: "drone.key",
				scheme: Scheme::Ecdsa,
				kind: MachineKind::Drone,
			},
		])
		.await?;
	stage.fund(&store, FUNDS).await?;
	let vaccine = services::service(
		ServiceKind::Goods,
		Unit::Piece,
		VIAL,
		"https://supplier.example/vaccine",
		None,
	)?;
	stage.offer(&supplier, &vaccine).await?;

	let network = stage.network();
	let arbiter = KeyFile::create(stage.folder().join("arbiter.key"), Scheme::Sr25519)?;
	let clock = Instant::now();
	let owner = Owner::new(&network, stage.owner(), stage.patience());
	let done = owner.send_dam(arbiter.key().account(), FEES, &mut |_| {}).await?;
	let what = format!(
		"An arbiter, {}, who is no machine, gets {FEES} DAM for its fees",
		arbiter.key().account()
	);
	stage.charged(clock, &what, &done, "the sender's");

	let deposit = network.limits().await?.order_deposit;
	let mut books = Books::open(stage, &[&store, &supplier]).await?;
	let buyer = Orders::new(&network, store.key(), stage.patience());
	let seller = Orders::new(&network, supplier.key(), stage.patience());
	let judge = Orders::new(&network, arbiter.key(), stage.patience());

	stage.say(&format!("The store orders 400 vials of vaccine:\n  {TERMS}"));
	let clock = Instant::now();
	let offer = Offer {
		seller: supplier.payee(),
		amount: PRICE.units(),
		arbiter: Some(arbiter.key().account()),
		terms_hash: sha256(TERMS.as_bytes()),
		accept_by: network.finalized().await?.number.saturating_add(PHASE),
		deliver_within: PHASE,
		confirm_within: PHASE,
	};
	let (done, order) = buyer.offer(&offer, &mut |_| {}).await?;
	let what =
		format!("The store puts {PRICE} USDT into escrow, order {order}, and names the arbiter");
	stage.free(clock, &what, &done)?;
	books.lock(&store, PRICE)?;
	books.lock(&store, deposit)?;

	let found = network.order(order).await?.ok_or(StageError::Missing("the order"))?;
	demand("the offer is the one that was made", found.offer == offer, true)?;
	let clock = Instant::now();
	let (done, _) = seller.accept(order, &mut |_| {}).await?;
	stage.free(
		clock,
		"The supplier has read price, terms and arbiter by proof, and accepts",
		&done,
	)?;
	let clock = Instant::now();
	let (done, _) = seller.deliver(order, sha256(RECEIPT.as_bytes()), &mut |_| {}).await?;
	stage.free(clock, "The drone delivers, with the hash of its receipt", &done)?;

	stage.say(&format!("37 vials were warm on the way:\n  {COMPLAINT}"));
	let clock = Instant::now();
	let (done, resolve_by) =
		buyer.dispute(order, sha256(COMPLAINT.as_bytes()), &mut |_| {}).await?;
	let what = format!("The store disputes; the arbiter has until block {resolve_by}");
	stage.free(clock, &what, &done)?;
	books.check(stage, "While the arbiter reads").await?;

	let clock = Instant::now();
	let ended = judge.resolve(order, GOOD, &mut |_| {}).await?;
	let what = format!(
		"The arbiter decides: {} USDT for 363 good vials to the supplier, {} USDT back to the store",
		ended.to_seller, ended.to_buyer
	);
	stage.charged(clock, &what, &ended.done, "the arbiter's");
	demand("what the supplier got", ended.to_seller, GOOD)?;
	demand("what the store got back", ended.to_buyer, SPOILT)?;
	demand("the order is gone", ended.closed && network.order(order).await?.is_none(), true)?;
	let sum = ended.to_seller.checked_add(ended.to_buyer);
	demand("the sum of both", sum.unwrap_or_default(), PRICE)?;
	stage.say(&format!("  {GOOD} + {SPOILT} = {PRICE} USDT: nothing is lost and nothing is left."));
	books.pay_out(&supplier, GOOD)?;
	books.pay_out(&store, SPOILT)?;
	books.pay_out(&store, deposit)?;
	stage.note(
		"order",
		json!({
			"order": order,
			"price": PRICE,
			"arbiter": arbiter.key().account(),
			"toSeller": ended.to_seller,
			"toBuyer": ended.to_buyer,
		}),
	);
	books.close(stage).await
}
