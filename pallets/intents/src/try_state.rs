//! The laws of this pallet's storage.

use crate::*;
use dam_primitives::window::WIDTH;
use frame_support::ensure;
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Checks the invariants:
	///
	/// 1. Only registered machines that are not retired have used nonces, and each that has an entry
	///    used at least one.
	/// 2. A window that has moved ends with a nonce that was used, and with none beyond the last
	///    number.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		for (machine, window) in Nonces::<T>::iter() {
			ensure!(T::Machines::is_payable(machine), "1: nonces of a machine that cannot be");
			ensure!(window.used != [0; 4], "1: an entry without a used nonce");
			let last = window.base.checked_add(WIDTH.saturating_sub(1));
			ensure!(last == Some(window.last()), "2: a window goes beyond the last number");
			ensure!(
				window.base == 0 || window.check(window.last()) == Err(IntentFailure::NonceUsed),
				"2: a window moved without a nonce that was used"
			);
		}
		Ok(())
	}
}
