//! Results to stdout, everything else to stderr.

use std::{
	io::{stderr, stdout, Write},
	time::Duration,
};

use dam_device::{chain::ConnectProgress, settle::Progress, Dam, Done, Usdt};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{json, Value};

use super::{args::Format, failure::Failure};

/// Where and how to write.
#[derive(Clone, Copy, Debug)]
pub(super) struct Output {
	json: bool,
}

impl Output {
	pub(super) const fn new(format: Format) -> Self {
		Self { json: matches!(format, Format::Json) }
	}

	pub(super) const fn is_json(&self) -> bool {
		self.json
	}

	/// The result of a command: one JSON value, or lines for people.
	pub(super) fn result(&self, json: &Value, text: impl FnOnce() -> String) {
		let line = if self.json { json.to_string() } else { text() };
		// A reader that has gone away is not our failure.
		let _ = writeln!(stdout(), "{line}");
	}

	/// What came of one transaction: the transaction with `details`, or a sentence for people.
	pub(super) fn done(&self, done: &Done, details: Value, text: &str) {
		let mut value = transaction(done);
		if let (Value::Object(fields), Value::Object(details)) = (&mut value, details) {
			fields.extend(details);
		}
		self.result(&value, || {
			format!(
				"{text}; final in block {}, fee {}",
				done.block.number,
				fee(done.fee, done.usdt_fee)
			)
		});
	}

	/// Something on the way to the result, for people only.
	pub(super) fn note(&self, text: &str) {
		if !self.json {
			let _ = writeln!(stderr(), "{text}");
		}
	}

	/// Why there is no result.
	pub(super) fn failure(&self, failure: &Failure) {
		let _ = if self.json {
			writeln!(stderr(), "{}", failure.to_json())
		} else {
			writeln!(stderr(), "error: {}", failure.message())
		};
	}

	/// What the light client does while it connects.
	pub(super) fn connecting(&self, progress: ConnectProgress, elapsed: Duration) {
		let seconds = elapsed.as_secs_f32();
		match progress {
			ConnectProgress::Opened { genesis } => self.note(&format!(
				"{seconds:6.2} s  chain with genesis {genesis:?}, looking for peers"
			)),
			ConnectProgress::Peers(peers) => self.note(&format!("{seconds:6.2} s  peers: {peers}")),
			ConnectProgress::Ready { finalized } => self.note(&format!(
				"{seconds:6.2} s  at the head: block {} is final",
				finalized.number
			)),
		}
	}

	/// What happens to a transaction.
	pub(super) fn settling(&self, progress: &Progress) {
		if let Some(text) = describe(progress) {
			self.note(&format!("  {text}"));
		}
	}

	/// A bar on stderr that counts final payments; invisible where nobody watches.
	pub(super) fn bar(&self, length: usize) -> ProgressBar {
		if self.json {
			return ProgressBar::hidden();
		}
		let bar = ProgressBar::new(length as u64);
		if let Ok(style) = ProgressStyle::with_template(
			"{elapsed_precise} [{bar:32}] {pos}/{len} payments final · {msg}",
		) {
			bar.set_style(style.progress_chars("=> "));
		}
		bar.enable_steady_tick(Duration::from_millis(200));
		bar
	}
}

/// A number of things, in words: `1 machine`, `2 machines`.
pub(super) fn count(number: usize, thing: &str) -> String {
	format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

/// A finished transaction as JSON.
pub(super) fn transaction(done: &Done) -> Value {
	json!({
		"transaction": done.transaction,
		"block": done.block,
		"fee": done.fee,
		"usdtFee": done.usdt_fee,
	})
}

/// What a transaction cost, in words. It is paid in one of the two, or in none.
pub(super) fn fee(dam: Dam, usdt: Usdt) -> String {
	if usdt == Usdt::default() {
		format!("{dam} DAM")
	} else {
		format!("{usdt} USDT")
	}
}

/// A step in a few words; `None` for those that only programs want.
pub(super) fn describe(progress: &Progress) -> Option<String> {
	Some(match progress {
		Progress::Signed { hash } => format!("signed transaction {hash:?}"),
		Progress::Sent => "sent to peers".into(),
		Progress::InBlock(hash) => format!("in block {hash:?}, waiting for finality"),
		Progress::Retracted => "its block was replaced, waiting for another".into(),
		Progress::Resending { attempt, why } => {
			format!("sending the same transaction again (attempt {attempt}): {why}")
		},
		Progress::Waiting { why } => format!("waiting for the network: {why}"),
		Progress::Searched(_) => return None,
		Progress::Finalized(block) => format!("final in block {}", block.number),
	})
}
