//! Orders: money that waits in escrow until the goods are there.
//!
//! What can be known beforehand is checked before anything is signed.

mod error;

pub use error::{describe, OrderError};

use dam_primitives::{Offer, Order, OrderId, OrderState};

use crate::{
	amount::Usdt,
	chain::{Call, ChainEvent, Network, OrderCall, OrderEvent},
	keys::Key,
	party::told,
	payments::Payer,
	settle::{Patience, Progress},
	transact::{Actor, Done, TransactError},
	AccountId,
};

/// What came of an order's end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ended {
	/// The transaction.
	pub done: Done,
	/// What the seller was paid.
	pub to_seller: Usdt,
	/// What the buyer got back of the amount, beside the storage deposit.
	pub to_buyer: Usdt,
	/// Whether the order is gone. If not, somebody's account could not take its part: it can be
	/// released when it can.
	pub closed: bool,
}

/// Orders, as a key can offer, carry on and end them.
#[derive(Debug)]
pub struct Orders<'a, N> {
	actor: Actor<'a, N>,
	patience: Patience,
}

impl<'a, N: Network> Orders<'a, N> {
	/// What `key` can do with orders.
	pub fn new(network: &'a N, key: &'a Key, patience: Patience) -> Self {
		Self { actor: Actor::new(network, key, patience.clone()), patience }
	}

	/// Offers an order from the key's machine, and tells its number.
	///
	/// # Errors
	/// [`OrderError::ZeroAmount`], [`OrderError::Phase`], [`OrderError::AcceptBy`], and what
	/// [`Payer`] and sending give.
	pub async fn offer(
		&self,
		offer: &Offer<AccountId>,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<(Done, OrderId), OrderError> {
		let amount = Usdt::from_units(offer.amount);
		if amount == Usdt::default() {
			return Err(OrderError::ZeroAmount);
		}
		let network = self.actor.network;
		let limits = network.limits().await?;
		let longest = limits.order_phase;
		let phases = [("deliver", offer.deliver_within), ("confirm", offer.confirm_within)];
		for (what, blocks) in phases {
			if !(1..=longest).contains(&blocks) {
				return Err(OrderError::Phase { what, blocks, longest });
			}
		}
		let (accept_by, first) = (offer.accept_by, self.actor.next_block().await?);
		let last = first.saturating_add(longest);
		if !(first..=last).contains(&accept_by) {
			return Err(OrderError::AcceptBy { accept_by, first, last });
		}
		let payer = Payer::new(network, self.actor.key, self.patience.clone()).await?;
		payer.check_lock(&offer.seller, amount, limits.order_deposit).await?;
		let machine = payer.machine().id;
		let (done, events) = self.transact(OrderCall::Offer(offer.clone()), progress).await?;
		let order = told("the event of the new order", events, |event| match event {
			ChainEvent::Order(OrderEvent::Offered { order, buyer, .. }) if buyer == machine => {
				Some(order)
			},
			_ => None,
		})?;
		Ok((done, order))
	}

	/// Accepts, as the seller, and tells the last block in which it can deliver.
	///
	/// # Errors
	/// [`OrderError::UnknownOrder`], [`OrderError::WrongState`], [`OrderError::TooLate`],
	/// [`OrderError::NotSeller`], and what sending gives.
	pub async fn accept(
		&self,
		order: OrderId,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<(Done, u32), OrderError> {
		let record = self.record(order).await?;
		if record.state != OrderState::Offered {
			return Err(OrderError::WrongState { order, state: record.state });
		}
		self.check_seller(order, &record).await?;
		self.check_in_time(order, &record).await?;
		let (done, events) = self.transact(OrderCall::Accept(order), progress).await?;
		let deliver_by = told("the event of the acceptance", events, |event| match event {
			ChainEvent::Order(OrderEvent::Accepted { deliver_by, .. }) => Some(deliver_by),
			_ => None,
		})?;
		Ok((done, deliver_by))
	}

	/// Ends an order in the buyer's favour: by the seller, by the buyer before the seller accepted, or
	/// by anybody once the seller is late.
	///
	/// # Errors
	/// [`OrderError::UnknownOrder`], [`OrderError::WrongState`], [`OrderError::TooEarly`],
	/// [`OrderError::NotSeller`], and what sending gives.
	pub async fn cancel(
		&self,
		order: OrderId,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Ended, OrderError> {
		let record = self.record(order).await?;
		let state = record.state;
		match state {
			OrderState::Decided { .. } => return Err(OrderError::WrongState { order, state }),
			OrderState::Offered | OrderState::Accepted { .. } => {
				let offered = state == OrderState::Offered;
				let may = self.is_late(&record).await?
					|| self.actor.is_payee(&record.offer.seller).await?
					|| offered && self.actor.is_payer(record.buyer).await?;
				if !may {
					let deadline = record.deadline();
					return Err(OrderError::TooEarly { order, state, deadline });
				}
			},
			OrderState::Delivered { .. } | OrderState::Disputed { .. } => {
				self.check_seller(order, &record).await?
			},
		}
		self.end(OrderCall::Cancel(order), progress).await
	}

	/// Says, as the seller, that it is delivered, with the hash of what proves it, and tells the last
	/// block in which the buyer can dispute.
	///
	/// # Errors
	/// As [`Self::accept`].
	pub async fn deliver(
		&self,
		order: OrderId,
		evidence: [u8; 32],
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<(Done, u32), OrderError> {
		let record = self.record(order).await?;
		let OrderState::Accepted { .. } = record.state else {
			return Err(OrderError::WrongState { order, state: record.state });
		};
		self.check_seller(order, &record).await?;
		self.check_in_time(order, &record).await?;
		let call = OrderCall::Deliver { order, evidence };
		let (done, events) = self.transact(call, progress).await?;
		let confirm_by = told("the event of the delivery", events, |event| match event {
			ChainEvent::Order(OrderEvent::Delivered { confirm_by, .. }) => Some(confirm_by),
			_ => None,
		})?;
		Ok((done, confirm_by))
	}

	/// Has the seller paid, as the buyer, at any time after the seller accepted.
	///
	/// # Errors
	/// [`OrderError::UnknownOrder`], [`OrderError::WrongState`], [`OrderError::NotBuyer`], and what
	/// sending gives.
	pub async fn confirm(
		&self,
		order: OrderId,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Ended, OrderError> {
		let record = self.record(order).await?;
		let state = record.state;
		if let OrderState::Offered | OrderState::Decided { .. } = state {
			return Err(OrderError::WrongState { order, state });
		}
		self.check_buyer(order, &record).await?;
		self.end(OrderCall::Confirm(order), progress).await
	}

	/// Disputes a delivery in time, as the buyer, with the hash of what proves the complaint, and
	/// tells the last block in which the arbiter can decide.
	///
	/// # Errors
	/// [`OrderError::UnknownOrder`], [`OrderError::WrongState`], [`OrderError::NotBuyer`],
	/// [`OrderError::NoArbiter`], [`OrderError::TooLate`], and what sending gives.
	pub async fn dispute(
		&self,
		order: OrderId,
		evidence: [u8; 32],
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<(Done, u32), OrderError> {
		let record = self.record(order).await?;
		let OrderState::Delivered { .. } = record.state else {
			return Err(OrderError::WrongState { order, state: record.state });
		};
		self.check_buyer(order, &record).await?;
		if record.offer.arbiter.is_none() {
			return Err(OrderError::NoArbiter(order));
		}
		self.check_in_time(order, &record).await?;
		let call = OrderCall::Dispute { order, evidence };
		let (done, events) = self.transact(call, progress).await?;
		let resolve_by = told("the event of the dispute", events, |event| match event {
			ChainEvent::Order(OrderEvent::Disputed { resolve_by, .. }) => Some(resolve_by),
			_ => None,
		})?;
		Ok((done, resolve_by))
	}

	/// Has the seller paid whose delivery nobody disputed in time, or what could not be paid when it
	/// was decided. Anybody can do that.
	///
	/// # Errors
	/// [`OrderError::UnknownOrder`], [`OrderError::WrongState`], [`OrderError::TooEarly`], and what
	/// sending gives.
	pub async fn release(
		&self,
		order: OrderId,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Ended, OrderError> {
		let record = self.record(order).await?;
		match record.state {
			OrderState::Decided { .. } => {},
			OrderState::Delivered { .. } => self.check_late(order, &record).await?,
			state => return Err(OrderError::WrongState { order, state }),
		}
		self.end(OrderCall::Release(order), progress).await
	}

	/// Decides a dispute in time, as its arbiter: the seller gets `to_seller`, the buyer the rest.
	///
	/// # Errors
	/// [`OrderError::UnknownOrder`], [`OrderError::WrongState`], [`OrderError::NotArbiter`],
	/// [`OrderError::TooLate`], [`OrderError::ExceedsAmount`], and what sending gives.
	pub async fn resolve(
		&self,
		order: OrderId,
		to_seller: Usdt,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Ended, OrderError> {
		let record = self.disputed(order).await?;
		let signer = self.actor.account();
		let arbiter = record.offer.arbiter.ok_or(OrderError::NoArbiter(order))?;
		if arbiter != signer {
			return Err(OrderError::NotArbiter { order, arbiter, signer });
		}
		let amount = Usdt::from_units(record.offer.amount);
		if to_seller > amount {
			return Err(OrderError::ExceedsAmount { order, amount, to_seller });
		}
		self.check_in_time(order, &record).await?;
		self.end(OrderCall::Resolve { order, to_seller }, progress).await
	}

	/// Ends a dispute that the arbiter did not decide in time: each side gets half. Anybody can do
	/// that.
	///
	/// # Errors
	/// [`OrderError::UnknownOrder`], [`OrderError::WrongState`], [`OrderError::TooEarly`], and what
	/// sending gives.
	pub async fn expire_dispute(
		&self,
		order: OrderId,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Ended, OrderError> {
		let record = self.disputed(order).await?;
		self.check_late(order, &record).await?;
		self.end(OrderCall::ExpireDispute(order), progress).await
	}

	async fn end(
		&self,
		call: OrderCall,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Ended, OrderError> {
		let (done, events) = self.transact(call, progress).await?;
		// Nothing is said of payments when no account can take its part.
		let mut ended =
			Ended { done, to_seller: Usdt::default(), to_buyer: Usdt::default(), closed: false };
		for event in events {
			if let ChainEvent::Order(OrderEvent::PaidOut { to_seller, to_buyer, closed, .. }) =
				event
			{
				(ended.to_seller, ended.to_buyer, ended.closed) = (to_seller, to_buyer, closed);
			}
		}
		Ok(ended)
	}

	async fn record(&self, order: OrderId) -> Result<Order<AccountId>, OrderError> {
		let found = self.actor.network.order(order).await?;
		found.ok_or(OrderError::UnknownOrder(order))
	}

	async fn disputed(&self, order: OrderId) -> Result<Order<AccountId>, OrderError> {
		let record = self.record(order).await?;
		match record.state {
			OrderState::Disputed { .. } => Ok(record),
			state => Err(OrderError::WrongState { order, state }),
		}
	}

	async fn check_buyer(
		&self,
		order: OrderId,
		record: &Order<AccountId>,
	) -> Result<(), OrderError> {
		if self.actor.is_payer(record.buyer).await? {
			return Ok(());
		}
		Err(OrderError::NotBuyer { order, buyer: record.buyer })
	}

	async fn check_seller(
		&self,
		order: OrderId,
		record: &Order<AccountId>,
	) -> Result<(), OrderError> {
		if self.actor.is_payee(&record.offer.seller).await? {
			return Ok(());
		}
		Err(OrderError::NotSeller { order, signer: self.actor.account() })
	}

	/// Whether the earliest block that can hold a transaction is past the deadline.
	async fn is_late(&self, record: &Order<AccountId>) -> Result<bool, OrderError> {
		Ok(record.is_late(self.actor.next_block().await?))
	}

	async fn check_in_time(
		&self,
		order: OrderId,
		record: &Order<AccountId>,
	) -> Result<(), OrderError> {
		if self.is_late(record).await? {
			let (state, deadline) = (record.state, record.deadline());
			return Err(OrderError::TooLate { order, state, deadline });
		}
		Ok(())
	}

	async fn check_late(
		&self,
		order: OrderId,
		record: &Order<AccountId>,
	) -> Result<(), OrderError> {
		if self.is_late(record).await? {
			return Ok(());
		}
		let (state, deadline) = (record.state, record.deadline());
		Err(OrderError::TooEarly { order, state, deadline })
	}

	async fn transact(
		&self,
		call: OrderCall,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<(Done, Vec<ChainEvent>), TransactError> {
		self.actor.transact(&Call::Order(call), progress).await
	}
}
