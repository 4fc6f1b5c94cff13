//! # Attestations
//!
//! What accredited third parties say of machines and accounts.
//!
//! ## Pallet API
//!
//! See [`Call`], [`Event`] and [`Error`]. Other pallets ask [`Pallet::is_valid`]; the runtime API
//! serves [`Pallet::of`] and [`Pallet::attesters`].
//!
//! ## Overview
//!
//! Governance **accredits** attesters, for each [`ClaimType`] apart: a calibration laboratory for
//! meters, a certifier for carbon, a provider of identity checks for operators. Any account can be
//! an attester. An accredited attester [issues](Call::issue) attestations, singly or
//! [up to 256 at a time](Call::issue_batch): of a subject it says a claim, names the hash of the
//! evidence, which it keeps itself, and the last block in which the attestation is valid. It
//! [renews](Call::renew) what is about to expire and [revokes](Call::revoke) what turned out wrong.
//!
//! For a subject, a claim and an attester there is one attestation at most. Several attesters may
//! attest the same; whom to believe is for the reader to say.
//!
//! ## Low level / implementation details
//!
//! ### Goals
//!
//! 1. **Validity can be told for any block.** An attestation is valid in a block if it was issued
//!    in it or before, had not expired and was not revoked by then, and if its attester was
//!    accredited for the claim from the issuing on until that block, without a gap. What is revoked
//!    stays in storage until it would have expired, and accreditations stay for good, so that past
//!    blocks get the same answer later as at the time; scenario: a meter's calibration is revoked,
//!    and the energy that was sold before is still found to have been metered validly. Two
//!    things are not seen any more, and the state of the block in question has them: an attestation
//!    that was replaced or removed since, and an accreditation that was withdrawn and given anew.
//! 2. **Withdrawn is withdrawn.** What was issued under an accreditation that was withdrawn is
//!    never valid again, not even when the attester is accredited anew in the same block: it has to
//!    issue anew.
//! 3. **Taking back always works.** To revoke needs neither an accreditation nor a living subject.
//! 4. **State is paid for.** Each attestation costs its attester [`Config::AttestationDeposit`] while
//!    it stands in storage. Anybody may [remove](Call::remove) one that has expired; the deposit
//!    goes back to the attester whoever does. Accreditations cost nothing, as only governance makes
//!    them.
//! 5. **Isolated items.** One bad item of a batch leaves the others as they are; one event names
//!    every item that failed, and why.
//!
//! ### Terminology
//!
//! * *Accreditation*: governance's word that an account may attest a type of claim.
//! * *Attester*: who has or had an accreditation.
//! * *Subject*: the machine or account of which something is attested. Claims about identity checks
//!   (`OperatorKyc`, `HolderKyc`) have accounts for subjects, the others machines.
//! * *Lapsed*: neither expired nor revoked, but issued under an accreditation that was withdrawn.
//!
//! ### For readers
//!
//! An attestation says that the attester said so. It does not say that a machine still exists: of
//! retired ones nothing is issued or renewed any more, and what was issued before runs out. Nor does
//! it say that the attester is a stranger to the subject: nothing keeps one from attesting of itself
//! or its own machines, so governance accredits those who have a name to lose, and readers name the
//! attesters that they believe.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

use polkadot_sdk::*;

mod accreditation;
mod batch;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod lifecycle;
mod lookup;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;
mod types;
pub mod weights;

pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

use dam_primitives::{attestation::MAX_ATTESTATION_BATCH, ClaimType, MachineStatus, Subject};
use frame_support::traits::fungible::{self, hold};
use frame_system::pallet_prelude::BlockNumberFor;
use pallet_dam_traits::Machines;

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use frame_support::pallet_prelude::*;
	use frame_system::pallet_prelude::*;
	use sp_runtime::traits::Zero;

	/// Layout of this pallet's storage.
	pub const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: polkadot_sdk::frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// Weights of the calls, generated on the reference machine.
		type WeightInfo: WeightInfo;

		/// The native token, in which deposits are held.
		type Currency: hold::Mutate<Self::AccountId, Reason = Self::RuntimeHoldReason>
			+ fungible::Inspect<Self::AccountId>;

		/// The runtime's hold reasons.
		type RuntimeHoldReason: From<HoldReason>;

		/// Which machines there are.
		type Machines: Machines<Self::AccountId>;

		/// Who accredits attesters, and takes accreditations back.
		type GovernanceOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Held from the attester for each attestation until it is removed, in units of
		/// [`Self::Currency`]. Zero would let attesters fill the state for the price of fees.
		#[pallet::constant]
		type AttestationDeposit: Get<BalanceOf<Self>>;

		/// How far ahead an attestation may expire, in blocks. One that nobody renews is forgotten
		/// after this long at most. At least 1.
		#[pallet::constant]
		type MaxAttestationLifetime: Get<BlockNumberFor<Self>>;
	}

	/// Every accreditation ever given. It stays when it is withdrawn: see goal 1.
	///
	/// There are few claim types, so their keys need no hash.
	#[pallet::storage]
	pub type Accreditations<T: Config> = StorageDoubleMap<
		_,
		Identity,
		ClaimType,
		Blake2_128Concat,
		T::AccountId,
		Accreditation<BlockNumberFor<T>>,
		OptionQuery,
	>;

	/// Every attestation that was not removed, valid or not, by subject, claim and attester.
	#[pallet::storage]
	pub type Attestations<T: Config> = StorageNMap<
		_,
		(
			NMapKey<Blake2_128Concat, Subject<T::AccountId>>,
			NMapKey<Identity, ClaimType>,
			NMapKey<Blake2_128Concat, T::AccountId>,
		),
		AttestationRecordOf<T>,
		OptionQuery,
	>;

	/// Why this pallet holds the native token.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// The deposits of the attester's attestations.
		AttestationDeposit,
	}

	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An account may attest this type of claim from now on.
		Accredited {
			/// Who.
			attester: T::AccountId,
			/// Of what type.
			claim: ClaimType,
		},
		/// An account may not attest this type of claim any more, and what it attested is invalid
		/// from now on.
		AccreditationWithdrawn {
			/// Who.
			attester: T::AccountId,
			/// Of what type.
			claim: ClaimType,
		},
		/// Something is attested from now on.
		AttestationIssued {
			/// Of whom.
			subject: Subject<T::AccountId>,
			/// What.
			claim: ClaimType,
			/// By whom.
			attester: T::AccountId,
			/// Last block in which it is valid.
			expires_at: BlockNumberFor<T>,
		},
		/// An attestation is valid for longer.
		AttestationRenewed {
			/// Of whom.
			subject: Subject<T::AccountId>,
			/// What.
			claim: ClaimType,
			/// By whom.
			attester: T::AccountId,
			/// Last block in which it is valid.
			expires_at: BlockNumberFor<T>,
		},
		/// An attestation is invalid from now on, since its attester took it back.
		AttestationRevoked {
			/// Of whom.
			subject: Subject<T::AccountId>,
			/// What.
			claim: ClaimType,
			/// By whom.
			attester: T::AccountId,
		},
		/// An expired attestation left the state and its deposit is back with its attester.
		AttestationRemoved {
			/// Of whom.
			subject: Subject<T::AccountId>,
			/// What.
			claim: ClaimType,
			/// By whom.
			attester: T::AccountId,
		},
		/// A batch of attestations was worked through.
		BatchIssued {
			/// By whom.
			attester: T::AccountId,
			/// How many were issued.
			issued: u32,
			/// Every item that was not, and why, in the order of the batch.
			failed: FailedItems,
		},
		/// A batch of renewals was worked through.
		BatchRenewed {
			/// By whom.
			attester: T::AccountId,
			/// How many were renewed.
			renewed: u32,
			/// Every item that was not, and why, in the order of the batch.
			failed: FailedItems,
		},
		/// A batch of revocations was worked through.
		BatchRevoked {
			/// By whom.
			attester: T::AccountId,
			/// How many were revoked.
			revoked: u32,
			/// Every item that was not, and why, in the order of the batch.
			failed: FailedItems,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The account is accredited for this claim already. Nothing is left to do.
		AlreadyAccredited,
		/// The account is not accredited for this claim now. Have governance accredit it.
		NotAccredited,
		/// This claim is not made of such a subject. Identity checks are of accounts, everything
		/// else is of machines.
		WrongSubject,
		/// No machine has this number. Check the subject.
		MachineNotFound,
		/// The machine is retired: there is nothing to attest of it any more.
		MachineRetired,
		/// The last block in which the attestation would be valid is not after this one. Name a
		/// later block.
		ExpiryNotInFuture,
		/// The attestation would be valid for too long. Let it expire within
		/// `MaxAttestationLifetime` blocks from now and renew it in time.
		LifetimeTooLong,
		/// The attester attests this already, validly. Renew it, or revoke it first.
		AlreadyIssued,
		/// The attester does not attest this. Check subject, claim and attester; only what the
		/// signer itself issued can it renew or revoke.
		AttestationNotFound,
		/// The attestation was revoked. Issue it anew.
		AttestationRevoked,
		/// The attestation has expired. Issue it anew.
		AttestationExpired,
		/// The accreditation under which the attestation was issued was withdrawn. Issue it anew
		/// under the present one.
		AttestationLapsed,
		/// The attestation does not expire earlier than that. Name a later block.
		ExpiryNotLater,
		/// The attestation has not expired. Wait until the block after its last.
		NotExpired,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			assert!(
				!T::AttestationDeposit::get().is_zero(),
				"AttestationDeposit is zero: attesters could fill the state for the price of fees"
			);
			assert!(
				!T::MaxAttestationLifetime::get().is_zero(),
				"MaxAttestationLifetime is zero: nothing could ever be attested"
			);
			let weights = T::BlockWeights::get();
			if let Some(most) = weights.get(DispatchClass::Normal).max_extrinsic {
				for (call, weight) in [
					("issue_batch", T::WeightInfo::issue_batch(MAX_ATTESTATION_BATCH)),
					("renew_batch", T::WeightInfo::renew_batch(MAX_ATTESTATION_BATCH)),
					("revoke_batch", T::WeightInfo::revoke_batch(MAX_ATTESTATION_BATCH)),
				] {
					assert!(
						weight.all_lte(most),
						"{call} of MAX_ATTESTATION_BATCH items does not fit a block: {weight:?}, \
						 and {most:?} is what a transaction may weigh"
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
		/// Lets `attester` attest `claim` from now on. By governance.
		///
		/// After a withdrawal in this very block it counts from the next one: see goal 2.
		#[pallet::call_index(0)]
		pub fn accredit(
			origin: OriginFor<T>,
			attester: T::AccountId,
			claim: ClaimType,
		) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_accredit(attester, claim)
		}

		/// Ends the accreditation of `attester` for `claim`. Everything that it attests of that
		/// type is invalid from now on and for good. By governance.
		#[pallet::call_index(1)]
		pub fn withdraw_accreditation(
			origin: OriginFor<T>,
			attester: T::AccountId,
			claim: ClaimType,
		) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_withdraw_accreditation(attester, claim)
		}

		/// Attests something. By an attester that is accredited for the claim, from whom
		/// `AttestationDeposit` is held.
		///
		/// What the signer attested of the same before is replaced if it is not valid any more; its
		/// deposit stays for the new one.
		#[pallet::call_index(2)]
		pub fn issue(origin: OriginFor<T>, item: NewAttestationOf<T>) -> DispatchResult {
			let attester = ensure_signed(origin)?;
			Self::do_issue(attester, item)
		}

		/// Lets a valid attestation of the signer expire later, in block `expires_at`. It needs the
		/// accreditation under which it was issued.
		#[pallet::call_index(3)]
		pub fn renew(
			origin: OriginFor<T>,
			subject: Subject<T::AccountId>,
			claim: ClaimType,
			expires_at: BlockNumberFor<T>,
		) -> DispatchResult {
			let attester = ensure_signed(origin)?;
			Self::do_renew(attester, Renewal { subject, claim, expires_at })
		}

		/// Takes an attestation of the signer back, from this block on. It needs no accreditation.
		///
		/// The record stays until it would have expired, so that the blocks before can still be
		/// told; the deposit stays with it.
		#[pallet::call_index(4)]
		pub fn revoke(
			origin: OriginFor<T>,
			subject: Subject<T::AccountId>,
			claim: ClaimType,
		) -> DispatchResult {
			let attester = ensure_signed(origin)?;
			Self::do_revoke(attester, Revocation { subject, claim })
		}

		/// Issues up to [`MAX_ATTESTATION_BATCH`] attestations, each as [`Call::issue`] would.
		///
		/// Items are isolated: [`Event::BatchIssued`] lists those that failed.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::issue_batch(items.len() as u32))]
		pub fn issue_batch(
			origin: OriginFor<T>,
			items: BoundedVec<NewAttestationOf<T>, ConstU32<MAX_ATTESTATION_BATCH>>,
		) -> DispatchResult {
			let attester = ensure_signed(origin)?;
			Self::do_issue_batch(attester, items);
			Ok(())
		}

		/// Renews up to [`MAX_ATTESTATION_BATCH`] attestations, each as [`Call::renew`] would.
		///
		/// Items are isolated: [`Event::BatchRenewed`] lists those that failed.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::renew_batch(items.len() as u32))]
		pub fn renew_batch(
			origin: OriginFor<T>,
			items: BoundedVec<RenewalOf<T>, ConstU32<MAX_ATTESTATION_BATCH>>,
		) -> DispatchResult {
			let attester = ensure_signed(origin)?;
			Self::do_renew_batch(attester, items);
			Ok(())
		}

		/// Revokes up to [`MAX_ATTESTATION_BATCH`] attestations, each as [`Call::revoke`] would.
		///
		/// Items are isolated: [`Event::BatchRevoked`] lists those that failed.
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::revoke_batch(items.len() as u32))]
		pub fn revoke_batch(
			origin: OriginFor<T>,
			items: BoundedVec<Revocation<T::AccountId>, ConstU32<MAX_ATTESTATION_BATCH>>,
		) -> DispatchResult {
			let attester = ensure_signed(origin)?;
			Self::do_revoke_batch(attester, items);
			Ok(())
		}

		/// Clears an attestation that has expired, revoked or not, and gives its deposit back to
		/// its attester. By anybody.
		#[pallet::call_index(8)]
		pub fn remove(
			origin: OriginFor<T>,
			subject: Subject<T::AccountId>,
			claim: ClaimType,
			attester: T::AccountId,
		) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_remove(subject, claim, attester)
		}
	}
}
