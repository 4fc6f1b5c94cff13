//! The proof of possession: what a device signs so that an owner may register it.
//!
//! The signature says "I hold this key and agree to be registered by this owner, as this machine,
//! on this chain, until this block". It is made offline; the device needs neither tokens nor a
//! network.

use alloc::vec::Vec;
use codec::Encode;

use crate::{MachineProfile, PublicKey};

/// Separates this statement from everything else that a device key ever signs.
///
/// No extrinsic starts so: an extrinsic's payload begins with a pallet index and a call index, and
/// the runtime has no pallet at index `0x64`, which a runtime test pins.
pub const DOMAIN: [u8; 16] = *b"dam/register/v1\0";

/// The statement. Its SCALE encoding, unhashed, is what the device signs.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub struct RegistrationStatement<'a> {
	/// Always [`DOMAIN`]; private, so that nobody forgets it.
	domain: [u8; 16],
	/// Hash of block 0: binds the statement to one chain.
	pub genesis_hash: [u8; 32],
	/// The account that may use the statement.
	pub owner: [u8; 32],
	/// The key that signs.
	pub key: PublicKey,
	/// What the machine says of itself.
	pub profile: &'a MachineProfile,
	/// Last block in which the statement is accepted.
	pub expires_at: u32,
}

impl<'a> RegistrationStatement<'a> {
	/// States that `key` agrees to be registered by `owner` until block `expires_at`.
	pub fn new(
		genesis_hash: [u8; 32],
		owner: [u8; 32],
		key: PublicKey,
		profile: &'a MachineProfile,
		expires_at: u32,
	) -> Self {
		Self { domain: DOMAIN, genesis_hash, owner, key, profile, expires_at }
	}

	/// The bytes to sign.
	///
	/// At most 282 bytes. Raw signers of the SDK hash extrinsic payloads over 256 bytes, but never
	/// this statement: it is signed as it stands.
	pub fn signing_payload(&self) -> Vec<u8> {
		self.encode()
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{MachineKind, Metadata, Uri};

	#[test]
	fn payload_should_keep_its_layout() {
		let profile = MachineProfile { kind: MachineKind::EvCharger, metadata: None };
		let statement = RegistrationStatement::new(
			[1; 32],
			[2; 32],
			PublicKey::Ed25519([3; 32]),
			&profile,
			500,
		);
		let mut expected = b"dam/register/v1\0".to_vec();
		expected.extend([1; 32]);
		expected.extend([2; 32]);
		expected.push(0);
		expected.extend([3; 32]);
		expected.extend([1, 0]);
		expected.extend(500u32.to_le_bytes());
		assert_eq!(statement.signing_payload(), expected);
	}

	#[test]
	fn payload_should_stay_within_its_bound() {
		let uri = Uri::try_from("x".repeat(128).as_str()).unwrap();
		let profile = MachineProfile {
			kind: MachineKind::Other,
			metadata: Some(Metadata { hash: [9; 32], uri }),
		};
		let statement =
			RegistrationStatement::new([1; 32], [2; 32], PublicKey::Ecdsa([3; 33]), &profile, 0);
		assert_eq!(statement.signing_payload().len(), 282);
	}
}
