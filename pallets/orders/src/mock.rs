//! A runtime of this pallet alone. Money is kept in a map, in which accounts behave as the asset's
//! do: they need a minimum, and can be blocked. Accounts follow from the numbers of machines.

use crate::{self as pallet_orders, *};
use dam_primitives::{MachineKind, MachineStatus, OperatorRights, PublicKey};
use frame_support::{
	derive_impl, parameter_types,
	traits::{ConstU128, ConstU32},
};
use sp_io::TestExternalities;
use sp_runtime::{BuildStorage, DispatchError, DispatchResult};
use std::collections::BTreeMap;

type Block = frame_system::mocking::MockBlockU32<Test>;
pub type AccountId = u64;

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(RuntimeCall, RuntimeEvent, RuntimeError, RuntimeOrigin, RuntimeTask)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type PurchaseOrders = pallet_orders;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
}

/// Machines below this number exist.
pub const MACHINES: MachineId = 100;
/// Machines below this number have [`FUNDS`], and the person [`SELLER`] too.
pub const FUNDED: MachineId = 10;
pub const FUNDS: u128 = 10_000;
/// What every account must hold.
pub const MINIMUM: u128 = 10;
pub const STORAGE_DEPOSIT: u128 = 50;
pub const MAX_PHASE: u32 = 1_000;
pub const DISPUTE_TIMEOUT: u32 = 300;
pub const PAYEE_TIMEOUT: u32 = 200;

/// Has nothing to do with anything.
pub const STRANGER: AccountId = 1;
pub const ARBITER: AccountId = 2;
/// A person who sells, and has an account.
pub const SELLER: AccountId = 3;
/// A person without an account.
pub const NEWCOMER: AccountId = 4;
pub const ESCROW: AccountId = 5;

/// The payment key of `machine`.
pub fn key(machine: MachineId) -> AccountId {
	1_000 + machine
}

/// A key of `machine` that may claim and nothing else.
pub fn claim_key(machine: MachineId) -> AccountId {
	2_000 + machine
}

pub fn owner(machine: MachineId) -> AccountId {
	3_000 + machine
}

/// Where the money of `machine` stands.
pub fn wallet_of(machine: MachineId) -> AccountId {
	4_000 + machine
}

parameter_types! {
	/// What accounts hold.
	pub storage Money: BTreeMap<AccountId, u128> = BTreeMap::new();
	/// What machines earned.
	pub storage Income: BTreeMap<MachineId, u128> = BTreeMap::new();
	/// Accounts that take no money now.
	pub storage Blocked: Vec<AccountId> = Vec::new();
	/// Machines that may not spend.
	pub storage Suspended: Vec<MachineId> = Vec::new();
	pub storage Retired: Vec<MachineId> = Vec::new();
	/// Whether policies refuse.
	pub storage PolicyRefuses: bool = false;
	/// Whether escrow lets nothing go.
	pub storage EscrowFrozen: bool = false;
}

pub struct MockMachines;

impl MockMachines {
	fn key(account: AccountId) -> Option<(MachineId, KeyRights)> {
		let (rights, base) = match account {
			1_000..2_000 => (KeyRights::ALL, 1_000),
			2_000..3_000 => (KeyRights::CLAIM, 2_000),
			_ => return None,
		};
		Some((account - base, rights)).filter(|(machine, _)| *machine < MACHINES)
	}
}

impl Machines<AccountId> for MockMachines {
	fn authorize(key: &AccountId, right: KeyRights) -> Result<MachineId, DispatchError> {
		let (machine, rights) = Self::key(*key).ok_or(DispatchError::Other("no machine's key"))?;
		let acts = Self::is_payable(machine)
			&& rights.contains(right)
			&& (!right.contains(KeyRights::PAY) || Self::may_spend(machine));
		acts.then_some(machine).ok_or(DispatchError::Other("may not act"))
	}
	fn signer(key: &AccountId) -> Result<MachineId, DispatchError> {
		Self::authorize(key, KeyRights::NONE)
	}
	fn machine_of_key(key: &AccountId) -> Option<MachineId> {
		Self::key(*key).map(|(machine, _)| machine)
	}
	fn payment_key(id: MachineId) -> Option<PublicKey> {
		Self::is_payable(id).then_some(PublicKey::Ed25519([id as u8; 32]))
	}
	fn may_spend(id: MachineId) -> bool {
		Self::status(id) == Some(MachineStatus::Active)
	}
	fn permit(who: &AccountId, machine: MachineId, _: OperatorRights) -> DispatchResult {
		Self::permit_owner(who, machine)
	}
	fn permit_owner(who: &AccountId, machine: MachineId) -> DispatchResult {
		if *who == owner(machine) && Self::is_payable(machine) {
			Ok(())
		} else {
			Err(DispatchError::Other("not the owner"))
		}
	}
	fn status(id: MachineId) -> Option<MachineStatus> {
		let status = if Retired::get().contains(&id) {
			MachineStatus::Retired
		} else if Suspended::get().contains(&id) {
			MachineStatus::Suspended
		} else {
			MachineStatus::Active
		};
		(id < MACHINES).then_some(status)
	}
	fn kind(id: MachineId) -> Option<MachineKind> {
		(id < MACHINES).then_some(MachineKind::Other)
	}
	fn owner(id: MachineId) -> Option<AccountId> {
		(id < MACHINES).then(|| owner(id))
	}
	fn account(id: MachineId) -> AccountId {
		wallet_of(id)
	}
	fn machine_at(account: &AccountId) -> Option<MachineId> {
		account.checked_sub(4_000)
	}
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_machine(seed: u32) -> (MachineId, AccountId) {
		(seed.into(), key(seed.into()))
	}
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_machine_with_key(_: PublicKey) -> MachineId {
		unreachable!("orders need no signatures")
	}
}

pub struct MockTill;

impl MockTill {
	/// Moves `amount`, or changes nothing: `from` keeps `keep`.
	fn shift(
		from: AccountId,
		to: AccountId,
		amount: u128,
		keep: u128,
	) -> Result<(), PaymentFailure> {
		let mut money = Money::get();
		if Blocked::get().contains(&to) {
			return Err(PaymentFailure::PayeeUnavailable);
		}
		if !money.contains_key(&to) && amount < MINIMUM {
			return Err(PaymentFailure::BelowMinimum);
		}
		let source = money.get_mut(&from).ok_or(PaymentFailure::InsufficientFunds)?;
		*source = source
			.checked_sub(amount)
			.filter(|rest| *rest >= keep)
			.ok_or(PaymentFailure::InsufficientFunds)?;
		*money.entry(to).or_default() += amount;
		Money::set(&money);
		Ok(())
	}

	fn out_of_escrow(to: AccountId, amount: u128) -> Result<(), PaymentFailure> {
		if EscrowFrozen::get() {
			return Err(PaymentFailure::PayerFrozen);
		}
		if amount == 0 {
			return Ok(());
		}
		Self::shift(ESCROW, to, amount, MINIMUM)
	}
}

impl Till<AccountId> for MockTill {
	fn pay(_: MachineId, _: &Payee<AccountId>, _: u128) -> Result<(), PaymentFailure> {
		unreachable!("orders pay through escrow alone")
	}
	fn lock(
		machine: MachineId,
		payee: &Payee<AccountId>,
		amount: u128,
	) -> Result<(), PaymentFailure> {
		match payee {
			_ if amount == 0 => Err(PaymentFailure::ZeroAmount),
			_ if PolicyRefuses::get() => Err(PaymentFailure::NeedsCoSignature),
			Payee::Machine(id) if *id == machine => Err(PaymentFailure::SelfPayment),
			Payee::Machine(id) if !MockMachines::is_payable(*id) => {
				Err(PaymentFailure::UnknownMachine)
			},
			_ => Self::lock_deposit(machine, amount),
		}
	}
	fn lock_deposit(machine: MachineId, amount: u128) -> Result<(), PaymentFailure> {
		Self::shift(wallet_of(machine), ESCROW, amount, MINIMUM)
	}
	fn pay_out(payee: &Payee<AccountId>, amount: u128) -> Result<(), PaymentFailure> {
		match payee {
			Payee::Account(account) => Self::out_of_escrow(*account, amount),
			Payee::Machine(id) if !MockMachines::is_payable(*id) => {
				Err(PaymentFailure::UnknownMachine)
			},
			Payee::Machine(id) => {
				Self::out_of_escrow(wallet_of(*id), amount)?;
				let mut income = Income::get();
				*income.entry(*id).or_default() += amount;
				Income::set(&income);
				Ok(())
			},
		}
	}
	fn release(machine: MachineId, amount: u128) -> Result<(), PaymentFailure> {
		Self::out_of_escrow(wallet_of(machine), amount)
	}
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_fund(machine: MachineId, amount: u128) {
		let mut money = Money::get();
		*money.entry(wallet_of(machine)).or_default() += amount;
		Money::set(&money);
	}
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_policy(_: MachineId, _: &Payee<AccountId>) {}
}

impl Config for Test {
	type WeightInfo = ();
	type Machines = MockMachines;
	type Till = MockTill;
	type StorageDeposit = ConstU128<STORAGE_DEPOSIT>;
	type MaxPhase = ConstU32<MAX_PHASE>;
	type DisputeTimeout = ConstU32<DISPUTE_TIMEOUT>;
	type PayeeTimeout = ConstU32<PAYEE_TIMEOUT>;
}

pub fn balance(account: AccountId) -> u128 {
	Money::get().get(&account).copied().unwrap_or_default()
}

pub fn wallet(machine: MachineId) -> u128 {
	balance(wallet_of(machine))
}

pub fn income(machine: MachineId) -> u128 {
	Income::get().get(&machine).copied().unwrap_or_default()
}

/// All the money there is, unless a test makes more.
pub fn supply() -> u128 {
	FUNDS * (u128::from(FUNDED) + 1) + MINIMUM
}

pub fn new_test_ext() -> TestExternalities {
	let storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
	let mut ext = TestExternalities::new(storage);
	ext.execute_with(|| {
		System::set_block_number(1);
		let mut money: BTreeMap<_, _> = (0..FUNDED).map(|id| (wallet_of(id), FUNDS)).collect();
		money.insert(SELLER, FUNDS);
		money.insert(ESCROW, MINIMUM);
		Money::set(&money);
	});
	ext
}

/// Runs a test, then checks the invariants and that no money was made or lost.
pub fn build_and_execute(test: impl FnOnce()) {
	new_test_ext().execute_with(|| {
		test();
		check();
	});
}

/// The invariants, that what is locked is what stands in escrow, and that no money was made or lost.
pub fn check() {
	PurchaseOrders::do_try_state().unwrap();
	assert_eq!(balance(ESCROW), Locked::<Test>::get() + MINIMUM);
	assert_eq!(Money::get().values().sum::<u128>(), supply());
}
