//! Tests, by action.

mod escrow;
mod income;
mod pay;
mod pay_batch;
mod policy;
mod properties;
mod sequence;
mod till;
mod withdraw;

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok, assert_storage_noop, BoundedVec};
use proptest::prelude::ProptestConfig;
use sp_runtime::DispatchError;

/// How many random cases are tried: `few`, or as many as `PROPTEST_CASES` says for a long run. More
/// than 10⁵ steps are
/// `PROPTEST_CASES=4000 cargo test --release -p pallet-micropayments -- properties sequence`.
fn cases(few: u32) -> ProptestConfig {
	let wanted = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
	ProptestConfig { cases: wanted.unwrap_or(few), failure_persistence: None, ..Default::default() }
}

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
