//! Benchmarks at the worst case: every payee is another machine whose wallet exists.

use crate::*;
use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_support::{
	pallet_prelude::*,
	traits::fungible::{Inspect, Mutate},
};
use frame_system::RawOrigin;

/// Money in every wallet before a benchmark, in units of 0.000001 USDT.
const FUNDS: u128 = 1_000_000_000;

fn funded_machine<T: Config>(seed: u32) -> (MachineId, T::AccountId) {
	let (machine, key) = T::Machines::benchmark_machine(seed);
	T::Currency::mint_into(&T::Machines::account(machine), FUNDS).expect("it takes money");
	(machine, key)
}

fn balance<T: Config>(machine: MachineId) -> u128 {
	T::Currency::balance(&T::Machines::account(machine))
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn pay() {
		let (payer, key) = funded_machine::<T>(0);
		let (payee, _) = funded_machine::<T>(1);

		#[extrinsic_call]
		_(RawOrigin::Signed(key), Payee::Machine(payee), 10);

		assert_eq!(balance::<T>(payer), FUNDS - 10);
		assert_eq!(balance::<T>(payee), FUNDS + 10);
	}

	#[benchmark]
	fn pay_batch(n: Linear<1, MAX_BATCH>) {
		let (payer, key) = funded_machine::<T>(0);
		let payments: Vec<_> = (1..=n)
			.map(|seed| Payment { payee: Payee::Machine(funded_machine::<T>(seed).0), amount: 10 })
			.collect();
		let payments = BoundedVec::truncate_from(payments);

		#[extrinsic_call]
		_(RawOrigin::Signed(key), payments);

		assert_eq!(balance::<T>(payer), FUNDS - 10 * u128::from(n));
	}

	#[benchmark]
	fn withdraw() {
		let (machine, _) = funded_machine::<T>(0);
		let owner = T::Machines::owner(machine).expect("it is registered");
		T::Currency::mint_into(&owner, FUNDS).expect("it takes money");

		#[extrinsic_call]
		_(RawOrigin::Signed(owner.clone()), machine, 10);

		assert_eq!(T::Currency::balance(&owner), FUNDS + 10);
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
