//! A runtime of this pallet alone. Money is kept in a map; every machine up to 99 exists, and its keys
//! are real ones.

use crate::{self as pallet_channels, *};
use codec::Encode;
use dam_primitives::payword::previous;
use dam_primitives::{
	machine::machine_at, machine_account, CloseAgreement, MachineKind, MachineStatus, Voucher,
};
use frame_support::{derive_impl, parameter_types};
use pallet_dam_traits::{account_of, HostCrypto, PayOut};
use sp_core::{ecdsa, ed25519, sr25519, Pair};
use sp_io::TestExternalities;
use sp_runtime::{traits::IdentityLookup, BuildStorage, DispatchError, DispatchResult};
use std::{collections::BTreeMap, sync::OnceLock};

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
	pub type PaymentChannels = pallet_channels;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
	type AccountId = AccountId;
	type Lookup = IdentityLookup<AccountId>;
}

pub const STORAGE_DEPOSIT: u128 = 50;
pub const MIN_GRACE: u32 = 10;
pub const MAX_GRACE: u32 = 1_000;
/// What every machine up to 9 has.
pub const FUNDS: u128 = 10_000;
pub const MACHINES: MachineId = 100;

parameter_types! {
	/// What accounts hold; the escrow under its own key.
	pub storage Money: BTreeMap<AccountId, u128> = BTreeMap::new();
	/// All the money there is.
	pub storage Issuance: u128 = 0;
	/// What machines earned.
	pub storage Income: BTreeMap<MachineId, u128> = BTreeMap::new();
	/// Payees that cannot take money now.
	pub storage Blocked: Vec<AccountId> = Vec::new();
	/// Machines that may not act.
	pub storage Suspended: Vec<MachineId> = Vec::new();
	/// Machines that are no more.
	pub storage Retired: Vec<MachineId> = Vec::new();
	/// Machines whose payment key was replaced, its horizon past.
	pub storage Expired: Vec<MachineId> = Vec::new();
	/// Payment keys of the machines from [`MACHINES`] on, which benchmarks make.
	pub storage Benched: Vec<PublicKey> = Vec::new();
	/// Whether policies refuse.
	pub storage PolicyRefuses: bool = false;
	/// Whether escrow has less than its books say.
	pub storage EscrowIsShort: bool = false;
	/// How many times several payments left escrow together.
	pub static PayOutsBegun: u32 = 0;
}

pub fn escrow() -> AccountId {
	[0xee; 32].into()
}

pub fn owner() -> AccountId {
	[0xaa; 32].into()
}

/// The payment key of a machine, on the curve that its number falls on.
pub enum Device {
	Ed25519(Box<ed25519::Pair>),
	Sr25519(Box<sr25519::Pair>),
	Ecdsa(Box<ecdsa::Pair>),
}

impl Device {
	pub fn of(machine: MachineId) -> Self {
		let seed = sp_io::hashing::blake2_256(&machine.to_le_bytes());
		match machine % 3 {
			0 => Self::Ed25519(Box::new(ed25519::Pair::from_seed(&seed))),
			1 => Self::Sr25519(Box::new(sr25519::Pair::from_seed(&seed))),
			_ => Self::Ecdsa(Box::new(ecdsa::Pair::from_seed(&seed))),
		}
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

	/// A key of a machine that may claim and nothing else.
	pub fn claimer(machine: MachineId) -> Self {
		let seed = sp_io::hashing::blake2_256(&(machine, "claims").encode());
		Self::Sr25519(Box::new(sr25519::Pair::from_seed(&seed)))
	}
}

pub fn key(machine: MachineId) -> AccountId {
	account_of(&Device::of(machine).public())
}

/// The account of [`Device::claimer`].
pub fn claim_key(machine: MachineId) -> AccountId {
	account_of(&Device::claimer(machine).public())
}

/// Every key that there is, and what it may do. Made once: that takes longer than any test.
fn keys() -> &'static BTreeMap<AccountId, (MachineId, KeyRights)> {
	static KEYS: OnceLock<BTreeMap<AccountId, (MachineId, KeyRights)>> = OnceLock::new();
	KEYS.get_or_init(|| {
		(0..MACHINES)
			.flat_map(|id| {
				[(key(id), (id, KeyRights::ALL)), (claim_key(id), (id, KeyRights::CLAIM))]
			})
			.collect()
	})
}

/// The machine of a key and what the key may do.
fn key_of(who: &AccountId) -> Result<(MachineId, KeyRights), DispatchError> {
	let benched = || {
		let at = Benched::get().iter().position(|key| account_of(key) == *who)?;
		Some((MACHINES + at as MachineId, KeyRights::ALL))
	};
	keys().get(who).copied().or_else(benched).ok_or(DispatchError::Other("no machine's key"))
}

pub struct MockMachines;
impl Machines<AccountId> for MockMachines {
	fn authorize(who: &AccountId, right: KeyRights) -> Result<MachineId, DispatchError> {
		let (machine, rights) = key_of(who)?;
		if !rights.contains(right) {
			return Err(DispatchError::Other("no right"));
		}
		if !Self::is_payable(machine) {
			return Err(DispatchError::Other("retired"));
		}
		if right.contains(KeyRights::PAY) && !Self::may_spend(machine) {
			return Err(DispatchError::Other("suspended"));
		}
		Ok(machine)
	}
	fn signer(who: &AccountId) -> Result<MachineId, DispatchError> {
		let (machine, rights) = key_of(who)?;
		if !rights.contains(KeyRights::PAY) {
			return Err(DispatchError::Other("no payment key"));
		}
		if Expired::get().contains(&machine) {
			return Err(DispatchError::Other("past its horizon"));
		}
		Ok(machine)
	}
	fn machine_of_key(who: &AccountId) -> Option<MachineId> {
		key_of(who).ok().map(|(machine, _)| machine)
	}
	fn payment_key(id: MachineId) -> Option<PublicKey> {
		match id.checked_sub(MACHINES) {
			Some(at) => Benched::get().get(at as usize).copied(),
			None => Self::is_payable(id).then(|| Device::of(id).public()),
		}
	}
	fn may_spend(id: MachineId) -> bool {
		Self::status(id) == Some(MachineStatus::Active)
	}
	fn permit(
		who: &AccountId,
		machine: MachineId,
		_: dam_primitives::OperatorRights,
	) -> DispatchResult {
		Self::permit_owner(who, machine)
	}
	fn permit_owner(who: &AccountId, machine: MachineId) -> DispatchResult {
		if *who == owner() && Self::is_payable(machine) {
			Ok(())
		} else {
			Err(DispatchError::Other("not the owner"))
		}
	}
	fn status(id: MachineId) -> Option<MachineStatus> {
		match id {
			id if id >= MACHINES + Benched::get().len() as MachineId => None,
			id if Retired::get().contains(&id) => Some(MachineStatus::Retired),
			id if Suspended::get().contains(&id) => Some(MachineStatus::Suspended),
			_ => Some(MachineStatus::Active),
		}
	}
	fn kind(id: MachineId) -> Option<MachineKind> {
		(id < MACHINES).then_some(MachineKind::Other)
	}
	fn owner(id: MachineId) -> Option<AccountId> {
		(id < MACHINES).then(owner)
	}
	fn account(id: MachineId) -> AccountId {
		machine_account(id).into()
	}
	fn machine_at(account: &AccountId) -> Option<MachineId> {
		machine_at(account.as_ref())
	}
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_machine(seed: u32) -> (MachineId, AccountId) {
		(seed.into(), key(seed.into()))
	}
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_machine_with_key(key: PublicKey) -> MachineId {
		let mut benched = Benched::get();
		benched.push(key);
		Benched::set(&benched);
		MACHINES + benched.len() as MachineId - 1
	}
}

fn move_money(from: &AccountId, to: &AccountId, amount: u128) -> Result<(), PaymentFailure> {
	let mut money = Money::get();
	let source = money.entry(from.clone()).or_default();
	*source = source.checked_sub(amount).ok_or(PaymentFailure::InsufficientFunds)?;
	*money.entry(to.clone()).or_default() += amount;
	Money::set(&money);
	Ok(())
}

pub struct MockTill;
impl Till<AccountId> for MockTill {
	fn pay(_: MachineId, _: &Payee<AccountId>, _: u128) -> Result<(), PaymentFailure> {
		unreachable!("channels pay through escrow alone")
	}
	fn lock(
		machine: MachineId,
		payee: &Payee<AccountId>,
		amount: u128,
	) -> Result<(), PaymentFailure> {
		match payee.clone().normal_form() {
			_ if amount == 0 => Err(PaymentFailure::ZeroAmount),
			_ if PolicyRefuses::get() => Err(PaymentFailure::NeedsCoSignature),
			Payee::Machine(id) if !MockMachines::is_payable(id) => {
				Err(PaymentFailure::UnknownMachine)
			},
			Payee::Machine(id) if id == machine => Err(PaymentFailure::SelfPayment),
			_ => Self::lock_deposit(machine, amount),
		}
	}
	fn lock_deposit(machine: MachineId, amount: u128) -> Result<(), PaymentFailure> {
		move_money(&MockMachines::account(machine), &escrow(), amount)
	}
	fn pay_out(payee: &Payee<AccountId>, amount: u128) -> Result<(), PaymentFailure> {
		let account = match payee {
			Payee::Machine(id) => MockMachines::account(*id),
			Payee::Account(account) => account.clone(),
		};
		if amount == 0 {
			return Ok(());
		}
		if Blocked::get().contains(&account) {
			return Err(PaymentFailure::PayeeUnavailable);
		}
		if matches!(payee, Payee::Machine(id) if !MockMachines::is_payable(*id)) {
			return Err(PaymentFailure::UnknownMachine);
		}
		move_money(&escrow(), &account, amount)?;
		if let Payee::Machine(id) = payee {
			let mut income = Income::get();
			*income.entry(*id).or_default() += amount;
			Income::set(&income);
		}
		Ok(())
	}
	fn pay_outs<R>(
		work: impl FnOnce(&mut PayOut<'_, AccountId>) -> R,
	) -> Result<R, PaymentFailure> {
		PayOutsBegun::mutate(|begun| *begun += 1);
		let done = work(&mut |payee, amount| Self::pay_out(payee, amount));
		match EscrowIsShort::get() {
			true => Err(PaymentFailure::InsufficientFunds),
			false => Ok(done),
		}
	}
	fn release(machine: MachineId, amount: u128) -> Result<(), PaymentFailure> {
		let account = MockMachines::account(machine);
		if Blocked::get().contains(&account) {
			return Err(PaymentFailure::PayeeUnavailable);
		}
		move_money(&escrow(), &account, amount)
	}
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_fund(machine: MachineId, amount: u128) {
		fund(machine, amount);
	}
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_policy(_: MachineId, _: &Payee<AccountId>) {}
}

impl Config for Test {
	type WeightInfo = ();
	type Machines = MockMachines;
	type Till = MockTill;
	type StorageDeposit = frame_support::traits::ConstU128<STORAGE_DEPOSIT>;
	type MinGrace = frame_support::traits::ConstU32<MIN_GRACE>;
	type MaxGrace = frame_support::traits::ConstU32<MAX_GRACE>;
}

pub fn balance(account: &AccountId) -> u128 {
	Money::get().get(account).copied().unwrap_or_default()
}

pub fn wallet(machine: MachineId) -> u128 {
	balance(&MockMachines::account(machine))
}

/// Makes money in a machine's wallet.
pub fn fund(machine: MachineId, amount: u128) {
	let mut money = Money::get();
	*money.entry(MockMachines::account(machine)).or_default() += amount;
	Money::set(&money);
	Issuance::set(&(Issuance::get() + amount));
}

pub fn new_test_ext() -> TestExternalities {
	let storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
	let mut ext = TestExternalities::new(storage);
	ext.register_extension(sp_keystore::KeystoreExt::new(
		sp_keystore::testing::MemoryKeystore::new(),
	));
	ext.execute_with(|| {
		System::set_block_number(1);
		(0..10).for_each(|machine| fund(machine, FUNDS));
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

/// The invariants, and that what is locked is what stands in escrow.
pub fn check() {
	PaymentChannels::do_try_state().unwrap();
	assert_eq!(balance(&escrow()), Locked::<Test>::get());
	assert_eq!(Money::get().values().sum::<u128>(), Issuance::get());
}

/// A voucher of `payer`'s key.
pub fn voucher(payer: MachineId, channel: ChannelId, amount: u128) -> SignedVoucher {
	let voucher = Voucher::new(PaymentChannels::genesis_hash(), channel, amount);
	let signature = Device::of(payer).sign(&voucher.signing_payload());
	SignedVoucher { channel, amount, signature }
}

/// Consent by `device` to close a channel.
pub fn consent(device: &Device, channel: ChannelId, settled: u128) -> (PublicKey, Signature) {
	let agreement = CloseAgreement::new(PaymentChannels::genesis_hash(), channel, settled);
	(device.public(), device.sign(&agreement.signing_payload()))
}

/// Opens a channel of vouchers to a machine.
pub fn open(payer: MachineId, payee: MachineId, deposit: u128) -> ChannelId {
	open_with(payer, Payee::Machine(payee), deposit, Terms::Vouchers)
}

pub fn open_with(
	payer: MachineId,
	payee: Payee<AccountId>,
	deposit: u128,
	terms: Terms,
) -> ChannelId {
	let channel = NextChannelId::<Test>::get();
	let origin = RuntimeOrigin::signed(key(payer));
	PaymentChannels::open(origin, payee, deposit, terms, MIN_GRACE).unwrap();
	channel
}

/// A chain of hashes: link `i` at position `i`, the root first.
pub fn chain(length: u32, seed: u8) -> Vec<[u8; 32]> {
	let mut links = vec![[seed; 32]];
	for _ in 0..length {
		links.push(previous::<HostCrypto>(links.last().unwrap()));
	}
	links.reverse();
	links
}
