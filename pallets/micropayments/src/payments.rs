//! Single payments, batches, and the owner's withdrawal.

use crate::*;
use alloc::vec::Vec;
use frame_support::{
	pallet_prelude::*,
	storage::with_storage_layer,
	traits::{
		fungible::{Inspect as _, Mutate as _},
		tokens::{DepositConsequence, Preservation, Provenance, WithdrawConsequence},
	},
};

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

impl<T: Config> Pallet<T> {
	pub(crate) fn do_pay(
		key: T::AccountId,
		payee: Payee<T::AccountId>,
		amount: u128,
	) -> DispatchResult {
		let machine = T::Machines::authorize(&key, KeyRights::PAY)?;
		let mut spending = T::Policy::begin(machine);
		Self::spend(&mut spending, &T::Machines::account(machine), &payee, amount)
			.map_err(Error::<T>::from)?;
		spending.finish();
		Self::deposit_event(Event::Paid { machine, payee, amount });
		Ok(())
	}

	pub(crate) fn do_pay_batch(
		key: T::AccountId,
		payments: BoundedVec<Payment<T::AccountId>, ConstU32<MAX_BATCH>>,
	) -> DispatchResult {
		let machine = T::Machines::authorize(&key, KeyRights::PAY)?;
		let payer = T::Machines::account(machine);
		let mut spending = T::Policy::begin(machine);

		let (mut paid, mut total) = (0u32, 0u128);
		let mut failed = Vec::new();
		for (index, Payment { payee, amount }) in (0u32..).zip(&payments) {
			match Self::spend(&mut spending, &payer, payee, *amount) {
				Ok(()) => {
					// At most MAX_BATCH items, and no more money than the asset's supply.
					paid = paid.saturating_add(1);
					total = total.saturating_add(*amount);
				},
				Err(reason) => failed.push(FailedPayment { index, reason }),
			}
		}
		spending.finish();
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
	fn spend(
		spending: &mut impl Spending<T::AccountId>,
		payer: &T::AccountId,
		payee: &Payee<T::AccountId>,
		amount: u128,
	) -> Result<(), PaymentFailure> {
		spending.allow(payee, amount)?;
		Self::transfer(payer, payee, amount)?;
		spending.made(payee, amount);
		Ok(())
	}

	/// Moves exactly `amount`, or changes nothing and tells why.
	fn transfer(
		payer: &T::AccountId,
		payee: &Payee<T::AccountId>,
		amount: u128,
	) -> Result<(), PaymentFailure> {
		ensure!(amount > 0, PaymentFailure::ZeroAmount);
		// A machine's address means the machine: nobody could take the money out if there is none.
		let payee = match payee {
			Payee::Machine(id) => {
				ensure!(T::Machines::is_payable(*id), PaymentFailure::UnknownMachine);
				T::Machines::account(*id)
			},
			Payee::Account(account) => {
				ensure!(
					T::Machines::machine_at(account).is_none_or(T::Machines::is_payable),
					PaymentFailure::UnknownMachine
				);
				account.clone()
			},
		};
		ensure!(payee != *payer, PaymentFailure::SelfPayment);

		match T::Currency::can_withdraw(payer, amount) {
			WithdrawConsequence::Success => {},
			WithdrawConsequence::Frozen | WithdrawConsequence::UnknownAsset => {
				return Err(PaymentFailure::PayerFrozen)
			},
			// `ReducedToZero` among them: the rest would be dust, and dust follows no payment.
			_ => return Err(PaymentFailure::InsufficientFunds),
		}
		match T::Currency::can_deposit(&payee, amount, Provenance::Extant) {
			DepositConsequence::Success => {},
			DepositConsequence::BelowMinimum => return Err(PaymentFailure::BelowMinimum),
			_ => return Err(PaymentFailure::PayeeUnavailable),
		}
		// A failure that the checks did not foresee must not leave half a transfer.
		with_storage_layer(|| {
			T::Currency::transfer(payer, &payee, amount, Preservation::Preserve).map(|_| ())
		})
		.map_err(|_| PaymentFailure::PayeeUnavailable)
	}
}
