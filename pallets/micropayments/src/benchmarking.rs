//! Benchmarks at the worst case: the payer's policy has every rule, and every payee is another one.
//!
//! Payments to machines and to accounts are measured apart. A machine is looked up and has a wallet;
//! an account is not, and the payment may open it.

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

/// Checks that exactly `amount` has left a wallet since it had `before`.
fn assert_paid<T: Config>(machine: MachineId, before: u128, amount: u128) {
	assert_eq!(before.checked_sub(balance::<T>(machine)), Some(amount));
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn pay() {
		let (payer, key) = funded_machine::<T>(0);
		let payee: T::AccountId = account("payee", 0, 0);
		T::Policy::benchmark_policy(payer, &Payee::Account(payee.clone()));
		let before = balance::<T>(payer);

		// Co-signed: the approval is looked up and used.
		#[extrinsic_call]
		_(RawOrigin::Signed(key), Payee::Account(payee.clone()), BENCHMARK_AMOUNT);

		assert_paid::<T>(payer, before, BENCHMARK_AMOUNT);
		assert_eq!(T::Currency::balance(&payee), BENCHMARK_AMOUNT);
	}

	#[benchmark]
	fn pay_batch(n: Linear<1, MAX_BATCH>) {
		let (payer, key) = funded_machine::<T>(0);
		// The first one is co-signed, so that approvals are written; the others need no
		// co-signature, because not all could have one.
		let small = BENCHMARK_AMOUNT - 1;
		let payments: Vec<_> = (1..=n)
			.map(|seed| Payment {
				payee: Payee::Machine(funded_machine::<T>(seed).0),
				amount: if seed == 1 { BENCHMARK_AMOUNT } else { small },
			})
			.collect();
		let payments = BoundedVec::truncate_from(payments);
		if let Some(first) = payments.first() {
			T::Policy::benchmark_policy(payer, &first.payee);
		}
		let before = balance::<T>(payer);

		#[extrinsic_call]
		_(RawOrigin::Signed(key), payments);

		assert_paid::<T>(payer, before, small * u128::from(n) + 1);
	}

	/// A policy lists too few accounts to matter: what it costs is in the batch to machines.
	#[benchmark]
	fn pay_batch_to_accounts(n: Linear<1, MAX_BATCH>) {
		let (payer, key) = funded_machine::<T>(0);
		let payments: Vec<_> = (0..n)
			.map(|seed| Payment {
				payee: Payee::Account(account("payee", seed, 0)),
				amount: BENCHMARK_AMOUNT,
			})
			.collect();
		let before = balance::<T>(payer);

		#[extrinsic_call]
		pay_batch(RawOrigin::Signed(key), BoundedVec::truncate_from(payments));

		assert_paid::<T>(payer, before, BENCHMARK_AMOUNT * u128::from(n));
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
