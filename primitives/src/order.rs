//! Orders as the chain keeps them: money that waits until the goods are there.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::{MachineId, Payee};

/// Number of an order, ascending from 0 and never reused.
pub type OrderId = u64;

/// Most orders of one buyer that are open at a time.
pub const MAX_OPEN_ORDERS: u32 = 1_024;

/// What a buyer offers.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "camelCase"))]
pub struct Offer<AccountId> {
	/// Who delivers and is paid.
	pub seller: Payee<AccountId>,
	/// What it is paid, in units of 0.000001 USDT. Never zero.
	#[codec(compact)]
	#[cfg_attr(feature = "serde", serde(serialize_with = "crate::machine::text_field"))]
	pub amount: u128,
	/// Who decides if the buyer disputes the delivery. Without an arbiter the buyer cannot: the
	/// seller is paid once it says that it has delivered and [`Self::confirm_within`] is over.
	pub arbiter: Option<AccountId>,
	/// Hash of what was agreed: of which document, and made how, is for the parties to know.
	#[cfg_attr(feature = "serde", serde(serialize_with = "crate::machine::hex_field"))]
	pub terms_hash: [u8; 32],
	/// Last block in which the seller can accept.
	#[codec(compact)]
	pub accept_by: u32,
	/// How long the seller has to deliver after it accepted, in blocks. Never zero.
	#[codec(compact)]
	pub deliver_within: u32,
	/// How long the buyer has to confirm or to dispute after the seller delivered, in blocks. Never
	/// zero.
	#[codec(compact)]
	pub confirm_within: u32,
}

/// An order, as it stands in the state.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "camelCase"))]
pub struct Order<AccountId> {
	/// The machine that buys. Its money waits in escrow.
	pub buyer: MachineId,
	/// What it offered. Never changes.
	pub offer: Offer<AccountId>,
	/// How far the order has come.
	pub state: OrderState,
	/// Comes back to the buyer when the order is gone, in units of 0.000001 USDT.
	#[cfg_attr(feature = "serde", serde(serialize_with = "crate::machine::text_field"))]
	pub storage_deposit: u128,
}

/// How far an order has come. Every state ends, if by nobody else then by anybody once its deadline
/// is past; see [`Order::deadline`].
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "camelCase"))]
pub enum OrderState {
	/// Waits for the seller to accept. After the deadline the buyer gets its money back.
	#[codec(index = 0)]
	Offered,
	/// Waits for the seller to deliver. After the deadline the buyer gets its money back.
	#[codec(index = 1)]
	#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
	Accepted {
		/// Last block in which the seller can deliver.
		deliver_by: u32,
	},
	/// Waits for the buyer to confirm or to dispute. After the deadline the seller is paid.
	#[codec(index = 2)]
	#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
	Delivered {
		/// Hash of what the seller says proves it.
		#[cfg_attr(feature = "serde", serde(serialize_with = "crate::machine::hex_field"))]
		delivery: [u8; 32],
		/// Last block in which the buyer can dispute.
		confirm_by: u32,
	},
	/// Waits for the arbiter. After the deadline each side gets half.
	#[codec(index = 3)]
	#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
	Disputed {
		/// Hash of what the seller says proves the delivery.
		#[cfg_attr(feature = "serde", serde(serialize_with = "crate::machine::hex_field"))]
		delivery: [u8; 32],
		/// Hash of what the buyer says proves its complaint.
		#[cfg_attr(feature = "serde", serde(serialize_with = "crate::machine::hex_field"))]
		complaint: [u8; 32],
		/// Last block in which the arbiter can decide.
		resolve_by: u32,
	},
	/// It is decided who gets what, but an account could not take its part: waits until it can.
	/// After the deadline the seller's part is the buyer's, unless the seller's account can take it.
	#[codec(index = 4)]
	#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
	Decided {
		/// What the seller is still to get, in units of 0.000001 USDT.
		#[cfg_attr(feature = "serde", serde(serialize_with = "crate::machine::text_field"))]
		to_seller: u128,
		/// What the buyer is still to get, without the storage deposit, in units of 0.000001 USDT.
		#[cfg_attr(feature = "serde", serde(serialize_with = "crate::machine::text_field"))]
		to_buyer: u128,
		/// Last block in which the seller's part is kept for it.
		pay_by: u32,
	},
}

impl<AccountId> Order<AccountId> {
	/// Last block of what the state waits for.
	pub const fn deadline(&self) -> u32 {
		match self.state {
			OrderState::Offered => self.offer.accept_by,
			OrderState::Accepted { deliver_by } => deliver_by,
			OrderState::Delivered { confirm_by, .. } => confirm_by,
			OrderState::Disputed { resolve_by, .. } => resolve_by,
			OrderState::Decided { pay_by, .. } => pay_by,
		}
	}

	/// Whether the deadline is past in block `now`.
	pub const fn is_late(&self, now: u32) -> bool {
		now > self.deadline()
	}

	/// What waits in escrow for seller and buyer, without the storage deposit, in units of
	/// 0.000001 USDT. `None` is more than there can be: no order of the chain has it.
	pub const fn open_amount(&self) -> Option<u128> {
		match self.state {
			OrderState::Decided { to_seller, to_buyer, .. } => to_seller.checked_add(to_buyer),
			_ => Some(self.offer.amount),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use alloc::{vec, vec::Vec};
	use codec::DecodeAll;

	fn order(state: OrderState) -> Order<[u8; 32]> {
		Order {
			buyer: 0x102,
			offer: Offer {
				seller: Payee::Machine(300),
				amount: 5,
				arbiter: Some([9; 32]),
				terms_hash: [7; 32],
				accept_by: 10,
				deliver_within: 20,
				confirm_within: 30,
			},
			state,
			storage_deposit: 6,
		}
	}

	const STATES: [(OrderState, u32, u128); 5] = [
		(OrderState::Offered, 10, 5),
		(OrderState::Accepted { deliver_by: 11 }, 11, 5),
		(OrderState::Delivered { delivery: [1; 32], confirm_by: 12 }, 12, 5),
		(OrderState::Disputed { delivery: [1; 32], complaint: [2; 32], resolve_by: 13 }, 13, 5),
		(OrderState::Decided { to_seller: 1, to_buyer: 2, pay_by: 14 }, 14, 3),
	];

	fn state_bytes(index: usize) -> Vec<u8> {
		let number = |number: u8, width: usize| {
			let mut bytes = vec![0; width];
			bytes[0] = number;
			bytes
		};
		match index {
			0 => vec![0],
			1 => [vec![1], number(11, 4)].concat(),
			2 => [vec![2], vec![1; 32], number(12, 4)].concat(),
			3 => [vec![3], vec![1; 32], vec![2; 32], number(13, 4)].concat(),
			_ => [vec![4], number(1, 16), number(2, 16), number(14, 4)].concat(),
		}
	}

	#[test]
	fn orders_should_keep_their_layout() {
		for (index, (state, ..)) in STATES.into_iter().enumerate() {
			let mut expected = vec![2, 1, 0, 0, 0, 0, 0, 0];
			expected.extend([0, 0xb1, 0x04, 5 << 2, 1]);
			expected.extend([9; 32]);
			expected.extend([7; 32]);
			expected.extend([10 << 2, 20 << 2, 30 << 2]);
			expected.extend(state_bytes(index));
			expected.extend([6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
			let order = order(state);
			assert_eq!(order.encode(), expected);
			assert_eq!(Order::decode_all(&mut &expected[..]), Ok(order));
		}
	}

	#[test]
	fn every_state_should_have_a_deadline_and_an_open_amount() {
		for (state, deadline, amount) in STATES {
			let order = order(state);
			assert_eq!(order.deadline(), deadline);
			assert!(!order.is_late(deadline) && order.is_late(deadline + 1));
			assert_eq!(order.open_amount(), Some(amount));
		}
		let impossible = OrderState::Decided { to_seller: u128::MAX, to_buyer: 1, pay_by: 0 };
		assert_eq!(order(impossible).open_amount(), None);
	}

	#[cfg(feature = "did")]
	#[test]
	fn json_should_carry_amounts_and_hashes_as_text() {
		let mut order = Order {
			buyer: 1,
			offer: Offer {
				seller: Payee::Account("seller"),
				amount: u128::MAX,
				arbiter: None,
				terms_hash: [7; 32],
				accept_by: 10,
				deliver_within: 20,
				confirm_within: 30,
			},
			state: OrderState::Offered,
			storage_deposit: 6,
		};
		let hash = |digit: &str| alloc::format!("0x{}", digit.repeat(32));
		let mut expected = serde_json::json!({
			"buyer": 1,
			"offer": {
				"seller": { "account": "seller" },
				"amount": "340282366920938463463374607431768211455",
				"arbiter": null,
				"termsHash": hash("07"),
				"acceptBy": 10,
				"deliverWithin": 20,
				"confirmWithin": 30,
			},
			"state": "offered",
			"storageDeposit": "6",
		});
		assert_eq!(serde_json::to_value(&order).unwrap(), expected);
		for (state, json) in [
			(STATES[1].0, serde_json::json!({ "accepted": { "deliverBy": 11 } })),
			(
				STATES[2].0,
				serde_json::json!({ "delivered": { "delivery": hash("01"), "confirmBy": 12 } }),
			),
			(
				STATES[3].0,
				serde_json::json!({ "disputed": {
					"delivery": hash("01"), "complaint": hash("02"), "resolveBy": 13,
				} }),
			),
			(
				STATES[4].0,
				serde_json::json!({ "decided": {
					"toSeller": "1", "toBuyer": "2", "payBy": 14,
				} }),
			),
		] {
			order.state = state;
			expected["state"] = json;
			assert_eq!(serde_json::to_value(&order).unwrap(), expected);
		}
	}
}
