//! Tests, by subject.

mod approvals;
mod fees;
mod policies;
mod properties;
mod spending;
mod try_state;

use crate::{mock::*, *};
use dam_primitives::{
	machine_account,
	policy::{PeriodCap, MAX_LISTED_PAYEES},
	AllowedPayees, MachineKind, MachineKinds, PolicyViolation,
};
use frame_support::{assert_noop, assert_ok, assert_storage_noop};
use pallet_dam_traits::{
	FeePolicy, OnMachineChange, Spending, SpendingPolicy as SpendingPolicyTrait,
};
use sp_runtime::DispatchError;

/// The machine whose policy the tests set.
const MACHINE: MachineId = 1;

fn signed(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

/// A payee by its number.
fn machine(id: MachineId) -> Payee<AccountId> {
	Payee::Machine(id)
}

/// The same payee by its address.
fn address(id: MachineId) -> Payee<AccountId> {
	Payee::Account(machine_account(id).into())
}

/// A payee that is no machine.
fn account(n: u8) -> Payee<AccountId> {
	Payee::Account([n; 32].into())
}

fn no_rules() -> PolicyOf<Test> {
	Policy::default()
}

fn payment_cap(cap: u128) -> PolicyOf<Test> {
	Policy { payment_cap: Some(cap), ..no_rules() }
}

fn period_cap(blocks: u32, amount: u128) -> PolicyOf<Test> {
	Policy { period_cap: Some(PeriodCap { blocks, amount }), ..no_rules() }
}

fn only(payees: Vec<Payee<AccountId>>, kinds: &[MachineKind]) -> PolicyOf<Test> {
	let payees = payees.try_into().unwrap();
	let kinds = kinds.iter().copied().collect();
	Policy { payees: AllowedPayees::Only { payees, kinds }, ..no_rules() }
}

fn co_sign_above(threshold: u128) -> PolicyOf<Test> {
	Policy { co_sign_above: Some(threshold), ..no_rules() }
}

fn set(policy: PolicyOf<Test>) {
	assert_ok!(SpendingPolicy::set_policy(signed(owner()), MACHINE, Some(policy)));
}

fn approval(payee: Payee<AccountId>, amount: u128, expires_at: u32) -> Approval<AccountId> {
	Approval { payee, amount, expires_at }
}

fn approve(payee: Payee<AccountId>, amount: u128, expires_at: u32) {
	assert_ok!(SpendingPolicy::approve(
		signed(owner()),
		MACHINE,
		approval(payee, amount, expires_at)
	));
}

fn begin() -> Allowance<Test> {
	<SpendingPolicy as SpendingPolicyTrait<AccountId>>::begin(MACHINE)
}

/// Asks without paying.
fn allowed(payee: &Payee<AccountId>, amount: u128) -> Result<(), PolicyViolation> {
	begin().allow(payee, amount)
}

/// A call with one payment, made if it is allowed.
fn pay(payee: &Payee<AccountId>, amount: u128) -> Result<(), PolicyViolation> {
	let mut spending = begin();
	spending.allow(payee, amount)?;
	spending.made(payee, amount);
	spending.finish();
	Ok(())
}
