//! The client of a node, opened as the node opens it: the same flags, the same defaults, ParityDB on
//! disk, the runtime as compiled wasm. Network, RPC and transaction pool stay idle.

use crate::error::Error;
use codec::Decode;
use dam_node::{
	cli::Cli,
	service::{self, Consensus, FullBackend, FullClient},
};
use dam_runtime::{opaque::Block, AccountId, Balance, BlockNumber, Hash, Runtime};
use polkadot_sdk::*;
use sc_chain_spec::{BuildGenesisBlock, GenesisBlockBuilder};
use sc_cli::{CliConfiguration, SubstrateCli};
use sc_client_api::{
	Backend, BlockImportOperation, Finalizer, HeaderBackend, NewBlockState, StorageProvider,
};
use sc_consensus::DefaultImportQueue;
use sc_service::{Configuration, PartialComponents, TaskManager};
use sp_core::storage::StorageKey;
use sp_keystore::KeystorePtr;
use sp_runtime::traits::Block as _;
use sp_storage::Storage;
use std::{
	path::{Path, PathBuf},
	sync::Arc,
	thread,
	time::{Duration, Instant},
};

/// How long a database may take to close: after a large state was written it is busy for a while.
const CLOSING: Duration = Duration::from_secs(600);

/// States that are kept of final blocks. By default a node keeps those of 256; from then on it removes
/// one with each block, as here from the second on. So blocks cost what they will, from the beginning,
/// and what is removed is of the same kind as what is added.
const KEPT_STATES: &str = "1";

/// An open database with everything that the node puts around it.
pub struct Node {
	folder: PathBuf,
	tokio: Tokio,
	client: Arc<FullClient>,
	backend: Arc<FullBackend>,
	/// Runs the node's tasks.
	pub task_manager: TaskManager,
	/// The node's keys.
	pub keystore: KeystorePtr,
	/// BABE and GRANDPA.
	pub consensus: Consensus,
}

/// Some of the node's tasks end only when they are told to. Whoever drops a node, because something
/// failed, does not wait for them: it would not get to say what failed.
struct Tokio(Option<tokio::runtime::Runtime>);

impl Tokio {
	fn start() -> Result<Self, Error> {
		let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
		runtime.map(|runtime| Self(Some(runtime))).map_err(Error::node)
	}

	fn handle(&self) -> &tokio::runtime::Handle {
		self.0.as_ref().expect("only `stop` and the end take it; qed").handle()
	}

	/// Waits until all tasks have ended.
	fn stop(mut self, patience: Duration) {
		if let Some(runtime) = self.0.take() {
			runtime.shutdown_timeout(patience);
		}
	}
}

impl Drop for Tokio {
	fn drop(&mut self) {
		if let Some(runtime) = self.0.take() {
			runtime.shutdown_background();
		}
	}
}

/// The configuration of a development node whose base path is `folder`.
fn configuration(folder: &Path, tokio: &Tokio) -> Result<Configuration, Error> {
	let path = folder.to_str().ok_or_else(|| Error::node("the work folder is not UTF-8"))?;
	let flags = ["dam-node", "--dev", "--base-path", path, "--database", "paritydb"];
	let flags = flags.into_iter().chain(["--state-pruning", KEPT_STATES]);
	let cli = Cli::try_from_iter(flags).map_err(Error::node)?;
	cli.run.base.create_configuration(&cli, tokio.handle().clone()).map_err(Error::node)
}

/// Makes a chain in the empty `folder` whose first state is what `state` makes of the development
/// chain's.
pub fn make_chain(
	folder: &Path,
	state: impl FnOnce(Storage) -> Result<Storage, Error>,
) -> Result<(), Error> {
	let tokio = Tokio::start()?;
	let config = configuration(folder, &tokio)?;
	let genesis = config.chain_spec.as_storage_builder().build_storage().map_err(Error::node)?;
	let storage = state(genesis)?;
	let backend: Arc<FullBackend> =
		sc_service::new_db_backend(config.db_config()).map_err(Error::node)?;
	let executor = sc_service::new_wasm_executor::<sp_io::SubstrateHostFunctions>(&config.executor);
	let builder = GenesisBlockBuilder::<Block, _, _>::new_with_storage(
		storage,
		true,
		backend.clone(),
		executor,
	)
	.map_err(Error::node)?;
	let (block, mut operation) = builder.build_genesis_block().map_err(Error::node)?;
	let (header, body) = block.deconstruct();
	operation
		.set_block_data(header, Some(body), None, None, NewBlockState::Final, true)
		.map_err(Error::node)?;
	backend.commit_operation(operation).map_err(Error::node)?;
	drop(config);
	close(folder.into(), backend)
}

/// Waits until the last part of a database is closed.
fn close(folder: PathBuf, backend: Arc<FullBackend>) -> Result<(), Error> {
	let database = Arc::downgrade(&backend);
	drop(backend);
	let begun = Instant::now();
	while database.strong_count() > 0 {
		if begun.elapsed() > CLOSING {
			return Err(Error::StillOpen(folder));
		}
		thread::sleep(Duration::from_millis(10));
	}
	Ok(())
}

impl Node {
	/// Opens the chain whose base path is `folder`; an empty folder gets the development chain's
	/// genesis. With it comes the queue into which the network would put blocks.
	pub fn open(folder: &Path) -> Result<(Self, DefaultImportQueue<Block>), Error> {
		let tokio = Tokio::start()?;
		let config = configuration(folder, &tokio)?;
		let entered = tokio.handle().enter();
		let PartialComponents {
			client,
			backend,
			task_manager,
			import_queue,
			keystore_container,
			other: consensus,
			..
		} = service::new_partial(&config).map_err(Error::node)?;
		drop(entered);
		let keystore = keystore_container.keystore();
		let folder = folder.into();
		let node = Self { folder, tokio, client, backend, task_manager, keystore, consensus };
		Ok((node, import_queue))
	}

	/// The chain.
	pub fn client(&self) -> &Arc<FullClient> {
		&self.client
	}

	/// Runs a future of the node's to its end.
	pub fn block_on<T>(&self, future: impl std::future::Future<Output = T>) -> T {
		self.tokio.handle().block_on(future)
	}

	/// Makes a block final, and with it the changes that it made to the state: only then does a node
	/// that prunes old states write them into the trie on disk.
	pub fn finalize(&self, block: Hash) -> Result<(), sp_blockchain::Error> {
		self.client().finalize_block(block, None, true)
	}

	/// Ends the node's tasks and closes the database. Whoever still holds a part of it keeps it open.
	pub fn close(self) -> Result<(), Error> {
		let Self { folder, tokio, client, backend, task_manager, keystore, consensus } = self;
		drop((client, task_manager, keystore, consensus));
		tokio.stop(CLOSING);
		close(folder, backend)
	}
}

/// The block on which the next one is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tip {
	/// Its number.
	pub number: BlockNumber,
	/// Its hash.
	pub hash: Hash,
}

/// Reads the state after the newest block.
pub trait State {
	/// The chain.
	fn chain(&self) -> &FullClient;

	/// The newest block.
	fn tip(&self) -> Tip {
		let info = HeaderBackend::<Block>::info(self.chain());
		Tip { number: info.best_number, hash: info.best_hash }
	}

	/// Hash of block 0.
	fn genesis(&self) -> Hash {
		HeaderBackend::<Block>::info(self.chain()).genesis_hash
	}

	/// What is stored under `key`, if anything.
	fn read<T: Decode>(&self, key: &[u8]) -> Result<Option<T>, Error> {
		self.chain()
			.storage(self.tip().hash, &StorageKey(key.to_vec()))
			.map_err(Error::state)?
			.map(|value| T::decode(&mut &value.0[..]).map_err(Error::state))
			.transpose()
	}

	/// What an account has, in units of 0.000001 USDT.
	fn usdt(&self, who: &AccountId) -> Result<Balance, Error> {
		type Account = pallet_assets::AssetAccountOf<Runtime, ()>;
		let account = self.read::<Account>(&crate::genesis::usdt_key(who))?;
		Ok(account.map_or(0, |account| account.balance))
	}
}

impl State for Node {
	fn chain(&self) -> &FullClient {
		self.client()
	}
}
