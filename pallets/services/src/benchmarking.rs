//! Benchmarks at the worst case: full catalogues of services with texts of full length, changed by
//! a key, whose rights take more reads than the owner's.

use crate::*;
use alloc::vec::Vec;
use dam_primitives::{cid::MAX_CID_BYTES, machine::MAX_URI_BYTES, Cid, Unit, Uri};
use frame_benchmarking::v2::*;
use frame_support::BoundedVec;
use frame_system::RawOrigin;

fn longest_service(kind: ServiceKind) -> Service {
	let mut endpoint = alloc::vec![b'y'; MAX_URI_BYTES as usize];
	endpoint[..2].copy_from_slice(b"x:");
	let description = alloc::vec![7; MAX_CID_BYTES as usize];
	Service {
		kind,
		unit: Unit::KilowattHour,
		price: MAX_PRICE,
		endpoint: Uri(BoundedVec::truncate_from(endpoint)),
		description: Some(Cid(BoundedVec::truncate_from(description))),
	}
}

/// Lets `machine` offer `count` services, each of another kind.
pub(crate) fn fill<T: Config>(machine: MachineId, count: u32) {
	let services: Vec<_> = (0..count)
		.zip(ServiceKind::ALL.map(longest_service))
		.inspect(|(id, service)| {
			assert!(Pallet::<T>::ensure_valid(service).is_ok());
			ByKind::<T>::insert(service.kind, (machine, *id), ());
		})
		.collect();
	let services = BoundedVec::truncate_from(services);
	assert_eq!(services.len() as u32, count);
	Catalogues::<T>::insert(machine, Catalogue { next_id: count, services });
}

/// A machine that offers `count` services, and a key of it.
fn machine_with<T: Config>(count: u32) -> (MachineId, T::AccountId) {
	let (machine, key) = T::Machines::benchmark_machine(0);
	fill::<T>(machine, count);
	(machine, key)
}

fn offered<T: Config>(machine: MachineId) -> u32 {
	Catalogues::<T>::get(machine).services.len() as u32
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn offer() {
		let (machine, key) = machine_with::<T>(MAX_SERVICES - 1);

		#[extrinsic_call]
		_(RawOrigin::Signed(key), machine, longest_service(ServiceKind::Goods));

		assert_eq!(offered::<T>(machine), MAX_SERVICES);
		assert!(ByKind::<T>::contains_key(ServiceKind::Goods, (machine, MAX_SERVICES - 1)));
	}

	/// Also moves the service to another kind.
	#[benchmark]
	fn update() {
		let (machine, key) = machine_with::<T>(MAX_SERVICES);

		#[extrinsic_call]
		_(RawOrigin::Signed(key), machine, MAX_SERVICES - 1, longest_service(ServiceKind::Goods));

		assert!(ByKind::<T>::contains_key(ServiceKind::Goods, (machine, MAX_SERVICES - 1)));
	}

	#[benchmark]
	fn withdraw() {
		let (machine, key) = machine_with::<T>(MAX_SERVICES);

		#[extrinsic_call]
		_(RawOrigin::Signed(key), machine, 0);

		assert_eq!(offered::<T>(machine), MAX_SERVICES - 1);
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
