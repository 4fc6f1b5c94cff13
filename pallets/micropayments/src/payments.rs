//! Single payments, batches, and the owner's withdrawal.

use crate::{
	outflow::{deposit_failure, withdraw_failure, Outflow},
	*,
};
use alloc::vec::Vec;
use frame_support::{
	pallet_prelude::*,
	traits::{
		fungible::{Inspect as _, Mutate as _},
		tokens::{Preservation, Provenance},
	},
};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_pay(
		key: T::AccountId,
		payee: Payee<T::AccountId>,
		amount: u128,
	) -> DispatchResult {
		let machine = T::Machines::authorize(&key, KeyRights::PAY)?;
		let mut spending = T::Policy::begin(machine);
		spending.allow(&payee, amount).map_err(PaymentFailure::from).map_err(Error::<T>::from)?;
		let income = Self::transfer(&T::Machines::account(machine), &payee, amount)
			.map_err(Error::<T>::from)?;
		spending.made(&payee, amount);
		spending.finish();
		if let Some(payee) = income {
			T::OnIncome::on_income(payee, amount);
		}
		Self::deposit_event(Event::Paid { machine, payee, amount });
		Ok(())
	}

	pub(crate) fn do_pay_batch(
		key: T::AccountId,
		payments: BoundedVec<Payment<T::AccountId>, ConstU32<MAX_BATCH>>,
	) -> DispatchResult {
		let machine = T::Machines::authorize(&key, KeyRights::PAY)?;
		let mut spending = T::Policy::begin(machine);
		let mut outflow = Outflow::<T>::begin(T::Machines::account(machine));

		let mut paid = 0u32;
		let mut failed = Vec::new();
		for (index, Payment { payee, amount }) in (0u32..).zip(&payments) {
			match Self::spend(&mut spending, &mut outflow, payee, *amount) {
				// At most MAX_BATCH items.
				Ok(()) => paid = paid.saturating_add(1),
				Err(reason) => failed.push(FailedPayment { index, reason }),
			}
		}
		spending.finish();
		let total = outflow.finish().map_err(Error::<T>::from)?;
		let failed = BoundedVec::truncate_from(failed);
		Self::deposit_event(Event::BatchPaid { machine, paid, total, failed });
		Ok(())
	}

	pub(crate) fn do_withdraw(
		owner: T::AccountId,
		machine: MachineId,
		amount: u128,
	) -> DispatchResult {
		let registered = T::Machines::owner(machine).ok_or(Error::<T>::UnknownMachine)?;
		ensure!(registered == owner, Error::<T>::NotOwner);
		Self::transfer(&T::Machines::account(machine), &Payee::Account(owner), amount)
			.map_err(Error::<T>::from)?;
		Self::deposit_event(Event::Withdrawn { machine, amount });
		Ok(())
	}

	/// Pays on a key's authority: moves exactly `amount` and counts it, or changes nothing and tells
	/// why.
	pub(crate) fn spend(
		spending: &mut impl Spending<T::AccountId>,
		outflow: &mut Outflow<T>,
		payee: &Payee<T::AccountId>,
		amount: u128,
	) -> Result<(), PaymentFailure> {
		spending.allow(payee, amount)?;
		outflow.pay(payee, amount)?;
		spending.made(payee, amount);
		Ok(())
	}

	/// Moves exactly `amount` by the SDK's own transfer, with its event, or changes nothing and tells
	/// why. Returns the machine whose wallet has it now, if one has.
	fn transfer(
		payer: &T::AccountId,
		payee: &Payee<T::AccountId>,
		amount: u128,
	) -> Result<Option<MachineId>, PaymentFailure> {
		ensure!(amount > 0, PaymentFailure::ZeroAmount);
		let (payee, machine) = Self::destination(payer, payee)?;
		withdraw_failure(T::Currency::can_withdraw(payer, amount))?;
		// The transfer credits the payee as if the money was new, which an issuance near the end of
		// its range refuses, and debits the payer even so.
		T::Currency::can_deposit(&payee, amount, Provenance::Minted)
			.into_result()
			.map_err(deposit_failure)?;
		// A failure that the checks did not foresee must not leave half a transfer.
		Self::all_or_nothing(|| {
			T::Currency::transfer(payer, &payee, amount, Preservation::Preserve)
				.map_err(deposit_failure)
		})?;
		Ok(machine)
	}
}

impl<T: Config> From<PaymentFailure> for Error<T> {
	fn from(failure: PaymentFailure) -> Self {
		match failure {
			PaymentFailure::ZeroAmount => Self::ZeroAmount,
			PaymentFailure::UnknownMachine => Self::UnknownMachine,
			PaymentFailure::SelfPayment => Self::SelfPayment,
			PaymentFailure::InsufficientFunds => Self::InsufficientFunds,
			PaymentFailure::PayerFrozen => Self::PayerFrozen,
			PaymentFailure::BelowMinimum => Self::BelowMinimum,
			PaymentFailure::PayeeUnavailable => Self::PayeeUnavailable,
			PaymentFailure::ExceedsPaymentCap => Self::ExceedsPaymentCap,
			PaymentFailure::ExceedsPeriodCap => Self::ExceedsPeriodCap,
			PaymentFailure::PayeeNotAllowed => Self::PayeeNotAllowed,
			PaymentFailure::NeedsCoSignature => Self::NeedsCoSignature,
		}
	}
}
