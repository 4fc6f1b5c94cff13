//! The chain, and what the parent knows.

use super::*;

/// The chain, and everything that the parent ever saw.
pub struct World {
	pub block: u32,
	pub channels: BTreeMap<ChannelId, Channel<[u8; 32]>>,
	pub chains: BTreeMap<ChannelId, PayWordChain<SoftwareBlake2>>,
	/// The highest amounts that were sent and that were acknowledged.
	pub sent: BTreeMap<ChannelId, u128>,
	pub acknowledged: BTreeMap<ChannelId, u128>,
	/// Every batch that was ever seen, by number, and whether its transactions are gone.
	pub batches: BTreeMap<u64, (Batch, bool)>,
	/// Claims that the chain settled, and what they brought.
	pub settled: u32,
	pub paid: u128,
}

impl World {
	pub fn new() -> Self {
		let (mut channels, mut chains) = (BTreeMap::new(), BTreeMap::new());
		for id in 0..CHANNELS {
			let lock = if id % 2 == 0 {
				Lock::Vouchers { signer: key().public() }
			} else {
				let chain = PayWordChain::new(&[id as u8; 32], LENGTH).expect("it is short");
				let link = *chain.root();
				chains.insert(id, chain);
				Lock::HashChain { link, index: 0, length: LENGTH, unit: UNIT }
			};
			channels.insert(id, channel(lock));
		}
		Self {
			block: 1_000,
			channels,
			chains,
			sent: BTreeMap::new(),
			acknowledged: BTreeMap::new(),
			batches: BTreeMap::new(),
			settled: 0,
			paid: 0,
		}
	}

	pub fn states(&self) -> Vec<(ChannelId, ChannelState)> {
		self.channels
			.iter()
			.map(|(id, channel)| (*id, state(channel.clone(), self.block)))
			.collect()
	}

	/// The next payment through a channel.
	pub fn payment(&mut self, id: ChannelId, random: &mut StdRng) -> ChannelPayment {
		let sent = self.sent.entry(id).or_default();
		match self.chains.get_mut(&id) {
			None => {
				*sent += random.gen_range(1..5);
				let payload = Voucher::new(GENESIS, id, *sent).signing_payload();
				let signature = key().sign(&payload);
				ChannelPayment::Voucher(SignedVoucher { channel: id, amount: *sent, signature })
			},
			Some(chain) => {
				let index = (*sent / UNIT) as u32 + random.gen_range(1..4);
				*sent = u128::from(index) * UNIT;
				let link = chain.link(index).expect("the chain is long enough");
				ChannelPayment::Link(RevealedLink { channel: id, index, link })
			},
		}
	}

	pub fn hear(&mut self, message: FromPayee) {
		match message {
			FromPayee::Answer(Answer { channel, accepted, .. }) => {
				assert!(accepted <= self.sent[&channel], "more was accepted than was sent");
				let best = self.acknowledged.entry(channel).or_default();
				*best = accepted.max(*best);
			},
			FromPayee::Claims(batches) => batches.into_iter().for_each(|batch| self.claim(batch)),
			FromPayee::Report(accepted, under_way) => {
				let accepted: HashMap<_, _> = accepted.into_iter().collect();
				for (id, acknowledged) in &self.acknowledged {
					let known = accepted.get(id).copied().unwrap_or(0);
					assert!(
						known >= *acknowledged,
						"channel {id}: {acknowledged} was acknowledged, {known} is known"
					);
				}
				// What was decided and never said is sent now: it is the same, whenever it is said.
				under_way.into_iter().for_each(|batch| self.claim(batch));
			},
		}
	}

	/// A batch comes in. It may come twice, but must then be the same.
	pub fn claim(&mut self, batch: Batch) {
		if let Some((known, _)) = self.batches.get(&batch.number) {
			let left: BTreeSet<_> = amounts(&batch).into_iter().collect();
			let all: BTreeSet<_> = amounts(known).into_iter().collect();
			// What has settled meanwhile is left out.
			assert!(left.is_subset(&all) && batch.until == known.until, "{batch:?} was {known:?}");
			return;
		}
		for (id, amount) in amounts(&batch) {
			let settled = self.channels[&id].settled;
			assert!(amount > settled, "channel {id}: {amount} was claimed, {settled} is settled");
			assert!(amount <= self.sent[&id], "channel {id}: {amount} was never sent");
			for (other, _) in self.batches.values() {
				let twice = amounts(other)
					.into_iter()
					.any(|(other_id, under_way)| other_id == id && under_way > settled);
				// The payee knows block `self.block`: a transaction is dead when its last block is past.
				assert!(
					!twice || self.block > other.until,
					"channel {id} is claimed by {batch:?} while {other:?} is under way"
				);
			}
		}
		self.batches.insert(batch.number, (batch, false));
	}

	/// Time passes. Some of the claims that can still be included are; the others wait, or are lost.
	pub fn pass(&mut self, blocks: u32, random: &mut StdRng, certain: bool) {
		for number in self.batches.keys().copied().collect::<Vec<_>>() {
			let (batch, gone) = self.batches[&number].clone();
			if gone || !(certain || random.gen_bool(0.4)) || self.block > batch.until {
				continue;
			}
			for (id, amount) in amounts(&batch) {
				let channel = self.channels.get_mut(&id).expect("it was claimed");
				if amount > channel.settled {
					self.settled += 1;
					self.paid += amount - channel.settled;
					channel.settled = amount;
				}
			}
			for RevealedLink { channel, index: claimed, link: shown } in &batch.links {
				let lock = &mut self.channels.get_mut(channel).expect("it was claimed").lock;
				if let Lock::HashChain { link, index, .. } = lock {
					if claimed > index {
						(*index, *link) = (*claimed, *shown);
					}
				}
			}
			self.batches.insert(number, (batch, true));
		}
		self.block += blocks;
	}
}

/// Channels and cumulative amounts of a batch; of links the last one, since those before are steps.
pub fn amounts(batch: &Batch) -> Vec<(ChannelId, u128)> {
	let vouchers = batch.vouchers.iter().map(|voucher| (voucher.channel, voucher.amount));
	let links = batch.links.last().map(|link| (link.channel, u128::from(link.index) * UNIT));
	vouchers.chain(links).collect()
}
