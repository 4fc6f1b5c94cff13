//! Calls of the fee-free quota.

use dam_primitives::MachineId;
use subxt::dynamic::Value;

use super::{super::values::number, machine, Parts};
use crate::Dam;

/// What is done with bonds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum QuotaCall {
	/// The owner bonds DAM for more quota.
	Bond {
		/// Of which machine.
		machine: MachineId,
		/// How much, in addition to what is bonded.
		amount: Dam,
	},
	/// The owner puts a bond, or a part of it, on its way back.
	Unbond {
		/// Of which machine.
		machine: MachineId,
		/// How much.
		amount: Dam,
	},
	/// Anybody gives what has arrived back to whoever bonded it.
	Withdraw(MachineId),
}

impl QuotaCall {
	pub(super) fn parts(&self) -> Parts {
		match self {
			Self::Bond { machine: id, amount } => {
				quota("bond", vec![machine(*id), ("amount", number(amount.units()))])
			},
			Self::Unbond { machine: id, amount } => {
				quota("unbond", vec![machine(*id), ("amount", number(amount.units()))])
			},
			Self::Withdraw(id) => quota("withdraw_unbonded", vec![machine(*id)]),
		}
	}
}

fn quota(call: &'static str, arguments: Vec<(&'static str, Value)>) -> Parts {
	Parts { pallet: "FreeQuota", call, arguments }
}
