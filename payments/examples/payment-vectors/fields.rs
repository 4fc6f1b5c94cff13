//! Calls and events, field by field.

use super::*;
use codec::Compact;

/// A field of a call or an event.
pub struct Field {
	name: &'static str,
	value: Value,
	encoded: Vec<u8>,
}

/// A call or an event: where it stands, and its fields.
#[derive(Clone, Copy)]
pub struct Place {
	/// Pallet and name.
	pub name: &'static str,
	/// Index of the pallet, and of the call or event in it.
	pub indices: [u8; 2],
}

/// A call or an event with its fields.
pub struct Message {
	pub place: Place,
	pub fields: Vec<Field>,
}

impl Message {
	/// Its bytes: both indices, then the fields.
	pub fn encoded(&self) -> Vec<u8> {
		let mut bytes = self.place.indices.to_vec();
		self.fields.iter().for_each(|field| bytes.extend(&field.encoded));
		bytes
	}

	pub fn vector(&self) -> Value {
		let field = |field: &Field| {
			json!({
				"name": field.name,
				"value": field.value,
				"encoded": hex(&field.encoded),
			})
		};
		json!({
			"name": self.place.name,
			"pallet": self.place.indices[0],
			"index": self.place.indices[1],
			"fields": self.fields.iter().map(field).collect::<Vec<_>>(),
			"encoded": hex(&self.encoded()),
		})
	}
}

/// The place of that name.
pub fn place(places: &[Place], name: &str) -> Place {
	*places.iter().find(|place| place.name == name).expect("whatever is made here is listed; qed")
}

/// A field of any type.
pub fn field(name: &'static str, value: impl Into<Value>, encoded: impl Encode) -> Field {
	Field { name, value: value.into(), encoded: encoded.encode() }
}

/// A field whose bytes are at hand.
pub fn raw_field(name: &'static str, value: impl Into<Value>, encoded: Vec<u8>) -> Field {
	Field { name, value: value.into(), encoded }
}

/// A compact number that may be large.
pub fn compact(name: &'static str, number: impl Into<u128>) -> Field {
	let number = number.into();
	field(name, number.to_string(), Compact(number))
}

/// A compact u32.
pub fn compact_u32(name: &'static str, number: u32) -> Field {
	field(name, number, Compact(number))
}

/// A number of eight bytes.
pub fn fixed_u64(name: &'static str, number: u64) -> Field {
	field(name, number.to_string(), number)
}

/// A number of sixteen bytes.
pub fn fixed_u128(name: &'static str, number: u128) -> Field {
	field(name, number.to_string(), number)
}

/// A number of four bytes.
pub fn fixed_u32(name: &'static str, number: u32) -> Field {
	field(name, number, number)
}

/// Whoever is paid.
pub fn payee_field(name: &'static str, who: &Payee<[u8; 32]>) -> Field {
	field(name, payee(who), who)
}

/// A hash.
pub fn hash_field(name: &'static str, hash: [u8; 32]) -> Field {
	field(name, hex(&hash), hash)
}
