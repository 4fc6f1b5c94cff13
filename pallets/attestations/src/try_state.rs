//! The laws of this pallet's storage.

use crate::*;
use alloc::collections::BTreeMap;
use frame_support::{ensure, traits::fungible::InspectHold as _};
use sp_runtime::{
	traits::{CheckedAdd, One, Saturating, Zero},
	TryRuntimeError,
};

impl<T: Config> Pallet<T> {
	/// Checks the invariants:
	///
	/// 1. An accreditation begins in the past or present, or in the block after the withdrawal of
	///    the one before; it ends in the past or present, and not more than that one block before
	///    it begins.
	/// 2. Every attestation's attester has or had an accreditation for its claim.
	/// 3. Every attestation's claim is one that is made of its subject; a machine that is a subject
	///    exists.
	/// 4. An attestation is issued in the past or present and expires later than it was issued. If
	///    it is revoked, that was not before it was issued, not after it expired, and not in the
	///    future.
	/// 5. For every attester, the deposits of its attestations equal what is held from it; none of
	///    them is zero.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let now = frame_system::Pallet::<T>::block_number();
		let mut deposits: BTreeMap<T::AccountId, BalanceOf<T>> = BTreeMap::new();
		for (_, attester, accreditation) in Accreditations::<T>::iter() {
			let Accreditation { since, until } = accreditation;
			let end = until.unwrap_or(now);
			ensure!(end <= now, "1: an accreditation ends in the future");
			ensure!(
				since <= end.saturating_add(One::one()),
				"1: an accreditation begins in the future, or after its end"
			);
			// Those that attest nothing are in the sum too: nothing may be held from them.
			deposits.entry(attester).or_default();
		}

		for ((subject, claim, attester), record) in Attestations::<T>::iter() {
			ensure!(
				Accreditations::<T>::contains_key(claim, &attester),
				"2: an attester was never accredited for its claim"
			);
			ensure!(is_made_of(claim, &subject), "3: a claim is made of the wrong subject");
			if let Subject::Machine(id) = subject {
				ensure!(T::Machines::status(id).is_some(), "3: a machine does not exist");
			}
			let AttestationRecord { issued_at, expires_at, revoked_at, deposit, .. } = record;
			ensure!(issued_at <= now, "4: an attestation was issued in the future");
			ensure!(issued_at < expires_at, "4: an attestation expired when it was issued");
			if let Some(revoked_at) = revoked_at {
				ensure!(
					issued_at <= revoked_at && revoked_at <= expires_at && revoked_at <= now,
					"4: an attestation was revoked outside of its life"
				);
			}
			ensure!(!deposit.is_zero(), "5: an attestation has no deposit");
			let sum = deposits.entry(attester).or_default();
			*sum = sum.checked_add(&deposit).ok_or("5: the deposits overflow")?;
		}

		for (attester, sum) in deposits {
			let held =
				T::Currency::balance_on_hold(&HoldReason::AttestationDeposit.into(), &attester);
			ensure!(held == sum, "5: an attester's deposits differ from what is held");
		}
		Ok(())
	}
}
