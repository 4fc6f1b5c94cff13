//! Calls of intents.

use dam_primitives::SignedIntent;
use subxt::dynamic::Value;

use super::{
	super::values::{bounded, number, signed_intent},
	Parts,
};

/// What is done with intents.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum IntentCall {
	/// Anybody submits intents, at most [`dam_primitives::intent::MAX_INTENTS`].
	Submit(Vec<SignedIntent>),
	/// The machine's payment key makes nonces void, at most
	/// [`dam_primitives::intent::MAX_CANCELLED`].
	Cancel(Vec<u64>),
}

impl IntentCall {
	pub(super) fn parts(&self) -> Parts {
		match self {
			Self::Submit(all) => {
				intents("submit", vec![("intents", bounded(all.iter().map(signed_intent)))])
			},
			Self::Cancel(nonces) => {
				let nonces = bounded(nonces.iter().map(|nonce| number(*nonce)));
				intents("cancel", vec![("nonces", nonces)])
			},
		}
	}
}

fn intents(call: &'static str, arguments: Vec<(&'static str, Value)>) -> Parts {
	Parts { pallet: "Intents", call, arguments }
}
