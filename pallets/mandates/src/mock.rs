//! A runtime of this pallet alone, in which accounts follow from the numbers of machines. Money is
//! kept in a map, under the rules of the asset: an account that holds any holds at least
//! [`MINIMUM`].

use crate::{self as pallet_mandates, *};
use dam_primitives::{
	machine::machine_at, machine_account, KeyRights, MachineKind, MachineStatus, OperatorRights,
	PublicKey,
};
use frame_support::{
	derive_impl, parameter_types,
	traits::{ConstU128, ConstU32},
};
use sp_io::TestExternalities;
use sp_runtime::{traits::IdentityLookup, BuildStorage, DispatchError, DispatchResult};
use std::collections::BTreeMap;

type Block = frame_system::mocking::MockBlockU32<Test>;
pub type AccountId = AccountId32;

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(RuntimeCall, RuntimeEvent, RuntimeError, RuntimeOrigin, RuntimeTask)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type PaymentMandates = pallet_mandates;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
	type AccountId = AccountId;
	type Lookup = IdentityLookup<AccountId>;
}

pub const STORAGE_DEPOSIT: u128 = 50;
pub const MAX_LIFETIME: u32 = 1_000;
/// Smallest balance of an account that holds anything.
pub const MINIMUM: u128 = 10;
/// What every machine up to 9 has.
pub const FUNDS: u128 = 10_000;
/// Machines below this number exist.
pub const MACHINES: MachineId = 1_000;

/// An account that plays `role` for `machine`.
fn account(role: u8, machine: MachineId) -> AccountId {
	let mut bytes = [role; 32];
	bytes[..8].copy_from_slice(&machine.to_le_bytes());
	bytes.into()
}

/// The payment key of `machine`, with every right.
pub fn payment_key(machine: MachineId) -> AccountId {
	account(1, machine)
}

/// A further key of `machine`, with the right to claim alone.
pub fn claim_key(machine: MachineId) -> AccountId {
	account(2, machine)
}

/// The owner of `machine`, until it is sold.
pub fn owner(machine: MachineId) -> AccountId {
	account(3, machine)
}

/// An account that is no machine's, holding nothing.
pub fn person() -> AccountId {
	account(4, 0)
}

/// The sovereign account of `machine`.
pub fn address(machine: MachineId) -> AccountId {
	machine_account(machine).into()
}

pub fn escrow() -> AccountId {
	account(5, 0)
}

parameter_types! {
	/// What accounts hold; the escrow under its own key.
	pub storage Money: BTreeMap<AccountId, u128> = BTreeMap::new();
	/// What machines earned.
	pub storage Income: BTreeMap<MachineId, u128> = BTreeMap::new();
	/// Accounts that cannot take money now.
	pub storage Blocked: Vec<AccountId> = Vec::new();
	/// Whether escrow lets nothing go.
	pub storage EscrowFrozen: bool = false;
	pub storage Suspended: Vec<MachineId> = Vec::new();
	pub storage Frozen: Vec<MachineId> = Vec::new();
	pub storage Retired: Vec<MachineId> = Vec::new();
	/// Machines that were sold, and who owns them.
	pub storage Sold: BTreeMap<MachineId, AccountId> = BTreeMap::new();
	/// What the owners' policies allow a payment to be.
	pub storage PaymentCap: u128 = u128::MAX;
}

const NO_KEY: DispatchError = DispatchError::Other("no machine's key");
const NOT_PERMITTED: DispatchError = DispatchError::Other("not permitted");

pub struct MockMachines;

impl MockMachines {
	fn key(who: &AccountId) -> Option<(MachineId, KeyRights)> {
		let bytes: &[u8; 32] = who.as_ref();
		let machine = MachineId::from_le_bytes(bytes[..8].try_into().unwrap());
		let rights = match who {
			_ if machine >= MACHINES => return None,
			who if *who == payment_key(machine) => KeyRights::ALL,
			who if *who == claim_key(machine) => KeyRights::CLAIM,
			_ => return None,
		};
		Some((machine, rights))
	}
}

impl Machines<AccountId> for MockMachines {
	fn authorize(key: &AccountId, right: KeyRights) -> Result<MachineId, DispatchError> {
		let (machine, rights) = Self::key(key).ok_or(NO_KEY)?;
		let living = Self::status(machine) != Some(MachineStatus::Retired);
		let acts = living && !Frozen::get().contains(&machine) && rights.contains(right);
		if !acts || (right.contains(KeyRights::PAY) && !Self::may_spend(machine)) {
			return Err(NOT_PERMITTED);
		}
		Ok(machine)
	}
	fn signer(_: &AccountId) -> Result<MachineId, DispatchError> {
		unreachable!("mandates settle nothing that was signed")
	}
	fn machine_of_key(_: &AccountId) -> Option<MachineId> {
		unreachable!("mandates ask what a key may do")
	}
	fn payment_key(_: MachineId) -> Option<PublicKey> {
		unreachable!("mandates check no signatures")
	}
	fn permit(_: &AccountId, _: MachineId, _: OperatorRights) -> DispatchResult {
		unreachable!("mandates ask for no operator")
	}
	fn permit_owner(who: &AccountId, machine: MachineId) -> DispatchResult {
		if Self::is_payable(machine) && Self::owner(machine).as_ref() == Some(who) {
			Ok(())
		} else {
			Err(NOT_PERMITTED)
		}
	}
	fn may_spend(id: MachineId) -> bool {
		Self::status(id) == Some(MachineStatus::Active) && !Frozen::get().contains(&id)
	}
	fn status(id: MachineId) -> Option<MachineStatus> {
		if id >= MACHINES {
			None
		} else if Retired::get().contains(&id) {
			Some(MachineStatus::Retired)
		} else if Suspended::get().contains(&id) {
			Some(MachineStatus::Suspended)
		} else {
			Some(MachineStatus::Active)
		}
	}
	fn kind(_: MachineId) -> Option<MachineKind> {
		None
	}
	fn owner(id: MachineId) -> Option<AccountId> {
		(id < MACHINES).then(|| Sold::get().remove(&id).unwrap_or_else(|| owner(id)))
	}
	fn account(id: MachineId) -> AccountId {
		address(id)
	}
	fn machine_at(account: &AccountId) -> Option<MachineId> {
		machine_at(account.as_ref())
	}
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_machine(seed: u32) -> (MachineId, AccountId) {
		let machine = seed.into();
		sell(machine, frame_benchmarking::whitelisted_caller());
		(machine, payment_key(machine))
	}
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_machine_with_key(_: PublicKey) -> MachineId {
		unreachable!("mandates check no signatures")
	}
}

/// Moves money, as the asset does: nobody but the escrow gives away the minimum, and no account
/// begins with less.
fn move_money(from: &AccountId, to: &AccountId, amount: u128) -> Result<(), PaymentFailure> {
	if amount == 0 {
		return Ok(());
	}
	if *from == escrow() && EscrowFrozen::get() {
		return Err(PaymentFailure::PayerFrozen);
	}
	if Blocked::get().contains(to) {
		return Err(PaymentFailure::PayeeUnavailable);
	}
	let mut money = Money::get();
	let kept = if *from == escrow() { 0 } else { MINIMUM };
	let source = money.entry(from.clone()).or_default();
	*source = source
		.checked_sub(amount)
		.filter(|rest| *rest >= kept)
		.ok_or(PaymentFailure::InsufficientFunds)?;
	let target = money.entry(to.clone()).or_default();
	if *target + amount < MINIMUM && *to != escrow() {
		return Err(PaymentFailure::BelowMinimum);
	}
	*target += amount;
	Money::set(&money);
	Ok(())
}

pub struct MockTill;
impl Till<AccountId> for MockTill {
	fn pay(
		machine: MachineId,
		payee: &Payee<AccountId>,
		amount: u128,
	) -> Result<(), PaymentFailure> {
		let account = match payee {
			_ if amount > PaymentCap::get() => return Err(PaymentFailure::ExceedsPaymentCap),
			_ if amount == 0 => return Err(PaymentFailure::ZeroAmount),
			Payee::Machine(id) if !MockMachines::is_payable(*id) => {
				return Err(PaymentFailure::UnknownMachine)
			},
			Payee::Machine(id) => address(*id),
			Payee::Account(account) => account.clone(),
		};
		move_money(&address(machine), &account, amount)?;
		if let Some(machine) = machine_at(account.as_ref()) {
			let mut income = Income::get();
			*income.entry(machine).or_default() += amount;
			Income::set(&income);
		}
		Ok(())
	}
	fn lock(_: MachineId, _: &Payee<AccountId>, _: u128) -> Result<(), PaymentFailure> {
		unreachable!("mandates put nothing aside for payees")
	}
	fn lock_deposit(machine: MachineId, amount: u128) -> Result<(), PaymentFailure> {
		move_money(&address(machine), &escrow(), amount)
	}
	fn pay_out(_: &Payee<AccountId>, _: u128) -> Result<(), PaymentFailure> {
		unreachable!("mandates put nothing aside for payees")
	}
	fn release(machine: MachineId, amount: u128) -> Result<(), PaymentFailure> {
		move_money(&escrow(), &address(machine), amount)
	}
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_fund(machine: MachineId, amount: u128) {
		let mut money = Money::get();
		*money.entry(address(machine)).or_default() += amount;
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
	type MaxLifetime = ConstU32<MAX_LIFETIME>;
}

pub fn balance(account: &AccountId) -> u128 {
	Money::get().get(account).copied().unwrap_or_default()
}

pub fn wallet(machine: MachineId) -> u128 {
	balance(&address(machine))
}

/// Moves money from outside of this pallet.
pub fn transfer(from: &AccountId, to: &AccountId, amount: u128) {
	move_money(from, to, amount).unwrap();
}

pub fn income(machine: MachineId) -> u128 {
	Income::get().get(&machine).copied().unwrap_or_default()
}

pub fn new_test_ext() -> TestExternalities {
	let storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
	let mut ext = TestExternalities::new(storage);
	ext.execute_with(|| {
		System::set_block_number(1);
		Money::set(&(0..10).map(|id| (address(id), FUNDS)).collect());
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

/// The invariants, that what is locked is what stands in escrow, and that all money is there.
pub fn check() {
	PaymentMandates::do_try_state().unwrap();
	assert_eq!(balance(&escrow()), Locked::<Test>::get());
	assert_eq!(Money::get().values().sum::<u128>(), 10 * FUNDS);
}

/// Makes somebody else the owner of `machine`.
pub fn sell(machine: MachineId, buyer: AccountId) {
	let mut sold = Sold::get();
	sold.insert(machine, buyer);
	Sold::set(&sold);
}

pub fn signed(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

/// Somebody who has nothing to do with any machine.
pub fn stranger() -> RuntimeOrigin {
	signed(account(6, 0))
}

/// Lets `blocks` pass.
pub fn advance(blocks: u32) {
	System::set_block_number(System::block_number() + blocks);
}

/// Lets one machine pull from another: up to 100 within any ten blocks, for the longest time.
pub fn grant(payer: MachineId, payee: MachineId) -> MandateId {
	grant_to(payer, Payee::Machine(payee))
}

pub fn grant_to(payer: MachineId, payee: Payee<AccountId>) -> MandateId {
	let mandate = NextMandateId::<Test>::get();
	let expires_at = System::block_number() + MAX_LIFETIME;
	let origin = signed(payment_key(payer));
	PaymentMandates::grant(origin, payer, payee, 100, 10, expires_at).unwrap();
	mandate
}

pub fn mandate(id: MandateId) -> MandateOf<Test> {
	Mandates::<Test>::get(id).unwrap()
}
