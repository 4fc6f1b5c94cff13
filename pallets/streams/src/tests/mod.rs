//! Tests, by action.

mod close;
mod collect;
mod collect_batch;
mod open;
mod pause;
mod properties;
mod sweep;
mod top_up;
mod try_state;

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok, BoundedVec};
use sp_runtime::{traits::BadOrigin, DispatchResult};

/// Signed by the payment key of `machine`.
fn by(machine: MachineId) -> RuntimeOrigin {
	signed(payment_key(machine))
}

fn collect(id: StreamId) -> DispatchResult {
	PaymentStreams::collect(stranger(), id)
}

/// What `machine` pays, ascending.
fn listed(machine: MachineId) -> Vec<StreamId> {
	let mut streams = OpenStreams::<Test>::get(machine).into_inner();
	streams.sort();
	streams
}
