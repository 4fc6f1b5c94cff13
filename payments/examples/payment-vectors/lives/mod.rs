//! What becomes of a record, step by step.
//!
//! Every life begins on a chain of its own, so its number is 0. The steps here are made with the
//! types that devices share with the chain; a test of the runtime takes the same steps there.

use super::*;

mod channels;
mod intents;
mod mandates;
mod orders;
mod streams;

pub use mandates::mandate;
pub use orders::arbitrated;

/// Machine 3, which pays, signs with the ed25519 key, and machine 9, which is paid, with the sr25519
/// key.
pub const PAYER: u64 = 3;

/// Who signs a call.
#[derive(Clone, Copy)]
enum By {
	/// The payment key of the payer's machine.
	Payer,
	/// A key of the payee's machine.
	Payee,
	/// The account of the payee that is none.
	Account,
	/// The arbiter of an order.
	Arbiter,
	/// An account that has nothing to do with it.
	Anybody,
}

impl By {
	const fn name(self) -> &'static str {
		match self {
			Self::Payer => "payer",
			Self::Payee => "payee",
			Self::Account => "account",
			Self::Arbiter => "arbiter",
			Self::Anybody => "anybody",
		}
	}
}

/// A record that changes.
struct Life<R> {
	record: Option<R>,
	/// What there is to say of it in a block.
	describe: fn(&R, u32) -> Value,
	steps: Vec<Value>,
}

impl<R: Encode + Clone> Life<R> {
	const fn new(describe: fn(&R, u32) -> Value) -> Self {
		Self { record: None, describe, steps: Vec::new() }
	}

	/// A call that does something: the record after it, if there is one, and the last event that it
	/// makes.
	fn step(&mut self, block: u32, by: By, call: Message, after: Option<R>, event: Message) {
		self.record = after;
		self.push(block, Some((by, call)), None, Some(event));
	}

	/// A call that fails and changes nothing.
	fn refused(&mut self, block: u32, by: By, call: Message, error: &'static str) {
		self.push(block, Some((by, call)), Some(error), None);
	}

	/// A block in which nobody does anything.
	fn look(&mut self, block: u32) {
		self.push(block, None, None, None);
	}

	/// The record, which the step before left.
	fn now(&self) -> R {
		self.record.clone().expect("the life goes on; qed")
	}

	fn push(
		&mut self,
		block: u32,
		call: Option<(By, Message)>,
		error: Option<&'static str>,
		event: Option<Message>,
	) {
		let record = self.record.as_ref();
		self.steps.push(json!({
			"block": block,
			"by": call.as_ref().map(|(by, _)| by.name()),
			"name": call.as_ref().map(|(_, call)| call.place.name),
			"call": call.as_ref().map(|(_, call)| hex(&call.encoded())),
			"error": error,
			"event": event.map(|event| hex(&event.encoded())),
			"record": record.map(|record| hex(&record.encode())),
			"value": record.map(|record| (self.describe)(record, block)),
		}));
	}

	/// The life as it stands in the file. `number` is that of the record.
	fn vector(self, name: &'static str, item: &'static str, number: u64) -> Value {
		json!({
			"name": name,
			"item": item,
			"number": number.to_string(),
			"steps": self.steps,
		})
	}
}

/// A call that names nothing but a record: that with number 0.
fn of(name: &'static str, number: &'static str) -> Message {
	call(name, [compact(number, 0u64)])
}

/// An event of record 0 with amounts.
fn event_of(name: &str, number: &'static str, amounts: &[(&'static str, u128)]) -> Message {
	let amounts = amounts.iter().map(|(name, amount)| fixed_u128(name, *amount));
	event(name, [fixed_u64(number, 0)].into_iter().chain(amounts).collect::<Vec<_>>())
}

/// The lives of all kinds of records.
pub fn lives() -> Value {
	json!({
		"channels": channels::lives(),
		"streams": streams::lives(),
		"mandates": mandates::lives(),
		"orders": orders::lives(),
		"intents": intents::lives(),
	})
}
