//! What machines cost in state, and that the deposit pays for it.

use super::support::*;
use crate::{configs::*, units::*, *};
use alloc::{collections::BTreeMap, vec, vec::Vec};
use dam_primitives::{
	machine::OwnershipOffer, policy::*, service::*, AllowedPayees, Approval, Cid, KeyRights,
	MachineId, MachineProfile, Metadata, OperatorInfo, OperatorRights, Payee, Policy, Uri,
};
use frame_support::BoundedVec;

type State = BTreeMap<Vec<u8>, Vec<u8>>;

/// Everything in the state.
fn state() -> State {
	let mut all = State::new();
	let mut key = Vec::new();
	while let Some(next) = sp_io::storage::next_key(&key) {
		if let Some(value) = sp_io::storage::get(&next) {
			all.insert(next.clone(), value.to_vec());
		}
		key = next;
	}
	all
}

/// Items and bytes, keys included, by which the state grew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Growth {
	items: usize,
	bytes: usize,
}

impl Growth {
	/// The price at the rate of the SDK's own deposits on this chain.
	fn price(self) -> Balance {
		deposit(self.items as u32, self.bytes as u32)
	}
}

/// By how much `change` makes the state grow. Events and what a block leaves are not counted.
fn growth(change: impl FnOnce()) -> Growth {
	let transient = sp_io::hashing::twox_128(b"System");
	let account = [transient, sp_io::hashing::twox_128(b"Account")].concat();
	let counts = |key: &[u8]| !key.starts_with(&transient) || key.starts_with(&account);
	let size = |state: &State| {
		let counted = state.iter().filter(|(key, _)| counts(key));
		counted.fold((0, 0), |(items, bytes), (key, value)| {
			(items + 1, bytes + key.len() + value.len())
		})
	};
	let before = size(&state());
	change();
	let after = size(&state());
	Growth { items: after.0 - before.0, bytes: after.1 - before.1 }
}

fn longest_uri() -> Uri {
	let mut bytes = vec![b'x'; 128];
	bytes[1] = b':';
	Uri(BoundedVec::truncate_from(bytes))
}

fn profile(uri: Uri) -> MachineProfile {
	MachineProfile { metadata: Some(Metadata { hash: [1; 32], uri }), ..Default::default() }
}

/// Everything that may be stored for a machine without a deposit of its own, at its bound.
fn fill(machine: MachineId) {
	let origin = || RuntimeOrigin::signed(owner());
	DamIdentity::set_profile(origin(), machine, profile(longest_uri())).unwrap();
	let operator = OperatorInfo { account: [9; 32].into(), rights: OperatorRights::ALL };
	DamIdentity::set_operator(origin(), machine, Some(operator)).unwrap();
	let OwnershipOffer { to, expires_at } =
		OwnershipOffer { to: AccountId::from([8; 32]), expires_at: System::block_number() + 10 };
	DamIdentity::offer_ownership(origin(), machine, to, expires_at).unwrap();

	let payee = |n: u32| Payee::Account(sp_io::hashing::blake2_256(&n.to_le_bytes()).into());
	let payees: Vec<_> = (0..MAX_LISTED_PAYEES).map(payee).collect();
	let policy = Policy {
		payment_cap: Some(USDT),
		period_cap: Some(PeriodCap { blocks: u32::MAX, amount: u128::MAX }),
		payees: AllowedPayees::Only {
			payees: BoundedVec::truncate_from(payees),
			kinds: Default::default(),
		},
		co_sign_above: Some(USDT),
	};
	SpendingPolicy::set_policy(origin(), machine, Some(policy)).unwrap();
	for n in 0..MAX_APPROVALS {
		let expires_at = System::block_number() + 10;
		let approval = Approval { payee: payee(n), amount: u128::MAX, expires_at };
		SpendingPolicy::approve(origin(), machine, approval).unwrap();
	}
	pallet_spending_policy::Spent::<Runtime>::insert(
		machine,
		pallet_spending_policy::Period { started_at: 1, spent: u128::MAX },
	);
	pallet_free_quota::Buckets::<Runtime>::insert(
		machine,
		pallet_free_quota::Bucket { level: 1, updated_at: 1, bonded: 0 },
	);
	pallet_intents::Nonces::<Runtime>::insert(
		machine,
		dam_primitives::NonceWindow { base: 1, used: [u64::MAX; 4] },
	);
	for _ in 0..MAX_SERVICES {
		let service = Service {
			kind: ServiceKind::Charging,
			unit: Unit::KilowattHour,
			price: MAX_PRICE,
			endpoint: longest_uri(),
			description: Some(Cid(BoundedVec::truncate_from(vec![1; 72]))),
		};
		Services::offer(origin(), machine, service).unwrap();
	}
}

#[test]
fn deposit_should_pay_for_all_that_a_machine_may_store() {
	new_test_ext().execute_with(|| {
		// The first machine also makes what all share.
		let root = register(&device(9));
		let plain = growth(|| {
			register(&device(1));
		});
		let machine = register(&device(2));
		let typical = growth(|| {
			let machine = register(&device(3));
			let uri = "ipfs://bafkreifzjut3te7nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e";
			let profile = profile(uri.try_into().unwrap());
			DamIdentity::set_profile(RuntimeOrigin::signed(owner()), machine, profile).unwrap();
			Services::offer(
				RuntimeOrigin::signed(owner()),
				machine,
				match offer_service(machine) {
					RuntimeCall::Services(pallet_services::Call::offer { service, .. }) => service,
					_ => unreachable!("it offers a service"),
				},
			)
			.unwrap();
		});
		let full = growth(|| {
			fill(machine);
			let list = BoundedVec::truncate_from(vec![machine]);
			DamIdentity::set_parent(RuntimeOrigin::signed(owner()), list, Some(root)).unwrap();
		});
		let full = Growth { items: full.items + plain.items, bytes: full.bytes + plain.bytes };
		let key = growth(|| {
			let new_key = new_key(machine, &device(4), KeyRights::CLAIM);
			let origin = RuntimeOrigin::signed(owner());
			DamIdentity::add_key(origin, machine, new_key, KeyRights::CLAIM).unwrap();
		});
		let tombstone = growth(|| {
			let machine = register(&device(5));
			DamIdentity::retire(RuntimeOrigin::signed(owner()), machine).unwrap();
		});
		for (name, growth) in [
			("a machine, just registered", plain),
			("with metadata and a service", typical),
			("with everything, each at its bound", full),
			("every key after the first", key),
			("what stays after retirement", tombstone),
		] {
			println!("{name:<36} {:>3} items {:>6} bytes", growth.items, growth.bytes);
		}
		let deposit = MachineDeposit::get();
		assert!(full.price() <= deposit, "{full:?} costs {}, held {deposit}", full.price());
		assert!(key.price() <= KeyDeposit::get(), "{key:?} costs {}", key.price());
	});
}
