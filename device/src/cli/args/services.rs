//! `service`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};
use dam_primitives::{ServiceId, ServiceKind, Unit};

use super::{named, Who};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ServiceCommand {
	/// Offer one more service of a machine.
	///
	/// Free of fees for the machine's own key; its owner and its operator pay a fee.
	#[command(after_help = "\
Example:
  dam-device --chain-spec dev.json service offer --key charger.key --kind charging \\
      --unit kilowatt-hour --price 0.30 --endpoint https://example.org/charge")]
	Offer {
		#[command(flatten)]
		by: Seller,
		#[command(flatten)]
		service: ServiceArgs,
	},
	/// Replace a service by another description of it. Its number stays.
	Update {
		#[command(flatten)]
		by: Seller,
		/// The service's number.
		id: ServiceId,
		#[command(flatten)]
		service: ServiceArgs,
	},
	/// End a service. Its number is not used again.
	Withdraw {
		#[command(flatten)]
		by: Seller,
		/// The service's number.
		id: ServiceId,
	},
	/// Show what a machine offers.
	List(Who),
	/// Show all services of a kind.
	Find {
		/// The kind, for example charging; a wrong one lists all.
		#[arg(value_parser = named::<ServiceKind>)]
		kind: ServiceKind,
		/// Show at most so many.
		#[arg(long, value_name = "N", default_value_t = 100,
			value_parser = clap::value_parser!(u32).range(1..))]
		limit: u32,
		/// Leave out machines that do not act now.
		#[arg(long)]
		active: bool,
	},
}

/// Who changes a machine's services.
#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct Seller {
	/// The key file: of one of the machine's keys, its owner, or its operator.
	#[arg(long, value_name = "FILE")]
	pub(in crate::cli) key: PathBuf,
	/// The machine, by number or DID; left out, the machine of --key.
	#[arg(long, value_name = "MACHINE")]
	pub(in crate::cli) machine: Option<String>,
}

/// What is offered.
#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct ServiceArgs {
	/// Sort of service, for example charging; a wrong one lists all.
	#[arg(long, value_parser = named::<ServiceKind>)]
	pub(in crate::cli) kind: ServiceKind,
	/// In what it is counted, for example kilowatt-hour; a wrong one lists all.
	#[arg(long, value_parser = named::<Unit>)]
	pub(in crate::cli) unit: Unit,
	/// Price of one unit, in USDT.
	#[arg(long, value_name = "USDT", allow_hyphen_values = true)]
	pub(in crate::cli) price: String,
	/// Where to ask for it, for example https://….
	#[arg(long, value_name = "URI")]
	pub(in crate::cli) endpoint: String,
	/// Content identifier of a document that describes it.
	#[arg(long, value_name = "CID")]
	pub(in crate::cli) description: Option<String>,
}
