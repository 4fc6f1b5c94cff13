//! The chain as a payee sees it, and the round that it makes every few seconds.

use std::future::Future;

use dam_primitives::ChannelId;

use crate::{
	claims::{ClaimBatch, ClaimPolicy, Lost, Plan},
	clock::{BlockClock, SeenBlock},
	state::{ChannelState, StateError},
	store::StoreError,
	Acceptor, SharedAcceptor,
};

/// What a finalized block is proven to have of a channel.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Proven {
	/// The channel exists.
	Exists(ChannelState),
	/// There is no channel of this number.
	Missing {
		/// In this finalized block.
		at: u32,
	},
}

/// What one finalized block is proven to have.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seen {
	/// The block.
	pub block: SeenBlock,
	/// The channels that were asked for. What is not known now is left out.
	pub channels: Vec<(ChannelId, Proven)>,
}

/// The chain, seen through something that need not be trusted, such as a light client, or through
/// a node of one's own.
///
/// Whatever is returned here is believed. So an implementation checks each state with a storage
/// proof against a finalized header, and answers about finalized blocks only.
pub trait Chain {
	/// Why the chain cannot be seen or reached.
	type Error;

	/// The latest finalized block that can be read, and what it has of each of `channels`, which may
	/// be none.
	fn look(
		&self,
		channels: &[ChannelId],
	) -> impl Future<Output = Result<Seen, Self::Error>> + Send;

	/// Sends the claims of a batch, in transactions that cannot be included after its last block.
	/// Returns without waiting for their fate.
	fn submit(&self, batch: &ClaimBatch) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

/// What a round came to.
#[derive(Debug)]
pub struct Round<E> {
	/// Why the chain could not be seen, if it could not. The plan was then made by what was known
	/// before.
	pub unseen: Option<E>,
	/// Channels whose states are not believed, and why. Nothing is accepted through them for long.
	pub disbelieved: Vec<(ChannelId, StateError)>,
	/// Channels that are gone, with what was not seen settled before: zero if all is well. Otherwise
	/// it was lost, unless it was settled after the last look: the event `Closed` tells.
	pub gone: Vec<Lost>,
	/// What was claimed, and what can be closed.
	pub plan: Plan,
	/// Numbers of the batches that could not be sent, and why. They are made again when their last
	/// block is past.
	pub unsent: Vec<(u64, E)>,
}

/// Makes one round: looks at all channels, takes what is proven of them, forgets those that are
/// gone, and claims what is due.
///
/// To be made every few seconds, and at least every
/// [`Limits::max_state_age`](crate::Limits::max_state_age) blocks, or payments are refused. Writes
/// to disk on the thread that polls it, for some milliseconds.
///
/// # Errors
/// [`StoreError`]: then nothing was claimed.
pub async fn tend<C: Chain>(
	acceptor: &SharedAcceptor,
	chain: &C,
	clock: &BlockClock,
	policy: &ClaimPolicy,
) -> Result<Round<C::Error>, StoreError> {
	let channels: Vec<ChannelId> = acceptor.with(|acceptor| acceptor.channels().collect())?;
	let mut round = Round {
		unseen: None,
		disbelieved: Vec::new(),
		gone: Vec::new(),
		plan: Plan::default(),
		unsent: Vec::new(),
	};
	let seen = match chain.look(&channels).await {
		Ok(Seen { block, channels }) => {
			clock.saw(block);
			channels
		},
		Err(error) => {
			round.unseen = Some(error);
			Vec::new()
		},
	};
	round.plan = acceptor.with(|acceptor| {
		for (channel, proven) in seen {
			take(acceptor, &mut round, channel, proven);
		}
		match clock.now() {
			Some(now) => acceptor.plan(now, policy),
			None => acceptor.commit().map(|()| Plan::default()),
		}
	})??;
	for batch in &round.plan.batches {
		if let Err(error) = chain.submit(batch).await {
			round.unsent.push((batch.number, error));
		}
	}
	Ok(round)
}

fn take<E>(acceptor: &mut Acceptor, round: &mut Round<E>, channel: ChannelId, proven: Proven) {
	match proven {
		Proven::Exists(state) => {
			if let Err(error) = acceptor.observe(channel, state) {
				round.disbelieved.push((channel, error));
			}
		},
		Proven::Missing { at } => {
			// A later state may have come in while the chain was asked: then it is no news.
			if let Ok(amount) = acceptor.stage_forgetting(channel, at) {
				round.gone.push(Lost { channel, amount });
			}
		},
	}
}
