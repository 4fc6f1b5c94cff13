//! The command line.

use std::path::PathBuf;

use clap::{builder::PossibleValuesParser, Args as ClapArgs, Parser, Subcommand, ValueEnum};

const EXAMPLES: &str = "\
Examples:
  A device makes a key and agrees to be registered (offline with --expires-at BLOCK):
    dam-device key new charger.key
    dam-device --chain-spec dev.json registration sign --key charger.key \\
        --owner 5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY \\
        --kind ev-charger --out charger.reg
  Its owner registers and funds it (on a development chain, Alice):
    dam-device key import alice.key --scheme sr25519 --suri //Alice
    dam-device --chain-spec dev.json owner register --key alice.key charger.reg
    dam-device --chain-spec dev.json owner fund --key alice.key 0 10
  The device pays, without a fee:
    dam-device --chain-spec dev.json pay --key charger.key did:dam:dev:1 0.005
    dam-device --chain-spec dev.json pay-batch --key charger.key payments.csv --journal today.log

Exit status: 0 done, 1 failed, 2 wrong usage or bad input (then nothing was sent).";

/// A machine on DAM Chain: its key, its payments, its owner.
///
/// Talks to nodes peer to peer through a light client and verifies everything they say; no RPC
/// server is asked or trusted.
#[derive(Debug, Parser)]
#[command(name = "dam-device", version, after_help = EXAMPLES, propagate_version = true)]
pub(super) struct Args {
	#[command(flatten)]
	pub(super) global: Global,
	#[command(subcommand)]
	pub(super) command: Command,
}

/// Options of every command.
#[derive(Debug, ClapArgs)]
pub(super) struct Global {
	/// Raw chain specification: which chain, and its boot nodes.
	#[arg(long, value_name = "FILE", global = true)]
	pub(super) chain_spec: Option<PathBuf>,
	/// Address of a further boot node, /ip4/…/tcp/…/p2p/…; can be repeated.
	#[arg(long, value_name = "ADDRESS", global = true)]
	pub(super) boot_node: Vec<String>,
	/// Genesis hash that the chain must have: 0x and 64 hexadecimal digits.
	#[arg(long, value_name = "HASH", global = true)]
	pub(super) genesis: Option<String>,
	/// Form of results (stdout) and errors (stderr).
	#[arg(long, value_name = "FORMAT", global = true, value_enum, default_value_t = Format::Text)]
	pub(super) output: Format,
	/// Longest wait for the network, and again for each transaction to be final.
	#[arg(long, value_name = "SECONDS", global = true, default_value_t = 60,
		value_parser = clap::value_parser!(u64).range(1..=86_400))]
	pub(super) timeout: u64,
	/// Say more: -v warnings, -vv the light client's doings, -vvv everything.
	#[arg(short, long, global = true, action = clap::ArgAction::Count)]
	pub(super) verbose: u8,
}

/// Form of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
	/// Lines for people.
	Text,
	/// One JSON value.
	Json,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
	/// Make, import and show keys. Works offline.
	#[command(subcommand)]
	Key(KeyCommand),
	/// Sign registrations. Works offline.
	#[command(subcommand)]
	Registration(RegistrationCommand),
	/// What an owner does with machines. Costs DAM fees.
	#[command(subcommand)]
	Owner(OwnerCommand),
	/// Pay one payee from the key's machine.
	Pay(Pay),
	/// Pay many payees in one transaction, from CSV or JSON.
	#[command(after_help = "\
CSV has the header `payee,amount`; JSON is an array of {\"payee\": \"…\", \"amount\": \"…\"}.
A payee is a machine's number, its DID, or an account (SS58 or 0x…). Amounts are in USDT.

Example file:
  payee,amount
  7,0.005
  did:dam:dev:8,1.25")]
	PayBatch(PayBatch),
	/// Show what a machine or an account holds.
	Balance(Who),
	/// Show how much fee-free work a machine may do now.
	Quota(Who),
	/// Show a machine's record.
	Machine(Who),
	/// Decentralized identifiers of machines.
	#[command(subcommand)]
	Did(DidCommand),
	/// Show best and finalized blocks as the light client learns of them, with seconds since start.
	Head(Head),
	/// Play through a story on a development chain.
	#[command(subcommand)]
	Scenario(ScenarioCommand),
}

#[derive(Debug, Subcommand)]
pub(super) enum KeyCommand {
	/// Make a fresh key in a new file of mode 0600.
	New {
		/// The file; never overwritten.
		file: PathBuf,
		/// Curve of the key.
		#[arg(long, default_value = "ed25519", value_parser = schemes())]
		scheme: String,
	},
	/// Put an existing secret into a new file of mode 0600.
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
	/// Show the public half of a key file.
	Show {
		/// The file.
		file: PathBuf,
	},
}

fn schemes() -> PossibleValuesParser {
	PossibleValuesParser::new(["ed25519", "sr25519", "ecdsa"])
}

#[derive(Debug, Subcommand)]
pub(super) enum RegistrationCommand {
	/// Agree, as a device, to be registered by an owner.
	///
	/// With --expires-at this works offline: --chain-spec or --genesis says for which chain.
	/// Without it the latest block is asked from the network.
	Sign(Sign),
}

#[derive(Debug, ClapArgs)]
pub(super) struct Sign {
	/// The device's key file.
	#[arg(long, value_name = "FILE")]
	pub(super) key: PathBuf,
	/// The account that may submit the registration.
	#[arg(long, value_name = "ACCOUNT")]
	pub(super) owner: String,
	/// Last block in which it is accepted.
	#[arg(long, value_name = "BLOCK")]
	pub(super) expires_at: Option<u32>,
	/// So many blocks from now is the last one in which it is accepted; a block takes a second.
	#[arg(long, value_name = "BLOCKS", default_value_t = 604_800, conflicts_with = "expires_at")]
	pub(super) valid_for: u32,
	/// What the machine is.
	#[arg(long, default_value = "other")]
	pub(super) kind: String,
	/// SHA-256 of a document about the machine: 0x and 64 hexadecimal digits.
	#[arg(long, value_name = "HASH", requires = "metadata_uri")]
	pub(super) metadata_hash: Option<String>,
	/// Where that document is, for example ipfs://….
	#[arg(long, value_name = "URI", requires = "metadata_hash")]
	pub(super) metadata_uri: Option<String>,
	/// The registration file to write; never overwritten.
	#[arg(long, value_name = "FILE")]
	pub(super) out: PathBuf,
}

#[derive(Debug, Subcommand)]
pub(super) enum OwnerCommand {
	/// Register machines from the files their devices signed.
	Register {
		/// The owner's key file.
		#[arg(long, value_name = "FILE")]
		key: PathBuf,
		/// Registration files; more than 256 go out in several transactions.
		#[arg(required = true, value_name = "REGISTRATION")]
		registrations: Vec<PathBuf>,
	},
	/// Send USDT to a machine. Any account can do that.
	Fund(Money),
	/// Stop a machine's spending.
	Suspend(OwnMachine),
	/// Let a machine spend again.
	Resume(OwnMachine),
	/// End a machine for good; the rest of its money goes to the owner.
	Retire(OwnMachine),
	/// Take USDT out of a machine to the owner's account.
	Withdraw(Money),
}

#[derive(Debug, ClapArgs)]
pub(super) struct OwnMachine {
	/// The owner's key file.
	#[arg(long, value_name = "FILE")]
	pub(super) key: PathBuf,
	/// The machine: its number or DID.
	#[arg(allow_hyphen_values = true)]
	pub(super) machine: String,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Money {
	#[command(flatten)]
	pub(super) own: OwnMachine,
	/// How much, in USDT.
	#[arg(allow_hyphen_values = true)]
	pub(super) amount: String,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Pay {
	/// The device's key file.
	#[arg(long, value_name = "FILE")]
	pub(super) key: PathBuf,
	/// A file that records what was signed, so that repeating the command pays once.
	#[arg(long, value_name = "FILE")]
	pub(super) journal: Option<PathBuf>,
	/// Who: a machine's number, its DID, or an account.
	#[arg(allow_hyphen_values = true)]
	pub(super) payee: String,
	/// How much, in USDT.
	#[arg(allow_hyphen_values = true)]
	pub(super) amount: String,
}

#[derive(Debug, ClapArgs)]
pub(super) struct PayBatch {
	/// The device's key file.
	#[arg(long, value_name = "FILE")]
	pub(super) key: PathBuf,
	/// A file that records what was signed, so that repeating the command pays once.
	#[arg(long, value_name = "FILE")]
	pub(super) journal: Option<PathBuf>,
	/// Send several transactions if one cannot carry all payments, each final before the next.
	#[arg(long)]
	pub(super) split: bool,
	/// Send even if the machine holds too little for all: pay as many as it lasts for.
	#[arg(long)]
	pub(super) partial: bool,
	/// CSV or JSON.
	pub(super) file: PathBuf,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Who {
	/// A machine's number, its DID, or an account; left out, the machine of --key.
	#[arg(required_unless_present = "key", allow_hyphen_values = true)]
	pub(super) who: Option<String>,
	/// A key file.
	#[arg(long, value_name = "FILE", conflicts_with = "who")]
	pub(super) key: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(super) enum DidCommand {
	/// Show the DID document of a machine.
	Resolve {
		/// For example did:dam:dev:0.
		did: String,
	},
}

#[derive(Debug, ClapArgs)]
pub(super) struct Head {
	/// Stop after so many finalized blocks.
	#[arg(long, value_name = "N", default_value_t = 1,
		value_parser = clap::value_parser!(u32).range(1..))]
	pub(super) follow: u32,
}

#[derive(Debug, Subcommand)]
pub(super) enum ScenarioCommand {
	/// Two machines are made and registered; one pays the other 1,000 times in one transaction.
	FirstPayments {
		/// Key file of an account with DAM and USDT, on a development chain Alice's.
		#[arg(long, value_name = "FILE")]
		owner_key: PathBuf,
		/// Where the devices' new key files are put; left out, a folder that is removed again.
		#[arg(long, value_name = "FOLDER")]
		dir: Option<PathBuf>,
	},
}

#[cfg(test)]
mod tests {
	use super::*;
	use clap::CommandFactory;

	#[test]
	fn the_command_line_should_be_consistent() {
		Args::command().debug_assert();
	}

	#[test]
	fn amounts_with_a_sign_should_reach_our_own_check() {
		let args = Args::try_parse_from(["dam-device", "pay", "--key", "k", "7", "-1"]).unwrap();
		assert!(matches!(args.command, Command::Pay(Pay { amount, .. }) if amount == "-1"));
	}

	#[test]
	fn a_subject_should_be_named_exactly_once() {
		for line in [&["balance"][..], &["balance", "7", "--key", "k"]] {
			let all = ["dam-device"].iter().chain(line);
			assert!(Args::try_parse_from(all).is_err(), "{line:?}");
		}
	}
}
