//! The parts of a running node and how they are joined.

use crate::{consensus, listeners, rpc};
use dam_runtime::{opaque::Block, RuntimeApi};
use futures::FutureExt;
use polkadot_sdk::{
	sc_client_api, sc_consensus, sc_consensus_babe, sc_consensus_grandpa, sc_executor, sc_network,
	sc_offchain, sc_service, sc_telemetry, sc_transaction_pool, sc_transaction_pool_api,
	sp_consensus_babe, sp_io, sp_runtime,
};
use sc_client_api::Backend;
use sc_consensus_babe::{BabeLink, BabeWorkerHandle};
use sc_consensus_grandpa::{FinalityProofProvider, GrandpaPruningFilter, SharedVoterState};
use sc_network::config::{FullNetworkConfiguration, NetworkBackendType};
use sc_service::{
	Configuration, Error, PartialComponents, TFullBackend, TFullClient, TaskManager, WarpSyncConfig,
};
use sc_telemetry::{Telemetry, TelemetryWorker};
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_consensus_babe::inherents::BabeCreateInherentDataProviders;
use sp_runtime::traits::Block as BlockT;
use std::sync::Arc;

/// Executes the runtime. The SDK's host functions only: light clients have no others.
type Executor = sc_executor::WasmExecutor<sp_io::SubstrateHostFunctions>;
/// The chain: blocks, state, runtime calls.
pub type FullClient = TFullClient<Block, RuntimeApi, Executor>;
/// The database.
pub type FullBackend = TFullBackend<Block>;
/// Follows the longest chain that contains the final blocks.
pub type FullSelectChain = sc_consensus::LongestChain<FullBackend, Block>;
/// Transactions that wait, in the pool that the command line chose.
pub type Pool = sc_transaction_pool::TransactionPoolHandle<Block, FullClient>;
type FullGrandpaBlockImport =
	sc_consensus_grandpa::GrandpaBlockImport<FullBackend, Block, FullClient, FullSelectChain>;
/// Checks and stores blocks: BABE, then GRANDPA, then the database.
pub type FullBabeBlockImport = sc_consensus_babe::BabeBlockImport<
	Block,
	FullClient,
	FullGrandpaBlockImport,
	BabeCreateInherentDataProviders<Block>,
	FullSelectChain,
>;

/// What the running node needs besides the SDK's [`PartialComponents`].
pub struct Consensus {
	/// Checks a block that was made here, and stores it.
	pub block_import: FullBabeBlockImport,
	/// Slots and epochs.
	pub babe_link: BabeLink<Block>,
	babe_worker: BabeWorkerHandle<Block>,
	grandpa_link: sc_consensus_grandpa::LinkHalf<Block, FullClient, FullSelectChain>,
	telemetry: Option<Telemetry>,
}

/// The node without its network.
pub type Partial = PartialComponents<
	FullClient,
	FullBackend,
	FullSelectChain,
	sc_consensus::DefaultImportQueue<Block>,
	Pool,
	Consensus,
>;

/// Opens the database and builds what both a node and the database commands need.
pub fn new_partial(config: &Configuration) -> Result<Partial, Error> {
	let telemetry = config
		.telemetry_endpoints
		.clone()
		.filter(|endpoints| !endpoints.is_empty())
		.map(|endpoints| -> Result<_, sc_telemetry::Error> {
			let worker = TelemetryWorker::new(16)?;
			let telemetry = worker.handle().new_telemetry(endpoints);
			Ok((worker, telemetry))
		})
		.transpose()?;

	let (client, backend, keystore_container, mut task_manager) =
		sc_service::new_full_parts::<Block, RuntimeApi, _>(
			config,
			telemetry.as_ref().map(|(_, telemetry)| telemetry.handle()),
			sc_service::new_wasm_executor(&config.executor),
			// A pruned node keeps what it needs to serve warp sync.
			vec![Arc::new(GrandpaPruningFilter)],
		)?;
	let client = Arc::new(client);
	let telemetry = telemetry.map(|(worker, telemetry)| {
		task_manager.spawn_handle().spawn("telemetry", None, worker.run());
		telemetry
	});
	let select_chain = FullSelectChain::new(backend.clone());
	let transaction_pool: Arc<Pool> = Arc::from(
		sc_transaction_pool::Builder::new(
			task_manager.spawn_essential_handle(),
			client.clone(),
			config.role.is_authority().into(),
		)
		.with_options(config.transaction_pool.clone())
		.with_prometheus(config.prometheus_registry())
		.build(),
	);

	let (grandpa_block_import, grandpa_link) = sc_consensus_grandpa::block_import(
		client.clone(),
		consensus::JUSTIFICATION_PERIOD,
		&client,
		select_chain.clone(),
		telemetry.as_ref().map(|telemetry| telemetry.handle()),
	)?;
	let babe_config = sc_consensus_babe::configuration(&*client)?;
	let slot_duration = babe_config.slot_duration();
	let inherents: BabeCreateInherentDataProviders<Block> =
		Arc::new(move |_, ()| async move { Ok(consensus::slot_and_timestamp(slot_duration)) });
	let (block_import, babe_link) = sc_consensus_babe::block_import(
		babe_config,
		grandpa_block_import.clone(),
		client.clone(),
		inherents,
		select_chain.clone(),
		// Reports of equivocation go through the pool.
		OffchainTransactionPoolFactory::new(transaction_pool.clone()),
	)?;
	let (import_queue, babe_worker) =
		sc_consensus_babe::import_queue(sc_consensus_babe::ImportQueueParams {
			link: babe_link.clone(),
			block_import: block_import.clone(),
			justification_import: Some(Box::new(grandpa_block_import)),
			client: client.clone(),
			slot_duration,
			spawner: &task_manager.spawn_essential_handle(),
			registry: config.prometheus_registry(),
			telemetry: telemetry.as_ref().map(|telemetry| telemetry.handle()),
		})?;
	// Essential tasks end, and the node with them, when the last handle to them goes.
	task_manager.keep_alive((babe_worker.clone(), transaction_pool.clone()));

	Ok(PartialComponents {
		client,
		backend,
		task_manager,
		import_queue,
		keystore_container,
		select_chain,
		transaction_pool,
		other: Consensus { block_import, babe_link, babe_worker, grandpa_link, telemetry },
	})
}

/// Starts a node with the network backend that the command line chose, litep2p by default.
///
/// # Errors
/// A used port, a locked or damaged database, a bad specification; see [`crate::errors`].
pub fn new_full(config: Configuration) -> Result<TaskManager, crate::errors::Error> {
	listeners::check(&config)?;
	let database = config.database.path().map(Into::into);
	let started = match config.network.network_backend {
		NetworkBackendType::Litep2p => start::<sc_network::Litep2pNetworkBackend>(config),
		NetworkBackendType::Libp2p => {
			start::<sc_network::NetworkWorker<Block, <Block as BlockT>::Hash>>(config)
		},
	};
	started.map_err(|error| crate::errors::Error::from(error).at_database(database))
}

fn start<Network>(config: Configuration) -> Result<TaskManager, Error>
where
	Network: sc_network::NetworkBackend<Block, <Block as BlockT>::Hash>,
{
	let PartialComponents {
		client,
		backend,
		mut task_manager,
		import_queue,
		keystore_container,
		select_chain,
		transaction_pool,
		other: Consensus { block_import, babe_link, babe_worker, grandpa_link, mut telemetry },
	} = new_partial(&config)?;
	let registry = config.prometheus_registry().cloned();
	let genesis_hash = client.chain_info().genesis_hash;
	let pool_of_workers = OffchainTransactionPoolFactory::new(transaction_pool.clone());

	let mut net_config =
		FullNetworkConfiguration::<_, _, Network>::new(&config.network, registry.clone());
	let metrics = Network::register_notification_metrics(registry.as_ref());
	let protocol_name =
		sc_consensus_grandpa::protocol_standard_name(&genesis_hash, &config.chain_spec);
	let (grandpa_protocol, notifications) =
		sc_consensus_grandpa::grandpa_peers_set_config::<_, Network>(
			protocol_name.clone(),
			metrics.clone(),
			net_config.peer_store_handle(),
		);
	net_config.add_notification_protocol(grandpa_protocol);
	let warp_sync = sc_consensus_grandpa::warp_proof::NetworkProvider::new(
		backend.clone(),
		grandpa_link.shared_authority_set().clone(),
		Vec::new(),
	);
	let (network, system_rpc_tx, tx_handler_controller, sync_service, _) =
		sc_service::build_network(sc_service::BuildNetworkParams {
			config: &config,
			net_config,
			client: client.clone(),
			transaction_pool: transaction_pool.clone(),
			spawn_handle: task_manager.spawn_handle(),
			spawn_essential_handle: task_manager.spawn_essential_handle(),
			import_queue,
			block_announce_validator_builder: None,
			warp_sync_config: Some(WarpSyncConfig::WithProvider(Arc::new(warp_sync))),
			block_relay: None,
			metrics,
			gap_sync_body_policy: None,
		})?;

	if config.offchain_worker.enabled {
		let workers = sc_offchain::OffchainWorkers::new(sc_offchain::OffchainWorkerOptions {
			runtime_api_provider: client.clone(),
			keystore: Some(keystore_container.keystore()),
			offchain_db: backend.offchain_storage(),
			transaction_pool: Some(pool_of_workers),
			network_provider: Arc::new(network.clone()),
			is_validator: config.role.is_authority(),
			// Nothing in the runtime fetches from the web, so a fault in it cannot either.
			enable_http_requests: false,
			custom_extensions: |_| Vec::new(),
		})?;
		task_manager.spawn_handle().spawn(
			"offchain-workers-runner",
			"offchain-worker",
			workers.run(client.clone(), task_manager.spawn_handle()).boxed(),
		);
	}

	let role = config.role;
	let name = config.network.node_name.clone();
	let force_authoring = config.force_authoring;
	let finality_enabled = !config.disable_grandpa;
	let voter_state = SharedVoterState::empty();
	let rpc_parts = rpc::Parts {
		client: client.clone(),
		pool: transaction_pool.clone(),
		select_chain: select_chain.clone(),
		chain_spec: config.chain_spec.cloned_box(),
		keystore: keystore_container.keystore(),
		babe_worker,
		voter_state: voter_state.clone(),
		authority_set: grandpa_link.shared_authority_set().clone(),
		justifications: grandpa_link.justification_stream(),
		finality_proofs: FinalityProofProvider::new_for_service(
			backend.clone(),
			Some(grandpa_link.shared_authority_set().clone()),
		),
	};
	sc_service::spawn_tasks(sc_service::SpawnTasksParams {
		config,
		client: client.clone(),
		backend,
		task_manager: &mut task_manager,
		keystore: keystore_container.keystore(),
		transaction_pool: transaction_pool.clone(),
		rpc_builder: Box::new(move |executor| rpc::build(&rpc_parts, executor)),
		network: network.clone(),
		system_rpc_tx,
		tx_handler_controller,
		sync_service: sync_service.clone(),
		telemetry: telemetry.as_mut(),
		tracing_execute_block: None,
	})?;

	let surroundings = consensus::Surroundings {
		task_manager: &task_manager,
		client,
		pool: transaction_pool,
		keystore: keystore_container.keystore(),
		sync: sync_service,
		registry: registry.as_ref(),
		telemetry: telemetry.as_ref().map(|telemetry| telemetry.handle()),
	};
	if role.is_authority() {
		consensus::start_authoring(
			&surroundings,
			block_import,
			select_chain,
			babe_link,
			force_authoring,
		)?;
	}
	if finality_enabled {
		consensus::start_finality(
			&surroundings,
			consensus::Finality {
				role,
				name,
				link: grandpa_link,
				voter_state,
				network,
				notifications,
				protocol_name,
			},
		)?;
	}
	Ok(task_manager)
}
