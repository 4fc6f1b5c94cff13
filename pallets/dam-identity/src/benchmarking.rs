//! Benchmarks at the worst case: ECDSA proofs, the slowest of the three curves, metadata of full
//! length, and machines that have everything a machine can have.

use crate::*;
use alloc::vec::Vec;
use dam_primitives::{
	machine::{MAX_FLEET_DEPTH, MAX_URI_BYTES},
	registration::RegistrationStatement,
	rotation::KeyStatement,
	OperatorRights, PublicKey, Uri,
};
use frame_benchmarking::v2::*;
use frame_support::{pallet_prelude::*, traits::fungible::Mutate};
use frame_system::RawOrigin;
use pallet_dam_traits::Machines as _;
use sp_core::crypto::KeyTypeId;
use sp_io::crypto::{ecdsa_generate, ecdsa_sign_prehashed};
use sp_runtime::{
	traits::{Bounded, UniqueSaturatedInto},
	MultiSignature,
};

const KEY_TYPE: KeyTypeId = KeyTypeId(*b"mach");

/// What every further key may do in these benchmarks.
const FURTHER: KeyRights = KeyRights::ALL.without(KeyRights::PAY);

fn longest_profile() -> MachineProfile {
	let mut uri = b"x:".to_vec();
	uri.resize(MAX_URI_BYTES as usize, b'x');
	let uri = Uri(BoundedVec::truncate_from(uri));
	MachineProfile { kind: Default::default(), metadata: Some(Metadata { hash: [7; 32], uri }) }
}

fn operator<T: Config>() -> T::AccountId {
	account("operator", 0, 0)
}

fn fund<T: Config>(account: &T::AccountId)
where
	T::Currency: Mutate<T::AccountId>,
{
	// Room for several rich accounts, and for rounding in whatever else the currency does.
	let _ = T::Currency::set_balance(account, BalanceOf::<T>::max_value() / 16u32.into());
}

fn rich_owner<T: Config>() -> T::AccountId
where
	T::Currency: Mutate<T::AccountId>,
{
	let owner: T::AccountId = whitelisted_caller();
	fund::<T>(&owner);
	owner
}

/// An owner who does not sign the call, so that the account is not in memory before it.
fn distant_owner<T: Config>() -> T::AccountId
where
	T::Currency: Mutate<T::AccountId>,
{
	let owner: T::AccountId = account("owner", 0, 0);
	fund::<T>(&owner);
	owner
}

fn sign(public: &sp_core::ecdsa::Public, payload: &[u8]) -> MultiSignature {
	let hash = sp_io::hashing::blake2_256(payload);
	let proof = ecdsa_sign_prehashed(KEY_TYPE, public, &hash).expect("the key was just made");
	MultiSignature::Ecdsa(proof)
}

fn latest_expiry<T: Config>() -> BlockNumberFor<T> {
	frame_system::Pallet::<T>::block_number() + T::MaxStatementLifetime::get()
}

fn registration<T: Config>(owner: &T::AccountId) -> RegistrationOf<T> {
	let public = ecdsa_generate(KEY_TYPE, None);
	let key = PublicKey::Ecdsa(public.0);
	let profile = longest_profile();
	let expires_at = latest_expiry::<T>();
	let statement = RegistrationStatement::new(
		Pallet::<T>::genesis_hash(),
		owner.clone().into(),
		key,
		&profile,
		expires_at.unique_saturated_into(),
	);
	let proof = sign(&public, &statement.signing_payload());
	Registration { key, profile, expires_at, proof }
}

fn new_key<T: Config>(machine: MachineId, rights: KeyRights) -> NewKeyOf<T> {
	let public = ecdsa_generate(KEY_TYPE, None);
	let key = PublicKey::Ecdsa(public.0);
	let expires_at = latest_expiry::<T>();
	let statement = KeyStatement::new(
		Pallet::<T>::genesis_hash(),
		machine,
		key,
		rights,
		expires_at.unique_saturated_into(),
	);
	let proof = sign(&public, &statement.signing_payload());
	NewKey { key, expires_at, proof }
}

/// Registers a machine and returns its number.
fn registered<T: Config>(owner: &T::AccountId) -> MachineId {
	let machine = NextMachineId::<T>::get();
	Pallet::<T>::do_register(owner.clone(), registration::<T>(owner)).expect("it is valid");
	machine
}

fn add_keys<T: Config>(owner: &T::AccountId, machine: MachineId, count: u32) {
	for _ in 0..count {
		let new_key = new_key::<T>(machine, FURTHER);
		Pallet::<T>::do_add_key(owner.clone(), machine, new_key, FURTHER).expect("it is valid");
	}
}

fn appoint_operator<T: Config>(owner: &T::AccountId, machine: MachineId) {
	let operator = OperatorInfo { account: operator::<T>(), rights: OperatorRights::ALL };
	Pallet::<T>::do_set_operator(owner.clone(), machine, Some(operator)).expect("it is valid");
}

/// Registers a machine that has everything: all further keys, an operator, a parent, an offer to
/// `to`, and whatever other pallets keep for it.
fn full_machine<T: Config>(owner: &T::AccountId, to: &T::AccountId) -> MachineId {
	let parent = registered::<T>(owner);
	let machine = registered::<T>(owner);
	add_keys::<T>(owner, machine, MAX_FURTHER_KEYS);
	appoint_operator::<T>(owner, machine);
	adopt::<T>(owner, machine, parent);
	offer::<T>(owner, machine, to);
	T::OnMachineChange::benchmark_fill(machine);
	machine
}

fn adopt<T: Config>(owner: &T::AccountId, machine: MachineId, parent: MachineId) {
	let list = BoundedVec::truncate_from(alloc::vec![machine]);
	Pallet::<T>::do_set_parent(owner.clone(), list, Some(parent)).expect("it is valid");
}

fn offer<T: Config>(owner: &T::AccountId, machine: MachineId, to: &T::AccountId) {
	let expires_at = frame_system::Pallet::<T>::block_number() + T::MaxOfferLifetime::get();
	Pallet::<T>::do_offer_ownership(owner.clone(), machine, to.clone(), expires_at)
		.expect("it is valid");
}

fn record<T: Config>(machine: MachineId) -> MachineRecordOf<T> {
	Machines::<T>::get(machine).expect("it was registered")
}

impl<T: Config> Pallet<T> {
	/// Puts an active machine into storage without the cost of a proof or a deposit, for the
	/// benchmarks of other pallets. The benchmarks' whitelisted caller owns it.
	pub(crate) fn insert_benchmark_machine(public: PublicKey) -> (MachineId, T::AccountId) {
		let machine = NextMachineId::<T>::mutate(|next| {
			let machine = *next;
			*next += 1;
			machine
		});
		let key = Self::enter_key(machine, 0, public, KeyRights::ALL)
			.expect("every key is used once for a benchmark");
		let MachineProfile { kind, metadata } = longest_profile();
		Documents::<T>::set(machine, metadata);
		let now = frame_system::Pallet::<T>::block_number();
		Machines::<T>::insert(
			machine,
			MachineRecord {
				owner: whitelisted_caller(),
				key: key.clone(),
				operator: Some(OperatorInfo {
					account: operator::<T>(),
					rights: OperatorRights::ALL,
				}),
				parent: None,
				children: 0,
				status: MachineStatus::Active,
				frozen: false,
				kind,
				keys_ever: 1,
				deposit: Default::default(),
				registered_at: now,
				updated_at: now,
				rotated_at: None,
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
		T::Wallets::benchmark_open(&Pallet::<T>::account(0));
		let registration = registration::<T>(&owner);

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), registration);

		assert_eq!(NextMachineId::<T>::get(), 1);
	}

	#[benchmark]
	fn register_fleet(n: Linear<1, MAX_FLEET>) {
		let owner = rich_owner::<T>();
		(0..n.into()).for_each(|id| T::Wallets::benchmark_open(&Pallet::<T>::account(id)));
		let registrations: Vec<_> = (0..n).map(|_| registration::<T>(&owner)).collect();
		let registrations = BoundedVec::truncate_from(registrations);

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), registrations);

		assert_eq!(NextMachineId::<T>::get(), u64::from(n));
	}

	#[benchmark]
	fn suspend() {
		let (machine, _) = Pallet::<T>::benchmark_machine(0);

		#[extrinsic_call]
		_(RawOrigin::Signed(operator::<T>()), machine);

		assert_eq!(record::<T>(machine).status, MachineStatus::Suspended);
	}

	#[benchmark]
	fn resume() {
		let (machine, _) = Pallet::<T>::benchmark_machine(0);
		Pallet::<T>::do_suspend(operator::<T>(), machine).expect("it is active");

		#[extrinsic_call]
		_(RawOrigin::Signed(operator::<T>()), machine);

		assert_eq!(record::<T>(machine).status, MachineStatus::Active);
	}

	#[benchmark]
	fn retire() {
		let owner = rich_owner::<T>();
		let machine = full_machine::<T>(&owner, &account("to", 0, 0));
		T::Wallets::benchmark_close(&Pallet::<T>::account(machine));

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), machine);

		assert_eq!(record::<T>(machine).status, MachineStatus::Retired);
		assert!(FurtherKeys::<T>::get(machine).is_empty());
	}

	#[benchmark]
	fn rotate_key() {
		let owner = distant_owner::<T>();
		let machine = registered::<T>(&owner);
		appoint_operator::<T>(&owner, machine);
		let new_key = new_key::<T>(machine, KeyRights::ALL);
		let key = account_of(&new_key.key);

		#[extrinsic_call]
		_(RawOrigin::Signed(operator::<T>()), machine, new_key);

		assert_eq!(record::<T>(machine).key, key);
	}

	#[benchmark]
	fn add_key() {
		let owner = distant_owner::<T>();
		let machine = registered::<T>(&owner);
		appoint_operator::<T>(&owner, machine);
		add_keys::<T>(&owner, machine, MAX_FURTHER_KEYS - 1);
		let new_key = new_key::<T>(machine, FURTHER);

		#[extrinsic_call]
		_(RawOrigin::Signed(operator::<T>()), machine, new_key, FURTHER);

		assert_eq!(FurtherKeys::<T>::get(machine).len() as u32, MAX_FURTHER_KEYS);
	}

	#[benchmark]
	fn remove_key() {
		let owner = rich_owner::<T>();
		let machine = registered::<T>(&owner);
		add_keys::<T>(&owner, machine, MAX_FURTHER_KEYS);
		let key = FurtherKeys::<T>::get(machine).last().cloned().expect("they were added");

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), machine, key.clone());

		assert!(!FurtherKeys::<T>::get(machine).contains(&key));
	}

	#[benchmark]
	fn freeze(n: Linear<1, MAX_FLEET>) {
		let machines: Vec<_> = (0..n).map(|seed| Pallet::<T>::benchmark_machine(seed).0).collect();
		let list = BoundedVec::truncate_from(machines.clone());

		#[extrinsic_call]
		_(RawOrigin::Signed(operator::<T>()), list);

		assert!(machines.into_iter().all(|machine| record::<T>(machine).frozen));
	}

	#[benchmark]
	fn unfreeze() {
		let (machine, _) = Pallet::<T>::benchmark_machine(0);
		let list = BoundedVec::truncate_from(alloc::vec![machine]);
		Pallet::<T>::do_freeze(operator::<T>(), list).expect("it is permitted");

		#[extrinsic_call]
		_(RawOrigin::Signed(operator::<T>()), machine);

		assert!(!record::<T>(machine).frozen);
	}

	#[benchmark]
	fn set_operator() {
		let (machine, _) = Pallet::<T>::benchmark_machine(0);
		let account: T::AccountId = account("other", 0, 0);
		let other = OperatorInfo { account, rights: OperatorRights::ALL };

		#[extrinsic_call]
		_(RawOrigin::Signed(whitelisted_caller()), machine, Some(other.clone()));

		assert_eq!(record::<T>(machine).operator, Some(other));
	}

	#[benchmark]
	fn set_profile() {
		let (machine, _) = Pallet::<T>::benchmark_machine(0);
		let mut profile = longest_profile();
		profile.kind = dam_primitives::MachineKind::Gateway;

		#[extrinsic_call]
		_(RawOrigin::Signed(operator::<T>()), machine, profile.clone());

		assert_eq!(record::<T>(machine).kind, profile.kind);
		assert_eq!(Documents::<T>::get(machine), profile.metadata);
	}

	/// Every machine leaves a parent of its own, for one as deep as can be.
	#[benchmark]
	fn set_parent(n: Linear<1, MAX_FLEET>) {
		let owner: T::AccountId = whitelisted_caller();
		let mut seeds = 0u32..;
		let mut insert = || {
			let seed = seeds.next().expect("few are used");
			Pallet::<T>::benchmark_machine(seed).0
		};
		let mut parent = insert();
		for _ in 2..MAX_FLEET_DEPTH {
			let below = insert();
			adopt::<T>(&owner, below, parent);
			parent = below;
		}
		let machines: Vec<_> = (0..n)
			.map(|_| {
				let (old, machine) = (insert(), insert());
				adopt::<T>(&owner, machine, old);
				machine
			})
			.collect();
		let list = BoundedVec::truncate_from(machines.clone());

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), list, Some(parent));

		assert_eq!(record::<T>(parent).children, n);
		let line = Pallet::<T>::line_of(machines[0]);
		assert_eq!(line.len() as u32, MAX_FLEET_DEPTH);
	}

	#[benchmark]
	fn offer_ownership() {
		let (machine, _) = Pallet::<T>::benchmark_machine(0);
		let to: T::AccountId = account("to", 0, 0);
		let expires_at = frame_system::Pallet::<T>::block_number() + T::MaxOfferLifetime::get();

		#[extrinsic_call]
		_(RawOrigin::Signed(whitelisted_caller()), machine, to.clone(), expires_at);

		assert_eq!(Offers::<T>::get(machine).map(|offer| offer.to), Some(to));
	}

	#[benchmark]
	fn cancel_offer() {
		let (machine, _) = Pallet::<T>::benchmark_machine(0);
		offer::<T>(&whitelisted_caller(), machine, &account("to", 0, 0));

		#[extrinsic_call]
		_(RawOrigin::Signed(whitelisted_caller()), machine);

		assert_eq!(Offers::<T>::get(machine), None);
	}

	#[benchmark]
	fn accept_ownership() {
		let to = rich_owner::<T>();
		let machine = full_machine::<T>(&distant_owner::<T>(), &to);
		let now = frame_system::Pallet::<T>::block_number();

		#[extrinsic_call]
		_(RawOrigin::Signed(to.clone()), machine, now);

		assert_eq!(record::<T>(machine).owner, to);
		assert!(FurtherKeys::<T>::get(machine).is_empty());
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
