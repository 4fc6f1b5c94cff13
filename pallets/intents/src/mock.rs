//! A runtime of this pallet alone. Money is kept in a map, in which accounts behave as the asset's
//! do: they need a minimum, and can be blocked. Payment keys are real ones and can be replaced.

use crate::{self as pallet_intents, *};
use codec::Encode;
use dam_primitives::{
	machine_account, Intent, MachineKind, MachineStatus, OperatorRights, PublicKey, Signature,
};
use frame_support::{derive_impl, parameter_types};
use pallet_dam_traits::account_of;
use sp_core::{ecdsa, ed25519, sr25519, Pair};
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
	pub type PaymentIntents = pallet_intents;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
	type AccountId = AccountId;
	type Lookup = IdentityLookup<AccountId>;
}

/// Machines below this number exist, and have [`FUNDS`].
pub const MACHINES: MachineId = 6;
pub const FUNDS: u128 = 100_000;
/// What every account must hold.
pub const MINIMUM: u128 = 10;

parameter_types! {
	/// What accounts hold.
	pub storage Money: BTreeMap<AccountId, u128> = BTreeMap::new();
	/// What machines earned.
	pub storage Income: BTreeMap<MachineId, u128> = BTreeMap::new();
	/// What the policies have counted.
	pub storage Counted: BTreeMap<MachineId, u128> = BTreeMap::new();
	/// What the policies allow at once.
	pub storage PaymentCap: u128 = u128::MAX;
	/// Accounts that take no money now.
	pub storage Blocked: Vec<AccountId> = Vec::new();
	/// Machines that may not spend.
	pub storage Suspended: Vec<MachineId> = Vec::new();
	pub storage Retired: Vec<MachineId> = Vec::new();
	/// How often each machine's key was replaced, and the present ones.
	pub storage Rotations: BTreeMap<MachineId, u32> = BTreeMap::new();
	pub storage PaymentKeys: BTreeMap<MachineId, PublicKey> = BTreeMap::new();
	/// All keys that ever were, and whose.
	pub storage KnownKeys: BTreeMap<AccountId, MachineId> = BTreeMap::new();
}

pub fn escrow() -> AccountId {
	[0xee; 32].into()
}

/// A gateway that is no machine, and has an account.
pub fn gateway() -> AccountId {
	[0x66; 32].into()
}

/// Someone without an account.
pub fn newcomer() -> AccountId {
	[0x77; 32].into()
}

/// A payment key, on the curve that the machine's number falls on.
pub enum Device {
	Ed25519(Box<ed25519::Pair>),
	Sr25519(Box<sr25519::Pair>),
	Ecdsa(Box<ecdsa::Pair>),
}

impl Device {
	/// The key of `machine` after it was replaced that often.
	pub fn of(machine: MachineId, rotations: u32) -> Self {
		let seed = sp_io::hashing::blake2_256(&(machine, rotations).encode());
		match machine % 3 {
			0 => Self::Ed25519(Box::new(ed25519::Pair::from_seed(&seed))),
			1 => Self::Sr25519(Box::new(sr25519::Pair::from_seed(&seed))),
			_ => Self::Ecdsa(Box::new(ecdsa::Pair::from_seed(&seed))),
		}
	}

	/// The present key of `machine`.
	pub fn present(machine: MachineId) -> Self {
		Self::of(machine, Rotations::get().get(&machine).copied().unwrap_or_default())
	}

	pub fn public(&self) -> PublicKey {
		match self {
			Self::Ed25519(pair) => PublicKey::Ed25519(pair.public().0),
			Self::Sr25519(pair) => PublicKey::Sr25519(pair.public().0),
			Self::Ecdsa(pair) => PublicKey::Ecdsa(pair.public().0),
		}
	}

	pub fn sign(&self, message: &[u8]) -> Signature {
		match self {
			Self::Ed25519(pair) => Signature::Ed25519(pair.sign(message).0),
			Self::Sr25519(pair) => Signature::Sr25519(pair.sign(message).0),
			Self::Ecdsa(pair) => Signature::Ecdsa(pair.sign(message).0),
		}
	}
}

/// The account of the present payment key of `machine`.
pub fn key(machine: MachineId) -> AccountId {
	account_of(&PaymentKeys::get()[&machine])
}

fn enter_key(machine: MachineId, public: PublicKey) {
	let (mut present, mut known) = (PaymentKeys::get(), KnownKeys::get());
	present.insert(machine, public);
	known.insert(account_of(&public), machine);
	PaymentKeys::set(&present);
	KnownKeys::set(&known);
}

/// Replaces the payment key of `machine`.
pub fn rotate(machine: MachineId) {
	let mut rotations = Rotations::get();
	*rotations.entry(machine).or_default() += 1;
	Rotations::set(&rotations);
	enter_key(machine, Device::present(machine).public());
}

pub struct MockMachines;
impl Machines<AccountId> for MockMachines {
	fn authorize(who: &AccountId, right: KeyRights) -> Result<MachineId, DispatchError> {
		let machine = Self::signer(who)?;
		let spends = !right.contains(KeyRights::PAY) || Self::may_spend(machine);
		(Self::is_payable(machine) && spends)
			.then_some(machine)
			.ok_or(DispatchError::Other("may not act"))
	}
	fn signer(who: &AccountId) -> Result<MachineId, DispatchError> {
		Self::machine_of_key(who)
			.filter(|machine| key(*machine) == *who)
			.ok_or(DispatchError::Other("no machine's key"))
	}
	fn machine_of_key(key: &AccountId) -> Option<MachineId> {
		KnownKeys::get().get(key).copied()
	}
	fn payment_key(id: MachineId) -> Option<PublicKey> {
		PaymentKeys::get().get(&id).copied().filter(|_| Self::is_payable(id))
	}
	fn may_spend(id: MachineId) -> bool {
		Self::status(id) == Some(MachineStatus::Active)
	}
	fn permit(who: &AccountId, machine: MachineId, _: OperatorRights) -> DispatchResult {
		Self::permit_owner(who, machine)
	}
	fn permit_owner(_: &AccountId, _: MachineId) -> DispatchResult {
		Err(DispatchError::Other("not the owner"))
	}
	fn status(id: MachineId) -> Option<MachineStatus> {
		let status = if Retired::get().contains(&id) {
			MachineStatus::Retired
		} else if Suspended::get().contains(&id) {
			MachineStatus::Suspended
		} else {
			MachineStatus::Active
		};
		PaymentKeys::get().contains_key(&id).then_some(status)
	}
	fn kind(id: MachineId) -> Option<MachineKind> {
		Self::status(id).map(|_| MachineKind::Other)
	}
	fn owner(_: MachineId) -> Option<AccountId> {
		None
	}
	fn account(id: MachineId) -> AccountId {
		machine_account(id).into()
	}
	fn machine_at(account: &AccountId) -> Option<MachineId> {
		dam_primitives::machine::machine_at(account.as_ref())
	}
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_machine(seed: u32) -> (MachineId, AccountId) {
		let machine = 1_000 + MachineId::from(seed);
		enter_key(machine, Device::of(machine, 0).public());
		(machine, key(machine))
	}
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_machine_with_key(public: PublicKey) -> MachineId {
		let machine = 10_000 + PaymentKeys::get().len() as MachineId;
		enter_key(machine, public);
		machine
	}
}

pub struct MockTill;

impl MockTill {
	/// Moves `amount`, or changes nothing: `from` keeps the minimum.
	fn shift(from: AccountId, to: AccountId, amount: u128) -> Result<(), PaymentFailure> {
		let mut money = Money::get();
		let left = money
			.get(&from)
			.and_then(|before| before.checked_sub(amount))
			.filter(|rest| *rest >= MINIMUM)
			.ok_or(PaymentFailure::InsufficientFunds)?;
		if Blocked::get().contains(&to) {
			return Err(PaymentFailure::PayeeUnavailable);
		}
		if !money.contains_key(&to) && amount < MINIMUM {
			return Err(PaymentFailure::BelowMinimum);
		}
		money.insert(from, left);
		*money.entry(to).or_default() += amount;
		Money::set(&money);
		Ok(())
	}

	fn destination(payee: &Payee<AccountId>) -> AccountId {
		match payee {
			Payee::Machine(id) => MockMachines::account(*id),
			Payee::Account(account) => account.clone(),
		}
	}

	fn allow(
		machine: MachineId,
		payee: &Payee<AccountId>,
		amount: u128,
	) -> Result<(), PaymentFailure> {
		match payee {
			_ if amount > PaymentCap::get() => Err(PaymentFailure::ExceedsPaymentCap),
			_ if amount == 0 => Err(PaymentFailure::ZeroAmount),
			Payee::Machine(id) if *id == machine => Err(PaymentFailure::SelfPayment),
			Payee::Machine(id) if !MockMachines::is_payable(*id) => {
				Err(PaymentFailure::UnknownMachine)
			},
			_ => Ok(()),
		}
	}

	fn count(machine: MachineId, amount: u128) {
		let mut counted = Counted::get();
		*counted.entry(machine).or_default() += amount;
		Counted::set(&counted);
	}

	fn earn(payee: &Payee<AccountId>, amount: u128) {
		if let Payee::Machine(id) = payee {
			let mut income = Income::get();
			*income.entry(*id).or_default() += amount;
			Income::set(&income);
		}
	}
}

impl Till<AccountId> for MockTill {
	fn pay(
		machine: MachineId,
		payee: &Payee<AccountId>,
		amount: u128,
	) -> Result<(), PaymentFailure> {
		Self::allow(machine, payee, amount)?;
		Self::shift(MockMachines::account(machine), Self::destination(payee), amount)?;
		Self::count(machine, amount);
		Self::earn(payee, amount);
		Ok(())
	}
	fn lock(
		machine: MachineId,
		payee: &Payee<AccountId>,
		amount: u128,
	) -> Result<(), PaymentFailure> {
		Self::allow(machine, payee, amount)?;
		Self::shift(MockMachines::account(machine), escrow(), amount)?;
		Self::count(machine, amount);
		Ok(())
	}
	fn lock_deposit(_: MachineId, _: u128) -> Result<(), PaymentFailure> {
		unreachable!("intents leave nothing in escrow")
	}
	fn pay_out(payee: &Payee<AccountId>, amount: u128) -> Result<(), PaymentFailure> {
		if let Payee::Machine(id) = payee {
			if !MockMachines::is_payable(*id) {
				return Err(PaymentFailure::UnknownMachine);
			}
		}
		Self::shift(escrow(), Self::destination(payee), amount)?;
		Self::earn(payee, amount);
		Ok(())
	}
	fn release(_: MachineId, _: u128) -> Result<(), PaymentFailure> {
		unreachable!("intents leave nothing in escrow")
	}
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_fund(machine: MachineId, amount: u128) {
		let mut money = Money::get();
		*money.entry(MockMachines::account(machine)).or_default() += amount;
		Money::set(&money);
	}
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_policy(_: MachineId, _: &Payee<AccountId>) {}
}

impl Config for Test {
	type WeightInfo = ();
	type Machines = MockMachines;
	type Till = MockTill;
}

pub fn balance(account: &AccountId) -> u128 {
	Money::get().get(account).copied().unwrap_or_default()
}

pub fn wallet(machine: MachineId) -> u128 {
	balance(&MockMachines::account(machine))
}

pub fn income(machine: MachineId) -> u128 {
	Income::get().get(&machine).copied().unwrap_or_default()
}

pub fn counted(machine: MachineId) -> u128 {
	Counted::get().get(&machine).copied().unwrap_or_default()
}

pub fn new_test_ext() -> TestExternalities {
	let storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
	let mut ext = TestExternalities::new(storage);
	ext.register_extension(sp_keystore::KeystoreExt::new(
		sp_keystore::testing::MemoryKeystore::new(),
	));
	ext.execute_with(|| {
		System::set_block_number(1);
		let wallets = (0..MACHINES).map(|id| (MockMachines::account(id), FUNDS));
		let others = [(gateway(), FUNDS), (escrow(), MINIMUM)];
		Money::set(&wallets.chain(others).collect());
		for machine in 0..MACHINES {
			enter_key(machine, Device::of(machine, 0).public());
		}
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

/// The invariants, that nothing stays in escrow, and that no money was made or lost.
pub fn check() {
	PaymentIntents::do_try_state().unwrap();
	assert_eq!(balance(&escrow()), MINIMUM);
	let supply = FUNDS * (u128::from(MACHINES) + 1) + MINIMUM;
	assert_eq!(Money::get().values().sum::<u128>(), supply);
}

/// Signs `intent` with the present key of its payer.
pub fn sign(intent: Intent) -> SignedIntent {
	let payload = intent.signing_payload(&PaymentIntents::genesis_hash());
	let signature = Device::present(intent.payer).sign(&payload);
	SignedIntent { intent, signature }
}
