//! # Spending policy
//!
//! What an owner lets a machine spend: caps, payees, a second factor.
//!
//! ## Pallet API
//!
//! See [`Call`], [`Event`] and [`Error`]. Every path that takes money out of a machine's wallet on
//! a key's authority asks through [`pallet_dam_traits::SpendingPolicy`], which [`Pallet`]
//! implements.
//!
//! ## Overview
//!
//! A machine's key can be stolen together with the device. The **owner** therefore bounds what it
//! can do with [`Call::set_policy`]. A [`Policy`](dam_primitives::Policy) has up to four rules, and
//! a payment must keep every one that is there. They are asked in this order, and the first that is
//! broken is the one that is reported:
//!
//! 1. *Payment cap*: no single payment is larger. Nothing lifts it.
//! 2. *Period cap*: no more is paid within a period. A period begins with the first payment that is
//!    made when none runs.
//! 3. *Payees*: only those listed by name, and machines of the listed kinds.
//! 4. *Co-signature*: a payment above a threshold needs an **approval** of exactly this payee and
//!    amount beforehand, from the owner or an operator with the right to co-sign
//!    ([`Call::approve`], [`Call::revoke_approval`]). An approval is used up by one payment.
//!
//! A machine without a policy may spend all it has. What the owner takes out of the wallet is not
//! limited here.
//!
//! A fee of the chain that a key lets the wallet pay is asked about through
//! [`pallet_dam_traits::FeePolicy`]. Both caps bound it and the period counts it; lists of payees do
//! not matter, but with a list and without a period cap no fee leaves the wallet, and neither does
//! one above the threshold of co-signatures.
//!
//! ## Example
//!
//! A charger that buys energy from one meter, for at most 20 USDT a day, and asks its owner before
//! it pays more than 5 USDT at once: `period_cap: { blocks: 86_400, amount: 20_000_000 }`,
//! `payees: Only { payees: [Machine(7)], kinds: [] }`, `co_sign_above: 5_000_000`.
//!
//! ## Low level / implementation details
//!
//! ### Goals
//!
//! 1. **One payee, one name.** A machine can be paid by its number or by its sovereign account's
//!    address. Lists, kinds and approvals treat both alike: payees are brought into their *normal
//!    form* before they are stored or compared, in one function ([`payees::normal_form`]).
//! 2. **Counted when made.** A payment counts towards its period, and uses its approval up, exactly
//!    when the money moved.
//! 3. **Cheap to ask.** A call reads the policy, the period and the approvals once, whatever the
//!    number of its payments, and writes what has changed once. A payment by itself reads nothing,
//!    except its payee's kind if the payee is not listed by name and kinds are. A machine without a
//!    policy costs one read.
//! 4. **Bounded.** A policy lists at most
//!    [`MAX_LISTED_PAYEES`](dam_primitives::policy::MAX_LISTED_PAYEES) payees, and at most
//!    [`MAX_APPROVALS`] approvals wait for a machine: its deposit covers that. Retirement removes
//!    everything.
//! 5. **A new owner starts clean.** The approvals of the old one go with it; the policy and what was
//!    spent stay until the new owner changes them, so that a sale never loosens a limit.
//!
//! ### Design
//!
//! Lists are stored in their order ([`payees::order`]) without duplicates, so that a payment is
//! looked up in five comparisons. Approvals are stored by their expiry: the one that would expire
//! first is used first.
//!
//! A running period ends at its start plus the length that the policy has *now*. Setting a policy
//! does not reset it, but a policy without a period cap has no period, and a period that has ended
//! does not run again because a new policy's period is longer.
//!
//! ### Terminology
//!
//! * *Approval*: a co-signature, given before the payment.
//! * *Normal form* of a payee: the machine, if the payee is a machine's address.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

use polkadot_sdk::*;

mod approvals;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod fees;
#[cfg(test)]
mod mock;
pub mod payees;
mod policies;
mod spending;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;
mod types;
pub mod weights;
#[cfg(any(test, feature = "runtime-benchmarks"))]
mod worst_case;

pub use pallet::*;
pub use spending::Allowance;
pub use types::*;
pub use weights::WeightInfo;

use dam_primitives::{policy::MAX_APPROVALS, Approval, MachineId, OperatorRights, Payee, Policy};
use frame_system::pallet_prelude::BlockNumberFor;
use pallet_dam_traits::Machines;
use sp_runtime::{traits::SaturatedConversion, AccountId32};

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use frame_support::pallet_prelude::*;
	use frame_system::pallet_prelude::*;

	/// Layout of this pallet's storage.
	pub const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config:
		polkadot_sdk::frame_system::Config<AccountId = AccountId32, RuntimeEvent: From<Event<Self>>>
	{
		/// Weights of the calls, generated on the reference machine.
		type WeightInfo: WeightInfo;

		/// Who the machines are, who owns them, and of what kind they are.
		type Machines: Machines<Self::AccountId>;

		/// How far ahead an approval may expire, in blocks. One that was forgotten is of use to a
		/// thief for this long at most.
		#[pallet::constant]
		type MaxApprovalLifetime: Get<u32>;
	}

	/// What the machines may spend. One without a policy may spend all it has.
	///
	/// Machine numbers are given by the chain, so a hasher that an attacker could aim at is safe.
	#[pallet::storage]
	pub type Policies<T: Config> = StorageMap<_, Twox64Concat, MachineId, PolicyOf<T>, OptionQuery>;

	/// The last period of machines whose policy caps periods, running or over.
	#[pallet::storage]
	pub type Spent<T: Config> = StorageMap<_, Twox64Concat, MachineId, Period, OptionQuery>;

	/// Co-signed payments that wait to be made, those that expire first in front. Expired ones stay
	/// until the next change.
	#[pallet::storage]
	pub type Approvals<T: Config> =
		StorageMap<_, Twox64Concat, MachineId, ApprovalsOf<T>, ValueQuery>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A machine has a policy, instead of another or of none.
		PolicySet {
			/// Its number.
			machine: MachineId,
		},
		/// A machine has no policy any more and may spend all it has.
		PolicyRemoved {
			/// Its number.
			machine: MachineId,
		},
		/// A payment was co-signed.
		PaymentApproved {
			/// Who may pay.
			machine: MachineId,
			/// Who may be paid, in its normal form.
			payee: Payee<T::AccountId>,
			/// Exactly how much, in units of 0.000001 USDT.
			amount: u128,
			/// Last block in which it may be paid.
			expires_at: u32,
		},
		/// Every co-signature of a payment was taken back.
		ApprovalRevoked {
			/// Who may pay no more.
			machine: MachineId,
			/// Who would have been paid, in its normal form.
			payee: Payee<T::AccountId>,
			/// How much, in units of 0.000001 USDT.
			amount: u128,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The machine has no policy that could be removed. Check the number.
		PolicyNotFound,
		/// The period's length is zero, so that nothing would ever be summed up. Give it at least
		/// one block, or leave the period cap out.
		ZeroPeriod,
		/// The set of kinds holds one that this chain does not know. Use kinds of its metadata.
		UnknownKind,
		/// A payee is listed twice, perhaps once by its number and once by its address. List it
		/// once.
		DuplicatePayee,
		/// The approval is for an amount of zero, which nobody can pay. Approve the exact amount.
		ZeroAmount,
		/// The approval's last block is not in the future. Let it expire later.
		ApprovalExpired,
		/// The approval expires too far ahead. Let it expire within `MaxApprovalLifetime` blocks.
		ApprovalLifetimeTooLong,
		/// As many approvals wait for this machine as it may have. Revoke one, or wait until one is
		/// used or expires.
		TooManyApprovals,
		/// No approval of this payee and amount waits for the machine: it was used, it expired, or
		/// there never was one. Check payee and amount.
		ApprovalNotFound,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			assert!(
				T::MaxApprovalLifetime::get() > 0,
				"MaxApprovalLifetime is zero: nothing could ever be approved"
			);
			assert!(
				T::Machines::account(7) == dam_primitives::machine_account(7).into(),
				"machines have other addresses than payees are recognized by: paying a machine by \
				 its address would go around the policy's lists"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call(weight(<T as Config>::WeightInfo))]
	impl<T: Config> Pallet<T> {
		/// Sets what a machine may spend, or lets it spend all it has with `None`. By its owner.
		///
		/// Caps of zero allow nothing. A running period goes on under the new length and cap, unless
		/// the new policy has no period cap; removing the policy ends it. Approvals stay.
		#[pallet::call_index(0)]
		pub fn set_policy(
			origin: OriginFor<T>,
			#[pallet::compact] machine: MachineId,
			policy: Option<Policy<T::AccountId>>,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_set_policy(who, machine, policy)
		}

		/// Co-signs one payment of exactly this payee and amount. By the machine's owner, or its
		/// operator with the right to co-sign.
		///
		/// A second approval of the same payment allows it a second time. Approvals may be given
		/// before there is a policy that asks for them.
		#[pallet::call_index(1)]
		pub fn approve(
			origin: OriginFor<T>,
			#[pallet::compact] machine: MachineId,
			approval: Approval<T::AccountId>,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_approve(who, machine, approval)
		}

		/// Takes every approval of this payee and amount back. By the machine's owner, or its
		/// operator with the right to co-sign.
		#[pallet::call_index(2)]
		pub fn revoke_approval(
			origin: OriginFor<T>,
			#[pallet::compact] machine: MachineId,
			payee: Payee<T::AccountId>,
			#[pallet::compact] amount: u128,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_revoke_approval(who, machine, payee, amount)
		}
	}

	impl<T: Config> Pallet<T> {
		/// The present block, as policies and approvals count blocks.
		pub(crate) fn now() -> u32 {
			// Blocks of a second reach the last u32 after 136 years.
			frame_system::Pallet::<T>::block_number().saturated_into()
		}
	}
}
