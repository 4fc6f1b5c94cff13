//! Registering machines.

use crate::*;
use dam_primitives::{registration::RegistrationStatement, PublicKey};
use frame_support::{
	pallet_prelude::*, storage::with_storage_layer, traits::fungible::MutateHold as _,
};
use sp_runtime::{
	traits::{Saturating, UniqueSaturatedInto, Verify, Zero},
	MultiSignature,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_register(
		owner: T::AccountId,
		registration: RegistrationOf<T>,
	) -> DispatchResult {
		let now = frame_system::Pallet::<T>::block_number();
		Self::check_statement(&owner, &registration, now)?;

		let Registration { key: public, profile, .. } = registration;
		let key = account_of(&public);
		ensure!(!Keys::<T>::contains_key(&key), Error::<T>::KeyAlreadyUsed);

		let machine = NextMachineId::<T>::get();
		let next = machine.checked_add(1).ok_or(Error::<T>::TooManyMachines)?;
		NextMachineId::<T>::put(next);

		let deposit = T::MachineDeposit::get();
		T::Currency::hold(&HoldReason::MachineDeposit.into(), &owner, deposit)?;
		T::Wallets::open(&Self::account(machine), &owner)?;

		// Keeps the key's nonce without any balance. Never taken back: see goals 1 and 2.
		frame_system::Pallet::<T>::inc_sufficients(&key);
		Keys::<T>::insert(&key, KeyRecord { machine, public, valid_from: now, valid_until: None });
		Machines::<T>::insert(
			machine,
			MachineRecord {
				owner: owner.clone(),
				key: key.clone(),
				status: MachineStatus::Active,
				profile,
				deposit,
				registered_at: now,
				updated_at: now,
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

	/// Whether the device agreed to be registered by `owner`, on this chain, now.
	fn check_statement(
		owner: &T::AccountId,
		registration: &RegistrationOf<T>,
		now: BlockNumberFor<T>,
	) -> DispatchResult {
		let Registration { key, profile, expires_at, proof } = registration;
		ensure!(now <= *expires_at, Error::<T>::StatementExpired);
		ensure!(
			(*expires_at).saturating_sub(now) <= T::MaxStatementLifetime::get(),
			Error::<T>::StatementLifetimeTooLong
		);
		if let Some(metadata) = &profile.metadata {
			ensure!(metadata.uri.is_text(), Error::<T>::InvalidUri);
		}

		// An Ed25519 and an Sr25519 key of the same bytes share an account: the proof must be made
		// with the curve that the record will name.
		ensure!(
			matches!(
				(key, proof),
				(PublicKey::Ed25519(_), MultiSignature::Ed25519(_))
					| (PublicKey::Sr25519(_), MultiSignature::Sr25519(_))
					| (PublicKey::Ecdsa(_), MultiSignature::Ecdsa(_))
			),
			Error::<T>::InvalidProof
		);

		let statement = RegistrationStatement::new(
			Self::genesis_hash(),
			owner.clone().into(),
			*key,
			profile,
			(*expires_at).unique_saturated_into(),
		);
		ensure!(
			proof.verify(statement.signing_payload().as_slice(), &account_of(key)),
			Error::<T>::InvalidProof
		);
		Ok(())
	}

	/// Hash of block 0, which frame-system keeps for ever.
	pub(crate) fn genesis_hash() -> [u8; 32] {
		let hash = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
		let mut bytes = [0; 32];
		let source = hash.as_ref();
		let length = source.len().min(bytes.len());
		bytes[..length].copy_from_slice(&source[..length]);
		bytes
	}
}
