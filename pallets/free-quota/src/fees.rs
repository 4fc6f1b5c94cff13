//! Fees in USDT: who pays them, how much, and where they go.
//!
//! The fee extension that the runtime wraps computes fees in DAM; what is here turns them into USDT
//! and moves it. A device's key owns nothing, so its machine's wallet pays, within the owner's
//! policy.

use crate::*;
use dam_primitives::quota::{
	FEE_AGAINST_POLICY, FEE_KEY_MAY_NOT_SPEND, FEE_NOT_COVERED, FEE_WITHOUT_RATE,
};
use frame_support::{
	ensure,
	traits::{
		fungibles::{Balanced as _, Credit, Inspect as _},
		tokens::{Fortitude, Precision, Preservation},
		Get,
	},
	PalletId,
};
use pallet_dam_traits::FeePolicy as _;
use sp_runtime::{
	traits::AccountIdConversion,
	transaction_validity::{InvalidTransaction, TransactionValidityError},
};

/// Names the account in which fees in USDT are collected: see [`Pallet::fee_pot`].
pub const FEE_POT: PalletId = PalletId(*b"dam/fees");

/// A fee in USDT that was taken and is not settled yet.
pub type FeeCredit<T> = Credit<<T as frame_system::Config>::AccountId, <T as Config>::FeeAssets>;

/// What DAM is worth in USDT, as far as fees are concerned.
pub trait FeeRate {
	/// A fee of DAM in units of 0.000001 USDT, rounded up; `None` while there is no rate.
	fn in_usdt(fee: u128) -> Option<u128>;

	/// Sets the rate by the price of one DAM, in units of 0.000001 USDT, which is not zero. For the
	/// chain's first state and for benchmarks: later governance sets it.
	fn set_price(usdt_per_dam: u128);
}

/// Why a fee cannot be paid in USDT.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FeeRefusal {
	/// Whoever pays holds too little, or is frozen.
	NotCovered,
	/// The owner's policy does not let the wallet pay it.
	AgainstPolicy,
	/// There is no rate, or fees are not taken in that asset.
	WithoutRate,
	/// The key may not spend its machine's money, and its own account cannot pay.
	KeyMayNotSpend,
}

impl From<FeeRefusal> for TransactionValidityError {
	fn from(refusal: FeeRefusal) -> Self {
		let code = match refusal {
			FeeRefusal::NotCovered => FEE_NOT_COVERED,
			FeeRefusal::AgainstPolicy => FEE_AGAINST_POLICY,
			FeeRefusal::WithoutRate => FEE_WITHOUT_RATE,
			FeeRefusal::KeyMayNotSpend => FEE_KEY_MAY_NOT_SPEND,
		};
		InvalidTransaction::Custom(code).into()
	}
}

/// Whose money it is.
struct Payer<AccountId> {
	/// Where it stands.
	account: AccountId,
	/// The machine, if it is a wallet.
	machine: Option<MachineId>,
}

impl<T: Config> Pallet<T> {
	/// The account in which fees in USDT are collected. Nobody has its key; what becomes of the money
	/// is governance's to decide. It has the asset's minimum balance from genesis on, so that it takes
	/// fees of any size.
	pub fn fee_pot() -> T::AccountId {
		FEE_POT.into_account_truncating()
	}

	/// A fee of DAM in units of 0.000001 USDT: at least one unit, unless there is no fee.
	pub fn fee_in_usdt(fee: u128) -> Result<u128, FeeRefusal> {
		if fee == 0 {
			return Ok(0);
		}
		T::FeeRate::in_usdt(fee).map(|fee| fee.max(1)).ok_or(FeeRefusal::WithoutRate)
	}

	/// Whether `who` can pay a fee of DAM in USDT, `times` over.
	pub fn can_pay_fee(who: &T::AccountId, fee: u128, times: u64) -> Result<(), FeeRefusal> {
		Self::payer(who, Self::fee_in_usdt(fee)?, times).map(|_| ())
	}

	/// Takes a fee of DAM in USDT from `who`, or from the wallet for which it signs. Nothing is taken
	/// on an error. [`Self::settle_fee`] must follow.
	pub fn take_fee(who: &T::AccountId, fee: u128) -> Result<FeeCredit<T>, FeeRefusal> {
		let fee = Self::fee_in_usdt(fee)?;
		let Payer { account, machine } = Self::payer(who, fee, 1)?;
		let credit = T::FeeAssets::withdraw(
			T::FeeAsset::get(),
			&account,
			fee,
			Precision::Exact,
			Preservation::Preserve,
			Fortitude::Polite,
		)
		.map_err(|_| FeeRefusal::NotCovered)?;
		if let Some(machine) = machine {
			T::FeePolicy::fee_taken(machine, fee);
			FeePayer::<T>::put(machine);
		}
		Ok(credit)
	}

	/// Keeps a fee of DAM out of what was taken, and gives the rest back to whoever paid. Returns
	/// what was kept, in units of 0.000001 USDT.
	///
	/// The fee is never more than what was taken, even if the rate has changed since. What the payer
	/// can not take any more, because the call has ended its account, is kept.
	pub fn settle_fee(who: &T::AccountId, fee: u128, taken: FeeCredit<T>) -> u128 {
		let machine = FeePayer::<T>::take();
		let account = machine.map_or_else(|| who.clone(), T::Machines::account);
		let due = Self::fee_in_usdt(fee).unwrap_or(u128::MAX).min(taken.peek());
		let (mut kept, rest) = taken.split(due);
		let returned = rest.peek();
		if returned > 0 {
			match T::FeeAssets::resolve(&account, rest) {
				Ok(()) => {
					if let Some(machine) = machine {
						T::FeePolicy::fee_returned(machine, returned);
					}
				},
				// Both are of the same asset.
				Err(rest) => {
					let _ = kept.subsume(rest);
				},
			}
		}
		let fee = kept.peek();
		// The pot lives as long as the asset. If the asset is being destroyed, its fees go with it.
		let _ = T::FeeAssets::resolve(&Self::fee_pot(), kept);
		fee
	}

	/// Who pays `times` fees of `fee` USDT for what `who` signs, if the money is there and may be
	/// used.
	fn payer(who: &T::AccountId, fee: u128, times: u64) -> Result<Payer<T::AccountId>, FeeRefusal> {
		let machine = T::Machines::authorize(who, KeyRights::PAY).ok();
		let account = machine.map_or_else(|| who.clone(), T::Machines::account);
		if let Some(machine) = machine {
			T::FeePolicy::allow_fee(machine, fee, times).map_err(|_| FeeRefusal::AgainstPolicy)?;
		}
		let available = T::FeeAssets::reducible_balance(
			T::FeeAsset::get(),
			&account,
			Preservation::Preserve,
			Fortitude::Polite,
		);
		let covered = fee.checked_mul(times.into()).is_some_and(|all| all <= available);
		if !covered {
			let of_machine = machine.is_none() && T::Machines::machine_of_key(who).is_some();
			ensure!(!of_machine, FeeRefusal::KeyMayNotSpend);
			return Err(FeeRefusal::NotCovered);
		}
		Ok(Payer { account, machine })
	}
}
