//! Streams: money that flows from a machine to a payee at a rate in time.
//!
//! What can be known beforehand is checked before anything is signed: what the chain refuses costs
//! a machine some of its quota, and an owner a fee.

mod error;

pub use error::StreamError;

use dam_primitives::{
	stream::{MAX_COLLECTIONS, MAX_STREAMS},
	FailedCollection, Flow, Payee, Stream, StreamId,
};

use crate::{
	amount::Usdt,
	chain::{Call, ChainEvent, Network, StreamCall, StreamEvent},
	keys::Key,
	party::told,
	payments::{PayError, Payer},
	settle::{Patience, Progress},
	transact::{Actor, Done, TransactError},
	AccountId,
};

/// What came of a batch of collections.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Collected {
	/// The transaction.
	pub done: Done,
	/// From how many streams something was collected.
	pub collected: u32,
	/// How much in all.
	pub total: Usdt,
	/// From which nothing was, by their position, and why.
	pub failed: Vec<FailedCollection>,
}

/// What came of a stream's end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Closed {
	/// The transaction.
	pub done: Done,
	/// What the payee got in all.
	pub settled: Usdt,
	/// What it had earned beyond that and could not be paid in time.
	pub forfeited: Usdt,
	/// What went back to the payer beside the storage deposit.
	pub returned: Usdt,
}

/// Streams, as a key can open, change and end them.
#[derive(Debug)]
pub struct Streams<'a, N> {
	actor: Actor<'a, N>,
	patience: Patience,
}

impl<'a, N: Network> Streams<'a, N> {
	/// What `key` can do with streams.
	pub fn new(network: &'a N, key: &'a Key, patience: Patience) -> Self {
		Self { actor: Actor::new(network, key, patience.clone()), patience }
	}

	/// Opens a stream from the key's machine, which runs from the next block on, and tells its number.
	/// `rate` is earned with every block, out of `deposit`.
	///
	/// # Errors
	/// [`StreamError::ZeroRate`], [`StreamError::DepositBelowRate`],
	/// [`StreamError::TooManyStreams`], and what [`Payer`] and sending give.
	pub async fn open(
		&self,
		payee: &Payee<AccountId>,
		rate: Usdt,
		deposit: Usdt,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<(Done, StreamId), StreamError> {
		if rate == Usdt::default() {
			return Err(StreamError::ZeroRate);
		}
		if deposit < rate {
			return Err(StreamError::DepositBelowRate { deposit, rate });
		}
		let payer = self.payer().await?;
		let machine = payer.machine().id;
		if self.actor.network.streams_of(machine).await?.len() >= MAX_STREAMS as usize {
			return Err(StreamError::TooManyStreams(machine));
		}
		let limits = self.actor.network.limits().await?;
		payer.check_lock(payee, deposit, limits.stream_deposit).await?;
		let call = StreamCall::Open { payee: payee.clone(), rate, deposit };
		let (done, events) = self.transact(call, progress).await?;
		let stream = told("the event of the new stream", events, |event| match event {
			ChainEvent::Stream(StreamEvent::Opened { stream, payer, .. }) if payer == machine => {
				Some(stream)
			},
			_ => None,
		})?;
		Ok((done, stream))
	}

	/// Pays more into a stream, and tells what was paid in so far. One that had run out runs again
	/// from the next block on.
	///
	/// # Errors
	/// [`StreamError::ZeroAmount`], [`StreamError::UnknownStream`], [`StreamError::OtherPayer`], and
	/// what [`Payer`] and sending give.
	pub async fn top_up(
		&self,
		stream: StreamId,
		amount: Usdt,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<(Done, Usdt), StreamError> {
		if amount == Usdt::default() {
			return Err(StreamError::ZeroAmount);
		}
		let record = self.record(stream).await?;
		let payer = self.payer().await?;
		let own = payer.machine().id;
		if record.payer != own {
			return Err(StreamError::OtherPayer { stream, payer: record.payer, own });
		}
		payer.check_lock(&record.payee, amount, Usdt::default()).await?;
		let (done, events) = self.transact(StreamCall::TopUp { stream, amount }, progress).await?;
		let deposit = told("the event of the payment", events, |event| match event {
			ChainEvent::Stream(StreamEvent::ToppedUp { deposit, .. }) => Some(deposit),
			_ => None,
		})?;
		Ok((done, deposit))
	}

	/// Has the payee paid what it has earned, and tells how much that is. Anybody can do that.
	///
	/// # Errors
	/// [`StreamError::UnknownStream`], [`StreamError::NothingDue`], and what sending gives.
	pub async fn collect(
		&self,
		stream: StreamId,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<(Done, Usdt), StreamError> {
		let record = self.record(stream).await?;
		if record.due(self.actor.next_block().await?) == 0 {
			return Err(StreamError::NothingDue(stream));
		}
		let (done, events) = self.transact(StreamCall::Collect(stream), progress).await?;
		let amount = told("the event of the collection", events, |event| match event {
			ChainEvent::Stream(StreamEvent::Collected { amount, .. }) => Some(amount),
			_ => None,
		})?;
		Ok((done, amount))
	}

	/// Collects from up to [`MAX_COLLECTIONS`] streams in one transaction. Those that fail are listed.
	///
	/// # Errors
	/// [`StreamError::WrongCount`], and what sending gives.
	pub async fn collect_batch(
		&self,
		streams: &[StreamId],
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Collected, StreamError> {
		if streams.is_empty() || streams.len() > MAX_COLLECTIONS as usize {
			return Err(StreamError::WrongCount(streams.len()));
		}
		let call = StreamCall::CollectBatch(streams.to_vec());
		let (done, events) = self.transact(call, progress).await?;
		told("the event of the collections", events, |event| match event {
			ChainEvent::Stream(StreamEvent::BatchCollected { collected, total, failed }) => {
				Some(Collected { done: done.clone(), collected, total, failed })
			},
			_ => None,
		})
		.map_err(Into::into)
	}

	/// Stops a stream for a while, and tells what is earned and not paid yet. By its payer's payment
	/// key, or the payer's owner.
	///
	/// # Errors
	/// [`StreamError::UnknownStream`], [`StreamError::NotPayer`], [`StreamError::AlreadyPaused`],
	/// [`StreamError::RunOut`], and what sending gives.
	pub async fn pause(
		&self,
		stream: StreamId,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<(Done, Usdt), StreamError> {
		let record = self.of_payer(stream).await?;
		if let Flow::Paused { since } = record.flow {
			return Err(StreamError::AlreadyPaused { stream, since });
		}
		if record.has_run_out(self.actor.next_block().await?) {
			return Err(StreamError::RunOut(stream));
		}
		let (done, events) = self.transact(StreamCall::Pause(stream), progress).await?;
		let due = told("the event of the pause", events, |event| match event {
			ChainEvent::Stream(StreamEvent::Paused { due, .. }) => Some(due),
			_ => None,
		})?;
		Ok((done, due))
	}

	/// Lets a paused stream run again from the next block on. By whoever can pause it.
	///
	/// # Errors
	/// [`StreamError::UnknownStream`], [`StreamError::NotPayer`], [`StreamError::NotPaused`], and what
	/// sending gives.
	pub async fn resume(
		&self,
		stream: StreamId,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Done, StreamError> {
		let record = self.of_payer(stream).await?;
		if let Flow::Running { .. } = record.flow {
			return Err(StreamError::NotPaused(stream));
		}
		Ok(self.transact(StreamCall::Resume(stream), progress).await?.0)
	}

	/// Ends a stream, by payer or payee: the payee gets what it has earned, the payer the rest and the
	/// storage deposit.
	///
	/// # Errors
	/// [`StreamError::UnknownStream`], [`StreamError::NotParty`], and what sending gives.
	pub async fn close(
		&self,
		stream: StreamId,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Closed, StreamError> {
		let record = self.record(stream).await?;
		if !self.actor.is_payer(record.payer).await? && !self.actor.is_payee(&record.payee).await? {
			return Err(StreamError::NotParty { stream, signer: self.actor.account() });
		}
		self.end(StreamCall::Close(stream), progress).await
	}

	/// Ends a stream that has run out, or was forgotten while it was paused. Anybody can do that.
	///
	/// # Errors
	/// [`StreamError::UnknownStream`], [`StreamError::StillOpen`], and what sending gives.
	pub async fn sweep(
		&self,
		stream: StreamId,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Closed, StreamError> {
		let record = self.record(stream).await?;
		// Whether a pause was too long is the chain's to say.
		let runs = matches!(record.flow, Flow::Running { .. });
		if runs && !record.has_run_out(self.actor.next_block().await?) {
			let runs_out_at = record.runs_out_at();
			return Err(StreamError::StillOpen { stream, runs_out_at });
		}
		self.end(StreamCall::Sweep(stream), progress).await
	}

	async fn end(
		&self,
		call: StreamCall,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Closed, StreamError> {
		let (done, events) = self.transact(call, progress).await?;
		told("the event of the stream's end", events, |event| match event {
			ChainEvent::Stream(StreamEvent::Closed { settled, forfeited, returned, .. }) => {
				Some(Closed { done: done.clone(), settled, forfeited, returned })
			},
			_ => None,
		})
		.map_err(Into::into)
	}

	/// A stream whose payer the signer speaks for.
	async fn of_payer(&self, stream: StreamId) -> Result<Stream<AccountId>, StreamError> {
		let record = self.record(stream).await?;
		if !self.actor.is_payer(record.payer).await? {
			return Err(StreamError::NotPayer { stream, payer: record.payer });
		}
		Ok(record)
	}

	async fn record(&self, stream: StreamId) -> Result<Stream<AccountId>, StreamError> {
		let found = self.actor.network.stream(stream).await?;
		found.ok_or(StreamError::UnknownStream(stream))
	}

	async fn payer(&self) -> Result<Payer<'a, N>, PayError> {
		Payer::new(self.actor.network, self.actor.key, self.patience.clone()).await
	}

	async fn transact(
		&self,
		call: StreamCall,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<(Done, Vec<ChainEvent>), TransactError> {
		self.actor.transact(&Call::Stream(call), progress).await
	}
}
