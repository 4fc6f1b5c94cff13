//! Benchmarks at the worst case: lists as full as they get, a policy with every rule, and everything
//! that is written there before.

use crate::*;
use frame_benchmarking::v2::*;
use frame_support::traits::{
	fungible::{hold::Mutate as _, Mutate as _},
	fungibles::{Inspect as _, Mutate as _},
	EnsureOrigin, Get,
};
use frame_system::RawOrigin;

/// What the wallet pays, in units of 10⁻¹² DAM, at 0.1 USDT for one.
const FEE: u128 = 1_000_000_000;

fn bonded_machine<T: Config>() -> (MachineId, T::AccountId) {
	let (machine, _) = T::Machines::benchmark_machine(0);
	Pallet::<T>::benchmark_bond(machine);
	(machine, T::Machines::owner(machine).expect("it is registered"))
}

#[benchmarks]
mod benchmarks {
	use super::*;

	/// What the extension does for a free transaction beside the check of its nonce.
	#[benchmark]
	fn charge_quota() {
		// The bencher leaves genesis only after the set-up; a block later the bucket would refill.
		frame_system::Pallet::<T>::set_block_number(1u32.into());
		let (machine, key) = T::Machines::benchmark_machine(0);
		CurrentRates::<T>::put(T::DefaultRates::get());
		Pallet::<T>::store(machine, 2, T::MinBond::get());

		#[block]
		{
			frame_system::Pallet::<T>::account_nonce(&key);
			let machine =
				T::Machines::authorize(&key, KeyRights::PAY).expect("the machine may act");
			let rates = CurrentRates::<T>::get();
			assert!(Pallet::<T>::standing(machine, &rates).level >= 2);
			Pallet::<T>::charge_block(2).expect("the block is empty");
			Pallet::<T>::charge(machine, 2).expect("the bucket holds as much");
			Pallet::<T>::refund(machine, 1);
		}

		let rates = CurrentRates::<T>::get();
		assert_eq!(Pallet::<T>::standing(machine, &rates).level, 1);
	}

	/// What a fee in USDT costs, out of the wallet of a machine with a policy, in addition to what the
	/// fee extension does for every fee.
	#[benchmark]
	fn usdt_fee() {
		let (machine, key) = T::Machines::benchmark_machine(0);
		let wallet = T::Machines::account(machine);
		let asset = || T::FeeAsset::get();
		T::FeeRate::set_price(100_000);
		T::FeePolicy::benchmark_fee_policy(machine);
		T::FeeAssets::mint_into(asset(), &wallet, 1_000_000).expect("the wallet is open");
		let before = T::FeeAssets::balance(asset(), &wallet);
		let pot = T::FeeAssets::balance(asset(), &Pallet::<T>::fee_pot());

		#[block]
		{
			Pallet::<T>::can_pay_fee(&key, FEE, 1).expect("the wallet can pay");
			let taken = Pallet::<T>::take_fee(&key, FEE).expect("the wallet can pay");
			Pallet::<T>::settle_fee(&key, FEE / 2, taken);
		}

		let kept = Pallet::<T>::fee_in_usdt(FEE / 2).expect("there is a rate");
		assert_eq!(T::FeeAssets::balance(asset(), &wallet), before - kept);
		assert_eq!(T::FeeAssets::balance(asset(), &Pallet::<T>::fee_pot()), pot + kept);
	}

	#[benchmark]
	fn bond() {
		let (machine, owner) = bonded_machine::<T>();
		let amount = T::MinBond::get();

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), machine, amount);

		assert_eq!(Buckets::<T>::get(machine).map(|bucket| bucket.bonded), Some(2 * amount));
	}

	#[benchmark]
	fn unbond() {
		let (machine, owner) = bonded_machine::<T>();
		let amount = T::MinBond::get();

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), machine, amount);

		assert!(!Bonders::<T>::contains_key(machine));
		assert_eq!(Unbondings::<T>::get(machine).len() as u32, MAX_UNBONDING);
	}

	/// Every chunk goes to somebody else.
	#[benchmark]
	fn withdraw_unbonded(n: Linear<1, MAX_UNBONDING>) {
		let (machine, _) = T::Machines::benchmark_machine(0);
		let amount = T::MinBond::get();
		let chunks = (0..n).map(|n| {
			let bonder: T::AccountId = account("bonder", n, 0);
			T::Currency::mint_into(&bonder, 2 * amount).expect("it takes money");
			T::Currency::hold(&HoldReason::Bond.into(), &bonder, amount).expect("it has as much");
			Unbonding { bonder, amount, unlocks_at: frame_system::Pallet::<T>::block_number() }
		});
		Unbondings::<T>::insert(machine, UnbondingsOf::<T>::truncate_from(chunks.collect()));
		let caller: T::AccountId = whitelisted_caller();

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), machine);

		assert!(!Unbondings::<T>::contains_key(machine));
		assert_eq!(Pallet::<T>::held(&account("bonder", 0, 0)), 0);
	}

	#[benchmark]
	fn set_rates() -> Result<(), BenchmarkError> {
		let origin =
			T::AdminOrigin::try_successful_origin().map_err(|()| BenchmarkError::Weightless)?;
		let rates = T::DefaultRates::get();

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, rates);

		assert!(CurrentRates::<T>::exists());
		Ok(())
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
