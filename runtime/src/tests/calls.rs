//! Makes calls of the runtime out of its own metadata: every call there is, with arguments that
//! somebody with bad intentions would try.

use crate::*;
use alloc::{collections::BTreeMap, string::String, vec::Vec};
use codec::{Compact, Decode, Encode};
use scale_info::{form::PortableForm, MetaType, PortableRegistry, Type, TypeDef, TypeDefPrimitive};

/// Deepest nesting of calls in calls.
const MAX_DEPTH: usize = 3;
/// Longest list that is made up.
const MAX_LENGTH: u64 = 2;
/// How often a call is made up again when its bytes are not accepted.
const ATTEMPTS: usize = 50;

/// What arguments are chosen from.
pub struct Dictionary {
	/// Accounts that matter.
	pub accounts: Vec<AccountId>,
	/// Numbers that matter: ids, amounts, times.
	pub numbers: Vec<u128>,
	/// Whole calls that cannot be found by chance, because they carry proofs or exact amounts.
	pub calls: Vec<RuntimeCall>,
}

/// Makes calls by choosing. The same seed makes the same calls.
pub struct Generator {
	registry: PortableRegistry,
	call: u32,
	dictionary: Dictionary,
	seed: u64,
}

/// Pallet and call.
pub type CallName = (String, String);

impl Generator {
	pub fn new(dictionary: Dictionary, seed: u64) -> Self {
		let mut registry = scale_info::Registry::new();
		let call = registry.register_type(&MetaType::new::<RuntimeCall>()).id;
		Self { registry: registry.into(), call, dictionary, seed: seed | 1 }
	}

	/// Every call of the runtime: its pallet's and its own index, by name.
	pub fn all_calls(&self) -> BTreeMap<CallName, (u8, u8)> {
		let mut all = BTreeMap::new();
		for pallet in variants(self.resolve(self.call)) {
			let calls = self.resolve(pallet.fields[0].ty.id);
			for call in variants(calls) {
				all.insert((pallet.name.clone(), call.name.clone()), (pallet.index, call.index));
			}
		}
		all
	}

	/// Some call of that name; `None` if no arguments were found whose bytes are accepted.
	pub fn make(&mut self, name: &CallName) -> Option<RuntimeCall> {
		let (pallet, call) = *self.all_calls().get(name)?;
		(0..ATTEMPTS).find_map(|_| {
			let mut bytes = Vec::new();
			self.named_call(pallet, call, 0, &mut bytes);
			RuntimeCall::decode(&mut &bytes[..]).ok()
		})
	}

	/// A number below `end`, by xorshift64.
	pub fn below(&mut self, end: u64) -> u64 {
		self.seed ^= self.seed << 13;
		self.seed ^= self.seed >> 7;
		self.seed ^= self.seed << 17;
		self.seed % end.max(1)
	}

	fn choose<T: Clone>(&mut self, from: &[T]) -> Option<T> {
		let index = self.below(from.len() as u64) as usize;
		from.get(index).cloned()
	}

	fn resolve(&self, id: u32) -> &Type<PortableForm> {
		self.registry.resolve(id).expect("the registry is complete; qed")
	}

	fn named_call(&mut self, pallet: u8, call: u8, depth: usize, out: &mut Vec<u8>) {
		let calls = variants(self.resolve(self.call))
			.iter()
			.find(|variant| variant.index == pallet)
			.expect("the index comes from the same list; qed")
			.fields[0]
			.ty
			.id;
		let fields: Vec<u32> = variants(self.resolve(calls))
			.iter()
			.find(|variant| variant.index == call)
			.expect("the index comes from the same list; qed")
			.fields
			.iter()
			.map(|field| field.ty.id)
			.collect();
		out.extend([pallet, call]);
		for field in fields {
			self.value(field, depth, out);
		}
	}

	/// A call within a call: one that was given whole, or any.
	fn inner_call(&mut self, depth: usize, out: &mut Vec<u8>) {
		let given = self.dictionary.calls.clone();
		if depth >= MAX_DEPTH || self.below(4) > 0 {
			if let Some(call) = self.choose(&given) {
				return call.encode_to(out);
			}
		}
		let all: Vec<(u8, u8)> = self.all_calls().into_values().collect();
		let (pallet, call) = self.choose(&all).expect("there are calls; qed");
		self.named_call(pallet, call, depth, out);
	}

	fn value(&mut self, id: u32, depth: usize, out: &mut Vec<u8>) {
		if id == self.call {
			return self.inner_call(depth + 1, out);
		}
		let ty = self.resolve(id).clone();
		if ty.path.ident().as_deref() == Some("AccountId32") {
			let accounts = self.dictionary.accounts.clone();
			return self.choose(&accounts).expect("there are accounts; qed").encode_to(out);
		}
		// Accounts are named by id: the runtime's lookup knows no other form.
		if ty.path.ident().as_deref() == Some("MultiAddress") {
			out.push(0);
			let fields = &variants(&ty)[0].fields;
			return self.value(fields[0].ty.id, depth, out);
		}
		match ty.type_def {
			TypeDef::Composite(composite) => {
				for field in composite.fields {
					self.value(field.ty.id, depth, out);
				}
			},
			TypeDef::Variant(variants) => {
				let Some(variant) = self.choose(&variants.variants) else { return };
				out.push(variant.index);
				for field in variant.fields {
					self.value(field.ty.id, depth, out);
				}
			},
			TypeDef::Sequence(sequence) => {
				let length = self.below(MAX_LENGTH + 1) as u32;
				Compact(length).encode_to(out);
				for _ in 0..length {
					self.value(sequence.type_param.id, depth, out);
				}
			},
			TypeDef::Array(array) => {
				for _ in 0..array.len {
					self.value(array.type_param.id, depth, out);
				}
			},
			TypeDef::Tuple(tuple) => {
				for field in tuple.fields {
					self.value(field.id, depth, out);
				}
			},
			TypeDef::Primitive(primitive) => self.primitive(&primitive, out),
			TypeDef::Compact(compact) => self.compact(compact.type_param.id, out),
			TypeDef::BitSequence(_) => Compact(0u32).encode_to(out),
		}
	}

	fn number(&mut self) -> u128 {
		let numbers = self.dictionary.numbers.clone();
		self.choose(&numbers).expect("there are numbers; qed")
	}

	fn primitive(&mut self, primitive: &TypeDefPrimitive, out: &mut Vec<u8>) {
		let number = self.number();
		let width = match primitive {
			TypeDefPrimitive::Bool => return out.push((number % 2) as u8),
			TypeDefPrimitive::Char => 4,
			TypeDefPrimitive::Str => return Compact(0u32).encode_to(out),
			TypeDefPrimitive::U8 | TypeDefPrimitive::I8 => 1,
			TypeDefPrimitive::U16 | TypeDefPrimitive::I16 => 2,
			TypeDefPrimitive::U32 | TypeDefPrimitive::I32 => 4,
			TypeDefPrimitive::U64 | TypeDefPrimitive::I64 => 8,
			TypeDefPrimitive::U128 | TypeDefPrimitive::I128 => 16,
			TypeDefPrimitive::U256 | TypeDefPrimitive::I256 => 32,
		};
		let mut bytes = number.to_le_bytes().to_vec();
		bytes.resize(width, 0);
		out.extend(bytes);
	}

	/// A compact number that fits its type. Wrappers of a number are compact like the number.
	fn compact(&mut self, id: u32, out: &mut Vec<u8>) {
		let number = self.number();
		let inner = match &self.resolve(id).type_def {
			TypeDef::Composite(composite) if composite.fields.len() == 1 => {
				self.resolve(composite.fields[0].ty.id).type_def.clone()
			},
			other => other.clone(),
		};
		match inner {
			TypeDef::Primitive(TypeDefPrimitive::U8) => Compact(number as u8).encode_to(out),
			TypeDef::Primitive(TypeDefPrimitive::U16) => Compact(number as u16).encode_to(out),
			TypeDef::Primitive(TypeDefPrimitive::U32) => Compact(number as u32).encode_to(out),
			TypeDef::Primitive(TypeDefPrimitive::U64) => Compact(number as u64).encode_to(out),
			TypeDef::Primitive(TypeDefPrimitive::U128) => Compact(number).encode_to(out),
			// The unit has no bytes.
			_ => {},
		}
	}
}

fn variants(ty: &Type<PortableForm>) -> &[scale_info::Variant<PortableForm>] {
	match &ty.type_def {
		TypeDef::Variant(variants) => &variants.variants,
		other => panic!("expected an enum, got {other:?}"),
	}
}
