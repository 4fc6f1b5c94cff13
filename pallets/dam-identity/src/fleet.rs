//! The tree of a fleet. It says what belongs together and carries no rights.

use crate::*;
use alloc::vec::Vec;
use dam_primitives::machine::MAX_FLEET_DEPTH;
use frame_support::pallet_prelude::*;
use sp_runtime::{traits::Saturating, ArithmeticError};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_set_parent(
		who: T::AccountId,
		machines: BoundedVec<MachineId, ConstU32<MAX_FLEET>>,
		parent: Option<MachineId>,
	) -> DispatchResult {
		match parent {
			Some(parent) => Self::attach(&who, machines, parent),
			None => machines.into_iter().try_for_each(|machine| Self::detach(&who, machine)),
		}
	}

	/// Puts machines of `owner` directly below `parent`, of the same owner.
	fn attach(
		owner: &T::AccountId,
		machines: BoundedVec<MachineId, ConstU32<MAX_FLEET>>,
		parent: MachineId,
	) -> DispatchResult {
		ensure!(Self::living(parent)?.owner == *owner, Error::<T>::NotOwner);
		let line = Self::line_of(parent);
		let mut gained = 0u32;
		for machine in machines {
			let mut record = Self::living(machine)?;
			ensure!(record.owner == *owner, Error::<T>::NotOwner);
			if record.parent == Some(parent) {
				continue;
			}
			ensure!(!line.contains(&machine), Error::<T>::FleetCycle);
			// Whoever is below the machine would move along, and get deeper.
			ensure!(record.children == 0, Error::<T>::HasChildren);
			ensure!(line.len() < MAX_FLEET_DEPTH as usize, Error::<T>::FleetTooDeep);

			if let Some(old) = record.parent.replace(parent) {
				Self::unlink(old, machine);
			}
			record.updated_at = frame_system::Pallet::<T>::block_number();
			Machines::<T>::insert(machine, record);
			Children::<T>::insert(parent, machine, ());
			// Bounded by MAX_FLEET.
			gained.saturating_inc();
			Self::deposit_event(Event::ParentSet { machine, parent: Some(parent) });
		}
		// No machine of the list is in the line of its parent, so the record is as it was read.
		Machines::<T>::try_mutate(parent, |record| {
			let record = record.as_mut().ok_or(Error::<T>::MachineNotFound)?;
			record.children =
				record.children.checked_add(gained).ok_or(ArithmeticError::Overflow)?;
			Ok(())
		})
	}

	/// Makes a machine the root of its own tree, on behalf of its owner or its parent's.
	fn detach(who: &T::AccountId, machine: MachineId) -> DispatchResult {
		let mut record = Self::living(machine)?;
		let above = record.parent.and_then(Machines::<T>::get);
		ensure!(
			record.owner == *who || above.is_some_and(|above| above.owner == *who),
			Error::<T>::NotOwner
		);
		if let Some(parent) = record.parent.take() {
			record.updated_at = frame_system::Pallet::<T>::block_number();
			Machines::<T>::insert(machine, record);
			Self::unlink(parent, machine);
			Self::deposit_event(Event::ParentSet { machine, parent: None });
		}
		Ok(())
	}

	/// Takes `machine` off the children of `parent`. The machine's own record is the caller's to
	/// change.
	pub(crate) fn unlink(parent: MachineId, machine: MachineId) {
		Children::<T>::remove(parent, machine);
		Machines::<T>::mutate(parent, |record| {
			if let Some(record) = record {
				// Law 9: the machine was counted.
				record.children.saturating_dec();
			}
		});
	}

	/// A machine and all above it, upwards, but not more than a tree may be deep.
	pub(crate) fn line_of(machine: MachineId) -> Vec<MachineId> {
		core::iter::successors(Some(machine), |id| Machines::<T>::get(id)?.parent)
			.take(MAX_FLEET_DEPTH as usize)
			.collect()
	}
}
