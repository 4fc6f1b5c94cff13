//! The keys of a machine: their proofs, how they come, and how they end.

use crate::*;
use dam_primitives::{rotation::KeyStatement, OperatorRights, PublicKey};
use frame_support::{pallet_prelude::*, traits::fungible::MutateHold as _};
use sp_runtime::{
	traits::{CheckedAdd, Saturating, UniqueSaturatedInto, Verify, Zero},
	ArithmeticError, MultiSignature,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_rotate_key(
		who: T::AccountId,
		machine: MachineId,
		new_key: NewKeyOf<T>,
	) -> DispatchResult {
		let (old, new) = Self::mutate_living(machine, |record| {
			Self::ensure_may_rotate(&who, machine, record)?;
			let new = Self::admit_key(&who, machine, record, new_key, KeyRights::ALL)?;
			let old = core::mem::replace(&mut record.key, new.clone());
			Self::end_key(&old);
			record.rotated_at = Some(frame_system::Pallet::<T>::block_number());
			Ok((old, new))
		})?;
		Self::deposit_event(Event::KeyRotated { machine, old, new });
		Ok(())
	}

	pub(crate) fn do_add_key(
		who: T::AccountId,
		machine: MachineId,
		new_key: NewKeyOf<T>,
		rights: KeyRights,
	) -> DispatchResult {
		let key = Self::mutate_living(machine, |record| {
			ensure!(record.permits(&who, OperatorRights::KEYS), Error::<T>::NotAuthorized);
			// The payment key is one, so that a freeze, a rotation or a look at the record means it.
			ensure!(
				!rights.is_empty() && KeyRights::ALL.without(KeyRights::PAY).contains(rights),
				Error::<T>::InvalidRights
			);
			let key = Self::admit_key(&who, machine, record, new_key, rights)?;
			FurtherKeys::<T>::try_append(machine, key.clone())
				.map_err(|()| Error::<T>::TooManyFurtherKeys)?;
			Ok(key)
		})?;
		Self::deposit_event(Event::KeyAdded { machine, key, rights });
		Ok(())
	}

	pub(crate) fn do_remove_key(
		who: T::AccountId,
		machine: MachineId,
		key: T::AccountId,
	) -> DispatchResult {
		Self::mutate_living(machine, |record| {
			ensure!(record.permits(&who, OperatorRights::KEYS), Error::<T>::NotAuthorized);
			FurtherKeys::<T>::try_mutate_exists(machine, |slot| {
				let keys = slot.as_mut().ok_or(Error::<T>::NotFurtherKey)?;
				let before = keys.len();
				keys.retain(|other| *other != key);
				ensure!(keys.len() < before, Error::<T>::NotFurtherKey);
				if keys.is_empty() {
					*slot = None;
				}
				Ok::<_, DispatchError>(())
			})?;
			Self::end_key(&key);
			Ok(())
		})?;
		Self::deposit_event(Event::KeyRemoved { machine, key });
		Ok(())
	}

	/// Whether the holder of `key` signed `payload`, a statement that is good until `expires_at`.
	pub(crate) fn check_proof(
		key: &PublicKey,
		proof: &MultiSignature,
		expires_at: BlockNumberFor<T>,
		payload: &[u8],
	) -> DispatchResult {
		let now = frame_system::Pallet::<T>::block_number();
		ensure!(now <= expires_at, Error::<T>::StatementExpired);
		ensure!(
			expires_at.saturating_sub(now) <= T::MaxStatementLifetime::get(),
			Error::<T>::StatementLifetimeTooLong
		);
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
		ensure!(proof.verify(payload, &account_of(key)), Error::<T>::InvalidProof);
		Ok(())
	}

	/// Writes down a key that was never used before and whose proof is checked.
	pub(crate) fn enter_key(
		machine: MachineId,
		ordinal: u32,
		public: PublicKey,
		rights: KeyRights,
	) -> Result<T::AccountId, DispatchError> {
		let key = account_of(&public);
		ensure!(!Keys::<T>::contains_key(&key), Error::<T>::KeyAlreadyUsed);
		// Keeps the key's nonce without any balance. Never taken back: see goals 1 and 2.
		frame_system::Pallet::<T>::inc_sufficients(&key);
		Keys::<T>::insert(
			&key,
			KeyRecord {
				machine,
				ordinal,
				public,
				rights,
				valid_from: frame_system::Pallet::<T>::block_number(),
				valid_until: None,
				claimable_until: None,
			},
		);
		Ok(key)
	}

	/// Ends all keys of a machine but its payment key.
	pub(crate) fn end_further_keys(machine: MachineId) {
		for key in FurtherKeys::<T>::take(machine) {
			Self::end_key(&key);
		}
	}

	/// From now on `key` does not act, and what it signed settles until its horizon.
	pub(crate) fn end_key(key: &T::AccountId) {
		let now = frame_system::Pallet::<T>::block_number();
		Keys::<T>::mutate(key, |key| {
			if let Some(key) = key {
				key.valid_until = Some(now);
				// Near the end of all block numbers the horizon is that end.
				key.claimable_until = Some(now.saturating_add(T::KeyHorizon::get()));
			}
		});
	}

	/// Whether `who` may replace the payment key of a machine: its owner and an operator at any
	/// time, the payment key itself now and then.
	fn ensure_may_rotate(
		who: &T::AccountId,
		machine: MachineId,
		record: &MachineRecordOf<T>,
	) -> DispatchResult {
		match Keys::<T>::get(who) {
			Some(key) if key.machine == machine => {
				Self::ensure_acts(&key, record, KeyRights::PAY)?;
				let now = frame_system::Pallet::<T>::block_number();
				let rested = record
					.rotated_at
					.is_none_or(|last| now.saturating_sub(last) >= T::RotationInterval::get());
				ensure!(rested, Error::<T>::RotatedTooRecently);
			},
			_ => ensure!(record.permits(who, OperatorRights::KEYS), Error::<T>::NotAuthorized),
		}
		Ok(())
	}

	/// Checks the statement of a key and lets it act for a machine, at the cost of the owner. `who`
	/// may do that.
	fn admit_key(
		who: &T::AccountId,
		machine: MachineId,
		record: &mut MachineRecordOf<T>,
		new_key: NewKeyOf<T>,
		rights: KeyRights,
	) -> Result<T::AccountId, DispatchError> {
		let NewKey { key: public, expires_at, proof } = new_key;
		let statement = KeyStatement::new(
			Self::genesis_hash(),
			machine,
			public,
			rights,
			expires_at.unique_saturated_into(),
		);
		Self::check_proof(&public, &proof, expires_at, &statement.signing_payload())?;
		// Without any right, being the operator is what counts.
		ensure!(
			!record.permits(&account_of(&public), OperatorRights::NONE),
			Error::<T>::InvalidKey
		);

		let ordinal = record.keys_ever;
		let reserved = if *who == record.owner { 0 } else { RESERVED_KEYS };
		ensure!(ordinal < MAX_KEYS_EVER.saturating_sub(reserved), Error::<T>::TooManyKeys);
		let key = Self::enter_key(machine, ordinal, public, rights)?;
		record.keys_ever = ordinal.saturating_add(1);

		let deposit = T::KeyDeposit::get();
		T::Currency::hold(&HoldReason::MachineDeposit.into(), &record.owner, deposit)?;
		record.deposit = record.deposit.checked_add(&deposit).ok_or(ArithmeticError::Overflow)?;
		Ok(key)
	}

	/// Hash of block 0, which frame-system keeps for ever.
	pub(crate) fn genesis_hash() -> [u8; 32] {
		let hash = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
		let mut bytes = [0; 32];
		for (byte, source) in bytes.iter_mut().zip(hash.as_ref()) {
			*byte = *source;
		}
		bytes
	}
}
