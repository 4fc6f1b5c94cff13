//! Tests, by action.

mod end;
mod grant;
mod properties;
mod pull;
mod pull_batch;
mod try_state;

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok, BoundedVec};
use sp_runtime::{traits::BadOrigin, DispatchResult};

/// Pulls with the payment key of `payee`.
fn pull(payee: MachineId, id: MandateId, amount: u128) -> DispatchResult {
	PaymentMandates::pull(signed(payment_key(payee)), id, amount)
}

/// What `machine` has given, ascending.
fn listed(machine: MachineId) -> Vec<MandateId> {
	let mut mandates = Granted::<Test>::get(machine).into_inner();
	mandates.sort();
	mandates
}
