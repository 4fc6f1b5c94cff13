//! The payer's side: promising money, and never promising it twice.

use std::{collections::HashMap, path::Path};

use codec::{Decode, DecodeAll, Encode};
use dam_primitives::{
	crypto::SoftwareBlake2,
	exchange::{Answer, Refusal},
	payword::{Link, PayWordChain},
	Channel, ChannelId, ChannelPayment, ClaimFailure, Intent, IntentFailure, Lock, PublicKey,
	RevealedLink, SignedIntent, SignedVoucher, Terms, Voucher,
};
use rand::{rngs::OsRng, RngCore};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::{
	keys::Signer,
	state::{ChannelState, StateError},
	store::{Changes, Records, Role, Store, StoreError},
};

/// Where the nonce of the next intent stands.
const NEXT_NONCE: &[u8] = b"next-nonce";

/// Why a payer does not pay.
#[derive(Debug, Error)]
pub enum PayError {
	/// The channel is not followed.
	#[error("channel {0} is not followed: observe its state first")]
	UnknownChannel(ChannelId),
	/// The state is not believed.
	#[error(transparent)]
	State(#[from] StateError),
	/// The channel pays in the other way.
	#[error("channel {0} pays in the other way: by vouchers, or by links")]
	WrongTerms(ChannelId),
	/// Nothing would be paid.
	#[error("the amount is zero: pay at least the smallest unit")]
	ZeroAmount,
	/// There is not so much left.
	#[error("channel {channel} has {left} left, in units of 0.000001 USDT: top it up")]
	ExceedsDeposit {
		/// Which channel.
		channel: ChannelId,
		/// What can still be paid.
		left: u128,
	},
	/// The channel takes another key's vouchers.
	#[error(
		"channel {0} takes vouchers of another key only: close it and open another with this key"
	)]
	WrongKey(ChannelId),
	/// The payer has asked to close it.
	#[error("channel {0} is being closed: open another")]
	Closing(ChannelId),
	/// The chain of hashes was not made here.
	#[error(
		"the seed of channel {0} is not in this store: use the store that made its hash chain"
	)]
	UnknownChain(ChannelId),
	/// Two channels were opened with one chain of hashes.
	#[error(
		"channel {channel} has the hash chain of channel {other}, so that a link that is shown through \
		 one is paid through both: close channel {channel} before any link is shown"
	)]
	ChainInUse {
		/// The channel that was to be followed.
		channel: ChannelId,
		/// The channel that is paid with this chain.
		other: ChannelId,
	},
	/// The channel may still exist.
	#[error(
		"block {at} cannot prove that channel {channel} is closed, since block {seen} has it: prove \
		 it of a later block"
	)]
	TooOld {
		/// Which channel.
		channel: ChannelId,
		/// The block of the proof.
		at: u32,
		/// The last block that is proven to have the channel.
		seen: u32,
	},
	/// The intent would never be taken.
	#[error("the intent is not signed: {}", .0.explain())]
	Intent(IntentFailure),
	/// No chain can be so long.
	#[error("a hash chain has 1 to 16777216 links")]
	BadLength,
	/// No link can be worth so little or so much.
	#[error("a link must be worth something, and all links no more than there can be")]
	BadUnit,
	/// Every nonce is used.
	#[error("all nonces are used: this machine can sign no more intents")]
	OutOfNonces,
	/// The disk. Nothing was handed out.
	#[error(transparent)]
	Store(#[from] StoreError),
}

/// A chain that was made but is not in a channel yet, or its secret once it is.
#[derive(Encode, Decode)]
struct Seed {
	seed: [u8; 32],
	length: u32,
}

/// What a payer remembers of a channel.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
struct Record {
	state: ChannelState,
	/// The root of its hash chain, if it has one.
	root: Option<Link>,
	/// What was promised in all. Never below what is settled.
	promised: u128,
	/// The last that was promised, to be handed out again.
	last: Option<ChannelPayment>,
}

/// A channel as its payer sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PayerStatus {
	/// As last proven.
	pub state: ChannelState,
	/// What was promised in all, in units of 0.000001 USDT.
	pub promised: u128,
	/// What can still be promised.
	pub left: u128,
	/// The last promise. To send it again is always safe.
	pub last: Option<ChannelPayment>,
}

/// What an answer of the payee means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reaction {
	/// The payee has everything that was promised.
	Paid,
	/// The payee has less than was promised and refuses nothing: send this.
	SendAgain(ChannelPayment),
	/// The payee has less than was promised, and does not take the rest.
	Refused {
		/// How much it does not have, in units of 0.000001 USDT.
		unpaid: u128,
		/// Why.
		refusal: Refusal,
	},
	/// The payee says that it has more than was ever promised here. It errs or lies, or this store is
	/// an old copy. Nothing must be promised because of it.
	Impossible,
}

/// The promises of one payer's machine.
///
/// Each is on disk before it is returned. So after a crash the payer knows the most that it can owe,
/// and begins by sending [`PayerStatus::last`] again: whoever has it already says so, at no cost.
#[derive(Debug)]
pub struct Payer {
	store: Store,
	genesis_hash: [u8; 32],
	records: HashMap<ChannelId, Record>,
	/// Chains in memory, by their roots; they are made again from their seeds when they are needed.
	chains: HashMap<Link, PayWordChain<SoftwareBlake2>>,
	seeds: HashMap<Link, Seed>,
	next_nonce: u64,
}

impl std::fmt::Debug for Seed {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		f.debug_struct("Seed").field("length", &self.length).finish_non_exhaustive()
	}
}

impl Drop for Seed {
	fn drop(&mut self) {
		zeroize::Zeroize::zeroize(&mut self.seed);
	}
}

impl Payer {
	/// Opens the payer's store for the chain with that genesis hash, at `path`, or makes one. It
	/// holds the secrets of hash chains: only its owner can read it.
	///
	/// # Errors
	/// [`StoreError`].
	pub fn open(path: &Path, genesis_hash: [u8; 32]) -> Result<Self, StoreError> {
		let (store, stored) = Store::open(path, genesis_hash, Role::Payer)?;
		Self::load(store, stored, genesis_hash)
	}

	/// A payer elsewhere than in a file.
	#[cfg(test)]
	pub(crate) fn open_on(
		medium: impl redb::StorageBackend,
		genesis_hash: [u8; 32],
	) -> Result<Self, StoreError> {
		let (store, stored) = Store::open_on(medium, genesis_hash, Role::Payer)?;
		Self::load(store, stored, genesis_hash)
	}

	fn load(store: Store, stored: Records, genesis_hash: [u8; 32]) -> Result<Self, StoreError> {
		let (mut records, mut seeds) = (HashMap::new(), HashMap::new());
		let mut next_nonce = 0;
		for (key, value) in stored {
			let value = Zeroizing::new(value);
			let bytes = &mut &value[..];
			if key == NEXT_NONCE {
				next_nonce = u64::decode_all(bytes)
					.map_err(|_| store.corrupted("the next nonce does not decode"))?;
			} else if let Some(channel) = crate::acceptor::record::channel_of(&key) {
				let record = Record::decode_all(bytes).ok().filter(Record::is_sound);
				let record = record.ok_or_else(|| {
					store.corrupted(&format!("the record of channel {channel} makes no sense"))
				})?;
				records.insert(channel, record);
			} else {
				let root = key.strip_prefix(b"chain/").and_then(|root| Link::try_from(root).ok());
				let seed = Seed::decode_all(bytes).ok();
				let (root, seed) = root
					.zip(seed)
					.ok_or_else(|| store.corrupted("it has a record of no kind that is known"))?;
				seeds.insert(root, seed);
			}
		}
		let seedless =
			|record: &&Record| record.root.is_some_and(|root| !seeds.contains_key(&root));
		if records.values().any(|record| seedless(&record)) {
			return Err(store.corrupted("the seed of a channel's hash chain is missing"));
		}
		let chains = HashMap::new();
		Ok(Self { store, genesis_hash, records, chains, seeds, next_nonce })
	}

	/// Makes a hash chain of `length` links, each worth `unit` (in units of 0.000001 USDT), and
	/// returns the terms with which to open a channel. The secret is on disk by then.
	///
	/// # Errors
	/// [`PayError::BadLength`], [`PayError::BadUnit`], [`PayError::Store`].
	pub fn make_chain(&mut self, length: u32, unit: u128) -> Result<Terms, PayError> {
		if unit == 0 || unit.checked_mul(length.into()).is_none() {
			return Err(PayError::BadUnit);
		}
		let mut seed = Seed { seed: [0; 32], length };
		OsRng.fill_bytes(&mut seed.seed);
		let chain = PayWordChain::<SoftwareBlake2>::new(&seed.seed, length)
			.map_err(|_| PayError::BadLength)?;
		let root = *chain.root();
		self.store.write(&Changes::from([(chain_key(&root), Some(seed.encode()))]))?;
		self.seeds.insert(root, seed);
		self.chains.insert(root, chain);
		Ok(Terms::HashChain { root, length, unit })
	}

	/// The roots of hash chains that were made for channels that are not followed, in no order: not
	/// opened yet, or never.
	pub fn spare_chains(&self) -> impl Iterator<Item = Link> + '_ {
		self.seeds.keys().copied().filter(|root| self.user_of(root).is_none())
	}

	/// Forgets a hash chain that no channel has, and never will have. Returns whether there was one,
	/// once it is gone from disk.
	///
	/// # Errors
	/// [`PayError::Store`].
	pub fn discard_chain(&mut self, root: &Link) -> Result<bool, PayError> {
		if !self.seeds.contains_key(root) || self.user_of(root).is_some() {
			return Ok(false);
		}
		self.store.write(&Changes::from([(chain_key(root), None)]))?;
		self.seeds.remove(root);
		self.chains.remove(root);
		Ok(true)
	}

	/// Loses a channel, as a crash right after the opening would.
	#[cfg(test)]
	pub(crate) fn forget_record(&mut self, channel: ChannelId) {
		let key = crate::acceptor::record::key(channel);
		self.store.write(&Changes::from([(key, None)])).unwrap();
		self.records.remove(&channel);
	}

	/// Damages the store.
	#[cfg(test)]
	pub(crate) fn forget_seed(&mut self, root: &Link) {
		self.store.write(&Changes::from([(chain_key(root), None)])).unwrap();
	}

	/// Through which channel the links of this chain are shown.
	fn user_of(&self, root: &Link) -> Option<ChannelId> {
		let user = self.records.iter().find(|(_, record)| record.root.as_ref() == Some(root));
		user.map(|(channel, _)| *channel)
	}

	/// Takes what the chain says of a channel, new or followed already. An older proof than the last
	/// one changes nothing. Returns once it is on disk.
	///
	/// # Errors
	/// [`PayError::State`]; for a new channel [`PayError::UnknownChain`] if its hash chain was not made
	/// here, and [`PayError::ChainInUse`] if another channel has the same.
	pub fn observe(&mut self, channel: ChannelId, state: ChannelState) -> Result<(), PayError> {
		state.check()?;
		let record = match self.records.get(&channel) {
			Some(record) if state.at < record.state.at => return Ok(()),
			Some(record) => {
				state.check_follows(&record.state)?;
				let settled = state.channel.settled;
				// More than was promised here: another store promised it, and it is paid.
				let (promised, last) = match record.promised >= settled {
					true => (record.promised, record.last),
					false => (settled, None),
				};
				Record { state, promised, root: record.root, last }
			},
			None => {
				let root = self.root_of(channel, &state.channel.lock)?;
				let promised = state.channel.settled;
				Record { state, root, promised, last: None }
			},
		};
		self.keep(channel, record)
	}

	/// The root of a new channel's hash chain, if it has one.
	fn root_of(&mut self, channel: ChannelId, lock: &Lock) -> Result<Option<Link>, PayError> {
		let Lock::HashChain { link, index, length, .. } = lock else { return Ok(None) };
		let candidates: Vec<Link> = match index {
			0 => vec![*link],
			// Links were claimed before the channel was seen here, so that the state no longer has the
			// root: then it must be found.
			_ => self.seeds.keys().copied().collect(),
		};
		for root in candidates {
			if self.seeds.get(&root).is_none_or(|seed| seed.length != *length)
				|| self.chain(channel, &root)?.link(*index).as_ref() != Some(link)
			{
				continue;
			}
			return match self.user_of(&root) {
				Some(other) => Err(PayError::ChainInUse { channel, other }),
				None => Ok(Some(root)),
			};
		}
		Err(PayError::UnknownChain(channel))
	}

	/// Promises `amount` more through a channel of vouchers. Returns once it is on disk.
	///
	/// # Errors
	/// [`PayError`]: then nothing was promised.
	pub fn pay(
		&mut self,
		channel: ChannelId,
		amount: u128,
		signer: &impl Signer,
	) -> Result<ChannelPayment, PayError> {
		let record = self.payable(channel)?;
		let Lock::Vouchers { signer: key } = &record.state.channel.lock else {
			return Err(PayError::WrongTerms(channel));
		};
		if *key != signer.public() {
			return Err(PayError::WrongKey(channel));
		}
		let promised = record.promise(channel, amount)?;
		let voucher = Voucher::new(self.genesis_hash, channel, promised);
		let signature = signer.sign(&voucher.signing_payload());
		let payment =
			ChannelPayment::Voucher(SignedVoucher { channel, amount: promised, signature });
		self.keep(channel, Record { promised, last: Some(payment), ..record.clone() })?;
		Ok(payment)
	}

	/// Promises `links` more links of a channel's hash chain. Returns once that is on disk.
	///
	/// # Errors
	/// [`PayError`]: then nothing was promised.
	pub fn pay_links(
		&mut self,
		channel: ChannelId,
		links: u32,
	) -> Result<ChannelPayment, PayError> {
		let record = self.payable(channel)?.clone();
		let (Lock::HashChain { unit, length, .. }, Some(root)) =
			(&record.state.channel.lock, record.root)
		else {
			return Err(PayError::WrongTerms(channel));
		};
		let exceeds = PayError::ExceedsDeposit { channel, left: record.left() };
		let Some(amount) = unit.checked_mul(links.into()) else { return Err(exceeds) };
		let promised = record.promise(channel, amount)?;
		// A chain's amounts are multiples of its unit, which is not zero.
		let index = promised.checked_div(*unit).and_then(|index| u32::try_from(index).ok());
		let Some(index) = index.filter(|index| index <= length) else { return Err(exceeds) };
		let link =
			self.chain(channel, &root)?.link(index).ok_or(PayError::UnknownChain(channel))?;
		let payment = ChannelPayment::Link(RevealedLink { channel, index, link });
		self.keep(channel, Record { promised, last: Some(payment), ..record })?;
		Ok(payment)
	}

	/// What an answer of the payee means for its channel.
	///
	/// # Errors
	/// [`PayError::UnknownChannel`].
	pub fn react(&self, answer: &Answer) -> Result<Reaction, PayError> {
		let channel = answer.channel;
		let record = self.records.get(&channel).ok_or(PayError::UnknownChannel(channel))?;
		let Some(unpaid) = record.promised.checked_sub(answer.accepted) else {
			return Ok(Reaction::Impossible);
		};
		Ok(match (answer.refusal, record.last) {
			_ if unpaid == 0 => Reaction::Paid,
			// Something older was sent than what was promised last.
			(None | Some(Refusal::Claim(ClaimFailure::NothingNew)), Some(last)) => {
				Reaction::SendAgain(last)
			},
			(Some(refusal), _) => Reaction::Refused { unpaid, refusal },
			// What was promised here is what others claimed: nothing to send.
			(None, None) => Reaction::Paid,
		})
	}

	/// Signs an intent, with the next nonce in place of its own. Returns once that is on disk: no
	/// nonce is used twice, though a crash may leave one out.
	///
	/// # Errors
	/// [`PayError::Intent`], [`PayError::OutOfNonces`], [`PayError::Store`].
	pub fn sign_intent(
		&mut self,
		intent: Intent,
		signer: &impl Signer,
	) -> Result<SignedIntent, PayError> {
		// Whether it makes sense: when it will be submitted is not known here.
		intent.check(intent.valid_from).map_err(PayError::Intent)?;
		let nonce = self.next_nonce;
		let next = nonce.checked_add(1).ok_or(PayError::OutOfNonces)?;
		self.store.write(&Changes::from([(NEXT_NONCE.to_vec(), Some(next.encode()))]))?;
		self.next_nonce = next;
		let intent = Intent { nonce, ..intent };
		let signature = signer.sign(&intent.signing_payload(&self.genesis_hash));
		Ok(SignedIntent { intent, signature })
	}

	/// Signs intents with no nonce below `nonce` from now on. For a store that was made anew: the
	/// chain tells which nonces of the machine were used. Returns once that is on disk.
	///
	/// # Errors
	/// [`PayError::Store`].
	pub fn skip_nonces(&mut self, nonce: u64) -> Result<(), PayError> {
		if nonce > self.next_nonce {
			self.store.write(&Changes::from([(NEXT_NONCE.to_vec(), Some(nonce.encode()))]))?;
			self.next_nonce = nonce;
		}
		Ok(())
	}

	/// Forgets a channel that the finalized block `at` is proven not to have, with the seed of its
	/// chain. Returns once it is gone from disk.
	///
	/// # Errors
	/// [`PayError::UnknownChannel`], [`PayError::TooOld`], [`PayError::Store`].
	pub fn forget_closed(&mut self, channel: ChannelId, at: u32) -> Result<(), PayError> {
		let record = self.records.get(&channel).ok_or(PayError::UnknownChannel(channel))?;
		let (seen, root) = (record.state.at, record.root);
		if at <= seen {
			return Err(PayError::TooOld { channel, at, seen });
		}
		let mut changes = Changes::from([(crate::acceptor::record::key(channel), None)]);
		changes.extend(root.map(|root| (chain_key(&root), None)));
		self.store.write(&changes)?;
		self.records.remove(&channel);
		if let Some(root) = root {
			self.seeds.remove(&root);
			self.chains.remove(&root);
		}
		Ok(())
	}

	/// What is known of a channel.
	pub fn status(&self, channel: ChannelId) -> Option<PayerStatus> {
		let record = self.records.get(&channel)?;
		Some(PayerStatus {
			state: record.state.clone(),
			promised: record.promised,
			left: record.left(),
			last: record.last,
		})
	}

	/// The key whose vouchers a channel takes, if it takes any.
	pub fn signer(&self, channel: ChannelId) -> Option<PublicKey> {
		match self.records.get(&channel)?.state.channel.lock {
			Lock::Vouchers { signer } => Some(signer),
			Lock::HashChain { .. } => None,
		}
	}

	/// The channels that are followed, in no order.
	pub fn channels(&self) -> impl Iterator<Item = ChannelId> + '_ {
		self.records.keys().copied()
	}

	fn payable(&self, channel: ChannelId) -> Result<&Record, PayError> {
		let record = self.records.get(&channel).ok_or(PayError::UnknownChannel(channel))?;
		if record.state.channel.closing.is_some() {
			return Err(PayError::Closing(channel));
		}
		Ok(record)
	}

	fn chain(
		&mut self,
		channel: ChannelId,
		root: &Link,
	) -> Result<&mut PayWordChain<SoftwareBlake2>, PayError> {
		if !self.chains.contains_key(root) {
			let seed = self.seeds.get(root).ok_or(PayError::UnknownChain(channel))?;
			let chain = PayWordChain::new(&seed.seed, seed.length)
				.ok()
				.filter(|chain| chain.root() == root)
				.ok_or_else(|| self.store.corrupted("a seed does not lead to its root"))?;
			self.chains.insert(*root, chain);
		}
		self.chains.get_mut(root).ok_or(PayError::UnknownChain(channel))
	}

	fn keep(&mut self, channel: ChannelId, record: Record) -> Result<(), PayError> {
		let key = crate::acceptor::record::key(channel);
		self.store.write(&Changes::from([(key, Some(record.encode()))]))?;
		self.records.insert(channel, record);
		Ok(())
	}
}

impl Record {
	fn left(&self) -> u128 {
		self.state.channel.deposit.saturating_sub(self.promised)
	}

	/// What is promised in all after `amount` more.
	fn promise(&self, channel: ChannelId, amount: u128) -> Result<u128, PayError> {
		if amount == 0 {
			return Err(PayError::ZeroAmount);
		}
		let left = self.left();
		if amount > left {
			return Err(PayError::ExceedsDeposit { channel, left });
		}
		Ok(self.promised.saturating_add(amount))
	}

	/// Whether the record is one that this program writes.
	fn is_sound(&self) -> bool {
		let Channel { settled, deposit, lock, .. } = &self.state.channel;
		let is_chain = matches!(lock, Lock::HashChain { .. });
		self.state.check().is_ok()
			&& (*settled..=*deposit).contains(&self.promised)
			&& self.root.is_some() == is_chain
			&& self.last.iter().all(|last| matches!(last, ChannelPayment::Link(_)) == is_chain)
	}
}

fn chain_key(root: &Link) -> Vec<u8> {
	let mut key = b"chain/".to_vec();
	key.extend(root);
	key
}
