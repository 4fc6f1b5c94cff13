//! The transaction extension that decides between quota and fee.

use crate::*;
use codec::{Decode, DecodeWithMemTracking, Encode};
use core::fmt;
use dam_primitives::quota::{EXCEEDS_QUOTA, QUOTA_EXHAUSTED};
use frame_support::{pallet_prelude::TransactionSource, traits::Get, weights::Weight};
use frame_system::CheckNonce;
use scale_info::{StaticTypeInfo, TypeInfo};
use sp_runtime::{
	traits::{
		AsSystemOriginSigner, DispatchInfoOf, DispatchOriginOf, Implication, PostDispatchInfoOf,
		RefundWeight, Saturating, TransactionExtension, TransactionExtensionMetadata,
		UniqueSaturatedInto, ValidateResult,
	},
	transaction_validity::{
		InvalidTransaction, TransactionPriority, TransactionValidityError, ValidTransaction,
	},
	DispatchResult,
};

/// Priorities of free transactions lie between 0 and this; a paid transaction's lies above.
pub const MAX_FREE_PRIORITY: TransactionPriority = 1_000_000;

/// The fee extension that [`QuotaOrFee`] wraps.
pub trait FeeExtension<T: Config>: TransactionExtension<T::RuntimeCall> {
	/// Whether `who` could pay the fee of this transaction `times` over, now.
	///
	/// [`TransactionExtension::validate`] asks for one fee, whatever waits before the transaction:
	/// so an account with one fee in it could fill every pool.
	fn can_pay(
		&self,
		who: &T::AccountId,
		call: &T::RuntimeCall,
		info: &DispatchInfoOf<T::RuntimeCall>,
		len: usize,
		times: u64,
	) -> Result<(), TransactionValidityError>;
}

/// Checks the nonce, lets a machine's free calls use its quota, and hands everything else to the fee
/// extension `S`.
///
/// From the outside it is [`CheckNonce`] with `S` behind it: the same identifiers, bytes and
/// metadata. Wallets and devices see the ordinary extensions. The two are one here because what a
/// transaction needs depends on how many of the same account wait before it, which its nonce tells.
///
/// A tip on a transaction that turns out to be free is not taken.
#[derive(Encode, Decode, DecodeWithMemTracking, Clone, PartialEq, Eq)]
pub struct QuotaOrFee<T: frame_system::Config, S> {
	nonce: CheckNonce<T>,
	fee: S,
}

impl<T: frame_system::Config, S> QuotaOrFee<T, S> {
	/// For the transaction with this number of its account, with this fee if it is not free.
	pub const fn new(nonce: T::Nonce, fee: S) -> Self {
		Self { nonce: CheckNonce(nonce), fee }
	}
}

impl<T, S> TypeInfo for QuotaOrFee<T, S>
where
	T: frame_system::Config + Send + Sync,
	S: StaticTypeInfo,
	CheckNonce<T>: StaticTypeInfo,
{
	type Identity = (CheckNonce<T>, S);
	fn type_info() -> scale_info::Type {
		Self::Identity::type_info()
	}
}

impl<T: frame_system::Config, S: fmt::Debug> fmt::Debug for QuotaOrFee<T, S> {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_struct("QuotaOrFee").field("nonce", &self.nonce).field("fee", &self.fee).finish()
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

/// What the quota says to a transaction.
enum Quota {
	/// Covered. Its priority among the free ones comes with it.
	Free { machine: MachineId, cost: u64, priority: TransactionPriority },
	/// Not covered, for the reason of that code.
	Refused(u8),
	/// It is none of the quota's business.
	NotConcerned,
}

impl<T: Config, S> QuotaOrFee<T, S> {
	/// Cost of a transaction, in picoseconds of reference time.
	pub fn cost(info: &DispatchInfo, len: usize) -> u64 {
		Self::cost_at(&CurrentRates::<T>::get(), info, len)
	}

	fn cost_at(rates: &Rates, info: &DispatchInfo, len: usize) -> u64 {
		let base = T::BlockWeights::get().get(info.class).base_extrinsic;
		let length = u64::try_from(len).unwrap_or(u64::MAX).saturating_mul(rates.length_cost);
		info.total_weight().saturating_add(base).ref_time().saturating_add(length)
	}

	/// Priority of a free transaction: the share of the bucket that is left after it.
	fn priority(left: u64, capacity: u64) -> TransactionPriority {
		let scaled = u128::from(left).saturating_mul(u128::from(MAX_FREE_PRIORITY))
			/ u128::from(capacity.max(1));
		u64::try_from(scaled).unwrap_or(MAX_FREE_PRIORITY).min(MAX_FREE_PRIORITY)
	}

	/// How many transactions of the account come before this one and are in no block yet.
	fn ahead(&self, who: &T::AccountId) -> u64 {
		let next = frame_system::Pallet::<T>::account_nonce(who);
		self.nonce.0.saturating_sub(next).unique_saturated_into()
	}

	/// Whether the quota covers the transaction together with those `ahead` of it.
	///
	/// Those are taken to cost as much as this one. So the bucket covers each transaction of a row of
	/// equal ones exactly if it covers all up to it, and no later transaction of a row may be so heavy
	/// that the bucket could not have paid for all like it.
	fn quota(
		who: Option<&T::AccountId>,
		right: Option<KeyRights>,
		info: &DispatchInfo,
		len: usize,
		ahead: u64,
	) -> Quota {
		let (Some(who), Some(right)) = (who, right) else { return Quota::NotConcerned };
		let Ok(machine) = T::Machines::authorize(who, right) else { return Quota::NotConcerned };
		let rates = CurrentRates::<T>::get();
		let cost = Self::cost_at(&rates, info, len);
		let standing = Pallet::<T>::standing(machine, &rates);
		let capacity = standing.limits.capacity;
		if cost > capacity.min(Pallet::<T>::block_limit_of(&rates)) {
			return Quota::Refused(EXCEEDS_QUOTA);
		}
		// A product that saturates is more than any bucket holds.
		let needed = cost.saturating_mul(ahead.saturating_add(1));
		match standing.level.checked_sub(needed) {
			Some(left) => Quota::Free { machine, cost, priority: Self::priority(left, capacity) },
			None => Quota::Refused(QUOTA_EXHAUSTED),
		}
	}
}

impl<T, S> TransactionExtension<T::RuntimeCall> for QuotaOrFee<T, S>
where
	T: Config + Send + Sync,
	S: FeeExtension<T>,
	DispatchOriginOf<T::RuntimeCall>: AsSystemOriginSigner<T::AccountId> + Clone,
{
	// Never seen: in the metadata stand the two that are wrapped.
	const IDENTIFIER: &'static str = "QuotaOrFee";
	type Implicit = ((), S::Implicit);
	type Val = (NonceVal<T>, Val<S::Val>);
	type Pre = (NoncePre<T>, Pre<S::Pre>);

	fn metadata() -> alloc::vec::Vec<TransactionExtensionMetadata> {
		<(CheckNonce<T>, S) as TransactionExtension<T::RuntimeCall>>::metadata()
	}

	fn implicit(&self) -> Result<Self::Implicit, TransactionValidityError> {
		Ok(((), self.fee.implicit()?))
	}

	fn weight(&self, call: &T::RuntimeCall) -> Weight {
		T::WeightInfo::charge_quota()
			.saturating_add(self.nonce.weight(call))
			.saturating_add(self.fee.weight(call))
	}

	fn validate(
		&self,
		origin: DispatchOriginOf<T::RuntimeCall>,
		call: &T::RuntimeCall,
		info: &DispatchInfoOf<T::RuntimeCall>,
		len: usize,
		(_, fee_implicit): Self::Implicit,
		// Neither of the two looks at what follows it.
		inherited_implication: &impl Implication,
		source: TransactionSource,
	) -> ValidateResult<Self::Val, T::RuntimeCall> {
		let (validity, nonce, origin) =
			self.nonce.validate(origin, call, info, len, (), inherited_implication, source)?;
		let signer = origin.as_system_origin_signer().cloned();
		let ahead = signer.as_ref().map_or(0, |who| self.ahead(who));

		let right = T::FreeCalls::right(call);
		let looked_up = right.is_some();
		let refusal = match Self::quota(signer.as_ref(), right, info, len, ahead) {
			Quota::Free { machine, cost, priority } => {
				let free = ValidTransaction { priority, ..Default::default() };
				let val = Val::Free { machine, cost };
				return Ok((validity.combine_with(free), (nonce, val), origin));
			},
			Quota::Refused(code) => Some(code),
			Quota::NotConcerned => None,
		};

		// "Inability to pay fees" would mislead a machine that never pays any.
		let explained = |error| match (error, refusal) {
			(TransactionValidityError::Invalid(InvalidTransaction::Payment), Some(code)) => {
				InvalidTransaction::Custom(code).into()
			},
			(error, _) => error,
		};
		let (mut paid, val, origin) = self
			.fee
			.validate(origin, call, info, len, fee_implicit, inherited_implication, source)
			.map_err(explained)?;
		if let (Some(who), true) = (&signer, ahead > 0) {
			let times = ahead.saturating_add(1);
			self.fee.can_pay(who, call, info, len, times).map_err(explained)?;
		}
		paid.priority = paid.priority.saturating_add(MAX_FREE_PRIORITY + 1);
		Ok((validity.combine_with(paid), (nonce, Val::Fee { val, looked_up }), origin))
	}

	fn prepare(
		self,
		(nonce, val): Self::Val,
		origin: &DispatchOriginOf<T::RuntimeCall>,
		call: &T::RuntimeCall,
		info: &DispatchInfoOf<T::RuntimeCall>,
		len: usize,
	) -> Result<Self::Pre, TransactionValidityError> {
		// From here on nothing is ahead: a nonce that is too high ends here.
		let nonce = self.nonce.prepare(nonce, origin, call, info, len)?;
		let pre = match val {
			Val::Free { machine, cost } => {
				// The share comes back with the next block: keep the transaction in the pool.
				Pallet::<T>::charge_block(cost)
					.map_err(|_| InvalidTransaction::ExhaustsResources)?;
				Pallet::<T>::charge(machine, cost)
					.map_err(|_| InvalidTransaction::Custom(QUOTA_EXHAUSTED))?;
				Pre::Free { machine, skipped: self.fee.weight(call) }
			},
			Val::Fee { val, looked_up } => {
				Pre::Fee { pre: self.fee.prepare(val, origin, call, info, len)?, looked_up }
			},
		};
		Ok((nonce, pre))
	}

	fn post_dispatch_details(
		(nonce, pre): Self::Pre,
		info: &DispatchInfoOf<T::RuntimeCall>,
		post_info: &PostDispatchInfoOf<T::RuntimeCall>,
		len: usize,
		result: &DispatchResult,
	) -> Result<Weight, TransactionValidityError> {
		// As in a row of extensions: the second sees what the first gave back.
		let of_nonce = CheckNonce::<T>::post_dispatch_details(nonce, info, post_info, len, result)?;
		let mut post_info = *post_info;
		post_info.refund(of_nonce);
		let unused = match pre {
			Pre::Free { machine, skipped } => {
				let actual = post_info.calc_actual_weight(info).saturating_sub(skipped);
				let unused = info.total_weight().saturating_sub(actual).ref_time();
				Pallet::<T>::refund(machine, unused);
				skipped
			},
			Pre::Fee { pre, looked_up } => {
				let unused = S::post_dispatch_details(pre, info, &post_info, len, result)?;
				// What was looked up in vain was work all the same.
				let skipped =
					if looked_up { Weight::zero() } else { T::WeightInfo::charge_quota() };
				unused.saturating_add(skipped)
			},
		};
		Ok(unused.saturating_add(of_nonce))
	}
}

type NonceVal<T> =
	<CheckNonce<T> as TransactionExtension<<T as frame_system::Config>::RuntimeCall>>::Val;
type NoncePre<T> =
	<CheckNonce<T> as TransactionExtension<<T as frame_system::Config>::RuntimeCall>>::Pre;
