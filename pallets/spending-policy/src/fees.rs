//! Fees of the chain that the wallet pays.

use crate::*;
use dam_primitives::{AllowedPayees, PolicyViolation};
use frame_support::ensure;
use pallet_dam_traits::FeePolicy;

impl<T: Config> FeePolicy for Pallet<T> {
	/// Both caps bound fees as they bound payments, and no fee is co-signed.
	///
	/// Where payees are listed but no period has a cap, no fee is allowed at all: nothing else would
	/// bound what whoever has stolen a key could burn.
	fn allow_fee(machine: MachineId, fee: u128, times: u64) -> Result<(), PolicyViolation> {
		let Some(policy) = Policies::<T>::get(machine) else { return Ok(()) };
		ensure!(policy.payment_cap.is_none_or(|cap| fee <= cap), PolicyViolation::PaymentCap);
		match policy.period_cap {
			Some(cap) => {
				let spent = Self::running_period(machine, &cap).map_or(0, |period| period.spent);
				let within = fee
					.checked_mul(times.into())
					.and_then(|all| spent.checked_add(all))
					.is_some_and(|sum| sum <= cap.amount);
				ensure!(within, PolicyViolation::PeriodCap);
			},
			None => {
				ensure!(matches!(policy.payees, AllowedPayees::Anyone), PolicyViolation::Payee)
			},
		}
		ensure!(policy.co_sign_above.is_none_or(|most| fee <= most), PolicyViolation::CoSignature);
		Ok(())
	}

	fn fee_taken(machine: MachineId, fee: u128) {
		let Some(cap) = Self::period_cap(machine) else { return };
		if fee == 0 {
			return;
		}
		let mut period = Self::running_period(machine, &cap)
			.unwrap_or(Period { started_at: Self::now(), spent: 0 });
		// `allow_fee` has checked the sum. If a path did not ask, the period is full.
		period.spent = period.spent.saturating_add(fee);
		Spent::<T>::insert(machine, period);
	}

	fn fee_returned(machine: MachineId, amount: u128) {
		let Some(cap) = Self::period_cap(machine) else { return };
		let Some(mut period) = Self::running_period(machine, &cap) else { return };
		// No more comes back than was counted, unless the period is another one since: then nothing
		// of what it counts was a fee, and zero is as low as it goes.
		period.spent = period.spent.saturating_sub(amount);
		if period.spent == 0 {
			Spent::<T>::remove(machine);
		} else {
			Spent::<T>::insert(machine, period);
		}
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_fee_policy(machine: MachineId) {
		Self::insert_worst_case(
			machine,
			&Payee::Machine(machine),
			pallet_dam_traits::BENCHMARK_AMOUNT,
		);
	}
}

impl<T: Config> Pallet<T> {
	fn period_cap(machine: MachineId) -> Option<dam_primitives::policy::PeriodCap> {
		Policies::<T>::get(machine)?.period_cap
	}

	fn running_period(
		machine: MachineId,
		cap: &dam_primitives::policy::PeriodCap,
	) -> Option<Period> {
		Spent::<T>::get(machine).filter(|period| period.runs(Some(cap), Self::now()))
	}
}
