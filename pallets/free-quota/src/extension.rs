//! The transaction extension that decides between quota and fee.

use crate::*;
use codec::{Decode, DecodeWithMemTracking, Encode};
use core::{fmt, marker::PhantomData};
use dam_primitives::quota::{EXCEEDS_QUOTA, QUOTA_EXHAUSTED};
use frame_support::{pallet_prelude::TransactionSource, traits::Get, weights::Weight};
use scale_info::{StaticTypeInfo, TypeInfo};
use sp_runtime::{
	traits::{
		AsSystemOriginSigner, DispatchInfoOf, DispatchOriginOf, Implication, PostDispatchInfoOf,
		TransactionExtension, TransactionExtensionMetadata, ValidateResult,
	},
	transaction_validity::{
		InvalidTransaction, TransactionPriority, TransactionValidityError, ValidTransaction,
	},
	DispatchResult,
};

/// Priorities of free transactions lie between 0 and this; a paid transaction's lies above.
pub const MAX_FREE_PRIORITY: TransactionPriority = 1_000_000;

/// Lets a machine's free calls use its quota and hands everything else to the fee extension `S`.
///
/// From the outside it is `S`: same identifier, same bytes, same metadata. Wallets and devices see
/// the ordinary fee extension. A tip on a transaction that turns out to be free is not taken.
#[derive(Encode, Decode, DecodeWithMemTracking, Clone, PartialEq, Eq)]
pub struct QuotaOrFee<T, S>(pub S, PhantomData<T>);

impl<T, S> From<S> for QuotaOrFee<T, S> {
	fn from(fee: S) -> Self {
		Self(fee, PhantomData)
	}
}

impl<T, S: StaticTypeInfo> TypeInfo for QuotaOrFee<T, S> {
	type Identity = S;
	fn type_info() -> scale_info::Type {
		S::type_info()
	}
}

impl<T, S: fmt::Debug> fmt::Debug for QuotaOrFee<T, S> {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_tuple("QuotaOrFee").field(&self.0).finish()
	}
}

/// What validation decided.
pub enum Val<V> {
	/// The machine's quota covers the transaction.
	Free {
		/// Whose quota.
		machine: MachineId,
		/// How much of it, in picoseconds of reference time.
		cost: u64,
	},
	/// The wrapped extension charges a fee.
	Fee {
		/// What it decided.
		val: V,
		/// Whether the quota was looked at before.
		looked_up: bool,
	},
}

/// What was charged before dispatch.
pub enum Pre<P> {
	/// Quota.
	Free {
		/// Whose.
		machine: MachineId,
		/// Weight of the wrapped extension, which did not run.
		skipped: Weight,
	},
	/// A fee, by the wrapped extension.
	Fee {
		/// What it charged.
		pre: P,
		/// Whether the quota was looked at before.
		looked_up: bool,
	},
}

impl<T: Config, S> QuotaOrFee<T, S> {
	/// Cost of a transaction, in picoseconds of reference time.
	pub fn cost(info: &DispatchInfo, len: usize) -> u64 {
		let base = T::BlockWeights::get().get(info.class).base_extrinsic;
		let length = u64::try_from(len).unwrap_or(u64::MAX).saturating_mul(T::LengthCost::get());
		info.total_weight().saturating_add(base).ref_time().saturating_add(length)
	}

	/// Priority of a free transaction: the share of the bucket that is left after it.
	fn priority(level: u64, cost: u64) -> TransactionPriority {
		let left = u128::from(level.saturating_sub(cost));
		let scaled = left.saturating_mul(u128::from(MAX_FREE_PRIORITY))
			/ u128::from(T::Capacity::get().max(1));
		u64::try_from(scaled).unwrap_or(MAX_FREE_PRIORITY).min(MAX_FREE_PRIORITY)
	}
}

impl<T, S> TransactionExtension<T::RuntimeCall> for QuotaOrFee<T, S>
where
	T: Config + Send + Sync,
	S: TransactionExtension<T::RuntimeCall>,
	DispatchOriginOf<T::RuntimeCall>: AsSystemOriginSigner<T::AccountId>,
{
	const IDENTIFIER: &'static str = S::IDENTIFIER;
	type Implicit = S::Implicit;
	type Val = Val<S::Val>;
	type Pre = Pre<S::Pre>;

	fn metadata() -> alloc::vec::Vec<TransactionExtensionMetadata> {
		S::metadata()
	}

	fn implicit(&self) -> Result<Self::Implicit, TransactionValidityError> {
		self.0.implicit()
	}

	fn weight(&self, call: &T::RuntimeCall) -> Weight {
		T::WeightInfo::charge_quota().saturating_add(self.0.weight(call))
	}

	fn validate(
		&self,
		origin: DispatchOriginOf<T::RuntimeCall>,
		call: &T::RuntimeCall,
		info: &DispatchInfoOf<T::RuntimeCall>,
		len: usize,
		self_implicit: S::Implicit,
		inherited_implication: &impl Implication,
		source: TransactionSource,
	) -> ValidateResult<Self::Val, T::RuntimeCall> {
		let right = T::FreeCalls::right(call);
		let looked_up = right.is_some();
		let machine = match (origin.as_system_origin_signer(), right) {
			(Some(signer), Some(right)) => T::Machines::authorize(signer, right).ok(),
			_ => None,
		};

		let mut refusal = None;
		if let Some(machine) = machine {
			let cost = Self::cost(info, len);
			let level = Pallet::<T>::level(machine);
			if cost > T::Capacity::get().min(Pallet::<T>::block_limit()) {
				refusal = Some(EXCEEDS_QUOTA);
			} else if cost > level {
				refusal = Some(QUOTA_EXHAUSTED);
			} else {
				let validity = ValidTransaction {
					priority: Self::priority(level, cost),
					..Default::default()
				};
				return Ok((validity, Val::Free { machine, cost }, origin));
			}
		}

		let paid =
			self.0.validate(origin, call, info, len, self_implicit, inherited_implication, source);
		match (paid, refusal) {
			(Ok((mut validity, val, origin)), _) => {
				validity.priority = validity.priority.saturating_add(MAX_FREE_PRIORITY + 1);
				Ok((validity, Val::Fee { val, looked_up }, origin))
			},
			// "Inability to pay fees" would mislead a machine that never pays any.
			(Err(TransactionValidityError::Invalid(InvalidTransaction::Payment)), Some(code)) => {
				Err(InvalidTransaction::Custom(code).into())
			},
			(Err(error), _) => Err(error),
		}
	}

	fn prepare(
		self,
		val: Self::Val,
		origin: &DispatchOriginOf<T::RuntimeCall>,
		call: &T::RuntimeCall,
		info: &DispatchInfoOf<T::RuntimeCall>,
		len: usize,
	) -> Result<Self::Pre, TransactionValidityError> {
		match val {
			Val::Free { machine, cost } => {
				// The share comes back with the next block: keep the transaction in the pool.
				Pallet::<T>::charge_block(cost)
					.map_err(|_| InvalidTransaction::ExhaustsResources)?;
				Pallet::<T>::charge(machine, cost)
					.map_err(|_| InvalidTransaction::Custom(QUOTA_EXHAUSTED))?;
				Ok(Pre::Free { machine, skipped: self.0.weight(call) })
			},
			Val::Fee { val, looked_up } => {
				let pre = self.0.prepare(val, origin, call, info, len)?;
				Ok(Pre::Fee { pre, looked_up })
			},
		}
	}

	fn post_dispatch_details(
		pre: Self::Pre,
		info: &DispatchInfoOf<T::RuntimeCall>,
		post_info: &PostDispatchInfoOf<T::RuntimeCall>,
		len: usize,
		result: &DispatchResult,
	) -> Result<Weight, TransactionValidityError> {
		match pre {
			Pre::Free { machine, skipped } => {
				let actual = post_info.calc_actual_weight(info).saturating_sub(skipped);
				let unused = info.total_weight().saturating_sub(actual).ref_time();
				Pallet::<T>::refund(machine, unused);
				Ok(skipped)
			},
			Pre::Fee { pre, looked_up } => {
				let unused = S::post_dispatch_details(pre, info, post_info, len, result)?;
				// What was looked up in vain was work all the same.
				let skipped =
					if looked_up { Weight::zero() } else { T::WeightInfo::charge_quota() };
				Ok(unused.saturating_add(skipped))
			},
		}
	}
}
