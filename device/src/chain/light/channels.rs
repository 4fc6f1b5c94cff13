//! Channels, many at a time, each with a storage proof.
//!
//! A payee gives up a channel that a block is proven not to have. So "nothing there" must never be
//! the reading of an answer that was cut short: the request used here answers for every key, with a
//! value or with its absence, and anything else is a failure.

use std::{
	collections::{BTreeMap, BTreeSet, HashMap},
	time::{Duration, SystemTime},
};

use codec::DecodeAll;
use dam_primitives::{Channel, ChannelId, KeyRights, Lock, MachineId, PublicKey};
use subxt::{dynamic::Value, utils::H256};

use super::{block_of, retried, AtBlock, ChainError, Legacy, LightNetwork};
use crate::{
	chain::{ProvenChannel, ProvenChannels},
	keys::account_of,
	AccountId,
};

/// Keys of one request: its answer stays far below what nodes send at once.
const KEYS_PER_REQUEST: usize = 128;

/// `twox_128("Timestamp") ‖ twox_128("Now")`, as on every chain of this kind: milliseconds since 1970.
const TIMESTAMP_KEY: [u8; 32] = [
	0xf0, 0xc3, 0x65, 0xc3, 0xcf, 0x59, 0xd6, 0x71, 0xeb, 0x72, 0xda, 0x0e, 0x7a, 0x41, 0x13, 0xc4,
	0x9f, 0x1f, 0x05, 0x15, 0xf4, 0x62, 0xcd, 0xcf, 0x84, 0xe0, 0xf1, 0xd6, 0x04, 0x5d, 0xfc, 0xbb,
];

/// A key as it stands in the state: machine, place, key, rights, first and last block, horizon.
type KeyRecord = (MachineId, u32, PublicKey, KeyRights, u32, Option<u32>, Option<u32>);

impl LightNetwork {
	/// See [`Network::channels`](crate::chain::Network::channels).
	pub(super) async fn read_channels(
		&self,
		ids: &[ChannelId],
	) -> Result<ProvenChannels, ChainError> {
		let at = self.at().await?;
		let block = block_of(&at);
		let mut keys = keys(&at, ("Channels", "Channels"), ids, |id| Value::u128((*id).into()))?;
		keys.push(TIMESTAMP_KEY.to_vec());
		let records = self.values("the channels", block.hash, &keys).await?;
		let built_at = match records.get(&TIMESTAMP_KEY[..]) {
			Some(Some(bytes)) => built_at(decode("a block's time", bytes)?)?,
			_ => return Err(timeless("the block has none".into())),
		};
		keys.pop();
		let channels = keys
			.iter()
			.map(|key| match records.get(key) {
				Some(Some(bytes)) => decode::<Channel<AccountId>>("a channel", bytes).map(Some),
				_ => Ok(None),
			})
			.collect::<Result<Vec<_>, _>>()?;

		let signers: Vec<AccountId> = channels
			.iter()
			.flatten()
			.filter_map(signer_of)
			.collect::<BTreeSet<_>>()
			.into_iter()
			.collect();
		let keys = keys_of(&at, &signers)?;
		let records = self.values("the keys of channels", block.hash, &keys).await?;
		let mut horizons = BTreeMap::new();
		for (signer, key) in signers.iter().zip(&keys) {
			let Some(Some(bytes)) = records.get(key) else {
				return Err(ChainError::Incompatible {
					what: "the signer of a channel",
					why: format!("no machine ever had the key of {signer}"),
				});
			};
			let (.., claimable_until) = decode::<KeyRecord>("a key", bytes)?;
			horizons.insert(*signer, claimable_until);
		}
		let proven = channels.into_iter().map(|channel| {
			let channel = channel?;
			let horizon = signer_of(&channel).and_then(|signer| horizons.get(&signer).copied());
			Some(ProvenChannel { channel, signer_until: horizon.flatten() })
		});
		Ok(ProvenChannels { block, built_at, channels: proven.collect() })
	}

	/// What stands in the state under each of `keys`; `None` for what is proven not to be there.
	async fn values(
		&self,
		what: &'static str,
		at: H256,
		keys: &[Vec<u8>],
	) -> Result<HashMap<Vec<u8>, Option<Vec<u8>>>, ChainError> {
		let mut all = HashMap::with_capacity(keys.len());
		for chunk in keys.chunks(KEYS_PER_REQUEST) {
			all.extend(retried(what, || ask(&self.legacy, at, chunk)).await?);
		}
		Ok(all)
	}
}

async fn ask(
	legacy: &Legacy,
	at: H256,
	keys: &[Vec<u8>],
) -> Result<HashMap<Vec<u8>, Option<Vec<u8>>>, String> {
	let sets = legacy
		.state_query_storage_at(keys.iter().map(Vec::as_slice), Some(at))
		.await
		.map_err(|error| error.to_string())?;
	let found: HashMap<_, _> = sets
		.into_iter()
		.filter(|set| set.block == at)
		.flat_map(|set| set.changes)
		.map(|(key, value)| (key.0, value.map(|value| value.0)))
		.collect();
	match keys.iter().all(|key| found.contains_key(key)) {
		true => Ok(found),
		false => Err("the answer leaves something out".into()),
	}
}

fn built_at(milliseconds: u64) -> Result<SystemTime, ChainError> {
	SystemTime::UNIX_EPOCH
		.checked_add(Duration::from_millis(milliseconds))
		.ok_or_else(|| timeless(format!("{milliseconds} ms since 1970 is no time")))
}

fn timeless(why: String) -> ChainError {
	ChainError::Incompatible { what: "a block's time", why }
}

fn signer_of(channel: &Channel<AccountId>) -> Option<AccountId> {
	match &channel.lock {
		Lock::Vouchers { signer } => Some(account_of(signer)),
		Lock::HashChain { .. } => None,
	}
}

fn keys_of(at: &AtBlock, accounts: &[AccountId]) -> Result<Vec<Vec<u8>>, ChainError> {
	keys(at, ("DamIdentity", "Keys"), accounts, |account| Value::from_bytes(account.0))
}

/// The keys of entries of a map.
fn keys<I>(
	at: &AtBlock,
	(pallet, name): (&'static str, &'static str),
	items: &[I],
	key: impl Fn(&I) -> Value,
) -> Result<Vec<Vec<u8>>, ChainError> {
	let incompatible = |why: String| ChainError::Incompatible { what: "the chain's state", why };
	let address = subxt::dynamic::storage::<Vec<Value>, Value>(pallet, name);
	let storage = at.storage();
	let map = storage.entry(&address).map_err(|error| incompatible(error.to_string()))?;
	items
		.iter()
		.map(|item| map.fetch_key(vec![key(item)]).map_err(|error| incompatible(error.to_string())))
		.collect()
}

fn decode<T: DecodeAll>(what: &'static str, mut bytes: &[u8]) -> Result<T, ChainError> {
	T::decode_all(&mut bytes)
		.map_err(|error| ChainError::Incompatible { what, why: error.to_string() })
}
