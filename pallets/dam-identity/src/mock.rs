//! A runtime of this pallet alone.

use crate::{self as pallet_dam_identity, *};
use dam_primitives::{
	registration::RegistrationStatement, rotation::KeyStatement, MachineProfile, OperatorRights,
	PublicKey,
};
use frame_support::{
	derive_impl, parameter_types,
	traits::{ConstU128, ConstU32},
	BoundedVec,
};
use sp_core::{ecdsa, ed25519, sr25519, Pair};
use sp_io::TestExternalities;
use sp_runtime::{
	traits::IdentityLookup, BuildStorage, DispatchError, DispatchResult, MultiSignature,
};

type Block = frame_system::mocking::MockBlockU32<Test>;
pub type AccountId = AccountId32;
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
	pub type Identity = pallet_dam_identity;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
	type AccountId = AccountId;
	type Lookup = IdentityLookup<AccountId>;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<1>;
}

pub const DEPOSIT: Balance = 100;
pub const KEY_DEPOSIT: Balance = 10;
pub const LIFETIME: u32 = 1_000;
pub const INTERVAL: u32 = 100;
pub const HORIZON: u32 = 50;
pub const OFFER_LIFETIME: u32 = 200;
/// What every owner has.
pub const ENDOWMENT: Balance = 1_000;

parameter_types! {
	/// Wallets that are open.
	pub storage OpenWallets: Vec<AccountId> = Vec::new();
	/// Whether some other pallet refuses retirements.
	pub storage RetirementRefused: bool = false;
	/// The constant that is zero, if any, to try a bad configuration.
	pub storage ZeroedConstant: Option<Zeroed> = None;
	/// Machines that retired or changed hands, as other pallets were told.
	pub storage ToldRetired: Vec<MachineId> = Vec::new();
	pub storage ToldTransferred: Vec<(MachineId, Option<AccountId>)> = Vec::new();
	/// Of which machines [`MockOthers`] was told that they have another operator.
	pub storage ToldOperatorChanged: Vec<MachineId> = Vec::new();
}

/// A constant that can be set to zero.
#[derive(Clone, Copy, PartialEq, Eq, Debug, codec::Encode, codec::Decode)]
pub enum Zeroed {
	MachineDeposit,
	KeyDeposit,
	StatementLifetime,
	RotationInterval,
	KeyHorizon,
	OfferLifetime,
}

fn unless<N: Default>(zeroed: Zeroed, value: N) -> N {
	if ZeroedConstant::get() == Some(zeroed) {
		N::default()
	} else {
		value
	}
}

parameter_types! {
	pub MachineDeposit: Balance = unless(Zeroed::MachineDeposit, DEPOSIT);
	pub KeyDeposit: Balance = unless(Zeroed::KeyDeposit, KEY_DEPOSIT);
	pub MaxStatementLifetime: u32 = unless(Zeroed::StatementLifetime, LIFETIME);
	pub RotationInterval: u32 = unless(Zeroed::RotationInterval, INTERVAL);
	pub KeyHorizon: u32 = unless(Zeroed::KeyHorizon, HORIZON);
	pub MaxOfferLifetime: u32 = unless(Zeroed::OfferLifetime, OFFER_LIFETIME);
}

/// Wallets that only remember which are open.
pub struct MockWallets;
impl Wallets<AccountId> for MockWallets {
	fn open(wallet: &AccountId, _depositor: &AccountId) -> DispatchResult {
		let mut open = OpenWallets::get();
		if open.contains(wallet) {
			return Err(DispatchError::Other("open already"));
		}
		open.push(wallet.clone());
		OpenWallets::set(&open);
		Ok(())
	}
	fn close(wallet: &AccountId, _beneficiary: &AccountId) -> DispatchResult {
		let mut open = OpenWallets::get();
		let before = open.len();
		open.retain(|other| other != wallet);
		if open.len() == before {
			return Err(DispatchError::Other("not open"));
		}
		OpenWallets::set(&open);
		Ok(())
	}
}

/// Refuses retirements on demand, and remembers what it was told.
pub struct MockOthers;
impl OnMachineChange<AccountId> for MockOthers {
	fn on_retire(machine: MachineId) -> DispatchResult {
		if RetirementRefused::get() {
			return Err(DispatchError::Other("an obligation is open"));
		}
		let mut told = ToldRetired::get();
		told.push(machine);
		ToldRetired::set(&told);
		Ok(())
	}
	fn on_transfer(machine: MachineId) {
		let mut told = ToldTransferred::get();
		// The new owner must be visible already.
		told.push((machine, Identity::owner(machine)));
		ToldTransferred::set(&told);
	}
	fn on_operator_change(machine: MachineId) {
		let mut told = ToldOperatorChanged::get();
		told.push(machine);
		ToldOperatorChanged::set(&told);
	}
}

impl Config for Test {
	type WeightInfo = ();
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Wallets = MockWallets;
	type OnMachineChange = MockOthers;
	type MachineDeposit = MachineDeposit;
	type KeyDeposit = KeyDeposit;
	type MaxStatementLifetime = MaxStatementLifetime;
	type RotationInterval = RotationInterval;
	type KeyHorizon = KeyHorizon;
	type MaxOfferLifetime = MaxOfferLifetime;
}

/// Owner number `n`, who can pay for nine machines.
pub fn owner(n: u8) -> AccountId {
	[n; 32].into()
}

pub fn new_test_ext() -> TestExternalities {
	let mut storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
	pallet_balances::GenesisConfig::<Test> {
		balances: (1..=4).map(|n| (owner(n), ENDOWMENT)).collect(),
		..Default::default()
	}
	.assimilate_storage(&mut storage)
	.unwrap();
	let mut ext = TestExternalities::new(storage);
	ext.register_extension(sp_keystore::KeystoreExt::new(
		sp_keystore::testing::MemoryKeystore::new(),
	));
	ext.execute_with(|| System::set_block_number(1));
	ext
}

/// Runs a test and checks the invariants after it.
pub fn build_and_execute(test: impl FnOnce()) {
	new_test_ext().execute_with(|| {
		test();
		check_invariants();
	});
}

/// The pallet's laws, and that nothing is held from anybody who owns no machine.
pub fn check_invariants() {
	Identity::do_try_state().unwrap();
	let held: Balance =
		pallet_balances::Holds::<Test>::iter_values().flatten().map(|hold| hold.amount).sum();
	let deposits: Balance = Machines::<Test>::iter_values().map(|record| record.deposit).sum();
	assert_eq!(held, deposits);
}

/// What is held from an owner.
pub fn held(owner: &AccountId) -> Balance {
	use frame_support::traits::fungible::InspectHold;
	Balances::balance_on_hold(&HoldReason::MachineDeposit.into(), owner)
}

/// The signed origin of owner number `n`.
pub fn origin(n: u8) -> RuntimeOrigin {
	RuntimeOrigin::signed(owner(n))
}

/// The signed origin of device `n`'s key.
pub fn device(n: u32) -> RuntimeOrigin {
	RuntimeOrigin::signed(key(n))
}

/// The account of device `n`'s key.
pub fn key(n: u32) -> AccountId {
	Device::new(n).account()
}

/// A device that can sign with any of the three curves.
// A handful lives at a time: boxing would only hide the keys.
#[allow(clippy::large_enum_variant)]
pub enum Device {
	Ed25519(ed25519::Pair),
	Sr25519(sr25519::Pair),
	Ecdsa(ecdsa::Pair),
}

impl Device {
	/// Device number `n`, on the curve that `n` falls on.
	pub fn new(n: u32) -> Self {
		let seed = sp_io::hashing::blake2_256(&n.to_le_bytes());
		match n % 3 {
			0 => Self::Ed25519(ed25519::Pair::from_seed(&seed)),
			1 => Self::Sr25519(sr25519::Pair::from_seed(&seed)),
			_ => Self::Ecdsa(ecdsa::Pair::from_seed(&seed)),
		}
	}

	pub fn public(&self) -> PublicKey {
		match self {
			Self::Ed25519(pair) => PublicKey::Ed25519(pair.public().0),
			Self::Sr25519(pair) => PublicKey::Sr25519(pair.public().0),
			Self::Ecdsa(pair) => PublicKey::Ecdsa(pair.public().0),
		}
	}

	pub fn account(&self) -> AccountId {
		account_of(&self.public())
	}

	pub fn sign(&self, message: &[u8]) -> MultiSignature {
		match self {
			Self::Ed25519(pair) => pair.sign(message).into(),
			Self::Sr25519(pair) => pair.sign(message).into(),
			Self::Ecdsa(pair) => pair.sign(message).into(),
		}
	}

	/// Agrees to be registered by `owner` until block `expires_at`.
	pub fn agree(&self, owner: &AccountId, expires_at: u32) -> RegistrationOf<Test> {
		self.agree_on(Identity::genesis_hash(), owner, MachineProfile::default(), expires_at)
	}

	pub fn agree_on(
		&self,
		genesis_hash: [u8; 32],
		owner: &AccountId,
		profile: MachineProfile,
		expires_at: u32,
	) -> RegistrationOf<Test> {
		let key = self.public();
		let owner: [u8; 32] = owner.clone().into();
		let statement = RegistrationStatement::new(genesis_hash, owner, key, &profile, expires_at);
		let proof = self.sign(&statement.signing_payload());
		Registration { key, profile, expires_at, proof }
	}

	/// Agrees to act for `machine` with `rights`, if entered by block `expires_at`.
	pub fn agree_to_act(
		&self,
		machine: MachineId,
		rights: KeyRights,
		expires_at: u32,
	) -> NewKeyOf<Test> {
		self.agree_to_act_on(Identity::genesis_hash(), machine, rights, expires_at)
	}

	pub fn agree_to_act_on(
		&self,
		genesis_hash: [u8; 32],
		machine: MachineId,
		rights: KeyRights,
		expires_at: u32,
	) -> NewKeyOf<Test> {
		let key = self.public();
		let statement = KeyStatement::new(genesis_hash, machine, key, rights, expires_at);
		let proof = self.sign(&statement.signing_payload());
		NewKey { key, expires_at, proof }
	}
}

/// Registers device `n` for `owner` and returns its machine's number.
pub fn register(owner: &AccountId, n: u32) -> MachineId {
	let machine = NextMachineId::<Test>::get();
	let registration = Device::new(n).agree(owner, System::block_number() + 10);
	Identity::register(RuntimeOrigin::signed(owner.clone()), registration).unwrap();
	machine
}

/// What device `n` signs to be entered soon as a key of `machine` with `rights`.
pub fn new_key(machine: MachineId, n: u32, rights: KeyRights) -> NewKeyOf<Test> {
	Device::new(n).agree_to_act(machine, rights, System::block_number() + 10)
}

/// Adds device `n` as a further key of a machine of `owner`.
pub fn add_key(owner: &AccountId, machine: MachineId, n: u32, rights: KeyRights) {
	let new_key = new_key(machine, n, rights);
	Identity::add_key(RuntimeOrigin::signed(owner.clone()), machine, new_key, rights).unwrap();
}

/// Owner number `n` as the operator of machines, with `rights`.
pub fn operator(n: u8, rights: OperatorRights) -> Option<OperatorInfo<AccountId>> {
	Some(OperatorInfo { account: owner(n), rights })
}

/// A list of machines as calls take it.
pub fn list(machines: &[MachineId]) -> BoundedVec<MachineId, ConstU32<MAX_FLEET>> {
	BoundedVec::truncate_from(machines.to_vec())
}

/// Moves on to block `number`.
pub fn go_to(number: u32) {
	System::set_block_number(number);
}

/// The record of a machine.
pub fn record(machine: MachineId) -> MachineRecordOf<Test> {
	Machines::<Test>::get(machine).unwrap()
}
