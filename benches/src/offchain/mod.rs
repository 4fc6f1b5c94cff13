//! Payments off chain: what the machine itself can do, what channels do with it, and what LDK does.

mod channels;
mod lightning;
mod machine;

use crate::{clock, error::Error, progress};
use std::path::{Path, PathBuf};

pub use channels::LINKS_IN_MEMORY;
pub use machine::ED25519_CHECKED;

/// What bounds every payment scheme on this machine.
pub const MACHINE: &str = "this machine";
/// The crate `dam-payments`.
pub const CHANNELS: &str = "dam-payments";
/// The crate `lightning`.
pub const LDK: &str = "LDK";

/// What to measure.
pub struct Plan {
	/// Rounds that count; one more comes before them.
	pub rounds: u32,
	/// Whether a hundredth of the work is enough, to see that it works.
	pub quick: bool,
	/// The program that measures LDK.
	pub lightning: Option<PathBuf>,
}

impl Plan {
	/// How often something is done in a round that takes some tenths of a second with `often`.
	fn count(&self, often: u32) -> u32 {
		if self.quick {
			often.div_ceil(100)
		} else {
			often
		}
	}
}

/// How fast one thing can be done.
#[derive(Clone, Debug, PartialEq)]
pub struct Rate {
	/// [`MACHINE`], [`CHANNELS`] or [`LDK`].
	pub group: &'static str,
	/// What is done.
	pub what: &'static str,
	/// How often in a second; the median of all rounds.
	pub per_second: f64,
	/// The slowest and the fastest round.
	pub range: (f64, f64),
}

/// Does something for one round and returns how often in a second.
type Run = Box<dyn FnMut() -> Result<f64, Error>>;

/// Something that is measured.
struct Subject {
	group: &'static str,
	what: &'static str,
	run: Run,
}

impl Subject {
	fn new(
		group: &'static str,
		what: &'static str,
		run: impl FnMut() -> Result<f64, Error> + 'static,
	) -> Self {
		Self { group, what, run: Box::new(run) }
	}
}

/// How often in a second, if `work` does something `count` times.
fn rate(count: u32, work: impl FnOnce() -> Result<(), Error>) -> Result<f64, Error> {
	let begun = std::time::Instant::now();
	work()?;
	Ok(f64::from(count) / begun.elapsed().as_secs_f64().max(f64::MIN_POSITIVE))
}

/// Measures everything in turn, with files in the folder `work`. Each round begins with another
/// subject.
pub fn run(plan: &Plan, work: &Path) -> Result<Vec<Rate>, Error> {
	progress::say("preparing vouchers and hash chains");
	let folder = tempfile::Builder::new()
		.prefix("off-chain-")
		.tempdir_in(work)
		.map_err(Error::file(work))?;
	let mut subjects = machine::subjects(plan, folder.path());
	subjects.extend(channels::subjects(plan, folder.path())?);
	if let Some(program) = &plan.lightning {
		subjects.extend(lightning::subjects(plan, program, folder.path()));
	}
	let count = subjects.len();
	let mut samples = vec![Vec::new(); count];
	for round in 0..=plan.rounds {
		for turn in 0..count {
			let index = (turn + round as usize) % count;
			let rate = (subjects[index].run)()?;
			if round > 0 {
				samples[index].push(rate);
			}
		}
		if round > 0 {
			progress::say(format!("off chain: round {round} of {}", plan.rounds));
		}
	}
	Ok(subjects.iter().zip(samples).map(|(subject, samples)| summary(subject, &samples)).collect())
}

fn summary(subject: &Subject, samples: &[f64]) -> Rate {
	let slowest = samples.iter().copied().fold(f64::INFINITY, f64::min);
	let fastest = samples.iter().copied().fold(0.0, f64::max);
	Rate {
		group: subject.group,
		what: subject.what,
		per_second: clock::median(samples.iter().copied()),
		range: (slowest, fastest),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn every_subject_should_have_a_rate() {
		let folder = tempfile::tempdir().unwrap();
		let plan = Plan { rounds: 1, quick: true, lightning: None };
		let rates = run(&plan, folder.path()).unwrap();
		assert!(rates.iter().any(|rate| rate.group == MACHINE && rate.what == ED25519_CHECKED));
		assert!(rates.iter().any(|rate| rate.group == CHANNELS));
		for rate in rates {
			assert!(rate.per_second > 0.0 && rate.per_second.is_finite(), "{rate:?}");
			assert_eq!(rate.range, (rate.per_second, rate.per_second));
		}
	}

	#[test]
	fn rate_should_be_the_median_with_its_range() {
		let subject = Subject::new(MACHINE, "x", || Ok(0.0));
		let rate = summary(&subject, &[5.0, 1.0, 3.0]);
		assert_eq!((rate.per_second, rate.range), (3.0, (1.0, 5.0)));
	}
}
