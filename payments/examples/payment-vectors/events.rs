//! Every event of the payment pallets.

use super::*;

const fn at(name: &'static str, pallet: u8, index: u8) -> Place {
	Place { name, indices: [pallet, index] }
}

const EVENTS: [Place; 29] = [
	at("Micropayments.Paid", 32, 0),
	at("Micropayments.BatchPaid", 32, 1),
	at("Micropayments.Withdrawn", 32, 2),
	at("Channels.Opened", 36, 0),
	at("Channels.ToppedUp", 36, 1),
	at("Channels.Claimed", 36, 2),
	at("Channels.BatchClaimed", 36, 3),
	at("Channels.CloseRequested", 36, 4),
	at("Channels.Closed", 36, 5),
	at("Streams.Opened", 37, 0),
	at("Streams.ToppedUp", 37, 1),
	at("Streams.Collected", 37, 2),
	at("Streams.BatchCollected", 37, 3),
	at("Streams.Paused", 37, 4),
	at("Streams.Resumed", 37, 5),
	at("Streams.Closed", 37, 6),
	at("Mandates.MandateGranted", 38, 0),
	at("Mandates.MandateRevoked", 38, 1),
	at("Mandates.MandateRemoved", 38, 2),
	at("Mandates.Pulled", 38, 3),
	at("Mandates.BatchPulled", 38, 4),
	at("Orders.Offered", 39, 0),
	at("Orders.Accepted", 39, 1),
	at("Orders.Delivered", 39, 2),
	at("Orders.Disputed", 39, 3),
	at("Orders.Decided", 39, 4),
	at("Orders.PaidOut", 39, 5),
	at("Intents.IntentsSettled", 40, 0),
	at("Intents.IntentsCancelled", 40, 1),
];

/// The event of that name.
pub fn event(name: &str, fields: impl Into<Vec<Field>>) -> Message {
	Message { place: place(&EVENTS, name), fields: fields.into() }
}

/// `failed` of a batch: positions, and the names and bytes of failures.
pub fn failed(items: &[(u32, Named)]) -> Field {
	let values: Vec<Value> = items
		.iter()
		.map(|(index, named)| json!({ "index": index, "reason": named.name }))
		.collect();
	let mut encoded = codec::Compact(items.len() as u32).encode();
	for (index, named) in items {
		encoded.extend(failed_item(*index, named));
	}
	raw_field("failed", values, encoded)
}

/// One example of each event.
fn examples() -> Vec<Message> {
	let batch = |name: &str, done: &'static str, items: &[(u32, Named)]| {
		event(name, [fixed_u32(done, 510), fixed_u128("total", 5_100_000), failed(items)])
	};
	let of = |name: &str, number: &'static str, amounts: &[(&'static str, u128)]| {
		let amounts = amounts.iter().map(|(name, amount)| fixed_u128(name, *amount));
		event(name, [fixed_u64(number, 7)].into_iter().chain(amounts).collect::<Vec<_>>())
	};
	let opened = |number: &'static str, amounts: &[(&'static str, u128)]| {
		let head = [fixed_u64(number, 7), fixed_u64("payer", 3), payee_field("payee", &MACHINE_9)];
		let amounts = amounts.iter().map(|(name, amount)| fixed_u128(name, *amount));
		head.into_iter().chain(amounts).collect::<Vec<_>>()
	};
	let order = |name: &str, last: &'static str| {
		let fields =
			[fixed_u64("order", 7), hash_field("evidence", EVIDENCE), fixed_u32(last, 190)];
		event(name, fields)
	};
	vec![
		event(
			"Micropayments.Paid",
			[
				fixed_u64("machine", 3),
				payee_field("payee", &MACHINE_9),
				fixed_u128("amount", 250_000),
			],
		),
		event(
			"Micropayments.BatchPaid",
			[
				fixed_u64("machine", 3),
				fixed_u32("paid", 1_022),
				fixed_u128("total", 5_110_000),
				failed(&[(7, payment_failure(1)), (300, payment_failure(5))]),
			],
		),
		of("Micropayments.Withdrawn", "machine", &[("amount", 1_000_000)]),
		event("Channels.Opened", opened("channel", &[("deposit", 1_000_000)])),
		of("Channels.ToppedUp", "channel", &[("deposit", 1_500_000)]),
		of("Channels.Claimed", "channel", &[("amount", 300_000)]),
		batch(
			"Channels.BatchClaimed",
			"settled",
			&[(7, claim_failure(4)), (300, claim_failure(0))],
		),
		event("Channels.CloseRequested", [fixed_u64("channel", 7), fixed_u32("last_block", 4_000)]),
		of("Channels.Closed", "channel", &[("settled", 300_000), ("returned", 700_000)]),
		event("Streams.Opened", opened("stream", &[("rate", 1_000), ("deposit", 3_600_000)])),
		of("Streams.ToppedUp", "stream", &[("deposit", 4_100_000)]),
		of("Streams.Collected", "stream", &[("amount", 4_000)]),
		batch("Streams.BatchCollected", "collected", &[(7, collect_failure(1))]),
		of("Streams.Paused", "stream", &[("due", 2_000)]),
		of("Streams.Resumed", "stream", &[]),
		of("Streams.Closed", "stream", &[("settled", 13_500), ("forfeited", 0), ("returned", 500)]),
		event(
			"Mandates.MandateGranted",
			[
				fixed_u64("mandate", 7),
				fixed_u64("payer", 3),
				payee_field("payee", &MACHINE_9),
				fixed_u128("cap", 100_000),
				fixed_u32("period", 3_600),
				fixed_u32("expires_at", 20_000),
			],
		),
		of("Mandates.MandateRevoked", "mandate", &[]),
		of("Mandates.MandateRemoved", "mandate", &[]),
		of("Mandates.Pulled", "mandate", &[("amount", 60_000)]),
		batch("Mandates.BatchPulled", "pulled", &[(7, pull_failure(3)), (300, pull_failure(8))]),
		event(
			"Orders.Offered",
			[
				fixed_u64("order", 7),
				fixed_u64("buyer", 3),
				payee_field("seller", &MACHINE_9),
				fixed_u128("amount", 1_000_000),
			],
		),
		event("Orders.Accepted", [fixed_u64("order", 7), fixed_u32("deliver_by", 200)]),
		order("Orders.Delivered", "confirm_by"),
		order("Orders.Disputed", "resolve_by"),
		of("Orders.Decided", "order", &[("to_seller", 700_001), ("to_buyer", 299_999)]),
		event(
			"Orders.PaidOut",
			[
				fixed_u64("order", 7),
				fixed_u128("to_seller", 700_001),
				fixed_u128("to_buyer", 299_999),
				field("closed", true, true),
			],
		),
		event(
			"Intents.IntentsSettled",
			[
				payee_field("relayer", &ACCOUNT),
				fixed_u32("settled", 510),
				fixed_u128("total", 5_100_000),
				fixed_u128("relay_fees", 255_000),
				failed(&[(7, intent_failure(9)), (300, intent_failure(15))]),
			],
		),
		intents_cancelled(7, &[0, 41]),
	]
}

pub fn intents_cancelled(machine: u64, nonces: &[u64]) -> Message {
	let values: Vec<Value> = nonces.iter().map(|nonce| nonce.to_string().into()).collect();
	event(
		"Intents.IntentsCancelled",
		[fixed_u64("machine", machine), field("nonces", values, nonces)],
	)
}

pub fn events() -> Vec<Value> {
	examples().iter().map(Message::vector).collect()
}
