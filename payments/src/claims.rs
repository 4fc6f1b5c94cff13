//! Claims: what is submitted to the chain, when, and what became of it.
//!
//! A claim is handed out in a batch, after the store knows that it was. It is under way until a
//! finalized state shows that it settled, or that its transaction can no longer be included; only
//! then is it made again. So a payee that crashes at any moment neither forgets a claim nor makes one
//! twice.

use std::{
	cmp::Reverse,
	collections::{BTreeMap, BTreeSet},
};

use dam_primitives::{
	channel::{MAX_CLAIMS, MAX_HASHES_PER_CLAIM},
	crypto::SoftwareBlake2,
	payword::descend,
	ChannelId, Lock, RevealedLink, SignedVoucher,
};

use crate::{
	acceptor::{
		record::{Proof, Record, Submission},
		Acceptor,
	},
	store::StoreError,
};

/// Most claims on one hash chain that are made at a time, one after the other.
const MAX_STEPS: u32 = 64;

/// When a payee wants its money, apart from when it must claim or lose it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ClaimPolicy {
	/// Claim when this much is unsettled, in units of 0.000001 USDT.
	pub max_unsettled: u128,
	/// Claim what was accepted this many blocks ago.
	pub max_age: u32,
	/// Claim when no more than this is left of a deposit, in units of 0.000001 USDT: little more can
	/// come, so there is nothing to wait for.
	pub headroom: u128,
	/// For how many blocks from the decision on the transaction of a claim can be included. Several
	/// times that must fit into [`Limits::claim_margin`](crate::Limits::claim_margin): a claim that
	/// got lost is made again when its transaction is dead.
	pub lifetime: u32,
}

impl Default for ClaimPolicy {
	/// 10 USDT, a day of blocks of a second, or an exhausted deposit; a minute for each try.
	fn default() -> Self {
		Self { max_unsettled: 10_000_000, max_age: 86_400, headroom: 0, lifetime: 64 }
	}
}

/// Why a claim is made now.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ClaimReason {
	/// The payer has asked to close: the grace period runs.
	Closing,
	/// The key that signed was replaced, and its horizon is near.
	KeyHorizon,
	/// The channel was not seen for so long that a grace period that began right after may be nearly
	/// over. Whoever is cut off from finalized blocks would hear of it too late.
	Unseen,
	/// The payee takes nothing more through the channel.
	Finished,
	/// The deposit is used up.
	Exhausted,
	/// It is as many hashes away as one claim may compute.
	Far,
	/// So much is unsettled.
	Amount,
	/// It has waited for so long.
	Age,
}

/// Claims to be submitted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Claims {
	/// Up to 512 vouchers of any channels, for one `claim_batch`.
	Vouchers(Vec<SignedVoucher>),
	/// Links of one hash chain, ascending, for one `claim_links` each, in this order. Only the last
	/// matters; those before are the steps on a long way.
	Links(Vec<RevealedLink>),
}

/// Claims that are under way together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClaimBatch {
	/// Number of the batch, ascending and never reused.
	pub number: u64,
	/// Last block in which their transactions may be included. They must be signed so that they
	/// cannot be included later (a mortal era): after this block they are made anew.
	pub until: u32,
	/// What to submit.
	pub claims: Claims,
}

/// What is accepted but can no longer be claimed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lost {
	/// Through which channel it came.
	pub channel: ChannelId,
	/// How much, in units of 0.000001 USDT.
	pub amount: u128,
}

/// What is to be done now.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Plan {
	/// To be submitted, the most urgent first.
	pub batches: Vec<ClaimBatch>,
	/// Why, for each channel, in the same order.
	pub due: Vec<(ChannelId, ClaimReason)>,
	/// What came too late. It is listed until the channel is forgotten.
	pub lost: Vec<Lost>,
	/// Channels that nothing more comes through and of which everything is settled: the payee can
	/// close them, so that the payer gets the rest back at once.
	pub closable: Vec<ChannelId>,
}

struct Due {
	channel: ChannelId,
	reason: ClaimReason,
	deadline: u32,
	amount: u128,
	is_chain: bool,
}

impl Acceptor {
	/// Decides in block `now` what is claimed. Returns once the store knows of it; what is returned
	/// must then be submitted. After a crash, [`in_flight`](Self::in_flight) has it again.
	///
	/// # Errors
	/// [`StoreError`]: then nothing may be submitted.
	pub fn plan(&mut self, now: u32, policy: &ClaimPolicy) -> Result<Plan, StoreError> {
		let margin = self.limits().claim_margin;
		let mut plan = Plan::default();
		let mut due = Vec::new();
		for (channel, record) in &self.records {
			if record.unsettled() == 0 {
				if record.finished || record.state.channel.closing.is_some() {
					plan.closable.push(*channel);
				}
				continue;
			}
			let deadline = record.state.deadline();
			if deadline.is_some_and(|last_block| record.state.at > last_block) {
				plan.lost.push(Lost { channel: *channel, amount: record.unsettled() });
			} else if deadline.is_some_and(|last_block| now > last_block) {
				// Too late to submit, too early to know: a claim under way may have settled.
			} else if let Some(reason) = reason(record, now, margin, policy) {
				due.push(Due {
					channel: *channel,
					reason,
					deadline: deadline.unwrap_or(u32::MAX),
					amount: record.unsettled(),
					is_chain: matches!(record.state.channel.lock, Lock::HashChain { .. }),
				});
			}
		}
		due.sort_by_key(|due| (due.deadline, Reverse(due.amount), due.channel));
		plan.lost.sort_by_key(|lost| lost.channel);
		plan.closable.sort();
		plan.due = due.iter().map(|due| (due.channel, due.reason)).collect();

		let until = now.saturating_add(policy.lifetime);
		let (chains, vouchers): (Vec<Due>, Vec<Due>) =
			due.into_iter().partition(|due| due.is_chain);
		let mut groups: Vec<(u32, Vec<ChannelId>)> = vouchers
			.chunks(MAX_CLAIMS as usize)
			.map(|group| (group[0].deadline, group.iter().map(|due| due.channel).collect()))
			.chain(chains.iter().map(|due| (due.deadline, vec![due.channel])))
			.collect();
		groups.sort_by_key(|(deadline, _)| *deadline);
		let mut numbers = BTreeSet::new();
		for (_, channels) in groups {
			let number = self.number_batch();
			numbers.insert(number);
			for (position, channel) in (0..).zip(channels) {
				self.submit(channel, number, position, until);
			}
		}
		self.commit()?;
		if !numbers.is_empty() {
			plan.batches = self.batches(|submission| numbers.contains(&submission.batch));
		}
		Ok(plan)
	}

	/// The claims that were handed out and whose fate is not known yet. Submitting them again is
	/// safe: the chain settles each once.
	///
	/// # Errors
	/// [`StoreError::Failed`] after a write that failed: then nothing may be submitted.
	pub fn in_flight(&self) -> Result<Vec<ClaimBatch>, StoreError> {
		self.check_store()?;
		Ok(self.batches(|_| true))
	}

	/// Marks the best proof of a channel as submitted.
	fn submit(&mut self, channel: ChannelId, batch: u64, position: u32, until: u32) {
		let Some(record) = self.change(channel) else { return };
		let Some((amount, proof)) = furthest(record) else { return };
		// What was submitted before and is claimed again with more counts from then.
		let before = record.submitted.map(|submitted| submitted.since);
		let since = record.since.into_iter().chain(before).min().unwrap_or(until);
		if amount == record.accepted {
			record.since = None;
		}
		record.submitted = Some(Submission { batch, position, amount, proof, since, until });
	}

	fn batches(&self, wanted: impl Fn(&Submission) -> bool) -> Vec<ClaimBatch> {
		let mut by_number = BTreeMap::<u64, BTreeMap<u32, (ChannelId, &Record, Submission)>>::new();
		for (channel, record) in &self.records {
			if let Some(submission) = record.submitted.filter(|submission| wanted(submission)) {
				by_number
					.entry(submission.batch)
					.or_default()
					.insert(submission.position, (*channel, record, submission));
			}
		}
		by_number
			.into_iter()
			.filter_map(|(number, items)| {
				let until = items.values().next()?.2.until;
				Some(ClaimBatch { number, until, claims: claims(items.into_values())? })
			})
			.collect()
	}
}

/// The claims of one batch, in their order.
fn claims<'a>(items: impl Iterator<Item = (ChannelId, &'a Record, Submission)>) -> Option<Claims> {
	let mut vouchers = Vec::new();
	for (channel, record, Submission { amount, proof, .. }) in items {
		match proof {
			Proof::Voucher(signature) => {
				vouchers.push(SignedVoucher { channel, amount, signature })
			},
			Proof::Link(index, link) => {
				let from = record.state.receiver()?.index();
				return Some(Claims::Links(steps(channel, from, index, link)));
			},
		}
	}
	Some(Claims::Vouchers(vouchers))
}

/// The best claim that can be made now, and what proves it.
fn furthest(record: &Record) -> Option<(u128, Proof)> {
	let (Proof::Link(best, link), Lock::HashChain { index, unit, .. }) =
		(record.proof?, &record.state.channel.lock)
	else {
		return Some((record.accepted, record.proof?));
	};
	let reachable = index.saturating_add(MAX_HASHES_PER_CLAIM.saturating_mul(MAX_STEPS));
	let target = best.min(reachable);
	let link = descend::<SoftwareBlake2>(&link, best.saturating_sub(target));
	Some((unit.checked_mul(target.into())?, Proof::Link(target, link)))
}

/// The links to claim one after the other from number `from` to `index`, none too far from the last.
fn steps(channel: ChannelId, from: u32, index: u32, link: [u8; 32]) -> Vec<RevealedLink> {
	let mut steps = vec![RevealedLink { channel, index, link }];
	loop {
		let first = steps[steps.len() - 1];
		let way = first.index.saturating_sub(from);
		if way <= MAX_HASHES_PER_CLAIM {
			break;
		}
		// The first step takes what is left over, the others as much as they may.
		let link = descend::<SoftwareBlake2>(&first.link, MAX_HASHES_PER_CLAIM);
		steps.push(RevealedLink { channel, index: first.index - MAX_HASHES_PER_CLAIM, link });
	}
	steps.reverse();
	steps
}

/// Why a channel is claimed in block `now`, if it is.
fn reason(record: &Record, now: u32, margin: u32, policy: &ClaimPolicy) -> Option<ClaimReason> {
	let channel = &record.state.channel;
	let near = |last_block: u32| last_block.saturating_sub(now) <= margin;
	let known = record.state.deadline().is_some_and(near);
	let urgent = known || record.state.at.checked_add(channel.grace).is_some_and(near);
	match &record.submitted {
		// Under way already, unless there is no time to wait for that claim's fate and more to be claimed.
		Some(submitted) if !urgent || submitted.amount == record.accepted => return None,
		None if now < record.retry_at && !urgent => return None,
		_ => {},
	}
	let waited = |since: u32| now.saturating_sub(since) >= policy.max_age;
	if channel.closing.is_some() {
		Some(ClaimReason::Closing)
	} else if known {
		Some(ClaimReason::KeyHorizon)
	} else if urgent {
		Some(ClaimReason::Unseen)
	} else if record.finished {
		Some(ClaimReason::Finished)
	} else if channel.deposit.saturating_sub(record.accepted) <= policy.headroom {
		Some(ClaimReason::Exhausted)
	} else if record.is_far() {
		Some(ClaimReason::Far)
	} else if record.unsettled() >= policy.max_unsettled {
		Some(ClaimReason::Amount)
	} else if record.since.is_some_and(waited) {
		Some(ClaimReason::Age)
	} else {
		None
	}
}
