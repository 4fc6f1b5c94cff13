//! What this pallet stores.

use crate::*;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;
use sp_runtime::Perbill;

/// Most that a bucket may be set to hold without a bond, and most that a bond adds: an hour of
/// reference time. So no level, capacity or cost comes near to what 64 bits hold.
pub const MAX_CAPACITY: u64 = 3_600_000_000_000_000;
/// Most that a bonded DAM may be set to add: a second of reference time.
pub const MAX_CAPACITY_PER_DAM: u64 = 1_000_000_000_000;
/// Most that a byte may be set to cost: a millisecond of reference time.
pub const MAX_LENGTH_COST: u64 = 1_000_000_000;
/// Most parts of a machine's bonds that can be on their way back at a time. A bond that stands keeps
/// one of them free, so that it can always be unbonded whole.
pub const MAX_UNBONDING: u32 = 16;

/// How much quota there is, and what it is charged for. Times are reference time in picoseconds.
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
pub struct Rates {
	/// What a full bucket holds without a bond. At most [`MAX_CAPACITY`], and at least
	/// [`Config::LeastCapacity`].
	pub base_capacity: u64,
	/// What comes back with every block without a bond. Neither zero nor more than the capacity.
	pub base_refill: u64,
	/// What every whole bonded DAM, and parts of one in proportion, add to the capacity. At most
	/// [`MAX_CAPACITY_PER_DAM`].
	pub bonded_capacity: u64,
	/// What they add to the refill. No more than to the capacity.
	pub bonded_refill: u64,
	/// What a byte of a transaction costs. At most [`MAX_LENGTH_COST`].
	pub length_cost: u64,
	/// Share of a block's normal weight that all free calls together may use. At least as much as
	/// [`Config::LeastCapacity`].
	pub block_share: Perbill,
}

/// What a bucket holds when full, and what comes back with every block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Limits {
	pub(crate) capacity: u64,
	pub(crate) refill: u64,
}

impl Rates {
	/// The part that `bonded` adds, where `unit` is one DAM.
	pub(crate) fn bonded_part(&self, bonded: u128, unit: u128) -> Limits {
		// Both factors are far below 2^64 in practice. A product that saturates is divided and then
		// bounded to the same as the true one.
		let part = |rate: u64| {
			let part = bonded.saturating_mul(rate.into()) / unit.max(1);
			u64::try_from(part).unwrap_or(MAX_CAPACITY).min(MAX_CAPACITY)
		};
		Limits { capacity: part(self.bonded_capacity), refill: part(self.bonded_refill) }
	}

	/// What a machine that bonded as much has: base and bonded part together.
	pub(crate) fn limits(&self, bonded: u128, unit: u128) -> Limits {
		let part = self.bonded_part(bonded, unit);
		Limits {
			capacity: self.base_capacity.saturating_add(part.capacity),
			refill: self.base_refill.saturating_add(part.refill),
		}
	}
}

/// A machine's bucket, as it stood when it was last used, and what its owner has bonded.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Bucket<BlockNumber> {
	/// What it held, in picoseconds of reference time.
	pub level: u64,
	/// In which block.
	pub updated_at: BlockNumber,
	/// What is bonded, in units of 10⁻¹² DAM. It stands here so that a free transaction reads one
	/// item.
	pub bonded: u128,
}

/// A part of a bond on its way back.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Unbonding<AccountId, BlockNumber> {
	/// Who bonded it, and gets it.
	pub bonder: AccountId,
	/// How much, in units of 10⁻¹² DAM.
	pub amount: u128,
	/// First block in which it can be withdrawn.
	pub unlocks_at: BlockNumber,
}

/// All of a machine that is on its way back, in the order of unbonding.
pub type UnbondingsOf<T> = BoundedVec<
	Unbonding<<T as frame_system::Config>::AccountId, BlockNumberFor<T>>,
	ConstU32<MAX_UNBONDING>,
>;
