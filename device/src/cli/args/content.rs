//! `content`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};
use dam_primitives::ServiceId;

use super::Who;

/// Of which document the chain knows the hash.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ContentCommand {
	/// Fetch the document about a machine, or check a file that should be it.
	///
	/// Its address was chosen by whoever speaks for the machine. One request goes there, and nothing
	/// that comes back is kept unless its SHA-256 is the one on chain.
	#[command(after_help = "\
Examples:
  dam-device --chain-spec dev.json content machine 7 --gateway http://127.0.0.1:8080 \\
      --out charger.json
  dam-device --chain-spec dev.json content machine 7 --check charger.json")]
	Machine {
		#[command(flatten)]
		who: Who,
		#[command(flatten)]
		document: Document,
	},
	/// Fetch the description of a service, or check a file that should be it.
	#[command(after_help = "\
Example:
  dam-device --chain-spec dev.json content service 7 0 --gateway http://127.0.0.1:8080 \\
      --out tariff.json")]
	Service {
		/// The machine that offers it: its number or DID.
		#[arg(allow_hyphen_values = true)]
		machine: String,
		/// The service's number.
		id: ServiceId,
		#[command(flatten)]
		document: Document,
	},
	/// Fetch what a content identifier names, or check a file that should be it. Needs no chain.
	Cid {
		/// The content identifier: bafkrei…, bafybei…, Qm….
		cid: String,
		#[command(flatten)]
		document: Document,
	},
	/// Show what the chain must know of a file: its SHA-256 for the document about a machine, its
	/// content identifier for the description of a service. Works offline.
	#[command(after_help = "\
The content identifier is that of the file as one block: what `ipfs add --cid-version 1` gives to
files of up to 256 KiB. Larger ones are cut into blocks: use the identifier that `ipfs` prints.")]
	Hash {
		/// The file.
		file: PathBuf,
		/// Largest file that is read, in bytes.
		#[arg(long, value_name = "BYTES", default_value_t = MAX_BYTES)]
		max_bytes: u64,
	},
}

/// Largest document unless the user says otherwise: 16 MiB.
pub(in crate::cli) const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// Where a document comes from and goes to.
#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct Document {
	/// Fetch the document into this file; never overwritten.
	#[arg(long, value_name = "FILE", required_unless_present = "check")]
	pub(in crate::cli) out: Option<PathBuf>,
	/// Fetch nothing: check that this file is the document.
	#[arg(long, value_name = "FILE", conflicts_with_all = ["out", "gateway"])]
	pub(in crate::cli) check: Option<PathBuf>,
	/// The HTTP gateway to IPFS, for example http://127.0.0.1:8080 of a node of your own. It is not
	/// trusted.
	#[arg(long, value_name = "URL")]
	pub(in crate::cli) gateway: Option<String>,
	/// Largest document that is taken, in bytes.
	#[arg(long, value_name = "BYTES", default_value_t = MAX_BYTES)]
	pub(in crate::cli) max_bytes: u64,
}
