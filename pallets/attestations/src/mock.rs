//! A runtime in which machines below 1,000 exist and accounts below 10 have money.

use crate::{self as pallet_attestations, *};
use dam_primitives::{KeyRights, MachineId, MachineKind, OperatorRights, PublicKey};
use frame_support::{
	derive_impl, parameter_types,
	traits::{fungible::InspectHold, ConstU128, ConstU32},
};
use frame_system::EnsureRoot;
use sp_io::TestExternalities;
use sp_runtime::{BuildStorage, DispatchError, DispatchResult};

type Block = frame_system::mocking::MockBlockU32<Test>;
pub type AccountId = u64;
pub type Balance = u128;

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeHoldReason,
		RuntimeFreezeReason,
		RuntimeTask
	)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type Balances = pallet_balances;
	#[runtime::pallet_index(2)]
	pub type Attestations = pallet_attestations;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<1>;
}

pub const DEPOSIT: Balance = 10;
pub const LIFETIME: u32 = 100;
/// What every attester has: enough for nine attestations, as the existential deposit must stay.
pub const ENDOWMENT: Balance = 100;
/// One more attester, who can pay for any number.
pub const RICH: AccountId = 9;
/// Suspended machine.
pub const SUSPENDED: MachineId = 98;
/// Retired machine.
pub const RETIRED: MachineId = 99;
/// First number that no machine has.
pub const UNKNOWN: MachineId = 1_000;

parameter_types! {
	/// Machines that were retired in the course of a test.
	pub storage RetiredLater: Vec<MachineId> = Vec::new();
}

pub struct MockMachines;

impl MockMachines {
	pub fn retire(id: MachineId) {
		let mut retired = RetiredLater::get();
		retired.push(id);
		RetiredLater::set(&retired);
	}
}

impl Machines<AccountId> for MockMachines {
	fn authorize(_: &AccountId, _: KeyRights) -> Result<MachineId, DispatchError> {
		Err(DispatchError::Other("no machine's key"))
	}
	fn signer(_: &AccountId) -> Result<MachineId, DispatchError> {
		Err(DispatchError::Other("no machine's key"))
	}
	fn payment_key(_: MachineId) -> Option<PublicKey> {
		None
	}
	fn may_spend(_: MachineId) -> bool {
		false
	}
	fn machine_of_key(_: &AccountId) -> Option<MachineId> {
		None
	}
	fn permit(_: &AccountId, _: MachineId, _: OperatorRights) -> DispatchResult {
		Err(DispatchError::Other("not permitted"))
	}
	fn permit_owner(_: &AccountId, _: MachineId) -> DispatchResult {
		Err(DispatchError::Other("not the owner"))
	}
	fn status(id: MachineId) -> Option<MachineStatus> {
		match id {
			SUSPENDED => Some(MachineStatus::Suspended),
			RETIRED => Some(MachineStatus::Retired),
			id if RetiredLater::get().contains(&id) => Some(MachineStatus::Retired),
			id => (id < UNKNOWN).then_some(MachineStatus::Active),
		}
	}
	fn kind(id: MachineId) -> Option<MachineKind> {
		Self::status(id).map(|_| MachineKind::Other)
	}
	fn owner(_: MachineId) -> Option<AccountId> {
		None
	}
	fn account(id: MachineId) -> AccountId {
		id + 1_000
	}
	fn machine_at(account: &AccountId) -> Option<MachineId> {
		(1_000..2_000).contains(account).then(|| account - 1_000)
	}
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_machine(seed: u32) -> (MachineId, AccountId) {
		// Past the two whose status is another.
		let id = MachineId::from(seed) + RETIRED + 1;
		(id, id)
	}
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_machine_with_key(_: PublicKey) -> MachineId {
		unreachable!("nothing here signs")
	}
}

impl Config for Test {
	type WeightInfo = ();
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Machines = MockMachines;
	type GovernanceOrigin = EnsureRoot<AccountId>;
	type AttestationDeposit = ConstU128<DEPOSIT>;
	type MaxAttestationLifetime = ConstU32<LIFETIME>;
}

pub fn new_test_ext() -> TestExternalities {
	let mut storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
	pallet_balances::GenesisConfig::<Test> {
		balances: (1..=8).map(|who| (who, ENDOWMENT)).chain([(RICH, 1_000 * ENDOWMENT)]).collect(),
		..Default::default()
	}
	.assimilate_storage(&mut storage)
	.unwrap();
	let mut ext = TestExternalities::new(storage);
	ext.execute_with(|| System::set_block_number(1));
	ext
}

/// Runs a test and checks the invariants after it.
pub fn build_and_execute(test: impl FnOnce()) {
	new_test_ext().execute_with(|| {
		test();
		Attestations::do_try_state().unwrap();
	});
}

/// What is held from an attester.
pub fn held(who: AccountId) -> Balance {
	Balances::balance_on_hold(&HoldReason::AttestationDeposit.into(), &who)
}
