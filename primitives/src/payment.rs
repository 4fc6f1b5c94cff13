//! Payments: who is paid, how much, and why a payment of a batch did not happen.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::{machine::machine_at, MachineId};

/// Who is paid.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "camelCase"))]
pub enum Payee<AccountId> {
	/// A machine: the money goes to its sovereign account. One to nine bytes on the wire.
	#[codec(index = 0)]
	Machine(#[codec(compact)] MachineId),
	/// Any account.
	#[codec(index = 1)]
	Account(AccountId),
}

impl<AccountId: AsRef<[u8]>> Payee<AccountId> {
	/// The payee in its normal form: the machine, if the payee is the address of a machine's wallet.
	///
	/// Two payees are the same if and only if their normal forms are equal.
	#[must_use]
	pub fn normal_form(self) -> Self {
		let machine = match &self {
			Self::Machine(_) => None,
			Self::Account(account) => account.as_ref().try_into().ok().and_then(machine_at),
		};
		machine.map_or(self, Self::Machine)
	}
}

/// One item of a batch.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Payment<AccountId> {
	/// Who is paid.
	pub payee: Payee<AccountId>,
	/// How much, in units of 0.000001 USDT. Never zero.
	#[codec(compact)]
	pub amount: u128,
}

/// Why a payment did not happen.
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
pub enum PaymentFailure {
	/// The amount is zero.
	ZeroAmount,
	/// No such machine, or it is retired.
	UnknownMachine,
	/// The payer would pay itself.
	SelfPayment,
	/// The payer has too little; it must also keep the asset's minimum balance.
	InsufficientFunds,
	/// The payer's account is frozen by whoever administers the asset.
	PayerFrozen,
	/// The payee's account does not exist and the amount is below the asset's minimum balance.
	BelowMinimum,
	/// The payee's account cannot take the money: it is blocked, or its balance would overflow.
	PayeeUnavailable,
	/// The owner's policy allows no single payment that large.
	ExceedsPaymentCap,
	/// The owner's policy allows no more than what was paid in this period.
	ExceedsPeriodCap,
	/// The owner's policy does not allow this payee.
	PayeeNotAllowed,
	/// The owner's policy wants the owner's co-signature on a payment that large.
	NeedsCoSignature,
}

impl PaymentFailure {
	/// What happened and what to do, in a sentence.
	pub const fn explain(self) -> &'static str {
		match self {
			Self::ZeroAmount => "the amount is zero: pay at least 0.000001 USDT",
			Self::UnknownMachine => "no machine of that number takes payments: check the payee",
			Self::SelfPayment => "payer and payee are the same: name another payee",
			Self::InsufficientFunds =>
				"the machine has too little USDT: send USDT to its address and try again",
			Self::PayerFrozen =>
				"the machine's account is frozen: ask whoever administers the asset",
			Self::BelowMinimum =>
				"the payee's account does not exist yet: its first payment must be at least 0.01 USDT",
			Self::PayeeUnavailable =>
				"the payee's account cannot take the payment: it is blocked or full",
			Self::ExceedsPaymentCap =>
				"the owner's policy allows no payment that large: pay less, or ask the owner",
			Self::ExceedsPeriodCap =>
				"the owner's policy allows no more in this period: wait for the next, or ask the owner",
			Self::PayeeNotAllowed =>
				"the owner's policy does not allow this payee: ask the owner to list it",
			Self::NeedsCoSignature =>
				"a payment that large needs the owner's co-signature: have the owner approve it first",
		}
	}
}

/// An item of a batch that did not happen.
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
pub struct FailedPayment {
	/// Position in the batch, from 0.
	#[codec(compact)]
	pub index: u32,
	/// Why.
	pub reason: PaymentFailure,
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::machine_account;

	#[test]
	fn payee_should_be_the_machine_by_either_name() {
		for id in [0, 7, MachineId::MAX] {
			for payee in [Payee::Machine(id), Payee::Account(machine_account(id))] {
				assert_eq!(payee.normal_form(), Payee::Machine(id));
			}
		}
	}

	#[test]
	fn other_accounts_should_stay_as_they_are() {
		let mut almost = machine_account(7);
		almost[31] = 1;
		for account in [[9; 32], almost] {
			assert_eq!(Payee::Account(account).normal_form(), Payee::Account(account));
		}
		// An address of another length is no machine's.
		assert_eq!(Payee::Account([0; 20]).normal_form(), Payee::Account([0; 20]));
	}
}
