//! Mandates: what a payee may pull out of a machine's wallet, again and again.
//!
//! A mandate is a promise, not money: nothing is in escrow for it. A pull is paid if the payer has
//! the money and its owner's policy allows the payment then.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::{MachineId, Payee, PaymentFailure};

/// Number of a mandate, ascending from 0 and never reused.
pub type MandateId = u64;

/// Most mandates that a machine has given at a time.
pub const MAX_MANDATES: u32 = 256;
/// Most pulls that one `pull_batch` carries.
pub const MAX_PULLS: u32 = 256;

/// A period of a mandate, and what was pulled in it.
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
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "camelCase"))]
pub struct Pulled {
	/// Its first block: that of its first pull.
	pub started_at: u32,
	/// Pulled in it, in units of 0.000001 USDT. Never zero.
	#[cfg_attr(feature = "serde", serde(serialize_with = "crate::machine::text_field"))]
	pub amount: u128,
}

/// A mandate, as it stands in the state.
///
/// A period begins with the first pull that is made when none runs: over any stretch of time as long
/// as a period, at most twice the cap is pulled. What is not pulled in a period is not added to the
/// next.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "camelCase"))]
pub struct Mandate<AccountId> {
	/// Who pays.
	pub payer: MachineId,
	/// Who pulls, and is paid; nobody else ever.
	pub payee: Payee<AccountId>,
	/// Most that is pulled within a period, in units of 0.000001 USDT. Never zero.
	#[cfg_attr(feature = "serde", serde(serialize_with = "crate::machine::text_field"))]
	pub cap: u128,
	/// Length of a period, in blocks of a second. Never zero.
	pub period: u32,
	/// Last block in which something can be pulled.
	pub expires_at: u32,
	/// The last period, running or over; `None` before the first pull.
	pub pulled: Option<Pulled>,
	/// Comes back to the payer when the mandate is gone, in units of 0.000001 USDT.
	#[cfg_attr(feature = "serde", serde(serialize_with = "crate::machine::text_field"))]
	pub storage_deposit: u128,
}

impl<AccountId> Mandate<AccountId> {
	/// Whether nothing can be pulled any more in block `now`.
	pub const fn has_expired(&self, now: u32) -> bool {
		now > self.expires_at
	}

	/// The period that runs in block `now`, if one does.
	pub fn running(&self, now: u32) -> Option<Pulled> {
		// A period that reaches beyond the last block there can be never ends.
		self.pulled.filter(|pulled| now < pulled.started_at.saturating_add(self.period))
	}

	/// What can be pulled in block `now` as far as the mandate goes, in units of 0.000001 USDT.
	pub fn available(&self, now: u32) -> u128 {
		if self.has_expired(now) {
			return 0;
		}
		// Never more is pulled than the cap.
		self.cap.saturating_sub(self.running(now).map_or(0, |pulled| pulled.amount))
	}

	/// Counts a pull of `amount` in block `now`.
	///
	/// # Errors
	/// Why the mandate does not cover it; it is unchanged then.
	pub fn pull(&mut self, amount: u128, now: u32) -> Result<(), PullFailure> {
		if amount == 0 {
			return Err(PullFailure::Payment(PaymentFailure::ZeroAmount));
		}
		if self.has_expired(now) {
			return Err(PullFailure::Expired);
		}
		let Pulled { started_at, amount: before } =
			self.running(now).unwrap_or(Pulled { started_at: now, amount: 0 });
		let amount = before
			.checked_add(amount)
			.filter(|sum| *sum <= self.cap)
			.ok_or(PullFailure::ExceedsCap)?;
		self.pulled = Some(Pulled { started_at, amount });
		Ok(())
	}
}

/// Why a pull was not paid.
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
pub enum PullFailure {
	/// No such mandate: never granted, revoked, or removed.
	#[codec(index = 0)]
	UnknownMandate,
	/// Whoever signed does not act for the mandate's payee.
	#[codec(index = 1)]
	NotPayee,
	/// The mandate's last block is past.
	#[codec(index = 2)]
	Expired,
	/// More than the cap leaves in this period.
	#[codec(index = 3)]
	ExceedsCap,
	/// The payer may not spend now: it is suspended, or its keys are frozen.
	#[codec(index = 4)]
	PayerInactive,
	/// The payment itself is not possible.
	#[codec(index = 5)]
	Payment(PaymentFailure),
}

impl PullFailure {
	/// What happened and what to do, in a sentence.
	pub const fn explain(self) -> &'static str {
		match self {
			Self::UnknownMandate => {
				"there is no such mandate: it was revoked or removed, or never granted"
			},
			Self::NotPayee => {
				"the signer does not act for the mandate's payee: sign with a key that does"
			},
			Self::Expired => "the mandate has expired: ask the payer for another",
			Self::ExceedsCap => {
				"the mandate's cap leaves no more in this period: pull less, or wait for the next"
			},
			Self::PayerInactive => {
				"the payer is suspended or frozen: pull again when its owner lets it spend"
			},
			Self::Payment(failure) => failure.explain(),
		}
	}
}

impl From<PaymentFailure> for PullFailure {
	fn from(failure: PaymentFailure) -> Self {
		Self::Payment(failure)
	}
}

/// A pull of a batch that was not paid.
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
pub struct FailedPull {
	/// Position in the batch, from 0.
	#[codec(compact)]
	pub index: u32,
	/// Why.
	pub reason: PullFailure,
}

#[cfg(test)]
mod tests {
	use super::*;

	/// 100 within any ten blocks, until block 50.
	fn mandate() -> Mandate<[u8; 32]> {
		Mandate {
			payer: 1,
			payee: Payee::Machine(2),
			cap: 100,
			period: 10,
			expires_at: 50,
			pulled: None,
			storage_deposit: 5,
		}
	}

	#[test]
	fn cap_should_hold_within_a_period() {
		let mut mandate = mandate();
		assert_eq!(mandate.available(7), 100);
		mandate.pull(60, 7).unwrap();
		assert_eq!(mandate.available(7), 40);
		assert_eq!(mandate.pull(41, 8), Err(PullFailure::ExceedsCap));
		mandate.pull(40, 16).unwrap();
		assert_eq!(mandate.pulled, Some(Pulled { started_at: 7, amount: 100 }));
		assert_eq!(mandate.pull(1, 16), Err(PullFailure::ExceedsCap));
		assert_eq!(mandate.available(16), 0);
	}

	#[test]
	fn period_should_begin_with_the_first_pull_after_the_last_one() {
		let mut mandate = mandate();
		mandate.pull(100, 7).unwrap();
		// Ten blocks: 7 to 16.
		assert_eq!(mandate.running(16), Some(Pulled { started_at: 7, amount: 100 }));
		assert_eq!(mandate.running(17), None);
		assert_eq!(mandate.available(17), 100);
		mandate.pull(1, 25).unwrap();
		assert_eq!(mandate.available(34), 99);
		assert_eq!(mandate.available(35), 100);
	}

	#[test]
	fn unused_cap_should_not_add_up() {
		let mut mandate = mandate();
		mandate.pull(1, 1).unwrap();
		assert_eq!(mandate.available(45), 100);
		assert_eq!(mandate.pull(101, 45), Err(PullFailure::ExceedsCap));
	}

	#[test]
	fn nothing_should_be_pulled_after_the_last_block() {
		let mut mandate = mandate();
		mandate.pull(1, 50).unwrap();
		assert!(!mandate.has_expired(50) && mandate.has_expired(51));
		assert_eq!(mandate.pull(1, 51), Err(PullFailure::Expired));
		assert_eq!(mandate.available(50), 99);
		assert_eq!(mandate.available(51), 0);
	}

	#[test]
	fn failed_pull_should_change_nothing() {
		let mut mandate = mandate();
		mandate.pull(60, 7).unwrap();
		let before = mandate.clone();
		for (amount, now) in [(0, 8), (41, 8), (u128::MAX, 8), (101, 30), (1, 51)] {
			assert!(mandate.pull(amount, now).is_err(), "{amount} {now}");
			assert_eq!(mandate, before);
		}
		let zero = PullFailure::Payment(PaymentFailure::ZeroAmount);
		assert_eq!(mandate.pull(0, 8), Err(zero));
	}

	#[test]
	fn extremes_should_not_overflow() {
		let mut mandate =
			Mandate { cap: u128::MAX, period: u32::MAX, expires_at: u32::MAX, ..mandate() };
		mandate.pull(u128::MAX - 1, 5).unwrap();
		assert_eq!(mandate.pull(2, u32::MAX - 1), Err(PullFailure::ExceedsCap));
		mandate.pull(1, u32::MAX - 1).unwrap();
		// The period would end after the last block there is.
		assert_eq!(mandate.pull(1, u32::MAX - 1), Err(PullFailure::ExceedsCap));
	}

	#[test]
	fn record_should_keep_its_layout() {
		let mut expected = [1u64.to_le_bytes().as_slice(), &[0, 8]].concat();
		expected.extend(100u128.to_le_bytes());
		expected.extend([10, 0, 0, 0, 50, 0, 0, 0, 0]);
		expected.extend(5u128.to_le_bytes());
		assert_eq!(mandate().encode(), expected);
		let pulled = Pulled { started_at: 7, amount: 1 };
		assert_eq!(pulled.encode(), [[7, 0, 0, 0].as_slice(), &1u128.to_le_bytes()].concat());
	}

	#[test]
	fn failures_should_keep_their_layout_and_say_what_to_do() {
		for (byte, failure) in (0..).zip([
			PullFailure::UnknownMandate,
			PullFailure::NotPayee,
			PullFailure::Expired,
			PullFailure::ExceedsCap,
			PullFailure::PayerInactive,
		]) {
			assert_eq!(FailedPull { index: 64, reason: failure }.encode(), [1, 1, byte]);
			assert!(failure.explain().contains(": "), "{failure:?}");
		}
		let failure = PullFailure::Payment(PaymentFailure::SelfPayment);
		assert_eq!(failure.encode(), [5, 2]);
		assert_eq!(failure.explain(), PaymentFailure::SelfPayment.explain());
	}

	#[cfg(feature = "did")]
	#[test]
	fn json_should_carry_amounts_as_text() {
		let mut mandate = mandate();
		mandate.pull(3, 7).unwrap();
		let expected = serde_json::json!({
			"payer": 1,
			"payee": { "machine": 2 },
			"cap": "100",
			"period": 10,
			"expiresAt": 50,
			"pulled": { "startedAt": 7, "amount": "3" },
			"storageDeposit": "5",
		});
		assert_eq!(serde_json::to_value(&mandate).unwrap(), expected);
		let failed = FailedPull { index: 3, reason: PaymentFailure::InsufficientFunds.into() };
		assert_eq!(
			serde_json::to_value(failed).unwrap(),
			serde_json::json!({ "index": 3, "reason": { "payment": "insufficient-funds" } })
		);
	}
}
