//! A runtime with one asset, in which account `n` is the payment key of machine `n` and machines up
//! to 99 exist, and those that benchmarks take.

use crate::{self as pallet_micropayments, *};
use dam_primitives::{MachineKind, MachineStatus, OperatorRights, PolicyViolation, PublicKey};
use frame_support::{
	derive_impl, parameter_types,
	traits::{fungible::ItemOf, AsEnsureOriginWithArg, ConstU128, ConstU32, NeverEnsureOrigin},
};
use frame_system::EnsureRoot;
use sp_io::TestExternalities;
use sp_runtime::{BuildStorage, DispatchError, DispatchResult};
use std::collections::BTreeMap;

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
/// Machines for benchmarks.
const BENCHED: std::ops::Range<MachineId> = 100_000..110_000;

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
	type Freezer = MockFreezer;
	type Holder = ();
}

parameter_types! {
	/// Money that must stay in accounts.
	pub storage Kept: Vec<(AccountId, u128)> = Vec::new();
}

/// Freezes a part of what accounts have, as [`Kept`] says.
pub struct MockFreezer;
impl pallet_assets::FrozenBalance<u32, AccountId, u128> for MockFreezer {
	fn frozen_balance(_: u32, who: &AccountId) -> Option<u128> {
		Kept::get().iter().find(|(account, _)| account == who).map(|(_, kept)| *kept)
	}
	fn died(_: u32, _: &AccountId) {}
	fn contains_freezes(_: u32) -> bool {
		!Kept::get().is_empty()
	}
}

pub struct MockMachines;
impl Machines<AccountId> for MockMachines {
	fn authorize(key: &AccountId, right: KeyRights) -> Result<MachineId, DispatchError> {
		match *key {
			_ if right != KeyRights::PAY => Err(DispatchError::Other("no right")),
			SUSPENDED => Err(DispatchError::Other("suspended")),
			key if key < RETIRED || BENCHED.contains(&key) => Ok(key),
			_ => Err(DispatchError::Other("no machine's key")),
		}
	}
	fn signer(_: &AccountId) -> Result<MachineId, DispatchError> {
		Err(DispatchError::Other("no machine's key"))
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
		match id {
			RETIRED => Some(MachineStatus::Retired),
			SUSPENDED => Some(MachineStatus::Suspended),
			id => (id < RETIRED || BENCHED.contains(&id)).then_some(MachineStatus::Active),
		}
	}
	fn kind(_: MachineId) -> Option<MachineKind> {
		None
	}
	fn owner(id: MachineId) -> Option<AccountId> {
		Self::status(id).map(|_| 2_000)
	}
	fn account(id: MachineId) -> AccountId {
		id.wrapping_add(1_000)
	}
	fn machine_at(account: &AccountId) -> Option<MachineId> {
		let id = account.checked_sub(1_000)?;
		(id < 1_000 || BENCHED.contains(&id)).then_some(id)
	}
	fn payment_key(_: MachineId) -> Option<PublicKey> {
		None
	}
	fn may_spend(id: MachineId) -> bool {
		Self::status(id) == Some(MachineStatus::Active)
	}
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_machine(seed: u32) -> (MachineId, AccountId) {
		let machine = BENCHED.start + MachineId::from(seed);
		(machine, machine)
	}
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_machine_with_key(_: PublicKey) -> MachineId {
		unreachable!("nothing here signs")
	}
}

/// What [`MockPolicy`] allows.
#[derive(Clone, Debug)]
pub struct Rules {
	/// Most that one payment may be.
	pub payment_cap: u128,
	/// Most that a machine may pay in all.
	pub period_cap: u128,
	/// Who may not be paid.
	pub banned: Vec<Payee<AccountId>>,
	/// Payments above this need a co-signature, which nobody gives.
	pub co_sign_above: u128,
}

impl Rules {
	pub const NONE: Self = Self {
		payment_cap: u128::MAX,
		period_cap: u128::MAX,
		banned: Vec::new(),
		co_sign_above: u128::MAX,
	};
}

parameter_types! {
	/// The policy of every machine.
	pub static Policy: Rules = Rules::NONE;
	/// How many calls have asked.
	pub static Begun: u32 = 0;
	/// Every payment that was counted. In storage, so that it goes with a call that fails.
	pub storage Counted: Vec<(MachineId, Payee<AccountId>, u128)> = Vec::new();
}

/// What a machine has paid, as the policy counted it.
pub fn counted(machine: MachineId) -> u128 {
	Counted::get().iter().filter(|(payer, ..)| *payer == machine).map(|(.., paid)| paid).sum()
}

/// A policy that writes down what was made.
pub struct MockPolicy;
impl SpendingPolicy<AccountId> for MockPolicy {
	type Spending = MockSpending;

	fn begin(machine: MachineId) -> MockSpending {
		Begun::mutate(|begun| *begun += 1);
		MockSpending { machine, before: counted(machine), made: Vec::new() }
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_policy(_: MachineId, _: &Payee<AccountId>) {}
}

pub struct MockSpending {
	machine: MachineId,
	before: u128,
	made: Vec<(MachineId, Payee<AccountId>, u128)>,
}

impl Spending<AccountId> for MockSpending {
	fn allow(&self, payee: &Payee<AccountId>, amount: u128) -> Result<(), PolicyViolation> {
		let rules = Policy::get();
		let spent = self.made.iter().fold(self.before, |sum, (.., paid)| sum + paid);
		if amount > rules.payment_cap {
			return Err(PolicyViolation::PaymentCap);
		}
		if spent.checked_add(amount).is_none_or(|sum| sum > rules.period_cap) {
			return Err(PolicyViolation::PeriodCap);
		}
		if rules.banned.contains(payee) {
			return Err(PolicyViolation::Payee);
		}
		if amount > rules.co_sign_above {
			return Err(PolicyViolation::CoSignature);
		}
		Ok(())
	}

	fn made(&mut self, payee: &Payee<AccountId>, amount: u128) {
		self.made.push((self.machine, payee.clone(), amount));
	}

	fn finish(self) {
		let mut counted = Counted::get();
		counted.extend(self.made);
		Counted::set(&counted);
	}
}

parameter_types! {
	/// What machines were paid in all.
	pub storage Incomes: BTreeMap<MachineId, u128> = BTreeMap::new();
	/// How many times somebody was told.
	pub static Told: u32 = 0;
	/// What the books of other pallets say is in escrow.
	pub storage Escrowed: u128 = 0;
}

/// Writes down what machines were paid, when everything adds up.
pub struct MockOnIncome;
impl OnIncome for MockOnIncome {
	fn on_income(machine: MachineId, amount: u128) {
		assert_eq!(sum_of_balances(), Assets::total_supply(USDT), "told of half a payment");
		assert!(amount > 0, "told of nothing");
		Told::mutate(|told| *told += 1);
		let mut incomes = Incomes::get();
		*incomes.entry(machine).or_default() += amount;
		Incomes::set(&incomes);
	}
}

impl Config for Test {
	type WeightInfo = ();
	type Currency = ItemOf<Assets, ConstU32<USDT>, AccountId>;
	type Machines = MockMachines;
	type Policy = MockPolicy;
	type OnIncome = MockOnIncome;
	type Escrowed = Escrowed;
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
	pallet_micropayments::GenesisConfig::<Test>::default()
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

/// All the money there is: what machines begin with, and what keeps the pot alive.
pub const ISSUANCE: u128 = 5 * FUNDS + MINIMUM;

/// Runs a test, then checks that no money was made or lost, and that escrow is covered.
pub fn build_and_execute(test: impl FnOnce()) {
	new_test_ext().execute_with(|| {
		test();
		check();
	});
}

/// The invariants.
pub fn check() {
	assert_eq!(sum_of_balances(), ISSUANCE);
	assert_eq!(Assets::total_supply(USDT), ISSUANCE);
	Micropayments::do_try_state().unwrap();
}
