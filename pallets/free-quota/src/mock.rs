//! A runtime in which `remark` is free for keys that pay and `kill_storage` for keys that manage
//! services. Every account below 100 is a machine's key with every right but that to claim, and
//! account 300 + `n` is a further key of machine `n` that manages its services.

use crate::{self as pallet_free_quota, *};
use dam_primitives::{MachineKind, MachineStatus, OperatorRights, PolicyViolation, PublicKey};
use frame_support::{
	derive_impl, parameter_types,
	traits::{AsEnsureOriginWithArg, ConstU128, ConstU32, ConstU64, ConstU8, NeverEnsureOrigin},
	weights::{IdentityFee, Weight},
};
use frame_system::EnsureRoot;
use pallet_dam_traits::OnMachineChange;
use pallet_transaction_payment::{ChargeTransactionPayment, FungibleAdapter, OnChargeTransaction};
use sp_io::TestExternalities;
use sp_runtime::{
	traits::{DispatchInfoOf, SaturatedConversion},
	transaction_validity::TransactionValidityError,
	BuildStorage, DispatchError, DispatchResult, Perbill,
};

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
	pub type Assets = pallet_assets::Pallet<Test>;
	#[runtime::pallet_index(4)]
	pub type Quota = pallet_free_quota;
}

pub const CAPACITY: u64 = 1_000_000;
pub const REFILL: u64 = 1_000;
/// What a bonded DAM adds.
pub const BONDED_CAPACITY: u64 = 10_000;
pub const BONDED_REFILL: u64 = 100;
pub const LENGTH_COST: u64 = 10;
/// What all free calls of a block may use: half of a normal weight of 4,000,000.
pub const BLOCK_LIMIT: u64 = 2_000_000;
/// Least capacity that governance can set.
pub const LEAST: u64 = 50_000;
/// One DAM, to which the rates refer.
pub const DAM: u128 = 1_000;
pub const MIN_BOND: u128 = 2 * DAM;
pub const PERIOD: u64 = 100;

pub const USDT: u32 = 1984;
/// Least balance of a USDT account.
pub const MINIMUM: u128 = 10;

parameter_types! {
	pub BlockWeights: frame_system::limits::BlockWeights =
		frame_system::limits::BlockWeights::builder()
			.base_block(Weight::zero())
			.for_class(frame_support::dispatch::DispatchClass::all(), |weights| {
				weights.base_extrinsic = Weight::from_parts(5, 0);
				weights.max_total = Some(Weight::from_parts(4_000_000, u64::MAX));
			})
			.build_or_panic();
	pub const DefaultRates: Rates = Rates {
		base_capacity: CAPACITY,
		base_refill: REFILL,
		bonded_capacity: BONDED_CAPACITY,
		bonded_refill: BONDED_REFILL,
		length_cost: LENGTH_COST,
		block_share: Perbill::from_percent(50),
	};
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

#[derive_impl(pallet_assets::config_preludes::TestDefaultConfig)]
impl pallet_assets::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type Balance = u128;
	type Currency = Balances;
	type CreateOrigin = AsEnsureOriginWithArg<NeverEnsureOrigin<AccountId>>;
	type ForceOrigin = EnsureRoot<AccountId>;
	type AssetDeposit = ConstU128<1>;
	type AssetAccountDeposit = ConstU128<1>;
	type MetadataDepositBase = ConstU128<1>;
	type MetadataDepositPerByte = ConstU128<1>;
	type ApprovalDeposit = ConstU128<1>;
	type Freezer = ();
	type Holder = ();
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
	fn usdt_fee() -> Weight {
		Weight::zero()
	}
	fn bond() -> Weight {
		Weight::zero()
	}
	fn unbond() -> Weight {
		Weight::zero()
	}
	fn withdraw_unbonded(chunks: u32) -> Weight {
		Weight::from_parts(chunks.into(), 0)
	}
	fn set_rates() -> Weight {
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

impl FeeExtension<Test> for ChargeTransactionPayment<Test> {
	fn can_pay(
		&self,
		who: &AccountId,
		call: &RuntimeCall,
		info: &DispatchInfoOf<RuntimeCall>,
		len: usize,
		times: u64,
	) -> Result<(), TransactionValidityError> {
		let fee = TransactionPayment::compute_fee(len.saturated_into(), info, self.tip());
		let all = fee.saturating_mul(times.into());
		<FungibleAdapter<Balances, ()> as OnChargeTransaction<Test>>::can_withdraw_fee(
			who,
			call,
			info,
			all,
			self.tip(),
		)
	}
}

/// Owner of all machines, unless a test says otherwise.
pub const OWNER: AccountId = 500;
/// Somebody else.
pub const BUYER: AccountId = 501;
/// What owner and buyer hold.
pub const WEALTH: u128 = 1_000 * DAM;

parameter_types! {
	/// A machine that may not spend at the moment.
	pub storage Suspended: MachineId = MachineId::MAX;
	/// Machines that another than [`OWNER`] owns.
	pub storage Owners: Vec<(MachineId, AccountId)> = Vec::new();
	/// Machines that are retired.
	pub storage Retired: Vec<MachineId> = Vec::new();
	/// Keys that act for no machine any more.
	pub storage EndedKeys: Vec<AccountId> = Vec::new();
}

pub struct MockMachines;
impl Machines<AccountId> for MockMachines {
	fn authorize(key: &AccountId, right: KeyRights) -> Result<MachineId, DispatchError> {
		let (machine, rights) = match *key {
			key if EndedKeys::get().contains(&key) => (0, KeyRights::NONE),
			key if key < 100 => (key, KeyRights::ALL.without(KeyRights::CLAIM)),
			key if (300..400).contains(&key) => (key - 300, KeyRights::SERVICES),
			_ => return Err(DispatchError::Other("no machine's key")),
		};
		if !rights.contains(right) || Retired::get().contains(&machine) {
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
	fn machine_of_key(key: &AccountId) -> Option<MachineId> {
		match *key {
			key if key < 100 => Some(key),
			key if (300..400).contains(&key) => Some(key - 300),
			_ => None,
		}
	}
	fn permit(_: &AccountId, _: MachineId, _: OperatorRights) -> DispatchResult {
		Err(DispatchError::Other("not permitted"))
	}
	fn permit_owner(who: &AccountId, machine: MachineId) -> DispatchResult {
		match Self::status(machine) {
			Some(MachineStatus::Active) if Self::owner(machine) == Some(*who) => Ok(()),
			_ => Err(DispatchError::Other("not the owner")),
		}
	}
	fn status(id: MachineId) -> Option<MachineStatus> {
		if Retired::get().contains(&id) {
			return Some(MachineStatus::Retired);
		}
		(id < 100).then_some(MachineStatus::Active)
	}
	fn kind(_: MachineId) -> Option<MachineKind> {
		None
	}
	fn owner(id: MachineId) -> Option<AccountId> {
		let sold = Owners::get().into_iter().find(|(machine, _)| *machine == id);
		(id < 100).then(|| sold.map_or(OWNER, |(_, owner)| owner))
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

/// Hands a machine to another owner, as the identity pallet does.
pub fn sell(machine: MachineId, to: AccountId) {
	let mut owners = Owners::get();
	owners.retain(|(id, _)| *id != machine);
	owners.push((machine, to));
	Owners::set(&owners);
	Quota::on_transfer(machine);
}

/// Retires a machine, as the identity pallet does: an error undoes all.
pub fn retire(machine: MachineId) -> DispatchResult {
	frame_support::storage::with_storage_layer(|| {
		Quota::on_retire(machine)?;
		let mut retired = Retired::get();
		retired.push(machine);
		Retired::set(&retired);
		Ok(())
	})
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

parameter_types! {
	/// Price of one DAM, of 10¹² units, in units of USDT; zero if there is none.
	pub storage Price: u128 = 0;
	/// Most that all fees of a wallet may be together.
	pub storage FeeCap: u128 = u128::MAX;
	/// What was counted.
	pub storage FeesCounted: u128 = 0;
}

pub struct MockFeeRate;
impl FeeRate for MockFeeRate {
	fn in_usdt(fee: u128) -> Option<u128> {
		let price = Price::get();
		(price > 0).then(|| (fee * price).div_ceil(1_000_000_000_000))
	}
	fn set_price(usdt_per_dam: u128) {
		Price::set(&usdt_per_dam);
	}
}

pub struct MockFeePolicy;
impl FeePolicy for MockFeePolicy {
	fn allow_fee(_: MachineId, fee: u128, times: u64) -> Result<(), PolicyViolation> {
		let sum = fee.saturating_mul(times.into()).saturating_add(FeesCounted::get());
		if sum > FeeCap::get() {
			return Err(PolicyViolation::PeriodCap);
		}
		Ok(())
	}
	fn fee_taken(_: MachineId, fee: u128) {
		FeesCounted::set(&(FeesCounted::get() + fee));
	}
	fn fee_returned(_: MachineId, amount: u128) {
		FeesCounted::set(&(FeesCounted::get() - amount));
	}
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_fee_policy(_: MachineId) {}
}

impl Config for Test {
	type WeightInfo = Weightless;
	type Machines = MockMachines;
	type FreeCalls = MockFreeCalls;
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type AdminOrigin = EnsureRoot<AccountId>;
	type FeeAssets = Assets;
	type FeeAsset = ConstU32<USDT>;
	type FeeRate = MockFeeRate;
	type FeePolicy = MockFeePolicy;
	type DefaultRates = DefaultRates;
	type LeastCapacity = ConstU64<LEAST>;
	type BondUnit = ConstU128<DAM>;
	type MinBond = ConstU128<MIN_BOND>;
	type UnbondingPeriod = ConstU64<PERIOD>;
}

/// A machine's key that also holds DAM.
pub const RICH_KEY: AccountId = 7;
/// What it holds.
pub const RICH: u128 = 100_000_000;

pub fn new_test_ext() -> TestExternalities {
	let mut storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
	pallet_balances::GenesisConfig::<Test> {
		balances: vec![(RICH_KEY, RICH), (200, RICH), (OWNER, WEALTH), (BUYER, WEALTH)],
		..Default::default()
	}
	.assimilate_storage(&mut storage)
	.unwrap();
	pallet_assets::GenesisConfig::<Test> {
		assets: vec![(USDT, OWNER, true, MINIMUM)],
		..Default::default()
	}
	.assimilate_storage(&mut storage)
	.unwrap();
	pallet_free_quota::GenesisConfig::<Test>::default().assimilate_storage(&mut storage).unwrap();
	let mut ext = TestExternalities::new(storage);
	ext.execute_with(|| {
		System::set_block_number(1);
		// What registration does: keys have a nonce, though they hold nothing.
		for key in (0..100).chain(300..400) {
			System::inc_sufficients(&key);
		}
	});
	ext
}

/// Runs a test and checks the invariants after it.
pub fn build_and_execute(test: impl FnOnce()) {
	new_test_ext().execute_with(|| {
		test();
		Quota::do_try_state().unwrap();
	});
}

/// What a machine's bucket holds now.
pub fn level(machine: MachineId) -> u64 {
	Quota::quota(machine).available
}
