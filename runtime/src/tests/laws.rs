//! The laws of all pallets together, with the real parts in place of every mock.

use super::support::*;
use crate::{units::*, *};
use alloc::{collections::BTreeMap, vec};
use dam_primitives::{
	machine_account, policy::PeriodCap, Approval, ClaimType, KeyRights, MachineId, MachineStatus,
	OperatorInfo, OperatorRights, Payee, Policy, Subject, USDT_ASSET_ID,
};
use frame_support::{assert_noop, assert_ok, traits::fungible::Inspect, BoundedVec};
use sp_keyring::Sr25519Keyring;
use sp_runtime::traits::Dispatchable;

/// Held for one reason, by what the SDK keeps: accounts included that no record of ours mentions.
fn held(reason: RuntimeHoldReason) -> BTreeMap<AccountId, Balance> {
	pallet_balances::Holds::<Runtime>::iter()
		.filter_map(|(account, holds)| {
			let hold = holds.into_iter().find(|hold| hold.id == reason)?;
			(hold.amount > 0).then_some((account, hold.amount))
		})
		.collect()
}

fn sums(deposits: impl Iterator<Item = (AccountId, Balance)>) -> BTreeMap<AccountId, Balance> {
	let mut sums = BTreeMap::new();
	for (account, deposit) in deposits.filter(|(_, deposit)| *deposit > 0) {
		*sums.entry(account).or_default() += deposit;
	}
	sums
}

/// Every law of every pallet of ours, and those that none of them can see alone.
pub fn check_laws() {
	DamIdentity::do_try_state().unwrap();
	FreeQuota::do_try_state().unwrap();
	SpendingPolicy::do_try_state().unwrap();
	Services::do_try_state().unwrap();
	Attestations::do_try_state().unwrap();
	Micropayments::do_try_state().unwrap();
	Channels::do_try_state().unwrap();
	Streams::do_try_state().unwrap();
	Mandates::do_try_state().unwrap();
	Orders::do_try_state().unwrap();
	Intents::do_try_state().unwrap();

	let machines: BTreeMap<MachineId, _> =
		pallet_dam_identity::Machines::<Runtime>::iter().collect();
	let reason = pallet_dam_identity::HoldReason::MachineDeposit.into();
	let deposits = machines.values().map(|record| (record.owner.clone(), record.deposit));
	assert_eq!(held(reason), sums(deposits), "deposits of machines");
	let reason = pallet_attestations::HoldReason::AttestationDeposit.into();
	let deposits = pallet_attestations::Attestations::<Runtime>::iter()
		.map(|((_, _, attester), record)| (attester, record.deposit));
	assert_eq!(held(reason), sums(deposits), "deposits of attestations");
	let reason = pallet_free_quota::HoldReason::Bond.into();
	let bonds = pallet_free_quota::Bonders::<Runtime>::iter().map(|(machine, bonder)| {
		let bucket = pallet_free_quota::Buckets::<Runtime>::get(machine);
		(bonder, bucket.map_or(0, |bucket| bucket.bonded))
	});
	let unbonding = pallet_free_quota::Unbondings::<Runtime>::iter_values()
		.flatten()
		.map(|chunk| (chunk.bonder, chunk.amount));
	assert_eq!(held(reason), sums(bonds.chain(unbonding)), "bonds");

	// Wallets are open as long as their machines live, and gone with them.
	for (id, record) in machines {
		let wallet = AccountId::from(machine_account(id));
		let open = pallet_assets::Account::<Runtime>::contains_key(USDT_ASSET_ID, &wallet);
		assert_eq!(open, record.status != MachineStatus::Retired, "wallet of {id}");
		assert!(open || Balances::total_balance(&wallet) == 0, "machine {id} left DAM behind");
	}
}

fn attester() -> AccountId {
	Sr25519Keyring::Charlie.to_account_id()
}

fn buyer() -> AccountId {
	Sr25519Keyring::Bob.to_account_id()
}

fn origin() -> RuntimeOrigin {
	RuntimeOrigin::signed(owner())
}

/// A machine with something of everything.
fn furnished(n: u8) -> MachineId {
	let machine = register(&device(n));
	fund(machine, 10 * USDT);
	let new_key = new_key(machine, &device(n + 100), KeyRights::CLAIM);
	assert_ok!(DamIdentity::add_key(origin(), machine, new_key, KeyRights::CLAIM));
	let operator = OperatorInfo { account: attester(), rights: OperatorRights::ALL };
	assert_ok!(DamIdentity::set_operator(origin(), machine, Some(operator)));
	let policy = Policy {
		period_cap: Some(PeriodCap { blocks: 100, amount: 5 * USDT }),
		co_sign_above: Some(USDT),
		..Default::default()
	};
	assert_ok!(SpendingPolicy::set_policy(origin(), machine, Some(policy)));
	let expires_at = System::block_number() + 50;
	let approval = Approval { payee: Payee::Account(buyer()), amount: 2 * USDT, expires_at };
	assert_ok!(SpendingPolicy::approve(origin(), machine, approval));
	assert_ok!(offer_service(machine).dispatch(origin()));
	assert_ok!(Attestations::issue(
		RuntimeOrigin::signed(attester()),
		pallet_attestations::NewAttestation {
			subject: Subject::Machine(machine),
			claim: ClaimType::MeterCalibration,
			evidence: [7; 32],
			expires_at,
		},
	));
	machine
}

#[test]
fn laws_should_hold_through_the_life_of_a_fleet() {
	new_test_ext().execute_with(|| {
		let claim = ClaimType::MeterCalibration;
		assert_ok!(Attestations::accredit(RuntimeOrigin::root(), attester(), claim));
		let (parent, child) = (furnished(1), furnished(2));
		check_laws();

		let list = BoundedVec::truncate_from(vec![child]);
		assert_ok!(DamIdentity::set_parent(origin(), list, Some(parent)));
		apply(sign(&device(1), pay(child, USDT), Envelope::honest(0))).unwrap().unwrap();
		apply(sign(&device(1), rotate_key(parent, &device(3)), Envelope::honest(1)))
			.unwrap()
			.unwrap();
		check_laws();

		let now = System::block_number();
		assert_ok!(DamIdentity::offer_ownership(origin(), child, buyer(), now + 10));
		assert_ok!(DamIdentity::accept_ownership(RuntimeOrigin::signed(buyer()), child, now));
		assert_eq!(pallet_spending_policy::Approvals::<Runtime>::get(child).len(), 0);
		check_laws();

		// It has used its quota, which must come back first.
		assert_noop!(
			DamIdentity::retire(origin(), parent),
			pallet_free_quota::Error::<Runtime>::QuotaNotRefilled
		);
		let_quota_refill();
		let before = usdt(&owner());
		assert_ok!(DamIdentity::retire(origin(), parent));
		assert_eq!(usdt(&owner()), before + 9 * USDT);
		check_laws();
		assert_ok!(DamIdentity::retire(RuntimeOrigin::signed(buyer()), child));
		check_laws();
		assert_eq!(pallet_services::ByKind::<Runtime>::iter().count(), 0);
	});
}

#[test]
fn dust_should_not_keep_a_machine_from_retiring() {
	new_test_ext().execute_with(|| {
		let machine = register(&device(1));
		// The new owner has never had any USDT.
		let poor = AccountId::from([9; 32]);
		assert_ok!(Balances::transfer_keep_alive(origin(), poor.clone().into(), 5 * DAM));
		let now = System::block_number();
		assert_ok!(DamIdentity::offer_ownership(origin(), machine, poor.clone(), now + 10));
		let signed = RuntimeOrigin::signed(poor.clone());
		assert_ok!(DamIdentity::accept_ownership(signed.clone(), machine, now));
		fund(machine, 1);
		assert_ok!(DamIdentity::retire(signed, machine));
		assert_eq!((usdt(&poor), wallet(machine)), (1, 0));
		check_laws();
	});
}
