//! Signing and checking on the three curves, as the chain does it.

use dam_primitives::{
	crypto::{Blake2b256, SoftwareBlake2, VerifySignature},
	PublicKey, Signature,
};
use ed25519_zebra::{SigningKey, VerificationKey};
use schnorrkel::{signing_context, ExpansionMode, MiniSecretKey};
use secp256k1::{
	ecdsa::{RecoverableSignature, RecoveryId},
	Message, SecretKey, SECP256K1,
};
use thiserror::Error;

/// In which sr25519 keys of this ecosystem sign.
const CONTEXT: &[u8] = b"substrate";

/// Something that signs: a key in memory, or a secure element.
pub trait Signer {
	/// The public half.
	fn public(&self) -> PublicKey;

	/// Signs `message` as it stands; ECDSA hashes it with BLAKE2b-256 first.
	fn sign(&self, message: &[u8]) -> Signature;
}

/// Checks signatures in software, exactly as the chain does.
#[derive(Clone, Copy, Debug, Default)]
pub struct Curves;

impl VerifySignature for Curves {
	fn verify(&self, key: &PublicKey, message: &[u8], signature: &Signature) -> bool {
		match (key, signature) {
			(PublicKey::Ed25519(key), Signature::Ed25519(signature)) => {
				VerificationKey::try_from(*key)
					.and_then(|key| key.verify(&(*signature).into(), message))
					.is_ok()
			},
			(PublicKey::Sr25519(key), Signature::Sr25519(signature)) => {
				schnorrkel::PublicKey::from_bytes(key)
					.and_then(|key| {
						let signature = schnorrkel::Signature::from_bytes(signature)?;
						key.verify_simple(CONTEXT, message, &signature)
					})
					.is_ok()
			},
			(PublicKey::Ecdsa(key), Signature::Ecdsa(signature)) => {
				recover(message, signature).is_some_and(|recovered| recovered == *key)
			},
			_ => false,
		}
	}
}

/// The key that made an ECDSA signature. The chain compares keys: a signature that verifies but
/// carries another recovery id is worth nothing there, so it must be worth nothing here.
fn recover(message: &[u8], signature: &[u8; 65]) -> Option<[u8; 33]> {
	let id = RecoveryId::try_from(i32::from(signature[64])).ok()?;
	let signature = RecoverableSignature::from_compact(&signature[..64], id).ok()?;
	let digest = Message::from_digest(SoftwareBlake2::hash(message));
	SECP256K1.recover_ecdsa(&digest, &signature).ok().map(|key| key.serialize())
}

/// A seed is no key of its curve. Only secp256k1 has such seeds, a fraction of 2⁻¹²⁷ of all.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("the seed is no secp256k1 key: take another")]
pub struct BadSeed;

/// A key in memory.
pub struct MemoryKey(Secret);

enum Secret {
	Ed25519(Box<SigningKey>),
	Sr25519(Box<schnorrkel::Keypair>),
	Ecdsa(SecretKey),
}

impl MemoryKey {
	/// The Ed25519 key of a seed (RFC 8032).
	pub fn ed25519(seed: &[u8; 32]) -> Self {
		Self(Secret::Ed25519(Box::new(SigningKey::from(*seed))))
	}

	/// The sr25519 key of a seed, expanded as wallets of this ecosystem do.
	pub fn sr25519(seed: &[u8; 32]) -> Self {
		let mini = MiniSecretKey::from_bytes(seed).expect("it is 32 bytes; qed");
		Self(Secret::Sr25519(Box::new(mini.expand_to_keypair(ExpansionMode::Ed25519))))
	}

	/// The secp256k1 key of a seed, which is the scalar.
	///
	/// # Errors
	/// [`BadSeed`].
	pub fn ecdsa(seed: &[u8; 32]) -> Result<Self, BadSeed> {
		SecretKey::from_byte_array(seed).map(|key| Self(Secret::Ecdsa(key))).map_err(|_| BadSeed)
	}
}

impl Signer for MemoryKey {
	fn public(&self) -> PublicKey {
		match &self.0 {
			Secret::Ed25519(key) => PublicKey::Ed25519(VerificationKey::from(&**key).into()),
			Secret::Sr25519(pair) => PublicKey::Sr25519(pair.public.to_bytes()),
			Secret::Ecdsa(key) => PublicKey::Ecdsa(key.public_key(SECP256K1).serialize()),
		}
	}

	fn sign(&self, message: &[u8]) -> Signature {
		match &self.0 {
			Secret::Ed25519(key) => Signature::Ed25519(key.sign(message).into()),
			Secret::Sr25519(pair) => {
				let transcript = signing_context(CONTEXT).bytes(message);
				Signature::Sr25519(pair.sign(transcript).to_bytes())
			},
			Secret::Ecdsa(key) => {
				let digest = Message::from_digest(SoftwareBlake2::hash(message));
				let (id, signature) =
					SECP256K1.sign_ecdsa_recoverable(&digest, key).serialize_compact();
				let mut bytes = [0; 65];
				bytes[..64].copy_from_slice(&signature);
				// A recovery id is 0 to 3.
				bytes[64] = i32::from(id) as u8;
				Signature::Ecdsa(bytes)
			},
		}
	}
}

/// Secrets are wiped where their crates do so by themselves; this one needs help.
impl Drop for MemoryKey {
	fn drop(&mut self) {
		if let Secret::Ecdsa(key) = &mut self.0 {
			key.non_secure_erase();
		}
	}
}

/// Never shows the secret.
impl std::fmt::Debug for MemoryKey {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		f.debug_tuple("MemoryKey").field(&self.public()).finish()
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	fn keys(seed: &[u8; 32]) -> Vec<MemoryKey> {
		[Ok(MemoryKey::ed25519(seed)), Ok(MemoryKey::sr25519(seed)), MemoryKey::ecdsa(seed)]
			.into_iter()
			.flatten()
			.collect()
	}

	#[test]
	fn development_keys_should_be_the_well_known_ones() {
		// `//Alice` on the three curves, as every tool of this ecosystem derives them.
		let seed = |text: &str| <[u8; 32]>::try_from(hex::decode(text).unwrap()).unwrap();
		for (key, expected) in [
			(
				MemoryKey::ed25519(&seed(
					"abf8e5bdbe30c65656c0a3cbd181ff8a56294a69dfedd27982aace4a76909115",
				)),
				"88dc3417d5058ec4b4503e0c12ea1a0a89be200fe98922423d4334014fa6b0ee",
			),
			(
				MemoryKey::sr25519(&seed(
					"e5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a",
				)),
				"d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d",
			),
			(
				MemoryKey::ecdsa(&seed(
					"cb6df9de1efca7a3998a8ead4e02159d5fa99c3e0d4fd6432667390bb4726854",
				))
				.unwrap(),
				"020a1091341fe5664bfa1782d5e04779689068c916b04cb365ec3153755684d9a1",
			),
		] {
			assert_eq!(hex::encode(key.public().as_bytes()), expected);
		}
	}

	#[test]
	fn ecdsa_signatures_should_be_refused_when_only_their_recovery_id_is_wrong() {
		let key = MemoryKey::ecdsa(&[5; 32]).unwrap();
		let Signature::Ecdsa(good) = key.sign(b"message") else { unreachable!() };
		for id in 0..=u8::MAX {
			let mut bytes = good;
			bytes[64] = id;
			let accepted = Curves.verify(&key.public(), b"message", &Signature::Ecdsa(bytes));
			assert_eq!(accepted, id == good[64], "{id}");
		}
	}

	#[test]
	fn seeds_should_be_refused_when_they_are_no_scalar() {
		assert_eq!(MemoryKey::ecdsa(&[0; 32]).unwrap_err(), BadSeed);
		assert_eq!(MemoryKey::ecdsa(&[0xff; 32]).unwrap_err(), BadSeed);
	}

	#[test]
	fn rubbish_should_be_no_signature() {
		for fill in [0, 1, 0xff] {
			for (key, signature) in [
				(PublicKey::Ed25519([fill; 32]), Signature::Ed25519([0xff; 64])),
				(PublicKey::Sr25519([fill; 32]), Signature::Sr25519([fill; 64])),
				(PublicKey::Ecdsa([fill; 33]), Signature::Ecdsa([fill; 65])),
			] {
				assert!(!Curves.verify(&key, b"message", &signature));
			}
		}
	}

	proptest! {
		#![proptest_config(crate::tests::cases(64))]
		#[test]
		fn signatures_should_verify_and_no_other(
			seed: [u8; 32],
			message in proptest::collection::vec(any::<u8>(), 0..300),
			flip in 0usize..65,
			bit in 0u8..8,
		) {
			for key in keys(&seed) {
				let signature = key.sign(&message);
				prop_assert!(Curves.verify(&key.public(), &message, &signature));

				let mut longer = message.clone();
				longer.push(0);
				prop_assert!(!Curves.verify(&key.public(), &longer, &signature));

				let mut broken = signature;
				match &mut broken {
					Signature::Ed25519(bytes) | Signature::Sr25519(bytes) => {
						bytes[flip % 64] ^= 1 << bit;
					},
					Signature::Ecdsa(bytes) => bytes[flip] ^= 1 << bit,
				}
				prop_assert!(!Curves.verify(&key.public(), &message, &broken));

				let renamed = match signature {
					Signature::Ed25519(bytes) => Signature::Sr25519(bytes),
					Signature::Sr25519(bytes) => Signature::Ed25519(bytes),
					Signature::Ecdsa(bytes) => {
						Signature::Ed25519(bytes[..64].try_into().unwrap())
					},
				};
				prop_assert!(!Curves.verify(&key.public(), &message, &renamed));
			}
		}
	}
}
