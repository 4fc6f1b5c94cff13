//! Calls of mandates.

use dam_primitives::{MachineId, MandateId, Payee};
use subxt::dynamic::Value;

use super::{
	super::values::{bounded, number, payee},
	Parts,
};
use crate::{amount::Usdt, AccountId};

/// What a payee wants out of a mandate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pull {
	/// By which mandate.
	pub mandate: MandateId,
	/// How much.
	pub amount: Usdt,
}

/// What is done with a mandate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum MandateCall {
	/// The payer's payment key or its owner grants one.
	Grant {
		/// Who pays.
		machine: MachineId,
		/// Who may pull.
		payee: Payee<AccountId>,
		/// Most within a period.
		cap: Usdt,
		/// Length of a period, in blocks.
		period: u32,
		/// Last block in which something can be pulled.
		expires_at: u32,
	},
	/// Payer or payee ends one.
	Revoke(MandateId),
	/// The payee pulls.
	Pull(Pull),
	/// The payee pulls, at most [`dam_primitives::mandate::MAX_PULLS`] times.
	PullBatch(Vec<Pull>),
	/// Anybody removes one that has expired.
	Remove(MandateId),
}

impl MandateCall {
	pub(super) fn parts(&self) -> Parts {
		match self {
			Self::Grant { machine, payee: to, cap, period, expires_at } => mandates(
				"grant",
				vec![
					("machine", number(*machine)),
					("payee", payee(to)),
					("cap", number(cap.units())),
					("period", number(*period)),
					("expires_at", number(*expires_at)),
				],
			),
			Self::Revoke(id) => mandates("revoke", vec![mandate(*id)]),
			Self::Pull(Pull { mandate: id, amount }) => {
				mandates("pull", vec![mandate(*id), ("amount", number(amount.units()))])
			},
			Self::PullBatch(pulls) => {
				mandates("pull_batch", vec![("pulls", bounded(pulls.iter().map(pull)))])
			},
			Self::Remove(id) => mandates("remove", vec![mandate(*id)]),
		}
	}
}

fn mandates(call: &'static str, arguments: Vec<(&'static str, Value)>) -> Parts {
	Parts { pallet: "Mandates", call, arguments }
}

fn mandate(id: MandateId) -> (&'static str, Value) {
	("mandate", number(id))
}

fn pull(pull: &Pull) -> Value {
	Value::named_composite([
		("mandate", number(pull.mandate)),
		("amount", number(pull.amount.units())),
	])
}
