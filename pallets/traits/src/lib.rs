//! The small traits through which the pallets of DAM Chain meet in the runtime.
//!
//! A pallet never names another pallet: it names one of these on its `Config`, and the runtime
//! joins them.

#![cfg_attr(not(feature = "std"), no_std)]

use dam_primitives::MachineId;
use polkadot_sdk::sp_runtime::{DispatchError, DispatchResult};

/// Who the machines are and which key acts for which.
pub trait Machines<AccountId> {
	/// The machine for which `key` may act now, or why it may not act for any.
	fn authorize(key: &AccountId) -> Result<MachineId, DispatchError>;

	/// Whether `id` may be paid: registered and not retired.
	fn is_payable(id: MachineId) -> bool;

	/// Who owns `id`, whatever its status.
	fn owner(id: MachineId) -> Option<AccountId>;

	/// The sovereign account of `id`, whether or not such a machine exists.
	fn account(id: MachineId) -> AccountId;

	/// Prepares an active machine for a benchmark and returns a key that acts for it.
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_machine(seed: u32) -> (MachineId, AccountId);
}

/// The wallets in which machines keep their money.
pub trait Wallets<AccountId> {
	/// Lets `wallet` take payments of any size from now on, at the cost of `depositor`.
	fn open(wallet: &AccountId, depositor: &AccountId) -> DispatchResult;

	/// Empties `wallet` into `beneficiary` and gives the cost back to whoever bore it.
	fn close(wallet: &AccountId, beneficiary: &AccountId) -> DispatchResult;
}

/// What another pallet must do, or refuse, before a machine is gone.
pub trait OnRetire {
	/// `machine` is about to be retired. An error keeps it alive.
	fn on_retire(machine: MachineId) -> DispatchResult;
}

impl OnRetire for () {
	fn on_retire(_: MachineId) -> DispatchResult {
		Ok(())
	}
}
