//! The ways to pay that are compared. Each is one type; [`all`] lists them.

mod claims;
mod intents;
mod links;
mod pay_batch;
mod transfers;

use crate::{
	error::Error,
	extrinsic::{Extrinsic, Signers},
	key::Key,
	stage::Stage,
};
use dam_runtime::{RuntimeCall, RuntimeEvent};
use polkadot_sdk::sp_runtime::OpaqueExtrinsic;
use std::ops::Range;

pub use claims::ClaimBatch;
pub use intents::Intents;
pub use links::ClaimLinks;
pub use pay_batch::PayBatch;
pub use transfers::{Single, UtilityBatch};

/// A way to pay, on one chain.
pub trait Workload {
	/// The next extrinsic; `None` when everything is used up.
	fn next(&mut self, stage: &mut Stage) -> Option<Extrinsic>;

	/// How many of this workload's payments `event` tells of.
	fn paid(&self, event: &RuntimeEvent) -> u32;
}

/// Signs in turn.
struct Turns {
	signers: Signers,
	range: Range<u64>,
	next: u64,
}

impl Turns {
	fn new(stage: &Stage, key: fn(u64) -> Key, range: Range<u64>) -> Self {
		let next = range.start;
		Self { signers: Signers::new(stage.genesis(), key), range, next }
	}

	/// Whose turn it is.
	fn turn(&mut self) -> u64 {
		let turn = self.next;
		let next = turn.saturating_add(1);
		self.next = if next < self.range.end { next } else { self.range.start };
		turn
	}

	fn sign(&mut self, turn: u64, call: impl Into<RuntimeCall>) -> OpaqueExtrinsic {
		self.signers.sign(turn, call)
	}
}

/// Name and title of a workload, and how it is begun.
pub struct Kind {
	/// Its name in files and on the command line.
	pub name: &'static str,
	/// Its name in tables.
	pub title: &'static str,
	begin: fn(&mut Stage) -> Box<dyn Workload>,
}

impl Kind {
	/// The workload, on a new chain.
	pub fn begin(&self, stage: &mut Stage) -> Box<dyn Workload> {
		(self.begin)(stage)
	}
}

/// What the others are compared with.
pub const BASELINE: &str = "transfer";
/// What every Substrate chain offers for many payments.
pub const WRAPPER: &str = "utility.batch";
/// The batch that the aims are about.
pub const BATCH: &str = "pay_batch-distinct";
/// The claims that the aims are about.
pub const CLAIMS: &str = "claim_batch";

/// Every workload, in the order of the tables.
pub static ALL: [Kind; 8] = [
	Kind {
		name: BASELINE,
		title: "assets.transfer_keep_alive",
		begin: |stage| Box::new(Single::new(stage)),
	},
	Kind {
		name: WRAPPER,
		title: "utility.batch of transfers",
		begin: |stage| Box::new(UtilityBatch::new(stage)),
	},
	Kind {
		name: BATCH,
		title: "pay_batch to 1,000 payees",
		begin: |stage| Box::new(PayBatch::to_distinct_payees(stage)),
	},
	Kind {
		name: "pay_batch-few",
		title: "pay_batch to 8 payees",
		begin: |stage| Box::new(PayBatch::to_few_payees(stage)),
	},
	Kind {
		name: CLAIMS,
		title: "claim_batch of 256 vouchers",
		begin: |stage| Box::new(ClaimBatch::new(stage)),
	},
	Kind {
		name: "claim_links",
		title: "claim_links, 100 hashes each",
		begin: |stage| Box::new(ClaimLinks::new(stage)),
	},
	Kind {
		name: "intents",
		title: "intents, 256 submitted at once",
		begin: |stage| Box::new(Intents::without_fee(stage)),
	},
	Kind {
		name: "intents-fee",
		title: "the same with a relay fee each",
		begin: |stage| Box::new(Intents::with_fee(stage)),
	},
];

/// Those of [`ALL`] that are named; all of them if none is.
///
/// # Errors
/// If a name does not exist.
pub fn named(names: &[String]) -> Result<Vec<&'static Kind>, Error> {
	if let Some(name) = names.iter().find(|name| ALL.iter().all(|kind| kind.name != **name)) {
		let known = ALL.iter().map(|kind| kind.name).collect::<Vec<_>>().join(", ");
		return Err(Error::UnknownWorkload { name: name.clone(), known });
	}
	Ok(ALL
		.iter()
		.filter(|kind| names.is_empty() || names.iter().any(|name| name == kind.name))
		.collect())
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn workloads_should_be_chosen_by_name_in_the_order_of_the_tables() {
		let names = |chosen: &[&str]| -> Vec<&'static str> {
			let chosen: Vec<String> = chosen.iter().map(ToString::to_string).collect();
			named(&chosen).unwrap().iter().map(|kind| kind.name).collect()
		};
		assert_eq!(names(&[]).len(), ALL.len());
		assert_eq!(names(&["utility.batch", "transfer"]), ["transfer", "utility.batch"]);
	}

	#[test]
	fn unknown_workload_should_be_refused_with_the_known_ones() {
		let error = named(&["pay".into()]).err().unwrap().to_string();
		assert!(error.contains("`pay`") && error.contains("utility.batch"), "{error}");
	}

	#[test]
	fn names_should_be_different() {
		let mut names: Vec<_> = ALL.iter().map(|kind| kind.name).collect();
		names.sort_unstable();
		names.dedup();
		assert_eq!(names.len(), ALL.len());
	}
}
