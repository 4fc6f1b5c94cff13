//! The laws of this pallet's storage.

use crate::*;
use alloc::collections::BTreeSet;
use dam_primitives::MachineStatus;
use frame_support::ensure;
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Checks the invariants:
	///
	/// 1. The ids of a catalogue ascend strictly, and each of them was given: it is below the next.
	/// 2. Every service is within the bounds of [`Call::offer`].
	/// 3. Only registered machines that are not retired have a catalogue, and only if they ever
	///    offered something.
	/// 4. The index and the catalogues hold the same services under the same kinds, each once.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let mut offered = BTreeSet::new();
		for (machine, Catalogue { next_id, services }) in Catalogues::<T>::iter() {
			let status = T::Machines::status(machine);
			ensure!(status.is_some(), "3: an unknown machine has a catalogue");
			ensure!(status != Some(MachineStatus::Retired), "3: a retired machine has a catalogue");
			ensure!(next_id > 0, "3: a machine that never offered anything has a catalogue");

			let ids = services.iter().map(|(id, _)| *id).chain([next_id]);
			ensure!(ids.is_sorted_by(|id, next| id < next), "1: a catalogue's ids do not ascend");
			for (id, service) in services {
				let valid = Self::ensure_valid(&service).is_ok();
				ensure!(valid, "2: a service is out of bounds");
				offered.insert((service.kind, (machine, id)));
			}
		}

		let indexed: BTreeSet<_> = ByKind::<T>::iter_keys().collect();
		ensure!(indexed == offered, "4: the index is not that of the catalogues");
		Ok(())
	}
}
