//! The command line.

use clap::{builder::ArgPredicate, Args, Parser};
use polkadot_sdk::sc_cli;
use std::path::PathBuf;

/// Shown at the end of `dam-node --help`.
pub const EXAMPLES: &str = "\
Examples:
  dam-node --dev
      A chain of your own that makes blocks alone and forgets everything when it stops.

  dam-node --chain spec.json --base-path /var/lib/dam --name my-node --sync warp
      A full node: follows the chain, holds no keys, answers on ws://127.0.0.1:9944.

  dam-node key generate-node-key --chain spec.json --base-path /var/lib/dam
  dam-node --chain spec.json --base-path /var/lib/dam --name my-node --validator
      A validator. The first line makes its network identity, once; keep that file.

  dam-node --chain local --alice --tmp --node-key 0000…0001
      One of the four validators of a local network (--alice, --bob, --charlie, --dave).

Listeners, and the flag that moves each:
  peers        0.0.0.0:30333     --port, --listen-addr
  JSON-RPC     127.0.0.1:9944    --rpc-port; from outside only with --rpc-external
  Prometheus   127.0.0.1:9615    --prometheus-port; from outside only with --prometheus-external

RPC methods that change the node (author_rotateKeysWithOwner, author_insertKey, …) are refused
unless --rpc-methods unsafe is given, or --dev.";

/// What `dam-node` was asked for.
#[derive(Debug, Parser)]
pub struct Cli {
	/// What to do instead of running a node.
	#[command(subcommand)]
	pub subcommand: Option<Subcommand>,

	/// How to run the node.
	#[command(flatten)]
	pub run: RunCmd,
}

/// Flags of a running node: the SDK's, and one of network tools.
#[derive(Debug, Args)]
#[group(skip)]
pub struct RunCmd {
	/// The SDK's flags.
	#[command(flatten)]
	pub base: sc_cli::RunCmd,

	/// Changes nothing. Network tools pass it to every validator, because other chains' nodes
	/// sandbox worker processes, which this chain does not have.
	#[arg(long = "insecure-validator-i-know-what-i-do", requires = "validator", hide = true)]
	pub insecure_validator: bool,
}

/// Everything but running a node.
#[derive(Debug, clap::Subcommand)]
pub enum Subcommand {
	/// Print a chain specification, with --raw in the form that every node must share.
	///
	/// The printed specification has no boot node of its own: add yours under `bootNodes`.
	BuildSpec(sc_cli::BuildSpecCmd),

	/// Write a chain specification to a file or to the standard output.
	ExportChainSpec(sc_cli::ExportChainSpecCmd),

	/// Make, inspect and insert keys.
	#[command(subcommand)]
	Key(sc_cli::KeySubcommand),

	/// Execute one stored block again and compare the result.
	CheckBlock(sc_cli::CheckBlockCmd),

	/// Read blocks from a file into the database.
	ImportBlocks(sc_cli::ImportBlocksCmd),

	/// Write blocks from the database to a file.
	ExportBlocks(sc_cli::ExportBlocksCmd),

	/// Write the state after a block as a chain specification.
	ExportState(sc_cli::ExportStateCmd),

	/// Take back the newest blocks, as far as they are not final.
	Revert(sc_cli::RevertCmd),

	/// Delete the chain's database. Keys and the network identity stay.
	PurgeChain(sc_cli::PurgeChainCmd),

	/// Print the best and the final block of the database as JSON.
	ChainInfo(sc_cli::ChainInfoCmd),

	/// Write chain-specs/dev.json and local.json from the runtime's genesis presets.
	///
	/// For those who change the runtime; `scripts/chain-specs` calls it.
	WriteChainSpecs(WriteChainSpecsCmd),

	/// Measure the weights of calls, of storage and of a block.
	#[cfg(feature = "runtime-benchmarks")]
	#[command(subcommand)]
	Benchmark(Benchmark),
}

/// What can be measured.
#[cfg(feature = "runtime-benchmarks")]
#[derive(Debug, clap::Subcommand)]
pub enum Benchmark {
	/// The calls of the runtime's pallets.
	Pallet(polkadot_sdk::frame_benchmarking_cli::PalletCmd),
	/// An empty block and an empty transaction.
	Overhead(polkadot_sdk::frame_benchmarking_cli::OverheadCmd),
	/// Reads and writes of the database.
	Storage(polkadot_sdk::frame_benchmarking_cli::StorageCmd),
	/// This machine, against the SDK's reference hardware.
	Machine(polkadot_sdk::frame_benchmarking_cli::MachineCmd),
}

/// Arguments of `write-chain-specs`.
#[derive(Debug, Args)]
pub struct WriteChainSpecsCmd {
	/// Folder of the files.
	#[arg(default_value = "chain-specs")]
	pub folder: PathBuf,

	/// Write nothing; fail if a file does not say what the runtime's presets say.
	#[arg(long)]
	pub check: bool,
}

/// Adapts the SDK's flags to this chain.
///
/// * The SDK's default serves unsafe RPC methods to everything that reaches the loopback address,
///   a browser included. Here that must be asked for; a development chain has nothing to lose.
/// * A network key that goes into a base path goes into a chain's folder of it, so the chain must
///   be named.
pub fn adapted(command: clap::Command) -> clap::Command {
	command
		.mut_arg("rpc_methods", |argument| {
			argument.default_value("safe").default_value_if(
				"dev",
				ArgPredicate::Equals("true".into()),
				"auto",
			)
		})
		.mut_subcommand("key", |key| {
			key.mut_subcommand("generate-node-key", |generate| {
				generate
					.mut_arg("base_path", |argument| argument.requires("chain"))
					.mut_arg("default_base_path", |argument| argument.requires("chain"))
			})
		})
}

#[cfg(test)]
mod tests {
	use super::*;
	use clap::error::ErrorKind;
	use sc_cli::{RpcMethods, SubstrateCli};

	fn parse(arguments: &[&str]) -> clap::error::Result<Cli> {
		Cli::try_from_iter(std::iter::once(&"dam-node").chain(arguments))
	}

	fn rpc_methods(arguments: &[&str]) -> RpcMethods {
		parse(arguments).unwrap().run.base.rpc_params.rpc_methods
	}

	#[test]
	fn unsafe_rpc_should_be_off_unless_asked_for() {
		assert_eq!(rpc_methods(&["--chain", "local"]), RpcMethods::Safe);
		assert_eq!(rpc_methods(&["--chain", "local", "--validator"]), RpcMethods::Safe);
		assert_eq!(
			rpc_methods(&["--chain", "local", "--rpc-methods", "unsafe"]),
			RpcMethods::Unsafe
		);
	}

	#[test]
	fn development_chain_should_serve_unsafe_rpc_on_loopback() {
		assert_eq!(rpc_methods(&["--dev"]), RpcMethods::Auto);
		assert_eq!(rpc_methods(&["--dev", "--rpc-methods", "safe"]), RpcMethods::Safe);
	}

	#[test]
	fn every_subcommand_should_parse() {
		for arguments in [
			&["build-spec", "--chain", "local", "--raw", "--disable-default-bootnode"][..],
			&["export-chain-spec", "--chain", "dev"],
			&["key", "generate"],
			&["check-block", "1", "--dev"],
			&["import-blocks", "blocks.bin", "--binary", "--dev"],
			&["export-blocks", "--dev"],
			&["export-state", "--dev"],
			&["revert", "3", "--dev"],
			&["purge-chain", "--dev", "-y"],
			&["chain-info", "--dev"],
			&["write-chain-specs", "--check"],
		] {
			parse(arguments).unwrap_or_else(|error| panic!("{arguments:?}: {error}"));
		}
	}

	#[test]
	fn flags_of_network_tools_should_parse() {
		parse(&[
			"--chain",
			"local",
			"--validator",
			"--insecure-validator-i-know-what-i-do",
			"--rpc-methods",
			"unsafe",
			"--no-mdns",
			"--listen-addr",
			"/ip4/127.0.0.1/tcp/0/ws",
		])
		.unwrap();
	}

	#[test]
	fn network_key_should_need_a_chain_only_when_it_goes_into_a_base_path() {
		parse(&["key", "generate-node-key", "--file", "node.key"]).unwrap();
		parse(&["key", "generate-node-key", "--base-path", "/d", "--chain", "local"]).unwrap();
		let error = parse(&["key", "generate-node-key", "--base-path", "/d"]).unwrap_err();
		assert_eq!(error.kind(), ErrorKind::MissingRequiredArgument);
	}

	#[test]
	fn unknown_flag_and_other_database_should_be_refused() {
		assert_eq!(parse(&["--develop"]).unwrap_err().kind(), ErrorKind::UnknownArgument);
		let error = parse(&["--dev", "--database", "rocksdb"]).unwrap_err();
		assert_eq!(error.kind(), ErrorKind::InvalidValue);
		assert!(error.to_string().contains("paritydb"), "{error}");
	}

	#[test]
	fn command_definition_should_be_consistent() {
		use clap::CommandFactory;
		Cli::setup_command(Cli::command()).debug_assert();
	}
}
