//! From the global options to a network.

use std::time::{Duration, Instant};

use dam_device::{
	chain::{ChainError, ChainSpec, ConnectOptions, LightNetwork},
	Patience,
};
use subxt::utils::H256;

use super::{args::Global, failure::Failure, output::Output};

/// Reads the specification and adds the boot nodes of the command line.
pub(super) fn spec(global: &Global) -> Result<ChainSpec, Failure> {
	let path = global.chain_spec.as_ref().ok_or_else(|| {
		Failure::usage(
			"this command needs the network: pass its raw chain specification with --chain-spec \
			 FILE (`dam-node build-spec --chain <chain> --raw` writes one)",
		)
	})?;
	let mut spec = ChainSpec::read(path)?;
	spec.add_boot_nodes(&global.boot_node)?;
	Ok(spec)
}

/// The genesis that was named on the command line.
pub(super) fn genesis(global: &Global) -> Result<Option<H256>, Failure> {
	global.genesis.as_deref().map(|text| hash("--genesis", text)).transpose()
}

/// Reads `0x` and 64 hexadecimal digits.
pub(super) fn hash(name: &str, text: &str) -> Result<H256, Failure> {
	let mut bytes = [0; 32];
	text.strip_prefix("0x")
		.and_then(|digits| hex::decode_to_slice(digits, &mut bytes).ok())
		.map(|()| H256(bytes))
		.ok_or_else(|| {
			Failure::usage(format!("{name}: `{text}` is not 0x and 64 hexadecimal digits"))
		})
}

/// Connects and waits for the head of the chain.
pub(super) async fn connect_to(
	spec: &ChainSpec,
	global: &Global,
	output: &Output,
) -> Result<LightNetwork, Failure> {
	let options =
		ConnectOptions { timeout: Duration::from_secs(global.timeout), genesis: genesis(global)? };
	let start = Instant::now();
	let progress = |progress| output.connecting(progress, start.elapsed());
	Ok(LightNetwork::connect(spec, &options, progress).await?)
}

/// The genesis of the specification, or the one that was named, or both if they agree.
pub(super) async fn offline_genesis(global: &Global) -> Result<H256, Failure> {
	let named = genesis(global)?;
	match (&global.chain_spec, named) {
		(None, Some(genesis)) => Ok(genesis),
		(None, None) => Err(Failure::usage(
			"name the chain: pass its specification with --chain-spec FILE, or its genesis hash \
			 with --genesis HASH",
		)),
		(Some(_), named) => {
			let found = LightNetwork::genesis_of(&spec(global)?).await?;
			match named {
				Some(expected) if expected != found => {
					Err(ChainError::WrongChain { expected, found }.into())
				},
				_ => Ok(found),
			}
		},
	}
}

/// How long to wait for a transaction.
pub(super) fn patience(global: &Global) -> Patience {
	Patience { deadline: Duration::from_secs(global.timeout), ..Patience::default() }
}
