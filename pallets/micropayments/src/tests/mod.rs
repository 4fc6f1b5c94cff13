//! Tests, by action.

mod pay;
mod pay_batch;
mod policy;
mod properties;
mod withdraw;

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok, BoundedVec};
use sp_runtime::DispatchError;

fn to(machine: MachineId, amount: u128) -> Payment<AccountId> {
	Payment { payee: Payee::Machine(machine), amount }
}

fn pay_batch(machine: MachineId, payments: Vec<Payment<AccountId>>) {
	assert_ok!(Micropayments::pay_batch(key(machine), BoundedVec::truncate_from(payments)));
}

fn assert_result(machine: MachineId, paid: u32, total: u128, failed: &[(u32, PaymentFailure)]) {
	let failed = failed.iter().map(|&(index, reason)| FailedPayment { index, reason }).collect();
	let failed = BoundedVec::truncate_from(failed);
	System::assert_last_event(Event::BatchPaid { machine, paid, total, failed }.into());
}

fn key(machine: MachineId) -> RuntimeOrigin {
	RuntimeOrigin::signed(machine)
}

fn freeze(account: AccountId) {
	assert_ok!(Assets::freeze(RuntimeOrigin::signed(ADMIN), USDT, account));
}

fn block(account: AccountId) {
	assert_ok!(Assets::block(RuntimeOrigin::signed(ADMIN), USDT, account));
}
