//! `mandate`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};
use dam_primitives::MandateId;

use super::expiry;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum MandateCommand {
	/// Let a payee pull money out of a machine's wallet, up to a cap in every period.
	///
	/// By the machine's payment key, free of fees, or its owner. Nothing is locked but 0.10 USDT, which
	/// come back at the end. A period begins with the first pull when none runs, and what is not pulled
	/// in it is not added to the next. The owner's spending policy stands above every pull.
	#[command(after_help = "\
Examples:
  dam-device --chain-spec dev.json mandate grant --key car.key 7 2.00 --per 1d --valid-for 2592000
  dam-device --chain-spec dev.json mandate grant --key alice.key --machine 3 7 2.00 --per 12h")]
	Grant {
		/// The key file: the machine's payment key, or its owner's.
		#[arg(long, value_name = "FILE")]
		key: PathBuf,
		/// The machine that pays, by number or DID; left out, the machine of --key.
		#[arg(long, value_name = "MACHINE")]
		machine: Option<String>,
		/// Who may pull: a machine's number, its DID, or an account.
		#[arg(allow_hyphen_values = true)]
		payee: String,
		/// Most that can be pulled in a period, in USDT.
		#[arg(allow_hyphen_values = true)]
		cap: String,
		/// Length of a period: 90s, 30m, 2h, 1d, 4w.
		#[arg(long, value_name = "TIME", allow_hyphen_values = true)]
		per: String,
		#[command(flatten)]
		expiry: MandateExpiry,
	},
	/// End a mandate, by payer or payee.
	Revoke(OneMandate),
	/// Pull by one or more mandates, as their payee: free of fees for a machine's key with the right
	/// to claim.
	///
	/// Several pulls go into one transaction; those that fail are listed and change nothing for the
	/// others. Hand over nothing before a pull is final.
	#[command(after_help = "\
Examples:
  dam-device --chain-spec dev.json mandate pull --key gate.key 3=0.80
  dam-device --chain-spec dev.json mandate pull --key gate.key 3=0.80 4=0.80 5=1.20")]
	Pull {
		/// The key file of the payee.
		#[arg(long, value_name = "FILE")]
		key: PathBuf,
		/// Mandates' numbers and amounts in USDT, at most 256.
		#[arg(required = true, value_name = "MANDATE=USDT")]
		pulls: Vec<String>,
	},
	/// Remove a mandate that has expired. Anybody can do that.
	Remove(OneMandate),
	/// Show a mandate, with what can be pulled now.
	Show {
		/// The mandate's number.
		mandate: MandateId,
	},
	/// Show all mandates that a machine has given.
	List(super::Who),
}

/// Which mandate, and who does something with it.
#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct OneMandate {
	/// The key file.
	#[arg(long, value_name = "FILE")]
	pub(in crate::cli) key: PathBuf,
	/// The mandate's number.
	pub(in crate::cli) mandate: MandateId,
}

expiry! {
	/// How long a mandate is good.
	MandateExpiry: 2_592_000, "something can be pulled"
}

#[cfg(test)]
mod tests {
	use crate::cli::args::{Args, Command, MandateCommand};
	use clap::Parser;

	#[test]
	fn a_mandate_should_have_a_period_and_one_end() {
		for (line, good) in [
			(&["--per", "1d"][..], true),
			(&["--per", "1d", "--expires-at", "900"], true),
			(&["--per", "1d", "--valid-for", "900", "--machine", "3"], true),
			(&[], false),
			(&["--per", "1d", "--valid-for", "900", "--expires-at", "900"], false),
		] {
			let grant = ["dam-device", "mandate", "grant", "--key", "k", "7", "2.00"];
			let all = grant.iter().chain(line);
			assert_eq!(Args::try_parse_from(all).is_ok(), good, "{line:?}");
		}
	}

	#[test]
	fn pulls_should_be_one_or_more() {
		let pull = ["dam-device", "mandate", "pull", "--key", "k"];
		assert!(Args::try_parse_from(pull).is_err());
		let args = Args::try_parse_from(pull.iter().chain(&["3=0.80", "4=0.80"])).unwrap();
		assert!(matches!(args.command,
			Command::Mandate(MandateCommand::Pull { pulls, .. }) if pulls.len() == 2));
	}
}
