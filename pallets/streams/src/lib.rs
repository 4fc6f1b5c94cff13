//! # Streams
//!
//! Money that flows from a machine to a payee at a rate in time: for what is used as long as it
//! lasts, such as parking, power or a feed of data.
//!
//! ## Pallet API
//!
//! See [`Call`], [`Event`] and [`Error`].
//!
//! ## Overview
//!
//! A payer's machine [`open`](Call::open)s a stream to one payee with a rate and a deposit, which
//! goes into escrow. With every block the payee has earned `rate` more of the deposit. It gets what
//! it has earned whenever anybody [`collect`](Call::collect)s
//! ([`collect_batch`](Call::collect_batch) for many). The payer can [`pause`](Call::pause) and
//! [`resume`](Call::resume), and pay in more ([`top_up`](Call::top_up)).
//!
//! Payer and payee can both [`close`](Call::close) at any time: the payee gets what it has earned up
//! to this block, the rest goes back to the payer's wallet. A stream whose deposit has run out only
//! waits: a top-up sets it going again from that block on, and until then anybody may
//! [`sweep`](Call::sweep) it away; so they may one that was paused for very long.
//!
//! ```text
//!         open                 pause                   close, by payer or payee
//! (none) ──────► running ─────────────────► paused ───────────────────────────┐
//!                 │   ▲ ▲                    │  │                             │
//!       deposit   │   │ └───────resume───────┘  └──── MaxPause ── sweep ──────┤
//!       runs out  ▼   │ top_up                                                ▼
//!                waits ────────────── sweep, by anybody ───────────────────► (none)
//! ```
//!
//! ## For wallets and devices
//!
//! What a stream is worth now is computed from one storage proof:
//! [`Stream::due`](dam_primitives::Stream::due) and
//! [`Stream::runs_out_at`](dam_primitives::Stream::runs_out_at). [`OpenStreams`] lists the streams
//! of a payer. A payee should collect before its machine is retired, and make sure that its account
//! can take money: what cannot be paid to it [`Config::PayeeTimeout`] blocks after the stream
//! stopped goes back to the payer.
//!
//! ## Low level / implementation details
//!
//! ### Goals
//!
//! 1. **Conservation.** What was paid in is settled, still open, or back in the payer's wallet:
//!    [`Locked`] equals the open amounts and storage deposits of all streams.
//! 2. **Exact.** A block earns exactly the rate; the one with which the deposit runs out earns what
//!    is left. How often somebody collects, pauses or tops up changes nothing of what was earned.
//! 3. **Closed means gone.** A closed stream leaves no state, and its number never comes back.
//! 4. **The payee can rely on a proof.** The rate never changes, and nothing that was earned is
//!    taken back whatever becomes of the payer: paused, suspended, frozen, sold.
//! 5. **Nothing is locked for ever.** Both sides can end a stream at any time, by themselves. If the
//!    payee cannot be paid, the payer waits no longer than `PayeeTimeout` after the stream stopped,
//!    and it can stop it. One that was forgotten is ended by anybody, once its deposit has run out
//!    or it was paused for `MaxPause`.
//! 6. **State is paid for.** Each stream carries [`Config::StorageDeposit`] of the payer's USDT, and
//!    a machine pays from at most [`MAX_STREAMS`] at a time.
//!
//! ### Design
//!
//! Nothing happens in a block by itself: what was earned is computed when it is asked for. A record
//! keeps what was earned before the last change and since when it runs; every change first writes
//! down what was earned so far ([`Stream::carry`](dam_primitives::Stream::carry)).
//!
//! The owner's policy is asked when money is locked, as for a payment to the payee. What comes back
//! stays counted as spent.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

use polkadot_sdk::*;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod closing;
mod collecting;
#[cfg(test)]
mod mock;
mod opening;
mod pausing;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;
mod types;
pub mod weights;

pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

use dam_primitives::{
	stream::{MAX_COLLECTIONS, MAX_STREAMS},
	CollectFailure, FailedCollection, Flow, KeyRights, MachineId, Payee, PaymentFailure, StreamId,
};
use pallet_dam_traits::{Machines, Till};
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

		/// Who the machines are and which key acts for which.
		type Machines: Machines<Self::AccountId>;

		/// Moves money between wallets and escrow.
		type Till: Till<Self::AccountId>;

		/// Comes back to the payer when a stream is gone, in units of 0.000001 USDT. Zero would let
		/// machines fill the state for nothing.
		#[pallet::constant]
		type StorageDeposit: Get<u128>;

		/// How long what was earned is kept for a payee that cannot be paid, in blocks from the last
		/// one that earned something. Afterwards it goes back to the payer. Long enough for a payee
		/// to notice and to have its account unblocked: weeks.
		#[pallet::constant]
		type PayeeTimeout: Get<u32>;

		/// How long a stream may be paused before anybody may end it, in blocks. Longer than any
		/// season: it is for streams that were forgotten.
		#[pallet::constant]
		type MaxPause: Get<u32>;
	}

	/// The number that the next stream gets. Numbers ascend without gaps.
	#[pallet::storage]
	pub type NextStreamId<T> = StorageValue<_, StreamId, ValueQuery>;

	/// The streams that are open.
	///
	/// Numbers are given by the chain, so a hasher that an attacker could aim at is safe.
	#[pallet::storage]
	pub type Streams<T: Config> = StorageMap<_, Twox64Concat, StreamId, StreamOf<T>, OptionQuery>;

	/// The streams that each machine pays, in no order. Machines that pay none have no entry.
	#[pallet::storage]
	pub type OpenStreams<T: Config> = StorageMap<_, Twox64Concat, MachineId, StreamIds, ValueQuery>;

	/// What all streams together have in escrow, in units of 0.000001 USDT.
	#[pallet::storage]
	pub type Locked<T: Config> = StorageValue<_, u128, ValueQuery>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A stream was opened and runs.
		Opened {
			/// Its number.
			stream: StreamId,
			/// Who pays.
			payer: MachineId,
			/// Who is paid.
			payee: Payee<T::AccountId>,
			/// Earned with every block, in units of 0.000001 USDT.
			rate: u128,
			/// What was paid in, in units of 0.000001 USDT.
			deposit: u128,
		},
		/// More was paid in. If the deposit had run out, the stream runs again from this block on.
		ToppedUp {
			/// Which stream.
			stream: StreamId,
			/// What was paid in so far, settled or not, in units of 0.000001 USDT.
			deposit: u128,
		},
		/// The payee was paid what it had earned.
		Collected {
			/// Out of which stream.
			stream: StreamId,
			/// How much, this time, in units of 0.000001 USDT.
			amount: u128,
		},
		/// A batch was collected.
		BatchCollected {
			/// From how many streams something was collected.
			collected: u32,
			/// How much in all, in units of 0.000001 USDT.
			total: u128,
			/// Every item from which nothing was, and why, in the order of the batch.
			failed: BoundedVec<FailedCollection, ConstU32<MAX_COLLECTIONS>>,
		},
		/// The payer paused a stream: nothing is earned after this block.
		Paused {
			/// Which stream.
			stream: StreamId,
			/// Earned and not paid yet, in units of 0.000001 USDT.
			due: u128,
		},
		/// The payer resumed a stream: every block after this one earns the rate.
		Resumed {
			/// Which stream.
			stream: StreamId,
		},
		/// A stream is gone.
		Closed {
			/// Which.
			stream: StreamId,
			/// What the payee got in all, in units of 0.000001 USDT.
			settled: u128,
			/// What it had earned beyond that but could not be paid until the time-out, in units of
			/// 0.000001 USDT. Zero nearly always.
			forfeited: u128,
			/// What went back to the payer's wallet, with what was forfeited and without the storage
			/// deposit, in units of 0.000001 USDT.
			returned: u128,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// No stream has this number: it was closed, or never opened. Check the number.
		StreamNotFound,
		/// The rate is zero, so that nothing would ever be earned. Pay at least the smallest unit
		/// with every block.
		ZeroRate,
		/// The deposit does not last for one block. Pay in at least the rate.
		DepositBelowRate,
		/// The machine pays as many streams as it may. Close one.
		TooManyStreams,
		/// The machine still pays streams. Close them before it is retired.
		HasOpenStreams,
		/// Only the payer's payment key, while the machine may spend, or its owner may do this.
		NotPayer,
		/// Only payer and payee may close a stream: the payer's payment key, while the machine may
		/// spend, or its owner; the payee's account, its owner, or a key of it with the right to
		/// claim.
		NotParty,
		/// Nothing was earned since the stream was collected last. Collect again later.
		NothingDue,
		/// The stream is paused already.
		AlreadyPaused,
		/// The stream is not paused.
		NotPaused,
		/// The stream's deposit has run out, so there is nothing to pause. Top it up, or sweep it.
		RunOut,
		/// The stream's deposit has not run out, and it was not paused for longer than `MaxPause`.
		/// Only payer and payee may close it.
		StillOpen,
		/// The payee's account cannot take the money now: blocked, full, its machine is retired, or
		/// its first payment is too small. Try again when it can. The payer gets everything back
		/// once the stream has stopped for longer than `PayeeTimeout`: pause it if it still runs.
		PayeeUnavailable,
		/// The payer's wallet cannot take its money back: it is blocked. Ask whoever administers the
		/// asset.
		PayerUnavailable,
		/// Escrow lets nothing go: its account is frozen. Nothing is lost. Ask whoever administers the
		/// asset.
		EscrowUnavailable,
		/// The amount is zero. Pay in at least the smallest unit.
		ZeroAmount,
		/// No machine of this number takes payments. Check the payee.
		UnknownMachine,
		/// A machine cannot have a stream to itself.
		SelfPayment,
		/// The payer has too little for the deposit and the storage deposit. Send money to it.
		InsufficientFunds,
		/// The payer's account is frozen. Ask whoever administers the asset.
		PayerFrozen,
		/// The owner's policy allows no single payment that large.
		ExceedsPaymentCap,
		/// The owner's policy allows no more in this period.
		ExceedsPeriodCap,
		/// The owner's policy does not allow this payee.
		PayeeNotAllowed,
		/// The owner's policy wants the owner's co-signature on a deposit that large. Have the owner
		/// approve exactly this payee and amount first.
		NeedsCoSignature,
		/// All stream numbers are taken, or an amount is larger than any money there is.
		Overflow,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			assert!(
				T::StorageDeposit::get() > 0,
				"StorageDeposit is zero: machines could fill the state for nothing"
			);
			assert!(
				T::PayeeTimeout::get() > 0,
				"PayeeTimeout is zero: a payee whose account is blocked for a block would lose what \
				 it has earned"
			);
			assert!(
				T::MaxPause::get() > 0,
				"MaxPause is zero: anybody could end a stream in the block after it was paused"
			);
			let normal = frame_support::dispatch::DispatchClass::Normal;
			if let Some(most) = T::BlockWeights::get().get(normal).max_extrinsic {
				let weight = T::WeightInfo::collect_batch(MAX_COLLECTIONS);
				assert!(
					weight.all_lte(most),
					"collect_batch of MAX_COLLECTIONS streams does not fit a block: {weight:?}, and \
					 {most:?} is what a transaction may weigh"
				);
			}
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call(weight(<T as Config>::WeightInfo))]
	impl<T: Config> Pallet<T> {
		/// Opens a stream from the signing payment key's machine to `payee`. It runs from the next
		/// block on.
		///
		/// With every block the payee has earned `rate`, in units of 0.000001 USDT. `deposit`, in the
		/// same units and at least the rate, goes into escrow together with
		/// [`Config::StorageDeposit`]; the owner's policy is asked for `deposit` as for a payment to
		/// `payee`.
		#[pallet::call_index(0)]
		pub fn open(
			origin: OriginFor<T>,
			payee: Payee<T::AccountId>,
			#[pallet::compact] rate: u128,
			#[pallet::compact] deposit: u128,
		) -> DispatchResult {
			let key = ensure_signed(origin)?;
			Self::do_open(key, payee, rate, deposit)
		}

		/// Pays `amount`, in units of 0.000001 USDT, more into a stream, by the payer's payment key
		/// and within its policy. If the deposit had run out, the stream runs again from the next
		/// block on; the time between earns nothing. A paused stream stays paused.
		#[pallet::call_index(1)]
		pub fn top_up(
			origin: OriginFor<T>,
			#[pallet::compact] stream: StreamId,
			#[pallet::compact] amount: u128,
		) -> DispatchResult {
			let key = ensure_signed(origin)?;
			Self::do_top_up(key, stream, amount)
		}

		/// Pays the payee what it has earned up to this block. By anybody.
		#[pallet::call_index(2)]
		pub fn collect(
			origin: OriginFor<T>,
			#[pallet::compact] stream: StreamId,
		) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_collect(stream)
		}

		/// Pauses a stream, by the payer's payment key or its owner: nothing is earned after this
		/// block. What was earned stays the payee's.
		#[pallet::call_index(3)]
		pub fn pause(origin: OriginFor<T>, #[pallet::compact] stream: StreamId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_pause(who, stream)
		}

		/// Resumes a paused stream, by the payer's payment key or its owner: it runs from the next
		/// block on.
		#[pallet::call_index(4)]
		pub fn resume(origin: OriginFor<T>, #[pallet::compact] stream: StreamId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_resume(who, stream)
		}

		/// Ends a stream, by payer or payee: the payee gets what it has earned up to this block, the
		/// rest and the storage deposit go back to the payer's wallet.
		///
		/// If the payee cannot be paid, this fails until the stream has stopped for longer than
		/// [`Config::PayeeTimeout`]; then everything goes back.
		#[pallet::call_index(5)]
		pub fn close(origin: OriginFor<T>, #[pallet::compact] stream: StreamId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_close(who, stream)
		}

		/// Collects from up to [`MAX_COLLECTIONS`] streams, each as [`Call::collect`] would. By
		/// anybody.
		///
		/// Items are isolated: [`Event::BatchCollected`] lists those that failed.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::collect_batch(streams.len() as u32))]
		pub fn collect_batch(
			origin: OriginFor<T>,
			streams: BoundedVec<StreamId, ConstU32<MAX_COLLECTIONS>>,
		) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_collect_batch(streams)
		}

		/// Ends a stream, as [`Call::close`] would, whose deposit has run out or that was paused for
		/// longer than [`Config::MaxPause`]. By anybody.
		#[pallet::call_index(7)]
		pub fn sweep(origin: OriginFor<T>, #[pallet::compact] stream: StreamId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_sweep(stream)
		}
	}

	impl<T: Config> Pallet<T> {
		/// The present block, as streams count blocks.
		pub(crate) fn now() -> u32 {
			// Blocks of a second reach the last u32 after 136 years.
			frame_system::Pallet::<T>::block_number().saturated_into()
		}
	}
}
