//! Benchmarks at the worst case: the payer has every rule of a policy and pays as many streams as it
//! may; every stream of a batch has a payer and a payee of its own. Where money goes into escrow the
//! payee is a machine, which is looked up; where it comes out, an account that is made for it.

use crate::*;
use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_support::pallet_prelude::*;
use frame_system::RawOrigin;
use pallet_dam_traits::BENCHMARK_AMOUNT;

/// What each machine has, in units of 0.000001 USDT: enough for any number of deposits here.
const FUNDS: u128 = 1_000_000_000_000;

/// A machine with money whose policy co-signs one payment to the payee.
struct Pair<AccountId> {
	payer: MachineId,
	payer_key: AccountId,
	payee: Payee<AccountId>,
}

fn pair<T: Config>(seed: u32, payee: Payee<T::AccountId>) -> Pair<T::AccountId> {
	let (payer, payer_key) = T::Machines::benchmark_machine(2 * seed);
	T::Till::benchmark_fund(payer, FUNDS);
	T::Till::benchmark_policy(payer, &payee);
	Pair { payer, payer_key, payee }
}

/// A machine as a payee.
fn machine<T: Config>() -> Payee<T::AccountId> {
	let (payee, _) = T::Machines::benchmark_machine(1);
	Payee::Machine(payee)
}

fn stranger<T: Config>(seed: u32) -> T::AccountId {
	account("payee", seed, 0)
}

/// A payee whose account does not exist.
fn new_account<T: Config>(seed: u32) -> Payee<T::AccountId> {
	Payee::Account(stranger::<T>(seed))
}

/// Lets `payer` pay `streams` streams, by numbers that nothing else uses.
fn fill<T: Config>(payer: MachineId, streams: u32) {
	OpenStreams::<T>::mutate(payer, |listed| {
		let others = (0..u64::from(streams)).map(|n| StreamId::MAX - n);
		*listed = StreamIds::truncate_from(listed.iter().copied().chain(others).collect());
	});
}

/// A stream that the policy had to allow, of a payer that pays as many as it may.
fn open<T: Config>(seed: u32, payee: Payee<T::AccountId>) -> (StreamId, Pair<T::AccountId>) {
	let pair = pair::<T>(seed, payee);
	let stream = NextStreamId::<T>::get();
	// Lasts for several blocks.
	let rate = BENCHMARK_AMOUNT / 5;
	Pallet::<T>::do_open(pair.payer_key.clone(), pair.payee.clone(), rate, BENCHMARK_AMOUNT)
		.expect("the machine has money, and the policy allows it");
	fill::<T>(pair.payer, MAX_STREAMS);
	// The approval was used: the next payment finds another.
	T::Till::benchmark_policy(pair.payer, &pair.payee);
	(stream, pair)
}

fn pass<T: Config>(blocks: u32) {
	let now = frame_system::Pallet::<T>::block_number();
	frame_system::Pallet::<T>::set_block_number(now + blocks.into());
}

fn settled<T: Config>(stream: StreamId) -> Option<u128> {
	Streams::<T>::get(stream).map(|record| record.settled)
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn open() {
		let Pair { payer, payer_key, payee } = pair::<T>(0, machine::<T>());
		fill::<T>(payer, MAX_STREAMS - 1);

		#[extrinsic_call]
		_(RawOrigin::Signed(payer_key), payee, 1, BENCHMARK_AMOUNT);

		assert_eq!(OpenStreams::<T>::get(payer).len() as u32, MAX_STREAMS);
		assert!(Streams::<T>::contains_key(0));
	}

	#[benchmark]
	fn top_up() {
		let (stream, pair) = super::open::<T>(0, machine::<T>());

		#[extrinsic_call]
		_(RawOrigin::Signed(pair.payer_key), stream, BENCHMARK_AMOUNT);

		let deposit = Streams::<T>::get(stream).map(|record| record.deposit);
		assert_eq!(deposit, Some(2 * BENCHMARK_AMOUNT));
	}

	#[benchmark]
	fn collect() {
		let (stream, _) = super::open::<T>(0, new_account::<T>(0));
		pass::<T>(5);

		#[extrinsic_call]
		_(RawOrigin::Signed(whitelisted_caller()), stream);

		assert_eq!(settled::<T>(stream), Some(BENCHMARK_AMOUNT));
	}

	#[benchmark]
	fn pause() {
		let (stream, pair) = super::open::<T>(0, machine::<T>());
		pass::<T>(1);

		#[extrinsic_call]
		_(RawOrigin::Signed(pair.payer_key), stream);

		let flow = Streams::<T>::get(stream).map(|record| record.flow);
		assert!(matches!(flow, Some(Flow::Paused { .. })));
	}

	#[benchmark]
	fn resume() {
		let (stream, pair) = super::open::<T>(0, machine::<T>());
		pass::<T>(1);
		Pallet::<T>::do_pause(pair.payer_key.clone(), stream).expect("it runs");

		#[extrinsic_call]
		_(RawOrigin::Signed(pair.payer_key), stream);

		let flow = Streams::<T>::get(stream).map(|record| record.flow);
		assert!(matches!(flow, Some(Flow::Running { .. })));
	}

	/// By the payee, after it was found out that it does not act for the payer.
	#[benchmark]
	fn close() {
		let (stream, pair) = super::open::<T>(0, new_account::<T>(0));
		pass::<T>(1);

		#[extrinsic_call]
		_(RawOrigin::Signed(stranger::<T>(0)), stream);

		assert!(!Streams::<T>::contains_key(stream));
		assert_eq!(OpenStreams::<T>::get(pair.payer).len() as u32, MAX_STREAMS - 1);
	}

	#[benchmark]
	fn collect_batch(n: Linear<1, MAX_COLLECTIONS>) {
		let streams: Vec<_> =
			(0..n).map(|seed| super::open::<T>(seed, new_account::<T>(seed)).0).collect();
		let last = streams.last().copied().expect("there is at least one");
		let streams = BoundedVec::truncate_from(streams);
		pass::<T>(5);

		#[extrinsic_call]
		_(RawOrigin::Signed(whitelisted_caller()), streams);

		assert_eq!(settled::<T>(last), Some(BENCHMARK_AMOUNT));
	}

	#[benchmark]
	fn sweep() {
		let (stream, pair) = super::open::<T>(0, new_account::<T>(0));
		pass::<T>(5);

		#[extrinsic_call]
		_(RawOrigin::Signed(whitelisted_caller()), stream);

		assert!(!Streams::<T>::contains_key(stream));
		assert_eq!(OpenStreams::<T>::get(pair.payer).len() as u32, MAX_STREAMS - 1);
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
