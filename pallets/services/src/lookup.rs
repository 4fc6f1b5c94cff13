//! What the runtime API asks.

use crate::*;
use alloc::vec::Vec;
use dam_primitives::{ServiceInfo, MAX_PAGE};

impl<T: Config> Pallet<T> {
	/// Everything that `machine` offers, by ascending id.
	pub fn services(machine: MachineId) -> Vec<ServiceInfo> {
		let Some(status) = T::Machines::status(machine) else { return Vec::new() };
		Catalogues::<T>::get(machine)
			.services
			.into_iter()
			.map(|(id, service)| ServiceInfo { machine, status, id, service })
			.collect()
	}

	/// The services of `kind` that come after `after`, or the first ones: at most `limit`, and never
	/// more than [`MAX_PAGE`].
	///
	/// The order is that of the index's hashed keys: it has no meaning, and `after` need not be
	/// offered, of that kind, or exist at all. The last item of a page leads to the next one; a page
	/// that is shorter than both `limit` and [`MAX_PAGE`] is the last. What is offered or withdrawn
	/// during a walk may be missed or seen, but nothing else is skipped or seen twice.
	pub fn by_kind(
		kind: ServiceKind,
		after: Option<(MachineId, ServiceId)>,
		limit: u32,
	) -> Vec<ServiceInfo> {
		let keys = match after {
			Some(key) => {
				ByKind::<T>::iter_key_prefix_from(kind, ByKind::<T>::hashed_key_for(kind, key))
			},
			None => ByKind::<T>::iter_key_prefix(kind),
		};
		// `take` stands before the filter, so that the walk is bounded whatever the filter finds.
		// It drops nothing: every key of the index names a service of a living machine.
		keys.take(limit.min(MAX_PAGE) as usize)
			.filter_map(|(machine, id)| {
				let status = T::Machines::status(machine)?;
				let service = Catalogues::<T>::get(machine).get(id)?.clone();
				Some(ServiceInfo { machine, status, id, service })
			})
			.collect()
	}
}
