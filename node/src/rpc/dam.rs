//! The namespace `dam_`: machines, their allowance, their DID documents.
//!
//! Reads of the runtime API `DamApi`; light clients that trust nobody read the same storage with
//! proofs. Error codes: see [`params::Failure`](super::params::Failure).

use super::params::{self, Failure, MachineRef};
use crate::service::FullClient;
use dam_primitives::{
	did::{self, Did},
	MachineId, MachineInfo, QuotaInfo,
};
use dam_runtime::{opaque::Block, AccountId, Hash};
use dam_runtime_api::DamApi;
use jsonrpsee::{core::RpcResult, proc_macros::rpc};
use polkadot_sdk::{sp_api, sp_blockchain};
use serde_json::{json, Value};
use sp_api::{ApiError, ProvideRuntimeApi};
use sp_blockchain::HeaderBackend;
use std::sync::Arc;

/// `dam_…`.
///
/// A machine is named by its number (JSON number, or text for ids above 2⁵³) or by an account that
/// belongs to it: its sovereign account or a key, present or past, as SS58 or 0x-hex text.
/// `at` is the hash of a block; without it, the best block.
#[rpc(server, namespace = "dam")]
pub trait DamRpc {
	/// The machine, also when suspended or retired; `null` if there is none.
	#[method(name = "machine", blocking)]
	fn machine(
		&self,
		id_or_account: Option<Value>,
		at: Option<Value>,
	) -> RpcResult<Option<MachineInfo<AccountId>>>;

	/// Number of the machine to which an account belongs; `null` if it belongs to none.
	#[method(name = "machineOf", blocking)]
	fn machine_of(&self, account: Option<Value>, at: Option<Value>)
		-> RpcResult<Option<MachineId>>;

	/// What the machine may still do without a fee, in picoseconds of computing; `null` if it does
	/// not exist or may not act.
	#[method(name = "quota", blocking)]
	fn quota(&self, machine_id: Option<Value>, at: Option<Value>) -> RpcResult<Option<QuotaInfo>>;

	/// W3C DID resolution of `did:dam:<network>:<id>` at the best block.
	///
	/// A machine that was never registered gives the resolution error `notFound`, as the standard
	/// has it. What can not be a DID of this network is a JSON-RPC error, with the standard's word
	/// for it under `data.error`.
	#[method(name = "resolveDid", blocking)]
	fn resolve_did(&self, did: Option<Value>) -> RpcResult<Value>;
}

/// The runtime's interface at one block.
type Api = <FullClient as ProvideRuntimeApi<Block>>::Api;

/// The implementation.
pub struct Dam {
	client: Arc<FullClient>,
	/// Id of the chain specification: the network in DIDs.
	network: String,
}

impl Dam {
	/// Serves `client`, whose chain specification has the id `network`.
	pub fn new(client: Arc<FullClient>, network: &str) -> Self {
		Self { client, network: network.into() }
	}

	/// The block to read: the one asked for, if it is known, else the best.
	fn block(&self, at: Option<Value>) -> Result<Hash, Failure> {
		let Some(hash) = params::block_hash(at)? else { return Ok(self.client.info().best_hash) };
		match self.client.number(hash) {
			Ok(Some(_)) => Ok(hash),
			Ok(None) => Err(Failure::UnknownBlock(hash)),
			Err(error) => Err(Failure::Unreadable { at: hash, reason: error.to_string() }),
		}
	}

	fn read<T>(
		&self,
		at: Hash,
		call: impl FnOnce(&Api) -> Result<T, ApiError>,
	) -> Result<T, Failure> {
		call(&self.client.runtime_api())
			.map_err(|error| Failure::Unreadable { at, reason: error.to_string() })
	}

	fn machine_by_id(
		&self,
		at: Hash,
		id: MachineId,
	) -> Result<Option<MachineInfo<AccountId>>, Failure> {
		self.read(at, |api| api.machine(at, id))
	}
}

impl DamRpcServer for Dam {
	fn machine(
		&self,
		id_or_account: Option<Value>,
		at: Option<Value>,
	) -> RpcResult<Option<MachineInfo<AccountId>>> {
		let machine = params::machine(id_or_account)?;
		let at = self.block(at)?;
		let id = match machine {
			MachineRef::Id(id) => Some(id),
			MachineRef::Account(account) => self.read(at, |api| api.machine_of(at, account))?,
		};
		let Some(id) = id else { return Ok(None) };
		Ok(self.machine_by_id(at, id)?)
	}

	fn machine_of(
		&self,
		account: Option<Value>,
		at: Option<Value>,
	) -> RpcResult<Option<MachineId>> {
		let account = params::account(account)?;
		let at = self.block(at)?;
		Ok(self.read(at, |api| api.machine_of(at, account))?)
	}

	fn quota(&self, machine_id: Option<Value>, at: Option<Value>) -> RpcResult<Option<QuotaInfo>> {
		let id = params::machine_id(machine_id)?;
		let at = self.block(at)?;
		Ok(self.read(at, |api| api.quota(at, id))?)
	}

	fn resolve_did(&self, did: Option<Value>) -> RpcResult<Value> {
		let Did { machine, .. } = params::did(did, &self.network)?;
		let found = self.machine_by_id(self.client.info().best_hash, machine)?;
		Ok(found.map_or_else(not_found, |info| did::resolve(&self.network, &info)))
	}
}

/// The resolution result for a DID that nobody registered.
fn not_found() -> Value {
	json!({
		"didDocument": null,
		"didDocumentMetadata": {},
		"didResolutionMetadata": { "error": "notFound" },
	})
}
