//! What the rounds come to: tables for people, files for programs.

mod aims;
mod files;
mod tables;

pub use aims::aims_table;
pub use files::{write_blocks, write_rates};
pub use tables::{blocks_table, rates_table};

use crate::{
	clock::median,
	measure::{Sample, EMPTY},
	workloads,
};
use std::{collections::BTreeMap, time::Duration};

/// The medians of one workload at one size of the state.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
	/// Accounts in the state.
	pub accounts: u64,
	/// The workload's name.
	pub workload: &'static str,
	/// Its title.
	pub title: &'static str,
	/// Payments per second of one core: by the wall clock or the CPU time of all threads, whichever
	/// is longer.
	pub per_second: f64,
	/// Importing a payment, on the wall, in microseconds.
	pub import: f64,
	/// The fastest and the slowest round.
	pub import_range: (f64, f64),
	/// The same in CPU time of all threads.
	pub cpu: f64,
	/// What a payment weighs by the chain's own measure, in microseconds.
	pub weight: f64,
	/// Building a payment into a block, on the wall, in microseconds.
	pub build: f64,
	/// Payments of a full block.
	pub per_block: f64,
}

/// Importing and building a block without transactions, in milliseconds.
#[derive(Clone, Debug, PartialEq)]
pub struct EmptyBlock {
	/// Accounts in the state.
	pub accounts: u64,
	/// On the wall.
	pub import: f64,
	/// On the wall.
	pub build: f64,
}

fn micros_each(duration: Duration, count: u32) -> f64 {
	duration.as_secs_f64() * 1e6 / f64::from(count.max(1))
}

/// Sums up the rounds, in the order of sizes and then of the tables.
pub fn summarize(samples: &[Sample]) -> (Vec<Summary>, Vec<EmptyBlock>) {
	let mut groups: BTreeMap<(u64, usize), Vec<&Sample>> = BTreeMap::new();
	for sample in samples {
		let place = workloads::ALL.iter().position(|kind| kind.name == sample.workload);
		groups.entry((sample.accounts, place.unwrap_or(usize::MAX))).or_default().push(sample);
	}
	let (mut summaries, mut empty) = (Vec::new(), Vec::new());
	for ((accounts, place), samples) in groups {
		let of =
			|value: &dyn Fn(&Sample) -> f64| median(samples.iter().map(|sample| value(sample)));
		let Some(kind) = workloads::ALL.get(place) else {
			debug_assert!(samples.iter().all(|sample| sample.workload == EMPTY));
			empty.push(EmptyBlock {
				accounts,
				import: of(&|sample| micros_each(sample.import.wall, sample.blocks) / 1e3),
				build: of(&|sample| micros_each(sample.build, sample.blocks) / 1e3),
			});
			continue;
		};
		let imports =
			|| samples.iter().map(|sample| micros_each(sample.import.wall, sample.payments));
		summaries.push(Summary {
			accounts,
			workload: kind.name,
			title: kind.title,
			per_second: of(&|sample| {
				1e6 / micros_each(sample.import.wall.max(sample.import.cpu), sample.payments)
			}),
			import: median(imports()),
			import_range: (imports().fold(f64::INFINITY, f64::min), imports().fold(0.0, f64::max)),
			cpu: of(&|sample| micros_each(sample.import.cpu, sample.payments)),
			weight: of(&|sample| micros_each(sample.weight, sample.payments)),
			build: of(&|sample| micros_each(sample.build, sample.payments)),
			per_block: of(&|sample| f64::from(sample.payments) / f64::from(sample.blocks.max(1))),
		});
	}
	(summaries, empty)
}

/// Of a workload at a size.
fn find<'a>(summaries: &'a [Summary], workload: &str, accounts: u64) -> Option<&'a Summary> {
	summaries.iter().find(|one| one.workload == workload && one.accounts == accounts)
}

/// The sizes, each once, ascending.
fn sizes(summaries: &[Summary]) -> Vec<u64> {
	let mut sizes: Vec<u64> = summaries.iter().map(|one| one.accounts).collect();
	sizes.sort_unstable();
	sizes.dedup();
	sizes
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::clock::Took;

	/// Two blocks of a thousand payments that took so long to import.
	pub fn sample(workload: &'static str, accounts: u64, round: u32, millis: u64) -> Sample {
		Sample {
			accounts,
			round,
			workload,
			blocks: 2,
			extrinsics: 2,
			payments: 1_000,
			weight: Duration::from_millis(5),
			build: Duration::from_millis(2 * millis),
			import: Took {
				wall: Duration::from_millis(millis),
				cpu: Duration::from_millis(millis + millis / 2),
			},
		}
	}

	#[test]
	fn summary_should_take_medians_and_the_longer_clock() {
		let samples = [
			sample("transfer", 1_000, 1, 300),
			sample("transfer", 1_000, 2, 100),
			sample("transfer", 1_000, 3, 200),
			sample(EMPTY, 1_000, 1, 4),
		];
		let (summaries, empty) = summarize(&samples);
		let [one] = &summaries[..] else { panic!("{summaries:?}") };
		assert_eq!((one.accounts, one.workload), (1_000, "transfer"));
		for (found, expected) in [
			(one.import, 200.0),
			(one.cpu, 300.0),
			(one.weight, 5.0),
			(one.build, 400.0),
			(one.per_second, 1e6 / 300.0),
			(one.import_range.0, 100.0),
			(one.import_range.1, 300.0),
			(one.per_block, 500.0),
		] {
			assert!((found - expected).abs() < 1e-6, "{found} instead of {expected}");
		}
		assert_eq!(empty, [EmptyBlock { accounts: 1_000, import: 2.0, build: 4.0 }]);
	}
}
