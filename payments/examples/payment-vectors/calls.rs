//! Every call of the payment pallets.

use super::*;
use codec::Compact;

/// A call, and which right of a key makes it free.
struct Known(Place, Option<&'static str>);

const fn free(name: &'static str, pallet: u8, index: u8, right: &'static str) -> Known {
	Known(Place { name, indices: [pallet, index] }, Some(right))
}

const fn paid(name: &'static str, pallet: u8, index: u8) -> Known {
	Known(Place { name, indices: [pallet, index] }, None)
}

const CALLS: [Known; 36] = [
	free("Micropayments.pay", 32, 0, "pay"),
	free("Micropayments.pay_batch", 32, 1, "pay"),
	paid("Micropayments.withdraw", 32, 2),
	free("Channels.open", 36, 0, "pay"),
	free("Channels.top_up", 36, 1, "pay"),
	free("Channels.claim", 36, 2, "claim"),
	free("Channels.claim_batch", 36, 3, "claim"),
	free("Channels.claim_links", 36, 4, "claim"),
	free("Channels.close", 36, 5, "claim"),
	free("Channels.request_close", 36, 6, "pay"),
	free("Channels.sweep", 36, 7, "claim"),
	free("Channels.close_agreed", 36, 8, "pay"),
	free("Streams.open", 37, 0, "pay"),
	free("Streams.top_up", 37, 1, "pay"),
	free("Streams.collect", 37, 2, "claim"),
	free("Streams.pause", 37, 3, "pay"),
	free("Streams.resume", 37, 4, "pay"),
	free("Streams.close", 37, 5, "claim"),
	free("Streams.collect_batch", 37, 6, "claim"),
	free("Streams.sweep", 37, 7, "claim"),
	free("Mandates.grant", 38, 0, "pay"),
	free("Mandates.revoke", 38, 1, "claim"),
	free("Mandates.pull", 38, 2, "claim"),
	free("Mandates.pull_batch", 38, 3, "claim"),
	free("Mandates.remove", 38, 4, "claim"),
	free("Orders.offer", 39, 0, "pay"),
	free("Orders.accept", 39, 1, "claim"),
	free("Orders.cancel", 39, 2, "claim"),
	free("Orders.deliver", 39, 3, "claim"),
	free("Orders.confirm", 39, 4, "pay"),
	free("Orders.dispute", 39, 5, "pay"),
	free("Orders.release", 39, 6, "claim"),
	paid("Orders.resolve", 39, 7),
	free("Orders.expire_dispute", 39, 8, "claim"),
	free("Intents.submit", 40, 0, "claim"),
	free("Intents.cancel", 40, 1, "pay"),
];

/// The call of that name.
pub fn call(name: &str, fields: impl Into<Vec<Field>>) -> Message {
	let known = CALLS.iter().find(|known| known.0.name == name);
	let place = known.expect("whatever is called here is listed; qed").0;
	Message { place, fields: fields.into() }
}

pub fn open_channel(payee: &Payee<[u8; 32]>, deposit: u128, terms: &Terms, grace: u32) -> Message {
	let value = match terms {
		Terms::Vouchers => json!({ "kind": "vouchers" }),
		Terms::HashChain { root, length, unit } => json!({
			"kind": "hashChain",
			"root": hex(root),
			"length": length,
			"unit": unit.to_string(),
		}),
	};
	call(
		"Channels.open",
		[
			payee_field("payee", payee),
			compact("deposit", deposit),
			field("terms", value, terms),
			compact_u32("grace", grace),
		],
	)
}

pub fn claim(voucher: &SignedVoucher) -> Message {
	call("Channels.claim", [field("voucher", voucher_value(voucher), voucher)])
}

fn voucher_value(voucher: &SignedVoucher) -> Value {
	json!({
		"channel": voucher.channel.to_string(),
		"amount": voucher.amount.to_string(),
		"signature": hex(&voucher.signature.encode()),
	})
}

pub fn claim_links(revealed: &RevealedLink) -> Message {
	let value = json!({
		"channel": revealed.channel.to_string(),
		"index": revealed.index,
		"link": hex(&revealed.link),
	});
	call("Channels.claim_links", [field("revealed", value, revealed)])
}

/// `close_agreed`, with the consent of the payee's sr25519 key.
pub fn close_agreed(channel: u64, settled: u128) -> Message {
	let agreement = CloseAgreement::new(GENESIS, channel, settled);
	let signature = sign("sr25519", &agreement.signing_payload());
	let public = key("sr25519").public();
	call(
		"Channels.close_agreed",
		[
			compact("channel", channel),
			compact("settled", settled),
			field("key", hex(&public.encode()), public),
			field("signature", hex(&signature.encode()), signature),
		],
	)
}

pub fn open_stream(payee: &Payee<[u8; 32]>, rate: u128, deposit: u128) -> Message {
	let fields = [payee_field("payee", payee), compact("rate", rate), compact("deposit", deposit)];
	call("Streams.open", fields)
}

pub fn grant(payer: u64, mandate: &Mandate<[u8; 32]>) -> Message {
	call(
		"Mandates.grant",
		[
			compact("machine", payer),
			payee_field("payee", &mandate.payee),
			compact("cap", mandate.cap),
			compact_u32("period", mandate.period),
			compact_u32("expires_at", mandate.expires_at),
		],
	)
}

pub fn pull(mandate: u64, amount: u128) -> Message {
	call("Mandates.pull", [compact("mandate", mandate), compact("amount", amount)])
}

pub fn offer(offer: &Offer<[u8; 32]>) -> Message {
	call("Orders.offer", [field("offer", offer_value(offer), offer)])
}

pub fn offer_value(offer: &Offer<[u8; 32]>) -> Value {
	json!({
		"seller": payee(&offer.seller),
		"amount": offer.amount.to_string(),
		"arbiter": offer.arbiter.map(|arbiter| hex(&arbiter)),
		"termsHash": hex(&offer.terms_hash),
		"acceptBy": offer.accept_by,
		"deliverWithin": offer.deliver_within,
		"confirmWithin": offer.confirm_within,
	})
}

pub fn submit(intents: &[SignedIntent]) -> Message {
	let values: Vec<Value> = intents.iter().map(|intent| hex(&intent.encode()).into()).collect();
	call("Intents.submit", [field("intents", values, intents)])
}

pub fn cancel_intents(nonces: &[u64]) -> Message {
	call("Intents.cancel", [numbers("nonces", nonces)])
}

/// A list of numbers of eight bytes each.
fn numbers(name: &'static str, numbers: &[u64]) -> Field {
	let values: Vec<Value> = numbers.iter().map(|number| number.to_string().into()).collect();
	field(name, values, numbers)
}

fn pay_batch() -> Message {
	let payments = [(MACHINE_9, 5_000), (ACCOUNT, 10_000), (Payee::Machine(300), u128::MAX)]
		.map(|(payee, amount)| Payment { payee, amount });
	let value = |payment: &Payment<[u8; 32]>| {
		json!({
			"payee": payee(&payment.payee),
			"amount": payment.amount.to_string(),
		})
	};
	let values: Vec<Value> = payments.iter().map(value).collect();
	call("Micropayments.pay_batch", [field("payments", values, &payments[..])])
}

fn pull_batch() -> Message {
	let pulls = [(0u64, 1_000u128), (7, 250_000)];
	let value = |(mandate, amount): (u64, u128)| {
		json!({
			"mandate": mandate.to_string(),
			"amount": amount.to_string(),
		})
	};
	let encoded = pulls.map(|(mandate, amount)| (Compact(mandate), Compact(amount)));
	let values: Vec<Value> = pulls.map(value).to_vec();
	call("Mandates.pull_batch", [field("pulls", values, &encoded[..])])
}

/// One example of each call, at least.
fn examples() -> Vec<Message> {
	let pay = |payee: &Payee<[u8; 32]>, amount: u128| {
		call("Micropayments.pay", [payee_field("payee", payee), compact("amount", amount)])
	};
	let amount = |name: &str, number: &'static str| {
		call(name, [compact(number, 7u64), compact("amount", 500_000u128)])
	};
	let of = |name: &str, number: &'static str| call(name, [compact(number, 7u64)]);
	let evidence =
		|name: &str| call(name, [compact("order", 7u64), hash_field("evidence", EVIDENCE)]);
	let chain = Terms::HashChain { root: chain_link(0), length: LENGTH, unit: UNIT };
	let vouchers = [signed_voucher("ed25519", 7, 1_000_000), signed_voucher("ecdsa", 8, 1)];
	let voucher_values: Vec<Value> = vouchers.iter().map(voucher_value).collect();
	let withdraw = [compact("machine", 3u64), compact("amount", 1_000_000u128)];
	vec![
		pay(&MACHINE_9, 250_000),
		pay(&ACCOUNT, 10_000),
		pay_batch(),
		call("Micropayments.withdraw", withdraw),
		open_channel(&MACHINE_9, 1_000_000, &Terms::Vouchers, 3_600),
		open_channel(&MACHINE_9, 404 * UNIT, &chain, 3_600),
		amount("Channels.top_up", "channel"),
		claim(&vouchers[0]),
		call("Channels.claim_batch", [field("vouchers", voucher_values, &vouchers[..])]),
		claim_links(&RevealedLink { channel: 7, index: 400, link: chain_link(400) }),
		of("Channels.close", "channel"),
		of("Channels.request_close", "channel"),
		of("Channels.sweep", "channel"),
		close_agreed(7, 1_000_000),
		open_stream(&MACHINE_9, 1_000, 3_600_000),
		amount("Streams.top_up", "stream"),
		of("Streams.collect", "stream"),
		of("Streams.pause", "stream"),
		of("Streams.resume", "stream"),
		of("Streams.close", "stream"),
		call("Streams.collect_batch", [numbers("streams", &[0, 7])]),
		of("Streams.sweep", "stream"),
		grant(3, &lives::mandate()),
		of("Mandates.revoke", "mandate"),
		amount("Mandates.pull", "mandate"),
		pull_batch(),
		of("Mandates.remove", "mandate"),
		offer(&lives::arbitrated()),
		of("Orders.accept", "order"),
		of("Orders.cancel", "order"),
		evidence("Orders.deliver"),
		of("Orders.confirm", "order"),
		evidence("Orders.dispute"),
		of("Orders.release", "order"),
		call("Orders.resolve", [compact("order", 7u64), compact("to_seller", 700_001u128)]),
		of("Orders.expire_dispute", "order"),
		submit(&[signed_intents()[0].1.clone()]),
		cancel_intents(&[0, 41]),
	]
}

pub fn calls() -> Vec<Value> {
	let vector = |call: Message| {
		let known = CALLS.iter().find(|known| known.0.indices == call.place.indices);
		let mut vector = call.vector();
		vector["freeFor"] = json!(known.and_then(|known| known.1));
		vector
	};
	examples().into_iter().map(vector).collect()
}
