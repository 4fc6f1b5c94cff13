//! What this pallet stores and takes.

use crate::*;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use dam_primitives::{MachineKind, OperatorRights, PublicKey};
use scale_info::TypeInfo;
use sp_runtime::{traits::IdentifyAccount, MultiSignature, MultiSigner};

/// Amounts of the native token.
pub type BalanceOf<T> =
	<<T as Config>::Currency as fungible::Inspect<<T as frame_system::Config>::AccountId>>::Balance;

/// A machine, as far as every payment must know it. What only its readers need stands elsewhere: see
/// [`Documents`], [`FurtherKeys`], [`Offers`].
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct MachineRecord<AccountId, Balance, BlockNumber> {
	/// Who owns it and pays its deposit.
	pub owner: AccountId,
	/// The account of its payment key: the last one, once it is retired.
	pub key: AccountId,
	/// Who may act in the owner's name.
	pub operator: Option<OperatorInfo<AccountId>>,
	/// The machine above it in its fleet's tree.
	pub parent: Option<MachineId>,
	/// How many machines stand directly below it.
	pub children: u32,
	/// Whether it may act.
	pub status: MachineStatus,
	/// Whether none of its keys acts until they are unfrozen.
	pub frozen: bool,
	/// What sort of device it says it is.
	pub kind: MachineKind,
	/// How many keys it has had; the ordinal of the next one.
	pub keys_ever: u32,
	/// Held from the owner, in units of the native token; zero once retired.
	pub deposit: Balance,
	/// Block of its registration.
	pub registered_at: BlockNumber,
	/// Block of the last change to what the runtime API shows of it: everything but its children.
	pub updated_at: BlockNumber,
	/// Block in which its payment key was replaced last; `None` if it never was.
	pub rotated_at: Option<BlockNumber>,
}

/// [`MachineRecord`] of a runtime.
pub type MachineRecordOf<T> =
	MachineRecord<<T as frame_system::Config>::AccountId, BalanceOf<T>, BlockNumberFor<T>>;

impl<AccountId: PartialEq, Balance, BlockNumber> MachineRecord<AccountId, Balance, BlockNumber> {
	/// Whether `who` is the owner, or the operator with all of `rights`.
	pub fn permits(&self, who: &AccountId, rights: OperatorRights) -> bool {
		self.owner == *who
			|| self.operator.as_ref().is_some_and(|operator| {
				operator.account == *who && operator.rights.contains(rights)
			})
	}
}

/// A key, and when it acted for its machine.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct KeyRecord<BlockNumber> {
	/// The machine for which the key acts or acted.
	pub machine: MachineId,
	/// Its place among all keys that the machine ever had, from 0.
	pub ordinal: u32,
	/// The public key itself; its account alone does not tell the curve.
	pub public: PublicKey,
	/// What it may do, or could while it acted.
	pub rights: KeyRights,
	/// First block in which the key acted.
	pub valid_from: BlockNumber,
	/// Last block in which the key acted; `None` while it still does.
	pub valid_until: Option<BlockNumber>,
	/// Last block in which what it signed before still settles; `None` while it still acts.
	pub claimable_until: Option<BlockNumber>,
}

impl<BlockNumber> KeyRecord<BlockNumber> {
	/// Whether the key was neither replaced nor removed, and its machine is not retired.
	pub const fn is_active(&self) -> bool {
		self.valid_until.is_none()
	}
}

/// An offer to take over a machine.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct OfferRecord<AccountId, BlockNumber> {
	/// Who may accept.
	pub to: AccountId,
	/// Last block in which it can be accepted.
	pub expires_at: BlockNumber,
}

/// [`OfferRecord`] of a runtime.
pub type OfferRecordOf<T> = OfferRecord<<T as frame_system::Config>::AccountId, BlockNumberFor<T>>;

/// What an owner submits to register a machine.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Registration<BlockNumber> {
	/// The device's public key.
	pub key: PublicKey,
	/// What the machine says of itself.
	pub profile: MachineProfile,
	/// Last block in which the statement is accepted.
	pub expires_at: BlockNumber,
	/// The device's signature of the
	/// [`RegistrationStatement`](dam_primitives::registration::RegistrationStatement).
	pub proof: MultiSignature,
}

/// [`Registration`] of a runtime.
pub type RegistrationOf<T> = Registration<BlockNumberFor<T>>;

/// What is submitted to let another key act for a machine.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct NewKey<BlockNumber> {
	/// The new public key.
	pub key: PublicKey,
	/// Last block in which the statement is accepted.
	pub expires_at: BlockNumber,
	/// The new key's signature of the
	/// [`KeyStatement`](dam_primitives::rotation::KeyStatement).
	pub proof: MultiSignature,
}

/// [`NewKey`] of a runtime.
pub type NewKeyOf<T> = NewKey<BlockNumberFor<T>>;

/// The account that signs with `key`.
pub fn account_of(key: &PublicKey) -> AccountId32 {
	match *key {
		PublicKey::Ed25519(key) => MultiSigner::Ed25519(key.into()),
		PublicKey::Sr25519(key) => MultiSigner::Sr25519(key.into()),
		PublicKey::Ecdsa(key) => MultiSigner::Ecdsa(key.into()),
	}
	.into_account()
}
