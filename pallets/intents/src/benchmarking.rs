//! Benchmarks at the worst case: ECDSA signatures, the slowest of the three curves; every intent of a
//! batch has a payer of its own, a payee whose account is made for it, a policy with every rule, and a
//! relay fee, which goes to a machine.

use crate::*;
use alloc::vec::Vec;
use dam_primitives::{Intent, PublicKey, Signature};
use frame_benchmarking::v2::*;
use frame_support::pallet_prelude::*;
use frame_system::RawOrigin;
use pallet_dam_traits::{account_of, BENCHMARK_AMOUNT};
use sp_core::crypto::KeyTypeId;
use sp_io::crypto::{ecdsa_generate, ecdsa_sign_prehashed};
use sp_runtime::traits::UniqueSaturatedInto;

const KEY_TYPE: KeyTypeId = KeyTypeId(*b"mach");

/// What each machine has, in units of 0.000001 USDT.
const FUNDS: u128 = 1_000_000_000_000;
/// What goes to the relayer, beside the co-signed amount.
const RELAY_FEE: u128 = BENCHMARK_AMOUNT / 4;

/// An active machine with money, and its payment key.
fn payer<T: Config>() -> (MachineId, PublicKey) {
	let public = PublicKey::Ecdsa(ecdsa_generate(KEY_TYPE, None).0);
	let machine = T::Machines::benchmark_machine_with_key(public);
	T::Till::benchmark_fund(machine, FUNDS);
	(machine, public)
}

fn funded<T: Config>(seed: u32) -> (MachineId, T::AccountId) {
	let (machine, key) = T::Machines::benchmark_machine(seed);
	T::Till::benchmark_fund(machine, FUNDS);
	(machine, key)
}

/// An intent of a new payer to a new payee.
fn signed_intent<T: Config>(seed: u32) -> SignedIntent {
	let (payer, public) = payer::<T>();
	let payee: T::AccountId = account("payee", seed, 0);
	T::Till::benchmark_policy(payer, &Payee::Account(payee.clone()));
	// Nothing but the bits of the window depends on which nonce it is; this one moves it.
	Nonces::<T>::insert(payer, NonceWindow { base: 1, used: [u64::MAX; 4] });
	let now: u32 = frame_system::Pallet::<T>::block_number().unique_saturated_into();
	let intent = Intent {
		payer,
		payee: Payee::Account(payee.into()),
		amount: BENCHMARK_AMOUNT,
		relay_fee: RELAY_FEE,
		valid_from: now,
		// The bencher begins its block after the set-up.
		valid_until: now + 1,
		nonce: 300,
	};
	let payload = intent.signing_payload(&Pallet::<T>::genesis_hash());
	let PublicKey::Ecdsa(raw) = public else { unreachable!("the key was made as ECDSA") };
	let hash = sp_io::hashing::blake2_256(&payload);
	let signature = ecdsa_sign_prehashed(KEY_TYPE, &raw.into(), &hash);
	let signature = signature.expect("the key was just made");
	SignedIntent { intent, signature: Signature::Ecdsa(signature.0) }
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn submit(n: Linear<1, MAX_INTENTS>) {
		let (_, relayer) = funded::<T>(0);
		let intents: Vec<_> = (1..=n).map(signed_intent::<T>).collect();
		let payers: Vec<_> = intents.iter().map(|signed| signed.intent.payer).collect();
		let intents = BoundedVec::truncate_from(intents);

		#[extrinsic_call]
		_(RawOrigin::Signed(relayer), intents);

		for payer in payers {
			assert_eq!(Nonces::<T>::get(payer).last(), 300);
		}
	}

	/// Each nonce moves the window.
	#[benchmark]
	fn cancel(n: Linear<1, MAX_CANCELLED>) {
		let (machine, public) = payer::<T>();
		let nonces: Vec<_> = (1..=u64::from(n)).map(|step| 1_000 * step).collect();
		let nonces = BoundedVec::truncate_from(nonces);

		#[extrinsic_call]
		_(RawOrigin::Signed(account_of(&public)), nonces);

		assert_eq!(Nonces::<T>::get(machine).last(), 1_000 * u64::from(n));
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
