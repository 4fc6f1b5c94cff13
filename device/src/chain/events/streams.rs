//! What streams report.

use dam_primitives::{FailedCollection, MachineId, Payee, StreamId};

use super::{decode, ChainError};
use crate::{amount::Usdt, AccountId};

/// An event of a stream.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum StreamEvent {
	/// It was opened and runs.
	Opened {
		/// Its number.
		stream: StreamId,
		/// Who pays.
		payer: MachineId,
		/// Who is paid.
		payee: Payee<AccountId>,
		/// Earned with every block.
		rate: Usdt,
		/// What was paid in.
		deposit: Usdt,
	},
	/// More was paid in.
	ToppedUp {
		/// Which stream.
		stream: StreamId,
		/// What was paid in so far, settled or not.
		deposit: Usdt,
	},
	/// The payee was paid what it had earned.
	Collected {
		/// Out of which stream.
		stream: StreamId,
		/// How much, this time.
		amount: Usdt,
	},
	/// A batch was collected.
	BatchCollected {
		/// From how many streams something was collected.
		collected: u32,
		/// How much in all.
		total: Usdt,
		/// From which nothing was, and why.
		failed: Vec<FailedCollection>,
	},
	/// It earns nothing until it is resumed.
	Paused {
		/// Which stream.
		stream: StreamId,
		/// Earned and not paid yet.
		due: Usdt,
	},
	/// It runs again.
	Resumed {
		/// Which stream.
		stream: StreamId,
	},
	/// It is gone.
	Closed {
		/// Which stream.
		stream: StreamId,
		/// What the payee got in all.
		settled: Usdt,
		/// What it had earned beyond that and could not be paid in time.
		forfeited: Usdt,
		/// What went back to the payer, with what was forfeited and without the storage deposit.
		returned: Usdt,
	},
}

impl StreamEvent {
	/// Reads the event `name` of the pallet.
	pub(super) fn read(name: &str, input: &mut &[u8]) -> Result<Option<Self>, ChainError> {
		let what = "an event of a stream";
		Ok(Some(match name {
			"Opened" => {
				let (stream, payer, payee, rate, deposit) = decode(what, input)?;
				let (rate, deposit) = (Usdt::from_units(rate), Usdt::from_units(deposit));
				Self::Opened { stream, payer, payee, rate, deposit }
			},
			"ToppedUp" => {
				let (stream, deposit) = decode(what, input)?;
				Self::ToppedUp { stream, deposit: Usdt::from_units(deposit) }
			},
			"Collected" => {
				let (stream, amount) = decode(what, input)?;
				Self::Collected { stream, amount: Usdt::from_units(amount) }
			},
			"BatchCollected" => {
				let (collected, total, failed) = decode(what, input)?;
				Self::BatchCollected { collected, total: Usdt::from_units(total), failed }
			},
			"Paused" => {
				let (stream, due) = decode(what, input)?;
				Self::Paused { stream, due: Usdt::from_units(due) }
			},
			"Resumed" => Self::Resumed { stream: decode(what, input)? },
			"Closed" => {
				let (stream, settled, forfeited, returned) = decode(what, input)?;
				Self::Closed {
					stream,
					settled: Usdt::from_units(settled),
					forfeited: Usdt::from_units(forfeited),
					returned: Usdt::from_units(returned),
				}
			},
			_ => return Ok(None),
		}))
	}
}
