//! Comma-separated values, for programs.

use crate::{error::Error, measure::Sample, offchain::Rate};
use serde::Serialize;
use std::path::Path;

/// A row of `blocks.csv`: one workload in one round.
#[derive(Serialize)]
struct BlockRow {
	accounts: u64,
	workload: &'static str,
	round: u32,
	blocks: u32,
	extrinsics: u32,
	payments: u32,
	weight_us: u128,
	import_wall_us: u128,
	import_cpu_us: u128,
	build_wall_us: u128,
}

/// Writes every sample.
pub fn write_blocks(samples: &[Sample], file: &Path) -> Result<(), Error> {
	write_rows(
		samples.iter().map(|sample| BlockRow {
			accounts: sample.accounts,
			workload: sample.workload,
			round: sample.round,
			blocks: sample.blocks,
			extrinsics: sample.extrinsics,
			payments: sample.payments,
			weight_us: sample.weight.as_micros(),
			import_wall_us: sample.import.wall.as_micros(),
			import_cpu_us: sample.import.cpu.as_micros(),
			build_wall_us: sample.build.as_micros(),
		}),
		file,
	)
}

/// A row of `off-chain.csv`.
#[derive(Serialize)]
struct RateRow {
	group: &'static str,
	what: &'static str,
	per_second: f64,
	slowest: f64,
	fastest: f64,
}

/// Writes every rate.
pub fn write_rates(rates: &[Rate], file: &Path) -> Result<(), Error> {
	let rows = rates.iter().map(|rate| RateRow {
		group: rate.group,
		what: rate.what,
		per_second: rate.per_second.round(),
		slowest: rate.range.0.round(),
		fastest: rate.range.1.round(),
	});
	write_rows(rows, file)
}

fn write_rows(rows: impl Iterator<Item = impl Serialize>, file: &Path) -> Result<(), Error> {
	let mut writer = csv::Writer::from_path(file).map_err(Error::report)?;
	for row in rows {
		writer.serialize(row).map_err(Error::report)?;
	}
	writer.flush().map_err(Error::file(file))
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{measure::EMPTY, report::tests::sample};

	#[test]
	fn csv_should_have_a_row_for_every_sample() {
		let folder = tempfile::tempdir().unwrap();
		let file = folder.path().join("blocks.csv");
		write_blocks(&[sample("transfer", 10, 1, 100), sample(EMPTY, 10, 1, 1)], &file).unwrap();
		let text = std::fs::read_to_string(file).unwrap();
		let lines: Vec<_> = text.lines().collect();
		assert_eq!(lines.len(), 3);
		assert_eq!(lines[1], "10,transfer,1,2,2,1000,5000,100000,150000,200000");
		assert!(lines[2].starts_with("10,empty,1,"));
	}
}
