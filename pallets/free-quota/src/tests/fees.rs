//! Fees in USDT.

use super::*;
use frame_support::traits::fungibles::{Inspect, Mutate};

/// Where the money of machine 1 stands.
const WALLET: AccountId = 1_001;
/// A price at which a unit of DAM is a unit of USDT.
const PAR: u128 = 1_000_000_000_000;

frame_support::parameter_types! {
	/// What tests have made.
	storage Minted: u128 = 0;
}

fn fund(account: AccountId, amount: u128) {
	assert_ok!(<Assets as Mutate<_>>::mint_into(USDT, &account, amount));
	Minted::set(&(Minted::get() + amount));
}

fn usdt(account: AccountId) -> u128 {
	Assets::balance(USDT, account)
}

fn pot() -> u128 {
	usdt(Quota::fee_pot())
}

fn issued() -> u128 {
	<Assets as Inspect<AccountId>>::total_issuance(USDT)
}

/// Takes a fee and settles for another.
fn pay(who: AccountId, fee: u128, settled: u128) -> Result<u128, FeeRefusal> {
	let taken = Quota::take_fee(&who, fee)?;
	Ok(Quota::settle_fee(&who, settled, taken))
}

/// A world in which machine 1 has `funds`, and money neither comes nor goes.
fn with_wallet(funds: u128, test: impl FnOnce()) {
	build_and_execute(|| {
		Price::set(&PAR);
		fund(WALLET, funds);
		test();
		assert_eq!(issued(), MINIMUM + Minted::get(), "money was made or burnt");
	});
}

#[test]
fn pot_should_live_from_genesis_on() {
	build_and_execute(|| assert_eq!(pot(), MINIMUM));
}

#[test]
fn fee_should_leave_the_wallet_of_the_key_for_the_pot() {
	with_wallet(1_000, || {
		assert_eq!(pay(1, 100, 100), Ok(100));
		assert_eq!((usdt(WALLET), usdt(1), pot()), (900, 0, MINIMUM + 100));
		assert_eq!(FeesCounted::get(), 100);
		assert!(!FeePayer::<Test>::exists());
	});
}

#[test]
fn what_was_not_used_should_come_back_to_the_last_unit() {
	with_wallet(1_000, || {
		assert_eq!(pay(1, 100, 37), Ok(37));
		assert_eq!((usdt(WALLET), pot()), (963, MINIMUM + 37));
		assert_eq!(FeesCounted::get(), 37);
		// Even all of it.
		assert_eq!(pay(1, 100, 0), Ok(0));
		assert_eq!((usdt(WALLET), pot()), (963, MINIMUM + 37));
		assert_eq!(FeesCounted::get(), 37);
		// Never more than was taken.
		assert_eq!(pay(1, 100, 101), Ok(100));
		assert_eq!((usdt(WALLET), pot()), (863, MINIMUM + 137));
	});
}

#[test]
fn fee_should_be_at_least_one_unit() {
	with_wallet(1_000, || {
		// A unit of USDT is worth a million of DAM.
		Price::set(&1_000_000);
		assert_eq!(Quota::fee_in_usdt(0), Ok(0));
		assert_eq!(Quota::fee_in_usdt(1), Ok(1));
		assert_eq!(Quota::fee_in_usdt(1_000_000), Ok(1));
		assert_eq!(Quota::fee_in_usdt(1_000_001), Ok(2));
		assert_eq!(pay(1, 1, 1), Ok(1));
		assert_eq!(usdt(WALLET), 999);
	});
}

#[test]
fn fee_should_be_refused_without_a_rate() {
	with_wallet(1_000, || {
		Price::set(&0);
		assert_storage_noop!(assert_eq!(pay(1, 100, 100), Err(FeeRefusal::WithoutRate)));
		assert_eq!(Quota::can_pay_fee(&1, 100, 1), Err(FeeRefusal::WithoutRate));
	});
}

#[test]
fn fee_should_be_kept_whole_when_the_call_itself_took_the_rate_away() {
	with_wallet(1_000, || {
		let taken = Quota::take_fee(&1, 100).unwrap();
		Price::set(&0);
		assert_eq!(Quota::settle_fee(&1, 50, taken), 100);
		assert_eq!((usdt(WALLET), pot()), (900, MINIMUM + 100));
	});
}

#[test]
fn wallet_should_keep_the_minimum_balance() {
	with_wallet(100, || {
		let too_much = 100 - MINIMUM + 1;
		assert_storage_noop!(assert_eq!(pay(1, too_much, 1), Err(FeeRefusal::NotCovered)));
		assert_eq!(pay(1, too_much - 1, too_much - 1), Ok(too_much - 1));
		assert_eq!(usdt(WALLET), MINIMUM);
		assert_storage_noop!(assert_eq!(pay(1, 1, 1), Err(FeeRefusal::NotCovered)));
		assert_eq!(pay(1, u128::MAX / PAR, 1), Err(FeeRefusal::NotCovered));
	});
}

#[test]
fn policy_should_bound_what_a_key_can_burn() {
	with_wallet(1_000, || {
		FeeCap::set(&150);
		assert_eq!(pay(1, 100, 100), Ok(100));
		assert_storage_noop!(assert_eq!(pay(1, 51, 51), Err(FeeRefusal::AgainstPolicy)));
		// What comes back can be used again.
		assert_eq!(pay(1, 50, 20), Ok(20));
		assert_eq!(pay(1, 30, 30), Ok(30));
		assert_eq!(pay(1, 1, 1), Err(FeeRefusal::AgainstPolicy));
		assert_eq!(usdt(WALLET), 850);
	});
}

#[test]
fn rows_should_be_covered_by_wallet_and_policy() {
	with_wallet(100 + MINIMUM, || {
		assert_eq!(Quota::can_pay_fee(&1, 10, 10), Ok(()));
		assert_eq!(Quota::can_pay_fee(&1, 10, 11), Err(FeeRefusal::NotCovered));
		assert_eq!(Quota::can_pay_fee(&1, 10, u64::MAX), Err(FeeRefusal::NotCovered));
		FeeCap::set(&55);
		assert_eq!(Quota::can_pay_fee(&1, 10, 5), Ok(()));
		assert_eq!(Quota::can_pay_fee(&1, 10, 6), Err(FeeRefusal::AgainstPolicy));
	});
}

#[test]
fn accounts_should_pay_for_themselves_and_no_policy_asked() {
	with_wallet(1_000, || {
		FeeCap::set(&0);
		fund(OWNER, 500);
		assert_eq!(pay(OWNER, 100, 60), Ok(60));
		assert_eq!((usdt(OWNER), usdt(WALLET), pot()), (440, 1_000, MINIMUM + 60));
		assert_eq!(FeesCounted::get(), 0);
		assert_eq!(pay(BUYER, 100, 60), Err(FeeRefusal::NotCovered));
	});
}

#[test]
fn key_that_may_not_spend_should_be_told_so() {
	with_wallet(1_000, || {
		Suspended::set(&1);
		assert_eq!(pay(1, 100, 60), Err(FeeRefusal::KeyMayNotSpend));
		// A key of the machine without the right.
		assert_eq!(pay(301, 100, 60), Err(FeeRefusal::KeyMayNotSpend));
		assert_eq!(usdt(WALLET), 1_000);
		// It may still pay out of what is its own.
		assert_ok!(Assets::transfer(signed(WALLET), USDT, 301, 200));
		assert_eq!(pay(301, 100, 60), Ok(60));
		assert_eq!((usdt(301), usdt(WALLET)), (140, 800));
	});
}

#[test]
fn rest_should_go_to_whoever_paid_whatever_the_key_is_now() {
	with_wallet(1_000, || {
		let taken = Quota::take_fee(&1, 100).unwrap();
		// The call has replaced the key.
		EndedKeys::set(&vec![1]);
		assert_eq!(Quota::settle_fee(&1, 40, taken), 40);
		assert_eq!((usdt(WALLET), usdt(1)), (960, 0));
		assert_eq!(FeesCounted::get(), 40);

		// The call has made the signer a key.
		fund(2, 500);
		EndedKeys::set(&vec![2]);
		let taken = Quota::take_fee(&2, 100).unwrap();
		EndedKeys::set(&vec![]);
		assert_eq!(Quota::settle_fee(&2, 40, taken), 40);
		assert_eq!((usdt(2), FeesCounted::get()), (460, 40));
	});
}

#[test]
fn rest_should_be_kept_when_the_payer_is_gone() {
	with_wallet(1_000, || {
		fund(OWNER, 500);
		let taken = Quota::take_fee(&OWNER, 100).unwrap();
		// The call has sent everything away.
		assert_ok!(Assets::transfer_all(signed(OWNER), USDT, BUYER, false));
		assert_eq!(usdt(OWNER), 0);
		// Five units are less than opens an account.
		assert_eq!(Quota::settle_fee(&OWNER, 95, taken), 100);
		assert_eq!((usdt(OWNER), pot()), (0, MINIMUM + 100));
	});
}

#[test]
fn codes_should_say_what_is_the_matter() {
	use dam_primitives::quota::*;
	for (refusal, code) in [
		(FeeRefusal::NotCovered, FEE_NOT_COVERED),
		(FeeRefusal::AgainstPolicy, FEE_AGAINST_POLICY),
		(FeeRefusal::WithoutRate, FEE_WITHOUT_RATE),
		(FeeRefusal::KeyMayNotSpend, FEE_KEY_MAY_NOT_SPEND),
	] {
		assert_eq!(TransactionValidityError::from(refusal), custom(code));
	}
}

#[test]
fn genesis_should_set_the_price_if_there_is_one() {
	use frame_support::traits::BuildGenesisConfig;
	for (price, set) in [(None, 0), (Some(0), 0), (Some(100_000), 100_000)] {
		new_test_ext().execute_with(|| {
			GenesisConfig::<Test> { usdt_per_dam: price, ..Default::default() }.build();
			assert_eq!(Price::get(), set);
			// The pot got its minimum once.
			assert_eq!(pot(), MINIMUM);
		});
	}
}
