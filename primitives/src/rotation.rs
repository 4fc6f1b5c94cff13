//! The statement with which a new key agrees to act for a machine.
//!
//! Registration has a statement of its own ([`crate::registration`]); this one is for every key
//! that comes later: the successor of a payment key, or a further key with fewer rights.

use alloc::vec::Vec;
use codec::Encode;

use crate::{KeyRights, MachineId, PublicKey};

/// Separates this statement from everything else that a device key ever signs; see
/// [`crate::registration::DOMAIN`].
pub const DOMAIN: [u8; 16] = *b"dam/key/v1\0\0\0\0\0\0";

/// The statement. Its SCALE encoding, unhashed, is what the new key signs.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub struct KeyStatement {
	/// Always [`DOMAIN`]; private, so that nobody forgets it.
	domain: [u8; 16],
	/// Hash of block 0: binds the statement to one chain.
	pub genesis_hash: [u8; 32],
	/// The machine for which the key will act. Fixed width, little endian.
	pub machine: MachineId,
	/// The key that signs.
	pub key: PublicKey,
	/// What it will be allowed to do.
	pub rights: KeyRights,
	/// Last block in which the statement is accepted.
	pub expires_at: u32,
}

impl KeyStatement {
	/// States that `key` agrees to act for `machine`, with `rights`, if added by block `expires_at`.
	pub const fn new(
		genesis_hash: [u8; 32],
		machine: MachineId,
		key: PublicKey,
		rights: KeyRights,
		expires_at: u32,
	) -> Self {
		Self { domain: DOMAIN, genesis_hash, machine, key, rights, expires_at }
	}

	/// The bytes to sign: 94 of them, or 95 for a secp256k1 key.
	pub fn signing_payload(&self) -> Vec<u8> {
		self.encode()
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn payload_should_keep_its_layout() {
		let statement = KeyStatement::new(
			[1; 32],
			7,
			PublicKey::Ecdsa([3; 33]),
			KeyRights::CLAIM.and(KeyRights::SERVICES),
			500,
		);
		let mut expected = b"dam/key/v1\0\0\0\0\0\0".to_vec();
		expected.extend([1; 32]);
		expected.extend(7u64.to_le_bytes());
		expected.push(2);
		expected.extend([3; 33]);
		expected.push(0b110);
		expected.extend(500u32.to_le_bytes());
		assert_eq!(statement.signing_payload(), expected);
		assert_eq!(expected.len(), 95);
	}
}
