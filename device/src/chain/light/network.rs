//! [`Network`] on the light client.

use codec::{Decode, Encode};
use dam_primitives::{
	AttestationInfo, ChannelId, ClaimType, KeyInfo, MachineId, MachineInfo, Mandate, MandateId,
	NonceWindow, Order, OrderId, PolicyInfo, QuotaInfo, ServiceId, ServiceInfo, ServiceKind,
	Stream, StreamId, Subject, USDT_ASSET_ID,
};
use futures::{future::try_join_all, stream::BoxStream, StreamExt};
use subxt::{
	backend::{Backend, TransactionStatus},
	config::{substrate::AccountId32, DefaultExtrinsicParamsBuilder},
	dynamic::Value,
	transactions::{Signer, ValidationResult},
	utils::{MultiSignature, H256},
};

use super::{block_of, call_at, retried, timed, AtBlock, Block, ChainError, LightNetwork};
use crate::{
	amount::{Dam, Usdt},
	chain::{
		config::DamConfig, events::Effects, Accreditation, Balances, Broadcast, Call, FriendGroup,
		Inclusion, Limits, MachineAndServices, Network, ProvenChannels, Recovery, RecoveryAttempt,
		Refusal, SignedCall,
	},
	keys::Key,
	AccountId,
};

/// Blocks in which a transaction can be included after it was signed: about two minutes.
///
/// Long enough to sit out a bad connection, short enough that a lost transaction is soon provably
/// lost. A power of two, as eras demand.
const MORTALITY: u32 = 128;

/// The shortest era there is.
const SHORTEST_ERA: u32 = 4;

/// `twox_128("System") ‖ twox_128("Events")`, as on every chain of this kind.
const EVENTS_KEY: [u8; 32] = [
	0x26, 0xaa, 0x39, 0x4e, 0xea, 0x56, 0x30, 0xe0, 0x7c, 0x48, 0xae, 0x0c, 0x95, 0x58, 0xce, 0xf7,
	0x80, 0xd4, 0x1e, 0x5e, 0x16, 0x05, 0x67, 0x65, 0xbc, 0x84, 0x61, 0x85, 0x10, 0x72, 0xc9, 0xd7,
];

impl Network for LightNetwork {
	fn genesis(&self) -> H256 {
		self.genesis
	}

	async fn finalized(&self) -> Result<Block, ChainError> {
		Ok(block_of(&self.at().await?))
	}

	async fn limits(&self) -> Result<Limits, ChainError> {
		let at = self.at().await?;
		let number = |pallet, name| constant::<u32>(&at, pallet, name);
		let dam = |pallet, name| constant::<u128>(&at, pallet, name).map(Dam::from_units);
		let usdt = |pallet| constant::<u128>(&at, pallet, "StorageDeposit").map(Usdt::from_units);
		Ok(Limits {
			statement: number("DamIdentity", "MaxStatementLifetime")?,
			offer: number("DamIdentity", "MaxOfferLifetime")?,
			approval: number("SpendingPolicy", "MaxApprovalLifetime")?,
			attestation: number("Attestations", "MaxAttestationLifetime")?,
			rotation_interval: number("DamIdentity", "RotationInterval")?,
			friends: number("Recovery", "MaxFriendsPerConfig")?,
			machine_deposit: dam("DamIdentity", "MachineDeposit")?,
			key_deposit: dam("DamIdentity", "KeyDeposit")?,
			attestation_deposit: dam("Attestations", "AttestationDeposit")?,
			recovery_deposit: dam("Recovery", "SecurityDeposit")?,
			bond: dam("FreeQuota", "MinBond")?,
			channel_deposit: usdt("Channels")?,
			least_grace: number("Channels", "MinGrace")?,
			most_grace: number("Channels", "MaxGrace")?,
			stream_deposit: usdt("Streams")?,
			mandate_deposit: usdt("Mandates")?,
			mandate: number("Mandates", "MaxLifetime")?,
			order_deposit: usdt("Orders")?,
			order_phase: number("Orders", "MaxPhase")?,
		})
	}

	async fn machine(&self, id: MachineId) -> Result<Option<MachineInfo<AccountId>>, ChainError> {
		self.call("the machine", "DamApi_machine", &id.encode()).await
	}

	async fn machine_of(&self, account: AccountId) -> Result<Option<MachineId>, ChainError> {
		self.call("the account's machine", "DamApi_machine_of", &account.encode()).await
	}

	async fn quota(&self, id: MachineId) -> Result<Option<QuotaInfo<AccountId>>, ChainError> {
		self.call("the machine's quota", "DamApi_quota", &id.encode()).await
	}

	async fn key(&self, account: AccountId) -> Result<Option<KeyInfo<AccountId>>, ChainError> {
		self.call("the key", "DamApi_key", &account.encode()).await
	}

	async fn children(
		&self,
		id: MachineId,
		after: Option<MachineId>,
		limit: u32,
	) -> Result<Vec<MachineId>, ChainError> {
		self.call("the machine's children", "DamApi_children", &(id, after, limit).encode()).await
	}

	async fn policy(&self, id: MachineId) -> Result<Option<PolicyInfo<AccountId>>, ChainError> {
		self.call("the machine's policy", "DamApi_policy", &id.encode()).await
	}

	async fn services(&self, id: MachineId) -> Result<Vec<ServiceInfo>, ChainError> {
		self.call("the machine's services", "DamApi_services", &id.encode()).await
	}

	async fn machine_and_services(
		&self,
		id: MachineId,
	) -> Result<Option<MachineAndServices>, ChainError> {
		let at = self.at().await?;
		let id = id.encode();
		let (machine, services) = futures::try_join!(
			call_at::<Option<_>>(&at, "the machine", "DamApi_machine", &id),
			call_at(&at, "the machine's services", "DamApi_services", &id),
		)?;
		Ok(machine.map(|machine| (machine, services)))
	}

	async fn services_by_kind(
		&self,
		kind: ServiceKind,
		after: Option<(MachineId, ServiceId)>,
		limit: u32,
	) -> Result<Vec<ServiceInfo>, ChainError> {
		let arguments = (kind, after, limit).encode();
		self.call("the services of a kind", "DamApi_services_by_kind", &arguments).await
	}

	async fn attestations(
		&self,
		subject: &Subject<AccountId>,
		after: Option<(ClaimType, AccountId)>,
		limit: u32,
	) -> Result<Vec<AttestationInfo<AccountId>>, ChainError> {
		let arguments = (subject, after, limit).encode();
		self.call("the attestations", "DamApi_attestations", &arguments).await
	}

	async fn attesters(
		&self,
		subject: &Subject<AccountId>,
		claim: ClaimType,
		at: u32,
	) -> Result<Vec<AccountId>, ChainError> {
		self.call("the attesters", "DamApi_attesters", &(subject, claim, at).encode()).await
	}

	async fn accreditation(
		&self,
		claim: ClaimType,
		attester: AccountId,
	) -> Result<Option<Accreditation>, ChainError> {
		let at = self.at().await?;
		// The variants of the claim are named on chain as they are in Rust.
		let claim = Value::unnamed_variant(format!("{claim:?}"), []);
		let keys = vec![claim, Value::from_bytes(attester.0)];
		entry(&at, "the accreditation", ("Attestations", "Accreditations"), keys).await
	}

	async fn recovery(&self, lost: AccountId) -> Result<Recovery, ChainError> {
		let at = self.at().await?;
		let who = || Value::from_bytes(lost.0);
		let read = "the recovery of the account";
		let groups =
			entry::<Vec<FriendGroup>>(&at, read, ("Recovery", "FriendGroups"), vec![who()]);
		let inheritor =
			entry::<(u32, AccountId)>(&at, read, ("Recovery", "Inheritor"), vec![who()]);
		let (groups, inheritor) = futures::try_join!(groups, inheritor)?;
		let groups = groups.unwrap_or_default();
		let attempts = try_join_all((0..groups.len()).map(|group| {
			let keys = vec![who(), Value::u128(group as u128)];
			entry::<RecoveryAttempt>(&at, read, ("Recovery", "Attempt"), keys)
		}))
		.await?;
		Ok(Recovery {
			groups,
			attempts: attempts.into_iter().flatten().collect(),
			inheritor: inheritor.map(|(_, account)| account),
			inherited_with: inheritor.map(|(priority, _)| priority),
		})
	}

	async fn channels(&self, ids: &[ChannelId]) -> Result<ProvenChannels, ChainError> {
		self.read_channels(ids).await
	}

	async fn stream(&self, id: StreamId) -> Result<Option<Stream<AccountId>>, ChainError> {
		self.call("the stream", "DamApi_stream", &id.encode()).await
	}

	async fn streams_of(
		&self,
		payer: MachineId,
	) -> Result<Vec<(StreamId, Stream<AccountId>)>, ChainError> {
		self.call("the machine's streams", "DamApi_streams_of", &payer.encode()).await
	}

	async fn mandate(&self, id: MandateId) -> Result<Option<Mandate<AccountId>>, ChainError> {
		self.call("the mandate", "DamApi_mandate", &id.encode()).await
	}

	async fn mandates_of(
		&self,
		payer: MachineId,
	) -> Result<Vec<(MandateId, Mandate<AccountId>)>, ChainError> {
		self.call("the machine's mandates", "DamApi_mandates_of", &payer.encode()).await
	}

	async fn order(&self, id: OrderId) -> Result<Option<Order<AccountId>>, ChainError> {
		self.call("the order", "DamApi_order", &id.encode()).await
	}

	async fn intent_nonces(&self, payer: MachineId) -> Result<NonceWindow, ChainError> {
		self.call("the machine's nonces", "DamApi_intent_nonces", &payer.encode()).await
	}

	async fn balances(&self, accounts: &[AccountId]) -> Result<(Block, Vec<Balances>), ChainError> {
		let at = self.at().await?;
		let all = try_join_all(accounts.iter().map(|account| balances_at(&at, *account))).await?;
		Ok((block_of(&at), all))
	}

	async fn sign(
		&self,
		call: &Call,
		key: &Key,
		nonce: Option<u64>,
	) -> Result<SignedCall, ChainError> {
		self.sign_within(call, key, nonce, MORTALITY).await
	}

	async fn sign_within(
		&self,
		call: &Call,
		key: &Key,
		nonce: Option<u64>,
		blocks: u32,
	) -> Result<SignedCall, ChainError> {
		let at = self.at().await?;
		let birth = block_of(&at);
		let mortality = mortality(blocks);
		let transactions = at.transactions();
		let signer = key.account();
		let nonce = match nonce {
			Some(nonce) => nonce,
			None => retried("the nonce", || transactions.account_nonce(&signer)).await?,
		};
		let params = DefaultExtrinsicParamsBuilder::<DamConfig>::new();
		let params = match self.fees.id() {
			Some(asset) => params.tip_of(0, asset),
			None => params,
		};
		let params = params
			.mortal_from_unchecked(mortality.into(), birth.number.into(), birth.hash)
			.nonce(nonce)
			.build();
		let payload = call.payload();
		let signed = transactions
			.create_signable_offline(&payload, params)
			.and_then(|mut signable| signable.sign(&DeviceSigner(key)))
			.map_err(|error| ChainError::Incompatible {
				what: "the chain's call",
				why: error.to_string(),
			})?;
		Ok(SignedCall {
			hash: signed.hash(),
			bytes: signed.into_encoded(),
			genesis: self.genesis,
			signer,
			nonce,
			birth,
			last_block: birth.number.saturating_add(mortality - 1),
		})
	}

	async fn validate(&self, call: &SignedCall) -> Result<Result<(), Refusal>, ChainError> {
		let at = self.at().await?;
		let transaction = at.transactions().from_bytes(call.bytes.clone());
		let result = retried("the check of the transaction", || transaction.validate()).await?;
		Ok(match result {
			ValidationResult::Valid(_) => Ok(()),
			ValidationResult::Invalid(invalid) => Err(invalid.into()),
			ValidationResult::Unknown(unknown) => Err(unknown.into()),
		})
	}

	async fn broadcast(
		&self,
		call: &SignedCall,
	) -> Result<BoxStream<'static, Broadcast>, ChainError> {
		// Once only: the caller decides what to do when it fails.
		let statuses =
			timed("sending the transaction", self.backend.submit_transaction(&call.bytes)).await?;
		let events = statuses.filter_map(|status| async move {
			Some(match status {
				Ok(TransactionStatus::Validated) => return None,
				Ok(TransactionStatus::Broadcasted) => Broadcast::Sent,
				Ok(
					TransactionStatus::InBestBlock { hash }
					| TransactionStatus::InFinalizedBlock { hash },
				) => Broadcast::InBlock(hash.hash()),
				Ok(TransactionStatus::NoLongerInBestBlock) => Broadcast::Retracted,
				Ok(
					TransactionStatus::Error { message } | TransactionStatus::Dropped { message },
				) => Broadcast::Dropped(message),
				Ok(TransactionStatus::Invalid { message }) => Broadcast::Invalid(message),
				Err(error) => Broadcast::Dropped(error.to_string()),
			})
		});
		Ok(events.boxed())
	}

	fn finalized_after(&self, after: Block) -> BoxStream<'static, Result<Block, ChainError>> {
		self.follow(after)
	}

	async fn find(&self, call: &SignedCall, block: Block) -> Result<Option<Inclusion>, ChainError> {
		let transactions = self.transactions_of(block).await?;
		let Some(index) = transactions.iter().position(|hash| *hash == call.hash) else {
			return Ok(None);
		};
		let index = u32::try_from(index).unwrap_or(u32::MAX);
		let bytes = retried("the events of a block", || async {
			match self.legacy.state_get_storage(&EVENTS_KEY, Some(block.hash)).await {
				Ok(Some(bytes)) => Ok(bytes),
				Ok(None) => Err("the block has none".to_owned()),
				Err(error) => Err(error.to_string()),
			}
		})
		.await?;
		// The metadata of the latest block: a block that carries a runtime upgrade between the two
		// is the only one that could differ.
		let at = self.at().await?;
		let events = at.events().from_bytes(bytes);
		let effects = Effects::of(&events, index, &at.metadata())?;
		let Effects { fee, usdt_fee, result, events } = effects;
		Ok(Some(Inclusion { block, index, fee, usdt_fee, result, events }))
	}
}

/// The longest era within so many blocks.
fn mortality(blocks: u32) -> u32 {
	let within = blocks.clamp(SHORTEST_ERA, MORTALITY);
	// Not zero: it is at least SHORTEST_ERA.
	1 << within.ilog2()
}

async fn balances_at(at: &AtBlock, account: AccountId32) -> Result<Balances, ChainError> {
	let who = || Value::from_bytes(account.0);
	let usdt = async {
		let keys = vec![Value::u128(USDT_ASSET_ID.into()), who()];
		let found = entry::<u128>(at, "the USDT balance", ("Assets", "Account"), keys).await?;
		Ok(found.unwrap_or_default())
	};
	let system = async {
		let keys = vec![who()];
		// Nonce, then three reference counters, then the free balance.
		let found =
			entry::<(u32, u32, u32, u32, u128)>(at, "the DAM balance", ("System", "Account"), keys)
				.await?;
		Ok::<_, ChainError>(found.map_or((0, 0), |(nonce, _, _, _, free)| (nonce, free)))
	};
	let (usdt, (nonce, dam)) = futures::try_join!(usdt, system)?;
	Ok(Balances { usdt: Usdt::from_units(usdt), dam: Dam::from_units(dam), nonce })
}

/// Reads an entry of the state with its proof, as far as `T` goes: what follows in the record is
/// not asked about.
async fn entry<T: Decode>(
	at: &AtBlock,
	what: &'static str,
	(pallet, name): (&'static str, &'static str),
	keys: Vec<Value>,
) -> Result<Option<T>, ChainError> {
	let address = subxt::dynamic::storage::<Vec<Value>, Value>(pallet, name);
	let storage = at.storage();
	let found = retried(what, || storage.try_fetch(&address, keys.clone())).await?;
	found.map(|value| first(what, value.bytes())).transpose()
}

/// A constant of the runtime.
fn constant<T: subxt::ext::scale_decode::DecodeAsType>(
	at: &AtBlock,
	pallet: &'static str,
	name: &'static str,
) -> Result<T, ChainError> {
	at.constants().entry(subxt::dynamic::constant::<T>(pallet, name)).map_err(|error| {
		ChainError::Incompatible {
			what: "a bound or deposit of the chain",
			why: format!("{pallet}.{name}: {error}"),
		}
	})
}

/// Decodes the beginning of a record.
fn first<T: Decode>(what: &'static str, mut bytes: &[u8]) -> Result<T, ChainError> {
	T::decode(&mut bytes).map_err(|error| ChainError::Incompatible { what, why: error.to_string() })
}

/// Lets subxt sign with a device's key.
struct DeviceSigner<'a>(&'a Key);

impl Signer<DamConfig> for DeviceSigner<'_> {
	fn account_id(&self) -> AccountId {
		self.0.account()
	}

	fn sign(&self, payload: &[u8]) -> MultiSignature {
		use dam_primitives::Signature;
		match self.0.sign(payload) {
			Signature::Ed25519(bytes) => MultiSignature::Ed25519(bytes),
			Signature::Sr25519(bytes) => MultiSignature::Sr25519(bytes),
			Signature::Ecdsa(bytes) => MultiSignature::Ecdsa(bytes),
		}
	}
}
