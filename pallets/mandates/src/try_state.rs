//! The laws of this pallet's storage.

use crate::*;
use alloc::collections::{BTreeMap, BTreeSet};
use frame_support::{ensure, traits::Get};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Checks the invariants:
	///
	/// 1. [`Locked`] equals the deposits of all mandates.
	/// 2. No mandate was pulled for more than its cap within a period, and every period that began
	///    did so in a block that has come and not after the mandate's last, with a pull of something.
	/// 3. Every mandate's number was given, and none is given twice.
	/// 4. Each machine's list holds the mandates that it has given, each once, and no list is empty.
	/// 5. Every mandate has a cap and a period, and expires within [`Config::MaxLifetime`].
	/// 6. Every payer is a machine that is not retired, and pays somebody else, in its normal form.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let now = Self::now();
		let mut locked = 0u128;
		let mut given_by: BTreeMap<MachineId, BTreeSet<MandateId>> = BTreeMap::new();
		for (id, mandate) in Mandates::<T>::iter() {
			locked = locked
				.checked_add(mandate.storage_deposit)
				.ok_or("1: the deposits of the mandates overflow")?;
			if let Some(pulled) = mandate.pulled {
				ensure!(pulled.amount <= mandate.cap, "2: more than the cap was pulled");
				ensure!(pulled.amount > 0, "2: a period began without a pull");
				ensure!(pulled.started_at <= now, "2: a period began in the future");
				ensure!(
					!mandate.has_expired(pulled.started_at),
					"2: a period began after the mandate had expired"
				);
			}
			ensure!(id < NextMandateId::<T>::get(), "3: a mandate's number was never given");
			given_by.entry(mandate.payer).or_default().insert(id);
			ensure!(mandate.cap > 0 && mandate.period > 0, "5: a mandate has no cap or no period");
			ensure!(
				mandate.expires_at.saturating_sub(now) <= T::MaxLifetime::get(),
				"5: a mandate lives too long"
			);
			ensure!(T::Machines::is_payable(mandate.payer), "6: a payer is no living machine");
			ensure!(mandate.payee != Payee::Machine(mandate.payer), "6: a machine pays itself");
			ensure!(
				mandate.payee.clone().normal_form() == mandate.payee,
				"6: a payee is not in its normal form"
			);
		}
		ensure!(Locked::<T>::get() == locked, "1: what is locked differs from the deposits");

		let mut listed = BTreeMap::new();
		for (machine, mandates) in Granted::<T>::iter() {
			let distinct: BTreeSet<_> = mandates.iter().copied().collect();
			ensure!(distinct.len() == mandates.len(), "4: a machine's list names a mandate twice");
			listed.insert(machine, distinct);
		}
		ensure!(listed == given_by, "4: the lists differ from the mandates");
		Ok(())
	}
}
