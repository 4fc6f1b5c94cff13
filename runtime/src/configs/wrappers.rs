//! Calls that dispatch other calls. None of them is ever free.

use crate::{units::*, *};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	parameter_types,
	traits::{fungible::HoldConsideration, ConstU32, InstanceFilter, LinearStoragePrice},
};
use scale_info::TypeInfo;
use sp_runtime::traits::BlakeTwo256;

/// Deposit for state of that many items and bytes: 0.02 DAM an item, 0.0001 DAM a byte.
pub(crate) const fn deposit(items: u32, bytes: u32) -> Balance {
	items as Balance * 20 * MILLIDAM + bytes as Balance * 100 * MICRODAM
}

parameter_types! {
	pub const ProxyDepositBase: Balance = deposit(1, 8);
	pub const ProxyDepositFactor: Balance = deposit(0, 33);
	pub const AnnouncementDepositBase: Balance = deposit(1, 8);
	pub const AnnouncementDepositFactor: Balance = deposit(0, 66);
	pub const MultisigDepositBase: Balance = deposit(1, 88);
	pub const MultisigDepositFactor: Balance = deposit(0, 32);
	pub const RecoveryDepositBase: Balance = deposit(1, 0);
	pub const RecoveryDepositPerByte: Balance = deposit(0, 1);
	/// Whoever starts to recover an account stakes this: the account's owner, if he is still there,
	/// can have it burned.
	pub const RecoverySecurityDeposit: Balance = 10 * DAM;
	pub const FriendGroupsHold: RuntimeHoldReason =
		RuntimeHoldReason::Recovery(pallet_recovery::HoldReason::FriendGroupsStorage);
	pub const RecoveryAttemptHold: RuntimeHoldReason =
		RuntimeHoldReason::Recovery(pallet_recovery::HoldReason::AttemptStorage);
	pub const InheritorHold: RuntimeHoldReason =
		RuntimeHoldReason::Recovery(pallet_recovery::HoldReason::InheritorStorage);
}

impl pallet_utility::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type PalletsOrigin = OriginCaller;
	type WeightInfo = pallet_utility::weights::SubstrateWeight<Runtime>;
}

/// What a proxy may do for the account that appointed it.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Debug,
	Default,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum ProxyType {
	/// Everything.
	#[default]
	#[codec(index = 0)]
	Any,
	/// Everything that moves no money.
	#[codec(index = 1)]
	NonTransfer,
	/// Register machines, at the deposit of the owner, and look after them. Not retire, sell or
	/// unfreeze any, nor change who acts for it: nothing that moves their money or lets somebody else
	/// move it.
	#[codec(index = 2)]
	FleetManagement,
}

impl ProxyType {
	/// What an owner's staff does with machines day by day. New calls are left out until somebody
	/// decides.
	fn is_fleet_management(call: &RuntimeCall) -> bool {
		use pallet_dam_identity::Call as Identity;
		matches!(
			call,
			RuntimeCall::DamIdentity(
				Identity::register { .. }
					| Identity::register_fleet { .. }
					| Identity::suspend { .. }
					| Identity::resume { .. }
					| Identity::freeze { .. }
					| Identity::set_profile { .. }
					| Identity::set_parent { .. }
			) | RuntimeCall::Services(..)
		)
	}
}

impl InstanceFilter<RuntimeCall> for ProxyType {
	fn filter(&self, call: &RuntimeCall) -> bool {
		match self {
			Self::Any => true,
			Self::NonTransfer => {
				matches!(
					call,
					RuntimeCall::System(..)
						| RuntimeCall::Timestamp(..)
						| RuntimeCall::Babe(..)
						| RuntimeCall::Grandpa(..)
						| RuntimeCall::Session(..)
						| RuntimeCall::Utility(..)
						| RuntimeCall::Proxy(..)
						| RuntimeCall::Multisig(..)
				) || Self::is_fleet_management(call)
			},
			Self::FleetManagement => {
				matches!(call, RuntimeCall::Utility(..)) || Self::is_fleet_management(call)
			},
		}
	}

	fn is_superset(&self, other: &Self) -> bool {
		match (self, other) {
			(Self::Any, _) => true,
			(_, Self::Any) => false,
			(Self::NonTransfer, Self::FleetManagement) => true,
			(one, another) => one == another,
		}
	}
}

impl pallet_proxy::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type Currency = Balances;
	type ProxyType = ProxyType;
	type ProxyDepositBase = ProxyDepositBase;
	type ProxyDepositFactor = ProxyDepositFactor;
	type MaxProxies = ConstU32<32>;
	type WeightInfo = pallet_proxy::weights::SubstrateWeight<Runtime>;
	type MaxPending = ConstU32<32>;
	type CallHasher = BlakeTwo256;
	type AnnouncementDepositBase = AnnouncementDepositBase;
	type AnnouncementDepositFactor = AnnouncementDepositFactor;
	type BlockNumberProvider = System;
}

impl pallet_multisig::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type Currency = Balances;
	type DepositBase = MultisigDepositBase;
	type DepositFactor = MultisigDepositFactor;
	type MaxSignatories = ConstU32<100>;
	type WeightInfo = pallet_multisig::weights::SubstrateWeight<Runtime>;
	type BlockNumberProvider = System;
}

/// An owner who has lost the key of an account gets it back by friends named before, after a delay:
/// the account and whatever it owns, machines among it.
impl pallet_recovery::Config for Runtime {
	type RuntimeCall = RuntimeCall;
	type RuntimeHoldReason = RuntimeHoldReason;
	type BlockNumberProvider = System;
	type Currency = Balances;
	type FriendGroupsConsideration = RecoveryDeposit<FriendGroupsHold>;
	type AttemptConsideration = RecoveryDeposit<RecoveryAttemptHold>;
	type InheritorConsideration = RecoveryDeposit<InheritorHold>;
	type SecurityDeposit = RecoverySecurityDeposit;
	type Slash = ();
	type MaxFriendsPerConfig = ConstU32<16>;
	type WeightInfo = pallet_recovery::weights::SubstrateWeight<Runtime>;
}

/// The price of state, held for a reason.
type RecoveryDeposit<Reason> = HoldConsideration<
	AccountId,
	Balances,
	Reason,
	LinearStoragePrice<RecoveryDepositBase, RecoveryDepositPerByte, Balance>,
>;
