//! From a signed transaction to certainty: sent, included, final, or provably never.
//!
//! One rule keeps money from moving twice: a transaction that may have left this device is never
//! replaced by another one until finalized blocks prove that it cannot be included any more. So
//!
//! * only finalized blocks decide: each one after the signing is searched, without gaps;
//! * whatever the light client reports about broadcasting is a hint: when it drops the transaction,
//!   the *same bytes* are sent again, a bounded number of times and with growing pauses;
//! * transactions are mortal: once a block past the last possible one is final and none held it,
//!   it is provably lost ([`SettleError::Expired`]), as it is when another transaction has used its
//!   nonce ([`SettleError::Superseded`]);
//! * running out of time is not failure: [`SettleError::Undecided`] says until which block the
//!   question stays open, and a [`Journal`](crate::Journal) settles it later.

use std::time::Duration;

use futures::{stream::BoxStream, StreamExt};
use subxt::utils::H256;
use thiserror::Error;
use tokio::time::{sleep, sleep_until, timeout_at, Instant};

use crate::chain::{Block, Broadcast, ChainError, Inclusion, Network, Refusal, SignedCall};

/// How long and how stubbornly to wait.
#[derive(Clone, Debug)]
pub struct Patience {
	/// How long until the wait is given up, undecided.
	pub deadline: Duration,
	/// How often the same transaction is sent again after it was dropped.
	pub resends: u32,
	/// Pause before it is first sent again; doubled each time.
	pub backoff: Duration,
}

impl Default for Patience {
	/// A minute; ten times again, after half a second at first.
	fn default() -> Self {
		Self { deadline: Duration::from_secs(60), resends: 10, backoff: Duration::from_millis(500) }
	}
}

/// Longest pause between two attempts.
const MAX_BACKOFF: Duration = Duration::from_secs(8);

/// What happens on the way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Progress {
	/// Signed and about to be sent.
	Signed {
		/// Hash of the transaction.
		hash: H256,
	},
	/// Sent to peers.
	Sent,
	/// In a block that may still be replaced.
	InBlock(H256),
	/// That block was replaced; the transaction is pending again.
	Retracted,
	/// Dropped by the light client; the same bytes go out again.
	Resending {
		/// Which attempt, from 1.
		attempt: u32,
		/// Why it was dropped.
		why: String,
	},
	/// The network does not answer; waiting goes on.
	Waiting {
		/// What failed.
		why: String,
	},
	/// This block is final and does not hold the transaction.
	Searched(Block),
	/// Final.
	Finalized(Block),
}

/// Why a transaction did not become final.
#[derive(Debug, Error)]
pub enum SettleError {
	/// The runtime refuses it. Nothing was sent.
	#[error(transparent)]
	Refused(#[from] Refusal),
	/// The chain could not be asked. Nothing was sent.
	#[error(transparent)]
	Chain(#[from] ChainError),
	/// Never included, provably: its last block is final.
	#[error(
		"the transaction {hash:?} was not included until block {last_block}, its last one, and never \
		 will be: nothing happened, run the command again"
	)]
	Expired {
		/// Which transaction.
		hash: H256,
		/// Its last possible block.
		last_block: u32,
	},
	/// Never included, provably: another transaction of the key has used its nonce.
	#[error(
		"the transaction {hash:?} was overtaken by another one of the same key (number {nonce}) and \
		 will never be included: check what the other did, then run the command again"
	)]
	Superseded {
		/// Which transaction.
		hash: H256,
		/// Their common nonce.
		nonce: u64,
	},
	/// Not known yet.
	#[error(
		"the transaction {hash:?} was sent but is not final after {} s: it can still be included \
		 until block {last_block}, so do not repeat it before that block is final, or run the same \
		 command with the same --journal to wait for it",
		waited.as_secs()
	)]
	Undecided {
		/// Which transaction.
		hash: H256,
		/// Its last possible block.
		last_block: u32,
		/// How long was waited.
		waited: Duration,
	},
}

impl SettleError {
	/// Whether the transaction has provably no effect, now and later.
	pub const fn is_without_effect(&self) -> bool {
		!matches!(self, Self::Undecided { .. })
	}
}

/// Checks a transaction that has never left this device, sends it, and waits until it is final.
///
/// # Errors
/// See [`SettleError`].
pub async fn settle<N: Network>(
	network: &N,
	call: &SignedCall,
	patience: &Patience,
	progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<Inclusion, SettleError> {
	network.validate(call).await??;
	send(network, call, patience, progress).await
}

/// Sends a transaction that has never left this device and that the runtime has found valid, and
/// waits until it is final.
///
/// # Errors
/// See [`SettleError`].
pub async fn send<N: Network>(
	network: &N,
	call: &SignedCall,
	patience: &Patience,
	progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<Inclusion, SettleError> {
	Settling::new(network, call, patience, progress, false).run().await
}

/// Takes up the wait for a transaction that may have been sent before, perhaps by another process.
///
/// # Errors
/// See [`SettleError`].
pub async fn resume<N: Network>(
	network: &N,
	call: &SignedCall,
	patience: &Patience,
	progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<Inclusion, SettleError> {
	if call.genesis != network.genesis() {
		let (expected, found) = (call.genesis, network.genesis());
		return Err(ChainError::WrongChain { expected, found }.into());
	}
	Settling::new(network, call, patience, progress, true).run().await
}

struct Settling<'a, N> {
	network: &'a N,
	call: &'a SignedCall,
	patience: &'a Patience,
	progress: &'a mut (dyn FnMut(Progress) + Send),
	start: Instant,
	/// Whether a peer may have it: from then on only finalized blocks decide.
	may_be_out: bool,
	/// Whether its nonce may be used up: worth asking.
	doubt: bool,
	/// A finalized block at which the nonce was used up.
	used_up_at: Option<u32>,
	/// The block that holds it, as far as the light client knows.
	in_block: Option<H256>,
	broadcast: Option<BoxStream<'static, Broadcast>>,
	send_at: Option<Instant>,
	attempts: u32,
	why_dropped: String,
}

impl<'a, N: Network> Settling<'a, N> {
	fn new(
		network: &'a N,
		call: &'a SignedCall,
		patience: &'a Patience,
		progress: &'a mut (dyn FnMut(Progress) + Send),
		resumed: bool,
	) -> Self {
		let start = Instant::now();
		Self {
			network,
			call,
			patience,
			progress,
			start,
			may_be_out: resumed,
			doubt: resumed,
			used_up_at: None,
			in_block: None,
			broadcast: None,
			send_at: Some(start),
			attempts: 0,
			why_dropped: String::new(),
		}
	}

	fn deadline(&self) -> Instant {
		self.start + self.patience.deadline
	}

	fn undecided(&self) -> SettleError {
		SettleError::Undecided {
			hash: self.call.hash,
			last_block: self.call.last_block,
			waited: self.start.elapsed(),
		}
	}

	async fn run(mut self) -> Result<Inclusion, SettleError> {
		let mut blocks = self.network.finalized_after(self.call.birth);
		loop {
			let deadline = self.deadline();
			let send_at = self.send_at;
			tokio::select! {
				biased;
				() = sleep_until(deadline) => return Err(self.undecided()),
				block = blocks.next() => match block {
					Some(Ok(block)) =>
						if let Some(inclusion) = self.search(block).await? {
							return Ok(inclusion);
						},
					Some(Err(error)) if error.is_transient() => self.waiting(&error),
					Some(Err(error)) => return Err(self.lost(error)),
					None => return Err(self.undecided()),
				},
				event = next_of(&mut self.broadcast) => self.on_broadcast(event).await?,
				() = sleep_until(send_at.unwrap_or(deadline)), if send_at.is_some() =>
					self.send().await,
			}
		}
	}

	/// Looks into a finalized block and draws the conclusions, insisting on an answer.
	async fn search(&mut self, block: Block) -> Result<Option<Inclusion>, SettleError> {
		let found = loop {
			match timeout_at(self.deadline(), self.network.find(self.call, block)).await {
				Err(_) => return Err(self.undecided()),
				Ok(Ok(found)) => break found,
				Ok(Err(error)) if error.is_transient() => {
					self.waiting(&error);
					sleep(self.patience.backoff).await;
				},
				Ok(Err(error)) => return Err(self.lost(error)),
			}
		};
		if let Some(inclusion) = found {
			(self.progress)(Progress::Finalized(block));
			return Ok(Some(inclusion));
		}
		(self.progress)(Progress::Searched(block));
		let SignedCall { hash, nonce, last_block, .. } = *self.call;
		if block.number >= last_block {
			return Err(SettleError::Expired { hash, last_block });
		}
		if self.doubt && self.used_up_at.is_none() {
			self.ask_for_nonce().await;
		}
		if self.used_up_at.is_some_and(|at| block.number >= at) {
			return Err(SettleError::Superseded { hash, nonce });
		}
		Ok(None)
	}

	/// Notes the block at which the nonce is used up, if it is. An unanswered question is asked
	/// again at the next block.
	async fn ask_for_nonce(&mut self) {
		let signer = [self.call.signer];
		let answer = self.network.balances(&signer);
		if let Ok(Ok((at, balances))) = timeout_at(self.deadline(), answer).await {
			let nonce = balances.first().map_or(0, |balances| u64::from(balances.nonce));
			if nonce > self.call.nonce {
				self.used_up_at = Some(at.number);
			} else {
				self.doubt = false;
			}
		}
	}

	async fn on_broadcast(&mut self, event: Option<Broadcast>) -> Result<(), SettleError> {
		match event {
			Some(Broadcast::Sent) => {
				self.may_be_out = true;
				(self.progress)(Progress::Sent);
			},
			Some(Broadcast::InBlock(hash)) => {
				self.may_be_out = true;
				// Said again at finality.
				if self.in_block.replace(hash) != Some(hash) {
					(self.progress)(Progress::InBlock(hash));
				}
			},
			Some(Broadcast::Retracted) => {
				self.in_block = None;
				(self.progress)(Progress::Retracted);
			},
			Some(Broadcast::Dropped(why)) => self.send_again(why),
			// After its last word the stream ends; that is no news.
			None if self.send_at.is_some() => self.broadcast = None,
			None => self.send_again("the light client stopped sending it".into()),
			Some(Broadcast::Invalid(why)) => {
				self.doubt = true;
				self.send_again(why);
				// The light client checks before it sends, so perhaps nobody has it yet.
				if !self.may_be_out {
					match self.network.validate(self.call).await {
						Ok(Err(Refusal::Stale)) | Ok(Ok(())) | Err(_) => {},
						Ok(Err(refusal)) => return Err(refusal.into()),
					}
				}
			},
		}
		Ok(())
	}

	fn send_again(&mut self, why: String) {
		self.broadcast = None;
		self.why_dropped = why;
		self.send_at = (self.attempts <= self.patience.resends).then(|| {
			let doublings = self.attempts.saturating_sub(1).min(16);
			let pause = self.patience.backoff.saturating_mul(1 << doublings).min(MAX_BACKOFF);
			Instant::now() + pause
		});
	}

	async fn send(&mut self) {
		self.send_at = None;
		if self.attempts > 0 {
			let why = std::mem::take(&mut self.why_dropped);
			(self.progress)(Progress::Resending { attempt: self.attempts, why });
		}
		self.attempts += 1;
		match self.network.broadcast(self.call).await {
			Ok(events) => self.broadcast = Some(events),
			Err(error) => {
				// The request may have arrived all the same.
				self.may_be_out = true;
				self.send_again(error.to_string());
			},
		}
	}

	fn waiting(&mut self, error: &ChainError) {
		(self.progress)(Progress::Waiting { why: error.to_string() });
	}

	/// An answer that will not become better: the outcome stays open if something was sent.
	fn lost(&mut self, error: ChainError) -> SettleError {
		if self.may_be_out || self.attempts > 0 {
			self.waiting(&error);
			self.undecided()
		} else {
			error.into()
		}
	}
}

async fn next_of(stream: &mut Option<BoxStream<'static, Broadcast>>) -> Option<Broadcast> {
	match stream {
		Some(stream) => stream.next().await,
		None => std::future::pending().await,
	}
}
