//! `order`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};
use dam_primitives::OrderId;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum OrderCommand {
	/// Offer an order from the key's machine: the amount waits in escrow until it is delivered.
	///
	/// Free of fees; 0.10 USDT are kept beside the amount and come back at the end. The chain keeps the
	/// SHA-256 of the terms: hand the document itself to the seller, and to the arbiter if there is a
	/// dispute. Without an arbiter the buyer cannot dispute: the seller is paid once it says that it has
	/// delivered and the time to confirm is over.
	#[command(after_help = "\
Example:
  dam-device --chain-spec dev.json order offer --key fridge.key 7 12.50 --terms order.json \\
      --accept-within 1h --deliver-within 2d --confirm-within 1d --arbiter 5Grwva…")]
	Offer {
		/// The buyer's payment key file.
		#[arg(long, value_name = "FILE")]
		key: PathBuf,
		/// Who delivers: a machine's number, its DID, or an account.
		#[arg(allow_hyphen_values = true)]
		seller: String,
		/// What the seller is paid, in USDT.
		#[arg(allow_hyphen_values = true)]
		amount: String,
		#[command(flatten)]
		terms: Terms,
		/// Account that decides if the buyer disputes the delivery.
		#[arg(long, value_name = "ACCOUNT")]
		arbiter: Option<String>,
		/// How long the seller can accept: 90s, 30m, 2h, 1d.
		#[arg(long, value_name = "TIME", default_value = "1h", allow_hyphen_values = true)]
		accept_within: String,
		/// How long it can deliver after it accepted.
		#[arg(long, value_name = "TIME", default_value = "2d", allow_hyphen_values = true)]
		deliver_within: String,
		/// How long the buyer can confirm or dispute after that.
		#[arg(long, value_name = "TIME", default_value = "1d", allow_hyphen_values = true)]
		confirm_within: String,
	},
	/// Accept an order, as its seller. The time to deliver begins.
	Accept(OneOrder),
	/// End an order in the buyer's favour: by its seller, by its buyer before the seller accepted, or
	/// by anybody once the seller is late.
	Cancel(OneOrder),
	/// Say, as the seller, that an order is delivered. The time to confirm begins.
	Deliver {
		#[command(flatten)]
		of: OneOrder,
		#[command(flatten)]
		evidence: Evidence,
	},
	/// Have the seller paid, as the buyer.
	Confirm(OneOrder),
	/// Dispute a delivery, as the buyer, if the order names an arbiter.
	Dispute {
		#[command(flatten)]
		of: OneOrder,
		#[command(flatten)]
		evidence: Evidence,
	},
	/// Have the seller paid whose delivery nobody disputed in time, or what could not be paid when it
	/// was decided. Anybody can do that.
	Release(OneOrder),
	/// Decide a dispute, as its arbiter. Costs the arbiter a fee in DAM.
	Resolve {
		#[command(flatten)]
		of: OneOrder,
		/// What the seller gets, in USDT; the rest is the buyer's.
		#[arg(allow_hyphen_values = true)]
		to_seller: String,
	},
	/// End a dispute that was not decided in time: each side gets half. Anybody can do that; it costs
	/// a fee in DAM.
	Expire(OneOrder),
	/// Show an order.
	Show {
		/// The order's number.
		order: OrderId,
	},
}

/// Which order, and who does something with it.
#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct OneOrder {
	/// The key file.
	#[arg(long, value_name = "FILE")]
	pub(in crate::cli) key: PathBuf,
	/// The order's number.
	pub(in crate::cli) order: OrderId,
}

/// What was agreed.
#[derive(Debug, ClapArgs)]
#[group(required = true, multiple = false)]
pub(in crate::cli) struct Terms {
	/// The document that says what is ordered: its SHA-256 goes on chain.
	#[arg(long, value_name = "FILE")]
	pub(in crate::cli) terms: Option<PathBuf>,
	/// The hash of what was agreed: 0x and 64 hexadecimal digits.
	#[arg(long, value_name = "HASH")]
	pub(in crate::cli) terms_hash: Option<String>,
}

/// What proves a delivery or a complaint.
#[derive(Debug, ClapArgs)]
#[group(required = true, multiple = false)]
pub(in crate::cli) struct Evidence {
	/// The document that proves it: its SHA-256 goes on chain.
	#[arg(long, value_name = "FILE")]
	pub(in crate::cli) evidence: Option<PathBuf>,
	/// The hash of what proves it: 0x and 64 hexadecimal digits.
	#[arg(long, value_name = "HASH")]
	pub(in crate::cli) evidence_hash: Option<String>,
}

#[cfg(test)]
mod tests {
	use crate::cli::args::Args;
	use clap::Parser;

	fn parses(line: &[&str]) -> bool {
		Args::try_parse_from(["dam-device", "order"].iter().chain(line)).is_ok()
	}

	#[test]
	fn terms_and_evidence_should_be_given_once() {
		let offer = |rest: &[&'static str]| {
			parses(&[&["offer", "--key", "k", "7", "12.50"], rest].concat())
		};
		assert!(offer(&["--terms", "f"]) && offer(&["--terms-hash", "0x12"]));
		assert!(!offer(&[]) && !offer(&["--terms", "f", "--terms-hash", "0x12"]));
		for step in ["deliver", "dispute"] {
			let with = |rest: &[&'static str]| parses(&[&[step, "--key", "k", "3"], rest].concat());
			assert!(with(&["--evidence", "f"]) && with(&["--evidence-hash", "0x12"]), "{step}");
			assert!(!with(&[]) && !with(&["--evidence", "f", "--evidence-hash", "0x"]), "{step}");
		}
	}

	#[test]
	fn decisions_should_have_an_amount() {
		assert!(parses(&["resolve", "--key", "k", "3", "0.5"]));
		assert!(!parses(&["resolve", "--key", "k", "3"]));
		assert!(!parses(&["confirm", "--key", "k"]));
	}
}
