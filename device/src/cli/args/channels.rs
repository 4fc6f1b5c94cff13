//! `channel` and `intent`.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args as ClapArgs, Subcommand};
use dam_primitives::ChannelId;

const CHANNEL_HELP: &str = "\
Example: a car pays a charger, machine 7, for each kilowatt-hour.
  The car opens a channel with 20 USDT in it (channel 0, say):
    dam-device --chain-spec dev.json channel open --key car.key --store car.store 7 20
  The charger waits for payments:
    dam-device --chain-spec dev.json channel accept --key charger.key --store charger.store \\
        --listen 127.0.0.1:4711
  The car pays 0.30 USDT, forty times; no network is needed for that, only the charger:
    dam-device --chain-spec dev.json channel pay --key car.key --store car.store \\
        --to 127.0.0.1:4711 --times 40 0 0.30
  The charger claims what it has accepted, and closes the channel:
    dam-device --chain-spec dev.json channel claim --key charger.key --store charger.store
    dam-device --chain-spec dev.json channel close --key charger.key 0

A store belongs to one payer or one payee, and to one program at a time. It must not be restored
from an old copy: an acceptor would take the same vouchers twice.";

#[derive(Debug, Subcommand)]
#[command(after_help = CHANNEL_HELP)]
pub(in crate::cli) enum ChannelCommand {
	/// Put money into a new channel to one payee.
	///
	/// Within the owner's policy, as for a payment. Free of fees; a storage deposit of the machine's
	/// USDT comes back when the channel is closed.
	Open(ChannelOpen),
	/// Put more money into a channel.
	TopUp {
		/// The payer's payment key.
		#[arg(long, value_name = "FILE")]
		key: PathBuf,
		/// The payer's store, which then knows of it.
		#[arg(long, value_name = "FILE")]
		store: Option<PathBuf>,
		/// The channel.
		channel: ChannelId,
		/// How much, in USDT.
		#[arg(allow_hyphen_values = true)]
		amount: String,
	},
	/// Pay through a channel, over TCP. Needs no network once the store knows the channel.
	Pay(ChannelPay),
	/// Take payments over TCP, until Ctrl-C, and claim them in time.
	Accept(ChannelAccept),
	/// Claim everything that was accepted and wait until it is final.
	Claim(ChannelPayee),
	/// Close a channel at once, as its payee. Claim first what is still owed.
	Close {
		/// The payee's key: of its account, of its machine with the right to claim, or of its owner.
		#[arg(long, value_name = "FILE")]
		key: PathBuf,
		/// The channel.
		channel: ChannelId,
	},
	/// Ask to close a channel, as its payer. Claims are taken for the grace period; then sweep it.
	RequestClose {
		/// The payer's payment key, or its owner's key.
		#[arg(long, value_name = "FILE")]
		key: PathBuf,
		/// The channel.
		channel: ChannelId,
	},
	/// Agree, as the payee, that the payer closes a channel at once. Nothing more is accepted then.
	Agree {
		#[command(flatten)]
		payee: ChannelPayee,
		/// The new file for the payer.
		#[arg(long, value_name = "FILE")]
		out: PathBuf,
		/// The channel.
		channel: ChannelId,
	},
	/// Close a channel at once, as its payer, with the payee's agreement.
	CloseAgreed {
		/// The payer's payment key, or its owner's key.
		#[arg(long, value_name = "FILE")]
		key: PathBuf,
		/// What the payee wrote with `channel agree`.
		agreement: PathBuf,
	},
	/// Remove a channel whose grace period is over. By anybody: the rest goes back to the payer.
	Sweep {
		/// Any key. A machine's pays no fee.
		#[arg(long, value_name = "FILE")]
		key: PathBuf,
		/// The channel.
		channel: ChannelId,
	},
	/// Show a channel as it is proven to stand in the chain's state.
	Show {
		/// The channel.
		channel: ChannelId,
	},
}

#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct ChannelOpen {
	/// The payer's payment key. Vouchers of this channel must be signed by it for good.
	#[arg(long, value_name = "FILE")]
	pub(in crate::cli) key: PathBuf,
	/// The payer's store, made if it does not exist. With a hash chain it has the secret.
	#[arg(long, value_name = "FILE")]
	pub(in crate::cli) store: PathBuf,
	/// Pay by a hash chain of so many links instead of by vouchers.
	#[arg(long, value_name = "N", requires = "unit",
		value_parser = clap::value_parser!(u32).range(1..))]
	pub(in crate::cli) links: Option<u32>,
	/// What each link is worth, in USDT.
	#[arg(long, value_name = "USDT", requires = "links", allow_hyphen_values = true)]
	pub(in crate::cli) unit: Option<String>,
	/// How long the payee may claim after the payer asked to close, in blocks of a second.
	#[arg(long, value_name = "BLOCKS", default_value_t = 86_400)]
	pub(in crate::cli) grace: u32,
	/// Who is paid: a machine's number, its DID, or an account.
	#[arg(allow_hyphen_values = true)]
	pub(in crate::cli) payee: String,
	/// How much, in USDT.
	#[arg(allow_hyphen_values = true)]
	pub(in crate::cli) deposit: String,
}

#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct ChannelPay {
	/// The payment key with which the channel was opened.
	#[arg(long, value_name = "FILE")]
	pub(in crate::cli) key: PathBuf,
	/// The payer's store.
	#[arg(long, value_name = "FILE")]
	pub(in crate::cli) store: PathBuf,
	/// Where the payee takes payments.
	#[arg(long, value_name = "ADDRESS:PORT")]
	pub(in crate::cli) to: SocketAddr,
	/// Pay so often, each time after the payee has the last.
	#[arg(long, value_name = "N", default_value_t = 1,
		value_parser = clap::value_parser!(u32).range(1..))]
	pub(in crate::cli) times: u32,
	/// The channel.
	pub(in crate::cli) channel: ChannelId,
	/// How much each time, in USDT; through a hash chain, some times the worth of a link.
	#[arg(allow_hyphen_values = true)]
	pub(in crate::cli) amount: String,
}

/// A payee: its key, its store, and which one it is.
#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct ChannelPayee {
	/// A key of the payee. Claims are signed with it; a machine's pays no fee.
	#[arg(long, value_name = "FILE")]
	pub(in crate::cli) key: PathBuf,
	/// The payee's store, made if it does not exist.
	#[arg(long, value_name = "FILE")]
	pub(in crate::cli) store: PathBuf,
	/// Who is paid: a machine's number, its DID, or an account; left out, the machine of --key.
	#[arg(long, value_name = "PAYEE", allow_hyphen_values = true)]
	pub(in crate::cli) payee: Option<String>,
}

#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct ChannelAccept {
	#[command(flatten)]
	pub(in crate::cli) payee: ChannelPayee,
	/// Where to listen; port 0 is any free one, and the address is printed. Whoever can connect can
	/// make this device check signatures: be no more public than need be.
	#[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:0")]
	pub(in crate::cli) listen: SocketAddr,
	/// Most connections at a time.
	#[arg(long, value_name = "N", default_value_t = 64,
		value_parser = clap::value_parser!(u16).range(1..=1_024))]
	pub(in crate::cli) connections: u16,
	/// Claim when so much is unsettled in a channel, in USDT.
	#[arg(long, value_name = "USDT", default_value = "10", allow_hyphen_values = true)]
	pub(in crate::cli) claim_at: String,
	/// Claim what was accepted so many blocks ago.
	#[arg(long, value_name = "BLOCKS", default_value_t = 86_400)]
	pub(in crate::cli) claim_after: u32,
	/// Look at the chain every so many seconds.
	#[arg(long, value_name = "SECONDS", default_value_t = 5,
		value_parser = clap::value_parser!(u64).range(1..=60))]
	pub(in crate::cli) every: u64,
	/// At the end, claim everything and wait until that is final.
	#[arg(long)]
	pub(in crate::cli) claim_at_end: bool,
}

const INTENT_HELP: &str = "\
Example: a sensor without a connection pays, and a gateway carries it.
  Offline; machine, block numbers and genesis are known beforehand:
    dam-device --genesis 0x… intent sign --key sensor.key --store sensor.store --machine 3 \\
        --valid-from 1000 --valid-until 87400 --relay-fee 0.001 --out payments.jsonl 9 0.25
  The gateway, whenever it is online:
    dam-device --chain-spec dev.json intent submit --key gateway.key payments.jsonl

A file has one intent a line, as a JSON object; files can be joined. Nobody should hand over goods
for an intent before it is settled.";

#[derive(Debug, Subcommand)]
#[command(after_help = INTENT_HELP)]
pub(in crate::cli) enum IntentCommand {
	/// Sign a payment that somebody else submits. Works offline.
	Sign(IntentSign),
	/// Submit signed payments of any machines, and say what became of each.
	Submit {
		/// Who submits, and gets the relay fees. A machine's key pays no fee.
		#[arg(long, value_name = "FILE")]
		key: PathBuf,
		/// Files of intents.
		#[arg(required = true)]
		files: Vec<PathBuf>,
	},
	/// Make signed payments void that are not settled yet.
	Cancel {
		/// The payment key of the machine that signed them.
		#[arg(long, value_name = "FILE")]
		key: PathBuf,
		/// Their nonces.
		#[arg(required = true)]
		nonces: Vec<u64>,
	},
}

#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct IntentSign {
	/// The machine's payment key.
	#[arg(long, value_name = "FILE")]
	pub(in crate::cli) key: PathBuf,
	/// The payer's store, made if it does not exist: it knows which nonces are used.
	#[arg(long, value_name = "FILE")]
	pub(in crate::cli) store: PathBuf,
	/// The machine that pays; left out, the network is asked for the one of --key.
	#[arg(long, value_name = "MACHINE")]
	pub(in crate::cli) machine: Option<String>,
	/// First block in which it is taken; left out, the next one.
	#[arg(long, value_name = "BLOCK")]
	pub(in crate::cli) valid_from: Option<u32>,
	/// Last block in which it is taken, seven days after the first at most.
	#[arg(long, value_name = "BLOCK")]
	pub(in crate::cli) valid_until: Option<u32>,
	/// So many blocks from the first is the last one; a block takes a second.
	#[arg(long, value_name = "BLOCKS", default_value_t = 86_400, conflicts_with = "valid_until")]
	pub(in crate::cli) valid_for: u32,
	/// Use no nonce below this one. For a store that was made anew while nothing is online.
	#[arg(long, value_name = "NONCE")]
	pub(in crate::cli) nonce: Option<u64>,
	/// What whoever submits it gets on top, in USDT.
	#[arg(long, value_name = "USDT", default_value = "0", allow_hyphen_values = true)]
	pub(in crate::cli) relay_fee: String,
	/// Add it to this file; left out, it is printed.
	#[arg(long, value_name = "FILE")]
	pub(in crate::cli) out: Option<PathBuf>,
	/// Who is paid: a machine's number, its DID, or an account.
	#[arg(allow_hyphen_values = true)]
	pub(in crate::cli) payee: String,
	/// How much, in USDT.
	#[arg(allow_hyphen_values = true)]
	pub(in crate::cli) amount: String,
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::cli::args::{Args, Command};
	use clap::Parser;

	fn parse(line: &str) -> Result<Command, clap::Error> {
		let words = ["dam-device"].into_iter().chain(line.split_whitespace());
		Args::try_parse_from(words).map(|args| args.command)
	}

	#[test]
	fn channel_commands_should_be_understood_or_refused() {
		for (line, good) in [
			("open --key k --store s 7 20", true),
			("open --key k --store s --links 10 --unit 0.1 did:dam:dev:7 1", true),
			("open --key k --store s --links 10 7 1", false),
			("open --key k --store s --unit 0.1 7 1", false),
			("open --key k --store s --links 0 --unit 0.1 7 1", false),
			("open --key k 7 20", false),
			("top-up --key k 0 5", true),
			("top-up --key k -1 5", false),
			("pay --key k --store s --to 127.0.0.1:4711 0 0.30", true),
			("pay --key k --store s --to [::1]:4711 --times 40 0 0.30", true),
			("pay --key k --store s --to 127.0.0.1 0 0.30", false),
			("pay --key k --store s --to 127.0.0.1:4711 --times 0 0 0.30", false),
			("accept --key k --store s", true),
			("accept --key k --store s --listen 0.0.0.0:99 --every 1 --claim-at-end", true),
			("accept --key k --store s --listen here", false),
			("accept --key k --store s --connections 0", false),
			("accept --key k --store s --every 0", false),
			("claim --key k --store s --payee 7", true),
			("close --key k 0", true),
			("close 0", false),
			("request-close --key k 0", true),
			("agree --key k --store s --out f 0", true),
			("agree --key k --store s 0", false),
			("close-agreed --key k f", true),
			("sweep --key k 18446744073709551615", true),
			("sweep --key k 18446744073709551616", false),
			("show 0", true),
			("show", false),
		] {
			assert_eq!(parse(&format!("channel {line}")).is_ok(), good, "{line}");
		}
	}

	#[test]
	fn payees_should_listen_where_nobody_else_comes_by() {
		let Ok(Command::Channel(ChannelCommand::Accept(accept))) =
			parse("channel accept --key k --store s")
		else {
			panic!("it is a command")
		};
		assert!(accept.listen.ip().is_loopback());
		assert!(!accept.claim_at_end);
	}

	#[test]
	fn amounts_with_a_sign_should_reach_our_own_check() {
		let pay = parse("channel pay --key k --store s --to 127.0.0.1:1 0 -1").unwrap();
		assert!(
			matches!(pay, Command::Channel(ChannelCommand::Pay(ChannelPay { amount, .. })) if amount == "-1")
		);
	}

	#[test]
	fn intent_commands_should_be_understood_or_refused() {
		for (line, good) in [
			("sign --key k --store s 9 0.25", true),
			("sign --key k --store s --machine 3 --valid-from 5 --valid-until 9 9 0.25", true),
			("sign --key k --store s --valid-from 5 --valid-for 9 --nonce 70 9 0.25", true),
			("sign --key k --store s --valid-until 5 --valid-for 9 9 0.25", false),
			("sign --key k --store s --nonce -1 9 0.25", false),
			("sign --key k 9 0.25", false),
			("submit --key k a b", true),
			("submit --key k", false),
			("cancel --key k 1 2", true),
			("cancel --key k", false),
			("cancel --key k x", false),
		] {
			assert_eq!(parse(&format!("intent {line}")).is_ok(), good, "{line}");
		}
	}
}
