//! The payee's side: checking payments, keeping them, and knowing what they are worth.

pub(crate) mod record;
mod shared;

pub use shared::SharedAcceptor;

use std::{
	collections::{BTreeSet, HashMap},
	path::Path,
};

use codec::{Decode, DecodeAll, Encode};
use dam_primitives::{
	channel::MAX_HASHES_PER_CLAIM,
	crypto::SoftwareBlake2,
	exchange::{Answer, Refusal},
	voucher::CloseAgreement,
	Channel, ChannelId, ChannelPayment, ClaimFailure, PayWordReceiver, Payee, Signature,
};
use thiserror::Error;

use crate::{
	keys::{Curves, Signer},
	state::{payee_account, ChannelState, StateError},
	store::{Changes, Records, Role, Store, StoreError},
};
use record::Record;

/// Where [`Meta`] stands.
const META: &[u8] = b"payee";

/// What a payee puts up with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
	/// Most channels that are followed at a time. Each takes about half a kilobyte of memory.
	pub max_channels: u32,
	/// For how many blocks a proof of a channel's state is good enough to accept payments on. The
	/// caller proves the states of its channels again at least that often.
	pub max_state_age: u32,
	/// How many blocks a claim may take, from the decision to make it until it is settled, with all
	/// that can go wrong on the way.
	pub claim_margin: u32,
	/// Most hashes that are computed to check one link.
	pub max_hashes: u32,
}

impl Default for Limits {
	/// For blocks of a second: states of two minutes, and five minutes to claim.
	fn default() -> Self {
		Self {
			max_channels: 100_000,
			max_state_age: 120,
			claim_margin: 300,
			max_hashes: MAX_HASHES_PER_CLAIM,
		}
	}
}

impl Limits {
	/// The shortest grace period of a channel that is safe: should the payer ask to close right
	/// after the last proof, this much later there is still time to claim.
	pub const fn least_grace(&self) -> u32 {
		self.max_state_age.saturating_add(self.claim_margin)
	}
}

/// A payment that is on disk, so that it may be acknowledged.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Accepted {
	/// Through which channel.
	pub channel: ChannelId,
	/// What was accepted through it in all, in units of 0.000001 USDT.
	pub amount: u128,
	/// What this payment added.
	pub worth: u128,
}

/// A payment that was not accepted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("channel {channel}: {}", refusal.explain())]
pub struct Refused {
	/// Through which channel it was meant to go.
	pub channel: ChannelId,
	/// What was accepted through it in all so far, in units of 0.000001 USDT, and is on disk.
	pub accepted: u128,
	/// Why.
	pub refusal: Refusal,
}

/// What became of a payment.
pub type Outcome = Result<Accepted, Refused>;

/// What the payer is told.
pub const fn answer(outcome: &Outcome) -> Answer {
	match outcome {
		Ok(Accepted { channel, amount, .. }) => {
			Answer { channel: *channel, accepted: *amount, refusal: None }
		},
		Err(Refused { channel, accepted, refusal }) => {
			Answer { channel: *channel, accepted: *accepted, refusal: Some(*refusal) }
		},
	}
}

/// Why a payment was not accepted, or could not be kept.
#[derive(Debug, Error)]
pub enum AcceptError {
	/// The payment is not acceptable.
	#[error(transparent)]
	Refused(#[from] Refused),
	/// The disk. Nothing may be acknowledged.
	#[error(transparent)]
	Store(#[from] StoreError),
}

/// Why a channel cannot be finished.
#[derive(Debug, Error)]
pub enum FinishError {
	/// The channel is not followed.
	#[error("channel {0} is not followed: observe its state first")]
	UnknownChannel(ChannelId),
	/// The disk.
	#[error(transparent)]
	Store(#[from] StoreError),
}

/// Why a channel is not forgotten.
#[derive(Debug, Error)]
pub enum ForgetError {
	/// The channel is not followed.
	#[error("channel {0} is not followed: there is nothing to forget")]
	UnknownChannel(ChannelId),
	/// The proof is not newer than one that has the channel.
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
	/// The disk.
	#[error(transparent)]
	Store(#[from] StoreError),
}

/// Payments that are staged but not on disk yet: nothing may be said of them before
/// [`Acceptor::keep`] has returned.
#[must_use = "staged payments do not count before they are kept"]
#[derive(Debug)]
pub struct Staged(Vec<Outcome>);

impl Staged {
	/// How many of the payments will count once they are kept.
	pub fn accepted(&self) -> usize {
		self.0.iter().filter(|outcome| outcome.is_ok()).count()
	}
}

/// What an acceptor remembers apart from its channels.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode)]
struct Meta {
	/// Number of the next batch of claims.
	next_batch: u64,
	/// The latest block that was proven not to have a channel any more. A proof of an earlier block
	/// would bring that channel back to life here, and with it every voucher that was paid already.
	gone_at: u32,
}

/// A channel as its payee sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChannelStatus {
	/// As last proven.
	pub state: ChannelState,
	/// What was accepted in all, in units of 0.000001 USDT.
	pub accepted: u128,
	/// Of it, what is not settled yet.
	pub unsettled: u128,
	/// The cumulative amount of the claim under way.
	pub submitted: Option<u128>,
	/// Whether nothing more is accepted.
	pub finished: bool,
	/// How many claims in a row did not settle.
	pub failures: u32,
}

/// The payments of one payee, checked and kept.
///
/// Payments go through two steps: they are checked against what the chain says of their channel and
/// [staged](Self::stage_all) in memory, and then [kept](Self::keep) on disk, many at once. Only then
/// are they [`Accepted`], and only then may the payer hear of it. [`accept`](Self::accept) and
/// [`accept_all`](Self::accept_all) do both.
///
/// One payee uses one acceptor: two that do not know of each other would both give goods for the
/// same voucher.
#[derive(Debug)]
pub struct Acceptor {
	store: std::sync::Arc<Store>,
	genesis_hash: [u8; 32],
	payee: [u8; 32],
	limits: Limits,
	pub(crate) records: HashMap<ChannelId, Record>,
	/// Records that the disk does not have yet, or should have no more.
	dirty: BTreeSet<ChannelId>,
	meta: Meta,
	meta_is_dirty: bool,
}

impl Acceptor {
	/// Opens the acceptor of `payee` on the chain with that genesis hash, at `path`, or makes one.
	///
	/// # Errors
	/// [`StoreError`]. A damaged store is refused whole.
	pub fn open(
		path: &Path,
		genesis_hash: [u8; 32],
		payee: &Payee<[u8; 32]>,
		limits: Limits,
	) -> Result<Self, StoreError> {
		let payee = payee_account(payee);
		let (store, records) = Store::open(path, genesis_hash, Role::Payee(payee))?;
		Self::load(store, records, genesis_hash, payee, limits)
	}

	/// An acceptor elsewhere than in a file.
	#[cfg(test)]
	pub(crate) fn open_on(
		medium: impl redb::StorageBackend,
		genesis_hash: [u8; 32],
		payee: &Payee<[u8; 32]>,
		limits: Limits,
	) -> Result<Self, StoreError> {
		let payee = payee_account(payee);
		let (store, records) = Store::open_on(medium, genesis_hash, Role::Payee(payee))?;
		Self::load(store, records, genesis_hash, payee, limits)
	}

	fn load(
		store: Store,
		stored: Records,
		genesis_hash: [u8; 32],
		payee: [u8; 32],
		limits: Limits,
	) -> Result<Self, StoreError> {
		let mut records = HashMap::new();
		let mut meta = Meta::default();
		for (key, value) in stored {
			if key == META {
				meta = Meta::decode_all(&mut &value[..]).map_err(|_| {
					store.corrupted("what is known of all channels does not decode")
				})?;
				continue;
			}
			let channel = record::channel_of(&key)
				.ok_or_else(|| store.corrupted("it has a record of no kind that is known"))?;
			let record = Record::decode_all(&mut &value[..])
				.ok()
				.filter(Record::is_sound)
				.filter(|record| payee_account(&record.state.channel.payee) == payee)
				.ok_or_else(|| {
					store.corrupted(&format!("the record of channel {channel} makes no sense"))
				})?;
			records.insert(channel, record);
		}
		let store = std::sync::Arc::new(store);
		let dirty = BTreeSet::new();
		let meta_is_dirty = false;
		Ok(Self { store, genesis_hash, payee, limits, records, dirty, meta, meta_is_dirty })
	}

	/// Takes what the chain says of a channel, new or followed already. An older proof than the last
	/// one changes nothing. What is new, apart from the block of the proof, is on disk after the next
	/// commit.
	///
	/// # Errors
	/// [`StateError`] if it is not believed; then nothing is changed.
	pub fn observe(&mut self, channel: ChannelId, state: ChannelState) -> Result<(), StateError> {
		state.check()?;
		match self.records.get_mut(&channel) {
			Some(record) if state.at < record.state.at => return Ok(()),
			Some(record) => {
				let mut before = record.clone();
				record.observe(state)?;
				// Channels are seen again every few seconds, and hardly ever changed: a write for each
				// of them would wear a memory card out. Between the block on disk and this one the
				// channel was the same, so an older proof tells nothing else.
				before.state.at = record.state.at;
				if *record == before {
					return Ok(());
				}
			},
			None => {
				self.check_new(&state)?;
				self.records.insert(channel, Record::new(state));
			},
		}
		self.dirty.insert(channel);
		Ok(())
	}

	fn check_new(&self, state: &ChannelState) -> Result<(), StateError> {
		if payee_account(&state.channel.payee) != self.payee {
			return Err(StateError::OtherPayee);
		}
		let (grace, least) = (state.channel.grace, self.limits.least_grace());
		if grace < least {
			return Err(StateError::GraceTooShort { grace, least });
		}
		let gone_at = self.meta.gone_at;
		if state.at < gone_at {
			return Err(StateError::TooOld { at: state.at, gone_at });
		}
		if self.records.len() >= self.limits.max_channels as usize {
			return Err(StateError::TooManyChannels(self.limits.max_channels));
		}
		Ok(())
	}

	/// Accepts a payment in block `now`; returns once it is on disk.
	///
	/// `now` is the block that is being built, as far as is known: the last finalized one, and one
	/// more for every second since that was seen. Whoever is cut off from the chain must let it go
	/// on, so that payments are refused before proofs of states get too old.
	///
	/// # Errors
	/// [`AcceptError`]: then nothing may be acknowledged.
	pub fn accept(&mut self, payment: &ChannelPayment, now: u32) -> Result<Accepted, AcceptError> {
		let mut outcomes = self.accept_all(std::slice::from_ref(payment), now)?;
		let outcome = outcomes.pop().expect("there is one outcome for each payment; qed");
		Ok(outcome?)
	}

	/// Accepts payments in block `now`, in their order, with one commit for all of them.
	///
	/// # Errors
	/// [`StoreError`]: then none of them may be acknowledged.
	pub fn accept_all(
		&mut self,
		payments: &[ChannelPayment],
		now: u32,
	) -> Result<Vec<Outcome>, StoreError> {
		let staged = self.stage_all(payments, now);
		self.keep(staged)
	}

	/// Checks payments in block `now`, in their order, and takes those that are good into memory.
	/// None of them counts before they are [kept](Self::keep).
	pub fn stage_all(&mut self, payments: &[ChannelPayment], now: u32) -> Staged {
		let stage = |payment: &ChannelPayment| {
			let verified = self.check(payment, now).and_then(Unverified::verify);
			verified
				.and_then(|verified| self.stage(&verified, now))
				.map_err(|refusal| self.refuse(payment.channel(), refusal))
		};
		Staged(payments.iter().map(stage).collect())
	}

	/// Puts everything that is staged on disk, and tells what became of these payments.
	///
	/// # Errors
	/// [`StoreError`]: then none of them may be acknowledged.
	pub fn keep(&mut self, staged: Staged) -> Result<Vec<Outcome>, StoreError> {
		self.commit()?;
		Ok(staged.0)
	}

	/// What is cheap to check, and what is needed for the rest.
	pub(crate) fn check(&self, payment: &ChannelPayment, now: u32) -> Result<Unverified, Refusal> {
		let record = self
			.records
			.get(&payment.channel())
			.ok_or(Refusal::Claim(ClaimFailure::UnknownChannel))?;
		record.check_time(now, &self.limits)?;
		Ok(Unverified {
			payment: *payment,
			genesis_hash: self.genesis_hash,
			channel: record.state.channel.clone(),
			accepted: record.accepted,
			receiver: record.receiver(&self.limits),
			settles: now.saturating_add(self.limits.claim_margin),
		})
	}

	/// Keeps a verified payment in memory. It does not count before it is committed.
	pub(crate) fn stage(&mut self, verified: &Verified, now: u32) -> Result<Accepted, Refusal> {
		let Verified { payment, amount } = *verified;
		let channel = payment.channel();
		let record =
			self.records.get_mut(&channel).ok_or(Refusal::Claim(ClaimFailure::UnknownChannel))?;
		let worth = record.accept(&payment, amount, now, &self.limits)?;
		self.dirty.insert(channel);
		Ok(Accepted { channel, amount, worth })
	}

	pub(crate) fn refuse(&self, channel: ChannelId, refusal: Refusal) -> Refused {
		let accepted = self.records.get(&channel).map_or(0, |record| record.accepted);
		Refused { channel, accepted, refusal }
	}

	/// Whether the disk has everything.
	pub(crate) fn is_clean(&self) -> bool {
		self.dirty.is_empty() && !self.meta_is_dirty
	}

	/// What the disk does not have yet.
	pub(crate) fn take_changes(&mut self) -> Changes {
		let mut changes: Changes = std::mem::take(&mut self.dirty)
			.into_iter()
			.map(|channel| (record::key(channel), self.records.get(&channel).map(Encode::encode)))
			.collect();
		if std::mem::take(&mut self.meta_is_dirty) {
			changes.insert(META.to_vec(), Some(self.meta.encode()));
		}
		changes
	}

	/// Puts everything that is staged on disk.
	///
	/// # Errors
	/// [`StoreError`]: then nothing of it counts, and the acceptor must be opened again.
	pub fn commit(&mut self) -> Result<(), StoreError> {
		let changes = self.take_changes();
		if changes.is_empty() {
			return self.store.check();
		}
		self.store.write(&changes)
	}

	/// Whether every write so far succeeded.
	pub(crate) fn check_store(&self) -> Result<(), StoreError> {
		self.store.check()
	}

	/// The number of a new batch of claims.
	pub(crate) fn number_batch(&mut self) -> u64 {
		let number = self.meta.next_batch;
		self.meta.next_batch = number.saturating_add(1);
		self.meta_is_dirty = true;
		number
	}

	/// A record that is about to be changed.
	pub(crate) fn change(&mut self, channel: ChannelId) -> Option<&mut Record> {
		let record = self.records.get_mut(&channel)?;
		self.dirty.insert(channel);
		Some(record)
	}

	/// Takes nothing more through a channel, for good, and says what was accepted in all. What is
	/// unsettled is claimed next; then the payee can close the channel. Returns once that is on
	/// disk.
	///
	/// # Errors
	/// [`FinishError`].
	pub fn finish(&mut self, channel: ChannelId) -> Result<u128, FinishError> {
		let record = self.change(channel).ok_or(FinishError::UnknownChannel(channel))?;
		record.finished = true;
		let accepted = record.accepted;
		self.commit()?;
		Ok(accepted)
	}

	/// Finishes a channel and agrees that the payer closes it with exactly what was accepted.
	///
	/// # Errors
	/// [`FinishError`]: then nothing was signed.
	pub fn agree_to_close(
		&mut self,
		channel: ChannelId,
		signer: &impl Signer,
	) -> Result<(CloseAgreement, Signature), FinishError> {
		let settled = self.finish(channel)?;
		let agreement = CloseAgreement::new(self.genesis_hash, channel, settled);
		let signature = signer.sign(&agreement.signing_payload());
		Ok((agreement, signature))
	}

	/// Forgets a channel that the finalized block `at` is proven not to have: closed, so that its
	/// number never comes back. Returns what was accepted and not seen settled, in units of 0.000001
	/// USDT: lost, unless the last claim was settled right before the closing. Returns once it is gone
	/// from disk.
	///
	/// # Errors
	/// [`ForgetError`].
	pub fn forget_closed(&mut self, channel: ChannelId, at: u32) -> Result<u128, ForgetError> {
		let unsettled = self.stage_forgetting(channel, at)?;
		self.commit()?;
		Ok(unsettled)
	}

	/// The same, but it is gone from disk only after the next commit.
	pub(crate) fn stage_forgetting(
		&mut self,
		channel: ChannelId,
		at: u32,
	) -> Result<u128, ForgetError> {
		let record = self.records.get(&channel).ok_or(ForgetError::UnknownChannel(channel))?;
		let (seen, unsettled) = (record.state.at, record.unsettled());
		if at <= seen {
			return Err(ForgetError::TooOld { channel, at, seen });
		}
		self.records.remove(&channel);
		self.dirty.insert(channel);
		self.meta.gone_at = self.meta.gone_at.max(at);
		self.meta_is_dirty = true;
		Ok(unsettled)
	}

	/// What is known of a channel. Amounts may not be on disk yet.
	pub fn status(&self, channel: ChannelId) -> Option<ChannelStatus> {
		let record = self.records.get(&channel)?;
		Some(ChannelStatus {
			state: record.state.clone(),
			accepted: record.accepted,
			unsettled: record.unsettled(),
			submitted: record.submitted.map(|submitted| submitted.amount),
			finished: record.finished,
			failures: record.failures,
		})
	}

	/// The channels that are followed, in no order.
	pub fn channels(&self) -> impl Iterator<Item = ChannelId> + '_ {
		self.records.keys().copied()
	}

	/// What this payee puts up with.
	pub const fn limits(&self) -> &Limits {
		&self.limits
	}

	/// Where the acceptor keeps its payments.
	pub fn path(&self) -> &Path {
		self.store.path()
	}

	pub(crate) fn store(&self) -> std::sync::Arc<Store> {
		self.store.clone()
	}
}

/// A payment, and all that its proof is checked with.
pub(crate) struct Unverified {
	payment: ChannelPayment,
	genesis_hash: [u8; 32],
	channel: Channel<[u8; 32]>,
	accepted: u128,
	receiver: Option<PayWordReceiver>,
	settles: u32,
}

/// A payment whose proof is good.
///
/// It stays good whatever other payments of its channel are accepted meanwhile: vouchers are signed
/// one by one, and two links that lead down to the same one are of the same chain, or a collision of
/// BLAKE2b was found.
pub(crate) struct Verified {
	payment: ChannelPayment,
	amount: u128,
}

impl Unverified {
	/// Checks the proof: this is what takes time.
	pub(crate) fn verify(self) -> Result<Verified, Refusal> {
		let amount = match &self.payment {
			ChannelPayment::Voucher(voucher) => {
				let Self { genesis_hash, channel, accepted, settles, .. } = &self;
				voucher.check(*genesis_hash, channel, *accepted, *settles, &Curves)?;
				voucher.amount
			},
			ChannelPayment::Link(link) => {
				let receiver = self.receiver.as_ref().ok_or(ClaimFailure::WrongTerms)?;
				let (worth, _) =
					link.check::<SoftwareBlake2, _>(&self.channel, receiver, self.settles)?;
				// What it is worth is above the larger of the two.
				self.accepted
					.max(self.channel.settled)
					.checked_add(worth)
					.ok_or(ClaimFailure::ExceedsDeposit)?
			},
		};
		Ok(Verified { payment: self.payment, amount })
	}
}
