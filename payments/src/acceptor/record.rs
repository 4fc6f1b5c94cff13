//! What a payee remembers of a channel.

use codec::{Decode, Encode};
use dam_primitives::{
	channel::MAX_HASHES_PER_CLAIM, exchange::Refusal, payword::Link, ChannelId, ChannelPayment,
	ClaimFailure, Lock, PayWordReceiver, RevealedLink, Signature, SignedVoucher,
};

use super::Limits;
use crate::state::{ChannelState, StateError};

/// Longest wait between two tries of a claim that does not settle, as a power of two of blocks.
const LONGEST_WAIT: u32 = 10;

/// What proves a cumulative amount.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub(crate) enum Proof {
	/// Signature of a voucher.
	#[codec(index = 0)]
	Voucher(Signature),
	/// Link of a hash chain, with its number.
	#[codec(index = 1)]
	Link(u32, Link),
}

/// A claim that was handed out to be submitted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub(crate) struct Submission {
	/// In which batch.
	pub batch: u64,
	/// Where in the batch.
	pub position: u32,
	/// Cumulative amount that it claims.
	pub amount: u128,
	/// What proves it.
	pub proof: Proof,
	/// Block in which the oldest of what it claims was accepted.
	pub since: u32,
	/// Last block in which its transaction can be included.
	pub until: u32,
}

/// A channel of this payee.
///
/// `settled <= accepted <= deposit`, the proof is of `accepted`, and there is one exactly while
/// something is unsettled.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub(crate) struct Record {
	/// As last proven.
	pub state: ChannelState,
	/// What was accepted in all.
	pub accepted: u128,
	/// Of `accepted`, while that is not settled.
	pub proof: Option<Proof>,
	/// Block in which the oldest of what is neither settled nor submitted was accepted.
	pub since: Option<u32>,
	/// The claim under way.
	pub submitted: Option<Submission>,
	/// Nothing more is accepted.
	pub finished: bool,
	/// How many claims in a row did not settle.
	pub failures: u32,
	/// First block in which the next claim is made, unless it is urgent.
	pub retry_at: u32,
}

impl Record {
	/// A channel of which nothing was accepted here, though its settled amount counts.
	pub fn new(state: ChannelState) -> Self {
		Self {
			accepted: state.channel.settled,
			state,
			proof: None,
			since: None,
			submitted: None,
			finished: false,
			failures: 0,
			retry_at: 0,
		}
	}

	/// What was accepted and is not settled yet.
	pub fn unsettled(&self) -> u128 {
		self.accepted.saturating_sub(self.state.channel.settled)
	}

	/// Whether the record is one that this program writes.
	pub fn is_sound(&self) -> bool {
		let channel = &self.state.channel;
		let proves = |proof: &Proof, amount: u128| match (proof, &channel.lock) {
			(Proof::Voucher(_), Lock::Vouchers { .. }) => true,
			(Proof::Link(index, _), Lock::HashChain { length, unit, .. }) => {
				index <= length && unit.checked_mul((*index).into()) == Some(amount)
			},
			_ => false,
		};
		let claimed = self.submitted.map_or(channel.settled, |submitted| submitted.amount);
		self.state.check().is_ok()
			&& (channel.settled..=channel.deposit).contains(&self.accepted)
			&& self.proof.is_some() == (self.unsettled() > 0)
			&& self.proof.iter().all(|proof| proves(proof, self.accepted))
			&& self.since.is_some() == (self.accepted > claimed)
			&& self.submitted.iter().all(|submitted| {
				submitted.amount > channel.settled
					&& submitted.amount <= self.accepted
					&& proves(&submitted.proof, submitted.amount)
			})
	}

	/// Takes a later state of the channel.
	pub fn observe(&mut self, state: ChannelState) -> Result<(), StateError> {
		state.check_follows(&self.state)?;
		let before = self.state.channel.settled;
		self.state = state;
		let settled = self.state.channel.settled;
		if settled > before {
			// Claims do settle: there is nothing to wait for.
			(self.failures, self.retry_at) = (0, 0);
		}
		if settled >= self.accepted {
			// Perhaps somebody else claimed more than was ever shown here: it is not worth anything
			// a second time.
			(self.accepted, self.proof, self.since) = (settled, None, None);
		}
		match self.submitted {
			Some(submitted) if submitted.amount <= settled => self.submitted = None,
			// Every block that could include it is final, and none did.
			Some(submitted) if self.state.at > submitted.until => {
				let since = self.since.map_or(submitted.since, |since| since.min(submitted.since));
				(self.submitted, self.since) = (None, Some(since));
				let wait = 1 << self.failures.min(LONGEST_WAIT);
				self.failures = self.failures.saturating_add(1);
				self.retry_at = self.state.at.saturating_add(wait);
			},
			_ => {},
		}
		Ok(())
	}

	/// Whether a payment that is accepted in block `now` can be claimed in time.
	pub fn check_time(&self, now: u32, limits: &Limits) -> Result<(), Refusal> {
		if self.finished {
			return Err(Refusal::Finished);
		}
		// Should the payer have asked to close right after the proof, there is still time to claim.
		let grace = self.state.channel.grace.saturating_sub(limits.claim_margin);
		if now.saturating_sub(self.state.at) > limits.max_state_age.min(grace) {
			return Err(Refusal::StateTooOld);
		}
		let settles = now.saturating_add(limits.claim_margin);
		if self.state.channel.closing.is_some_and(|last_block| settles > last_block) {
			return Err(ClaimFailure::Closed.into());
		}
		if self.state.deadline().is_some_and(|last_block| settles > last_block) {
			return Err(ClaimFailure::KeyExpired.into());
		}
		Ok(())
	}

	/// From where links are checked: the best that is known.
	pub fn receiver(&self, limits: &Limits) -> Option<PayWordReceiver> {
		let Lock::HashChain { length, .. } = self.state.channel.lock else { return None };
		let receiver = match self.proof {
			Some(Proof::Link(index, link)) => PayWordReceiver::new(link, index, length),
			_ => self.state.receiver()?,
		};
		Some(receiver.with_max_hashes(limits.max_hashes))
	}

	/// How many hashes one claim of everything would take.
	pub fn hashes(&self) -> u32 {
		match (self.proof, &self.state.channel.lock) {
			(Some(Proof::Link(best, _)), Lock::HashChain { index, .. }) => {
				best.saturating_sub(*index)
			},
			_ => 0,
		}
	}

	/// Whether it takes more hashes to claim everything than one claim may compute.
	pub fn is_far(&self) -> bool {
		self.hashes() >= MAX_HASHES_PER_CLAIM
	}

	/// Keeps a payment whose proof was verified; returns what it is worth.
	pub fn accept(
		&mut self,
		payment: &ChannelPayment,
		amount: u128,
		now: u32,
		limits: &Limits,
	) -> Result<u128, Refusal> {
		self.check_time(now, limits)?;
		// Another payment of this channel may have come in while this one was verified.
		let worth = amount
			.checked_sub(self.accepted)
			.filter(|worth| *worth > 0)
			.ok_or(ClaimFailure::NothingNew)?;
		self.accepted = amount;
		self.proof = Some(match payment {
			ChannelPayment::Voucher(SignedVoucher { signature, .. }) => Proof::Voucher(*signature),
			ChannelPayment::Link(RevealedLink { index, link, .. }) => Proof::Link(*index, *link),
		});
		self.since.get_or_insert(now);
		Ok(worth)
	}
}

/// Where a channel's record stands in the store.
pub(crate) fn key(channel: ChannelId) -> Vec<u8> {
	let mut key = b"channel/".to_vec();
	key.extend(channel.to_be_bytes());
	key
}

/// The inverse of [`key`].
pub(crate) fn channel_of(key: &[u8]) -> Option<ChannelId> {
	let bytes = key.strip_prefix(b"channel/")?;
	Some(ChannelId::from_be_bytes(bytes.try_into().ok()?))
}
