//! Benchmarks at the worst case: the payment opens every payee's account, and the payer's policy has
//! every rule.

use crate::*;
use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_support::{
	pallet_prelude::*,
	traits::fungible::{Inspect, Mutate},
};
use frame_system::RawOrigin;
use pallet_dam_traits::BENCHMARK_AMOUNT;

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
		let (payee, _) = T::Machines::benchmark_machine(1);
		T::Policy::benchmark_policy(payer, &Payee::Machine(payee));

		// Co-signed: the approval is looked up and used.
		#[extrinsic_call]
		_(RawOrigin::Signed(key), Payee::Machine(payee), BENCHMARK_AMOUNT);

		assert_eq!(balance::<T>(payer), FUNDS - BENCHMARK_AMOUNT);
		assert_eq!(balance::<T>(payee), BENCHMARK_AMOUNT);
	}

	#[benchmark]
	fn pay_batch(n: Linear<1, MAX_BATCH>) {
		let (payer, key) = funded_machine::<T>(0);
		// The first one is co-signed, so that approvals are written; the others need no
		// co-signature, because not all could have one.
		let small = BENCHMARK_AMOUNT - 1;
		let payments: Vec<_> = (1..=n)
			.map(|seed| Payment {
				payee: Payee::Machine(T::Machines::benchmark_machine(seed).0),
				amount: if seed == 1 { BENCHMARK_AMOUNT } else { small },
			})
			.collect();
		let payments = BoundedVec::truncate_from(payments);
		if let Some(first) = payments.first() {
			T::Policy::benchmark_policy(payer, &first.payee);
		}

		#[extrinsic_call]
		_(RawOrigin::Signed(key), payments);

		assert_eq!(balance::<T>(payer), FUNDS - small * u128::from(n) - 1);
	}

	#[benchmark]
	fn withdraw() {
		let (machine, _) = funded_machine::<T>(0);
		let owner = T::Machines::owner(machine).expect("it is registered");

		#[extrinsic_call]
		_(RawOrigin::Signed(owner.clone()), machine, BENCHMARK_AMOUNT);

		assert_eq!(T::Currency::balance(&owner), BENCHMARK_AMOUNT);
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
