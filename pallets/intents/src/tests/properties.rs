//! Random batches, cancellations and changes of machines against a model, with the invariants checked
//! after each step.

use super::*;
use dam_primitives::window::MAX_STEP;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const PAYERS: MachineId = 3;

#[derive(Debug, Clone)]
struct Item {
	payer: MachineId,
	/// Above those that exist: the account of someone.
	payee: MachineId,
	amount: u128,
	relay_fee: u128,
	nonce: u64,
	/// First block, from now.
	starts: i32,
	/// Last block, from the first.
	lasts: u32,
	/// By whom it is signed, if not by the payer; or by its key before the last rotation.
	forged: Option<MachineId>,
	stale: bool,
}

#[derive(Debug, Clone)]
enum Step {
	/// By the key of a machine, or by the gateway.
	Submit {
		relayer: Option<MachineId>,
		items: Vec<Item>,
	},
	Cancel {
		machine: MachineId,
		nonces: Vec<u64>,
	},
	Rotate {
		machine: MachineId,
	},
	Suspend {
		machine: MachineId,
		suspended: bool,
	},
	Block {
		account: usize,
		blocked: bool,
	},
	Cap {
		cap: u128,
	},
	Advance {
		blocks: u32,
	},
}

fn nonce() -> impl Strategy<Value = u64> {
	prop_oneof![
		8 => 0..400u64,
		4 => 0..1_200u64,
		1 => Just(300 + MAX_STEP),
		1 => Just(u64::MAX),
	]
}

fn item() -> impl Strategy<Value = Item> {
	let amount = prop_oneof![12 => 1..2_000u128, 1 => Just(0), 1 => Just(FUNDS)];
	let relay_fee = prop_oneof![1 => Just(0), 3 => 1..40u128];
	let blocks = prop_oneof![8 => (-20..=0i32, 0..60u32), 1 => (1..20i32, 0..60u32)];
	let forged = prop::option::weighted(0.1, 0..PAYERS);
	let parties = (0..PAYERS, 0..PAYERS + 1);
	(parties, amount, relay_fee, nonce(), blocks, forged, prop::bool::weighted(0.1)).prop_map(
		|((payer, payee), amount, relay_fee, nonce, (starts, lasts), forged, stale)| Item {
			payer,
			payee,
			amount,
			relay_fee,
			nonce,
			starts,
			lasts,
			forged,
			stale,
		},
	)
}

fn step() -> impl Strategy<Value = Step> {
	let machine = || 0..PAYERS;
	prop_oneof![
		20 => (prop::option::of(machine()), prop::collection::vec(item(), 0..6))
			.prop_map(|(relayer, items)| Step::Submit { relayer, items }),
		3 => (machine(), prop::collection::vec(nonce(), 0..3))
			.prop_map(|(machine, nonces)| Step::Cancel { machine, nonces }),
		1 => machine().prop_map(|machine| Step::Rotate { machine }),
		2 => (machine(), prop::bool::weighted(0.3))
			.prop_map(|(machine, suspended)| Step::Suspend { machine, suspended }),
		2 => (0..5usize, prop::bool::weighted(0.3))
			.prop_map(|(account, blocked)| Step::Block { account, blocked }),
		1 => prop_oneof![Just(u128::MAX), 500..2_000u128].prop_map(|cap| Step::Cap { cap }),
		3 => (1..40u32).prop_map(|blocks| Step::Advance { blocks }),
	]
}

/// Accounts by their place in [`Model::money`]: three wallets, then the gateway, then someone.
fn account(at: usize) -> AccountId {
	match at {
		3 => gateway(),
		4 => newcomer(),
		machine => MockMachines::account(machine as MachineId),
	}
}

/// What must be true, without any of the pallet's code.
struct Model {
	/// `None`: there is no account.
	money: [Option<u128>; 5],
	blocked: [bool; 5],
	counted: [u128; 3],
	used: [BTreeSet<u64>; 3],
	suspended: [bool; 3],
	rotations: [u32; 3],
	cap: u128,
}

impl Model {
	fn new() -> Self {
		let funds = Some(FUNDS);
		Self {
			money: [funds, funds, funds, funds, None],
			blocked: [false; 5],
			counted: [0; 3],
			used: Default::default(),
			suspended: [false; 3],
			rotations: [0; 3],
			cap: u128::MAX,
		}
	}

	/// What is wrong with a nonce, if anything.
	fn nonce(&self, machine: usize, nonce: u64) -> Result<(), IntentFailure> {
		let used = &self.used[machine];
		let last = used.last().copied().unwrap_or(0).max(255);
		if nonce < last - 255 {
			Err(IntentFailure::NonceTooOld)
		} else if nonce > last && nonce - last > MAX_STEP {
			Err(IntentFailure::NonceTooFar)
		} else if used.contains(&nonce) {
			Err(IntentFailure::NonceUsed)
		} else {
			Ok(())
		}
	}

	fn can_take(&self, at: usize, amount: u128) -> Result<(), PaymentFailure> {
		if self.blocked[at] {
			Err(PaymentFailure::PayeeUnavailable)
		} else if self.money[at].is_none() && amount < MINIMUM {
			Err(PaymentFailure::BelowMinimum)
		} else {
			Ok(())
		}
	}

	fn credit(&mut self, at: usize, amount: u128) {
		*self.money[at].get_or_insert(0) += amount;
	}

	fn settle(&mut self, relayer: usize, item: &Item) -> Result<(), IntentFailure> {
		let payer = item.payer as usize;
		// Whoever has no machine is at the last place.
		let payee = if item.payee == PAYERS { 4 } else { item.payee as usize };
		if item.amount == 0 {
			return Err(IntentFailure::ZeroAmount);
		}
		if payee == payer {
			return Err(IntentFailure::SelfPayment);
		}
		if item.starts + (item.lasts as i32) < 0 {
			return Err(IntentFailure::Expired);
		}
		if item.starts > 0 {
			return Err(IntentFailure::NotYetValid);
		}
		if self.suspended[payer] {
			return Err(IntentFailure::PayerInactive);
		}
		self.nonce(payer, item.nonce)?;
		let stale = item.stale && self.rotations[payer] > 0;
		if stale || item.forged.is_some_and(|by| by != item.payer) {
			return Err(IntentFailure::InvalidProof);
		}

		let fee = if relayer == payer { 0 } else { item.relay_fee };
		let both = item.amount + fee;
		let money = self.money[payer].unwrap();
		let can_spend = |amount, needed| {
			if amount > self.cap {
				Err(PaymentFailure::ExceedsPaymentCap)
			} else if money < needed + MINIMUM {
				Err(PaymentFailure::InsufficientFunds)
			} else {
				Ok(())
			}
		};
		can_spend(item.amount, item.amount).map_err(IntentFailure::Payment)?;
		self.can_take(payee, item.amount).map_err(IntentFailure::Payment)?;
		if fee > 0 {
			can_spend(fee, both).map_err(IntentFailure::RelayFee)?;
			// The payee may be the relayer, whose account exists by then.
			if payee != relayer {
				self.can_take(relayer, fee).map_err(IntentFailure::RelayFee)?;
			}
		}
		*self.money[payer].as_mut().unwrap() -= both;
		self.credit(payee, item.amount);
		if fee > 0 {
			self.credit(relayer, fee);
		}
		self.counted[payer] += both;
		self.used[payer].insert(item.nonce);
		Ok(())
	}

	/// Uses all of `nonces`, or none if one is too far.
	fn cancel(&mut self, machine: usize, nonces: &[u64]) -> bool {
		let before = self.used[machine].clone();
		for nonce in nonces {
			match self.nonce(machine, *nonce) {
				Ok(()) => {
					self.used[machine].insert(*nonce);
				},
				Err(IntentFailure::NonceTooFar) => {
					self.used[machine] = before;
					return false;
				},
				Err(_) => {},
			}
		}
		true
	}

	fn check(&self) {
		check();
		for at in 0..5 {
			assert_eq!(balance(&account(at)), self.money[at].unwrap_or(0), "account {at}");
		}
		let windows: BTreeMap<_, _> = windows();
		for machine in 0..3 {
			let id = machine as MachineId;
			assert_eq!(counted(id), self.counted[machine]);
			let window = windows.get(&id).copied().unwrap_or_default();
			let inside: Vec<_> = (window.base..=window.last())
				.filter(|nonce| window.check(*nonce) == Err(IntentFailure::NonceUsed))
				.collect();
			let last = self.used[machine].last().copied().unwrap_or(0).max(255);
			let expected = self.used[machine].range(last - 255..);
			assert_eq!(inside, expected.copied().collect::<Vec<_>>());
			assert_eq!(windows.contains_key(&id), !self.used[machine].is_empty());
		}
	}
}

/// The item as it would be handed over now.
fn signed(item: &Item) -> SignedIntent {
	let valid_from = System::block_number().checked_add_signed(item.starts).unwrap();
	let payee = match item.payee {
		PAYERS => Payee::Account(newcomer().into()),
		machine => Payee::Machine(machine),
	};
	let intent = Intent {
		payer: item.payer,
		payee,
		amount: item.amount,
		relay_fee: item.relay_fee,
		valid_from,
		valid_until: valid_from + item.lasts,
		nonce: item.nonce,
	};
	let signer = item.forged.unwrap_or(item.payer);
	let rotations = Rotations::get().get(&signer).copied().unwrap_or_default();
	let device = Device::of(signer, rotations.saturating_sub(u32::from(item.stale)));
	let payload = intent.signing_payload(&PaymentIntents::genesis_hash());
	SignedIntent { intent, signature: device.sign(&payload) }
}

fn run(model: &mut Model, step: Step) {
	match step {
		Step::Submit { relayer, items } => {
			let (who, at) = match relayer {
				Some(machine) => (key(machine), machine as usize),
				None => (gateway(), 3),
			};
			let expected: Vec<_> = (0..)
				.zip(&items)
				.filter_map(|(index, item)| Some((index, model.settle(at, item).err()?)))
				.collect();
			assert_eq!(submit_by(who, items.iter().map(signed).collect()), expected);
		},
		Step::Cancel { machine, nonces } => {
			let at = machine as usize;
			let expected = !model.suspended[at] && model.cancel(at, &nonces);
			assert_eq!(cancel(machine, &nonces).is_ok(), expected);
		},
		Step::Rotate { machine } => {
			model.rotations[machine as usize] += 1;
			rotate(machine);
		},
		Step::Suspend { machine, suspended } => {
			model.suspended[machine as usize] = suspended;
			let all = (0..PAYERS).filter(|machine| model.suspended[*machine as usize]);
			Suspended::set(&all.collect());
		},
		Step::Block { account: at, blocked } => {
			model.blocked[at] = blocked;
			Blocked::set(&(0..5).filter(|at| model.blocked[*at]).map(account).collect());
		},
		Step::Cap { cap } => {
			model.cap = cap;
			PaymentCap::set(&cap);
		},
		Step::Advance { blocks } => System::set_block_number(System::block_number() + blocks),
	}
}

/// How many sequences are tried: few by default, as many as `PROPTEST_CASES` says for a long run.
/// More than 10⁵ steps are
/// `PROPTEST_CASES=3000 cargo test --release -p pallet-intents properties`.
fn cases() -> u32 {
	std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(48)
}

proptest! {
	#![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..Default::default() })]

	#[test]
	fn intents_should_follow_the_model(steps in prop::collection::vec(step(), 1..80)) {
		new_test_ext().execute_with(|| {
			System::set_block_number(1_000);
			let mut model = Model::new();
			for step in steps {
				run(&mut model, step);
				model.check();
			}
		});
	}
}
