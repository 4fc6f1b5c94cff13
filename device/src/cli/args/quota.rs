//! `owner quota`, and what fees are paid in.

use clap::{Subcommand, ValueEnum};

use super::OwnMachine;

/// What a fee is paid in, if a transaction is not free.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Fee {
	/// DAM of the signer's account.
	#[default]
	Dam,
	/// USDT of the machine's wallet, within the owner's policy; of the signer's account, if it is no
	/// machine's key.
	Usdt,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum QuotaCommand {
	/// Bond DAM for more fee-free quota, in addition to what is bonded. By the machine's owner.
	///
	/// The DAM stays in the owner's account, on hold. The quota grows at once, and fills with time.
	#[command(after_help = "\
Example:
  dam-device --chain-spec dev.json owner quota bond --key alice.key 7 20")]
	Bond {
		#[command(flatten)]
		own: OwnMachine,
		/// How much, in DAM.
		#[arg(allow_hyphen_values = true)]
		amount: String,
	},
	/// Unbond DAM. By the machine's owner.
	///
	/// The quota falls at once. The DAM can be withdrawn after a week (`owner quota withdraw`). A
	/// machine that is handed over or retired is unbonded by itself.
	Unbond {
		#[command(flatten)]
		own: OwnMachine,
		/// How much, in DAM; everything without.
		#[arg(allow_hyphen_values = true)]
		amount: Option<String>,
	},
	/// Give unbonded DAM that has arrived back to whoever had bonded it. Any account can do that.
	Withdraw(OwnMachine),
}
