//! What payments should cost at most, and whether they do.

use super::{find, sizes, Summary};
use crate::{
	offchain::{Rate, ED25519_CHECKED, LINKS_IN_MEMORY},
	workloads::{BASELINE, BATCH, CLAIMS, WRAPPER},
};
use std::fmt::Write;

/// Something that was aimed at.
struct Aim {
	what: &'static str,
	wanted: f64,
	/// At least as much is wanted; otherwise at most.
	at_least: bool,
	/// The worst of all sizes; `None` if it was not measured.
	found: Option<f64>,
	digits: usize,
}

impl Aim {
	fn reached(&self) -> &'static str {
		match self.found {
			None => "not measured",
			Some(found) if self.at_least && found >= self.wanted => "yes",
			Some(found) if !self.at_least && found <= self.wanted => "yes",
			Some(_) => "no",
		}
	}
}

/// The worst over all sizes of what is computed for each.
fn worst(summaries: &[Summary], of: impl Fn(u64) -> Option<f64>) -> Option<f64> {
	sizes(summaries).into_iter().filter_map(of).reduce(f64::min)
}

fn aims(summaries: &[Summary], rates: &[Rate]) -> Vec<Aim> {
	let per_second =
		|workload, accounts| find(summaries, workload, accounts).map(|one| one.per_second);
	let ratio = |one, other| {
		worst(summaries, |accounts| Some(per_second(one, accounts)? / per_second(other, accounts)?))
	};
	let rate = |what: &str| rates.iter().find(|rate| rate.what == what).map(|one| one.per_second);
	let slowest = |workload| worst(summaries, |accounts| per_second(workload, accounts));
	let aim = |what, wanted, found, digits| Aim { what, wanted, at_least: true, found, digits };
	vec![
		aim("pay_batch to 1,000 payees, × single transfers", 20.0, ratio(BATCH, BASELINE), 1),
		aim("pay_batch to 1,000 payees, × utility.batch", 4.0, ratio(BATCH, WRAPPER), 1),
		aim("pay_batch to 1,000 payees, payments/s per core", 50_000.0, slowest(BATCH), 0),
		aim(
			"claim_batch, % of the rate of Ed25519 checks",
			60.0,
			slowest(CLAIMS)
				.zip(rate(ED25519_CHECKED))
				.map(|(claims, checks)| 100.0 * claims / checks),
			0,
		),
		aim("links accepted in memory, per second", 1_000_000.0, rate(LINKS_IN_MEMORY), 0),
		Aim {
			what: "pay_batch in the largest state, cost against the smallest",
			wanted: 1.5,
			at_least: false,
			found: growth(summaries),
			digits: 2,
		},
	]
}

/// How much dearer a batched payment is in the largest state than in the smallest.
fn growth(summaries: &[Summary]) -> Option<f64> {
	let sizes = sizes(summaries);
	let (smallest, largest) = (*sizes.first()?, *sizes.last()?);
	if smallest == largest {
		return None;
	}
	let cost = |accounts| find(summaries, BATCH, accounts).map(|one| 1.0 / one.per_second);
	Some(cost(largest)? / cost(smallest)?)
}

/// Every aim and whether it is reached, as markdown.
pub fn aims_table(summaries: &[Summary], rates: &[Rate]) -> String {
	let mut out = String::from(
		"Aims, each at the size of the state at which least is reached.\n\n\
		 | aim | wanted | found | reached |\n|---|---:|---:|---|\n",
	);
	for aim in aims(summaries, rates) {
		let number = |value: f64| match aim.digits {
			0 => super::tables::grouped(value),
			digits => format!("{value:.digits$}"),
		};
		let sign = if aim.at_least { "≥" } else { "≤" };
		let found = aim.found.map_or_else(|| "–".into(), number);
		// Writing to a string cannot fail.
		let _ = writeln!(
			out,
			"| {} | {sign} {} | {found} | {} |",
			aim.what,
			number(aim.wanted),
			aim.reached()
		);
	}
	out
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{
		offchain::MACHINE,
		report::{summarize, tests::sample},
	};

	#[test]
	fn aims_should_be_judged_at_the_worst_size() {
		let samples = [
			sample(BASELINE, 1_000, 1, 3_000),
			sample(BATCH, 1_000, 1, 10),
			sample(BASELINE, 1_000_000, 1, 3_000),
			sample(BATCH, 1_000_000, 1, 200),
		];
		let (summaries, _) = summarize(&samples);
		let table = aims_table(&summaries, &[]);
		for line in [
			"× single transfers | ≥ 20.0 | 15.0 | no |",
			"× utility.batch | ≥ 4.0 | – | not measured |",
			"payments/s per core | ≥ 50,000 | 3,333 | no |",
			"against the smallest | ≤ 1.50 | 20.00 | no |",
		] {
			assert!(table.contains(line), "{table}");
		}
	}

	#[test]
	fn claims_should_be_compared_with_signatures() {
		let (summaries, _) = summarize(&[sample(CLAIMS, 1_000, 1, 50)]);
		let per_second = 20_000.0;
		let rate =
			Rate { group: MACHINE, what: ED25519_CHECKED, per_second, range: (1.0, 30_000.0) };
		let table = aims_table(&summaries, &[rate]);
		assert!(table.contains("Ed25519 checks | ≥ 60 | 67 | yes |"), "{table}");
	}
}
