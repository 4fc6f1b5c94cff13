//! The fee-free allowance of a machine.

use codec::{Decode, Encode};
use scale_info::TypeInfo;

/// `InvalidTransaction::Custom` code: the call is free, but the machine's allowance is used up and
/// its key holds no DAM to pay a fee instead. Wait for the refill, or fund the key.
pub const QUOTA_EXHAUSTED: u8 = 1;

/// `InvalidTransaction::Custom` code: the call costs more than the machine's allowance can ever
/// hold, or more than free calls may use of a block. Split it, or pay a fee.
pub const EXCEEDS_QUOTA: u8 = 2;

/// A machine's allowance as the runtime API shows it.
///
/// The unit is the SDK's reference time: one picosecond of computing on reference hardware.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "camelCase"))]
pub struct QuotaInfo {
	/// What can be used now.
	pub available: u64,
	/// What the bucket holds when full.
	pub capacity: u64,
	/// What comes back with every block, until full.
	pub refill_per_block: u64,
}

impl QuotaInfo {
	/// Blocks until `cost` can be used; `None` if it never can.
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

	#[test]
	fn waiting_time_should_round_up_and_know_its_limits() {
		let quota = QuotaInfo { available: 5, capacity: 100, refill_per_block: 10 };
		assert_eq!(quota.blocks_until(5), Some(0));
		assert_eq!(quota.blocks_until(6), Some(1));
		assert_eq!(quota.blocks_until(16), Some(2));
		assert_eq!(quota.blocks_until(101), None);
		assert_eq!(QuotaInfo { refill_per_block: 0, ..quota }.blocks_until(6), None);
	}
}
