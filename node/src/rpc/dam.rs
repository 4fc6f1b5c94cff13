//! The namespace `dam_`: machines, their keys and allowance, what they may spend and what they offer,
//! what is attested of them, and their DID documents.
//!
//! Reads of the runtime API `DamApi`; light clients that trust nobody read the same storage with
//! proofs. Error codes: see [`params::Failure`](super::params::Failure).

use super::params::{self, Failure, MachineRef};
use crate::service::FullClient;
use dam_primitives::{
	did::{self, Did},
	AttestationInfo, KeyInfo, MachineId, MachineInfo, PolicyInfo, QuotaInfo, ServiceInfo,
};
use dam_runtime::{opaque::Block, AccountId, Hash};
use dam_runtime_api::DamApi;
use jsonrpsee::{core::RpcResult, proc_macros::rpc};
use polkadot_sdk::{sp_api, sp_blockchain};
use serde_json::Value;
use sp_api::{ApiError, ProvideRuntimeApi};
use sp_blockchain::HeaderBackend;
use std::sync::Arc;

/// `dam_…`.
///
/// A machine is named by its number (JSON number, or text for ids above 2⁵³) or by an account that
/// belongs to it: its sovereign account or a key, present or past, as SS58 or 0x-hex text.
/// `at` is the hash of a block; without it, the best block.
///
/// Methods that list things are paged: at most `limit` items (from 1 to 256, the default) that come
/// behind `after`, the last item of the page before, in an order without meaning. A page shorter than
/// asked for is the last.
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

	/// The key that signs from an account, present or past; `null` if it is no machine's.
	#[method(name = "key", blocking)]
	fn key(
		&self,
		account: Option<Value>,
		at: Option<Value>,
	) -> RpcResult<Option<KeyInfo<AccountId>>>;

	/// Numbers of the machines that stand directly below one in its fleet's tree, paged.
	#[method(name = "children", blocking)]
	fn children(
		&self,
		machine_id: Option<Value>,
		after: Option<Value>,
		limit: Option<Value>,
		at: Option<Value>,
	) -> RpcResult<Vec<MachineId>>;

	/// What the machine may still do without a fee, in picoseconds of computing, how much of that comes
	/// with its deposit and how much with a bond, what is on its way back to whoever bonded it, and in
	/// which block all is there again; `null` if it does not exist or may not act.
	#[method(name = "quota", blocking)]
	fn quota(
		&self,
		machine_id: Option<Value>,
		at: Option<Value>,
	) -> RpcResult<Option<QuotaInfo<AccountId>>>;

	/// What the machine's owner lets it spend, what it has spent in the running period, and the
	/// payments that were co-signed and wait; `null` if there is no rule.
	#[method(name = "policy", blocking)]
	fn policy(
		&self,
		machine_id: Option<Value>,
		at: Option<Value>,
	) -> RpcResult<Option<PolicyInfo<AccountId>>>;

	/// The services that the machine offers; none for a machine that does not exist.
	#[method(name = "services", blocking)]
	fn services(&self, machine_id: Option<Value>, at: Option<Value>)
		-> RpcResult<Vec<ServiceInfo>>;

	/// All services of a kind, such as `charging`, paged.
	#[method(name = "servicesByKind", blocking)]
	fn services_by_kind(
		&self,
		kind: Option<Value>,
		after: Option<Value>,
		limit: Option<Value>,
		at: Option<Value>,
	) -> RpcResult<Vec<ServiceInfo>>;

	/// What is attested of a machine, by number, or of an account, valid or not, paged.
	#[method(name = "attestations", blocking)]
	fn attestations(
		&self,
		subject: Option<Value>,
		after: Option<Value>,
		limit: Option<Value>,
		at: Option<Value>,
	) -> RpcResult<Vec<AttestationInfo<AccountId>>>;

	/// Who attests a claim, such as `meter-calibration`, of a machine, by number, or of an account.
	///
	/// `block` is the number of the block in which the attestations must be valid, without it the one
	/// that is read. Attestations that were removed after `block` are seen only if `at` is before.
	#[method(name = "attesters", blocking)]
	fn attesters(
		&self,
		subject: Option<Value>,
		claim: Option<Value>,
		block: Option<Value>,
		at: Option<Value>,
	) -> RpcResult<Vec<AccountId>>;

	/// W3C DID resolution of `did:dam:<network>:<id>`, without `at` in the last final block: a block
	/// that is not final may turn out never to have been, and its documents with it.
	///
	/// A machine that was never registered gives the resolution error `notFound`, as the standard
	/// has it. What can not be a DID of this network is a JSON-RPC error, with the standard's word
	/// for it under `data.error`.
	#[method(name = "resolveDid", blocking)]
	fn resolve_did(&self, did: Option<Value>, at: Option<Value>) -> RpcResult<Value>;
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
		self.block_or(at, || self.client.info().best_hash)
	}

	fn block_or(&self, at: Option<Value>, default: impl FnOnce() -> Hash) -> Result<Hash, Failure> {
		let Some(hash) = params::block_hash(at)? else { return Ok(default()) };
		self.number(hash)?;
		Ok(hash)
	}

	/// Number of a block that must be known.
	fn number(&self, at: Hash) -> Result<u32, Failure> {
		match self.client.number(at) {
			Ok(Some(number)) => Ok(number),
			Ok(None) => Err(Failure::UnknownBlock(at)),
			Err(error) => Err(Failure::Unreadable { at, reason: error.to_string() }),
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

	fn key(
		&self,
		account: Option<Value>,
		at: Option<Value>,
	) -> RpcResult<Option<KeyInfo<AccountId>>> {
		let account = params::account(account)?;
		let at = self.block(at)?;
		Ok(self.read(at, |api| api.key(at, account))?)
	}

	fn children(
		&self,
		machine_id: Option<Value>,
		after: Option<Value>,
		limit: Option<Value>,
		at: Option<Value>,
	) -> RpcResult<Vec<MachineId>> {
		let id = params::machine_id(machine_id)?;
		let (after, limit) = (params::after_machine(after)?, params::limit(limit)?);
		let at = self.block(at)?;
		Ok(self.read(at, |api| api.children(at, id, after, limit))?)
	}

	fn quota(
		&self,
		machine_id: Option<Value>,
		at: Option<Value>,
	) -> RpcResult<Option<QuotaInfo<AccountId>>> {
		let id = params::machine_id(machine_id)?;
		let at = self.block(at)?;
		Ok(self.read(at, |api| api.quota(at, id))?)
	}

	fn policy(
		&self,
		machine_id: Option<Value>,
		at: Option<Value>,
	) -> RpcResult<Option<PolicyInfo<AccountId>>> {
		let id = params::machine_id(machine_id)?;
		let at = self.block(at)?;
		Ok(self.read(at, |api| api.policy(at, id))?)
	}

	fn services(
		&self,
		machine_id: Option<Value>,
		at: Option<Value>,
	) -> RpcResult<Vec<ServiceInfo>> {
		let id = params::machine_id(machine_id)?;
		let at = self.block(at)?;
		Ok(self.read(at, |api| api.services(at, id))?)
	}

	fn services_by_kind(
		&self,
		kind: Option<Value>,
		after: Option<Value>,
		limit: Option<Value>,
		at: Option<Value>,
	) -> RpcResult<Vec<ServiceInfo>> {
		let kind = params::kind(kind)?;
		let (after, limit) = (params::after_service(after)?, params::limit(limit)?);
		let at = self.block(at)?;
		Ok(self.read(at, |api| api.services_by_kind(at, kind, after, limit))?)
	}

	fn attestations(
		&self,
		subject: Option<Value>,
		after: Option<Value>,
		limit: Option<Value>,
		at: Option<Value>,
	) -> RpcResult<Vec<AttestationInfo<AccountId>>> {
		let subject = params::subject(subject)?;
		let (after, limit) = (params::after_attestation(after)?, params::limit(limit)?);
		let at = self.block(at)?;
		Ok(self.read(at, |api| api.attestations(at, subject, after, limit))?)
	}

	fn attesters(
		&self,
		subject: Option<Value>,
		claim: Option<Value>,
		block: Option<Value>,
		at: Option<Value>,
	) -> RpcResult<Vec<AccountId>> {
		let (subject, claim) = (params::subject(subject)?, params::claim(claim)?);
		let block = params::block_number(block)?;
		let at = self.block(at)?;
		let block = match block {
			Some(block) => block,
			None => self.number(at)?,
		};
		Ok(self.read(at, |api| api.attesters(at, subject, claim, block))?)
	}

	fn resolve_did(&self, did: Option<Value>, at: Option<Value>) -> RpcResult<Value> {
		let Did { network, machine } = params::did(did, &self.network)?;
		let info = self.client.info();
		let at = self.block_or(at, || info.finalized_hash)?;
		let Some(machine) = self.machine_by_id(at, machine)? else { return Ok(did::not_found()) };
		let services = self.read(at, |api| api.services(at, machine.id))?;
		Ok(did::resolve(&network, &info.genesis_hash.0, &machine, &services))
	}
}
