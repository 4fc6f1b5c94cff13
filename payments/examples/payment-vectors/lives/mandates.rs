//! Mandates: what is pulled, period by period.

use super::*;
use dam_primitives::mandate::Pulled;

type Record = Mandate<[u8; 32]>;

const ITEM: &str = "Mandates.Mandates";

/// 0.10 USDT within an hour, until block 20,000.
pub fn mandate() -> Record {
	Mandate {
		payer: PAYER,
		payee: MACHINE_9,
		cap: 100_000,
		period: 3_600,
		expires_at: 20_000,
		pulled: None,
		storage_deposit: STORAGE_DEPOSIT,
	}
}

fn describe(mandate: &Record, block: u32) -> Value {
	let pulled = mandate.pulled.map(
		|Pulled { started_at, amount }| json!({ "startedAt": started_at, "amount": amount.to_string() }),
	);
	json!({
		"cap": mandate.cap.to_string(),
		"period": mandate.period,
		"expiresAt": mandate.expires_at,
		"pulled": pulled,
		"available": mandate.available(block).to_string(),
	})
}

fn granted(block: u32) -> Life<Record> {
	let mut life = Life::new(describe);
	let mandate = mandate();
	let event = event(
		"Mandates.MandateGranted",
		[
			fixed_u64("mandate", 0),
			fixed_u64("payer", PAYER),
			payee_field("payee", &mandate.payee),
			fixed_u128("cap", mandate.cap),
			fixed_u32("period", mandate.period),
			fixed_u32("expires_at", mandate.expires_at),
		],
	);
	life.step(block, By::Payer, grant(PAYER, &mandate), Some(mandate), event);
	life
}

impl Life<Record> {
	fn pull(&mut self, block: u32, amount: u128) {
		let mut mandate = self.now();
		mandate.pull(amount, block).expect("the mandate covers it; qed");
		let event = event_of("Mandates.Pulled", "mandate", &[("amount", amount)]);
		self.step(block, By::Payee, pull(0, amount), Some(mandate), event);
	}
}

pub fn lives() -> Vec<Value> {
	vec![expired(), revoked()]
}

fn expired() -> Value {
	let mut life = granted(100);
	life.pull(500, 60_000);
	life.refused(600, By::Payee, pull(0, 40_001), "ExceedsCap");
	life.pull(600, 40_000);
	life.refused(4_099, By::Payee, pull(0, 1), "ExceedsCap");
	life.pull(4_100, 100_000);
	life.look(7_699);
	life.look(7_700);
	life.pull(9_000, 10);
	life.refused(9_001, By::Payee, pull(0, 0), "ZeroAmount");
	life.refused(9_001, By::Anybody, pull(0, 1), "NotPayee");
	life.pull(20_000, 5);
	life.refused(20_000, By::Anybody, of("Mandates.remove", "mandate"), "NotExpired");
	life.refused(20_001, By::Payee, pull(0, 1), "MandateExpired");
	let removed = event_of("Mandates.MandateRemoved", "mandate", &[]);
	life.step(20_001, By::Anybody, of("Mandates.remove", "mandate"), None, removed);
	life.refused(20_002, By::Payee, pull(0, 1), "MandateNotFound");
	life.vector("pulled until it expires", ITEM, 0)
}

fn revoked() -> Value {
	let mut life = granted(100);
	life.refused(101, By::Anybody, of("Mandates.revoke", "mandate"), "NotParty");
	let event = event_of("Mandates.MandateRevoked", "mandate", &[]);
	life.step(101, By::Payer, of("Mandates.revoke", "mandate"), None, event);
	life.vector("revoked by the payer", ITEM, 0)
}
