//! How other pallets move money: the till.

use crate::{outflow::Outflow, *};
use dam_primitives::PaymentFailure;
use frame_support::ensure;
use pallet_dam_traits::PayOut;
use sp_runtime::traits::AccountIdConversion;

impl<T: Config> Pallet<T> {
	/// The account in which everything in escrow stands. No key exists for it, and it is never empty:
	/// see [`GenesisConfig`].
	pub fn pot() -> T::AccountId {
		POT.into_account_truncating()
	}

	/// Moves exactly `amount` from `source` to `account`, nobody's income, or changes nothing and
	/// tells why. Zero is nothing to move.
	fn shift(
		source: T::AccountId,
		account: &T::AccountId,
		amount: u128,
	) -> Result<(), PaymentFailure> {
		if amount == 0 {
			return Ok(());
		}
		Self::all_or_nothing(|| {
			let mut outflow = Outflow::<T>::begin(source);
			outflow.send(account, amount)?;
			outflow.finish().map(|_| ())
		})
	}
}

impl<T: Config> Till<T::AccountId> for Pallet<T> {
	fn pay(
		machine: MachineId,
		payee: &Payee<T::AccountId>,
		amount: u128,
	) -> Result<(), PaymentFailure> {
		Self::all_or_nothing(|| {
			let mut spending = T::Policy::begin(machine);
			let mut outflow = Outflow::<T>::begin(T::Machines::account(machine));
			Self::spend(&mut spending, &mut outflow, payee, amount)?;
			spending.finish();
			outflow.finish().map(|_| ())
		})
	}

	fn lock(
		machine: MachineId,
		payee: &Payee<T::AccountId>,
		amount: u128,
	) -> Result<(), PaymentFailure> {
		let wallet = T::Machines::account(machine);
		let mut spending = T::Policy::begin(machine);
		spending.allow(payee, amount)?;
		ensure!(amount > 0, PaymentFailure::ZeroAmount);
		Self::destination(&wallet, payee)?;
		Self::shift(wallet, &Self::pot(), amount)?;
		spending.made(payee, amount);
		spending.finish();
		Ok(())
	}

	fn lock_deposit(machine: MachineId, amount: u128) -> Result<(), PaymentFailure> {
		Self::shift(T::Machines::account(machine), &Self::pot(), amount)
	}

	fn pay_out(payee: &Payee<T::AccountId>, amount: u128) -> Result<(), PaymentFailure> {
		if amount == 0 {
			return Ok(());
		}
		Self::all_or_nothing(|| {
			let mut outflow = Outflow::<T>::begin(Self::pot());
			outflow.pay(payee, amount)?;
			outflow.finish().map(|_| ())
		})
	}

	fn pay_outs<R>(
		work: impl FnOnce(&mut PayOut<'_, T::AccountId>) -> R,
	) -> Result<R, PaymentFailure> {
		Self::all_or_nothing(|| {
			let mut outflow = Outflow::<T>::begin(Self::pot());
			let done = work(&mut |payee, amount| match amount {
				0 => Ok(()),
				amount => outflow.pay(payee, amount),
			});
			outflow.finish()?;
			Ok(done)
		})
	}

	fn release(machine: MachineId, amount: u128) -> Result<(), PaymentFailure> {
		Self::shift(Self::pot(), &T::Machines::account(machine), amount)
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_fund(machine: MachineId, amount: u128) {
		use fungible::Mutate;
		T::Currency::mint_into(&T::Machines::account(machine), amount)
			.expect("wallets of benchmarks take money");
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_policy(machine: MachineId, payee: &Payee<T::AccountId>) {
		T::Policy::benchmark_policy(machine, payee);
	}
}
