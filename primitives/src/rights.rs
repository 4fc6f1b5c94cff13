//! What keys and operators may do for a machine.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Declares a set of rights as a bit field with names.
macro_rules! rights {
	(
		$(#[$meta:meta])* $set:ident {
			$($(#[$right_meta:meta])* $right:ident = $bit:literal, $name:literal;)+
		}
	) => {
		$(#[$meta])*
		#[derive(
			Clone,
			Copy,
			PartialEq,
			Eq,
			Debug,
			Default,
			Encode,
			Decode,
			DecodeWithMemTracking,
			MaxEncodedLen,
			TypeInfo,
		)]
		pub struct $set(u8);

		impl $set {
			$($(#[$right_meta])* pub const $right: Self = Self(1 << $bit);)+
			/// No right at all.
			pub const NONE: Self = Self(0);
			/// Every right that there is.
			pub const ALL: Self = Self(0 $(| 1 << $bit)+);
			/// Each right and its name on command lines and in JSON.
			pub const NAMES: &'static [(Self, &'static str)] = &[$((Self::$right, $name)),+];

			/// The rights of both.
			#[must_use]
			pub const fn and(self, other: Self) -> Self {
				Self(self.0 | other.0)
			}

			/// The rights of `self` that `other` does not have.
			#[must_use]
			pub const fn without(self, other: Self) -> Self {
				Self(self.0 & !other.0)
			}

			/// Whether every right of `other` is among these.
			pub const fn contains(self, other: Self) -> bool {
				self.0 & other.0 == other.0
			}

			/// Whether there is no right among these.
			pub const fn is_empty(self) -> bool {
				self.0 == 0
			}

			/// Whether every bit stands for a right. Decoded sets must be checked.
			pub const fn is_known(self) -> bool {
				Self::ALL.contains(self)
			}

			/// The right of that name.
			pub fn by_name(name: &str) -> Option<Self> {
				Self::NAMES.iter().find(|(_, known)| *known == name).map(|(right, _)| *right)
			}

			/// The names of these rights.
			pub fn names(self) -> impl Iterator<Item = &'static str> {
				Self::NAMES
					.iter()
					.filter(move |(right, _)| self.contains(*right))
					.map(|(_, name)| *name)
			}
		}

		#[cfg(feature = "serde")]
		impl serde::Serialize for $set {
			/// An array of names.
			fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
				serializer.collect_seq(self.names())
			}
		}
	};
}

rights! {
	/// What a key may do for its machine.
	KeyRights {
		/// Spend the machine's money within its policy, and replace itself. Exactly one key of a
		/// machine has this right: its payment key.
		PAY = 0, "pay";
		/// Claim what the machine is owed.
		CLAIM = 1, "claim";
		/// Manage the services that the machine offers.
		SERVICES = 2, "services";
	}
}

rights! {
	/// What an operator may do for a machine in its owner's name.
	OperatorRights {
		/// Suspend, resume, freeze and unfreeze it.
		STATUS = 0, "status";
		/// Replace, add and remove its keys. Whoever holds the payment key spends within the policy.
		KEYS = 1, "keys";
		/// Change what it says of itself.
		PROFILE = 2, "profile";
		/// Manage the services that it offers.
		SERVICES = 3, "services";
		/// Co-sign its payments.
		CO_SIGN = 4, "co-sign";
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn sets_should_combine_and_tell_what_they_hold() {
		let both = KeyRights::PAY.and(KeyRights::CLAIM);
		assert!(both.contains(KeyRights::PAY) && !both.contains(KeyRights::SERVICES));
		assert!(!KeyRights::PAY.contains(both));
		assert_eq!(both.without(KeyRights::PAY), KeyRights::CLAIM);
		assert_eq!(both.names().collect::<alloc::vec::Vec<_>>(), ["pay", "claim"]);
		assert_eq!(KeyRights::by_name("services"), Some(KeyRights::SERVICES));
		assert_eq!(KeyRights::by_name("rule"), None);
	}

	#[test]
	fn unknown_bits_should_be_noticed() {
		let decoded = KeyRights::decode(&mut &[0b1000][..]).unwrap();
		assert!(!decoded.is_known());
		assert!(KeyRights::ALL.is_known() && OperatorRights::ALL.is_known());
	}

	#[test]
	fn bits_should_not_move() {
		assert_eq!(KeyRights::ALL.encode(), [0b111]);
		assert_eq!(OperatorRights::CO_SIGN.encode(), [0b1_0000]);
	}
}
