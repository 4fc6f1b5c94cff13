//! Keys of the values that tests read straight from a node's state.
//!
//! Written out by hand, from the SDK's rules for storage keys, so that a test does not ask the code
//! under test where its own values are.

use polkadot_sdk::sp_io::hashing::{blake2_128, twox_128};

/// Key of a value: `twox128(pallet) ‖ twox128(item)`.
pub fn value(pallet: &str, item: &str) -> Vec<u8> {
	[twox_128(pallet.as_bytes()), twox_128(item.as_bytes())].concat()
}

fn blake2_concat(key: &mut Vec<u8>, part: &[u8]) {
	key.extend(blake2_128(part));
	key.extend(part);
}

/// Key of `System.Account`: nonce, reference counts, and what the account holds of DAM.
pub fn system_account(account: &[u8; 32]) -> Vec<u8> {
	let mut key = value("System", "Account");
	blake2_concat(&mut key, account);
	key
}

/// Key of `Assets.Account`: what an account holds of an asset. The value begins with the balance,
/// a little-endian `u128`.
pub fn asset_account(asset: u32, account: &[u8; 32]) -> Vec<u8> {
	let mut key = value("Assets", "Account");
	blake2_concat(&mut key, &asset.to_le_bytes());
	blake2_concat(&mut key, account);
	key
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn keys_should_match_the_published_ones() {
		assert_eq!(
			hex::encode(value("System", "Account")),
			"26aa394eea5630e07c48ae0c9558cef7b99d880ec681799c0cf30e8886371da9"
		);
		assert_eq!(
			hex::encode(value("Balances", "TotalIssuance")),
			"c2261276cc9d1f8598ea4b6a74b15c2f57c875e4cff74148e4628f264b974c80"
		);
	}
}
