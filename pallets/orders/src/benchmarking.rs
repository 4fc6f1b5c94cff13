//! Benchmarks at the worst case: the buyer's policy has every rule, and where money leaves escrow it
//! goes to both sides. The seller is a machine, which is looked up, or, where it is paid, an account
//! that is made for it.

use crate::*;
use frame_benchmarking::v2::*;
use frame_support::pallet_prelude::*;
use frame_system::RawOrigin;
use pallet_dam_traits::BENCHMARK_AMOUNT;
use sp_runtime::traits::UniqueSaturatedInto;

/// What each machine has, in units of 0.000001 USDT: enough for any number of deposits here.
const FUNDS: u128 = 1_000_000_000_000;

const BUYER: u32 = 0;
const SELLER: u32 = 1;

/// A buyer and a seller, and an order between them.
struct Parties<T: Config> {
	order: OrderId,
	buyer: T::AccountId,
	seller: T::AccountId,
}

fn machine<T: Config>(seed: u32) -> (MachineId, T::AccountId) {
	let (machine, key) = T::Machines::benchmark_machine(seed);
	T::Till::benchmark_fund(machine, FUNDS);
	(machine, key)
}

fn arbiter<T: Config>() -> T::AccountId {
	account("arbiter", 0, 0)
}

fn stranger<T: Config>() -> RawOrigin<T::AccountId> {
	RawOrigin::Signed(account("stranger", 0, 0))
}

/// A seller and who acts for it.
type Seller<T> =
	(Payee<<T as frame_system::Config>::AccountId>, <T as frame_system::Config>::AccountId);

fn machine_seller<T: Config>() -> Seller<T> {
	let (machine, key) = machine::<T>(SELLER);
	(Payee::Machine(machine), key)
}

/// A seller whose account does not exist.
fn new_seller<T: Config>() -> Seller<T> {
	let seller: T::AccountId = account("seller", 0, 0);
	(Payee::Account(seller.clone()), seller)
}

fn offer_to<T: Config>(seller: Payee<T::AccountId>) -> Offer<T::AccountId> {
	let longest: u32 = T::MaxPhase::get().unique_saturated_into();
	Offer {
		seller,
		amount: BENCHMARK_AMOUNT,
		arbiter: Some(arbiter::<T>()),
		terms_hash: [7; 32],
		accept_by: Pallet::<T>::now().saturating_add(longest),
		deliver_within: longest,
		confirm_within: longest,
	}
}

fn offered<T: Config>((payee, seller): Seller<T>) -> Parties<T> {
	let (_, buyer) = machine::<T>(BUYER);
	let order = NextOrderId::<T>::get();
	Pallet::<T>::do_offer(buyer.clone(), offer_to::<T>(payee)).expect("it has money");
	Parties { order, buyer, seller }
}

fn accepted<T: Config>(seller: Seller<T>) -> Parties<T> {
	let parties = offered::<T>(seller);
	Pallet::<T>::do_accept(parties.seller.clone(), parties.order).expect("it is offered");
	parties
}

fn delivered<T: Config>(seller: Seller<T>) -> Parties<T> {
	let parties = accepted::<T>(seller);
	Pallet::<T>::do_deliver(parties.seller.clone(), parties.order, [7; 32])
		.expect("it is accepted");
	parties
}

fn disputed<T: Config>(seller: Seller<T>) -> Parties<T> {
	let parties = delivered::<T>(seller);
	Pallet::<T>::do_dispute(parties.buyer.clone(), parties.order, [7; 32])
		.expect("it is delivered");
	parties
}

fn state<T: Config>(order: OrderId) -> OrderState {
	Orders::<T>::get(order).expect("it is open").state
}

fn go_past_deadline<T: Config>(order: OrderId) {
	let deadline = Orders::<T>::get(order).expect("it is open").deadline();
	frame_system::Pallet::<T>::set_block_number(deadline.saturating_add(1).into());
}

fn assert_closed<T: Config>(order: OrderId) {
	assert!(!Orders::<T>::contains_key(order));
	assert_eq!(Locked::<T>::get(), 0);
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn offer() {
		let (buyer, key) = machine::<T>(BUYER);
		let (seller, _) = machine_seller::<T>();
		T::Till::benchmark_policy(buyer, &seller);

		#[extrinsic_call]
		_(RawOrigin::Signed(key), offer_to::<T>(seller));

		assert_eq!(OpenOrders::<T>::get(buyer), 1);
	}

	#[benchmark]
	fn accept() {
		let Parties { order, seller, .. } = offered::<T>(machine_seller::<T>());

		#[extrinsic_call]
		_(RawOrigin::Signed(seller), order);

		assert!(matches!(state::<T>(order), OrderState::Accepted { .. }));
	}

	/// By the buyer, whom the seller is asked for first.
	#[benchmark]
	fn cancel() {
		let Parties { order, buyer, .. } = offered::<T>(machine_seller::<T>());

		#[extrinsic_call]
		_(RawOrigin::Signed(buyer), order);

		assert_closed::<T>(order);
	}

	#[benchmark]
	fn deliver() {
		let Parties { order, seller, .. } = accepted::<T>(machine_seller::<T>());

		#[extrinsic_call]
		_(RawOrigin::Signed(seller), order, [7; 32]);

		assert!(matches!(state::<T>(order), OrderState::Delivered { .. }));
	}

	#[benchmark]
	fn confirm() {
		let Parties { order, buyer, .. } = disputed::<T>(new_seller::<T>());

		#[extrinsic_call]
		_(RawOrigin::Signed(buyer), order);

		assert_closed::<T>(order);
	}

	#[benchmark]
	fn dispute() {
		let Parties { order, buyer, .. } = delivered::<T>(machine_seller::<T>());

		#[extrinsic_call]
		_(RawOrigin::Signed(buyer), order, [7; 32]);

		assert!(matches!(state::<T>(order), OrderState::Disputed { .. }));
	}

	#[benchmark]
	fn release() {
		let Parties { order, .. } = delivered::<T>(new_seller::<T>());
		go_past_deadline::<T>(order);

		#[extrinsic_call]
		_(stranger::<T>(), order);

		assert_closed::<T>(order);
	}

	#[benchmark]
	fn resolve() {
		let Parties { order, .. } = disputed::<T>(new_seller::<T>());

		#[extrinsic_call]
		_(RawOrigin::Signed(arbiter::<T>()), order, BENCHMARK_AMOUNT / 2);

		assert_closed::<T>(order);
	}

	#[benchmark]
	fn expire_dispute() {
		let Parties { order, .. } = disputed::<T>(new_seller::<T>());
		go_past_deadline::<T>(order);

		#[extrinsic_call]
		_(stranger::<T>(), order);

		assert_closed::<T>(order);
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
