//! What can go wrong in the harness itself.

use std::{fmt, io, path::PathBuf, process::ExitStatus, time::Duration};

use crate::RpcError;

/// Why a network did not do what the test needs.
#[derive(thiserror::Error)]
pub enum Error {
	/// A program of the workspace has not been built.
	#[error(
		"{} does not exist: run scripts/test, or `cargo build --release --workspace` first, or name \
		 it in the variable {variable}",
		path.display()
	)]
	NoBinary {
		/// Where it was expected.
		path: PathBuf,
		/// Variable that can name another place.
		variable: &'static str,
	},
	/// A file or process of the test itself.
	#[error("{what}: {cause}")]
	Io {
		/// What was being done.
		what: String,
		/// What the system said.
		cause: io::Error,
	},
	/// The node could not write its specification.
	#[error("`dam-node build-spec` failed: {0}")]
	Spec(String),
	/// A node ended by itself.
	#[error("{node} ended by itself ({status}); its last words:\n{log}")]
	Exited {
		/// Which one.
		node: String,
		/// How.
		status: ExitStatus,
		/// The end of its log.
		log: String,
	},
	/// A condition did not come true.
	#[error("waited {} s for {what}", limit.as_secs())]
	TimedOut {
		/// What was waited for.
		what: String,
		/// How long.
		limit: Duration,
	},
	/// A node's answer.
	#[error("{node}: {cause}")]
	Rpc {
		/// Which one.
		node: String,
		/// Why.
		cause: RpcError,
	},
	/// Two nodes finalized different blocks at one height.
	#[error("block {number} is {one} at {first} and {other} at {second}: the chain has split")]
	Split {
		/// Height.
		number: u32,
		/// A node.
		first: String,
		/// Its block.
		one: String,
		/// Another node.
		second: String,
		/// Its block.
		other: String,
	},
	/// The device's library.
	#[error("the device: {0}")]
	Device(Box<dyn std::error::Error + Send + Sync>),
	/// A transaction is final, but says nothing of a machine that it was to register.
	#[error("the machine of key {0} was neither registered nor refused")]
	Unregistered(String),
}

/// The same words as for people: tests show them by unwrapping.
impl fmt::Debug for Error {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		fmt::Display::fmt(self, f)
	}
}

impl Error {
	pub(crate) fn device(cause: impl std::error::Error + Send + Sync + 'static) -> Self {
		Self::Device(Box::new(cause))
	}

	pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
		let what = what.into();
		move |cause| Self::Io { what, cause }
	}
}
