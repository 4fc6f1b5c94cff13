//! BABE and GRANDPA with this chain's timing.
//!
//! The figures come from the measurements in the consensus ADR (`docs/adr/`).

use crate::service::{FullBabeBlockImport, FullClient, FullSelectChain, Pool};
use dam_runtime::opaque::Block;
use polkadot_sdk::{
	sc_basic_authorship, sc_consensus_babe, sc_consensus_grandpa, sc_consensus_slots, sc_network,
	sc_network_sync, sc_service, sc_telemetry, sc_transaction_pool_api, sp_consensus_babe,
	sp_keystore, sp_timestamp, substrate_prometheus_endpoint,
};
use sc_consensus_babe::{BabeLink, SlotProportion};
use sc_consensus_grandpa::{
	LinkHalf, SharedVoterState, ThreeQuartersOfTheUnfinalizedChain, VotingRulesBuilder,
};
use sc_service::{config::Role, TaskManager};
use sc_telemetry::TelemetryHandle;
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_consensus_babe::SlotDuration;
use sp_keystore::KeystorePtr;
use std::{sync::Arc, time::Duration};
use substrate_prometheus_endpoint::Registry;

/// How long a vote is expected to travel. Finality follows a block by about four of these.
const GOSSIP_DURATION: Duration = Duration::from_millis(100);

/// Blocks between two stored proofs of finality, besides those at every change of authorities.
///
/// A pruned node keeps the body of every block that has such a proof, for the sake of warp sync,
/// so this also bounds what it cannot prune: one block in 512, one every eight and a half minutes.
pub const JUSTIFICATION_PERIOD: u32 = 512;

/// Share of a slot for making a block. The rest is for its way to the other validators, who
/// execute it again: about five network delays in all.
const PROPOSAL_SHARE: f32 = 1.0 / 3.0;

/// The same after empty slots, when the SDK grants more time. Without this bound it would grant
/// several slots at once, and the late block would fork with the next author's.
const LONGEST_PROPOSAL_SHARE: f32 = 0.5;

/// While finality lags, authors leave out slots, but never more than this many in a row: a chain
/// of 1 s blocks must stay usable, and changes of authorities need blocks.
const LONGEST_BACKOFF: u32 = 10;

/// The current slot and time, as BABE's import and authoring both want them.
pub fn slot_and_timestamp(
	slot_duration: SlotDuration,
) -> (sp_consensus_babe::inherents::InherentDataProvider, sp_timestamp::InherentDataProvider) {
	let timestamp = sp_timestamp::InherentDataProvider::from_system_time();
	let slot = sp_consensus_babe::inherents::InherentDataProvider::from_timestamp_and_slot_duration(
		*timestamp,
		slot_duration,
	);
	(slot, timestamp)
}

/// What both engines need of the running node.
pub struct Surroundings<'a> {
	/// Where their tasks run. They are essential: if one ends, the node stops.
	pub task_manager: &'a TaskManager,
	/// The chain.
	pub client: Arc<FullClient>,
	/// Transactions that wait.
	pub pool: Arc<Pool>,
	/// This node's keys.
	pub keystore: KeystorePtr,
	/// Synchronization with peers.
	pub sync: Arc<sc_network_sync::SyncingService<Block>>,
	/// Metrics.
	pub registry: Option<&'a Registry>,
	/// Telemetry.
	pub telemetry: Option<TelemetryHandle>,
}

/// Starts making blocks when it is this validator's turn.
pub fn start_authoring(
	surroundings: &Surroundings,
	block_import: FullBabeBlockImport,
	select_chain: FullSelectChain,
	babe_link: BabeLink<Block>,
	force_authoring: bool,
) -> Result<(), sc_service::Error> {
	let Surroundings { task_manager, client, pool, keystore, sync, registry, telemetry } =
		surroundings;
	let proposer = sc_basic_authorship::ProposerFactory::new(
		task_manager.spawn_handle(),
		client.clone(),
		pool.clone(),
		*registry,
		telemetry.clone(),
	);
	let slot_duration = babe_link.config().slot_duration();
	let babe = sc_consensus_babe::start_babe(sc_consensus_babe::BabeParams {
		keystore: keystore.clone(),
		client: client.clone(),
		select_chain,
		env: proposer,
		block_import,
		sync_oracle: sync.clone(),
		justification_sync_link: sync.clone(),
		create_inherent_data_providers: move |_, ()| async move {
			Ok(slot_and_timestamp(slot_duration))
		},
		force_authoring,
		backoff_authoring_blocks: Some(
			sc_consensus_slots::BackoffAuthoringOnFinalizedHeadLagging {
				max_interval: LONGEST_BACKOFF,
				..Default::default()
			},
		),
		babe_link,
		block_proposal_slot_portion: SlotProportion::new(PROPOSAL_SHARE),
		max_block_proposal_slot_portion: Some(SlotProportion::new(LONGEST_PROPOSAL_SHARE)),
		telemetry: telemetry.clone(),
	})?;
	task_manager.spawn_essential_handle().spawn_blocking("babe", Some("block-authoring"), babe);
	Ok(())
}

/// This node's part in the GRANDPA network.
pub struct Finality {
	/// Validator or not. A full node follows the votes and casts none.
	pub role: Role,
	/// The node's name, for telemetry.
	pub name: String,
	/// Connection of the voter with block import.
	pub link: LinkHalf<Block, FullClient, FullSelectChain>,
	/// State of the rounds, shared with the RPC.
	pub voter_state: SharedVoterState,
	/// The network.
	pub network: Arc<dyn sc_network::service::traits::NetworkService>,
	/// Votes to and from peers.
	pub notifications: Box<dyn sc_network::NotificationService>,
	/// Name of the protocol on the wire.
	pub protocol_name: sc_network::ProtocolName,
}

/// Starts voting on finality, or following the votes.
pub fn start_finality(
	surroundings: &Surroundings,
	finality: Finality,
) -> Result<(), sc_service::Error> {
	let Surroundings { task_manager, pool, keystore, sync, registry, telemetry, .. } = surroundings;
	let Finality { role, name, link, voter_state, network, notifications, protocol_name } =
		finality;
	let voter = sc_consensus_grandpa::run_grandpa_voter(sc_consensus_grandpa::GrandpaParams {
		config: sc_consensus_grandpa::Config {
			gossip_duration: GOSSIP_DURATION,
			justification_generation_period: JUSTIFICATION_PERIOD,
			observer_enabled: false,
			local_role: role,
			name: Some(name),
			// Without keys the voter only follows.
			keystore: role.is_authority().then(|| keystore.clone()),
			telemetry: telemetry.clone(),
			protocol_name,
		},
		link,
		network,
		sync: sync.clone(),
		notification_service: notifications,
		// The SDK's default also holds votes two blocks back, which costs two seconds of finality.
		voting_rule: VotingRulesBuilder::new().add(ThreeQuartersOfTheUnfinalizedChain).build(),
		prometheus_registry: registry.cloned(),
		shared_voter_state: voter_state,
		telemetry: telemetry.clone(),
		offchain_tx_pool_factory: OffchainTransactionPoolFactory::new(pool.clone()),
	})?;
	task_manager.spawn_essential_handle().spawn_blocking("grandpa-voter", None, voter);
	Ok(())
}
