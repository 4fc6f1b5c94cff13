//! Services: what machines offer, and for how much.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::{Cid, MachineId, MachineStatus, Uri};

/// Most services that a machine offers at a time.
pub const MAX_SERVICES: u32 = 8;
/// Highest price of a unit: one million USDT, in units of 0.000001 USDT. Keeps every product of a
/// price and a 64-bit quantity far from an overflow.
pub const MAX_PRICE: u128 = 1_000_000_000_000;

/// Number of a service among those of its machine, ascending from 0 and never reused.
pub type ServiceId = u32;

/// What sort of service it is.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
#[cfg_attr(
	feature = "serde",
	derive(serde::Serialize, serde::Deserialize),
	serde(rename_all = "kebab-case")
)]
pub enum ServiceKind {
	/// None of the others; the description tells.
	#[codec(index = 0)]
	Other,
	/// Charges vehicles.
	#[codec(index = 1)]
	Charging,
	/// Delivers electricity, heat or gas.
	#[codec(index = 2)]
	Energy,
	/// Delivers water.
	#[codec(index = 3)]
	Water,
	/// Sells measurements or other data.
	#[codec(index = 4)]
	Data,
	/// Computes.
	#[codec(index = 5)]
	Compute,
	/// Stores data or goods.
	#[codec(index = 6)]
	Storage,
	/// Relays messages or traffic.
	#[codec(index = 7)]
	Connectivity,
	/// Carries goods or people.
	#[codec(index = 8)]
	Transport,
	/// Lets vehicles park.
	#[codec(index = 9)]
	Parking,
	/// Lets vehicles pass.
	#[codec(index = 10)]
	Toll,
	/// Works with hands or tools.
	#[codec(index = 11)]
	Labour,
	/// Sells goods.
	#[codec(index = 12)]
	Goods,
}

impl ServiceKind {
	/// Every kind.
	pub const ALL: [Self; 13] = [
		Self::Other,
		Self::Charging,
		Self::Energy,
		Self::Water,
		Self::Data,
		Self::Compute,
		Self::Storage,
		Self::Connectivity,
		Self::Transport,
		Self::Parking,
		Self::Toll,
		Self::Labour,
		Self::Goods,
	];
}

/// In what a service is counted.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
#[cfg_attr(
	feature = "serde",
	derive(serde::Serialize, serde::Deserialize),
	serde(rename_all = "kebab-case")
)]
pub enum Unit {
	/// A request, a reading, a passage: one of whatever it is.
	#[codec(index = 0)]
	Request,
	/// A kilowatt-hour.
	#[codec(index = 1)]
	KilowattHour,
	/// A litre.
	#[codec(index = 2)]
	Litre,
	/// A cubic metre.
	#[codec(index = 3)]
	CubicMetre,
	/// A kilogram.
	#[codec(index = 4)]
	Kilogram,
	/// A piece.
	#[codec(index = 5)]
	Piece,
	/// A second.
	#[codec(index = 6)]
	Second,
	/// A minute.
	#[codec(index = 7)]
	Minute,
	/// An hour.
	#[codec(index = 8)]
	Hour,
	/// A day.
	#[codec(index = 9)]
	Day,
	/// A kilometre.
	#[codec(index = 10)]
	Kilometre,
	/// A byte.
	#[codec(index = 11)]
	Byte,
	/// A million bytes.
	#[codec(index = 12)]
	Megabyte,
}

impl Unit {
	/// Every unit.
	pub const ALL: [Self; 13] = [
		Self::Request,
		Self::KilowattHour,
		Self::Litre,
		Self::CubicMetre,
		Self::Kilogram,
		Self::Piece,
		Self::Second,
		Self::Minute,
		Self::Hour,
		Self::Day,
		Self::Kilometre,
		Self::Byte,
		Self::Megabyte,
	];
}

/// A service that a machine offers.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "camelCase"))]
pub struct Service {
	/// Sort of service.
	pub kind: ServiceKind,
	/// In what it is counted.
	pub unit: Unit,
	/// Price of one unit, in units of 0.000001 USDT: from 1 to [`MAX_PRICE`].
	#[codec(compact)]
	#[cfg_attr(feature = "serde", serde(serialize_with = "crate::machine::text_field"))]
	pub price: u128,
	/// Where to ask for it: an absolute URI (RFC 3986).
	pub endpoint: Uri,
	/// A document that describes it, if any.
	pub description: Option<Cid>,
}

impl Service {
	/// Price of `quantity` units, in units of 0.000001 USDT; `None` if it overflows, which no price
	/// up to [`MAX_PRICE`] does.
	pub fn cost(&self, quantity: u64) -> Option<u128> {
		self.price.checked_mul(quantity.into())
	}
}

/// A service as the runtime API shows it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "camelCase"))]
pub struct ServiceInfo {
	/// Who offers it.
	pub machine: MachineId,
	/// Whether the machine may act: buy from active ones.
	pub status: MachineStatus,
	/// Its number among the machine's services.
	pub id: ServiceId,
	/// What is offered.
	#[cfg_attr(feature = "serde", serde(flatten))]
	pub service: Service,
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn cost_should_not_overflow_within_the_bounds() {
		let mut service = Service {
			kind: ServiceKind::Charging,
			unit: Unit::KilowattHour,
			price: MAX_PRICE,
			endpoint: Uri::default(),
			description: None,
		};
		assert_eq!(service.cost(u64::MAX), Some(MAX_PRICE * u128::from(u64::MAX)));
		service.price = u128::MAX;
		assert_eq!(service.cost(2), None);
	}
}
