//! The runtime API of DAM Chain: what nodes serve under `dam_` and light clients read with proofs.

#![cfg_attr(not(feature = "std"), no_std)]
// The macro's expansion carries public items of its own.
#![allow(missing_docs)]

extern crate alloc;

use codec::Codec;
use dam_primitives::{MachineId, MachineInfo, QuotaInfo};
use polkadot_sdk::*;

sp_api::decl_runtime_apis! {
	/// Reads machines and their fee-free allowance.
	pub trait DamApi<AccountId> where AccountId: Codec {
		/// The machine of that number, also when it is suspended or retired.
		fn machine(id: MachineId) -> Option<MachineInfo<AccountId>>;
		/// The machine that an account belongs to: as its key, past or present, or as its
		/// sovereign account.
		fn machine_of(account: AccountId) -> Option<MachineId>;
		/// The machine's fee-free allowance; `None` for a machine that may not act.
		fn quota(id: MachineId) -> Option<QuotaInfo>;
	}
}
