//! Benchmarks at the worst case: ECDSA proofs, the slowest of the three curves, and metadata of
//! full length.

use crate::*;
use dam_primitives::{
	registration::RegistrationStatement, MachineProfile, Metadata, PublicKey, Uri,
};
use frame_benchmarking::v2::*;
use frame_support::{pallet_prelude::*, traits::fungible::Mutate};
use frame_system::RawOrigin;
use sp_core::crypto::KeyTypeId;
use sp_io::crypto::{ecdsa_generate, ecdsa_sign_prehashed};
use sp_runtime::{
	traits::{Bounded, UniqueSaturatedInto},
	MultiSignature,
};

const KEY_TYPE: KeyTypeId = KeyTypeId(*b"mach");

fn longest_profile() -> MachineProfile {
	let uri = Uri(BoundedVec::truncate_from(alloc::vec![b'x'; 128]));
	MachineProfile { kind: Default::default(), metadata: Some(Metadata { hash: [7; 32], uri }) }
}

fn rich_owner<T: Config>() -> T::AccountId
where
	T::Currency: Mutate<T::AccountId>,
{
	let owner: T::AccountId = whitelisted_caller();
	// Half of the range: room for rounding in whatever else the currency does.
	let _ = T::Currency::set_balance(&owner, BalanceOf::<T>::max_value() / 2u32.into());
	owner
}

fn registration<T: Config>(owner: &T::AccountId) -> RegistrationOf<T> {
	let public = ecdsa_generate(KEY_TYPE, None);
	let profile = longest_profile();
	let expires_at = frame_system::Pallet::<T>::block_number() + T::MaxStatementLifetime::get();
	let statement = RegistrationStatement::new(
		Pallet::<T>::genesis_hash(),
		owner.clone().into(),
		PublicKey::Ecdsa(public.0),
		&profile,
		expires_at.unique_saturated_into(),
	);
	let hash = sp_io::hashing::blake2_256(&statement.signing_payload());
	let proof = ecdsa_sign_prehashed(KEY_TYPE, &public, &hash).expect("the key was just made");
	Registration {
		key: PublicKey::Ecdsa(public.0),
		profile,
		expires_at,
		proof: MultiSignature::Ecdsa(proof),
	}
}

fn registered<T: Config>() -> T::AccountId
where
	T::Currency: Mutate<T::AccountId>,
{
	let owner = rich_owner::<T>();
	Pallet::<T>::do_register(owner.clone(), registration::<T>(&owner)).expect("it is valid");
	owner
}

impl<T: Config> Pallet<T> {
	/// Puts an active machine into storage without the cost of a proof, for the benchmarks of other
	/// pallets.
	pub(crate) fn insert_benchmark_machine(seed: u32) -> (MachineId, T::AccountId) {
		let public = PublicKey::Sr25519(sp_io::hashing::blake2_256(&seed.to_le_bytes()));
		let key = account_of(&public);
		let now = frame_system::Pallet::<T>::block_number();
		let machine = NextMachineId::<T>::mutate(|next| {
			let machine = *next;
			*next += 1;
			machine
		});
		frame_system::Pallet::<T>::inc_sufficients(&key);
		Keys::<T>::insert(&key, KeyRecord { machine, public, valid_from: now, valid_until: None });
		Machines::<T>::insert(
			machine,
			MachineRecord {
				owner: whitelisted_caller(),
				key: key.clone(),
				status: MachineStatus::Active,
				profile: longest_profile(),
				deposit: Default::default(),
				registered_at: now,
				updated_at: now,
			},
		);
		(machine, key)
	}
}

#[benchmarks(where T::Currency: Mutate<T::AccountId>)]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn register() {
		let owner = rich_owner::<T>();
		let registration = registration::<T>(&owner);

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), registration);

		assert_eq!(NextMachineId::<T>::get(), 1);
	}

	#[benchmark]
	fn register_fleet(n: Linear<1, MAX_FLEET>) {
		let owner = rich_owner::<T>();
		let registrations: alloc::vec::Vec<_> = (0..n).map(|_| registration::<T>(&owner)).collect();
		let registrations = BoundedVec::truncate_from(registrations);

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), registrations);

		assert_eq!(NextMachineId::<T>::get(), u64::from(n));
	}

	#[benchmark]
	fn suspend() {
		let owner = registered::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), 0);

		assert_eq!(Machines::<T>::get(0).map(|m| m.status), Some(MachineStatus::Suspended));
	}

	#[benchmark]
	fn resume() {
		let owner = registered::<T>();
		Pallet::<T>::do_suspend(owner.clone(), 0).expect("it is active");

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), 0);

		assert_eq!(Machines::<T>::get(0).map(|m| m.status), Some(MachineStatus::Active));
	}

	#[benchmark]
	fn retire() {
		let owner = registered::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), 0);

		assert_eq!(Machines::<T>::get(0).map(|m| m.status), Some(MachineStatus::Retired));
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
