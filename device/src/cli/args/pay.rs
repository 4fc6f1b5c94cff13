//! `pay` and `pay-batch`.

use std::path::PathBuf;

use clap::Args as ClapArgs;

/// What the files look like.
pub(super) const BATCH_HELP: &str = "\
CSV has the header `payee,amount`; JSON is an array of {\"payee\": \"…\", \"amount\": \"…\"}.
A payee is a machine's number, its DID, or an account (SS58 or 0x…). Amounts are in USDT.

Example file:
  payee,amount
  7,0.005
  did:dam:dev:8,1.25";

#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct Pay {
	/// The device's key file.
	#[arg(long, value_name = "FILE")]
	pub(in crate::cli) key: PathBuf,
	/// A file that records what was signed, so that repeating the command pays once.
	#[arg(long, value_name = "FILE")]
	pub(in crate::cli) journal: Option<PathBuf>,
	/// Who: a machine's number, its DID, or an account.
	#[arg(allow_hyphen_values = true)]
	pub(in crate::cli) payee: String,
	/// How much, in USDT.
	#[arg(allow_hyphen_values = true)]
	pub(in crate::cli) amount: String,
}

#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct PayBatch {
	/// The device's key file.
	#[arg(long, value_name = "FILE")]
	pub(in crate::cli) key: PathBuf,
	/// A file that records what was signed, so that repeating the command pays once.
	#[arg(long, value_name = "FILE")]
	pub(in crate::cli) journal: Option<PathBuf>,
	/// Send several transactions if one cannot carry all payments, each final before the next.
	#[arg(long)]
	pub(in crate::cli) split: bool,
	/// Send even if the machine holds too little for all, or its owner's policy does not allow all:
	/// pay what can be paid.
	#[arg(long)]
	pub(in crate::cli) partial: bool,
	/// CSV or JSON.
	pub(in crate::cli) file: PathBuf,
}
