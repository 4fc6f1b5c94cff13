//! `owner recovery`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

#[derive(Debug, Subcommand)]
#[command(after_help = "\
Example: Alice names Bob as the friend and a key in her safe as the heir, with a week's delay.
    dam-device --chain-spec dev.json owner recovery set --key alice.key \\
        --friend 5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty \\
        --heir 5FLSigC9HGRKVhB9FiEo4Y3koPsNmBmLJbpXg2mp1hXcS59Y --delay 604800
  Later her key is lost; Bob starts, waits, and finishes:
    dam-device --chain-spec dev.json owner recovery start --key bob.key 5Grw…
    dam-device --chain-spec dev.json owner recovery finish --key bob.key 5Grw…
  The key in the safe takes the machines over:
    dam-device --chain-spec dev.json owner recovery take --key safe.key 5Grw… 7 8 9
  If her key is not lost, she objects within the week:
    dam-device --chain-spec dev.json owner recovery cancel --key alice.key 5Grw… --slash")]
pub(in crate::cli) enum RecoveryCommand {
	/// Name who may recover the key's account, in place of those before.
	Set {
		/// The owner's key file.
		#[arg(long, value_name = "FILE")]
		key: PathBuf,
		/// A friend, by account; can be repeated.
		#[arg(long, value_name = "ACCOUNT", required = true)]
		friend: Vec<String>,
		/// How many friends must agree.
		#[arg(long, value_name = "N", default_value_t = 1)]
		needed: u32,
		/// Who gets control of the account.
		#[arg(long, value_name = "ACCOUNT")]
		heir: String,
		/// Least time between start and end of a recovery, in which the owner can object; a block
		/// takes a second.
		#[arg(long, value_name = "BLOCKS")]
		delay: u32,
	},
	/// Name nobody.
	Clear {
		/// The owner's key file.
		#[arg(long, value_name = "FILE")]
		key: PathBuf,
	},
	/// Show who may recover an account, who tries, and who has control.
	Show {
		/// The account.
		account: String,
	},
	/// As a friend: start to recover an account, and approve that.
	Start(Attempt),
	/// As a friend: approve an attempt that another friend started.
	Approve(Attempt),
	/// As anybody: finish an attempt that was approved, once its delay is over.
	Finish(Attempt),
	/// As the owner: object to an attempt. As the friend who started it: give it up.
	Cancel {
		#[command(flatten)]
		attempt: Attempt,
		/// As the owner: let the friend lose the deposit.
		#[arg(long)]
		slash: bool,
	},
	/// As the owner: end the heir's control of the key's account. What the heir took stays with the
	/// heir.
	Dismiss {
		/// The owner's key file.
		#[arg(long, value_name = "FILE")]
		key: PathBuf,
	},
	/// As the heir: take machines of the recovered account over.
	Take {
		/// The heir's key file.
		#[arg(long, value_name = "FILE")]
		key: PathBuf,
		/// The recovered account.
		account: String,
		/// The machines: their numbers or DIDs.
		#[arg(required = true, value_name = "MACHINE")]
		machines: Vec<String>,
	},
}

#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct Attempt {
	/// The key file of whoever signs.
	#[arg(long, value_name = "FILE")]
	pub(in crate::cli) key: PathBuf,
	/// The lost account.
	pub(in crate::cli) account: String,
	/// Which group of friends, counted from 0.
	#[arg(long, value_name = "N", default_value_t = 0)]
	pub(in crate::cli) group: u32,
}
