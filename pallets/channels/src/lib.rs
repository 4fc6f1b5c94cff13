//! # Payment channels
//!
//! A machine pays in once and then pays somebody thousands of times off chain.
//!
//! ## Pallet API
//!
//! See [`Call`], [`Event`] and [`Error`].
//!
//! ## Overview
//!
//! A payer's machine [`open`](Call::open)s a channel to one payee: a deposit goes into escrow. Off
//! chain it hands out proofs of what it owes, in one of two forms:
//!
//! * **vouchers**: a cumulative amount, signed by the payer's payment key
//!   ([`dam_primitives::voucher`]);
//! * **links of a hash chain** (PayWord, Rivest & Shamir 1996), each worth the same: one signature
//!   at the start, then one hash per payment, for the smallest devices
//!   ([`dam_primitives::payword`]).
//!
//! Anybody may submit a claim, for example a watchtower; the money goes to the payee only
//! ([`claim`](Call::claim), [`claim_batch`](Call::claim_batch),
//! [`claim_links`](Call::claim_links)). The payee can [`close`](Call::close) at any time, and the
//! payer too, with the payee's consent ([`close_agreed`](Call::close_agreed)). Without it the payer
//! asks to close ([`request_close`](Call::request_close)), which gives the payee a grace period for
//! last claims; then anybody may [`sweep`](Call::sweep) the rest back to the payer's wallet.
//!
//! ```text
//!           open                 request_close              grace is over
//!  (none) ───────► open ───────────────────────► closing ───────────────► over ──sweep──► (none)
//!                   │ claim, top_up                 │ claim                 │
//!                   └── close, close_agreed ────────┴───────────────────────┴───────────► (none)
//! ```
//!
//! ## Low level / implementation details
//!
//! ### Goals
//!
//! 1. **Conservation.** What was paid in is settled, still open, or back in the payer's wallet:
//!    [`Locked`] equals the open amounts and storage deposits of all channels.
//! 2. **No double settlement.** Claims are cumulative: what was settled is never settled again,
//!    under any order or replay.
//! 3. **Closed means gone.** A closed channel leaves no state, and its number never comes back, so
//!    nothing that was signed for it is good for anything.
//! 4. **The payee can rely on a proof.** A channel's deposit only grows, its grace period never
//!    changes, and a proof settles whatever becomes of the payer: suspended, frozen, or its key
//!    replaced (for as long as the key's horizon lasts; links of a hash chain for as long as the
//!    channel). A payer cannot be retired while it pays from a channel.
//! 5. **Nothing is locked for ever.** The payer, or its owner, can always ask to close, and the
//!    grace period is bounded.
//! 6. **State is paid for.** Each channel carries [`Config::StorageDeposit`] of the payer's USDT, and
//!    a machine pays from at most [`MAX_CHANNELS`] at a time.
//!
//! ### Design
//!
//! Money moves by [`pallet_dam_traits::Till`] alone. The payer's policy is asked when money is paid
//! in, as for a payment to the payee, and never again; so a stolen key can promise no more than it
//! could have paid. The rules of a claim are those of [`dam_primitives`], which payees run too:
//! what a payee accepts off chain is what the chain settles.
//!
//! ### How could I attack this?
//!
//! * *Claim a voucher twice, in another order, on another channel or chain.* Amounts are cumulative,
//!   and channel and genesis hash are signed.
//! * *Close and open again, to use old vouchers.* Numbers never come back.
//! * *Rotate the key, so that what it signed is void.* It settles until its horizon, which is longer
//!   than a payee should take to claim, and which nobody chooses.
//! * *Fill blocks until the grace period is over.* Calls of machines have their own share of a block,
//!   and fees rise with full blocks; [`Config::MinGrace`] must be hours, not minutes.
//! * *Keep the payer's money by never closing.* The payer asks, and the grace period is bounded.
//! * *Have the asset frozen until a grace period is over.* Nothing leaves escrow then, and grace
//!   periods go on: whoever administers the asset can cost payees what they had not claimed. A freeze
//!   must be shorter than [`Config::MinGrace`], or be announced.
//! * *Have the payee's account blocked, or never open it.* The claim fails until it can be paid, and
//!   what is not claimed in time goes back.
//! * *Submit an old consent to close.* A payee that has signed one must take nothing more through
//!   the channel; it names what the payee gets, and is void if that is less than what it has.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

use polkadot_sdk::*;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod claims;
mod closing;
mod errors;
#[cfg(test)]
mod mock;
mod opening;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;
pub mod weights;

pub use pallet::*;
pub use weights::WeightInfo;

use dam_primitives::{
	channel::{MAX_CHANNELS, MAX_CLAIMS, MAX_HASHES_PER_CLAIM},
	voucher::VoucherBatch,
	Channel, ChannelId, ClaimFailure, FailedClaim, KeyRights, Lock, MachineId, Payee,
	PaymentFailure, PublicKey, RevealedLink, Signature, SignedVoucher, Terms,
};
use frame_system::pallet_prelude::BlockNumberFor;
use pallet_dam_traits::{Machines, Till};
use sp_runtime::{AccountId32, DispatchErrorWithPostInfo};

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

		/// Comes back to the payer when a channel is gone, in units of 0.000001 USDT. Zero would let
		/// machines fill the state for nothing.
		#[pallet::constant]
		type StorageDeposit: Get<u128>;

		/// Shortest grace period, in blocks. Long enough for a payee to notice and to claim even if
		/// somebody fills blocks; and shorter than the horizon of a replaced key, or a payer could
		/// have its vouchers expire within it.
		#[pallet::constant]
		type MinGrace: Get<BlockNumberFor<Self>>;

		/// Longest grace period, in blocks: bounds for how long a payer waits for its money.
		#[pallet::constant]
		type MaxGrace: Get<BlockNumberFor<Self>>;
	}

	/// The number that the next channel gets. Numbers ascend without gaps.
	#[pallet::storage]
	pub type NextChannelId<T> = StorageValue<_, ChannelId, ValueQuery>;

	/// The channels that are open or closing.
	///
	/// Numbers are given by the chain, so a hasher that an attacker could aim at is safe.
	#[pallet::storage]
	pub type Channels<T: Config> =
		StorageMap<_, Twox64Concat, ChannelId, Channel<T::AccountId>, OptionQuery>;

	/// From how many channels each machine pays.
	#[pallet::storage]
	pub type OpenChannels<T: Config> = StorageMap<_, Twox64Concat, MachineId, u32, ValueQuery>;

	/// What all channels together have in escrow, in units of 0.000001 USDT.
	#[pallet::storage]
	pub type Locked<T: Config> = StorageValue<_, u128, ValueQuery>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A channel was opened.
		Opened {
			/// Its number.
			channel: ChannelId,
			/// Who pays.
			payer: MachineId,
			/// Who is paid.
			payee: Payee<T::AccountId>,
			/// What was paid in.
			deposit: u128,
		},
		/// More was paid in.
		ToppedUp {
			/// Which channel.
			channel: ChannelId,
			/// What it holds in all now, settled or not.
			deposit: u128,
		},
		/// The payee was paid.
		Claimed {
			/// Out of which channel.
			channel: ChannelId,
			/// How much, this time.
			amount: u128,
		},
		/// A batch of claims was worked through.
		BatchClaimed {
			/// How many were settled.
			settled: u32,
			/// How much in all.
			total: u128,
			/// Every one that was not settled, and why, in the order of the batch.
			failed: BoundedVec<FailedClaim, ConstU32<MAX_CLAIMS>>,
		},
		/// The payer asked to close; the grace period runs.
		CloseRequested {
			/// Which channel.
			channel: ChannelId,
			/// Last block in which claims are taken.
			last_block: BlockNumberFor<T>,
		},
		/// A channel is gone.
		Closed {
			/// Which.
			channel: ChannelId,
			/// What the payee got in all.
			settled: u128,
			/// What went back to the payer's wallet, without the storage deposit.
			returned: u128,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// No channel has this number: it was closed, or never opened. Check the number.
		ChannelNotFound,
		/// The channel settles by the other kind of proof. Check its terms.
		WrongTerms,
		/// The grace period is over. Sweep the channel.
		GraceOver,
		/// The grace period still runs, or nobody asked to close. Wait until it is over.
		GraceRuns,
		/// The payer has asked to close already.
		AlreadyClosing,
		/// The signature or link is not whose it should be, for this channel, on this chain.
		InvalidProof,
		/// That much was settled before. Claim a later voucher or link.
		NothingNew,
		/// The claim is above the channel's deposit. Have the payer top it up.
		ExceedsDeposit,
		/// The key that signed was replaced, and its horizon is past.
		KeyExpired,
		/// The link is too many hashes from the last settled one. Claim a nearer one first.
		TooManyHashes,
		/// The payee's account cannot take the money now. Claim again when it can.
		PayeeUnavailable,
		/// The payer's wallet cannot take back what is open: it is blocked. Try again when it can.
		PayerUnavailable,
		/// Only the payer's payment key or its owner may do this.
		NotPayer,
		/// Only the payee may do this: its account, its owner, or a key of it with the right to
		/// claim.
		NotPayee,
		/// The payee has got more since than it agreed to. Ask it for another agreement.
		AgreementOutdated,
		/// The grace period is below `MinGrace` or above `MaxGrace`.
		InvalidGrace,
		/// A hash chain needs at least one link, each worth something, and a deposit that is no more
		/// than all of them together.
		InvalidTerms,
		/// The machine pays from as many channels as it may. Close one.
		TooManyChannels,
		/// The machine still pays from channels. Close them before it is retired.
		HasOpenChannels,
		/// The amount is zero. Pay in at least the smallest unit.
		ZeroAmount,
		/// No machine of this number takes payments. Check the payee.
		UnknownMachine,
		/// A machine cannot have a channel to itself.
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
		/// approve it first.
		NeedsCoSignature,
		/// All channel numbers are taken, or an amount is larger than any money there is.
		Overflow,
		/// Escrow has less than channels settle, which is a fault of the chain: report it. Nothing was
		/// settled.
		EscrowShort,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			assert!(
				T::StorageDeposit::get() > 0,
				"StorageDeposit is zero: machines could fill the state for nothing"
			);
			assert!(
				T::MinGrace::get() <= T::MaxGrace::get(),
				"MinGrace is above MaxGrace: no channel could be opened"
			);
			let normal = frame_support::dispatch::DispatchClass::Normal;
			if let Some(most) = T::BlockWeights::get().get(normal).max_extrinsic {
				for (call, weight) in [
					("claim_batch of MAX_CLAIMS vouchers", T::WeightInfo::claim_batch(MAX_CLAIMS)),
					(
						"claim_links of MAX_HASHES_PER_CLAIM hashes",
						T::WeightInfo::claim_links(MAX_HASHES_PER_CLAIM),
					),
				] {
					assert!(
						weight.all_lte(most),
						"{call} does not fit a block: {weight:?}, and {most:?} is what a transaction \
						 may weigh"
					);
				}
			}
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call(weight(<T as Config>::WeightInfo))]
	impl<T: Config> Pallet<T> {
		/// Opens a channel from the signing payment key's machine to `payee`.
		///
		/// `deposit`, in units of 0.000001 USDT, goes into escrow together with
		/// [`Config::StorageDeposit`]; the owner's policy is asked for `deposit` as for a payment to
		/// `payee`. `grace` is how long the payee may claim after the payer asked to close, in
		/// blocks. Vouchers of this channel are signed by the key that signs this call, for as long as
		/// the channel lasts: if it is replaced, close the channel and open another.
		#[pallet::call_index(0)]
		pub fn open(
			origin: OriginFor<T>,
			payee: Payee<T::AccountId>,
			#[pallet::compact] deposit: u128,
			terms: Terms,
			#[pallet::compact] grace: BlockNumberFor<T>,
		) -> DispatchResult {
			let key = ensure_signed(origin)?;
			Self::do_open(key, payee, deposit, terms, grace)
		}

		/// Pays `amount` more into a channel, by the payer's payment key and within its policy.
		#[pallet::call_index(1)]
		pub fn top_up(
			origin: OriginFor<T>,
			#[pallet::compact] channel: ChannelId,
			#[pallet::compact] amount: u128,
		) -> DispatchResult {
			let key = ensure_signed(origin)?;
			Self::do_top_up(key, channel, amount)
		}

		/// Settles a voucher: the payee gets what it is above what was settled. By anybody.
		#[pallet::call_index(2)]
		pub fn claim(origin: OriginFor<T>, voucher: SignedVoucher) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_claim(voucher)
		}

		/// Settles up to [`MAX_CLAIMS`] vouchers of any channels. By anybody.
		///
		/// Items are isolated: [`Event::BatchClaimed`] lists those that failed.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::claim_batch(vouchers.len() as u32))]
		pub fn claim_batch(origin: OriginFor<T>, vouchers: VoucherBatch) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_claim_batch(vouchers)
		}

		/// Settles a link of a hash chain and all before it. By anybody.
		///
		/// The link may be at most [`MAX_HASHES_PER_CLAIM`] ahead of the last one that was settled;
		/// the weight of hashes that were not computed comes back.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::claim_links(revealed.index.min(MAX_HASHES_PER_CLAIM)))]
		pub fn claim_links(
			origin: OriginFor<T>,
			revealed: RevealedLink,
		) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			let mut hashes = 0;
			let result = Self::do_claim_links(revealed, &mut hashes);
			let post_info = Some(T::WeightInfo::claim_links(hashes)).into();
			match result {
				Ok(()) => Ok(post_info),
				Err(error) => Err(DispatchErrorWithPostInfo { post_info, error }),
			}
		}

		/// Closes a channel at once, by the payee: what is open goes back to the payer's wallet.
		/// Claim first what is still owed.
		#[pallet::call_index(5)]
		pub fn close(
			origin: OriginFor<T>,
			#[pallet::compact] channel: ChannelId,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_close(who, channel)
		}

		/// Asks to close a channel, by the payer's payment key or its owner. The payee may claim
		/// until the grace period is over.
		#[pallet::call_index(6)]
		pub fn request_close(
			origin: OriginFor<T>,
			#[pallet::compact] channel: ChannelId,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_request_close(who, channel)
		}

		/// Removes a channel whose grace period is over; what is open goes back to the payer's
		/// wallet. By anybody.
		#[pallet::call_index(7)]
		pub fn sweep(
			origin: OriginFor<T>,
			#[pallet::compact] channel: ChannelId,
		) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_sweep(channel)
		}

		/// Closes a channel at once, by the payer's payment key or its owner, with the consent of the
		/// payee: it gets out of the channel what makes `settled` in all, and the rest goes back to the
		/// payer's wallet.
		///
		/// `signature` is of the [`CloseAgreement`](dam_primitives::CloseAgreement) by `key`: a
		/// machine's key with the right to claim, or its owner's; an account's own.
		#[pallet::call_index(8)]
		pub fn close_agreed(
			origin: OriginFor<T>,
			#[pallet::compact] channel: ChannelId,
			#[pallet::compact] settled: u128,
			key: PublicKey,
			signature: Signature,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_close_agreed(who, channel, settled, key, signature)
		}
	}
}
