//! Keys of devices and owners: three curves, one type.

mod file;

pub use file::{KeyFile, KeyFileError};

use std::{fmt, str::FromStr};

use codec::Encode;
use dam_primitives::{PublicKey, Signature};
use ed25519_zebra::{SigningKey, VerificationKey};
use rand::{rngs::OsRng, RngCore};
use serde::{Deserialize, Serialize};
use subxt::config::{substrate::BlakeTwo256, Hasher};
use subxt_signer::{bip39, ecdsa, sr25519, DeriveJunction, ExposeSecret, SecretUri};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::AccountId;

/// The curve of a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
	/// Ed25519 (RFC 8032). What most secure elements offer.
	#[default]
	Ed25519,
	/// Schnorr over Ristretto25519. What wallets of this ecosystem use.
	Sr25519,
	/// ECDSA over secp256k1.
	Ecdsa,
}

impl Scheme {
	/// Every scheme, in the order of their tags on chain.
	pub const ALL: [Self; 3] = [Self::Ed25519, Self::Sr25519, Self::Ecdsa];
}

impl fmt::Display for Scheme {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.pad(match self {
			Self::Ed25519 => "ed25519",
			Self::Sr25519 => "sr25519",
			Self::Ecdsa => "ecdsa",
		})
	}
}

impl FromStr for Scheme {
	type Err = KeyError;
	fn from_str(text: &str) -> Result<Self, KeyError> {
		Self::ALL
			.into_iter()
			.find(|scheme| scheme.to_string() == text)
			.ok_or_else(|| KeyError::UnknownScheme(text.into()))
	}
}

/// Why a secret is no key.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum KeyError {
	/// Not one of ours.
	#[error("unknown key scheme `{0}`: use ed25519, sr25519 or ecdsa")]
	UnknownScheme(String),
	/// The secret does not parse. The secret itself is never in the message.
	#[error(
		"the secret is not usable ({0}): give 0x and 64 hexadecimal digits, a BIP-39 phrase, or a \
		 development path such as //Alice"
	)]
	BadSecret(String),
	/// Ed25519 and ECDSA know hard junctions only.
	#[error(
		"{0} keys cannot be derived along a soft path: write // before every part of the path"
	)]
	SoftPath(Scheme),
}

/// A key that signs: for a device, its identity; for an owner, the key of the account.
///
/// Secrets are wiped from memory when it is dropped.
pub struct Key {
	secret: Secret,
	public: PublicKey,
}

enum Secret {
	/// The seed. Signing expands it each time, which costs microseconds and leaves no copies.
	Ed25519(Zeroizing<[u8; 32]>),
	/// Wiped by its own `Drop`.
	Sr25519(Box<sr25519::Keypair>),
	/// The scalar.
	Ecdsa(Zeroizing<[u8; 32]>),
}

impl Key {
	/// A fresh key from the operating system's randomness, and its seed to be stored.
	pub fn generate(scheme: Scheme) -> (Self, Zeroizing<[u8; 32]>) {
		loop {
			let mut seed = Zeroizing::new([0; 32]);
			OsRng.fill_bytes(&mut *seed);
			// Every seed is a key, save for a fraction of 2^-127 of them on secp256k1.
			if let Ok(key) = Self::from_seed(scheme, &seed) {
				return (key, seed);
			}
		}
	}

	/// The key of a 32-byte seed.
	///
	/// # Errors
	/// [`KeyError::BadSecret`], which only secp256k1 can give.
	pub fn from_seed(scheme: Scheme, seed: &[u8; 32]) -> Result<Self, KeyError> {
		let bad = |error: &dyn fmt::Display| KeyError::BadSecret(error.to_string());
		let (secret, public) = match scheme {
			Scheme::Ed25519 => {
				let public = VerificationKey::from(&SigningKey::from(*seed));
				(Secret::Ed25519(Zeroizing::new(*seed)), PublicKey::Ed25519(public.into()))
			},
			Scheme::Sr25519 => {
				let pair = sr25519::Keypair::from_secret_key(*seed).map_err(|error| bad(&error))?;
				let public = PublicKey::Sr25519(pair.public_key().0);
				(Secret::Sr25519(Box::new(pair)), public)
			},
			Scheme::Ecdsa => {
				let pair = ecdsa::Keypair::from_secret_key(*seed).map_err(|error| bad(&error))?;
				let public = PublicKey::Ecdsa(pair.public_key().0);
				(Secret::Ecdsa(Zeroizing::new(*seed)), public)
			},
		};
		Ok(Self { secret, public })
	}

	/// The key of a secret URI: `0x` and a seed, or a BIP-39 phrase, then an optional path and
	/// password. `//Alice` and its like are the well-known development keys.
	///
	/// # Errors
	/// [`KeyError::BadSecret`], [`KeyError::SoftPath`].
	pub fn from_uri(scheme: Scheme, uri: &str) -> Result<Self, KeyError> {
		let parsed: SecretUri =
			uri.parse().map_err(|error| KeyError::BadSecret(format!("{error}")))?;
		if scheme == Scheme::Sr25519 {
			let pair = sr25519::Keypair::from_uri(&parsed)
				.map_err(|error| KeyError::BadSecret(error.to_string()))?;
			let public = PublicKey::Sr25519(pair.public_key().0);
			return Ok(Self { secret: Secret::Sr25519(Box::new(pair)), public });
		}
		let seed = derive_seed(scheme, &parsed)?;
		Self::from_seed(scheme, &seed)
	}

	/// The public half.
	pub const fn public(&self) -> PublicKey {
		self.public
	}

	/// The curve.
	pub const fn scheme(&self) -> Scheme {
		match self.public {
			PublicKey::Ed25519(_) => Scheme::Ed25519,
			PublicKey::Sr25519(_) => Scheme::Sr25519,
			PublicKey::Ecdsa(_) => Scheme::Ecdsa,
		}
	}

	/// The account from which this key signs.
	pub fn account(&self) -> AccountId {
		account_of(&self.public)
	}

	/// Signs `message` as the chain verifies it: ECDSA hashes it with BLAKE2b-256 first.
	pub fn sign(&self, message: &[u8]) -> Signature {
		match &self.secret {
			Secret::Ed25519(seed) => {
				Signature::Ed25519(SigningKey::from(**seed).sign(message).into())
			},
			Secret::Sr25519(pair) => Signature::Sr25519(pair.sign(message).0),
			Secret::Ecdsa(seed) => {
				let pair = ecdsa::Keypair::from_secret_key(**seed)
					.expect("the same seed made a key at construction; qed");
				Signature::Ecdsa(pair.sign(message).0)
			},
		}
	}
}

/// Never shows the secret.
impl fmt::Debug for Key {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_struct("Key").field("public", &self.public).finish_non_exhaustive()
	}
}

/// The account of a public key: the key itself, or for 33-byte keys its BLAKE2b-256 hash.
pub fn account_of(public: &PublicKey) -> AccountId {
	AccountId::from(match public {
		PublicKey::Ed25519(bytes) | PublicKey::Sr25519(bytes) => *bytes,
		PublicKey::Ecdsa(bytes) => BlakeTwo256.hash(bytes).0,
	})
}

/// Whether `signature` is one of `public` over `message`. Curves never mix.
pub fn verify(public: &PublicKey, message: &[u8], signature: &Signature) -> bool {
	match (public, signature) {
		(PublicKey::Ed25519(public), Signature::Ed25519(signature)) => {
			VerificationKey::try_from(*public)
				.and_then(|key| key.verify(&(*signature).into(), message))
				.is_ok()
		},
		(PublicKey::Sr25519(public), Signature::Sr25519(signature)) => {
			sr25519::verify(&sr25519::Signature(*signature), message, &sr25519::PublicKey(*public))
		},
		(PublicKey::Ecdsa(public), Signature::Ecdsa(signature)) => {
			ecdsa::verify(&ecdsa::Signature(*signature), message, &ecdsa::PublicKey(*public))
		},
		_ => false,
	}
}

/// The seed at the end of a secret URI's path, for the two curves with hard derivation only.
fn derive_seed(scheme: Scheme, uri: &SecretUri) -> Result<Zeroizing<[u8; 32]>, KeyError> {
	let phrase = uri.phrase.expose_secret();
	let mut seed = Zeroizing::new([0; 32]);
	if let Some(digits) = phrase.strip_prefix("0x") {
		hex::decode_to_slice(digits, &mut *seed)
			.map_err(|error| KeyError::BadSecret(error.to_string()))?;
	} else {
		let phrase: bip39::Mnemonic =
			phrase.parse().map_err(|error| KeyError::BadSecret(format!("{error}")))?;
		let password = uri.password.as_ref().map(|password| password.expose_secret());
		// The seed of a phrase is the same for every curve; this one gives it back.
		let pair = ecdsa::Keypair::from_phrase(&phrase, password)
			.map_err(|error| KeyError::BadSecret(error.to_string()))?;
		*seed = pair.secret_key();
	}
	let tag = match scheme {
		Scheme::Ed25519 => "Ed25519HDKD",
		Scheme::Ecdsa => "Secp256k1HDKD",
		Scheme::Sr25519 => "SchnorrRistrettoHDKD",
	};
	for junction in &uri.junctions {
		let DeriveJunction::Hard(code) = junction else {
			return Err(KeyError::SoftPath(scheme));
		};
		let input = Zeroizing::new((tag, *seed, code).encode());
		*seed = BlakeTwo256.hash(&input).0;
	}
	Ok(seed)
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	#[test]
	fn development_keys_should_be_the_well_known_ones() {
		// Addresses that every tool of this ecosystem shows for `//Alice`.
		for (scheme, address) in [
			(Scheme::Sr25519, "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"),
			(Scheme::Ed25519, "5FA9nQDVg267DEd8m1ZypXLBnvN7SFxYwV7ndqSYGiN9TTpu"),
			(Scheme::Ecdsa, "5C7C2Z5sWbytvHpuLTvzKunnnRwQxft1jiqrLD5rhucQ5S9X"),
		] {
			let key = Key::from_uri(scheme, "//Alice").unwrap();
			assert_eq!(key.account().to_string(), address, "{scheme}");
		}
	}

	#[test]
	fn secrets_should_be_refused_without_being_shown() {
		for uri in ["", "nonsense words", "0x1234", "0xzz"] {
			for scheme in Scheme::ALL {
				let Err(error) = Key::from_uri(scheme, uri) else {
					// An empty phrase is the development phrase.
					assert_eq!(uri, "");
					continue;
				};
				assert!(matches!(error, KeyError::BadSecret(_)), "{error:?}");
			}
		}
		assert_eq!(
			Key::from_uri(Scheme::Ed25519, "//Alice/soft").unwrap_err(),
			KeyError::SoftPath(Scheme::Ed25519)
		);
		let (key, seed) = Key::generate(Scheme::Ed25519);
		assert!(!format!("{key:?}").contains(&hex::encode(*seed)));
	}

	proptest! {
		#![proptest_config(ProptestConfig::with_cases(32))]
		#[test]
		fn signatures_should_verify_and_no_other(
			seed: [u8; 32],
			message in proptest::collection::vec(any::<u8>(), 0..300),
			flip in 0usize..64,
		) {
			for scheme in Scheme::ALL {
				let Ok(key) = Key::from_seed(scheme, &seed) else { continue };
				let signature = key.sign(&message);
				prop_assert!(verify(&key.public(), &message, &signature));

				let mut longer = message.clone();
				longer.push(0);
				prop_assert!(!verify(&key.public(), &longer, &signature));

				let mut broken = signature;
				match &mut broken {
					Signature::Ed25519(bytes) | Signature::Sr25519(bytes) => bytes[flip] ^= 1,
					Signature::Ecdsa(bytes) => bytes[flip] ^= 1,
				}
				prop_assert!(!verify(&key.public(), &message, &broken));
			}
		}
	}
}
