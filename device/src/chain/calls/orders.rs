//! Calls of orders.

use dam_primitives::{order::Offer, OrderId};
use subxt::dynamic::Value;

use super::{
	super::values::{account, number, option, payee},
	Parts,
};
use crate::{amount::Usdt, AccountId};

/// What is done with an order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OrderCall {
	/// The buyer's payment key offers one.
	Offer(Offer<AccountId>),
	/// The seller accepts.
	Accept(OrderId),
	/// The seller gives in, the buyer withdraws its offer, or anybody ends what is late.
	Cancel(OrderId),
	/// The seller says that it has delivered.
	Deliver {
		/// Which order.
		order: OrderId,
		/// Hash of what proves it.
		evidence: [u8; 32],
	},
	/// The buyer has the seller paid.
	Confirm(OrderId),
	/// The buyer complains.
	Dispute {
		/// Which order.
		order: OrderId,
		/// Hash of what proves the complaint.
		evidence: [u8; 32],
	},
	/// Anybody has the seller paid whose delivery nobody disputed in time, or what could not be paid
	/// before.
	Release(OrderId),
	/// The arbiter decides.
	Resolve {
		/// Which order.
		order: OrderId,
		/// What the seller gets; the rest is the buyer's.
		to_seller: Usdt,
	},
	/// Anybody ends a dispute that was not decided in time.
	ExpireDispute(OrderId),
}

impl OrderCall {
	pub(super) fn parts(&self) -> Parts {
		match self {
			Self::Offer(one) => orders("offer", vec![("offer", offer(one))]),
			Self::Accept(id) => orders("accept", vec![order(*id)]),
			Self::Cancel(id) => orders("cancel", vec![order(*id)]),
			Self::Deliver { order: id, evidence } => {
				orders("deliver", vec![order(*id), ("evidence", Value::from_bytes(evidence))])
			},
			Self::Confirm(id) => orders("confirm", vec![order(*id)]),
			Self::Dispute { order: id, evidence } => {
				orders("dispute", vec![order(*id), ("evidence", Value::from_bytes(evidence))])
			},
			Self::Release(id) => orders("release", vec![order(*id)]),
			Self::Resolve { order: id, to_seller } => {
				orders("resolve", vec![order(*id), ("to_seller", number(to_seller.units()))])
			},
			Self::ExpireDispute(id) => orders("expire_dispute", vec![order(*id)]),
		}
	}
}

fn orders(call: &'static str, arguments: Vec<(&'static str, Value)>) -> Parts {
	Parts { pallet: "Orders", call, arguments }
}

fn order(id: OrderId) -> (&'static str, Value) {
	("order", number(id))
}

fn offer(offer: &Offer<AccountId>) -> Value {
	Value::named_composite([
		("seller", payee(&offer.seller)),
		("amount", number(offer.amount)),
		("arbiter", option(offer.arbiter.as_ref().map(account))),
		("terms_hash", Value::from_bytes(offer.terms_hash)),
		("accept_by", number(offer.accept_by)),
		("deliver_within", number(offer.deliver_within)),
		("confirm_within", number(offer.confirm_within)),
	])
}

#[cfg(test)]
mod tests {
	use super::*;
	use codec::Encode;
	use dam_primitives::Payee;
	use scale_info::{MetaType, PortableRegistry, Registry};
	use subxt::ext::scale_value::scale::encode_as_type;

	#[test]
	fn offers_should_encode_as_their_type() {
		let mut registry = Registry::new();
		let id = registry.register_type(&MetaType::new::<Offer<AccountId>>()).id;
		let registry = PortableRegistry::from(registry);
		for arbiter in [None, Some(AccountId::from([9; 32]))] {
			for seller in [Payee::Machine(300), Payee::Account(AccountId::from([4; 32]))] {
				let one = Offer {
					seller,
					amount: u128::MAX,
					arbiter,
					terms_hash: [7; 32],
					accept_by: 10,
					deliver_within: 1 << 20,
					confirm_within: u32::MAX,
				};
				let mut bytes = Vec::new();
				encode_as_type(&offer(&one), id, &registry, &mut bytes).unwrap();
				assert_eq!(bytes, one.encode());
			}
		}
	}
}
