//! The fee-free allowance of a machine, and why a transaction is neither free nor paid.

use alloc::vec::Vec;
use codec::{Decode, Encode};
use scale_info::TypeInfo;

/// `InvalidTransaction::Custom` code: the call is free, but the machine's allowance does not cover it
/// together with the transactions of the key that wait before it, and the key holds no DAM to pay a
/// fee instead. Wait for the refill, pay in USDT, or fund the key.
pub const QUOTA_EXHAUSTED: u8 = 1;

/// `InvalidTransaction::Custom` code: the call costs more than the machine's allowance can ever
/// hold, or more than free calls may use of a block. Split it, or pay a fee.
pub const EXCEEDS_QUOTA: u8 = 2;

/// `InvalidTransaction::Custom` code: the fee was to be paid in USDT, and whoever pays it holds too
/// little: the machine's wallet, or the signer's account if it acts for no machine. The asset's
/// minimum balance stays. Send USDT there.
pub const FEE_NOT_COVERED: u8 = 3;

/// `InvalidTransaction::Custom` code: the fee was to be paid in USDT out of the machine's wallet,
/// and the owner's policy does not allow that. Wait for the next period, or ask the owner.
pub const FEE_AGAINST_POLICY: u8 = 4;

/// `InvalidTransaction::Custom` code: fees are not taken in that asset, or have no rate in it at the
/// moment. Pay in DAM.
pub const FEE_WITHOUT_RATE: u8 = 5;

/// `InvalidTransaction::Custom` code: the fee was to be paid in USDT, but the key may not spend its
/// machine's money now, and its own account cannot pay either. Have the owner resume the machine,
/// unfreeze its keys, or give the key the right to pay.
pub const FEE_KEY_MAY_NOT_SPEND: u8 = 6;

/// DAM that gives no quota any more and is on its way back.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "camelCase"))]
pub struct UnbondingInfo<AccountId> {
	/// Who gets it: whoever had bonded it.
	pub bonder: AccountId,
	/// How much, in units of 10⁻¹² DAM.
	#[cfg_attr(feature = "serde", serde(serialize_with = "crate::machine::text_field"))]
	pub amount: u128,
	/// First block in which it can be withdrawn.
	pub unlocks_at: u32,
}

/// A machine's allowance as the runtime API shows it. Accounts are bytes unless another type is
/// named.
///
/// The unit is the SDK's reference time: one picosecond of computing on reference hardware.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(
	feature = "serde",
	derive(serde::Serialize),
	serde(rename_all = "camelCase", bound(serialize = "AccountId: serde::Serialize"))
)]
pub struct QuotaInfo<AccountId = [u8; 32]> {
	/// What can be used now.
	pub available: u64,
	/// What the bucket holds when full: base and bonded part together.
	pub capacity: u64,
	/// What comes back with every block, until full: base and bonded part together.
	pub refill_per_block: u64,
	/// The part of the capacity that every machine has.
	pub base_capacity: u64,
	/// The part of the refill that every machine has.
	pub base_refill: u64,
	/// The part of the capacity that the bond gives.
	pub bonded_capacity: u64,
	/// The part of the refill that the bond gives.
	pub bonded_refill: u64,
	/// What the owner has bonded, in units of 10⁻¹² DAM.
	#[cfg_attr(feature = "serde", serde(serialize_with = "crate::machine::text_field"))]
	pub bonded: u128,
	/// What was bonded for this machine and is on its way back, in the order of unbonding.
	pub unbonding: Vec<UnbondingInfo<AccountId>>,
	/// The block in which the bucket is full if nothing is used until then; the present one if it is.
	pub full_at: u32,
}

impl<AccountId> QuotaInfo<AccountId> {
	/// Blocks until `cost` can be used, if nothing else is used meanwhile; `None` if it never can.
	pub const fn blocks_until(&self, cost: u64) -> Option<u64> {
		if cost > self.capacity {
			return None;
		}
		let missing = cost.saturating_sub(self.available);
		if missing == 0 {
			return Some(0);
		}
		if self.refill_per_block == 0 {
			return None;
		}
		Some(missing.div_ceil(self.refill_per_block))
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn quota() -> QuotaInfo {
		QuotaInfo {
			available: 5,
			capacity: 100,
			refill_per_block: 10,
			base_capacity: 60,
			base_refill: 6,
			bonded_capacity: 40,
			bonded_refill: 4,
			bonded: 7,
			unbonding: alloc::vec![],
			full_at: 30,
		}
	}

	#[test]
	fn waiting_time_should_round_up_and_know_its_limits() {
		let quota = quota();
		assert_eq!(quota.blocks_until(5), Some(0));
		assert_eq!(quota.blocks_until(6), Some(1));
		assert_eq!(quota.blocks_until(16), Some(2));
		assert_eq!(quota.blocks_until(100), Some(10));
		assert_eq!(quota.blocks_until(101), None);
		assert_eq!(QuotaInfo { refill_per_block: 0, ..quota }.blocks_until(6), None);
	}

	#[cfg(feature = "did")]
	#[test]
	fn json_should_carry_amounts_as_text() {
		let unbonding = alloc::vec![UnbondingInfo { bonder: "owner", amount: 3, unlocks_at: 9 }];
		let QuotaInfo { available, capacity, refill_per_block, .. } = quota();
		let quota = QuotaInfo {
			available,
			capacity,
			refill_per_block,
			base_capacity: 60,
			base_refill: 6,
			bonded_capacity: 40,
			bonded_refill: 4,
			bonded: u128::MAX,
			unbonding,
			full_at: 30,
		};
		let expected = serde_json::json!({
			"available": 5,
			"capacity": 100,
			"refillPerBlock": 10,
			"baseCapacity": 60,
			"baseRefill": 6,
			"bondedCapacity": 40,
			"bondedRefill": 4,
			"bonded": "340282366920938463463374607431768211455",
			"unbonding": [{ "bonder": "owner", "amount": "3", "unlocksAt": 9 }],
			"fullAt": 30,
		});
		assert_eq!(serde_json::to_value(&quota).unwrap(), expected);
	}
}
