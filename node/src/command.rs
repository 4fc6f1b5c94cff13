//! Does what the command line asks for.

use crate::{
	chain_spec::{self, first_difference, NETWORKS},
	cli::{self, Cli, Subcommand, WriteChainSpecsCmd},
	errors::Error,
	service::{self, FullBackend, FullClient},
};
use dam_runtime::opaque::Block;
use polkadot_sdk::{sc_cli, sc_consensus, sc_consensus_babe, sc_consensus_grandpa, sc_service};
use sc_cli::{CliConfiguration, KeySubcommand, Runner, SubstrateCli};
use sc_service::{
	config::{DatabaseSource, TransportConfig},
	ChainType, Configuration, PartialComponents,
};
use std::{fs, future::Future, path::PathBuf, sync::Arc};

impl SubstrateCli for Cli {
	fn impl_name() -> String {
		"DAM Node".into()
	}

	fn impl_version() -> String {
		env!("SUBSTRATE_CLI_IMPL_VERSION").into()
	}

	// Fixed, and not the file's name: the default base path follows from it.
	fn executable_name() -> String {
		env!("CARGO_PKG_NAME").into()
	}

	fn description() -> String {
		"The node of DAM Chain, where machines hold an identity, pay each other in USDT without a \
		 fee, and are owned in shares.\n\nWithout a subcommand it runs a node: of a chain of your \
		 own (--dev), or of the network whose specification is given by --chain."
			.into()
	}

	fn author() -> String {
		env!("CARGO_PKG_AUTHORS").into()
	}

	fn support_url() -> String {
		"the project's issue tracker".into()
	}

	fn copyright_start_year() -> i32 {
		2026
	}

	fn load_spec(&self, id: &str) -> Result<Box<dyn sc_service::ChainSpec>, String> {
		// A network key that goes into a file of its own belongs to no chain, but the SDK asks.
		let id = match (&self.subcommand, id) {
			(Some(Subcommand::Key(KeySubcommand::GenerateNodeKey(_))), "") => NETWORKS[0].id,
			_ => id,
		};
		match chain_spec::load(id) {
			Ok(spec) => Ok(Box::new(spec)),
			Err(error) => Err(error.to_string()),
		}
	}

	fn setup_command(command: clap::Command) -> clap::Command {
		let command = command
			.name(Self::executable_name())
			.version(Self::impl_version())
			.author(Self::author())
			.about(Self::description())
			.long_about(Self::description())
			.after_help(cli::EXAMPLES)
			.propagate_version(true)
			.args_conflicts_with_subcommands(true)
			.subcommand_negates_reqs(true);
		cli::adapted(command)
	}
}

/// Parses the command line and does what it says. A flag that does not exist ends the program
/// here, with status 2.
///
/// # Errors
/// See [`Error`]; its text is meant for the operator.
pub fn run() -> Result<(), Error> {
	let cli = Cli::from_args();
	match &cli.subcommand {
		None => run_node(&cli),
		Some(Subcommand::BuildSpec(cmd)) => {
			// The SDK would add a boot node on 127.0.0.1 with this machine's own key, which no
			// other node that uses the specification could ever reach.
			let cmd = sc_cli::BuildSpecCmd { disable_default_bootnode: true, ..cmd.clone() };
			runner(&cli, &cmd)?.sync_run(|config| Ok(cmd.run(config.chain_spec, config.network)?))
		},
		Some(Subcommand::ExportChainSpec(cmd)) => {
			let spec = chain_spec::load(&cmd.chain)?;
			Ok(cmd.run(Box::new(spec))?)
		},
		Some(Subcommand::Key(cmd)) => Ok(cmd.run(&cli)?),
		Some(Subcommand::CheckBlock(cmd)) => {
			with_chain(&cli, cmd, |_, chain| cmd.run(chain.client, chain.import_queue))
		},
		Some(Subcommand::ImportBlocks(cmd)) => {
			with_chain(&cli, cmd, |_, chain| cmd.run(chain.client, chain.import_queue))
		},
		Some(Subcommand::ExportBlocks(cmd)) => {
			with_chain(&cli, cmd, |config, chain| cmd.run(chain.client, config.database))
		},
		Some(Subcommand::ExportState(cmd)) => {
			with_chain(&cli, cmd, |config, chain| cmd.run(chain.client, config.chain_spec))
		},
		Some(Subcommand::Revert(cmd)) => with_chain(&cli, cmd, |_, chain| {
			cmd.run(chain.client, chain.backend, Some(Box::new(revert_consensus)))
		}),
		Some(Subcommand::PurgeChain(cmd)) => runner(&cli, cmd)?.sync_run(|config| {
			refuse_if_open(&config)?;
			Ok(cmd.run(config.database)?)
		}),
		Some(Subcommand::ChainInfo(cmd)) => runner(&cli, cmd)?.sync_run(|config| {
			let database = database_path(&config);
			cmd.run::<Block>(&config).map_err(|error| Error::from(error).at_database(database))
		}),
		Some(Subcommand::WriteChainSpecs(cmd)) => write_chain_specs(cmd),
		#[cfg(feature = "runtime-benchmarks")]
		Some(Subcommand::Benchmark(cmd)) => benchmark(&cli, cmd),
	}
}

fn run_node(cli: &Cli) -> Result<(), Error> {
	let mut runner = runner(cli, &cli.run.base)?;
	if cli.run.base.rpc_params.experimental_rpc_endpoint.is_empty() {
		// A used port is an error, not a reason to serve where nobody looks; see `listeners`.
		for endpoint in runner.config_mut().rpc.addr.iter_mut().flatten() {
			endpoint.retry_random_port = false;
		}
	}
	let config = runner.config_mut();
	if config.chain_spec.chain_type() == ChainType::Development {
		// Every development chain has the same genesis and the same validator. Two of them on one
		// network would find each other and stop to sync instead of making blocks.
		if let TransportConfig::Normal { enable_mdns, .. } = &mut config.network.transport {
			*enable_mdns = false;
		}
	}
	runner.run_node_until_exit(|config| async move { service::new_full(config) })
}

/// A runner whose database is ParityDB, the only one that this program has.
fn runner<Cmd: CliConfiguration>(cli: &Cli, cmd: &Cmd) -> Result<Runner<Cli>, Error> {
	let mut runner = cli.create_runner(cmd)?;
	let config = runner.config_mut();
	if let DatabaseSource::Auto { paritydb_path, .. } = &config.database {
		config.database = DatabaseSource::ParityDb { path: paritydb_path.clone() };
	}
	Ok(runner)
}

/// What the commands on a stopped node's database work with.
struct Chain {
	client: Arc<FullClient>,
	backend: Arc<FullBackend>,
	import_queue: sc_consensus::DefaultImportQueue<Block>,
}

/// Opens the chain's database and runs a command on it.
fn with_chain<Cmd, Work>(
	cli: &Cli,
	cmd: &Cmd,
	work: impl FnOnce(Configuration, Chain) -> Work,
) -> Result<(), Error>
where
	Cmd: CliConfiguration,
	Work: Future<Output = sc_cli::Result<()>>,
{
	runner(cli, cmd)?.async_run(|config| {
		let PartialComponents { client, backend, import_queue, task_manager, .. } =
			service::new_partial(&config)
				.map_err(|error| Error::from(error).at_database(database_path(&config)))?;
		let done = work(config, Chain { client, backend, import_queue });
		Ok((async move { done.await.map_err(Error::from) }, task_manager))
	})
}

/// Fails if another process has the database open: the SDK would delete it under a running node.
/// A database that cannot be opened for any other reason may be deleted all the same.
fn refuse_if_open(config: &Configuration) -> Result<(), Error> {
	let Some(path) = database_path(config).filter(|path| path.exists()) else { return Ok(()) };
	let settings = config.db_config();
	match sc_service::new_db_backend::<Block>(settings).map_err(sc_service::Error::from) {
		Ok(_) => Ok(()),
		Err(error) => match Error::from(error).at_database(Some(path)) {
			locked @ Error::DatabaseLocked(_) => Err(locked),
			_ => Ok(()),
		},
	}
}

/// Takes back what BABE and GRANDPA noted of blocks that are reverted.
fn revert_consensus(
	client: Arc<FullClient>,
	backend: Arc<FullBackend>,
	blocks: u32,
) -> sc_cli::Result<()> {
	sc_consensus_babe::revert(client.clone(), backend, blocks)?;
	sc_consensus_grandpa::revert(client, blocks)?;
	Ok(())
}

fn database_path(config: &Configuration) -> Option<PathBuf> {
	config.database.path().map(Into::into)
}

/// Writes the built-in networks' files, or compares them with the presets.
fn write_chain_specs(cmd: &WriteChainSpecsCmd) -> Result<(), Error> {
	let mut drifted = Vec::new();
	for network in &NETWORKS {
		let spec = network.preset_spec()?;
		let path = cmd.folder.join(network.file_name());
		if cmd.check {
			let in_file = fs::read(&path).map_err(|error| named(&path, error))?;
			let place = match serde_json::from_slice(&in_file) {
				Ok(in_file) => first_difference(&in_file, &spec),
				Err(error) => Some(error.to_string()),
			};
			match place {
				Some(place) => drifted.push(format!("{}: {place}", path.display())),
				None => println!("{} is up to date", path.display()),
			}
		} else {
			fs::write(&path, format!("{spec:#}\n")).map_err(|error| named(&path, error))?;
			println!("wrote {}", path.display());
		}
	}
	if drifted.is_empty() {
		Ok(())
	} else {
		Err(Error::SpecDrift(drifted))
	}
}

fn named(path: &std::path::Path, error: std::io::Error) -> Error {
	std::io::Error::new(error.kind(), format!("`{}`: {error}", path.display())).into()
}

#[cfg(feature = "runtime-benchmarks")]
fn benchmark(cli: &Cli, cmd: &cli::Benchmark) -> Result<(), Error> {
	use cli::Benchmark;
	use frame_benchmarking_cli::{OpaqueBlock, SUBSTRATE_REFERENCE_HARDWARE};
	use polkadot_sdk::{frame_benchmarking_cli, sp_runtime};
	match cmd {
		Benchmark::Pallet(cmd) => runner(cli, cmd)?.sync_run(|config| {
			Ok(cmd.run_with_spec::<sp_runtime::traits::HashingFor<Block>, ()>(Some(
				config.chain_spec,
			))?)
		}),
		Benchmark::Overhead(cmd) => runner(cli, cmd)?.sync_run(|config| {
			Ok(cmd.run_with_default_builder_and_spec::<OpaqueBlock, ()>(Some(config.chain_spec))?)
		}),
		Benchmark::Storage(cmd) => runner(cli, cmd)?.sync_run(|config| {
			let PartialComponents { client, backend, .. } = service::new_partial(&config)?;
			let db = backend.expose_db();
			let storage = backend.expose_storage();
			let cache = backend.expose_shared_trie_cache();
			Ok(cmd.run(config, client, db, storage, cache)?)
		}),
		Benchmark::Machine(cmd) => runner(cli, cmd)?
			.sync_run(|config| Ok(cmd.run(&config, SUBSTRATE_REFERENCE_HARDWARE.clone())?)),
	}
}
