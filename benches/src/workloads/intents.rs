//! `intents.submit`: payments that devices signed offline, submitted by somebody else.

use super::{Turns, Workload};
use crate::{
	extrinsic::Extrinsic,
	population::{machine_key, person_key},
	stage::{gain, wallet, Stage},
};
use dam_primitives::{
	intent::{Intent, SignedIntent, MAX_INTENTS, MAX_LIFETIME},
	MachineId, Payee, Signature,
};
use dam_runtime::{AccountId, Balance, Runtime, RuntimeEvent};
use polkadot_sdk::frame_support::BoundedVec;
use std::collections::HashMap;

/// What relaying pays, in units of 0.000001 USDT.
const RELAY_FEE: Balance = 10;

/// Full submissions, each intent of another machine.
pub struct Intents {
	relayers: Turns,
	relay_fee: Balance,
	/// How many each machine has signed.
	nonces: HashMap<MachineId, u64>,
	/// Whether their numbers are odd: two workloads share the machines.
	odd: bool,
}

impl Intents {
	/// Whoever submits gets nothing for it.
	pub fn without_fee(stage: &Stage) -> Self {
		Self::new(stage, 0, false)
	}

	/// Whoever submits gets a fee out of each intent.
	pub fn with_fee(stage: &Stage) -> Self {
		Self::new(stage, RELAY_FEE, true)
	}

	fn new(stage: &Stage, relay_fee: Balance, odd: bool) -> Self {
		let range = stage.population().reserved(if odd { 2 } else { 1 });
		let relayers = Turns::new(stage, person_key, range);
		Self { relayers, relay_fee, nonces: HashMap::new(), odd }
	}

	fn intent(&mut self, stage: &mut Stage, payer: MachineId) -> Intent {
		let payee = loop {
			let payee = stage.payee();
			if payee != payer {
				break payee;
			}
		};
		// The two workloads take turns and the even and the odd numbers: each machine's stay within
		// the chain's window.
		let count = self.nonces.entry(payer).or_default();
		let nonce = count.saturating_mul(2).saturating_add(u64::from(self.odd));
		*count = count.saturating_add(1);
		Intent {
			payer,
			payee: Payee::Machine(payee),
			amount: stage.amount(),
			relay_fee: self.relay_fee,
			valid_from: 0,
			valid_until: MAX_LIFETIME,
			nonce,
		}
	}
}

impl Workload for Intents {
	fn next(&mut self, stage: &mut Stage) -> Option<Extrinsic> {
		let genesis: [u8; 32] = stage.genesis().into();
		let (mut intents, mut moves, mut fees) = (Vec::new(), Vec::new(), 0i128);
		for payer in stage.distinct(MAX_INTENTS) {
			let intent = self.intent(stage, payer);
			let signature = machine_key(payer).sign(&intent.signing_payload(&genesis));
			if let Payee::Machine(payee) = intent.payee {
				moves.push((wallet(payee), gain(intent.amount)));
			}
			moves.push((wallet(payer), -gain(intent.amount.saturating_add(intent.relay_fee))));
			fees = fees.saturating_add(gain(intent.relay_fee));
			let signature = Signature::Ed25519(signature.0);
			intents.push(SignedIntent { intent, signature });
		}
		let turn = self.relayers.turn();
		let relayer: AccountId = person_key(turn).account;
		moves.push((relayer, fees));
		let payments = intents.len() as u32;
		let intents = BoundedVec::truncate_from(intents);
		let call = pallet_intents::Call::<Runtime>::submit { intents };
		Some(Extrinsic { bytes: self.relayers.sign(turn, call), payments, moves })
	}

	fn paid(&self, event: &RuntimeEvent) -> u32 {
		match event {
			RuntimeEvent::Intents(pallet_intents::Event::IntentsSettled { settled, .. }) => {
				*settled
			},
			_ => 0,
		}
	}
}
