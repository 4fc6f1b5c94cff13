//! A runtime of this pallet alone.

use crate::{self as pallet_dam_identity, *};
use dam_primitives::{registration::RegistrationStatement, MachineProfile, PublicKey};
use frame_support::{derive_impl, parameter_types};
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
	type ExistentialDeposit = frame_support::traits::ConstU128<1>;
}

pub const DEPOSIT: Balance = 100;
pub const LIFETIME: u32 = 1_000;
/// What every owner has.
pub const ENDOWMENT: Balance = 1_000;

parameter_types! {
	/// Wallets that are open.
	pub storage OpenWallets: Vec<AccountId> = Vec::new();
	/// Whether some other pallet refuses retirements.
	pub storage RetirementRefused: bool = false;
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

pub struct MockOnRetire;
impl OnRetire for MockOnRetire {
	fn on_retire(_: MachineId) -> DispatchResult {
		if RetirementRefused::get() {
			return Err(DispatchError::Other("an obligation is open"));
		}
		Ok(())
	}
}

impl Config for Test {
	type WeightInfo = ();
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Wallets = MockWallets;
	type OnRetire = MockOnRetire;
	type MachineDeposit = frame_support::traits::ConstU128<DEPOSIT>;
	type MaxStatementLifetime = frame_support::traits::ConstU32<LIFETIME>;
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
		Pallet::<Test>::do_try_state().unwrap();
	});
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
}

/// Registers device `n` for `owner` and returns its machine's number.
pub fn register(owner: &AccountId, n: u32) -> MachineId {
	let machine = NextMachineId::<Test>::get();
	let registration = Device::new(n).agree(owner, System::block_number() + 10);
	Identity::register(RuntimeOrigin::signed(owner.clone()), registration).unwrap();
	machine
}
