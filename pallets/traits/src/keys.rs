//! Keys of devices as the SDK's accounts and signatures.

use dam_primitives::{
	crypto::{Blake2b256, VerifySignature},
	PublicKey, Signature,
};
use polkadot_sdk::{
	sp_io::hashing::blake2_256,
	sp_runtime::{
		traits::{IdentifyAccount, Verify},
		AccountId32, MultiSignature, MultiSigner,
	},
};

/// The account that signs with `key`.
pub fn account_of(key: &PublicKey) -> AccountId32 {
	match *key {
		PublicKey::Ed25519(key) => MultiSigner::Ed25519(key.into()),
		PublicKey::Sr25519(key) => MultiSigner::Sr25519(key.into()),
		PublicKey::Ecdsa(key) => MultiSigner::Ecdsa(key.into()),
	}
	.into_account()
}

/// Whether `signature` is `key`'s of `message`, made with `key`'s own curve.
///
/// An Ed25519 and an Sr25519 key of the same bytes share an account, so that the account alone would
/// accept the one for the other.
pub fn verify(key: &PublicKey, signature: &MultiSignature, message: &[u8]) -> bool {
	matches!(
		(key, signature),
		(PublicKey::Ed25519(_), MultiSignature::Ed25519(_))
			| (PublicKey::Sr25519(_), MultiSignature::Sr25519(_))
			| (PublicKey::Ecdsa(_), MultiSignature::Ecdsa(_))
	) && signature.verify(message, &account_of(key))
}

/// A device's signature as the SDK's.
pub fn multi_signature(signature: &Signature) -> MultiSignature {
	match *signature {
		Signature::Ed25519(bytes) => MultiSignature::Ed25519(bytes.into()),
		Signature::Sr25519(bytes) => MultiSignature::Sr25519(bytes.into()),
		Signature::Ecdsa(bytes) => MultiSignature::Ecdsa(bytes.into()),
	}
}

/// The chain's own cryptography: host functions, which a runtime in WebAssembly calls out to.
#[derive(Clone, Copy, Debug, Default)]
pub struct HostCrypto;

impl VerifySignature for HostCrypto {
	fn verify(&self, key: &PublicKey, message: &[u8], signature: &Signature) -> bool {
		verify(key, &multi_signature(signature), message)
	}
}

impl Blake2b256 for HostCrypto {
	fn hash(message: &[u8]) -> [u8; 32] {
		blake2_256(message)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use polkadot_sdk::sp_core::{ecdsa, ed25519, sr25519, Pair};

	const SEED: [u8; 32] = [7; 32];
	const MESSAGE: &[u8] = b"17.5 kWh";

	/// A key of each curve with its signature of [`MESSAGE`], all from the same seed.
	fn signed() -> [(PublicKey, Signature); 3] {
		let ed = ed25519::Pair::from_seed(&SEED);
		let sr = sr25519::Pair::from_seed(&SEED);
		let ec = ecdsa::Pair::from_seed(&SEED);
		[
			(PublicKey::Ed25519(ed.public().0), Signature::Ed25519(ed.sign(MESSAGE).0)),
			(PublicKey::Sr25519(sr.public().0), Signature::Sr25519(sr.sign(MESSAGE).0)),
			(PublicKey::Ecdsa(ec.public().0), Signature::Ecdsa(ec.sign(MESSAGE).0)),
		]
	}

	#[test]
	fn signatures_should_count_for_their_own_key_and_message_alone() {
		for (at, (key, _)) in signed().iter().enumerate() {
			for (of, (_, signature)) in signed().iter().enumerate() {
				assert_eq!(HostCrypto.verify(key, MESSAGE, signature), at == of);
				assert!(!HostCrypto.verify(key, b"17.6 kWh", signature));
			}
		}
	}

	#[test]
	fn signature_should_be_refused_when_its_curve_is_renamed() {
		let [(PublicKey::Ed25519(key), Signature::Ed25519(bytes)), ..] = signed() else {
			unreachable!("the first key is Ed25519")
		};
		// The two keys share an account.
		let renamed = PublicKey::Sr25519(key);
		assert_eq!(account_of(&renamed), account_of(&PublicKey::Ed25519(key)));
		assert!(!HostCrypto.verify(&renamed, MESSAGE, &Signature::Ed25519(bytes)));
		assert!(!HostCrypto.verify(&renamed, MESSAGE, &Signature::Sr25519(bytes)));
		let claimed = Signature::Sr25519(bytes);
		assert!(!HostCrypto.verify(&PublicKey::Ed25519(key), MESSAGE, &claimed));
	}

	#[test]
	fn ecdsa_signature_should_be_refused_when_it_recovers_another_key() {
		let [.., (key, Signature::Ecdsa(mut bytes))] = signed() else {
			unreachable!("the last key is ECDSA")
		};
		bytes[64] ^= 1;
		assert!(!HostCrypto.verify(&key, MESSAGE, &Signature::Ecdsa(bytes)));
	}

	#[test]
	fn hash_should_be_blake2b_256() {
		let expected = "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319";
		let hash: String = HostCrypto::hash(b"abc").iter().map(|b| format!("{b:02x}")).collect();
		assert_eq!(hash, expected);
	}
}
