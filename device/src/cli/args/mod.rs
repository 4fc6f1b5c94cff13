//! The command line.

mod attestations;
mod channels;
mod content;
mod keys;
mod mandates;
mod orders;
mod owner;
mod pay;
mod quota;
mod recovery;
mod scenario;
mod services;
mod show;
mod streams;

pub(super) use attestations::{
	Accreditor, AttestBatch, AttestCommand, BatchCommand, ClaimOf, Issue,
};
pub(super) use channels::{
	ChannelAccept, ChannelCommand, ChannelOpen, ChannelPay, ChannelPayee, IntentCommand, IntentSign,
};
pub(super) use content::{ContentCommand, Document, MAX_BYTES};
pub(super) use keys::{About, Agree, KeyCommand, RegistrationCommand, Sign, StatementExpiry};
pub(super) use mandates::{MandateCommand, MandateExpiry, OneMandate};
pub(super) use orders::{Evidence, OneOrder, OrderCommand, Terms};
pub(super) use owner::{
	ApprovalExpiry, ApprovedPayment, Money, OperatorCommand, OwnMachine, OwnMachines, OwnerCommand,
	OwnerKeyCommand, ParentCommand, PolicyCommand, PolicySet, TransferCommand,
};
pub(super) use pay::{Pay, PayBatch};
pub(super) use quota::{Fee, QuotaCommand};
pub(super) use recovery::{Attempt, RecoveryCommand};
pub(super) use scenario::{Props, ScenarioCommand};
pub(super) use services::{Seller, ServiceArgs, ServiceCommand};
pub(super) use show::{Children, DidCommand, Head, Who};
pub(super) use streams::{Deposit, OneStream, StreamCommand};

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use serde::de::{value::Error as ParseError, DeserializeOwned, IntoDeserializer};

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
  Beyond its quota it pays a fee out of its wallet, or its owner bonds DAM for more quota:
    dam-device --chain-spec dev.json --fee usdt pay --key charger.key did:dam:dev:1 0.005
    dam-device --chain-spec dev.json owner quota bond --key alice.key 0 20
  The owner limits it, and co-signs what is above the limit:
    dam-device --chain-spec dev.json owner policy set --key alice.key 0 --payment-cap 20 \\
        --period-cap 50 --period 86400 --co-sign-above 5
    dam-device --chain-spec dev.json owner approve --key alice.key 0 did:dam:dev:1 12.5
  The device gets a new key (the new one agrees offline, the old one replaces itself):
    dam-device key new charger-2.key
    dam-device --chain-spec dev.json key agree --key charger-2.key --out charger-2.agreement 0
    dam-device --chain-spec dev.json key rotate --key charger.key charger-2.agreement
  It offers what it does, and others find it:
    dam-device --chain-spec dev.json service offer --key charger-2.key --kind charging \\
        --unit kilowatt-hour --price 0.30 --endpoint https://example.org/charge
    dam-device --chain-spec dev.json service find charging

Exit status: 0 done, 1 failed, 2 wrong usage or bad input (then nothing was sent).";

/// A machine on DAM Chain: its key, its payments, its owner.
///
/// Talks to nodes peer to peer through a light client and verifies everything they say; no RPC
/// server is asked or trusted.
#[derive(Debug, Parser)]
#[command(name = "dam-device", version, after_help = EXAMPLES, propagate_version = true)]
pub(in crate::cli) struct Args {
	#[command(flatten)]
	pub(in crate::cli) global: Global,
	#[command(subcommand)]
	pub(in crate::cli) command: Command,
}

/// Options of every command.
#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct Global {
	/// Raw chain specification: which chain, and its boot nodes.
	#[arg(long, value_name = "FILE", global = true)]
	pub(in crate::cli) chain_spec: Option<PathBuf>,
	/// Address of a further boot node, /ip4/…/tcp/…/p2p/…; can be repeated.
	#[arg(long, value_name = "ADDRESS", global = true)]
	pub(in crate::cli) boot_node: Vec<String>,
	/// Genesis hash that the chain must have: 0x and 64 hexadecimal digits.
	#[arg(long, value_name = "HASH", global = true)]
	pub(in crate::cli) genesis: Option<String>,
	/// Form of results (stdout) and errors (stderr).
	#[arg(long, value_name = "FORMAT", global = true, value_enum, default_value_t = Format::Text)]
	pub(in crate::cli) output: Format,
	/// Longest wait for the network, and again for each transaction to be final.
	#[arg(long, value_name = "SECONDS", global = true, default_value_t = 60,
		value_parser = clap::value_parser!(u64).range(1..=86_400))]
	pub(in crate::cli) timeout: u64,
	/// What a fee is paid in, if a transaction is not free.
	#[arg(long, value_name = "ASSET", global = true, value_enum, default_value_t = Fee::Dam)]
	pub(in crate::cli) fee: Fee,
	/// Say more: -v warnings, -vv the light client's doings, -vvv everything.
	#[arg(short, long, global = true, action = clap::ArgAction::Count)]
	pub(in crate::cli) verbose: u8,
}

/// Form of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Format {
	/// Lines for people.
	Text,
	/// One JSON value.
	Json,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Command {
	/// Make, import and show keys, and replace a device's key by another.
	#[command(subcommand)]
	Key(KeyCommand),
	/// Sign registrations. Works offline.
	#[command(subcommand)]
	Registration(RegistrationCommand),
	/// What an owner or operator does with machines. Costs DAM fees.
	#[command(subcommand)]
	Owner(OwnerCommand),
	/// Pay one payee from the key's machine.
	Pay(Pay),
	/// Pay many payees in one transaction, from CSV or JSON.
	#[command(after_help = pay::BATCH_HELP)]
	PayBatch(PayBatch),
	/// Pay through channels: thousands of payments off chain, each acknowledged in milliseconds.
	#[command(subcommand)]
	Channel(ChannelCommand),
	/// Payments that a device signs offline and somebody else submits.
	#[command(subcommand)]
	Intent(IntentCommand),
	/// Money that flows from a machine to a payee in time.
	#[command(subcommand)]
	Stream(StreamCommand),
	/// What a payee may pull out of a machine's wallet, again and again.
	#[command(subcommand)]
	Mandate(MandateCommand),
	/// Money that waits in escrow until the goods are there.
	#[command(subcommand)]
	Order(OrderCommand),
	/// What machines offer, and for how much.
	#[command(subcommand)]
	Service(ServiceCommand),
	/// What accredited third parties attest of machines and accounts.
	#[command(subcommand)]
	Attest(AttestCommand),
	/// Documents about machines and services: fetched, and checked against the chain.
	#[command(subcommand)]
	Content(ContentCommand),
	/// Show what a machine or an account holds.
	Balance(Who),
	/// Show how much fee-free work a machine may do now.
	Quota(Who),
	/// Show a machine's record.
	Machine(Who),
	/// Show the machines directly below a machine in its fleet's tree.
	Children(Children),
	/// Decentralized identifiers of machines.
	#[command(subcommand)]
	Did(DidCommand),
	/// Show best and finalized blocks as the light client learns of them, with seconds since start.
	Head(Head),
	/// Play through a story on a development chain.
	#[command(subcommand)]
	Scenario(ScenarioCommand),
}

/// Reads the name of a variant as JSON has it. The error lists all names.
fn named<T: DeserializeOwned>(text: &str) -> Result<T, String> {
	let text: serde::de::value::StrDeserializer<'_, ParseError> = text.into_deserializer();
	T::deserialize(text).map_err(|error| error.to_string())
}

/// Declares the two ways to say when something expires.
macro_rules! expiry {
	($(#[$meta:meta])* $name:ident: $default:literal, $what:literal) => {
		$(#[$meta])*
		#[derive(Debug, clap::Args)]
		pub(in crate::cli) struct $name {
			#[arg(long, value_name = "BLOCK", help = concat!("Last block in which ", $what))]
			pub(in crate::cli) expires_at: Option<u32>,
			#[arg(
				long,
				value_name = "BLOCKS",
				default_value_t = $default,
				conflicts_with = "expires_at",
				help = concat!(
					"So many blocks from now is the last one in which ", $what,
					"; a block takes a second"
				),
			)]
			pub(in crate::cli) valid_for: u32,
		}

		impl $name {
			/// The last block, counted from block `now` if none was named.
			pub(in crate::cli) fn at(&self, now: u32) -> u32 {
				self.expires_at.unwrap_or_else(|| now.saturating_add(self.valid_for))
			}
		}
	};
}
use expiry;

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
	fn documents_should_be_fetched_or_checked_but_not_both() {
		for (line, good) in [
			(&["--out", "f"][..], true),
			(&["--out", "f", "--gateway", "http://a", "--max-bytes", "9"], true),
			(&["--check", "f", "--max-bytes", "9"], true),
			(&[], false),
			(&["--gateway", "http://a"], false),
			(&["--out", "f", "--check", "g"], false),
			(&["--check", "f", "--gateway", "http://a"], false),
		] {
			let all = ["dam-device", "content", "machine", "7"].iter().chain(line);
			assert_eq!(Args::try_parse_from(all).is_ok(), good, "{line:?}");
		}
	}

	#[test]
	fn a_policy_should_have_a_rule() {
		for (line, good) in [
			(&["--payment-cap", "1"][..], true),
			(&["--period-cap", "1", "--period", "60", "--payee", "7", "--payee", "8"], true),
			(&["--co-sign-above", "0", "--payee-kind", "drone"], true),
			(&[], false),
			(&["--period-cap", "1"], false),
			(&["--period", "60"], false),
			(&["--payee-kind", "toaster"], false),
		] {
			let set = ["dam-device", "owner", "policy", "set", "--key", "k", "7"];
			let all = set.iter().chain(line);
			assert_eq!(Args::try_parse_from(all).is_ok(), good, "{line:?}");
		}
	}

	#[test]
	fn a_subject_should_be_named_exactly_once() {
		for line in [&["balance"][..], &["balance", "7", "--key", "k"]] {
			let all = ["dam-device"].iter().chain(line);
			assert!(Args::try_parse_from(all).is_err(), "{line:?}");
		}
	}
}
