//! Markdown.

use super::{find, sizes, EmptyBlock, Summary};
use crate::{
	offchain::{Rate, MACHINE},
	workloads,
};
use std::fmt::Write;

/// What blocks cost.
pub fn blocks_table(summaries: &[Summary], empty: &[EmptyBlock], rounds: u32) -> String {
	let mut out = format!(
		"Medians of {rounds} rounds. Full blocks, imported by a second client: seal, slot, inherents, \
		 signatures, execution, state root, commit to ParityDB and finality. *Per core*: by the wall \
		 clock or the CPU time of all threads, whichever is longer. *Weight*: what the runtime \
		 charges for it, which bounds how many fit into a block.\n\n\
		 | accounts | paid by | payments/s per core | × single | × utility.batch | import, µs (range) \
		 | CPU, µs | weight, µs | building, µs | payments in a block |\n\
		 |---:|---|---:|---:|---:|---:|---:|---:|---:|---:|\n"
	);
	for one in summaries {
		let times = |other: &str| {
			find(summaries, other, one.accounts).map_or_else(
				|| "–".into(),
				|other| format!("{:.1}", one.per_second / other.per_second),
			)
		};
		// Writing to a string cannot fail.
		let _ = writeln!(
			out,
			"| {} | {} | {} | {} | {} | {:.1} ({:.1}–{:.1}) | {:.1} | {:.1} | {:.1} | {} |",
			grouped(one.accounts as f64),
			one.title,
			grouped(one.per_second),
			times(workloads::BASELINE),
			times(workloads::WRAPPER),
			one.import,
			one.import_range.0,
			one.import_range.1,
			one.cpu,
			one.weight,
			one.build,
			grouped(one.per_block),
		);
	}
	out.push_str(
		"\n| accounts | a block without transactions: import, ms | building, ms |\n|---:|---:|---:|\n",
	);
	for one in empty {
		let accounts = grouped(one.accounts as f64);
		let _ = writeln!(out, "| {accounts} | {:.2} | {:.2} |", one.import, one.build);
	}
	out.push_str(&growth(summaries));
	out
}

/// How much dearer payments are in the largest state than in the smallest; nothing if there is one.
fn growth(summaries: &[Summary]) -> String {
	let sizes = sizes(summaries);
	let (Some(smallest), Some(largest)) = (sizes.first(), sizes.last()) else {
		return String::new();
	};
	if smallest == largest {
		return String::new();
	}
	let ratios: Vec<_> = summaries
		.iter()
		.filter(|one| one.accounts == *smallest)
		.filter_map(|small| {
			let large = find(summaries, small.workload, *largest)?;
			Some(format!("{} {:.2}×", small.title, small.per_second / large.per_second))
		})
		.collect();
	format!(
		"\nCost of a payment with {} accounts, compared with {}: {}.\n",
		grouped(*largest as f64),
		grouped(*smallest as f64),
		ratios.join("; ")
	)
}

/// What is done off chain, and what the machine can do.
pub fn rates_table(rates: &[Rate], rounds: u32) -> String {
	let mut out = format!(
		"Medians of {rounds} rounds, one thread unless connections are named.\n\n\
		 | by | what | per second (range) | µs each |\n|---|---|---:|---:|\n"
	);
	for Rate { group, what, per_second, range: (slowest, fastest) } in rates {
		let group = if *group == MACHINE { (*group).into() } else { format!("**{group}**") };
		let _ = writeln!(
			out,
			"| {group} | {what} | {} ({}–{}) | {:.2} |",
			grouped(*per_second),
			grouped(*slowest),
			grouped(*fastest),
			1e6 / per_second,
		);
	}
	out
}

/// A whole number with a comma after every third digit.
pub fn grouped(number: f64) -> String {
	let digits = format!("{number:.0}");
	let mut out = String::new();
	for (index, digit) in digits.chars().enumerate() {
		if index > 0 && (digits.len() - index) % 3 == 0 {
			out.push(',');
		}
		out.push(digit);
	}
	out
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::report::{summarize, tests::sample};

	#[test]
	fn table_should_compare_with_single_transfers_and_between_sizes() {
		let samples = [
			sample("transfer", 1_000, 1, 400),
			sample("utility.batch", 1_000, 1, 100),
			sample("transfer", 1_000_000, 1, 600),
			sample("utility.batch", 1_000_000, 1, 200),
		];
		let (summaries, empty) = summarize(&samples);
		let table = blocks_table(&summaries, &empty, 1);
		for line in [
			"| 1,000 | utility.batch of transfers | 6,667 | 4.0 | 1.0 |",
			"| 1,000,000 | utility.batch of transfers | 3,333 | 3.0 | 1.0 |",
			"keep_alive 1.50×; utility.batch of transfers 2.00×.",
		] {
			assert!(table.contains(line), "{table}");
		}
	}

	#[test]
	fn table_should_leave_the_comparison_out_when_there_is_nothing_to_compare_with() {
		let (summaries, empty) = summarize(&[sample("pay_batch-few", 10, 1, 100)]);
		let table = blocks_table(&summaries, &empty, 1);
		assert!(table.contains("| – | – |"), "{table}");
		assert!(!table.contains("compared with"), "{table}");
	}

	#[test]
	fn rates_should_stand_with_their_range() {
		let rate =
			Rate { group: MACHINE, what: "x", per_second: 2_000.0, range: (1_000.0, 3_000.0) };
		let table = rates_table(&[rate], 3);
		assert!(table.contains("| this machine | x | 2,000 (1,000–3,000) | 500.00 |"), "{table}");
	}

	#[test]
	fn numbers_should_be_grouped_by_thousands() {
		assert_eq!(grouped(0.4), "0");
		assert_eq!(grouped(999.0), "999");
		assert_eq!(grouped(1_000.0), "1,000");
		assert_eq!(grouped(1_234_567.0), "1,234,567");
	}
}
