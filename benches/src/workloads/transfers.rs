//! What every Substrate chain offers: transfers of an asset, one by one and in a batch.

use super::{Turns, Workload};
use crate::{
	extrinsic::{Extrinsic, Signers},
	population::person_key,
	stage::{gain, transfer, wallet, Stage},
};
use dam_runtime::{
	configs::BlockWeights, tx_extension, AccountId, Balance, Runtime, RuntimeCall, RuntimeEvent,
};
use frame_support::dispatch::{DispatchClass, GetDispatchInfo};
use polkadot_sdk::*;
use sp_runtime::{generic::Era, traits::TransactionExtension};

/// A transfer to a machine chosen at random.
fn payment(stage: &mut Stage) -> (AccountId, Balance, RuntimeCall) {
	let (payee, amount) = (wallet(stage.payee()), stage.amount());
	(payee.clone(), amount, transfer(payee, amount))
}

fn transfers(event: &RuntimeEvent) -> u32 {
	u32::from(matches!(event, RuntimeEvent::Assets(pallet_assets::Event::Transferred { .. })))
}

/// `assets.transfer_keep_alive`, one per extrinsic, signed by anybody.
pub struct Single(Signers);

impl Single {
	/// On a new chain.
	pub fn new(stage: &Stage) -> Self {
		Self(Signers::new(stage.genesis(), person_key))
	}
}

impl Workload for Single {
	fn next(&mut self, stage: &mut Stage) -> Option<Extrinsic> {
		let payer = stage.one_of(stage.population().payers().end);
		let (payee, amount, call) = payment(stage);
		let moves = vec![(person_key(payer).account, -gain(amount)), (payee, gain(amount))];
		Some(Extrinsic { bytes: self.0.sign(payer, call), payments: 1, moves })
	}

	fn paid(&self, event: &RuntimeEvent) -> u32 {
		transfers(event)
	}
}

/// `utility.batch` of as many `assets.transfer_keep_alive` as one extrinsic may hold.
pub struct UtilityBatch {
	payers: Turns,
	size: u32,
}

impl UtilityBatch {
	/// On a new chain; sized by the runtime's weights.
	pub fn new(stage: &Stage) -> Self {
		let payers = Turns::new(stage, person_key, stage.population().reserved(0));
		Self { payers, size: largest_batch() }
	}
}

impl Workload for UtilityBatch {
	fn next(&mut self, stage: &mut Stage) -> Option<Extrinsic> {
		let payer = self.payers.turn();
		let (mut calls, mut moves, mut total) = (Vec::new(), Vec::new(), 0i128);
		for _ in 0..self.size {
			let (payee, amount, call) = payment(stage);
			calls.push(call);
			moves.push((payee, gain(amount)));
			total = total.saturating_add(gain(amount));
		}
		moves.push((person_key(payer).account, -total));
		let call = pallet_utility::Call::<Runtime>::batch { calls };
		Some(Extrinsic { bytes: self.payers.sign(payer, call), payments: self.size, moves })
	}

	fn paid(&self, event: &RuntimeEvent) -> u32 {
		transfers(event)
	}
}

/// Weight of an extrinsic with a batch of `size` transfers, in picoseconds of reference time.
fn batch_weight(size: u32) -> u64 {
	let item = transfer(AccountId::from([0; 32]), 1);
	let calls = vec![item; usize::try_from(size).unwrap_or_default()];
	let call: RuntimeCall = pallet_utility::Call::<Runtime>::batch { calls }.into();
	let extension = tx_extension(Era::Immortal, 0, 0, None).weight(&call);
	call.get_dispatch_info().call_weight.saturating_add(extension).ref_time()
}

/// How many transfers fit into one batch: the largest number whose weight one extrinsic may have.
fn largest_batch() -> u32 {
	let limit = BlockWeights::get().get(DispatchClass::Normal).max_extrinsic;
	let fits = |size: u32| limit.is_none_or(|limit| batch_weight(size) <= limit.ref_time());
	// A bound far beyond what a block's time allows, and below what its length allows.
	let (mut most, mut too_many) = (1, 16_384);
	while too_many - most > 1 {
		let middle = most + (too_many - most) / 2;
		if fits(middle) {
			most = middle;
		} else {
			too_many = middle;
		}
	}
	most
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn batch_should_be_the_largest_that_fits() {
		let size = largest_batch();
		let limits = BlockWeights::get();
		let limit = limits.get(DispatchClass::Normal).max_extrinsic.unwrap().ref_time();
		assert!(batch_weight(size) <= limit);
		assert!(batch_weight(size + 1) > limit);
		assert!(size > 100);
	}
}
