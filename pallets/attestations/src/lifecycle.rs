//! The life of an attestation: issued, renewed, revoked, removed.

use crate::*;
use frame_support::{
	pallet_prelude::*,
	traits::{fungible::hold::Mutate as _, tokens::Precision},
};
use sp_runtime::traits::Saturating;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_issue(attester: T::AccountId, item: NewAttestationOf<T>) -> DispatchResult {
		let NewAttestation { subject, claim, expires_at, .. } = item.clone();
		Self::issue_item(&attester, item)?;
		Self::deposit_event(Event::AttestationIssued { subject, claim, attester, expires_at });
		Ok(())
	}

	pub(crate) fn do_renew(attester: T::AccountId, item: RenewalOf<T>) -> DispatchResult {
		let Renewal { subject, claim, expires_at } = item.clone();
		Self::renew_item(&attester, item)?;
		Self::deposit_event(Event::AttestationRenewed { subject, claim, attester, expires_at });
		Ok(())
	}

	pub(crate) fn do_revoke(
		attester: T::AccountId,
		item: Revocation<T::AccountId>,
	) -> DispatchResult {
		let Revocation { subject, claim } = item.clone();
		Self::revoke_item(&attester, item)?;
		Self::deposit_event(Event::AttestationRevoked { subject, claim, attester });
		Ok(())
	}

	pub(crate) fn do_remove(
		subject: Subject<T::AccountId>,
		claim: ClaimType,
		attester: T::AccountId,
	) -> DispatchResult {
		let now = frame_system::Pallet::<T>::block_number();
		let record = Attestations::<T>::get((&subject, claim, &attester))
			.ok_or(Error::<T>::AttestationNotFound)?;
		ensure!(record.expires_at < now, Error::<T>::NotExpired);
		T::Currency::release(
			&HoldReason::AttestationDeposit.into(),
			&attester,
			record.deposit,
			Precision::Exact,
		)?;
		Attestations::<T>::remove((&subject, claim, &attester));
		Self::deposit_event(Event::AttestationRemoved { subject, claim, attester });
		Ok(())
	}

	/// Issues one attestation, without an event.
	pub(crate) fn issue_item(attester: &T::AccountId, item: NewAttestationOf<T>) -> DispatchResult {
		let NewAttestation { subject, claim, evidence, expires_at } = item;
		let now = frame_system::Pallet::<T>::block_number();
		ensure!(expires_at > now, Error::<T>::ExpiryNotInFuture);
		Self::ensure_lifetime(expires_at, now)?;
		ensure!(is_made_of(claim, &subject), Error::<T>::WrongSubject);
		let accreditation = Self::present_accreditation(attester, claim, &now)?;
		Self::ensure_living(&subject)?;

		Attestations::<T>::try_mutate((&subject, claim, attester), |record| {
			let deposit = match record {
				Some(record) => {
					ensure!(!record.is_valid_at(&now, &accreditation), Error::<T>::AlreadyIssued);
					record.deposit
				},
				None => {
					let deposit = T::AttestationDeposit::get();
					T::Currency::hold(&HoldReason::AttestationDeposit.into(), attester, deposit)?;
					deposit
				},
			};
			*record = Some(AttestationRecord {
				evidence,
				issued_at: now,
				expires_at,
				revoked_at: None,
				deposit,
			});
			Ok(())
		})
	}

	/// Renews one attestation, without an event.
	pub(crate) fn renew_item(attester: &T::AccountId, item: RenewalOf<T>) -> DispatchResult {
		let Renewal { subject, claim, expires_at } = item;
		let now = frame_system::Pallet::<T>::block_number();
		Self::mutate_own(&subject, claim, attester, |record| {
			let accreditation = Self::present_accreditation(attester, claim, &now)?;
			// To renew what stays invalid would be a trap.
			ensure!(record.is_valid_at(&now, &accreditation), Error::<T>::AttestationLapsed);
			ensure!(expires_at > record.expires_at, Error::<T>::ExpiryNotLater);
			Self::ensure_lifetime(expires_at, now)?;
			Self::ensure_living(&subject)?;
			record.expires_at = expires_at;
			Ok(())
		})
	}

	/// Revokes one attestation, without an event.
	pub(crate) fn revoke_item(
		attester: &T::AccountId,
		item: Revocation<T::AccountId>,
	) -> DispatchResult {
		let Revocation { subject, claim } = item;
		Self::mutate_own(&subject, claim, attester, |record| {
			record.revoked_at = Some(frame_system::Pallet::<T>::block_number());
			Ok(())
		})
	}

	/// Changes an attestation that is neither revoked nor expired, on behalf of its attester.
	fn mutate_own(
		subject: &Subject<T::AccountId>,
		claim: ClaimType,
		attester: &T::AccountId,
		change: impl FnOnce(&mut AttestationRecordOf<T>) -> DispatchResult,
	) -> DispatchResult {
		let now = frame_system::Pallet::<T>::block_number();
		Attestations::<T>::try_mutate((subject, claim, attester), |record| {
			let record = record.as_mut().ok_or(Error::<T>::AttestationNotFound)?;
			ensure!(record.revoked_at.is_none(), Error::<T>::AttestationRevoked);
			ensure!(now <= record.expires_at, Error::<T>::AttestationExpired);
			change(record)
		})
	}

	/// Whether an attestation may last until `expires_at`, which is not past.
	fn ensure_lifetime(expires_at: BlockNumberFor<T>, now: BlockNumberFor<T>) -> DispatchResult {
		// Never saturates: the expiry lies ahead.
		let lifetime = expires_at.saturating_sub(now);
		ensure!(lifetime <= T::MaxAttestationLifetime::get(), Error::<T>::LifetimeTooLong);
		Ok(())
	}

	/// Whether there is still something to attest of `subject`. Of accounts there always is: that a
	/// person has no money on chain yet is no reason not to identify it.
	fn ensure_living(subject: &Subject<T::AccountId>) -> DispatchResult {
		let Subject::Machine(id) = subject else { return Ok(()) };
		match T::Machines::status(*id).ok_or(Error::<T>::MachineNotFound)? {
			MachineStatus::Active | MachineStatus::Suspended => Ok(()),
			MachineStatus::Retired => Err(Error::<T>::MachineRetired.into()),
		}
	}
}
