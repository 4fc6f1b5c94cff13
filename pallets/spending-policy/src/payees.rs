//! Payees: when two of them are the same, and whether one is allowed.

use crate::*;
use core::cmp::Ordering;
use dam_primitives::{machine::machine_at, AllowedPayees};

/// The payee in its normal form: the machine, if it is a machine's address.
///
/// Two payees are the same if and only if their normal forms are equal.
pub fn normal_form(payee: Payee<AccountId32>) -> Payee<AccountId32> {
	match payee {
		Payee::Account(account) => match machine_at(account.as_ref()) {
			Some(machine) => Payee::Machine(machine),
			None => Payee::Account(account),
		},
		Payee::Machine(machine) => Payee::Machine(machine),
	}
}

/// The order of stored lists: machines by their number, then accounts by their bytes.
pub fn order(one: &Payee<AccountId32>, other: &Payee<AccountId32>) -> Ordering {
	fn key(payee: &Payee<AccountId32>) -> (Option<&AccountId32>, MachineId) {
		match payee {
			Payee::Machine(machine) => (None, *machine),
			Payee::Account(account) => (Some(account), 0),
		}
	}
	key(one).cmp(&key(other))
}

impl<T: Config> Pallet<T> {
	/// Whether `payee`, in its normal form, is among the stored `allowed`.
	pub(crate) fn is_allowed(
		allowed: &AllowedPayees<T::AccountId>,
		payee: &Payee<T::AccountId>,
	) -> bool {
		let AllowedPayees::Only { payees, kinds } = allowed else { return true };
		if payees.binary_search_by(|listed| order(listed, payee)).is_ok() {
			return true;
		}
		match payee {
			Payee::Machine(machine) if !kinds.is_empty() => {
				T::Machines::kind(*machine).is_some_and(|kind| kinds.contains(kind))
			},
			_ => false,
		}
	}
}
