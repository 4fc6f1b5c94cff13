//! `dam-device`: the command line of a machine and its owner.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
	cli::run()
}
