//! The laws of escrow.

use crate::*;
use frame_support::{ensure, traits::Get};
use fungible::Inspect;
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Checks the invariants:
	///
	/// 1. The pot has the asset's minimum balance and what all books say is in escrow. It may have
	///    more: anybody can send money to an address.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let needed = T::Escrowed::get()
			.checked_add(T::Currency::minimum_balance())
			.ok_or("1: the books say that more is in escrow than there can be")?;
		ensure!(
			T::Currency::balance(&Self::pot()) >= needed,
			"1: less stands in the pot than the books say"
		);
		Ok(())
	}
}
