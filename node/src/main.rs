//! `dam-node`: validator, full node and RPC server of DAM Chain. Its parts are in the library.

use std::process::ExitCode;

/// A node allocates from many threads, small pieces above all, and never stops: see
/// `docs/PERFORMANCE.md`.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
	match dam_node::command::run() {
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
