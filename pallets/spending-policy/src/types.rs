//! What this pallet stores.

use crate::*;
use codec::{Decode, Encode, MaxEncodedLen};
use dam_primitives::policy::PeriodCap;
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;

/// [`Policy`] of a runtime.
pub type PolicyOf<T> = Policy<<T as frame_system::Config>::AccountId>;

/// The approvals that wait for a machine of a runtime.
pub type ApprovalsOf<T> =
	BoundedVec<Approval<<T as frame_system::Config>::AccountId>, ConstU32<MAX_APPROVALS>>;

/// A period and what was paid in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Period {
	/// Its first block: that of its first payment.
	pub started_at: u32,
	/// Paid in it, in units of 0.000001 USDT.
	pub spent: u128,
}

impl Period {
	/// First block after the period.
	pub fn ends_at(&self, cap: &PeriodCap) -> u32 {
		// A period that reaches beyond the last block there can be never ends.
		self.started_at.saturating_add(cap.blocks)
	}

	/// Whether it still runs in block `now`.
	pub(crate) fn runs(&self, cap: Option<&PeriodCap>, now: u32) -> bool {
		cap.is_some_and(|cap| now < self.ends_at(cap))
	}
}
