//! A runtime of this pallet alone, in which machines up to 20 exist and have one owner and one
//! operator.

use crate::{self as pallet_spending_policy, *};
use dam_primitives::{
	machine::machine_at, machine_account, KeyRights, MachineKind, MachineStatus, PublicKey,
};
use frame_support::{derive_impl, parameter_types};
use sp_io::TestExternalities;
use sp_runtime::{traits::IdentityLookup, BuildStorage, DispatchError, DispatchResult};

type Block = frame_system::mocking::MockBlockU32<Test>;
pub type AccountId = AccountId32;

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
	pub type SpendingPolicy = pallet_spending_policy;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
	type AccountId = AccountId;
	type Lookup = IdentityLookup<AccountId>;
}

/// How many machines there are.
pub const MACHINES: MachineId = 20;
/// How far ahead approvals may expire, unless a test says otherwise.
pub const LIFETIME: u32 = 100;

parameter_types! {
	/// Machines that are retired.
	pub storage Retired: Vec<MachineId> = Vec::new();
	/// How often a machine's kind was asked for.
	pub static KindReads: u32 = 0;
	/// How far ahead approvals may expire.
	pub static MaxApprovalLifetime: u32 = LIFETIME;
	/// How far machines' addresses are from where they should be.
	pub static AddressShift: MachineId = 0;
}

/// Who owns every machine.
pub fn owner() -> AccountId {
	[201; 32].into()
}

/// Operator of every machine, with the right to co-sign and no other.
pub fn co_signer() -> AccountId {
	[202; 32].into()
}

/// Operator of every machine, with every right but that to co-sign.
pub fn manager() -> AccountId {
	[203; 32].into()
}

/// Machines whose kind is that of their number.
pub struct MockMachines;
impl Machines<AccountId> for MockMachines {
	fn authorize(_: &AccountId, _: KeyRights) -> Result<MachineId, DispatchError> {
		Err(DispatchError::Other("no machine's key"))
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
	fn permit(who: &AccountId, machine: MachineId, right: OperatorRights) -> DispatchResult {
		let rights = match who {
			who if *who == co_signer() => OperatorRights::CO_SIGN,
			who if *who == manager() => OperatorRights::ALL.without(OperatorRights::CO_SIGN),
			_ => return Self::permit_owner(who, machine),
		};
		match Self::status(machine) {
			None => Err(DispatchError::Other("no machine")),
			Some(MachineStatus::Retired) => Err(DispatchError::Other("retired")),
			_ if rights.contains(right) => Ok(()),
			_ => Err(DispatchError::Other("no right")),
		}
	}
	fn permit_owner(who: &AccountId, machine: MachineId) -> DispatchResult {
		match Self::status(machine) {
			None => Err(DispatchError::Other("no machine")),
			Some(MachineStatus::Retired) => Err(DispatchError::Other("retired")),
			_ if *who == owner() => Ok(()),
			_ => Err(DispatchError::Other("not the owner")),
		}
	}
	fn status(id: MachineId) -> Option<MachineStatus> {
		if Retired::get().contains(&id) {
			return Some(MachineStatus::Retired);
		}
		(id < MACHINES).then_some(MachineStatus::Active)
	}
	fn kind(id: MachineId) -> Option<MachineKind> {
		KindReads::mutate(|reads| *reads += 1);
		(id < MACHINES).then(|| kind_of(id))
	}
	fn owner(id: MachineId) -> Option<AccountId> {
		(id < MACHINES).then(owner)
	}
	fn account(id: MachineId) -> AccountId {
		machine_account(id + AddressShift::get()).into()
	}
	fn machine_at(account: &AccountId) -> Option<MachineId> {
		machine_at(account.as_ref())
	}
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_machine(seed: u32) -> (MachineId, AccountId) {
		(seed.into(), [seed as u8; 32].into())
	}
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_machine_with_key(_: PublicKey) -> MachineId {
		unreachable!("nothing here signs")
	}
}

/// Of what kind a machine is.
pub fn kind_of(machine: MachineId) -> MachineKind {
	MachineKind::ALL[machine as usize % MachineKind::ALL.len()]
}

impl Config for Test {
	type WeightInfo = ();
	type Machines = MockMachines;
	type MaxApprovalLifetime = MaxApprovalLifetime;
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
		Pallet::<Test>::do_try_state().unwrap();
	});
}
