//! `dam-node`: validator, full node and RPC server of DAM Chain.
//!
//! * [`cli`] and [`command`]: what can be asked of the program, and how it is done;
//! * [`chain_spec`]: which chain;
//! * [`service`] and [`consensus`]: the parts of a running node;
//! * [`rpc`]: what it serves;
//! * [`listeners`] and [`errors`]: what can go wrong, in words that say what to do.

// The SDK's own error types are that large, and none is on a hot path.
#![allow(clippy::result_large_err)]

mod chain_spec;
mod cli;
mod command;
mod consensus;
mod errors;
mod listeners;
mod rpc;
mod service;

use std::process::ExitCode;

fn main() -> ExitCode {
	match command::run() {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => {
			// The SDK writes its log late. A line of this level makes it catch up, so that the
			// reason is the last thing to be read; before the log is set up, it does nothing.
			log::error!("Stopped. The reason:");
			eprintln!("error: {error}");
			ExitCode::FAILURE
		},
	}
}
