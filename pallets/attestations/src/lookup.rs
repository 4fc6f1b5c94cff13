//! What the runtime API and other pallets ask.

use crate::*;
use alloc::vec::Vec;
use dam_primitives::{AttestationInfo, MAX_PAGE};
use sp_runtime::traits::UniqueSaturatedInto;

impl<T: Config> Pallet<T> {
	/// What is attested of `subject`, valid or not: at most `limit` attestations, and never more
	/// than [`MAX_PAGE`], that come after `after`.
	///
	/// They are in the order of their claim types; the order of the attesters of one claim has no
	/// meaning but does not change. What `after` names need not exist any more.
	pub fn of(
		subject: Subject<T::AccountId>,
		after: Option<(ClaimType, T::AccountId)>,
		limit: u32,
	) -> Vec<AttestationInfo<T::AccountId>> {
		let now = frame_system::Pallet::<T>::block_number();
		let records = match after {
			None => Attestations::<T>::iter_prefix((subject,)),
			Some((claim, attester)) => {
				let last = Attestations::<T>::hashed_key_for((&subject, claim, &attester));
				Attestations::<T>::iter_prefix_from((subject,), last)
			},
		};
		records
			.take(limit.min(MAX_PAGE) as usize)
			.map(|((claim, attester), record)| {
				let valid = Self::counts(claim, &attester, &record, &now);
				AttestationInfo {
					claim,
					attester,
					evidence: record.evidence,
					issued_at: record.issued_at.unique_saturated_into(),
					expires_at: record.expires_at.unique_saturated_into(),
					revoked_at: record.revoked_at.map(UniqueSaturatedInto::unique_saturated_into),
					valid,
				}
			})
			.collect()
	}

	/// Who attests `claim` of `subject`, validly in block `at`, among the first [`MAX_PAGE`] that
	/// attested it: more than that takes as many accredited attesters of one claim, and
	/// [`Self::of`] pages through any number.
	///
	/// Attestations that were replaced or removed since are not seen; of a block to come this tells
	/// what holds if nothing is changed until then.
	pub fn attesters(
		subject: Subject<T::AccountId>,
		claim: ClaimType,
		at: BlockNumberFor<T>,
	) -> Vec<T::AccountId> {
		Attestations::<T>::iter_prefix((subject, claim))
			.take(MAX_PAGE as usize)
			.filter(|(attester, record)| Self::counts(claim, attester, record, &at))
			.map(|(attester, _)| attester)
			.collect()
	}

	/// Whether `attester` attests `claim` of `subject`, validly in block `at`. The same as whether
	/// [`Self::attesters`] names it, in two reads.
	pub fn is_valid(
		subject: &Subject<T::AccountId>,
		claim: ClaimType,
		attester: &T::AccountId,
		at: BlockNumberFor<T>,
	) -> bool {
		Attestations::<T>::get((subject, claim, attester))
			.is_some_and(|record| Self::counts(claim, attester, &record, &at))
	}

	/// Whether `record` is valid in block `at`, by what is known of its attester now.
	fn counts(
		claim: ClaimType,
		attester: &T::AccountId,
		record: &AttestationRecordOf<T>,
		at: &BlockNumberFor<T>,
	) -> bool {
		Accreditations::<T>::get(claim, attester)
			.is_some_and(|accreditation| record.is_valid_at(at, &accreditation))
	}
}
