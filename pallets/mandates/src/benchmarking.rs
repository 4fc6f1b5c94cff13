//! Benchmarks at the worst case: the payer has every rule of a policy and has given as many mandates
//! as it may; every pull of a batch has a payer and a payee of its own.

use crate::*;
use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_support::pallet_prelude::*;
use frame_system::RawOrigin;
use pallet_dam_traits::BENCHMARK_AMOUNT;

/// What each machine has, in units of 0.000001 USDT: enough for any number of deposits here.
const FUNDS: u128 = 1_000_000_000_000;

fn machine<T: Config>(seed: u32) -> (MachineId, T::AccountId) {
	let (machine, key) = T::Machines::benchmark_machine(seed);
	T::Till::benchmark_fund(machine, FUNDS);
	(machine, key)
}

/// Lets `payer` have given `mandates` mandates, by numbers that nothing else uses.
fn fill<T: Config>(payer: MachineId, mandates: u32) {
	Granted::<T>::mutate(payer, |granted| {
		let others = (0..u64::from(mandates)).map(|n| MandateId::MAX - n);
		*granted = MandateIds::truncate_from(granted.iter().copied().chain(others).collect());
	});
}

/// A mandate between two machines of their own, and the payee's key. The payer has given as many as
/// it may; its policy co-signs one pull of [`BENCHMARK_AMOUNT`].
fn grant<T: Config>(seed: u32) -> (MandateId, MandateOf<T>, T::AccountId) {
	let (payer, payer_key) = machine::<T>(2 * seed);
	let (payee, payee_key) = machine::<T>(2 * seed + 1);
	let mandate = NextMandateId::<T>::get();
	let payee = Payee::Machine(payee);
	let expires_at = Pallet::<T>::now() + T::MaxLifetime::get();
	Pallet::<T>::do_grant(payer_key, payer, payee.clone(), BENCHMARK_AMOUNT, 1, expires_at)
		.expect("the machine has money for the deposit");
	fill::<T>(payer, MAX_MANDATES);
	T::Till::benchmark_policy(payer, &payee);
	let record = Mandates::<T>::get(mandate).expect("it was just granted");
	(mandate, record, payee_key)
}

fn pulled<T: Config>(mandate: MandateId) -> Option<u128> {
	Mandates::<T>::get(mandate)?.pulled.map(|pulled| pulled.amount)
}

#[benchmarks]
mod benchmarks {
	use super::*;

	/// By the owner, who is found out after the key was not.
	#[benchmark]
	fn grant() {
		let (payer, _) = machine::<T>(0);
		let (payee, _) = machine::<T>(1);
		fill::<T>(payer, MAX_MANDATES - 1);
		let owner = T::Machines::owner(payer).expect("it is registered");
		let expires_at = Pallet::<T>::now() + T::MaxLifetime::get();

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), payer, Payee::Machine(payee), 1, 1, expires_at);

		assert!(Mandates::<T>::contains_key(0));
		assert_eq!(Granted::<T>::get(payer).len() as u32, MAX_MANDATES);
	}

	/// By a key of the payee, for whom both machines are read.
	#[benchmark]
	fn revoke() {
		let (mandate, record, key) = super::grant::<T>(0);

		#[extrinsic_call]
		_(RawOrigin::Signed(key), mandate);

		assert!(!Mandates::<T>::contains_key(mandate));
		assert_eq!(Granted::<T>::get(record.payer).len() as u32, MAX_MANDATES - 1);
	}

	#[benchmark]
	fn pull() {
		let (mandate, _, key) = super::grant::<T>(0);

		#[extrinsic_call]
		_(RawOrigin::Signed(key), mandate, BENCHMARK_AMOUNT);

		assert_eq!(pulled::<T>(mandate), Some(BENCHMARK_AMOUNT));
	}

	/// By the owner of all payees.
	#[benchmark]
	fn pull_batch(n: Linear<1, MAX_PULLS>) {
		let pulls: Vec<_> = (0..n)
			.map(|seed| Pull { mandate: super::grant::<T>(seed).0, amount: BENCHMARK_AMOUNT })
			.collect();
		let last = pulls.last().map(|item| item.mandate).expect("there is at least one");
		let pulls = BoundedVec::truncate_from(pulls);

		#[extrinsic_call]
		_(RawOrigin::Signed(whitelisted_caller()), pulls);

		assert_eq!(pulled::<T>(last), Some(BENCHMARK_AMOUNT));
	}

	#[benchmark]
	fn remove() {
		let (mandate, record, _) = super::grant::<T>(0);
		frame_system::Pallet::<T>::set_block_number((record.expires_at + 1).into());

		#[extrinsic_call]
		_(RawOrigin::Signed(whitelisted_caller()), mandate);

		assert!(!Mandates::<T>::contains_key(mandate));
		assert_eq!(Granted::<T>::get(record.payer).len() as u32, MAX_MANDATES - 1);
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
