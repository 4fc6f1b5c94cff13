//! `order`: money that waits until the goods are there.

use std::path::Path;

use dam_device::{
	chain::Network,
	content,
	orders::{describe, Ended, Orders},
	payee::describe_payee,
	time::Blocks,
	AccountId, Usdt,
};
use dam_primitives::{Offer, Order, OrderId};
use serde_json::{json, Value};

use super::{
	args::{Evidence, Global, OneOrder, OrderCommand, Terms, MAX_BYTES},
	connect::{account, connect_to, hash, now, spec, Signing},
	failure::Failure,
	output::Output,
};

pub(super) async fn run(
	command: &OrderCommand,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	match command {
		OrderCommand::Offer { key, seller, amount, terms, arbiter, .. } => {
			let signing = Signing::open(key, global, output)?;
			let draft = Offer {
				seller: signing.payee(seller)?,
				amount: amount.parse::<Usdt>()?.non_zero()?.units(),
				arbiter: arbiter.as_deref().map(account).transpose()?,
				terms_hash: terms_hash(terms)?,
				accept_by: 0,
				deliver_within: 0,
				confirm_within: 0,
			};
			offer(&signing, draft, Times::of(command)?, output).await
		},
		OrderCommand::Accept(of) => accept(of, global, output).await,
		OrderCommand::Deliver { of, evidence } => {
			say(of, Statement::Delivered, evidence, global, output).await
		},
		OrderCommand::Dispute { of, evidence } => {
			say(of, Statement::Disputed, evidence, global, output).await
		},
		OrderCommand::Cancel(of) => end(of, End::Cancel, global, output).await,
		OrderCommand::Confirm(of) => end(of, End::Confirm, global, output).await,
		OrderCommand::Release(of) => end(of, End::Release, global, output).await,
		OrderCommand::Resolve { of, to_seller } => {
			end(of, End::Resolve(to_seller.parse()?), global, output).await
		},
		OrderCommand::Expire(of) => end(of, End::Expire, global, output).await,
		OrderCommand::Show { order } => show(*order, global, output).await,
	}
}

/// How long an order waits for what.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Times {
	accept: Blocks,
	deliver: Blocks,
	confirm: Blocks,
}

impl Times {
	/// Those of an offer.
	fn of(command: &OrderCommand) -> Result<Self, Failure> {
		let OrderCommand::Offer { accept_within, deliver_within, confirm_within, .. } = command
		else {
			return Err(Failure::usage("only an offer has times"));
		};
		let time = |text: &str| Ok::<_, Failure>(text.parse::<Blocks>()?.non_zero()?);
		Ok(Self {
			accept: time(accept_within)?,
			deliver: time(deliver_within)?,
			confirm: time(confirm_within)?,
		})
	}
}

/// What the chain is to know of the terms.
fn terms_hash(terms: &Terms) -> Result<[u8; 32], Failure> {
	document_hash("--terms-hash", terms.terms.as_deref(), terms.terms_hash.as_deref())
}

/// The SHA-256 of a document, or the hash that was named.
fn document_hash(
	name: &str,
	file: Option<&Path>,
	named: Option<&str>,
) -> Result<[u8; 32], Failure> {
	match file {
		Some(file) => Ok(content::sha256(&content::read(file, MAX_BYTES)?)),
		None => Ok(hash(name, named.unwrap_or_default())?.0),
	}
}

async fn offer(
	signing: &Signing<'_>,
	draft: Offer<AccountId>,
	times: Times,
	output: &Output,
) -> Result<(), Failure> {
	let network = signing.connect().await?;
	let offer = Offer {
		accept_by: now(&network).await?.saturating_add(times.accept.count()),
		deliver_within: times.deliver.count(),
		confirm_within: times.confirm.count(),
		..draft
	};
	let orders = Orders::new(&network, signing.key(), signing.patience());
	let (done, id) = orders.offer(&offer, &mut |step| output.settling(&step)).await?;
	let text = format!(
		"order {id} is offered: {} USDT wait in escrow for {}, which can accept until block {}",
		Usdt::from_units(offer.amount),
		describe_payee(&offer.seller),
		offer.accept_by,
	);
	let mut details = json!({ "order": id });
	details["offer"] = offer_json(&offer);
	output.done(&done, details, &text);
	Ok(())
}

async fn accept(of: &OneOrder, global: &Global, output: &Output) -> Result<(), Failure> {
	let signing = Signing::open(&of.key, global, output)?;
	let network = signing.connect().await?;
	let orders = Orders::new(&network, signing.key(), signing.patience());
	let id = of.order;
	let (done, deliver_by) = orders.accept(id, &mut |step| output.settling(&step)).await?;
	let text = format!("order {id} is accepted, to be delivered until block {deliver_by}");
	output.done(&done, json!({ "order": id, "deliverBy": deliver_by }), &text);
	Ok(())
}

/// What a side says with evidence.
#[derive(Clone, Copy)]
enum Statement {
	Delivered,
	Disputed,
}

async fn say(
	of: &OneOrder,
	what: Statement,
	evidence: &Evidence,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	let Evidence { evidence: file, evidence_hash } = evidence;
	let evidence = document_hash("--evidence-hash", file.as_deref(), evidence_hash.as_deref())?;
	let signing = Signing::open(&of.key, global, output)?;
	let network = signing.connect().await?;
	let orders = Orders::new(&network, signing.key(), signing.patience());
	let id = of.order;
	let mut progress = |step| output.settling(&step);
	let shown = format!("0x{}", hex::encode(evidence));
	let (done, details, text) = match what {
		Statement::Delivered => {
			let (done, block) = orders.deliver(id, evidence, &mut progress).await?;
			let details = json!({ "order": id, "evidence": shown, "confirmBy": block });
			let text =
				format!("order {id} is delivered, the buyer has until block {block} to answer");
			(done, details, text)
		},
		Statement::Disputed => {
			let (done, block) = orders.dispute(id, evidence, &mut progress).await?;
			let details = json!({ "order": id, "evidence": shown, "resolveBy": block });
			let text =
				format!("order {id} is disputed, the arbiter has until block {block} to decide");
			(done, details, text)
		},
	};
	output.done(&done, details, &text);
	Ok(())
}

/// How an order is ended.
#[derive(Clone, Copy)]
enum End {
	Cancel,
	Confirm,
	Release,
	Resolve(Usdt),
	Expire,
}

async fn end(of: &OneOrder, how: End, global: &Global, output: &Output) -> Result<(), Failure> {
	let signing = Signing::open(&of.key, global, output)?;
	let network = signing.connect().await?;
	let orders = Orders::new(&network, signing.key(), signing.patience());
	let id = of.order;
	let mut progress = |step| output.settling(&step);
	let ended = match how {
		End::Cancel => orders.cancel(id, &mut progress).await?,
		End::Confirm => orders.confirm(id, &mut progress).await?,
		End::Release => orders.release(id, &mut progress).await?,
		End::Resolve(to_seller) => orders.resolve(id, to_seller, &mut progress).await?,
		End::Expire => orders.expire_dispute(id, &mut progress).await?,
	};
	let Ended { done, to_seller, to_buyer, closed } = ended;
	let rest = match closed {
		true => "",
		false => {
			"; the rest could not be paid now, `dam-device order release` tries again when it can"
		},
	};
	let text =
		format!("order {id}: the seller got {to_seller} USDT, the buyer {to_buyer} USDT{rest}");
	let details = json!({
		"order": id, "toSeller": to_seller, "toBuyer": to_buyer, "closed": closed,
	});
	output.done(&done, details, &text);
	Ok(())
}

async fn show(id: OrderId, global: &Global, output: &Output) -> Result<(), Failure> {
	let network = connect_to(&spec(global)?, global, output).await?;
	let found = network.order(id).await?.ok_or_else(|| {
		Failure::not_found(format!("there is no order {id}: it has ended, or never was"))
	})?;
	let now = now(&network).await?;
	output.result(&to_json(id, &found, now), || lines(id, &found, now));
	Ok(())
}

/// As the chain has it, with the amount in USDT.
fn offer_json(offer: &Offer<AccountId>) -> Value {
	let mut value = json!(offer);
	value["amount"] = json!(Usdt::from_units(offer.amount));
	value
}

fn to_json(id: OrderId, order: &Order<AccountId>, now: u32) -> Value {
	let mut value = json!(order);
	value["order"] = json!(id);
	value["offer"] = offer_json(&order.offer);
	value["storageDeposit"] = json!(Usdt::from_units(order.storage_deposit));
	value["deadline"] = json!(order.deadline());
	value["block"] = json!(now);
	value
}

fn lines(id: OrderId, order: &Order<AccountId>, now: u32) -> String {
	let Offer { seller, amount, arbiter, terms_hash, .. } = &order.offer;
	let deadline = order.deadline();
	let late = match order.is_late(now) {
		true => format!("that was until block {deadline}, it is block {now}"),
		false => format!("until block {deadline}, it is block {now}"),
	};
	let arbiter = arbiter.as_ref().map_or_else(|| "nobody".into(), |arbiter| arbiter.to_string());
	format!(
		"order {id} {}: {late}\nbuyer       machine {}\nseller      {}\namount      {} USDT\n\
		 arbiter     {arbiter}\nterms       0x{}",
		describe(&order.state),
		order.buyer,
		describe_payee(seller),
		Usdt::from_units(*amount),
		hex::encode(terms_hash),
	)
}

#[cfg(test)]
mod tests {
	use super::*;
	use dam_primitives::{OrderState, Payee};

	#[test]
	fn documents_should_be_hashed_as_everywhere_on_the_chain() {
		let folder = tempfile::tempdir().unwrap();
		let file = folder.path().join("terms.txt");
		std::fs::write(&file, "abc").unwrap();
		let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
		let of_file = document_hash("--terms-hash", Some(&file), None).unwrap();
		assert_eq!(hex::encode(of_file), expected);
		let named = document_hash("--terms-hash", None, Some(&format!("0x{expected}"))).unwrap();
		assert_eq!(named, of_file);
		for (file, named) in [(None, Some("0x12")), (Some(folder.path().join("none")), None)] {
			let wrong = document_hash("--terms-hash", file.as_deref(), named).unwrap_err();
			assert_eq!(wrong.exit_code(), super::super::failure::BAD_INPUT, "{wrong:?}");
		}
	}

	#[test]
	fn orders_should_be_shown_with_their_deadline() {
		let mut order = Order {
			buyer: 3,
			offer: Offer {
				seller: Payee::Machine(7),
				amount: 12_500_000,
				arbiter: None,
				terms_hash: [7; 32],
				accept_by: 100,
				deliver_within: 20,
				confirm_within: 30,
			},
			state: OrderState::Offered,
			storage_deposit: 100_000,
		};
		let text = lines(4, &order, 90);
		for part in
			["order 4 waits for the seller to accept: until block 100", "12.5 USDT", "nobody"]
		{
			assert!(text.contains(part), "{text}");
		}
		assert!(lines(4, &order, 101).contains("that was until block 100"));
		order.state = OrderState::Accepted { deliver_by: 120 };
		let value = to_json(4, &order, 90);
		assert_eq!((&value["deadline"], &value["offer"]["amount"]), (&json!(120), &json!("12.5")));
		assert_eq!(value["state"]["accepted"]["deliverBy"], 120);
	}
}
