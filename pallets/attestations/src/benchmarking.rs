//! Benchmarks at the worst case: subjects are machines, whose records are read too, each another; a
//! new attestation is the first of its kind and takes a deposit; and every item of a batch succeeds.

use crate::*;
use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_support::{
	pallet_prelude::*,
	traits::fungible::{InspectHold, Mutate},
};
use frame_system::RawOrigin;
use sp_runtime::traits::{Bounded, One};

/// The claims that are made of machines. A batch is about all of them in turn, so that it reads as
/// many accreditations as it can.
const CLAIMS: [ClaimType; 4] =
	[ClaimType::Manufacturer, ClaimType::MeterCalibration, ClaimType::Location, ClaimType::Carbon];
/// The claim of single attestations: the first of a batch.
const CLAIM: ClaimType = CLAIMS[0];

/// Who attests, with money for any number of deposits.
fn accredited<T: Config>(attester: T::AccountId) -> T::AccountId
where
	T::Currency: Mutate<T::AccountId>,
{
	// The bencher begins its block after the set-up, which must count from the same one.
	frame_system::Pallet::<T>::set_block_number(One::one());
	// Half of the range: room for rounding in whatever else the currency does.
	let _ = T::Currency::set_balance(&attester, BalanceOf::<T>::max_value() / 2u32.into());
	for claim in CLAIMS {
		Pallet::<T>::do_accredit(attester.clone(), claim).expect("it is not accredited yet");
	}
	attester
}

/// What is attested of machine number `seed` of this benchmark, and which machine that is.
fn revocation<T: Config>(seed: u32) -> Revocation<T::AccountId> {
	Revocation {
		subject: Subject::Machine(T::Machines::benchmark_machine(seed).0),
		claim: CLAIMS[seed as usize % CLAIMS.len()],
	}
}

/// The first block in which something that is attested now can expire.
fn next<T: Config>() -> BlockNumberFor<T> {
	frame_system::Pallet::<T>::block_number() + One::one()
}

/// The last block in which something that is attested now can expire.
fn latest<T: Config>() -> BlockNumberFor<T> {
	frame_system::Pallet::<T>::block_number() + T::MaxAttestationLifetime::get()
}

fn new<T: Config>(
	item: &Revocation<T::AccountId>,
	expires_at: BlockNumberFor<T>,
) -> NewAttestationOf<T> {
	let Revocation { subject, claim } = item.clone();
	NewAttestation { subject, claim, evidence: [7; 32], expires_at }
}

/// Lets `attester` attest of `n` machines, for as short as possible.
fn attested<T: Config>(attester: &T::AccountId, n: u32) -> Vec<Revocation<T::AccountId>> {
	let items: Vec<_> = (0..n).map(revocation::<T>).collect();
	for item in &items {
		Pallet::<T>::issue_item(attester, new::<T>(item, next::<T>()))
			.expect("its attester is accredited and rich");
	}
	items
}

/// Whether `condition` holds of every one of these attestations.
fn all<T: Config>(
	items: &[Revocation<T::AccountId>],
	attester: &T::AccountId,
	condition: impl Fn(&AttestationRecordOf<T>) -> bool,
) -> bool {
	items.iter().all(|Revocation { subject, claim }| {
		Attestations::<T>::get((subject, claim, attester)).is_some_and(|record| condition(&record))
	})
}

fn held<T: Config>(attester: &T::AccountId) -> BalanceOf<T> {
	T::Currency::balance_on_hold(&HoldReason::AttestationDeposit.into(), attester)
}

#[benchmarks(where T::Currency: Mutate<T::AccountId>)]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn accredit() -> Result<(), BenchmarkError> {
		let origin =
			T::GovernanceOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let attester: T::AccountId = account("attester", 0, 0);
		Pallet::<T>::do_accredit(attester.clone(), CLAIM)?;
		Pallet::<T>::do_withdraw_accreditation(attester.clone(), CLAIM)?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, attester.clone(), CLAIM);

		assert_eq!(Accreditations::<T>::get(CLAIM, &attester).map(|a| a.until), Some(None));
		Ok(())
	}

	#[benchmark]
	fn withdraw_accreditation() -> Result<(), BenchmarkError> {
		let origin =
			T::GovernanceOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let attester: T::AccountId = account("attester", 0, 0);
		Pallet::<T>::do_accredit(attester.clone(), CLAIM)?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, attester.clone(), CLAIM);

		let until = Accreditations::<T>::get(CLAIM, &attester).and_then(|a| a.until);
		assert_eq!(until, Some(frame_system::Pallet::<T>::block_number()));
		Ok(())
	}

	#[benchmark]
	fn issue() {
		let attester = accredited::<T>(whitelisted_caller());
		let item = revocation::<T>(0);

		#[extrinsic_call]
		_(RawOrigin::Signed(attester.clone()), new::<T>(&item, latest::<T>()));

		assert!(all::<T>(&[item], &attester, |record| record.expires_at == latest::<T>()));
		assert_eq!(held::<T>(&attester), T::AttestationDeposit::get());
	}

	#[benchmark]
	fn renew() {
		let attester = accredited::<T>(whitelisted_caller());
		let items = attested::<T>(&attester, 1);
		let subject = items[0].subject.clone();

		#[extrinsic_call]
		_(RawOrigin::Signed(attester.clone()), subject, CLAIM, latest::<T>());

		assert!(all::<T>(&items, &attester, |record| record.expires_at == latest::<T>()));
	}

	#[benchmark]
	fn revoke() {
		let attester = accredited::<T>(whitelisted_caller());
		let items = attested::<T>(&attester, 1);
		let subject = items[0].subject.clone();

		#[extrinsic_call]
		_(RawOrigin::Signed(attester.clone()), subject, CLAIM);

		assert!(all::<T>(&items, &attester, |record| record.revoked_at.is_some()));
	}

	#[benchmark]
	fn issue_batch(n: Linear<1, MAX_ATTESTATION_BATCH>) {
		let attester = accredited::<T>(whitelisted_caller());
		let items: Vec<_> = (0..n).map(revocation::<T>).collect();
		let batch: Vec<_> = items.iter().map(|item| new::<T>(item, latest::<T>())).collect();
		let batch = BoundedVec::truncate_from(batch);

		#[extrinsic_call]
		_(RawOrigin::Signed(attester.clone()), batch);

		assert!(all::<T>(&items, &attester, |record| record.expires_at == latest::<T>()));
		assert_eq!(held::<T>(&attester), T::AttestationDeposit::get() * n.into());
	}

	#[benchmark]
	fn renew_batch(n: Linear<1, MAX_ATTESTATION_BATCH>) {
		let attester = accredited::<T>(whitelisted_caller());
		let items = attested::<T>(&attester, n);
		let expires_at = latest::<T>();
		let batch: Vec<_> = items
			.iter()
			.cloned()
			.map(|Revocation { subject, claim }| Renewal { subject, claim, expires_at })
			.collect();
		let batch = BoundedVec::truncate_from(batch);

		#[extrinsic_call]
		_(RawOrigin::Signed(attester.clone()), batch);

		assert!(all::<T>(&items, &attester, |record| record.expires_at == expires_at));
	}

	#[benchmark]
	fn revoke_batch(n: Linear<1, MAX_ATTESTATION_BATCH>) {
		let attester = accredited::<T>(whitelisted_caller());
		let items = attested::<T>(&attester, n);
		let batch = BoundedVec::truncate_from(items.clone());

		#[extrinsic_call]
		_(RawOrigin::Signed(attester.clone()), batch);

		assert!(all::<T>(&items, &attester, |record| record.revoked_at.is_some()));
	}

	#[benchmark]
	fn remove() {
		// Not the caller, so that its account is read and written too.
		let attester = accredited::<T>(account("attester", 0, 0));
		let subject = attested::<T>(&attester, 1).remove(0).subject;
		frame_system::Pallet::<T>::set_block_number(next::<T>() + One::one());
		let caller: T::AccountId = whitelisted_caller();

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), subject.clone(), CLAIM, attester.clone());

		assert!(!Attestations::<T>::contains_key((&subject, CLAIM, &attester)));
		assert_eq!(held::<T>(&attester), Default::default());
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
