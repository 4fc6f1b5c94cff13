//! A runtime in which `remark` is free for keys that pay and `kill_storage` for keys that manage
//! services. Every account below 100 is a machine's key with every right but that to claim, and
//! account 300 + `n` is a further key of machine `n` that manages its services.

use crate::{self as pallet_free_quota, *};
use dam_primitives::{MachineKind, MachineStatus, OperatorRights, PublicKey};
use frame_support::{
	derive_impl, parameter_types,
	traits::{ConstU128, ConstU64, ConstU8},
	weights::{IdentityFee, Weight},
};
use pallet_transaction_payment::{ChargeTransactionPayment, FungibleAdapter};
use sp_io::TestExternalities;
use sp_runtime::{BuildStorage, DispatchError, DispatchResult, Perbill};

type Block = frame_system::mocking::MockBlock<Test>;
pub type AccountId = u64;
pub type Extension = QuotaOrFee<Test, ChargeTransactionPayment<Test>>;

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
	pub type TransactionPayment = pallet_transaction_payment;
	#[runtime::pallet_index(3)]
	pub type Quota = pallet_free_quota;
}

pub const CAPACITY: u64 = 1_000_000;
pub const REFILL: u64 = 1_000;
pub const LENGTH_COST: u64 = 10;
/// What all free calls of a block may use: half of a normal weight of 4,000,000.
pub const BLOCK_LIMIT: u64 = 2_000_000;

parameter_types! {
	pub BlockWeights: frame_system::limits::BlockWeights =
		frame_system::limits::BlockWeights::builder()
			.base_block(Weight::zero())
			.for_class(frame_support::dispatch::DispatchClass::all(), |weights| {
				weights.base_extrinsic = Weight::from_parts(5, 0);
				weights.max_total = Some(Weight::from_parts(4_000_000, u64::MAX));
			})
			.build_or_panic();
	pub const Share: Perbill = Perbill::from_percent(50);
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
	type BlockWeights = BlockWeights;
	type AccountData = pallet_balances::AccountData<u128>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
	type Balance = u128;
	type ExistentialDeposit = ConstU128<1>;
}

/// Weights of nothing, so that the tests' own figures are all there is.
pub struct Weightless;
impl pallet_transaction_payment::WeightInfo for Weightless {
	fn charge_transaction_payment() -> Weight {
		Weight::zero()
	}
}
impl WeightInfo for Weightless {
	fn charge_quota() -> Weight {
		Weight::zero()
	}
}

#[derive_impl(pallet_transaction_payment::config_preludes::TestDefaultConfig)]
impl pallet_transaction_payment::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type OnChargeTransaction = FungibleAdapter<Balances, ()>;
	type WeightToFee = IdentityFee<u128>;
	type LengthToFee = IdentityFee<u128>;
	type OperationalFeeMultiplier = ConstU8<5>;
	type WeightInfo = Weightless;
}

parameter_types! {
	/// A machine that may not spend at the moment.
	pub storage Suspended: MachineId = MachineId::MAX;
}

pub struct MockMachines;
impl Machines<AccountId> for MockMachines {
	fn authorize(key: &AccountId, right: KeyRights) -> Result<MachineId, DispatchError> {
		let (machine, rights) = match *key {
			key if key < 100 => (key, KeyRights::ALL.without(KeyRights::CLAIM)),
			key if (300..400).contains(&key) => (key - 300, KeyRights::SERVICES),
			_ => return Err(DispatchError::Other("no machine's key")),
		};
		if !rights.contains(right) {
			return Err(DispatchError::Other("no right"));
		}
		if machine == Suspended::get() && right.contains(KeyRights::PAY) {
			return Err(DispatchError::Other("suspended"));
		}
		Ok(machine)
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
		Err(DispatchError::Other("not permitted"))
	}
	fn status(id: MachineId) -> Option<MachineStatus> {
		(id < 100).then_some(MachineStatus::Active)
	}
	fn kind(_: MachineId) -> Option<MachineKind> {
		None
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
		(seed.into(), seed.into())
	}
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_machine_with_key(_: PublicKey) -> MachineId {
		unreachable!("nothing here signs")
	}
}

pub struct MockFreeCalls;
impl FreeCalls<RuntimeCall> for MockFreeCalls {
	fn right(call: &RuntimeCall) -> Option<KeyRights> {
		match call {
			RuntimeCall::System(frame_system::Call::remark { .. }) => Some(KeyRights::PAY),
			RuntimeCall::System(frame_system::Call::kill_storage { .. }) => {
				Some(KeyRights::SERVICES)
			},
			_ => None,
		}
	}
}

impl Config for Test {
	type WeightInfo = Weightless;
	type Machines = MockMachines;
	type FreeCalls = MockFreeCalls;
	type Capacity = ConstU64<CAPACITY>;
	type RefillPerBlock = ConstU64<REFILL>;
	type LengthCost = ConstU64<LENGTH_COST>;
	type BlockShare = Share;
}

/// A machine's key that also holds DAM.
pub const RICH_KEY: AccountId = 7;
/// What it holds.
pub const RICH: u128 = 100_000_000;

pub fn new_test_ext() -> TestExternalities {
	let mut storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
	pallet_balances::GenesisConfig::<Test> {
		balances: vec![(RICH_KEY, RICH), (200, RICH)],
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
		Quota::do_try_state().unwrap();
	});
}
