//! Whoever keeps a payee's acceptor in step with the chain.

use std::{
	collections::VecDeque,
	sync::{mpsc as blocking, Arc},
	time::{Duration, Instant},
};

use dam_payments::{
	tend, BlockClock, Chain, ChannelState, ClaimPolicy, Proven, Round, SharedAcceptor, StateError,
	StoreError,
};
use dam_primitives::ChannelId;
use tokio::sync::mpsc;

use super::{
	light_chain::{look, LightChain, SubmitError, BLOCK_TIME},
	Claimed,
};
use crate::{
	chain::{ChainError, Network},
	keys::Key,
};

/// How many channels that are not followed may wait to be looked up.
const MAX_WAITING: usize = 16;
/// A newest block of more than this age is worth a warning: one is built every second.
const LATE: Duration = Duration::from_secs(60);
/// How long the look-up of one channel may take.
const LOOK_UP_TIMEOUT: Duration = Duration::from_secs(10);
/// How long whoever asks for one waits: a round may have to end first.
const LOOK_UP_PATIENCE: Duration = Duration::from_secs(20);
/// How long a channel that was not taken is not looked up again.
const FORGET_AFTER: Duration = Duration::from_secs(30);
/// How many such channels are remembered.
const MAX_REMEMBERED: usize = 256;

/// How long the fates of claims that are settled are waited for.
const LAST_FATES: Duration = Duration::from_secs(10);
/// How long is listened for fates at a time.
const LISTEN: Duration = Duration::from_millis(100);
/// For how many blocks claims that somebody waits for can be included.
const SHORT_LIFETIME: u32 = 32;

/// A channel that somebody pays through and that is not followed yet.
type LookUp = (ChannelId, blocking::SyncSender<bool>);

/// Asks a [`Keeper`] to follow channels. Cheap to clone.
#[derive(Clone, Debug)]
pub struct LookUps(mpsc::Sender<LookUp>);

impl LookUps {
	/// Whether the channel is followed now. Blocks the thread until the chain was asked, or for 20
	/// seconds; at once `false` if too many wait, or the keeper is gone.
	pub fn follow(&self, channel: ChannelId) -> bool {
		let (answer, wait) = blocking::sync_channel(1);
		self.0.try_send((channel, answer)).is_ok()
			&& wait.recv_timeout(LOOK_UP_PATIENCE).unwrap_or(false)
	}
}

/// What a round came to.
#[derive(Debug)]
pub struct Tended {
	/// What [`tend`] did.
	pub round: Round<SubmitError>,
	/// Batches that an earlier round, or an earlier run of the program, had not sent, and that could
	/// not be sent now either.
	pub unsent: Vec<(u64, SubmitError)>,
}

/// Makes an acceptor's rounds.
#[derive(Debug)]
pub struct Keeper<'a, N> {
	acceptor: Arc<SharedAcceptor>,
	chain: LightChain<'a, N>,
	clock: Arc<BlockClock>,
	look_ups: mpsc::Receiver<LookUp>,
	asked: LookUps,
	fates: mpsc::UnboundedReceiver<Claimed>,
	/// Channels that were looked up and not taken, the oldest first.
	refused: VecDeque<(ChannelId, Instant)>,
}

impl<'a, N: Network + Clone + 'static> Keeper<'a, N> {
	/// Keeps `acceptor`, and claims with `key`.
	pub fn new(acceptor: Arc<SharedAcceptor>, network: N, key: &'a Key) -> Self {
		let (chain, fates) = LightChain::new(network, key);
		let (sender, look_ups) = mpsc::channel(MAX_WAITING);
		Self {
			acceptor,
			chain,
			clock: Arc::new(BlockClock::new(BLOCK_TIME)),
			look_ups,
			asked: LookUps(sender),
			fates,
			refused: VecDeque::new(),
		}
	}

	/// The acceptor.
	pub const fn acceptor(&self) -> &Arc<SharedAcceptor> {
		&self.acceptor
	}

	/// Asks the chain how late it is. Before that, or the first [`round`](Self::round), nothing is
	/// accepted.
	///
	/// # Errors
	/// [`ChainError`].
	pub async fn set_clock(&self) -> Result<(), ChainError> {
		let newest = look(self.chain.network(), &[]).await?.block;
		let age = newest.built_at.elapsed().unwrap_or_default();
		if age > LATE {
			log::warn!(
				"block {}, the newest that can be seen, is {} s old by this device's clock: either \
				 that is ahead, or the chain stands still, or peers hold blocks back; no payments are \
				 taken on states that old",
				newest.number,
				age.as_secs()
			);
		}
		self.clock.saw(newest);
		Ok(())
	}

	/// Which block is being built, as far as is known.
	pub const fn clock(&self) -> &Arc<BlockClock> {
		&self.clock
	}

	/// With what to ask for channels that are not followed yet.
	pub fn look_ups(&self) -> LookUps {
		self.asked.clone()
	}

	/// Follows no more channels: whoever waits for that is told at once.
	pub fn end_look_ups(&mut self) {
		self.look_ups.close();
		while self.look_ups.try_recv().is_ok() {}
	}

	/// How many transactions with claims are under way.
	pub fn under_way(&self) -> usize {
		self.chain.under_way()
	}

	/// Makes one round: see [`tend`]. Batches that are under way on disk but were never sent, because
	/// of a crash or because the chain was out of reach, are sent, too.
	///
	/// # Errors
	/// [`StoreError`]: then nothing may be accepted any more before the store is opened again.
	pub async fn round(&mut self, policy: &ClaimPolicy) -> Result<Tended, StoreError> {
		let round = tend(&self.acceptor, &self.chain, &self.clock, policy).await?;
		let mut unsent = Vec::new();
		if round.unseen.is_none() {
			let tried = |number| round.unsent.iter().any(|(batch, _)| *batch == number);
			for batch in self.acceptor.with(|acceptor| acceptor.in_flight())?? {
				if self.chain.has_sent(&batch) || tried(batch.number) {
					continue;
				}
				match self.chain.submit(&batch).await {
					Ok(()) | Err(SubmitError::TooLate { .. }) => {},
					Err(error) => unsent.push((batch.number, error)),
				}
			}
		}
		Ok(Tended { round, unsent })
	}

	/// Serves look-ups and waits for fates of claims until `until`; gives each fate to `heard`.
	///
	/// # Errors
	/// [`StoreError`].
	pub async fn wait(
		&mut self,
		until: tokio::time::Instant,
		heard: &mut (dyn FnMut(Claimed) + Send),
	) -> Result<(), StoreError> {
		loop {
			tokio::select! {
				() = tokio::time::sleep_until(until) => return Ok(()),
				Some(claimed) = self.fates.recv() => heard(claimed),
				Some((channel, answer)) = self.look_ups.recv() => {
					let followed = self.follow(channel).await?;
					// Whoever asked may have gone.
					let _ = answer.try_send(followed);
				},
			}
		}
	}

	/// Claims everything that was accepted and waits until it is proven settled, or until `deadline`;
	/// gives each fate to `heard`. Tells how much is still unsettled, in units of 0.000001 USDT.
	///
	/// # Errors
	/// [`StoreError`].
	pub async fn settle(
		&mut self,
		deadline: tokio::time::Instant,
		heard: &mut (dyn FnMut(Claimed) + Send),
	) -> Result<u128, StoreError> {
		let at_once =
			ClaimPolicy { max_age: 0, lifetime: SHORT_LIFETIME, ..ClaimPolicy::default() };
		loop {
			let Tended { round, unsent } = self.round(&at_once).await?;
			for (batch, error) in round.unsent.iter().chain(&unsent) {
				log::warn!("claims of batch {batch} were not sent: {error}");
			}
			let left = self.unsettled()?;
			let now = tokio::time::Instant::now();
			if left == 0 || now >= deadline {
				self.hear_rest(deadline, heard).await?;
				return Ok(left);
			}
			self.wait(deadline.min(now + BLOCK_TIME), heard).await?;
		}
	}

	/// Hears of transactions whose claims are proven settled before they are found themselves.
	async fn hear_rest(
		&mut self,
		deadline: tokio::time::Instant,
		heard: &mut (dyn FnMut(Claimed) + Send),
	) -> Result<(), StoreError> {
		let deadline = deadline.min(tokio::time::Instant::now() + LAST_FATES);
		loop {
			let all_told = self.under_way() == 0;
			let now = tokio::time::Instant::now();
			self.wait(now + LISTEN, heard).await?;
			if all_told || now >= deadline {
				return Ok(());
			}
		}
	}

	/// What was accepted and is not proven settled, in units of 0.000001 USDT.
	///
	/// # Errors
	/// [`StoreError`].
	pub fn unsettled(&self) -> Result<u128, StoreError> {
		self.acceptor.with(|acceptor| {
			let channels: Vec<_> = acceptor.channels().collect();
			let all = channels.into_iter().filter_map(|channel| acceptor.status(channel));
			// Each is part of a deposit, and all deposits together are no more than there is money.
			all.map(|status| status.unsettled).fold(0, u128::saturating_add)
		})
	}

	/// Follows a channel, if the chain is proven to have it and it is one for this payee.
	///
	/// # Errors
	/// [`StoreError`].
	pub async fn follow(&mut self, channel: ChannelId) -> Result<bool, StoreError> {
		if self.acceptor.with(|acceptor| acceptor.status(channel).is_some())? {
			return Ok(true);
		}
		let now = Instant::now();
		self.refused.retain(|(_, since)| now.duration_since(*since) < FORGET_AFTER);
		if self.refused.iter().any(|(refused, _)| *refused == channel) {
			return Ok(false);
		}
		let followed = match self.see(channel).await {
			Some(state) => self.take(channel, state)?.is_ok(),
			None => false,
		};
		if !followed {
			self.refused.push_back((channel, now));
			if self.refused.len() > MAX_REMEMBERED {
				self.refused.pop_front();
			}
		}
		Ok(followed)
	}

	/// Takes a state, on disk too.
	fn take(
		&self,
		channel: ChannelId,
		state: ChannelState,
	) -> Result<Result<(), StateError>, StoreError> {
		self.acceptor.with(|acceptor| match acceptor.observe(channel, state) {
			Ok(()) => acceptor.commit().map(Ok),
			Err(error) => Ok(Err(error)),
		})?
	}

	/// The channel as it is proven to be; `None` if it is not there, or cannot be seen now.
	async fn see(&self, channel: ChannelId) -> Option<ChannelState> {
		let channels = [channel];
		let looking = self.chain.look(&channels);
		match tokio::time::timeout(LOOK_UP_TIMEOUT, looking).await {
			Ok(Ok(mut seen)) => {
				self.clock.saw(seen.block);
				match seen.channels.pop() {
					Some((_, Proven::Exists(state))) => Some(state),
					_ => None,
				}
			},
			Ok(Err(error)) => {
				log::debug!("channel {channel} cannot be looked up: {error}");
				None
			},
			Err(_) => None,
		}
	}
}
