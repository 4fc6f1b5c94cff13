//! Changes to what machines offer.

use crate::*;
use frame_support::pallet_prelude::*;
use pallet_dam_traits::OnMachineChange;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_offer(
		who: T::AccountId,
		machine: MachineId,
		service: Service,
	) -> DispatchResult {
		Self::ensure_may_manage(&who, machine)?;
		Self::ensure_valid(&service)?;
		let kind = service.kind;
		let id = Catalogues::<T>::try_mutate(machine, |catalogue| {
			let id = catalogue.next_id;
			catalogue.services.try_push((id, service)).map_err(|_| Error::<T>::TooManyServices)?;
			catalogue.next_id = id.checked_add(1).ok_or(Error::<T>::ServiceIdsExhausted)?;
			Ok::<_, DispatchError>(id)
		})?;
		ByKind::<T>::insert(kind, (machine, id), ());
		Self::deposit_event(Event::ServiceOffered { machine, id, kind });
		Ok(())
	}

	pub(crate) fn do_update(
		who: T::AccountId,
		machine: MachineId,
		id: ServiceId,
		service: Service,
	) -> DispatchResult {
		Self::ensure_may_manage(&who, machine)?;
		Self::ensure_valid(&service)?;
		let kind = service.kind;
		let before = Catalogues::<T>::try_mutate(machine, |catalogue| {
			let offered = catalogue.get_mut(id).ok_or(Error::<T>::ServiceNotFound)?;
			Ok::<_, DispatchError>(core::mem::replace(offered, service).kind)
		})?;
		if before != kind {
			ByKind::<T>::remove(before, (machine, id));
			ByKind::<T>::insert(kind, (machine, id), ());
		}
		Self::deposit_event(Event::ServiceUpdated { machine, id, kind });
		Ok(())
	}

	pub(crate) fn do_withdraw(
		who: T::AccountId,
		machine: MachineId,
		id: ServiceId,
	) -> DispatchResult {
		Self::ensure_may_manage(&who, machine)?;
		let kind = Catalogues::<T>::try_mutate(machine, |catalogue| {
			let kind = catalogue.get(id).ok_or(Error::<T>::ServiceNotFound)?.kind;
			catalogue.services.retain(|(known, _)| *known != id);
			Ok::<_, DispatchError>(kind)
		})?;
		ByKind::<T>::remove(kind, (machine, id));
		Self::deposit_event(Event::ServiceWithdrawn { machine, id });
		Ok(())
	}

	/// Whether `who` may change what `machine` offers: its owner, its operator with the right, or
	/// one of its keys with the right.
	fn ensure_may_manage(who: &T::AccountId, machine: MachineId) -> DispatchResult {
		let Err(denied) = T::Machines::permit(who, machine, OperatorRights::SERVICES) else {
			return Ok(());
		};
		match T::Machines::authorize(who, KeyRights::SERVICES) {
			Ok(acts_for) if acts_for == machine => Ok(()),
			// To the machine's own key, what keeps it from acting says more than "not the owner".
			Err(refused) if T::Machines::machine_of_key(who) == Some(machine) => Err(refused),
			_ => Err(denied),
		}
	}

	/// Whether `service` is within the bounds that the types do not enforce.
	pub(crate) fn ensure_valid(service: &Service) -> Result<(), Error<T>> {
		ensure!(service.price > 0, Error::<T>::ZeroPrice);
		ensure!(service.price <= MAX_PRICE, Error::<T>::PriceTooHigh);
		ensure!(service.endpoint.is_valid(), Error::<T>::InvalidEndpoint);
		Ok(())
	}
}

impl<T: Config> OnMachineChange<T::AccountId> for Pallet<T> {
	/// Removes everything that `machine` offers. Never refuses.
	fn on_retire(machine: MachineId) -> DispatchResult {
		for (id, service) in Catalogues::<T>::take(machine).services {
			ByKind::<T>::remove(service.kind, (machine, id));
		}
		Ok(())
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_fill(machine: MachineId) {
		benchmarking::fill::<T>(machine, MAX_SERVICES);
	}
}
