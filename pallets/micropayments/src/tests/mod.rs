//! Tests, by action.

mod pay;
mod pay_batch;
mod properties;
mod withdraw;

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok, BoundedVec};
use sp_runtime::DispatchError;

fn key(machine: MachineId) -> RuntimeOrigin {
	RuntimeOrigin::signed(machine)
}

fn freeze(account: AccountId) {
	assert_ok!(Assets::freeze(RuntimeOrigin::signed(ADMIN), USDT, account));
}

fn block(account: AccountId) {
	assert_ok!(Assets::block(RuntimeOrigin::signed(ADMIN), USDT, account));
}
