//! What the node serves over JSON-RPC: the SDK's namespaces and `dam_`.

mod dam;
mod params;

use crate::service::{FullBackend, FullClient, FullSelectChain, Pool};
use dam::{Dam, DamRpcServer};
use dam_runtime::{opaque::Block, Hash};
use jsonrpsee::{core::RegisterMethodError, RpcModule};
use pallet_transaction_payment_rpc::{TransactionPayment, TransactionPaymentApiServer};
use polkadot_sdk::{
	pallet_transaction_payment_rpc, sc_chain_spec, sc_consensus_babe, sc_consensus_babe_rpc,
	sc_consensus_grandpa, sc_consensus_grandpa_rpc, sc_rpc, sc_service, sc_sync_state_rpc,
	sp_keystore, substrate_frame_rpc_system,
};
use sc_consensus_babe_rpc::{Babe, BabeApiServer};
use sc_consensus_grandpa_rpc::{Grandpa, GrandpaApiServer};
use sc_sync_state_rpc::{SyncState, SyncStateApiServer};
use std::sync::Arc;
use substrate_frame_rpc_system::{System, SystemApiServer};

/// What the methods read.
pub struct Parts {
	/// The chain.
	pub client: Arc<FullClient>,
	/// Transactions that wait.
	pub pool: Arc<Pool>,
	/// Which chain is best.
	pub select_chain: FullSelectChain,
	/// The specification that the node runs.
	pub chain_spec: Box<dyn sc_chain_spec::ChainSpec>,
	/// This node's keys.
	pub keystore: sp_keystore::KeystorePtr,
	/// Epochs, from block import.
	pub babe_worker: sc_consensus_babe::BabeWorkerHandle<Block>,
	/// GRANDPA's rounds.
	pub voter_state: sc_consensus_grandpa::SharedVoterState,
	/// GRANDPA's validators.
	pub authority_set: sc_consensus_grandpa::SharedAuthoritySet<Hash, u32>,
	/// New proofs of finality.
	pub justifications: sc_consensus_grandpa::GrandpaJustificationStream<Block>,
	/// Stored proofs of finality.
	pub finality_proofs: Arc<sc_consensus_grandpa::FinalityProofProvider<FullBackend, Block>>,
}

/// Builds the methods that `sc-service` does not add itself.
pub fn build(
	parts: &Parts,
	executor: sc_rpc::SubscriptionTaskExecutor,
) -> Result<RpcModule<()>, sc_service::Error> {
	let sync_state = SyncState::new(
		parts.chain_spec.cloned_box(),
		parts.client.clone(),
		parts.authority_set.clone(),
		parts.babe_worker.clone(),
	)
	.map_err(|error| sc_service::Error::Application(error.into()))?;
	merge(parts, executor, sync_state).map_err(|error| sc_service::Error::Application(error.into()))
}

fn merge(
	parts: &Parts,
	executor: sc_rpc::SubscriptionTaskExecutor,
	sync_state: SyncState<Block, FullClient>,
) -> Result<RpcModule<()>, RegisterMethodError> {
	let Parts { client, pool, select_chain, keystore, babe_worker, .. } = parts;
	let mut module = RpcModule::new(());
	module.merge(System::new(client.clone(), pool.clone()).into_rpc())?;
	module.merge(TransactionPayment::new(client.clone()).into_rpc())?;
	module.merge(
		Babe::new(client.clone(), babe_worker.clone(), keystore.clone(), select_chain.clone())
			.into_rpc(),
	)?;
	module.merge(
		Grandpa::new(
			executor,
			parts.authority_set.clone(),
			parts.voter_state.clone(),
			parts.justifications.clone(),
			parts.finality_proofs.clone(),
		)
		.into_rpc(),
	)?;
	module.merge(sync_state.into_rpc())?;
	module.merge(Dam::new(client.clone(), parts.chain_spec.id()).into_rpc())?;
	Ok(module)
}
