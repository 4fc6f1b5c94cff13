//! Random sequences of operations against a model, with the invariants checked after each step.
//!
//! The model knows no formula: it lets time pass block by block and gives the payee the rate.

use super::*;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Machines that take part, all as payers and payees.
const PARTIES: MachineId = 4;

#[derive(Debug, Clone, Copy)]
enum Signer {
	PaymentKey(MachineId),
	ClaimKey(MachineId),
	Owner(MachineId),
}

impl Signer {
	fn account(self) -> AccountId {
		match self {
			Self::PaymentKey(machine) => payment_key(machine),
			Self::ClaimKey(machine) => claim_key(machine),
			Self::Owner(machine) => owner(machine),
		}
	}
}

#[derive(Debug, Clone)]
enum Step {
	Open { payer: MachineId, payee: MachineId, rate: u128, deposit: u128 },
	TopUp { by: MachineId, stream: StreamId, amount: u128 },
	Collect { stream: StreamId },
	CollectBatch { streams: Vec<StreamId> },
	Pause { by: Signer, stream: StreamId },
	Resume { by: Signer, stream: StreamId },
	Close { by: Signer, stream: StreamId },
	Sweep { stream: StreamId },
	Block { machine: MachineId, blocked: bool },
	Suspend { machine: MachineId, suspended: bool },
	Advance { blocks: u32 },
}

fn step() -> impl Strategy<Value = Step> {
	let machine = || 0..PARTIES;
	let stream = || 0..10u64;
	let signer = || {
		prop_oneof![
			3 => machine().prop_map(Signer::PaymentKey),
			1 => machine().prop_map(Signer::ClaimKey),
			1 => machine().prop_map(Signer::Owner),
		]
	};
	prop_oneof![
		4 => (machine(), machine(), 0..40u128, 0..400u128).prop_map(
			|(payer, payee, rate, deposit)| Step::Open { payer, payee, rate, deposit }
		),
		2 => (machine(), stream(), 0..200u128)
			.prop_map(|(by, stream, amount)| Step::TopUp { by, stream, amount }),
		2 => stream().prop_map(|stream| Step::Collect { stream }),
		1 => prop::collection::vec(stream(), 0..6)
			.prop_map(|streams| Step::CollectBatch { streams }),
		3 => (signer(), stream()).prop_map(|(by, stream)| Step::Pause { by, stream }),
		2 => (signer(), stream()).prop_map(|(by, stream)| Step::Resume { by, stream }),
		2 => (signer(), stream()).prop_map(|(by, stream)| Step::Close { by, stream }),
		2 => stream().prop_map(|stream| Step::Sweep { stream }),
		1 => (machine(), any::<bool>())
			.prop_map(|(machine, blocked)| Step::Block { machine, blocked }),
		1 => (machine(), any::<bool>())
			.prop_map(|(machine, suspended)| Step::Suspend { machine, suspended }),
		4 => (1..12u32).prop_map(|blocks| Step::Advance { blocks }),
		1 => (PAYEE_TIMEOUT - 2..MAX_PAUSE + 3).prop_map(|blocks| Step::Advance { blocks }),
	]
}

struct Record {
	payer: MachineId,
	payee: MachineId,
	rate: u128,
	/// In escrow and not earned.
	unearned: u128,
	/// Earned and not paid.
	due: u128,
	paused: bool,
	/// How many blocks have earned nothing, up to this one.
	idle: u32,
}

/// What must be true, without any of the pallet's code.
#[derive(Default)]
struct Model {
	streams: BTreeMap<StreamId, Record>,
	next: StreamId,
	wallets: BTreeMap<MachineId, u128>,
	income: BTreeMap<MachineId, u128>,
	blocked: BTreeSet<MachineId>,
	suspended: BTreeSet<MachineId>,
}

impl Model {
	fn wallet(&mut self, machine: MachineId) -> &mut u128 {
		self.wallets.entry(machine).or_insert(FUNDS)
	}

	fn withdraw(&mut self, machine: MachineId, amount: u128) -> bool {
		let wallet = self.wallet(machine);
		let enough = wallet.checked_sub(amount).is_some_and(|rest| rest >= MINIMUM);
		if enough {
			*wallet -= amount;
		}
		enough
	}

	fn pay(&mut self, payee: MachineId, amount: u128) {
		*self.wallet(payee) += amount;
		*self.income.entry(payee).or_default() += amount;
	}

	fn acts_for_payer(&self, by: Signer, record: &Record) -> bool {
		match by {
			Signer::PaymentKey(machine) => {
				machine == record.payer && !self.suspended.contains(&machine)
			},
			Signer::ClaimKey(_) => false,
			Signer::Owner(machine) => machine == record.payer,
		}
	}

	/// Suspended machines can still be paid and claim.
	fn acts_for_payee(by: Signer, record: &Record) -> bool {
		let (Signer::PaymentKey(machine) | Signer::ClaimKey(machine) | Signer::Owner(machine)) = by;
		machine == record.payee
	}

	fn collect(&mut self, stream: StreamId) -> bool {
		let Some(record) = self.streams.get_mut(&stream) else { return false };
		if record.due == 0 || self.blocked.contains(&record.payee) {
			return false;
		}
		let (due, payee) = (std::mem::take(&mut record.due), record.payee);
		self.pay(payee, due);
		true
	}

	/// Ends a stream, if payer and payee can take their money.
	fn end(&mut self, stream: StreamId) -> bool {
		let Record { payer, payee, unearned, due, idle, .. } = self.streams[&stream];
		let unpayable = self.blocked.contains(&payee) && due > 0;
		if self.blocked.contains(&payer) || (unpayable && idle <= PAYEE_TIMEOUT) {
			return false;
		}
		let back = if unpayable {
			unearned + due
		} else if due > 0 {
			self.pay(payee, due);
			unearned
		} else {
			unearned
		};
		*self.wallet(payer) += back + STORAGE_DEPOSIT;
		self.streams.remove(&stream);
		true
	}

	/// Does what the step should do; tells whether it should succeed.
	fn step(&mut self, step: &Step) -> bool {
		match step {
			Step::Open { payer, payee, rate, deposit } => {
				let sane = payer != payee && *rate > 0 && deposit >= rate;
				if !sane
					|| self.suspended.contains(payer)
					|| !self.withdraw(*payer, deposit + STORAGE_DEPOSIT)
				{
					return false;
				}
				let record = Record {
					payer: *payer,
					payee: *payee,
					rate: *rate,
					unearned: *deposit,
					due: 0,
					paused: false,
					idle: 0,
				};
				self.streams.insert(self.next, record);
				self.next += 1;
				true
			},
			Step::TopUp { by, stream, amount } => {
				let payer = self.streams.get(stream).map(|record| record.payer);
				if payer != Some(*by)
					|| *amount == 0 || self.suspended.contains(by)
					|| !self.withdraw(*by, *amount)
				{
					return false;
				}
				let record = self.streams.get_mut(stream).unwrap();
				record.unearned += amount;
				// It does not run yet, but it would not be fair to count the next block as idle.
				if !record.paused {
					record.idle = 0;
				}
				true
			},
			Step::Collect { stream } => self.collect(*stream),
			Step::CollectBatch { streams } => {
				for stream in streams {
					self.collect(*stream);
				}
				true
			},
			Step::Pause { by, stream } => {
				let Some(record) = self.streams.get(stream) else { return false };
				if !self.acts_for_payer(*by, record) || record.paused || record.unearned == 0 {
					return false;
				}
				self.streams.get_mut(stream).unwrap().paused = true;
				true
			},
			Step::Resume { by, stream } => {
				let Some(record) = self.streams.get(stream) else { return false };
				if !self.acts_for_payer(*by, record) || !record.paused {
					return false;
				}
				let record = self.streams.get_mut(stream).unwrap();
				(record.paused, record.idle) = (false, 0);
				true
			},
			Step::Close { by, stream } => {
				let Some(record) = self.streams.get(stream) else { return false };
				let party = self.acts_for_payer(*by, record) || Self::acts_for_payee(*by, record);
				party && self.end(*stream)
			},
			Step::Sweep { stream } => {
				let Some(record) = self.streams.get(stream) else { return false };
				let forgotten = record.paused && record.idle > MAX_PAUSE;
				(record.unearned == 0 || forgotten) && self.end(*stream)
			},
			Step::Block { machine, blocked } => {
				if *blocked {
					self.blocked.insert(*machine);
				} else {
					self.blocked.remove(machine);
				}
				true
			},
			Step::Suspend { machine, suspended } => {
				if *suspended {
					self.suspended.insert(*machine);
				} else {
					self.suspended.remove(machine);
				}
				true
			},
			Step::Advance { blocks } => {
				for _ in 0..*blocks {
					for record in self.streams.values_mut() {
						let earned =
							if record.paused { 0 } else { record.rate.min(record.unearned) };
						record.unearned -= earned;
						record.due += earned;
						record.idle = if earned > 0 { 0 } else { record.idle + 1 };
					}
				}
				true
			},
		}
	}
}

/// The list with `item`, or without it.
fn with<T: PartialEq>(mut list: Vec<T>, item: T, member: bool) -> Vec<T> {
	list.retain(|known| *known != item);
	list.extend(member.then_some(item));
	list
}

fn execute(step: &Step) -> DispatchResult {
	match step.clone() {
		Step::Open { payer, payee, rate, deposit } => {
			PaymentStreams::open(by(payer), Payee::Machine(payee), rate, deposit)
		},
		Step::TopUp { by: payer, stream, amount } => {
			PaymentStreams::top_up(by(payer), stream, amount)
		},
		Step::Collect { stream } => collect(stream),
		Step::CollectBatch { streams } => {
			PaymentStreams::collect_batch(stranger(), BoundedVec::try_from(streams).unwrap())
		},
		Step::Pause { by, stream } => PaymentStreams::pause(signed(by.account()), stream),
		Step::Resume { by, stream } => PaymentStreams::resume(signed(by.account()), stream),
		Step::Close { by, stream } => PaymentStreams::close(signed(by.account()), stream),
		Step::Sweep { stream } => PaymentStreams::sweep(stranger(), stream),
		Step::Block { machine, blocked } => {
			Blocked::set(&with(Blocked::get(), address(machine), blocked));
			Ok(())
		},
		Step::Suspend { machine, suspended } => {
			Suspended::set(&with(Suspended::get(), machine, suspended));
			Ok(())
		},
		Step::Advance { blocks } => {
			advance(blocks);
			Ok(())
		},
	}
}

/// How many sequences are tried: few by default, as many as `PROPTEST_CASES` says for a long run.
/// More than 10⁵ steps are
/// `PROPTEST_CASES=2400 cargo test --release -p pallet-streams properties`.
fn cases() -> u32 {
	std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(64)
}

proptest! {
	#![proptest_config(ProptestConfig {
		cases: cases(),
		failure_persistence: None,
		..Default::default()
	})]

	#[test]
	fn streams_should_follow_the_model(steps in prop::collection::vec(step(), 1..100)) {
		new_test_ext().execute_with(|| {
			let mut model = Model::default();
			for step in steps {
				let expected = model.step(&step);
				let result = execute(&step);
				assert_eq!(result.is_ok(), expected, "{step:?}: {result:?}");
				check();
				for machine in 0..PARTIES {
					assert_eq!(wallet(machine), *model.wallet(machine), "{step:?}");
					let earned = model.income.get(&machine).copied().unwrap_or_default();
					assert_eq!(income(machine), earned, "{step:?}");
				}
				let now = System::block_number();
				let streams: BTreeMap<_, _> = Streams::<Test>::iter().collect();
				assert!(streams.keys().eq(model.streams.keys()), "{step:?}");
				for (id, record) in &model.streams {
					let stream = &streams[id];
					assert_eq!(stream.due(now), record.due, "{step:?}");
					assert_eq!(stream.open_amount(), record.due + record.unearned, "{step:?}");
					assert_eq!(stream.has_run_out(now), record.unearned == 0, "{step:?}");
				}
			}
		});
	}
}
