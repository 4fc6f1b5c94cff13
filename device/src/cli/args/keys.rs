//! `key` and `registration`.

use std::path::PathBuf;

use clap::{builder::PossibleValuesParser, Args as ClapArgs, Subcommand};
use dam_primitives::{KeyRights, MachineKind};

use super::{expiry, named};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum KeyCommand {
	/// Make a fresh key in a new file of mode 0600. Works offline.
	New {
		/// The file; never overwritten.
		file: PathBuf,
		/// Curve of the key.
		#[arg(long, default_value = "ed25519", value_parser = schemes())]
		scheme: String,
	},
	/// Put an existing secret into a new file of mode 0600. Works offline.
	///
	/// Without --suri the secret is read from standard input, where other users cannot see it.
	Import {
		/// The file; never overwritten.
		file: PathBuf,
		/// Curve of the key.
		#[arg(long, value_parser = schemes())]
		scheme: String,
		/// Secret URI: a development path such as //Alice, a phrase, or 0x and a seed. Visible to
		/// other users of this computer.
		#[arg(long, value_name = "URI")]
		suri: Option<String>,
	},
	/// Show the public half of a key file. Works offline.
	Show {
		/// The file.
		file: PathBuf,
	},
	/// Agree, as a new key, to act for a machine that is registered already.
	///
	/// The result goes to whoever adds the key: the machine's payment key (`key rotate`), its owner
	/// or its operator (`owner key rotate`, `owner key add`). With --expires-at this works offline:
	/// --chain-spec or --genesis says for which chain.
	#[command(after_help = "\
Examples:
  A successor of the payment key:
    dam-device --chain-spec dev.json key agree --key new.key --out new.agreement 7
  A key for a service technician, who may change what the machine offers and nothing else:
    dam-device --chain-spec dev.json key agree --key tech.key --rights services \\
        --out tech.agreement 7")]
	Agree(Agree),
	/// Replace the payment key by another, as the payment key itself. Free of fees.
	///
	/// No money moves. What the old key signed before settles for some days more. The chain allows
	/// this once a day; an owner (`owner key rotate`) need not wait.
	#[command(after_help = "\
Example:
  dam-device --chain-spec dev.json key rotate --key old.key new.agreement")]
	Rotate {
		/// The key file of the present payment key.
		#[arg(long, value_name = "FILE")]
		key: PathBuf,
		/// The file in which the new key agrees (`key agree`).
		agreement: PathBuf,
	},
	/// Show for which machine a key acts or acted, when, and what it may do.
	Status {
		/// The key's account.
		#[arg(required_unless_present = "key")]
		account: Option<String>,
		/// The key's file, instead of its account.
		#[arg(long, value_name = "FILE", conflicts_with = "account")]
		key: Option<PathBuf>,
	},
}

fn schemes() -> PossibleValuesParser {
	PossibleValuesParser::new(["ed25519", "sr25519", "ecdsa"])
}

expiry! {
	/// When a statement expires.
	StatementExpiry: 604_800, "it is accepted"
}

#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct Agree {
	/// The new key's file.
	#[arg(long, value_name = "FILE")]
	pub(in crate::cli) key: PathBuf,
	/// What it agrees to do: `pay,claim,services` for a payment key, else `claim`, `services` or
	/// both.
	#[arg(
		long,
		value_delimiter = ',',
		default_value = "pay,claim,services",
		value_parser = key_right
	)]
	pub(in crate::cli) rights: Vec<KeyRights>,
	#[command(flatten)]
	pub(in crate::cli) expiry: StatementExpiry,
	/// The file to write; never overwritten.
	#[arg(long, value_name = "FILE")]
	pub(in crate::cli) out: PathBuf,
	/// The machine: its number or DID.
	#[arg(allow_hyphen_values = true)]
	pub(in crate::cli) machine: String,
}

fn key_right(name: &str) -> Result<KeyRights, String> {
	KeyRights::by_name(name).ok_or_else(|| {
		format!("unknown right, expected {}", KeyRights::ALL.names().collect::<Vec<_>>().join(", "))
	})
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum RegistrationCommand {
	/// Agree, as a device, to be registered by an owner.
	///
	/// With --expires-at this works offline: --chain-spec or --genesis says for which chain.
	/// Without it the latest block is asked from the network.
	Sign(Sign),
}

#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct Sign {
	/// The device's key file.
	#[arg(long, value_name = "FILE")]
	pub(in crate::cli) key: PathBuf,
	/// The account that may submit the registration.
	#[arg(long, value_name = "ACCOUNT")]
	pub(in crate::cli) owner: String,
	#[command(flatten)]
	pub(in crate::cli) expiry: StatementExpiry,
	/// What the machine is, for example ev-charger; a wrong one lists all.
	#[arg(long, default_value = "other", value_parser = named::<MachineKind>)]
	pub(in crate::cli) kind: MachineKind,
	#[command(flatten)]
	pub(in crate::cli) about: About,
	/// The registration file to write; never overwritten.
	#[arg(long, value_name = "FILE")]
	pub(in crate::cli) out: PathBuf,
}

/// The document about a machine.
#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct About {
	/// SHA-256 of a document about the machine: 0x and 64 hexadecimal digits (`content hash`).
	#[arg(long, value_name = "HASH", requires = "metadata_uri")]
	pub(in crate::cli) metadata_hash: Option<String>,
	/// Where that document is, for example ipfs://….
	#[arg(long, value_name = "URI", requires = "metadata_hash")]
	pub(in crate::cli) metadata_uri: Option<String>,
}
