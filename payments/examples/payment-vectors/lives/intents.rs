//! Intents: which nonces of a payer are used.

use super::*;

type Record = NonceWindow;

fn describe(window: &Record, _: u32) -> Value {
	json!({
		"base": window.base.to_string(),
		"used": window.used.map(|word| format!("0x{word:016x}")),
		"nextNonce": window.next_nonce().map(|nonce| nonce.to_string()),
	})
}

/// A payment of 0.25 USDT with a relay fee of 0.0005 USDT.
fn signed(nonce: u64) -> SignedIntent {
	let intent = Intent {
		payer: PAYER,
		payee: MACHINE_9,
		amount: 250_000,
		relay_fee: 500,
		valid_from: 1_000,
		valid_until: 87_400,
		nonce,
	};
	let signature = sign("ed25519", &intent.signing_payload(&GENESIS));
	SignedIntent { intent, signature }
}

impl Life<Record> {
	/// A batch, by the payee's machine, of which those at `good` positions are settled.
	fn submit(&mut self, block: u32, nonces: &[u64], bad: &[(u32, Named)]) {
		let intents: Vec<SignedIntent> = nonces.iter().map(|nonce| signed(*nonce)).collect();
		let mut window = self.record.unwrap_or_default();
		let mut settled = 0;
		for (index, intent) in (0..).zip(&intents) {
			if bad.iter().all(|(at, _)| *at != index) {
				window.mark(intent.intent.nonce).expect("the nonce is good; qed");
				settled += 1;
			}
		}
		let event = event(
			"Intents.IntentsSettled",
			[
				payee_field("relayer", &MACHINE_9),
				fixed_u32("settled", settled),
				fixed_u128("total", 250_000 * u128::from(settled)),
				fixed_u128("relay_fees", 500 * u128::from(settled)),
				failed(bad),
			],
		);
		let after = (window != NonceWindow::default()).then_some(window);
		self.step(block, By::Payee, submit(&intents), after, event);
	}

	fn cancel(&mut self, block: u32, nonces: &[u64]) {
		let mut window = self.record.unwrap_or_default();
		for nonce in nonces {
			// Those that are used already stay so.
			let _ = window.mark(*nonce);
		}
		let event = intents_cancelled(PAYER, nonces);
		self.step(block, By::Payer, cancel_intents(nonces), Some(window), event);
	}
}

pub fn lives() -> Vec<Value> {
	let mut life = Life::new(describe);
	life.submit(999, &[0], &[(0, intent_failure(4))]);
	life.submit(1_000, &[0, 2, 0], &[(2, intent_failure(9))]);
	life.cancel(1_001, &[2, 300]);
	life.submit(1_002, &[300, 44, 45], &[(0, intent_failure(9)), (1, intent_failure(10))]);
	let too_far = cancel_intents(&[301 + (1 << 32)]);
	life.refused(1_003, By::Payer, too_far, "NonceTooFar");
	life.submit(87_401, &[46], &[(0, intent_failure(5))]);
	vec![life.vector("settled in any order, and cancelled", "Intents.Nonces", PAYER)]
}
