//! Spending policies: what an owner lets a machine pay.

use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::{MachineKind, Payee, PaymentFailure};

/// Most payees that a policy lists by name.
pub const MAX_LISTED_PAYEES: u32 = 32;
/// Most co-signed payments that may wait for a machine at a time.
pub const MAX_APPROVALS: u32 = 16;

/// A set of machine kinds.
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
pub struct MachineKinds(u16);

impl MachineKinds {
	/// No kind.
	pub const NONE: Self = Self(0);

	/// Whether `kind` is in the set.
	pub const fn contains(self, kind: MachineKind) -> bool {
		self.0 & (1 << kind as u16) != 0
	}

	/// Whether no kind is in the set.
	pub const fn is_empty(self) -> bool {
		self.0 == 0
	}

	/// The kinds in the set.
	pub fn iter(self) -> impl Iterator<Item = MachineKind> {
		MachineKind::ALL.into_iter().filter(move |kind| self.contains(*kind))
	}

	/// Whether every bit stands for a kind. Decoded sets must be checked.
	pub fn is_known(self) -> bool {
		self.iter().collect::<Self>() == self
	}
}

impl FromIterator<MachineKind> for MachineKinds {
	fn from_iter<I: IntoIterator<Item = MachineKind>>(kinds: I) -> Self {
		Self(kinds.into_iter().fold(0, |set, kind| set | 1 << kind as u16))
	}
}

#[cfg(feature = "serde")]
impl serde::Serialize for MachineKinds {
	/// An array of kinds.
	fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
		serializer.collect_seq(self.iter())
	}
}

/// Whom a machine may pay.
#[derive(
	Clone,
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
#[cfg_attr(
	feature = "serde",
	derive(serde::Serialize),
	serde(rename_all = "camelCase", bound(serialize = "AccountId: serde::Serialize"))
)]
pub enum AllowedPayees<AccountId> {
	/// Anybody.
	#[default]
	#[codec(index = 0)]
	Anyone,
	/// Whoever is listed, and machines of the listed kinds.
	#[codec(index = 1)]
	Only {
		/// By number or account.
		#[cfg_attr(feature = "serde", serde(serialize_with = "list_field"))]
		payees: BoundedVec<Payee<AccountId>, ConstU32<MAX_LISTED_PAYEES>>,
		/// Machines of these kinds, whatever their number. A machine's kind is what it says of
		/// itself at registration or what its owner changed it to: not a proof of anything.
		kinds: MachineKinds,
	},
}

/// A cap on what is paid within a period.
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
pub struct PeriodCap {
	/// Length of the period, in blocks of a second. Never zero.
	#[codec(compact)]
	pub blocks: u32,
	/// Most that is paid in it, in units of 0.000001 USDT.
	#[codec(compact)]
	#[cfg_attr(feature = "serde", serde(serialize_with = "crate::machine::text_field"))]
	pub amount: u128,
}

/// What an owner lets a machine pay. Every rule that is there must be kept.
///
/// Periods begin with the first payment that is made when none runs: over any stretch of time as
/// long as a period, at most twice the cap is paid.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "camelCase"))]
pub struct Policy<AccountId> {
	/// Most that one payment may be, in units of 0.000001 USDT.
	#[cfg_attr(feature = "serde", serde(serialize_with = "optional_text_field"))]
	pub payment_cap: Option<u128>,
	/// Most that is paid within a period.
	pub period_cap: Option<PeriodCap>,
	/// Whom.
	pub payees: AllowedPayees<AccountId>,
	/// A payment of more than this needs the owner's co-signature beforehand, in units of
	/// 0.000001 USDT.
	#[cfg_attr(feature = "serde", serde(serialize_with = "optional_text_field"))]
	pub co_sign_above: Option<u128>,
}

impl<AccountId> Default for Policy<AccountId> {
	/// No rule at all.
	fn default() -> Self {
		Self {
			payment_cap: None,
			period_cap: None,
			payees: AllowedPayees::Anyone,
			co_sign_above: None,
		}
	}
}

/// A payment that was co-signed and waits to be made, once.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "camelCase"))]
pub struct Approval<AccountId> {
	/// Who may be paid.
	pub payee: Payee<AccountId>,
	/// Exactly how much, in units of 0.000001 USDT.
	#[codec(compact)]
	#[cfg_attr(feature = "serde", serde(serialize_with = "crate::machine::text_field"))]
	pub amount: u128,
	/// Last block in which it may be paid.
	pub expires_at: u32,
}

/// Which rule a payment would break.
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
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
pub enum PolicyViolation {
	/// More than [`Policy::payment_cap`].
	PaymentCap,
	/// More than [`Policy::period_cap`] leaves.
	PeriodCap,
	/// Not among [`Policy::payees`].
	Payee,
	/// More than [`Policy::co_sign_above`], and no co-signature waits for exactly this payment.
	CoSignature,
}

impl From<PolicyViolation> for PaymentFailure {
	fn from(violation: PolicyViolation) -> Self {
		match violation {
			PolicyViolation::PaymentCap => Self::ExceedsPaymentCap,
			PolicyViolation::PeriodCap => Self::ExceedsPeriodCap,
			PolicyViolation::Payee => Self::PayeeNotAllowed,
			PolicyViolation::CoSignature => Self::NeedsCoSignature,
		}
	}
}

/// A machine's policy and where it stands, as the runtime API shows it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "camelCase"))]
pub struct PolicyInfo<AccountId> {
	/// The rules.
	pub policy: Policy<AccountId>,
	/// Paid in the running period, in units of 0.000001 USDT; zero if none runs.
	#[cfg_attr(feature = "serde", serde(serialize_with = "crate::machine::text_field"))]
	pub spent: u128,
	/// First block after the running period, if one runs.
	pub period_ends_at: Option<u32>,
	/// Co-signed payments that were not made yet and have not expired.
	pub approvals: alloc::vec::Vec<Approval<AccountId>>,
}

/// See [`crate::machine::text_field`].
#[cfg(feature = "serde")]
fn optional_text_field<S: serde::Serializer>(
	amount: &Option<u128>,
	serializer: S,
) -> Result<S::Ok, S::Error> {
	match amount {
		Some(amount) => crate::machine::text_field(amount, serializer),
		None => serializer.serialize_none(),
	}
}

#[cfg(feature = "serde")]
fn list_field<T: serde::Serialize, S: serde::Serializer>(
	list: &[T],
	serializer: S,
) -> Result<S::Ok, S::Error> {
	serializer.collect_seq(list)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn kinds_should_be_a_set() {
		let kinds: MachineKinds = [MachineKind::Drone, MachineKind::Meter].into_iter().collect();
		assert!(kinds.contains(MachineKind::Drone) && !kinds.contains(MachineKind::Other));
		assert_eq!(
			kinds.iter().collect::<alloc::vec::Vec<_>>(),
			[MachineKind::Meter, MachineKind::Drone]
		);
		assert!(kinds.is_known());
		assert!(MachineKind::ALL.into_iter().collect::<MachineKinds>().is_known());
		assert!(!MachineKinds::decode(&mut &[0, 0x80][..]).unwrap().is_known());
	}

	#[cfg(feature = "did")]
	#[test]
	fn json_should_carry_amounts_as_text() {
		let only = AllowedPayees::Only {
			payees: alloc::vec![Payee::Machine(7), Payee::Account("account")].try_into().unwrap(),
			kinds: [MachineKind::EvCharger].into_iter().collect(),
		};
		let info = PolicyInfo {
			policy: Policy {
				payment_cap: Some(u128::MAX),
				period_cap: Some(PeriodCap { blocks: 86_400, amount: 5 }),
				payees: only,
				co_sign_above: None,
			},
			spent: 3,
			period_ends_at: Some(90),
			approvals: alloc::vec![Approval { payee: Payee::Machine(1), amount: 2, expires_at: 4 }],
		};
		let expected = serde_json::json!({
			"policy": {
				"paymentCap": "340282366920938463463374607431768211455",
				"periodCap": { "blocks": 86_400, "amount": "5" },
				"payees": { "only": {
					"payees": [{ "machine": 7 }, { "account": "account" }],
					"kinds": ["ev-charger"],
				} },
				"coSignAbove": null,
			},
			"spent": "3",
			"periodEndsAt": 90,
			"approvals": [{ "payee": { "machine": 1 }, "amount": "2", "expiresAt": 4 }],
		});
		assert_eq!(serde_json::to_value(&info).unwrap(), expected);
		let open = serde_json::to_value(Policy::<()>::default()).unwrap();
		assert_eq!(open["payees"], "anyone");
	}
}
