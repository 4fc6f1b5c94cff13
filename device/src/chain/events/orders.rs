//! What orders report.

use dam_primitives::{MachineId, OrderId, Payee};

use super::{decode, ChainError};
use crate::{amount::Usdt, AccountId};

/// An event of an order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OrderEvent {
	/// It was offered.
	Offered {
		/// Its number.
		order: OrderId,
		/// Who buys.
		buyer: MachineId,
		/// Who is to deliver.
		seller: Payee<AccountId>,
		/// What the seller is to be paid.
		amount: Usdt,
	},
	/// The seller accepted.
	Accepted {
		/// Which order.
		order: OrderId,
		/// Last block in which the seller can deliver.
		deliver_by: u32,
	},
	/// The seller delivered, as it says.
	Delivered {
		/// Which order.
		order: OrderId,
		/// Hash of what proves it.
		evidence: [u8; 32],
		/// Last block in which the buyer can dispute.
		confirm_by: u32,
	},
	/// The buyer disputes the delivery.
	Disputed {
		/// Which order.
		order: OrderId,
		/// Hash of what proves the complaint.
		evidence: [u8; 32],
		/// Last block in which the arbiter can decide.
		resolve_by: u32,
	},
	/// It was decided who gets what of the amount.
	Decided {
		/// Which order.
		order: OrderId,
		/// What is the seller's.
		to_seller: Usdt,
		/// What is the buyer's.
		to_buyer: Usdt,
	},
	/// What could be paid out was.
	PaidOut {
		/// Which order.
		order: OrderId,
		/// What the seller got, this time.
		to_seller: Usdt,
		/// What went back to the buyer, this time, without the storage deposit.
		to_buyer: Usdt,
		/// Whether the order is gone.
		closed: bool,
	},
}

impl OrderEvent {
	/// Reads the event `name` of the pallet.
	pub(super) fn read(name: &str, input: &mut &[u8]) -> Result<Option<Self>, ChainError> {
		let what = "an event of an order";
		Ok(Some(match name {
			"Offered" => {
				let (order, buyer, seller, amount) = decode(what, input)?;
				Self::Offered { order, buyer, seller, amount: Usdt::from_units(amount) }
			},
			"Accepted" => {
				let (order, deliver_by) = decode(what, input)?;
				Self::Accepted { order, deliver_by }
			},
			"Delivered" => {
				let (order, evidence, confirm_by) = decode(what, input)?;
				Self::Delivered { order, evidence, confirm_by }
			},
			"Disputed" => {
				let (order, evidence, resolve_by) = decode(what, input)?;
				Self::Disputed { order, evidence, resolve_by }
			},
			"Decided" => {
				let (order, to_seller, to_buyer) = decode(what, input)?;
				let (to_seller, to_buyer) =
					(Usdt::from_units(to_seller), Usdt::from_units(to_buyer));
				Self::Decided { order, to_seller, to_buyer }
			},
			"PaidOut" => {
				let (order, to_seller, to_buyer, closed) = decode(what, input)?;
				let (to_seller, to_buyer) =
					(Usdt::from_units(to_seller), Usdt::from_units(to_buyer));
				Self::PaidOut { order, to_seller, to_buyer, closed }
			},
			_ => return Ok(None),
		}))
	}
}
