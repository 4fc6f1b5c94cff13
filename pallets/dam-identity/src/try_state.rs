//! The laws of this pallet's storage.

use crate::*;
use alloc::collections::BTreeMap;
use frame_support::{ensure, traits::fungible::InspectHold as _};
use sp_runtime::{
	traits::{CheckedAdd, Zero},
	TryRuntimeError,
};

impl<T: Config> Pallet<T> {
	/// Checks the invariants:
	///
	/// 1. Numbers have no gaps: there are exactly [`NextMachineId`] machines, each below it.
	/// 2. Every machine's key has a record that points back, under the account of its public key.
	/// 3. There are as many keys without an end as machines that are not retired, and no key names
	///    a machine that does not exist.
	/// 4. For every owner, the deposits of its machines equal what is held from it; a retired
	///    machine's deposit is zero.
	/// 5. Every key's account is kept alive, so that its nonce never restarts.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let mut deposits: BTreeMap<T::AccountId, BalanceOf<T>> = BTreeMap::new();
		let (mut machines, mut living) = (0u64, 0u64);
		for (id, record) in Machines::<T>::iter() {
			ensure!(id < NextMachineId::<T>::get(), "1: a machine's number was never given");
			let key = Keys::<T>::get(&record.key).ok_or("2: a machine's key has no record")?;
			ensure!(key.machine == id, "2: a machine's key points to another machine");
			if record.status == MachineStatus::Retired {
				ensure!(record.deposit.is_zero(), "4: a retired machine has a deposit");
				ensure!(key.valid_until.is_some(), "3: a retired machine's key is still valid");
			} else {
				ensure!(key.valid_until.is_none(), "3: a living machine's key has ended");
				living += 1;
			}
			let sum = deposits.entry(record.owner).or_default();
			*sum = sum.checked_add(&record.deposit).ok_or("4: the deposits overflow")?;
			machines += 1;
		}
		ensure!(machines == NextMachineId::<T>::get(), "1: the numbers have a gap");

		let mut valid_keys = 0u64;
		for (account, key) in Keys::<T>::iter() {
			ensure!(account == account_of(&key.public), "2: a key stands under a foreign account");
			ensure!(Machines::<T>::contains_key(key.machine), "3: a key's machine does not exist");
			ensure!(
				frame_system::Pallet::<T>::sufficients(&account) > 0,
				"5: a key's account may be reaped"
			);
			valid_keys += u64::from(key.valid_until.is_none());
		}
		ensure!(valid_keys == living, "3: valid keys and living machines differ in number");

		for (owner, sum) in deposits {
			let held = T::Currency::balance_on_hold(&HoldReason::MachineDeposit.into(), &owner);
			ensure!(held == sum, "4: an owner's deposits differ from what is held");
		}
		Ok(())
	}
}
