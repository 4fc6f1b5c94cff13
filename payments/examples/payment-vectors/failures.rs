//! Why items of batches fail, by number.

use super::*;

/// A failure, its name and its bytes.
#[derive(Clone)]
pub struct Named {
	pub name: String,
	encoded: Vec<u8>,
}

fn named(name: impl Into<String>, failure: impl Encode) -> Named {
	Named { name: name.into(), encoded: failure.encode() }
}

/// An item of a batch that failed: its position, compact, and why.
pub fn failed_item(index: u32, named: &Named) -> Vec<u8> {
	let mut encoded = codec::Compact(index).encode();
	encoded.extend(&named.encoded);
	encoded
}

const PAYMENT_FAILURES: [(&str, PaymentFailure); 11] = [
	("zero-amount", PaymentFailure::ZeroAmount),
	("unknown-machine", PaymentFailure::UnknownMachine),
	("self-payment", PaymentFailure::SelfPayment),
	("insufficient-funds", PaymentFailure::InsufficientFunds),
	("payer-frozen", PaymentFailure::PayerFrozen),
	("below-minimum", PaymentFailure::BelowMinimum),
	("payee-unavailable", PaymentFailure::PayeeUnavailable),
	("exceeds-payment-cap", PaymentFailure::ExceedsPaymentCap),
	("exceeds-period-cap", PaymentFailure::ExceedsPeriodCap),
	("payee-not-allowed", PaymentFailure::PayeeNotAllowed),
	("needs-co-signature", PaymentFailure::NeedsCoSignature),
];

fn payment_failures() -> Vec<Named> {
	PAYMENT_FAILURES.iter().map(|(name, failure)| named(*name, failure)).collect()
}

fn claim_failures() -> Vec<Named> {
	REFUSALS
		.iter()
		.filter_map(|(name, refusal)| match refusal {
			Refusal::Claim(failure) => Some(named(*name, failure)),
			_ => None,
		})
		.collect()
}

fn collect_failures() -> Vec<Named> {
	[
		("unknown-stream", CollectFailure::UnknownStream),
		("nothing-due", CollectFailure::NothingDue),
		("payee-unavailable", CollectFailure::PayeeUnavailable),
		("escrow-unavailable", CollectFailure::EscrowUnavailable),
	]
	.iter()
	.map(|(name, failure)| named(*name, failure))
	.collect()
}

/// The pull's own failures, then all of the payment.
fn pull_failures() -> Vec<Named> {
	let own = [
		("unknown-mandate", PullFailure::UnknownMandate),
		("not-payee", PullFailure::NotPayee),
		("expired", PullFailure::Expired),
		("exceeds-cap", PullFailure::ExceedsCap),
		("payer-inactive", PullFailure::PayerInactive),
	];
	let own = own.iter().map(|(name, failure)| named(*name, failure));
	own.chain(within("payment", PullFailure::Payment)).collect()
}

/// The intent's own failures, then all of the payment, then all of the relay fee.
fn intent_failures() -> Vec<Named> {
	let own = [
		("zero-amount", IntentFailure::ZeroAmount),
		("overflow", IntentFailure::Overflow),
		("self-payment", IntentFailure::SelfPayment),
		("lifetime-too-long", IntentFailure::LifetimeTooLong),
		("not-yet-valid", IntentFailure::NotYetValid),
		("expired", IntentFailure::Expired),
		("invalid-proof", IntentFailure::InvalidProof),
		("unknown-payer", IntentFailure::UnknownPayer),
		("payer-inactive", IntentFailure::PayerInactive),
		("nonce-used", IntentFailure::NonceUsed),
		("nonce-too-old", IntentFailure::NonceTooOld),
		("nonce-too-far", IntentFailure::NonceTooFar),
	];
	let own = own.iter().map(|(name, failure)| named(*name, failure));
	own.chain(within("payment", IntentFailure::Payment))
		.chain(within("relay-fee", IntentFailure::RelayFee))
		.collect()
}

/// Every failure of a payment as a part of another failure.
fn within<F: Encode>(
	what: &'static str,
	wrap: fn(PaymentFailure) -> F,
) -> impl Iterator<Item = Named> {
	let wrapped = move |(name, failure): (&str, PaymentFailure)| {
		named(format!("{what}: {name}"), wrap(failure))
	};
	PAYMENT_FAILURES.into_iter().map(wrapped)
}

pub fn payment_failure(position: usize) -> Named {
	payment_failures()[position].clone()
}

pub fn claim_failure(position: usize) -> Named {
	claim_failures()[position].clone()
}

pub fn collect_failure(position: usize) -> Named {
	collect_failures()[position].clone()
}

pub fn pull_failure(position: usize) -> Named {
	pull_failures()[position].clone()
}

pub fn intent_failure(position: usize) -> Named {
	intent_failures()[position].clone()
}

/// Every failure of an item of a batch, with an item that has it.
pub fn failures() -> Value {
	let list = |failures: Vec<Named>| -> Value {
		let vector = |named: &Named| {
			json!({
				"name": named.name,
				"encoded": hex(&named.encoded),
				"item300": hex(&failed_item(300, named)),
			})
		};
		failures.iter().map(vector).collect()
	};
	json!({
		"payment": list(payment_failures()),
		"claim": list(claim_failures()),
		"collect": list(collect_failures()),
		"pull": list(pull_failures()),
		"intent": list(intent_failures()),
	})
}
