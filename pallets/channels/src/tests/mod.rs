//! Tests, by action.

mod claim;
mod claim_batch;
mod claim_links;
mod close;
mod close_agreed;
mod open;
mod properties;
mod retirement;
mod try_state;

use crate::{mock::*, *};
use dam_primitives::Voucher;
use frame_support::{assert_noop, assert_ok, BoundedVec};
use sp_runtime::{traits::BadOrigin, DispatchResult};

fn signed(machine: MachineId) -> RuntimeOrigin {
	RuntimeOrigin::signed(key(machine))
}

/// Somebody who has nothing to do with any machine.
fn stranger() -> RuntimeOrigin {
	RuntimeOrigin::signed([0x55; 32].into())
}

fn submit(voucher: SignedVoucher) -> DispatchResult {
	PaymentChannels::claim(stranger(), voucher)
}

fn channel(id: ChannelId) -> Channel<AccountId> {
	Channels::<Test>::get(id).unwrap()
}
