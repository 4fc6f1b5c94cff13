//! The small traits through which the pallets of DAM Chain meet in the runtime.
//!
//! A pallet never names another pallet: it names one of these on its `Config`, and the runtime
//! joins them.

#![cfg_attr(not(feature = "std"), no_std)]

pub mod fees;
pub mod keys;
pub mod till;

pub use fees::FeePolicy;
pub use keys::{account_of, multi_signature, verify, HostCrypto};
pub use till::{OnIncome, PayOut, Till};

use dam_primitives::{
	KeyRights, MachineId, MachineKind, MachineStatus, OperatorRights, Payee, PolicyViolation,
	PublicKey,
};
use polkadot_sdk::sp_runtime::{DispatchError, DispatchResult};

/// Who the machines are and which key acts for which.
pub trait Machines<AccountId> {
	/// The machine for which `key` may use `right` now, or why it may not for any.
	///
	/// To [`KeyRights::PAY`] the machine must be active; to the other rights it may be suspended.
	/// None is given to keys that are frozen, and none for a retired machine.
	fn authorize(key: &AccountId, right: KeyRights) -> Result<MachineId, DispatchError>;

	/// The machine for which `key` signed, if what it signed still settles: its present payment key,
	/// frozen or not, or a past one within its horizon.
	fn signer(key: &AccountId) -> Result<MachineId, DispatchError>;

	/// The machine for which `key` acts or acted, whatever its rights.
	fn machine_of_key(key: &AccountId) -> Option<MachineId>;

	/// The present payment key of `id`, frozen or not; `None` if there is no such machine, or it is
	/// retired.
	fn payment_key(id: MachineId) -> Option<PublicKey>;

	/// Whether the payment key of `id` may use [`KeyRights::PAY`] now: the machine is active, and its
	/// keys are not frozen.
	fn may_spend(id: MachineId) -> bool;

	/// Whether `who` decides over what `machine` has promised to pay: its payment key, while it may
	/// spend, or its owner.
	fn is_payer(who: &AccountId, machine: MachineId) -> bool {
		Self::authorize(who, KeyRights::PAY) == Ok(machine)
			|| Self::permit_owner(who, machine).is_ok()
	}

	/// Whether `who` may take what `payee` is owed, or waive it: the account itself; for a machine a
	/// key of it with [`KeyRights::CLAIM`], or its owner, also after it was retired.
	fn is_payee(who: &AccountId, payee: &Payee<AccountId>) -> bool
	where
		AccountId: PartialEq,
	{
		match payee {
			Payee::Account(account) => account == who,
			Payee::Machine(machine) => {
				Self::authorize(who, KeyRights::CLAIM) == Ok(*machine)
					|| Self::owner(*machine).as_ref() == Some(who)
			},
		}
	}

	/// Whether `who` is the owner of `machine`, or its operator with `right`. An error tells why
	/// not. Retired machines permit nothing.
	fn permit(who: &AccountId, machine: MachineId, right: OperatorRights) -> DispatchResult;

	/// Whether `who` is the owner of `machine`. An error tells why not. Retired machines permit
	/// nothing.
	fn permit_owner(who: &AccountId, machine: MachineId) -> DispatchResult;

	/// The status of `id`; `None` if there is no such machine.
	fn status(id: MachineId) -> Option<MachineStatus>;

	/// Whether `id` may be paid: registered and not retired.
	fn is_payable(id: MachineId) -> bool {
		Self::status(id).is_some_and(|status| status != MachineStatus::Retired)
	}

	/// What sort of machine `id` is, whatever its status.
	fn kind(id: MachineId) -> Option<MachineKind>;

	/// Who owns `id`, whatever its status.
	fn owner(id: MachineId) -> Option<AccountId>;

	/// The sovereign account of `id`, whether or not such a machine exists.
	fn account(id: MachineId) -> AccountId;

	/// The number of the machine whose sovereign account `account` is, whether or not such a machine
	/// exists.
	fn machine_at(account: &AccountId) -> Option<MachineId>;

	/// Prepares an active machine for a benchmark, owned by the benchmarks' whitelisted caller, and
	/// returns a key that acts for it.
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_machine(seed: u32) -> (MachineId, AccountId);

	/// As [`benchmark_machine`](Self::benchmark_machine), with a payment key that the benchmark can
	/// sign with. Every key is good for one machine.
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_machine_with_key(key: PublicKey) -> MachineId;
}

/// What every path asks before it takes money out of a machine's wallet on a key's authority.
///
/// A path begins once ([`SpendingPolicy::begin`]), asks for every payment ([`Spending::allow`]),
/// says which were made ([`Spending::made`]), and ends ([`Spending::finish`]): so a batch reads and
/// writes the policy's storage once.
pub trait SpendingPolicy<AccountId> {
	/// A call's worth of payments.
	type Spending: Spending<AccountId>;

	/// Begins with the policy of `machine` and what it has spent so far.
	fn begin(machine: MachineId) -> Self::Spending;

	/// Sets the strictest policy that allows everything, for benchmarks at the worst case: payments
	/// of less than [`BENCHMARK_AMOUNT`] to any machine and to `payee`, and one of exactly that
	/// amount to `payee`, which is co-signed.
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_policy(machine: MachineId, payee: &Payee<AccountId>);
}

/// The payment that [`SpendingPolicy::benchmark_policy`] co-signs, in units of 0.000001 USDT: enough
/// to open an account.
#[cfg(feature = "runtime-benchmarks")]
pub const BENCHMARK_AMOUNT: u128 = 100_000;

/// See [`SpendingPolicy`].
#[must_use = "payments that are not finished are not counted"]
pub trait Spending<AccountId> {
	/// Whether `amount`, in units of 0.000001 USDT, may be paid to `payee` now, after what was
	/// [`made`](Self::made) before.
	fn allow(&self, payee: &Payee<AccountId>, amount: u128) -> Result<(), PolicyViolation>;

	/// Counts a payment that was allowed and made.
	fn made(&mut self, payee: &Payee<AccountId>, amount: u128);

	/// Writes down what was made.
	fn finish(self);
}

/// No policy: everything is allowed, nothing is counted.
impl<AccountId> SpendingPolicy<AccountId> for () {
	type Spending = ();

	fn begin(_: MachineId) -> Self::Spending {}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_policy(_: MachineId, _: &Payee<AccountId>) {}
}

impl<AccountId> Spending<AccountId> for () {
	fn allow(&self, _: &Payee<AccountId>, _: u128) -> Result<(), PolicyViolation> {
		Ok(())
	}

	fn made(&mut self, _: &Payee<AccountId>, _: u128) {}

	fn finish(self) {}
}

/// The wallets in which machines keep their money.
pub trait Wallets<AccountId> {
	/// Lets `wallet` take payments of any size from now on, at the cost of `depositor`. The cost
	/// stands in the wallet's own account until it is closed: it changes hands with the machine.
	fn open(wallet: &AccountId, depositor: &AccountId) -> DispatchResult;

	/// Empties `wallet` into `beneficiary`, together with what it cost to open it. If `beneficiary`
	/// has no account for so little, that costs it a deposit.
	fn close(wallet: &AccountId, beneficiary: &AccountId) -> DispatchResult;

	/// Makes the next [`open`](Self::open) of `wallet` as costly as it can be.
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_open(_wallet: &AccountId) {}

	/// Makes the next [`close`](Self::close) of `wallet`, which is open, as costly as it can be.
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_close(_wallet: &AccountId) {}
}

/// What other pallets must do, or refuse, when a machine changes.
pub trait OnMachineChange<AccountId> {
	/// `machine` is about to be retired. An error keeps it alive.
	fn on_retire(_machine: MachineId) -> DispatchResult {
		Ok(())
	}

	/// `machine` has another owner from now on, and no operator.
	fn on_transfer(_machine: MachineId) {}

	/// `machine` has another operator from now on, or none.
	fn on_operator_change(_machine: MachineId) {}

	/// Keeps for `machine` as much as is ever kept for one, so that benchmarks measure its end at
	/// the worst case.
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_fill(_machine: MachineId) {}
}

#[impl_trait_for_tuples::impl_for_tuples(16)]
#[tuple_types_custom_trait_bound(OnMachineChange<AccountId>)]
impl<AccountId> OnMachineChange<AccountId> for Tuple {
	fn on_retire(machine: MachineId) -> DispatchResult {
		for_tuples!( #( Tuple::on_retire(machine)?; )* );
		Ok(())
	}

	fn on_transfer(machine: MachineId) {
		for_tuples!( #( Tuple::on_transfer(machine); )* );
	}

	fn on_operator_change(machine: MachineId) {
		for_tuples!( #( Tuple::on_operator_change(machine); )* );
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_fill(machine: MachineId) {
		for_tuples!( #( Tuple::benchmark_fill(machine); )* );
	}
}
