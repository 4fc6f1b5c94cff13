//! Public keys and signatures of devices.
//!
//! The encodings are those of `sp_runtime::{MultiSigner, MultiSignature}` for the three curves
//! that a machine may use; a runtime test pins that equality.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// A device's public key.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum PublicKey {
	/// Ed25519 (RFC 8032).
	#[codec(index = 0)]
	Ed25519([u8; 32]),
	/// Schnorr over Ristretto25519 (schnorrkel), context `substrate`.
	#[codec(index = 1)]
	Sr25519([u8; 32]),
	/// ECDSA over secp256k1, compressed point (SEC 1), message hashed with BLAKE2b-256.
	#[codec(index = 2)]
	Ecdsa([u8; 33]),
}

impl PublicKey {
	/// The raw key, 32 bytes, or 33 for secp256k1.
	pub fn as_bytes(&self) -> &[u8] {
		match self {
			Self::Ed25519(bytes) | Self::Sr25519(bytes) => bytes,
			Self::Ecdsa(bytes) => bytes,
		}
	}

	/// The curve's name as key files and command lines spell it.
	pub const fn scheme(&self) -> &'static str {
		match self {
			Self::Ed25519(_) => "ed25519",
			Self::Sr25519(_) => "sr25519",
			Self::Ecdsa(_) => "ecdsa",
		}
	}
}

/// A device's signature, of the same curve as its [`PublicKey`].
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum Signature {
	/// Ed25519 (RFC 8032).
	#[codec(index = 0)]
	Ed25519([u8; 64]),
	/// Schnorr over Ristretto25519 (schnorrkel), context `substrate`.
	#[codec(index = 1)]
	Sr25519([u8; 64]),
	/// ECDSA over secp256k1: `r ‖ s ‖ recovery id`.
	#[codec(index = 2)]
	Ecdsa([u8; 65]),
}

#[cfg(feature = "serde")]
impl serde::Serialize for PublicKey {
	/// `{"scheme": "ed25519", "key": "0x…"}`.
	fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
		use serde::ser::SerializeStruct;
		let mut out = serializer.serialize_struct("PublicKey", 2)?;
		out.serialize_field("scheme", self.scheme())?;
		out.serialize_field("key", &crate::machine::hex(self.as_bytes()))?;
		out.end()
	}
}
