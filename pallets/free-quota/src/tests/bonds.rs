use super::*;
use dam_primitives::{QuotaInfo, UnbondingInfo};

fn bond(machine: MachineId, amount: u128) -> DispatchResult {
	Quota::bond(signed(OWNER), machine, amount)
}

fn unbond(machine: MachineId, amount: u128) -> DispatchResult {
	Quota::unbond(signed(OWNER), machine, amount)
}

/// Anybody can do that.
fn withdraw(machine: MachineId) -> Result<(), DispatchError> {
	Quota::withdraw_unbonded(signed(200), machine).map(|_| ()).map_err(|error| error.error)
}

fn chunk(bonder: AccountId, amount: u128, unlocks_at: u64) -> Unbonding<AccountId, u64> {
	Unbonding { bonder, amount, unlocks_at }
}

fn chunks(machine: MachineId) -> Vec<Unbonding<AccountId, u64>> {
	Unbondings::<Test>::get(machine).into_inner()
}

use sp_runtime::DispatchResult;

#[test]
fn bond_should_raise_capacity_and_refill_but_not_the_level() {
	build_and_execute(|| {
		assert_ok!(bond(1, 20 * DAM));
		let QuotaInfo { available, capacity, refill_per_block, bonded, .. } = Quota::quota(1);
		assert_eq!(available, CAPACITY);
		assert_eq!(capacity, CAPACITY + 20 * BONDED_CAPACITY);
		assert_eq!(refill_per_block, REFILL + 20 * BONDED_REFILL);
		assert_eq!(bonded, 20 * DAM);
		assert_eq!(
			(Quota::held(&OWNER), Balances::free_balance(OWNER)),
			(20 * DAM, WEALTH - 20 * DAM)
		);
		System::assert_last_event(
			Event::Bonded { machine: 1, bonder: OWNER, amount: 20 * DAM, bonded: 20 * DAM }.into(),
		);

		advance(2);
		assert_eq!(level(1), CAPACITY + 2 * (REFILL + 20 * BONDED_REFILL));
		advance(10_000);
		assert_eq!(level(1), CAPACITY + 20 * BONDED_CAPACITY);
	});
}

#[test]
fn parts_of_a_dam_should_count_in_proportion() {
	build_and_execute(|| {
		assert_ok!(bond(1, 2 * DAM + DAM / 2));
		let quota = Quota::quota(1);
		assert_eq!((quota.bonded_capacity, quota.bonded_refill), (25_000, 250));
		// Less than a unit of quota is none.
		assert_ok!(bond(1, 1));
		assert_eq!(Quota::quota(1).bonded_capacity, 25_010);
		assert_eq!(Quota::quota(1).bonded_refill, 250);
	});
}

#[test]
fn time_before_a_bond_should_count_at_the_old_refill() {
	build_and_execute(|| {
		Quota::charge(1, CAPACITY).unwrap();
		advance(10);
		assert_ok!(bond(1, 20 * DAM));
		assert_eq!(level(1), 10 * REFILL);
		advance(10);
		assert_eq!(level(1), 20 * REFILL + 10 * 20 * BONDED_REFILL);
		assert_ok!(unbond(1, 20 * DAM));
		assert_eq!(level(1), 20 * REFILL + 10 * 20 * BONDED_REFILL);
		advance(1);
		assert_eq!(level(1), 21 * REFILL + 10 * 20 * BONDED_REFILL);
	});
}

#[test]
fn bonds_should_add_up() {
	build_and_execute(|| {
		assert_ok!(bond(1, 2 * DAM));
		assert_ok!(bond(1, 1));
		assert_ok!(bond(2, 5 * DAM));
		assert_eq!((Quota::quota(1).bonded, Quota::quota(2).bonded), (2 * DAM + 1, 5 * DAM));
		assert_eq!(Quota::held(&OWNER), 7 * DAM + 1);
	});
}

#[test]
fn bond_should_be_refused_with_the_reason() {
	build_and_execute(|| {
		assert_noop!(bond(1, 0), Error::<Test>::ZeroAmount);
		assert_noop!(bond(1, MIN_BOND - 1), Error::<Test>::BondTooSmall);
		let not_owner = DispatchError::Other("not the owner");
		assert_noop!(Quota::bond(signed(BUYER), 1, DAM), not_owner);
		// Not even a key of the machine.
		assert_noop!(Quota::bond(signed(1), 1, DAM), not_owner);
		assert_noop!(bond(100, MIN_BOND), not_owner);
		assert_noop!(Quota::bond(RuntimeOrigin::root(), 1, DAM), DispatchError::BadOrigin);
		// The existential deposit stays.
		assert!(bond(1, WEALTH).is_err());
		assert!(bond(1, u128::MAX).is_err());
		assert_ok!(bond(1, WEALTH - 1));
		assert_noop!(bond(1, u128::MAX), Error::<Test>::BondTooLarge);
	});
}

#[test]
fn unbonding_should_take_the_quota_at_once_and_give_the_money_later() {
	build_and_execute(|| {
		assert_ok!(bond(1, 20 * DAM));
		advance(10_000);
		assert_eq!(level(1), CAPACITY + 20 * BONDED_CAPACITY);
		let now = System::block_number();
		assert_ok!(unbond(1, 5 * DAM));
		assert_eq!(level(1), CAPACITY + 15 * BONDED_CAPACITY);
		let unlocks_at = now + PERIOD;
		System::assert_last_event(
			Event::Unbonded { machine: 1, bonder: OWNER, amount: 5 * DAM, unlocks_at }.into(),
		);
		assert_eq!(Quota::held(&OWNER), 20 * DAM);
		assert_eq!(
			Quota::quota(1).unbonding,
			[UnbondingInfo {
				bonder: OWNER,
				amount: 5 * DAM,
				unlocks_at: u32::try_from(unlocks_at).unwrap()
			}]
		);

		System::set_block_number(unlocks_at - 1);
		assert_noop!(withdraw(1), Error::<Test>::NothingToWithdraw);
		System::set_block_number(unlocks_at);
		assert_ok!(withdraw(1));
		System::assert_last_event(
			Event::Withdrawn { machine: 1, bonder: OWNER, amount: 5 * DAM }.into(),
		);
		assert_eq!(
			(Quota::held(&OWNER), Balances::free_balance(OWNER)),
			(15 * DAM, WEALTH - 15 * DAM)
		);
		assert_noop!(withdraw(1), Error::<Test>::NothingToWithdraw);
		assert_eq!(level(1), CAPACITY + 15 * BONDED_CAPACITY);
	});
}

#[test]
fn unbond_should_be_refused_with_the_reason() {
	build_and_execute(|| {
		assert_noop!(unbond(1, 1), Error::<Test>::BondedLess);
		assert_ok!(bond(1, 5 * DAM));
		assert_noop!(unbond(1, 0), Error::<Test>::ZeroAmount);
		assert_noop!(unbond(1, 5 * DAM + 1), Error::<Test>::BondedLess);
		assert_noop!(unbond(1, 5 * DAM - MIN_BOND + 1), Error::<Test>::BondTooSmall);
		let not_owner = DispatchError::Other("not the owner");
		assert_noop!(Quota::unbond(signed(BUYER), 1, DAM), not_owner);
		assert_ok!(unbond(1, 5 * DAM - MIN_BOND));
		assert_ok!(unbond(1, MIN_BOND));
		assert_noop!(unbond(1, 1), Error::<Test>::BondedLess);
		assert!(Bonders::<Test>::get(1).is_none());
	});
}

#[test]
fn what_is_unbonded_in_one_block_should_be_one_chunk() {
	build_and_execute(|| {
		assert_ok!(bond(1, 20 * DAM));
		for _ in 0..3 {
			assert_ok!(unbond(1, DAM));
		}
		advance(1);
		assert_ok!(unbond(1, DAM));
		assert_eq!(chunks(1), [chunk(OWNER, 3 * DAM, 1 + PERIOD), chunk(OWNER, DAM, 2 + PERIOD)]);
	});
}

#[test]
fn as_many_chunks_as_fit_should_leave_a_place_for_the_bond() {
	build_and_execute(|| {
		assert_ok!(bond(1, 100 * DAM));
		for _ in 1..MAX_UNBONDING {
			assert_ok!(unbond(1, DAM));
			advance(1);
		}
		assert_noop!(unbond(1, DAM), Error::<Test>::TooManyUnbonding);
		assert_ok!(Quota::do_try_state());
		// In whole it always goes.
		assert_ok!(unbond(1, 100 * DAM - 15 * DAM));
		assert_eq!(chunks(1).len(), MAX_UNBONDING as usize);
		// Now there is no place for another bond, until something has arrived.
		assert_noop!(bond(1, MIN_BOND), Error::<Test>::TooManyUnbonding);
		System::set_block_number(1 + PERIOD);
		assert_ok!(withdraw(1));
		assert_eq!(chunks(1).len(), MAX_UNBONDING as usize - 1);
		assert_ok!(bond(1, MIN_BOND));
		assert_noop!(unbond(1, 1), Error::<Test>::BondTooSmall);
		advance(PERIOD);
		let post = Quota::withdraw_unbonded(signed(200), 1).unwrap();
		assert_eq!(post.actual_weight, Some(Weight::from_parts(15, 0)));
		assert_eq!(Quota::held(&OWNER), MIN_BOND);
		assert!(!Unbondings::<Test>::contains_key(1));
	});
}

#[test]
fn bond_should_go_back_to_its_owner_when_the_machine_is_sold() {
	build_and_execute(|| {
		assert_ok!(bond(1, 20 * DAM));
		advance(10_000);
		Quota::charge(1, 10).unwrap();
		sell(1, BUYER);
		// The quota that is left is what fits; what was used stays used.
		assert_eq!(level(1), CAPACITY);
		assert_eq!(Quota::quota(1).bonded, 0);
		assert_eq!(chunks(1), [chunk(OWNER, 20 * DAM, 10_001 + PERIOD)]);
		assert_noop!(unbond(1, DAM), DispatchError::Other("not the owner"));
		assert_noop!(Quota::unbond(signed(BUYER), 1, DAM), Error::<Test>::BondedLess);

		assert_ok!(Quota::bond(signed(BUYER), 1, 3 * DAM));
		assert_ok!(Quota::do_try_state());
		assert_ok!(Quota::unbond(signed(BUYER), 1, 3 * DAM));
		assert_eq!(chunks(1).len(), 2, "two owners have a chunk each in the same block");
		advance(PERIOD);
		assert_ok!(withdraw(1));
		assert_eq!((Quota::held(&OWNER), Quota::held(&BUYER)), (0, 0));
		assert_eq!(
			(Balances::free_balance(OWNER), Balances::free_balance(BUYER)),
			(WEALTH, WEALTH)
		);
	});
}

#[test]
fn machine_should_be_sold_whatever_is_on_its_way_back() {
	build_and_execute(|| {
		assert_ok!(bond(1, 100 * DAM));
		for _ in 1..MAX_UNBONDING {
			assert_ok!(unbond(1, DAM));
			advance(1);
		}
		sell(1, BUYER);
		assert_eq!(chunks(1).len(), MAX_UNBONDING as usize);
		assert_eq!(Quota::held(&OWNER), 100 * DAM);
		assert_noop!(Quota::bond(signed(BUYER), 1, MIN_BOND), Error::<Test>::TooManyUnbonding);
		assert_ok!(Quota::do_try_state());
		// Back and forth changes nothing that is not bonded.
		sell(1, OWNER);
		sell(1, BUYER);
		System::set_block_number(1 + PERIOD);
		assert_ok!(withdraw(1));
		assert_ok!(Quota::bond(signed(BUYER), 1, MIN_BOND));
	});
}

#[test]
fn retirement_should_unbond_and_the_money_should_still_come_back() {
	build_and_execute(|| {
		assert_ok!(bond(1, 20 * DAM));
		assert_ok!(retire(1));
		assert!(Buckets::<Test>::get(1).is_none() && Bonders::<Test>::get(1).is_none());
		assert_eq!(chunks(1), [chunk(OWNER, 20 * DAM, 1 + PERIOD)]);
		assert_noop!(bond(1, MIN_BOND), DispatchError::Other("not the owner"));
		advance(PERIOD);
		assert_ok!(withdraw(1));
		assert_eq!(Balances::free_balance(OWNER), WEALTH);
		assert!(!Unbondings::<Test>::contains_key(1));
	});
}

#[test]
fn retirement_should_want_the_base_part_full_and_no_more() {
	build_and_execute(|| {
		assert_ok!(bond(1, 100 * DAM));
		// The bonded part of 1,000,000 has not filled yet.
		Quota::charge(1, 1).unwrap();
		assert_noop!(retire(1), Error::<Test>::QuotaNotRefilled);
		advance(1);
		assert!(level(1) < Quota::quota(1).capacity);
		assert_ok!(retire(1));
	});
}

#[test]
fn cycles_of_bonding_should_never_refill() {
	build_and_execute(|| {
		Quota::charge(1, CAPACITY).unwrap();
		for _ in 0..20 {
			assert_ok!(bond(1, 20 * DAM));
			assert_ok!(unbond(1, 20 * DAM));
			assert_eq!(level(1), 0);
		}
		// Nor does a machine that was never used.
		assert_ok!(bond(2, 20 * DAM));
		assert_eq!(level(2), CAPACITY);
		assert_ok!(unbond(2, 20 * DAM));
		assert_ok!(bond(2, 20 * DAM));
		assert_eq!(level(2), CAPACITY);
		sell(2, BUYER);
		sell(2, OWNER);
		assert_eq!(level(2), CAPACITY);
	});
}

#[test]
fn view_should_tell_when_the_bucket_is_full() {
	build_and_execute(|| {
		let quota = Quota::quota(1);
		assert_eq!((quota.full_at, quota.blocks_until(CAPACITY)), (1, Some(0)));
		Quota::charge(1, CAPACITY).unwrap();
		assert_eq!(Quota::quota(1).full_at, 1 + 1_000);
		assert_ok!(bond(1, 20 * DAM));
		let quota = Quota::quota(1);
		assert_eq!((quota.base_capacity, quota.base_refill), (CAPACITY, REFILL));
		assert_eq!((quota.bonded_capacity, quota.bonded_refill), (200_000, 2_000));
		assert_eq!(quota.full_at, 1 + 400);
		assert_eq!(quota.blocks_until(3_001), Some(2));
		assert_eq!(quota.blocks_until(1_200_001), None);
		System::set_block_number(u64::MAX);
		assert_eq!(Quota::quota(1).full_at, u32::MAX);
	});
}
