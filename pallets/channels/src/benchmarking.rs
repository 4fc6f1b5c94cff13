//! Benchmarks at the worst case: ECDSA signatures, the slowest of the three curves; every claim of a
//! batch on a channel of its own, with a payer of its own and a payee whose account it opens.

use crate::*;
use alloc::vec::Vec;
use dam_primitives::{payword, CloseAgreement, Voucher};
use frame_benchmarking::v2::*;
use frame_support::pallet_prelude::*;
use frame_system::RawOrigin;
use pallet_dam_traits::{account_of, HostCrypto, BENCHMARK_AMOUNT};
use sp_core::crypto::KeyTypeId;
use sp_io::crypto::{ecdsa_generate, ecdsa_sign_prehashed};

const KEY_TYPE: KeyTypeId = KeyTypeId(*b"mach");
/// What each payer has: enough for all deposits here.
const FUNDS: u128 = 1_000_000_000_000;
/// Most that the benchmarks' policy lets a machine lock, and enough to open the payee's account.
const DEPOSIT: u128 = BENCHMARK_AMOUNT;

/// An active machine with money, whose payment key is of the slowest curve.
struct Payer<T: Config> {
	machine: MachineId,
	public: PublicKey,
	key: T::AccountId,
}

impl<T: Config> Payer<T> {
	fn new() -> Self {
		let public = new_key();
		let machine = T::Machines::benchmark_machine_with_key(public);
		T::Till::benchmark_fund(machine, FUNDS);
		Self { machine, public, key: account_of(&public) }
	}

	fn open(&self, payee: Payee<T::AccountId>, deposit: u128, terms: Terms) -> ChannelId {
		let channel = NextChannelId::<T>::get();
		Pallet::<T>::do_open(self.key.clone(), payee, deposit, terms, T::MinGrace::get())
			.expect("the machine has money and no policy");
		channel
	}

	fn voucher(&self, channel: ChannelId, amount: u128) -> SignedVoucher {
		let voucher = Voucher::new(Pallet::<T>::genesis_hash(), channel, amount);
		let signature = sign(&self.public, &voucher.signing_payload());
		SignedVoucher { channel, amount, signature }
	}
}

fn new_key() -> PublicKey {
	PublicKey::Ecdsa(ecdsa_generate(KEY_TYPE, None).0)
}

fn sign(key: &PublicKey, payload: &[u8]) -> Signature {
	let PublicKey::Ecdsa(key) = *key else { unreachable!("the keys here are ECDSA") };
	let hash = sp_io::hashing::blake2_256(payload);
	let signature = ecdsa_sign_prehashed(KEY_TYPE, &key.into(), &hash);
	Signature::Ecdsa(signature.expect("the key was just made").0)
}

/// An account that does not exist.
fn stranger<T: Config>(seed: u32) -> Payee<T::AccountId> {
	Payee::Account(account("payee", seed, 0))
}

/// A machine as a payee, and its owner.
fn machine_payee<T: Config>() -> (Payee<T::AccountId>, T::AccountId) {
	let (machine, _) = T::Machines::benchmark_machine(0);
	let owner = T::Machines::owner(machine).expect("the machine has an owner");
	(Payee::Machine(machine), owner)
}

fn channel<T: Config>(id: ChannelId) -> Channel<T::AccountId> {
	Channels::<T>::get(id).expect("it is open")
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn open() {
		let payer = Payer::<T>::new();
		// A first one, so that the counter is there. The machine as a payee is looked up.
		payer.open(stranger::<T>(0), 1, Terms::Vouchers);
		let (payee, _) = machine_payee::<T>();
		T::Till::benchmark_policy(payer.machine, &payee);

		#[extrinsic_call]
		_(
			RawOrigin::Signed(payer.key.clone()),
			payee,
			DEPOSIT,
			Terms::Vouchers,
			T::MinGrace::get(),
		);

		assert_eq!(channel::<T>(1).deposit, DEPOSIT);
	}

	#[benchmark]
	fn top_up() {
		let payer = Payer::<T>::new();
		let (payee, _) = machine_payee::<T>();
		let id = payer.open(payee.clone(), 1, Terms::Vouchers);
		T::Till::benchmark_policy(payer.machine, &payee);

		#[extrinsic_call]
		_(RawOrigin::Signed(payer.key.clone()), id, DEPOSIT);

		assert_eq!(channel::<T>(id).deposit, DEPOSIT + 1);
	}

	#[benchmark]
	fn claim() {
		let payer = Payer::<T>::new();
		let id = payer.open(stranger::<T>(0), DEPOSIT, Terms::Vouchers);
		let voucher = payer.voucher(id, DEPOSIT);

		#[extrinsic_call]
		_(RawOrigin::Signed(whitelisted_caller()), voucher);

		assert_eq!(channel::<T>(id).settled, DEPOSIT);
	}

	#[benchmark]
	fn claim_batch(n: Linear<1, MAX_CLAIMS>) {
		let vouchers: Vec<_> = (0..n)
			.map(|seed| {
				let payer = Payer::<T>::new();
				let id = payer.open(stranger::<T>(seed), DEPOSIT, Terms::Vouchers);
				payer.voucher(id, DEPOSIT)
			})
			.collect();
		let vouchers = VoucherBatch::truncate_from(vouchers);

		#[extrinsic_call]
		_(RawOrigin::Signed(whitelisted_caller()), vouchers);

		for id in 0..u64::from(n) {
			assert_eq!(channel::<T>(id).settled, DEPOSIT);
		}
	}

	#[benchmark]
	fn claim_links(n: Linear<1, MAX_HASHES_PER_CLAIM>) {
		let link = [7; 32];
		let root = payword::descend::<HostCrypto>(&link, n);
		let terms = Terms::HashChain { root, length: n, unit: DEPOSIT };
		let worth = DEPOSIT.saturating_mul(n.into());
		let payer = Payer::<T>::new();
		let id = payer.open(stranger::<T>(0), worth, terms);

		#[extrinsic_call]
		_(RawOrigin::Signed(whitelisted_caller()), RevealedLink { channel: id, index: n, link });

		assert_eq!(channel::<T>(id).settled, worth);
	}

	#[benchmark]
	fn close() {
		let payer = Payer::<T>::new();
		let (payee, owner) = machine_payee::<T>();
		// One remains, so that the counter is written and not removed.
		payer.open(payee.clone(), DEPOSIT, Terms::Vouchers);
		let id = payer.open(payee, DEPOSIT, Terms::Vouchers);

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), id);

		assert!(!Channels::<T>::contains_key(id));
	}

	#[benchmark]
	fn request_close() {
		let payer = Payer::<T>::new();
		let id = payer.open(stranger::<T>(0), DEPOSIT, Terms::Vouchers);

		#[extrinsic_call]
		_(RawOrigin::Signed(payer.key.clone()), id);

		assert!(channel::<T>(id).closing.is_some());
	}

	#[benchmark]
	fn sweep() {
		let payer = Payer::<T>::new();
		payer.open(stranger::<T>(0), DEPOSIT, Terms::Vouchers);
		let id = payer.open(stranger::<T>(0), DEPOSIT, Terms::Vouchers);
		Pallet::<T>::do_request_close(payer.key.clone(), id).expect("it is open");
		let now = frame_system::Pallet::<T>::block_number();
		frame_system::Pallet::<T>::set_block_number(now + T::MinGrace::get() + 1u32.into());

		#[extrinsic_call]
		_(RawOrigin::Signed(whitelisted_caller()), id);

		assert!(!Channels::<T>::contains_key(id));
	}

	#[benchmark]
	fn close_agreed() {
		let payer = Payer::<T>::new();
		let consent = new_key();
		let payee = Payee::Account(account_of(&consent));
		payer.open(payee.clone(), DEPOSIT, Terms::Vouchers);
		let id = payer.open(payee, DEPOSIT, Terms::Vouchers);
		let agreement = CloseAgreement::new(Pallet::<T>::genesis_hash(), id, DEPOSIT);
		let signature = sign(&consent, &agreement.signing_payload());

		#[extrinsic_call]
		_(RawOrigin::Signed(payer.key.clone()), id, DEPOSIT, consent, signature);

		assert!(!Channels::<T>::contains_key(id));
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
