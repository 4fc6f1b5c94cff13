//! Calls of streams.

use dam_primitives::{Payee, StreamId};
use subxt::dynamic::Value;

use super::{
	super::values::{bounded, number, payee},
	Parts,
};
use crate::{amount::Usdt, AccountId};

/// What is done with a stream.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum StreamCall {
	/// The payer's payment key opens one.
	Open {
		/// Who is paid.
		payee: Payee<AccountId>,
		/// Earned with every block.
		rate: Usdt,
		/// What is paid in.
		deposit: Usdt,
	},
	/// The payer's payment key pays more in.
	TopUp {
		/// Which stream.
		stream: StreamId,
		/// How much.
		amount: Usdt,
	},
	/// Anybody has the payee paid what it has earned.
	Collect(StreamId),
	/// The payer's payment key or its owner stops a stream for a while.
	Pause(StreamId),
	/// The payer's payment key or its owner lets it run again.
	Resume(StreamId),
	/// Payer or payee ends a stream.
	Close(StreamId),
	/// [`Self::Collect`], at most [`dam_primitives::stream::MAX_COLLECTIONS`] times.
	CollectBatch(Vec<StreamId>),
	/// Anybody ends a stream that has run out, or was forgotten.
	Sweep(StreamId),
}

impl StreamCall {
	pub(super) fn parts(&self) -> Parts {
		match self {
			Self::Open { payee: to, rate, deposit } => streams(
				"open",
				vec![
					("payee", payee(to)),
					("rate", number(rate.units())),
					("deposit", number(deposit.units())),
				],
			),
			Self::TopUp { stream: id, amount } => {
				streams("top_up", vec![stream(*id), ("amount", number(amount.units()))])
			},
			Self::Collect(id) => streams("collect", vec![stream(*id)]),
			Self::Pause(id) => streams("pause", vec![stream(*id)]),
			Self::Resume(id) => streams("resume", vec![stream(*id)]),
			Self::Close(id) => streams("close", vec![stream(*id)]),
			Self::CollectBatch(ids) => {
				let ids = bounded(ids.iter().map(|id| number(*id)));
				streams("collect_batch", vec![("streams", ids)])
			},
			Self::Sweep(id) => streams("sweep", vec![stream(*id)]),
		}
	}
}

fn streams(call: &'static str, arguments: Vec<(&'static str, Value)>) -> Parts {
	Parts { pallet: "Streams", call, arguments }
}

fn stream(id: StreamId) -> (&'static str, Value) {
	("stream", number(id))
}
