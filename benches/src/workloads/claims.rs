//! `channels.claim_batch`: vouchers of many payers, settled together.

use super::{Turns, Workload};
use crate::{
	extrinsic::Extrinsic,
	genesis::CHANNEL_USDT,
	population::{is_chained, machine_key},
	stage::{gain, wallet, Stage},
};
use dam_primitives::{ChannelId, Signature, SignedVoucher, Voucher};
use dam_runtime::{Balance, Runtime, RuntimeEvent};
use polkadot_sdk::frame_support::BoundedVec;
use std::collections::HashMap;

/// Vouchers of a batch, each of another payer and to another payee.
const SIZE: usize = 256;

/// Batches of vouchers, submitted by gateways in turn.
pub struct ClaimBatch {
	gateways: Turns,
	/// The channels, in the order of their turns.
	channels: Vec<ChannelId>,
	next: usize,
	/// What each channel's last voucher promised in all.
	promised: HashMap<ChannelId, Balance>,
}

impl ClaimBatch {
	/// On a new chain.
	pub fn new(stage: &mut Stage) -> Self {
		let population = stage.population();
		let gateways = Turns::new(stage, machine_key, population.gateways(2));
		let channels = (0..population.accounts()).filter(|channel| !is_chained(*channel));
		let channels = stage.shuffled(channels.collect());
		Self { gateways, channels, next: 0, promised: HashMap::new() }
	}
}

impl Workload for ClaimBatch {
	fn next(&mut self, stage: &mut Stage) -> Option<Extrinsic> {
		let population = stage.population();
		let (mut vouchers, mut moves, mut total) = (Vec::new(), Vec::new(), 0i128);
		for _ in 0..SIZE {
			let channel = *self.channels.get(self.next)?;
			self.next = (self.next + 1) % self.channels.len();
			let promised = self.promised.entry(channel).or_default();
			let worth = stage.amount();
			*promised = promised.saturating_add(worth);
			if *promised > CHANNEL_USDT {
				return None;
			}
			let voucher = Voucher::new(stage.genesis().into(), channel, *promised);
			let signature = machine_key(channel).sign(&voucher.signing_payload());
			let signature = Signature::Ed25519(signature.0);
			vouchers.push(SignedVoucher { channel, amount: *promised, signature });
			moves.push((wallet(population.payee_of(channel)), gain(worth)));
			total = total.saturating_add(gain(worth));
		}
		moves.push((dam_runtime::Micropayments::pot(), -total));
		let payments = vouchers.len() as u32;
		let vouchers = BoundedVec::truncate_from(vouchers);
		let turn = self.gateways.turn();
		let call = pallet_channels::Call::<Runtime>::claim_batch { vouchers };
		Some(Extrinsic { bytes: self.gateways.sign(turn, call), payments, moves })
	}

	fn paid(&self, event: &RuntimeEvent) -> u32 {
		match event {
			RuntimeEvent::Channels(pallet_channels::Event::BatchClaimed { settled, .. }) => {
				*settled
			},
			_ => 0,
		}
	}
}
