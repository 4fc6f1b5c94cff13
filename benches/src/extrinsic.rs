//! Signed extrinsics.

use crate::key::Key;
use codec::Encode;
use dam_runtime::{
	tx_extension, AccountId, Hash, Nonce, RuntimeCall, SignedPayload, UncheckedExtrinsic, VERSION,
};
use polkadot_sdk::sp_runtime::{generic::Era, OpaqueExtrinsic};
use std::collections::HashMap;

/// What an extrinsic adds to accounts, in units of 0.000001 USDT; what it takes is negative. An
/// account may be named more than once.
pub type Moves = Vec<(AccountId, i128)>;

/// An extrinsic, and what it does.
#[derive(Clone, Debug)]
pub struct Extrinsic {
	/// As it travels.
	pub bytes: OpaqueExtrinsic,
	/// Payments that it makes.
	pub payments: u32,
	/// Where the money goes.
	pub moves: Moves,
}

/// Keys of one kind, and how many transactions each has sent.
///
/// Two lists never hold the same key: each counts for itself.
pub struct Signers {
	genesis: Hash,
	key: fn(u64) -> Key,
	nonces: HashMap<u64, Nonce>,
}

impl Signers {
	/// Keys of a kind that have sent nothing on the chain with that `genesis`.
	pub fn new(genesis: Hash, key: fn(u64) -> Key) -> Self {
		Self { genesis, key, nonces: HashMap::new() }
	}

	/// The next transaction of key `index`: immortal, so that it stays valid while others are
	/// measured.
	pub fn sign(&mut self, index: u64, call: impl Into<RuntimeCall>) -> OpaqueExtrinsic {
		let key = (self.key)(index);
		let nonce = self.nonces.entry(index).or_default();
		let signed = sign(&key, *nonce, self.genesis, call.into());
		*nonce = nonce.saturating_add(1);
		signed
	}
}

fn sign(key: &Key, nonce: Nonce, genesis: Hash, call: RuntimeCall) -> OpaqueExtrinsic {
	let implicit = (
		(),
		(),
		VERSION.spec_version,
		VERSION.transaction_version,
		genesis,
		genesis,
		(),
		((), ()),
		None,
		(),
	);
	let payload =
		SignedPayload::from_raw(call, tx_extension(Era::Immortal, nonce, 0, None), implicit);
	let signature = payload.using_encoded(|bytes| key.sign(bytes));
	let (call, extension, _) = payload.deconstruct();
	let account = key.account.clone();
	UncheckedExtrinsic::new_signed(call, account.into(), signature.into(), extension).into()
}
