//! Block production, finality, sessions, and reports of validators that break the rules.

use crate::{units::*, *};
use alloc::vec::Vec;
use frame_support::{
	parameter_types,
	traits::{ConstU32, ConstU64, KeyOwnerProofSystem},
};
use pallet_session::historical;
use sp_core::crypto::KeyTypeId;
use sp_runtime::traits::{ConvertInto, OpaqueKeys};
use sp_staking::SessionIndex;

/// Every slot has exactly one author: primary slots are so rare (c = 1/1000) that nearly all are
/// secondary VRF slots. See docs/adr/0001-consensus.md.
pub const BABE_GENESIS_EPOCH_CONFIG: sp_consensus_babe::BabeEpochConfiguration =
	sp_consensus_babe::BabeEpochConfiguration {
		c: (1, 1_000),
		allowed_slots: sp_consensus_babe::AllowedSlots::PrimaryAndSecondaryVRFSlots,
	};

/// Most validators at a time. Bounds lists in consensus state.
const MAX_AUTHORITIES: u32 = 100;

/// Sessions for which a report of an equivocation is accepted: 28 hours.
const REPORT_SESSIONS: u64 = 168;

parameter_types! {
	pub const EpochDuration: u64 = EPOCH_SLOTS;
	/// How long a report of an equivocation is accepted, in blocks.
	pub const ReportLongevity: u64 = REPORT_SESSIONS * EPOCH_SLOTS;
	/// Pays for the state of a validator's session keys.
	pub const KeyDeposit: Balance = DAM;
}

impl pallet_babe::Config for Runtime {
	type EpochDuration = EpochDuration;
	type ExpectedBlockTime = ConstU64<SLOT_MILLISECONDS>;
	type EpochChangeTrigger = pallet_babe::ExternalTrigger;
	type DisabledValidators = Session;
	// The SDK's own estimate for reports of equivocations: it offers no other.
	type WeightInfo = ();
	type MaxAuthorities = ConstU32<MAX_AUTHORITIES>;
	type MaxNominators = ConstU32<0>;
	type KeyOwnerProof =
		<Historical as KeyOwnerProofSystem<(KeyTypeId, pallet_babe::AuthorityId)>>::Proof;
	type EquivocationReportSystem =
		pallet_babe::EquivocationReportSystem<Self, Offences, Historical, ReportLongevity>;
}

impl pallet_grandpa::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	// The SDK's own estimate for reports of equivocations: it offers no other.
	type WeightInfo = ();
	type MaxAuthorities = ConstU32<MAX_AUTHORITIES>;
	type MaxNominators = ConstU32<0>;
	type MaxSetIdSessionEntries = ConstU64<REPORT_SESSIONS>;
	type KeyOwnerProof = sp_session::MembershipProof;
	type EquivocationReportSystem =
		pallet_grandpa::EquivocationReportSystem<Self, Offences, Historical, ReportLongevity>;
}

impl pallet_authorship::Config for Runtime {
	type FindAuthor = pallet_session::FindAccountFromAuthorIndex<Self, Babe>;
	type EventHandler = ();
}

impl pallet_offences::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type IdentificationTuple = historical::IdentificationTuple<Self>;
	// Offences are recorded and emitted; slashing comes with staking.
	type OnOffenceHandler = ();
}

impl pallet_session::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type ValidatorId = AccountId;
	type ValidatorIdOf = ConvertInto;
	type ShouldEndSession = Babe;
	type NextSessionRotation = Babe;
	type SessionManager = historical::NoteHistoricalRoot<Self, GenesisValidators>;
	type SessionHandler = <SessionKeys as OpaqueKeys>::KeyTypeIdProviders;
	type Keys = SessionKeys;
	type DisablingStrategy = ();
	type WeightInfo = pallet_session::weights::SubstrateWeight<Runtime>;
	type Currency = Balances;
	type KeyDeposit = KeyDeposit;
}

impl historical::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type FullIdentification = ();
	type FullIdentificationOf = NoIdentification;
}

/// Validators are identified by their account alone until there is staking.
pub struct NoIdentification;
impl sp_runtime::traits::Convert<AccountId, Option<()>> for NoIdentification {
	fn convert(_: AccountId) -> Option<()> {
		Some(())
	}
}

/// The validators of genesis stay; their session keys may change.
///
/// A plain `()` would do the first half, but leave no root of the session's keys behind, against
/// which a report of an equivocation proves whose key it was.
pub struct GenesisValidators;

impl GenesisValidators {
	/// The validators, if any of them has changed its keys since the last session was planned.
	fn with_changed_keys() -> Option<Vec<AccountId>> {
		let changed = pallet_session::QueuedKeys::<Runtime>::get().iter().any(|(who, keys)| {
			pallet_session::NextKeys::<Runtime>::get(who).as_ref() != Some(keys)
		});
		changed.then(pallet_session::Validators::<Runtime>::get)
	}
}

impl pallet_session::SessionManager<AccountId> for GenesisValidators {
	fn new_session(_: SessionIndex) -> Option<Vec<AccountId>> {
		Self::with_changed_keys()
	}
	fn new_session_genesis(_: SessionIndex) -> Option<Vec<AccountId>> {
		// Storage order is that of the keys' hashes: the same on every node.
		Some(pallet_session::NextKeys::<Runtime>::iter_keys().collect())
	}
	fn start_session(_: SessionIndex) {}
	fn end_session(_: SessionIndex) {}
}

impl historical::SessionManager<AccountId, ()> for GenesisValidators {
	fn new_session(index: SessionIndex) -> Option<Vec<(AccountId, ())>> {
		let validators = <Self as pallet_session::SessionManager<_>>::new_session(index)?;
		Some(validators.into_iter().map(|who| (who, ())).collect())
	}
	fn new_session_genesis(index: SessionIndex) -> Option<Vec<(AccountId, ())>> {
		let validators = <Self as pallet_session::SessionManager<_>>::new_session_genesis(index)?;
		Some(validators.into_iter().map(|who| (who, ())).collect())
	}
	fn start_session(_: SessionIndex) {}
	fn end_session(_: SessionIndex) {}
}
