//! A runtime with one asset, in which account `n` is the key of machine `n` and machines up to 99
//! exist.

use crate::{self as pallet_micropayments, *};
use frame_support::{
	derive_impl, parameter_types,
	traits::{fungible::ItemOf, AsEnsureOriginWithArg, ConstU128, ConstU32, NeverEnsureOrigin},
};
use frame_system::EnsureRoot;
use sp_io::TestExternalities;
use sp_runtime::{BuildStorage, DispatchError};

type Block = frame_system::mocking::MockBlock<Test>;
pub type AccountId = u64;

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
	pub type Assets = pallet_assets::Pallet<Test>;
	#[runtime::pallet_index(3)]
	pub type Micropayments = pallet_micropayments;
}

pub const USDT: u32 = 1984;
pub const MINIMUM: u128 = 10;
pub const FUNDS: u128 = 1_000;
/// Administers the asset.
pub const ADMIN: AccountId = 5_000;
/// Suspended machine.
pub const SUSPENDED: MachineId = 98;
/// Retired machine: neither pays nor is paid.
pub const RETIRED: MachineId = 99;

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
	type AccountData = pallet_balances::AccountData<u128>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
	type Balance = u128;
	type ExistentialDeposit = ConstU128<1>;
}

parameter_types! {
	pub const Deposit: u128 = 1;
}

#[derive_impl(pallet_assets::config_preludes::TestDefaultConfig)]
impl pallet_assets::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type Balance = u128;
	type Currency = Balances;
	type CreateOrigin = AsEnsureOriginWithArg<NeverEnsureOrigin<AccountId>>;
	type ForceOrigin = EnsureRoot<AccountId>;
	type AssetDeposit = Deposit;
	type AssetAccountDeposit = Deposit;
	type MetadataDepositBase = Deposit;
	type MetadataDepositPerByte = Deposit;
	type ApprovalDeposit = Deposit;
	type Freezer = ();
	type Holder = ();
}

pub struct MockMachines;
impl Machines<AccountId> for MockMachines {
	fn authorize(key: &AccountId) -> Result<MachineId, DispatchError> {
		match *key {
			SUSPENDED => Err(DispatchError::Other("suspended")),
			key if key < RETIRED => Ok(key),
			_ => Err(DispatchError::Other("no machine's key")),
		}
	}
	fn is_payable(id: MachineId) -> bool {
		id < RETIRED
	}
	fn owner(id: MachineId) -> Option<AccountId> {
		(id <= RETIRED).then_some(2_000)
	}
	fn account(id: MachineId) -> AccountId {
		id + 1_000
	}
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_machine(seed: u32) -> (MachineId, AccountId) {
		(seed.into(), seed.into())
	}
}

impl Config for Test {
	type WeightInfo = ();
	type Currency = ItemOf<Assets, ConstU32<USDT>, AccountId>;
	type Machines = MockMachines;
}

/// USDT that stands in a machine's wallet.
pub fn wallet(machine: MachineId) -> u128 {
	Assets::balance(USDT, MockMachines::account(machine))
}

pub fn new_test_ext() -> TestExternalities {
	let mut storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
	pallet_assets::GenesisConfig::<Test> {
		assets: vec![(USDT, ADMIN, true, MINIMUM)],
		// Machines 0 to 4 have money; others have no account yet.
		accounts: (0..5).map(|id| (USDT, MockMachines::account(id), FUNDS)).collect(),
		..Default::default()
	}
	.assimilate_storage(&mut storage)
	.unwrap();
	let mut ext = TestExternalities::new(storage);
	ext.execute_with(|| System::set_block_number(1));
	ext
}

/// Sum of all balances, which must equal the supply.
pub fn sum_of_balances() -> u128 {
	pallet_assets::Account::<Test>::iter_prefix_values(USDT).map(|account| account.balance).sum()
}

/// Runs a test, then checks that no money was made or lost.
pub fn build_and_execute(test: impl FnOnce()) {
	new_test_ext().execute_with(|| {
		test();
		assert_eq!(sum_of_balances(), 5 * FUNDS);
		assert_eq!(Assets::total_supply(USDT), 5 * FUNDS);
	});
}
