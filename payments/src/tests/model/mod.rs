//! Random lives of a payer, a payee and their chain, against a reference model.
//!
//! The chain of the model settles by what was promised, not by signatures: it knows the cumulative
//! amounts that the payer gave out, and pays the difference. Both devices lose power at random, in
//! the middle of writes. Whatever happens:
//!
//! 1. what was acknowledged is never forgotten: the payee knows of at least as much;
//! 2. what the payee accepted was promised, and the payer knows of at least as much;
//! 3. nothing is accepted above the deposit, and nothing twice;
//! 4. no claim is under way twice, none claims what is settled already, and a claim that the payee
//!    sent settles exactly what it should;
//! 5. as long as the payee looks often enough, all that it acknowledged is settled in the end, and
//!    everything else goes back to the payer.

use super::*;
use crate::{ClaimPolicy, Claims, PayError, Payer, StoreError};
use dam_primitives::Terms;
use proptest::{prelude::*, sample::Index};
use std::collections::{BTreeMap, BTreeSet};

mod chain;
mod devices;
mod step;

use step::{step, Step};

/// How often the payee looks at the chain and plans, in blocks.
const ROUND: u32 = 8;
/// Most transactions of one channel in a row that get lost. With their lifetime and a round each,
/// and the same again for a claim that was overtaken, they fit into the margin.
const LOST_IN_A_ROW: u32 = 2;
const GRACE: u32 = 150;
/// For how long what a replaced key signed still settles.
const HORIZON: u32 = 300;
const POLICY: ClaimPolicy =
	ClaimPolicy { max_unsettled: 700, max_age: 60, headroom: 20, lifetime: 12 };

/// Transactions that were sent for one batch.
struct Sent {
	until: u32,
	claims: Vec<Claim>,
}

/// A channel, the cumulative amount that is claimed, and the link with its number if it is one.
type Claim = (ChannelId, u128, Option<(u32, [u8; 32])>);

struct World {
	block: u32,
	/// The chain's channels. The model's own: none of the library's checks is used.
	chain: BTreeMap<ChannelId, Channel<[u8; 32]>>,
	/// Who the machine's payment key is, and until when others settle.
	key: u8,
	horizons: BTreeMap<u8, u32>,
	keys: BTreeMap<ChannelId, u8>,
	next: ChannelId,
	payer_medium: Medium,
	payer: Payer,
	payee_medium: Medium,
	payee: Acceptor,
	/// Everything that was ever given out, in order.
	given: Vec<ChannelPayment>,
	/// The highest amount that was given out, by channel.
	promised: BTreeMap<ChannelId, u128>,
	/// The highest amount that was acknowledged, by channel.
	acknowledged: BTreeMap<ChannelId, u128>,
	under_way: Vec<Sent>,
	lost_in_a_row: BTreeMap<ChannelId, u32>,
	last_round: u32,
	offline_until: u32,
	finished: BTreeSet<ChannelId>,
	/// What the chain moved in all.
	paid_in: u128,
	paid_out: u128,
	paid_back: u128,
	random: u64,
}

impl World {
	fn new(seed: u64) -> Self {
		let (payer_medium, payee_medium) = (Medium::default(), Medium::default());
		Self {
			block: NOW,
			chain: BTreeMap::new(),
			key: 0,
			horizons: BTreeMap::new(),
			keys: BTreeMap::new(),
			next: 0,
			payer: Payer::open_on(payer_medium.clone(), GENESIS).unwrap(),
			payer_medium,
			payee: acceptor_on(&payee_medium),
			payee_medium,
			given: Vec::new(),
			promised: BTreeMap::new(),
			acknowledged: BTreeMap::new(),
			under_way: Vec::new(),
			lost_in_a_row: BTreeMap::new(),
			last_round: NOW,
			offline_until: 0,
			finished: BTreeSet::new(),
			paid_in: 0,
			paid_out: 0,
			paid_back: 0,
			random: seed | 1,
		}
	}

	/// xorshift: what happens on the way of a transaction.
	fn chance(&mut self, of: u64) -> bool {
		self.random ^= self.random << 13;
		self.random ^= self.random >> 7;
		self.random ^= self.random << 17;
		self.random.is_multiple_of(of)
	}

	fn signer(key: u8) -> MemoryKey {
		MemoryKey::ed25519(&[key.wrapping_add(100); 32])
	}

	/// A channel that the chain has.
	fn pick(&self, index: Index) -> Option<ChannelId> {
		let ids: Vec<_> = self.chain.keys().copied().collect();
		(!ids.is_empty()).then(|| *index.get(&ids))
	}

	fn state(&self, id: ChannelId) -> Option<ChannelState> {
		let channel = self.chain.get(&id)?.clone();
		let signer_until = self.keys.get(&id).and_then(|key| self.horizons.get(key)).copied();
		Some(ChannelState { channel, signer_until, at: self.block })
	}

	fn run(&mut self, step: Step) {
		match step {
			Step::Open { links, deposit } => self.open(links, deposit.into()),
			Step::Pay { channel, amount } => {
				if let Some(payment) = self.pick(channel).and_then(|id| self.pay(id, amount)) {
					self.deliver(&[payment]);
				}
			},
			Step::Replay(index) => {
				if !self.given.is_empty() {
					let payment = *index.get(&self.given);
					self.deliver(&[payment]);
				}
			},
			Step::Tamper { payment, kind } => self.tamper(payment, kind),
			Step::Burst { channel, count } => {
				if let Some(id) = self.pick(channel) {
					let pay = |at: u8| self.pay(id, u16::from(at) % 7 + 1);
					let mut payments: Vec<_> = (0..count).filter_map(pay).collect();
					// Not in order, and one of them twice.
					payments.extend(payments.first().copied());
					let half = payments.len() / 2;
					payments.rotate_left(half);
					self.deliver(&payments);
				}
			},
			Step::Blocks(blocks) => (0..blocks).for_each(|_| self.build_block()),
			Step::Offline(blocks) => self.offline_until = self.block + u32::from(blocks),
			Step::TopUp { channel, amount } => self.top_up(channel, amount.into()),
			Step::AskToClose(channel) => {
				if let Some(id) = self.pick(channel) {
					let last = self.block + GRACE;
					self.chain.get_mut(&id).unwrap().closing.get_or_insert(last);
				}
			},
			Step::Sweep(channel) => {
				if let Some(id) = self.pick(channel) {
					self.sweep(id);
				}
			},
			Step::ReplaceKey => {
				self.horizons.insert(self.key, self.block + HORIZON);
				self.key += 1;
			},
			Step::Watchtower(index) => {
				if !self.given.is_empty() {
					let payment = *index.get(&self.given);
					self.claim_by(&payment);
				}
			},
			Step::Finish(channel) => {
				if let Some(id) = self.pick(channel) {
					match self.payee.finish(id) {
						Ok(_) => drop(self.finished.insert(id)),
						Err(crate::FinishError::UnknownChannel(_)) => {},
						Err(crate::FinishError::Store(_)) => self.revive_payee(7),
					}
				}
			},
			Step::PayeeDies { after, keep } => {
				if after < 40 {
					// Soon, in the middle of something.
					self.payee_medium.fail_after(after.into());
				} else {
					self.revive_payee(keep);
				}
			},
			Step::PayerDies { after, keep } => {
				if after < 40 {
					self.payer_medium.fail_after(after.into());
				} else {
					self.revive_payer(keep);
				}
			},
		}
		self.check();
	}

	fn open(&mut self, links: bool, deposit: u128) {
		if self.next >= 12 || self.payee.channels().count() >= LIMITS.max_channels as usize {
			return;
		}
		let signer = Self::signer(self.key).public();
		let (lock, deposit) = if links {
			let (length, unit) = (300, UNIT);
			let terms = match self.payer.make_chain(length, unit) {
				Ok(terms) => terms,
				Err(PayError::Store(_)) => return self.revive_payer(3),
				Err(error) => panic!("{error}"),
			};
			let Terms::HashChain { root, .. } = terms else { unreachable!() };
			let worth = unit * u128::from(length);
			(Lock::HashChain { link: root, index: 0, length, unit }, deposit.clamp(1, worth))
		} else {
			(Lock::Vouchers { signer }, deposit.max(1))
		};
		let id = self.next;
		self.next += 1;
		let opened = Channel { deposit, grace: GRACE, ..channel(lock) };
		self.chain.insert(id, opened);
		self.keys.insert(id, self.key);
		self.paid_in += deposit;
		self.payer_looks();
		// A payee looks when it hears of a channel.
		self.payee_looks();
	}

	fn check(&self) {
		assert_sound(&self.payee);
		for id in self.payee.channels() {
			let status = self.payee.status(id).unwrap();
			let acknowledged = self.acknowledged.get(&id).copied().unwrap_or(0);
			assert!(status.accepted >= acknowledged, "1: channel {id}");
			let promised = self.promised.get(&id).copied().unwrap_or(0);
			assert!(status.accepted <= promised, "2: channel {id}");
			let known = self.payer.status(id).map_or(promised, |status| status.promised);
			assert!(known >= promised, "2: the payer forgot a promise of channel {id}");
			if let Some(record) = self.chain.get(&id) {
				assert!(status.accepted <= record.deposit, "3: channel {id}");
			}
		}
		let open: u128 = self.chain.values().map(|record| record.deposit - record.settled).sum();
		assert_eq!(self.paid_in, self.paid_out + self.paid_back + open, "5");
	}

	/// Everything is closed; nothing stays.
	fn end(mut self) {
		for record in self.chain.values_mut() {
			record.closing.get_or_insert(self.block + GRACE);
		}
		for _ in 0..GRACE + ROUND + 1 {
			self.build_block();
			self.check();
		}
		for id in self.chain.keys().copied().collect::<Vec<_>>() {
			self.sweep(id);
		}
		assert!(self.chain.is_empty());
		self.block += 1;
		self.payer_looks();
		self.payee_looks();
		self.check();
		assert_eq!(self.payee.channels().count(), 0);
		assert_eq!(self.payee.in_flight().unwrap(), []);
	}
}

proptest! {
	#![proptest_config(cases(150))]

	#[test]
	fn devices_and_chain_should_agree_whatever_happens(
		seed in any::<u64>(),
		steps in proptest::collection::vec(step(), 1..120),
	) {
		let mut world = World::new(seed);
		world.run(Step::Open { links: false, deposit: 5_000 });
		world.run(Step::Open { links: true, deposit: 2_000 });
		for step in steps {
			world.run(step);
		}
		world.end();
	}
}
