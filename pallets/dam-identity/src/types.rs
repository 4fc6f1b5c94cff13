//! What this pallet stores and takes.

use crate::*;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use dam_primitives::{MachineProfile, PublicKey};
use scale_info::TypeInfo;
use sp_runtime::{traits::IdentifyAccount, MultiSignature, MultiSigner};

/// Amounts of the native token.
pub type BalanceOf<T> =
	<<T as Config>::Currency as fungible::Inspect<<T as frame_system::Config>::AccountId>>::Balance;

/// A machine.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct MachineRecord<AccountId, Balance, BlockNumber> {
	/// Who registered it and pays its deposit.
	pub owner: AccountId,
	/// The account of the key that acts for it.
	pub key: AccountId,
	/// Whether it may act.
	pub status: MachineStatus,
	/// What it says of itself.
	pub profile: MachineProfile,
	/// Held from the owner, in units of the native token; zero once retired.
	pub deposit: Balance,
	/// Block of its registration.
	pub registered_at: BlockNumber,
	/// Block of the last change to this record.
	pub updated_at: BlockNumber,
}

/// [`MachineRecord`] of a runtime.
pub type MachineRecordOf<T> =
	MachineRecord<<T as frame_system::Config>::AccountId, BalanceOf<T>, BlockNumberFor<T>>;

/// A key, and when it acted for its machine.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct KeyRecord<BlockNumber> {
	/// The machine for which the key acts or acted.
	pub machine: MachineId,
	/// The public key itself; its account alone does not tell the curve.
	pub public: PublicKey,
	/// First block in which the key acted.
	pub valid_from: BlockNumber,
	/// Last block in which the key acted; `None` while it still does.
	pub valid_until: Option<BlockNumber>,
}

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

/// The account that signs with `key`.
pub fn account_of(key: &PublicKey) -> AccountId32 {
	match *key {
		PublicKey::Ed25519(key) => MultiSigner::Ed25519(key.into()),
		PublicKey::Sr25519(key) => MultiSigner::Sr25519(key.into()),
		PublicKey::Ecdsa(key) => MultiSigner::Ecdsa(key.into()),
	}
	.into_account()
}
