//! What is going on, for whoever waits: on the standard error, so that the figures can be piped.

use std::time::{Duration, Instant};

/// No more often than this.
const INTERVAL: Duration = Duration::from_secs(5);

/// Says something at once.
pub fn say(text: impl AsRef<str>) {
	eprintln!("    {}", text.as_ref());
}

/// Counts up to a known number.
pub struct Progress {
	what: &'static str,
	of: u64,
	begun: Instant,
	said: Instant,
}

impl Progress {
	/// Begins to count `what`, of which there will be `of`.
	pub fn new(what: &'static str, of: u64) -> Self {
		let now = Instant::now();
		Self { what, of, begun: now, said: now }
	}

	/// There are `done` by now.
	pub fn at(&mut self, done: u64) {
		if self.said.elapsed() >= INTERVAL {
			self.said = Instant::now();
			let seconds = self.begun.elapsed().as_secs();
			say(format!("{}: {done} of {}, {seconds} s so far", self.what, self.of));
		}
	}
}
