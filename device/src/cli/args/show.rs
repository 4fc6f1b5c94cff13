//! Commands that only read.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct Who {
	/// A machine's number, its DID, or an account; left out, the machine of --key.
	#[arg(required_unless_present = "key", allow_hyphen_values = true)]
	pub(in crate::cli) who: Option<String>,
	/// A key file.
	#[arg(long, value_name = "FILE", conflicts_with = "who")]
	pub(in crate::cli) key: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct Children {
	#[command(flatten)]
	pub(in crate::cli) who: Who,
	/// Show at most so many.
	#[arg(long, value_name = "N", default_value_t = 1_000,
		value_parser = clap::value_parser!(u32).range(1..))]
	pub(in crate::cli) limit: u32,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum DidCommand {
	/// Show the DID document of a machine.
	Resolve {
		/// For example did:dam:dev:0.
		did: String,
	},
}

#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct Head {
	/// Stop after so many finalized blocks.
	#[arg(long, value_name = "N", default_value_t = 1,
		value_parser = clap::value_parser!(u32).range(1..))]
	pub(in crate::cli) follow: u32,
}
