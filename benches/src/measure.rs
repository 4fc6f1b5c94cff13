//! Rounds: every workload builds its blocks at one client, and another client imports them.

use crate::{
	author::{Author, Built, Sealed},
	clock::{self, Took},
	error::Error,
	extrinsic::Extrinsic,
	importer::Importer,
	ledger::Ledger,
	population::Population,
	progress,
	stage::Stage,
	state::{self, States},
	workloads::{Kind, Workload},
};
use std::{iter, path::Path, time::Duration};

/// Fixes whom is paid, and how much.
const SEED: u64 = 4;

/// Blocks without transactions that are measured in a round.
const EMPTY_BLOCKS: usize = 10;

/// What to measure.
pub struct Plan {
	/// Accounts in the state, one size after another.
	pub accounts: Vec<u64>,
	/// Payments of a workload in a round, at least: blocks are filled.
	pub payments: u32,
	/// Rounds that count. One more comes before them and does not.
	pub rounds: u32,
}

/// One workload in one round.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
	/// Accounts in the state.
	pub accounts: u64,
	/// The round, from 1.
	pub round: u32,
	/// The workload's name; [`EMPTY`] for blocks without transactions.
	pub workload: &'static str,
	/// Blocks.
	pub blocks: u32,
	/// Extrinsics in them, without the inherents.
	pub extrinsics: u32,
	/// Payments in them.
	pub payments: u32,
	/// What they weigh by the chain's own measure.
	pub weight: Duration,
	/// Building and sealing them, on the wall.
	pub build: Duration,
	/// Importing them.
	pub import: Took,
}

/// Stands for blocks without transactions.
pub const EMPTY: &str = "empty";

/// Measures all `workloads` at all sizes of `plan`, with databases in the folder `work`.
pub fn run(plan: &Plan, work: &Path, workloads: &[&'static Kind]) -> Result<Vec<Sample>, Error> {
	let states = States::of_runtime(work)?;
	let mut sizes = plan.accounts.clone();
	sizes.sort_unstable();
	sizes.dedup();
	let mut samples = Vec::new();
	for accounts in sizes {
		let population = Population::new(accounts);
		let prepared = states.with(population)?;
		progress::say(format!("measuring with {accounts} accounts"));
		let copies = tempfile::Builder::new()
			.prefix("copies-")
			.tempdir_in(work)
			.map_err(Error::file(work))?;
		let mut chain = Chain::open(&prepared, copies.path(), population, workloads)?;
		chain.round(0, plan.payments)?;
		for round in 1..=plan.rounds {
			samples.extend(chain.round(round, plan.payments)?);
			progress::say(format!("{accounts} accounts: round {round} of {}", plan.rounds));
		}
		chain.close()?;
	}
	Ok(samples)
}

/// Two clients of one chain, and who pays on it.
struct Chain {
	author: Author,
	importer: Importer,
	stage: Stage,
	ledger: Ledger,
	workloads: Vec<Running>,
}

/// A workload, and the extrinsic that did not fit into its last block. It keeps for the next round.
struct Running {
	kind: &'static Kind,
	workload: Box<dyn Workload>,
	waiting: Option<Extrinsic>,
}

impl Chain {
	fn open(
		prepared: &Path,
		copies: &Path,
		population: Population,
		kinds: &[&'static Kind],
	) -> Result<Self, Error> {
		let (at_author, at_importer) = (copies.join("author"), copies.join("importer"));
		state::copy(prepared, &at_author)?;
		state::copy(prepared, &at_importer)?;
		let author = Author::open(&at_author)?;
		let importer = Importer::open(&at_importer)?;
		let mut stage = Stage::new(crate::node::State::genesis(&author), population, SEED);
		let ledger = Ledger::open(&author, population)?;
		let mut workloads = Vec::new();
		for kind in kinds.iter().copied() {
			workloads.push(Running { kind, workload: kind.begin(&mut stage), waiting: None });
		}
		Ok(Self { author, importer, stage, ledger, workloads })
	}

	fn close(self) -> Result<(), Error> {
		self.author.close()?;
		self.importer.close()
	}

	/// One round of all workloads, in an order by chance, so that none has the same neighbour every
	/// time.
	fn round(&mut self, round: u32, payments: u32) -> Result<Vec<Sample>, Error> {
		let order = self.stage.shuffled((0..self.workloads.len()).collect());
		let mut samples = Vec::new();
		for index in order {
			samples.push(Sample { round, ..self.measure(index, payments)? });
		}
		samples.push(Sample { round, ..self.measure_empty()? });
		Ok(samples)
	}

	fn measure(&mut self, index: usize, payments: u32) -> Result<Sample, Error> {
		let Self { author, importer, stage, ledger, workloads, .. } = self;
		let Running { kind, workload, waiting } = &mut workloads[index];
		let waited = waiting.take();
		let mut supply =
			waited.into_iter().chain(iter::from_fn(|| workload.next(stage))).peekable();
		let mut built = Vec::new();
		let mut counts = Counts::default();
		let mut waits = false;
		while counts.payments < payments {
			let block = author.block(&mut supply)?;
			if !block.full {
				// Only a supply that has ended leaves a block open.
				return Err(Error::RanDry(kind.name));
			}
			// The first block of an epoch has less room: what fills a whole block waits for the next.
			let empty = block.extrinsics == 0;
			if empty && waits {
				let number = block.block.number;
				return Err(Error::build(number)("an extrinsic does not fit into an empty block"));
			}
			waits = empty;
			let events = author.events(&block.block)?;
			// The first block does not count: with the others goes the state of one of their kind.
			if !built.is_empty() {
				counts.add(&block);
			}
			built.push((block, events));
		}
		*waiting = supply.next();
		for (block, events) in &built {
			let paid: u32 = events.iter().map(|record| workload.paid(&record.event)).sum();
			if paid != block.payments {
				let reason = format!("{paid} payments instead of {}", block.payments);
				return Err(Error::Content { number: block.block.number, reason });
			}
		}
		let mut blocks = Vec::new();
		for (block, _) in built {
			ledger.expect(block.moves);
			blocks.push(block.block);
		}
		let (first, rest) =
			blocks.split_first().ok_or_else(|| Error::state("no block was built"))?;
		importer.import(first)?;
		let name = kind.name;
		let sample = self.import(name, rest, counts)?;
		self.ledger.check(&self.importer)?;
		Ok(sample)
	}

	fn measure_empty(&mut self) -> Result<Sample, Error> {
		let mut counts = Counts::default();
		let mut blocks = Vec::new();
		for _ in 0..EMPTY_BLOCKS {
			let built = self.author.block(&mut iter::empty().peekable())?;
			counts.add(&built);
			blocks.push(built.block);
		}
		self.import(EMPTY, &blocks, counts)
	}

	fn import(
		&mut self,
		workload: &'static str,
		blocks: &[Sealed],
		counts: Counts,
	) -> Result<Sample, Error> {
		let importer = &mut self.importer;
		let (_, import) =
			clock::measure(|| blocks.iter().try_for_each(|block| importer.import(block)))?;
		let Counts { payments, extrinsics, build, weight } = counts;
		let count = u32::try_from(blocks.len()).unwrap_or(u32::MAX);
		Ok(Sample {
			accounts: self.stage.population().accounts(),
			round: 0,
			workload,
			blocks: count,
			extrinsics,
			payments,
			weight,
			build,
			import,
		})
	}
}

/// What some blocks hold, and what building them took.
#[derive(Default)]
struct Counts {
	payments: u32,
	extrinsics: u32,
	build: Duration,
	weight: Duration,
}

impl Counts {
	fn add(&mut self, built: &Built) {
		self.payments = self.payments.saturating_add(built.payments);
		self.extrinsics = self.extrinsics.saturating_add(built.extrinsics);
		self.build += built.took;
		self.weight += built.weight;
	}
}
