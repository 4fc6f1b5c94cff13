//! What stops a measurement.

use std::{fmt::Display, io, path::PathBuf};

/// Why there is no result.
#[derive(Debug, thiserror::Error)]
pub enum Error {
	/// A file or folder.
	#[error("`{path}`: {source}", path = .path.display())]
	File {
		/// Which.
		path: PathBuf,
		/// What the system says.
		source: io::Error,
	},
	/// The node's own code could not be started.
	#[error("the node did not start: {0}")]
	Node(String),
	/// A database is still in use after its node was closed.
	#[error("the database in `{}` is still open after its node was closed", .0.display())]
	StillOpen(PathBuf),
	/// A block could not be built.
	#[error("building block {number}: {reason}")]
	Build {
		/// Its number.
		number: u32,
		/// Why.
		reason: String,
	},
	/// A block was refused.
	#[error("importing block {number}: {reason}")]
	Import {
		/// Its number.
		number: u32,
		/// Why.
		reason: String,
	},
	/// Something in a block did not do what it should: a figure taken from it would mean nothing.
	#[error("block {number} does not hold what it should: {reason}")]
	Content {
		/// Its number.
		number: u32,
		/// What is wrong.
		reason: String,
	},
	/// The state of the chain cannot be read.
	#[error("reading the chain's state: {0}")]
	State(String),
	/// The state could not be made.
	#[error("making the state: {0}")]
	Genesis(String),
	/// A workload had nothing more to offer before its blocks were full.
	#[error("`{0}` has nothing more to pay with: take fewer rounds or payments")]
	RanDry(&'static str),
	/// The machines that sign batches have used their quota.
	#[error("the gateways have used their free quota: take fewer rounds or payments")]
	OutOfQuota,
	/// The part off chain does not do what it should.
	#[error("off chain: {0}")]
	OffChain(String),
	/// The program that measures LDK.
	#[error("the program that measures LDK, `{path}`: {reason}", path = .path.display())]
	Lightning {
		/// Where it is.
		path: PathBuf,
		/// What is wrong with it.
		reason: String,
	},
	/// A name after `--workloads` that does not exist.
	#[error("there is no workload `{name}`; there are: {known}")]
	UnknownWorkload {
		/// What was asked for.
		name: String,
		/// What there is.
		known: String,
	},
	/// Figures could not be written.
	#[error("writing the figures: {0}")]
	Report(String),
	/// The process's CPU time.
	#[error("this system does not tell the CPU time of a process: {0}")]
	CpuTime(io::Error),
}

impl Error {
	/// About a file or folder.
	pub fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
		let path = path.into();
		move |source| Self::File { path, source }
	}

	/// About building block `number`.
	pub fn build<E: Display>(number: u32) -> impl FnOnce(E) -> Self {
		move |reason| Self::Build { number, reason: reason.to_string() }
	}

	/// About importing block `number`.
	pub fn import<E: Display>(number: u32) -> impl FnOnce(E) -> Self {
		move |reason| Self::Import { number, reason: reason.to_string() }
	}

	/// About opening a node.
	pub fn node(reason: impl Display) -> Self {
		Self::Node(reason.to_string())
	}

	/// About making a state.
	pub fn genesis(reason: impl Display) -> Self {
		Self::Genesis(reason.to_string())
	}

	/// About payments off chain.
	pub fn off_chain(reason: impl Display) -> Self {
		Self::OffChain(reason.to_string())
	}

	/// About reading state.
	pub fn state(reason: impl Display) -> Self {
		Self::State(reason.to_string())
	}

	/// About writing figures.
	pub fn report(reason: impl Display) -> Self {
		Self::Report(reason.to_string())
	}
}
