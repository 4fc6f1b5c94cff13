//! Registering machines, and what they say of themselves.

use crate::*;
use dam_primitives::{registration::RegistrationStatement, OperatorRights};
use frame_support::{
	pallet_prelude::*, storage::with_storage_layer, traits::fungible::MutateHold as _,
};
use sp_runtime::traits::{Saturating, UniqueSaturatedInto};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_register(
		owner: T::AccountId,
		registration: RegistrationOf<T>,
	) -> DispatchResult {
		let Registration { key: public, profile, expires_at, proof } = registration;
		Self::check_profile(&profile)?;
		let statement = RegistrationStatement::new(
			Self::genesis_hash(),
			owner.clone().into(),
			public,
			&profile,
			expires_at.unique_saturated_into(),
		);
		Self::check_proof(&public, &proof, expires_at, &statement.signing_payload())?;
		ensure!(account_of(&public) != owner, Error::<T>::InvalidKey);

		let machine = NextMachineId::<T>::get();
		let next = machine.checked_add(1).ok_or(Error::<T>::TooManyMachines)?;
		NextMachineId::<T>::put(next);
		let key = Self::enter_key(machine, 0, public, KeyRights::ALL)?;

		let deposit = T::MachineDeposit::get();
		T::Currency::hold(&HoldReason::MachineDeposit.into(), &owner, deposit)?;
		T::Wallets::open(&Self::account(machine), &owner)?;

		let now = frame_system::Pallet::<T>::block_number();
		let MachineProfile { kind, metadata } = profile;
		Documents::<T>::set(machine, metadata);
		Machines::<T>::insert(
			machine,
			MachineRecord {
				owner: owner.clone(),
				key: key.clone(),
				operator: None,
				parent: None,
				children: 0,
				status: MachineStatus::Active,
				frozen: false,
				kind,
				keys_ever: 1,
				deposit,
				registered_at: now,
				updated_at: now,
				rotated_at: None,
			},
		);
		Self::deposit_event(Event::MachineRegistered { machine, owner, key });
		Ok(())
	}

	pub(crate) fn do_register_fleet(
		owner: T::AccountId,
		registrations: BoundedVec<RegistrationOf<T>, ConstU32<MAX_FLEET>>,
	) {
		let (mut registered, mut failed) = (0u32, 0u32);
		for (index, registration) in (0u32..).zip(registrations) {
			match with_storage_layer(|| Self::do_register(owner.clone(), registration)) {
				// Both are bounded by MAX_FLEET.
				Ok(()) => registered.saturating_inc(),
				Err(error) => {
					failed.saturating_inc();
					Self::deposit_event(Event::RegistrationFailed { index, error });
				},
			}
		}
		Self::deposit_event(Event::FleetRegistered { registered, failed });
	}

	pub(crate) fn do_set_profile(
		who: T::AccountId,
		machine: MachineId,
		profile: MachineProfile,
	) -> DispatchResult {
		Self::mutate_living(machine, |record| {
			ensure!(record.permits(&who, OperatorRights::PROFILE), Error::<T>::NotAuthorized);
			Self::check_profile(&profile)?;
			let MachineProfile { kind, metadata } = profile;
			record.kind = kind;
			Documents::<T>::set(machine, metadata);
			Ok(())
		})?;
		Self::deposit_event(Event::ProfileSet { machine });
		Ok(())
	}

	fn check_profile(profile: &MachineProfile) -> DispatchResult {
		if let Some(metadata) = &profile.metadata {
			ensure!(metadata.uri.is_valid(), Error::<T>::InvalidUri);
		}
		Ok(())
	}
}
