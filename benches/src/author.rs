//! Builds blocks as a validator does: a BABE slot that it claims with its key, the inherents, signed
//! extrinsics until the block is full, the seal.

use crate::{
	error::Error,
	events::{self, Events},
	extrinsic::{Extrinsic, Moves},
	node::{Node, State, Tip},
};
use dam_node::service::FullClient;
use dam_primitives::quota::QUOTA_EXHAUSTED;
use dam_runtime::{opaque::Block, units::SLOT_MILLISECONDS, BlockNumber, Hash, Header, Runtime};
use frame_support::dispatch::{DispatchClass, PerDispatchClass};
use polkadot_sdk::*;
use sc_block_builder::BlockBuilderBuilder;
use sc_client_api::HeaderBackend;
use sc_consensus::{BlockImport, BlockImportParams, ImportResult, StateAction, StorageChanges};
use sc_consensus_babe::{
	authorship::claim_slot, find_pre_digest, BabeIntermediate, Epoch, INTERMEDIATE_KEY,
};
use sc_consensus_epochs::descendent_query;
use sp_blockchain::{ApplyExtrinsicFailed, Error as ClientError};
use sp_consensus::BlockOrigin;
use sp_consensus_babe::{digests::CompatibleDigestItem, AuthorityId, Slot};
use sp_core::crypto::{key_types::BABE, ByteArray};
use sp_inherents::InherentDataProvider;
use sp_keyring::Sr25519Keyring;
use sp_runtime::{
	traits::{Block as _, Header as _},
	transaction_validity::{InvalidTransaction, TransactionValidityError},
	Digest, DigestItem, OpaqueExtrinsic,
};
use std::{
	iter::Peekable,
	path::Path,
	time::{Duration, Instant},
};

/// Slot of block 1, in June 2025: all slots must lie in the past when their blocks are imported, and
/// the same slots make the same chain every time.
const FIRST_SLOT: u64 = 1_750_000_000;

/// A block as it goes over the network.
#[derive(Clone)]
pub struct Sealed {
	/// Its number.
	pub number: BlockNumber,
	/// Its hash.
	pub hash: Hash,
	/// Its header, with the author's seal.
	pub header: Header,
	/// Its extrinsics, the inherents first.
	pub body: Vec<OpaqueExtrinsic>,
}

/// A block that was built, and what is in it.
pub struct Built {
	/// The block.
	pub block: Sealed,
	/// Payments in it.
	pub payments: u32,
	/// Extrinsics in it, without the inherents.
	pub extrinsics: u32,
	/// What they add to accounts and take from them.
	pub moves: Moves,
	/// What they weigh by the chain's own measure, of what all transactions of a block may.
	pub weight: Duration,
	/// Whether the next extrinsic was refused because it would not have fit.
	pub full: bool,
	/// From claiming the slot to the seal, without signing extrinsics.
	pub took: Duration,
}

/// The validator of a development chain.
pub struct Author {
	node: Node,
}

impl State for Author {
	fn chain(&self) -> &FullClient {
		self.node.client()
	}
}

impl Author {
	/// Opens the chain in `folder` with the key of its only validator.
	pub fn open(folder: &Path) -> Result<Self, Error> {
		// What the author makes goes past the queue.
		let (node, _) = Node::open(folder)?;
		node.keystore
			.sr25519_generate_new(BABE, Some(&Sr25519Keyring::Alice.to_seed()))
			.map_err(Error::node)?;
		Ok(Self { node })
	}

	/// Closes the database.
	pub fn close(self) -> Result<(), Error> {
		self.node.close()
	}

	/// Builds the next block out of what `waiting` offers, until the block is full or nothing is
	/// left, and adds it to the author's own chain as final.
	///
	/// The extrinsic that did not fit stays in `waiting`, for the next block.
	pub fn block<I>(&mut self, waiting: &mut Peekable<I>) -> Result<Built, Error>
	where
		I: Iterator<Item = Extrinsic>,
	{
		let tip = self.tip();
		let number = tip.number.saturating_add(1);
		let mut took = Stopwatch::default();

		let claimed = took.run(|| self.claim(tip))?;
		let mut builder = took.run(|| {
			let mut builder = BlockBuilderBuilder::new(&**self.node.client())
				.on_parent_block(tip.hash)
				.with_parent_block_number(tip.number)
				.with_inherent_digests(Digest { logs: vec![claimed.pre_digest.clone()] })
				.build()
				.map_err(Error::build(number))?;
			let data = self.inherent_data(claimed.slot).map_err(Error::build(number))?;
			for inherent in builder.create_inherents(data).map_err(Error::build(number))? {
				builder.push(inherent).map_err(Error::build(number))?;
			}
			Ok(builder)
		})?;
		let (mut payments, mut extrinsics, mut full) = (0u32, 0u32, false);
		let mut moves = Moves::new();
		// Looking at what waits signs it, so the watch does not run meanwhile.
		while let Some(next) = waiting.peek() {
			match took.run(|| builder.push(next.bytes.clone())) {
				Ok(()) => {
					payments = payments.saturating_add(next.payments);
					extrinsics = extrinsics.saturating_add(1);
					moves.extend(waiting.next().into_iter().flat_map(|pushed| pushed.moves));
				},
				Err(ClientError::ApplyExtrinsicFailed(ApplyExtrinsicFailed::Validity(
					TransactionValidityError::Invalid(InvalidTransaction::Custom(QUOTA_EXHAUSTED)),
				))) => return Err(Error::OutOfQuota),
				Err(ClientError::ApplyExtrinsicFailed(ApplyExtrinsicFailed::Validity(
					TransactionValidityError::Invalid(InvalidTransaction::ExhaustsResources),
				))) => {
					full = true;
					break;
				},
				Err(error) => return Err(Error::build(number)(error)),
			}
		}
		let (block, changes) =
			took.run(|| builder.build().map_err(Error::build(number)))?.into_inner();
		let (header, body) = block.deconstruct();
		let seal = took.run(|| self.seal(&header, &claimed.author))?;

		let mut import = BlockImportParams::new(BlockOrigin::Own, header.clone());
		import.post_digests.push(seal.clone());
		import.body = Some(body.clone());
		import.state_action = StateAction::ApplyChanges(StorageChanges::Changes(changes));
		import.insert_intermediate(
			INTERMEDIATE_KEY,
			BabeIntermediate::<Block> { epoch_descriptor: claimed.epoch_descriptor },
		);
		let import_into = &self.node.consensus.block_import;
		match self.node.block_on(import_into.import_block(import)).map_err(Error::import(number))? {
			ImportResult::Imported(_) => {},
			other => return Err(Error::import(number)(format!("{other:?}"))),
		}

		let mut sealed = header;
		sealed.digest_mut().push(seal);
		let hash = sealed.hash();
		self.node.finalize(hash).map_err(Error::import(number))?;
		let weight = self.weight()?;
		let block = Sealed { number, hash, header: sealed, body };
		Ok(Built { block, payments, extrinsics, moves, weight, full, took: took.0 })
	}

	/// What the transactions of the newest block weigh.
	fn weight(&self) -> Result<Duration, Error> {
		let key = frame_system::BlockWeight::<Runtime>::hashed_key();
		let weights: PerDispatchClass<frame_support::weights::Weight> =
			self.read(&key)?.ok_or_else(|| Error::state("a block has no weight"))?;
		// Reference time is in picoseconds.
		Ok(Duration::from_nanos(weights.get(DispatchClass::Normal).ref_time() / 1_000))
	}

	/// The events of the newest block.
	///
	/// # Errors
	/// If anything in the block failed.
	pub fn events(&self, block: &Sealed) -> Result<Events, Error> {
		let events: Events = self.read(&events::storage_key())?.unwrap_or_default();
		match events.iter().find_map(|record| events::failure(&record.event)) {
			Some(reason) => Err(Error::Content { number: block.number, reason }),
			None => Ok(events),
		}
	}

	/// Claims the slot after that of `parent`.
	fn claim(&self, parent: Tip) -> Result<Claimed, Error> {
		let number = parent.number.saturating_add(1);
		let client = self.node.client();
		let header = HeaderBackend::<Block>::header(&**client, parent.hash)
			.map_err(Error::build(number))?
			.ok_or_else(|| Error::build(number)("its parent is not in the database"))?;
		let slot = if parent.number == 0 {
			Slot::from(FIRST_SLOT)
		} else {
			find_pre_digest::<Block>(&header).map_err(Error::build(number))?.slot() + 1
		};
		let link = &self.node.consensus.babe_link;
		let epochs = link.epoch_changes().shared_data();
		let epoch_descriptor = epochs
			.epoch_descriptor_for_child_of(
				descendent_query(&**client),
				&parent.hash,
				parent.number,
				slot,
			)
			.map_err(Error::build(number))?
			.ok_or_else(|| Error::build(number)("BABE knows no epoch for it"))?;
		let (pre_digest, author) = epochs
			.viable_epoch(&epoch_descriptor, |slot| Epoch::genesis(link.config(), slot))
			.and_then(|epoch| claim_slot(slot, epoch.as_ref(), &self.node.keystore))
			.ok_or_else(|| Error::build(number)("the validator may not write in its slot"))?;
		let pre_digest = <DigestItem as CompatibleDigestItem>::babe_pre_digest(pre_digest);
		Ok(Claimed { slot, epoch_descriptor, pre_digest, author })
	}

	fn inherent_data(&self, slot: Slot) -> Result<sp_inherents::InherentData, sp_inherents::Error> {
		let timestamp = u64::from(slot).saturating_mul(SLOT_MILLISECONDS);
		let providers = (
			sp_timestamp::InherentDataProvider::new(timestamp.into()),
			sp_consensus_babe::inherents::InherentDataProvider::new(slot),
		);
		self.node.block_on(providers.create_inherent_data())
	}

	fn seal(&self, header: &Header, author: &AuthorityId) -> Result<DigestItem, Error> {
		let number = *header.number();
		let public = sp_core::sr25519::Public::from_slice(author.as_slice())
			.map_err(|()| Error::build(number)("the validator's key is malformed"))?;
		let signature = self
			.node
			.keystore
			.sr25519_sign(BABE, &public, header.hash().as_ref())
			.map_err(Error::build(number))?
			.ok_or_else(|| Error::build(number)("the validator's key is missing"))?;
		Ok(<DigestItem as CompatibleDigestItem>::babe_seal(signature.into()))
	}
}

/// A slot, and the right to write in it.
struct Claimed {
	slot: Slot,
	epoch_descriptor:
		sc_consensus_epochs::ViableEpochDescriptor<Hash, BlockNumber, sc_consensus_babe::Epoch>,
	pre_digest: DigestItem,
	author: AuthorityId,
}

/// Sums up the time of what it runs.
#[derive(Default)]
struct Stopwatch(Duration);

impl Stopwatch {
	fn run<T>(&mut self, work: impl FnOnce() -> T) -> T {
		let begun = Instant::now();
		let result = work();
		self.0 += begun.elapsed();
		result
	}
}
