//! `micropayments.pay_batch`: a machine pays many payees with one signature.

use super::{Turns, Workload};
use crate::{
	extrinsic::Extrinsic,
	population::machine_key,
	stage::{gain, wallet, Stage},
};
use dam_primitives::{Payee, Payment};
use dam_runtime::{Runtime, RuntimeEvent};
use polkadot_sdk::frame_support::BoundedVec;

/// Payments of a batch.
const SIZE: u32 = 1_000;
/// Payees of a batch that has few of them.
const FEW: u32 = 8;

/// Batches of 1,000 payments. Gateways take turns: a batch is a large part of what a machine may
/// spend without a fee.
pub struct PayBatch {
	payers: Turns,
	/// Different payees of a batch.
	payees: u32,
}

impl PayBatch {
	/// Every payment of a batch to another payee.
	pub fn to_distinct_payees(stage: &Stage) -> Self {
		let payers = Turns::new(stage, machine_key, stage.population().gateways(0));
		Self { payers, payees: SIZE }
	}

	/// The payments of a batch to eight payees in turn.
	pub fn to_few_payees(stage: &Stage) -> Self {
		let payers = Turns::new(stage, machine_key, stage.population().gateways(1));
		Self { payers, payees: FEW }
	}
}

impl Workload for PayBatch {
	fn next(&mut self, stage: &mut Stage) -> Option<Extrinsic> {
		let payer = self.payers.turn();
		let payees = stage.distinct(self.payees);
		let (mut payments, mut moves, mut total) = (Vec::new(), Vec::new(), 0i128);
		for payee in payees.iter().cycle().take(SIZE as usize) {
			let amount = stage.amount();
			payments.push(Payment { payee: Payee::Machine(*payee), amount });
			moves.push((wallet(*payee), gain(amount)));
			total = total.saturating_add(gain(amount));
		}
		moves.push((wallet(payer), -total));
		let payments = BoundedVec::truncate_from(payments);
		let call = pallet_micropayments::Call::<Runtime>::pay_batch { payments };
		Some(Extrinsic { bytes: self.payers.sign(payer, call), payments: SIZE, moves })
	}

	fn paid(&self, event: &RuntimeEvent) -> u32 {
		match event {
			RuntimeEvent::Micropayments(pallet_micropayments::Event::BatchPaid {
				paid, ..
			}) => *paid,
			_ => 0,
		}
	}
}
