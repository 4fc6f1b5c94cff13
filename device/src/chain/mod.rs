//! The chain as a device sees it: a trait, the light client behind it, and what they exchange.
//!
//! Everything above this module is written against [`Network`], so that payments can be tested
//! without a network.

mod calls;
mod config;
mod error;
mod events;
mod light;
mod spec;
mod state;
mod values;

pub use calls::{
	Call, ChannelCall, IntentCall, MandateCall, OrderCall, Pull, QuotaCall, StreamCall,
};
pub use config::{DamConfig, FeeAsset};
pub use error::{ChainError, DispatchFailure, Refusal, SpecError};
pub use events::{ChainEvent, MandateEvent, OrderEvent, StreamEvent};
pub use light::{ConnectOptions, ConnectProgress, Heads, LightNetwork};
pub use spec::ChainSpec;
pub use state::{
	Accreditation, Balances, FriendGroup, Limits, ProvenChannel, ProvenChannels, Recovery,
	RecoveryAttempt,
};

use std::{fmt, future::Future};

use dam_primitives::{
	AttestationInfo, ChannelId, ClaimType, KeyInfo, MachineId, MachineInfo, Mandate, MandateId,
	NonceWindow, Order, OrderId, PolicyInfo, QuotaInfo, ServiceId, ServiceInfo, ServiceKind,
	Stream, StreamId, Subject,
};
use futures::stream::BoxStream;
use serde::{Deserialize, Serialize};
use subxt::utils::H256;

use crate::{keys::Key, AccountId, Dam, Usdt};

/// A block.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Block {
	/// Its number.
	pub number: u32,
	/// Its hash.
	pub hash: H256,
}

impl fmt::Display for Block {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "{} ({:?})", self.number, self.hash)
	}
}

/// A signed transaction. It is mortal: included by [`Self::last_block`], or never.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignedCall {
	/// The extrinsic, SCALE-encoded.
	#[serde(with = "hex_bytes")]
	pub bytes: Vec<u8>,
	/// BLAKE2b-256 of the bytes.
	pub hash: H256,
	/// Genesis of the chain it is for.
	pub genesis: H256,
	/// Who signed.
	pub signer: AccountId,
	/// The signer's nonce, which this transaction uses up.
	pub nonce: u64,
	/// The finalized block at which it was signed.
	pub birth: Block,
	/// Last block that can include it.
	pub last_block: u32,
}

/// What the light client says of a transaction on its way. Hints only: finalized blocks decide.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Broadcast {
	/// It was sent to peers.
	Sent,
	/// It is in a block that may still be replaced.
	InBlock(H256),
	/// The block that held it was replaced.
	Retracted,
	/// It is no longer sent out: try again.
	Dropped(String),
	/// The runtime refuses it at the best block.
	Invalid(String),
}

/// A transaction in a finalized block, and what came of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Inclusion {
	/// The block.
	pub block: Block,
	/// Position in the block.
	pub index: u32,
	/// The fee that was paid in DAM: zero if the chain reported none.
	pub fee: Dam,
	/// The fee that was paid in USDT: zero if the chain reported none.
	pub usdt_fee: Usdt,
	/// Whether the call did what it should.
	pub result: Result<(), DispatchFailure>,
	/// What it caused, in order.
	pub events: Vec<ChainEvent>,
}

/// A machine and what it offers.
pub type MachineAndServices = (MachineInfo<AccountId>, Vec<ServiceInfo>);

/// What a device needs of a chain. All reads are of finalized state, verified by proof.
pub trait Network: Send + Sync {
	/// Hash of block 0.
	fn genesis(&self) -> H256;

	/// The latest finalized block.
	fn finalized(&self) -> impl Future<Output = Result<Block, ChainError>> + Send;

	/// The chain's bounds and deposits.
	fn limits(&self) -> impl Future<Output = Result<Limits, ChainError>> + Send;

	/// The machine of that number.
	fn machine(
		&self,
		id: MachineId,
	) -> impl Future<Output = Result<Option<MachineInfo<AccountId>>, ChainError>> + Send;

	/// The machine that an account belongs to: as its key, past or present, or as its sovereign
	/// account.
	fn machine_of(
		&self,
		account: AccountId,
	) -> impl Future<Output = Result<Option<MachineId>, ChainError>> + Send;

	/// The key that signs from an account, past or present.
	fn key(
		&self,
		account: AccountId,
	) -> impl Future<Output = Result<Option<KeyInfo<AccountId>>, ChainError>> + Send;

	/// A page of the machines directly below `id` in its fleet's tree; see
	/// [`queries`](crate::queries).
	fn children(
		&self,
		id: MachineId,
		after: Option<MachineId>,
		limit: u32,
	) -> impl Future<Output = Result<Vec<MachineId>, ChainError>> + Send;

	/// The machine's fee-free allowance; `None` if it may not act.
	fn quota(
		&self,
		id: MachineId,
	) -> impl Future<Output = Result<Option<QuotaInfo<AccountId>>, ChainError>> + Send;

	/// What the machine's owner lets it spend, and what it has spent; `None` if there is no rule.
	fn policy(
		&self,
		id: MachineId,
	) -> impl Future<Output = Result<Option<PolicyInfo<AccountId>>, ChainError>> + Send;

	/// The services that the machine offers.
	fn services(
		&self,
		id: MachineId,
	) -> impl Future<Output = Result<Vec<ServiceInfo>, ChainError>> + Send;

	/// The machine of that number and what it offers, both read at the same block: what its DID
	/// document is made of.
	fn machine_and_services(
		&self,
		id: MachineId,
	) -> impl Future<Output = Result<Option<MachineAndServices>, ChainError>> + Send;

	/// A page of the services of a kind; see [`queries`](crate::queries).
	fn services_by_kind(
		&self,
		kind: ServiceKind,
		after: Option<(MachineId, ServiceId)>,
		limit: u32,
	) -> impl Future<Output = Result<Vec<ServiceInfo>, ChainError>> + Send;

	/// A page of what is attested of a subject, valid or not; see [`queries`](crate::queries).
	fn attestations(
		&self,
		subject: &Subject<AccountId>,
		after: Option<(ClaimType, AccountId)>,
		limit: u32,
	) -> impl Future<Output = Result<Vec<AttestationInfo<AccountId>>, ChainError>> + Send;

	/// Who attests `claim` of `subject`, validly in block `at`.
	fn attesters(
		&self,
		subject: &Subject<AccountId>,
		claim: ClaimType,
		at: u32,
	) -> impl Future<Output = Result<Vec<AccountId>, ChainError>> + Send;

	/// Whether and since when an account may attest a type of claim; `None` if it never might.
	fn accreditation(
		&self,
		claim: ClaimType,
		attester: AccountId,
	) -> impl Future<Output = Result<Option<Accreditation>, ChainError>> + Send;

	/// Who can recover an account, and who tries to.
	fn recovery(
		&self,
		lost: AccountId,
	) -> impl Future<Output = Result<Recovery, ChainError>> + Send;

	/// The channels of these numbers, in their order, and when it was that they were so: all read at
	/// the same finalized block with storage proofs.
	fn channels(
		&self,
		ids: &[ChannelId],
	) -> impl Future<Output = Result<ProvenChannels, ChainError>> + Send;

	/// The stream of that number; `None` if it was closed or never opened.
	fn stream(
		&self,
		id: StreamId,
	) -> impl Future<Output = Result<Option<Stream<AccountId>>, ChainError>> + Send;

	/// All streams that a machine pays, in no order.
	fn streams_of(
		&self,
		payer: MachineId,
	) -> impl Future<Output = Result<Vec<(StreamId, Stream<AccountId>)>, ChainError>> + Send;

	/// The mandate of that number; `None` if it was revoked, removed, or never granted.
	fn mandate(
		&self,
		id: MandateId,
	) -> impl Future<Output = Result<Option<Mandate<AccountId>>, ChainError>> + Send;

	/// All mandates that a machine has given, in no order.
	fn mandates_of(
		&self,
		payer: MachineId,
	) -> impl Future<Output = Result<Vec<(MandateId, Mandate<AccountId>)>, ChainError>> + Send;

	/// The order of that number; `None` if it has ended or was never offered.
	fn order(
		&self,
		id: OrderId,
	) -> impl Future<Output = Result<Option<Order<AccountId>>, ChainError>> + Send;

	/// Which nonces of intents a machine has used.
	fn intent_nonces(
		&self,
		payer: MachineId,
	) -> impl Future<Output = Result<NonceWindow, ChainError>> + Send;

	/// What accounts hold, all read at the same finalized block.
	fn balances(
		&self,
		accounts: &[AccountId],
	) -> impl Future<Output = Result<(Block, Vec<Balances>), ChainError>> + Send;

	/// Signs a call at the latest finalized block, with the account's next nonce or the given one.
	fn sign(
		&self,
		call: &Call,
		key: &Key,
		nonce: Option<u64>,
	) -> impl Future<Output = Result<SignedCall, ChainError>> + Send;

	/// As [`Self::sign`], for a transaction that can be included for at most `blocks` blocks after
	/// the latest finalized one: for the largest power of two within that, no less than 4 and no more
	/// than a signed transaction lasts anyway.
	fn sign_within(
		&self,
		call: &Call,
		key: &Key,
		nonce: Option<u64>,
		blocks: u32,
	) -> impl Future<Output = Result<SignedCall, ChainError>> + Send;

	/// Asks the runtime whether the transaction would enter the pool.
	fn validate(
		&self,
		call: &SignedCall,
	) -> impl Future<Output = Result<Result<(), Refusal>, ChainError>> + Send;

	/// Sends the transaction to peers for as long as the stream is kept.
	fn broadcast(
		&self,
		call: &SignedCall,
	) -> impl Future<Output = Result<BoxStream<'static, Broadcast>, ChainError>> + Send;

	/// Every finalized block after `after`, in order and without gaps, as they are finalized.
	fn finalized_after(&self, after: Block) -> BoxStream<'static, Result<Block, ChainError>>;

	/// Looks for the transaction in a finalized block.
	fn find(
		&self,
		call: &SignedCall,
		block: Block,
	) -> impl Future<Output = Result<Option<Inclusion>, ChainError>> + Send;
}

/// Bytes as `0x…` in JSON.
mod hex_bytes {
	use serde::{de::Error, Deserialize, Deserializer, Serializer};

	pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
		serializer.serialize_str(&format!("0x{}", hex::encode(bytes)))
	}

	pub(super) fn deserialize<'de, D: Deserializer<'de>>(
		deserializer: D,
	) -> Result<Vec<u8>, D::Error> {
		let text = String::deserialize(deserializer)?;
		let digits = text.strip_prefix("0x").ok_or_else(|| D::Error::custom("expected 0x"))?;
		hex::decode(digits).map_err(D::Error::custom)
	}
}
