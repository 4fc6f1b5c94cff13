//! [`Network`] on the light client.

use codec::{Decode, Encode};
use dam_primitives::{MachineId, MachineInfo, QuotaInfo, USDT_ASSET_ID};
use futures::{future::try_join_all, stream::BoxStream, StreamExt};
use subxt::{
	backend::{Backend, TransactionStatus},
	config::{
		substrate::{AccountId32, BlakeTwo256},
		DefaultExtrinsicParamsBuilder, Hasher,
	},
	dynamic::Value,
	transactions::{Signer, ValidationResult},
	utils::{MultiSignature, H256},
};

use super::{block_of, retried, timed, AtBlock, Block, ChainError, LightNetwork};
use crate::{
	amount::{Dam, Usdt},
	chain::{
		config::DamConfig, events::Effects, Balances, Broadcast, Call, Inclusion, Network, Refusal,
		SignedCall,
	},
	keys::Key,
	AccountId,
};

/// Blocks in which a transaction can be included after it was signed: about two minutes.
///
/// Long enough to sit out a bad connection, short enough that a lost transaction is soon provably
/// lost. A power of two, as eras demand.
const MORTALITY: u32 = 128;

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

	async fn longest_statement(&self) -> Result<u32, ChainError> {
		let at = self.at().await?;
		let constant = subxt::dynamic::constant::<u32>("DamIdentity", "MaxStatementLifetime");
		at.constants().entry(constant).map_err(|error| ChainError::Incompatible {
			what: "the longest validity of a registration",
			why: error.to_string(),
		})
	}

	async fn machine(&self, id: MachineId) -> Result<Option<MachineInfo<AccountId>>, ChainError> {
		self.call("the machine", "DamApi_machine", &id.encode()).await
	}

	async fn machine_of(&self, account: AccountId) -> Result<Option<MachineId>, ChainError> {
		self.call("the account's machine", "DamApi_machine_of", &account.encode()).await
	}

	async fn quota(&self, id: MachineId) -> Result<Option<QuotaInfo>, ChainError> {
		self.call("the machine's quota", "DamApi_quota", &id.encode()).await
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
		let at = self.at().await?;
		let birth = block_of(&at);
		let transactions = at.transactions();
		let signer = key.account();
		let nonce = match nonce {
			Some(nonce) => nonce,
			None => retried("the nonce", || transactions.account_nonce(&signer)).await?,
		};
		let params = DefaultExtrinsicParamsBuilder::<DamConfig>::new()
			.mortal_from_unchecked(MORTALITY.into(), birth.number.into(), birth.hash)
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
			last_block: birth.number.saturating_add(MORTALITY - 1),
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
		let body = retried("a block", || async {
			match self.legacy.chain_get_block(Some(block.hash)).await {
				Ok(Some(details)) => Ok(details.block.extrinsics),
				Ok(None) => Err("no peer gave a valid one".to_owned()),
				Err(error) => Err(error.to_string()),
			}
		})
		.await?;
		let Some(index) =
			body.iter().position(|extrinsic| BlakeTwo256.hash(&extrinsic.0) == call.hash)
		else {
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
		let Effects { fee, result, events } = effects;
		Ok(Some(Inclusion { block, index, fee, result, events }))
	}
}

async fn balances_at(at: &AtBlock, account: AccountId32) -> Result<Balances, ChainError> {
	let who = || Value::from_bytes(account.0);
	let storage = at.storage();
	let usdt = async {
		let address = subxt::dynamic::storage::<Vec<Value>, Value>("Assets", "Account");
		let keys = || vec![Value::u128(USDT_ASSET_ID.into()), who()];
		let found = retried("the USDT balance", || storage.try_fetch(&address, keys())).await?;
		// The record begins with the balance; what follows is not asked about.
		found.map_or(Ok(0), |value| first::<u128>("the USDT balance", value.bytes()))
	};
	let system = async {
		let address = subxt::dynamic::storage::<Vec<Value>, Value>("System", "Account");
		let found = retried("the DAM balance", || storage.try_fetch(&address, vec![who()])).await?;
		found.map_or(Ok((0, 0)), |value| {
			// Nonce, then three reference counters, then the free balance.
			let (nonce, _, _, _, free) =
				first::<(u32, u32, u32, u32, u128)>("the DAM balance", value.bytes())?;
			Ok((nonce, free))
		})
	};
	let (usdt, (nonce, dam)) = futures::try_join!(usdt, system)?;
	Ok(Balances { usdt: Usdt::from_units(usdt), dam: Dam::from_units(dam), nonce })
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
