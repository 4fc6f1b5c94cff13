//! Measures what payments cost: real blocks, built by one client and imported by another; channels
//! off chain; and what signatures, hashes and the disk cost on this machine.
//!
//! Prints markdown tables for `docs/PERFORMANCE.md` and writes CSV and SVG. `scripts/bench payments`
//! builds and runs it.
//!
//! * `measure`: the rounds; `workloads`: the ways to pay that are compared; `ledger`: whether
//!   everybody has what they should;
//! * `author`, `importer`: the two clients, each opened by `node`;
//! * `population`, `genesis`, `state`: states with many machines; `stage`: who pays whom in them;
//! * `offchain`: channels, LDK, and the machine itself;
//! * `report`, `plot`: the figures.

// The SDK's own error types are that large, and none is on a hot path.
#![allow(clippy::result_large_err)]

mod author;
mod clock;
mod error;
mod events;
mod extrinsic;
mod genesis;
mod importer;
mod key;
mod ledger;
mod measure;
mod node;
mod offchain;
mod plot;
mod population;
mod progress;
mod report;
mod stage;
mod state;
mod workloads;

use crate::{error::Error, measure::Sample, offchain::Rate};
use clap::{Args, Parser, Subcommand};
use std::{
	env, fs,
	path::{Path, PathBuf},
	process::ExitCode,
};

/// As the node has it: what is measured is the node.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Fewest accounts: a batch goes to as many payees.
const FEWEST_ACCOUNTS: u64 = 1_000;
/// Most accounts: beyond that a state takes more memory to make than machines have.
const MOST_ACCOUNTS: u64 = 4_000_000;

/// Measures what payments cost on chain and off chain, and the machine's own limits.
///
/// Without a subcommand both parts are measured. The standard output carries the tables alone.
#[derive(Debug, Parser)]
#[command(name = "dam-bench-payments", version)]
struct Cli {
	#[command(subcommand)]
	part: Option<Part>,

	#[command(flatten)]
	options: Options,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Subcommand)]
enum Part {
	/// Payments in blocks: built, imported, executed, committed.
	OnChain,
	/// Vouchers and links of hash chains, LDK, signatures, hashes, the disk.
	OffChain,
}

#[derive(Debug, Args)]
struct Options {
	/// Accounts in the state, each a machine with a key, a wallet and a channel; several sizes by
	/// commas [default: 1000,100000,1000000; with --quick 1000].
	///
	/// A size that is new to the work folder is made first: a million takes minutes, and gigabytes
	/// of memory and disk.
	#[arg(
		long,
		global = true,
		value_delimiter = ',',
		value_parser = clap::value_parser!(u64).range(FEWEST_ACCOUNTS..=MOST_ACCOUNTS),
	)]
	accounts: Vec<u64>,

	/// Payments of each workload in each round, at least: blocks are filled [default: 10000; with
	/// --quick 1].
	#[arg(long, global = true, value_parser = clap::value_parser!(u32).range(1..=100_000))]
	payments: Option<u32>,

	/// Rounds, odd so that there is a median; one more comes before them to warm up [default: 5; with
	/// --quick 1].
	#[arg(long, global = true, value_parser = odd)]
	rounds: Option<u32>,

	/// Only what takes seconds, to see that it works. The figures mean little.
	#[arg(long, global = true)]
	quick: bool,

	/// Only these workloads, by commas: transfer, utility.batch, pay_batch-distinct, pay_batch-few,
	/// claim_batch, claim_links, intents, intents-fee.
	#[arg(long, global = true, value_delimiter = ',')]
	workloads: Vec<String>,

	/// The program that measures LDK; without it LDK is left out.
	#[arg(long, global = true, value_name = "PROGRAM")]
	lightning: Option<PathBuf>,

	/// Folder for CSV and SVG [default: bench-payments beside this program].
	#[arg(long, global = true, value_name = "FOLDER")]
	out: Option<PathBuf>,

	/// Folder for databases, on the disk that is to be measured; prepared states stay in it
	/// [default: bench-payments/work beside this program].
	#[arg(long, global = true, value_name = "FOLDER")]
	work: Option<PathBuf>,
}

fn odd(text: &str) -> Result<u32, String> {
	match text.parse::<u32>() {
		Ok(rounds) if rounds % 2 == 1 && rounds < 100 => Ok(rounds),
		_ => Err("an odd number below 100".into()),
	}
}

impl Options {
	/// What to measure on chain.
	fn plan(&self) -> measure::Plan {
		let accounts = match (&self.accounts[..], self.quick) {
			([], false) => vec![1_000, 100_000, 1_000_000],
			([], true) => vec![1_000],
			(chosen, _) => chosen.to_vec(),
		};
		measure::Plan {
			accounts,
			payments: self.payments.unwrap_or(if self.quick { 1 } else { 10_000 }),
			rounds: self.rounds(),
		}
	}

	fn rounds(&self) -> u32 {
		self.rounds.unwrap_or(if self.quick { 1 } else { 5 })
	}
}

fn main() -> ExitCode {
	match run(&Cli::parse()) {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => {
			eprintln!("error: {error}");
			ExitCode::FAILURE
		},
	}
}

fn run(cli: &Cli) -> Result<(), Error> {
	let options = &cli.options;
	// A mistake in a name should not show after minutes.
	let workloads = workloads::named(&options.workloads)?;
	let out = folder(options.out.as_deref(), "bench-payments")?;
	let work = folder(options.work.as_deref(), "bench-payments/work")?;
	let rounds = options.rounds();
	let (mut rates, mut samples): (Vec<Rate>, Vec<Sample>) = Default::default();
	if cli.part != Some(Part::OnChain) {
		let lightning = options.lightning.clone();
		let plan = offchain::Plan { rounds, quick: options.quick, lightning };
		rates = offchain::run(&plan, &work)?;
		println!("{}", report::rates_table(&rates, rounds));
		report::write_rates(&rates, &out.join("off-chain.csv"))?;
	}
	if cli.part != Some(Part::OffChain) {
		samples = measure::run(&options.plan(), &work, &workloads)?;
	}
	let (summaries, empty) = report::summarize(&samples);
	if !samples.is_empty() {
		println!("{}", report::blocks_table(&summaries, &empty, rounds));
		report::write_blocks(&samples, &out.join("blocks.csv"))?;
		plot::write(&summaries, &out.join("payments.svg"))?;
	}
	println!("{}", report::aims_table(&summaries, &rates));
	progress::say(format!("CSV and SVG: {}", out.display()));
	Ok(())
}

/// The folder that was asked for, or `default` beside this program; made if it is missing.
fn folder(asked: Option<&Path>, default: &str) -> Result<PathBuf, Error> {
	let folder = match asked {
		Some(folder) => folder.to_path_buf(),
		None => {
			let program = env::current_exe().map_err(Error::file("this program"))?;
			program.parent().unwrap_or(Path::new(".")).join(default)
		},
	};
	fs::create_dir_all(&folder).map_err(Error::file(&folder))?;
	Ok(folder)
}

#[cfg(test)]
mod tests {
	use super::*;
	use clap::CommandFactory;

	fn parse(arguments: &[&str]) -> Result<Cli, clap::Error> {
		Cli::try_parse_from(["dam-bench-payments"].iter().chain(arguments))
	}

	#[test]
	fn command_line_should_be_consistent() {
		Cli::command().debug_assert();
	}

	#[test]
	fn defaults_should_measure_both_parts_at_three_sizes() {
		let cli = parse(&[]).unwrap();
		assert_eq!(cli.part, None);
		let plan = cli.options.plan();
		assert_eq!(plan.accounts, [1_000, 100_000, 1_000_000]);
		assert_eq!((plan.rounds, plan.payments), (5, 10_000));
	}

	#[test]
	fn quick_should_be_small_where_nothing_else_is_said() {
		let plan = parse(&["--quick"]).unwrap().options.plan();
		assert_eq!(plan.accounts, [1_000]);
		assert_eq!((plan.rounds, plan.payments), (1, 1));
		let cli = parse(&["--quick", "--rounds", "3", "--accounts", "2000"]).unwrap();
		assert_eq!((cli.options.plan().accounts, cli.options.rounds()), (vec![2_000], 3));
	}

	#[test]
	fn options_should_be_accepted_after_a_subcommand() {
		let cli = parse(&["on-chain", "--accounts", "1000,2000", "--rounds", "3"]).unwrap();
		assert_eq!(cli.part, Some(Part::OnChain));
		assert_eq!(cli.options.accounts, [1_000, 2_000]);
	}

	#[test]
	fn impossible_numbers_should_be_refused() {
		for arguments in [
			["--rounds", "4"],
			["--rounds", "x"],
			["--accounts", "999"],
			["--accounts", "4000001"],
			["--payments", "0"],
		] {
			assert!(parse(&arguments).is_err(), "{arguments:?}");
		}
	}
}
