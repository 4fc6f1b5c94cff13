//! `channels.claim_links`: hash chains, settled one by one.

use super::Workload;
use crate::{
	extrinsic::{Extrinsic, Signers},
	genesis::{HostBlake2, UNIT},
	population::{chain_seed, is_chained, machine_key, LINKS_PER_CLAIM},
	stage::{gain, wallet, Stage},
};
use dam_primitives::{payword::PayWordChain, ChannelId, RevealedLink};
use dam_runtime::{Runtime, RuntimeEvent};
use std::collections::{hash_map::Entry, HashMap};

/// Claims of links, each by the payee of the channel.
pub struct ClaimLinks {
	payees: Signers,
	/// The channels, in the order of their turns.
	channels: Vec<ChannelId>,
	next: usize,
	/// The chains that were claimed from, and the last link that was shown of each.
	shown: HashMap<ChannelId, (PayWordChain<HostBlake2>, u32)>,
}

impl ClaimLinks {
	/// On a new chain.
	pub fn new(stage: &mut Stage) -> Self {
		let accounts = stage.population().accounts();
		let channels = (0..accounts).filter(|channel| is_chained(*channel)).collect();
		Self {
			payees: Signers::new(stage.genesis(), machine_key),
			channels: stage.shuffled(channels),
			next: 0,
			shown: HashMap::new(),
		}
	}
}

impl Workload for ClaimLinks {
	fn next(&mut self, stage: &mut Stage) -> Option<Extrinsic> {
		let population = stage.population();
		let channel = *self.channels.get(self.next)?;
		self.next = (self.next + 1) % self.channels.len();
		let length = population.chain_length();
		let (chain, shown) = match self.shown.entry(channel) {
			Entry::Occupied(entry) => entry.into_mut(),
			Entry::Vacant(entry) => {
				let chain = PayWordChain::new(&chain_seed(channel), length).ok()?;
				entry.insert((chain, 0))
			},
		};
		let index = shown.saturating_add(LINKS_PER_CLAIM);
		let link = chain.link(index)?;
		*shown = index;
		let worth = gain(UNIT.saturating_mul(LINKS_PER_CLAIM.into()));
		let payee = population.payee_of(channel);
		let moves = vec![(dam_runtime::Micropayments::pot(), -worth), (wallet(payee), worth)];
		let revealed = RevealedLink { channel, index, link };
		let call = pallet_channels::Call::<Runtime>::claim_links { revealed };
		Some(Extrinsic { bytes: self.payees.sign(payee, call), payments: 1, moves })
	}

	fn paid(&self, event: &RuntimeEvent) -> u32 {
		let claimed =
			matches!(event, RuntimeEvent::Channels(pallet_channels::Event::Claimed { .. }));
		u32::from(claimed)
	}
}
