//! Keys of machines and people.

use codec::Encode;
use dam_primitives::PublicKey;
use dam_runtime::AccountId;
use polkadot_sdk::{
	sp_core::{ed25519, Pair},
	sp_io::hashing::blake2_256,
	sp_runtime::{traits::IdentifyAccount, MultiSigner},
};

/// An Ed25519 key, as devices use by default: all workloads sign and verify alike.
pub struct Key {
	pair: ed25519::Pair,
	/// The account that it signs for.
	pub account: AccountId,
}

impl Key {
	/// The `index`th key of a `family`, always the same.
	pub fn derive(family: &str, index: u64) -> Self {
		let seed = (b"dam-bench", family, index).using_encoded(blake2_256);
		let pair = ed25519::Pair::from_seed(&seed);
		let account = MultiSigner::from(pair.public()).into_account();
		Self { pair, account }
	}

	/// The public key, as machines are registered with it.
	pub fn public(&self) -> PublicKey {
		PublicKey::Ed25519(self.pair.public().0)
	}

	/// Signs bytes as they stand.
	pub fn sign(&self, bytes: &[u8]) -> ed25519::Signature {
		self.pair.sign(bytes)
	}
}
