//! Many attestations in one call, with isolated items.

use crate::*;
use alloc::vec::Vec;
use frame_support::{pallet_prelude::*, storage::with_storage_layer};

/// The items of a batch.
type Items<Item> = BoundedVec<Item, ConstU32<MAX_ATTESTATION_BATCH>>;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_issue_batch(attester: T::AccountId, items: Items<NewAttestationOf<T>>) {
		let (issued, failed) = Self::each(items, |item| Self::issue_item(&attester, item));
		Self::deposit_event(Event::BatchIssued { attester, issued, failed });
	}

	pub(crate) fn do_renew_batch(attester: T::AccountId, items: Items<RenewalOf<T>>) {
		let (renewed, failed) = Self::each(items, |item| Self::renew_item(&attester, item));
		Self::deposit_event(Event::BatchRenewed { attester, renewed, failed });
	}

	pub(crate) fn do_revoke_batch(attester: T::AccountId, items: Items<Revocation<T::AccountId>>) {
		let (revoked, failed) = Self::each(items, |item| Self::revoke_item(&attester, item));
		Self::deposit_event(Event::BatchRevoked { attester, revoked, failed });
	}

	/// Works through a batch: how many items succeeded, and which failed. One that fails leaves
	/// nothing behind.
	fn each<Item>(items: Items<Item>, act: impl Fn(Item) -> DispatchResult) -> (u32, FailedItems) {
		let mut done = 0u32;
		let mut failed = Vec::new();
		for (index, item) in (0u32..).zip(items) {
			match with_storage_layer(|| act(item)) {
				// Bounded by MAX_ATTESTATION_BATCH.
				Ok(()) => done = done.saturating_add(1),
				Err(error) => failed.push(FailedItem { index, error }),
			}
		}
		(done, BoundedVec::truncate_from(failed))
	}
}
