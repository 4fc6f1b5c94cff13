//! Makes payments through a channel of LDK and prints how many a second.
//!
//! * `peer`: a node of LDK without a network and without a chain;
//! * `channel`: two of them, their channel, and payments through it;
//! * `store`: where monitors are kept; `silent`: what a node needs and this one has no use for.

mod channel;
mod peer;
mod silent;
mod store;

use channel::Channel;
use std::{fmt::Debug, path::PathBuf, process::ExitCode, time::Instant};
use store::Store;

const USAGE: &str = "usage: dam-bench-lightning --store memory|disk --payments N --in-flight N \
                     --folder FOLDER";

/// Most HTLCs that a side of a channel takes at a time, by default.
const MOST_IN_FLIGHT: u32 = 50;

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
pub enum Error {
	/// The command line.
	#[error("{0}\n{USAGE}")]
	Usage(String),
	/// The folder for monitors.
	#[error("`{path}`: {source}", path = .path.display())]
	Folder {
		/// Which.
		path: PathBuf,
		/// What the system says.
		source: std::io::Error,
	},
	/// LDK did something else than was expected of it.
	#[error("LDK: {0}")]
	Ldk(String),
}

impl Error {
	/// LDK's own errors have no text.
	fn ldk(what: &str) -> impl FnOnce(LdkError) -> Self + '_ {
		move |error| Self::Ldk(format!("{what}: {}", error.0))
	}
}

/// Whatever LDK calls an error.
pub struct LdkError(String);

impl<E: Debug> From<E> for LdkError {
	fn from(error: E) -> Self {
		Self(format!("{error:?}"))
	}
}

struct Options {
	disk: bool,
	payments: u32,
	in_flight: u32,
	folder: PathBuf,
}

impl Options {
	fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, Error> {
		let (mut disk, mut payments, mut in_flight, mut folder) = (None, None, None, None);
		while let Some(flag) = arguments.next() {
			let value =
				arguments.next().ok_or_else(|| Error::Usage(format!("{flag} needs a value")))?;
			let number = |most: u32| match value.parse::<u32>() {
				Ok(number) if (1..=most).contains(&number) => Ok(Some(number)),
				_ => Err(Error::Usage(format!("{flag} takes a number from 1 to {most}"))),
			};
			match (flag.as_str(), value.as_str()) {
				("--store", "memory") => disk = Some(false),
				("--store", "disk") => disk = Some(true),
				("--payments", _) => payments = number(1_000_000)?,
				("--in-flight", _) => in_flight = number(MOST_IN_FLIGHT)?,
				("--folder", _) => folder = Some(PathBuf::from(&value)),
				_ => return Err(Error::Usage(format!("unknown: {flag} {value}"))),
			}
		}
		let missing = |flag: &str| Error::Usage(format!("{flag} is missing"));
		Ok(Self {
			disk: disk.ok_or_else(|| missing("--store"))?,
			payments: payments.ok_or_else(|| missing("--payments"))?,
			in_flight: in_flight.ok_or_else(|| missing("--in-flight"))?,
			folder: folder.ok_or_else(|| missing("--folder"))?,
		})
	}
}

fn main() -> ExitCode {
	match Options::parse(std::env::args().skip(1)).and_then(|options| run(&options)) {
		Ok(per_second) => {
			println!("{per_second}");
			ExitCode::SUCCESS
		},
		Err(error) => {
			eprintln!("{error}");
			ExitCode::FAILURE
		},
	}
}

/// Payments per second.
fn run(options: &Options) -> Result<f64, Error> {
	let store = |name: &str| match options.disk {
		false => Ok(Store::in_memory()),
		true => Store::on_disk(options.folder.join(name)),
	};
	let mut channel = Channel::open(store("payer")?, store("payee")?)?;
	// The first payments warm up.
	channel.pay(options.in_flight, options.in_flight)?;
	let begun = Instant::now();
	channel.pay(options.payments, options.in_flight)?;
	Ok(f64::from(options.payments) / begun.elapsed().as_secs_f64())
}

#[cfg(test)]
mod tests {
	use super::*;

	fn parse(text: &str) -> Result<Options, Error> {
		Options::parse(text.split_whitespace().map(String::from))
	}

	#[test]
	fn options_should_all_be_needed_and_make_sense() {
		let options = parse("--store disk --payments 7 --in-flight 3 --folder /tmp").unwrap();
		assert!(options.disk);
		assert_eq!((options.payments, options.in_flight), (7, 3));
		for wrong in [
			"",
			"--store",
			"--store paper --payments 7 --in-flight 3 --folder /tmp",
			"--store disk --payments 0 --in-flight 3 --folder /tmp",
			"--store disk --payments 7 --in-flight 51 --folder /tmp",
		] {
			assert!(parse(wrong).is_err(), "{wrong}");
		}
	}

	#[test]
	fn payments_should_be_made_and_claimed_from_every_store() {
		let folder = std::env::temp_dir().join(format!("dam-bench-ldk-{}", std::process::id()));
		for disk in [false, true] {
			for in_flight in [1, 10] {
				let folder = folder.clone();
				let options = Options { disk, payments: 20, in_flight, folder };
				assert!(run(&options).unwrap() > 0.0);
			}
		}
		assert!(folder.join("payer").exists(), "nothing was kept on disk");
		std::fs::remove_dir_all(folder).unwrap();
	}
}
