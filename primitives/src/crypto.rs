//! The cryptography that a host brings along: the chain its host functions, a device its own
//! crates or secure element.

use crate::{PublicKey, Signature};

/// Checks signatures.
pub trait VerifySignature {
	/// Whether `signature` is one of `key` over `message`.
	///
	/// Must accept nothing that the chain refuses: curves never mix, sr25519 signs in the context
	/// `substrate`, and an ECDSA signature counts by the key that is *recovered* from it, over the
	/// BLAKE2b-256 hash of `message`. A check that ignores the recovery id takes signatures that no
	/// claim can be made with.
	fn verify(&self, key: &PublicKey, message: &[u8], signature: &Signature) -> bool;
}

/// Hashes with BLAKE2b-256 (RFC 7693, 32 bytes out, no key).
pub trait Blake2b256 {
	/// The hash of `message`.
	fn hash(message: &[u8]) -> [u8; 32];
}

/// BLAKE2b-256 in portable code, with SIMD where the processor has it.
#[cfg(feature = "blake2")]
#[derive(Clone, Copy, Debug, Default)]
pub struct SoftwareBlake2;

#[cfg(feature = "blake2")]
impl Blake2b256 for SoftwareBlake2 {
	fn hash(message: &[u8]) -> [u8; 32] {
		let mut out = [0; 32];
		let hash = blake2b_simd::Params::new().hash_length(out.len()).hash(message);
		out.copy_from_slice(hash.as_bytes());
		out
	}
}

#[cfg(all(test, feature = "blake2"))]
mod tests {
	use super::*;

	#[test]
	fn software_hash_should_be_blake2b_256() {
		// BLAKE2b with 32 bytes out is not a truncated BLAKE2b-512: the length is hashed too.
		for (message, expected) in [
			(&b""[..], "0x0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8"),
			(&b"abc"[..], "0xbddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319"),
		] {
			let hash = SoftwareBlake2::hash(message);
			let text = hash.iter().fold(alloc::string::String::from("0x"), |text, byte| {
				alloc::format!("{text}{byte:02x}")
			});
			assert_eq!(text, expected);
		}
	}
}
