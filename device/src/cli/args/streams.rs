//! `stream`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};
use dam_primitives::StreamId;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum StreamCommand {
	/// Let money flow from the key's machine to a payee, out of a deposit.
	///
	/// The rate is a whole number of 0.000001 USDT in every block of a second. One that does not divide
	/// is rounded down to that, and the output tells what it comes to: nobody pays more than was asked
	/// for. Free of fees; 0.10 USDT are kept beside the deposit and come back at the end.
	#[command(after_help = "\
Examples:
  dam-device --chain-spec dev.json stream open --key car.key 7 '0.02 per minute' --for 2h
  dam-device --chain-spec dev.json stream open --key car.key did:dam:dev:7 1.50/h --deposit 6")]
	Open {
		/// The payer's payment key file.
		#[arg(long, value_name = "FILE")]
		key: PathBuf,
		/// Who is paid: a machine's number, its DID, or an account.
		#[arg(allow_hyphen_values = true)]
		payee: String,
		/// How much, and in which time: `0.02 per minute`, `1.50/h`.
		#[arg(allow_hyphen_values = true)]
		rate: String,
		#[command(flatten)]
		deposit: Deposit,
	},
	/// Pay more into a stream. One that had run out runs again from then on.
	TopUp {
		#[command(flatten)]
		of: OneStream,
		/// How much, in USDT.
		#[arg(allow_hyphen_values = true)]
		amount: String,
	},
	/// Have the payees of streams paid what they have earned. Anybody can do that.
	///
	/// Several streams are collected in one transaction; those from which nothing can be collected are
	/// listed.
	Collect {
		/// The key file of whoever sends it.
		#[arg(long, value_name = "FILE")]
		key: PathBuf,
		/// The streams' numbers, at most 256.
		#[arg(required = true)]
		streams: Vec<StreamId>,
	},
	/// Stop a stream for a while. By the payer's payment key or the payer's owner.
	Pause(OneStream),
	/// Let a paused stream run again. By whoever can pause it.
	Resume(OneStream),
	/// End a stream, by payer or payee: the payee gets what it has earned, the payer the rest.
	Close(OneStream),
	/// End a stream that has run out, or was paused for longer than 30 days. Anybody can do that.
	Sweep(OneStream),
	/// Show a stream, with what it has earned by now.
	Show {
		/// The stream's number.
		stream: StreamId,
	},
	/// Show all streams that a machine pays.
	List(super::Who),
}

/// How much is paid in.
#[derive(Debug, ClapArgs)]
#[group(required = true, multiple = false)]
pub(in crate::cli) struct Deposit {
	/// What is paid in, in USDT.
	#[arg(long, value_name = "USDT", allow_hyphen_values = true)]
	pub(in crate::cli) deposit: Option<String>,
	/// Pay in what lasts so long at that rate: 90s, 30m, 2h, 1d12h.
	#[arg(long = "for", value_name = "TIME", allow_hyphen_values = true)]
	pub(in crate::cli) time: Option<String>,
}

/// Which stream, and who does something with it.
#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct OneStream {
	/// The key file.
	#[arg(long, value_name = "FILE")]
	pub(in crate::cli) key: PathBuf,
	/// The stream's number.
	pub(in crate::cli) stream: StreamId,
}

#[cfg(test)]
mod tests {
	use crate::cli::args::{Args, Command, StreamCommand};
	use clap::Parser;

	fn parse(line: &[&str]) -> Result<StreamCommand, clap::Error> {
		let all = ["dam-device", "stream"].iter().chain(line);
		Args::try_parse_from(all).map(|args| match args.command {
			Command::Stream(command) => command,
			other => panic!("{other:?}"),
		})
	}

	#[test]
	fn a_stream_should_have_one_deposit() {
		for (line, good) in [
			(&["--deposit", "6"][..], true),
			(&["--for", "2h"], true),
			(&[], false),
			(&["--deposit", "6", "--for", "2h"], false),
		] {
			let open = ["open", "--key", "k", "7", "0.02 per minute"];
			let all: Vec<_> = open.iter().chain(line).copied().collect();
			assert_eq!(parse(&all).is_ok(), good, "{line:?}");
		}
	}

	#[test]
	fn streams_should_be_named_by_number() {
		let collect = parse(&["collect", "--key", "k", "3", "4"]).unwrap();
		assert!(matches!(collect, StreamCommand::Collect { streams, .. } if streams == [3, 4]));
		for line in [&["collect", "--key", "k"][..], &["pause", "--key", "k", "x"], &["close", "3"]]
		{
			assert!(parse(line).is_err(), "{line:?}");
		}
	}
}
