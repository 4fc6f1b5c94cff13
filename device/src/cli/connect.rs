//! From the global options to a network.

use std::{
	path::Path,
	time::{Duration, Instant},
};

use dam_device::{
	chain::{ChainError, ChainSpec, ConnectOptions, FeeAsset, LightNetwork, Network},
	payee::{parse_account, parse_machine, parse_payee},
	AccountId, Key, KeyFile, Patience,
};
use dam_primitives::{MachineId, Payee, Subject};
use subxt::utils::H256;

use super::{
	args::{Fee, Global, StatementExpiry},
	failure::Failure,
	output::Output,
};

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
	let fees = match global.fee {
		Fee::Dam => FeeAsset::Dam,
		Fee::Usdt => FeeAsset::Usdt,
	};
	Ok(LightNetwork::connect(spec, &options, progress).await?.with_fees_in(fees))
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

/// What a command that signs knows before it bothers the network.
pub(super) struct Signing<'a> {
	key: KeyFile,
	spec: ChainSpec,
	global: &'a Global,
	output: &'a Output,
}

impl<'a> Signing<'a> {
	/// Opens the key file and the chain specification.
	pub(super) fn open(
		key: &Path,
		global: &'a Global,
		output: &'a Output,
	) -> Result<Self, Failure> {
		Ok(Self { key: KeyFile::open(key)?, spec: spec(global)?, global, output })
	}

	pub(super) const fn key(&self) -> &Key {
		self.key.key()
	}

	pub(super) fn machine(&self, text: &str) -> Result<MachineId, Failure> {
		Ok(parse_machine(text, Some(self.spec.id()))?)
	}

	pub(super) fn machines(&self, texts: &[String]) -> Result<Vec<MachineId>, Failure> {
		texts.iter().map(|text| self.machine(text)).collect()
	}

	pub(super) fn payee(&self, text: &str) -> Result<Payee<AccountId>, Failure> {
		Ok(parse_payee(text, Some(self.spec.id()))?)
	}

	pub(super) fn subject(&self, text: &str) -> Result<Subject<AccountId>, Failure> {
		subject(text, &self.spec)
	}

	/// The id of the network, the middle of its DIDs.
	pub(super) fn network_id(&self) -> &str {
		self.spec.id()
	}

	pub(super) async fn connect(&self) -> Result<LightNetwork, Failure> {
		connect_to(&self.spec, self.global, self.output).await
	}

	pub(super) fn patience(&self) -> Patience {
		patience(self.global)
	}
}

/// Of whom something is attested.
pub(super) fn subject(text: &str, spec: &ChainSpec) -> Result<Subject<AccountId>, Failure> {
	Ok(match parse_payee(text, Some(spec.id()))? {
		Payee::Machine(machine) => Subject::Machine(machine),
		Payee::Account(account) => Subject::Account(account),
	})
}

/// Reads an account.
pub(super) fn account(text: &str) -> Result<AccountId, Failure> {
	Ok(parse_account(text)?)
}

/// Number of the latest finalized block.
pub(super) async fn now(network: &LightNetwork) -> Result<u32, Failure> {
	Ok(network.finalized().await?.number)
}

/// Genesis and expiry of a statement: offline if the last block was named.
pub(super) async fn statement(
	expiry: &StatementExpiry,
	global: &Global,
	output: &Output,
) -> Result<(H256, u32), Failure> {
	match expiry.expires_at {
		Some(block) => Ok((offline_genesis(global).await?, block)),
		None => {
			let network = connect_to(&spec(global)?, global, output).await?;
			Ok((network.genesis(), expiry.at(now(&network).await?)))
		},
	}
}
