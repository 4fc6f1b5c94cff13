//! Streams: what is earned, block by block.

use super::*;

const RATE: u128 = 1_000;
/// How long a stream may be paused, and what a payee cannot take is kept: 30 days.
const MONTH: u32 = 30 * 24 * 60 * 60;

type Record = Stream<[u8; 32]>;

fn describe(stream: &Record, block: u32) -> Value {
	let (state, since) = match stream.flow {
		Flow::Running { since } => ("running", since),
		Flow::Paused { since } => ("paused", since),
	};
	json!({
		"rate": stream.rate.to_string(),
		"deposit": stream.deposit.to_string(),
		"settled": stream.settled.to_string(),
		"carried": stream.carried.to_string(),
		"flow": { "state": state, "since": since },
		"due": stream.due(block).to_string(),
		"runsOutAt": stream.runs_out_at(),
		"stoppedAt": stream.stopped_at(block),
	})
}

/// A stream that was opened in `block`.
fn opened(block: u32, payee: &Payee<[u8; 32]>, deposit: u128) -> Life<Record> {
	let mut life = Life::new(describe);
	let stream = Stream {
		payer: PAYER,
		payee: payee.clone(),
		rate: RATE,
		deposit,
		settled: 0,
		carried: 0,
		flow: Flow::Running { since: block },
		storage_deposit: STORAGE_DEPOSIT,
	};
	let event = event(
		"Streams.Opened",
		[
			fixed_u64("stream", 0),
			fixed_u64("payer", PAYER),
			payee_field("payee", payee),
			fixed_u128("rate", RATE),
			fixed_u128("deposit", deposit),
		],
	);
	life.step(block, By::Payer, open_stream(payee, RATE, deposit), Some(stream), event);
	life
}

impl Life<Record> {
	fn collect(&mut self, block: u32) {
		let mut stream = self.now();
		stream.carry(block);
		let due = std::mem::take(&mut stream.carried);
		stream.settled += due;
		let event = event_of("Streams.Collected", "stream", &[("amount", due)]);
		self.step(block, By::Anybody, of("Streams.collect", "stream"), Some(stream), event);
	}

	fn pause(&mut self, block: u32) {
		let mut stream = self.now();
		stream.carry(block);
		stream.flow = Flow::Paused { since: block };
		let event = event_of("Streams.Paused", "stream", &[("due", stream.carried)]);
		self.step(block, By::Payer, of("Streams.pause", "stream"), Some(stream), event);
	}

	fn resume(&mut self, block: u32) {
		let stream = Stream { flow: Flow::Running { since: block }, ..self.now() };
		let event = event_of("Streams.Resumed", "stream", &[]);
		self.step(block, By::Payer, of("Streams.resume", "stream"), Some(stream), event);
	}

	fn top_up(&mut self, block: u32, amount: u128) {
		let mut stream = self.now();
		stream.carry(block);
		stream.deposit += amount;
		let event = event_of("Streams.ToppedUp", "stream", &[("deposit", stream.deposit)]);
		let call = call("Streams.top_up", [compact("stream", 0u64), compact("amount", amount)]);
		self.step(block, By::Payer, call, Some(stream), event);
	}

	/// The end, with what the payee cannot take.
	fn end(&mut self, block: u32, by: By, name: &'static str, forfeits: bool) {
		let stream = self.now();
		let due = stream.due(block);
		let (paid, forfeited) = if forfeits { (0, due) } else { (due, 0) };
		let amounts = [
			("settled", stream.settled + paid),
			("forfeited", forfeited),
			("returned", stream.open_amount() - paid),
		];
		let event = event_of("Streams.Closed", "stream", &amounts);
		self.step(block, by, of(name, "stream"), None, event);
	}
}

pub fn lives() -> Vec<Value> {
	vec![whole(), swept(), forgotten(), unavailable()]
}

fn whole() -> Value {
	let mut life = opened(100, &MACHINE_9, 10_500);
	life.look(101);
	life.collect(104);
	life.refused(104, By::Anybody, of("Streams.collect", "stream"), "NothingDue");
	life.refused(105, By::Payee, of("Streams.pause", "stream"), "NotPayer");
	life.pause(106);
	life.refused(107, By::Payer, of("Streams.pause", "stream"), "AlreadyPaused");
	life.look(120);
	life.collect(120);
	life.resume(130);
	life.look(133);
	life.top_up(134, 2_000);
	life.look(136);
	life.look(137);
	life.look(200);
	life.refused(200, By::Payer, of("Streams.pause", "stream"), "RunOut");
	life.top_up(210, 1_500);
	life.look(211);
	life.refused(211, By::Anybody, of("Streams.close", "stream"), "NotParty");
	life.end(211, By::Payee, "Streams.close", false);
	life.refused(212, By::Payee, of("Streams.close", "stream"), "StreamNotFound");
	life.vector("collected, paused, run out, topped up, closed by the payee", ITEM, 0)
}

const ITEM: &str = "Streams.Streams";

fn swept() -> Value {
	let mut life = opened(100, &MACHINE_9, 2_500);
	life.refused(102, By::Anybody, of("Streams.sweep", "stream"), "StillOpen");
	life.end(103, By::Anybody, "Streams.sweep", false);
	life.vector("run out, and swept by anybody", ITEM, 0)
}

fn forgotten() -> Value {
	let mut life = opened(100, &MACHINE_9, 10_000);
	life.pause(104);
	life.refused(104 + MONTH, By::Anybody, of("Streams.sweep", "stream"), "StillOpen");
	life.end(105 + MONTH, By::Anybody, "Streams.sweep", false);
	life.vector("paused for more than 30 days, and swept by anybody", ITEM, 0)
}

fn unavailable() -> Value {
	let mut life = opened(100, &ACCOUNT, 3_000);
	life.refused(102, By::Anybody, of("Streams.collect", "stream"), "PayeeUnavailable");
	life.look(103);
	life.refused(103 + MONTH, By::Payer, of("Streams.close", "stream"), "PayeeUnavailable");
	life.end(104 + MONTH, By::Payer, "Streams.close", true);
	life.vector("to an account that does not exist, of less than 0.01 USDT", ITEM, 0)
}
