//! Streams: money that flows from a machine to a payee at a rate in time.
//!
//! The payer puts a deposit into escrow, and with every block the payee has earned `rate` more of
//! it. Nothing is rounded: a block earns exactly the rate, and the last one what is left of the
//! deposit. Whoever has a proof of a [`Stream`] can tell what it is worth in any later block.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::{MachineId, Payee, PaymentFailure};

/// Number of a stream, ascending from 0 and never reused.
pub type StreamId = u64;

/// Most streams that a machine pays from at a time.
pub const MAX_STREAMS: u32 = 256;
/// Most streams that one `collect_batch` carries.
pub const MAX_COLLECTIONS: u32 = 256;

/// Whether a stream earns its payee anything now.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
#[cfg_attr(
	feature = "serde",
	derive(serde::Serialize),
	serde(rename_all = "camelCase", tag = "state")
)]
pub enum Flow {
	/// It runs.
	#[codec(index = 0)]
	Running {
		/// Every block after this one earns the rate, while the deposit lasts.
		since: u32,
	},
	/// The payer has paused it.
	#[codec(index = 1)]
	Paused {
		/// The last block that earned something.
		since: u32,
	},
}

/// A stream, as it stands in the state.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "camelCase"))]
pub struct Stream<AccountId> {
	/// Who pays.
	pub payer: MachineId,
	/// Who is paid, and nobody else ever.
	pub payee: Payee<AccountId>,
	/// Earned with every block, in units of 0.000001 USDT. Never zero, never changes.
	#[cfg_attr(feature = "serde", serde(serialize_with = "crate::machine::text_field"))]
	pub rate: u128,
	/// Paid in so far, in units of 0.000001 USDT.
	#[cfg_attr(feature = "serde", serde(serialize_with = "crate::machine::text_field"))]
	pub deposit: u128,
	/// Of it, paid out to the payee so far, in units of 0.000001 USDT.
	#[cfg_attr(feature = "serde", serde(serialize_with = "crate::machine::text_field"))]
	pub settled: u128,
	/// Of the rest, earned by the payee before [`Self::flow`] began, in units of 0.000001 USDT.
	#[cfg_attr(feature = "serde", serde(serialize_with = "crate::machine::text_field"))]
	pub carried: u128,
	/// Whether it runs, and since when.
	pub flow: Flow,
	/// Comes back to the payer when the stream is gone, in units of 0.000001 USDT.
	#[cfg_attr(feature = "serde", serde(serialize_with = "crate::machine::text_field"))]
	pub storage_deposit: u128,
}

impl<AccountId> Stream<AccountId> {
	/// What is in escrow for the payee, earned or not, in units of 0.000001 USDT.
	pub const fn open_amount(&self) -> u128 {
		// Never more is settled than was paid in.
		self.deposit.saturating_sub(self.settled)
	}

	/// What the payee has earned and was not paid by the end of block `now`, in units of
	/// 0.000001 USDT. Never more than [`Self::open_amount`].
	pub fn due(&self, now: u32) -> u128 {
		let open = self.open_amount();
		let Flow::Running { since } = self.flow else { return self.carried.min(open) };
		// A block before the first one earns nothing.
		let blocks = now.saturating_sub(since);
		self.rate
			.checked_mul(blocks.into())
			.and_then(|run| run.checked_add(self.carried))
			// More than a number can hold is more than any deposit.
			.map_or(open, |due| due.min(open))
	}

	/// The block with which the deposit has run out, if it runs and nobody changes it; `None` if it
	/// is paused, or would run beyond the last block there can be.
	pub fn runs_out_at(&self) -> Option<u32> {
		let Flow::Running { since } = self.flow else { return None };
		let missing = self.open_amount().saturating_sub(self.carried);
		let blocks = match missing.checked_sub(1) {
			None => 0,
			// The last block earns what is left, though it may be less than the rate.
			Some(rest) => rest.checked_div(self.rate)?.checked_add(1)?,
		};
		since.checked_add(blocks.try_into().ok()?)
	}

	/// Whether nothing more can be earned from the deposit after block `now`.
	pub fn has_run_out(&self, now: u32) -> bool {
		self.due(now) == self.open_amount()
	}

	/// The last block that earned something, if block `now` is not before it and the next one earns
	/// nothing any more.
	pub fn stopped_at(&self, now: u32) -> Option<u32> {
		match self.flow {
			Flow::Paused { since } => Some(since),
			Flow::Running { .. } => self.runs_out_at().filter(|last| *last <= now),
		}
	}

	/// Writes down what was earned by the end of block `now`: whatever changes afterwards, deposit,
	/// flow or what is settled, changes nothing before. A stream that had run out earns nothing for
	/// the time that it waited.
	pub fn carry(&mut self, now: u32) {
		self.carried = self.due(now);
		if let Flow::Running { since } = &mut self.flow {
			*since = now;
		}
	}
}

/// Why a stream could not be collected from.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
pub enum CollectFailure {
	/// No such stream: never opened, or closed.
	UnknownStream,
	/// Nothing was earned since it was collected last.
	NothingDue,
	/// The payee's account cannot take the money now: blocked, full, its machine is retired, or its
	/// first payment is too small. What was earned stays where it is for a while.
	PayeeUnavailable,
	/// Escrow lets nothing go: it is frozen by whoever administers the asset.
	EscrowUnavailable,
}

impl CollectFailure {
	/// What happened and what to do, in a sentence.
	pub const fn explain(self) -> &'static str {
		match self {
			Self::UnknownStream => "there is no such stream: it was closed, or never opened",
			Self::NothingDue => "nothing was earned since the last time: collect again later",
			Self::PayeeUnavailable =>
				"the payee's account cannot take the money now: collect again when it can, and in time",
			Self::EscrowUnavailable =>
				"escrow is frozen: nothing is lost, ask whoever administers the asset",
		}
	}
}

impl From<PaymentFailure> for CollectFailure {
	/// What keeps a payment out of escrow.
	fn from(failure: PaymentFailure) -> Self {
		match failure {
			PaymentFailure::UnknownMachine
			| PaymentFailure::BelowMinimum
			| PaymentFailure::PayeeUnavailable => Self::PayeeUnavailable,
			_ => Self::EscrowUnavailable,
		}
	}
}

/// A stream of a batch that could not be collected from.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct FailedCollection {
	/// Position in the batch, from 0.
	#[codec(compact)]
	pub index: u32,
	/// Why.
	pub reason: CollectFailure,
}

#[cfg(test)]
mod tests {
	use super::*;

	fn stream(rate: u128, deposit: u128) -> Stream<[u8; 32]> {
		Stream {
			payer: 1,
			payee: Payee::Machine(2),
			rate,
			deposit,
			settled: 0,
			carried: 0,
			flow: Flow::Running { since: 100 },
			storage_deposit: 5,
		}
	}

	#[test]
	fn every_block_should_earn_the_rate_until_the_deposit_is_gone() {
		let stream = stream(10, 25);
		for (now, due) in [(0, 0), (100, 0), (101, 10), (102, 20), (103, 25), (u32::MAX, 25)] {
			assert_eq!(stream.due(now), due, "{now}");
			assert_eq!(stream.has_run_out(now), due == 25, "{now}");
			assert_eq!(stream.stopped_at(now), (due == 25).then_some(103), "{now}");
		}
		assert_eq!(stream.runs_out_at(), Some(103));
	}

	#[test]
	fn stream_should_run_out_with_the_block_that_earns_the_last_unit() {
		for (rate, deposit, last) in [
			(10, 1, 101),
			(10, 10, 101),
			(10, 11, 102),
			(10, 20, 102),
			(1, 7, 107),
			(u128::MAX, u128::MAX, 101),
			(1 << 100, u128::MAX, 100 + (1 << 28)),
		] {
			let stream = stream(rate, deposit);
			assert_eq!(stream.runs_out_at(), Some(last), "{rate} {deposit}");
			assert!(stream.has_run_out(last) && !stream.has_run_out(last - 1), "{rate} {deposit}");
		}
		// Nobody lives to see that.
		assert_eq!(stream(1, u128::MAX).runs_out_at(), None);
		assert_eq!(stream(1, u128::from(u32::MAX) - 100).runs_out_at(), Some(u32::MAX));
		assert_eq!(stream(1, u128::from(u32::MAX) - 99).runs_out_at(), None);
	}

	#[test]
	fn amounts_beyond_all_numbers_should_be_the_deposit() {
		let mut stream = stream(u128::MAX / 2, u128::MAX - 1);
		assert_eq!(stream.due(101), u128::MAX / 2);
		assert_eq!(stream.due(102), u128::MAX - 1);
		assert_eq!(stream.due(103), u128::MAX - 1);
		stream.carried = 5;
		assert_eq!(stream.due(102), u128::MAX - 1);
	}

	#[test]
	fn paused_stream_should_keep_what_was_earned_and_earn_no_more() {
		let mut stream = stream(10, 25);
		stream.carry(102);
		stream.flow = Flow::Paused { since: 102 };
		for now in [0, 102, 103, u32::MAX] {
			assert_eq!(stream.due(now), 20);
			assert!(!stream.has_run_out(now));
			assert_eq!(stream.stopped_at(now), Some(102));
		}
		assert_eq!(stream.runs_out_at(), None);
	}

	#[test]
	fn carrying_should_change_nothing_of_what_is_due() {
		for rate in [1, 3, 7, 10, 30] {
			let untouched = stream(rate, 25);
			let mut carried = untouched.clone();
			for now in 100..150 {
				if now % 3 == 0 {
					carried.carry(now);
				}
				assert_eq!(carried.due(now), untouched.due(now), "{rate} {now}");
				if !untouched.has_run_out(now) {
					assert_eq!(carried.runs_out_at(), untouched.runs_out_at(), "{rate} {now}");
				}
			}
		}
	}

	#[test]
	fn more_deposit_should_not_pay_for_the_time_without() {
		let mut stream = stream(10, 25);
		stream.carry(200);
		stream.deposit += 20;
		assert_eq!(stream.due(200), 25);
		assert_eq!(stream.due(201), 35);
		assert_eq!(stream.due(300), 45);
		assert_eq!(stream.runs_out_at(), Some(202));
	}

	#[test]
	fn what_is_settled_should_not_be_due() {
		let mut stream = stream(10, 25);
		stream.carry(102);
		(stream.settled, stream.carried) = (stream.carried, 0);
		assert_eq!(stream.open_amount(), 5);
		assert_eq!(stream.due(102), 0);
		assert_eq!(stream.due(103), 5);
		assert_eq!(stream.runs_out_at(), Some(103));
	}

	#[test]
	fn nonsense_should_not_panic() {
		let mut nonsense = stream(0, 25);
		assert_eq!(nonsense.due(u32::MAX), 0);
		assert_eq!(nonsense.runs_out_at(), None);
		nonsense.settled = 26;
		assert_eq!(nonsense.open_amount(), 0);
		assert_eq!(nonsense.due(u32::MAX), 0);
		nonsense.carried = u128::MAX;
		assert_eq!(nonsense.due(u32::MAX), 0);
		nonsense.flow = Flow::Paused { since: 0 };
		assert_eq!(nonsense.due(u32::MAX), 0);
	}

	#[test]
	fn record_should_keep_its_layout() {
		let mut expected = [1u64.to_le_bytes().as_slice(), &[0, 8]].concat();
		for amount in [10u128, 25, 0, 0] {
			expected.extend(amount.to_le_bytes());
		}
		expected.extend([0, 100, 0, 0, 0]);
		expected.extend(5u128.to_le_bytes());
		assert_eq!(stream(10, 25).encode(), expected);
		let paused = Flow::Paused { since: 0x0102 };
		assert_eq!(paused.encode(), [1, 2, 1, 0, 0]);
	}

	#[test]
	fn failures_should_keep_their_layout_and_say_what_to_do() {
		for (byte, failure) in (0..).zip([
			CollectFailure::UnknownStream,
			CollectFailure::NothingDue,
			CollectFailure::PayeeUnavailable,
			CollectFailure::EscrowUnavailable,
		]) {
			assert_eq!(FailedCollection { index: 64, reason: failure }.encode(), [1, 1, byte]);
			assert!(failure.explain().contains(": "), "{failure:?}");
		}
	}

	#[test]
	fn failure_should_tell_whether_it_is_the_payees() {
		for (failure, expected) in [
			(PaymentFailure::UnknownMachine, CollectFailure::PayeeUnavailable),
			(PaymentFailure::BelowMinimum, CollectFailure::PayeeUnavailable),
			(PaymentFailure::PayeeUnavailable, CollectFailure::PayeeUnavailable),
			(PaymentFailure::PayerFrozen, CollectFailure::EscrowUnavailable),
			(PaymentFailure::InsufficientFunds, CollectFailure::EscrowUnavailable),
		] {
			assert_eq!(CollectFailure::from(failure), expected);
		}
	}

	#[cfg(feature = "did")]
	#[test]
	fn json_should_carry_amounts_as_text() {
		let Stream { payer, rate, settled, carried, flow, storage_deposit, .. } = stream(10, 0);
		let (payee, deposit) = (Payee::Account("account"), u128::MAX);
		let stream =
			Stream { payer, payee, rate, deposit, settled, carried, flow, storage_deposit };
		let expected = serde_json::json!({
			"payer": 1,
			"payee": { "account": "account" },
			"rate": "10",
			"deposit": "340282366920938463463374607431768211455",
			"settled": "0",
			"carried": "0",
			"flow": { "state": "running", "since": 100 },
			"storageDeposit": "5",
		});
		assert_eq!(serde_json::to_value(&stream).unwrap(), expected);
	}
}
