//! What a block says that it did.

use dam_runtime::{Hash, Runtime, RuntimeEvent};
use polkadot_sdk::*;

/// The events of a block.
pub type Events = Vec<Box<frame_system::EventRecord<RuntimeEvent, Hash>>>;

/// Where they stand in the state. The SDK keeps the type to itself, since no runtime code may read it.
pub fn storage_key() -> [u8; 32] {
	frame_support::storage::storage_prefix(b"System", b"Events")
}

/// Why a figure taken from a block with this event would be false, if it would be.
///
/// Wrappers and batches succeed although their items fail, so theirs are looked at too.
pub fn failure(event: &RuntimeEvent) -> Option<String> {
	use frame_system::Event as System;
	use pallet_channels::Event as Channels;
	use pallet_intents::Event as Intents;
	use pallet_micropayments::Event as Payments;
	use pallet_utility::Event as Utility;
	type T = Runtime;
	let failed = match event {
		RuntimeEvent::System(System::<T>::ExtrinsicFailed { .. })
		| RuntimeEvent::Utility(Utility::BatchInterrupted { .. } | Utility::ItemFailed { .. }) => true,
		RuntimeEvent::Channels(Channels::<T>::BatchClaimed { failed, .. }) => !failed.is_empty(),
		RuntimeEvent::Intents(Intents::<T>::IntentsSettled { failed, .. }) => !failed.is_empty(),
		RuntimeEvent::Micropayments(Payments::<T>::BatchPaid { failed, .. }) => !failed.is_empty(),
		_ => false,
	};
	failed.then(|| format!("{event:?}"))
}

#[cfg(test)]
mod tests {
	use super::*;
	use dam_primitives::{FailedPayment, PaymentFailure};
	use frame_support::BoundedVec;
	use frame_system::DispatchEventInfo;
	use sp_runtime::DispatchError;

	#[test]
	fn events_should_be_found_where_the_runtime_writes_them() {
		sp_io::TestExternalities::default().execute_with(|| {
			frame_system::Pallet::<Runtime>::set_block_number(1);
			frame_system::Pallet::<Runtime>::deposit_event(pallet_utility::Event::BatchCompleted);
			let events: Events = frame_support::storage::unhashed::get(&storage_key()).unwrap();
			assert_eq!(events.len(), 1);
		});
	}

	#[test]
	fn failure_should_be_told_when_anything_failed() {
		let error = DispatchError::BadOrigin;
		let batch = |failed| {
			RuntimeEvent::Micropayments(pallet_micropayments::Event::BatchPaid {
				machine: 1,
				paid: 1,
				total: 1,
				failed: BoundedVec::truncate_from(failed),
			})
		};
		let item = FailedPayment { index: 0, reason: PaymentFailure::ZeroAmount };
		for event in [
			RuntimeEvent::System(frame_system::Event::ExtrinsicFailed {
				dispatch_error: error,
				dispatch_info: DispatchEventInfo::default(),
			}),
			RuntimeEvent::Utility(pallet_utility::Event::BatchInterrupted { index: 0, error }),
			batch(vec![item]),
		] {
			assert!(failure(&event).is_some(), "{event:?}");
		}
		for event in [RuntimeEvent::Utility(pallet_utility::Event::BatchCompleted), batch(vec![])] {
			assert_eq!(failure(&event), None);
		}
	}
}
