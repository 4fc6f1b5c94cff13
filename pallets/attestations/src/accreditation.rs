//! Governance's part: who may attest what.

use crate::*;
use frame_support::pallet_prelude::*;
use sp_runtime::traits::{One, Saturating};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_accredit(attester: T::AccountId, claim: ClaimType) -> DispatchResult {
		let now = frame_system::Pallet::<T>::block_number();
		Accreditations::<T>::try_mutate(claim, &attester, |accreditation| {
			let since = match accreditation {
				Some(Accreditation { until: None, .. }) => {
					return Err(Error::<T>::AlreadyAccredited)
				},
				// What was issued in this block before the withdrawal must stay invalid, and block
				// numbers alone do not tell it from what is issued after it.
				Some(Accreditation { until: Some(until), .. }) if *until >= now => {
					now.saturating_add(One::one())
				},
				_ => now,
			};
			*accreditation = Some(Accreditation { since, until: None });
			Ok(())
		})?;
		Self::deposit_event(Event::Accredited { attester, claim });
		Ok(())
	}

	pub(crate) fn do_withdraw_accreditation(
		attester: T::AccountId,
		claim: ClaimType,
	) -> DispatchResult {
		Accreditations::<T>::try_mutate(claim, &attester, |accreditation| match accreditation {
			Some(Accreditation { until: until @ None, .. }) => {
				*until = Some(frame_system::Pallet::<T>::block_number());
				Ok(())
			},
			_ => Err(Error::<T>::NotAccredited),
		})?;
		Self::deposit_event(Event::AccreditationWithdrawn { attester, claim });
		Ok(())
	}

	/// The accreditation under which `attester` can attest `claim` now.
	pub(crate) fn present_accreditation(
		attester: &T::AccountId,
		claim: ClaimType,
		now: &BlockNumberFor<T>,
	) -> Result<Accreditation<BlockNumberFor<T>>, Error<T>> {
		Accreditations::<T>::get(claim, attester)
			.filter(|accreditation| accreditation.covers(now, now))
			.ok_or(Error::<T>::NotAccredited)
	}
}
