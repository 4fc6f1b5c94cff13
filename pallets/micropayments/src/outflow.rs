//! Payments out of one account that leave it together.

use crate::*;
use alloc::collections::BTreeMap;
use frame_support::{
	pallet_prelude::*,
	storage::with_transaction_unchecked,
	traits::{
		fungible::{Inspect as _, Unbalanced as _},
		tokens::{Fortitude, Precision, Preservation, WithdrawConsequence},
	},
};
use sp_runtime::{TokenError, TransactionOutcome};

/// Payments out of one account. Payees are credited when they are paid first, and at the end, in
/// [`finish`](Self::finish), with what they were paid after that; the account is debited then, once,
/// by the sum.
///
/// Before the end the balances do not sum to the issuance. That is why machines' incomes are told of
/// after it, when everything adds up: once for each machine.
///
/// # Why it may do without the SDK's transfer
///
/// The SDK's transfer ([`fungible::Mutate::transfer`]) is `decrease_balance` and `increase_balance`
/// between two checks, and an event. Here are the same two, and:
///
/// * *The payer's check.* What may leave is read once ([`fungible::Inspect::reducible_balance`]: the
///   asset is live, the account exists, is not frozen, and keeps what is frozen in it and the
///   minimum balance) and counted down. Only a payment that is too much asks
///   [`fungible::Inspect::can_withdraw`] for the reason, on top of what has been paid. The debit
///   checks all of it once more.
/// * *The payee's check.* `increase_balance` makes it first, before it changes anything: the account
///   is not blocked and does not overflow, or it is new and the amount is the minimum balance. An
///   account that somebody's deposit keeps open takes any amount. A payee that was credited once
///   takes whatever follows: see [`merges`](Self::merges).
/// * *References.* A new account counts among the asset's accounts and takes its reference in the
///   system in `increase_balance`, as in a transfer.
/// * *Deaths.* The payer keeps the minimum balance, so no account dies, no reference or deposit comes
///   back, and neither freezer nor holder must be told. The asset's other callbacks are about assets
///   that are created and destroyed.
/// * *Issuance.* Neither changes it, and what is credited is what is debited.
/// * *Events.* The asset's own event for each transfer is what is really left out. The events of
///   whoever pays tell the sum and what failed.
#[must_use = "payees are credited, but nobody is debited until the end"]
pub(crate) struct Outflow<T: Config> {
	source: T::AccountId,
	/// What may leave the account in all.
	available: u128,
	/// What has been paid.
	total: u128,
	/// Who has been paid.
	payees: BTreeMap<T::AccountId, Paid>,
	/// Whether payments to the same payee are credited together, once that is known.
	merges: Option<bool>,
}

/// A payee that was paid at least once.
#[derive(Default)]
struct Paid {
	/// The machine whose income that is.
	machine: Option<MachineId>,
	/// How much it was paid.
	total: u128,
	/// How much of it is still to be credited.
	pending: u128,
}

impl<T: Config> Outflow<T> {
	/// Begins to pay out of `source`.
	pub(crate) fn begin(source: T::AccountId) -> Self {
		let available =
			T::Currency::reducible_balance(&source, Preservation::Preserve, Fortitude::Polite);
		Self { source, available, total: 0, payees: BTreeMap::new(), merges: None }
	}

	/// Pays exactly `amount`, or changes nothing and tells why.
	pub(crate) fn pay(
		&mut self,
		payee: &Payee<T::AccountId>,
		amount: u128,
	) -> Result<(), PaymentFailure> {
		ensure!(amount > 0, PaymentFailure::ZeroAmount);
		let (account, machine) = Pallet::<T>::account_of(payee);
		let again = self.payees.contains_key(&account) && self.merges();
		if again {
			self.total = self.after(amount)?;
		} else {
			Pallet::<T>::ensure_payable(&self.source, &account, machine)?;
			self.send(&account, amount)?;
		}
		let paid = self.payees.entry(account).or_default();
		paid.machine = machine;
		// Neither is more than `self.total`.
		paid.total = paid.total.saturating_add(amount);
		paid.pending = paid.pending.saturating_add(if again { amount } else { 0 });
		Ok(())
	}

	/// Credits `account` with exactly `amount` at once, or changes nothing and tells why. It is
	/// nobody's income.
	pub(crate) fn send(
		&mut self,
		account: &T::AccountId,
		amount: u128,
	) -> Result<(), PaymentFailure> {
		let total = self.after(amount)?;
		T::Currency::increase_balance(account, amount, Precision::Exact)
			.map_err(deposit_failure)?;
		self.total = total;
		Ok(())
	}

	/// What has been paid after another `amount`, if that much may leave.
	fn after(&self, amount: u128) -> Result<u128, PaymentFailure> {
		let total = self.total.checked_add(amount).ok_or(PaymentFailure::InsufficientFunds)?;
		if total > self.available {
			withdraw_failure(T::Currency::can_withdraw(&self.source, total))?;
		}
		Ok(total)
	}

	/// Whether a payee that was credited takes everything that follows together.
	///
	/// It exists and is not blocked, and all balances are no more than the issuance; but the credit
	/// is refused if it would overflow the issuance, as if it was new money. It cannot while the
	/// issuance is in the lower half of its range. Above, every payment is checked by itself.
	fn merges(&mut self) -> bool {
		*self.merges.get_or_insert_with(|| T::Currency::total_issuance() <= u128::MAX / 2)
	}

	/// Credits what is pending, debits the account by what was paid, and tells of the machines'
	/// incomes; returns the sum.
	///
	/// An error, which the checks before rule out, leaves payees credited: the caller must undo
	/// everything. It is never one that blames a payee.
	pub(crate) fn finish(self) -> Result<u128, PaymentFailure> {
		let Self { source, total, payees, .. } = self;
		for (account, paid) in &payees {
			if paid.pending > 0 {
				T::Currency::increase_balance(account, paid.pending, Precision::Exact)
					.map_err(|_| PaymentFailure::InsufficientFunds)?;
			}
		}
		if total > 0 {
			let debited = T::Currency::decrease_balance(
				&source,
				total,
				Precision::Exact,
				Preservation::Preserve,
				Fortitude::Polite,
			);
			ensure!(debited == Ok(total), PaymentFailure::InsufficientFunds);
		}
		for paid in payees.into_values() {
			if let Some(machine) = paid.machine {
				T::OnIncome::on_income(machine, paid.total);
			}
		}
		Ok(total)
	}
}

impl<T: Config> Pallet<T> {
	/// The account that is credited when `payee` is paid, and the machine whose income that is.
	fn account_of(payee: &Payee<T::AccountId>) -> (T::AccountId, Option<MachineId>) {
		match payee {
			Payee::Machine(id) => (T::Machines::account(*id), Some(*id)),
			// A machine's address means the machine: nobody could take the money out if there is none.
			Payee::Account(account) => (account.clone(), T::Machines::machine_at(account)),
		}
	}

	/// Whether `source` may pay `account`, which is `machine`'s wallet if there is one.
	fn ensure_payable(
		source: &T::AccountId,
		account: &T::AccountId,
		machine: Option<MachineId>,
	) -> Result<(), PaymentFailure> {
		ensure!(machine.is_none_or(T::Machines::is_payable), PaymentFailure::UnknownMachine);
		ensure!(account != source, PaymentFailure::SelfPayment);
		// What arrives in the pot is on nobody's book: it would be lost.
		ensure!(machine.is_some() || *account != Self::pot(), PaymentFailure::PayeeUnavailable);
		Ok(())
	}

	/// The account that is credited when `source` pays `payee`, which it may, and the machine whose
	/// income that is.
	pub(crate) fn destination(
		source: &T::AccountId,
		payee: &Payee<T::AccountId>,
	) -> Result<(T::AccountId, Option<MachineId>), PaymentFailure> {
		let (account, machine) = Self::account_of(payee);
		Self::ensure_payable(source, &account, machine)?;
		Ok((account, machine))
	}

	/// Does all of `work` or, if it fails, nothing.
	///
	/// There is no limit to how deeply this nests. With one, whoever calls from far down could make
	/// payments fail for no fault of the payee; and elsewhere a payee that cannot be paid for long
	/// enough loses what it is owed.
	pub(crate) fn all_or_nothing<R>(
		work: impl FnOnce() -> Result<R, PaymentFailure>,
	) -> Result<R, PaymentFailure> {
		with_transaction_unchecked(|| match work() {
			Ok(done) => TransactionOutcome::Commit(Ok(done)),
			Err(failure) => TransactionOutcome::Rollback(Err(failure)),
		})
	}
}

/// Why money cannot be taken out of an account, if it cannot.
pub(crate) fn withdraw_failure(
	consequence: WithdrawConsequence<u128>,
) -> Result<(), PaymentFailure> {
	match consequence {
		WithdrawConsequence::Success => Ok(()),
		WithdrawConsequence::Frozen | WithdrawConsequence::UnknownAsset => {
			Err(PaymentFailure::PayerFrozen)
		},
		// `ReducedToZero` among them: the rest would be dust, and dust follows no payment.
		_ => Err(PaymentFailure::InsufficientFunds),
	}
}

/// Why an account could not be credited.
pub(crate) fn deposit_failure(error: DispatchError) -> PaymentFailure {
	match error {
		DispatchError::Token(TokenError::BelowMinimum) => PaymentFailure::BelowMinimum,
		_ => PaymentFailure::PayeeUnavailable,
	}
}
