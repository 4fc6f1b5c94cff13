//! What mandates report.

use dam_primitives::{FailedPull, MachineId, MandateId, Payee};

use super::{decode, ChainError};
use crate::{amount::Usdt, AccountId};

/// An event of a mandate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum MandateEvent {
	/// It was granted.
	Granted {
		/// Its number.
		mandate: MandateId,
		/// Who pays.
		payer: MachineId,
		/// Who may pull.
		payee: Payee<AccountId>,
		/// Most within a period.
		cap: Usdt,
		/// Length of a period, in blocks.
		period: u32,
		/// Last block in which something can be pulled.
		expires_at: u32,
	},
	/// Payer or payee ended it.
	Revoked {
		/// Which mandate.
		mandate: MandateId,
	},
	/// It had expired and is gone.
	Removed {
		/// Which mandate.
		mandate: MandateId,
	},
	/// The payee was paid.
	Pulled {
		/// By which mandate.
		mandate: MandateId,
		/// How much.
		amount: Usdt,
	},
	/// A batch was pulled.
	BatchPulled {
		/// How many items were paid.
		pulled: u32,
		/// How much in all.
		total: Usdt,
		/// Which were not, and why.
		failed: Vec<FailedPull>,
	},
}

impl MandateEvent {
	/// Reads the event `name` of the pallet.
	pub(super) fn read(name: &str, input: &mut &[u8]) -> Result<Option<Self>, ChainError> {
		let what = "an event of a mandate";
		Ok(Some(match name {
			"MandateGranted" => {
				let (mandate, payer, payee, cap, period, expires_at) = decode(what, input)?;
				let cap = Usdt::from_units(cap);
				Self::Granted { mandate, payer, payee, cap, period, expires_at }
			},
			"MandateRevoked" => Self::Revoked { mandate: decode(what, input)? },
			"MandateRemoved" => Self::Removed { mandate: decode(what, input)? },
			"Pulled" => {
				let (mandate, amount) = decode(what, input)?;
				Self::Pulled { mandate, amount: Usdt::from_units(amount) }
			},
			"BatchPulled" => {
				let (pulled, total, failed) = decode(what, input)?;
				Self::BatchPulled { pulled, total: Usdt::from_units(total), failed }
			},
			_ => return Ok(None),
		}))
	}
}
