//! Benchmark of the extension's own work: a free transaction whose bucket and block usage exist.

use crate::*;
use frame_benchmarking::v2::*;

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn charge_quota() {
		// The bencher leaves genesis only after the set-up; a block later the bucket would refill.
		frame_system::Pallet::<T>::set_block_number(1u32.into());
		let (machine, key) = T::Machines::benchmark_machine(0);
		Buckets::<T>::insert(
			machine,
			Bucket { level: 2, updated_at: frame_system::Pallet::<T>::block_number() },
		);

		#[block]
		{
			let machine =
				T::Machines::authorize(&key, KeyRights::PAY).expect("the machine may act");
			assert!(Pallet::<T>::level(machine) >= 2);
			Pallet::<T>::charge_block(2).expect("the block is empty");
			Pallet::<T>::charge(machine, 2).expect("the bucket holds as much");
			Pallet::<T>::refund(machine, 1);
		}

		assert_eq!(Pallet::<T>::level(machine), 1);
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
