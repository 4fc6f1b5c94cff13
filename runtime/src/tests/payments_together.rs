//! All ways to pay at once, with the real parts in place of every mock: random sequences of calls by
//! everybody who has a part in them, while accounts are blocked, machines are stopped and sold, and
//! time passes.
//!
//! After every step all laws hold, escrow has to the unit what the books say, and no money was made
//! or lost. In the end everything can be ended, and nothing is left in escrow.
//!
//! More than 10⁵ steps are
//! `PROPTEST_CASES=1200 cargo test --release -p dam-runtime payments_together`.

use super::{laws::check_laws, support::*};
use crate::{units::*, *};
use alloc::{vec, vec::Vec};
use dam_primitives::{
	order::{Offer, OrderState},
	payword::descend,
	policy::PeriodCap,
	CloseAgreement, Intent, KeyRights, MachineId, Payee, Policy, PublicKey, RevealedLink,
	Signature, SignedIntent, SignedVoucher, Terms, Voucher, USDT_ASSET_ID,
};
use frame_support::{
	storage::with_storage_layer, traits::fungible::Inspect, traits::Get, BoundedVec,
};
use pallet_dam_traits::{HostCrypto, Machines};
use proptest::prelude::*;
use sp_core::Pair;
use sp_runtime::traits::Dispatchable;

type Usdt = <Runtime as pallet_micropayments::Config>::Currency;

/// Machines that take part; device `n + 1` has the payment key of machine `n`.
const MACHINES: u8 = 3;
/// Links of every hash chain, and what each is worth.
const LENGTH: u32 = 50;
const UNIT: Balance = USDT / 100;
const SECRET: [u8; 32] = [3; 32];

/// What somebody does: one of the calls below, with numbers to choose its arguments by.
#[derive(Debug, Clone, Copy)]
struct Step {
	what: u8,
	who: u8,
	other: u8,
	id: u8,
	amount: u32,
}

fn step() -> impl Strategy<Value = Step> {
	(0u8..48, any::<u8>(), any::<u8>(), 0u8..8, 0u32..3_000_000)
		.prop_map(|(what, who, other, id, amount)| Step { what, who, other, id, amount })
}

/// An account that has nothing in the beginning.
fn person() -> sp_core::sr25519::Pair {
	device(99)
}

/// The key of machine `n`, counted round.
fn key(n: u8) -> sp_core::sr25519::Pair {
	device(n % MACHINES + 1)
}

fn signed(by: &sp_core::sr25519::Pair) -> RuntimeOrigin {
	RuntimeOrigin::signed(key_of(by))
}

fn bridge() -> RuntimeOrigin {
	RuntimeOrigin::signed(configs::bridge_account())
}

impl Step {
	fn machine(&self) -> MachineId {
		(self.who % MACHINES).into()
	}

	fn payee(&self) -> Payee<AccountId> {
		match self.other % (MACHINES + 2) {
			machine if machine < MACHINES => Payee::Machine(machine.into()),
			// The same by its address.
			MACHINES => Payee::Account(DamIdentity::account(0)),
			_ => Payee::Account(key_of(&person())),
		}
	}

	/// Somebody: a key, the owner, or the person.
	fn anybody(&self) -> RuntimeOrigin {
		match self.who % (MACHINES + 2) {
			n if n < MACHINES => signed(&key(n)),
			MACHINES => RuntimeOrigin::signed(owner()),
			_ => signed(&person()),
		}
	}

	fn amount(&self) -> Balance {
		self.amount.into()
	}

	/// The account that is blocked and let free.
	fn account(&self) -> AccountId {
		match self.payee() {
			Payee::Machine(machine) => DamIdentity::account(machine),
			Payee::Account(account) => account,
		}
	}

	fn voucher(&self) -> SignedVoucher {
		let channel = u64::from(self.id);
		let payer = pallet_channels::Channels::<Runtime>::get(channel).map_or(0, |c| c.payer as u8);
		let genesis = System::block_hash(0).into();
		let payload = Voucher::new(genesis, channel, self.amount()).signing_payload();
		let signature = Signature::Sr25519(key(payer).sign(&payload).0);
		SignedVoucher { channel, amount: self.amount(), signature }
	}

	fn intents(&self) -> RuntimeCall {
		let genesis = System::block_hash(0).into();
		let payee = match self.payee() {
			Payee::Machine(machine) => Payee::Machine(machine),
			Payee::Account(account) => Payee::Account(account.into()),
		};
		let now = System::block_number();
		let signed = (0..3u8).map(|n| {
			let intent = Intent {
				payer: (self.who.wrapping_add(n) % MACHINES).into(),
				payee: payee.clone(),
				amount: self.amount() / 4,
				relay_fee: Balance::from(n) * USDT / 50,
				valid_from: now,
				valid_until: now + 10,
				nonce: (self.amount % 400).into(),
			};
			let device = key(intent.payer as u8);
			let signature = device.sign(&intent.signing_payload(&genesis));
			SignedIntent { intent, signature: Signature::Sr25519(signature.0) }
		});
		let intents = BoundedVec::truncate_from(signed.collect());
		pallet_intents::Call::submit { intents }.into()
	}

	fn offer(&self) -> Offer<AccountId> {
		Offer {
			seller: self.payee(),
			amount: self.amount(),
			arbiter: self.id.is_multiple_of(2).then(|| key_of(&person())),
			terms_hash: [7; 32],
			accept_by: System::block_number() + HOURS,
			deliver_within: DAYS,
			confirm_within: DAYS,
		}
	}

	fn policy(&self) -> Option<Policy<AccountId>> {
		let cap = PeriodCap { blocks: HOURS, amount: 5 * USDT };
		(self.id > 2).then(|| Policy {
			payment_cap: (self.id > 5).then_some(USDT),
			period_cap: (self.id > 3).then_some(cap),
			..Default::default()
		})
	}

	fn call(&self) -> (RuntimeOrigin, RuntimeCall) {
		use pallet_channels::Call as Channel;
		use pallet_dam_identity::Call as Identity;
		use pallet_mandates::Call as Mandate;
		use pallet_micropayments::Call as Payments;
		use pallet_orders::Call as Order;
		use pallet_streams::Call as Stream;
		let (payee, amount, id) = (self.payee(), self.amount(), u64::from(self.id));
		let (channel, stream, mandate, order) = (id, id, id, id);
		let machine = self.machine();
		let by_key = || signed(&key(self.who));
		let usdt = || codec::Compact(USDT_ASSET_ID);
		let account = || self.account().into();
		let now = System::block_number();
		match self.what {
			0..=2 => {
				let root = descend::<HostCrypto>(&SECRET, LENGTH);
				let terms = match self.what {
					0 => Terms::HashChain { root, length: LENGTH, unit: UNIT },
					_ => Terms::Vouchers,
				};
				let deposit = if self.what == 0 { amount / 6 } else { amount };
				(by_key(), Channel::open { payee, deposit, terms, grace: HOURS }.into())
			},
			3 => (by_key(), Channel::top_up { channel, amount }.into()),
			4 | 5 => (self.anybody(), Channel::claim { voucher: self.voucher() }.into()),
			6 => {
				let vouchers = (0..4).map(|id| Step { id: self.id ^ id, ..*self }.voucher());
				let vouchers = BoundedVec::truncate_from(vouchers.collect());
				(self.anybody(), Channel::claim_batch { vouchers }.into())
			},
			7 | 8 => {
				let index = self.amount % (LENGTH + 1);
				let link = descend::<HostCrypto>(&SECRET, LENGTH - index);
				let revealed = RevealedLink { channel, index, link };
				(self.anybody(), Channel::claim_links { revealed }.into())
			},
			9 => (self.anybody(), Channel::close { channel }.into()),
			10 => {
				let consenting = match self.other % (MACHINES + 1) {
					n if n < MACHINES => key(n),
					_ => person(),
				};
				let genesis = System::block_hash(0).into();
				let payload = CloseAgreement::new(genesis, channel, amount).signing_payload();
				let signature = Signature::Sr25519(consenting.sign(&payload).0);
				let key = PublicKey::Sr25519(consenting.public().0);
				let settled = amount;
				(by_key(), Channel::close_agreed { channel, settled, key, signature }.into())
			},
			11 => (self.anybody(), Channel::request_close { channel }.into()),
			12 => (self.anybody(), Channel::sweep { channel }.into()),
			13 | 14 => {
				let rate = Balance::from(self.other);
				(by_key(), Stream::open { payee, rate, deposit: amount }.into())
			},
			15 => (by_key(), Stream::top_up { stream, amount }.into()),
			16 => (self.anybody(), Stream::collect { stream }.into()),
			17 => {
				let streams = BoundedVec::truncate_from((0..6).collect());
				(self.anybody(), Stream::collect_batch { streams }.into())
			},
			18 => (self.anybody(), Stream::pause { stream }.into()),
			19 => (self.anybody(), Stream::resume { stream }.into()),
			20 => (self.anybody(), Stream::close { stream }.into()),
			21 => (self.anybody(), Stream::sweep { stream }.into()),
			22 | 23 => {
				let (cap, period, expires_at) = (amount, HOURS, now + 10 * DAYS);
				let grant = Mandate::grant { machine, payee, cap, period, expires_at };
				(self.anybody(), grant.into())
			},
			24 => (self.anybody(), Mandate::pull { mandate, amount: amount / 3 }.into()),
			25 => {
				let pull = |mandate| pallet_mandates::Pull { mandate, amount: amount / 3 };
				let pulls = BoundedVec::truncate_from((0..6).map(pull).collect());
				(self.anybody(), Mandate::pull_batch { pulls }.into())
			},
			26 => (self.anybody(), Mandate::revoke { mandate }.into()),
			27 => (self.anybody(), Mandate::remove { mandate }.into()),
			28 | 29 => (by_key(), Order::offer { offer: self.offer() }.into()),
			30 => (self.anybody(), Order::accept { order }.into()),
			31 => (self.anybody(), Order::cancel { order }.into()),
			32 => (self.anybody(), Order::deliver { order, evidence: [8; 32] }.into()),
			33 => (self.anybody(), Order::confirm { order }.into()),
			34 => (self.anybody(), Order::dispute { order, evidence: [9; 32] }.into()),
			35 => (self.anybody(), Order::release { order }.into()),
			36 => (signed(&person()), Order::resolve { order, to_seller: amount }.into()),
			37 => (self.anybody(), Order::expire_dispute { order }.into()),
			38 => (self.anybody(), self.intents()),
			39 => (by_key(), Payments::pay { payee, amount }.into()),
			40 => {
				let pay = |n: u8| dam_primitives::Payment {
					payee: Step { other: self.other.wrapping_add(n), ..*self }.payee(),
					amount: amount / 8,
				};
				let payments = BoundedVec::truncate_from((0..7).map(pay).collect());
				(by_key(), Payments::pay_batch { payments }.into())
			},
			41 => (RuntimeOrigin::signed(owner()), Payments::withdraw { machine, amount }.into()),
			42 => match self.id {
				0..=2 => {
					(bridge(), pallet_assets::Call::block { id: usdt(), who: account() }.into())
				},
				3 => (bridge(), pallet_assets::Call::freeze { id: usdt(), who: account() }.into()),
				4 => (bridge(), pallet_assets::Call::freeze_asset { id: usdt() }.into()),
				_ => (bridge(), pallet_assets::Call::thaw_asset { id: usdt() }.into()),
			},
			43 => (bridge(), pallet_assets::Call::thaw { id: usdt(), who: account() }.into()),
			44 => {
				let origin = RuntimeOrigin::signed(owner());
				let call = match self.id {
					0 => Identity::suspend { machine },
					1 => Identity::freeze { machines: BoundedVec::truncate_from(vec![machine]) },
					2 => Identity::retire { machine },
					3 | 4 => Identity::unfreeze { machine },
					_ => Identity::resume { machine },
				};
				(origin, call.into())
			},
			45 => {
				let policy = self.policy();
				let set = pallet_spending_policy::Call::set_policy { machine, policy };
				(RuntimeOrigin::signed(owner()), set.into())
			},
			// Somebody sends money to an address, as anybody can. Not to that of a machine that is
			// retired: nobody could take it out again.
			46 => {
				let machine = DamIdentity::machine_at(&self.account());
				let is_gone = machine.is_some_and(|machine| !DamIdentity::is_payable(machine));
				let target = if is_gone { key_of(&person()).into() } else { account() };
				let call = pallet_assets::Call::transfer { id: usdt(), target, amount: amount / 9 };
				(RuntimeOrigin::signed(owner()), call.into())
			},
			_ => (self.anybody(), frame_system::Call::remark { remark: Vec::new() }.into()),
		}
	}

	fn run(&self) -> bool {
		if self.what == 47 {
			let blocks = [1, 60, HOURS + 1, DAYS + 1, 31 * DAYS][usize::from(self.id) % 5];
			System::set_block_number(System::block_number() + blocks);
			return true;
		}
		let (origin, call) = self.call();
		// As an extrinsic does: what fails changes nothing.
		with_storage_layer(|| call.dispatch(origin).map_err(|failed| failed.error)).is_ok()
	}
}

fn check(issuance: Balance) {
	check_laws();
	let books = <<Runtime as pallet_micropayments::Config>::Escrowed as Get<Balance>>::get();
	let seed = Usdt::minimum_balance();
	assert_eq!(usdt(&Micropayments::pot()), books + seed, "escrow and books differ");
	assert_eq!(Usdt::total_issuance(), issuance);
	let balances: Balance = pallet_assets::Account::<Runtime>::iter_prefix(USDT_ASSET_ID)
		.map(|(_, account)| account.balance)
		.sum();
	assert_eq!(balances, issuance, "balances and issuance differ");
}

/// Whatever came before: the owner and strangers end it all, and every machine can go.
fn end_everything() {
	let run = |origin: RuntimeOrigin, call: RuntimeCall| {
		with_storage_layer(|| call.clone().dispatch(origin).map_err(|failed| failed.error))
			.unwrap_or_else(|error| panic!("{call:?}: {error:?}"));
	};
	let owned = || RuntimeOrigin::signed(owner());
	let stranger = || signed(&device(77));
	let _ = Assets::thaw_asset(bridge(), USDT_ASSET_ID.into());
	for machine in 0..MACHINES {
		let wallet = DamIdentity::account(machine.into());
		let _ = Assets::thaw(bridge(), USDT_ASSET_ID.into(), wallet.into());
	}
	for (channel, record) in pallet_channels::Channels::<Runtime>::iter().collect::<Vec<_>>() {
		if record.closing.is_none() {
			run(owned(), pallet_channels::Call::request_close { channel }.into());
		}
	}
	for (stream, record) in pallet_streams::Streams::<Runtime>::iter().collect::<Vec<_>>() {
		if !record.has_run_out(System::block_number()) && record.stopped_at(0).is_none() {
			run(owned(), pallet_streams::Call::pause { stream }.into());
		}
	}
	// Twice: a decision may have to wait for a seller that cannot be paid.
	for _ in 0..3 {
		System::set_block_number(System::block_number() + 91 * DAYS);
		for (order, record) in pallet_orders::Orders::<Runtime>::iter().collect::<Vec<_>>() {
			let call = match record.state {
				OrderState::Offered | OrderState::Accepted { .. } => {
					pallet_orders::Call::cancel { order }
				},
				OrderState::Delivered { .. } | OrderState::Decided { .. } => {
					pallet_orders::Call::release { order }
				},
				OrderState::Disputed { .. } => pallet_orders::Call::expire_dispute { order },
			};
			run(stranger(), call.into());
		}
	}
	for channel in pallet_channels::Channels::<Runtime>::iter_keys().collect::<Vec<_>>() {
		run(stranger(), pallet_channels::Call::sweep { channel }.into());
	}
	for stream in pallet_streams::Streams::<Runtime>::iter_keys().collect::<Vec<_>>() {
		run(stranger(), pallet_streams::Call::sweep { stream }.into());
	}
	for mandate in pallet_mandates::Mandates::<Runtime>::iter_keys().collect::<Vec<_>>() {
		run(stranger(), pallet_mandates::Call::remove { mandate }.into());
	}
	for machine in (0..MACHINES).map(MachineId::from) {
		if DamIdentity::is_payable(machine) {
			run(owned(), pallet_dam_identity::Call::retire { machine }.into());
		}
	}
}

fn cases() -> ProptestConfig {
	let wanted = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
	ProptestConfig { cases: wanted.unwrap_or(24), failure_persistence: None, ..Default::default() }
}

proptest! {
	#![proptest_config(cases())]

	#[test]
	fn laws_should_hold_whatever_is_paid_and_everything_should_end(
		steps in prop::collection::vec(step(), 1..200),
	) {
		new_test_ext().execute_with(|| {
			for n in 0..MACHINES {
				let machine = register(&device(n + 1));
				assert_eq!(machine, MachineId::from(n));
				fund(machine, 20 * USDT);
			}
			let issuance = Usdt::total_issuance();
			check(issuance);
			for step in steps {
				let before = state_root();
				let happened = step.run();
				assert!(happened || state_root() == before, "{step:?} failed and left something");
				check(issuance);
			}
			end_everything();
			check(issuance);
			let left = <<Runtime as pallet_micropayments::Config>::Escrowed as Get<Balance>>::get();
			assert_eq!(left, 0);
			assert!(DamIdentity::authorize(&key_of(&key(0)), KeyRights::NONE).is_err());
		});
	}
}

fn state_root() -> Vec<u8> {
	sp_io::storage::root(sp_runtime::StateVersion::V1)
}
