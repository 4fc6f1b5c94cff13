//! A runtime of this pallet alone, in which forty machines exist and accounts follow from their
//! numbers.

use crate::{self as pallet_services, *};
use dam_primitives::{MachineKind, MachineStatus, PublicKey, Unit, Uri};
use frame_support::{derive_impl, parameter_types};
use sp_io::TestExternalities;
use sp_runtime::{BuildStorage, DispatchError, DispatchResult};

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
	pub type Services = pallet_services;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
}

/// Machines below this number exist.
pub const MACHINES: MachineId = 40;
/// Signs for nothing.
pub const STRANGER: AccountId = 5_000;

/// The owner of `machine`.
pub fn owner(machine: MachineId) -> AccountId {
	1_000 + machine
}

/// The operator of `machine`, with [`OperatorRights::SERVICES`] alone.
pub fn operator(machine: MachineId) -> AccountId {
	2_000 + machine
}

/// Someone who operates `machine` with every right but [`OperatorRights::SERVICES`].
pub fn other_operator(machine: MachineId) -> AccountId {
	2_100 + machine
}

/// The payment key of `machine`.
pub fn payment_key(machine: MachineId) -> AccountId {
	3_000 + machine
}

/// A further key of `machine`, with [`KeyRights::SERVICES`] alone.
pub fn services_key(machine: MachineId) -> AccountId {
	3_100 + machine
}

/// A further key of `machine`, with [`KeyRights::CLAIM`] alone.
pub fn claim_key(machine: MachineId) -> AccountId {
	3_200 + machine
}

parameter_types! {
	pub storage Suspended: Vec<MachineId> = Vec::new();
	pub storage Retired: Vec<MachineId> = Vec::new();
	pub storage Frozen: Vec<MachineId> = Vec::new();
}

pub const NOT_FOUND: DispatchError = DispatchError::Other("machine not found");
pub const RETIRED: DispatchError = DispatchError::Other("machine retired");
pub const NOT_PERMITTED: DispatchError = DispatchError::Other("not permitted");
pub const NO_KEY: DispatchError = DispatchError::Other("no machine's key");
pub const FROZEN: DispatchError = DispatchError::Other("keys frozen");
pub const RIGHT_MISSING: DispatchError = DispatchError::Other("right missing");

pub struct MockMachines;

impl MockMachines {
	fn key(account: AccountId) -> Option<(MachineId, KeyRights)> {
		let (rights, base) = match account {
			3_000..3_100 => (KeyRights::ALL, 3_000),
			3_100..3_200 => (KeyRights::SERVICES, 3_100),
			3_200..3_300 => (KeyRights::CLAIM, 3_200),
			_ => return None,
		};
		Some((account - base, rights)).filter(|(machine, _)| *machine < MACHINES)
	}
}

impl Machines<AccountId> for MockMachines {
	fn authorize(key: &AccountId, right: KeyRights) -> Result<MachineId, DispatchError> {
		let (machine, rights) = Self::key(*key).ok_or(NO_KEY)?;
		match Self::status(machine) {
			Some(MachineStatus::Retired) => Err(RETIRED),
			_ if Frozen::get().contains(&machine) => Err(FROZEN),
			_ if !rights.contains(right) => Err(RIGHT_MISSING),
			_ => Ok(machine),
		}
	}

	fn signer(key: &AccountId) -> Result<MachineId, DispatchError> {
		let (machine, rights) = Self::key(*key).ok_or(NO_KEY)?;
		if !rights.contains(KeyRights::PAY) {
			return Err(RIGHT_MISSING);
		}
		Ok(machine)
	}

	fn payment_key(_: MachineId) -> Option<PublicKey> {
		None
	}
	fn may_spend(_: MachineId) -> bool {
		false
	}
	fn machine_of_key(key: &AccountId) -> Option<MachineId> {
		Self::key(*key).map(|(machine, _)| machine)
	}

	fn permit(who: &AccountId, machine: MachineId, right: OperatorRights) -> DispatchResult {
		if *who == operator(machine) && right == OperatorRights::SERVICES {
			return match Self::status(machine).ok_or(NOT_FOUND)? {
				MachineStatus::Retired => Err(RETIRED),
				_ => Ok(()),
			};
		}
		Self::permit_owner(who, machine)
	}

	fn permit_owner(who: &AccountId, machine: MachineId) -> DispatchResult {
		match Self::status(machine).ok_or(NOT_FOUND)? {
			MachineStatus::Retired => Err(RETIRED),
			_ if *who == owner(machine) => Ok(()),
			_ => Err(NOT_PERMITTED),
		}
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
		(id < MACHINES).then(|| owner(id))
	}

	fn account(id: MachineId) -> AccountId {
		4_000 + id
	}

	fn machine_at(account: &AccountId) -> Option<MachineId> {
		account.checked_sub(4_000)
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_machine(seed: u32) -> (MachineId, AccountId) {
		(seed.into(), payment_key(seed.into()))
	}
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_machine_with_key(_: PublicKey) -> MachineId {
		unreachable!("nothing here signs")
	}
}

impl Config for Test {
	type WeightInfo = ();
	type Machines = MockMachines;
}

/// A service at 0.25 USDT per kilowatt-hour.
pub fn service(kind: ServiceKind) -> Service {
	Service {
		kind,
		unit: Unit::KilowattHour,
		price: 250_000,
		endpoint: Uri::try_from("https://charger.example/1").unwrap(),
		description: None,
	}
}

/// Offers a service of `kind` and returns its id.
pub fn offer(machine: MachineId, kind: ServiceKind) -> ServiceId {
	let id = Catalogues::<Test>::get(machine).next_id;
	Services::offer(RuntimeOrigin::signed(owner(machine)), machine, service(kind)).unwrap();
	id
}

/// Retires `machine` as the identity pallet does.
pub fn retire(machine: MachineId) {
	use pallet_dam_traits::OnMachineChange;
	Services::on_retire(machine).unwrap();
	Retired::set(&[Retired::get(), vec![machine]].concat());
}

pub fn new_test_ext() -> TestExternalities {
	let storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
	let mut ext = TestExternalities::new(storage);
	ext.execute_with(|| System::set_block_number(1));
	ext
}

/// Runs a test and checks the invariants after it.
pub fn build_and_execute(test: impl FnOnce()) {
	new_test_ext().execute_with(|| {
		test();
		Services::do_try_state().unwrap();
	});
}
