//! Random sequences of operations against a model, with the invariants checked after each step; at the
//! end of each, everything must come out of escrow by what anybody may call.

use super::*;
use pallet_dam_traits::OnMachineChange;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone)]
enum Action {
	Accept,
	Cancel,
	Deliver,
	Confirm,
	Dispute,
	Release,
	Resolve(u128),
	ExpireDispute,
}

#[derive(Debug, Clone)]
enum Step {
	Offer {
		buyer: MachineId,
		offer: Offer<AccountId>,
	},
	/// By whom the action is for, if nobody is named; on one of the open orders, mostly.
	Act {
		who: Option<AccountId>,
		order: usize,
		action: Action,
	},
	Advance {
		blocks: u32,
	},
	Block {
		account: AccountId,
		blocked: bool,
	},
	Suspend {
		machine: MachineId,
		suspended: bool,
	},
	Retire {
		machine: MachineId,
	},
}

/// Times of an offer are up to this; those of the configuration are longer.
const SHORT: u32 = 20;

fn machine() -> impl Strategy<Value = MachineId> {
	0..3u64
}

fn anybody() -> impl Strategy<Value = AccountId> {
	prop_oneof![
		3 => machine().prop_map(key),
		2 => machine().prop_map(claim_key),
		2 => machine().prop_map(owner),
		3 => prop::sample::select(vec![SELLER, NEWCOMER, ARBITER, STRANGER]),
	]
}

/// An offer whose block to accept by is still to be counted from the block that it is made in.
fn any_offer() -> impl Strategy<Value = Offer<AccountId>> {
	let seller = prop_oneof![
		3 => machine().prop_map(Payee::Machine),
		2 => prop::sample::select(vec![SELLER, NEWCOMER]).prop_map(Payee::Account),
	];
	let arbiter = prop::option::weighted(0.8, Just(ARBITER));
	let blocks = || prop_oneof![20 => 1..SHORT, 1 => Just(0), 1 => Just(MAX_PHASE + 1)];
	(seller, 0..300u128, arbiter, blocks(), blocks(), blocks()).prop_map(
		|(seller, amount, arbiter, accept_by, deliver_within, confirm_within)| Offer {
			seller,
			amount,
			arbiter,
			terms_hash: [3; 32],
			accept_by,
			deliver_within,
			confirm_within,
		},
	)
}

fn action() -> impl Strategy<Value = Action> {
	prop_oneof![
		6 => Just(Action::Accept),
		1 => Just(Action::Cancel),
		6 => Just(Action::Deliver),
		1 => Just(Action::Confirm),
		3 => Just(Action::Dispute),
		3 => Just(Action::Release),
		2 => (0..320u128).prop_map(Action::Resolve),
		2 => Just(Action::ExpireDispute),
	]
}

fn step() -> impl Strategy<Value = Step> {
	let account = prop_oneof![
		3 => machine().prop_map(wallet_of),
		2 => prop::sample::select(vec![SELLER, NEWCOMER]),
	];
	prop_oneof![
		20 => (machine(), any_offer()).prop_map(|(buyer, offer)| Step::Offer { buyer, offer }),
		100 => (prop::option::weighted(0.3, anybody()), any::<usize>(), action())
			.prop_map(|(who, order, action)| Step::Act { who, order, action }),
		15 => (1..5u32).prop_map(|blocks| Step::Advance { blocks }),
		3 => (1..SHORT).prop_map(|blocks| Step::Advance { blocks }),
		1 => (PAYEE_TIMEOUT..MAX_PHASE).prop_map(|blocks| Step::Advance { blocks }),
		6 => (account, any::<bool>())
			.prop_map(|(account, blocked)| Step::Block { account, blocked }),
		4 => (machine(), prop::bool::weighted(0.3))
			.prop_map(|(machine, suspended)| Step::Suspend { machine, suspended }),
		1 => machine().prop_map(|machine| Step::Retire { machine }),
	]
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Phase {
	Offered,
	Accepted,
	Delivered,
	Disputed,
	Decided { to_seller: u128, to_buyer: u128 },
}

#[derive(Clone)]
struct Record {
	buyer: MachineId,
	offer: Offer<AccountId>,
	phase: Phase,
	/// First block that is late.
	late_from: u32,
}

/// What must be true, without any of the pallet's code.
#[derive(Clone)]
struct Model {
	orders: BTreeMap<OrderId, Record>,
	next: OrderId,
	money: BTreeMap<AccountId, u128>,
	blocked: BTreeSet<AccountId>,
	suspended: BTreeSet<MachineId>,
	retired: BTreeSet<MachineId>,
	now: u32,
}

impl Model {
	fn new() -> Self {
		let accounts = (0..3).map(wallet_of).chain([SELLER]);
		Self {
			orders: BTreeMap::new(),
			next: 0,
			money: accounts.map(|account| (account, FUNDS)).collect(),
			blocked: BTreeSet::new(),
			suspended: BTreeSet::new(),
			retired: BTreeSet::new(),
			now: System::block_number(),
		}
	}

	fn is_buyer(&self, who: AccountId, record: &Record) -> bool {
		let spends = !self.suspended.contains(&record.buyer);
		who == owner(record.buyer) || who == key(record.buyer) && spends
	}

	fn is_seller(&self, who: AccountId, record: &Record) -> bool {
		match record.offer.seller {
			Payee::Account(account) => who == account,
			Payee::Machine(machine) => {
				let acts = !self.retired.contains(&machine);
				who == owner(machine) || (who == key(machine) || who == claim_key(machine)) && acts
			},
		}
	}

	/// The order that a step is about: an open one, or the next.
	fn pick(&self, at: usize) -> OrderId {
		let place = at % (self.orders.len() + 1);
		self.orders.keys().nth(place).copied().unwrap_or(self.next)
	}

	/// Whoever is named, or whom the action is for.
	fn actor(&self, named: Option<AccountId>, id: OrderId, action: &Action) -> AccountId {
		let Some(record) = self.orders.get(&id) else { return STRANGER };
		named.unwrap_or(match (action, &record.offer.seller) {
			(Action::Accept | Action::Cancel | Action::Deliver, Payee::Machine(machine)) => {
				claim_key(*machine)
			},
			(Action::Accept | Action::Cancel | Action::Deliver, Payee::Account(seller)) => *seller,
			(Action::Confirm | Action::Dispute, _) => owner(record.buyer),
			(Action::Resolve(_), _) => ARBITER,
			(Action::Release | Action::ExpireDispute, _) => STRANGER,
		})
	}

	/// Does what the step should do; tells whether it should succeed.
	fn step(&mut self, step: &Step) -> bool {
		match step {
			Step::Offer { buyer, offer } => self.offer(*buyer, offer),
			Step::Act { who, order, action } => {
				let id = self.pick(*order);
				self.act(self.actor(*who, id, action), id, action)
			},
			Step::Advance { blocks } => {
				self.now += blocks;
				true
			},
			Step::Block { account, blocked: true } => {
				self.blocked.insert(*account);
				true
			},
			Step::Block { account, .. } => {
				self.blocked.remove(account);
				true
			},
			Step::Suspend { machine, suspended: true } => {
				self.suspended.insert(*machine);
				true
			},
			Step::Suspend { machine, .. } => {
				self.suspended.remove(machine);
				true
			},
			Step::Retire { machine } => {
				let free = self.orders.values().all(|record| record.buyer != *machine);
				if free {
					self.retired.insert(*machine);
				}
				free
			},
		}
	}

	fn offer(&mut self, buyer: MachineId, offer: &Offer<AccountId>) -> bool {
		let times = [offer.deliver_within, offer.confirm_within];
		let valid = offer.accept_by <= MAX_PHASE
			&& times.into_iter().all(|blocks| blocks > 0 && blocks <= MAX_PHASE);
		let spends = !self.suspended.contains(&buyer) && !self.retired.contains(&buyer);
		let sells = match offer.seller {
			Payee::Machine(seller) => seller != buyer && !self.retired.contains(&seller),
			Payee::Account(_) => true,
		};
		let cost = offer.amount + STORAGE_DEPOSIT;
		let wallet = self.money.get_mut(&wallet_of(buyer)).unwrap();
		if !valid || !spends || !sells || offer.amount == 0 || *wallet < cost + MINIMUM {
			return false;
		}
		*wallet -= cost;
		let late_from = self.now + offer.accept_by + 1;
		let offer = offer.clone();
		let record = Record { buyer, offer, phase: Phase::Offered, late_from };
		self.orders.insert(self.next, record);
		self.next += 1;
		true
	}

	fn act(&mut self, who: AccountId, id: OrderId, action: &Action) -> bool {
		let Some(record) = self.orders.get(&id).cloned() else { return false };
		let late = self.now >= record.late_from;
		let (buyer, seller) = (self.is_buyer(who, &record), self.is_seller(who, &record));
		let Offer { amount, deliver_within, confirm_within, arbiter, .. } = record.offer;
		match (action, record.phase) {
			(Action::Accept, Phase::Offered) if seller && !late => match record.offer.seller {
				Payee::Machine(machine) if self.retired.contains(&machine) => false,
				_ => self.enter(id, Phase::Accepted, deliver_within),
			},
			(Action::Deliver, Phase::Accepted) if seller && !late => {
				self.enter(id, Phase::Delivered, confirm_within)
			},
			(Action::Dispute, Phase::Delivered) if buyer && !late && arbiter.is_some() => {
				self.enter(id, Phase::Disputed, DISPUTE_TIMEOUT)
			},

			(Action::Cancel, Phase::Decided { .. }) => false,
			(Action::Cancel, _) if seller => self.decide(id, 0),
			(Action::Cancel, Phase::Offered) if buyer || late => self.decide(id, 0),
			(Action::Cancel, Phase::Accepted) if late => self.decide(id, 0),
			(Action::Confirm, Phase::Accepted | Phase::Delivered | Phase::Disputed) if buyer => {
				self.decide(id, amount)
			},
			(Action::Release, Phase::Delivered) if late => self.decide(id, amount),
			(Action::Resolve(part), Phase::Disputed)
				if arbiter == Some(who) && !late && *part <= amount =>
			{
				self.decide(id, *part)
			},
			(Action::ExpireDispute, Phase::Disputed) if late => self.decide(id, amount / 2),
			(Action::Release, Phase::Decided { .. }) => self.pay(id, late),
			_ => false,
		}
	}

	fn enter(&mut self, id: OrderId, phase: Phase, blocks: u32) -> bool {
		let record = self.orders.get_mut(&id).unwrap();
		record.phase = phase;
		record.late_from = self.now + blocks + 1;
		true
	}

	fn decide(&mut self, id: OrderId, to_seller: u128) -> bool {
		let to_buyer = self.orders[&id].offer.amount - to_seller;
		self.enter(id, Phase::Decided { to_seller, to_buyer }, PAYEE_TIMEOUT);
		self.pay(id, false);
		true
	}

	/// Pays what can be paid; tells whether that was anything.
	fn pay(&mut self, id: OrderId, late: bool) -> bool {
		let mut record = self.orders.remove(&id).unwrap();
		let Phase::Decided { mut to_seller, mut to_buyer } = record.phase else { unreachable!() };
		let (seller, living) = match record.offer.seller {
			Payee::Account(account) => (account, true),
			Payee::Machine(machine) => (wallet_of(machine), !self.retired.contains(&machine)),
		};
		let before = (to_seller, to_buyer);
		if living && self.credit(seller, to_seller) {
			to_seller = 0;
		} else if late {
			to_buyer += to_seller;
			to_seller = 0;
		}
		let deposit = if to_seller == 0 { STORAGE_DEPOSIT } else { 0 };
		let refunded = self.credit(wallet_of(record.buyer), to_buyer + deposit);
		if refunded {
			to_buyer = 0;
		}
		if to_seller > 0 || !refunded {
			record.phase = Phase::Decided { to_seller, to_buyer };
			self.orders.insert(id, record);
			return before != (to_seller, to_buyer);
		}
		true
	}

	fn credit(&mut self, account: AccountId, amount: u128) -> bool {
		let exists = self.money.contains_key(&account);
		let takes = !self.blocked.contains(&account) && (exists || amount >= MINIMUM);
		if amount > 0 && takes {
			*self.money.entry(account).or_default() += amount;
		}
		amount == 0 || takes
	}

	/// Whether the chain is as this model.
	fn check(&self) {
		check();
		for (account, amount) in &self.money {
			assert_eq!(balance(*account), *amount, "account {account}");
		}
		assert_eq!(Orders::<Test>::iter().count(), self.orders.len());
		for (id, record) in &self.orders {
			let order = order(*id);
			let phase = match order.state {
				OrderState::Offered => Phase::Offered,
				OrderState::Accepted { .. } => Phase::Accepted,
				OrderState::Delivered { .. } => Phase::Delivered,
				OrderState::Disputed { .. } => Phase::Disputed,
				OrderState::Decided { to_seller, to_buyer, .. } => {
					Phase::Decided { to_seller, to_buyer }
				},
			};
			assert_eq!(phase, record.phase, "order {id}");
			assert_eq!(order.deadline() + 1, record.late_from, "order {id}");
		}
	}
}

/// `model` is as it was before the step.
fn execute(model: &Model, step: &Step) -> bool {
	match step.clone() {
		Step::Offer { buyer, mut offer } => {
			offer.accept_by += System::block_number();
			PurchaseOrders::offer(signed(key(buyer)), offer).is_ok()
		},
		Step::Act { who, order, action } => {
			let id = model.pick(order);
			act(model.actor(who, id, &action), id, action).is_ok()
		},
		Step::Advance { blocks } => {
			advance(blocks);
			true
		},
		Step::Block { account, blocked } => {
			let others = Blocked::get().into_iter().filter(|other| *other != account);
			Blocked::set(&others.chain(blocked.then_some(account)).collect());
			true
		},
		Step::Suspend { machine, suspended } => {
			let others = Suspended::get().into_iter().filter(|other| *other != machine);
			Suspended::set(&others.chain(suspended.then_some(machine)).collect());
			true
		},
		Step::Retire { machine } => {
			let retired = <PurchaseOrders as OnMachineChange<AccountId>>::on_retire(machine);
			if retired.is_ok() {
				Retired::set(&Retired::get().into_iter().chain([machine]).collect());
			}
			retired.is_ok()
		},
	}
}

fn act(who: AccountId, order: OrderId, action: Action) -> DispatchResult {
	let origin = signed(who);
	match action {
		Action::Accept => PurchaseOrders::accept(origin, order),
		Action::Cancel => PurchaseOrders::cancel(origin, order),
		Action::Deliver => PurchaseOrders::deliver(origin, order, PROOF),
		Action::Confirm => PurchaseOrders::confirm(origin, order),
		Action::Dispute => PurchaseOrders::dispute(origin, order, COMPLAINT),
		Action::Release => PurchaseOrders::release(origin, order),
		Action::Resolve(to_seller) => PurchaseOrders::resolve(origin, order, to_seller),
		Action::ExpireDispute => PurchaseOrders::expire_dispute(origin, order),
	}
}

/// What a stranger can do for an order that is late.
fn end(id: OrderId) -> Action {
	match order(id).state {
		OrderState::Offered | OrderState::Accepted { .. } => Action::Cancel,
		OrderState::Delivered { .. } | OrderState::Decided { .. } => Action::Release,
		OrderState::Disputed { .. } => Action::ExpireDispute,
	}
}

/// How many sequences are tried: few by default, as many as `PROPTEST_CASES` says for a long run.
/// More than 10⁵ steps are
/// `PROPTEST_CASES=1200 cargo test --release -p pallet-orders properties`.
fn cases() -> u32 {
	std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(64)
}

proptest! {
	#![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..Default::default() })]

	#[test]
	fn orders_should_follow_the_model_and_end(steps in prop::collection::vec(step(), 1..200)) {
		new_test_ext().execute_with(|| {
			let mut model = Model::new();
			let both = |model: &mut Model, step: Step| {
				let happened = execute(model, &step);
				assert_eq!(happened, model.step(&step), "{step:?}");
				model.check();
			};
			for step in steps {
				both(&mut model, step);
			}

			// Sellers may stay blocked for ever; buyers' own money waits for nobody else.
			for machine in 0..3 {
				both(&mut model, Step::Block { account: wallet_of(machine), blocked: false });
			}
			for _ in 0..2 {
				both(&mut model, Step::Advance { blocks: MAX_PHASE + 1 });
				let open: Vec<_> = model.orders.keys().copied().collect();
				for id in open {
					let action = end(id);
					assert!(model.act(STRANGER, id, &action), "order {id} does not end");
					assert_ok!(act(STRANGER, id, action));
					model.check();
				}
			}
			assert!(model.orders.is_empty());
			assert_eq!(Locked::<Test>::get(), 0);
		});
	}
}
