//! Benchmarks at the worst case: full lists, and something to replace.

use crate::*;
use frame_benchmarking::v2::*;
use frame_system::RawOrigin;

/// A machine with the fullest policy, its owner, and the payee of the last of its approvals.
fn machine_with_policy<T: Config>() -> (MachineId, T::AccountId, Payee<T::AccountId>) {
	let (machine, _) = T::Machines::benchmark_machine(0);
	let owner = T::Machines::owner(machine).expect("it is registered");
	let payee = Payee::Account([0xFF; 32].into());
	Pallet::<T>::insert_worst_case(machine, &payee, 10);
	(machine, owner, payee)
}

#[benchmarks]
mod benchmarks {
	use super::*;
	use dam_primitives::AllowedPayees;

	#[benchmark]
	fn set_policy() {
		let (machine, owner, _) = machine_with_policy::<T>();
		let mut policy = Policies::<T>::get(machine).expect("it was just set");
		let stored = policy.clone();
		if let AllowedPayees::Only { payees, .. } = &mut policy.payees {
			// The order from which sorting has the most to do.
			payees.sort_by(|one, other| payees::order(other, one));
		}
		// A period that has ended is removed: one write more than for one that goes on.
		let long_ago = Period { started_at: 0, spent: 1 };
		Spent::<T>::insert(machine, long_ago);
		frame_system::Pallet::<T>::set_block_number(u32::MAX.into());

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), machine, Some(policy));

		assert_eq!(Policies::<T>::get(machine), Some(stored));
		assert!(Spent::<T>::get(machine).is_none());
	}

	#[benchmark]
	fn approve() {
		let (machine, owner, payee) = machine_with_policy::<T>();
		Approvals::<T>::mutate(machine, |approvals| approvals.pop());
		// Expires before the others: sorting moves it to the front. The bencher begins its block
		// after this.
		let expires_at = Pallet::<T>::now() + 2;

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), machine, Approval { payee, amount: 10, expires_at });

		assert_eq!(Approvals::<T>::get(machine).len() as u32, MAX_APPROVALS);
	}

	#[benchmark]
	fn revoke_approval() {
		let (machine, owner, payee) = machine_with_policy::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), machine, payee, 10);

		assert_eq!(Approvals::<T>::get(machine).len() as u32, MAX_APPROVALS - 1);
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
