//! Why an order cannot go on.

use dam_primitives::{MachineId, OrderId, OrderState};
use thiserror::Error;

use crate::{
	amount::Usdt,
	error::{pay_code, transact_code},
	payments::PayError,
	transact::{from_chain, TransactError},
	AccountId,
};

/// Why an order was not offered, carried on or ended.
#[derive(Debug, Error)]
pub enum OrderError {
	/// Nothing to pay.
	#[error("the amount is zero: offer at least 0.000001 USDT")]
	ZeroAmount,
	/// A time that the chain does not take.
	#[error("the time to {what} is {blocks} blocks: give 1 to {longest}")]
	Phase {
		/// For what it is.
		what: &'static str,
		/// How long it would be.
		blocks: u32,
		/// How long it can be.
		longest: u32,
	},
	/// The acceptance would be too late already, or wait too long.
	#[error("block {accept_by} cannot be the last to accept: choose one from {first} to {last}")]
	AcceptBy {
		/// What was asked for.
		accept_by: u32,
		/// The earliest there can be.
		first: u32,
		/// The latest there can be.
		last: u32,
	},
	/// No such order.
	#[error("there is no order {0}: it has ended, or never was")]
	UnknownOrder(OrderId),
	/// Not now.
	#[error("order {order} {}: {}", describe(.state), what_can(.state))]
	WrongState {
		/// Which order.
		order: OrderId,
		/// How far it has come.
		state: OrderState,
	},
	/// The time is over.
	#[error("order {order} {} and block {deadline} is past: {}", describe(.state), what_can_late(.state))]
	TooLate {
		/// Which order.
		order: OrderId,
		/// How far it has come.
		state: OrderState,
		/// Its last block.
		deadline: u32,
	},
	/// The time is not over.
	#[error(
		"order {order} {} until block {deadline}: wait until that is past, or let the other side act",
		describe(.state)
	)]
	TooEarly {
		/// Which order.
		order: OrderId,
		/// How far it has come.
		state: OrderState,
		/// Its last block.
		deadline: u32,
	},
	/// Only the buyer's to do.
	#[error(
		"machine {buyer} has offered order {order}: only its payment key, while it may spend, or its \
		 owner can do this"
	)]
	NotBuyer {
		/// Which order.
		order: OrderId,
		/// Who buys.
		buyer: MachineId,
	},
	/// Only the seller's to do.
	#[error(
		"{signer} does not act for the seller of order {order}: use the seller's key, one with the \
		 right to claim, or its owner's"
	)]
	NotSeller {
		/// Which order.
		order: OrderId,
		/// Who would sign.
		signer: AccountId,
	},
	/// Only the arbiter's to do.
	#[error("order {order} is for {arbiter} to decide, the key is of {signer}")]
	NotArbiter {
		/// Which order.
		order: OrderId,
		/// Who is to decide.
		arbiter: AccountId,
		/// Who would sign.
		signer: AccountId,
	},
	/// Nobody could decide.
	#[error(
		"order {0} names no arbiter, so nobody could decide: confirm it, or talk to the seller"
	)]
	NoArbiter(OrderId),
	/// More than there is.
	#[error("order {order} is about {amount} USDT, the seller cannot get {to_seller}")]
	ExceedsAmount {
		/// Which order.
		order: OrderId,
		/// What it is about.
		amount: Usdt,
		/// What the seller would get.
		to_seller: Usdt,
	},
	/// What a machine's payment can meet.
	#[error(transparent)]
	Pay(#[from] PayError),
	/// What every operation can meet.
	#[error(transparent)]
	Transact(#[from] TransactError),
}

from_chain!(OrderError);

impl OrderError {
	/// A short name that programs can rely on.
	pub(crate) const fn code(&self) -> &'static str {
		match self {
			Self::ZeroAmount | Self::ExceedsAmount { .. } => "bad-amount",
			Self::Phase { .. } | Self::AcceptBy { .. } => "bad-time",
			Self::UnknownOrder(_) => "unknown-order",
			Self::WrongState { .. } => "wrong-state",
			Self::TooLate { .. } => "too-late",
			Self::TooEarly { .. } => "too-soon",
			Self::NotBuyer { .. } | Self::NotSeller { .. } | Self::NotArbiter { .. } => {
				"not-entitled"
			},
			Self::NoArbiter(_) => "no-arbiter",
			Self::Pay(error) => pay_code(error),
			Self::Transact(error) => transact_code(error),
		}
	}

	/// Whether what was given is at fault.
	pub(crate) const fn is_bad_input(&self) -> bool {
		matches!(self, Self::ZeroAmount | Self::Phase { .. } | Self::AcceptBy { .. })
	}
}

/// How far an order has come, in words that go after `order 7`.
pub const fn describe(state: &OrderState) -> &'static str {
	match state {
		OrderState::Offered => "waits for the seller to accept",
		OrderState::Accepted { .. } => "waits for the seller to deliver",
		OrderState::Delivered { .. } => "waits for the buyer to confirm or to dispute",
		OrderState::Disputed { .. } => "waits for the arbiter to decide",
		OrderState::Decided { .. } => "is decided and waits to be paid out",
	}
}

/// What somebody can do in a state.
const fn what_can(state: &OrderState) -> &'static str {
	match state {
		OrderState::Offered => "the seller can accept it, either side can cancel it",
		OrderState::Accepted { .. } => "the seller can deliver or cancel, the buyer can confirm",
		OrderState::Delivered { .. } => {
			"the buyer can confirm or, if there is an arbiter, dispute; the seller can cancel"
		},
		OrderState::Disputed { .. } => {
			"the arbiter can resolve it, the buyer can confirm, the seller can cancel"
		},
		OrderState::Decided { .. } => "anybody can release what is still owed",
	}
}

/// What somebody can do when a state's time is over.
const fn what_can_late(state: &OrderState) -> &'static str {
	match state {
		OrderState::Offered | OrderState::Accepted { .. } => {
			"anybody can cancel it, and the buyer gets its money back"
		},
		OrderState::Delivered { .. } => "anybody can release it, and the seller is paid",
		OrderState::Disputed { .. } => "anybody can expire it, and each side gets half",
		OrderState::Decided { .. } => "anybody can release what is still owed",
	}
}
