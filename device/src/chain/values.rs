//! What calls carry, as values that subxt encodes against the chain's metadata.
//!
//! Structures are spelled out as the chain has them, newtypes and all, so that nothing is left to
//! the encoder's guessing; the tests compare each with the encoding of the type itself.

use codec::Encode;
use dam_primitives::{
	policy::PeriodCap, AllowedPayees, Approval, ClaimType, Intent, KeyRights, MachineId,
	MachineKinds, MachineProfile, OperatorInfo, Payee, Payment, Policy, PublicKey, RevealedLink,
	Service, Signature, SignedIntent, SignedVoucher, Subject, Terms,
};
use subxt::dynamic::Value;

use super::FriendGroup;
use crate::{
	agreement::KeyAgreement,
	attestations::{NewAttestation, Renewal, Revocation},
	registration::Registration,
	AccountId,
};

/// A number of whatever width, compact or not.
pub(super) fn number(number: impl Into<u128>) -> Value {
	Value::u128(number.into())
}

/// A struct with one unnamed field.
fn newtype(value: Value) -> Value {
	Value::unnamed_composite([value])
}

/// A bounded list: a newtype around a sequence.
pub(super) fn bounded(items: impl IntoIterator<Item = Value>) -> Value {
	newtype(list(items))
}

/// A sequence.
pub(super) fn list(items: impl IntoIterator<Item = Value>) -> Value {
	Value::unnamed_composite(items.into_iter().collect::<Vec<_>>())
}

pub(super) fn option(value: Option<Value>) -> Value {
	match value {
		Some(value) => Value::unnamed_variant("Some", [value]),
		None => Value::unnamed_variant("None", []),
	}
}

pub(super) fn account(account: &AccountId) -> Value {
	newtype(Value::from_bytes(account.0))
}

/// An account as calls of the SDK's own pallets name it.
pub(super) fn address(of: &AccountId) -> Value {
	Value::unnamed_variant("Id", [account(of)])
}

/// A variant without fields, which is named on chain as it is in Rust.
fn unit_variant(variant: &impl std::fmt::Debug) -> Value {
	Value::unnamed_variant(format!("{variant:?}"), [])
}

pub(super) fn payee(payee: &Payee<AccountId>) -> Value {
	match payee {
		Payee::Machine(machine) => Value::unnamed_variant("Machine", [number(*machine)]),
		Payee::Account(who) => Value::unnamed_variant("Account", [account(who)]),
	}
}

pub(super) fn payment(payment: &Payment<AccountId>) -> Value {
	Value::named_composite([("payee", payee(&payment.payee)), ("amount", number(payment.amount))])
}

pub(super) fn terms(terms: &Terms) -> Value {
	match terms {
		Terms::Vouchers => Value::unnamed_variant("Vouchers", []),
		Terms::HashChain { root, length, unit } => Value::named_variant(
			"HashChain",
			[
				("root", Value::from_bytes(root)),
				("length", number(*length)),
				("unit", number(*unit)),
			],
		),
	}
}

pub(super) fn voucher(voucher: &SignedVoucher) -> Value {
	Value::named_composite([
		("channel", number(voucher.channel)),
		("amount", number(voucher.amount)),
		("signature", signature(&voucher.signature)),
	])
}

pub(super) fn revealed_link(revealed: &RevealedLink) -> Value {
	Value::named_composite([
		("channel", number(revealed.channel)),
		("index", number(revealed.index)),
		("link", Value::from_bytes(revealed.link)),
	])
}

pub(super) fn signed_intent(signed: &SignedIntent) -> Value {
	Value::named_composite([
		("intent", intent(&signed.intent)),
		("signature", signature(&signed.signature)),
	])
}

fn intent(intent: &Intent) -> Value {
	let to = match intent.payee {
		Payee::Machine(machine) => Value::unnamed_variant("Machine", [number(machine)]),
		Payee::Account(bytes) => Value::unnamed_variant("Account", [Value::from_bytes(bytes)]),
	};
	Value::named_composite([
		("payer", number(intent.payer)),
		("payee", to),
		("amount", number(intent.amount)),
		("relay_fee", number(intent.relay_fee)),
		("valid_from", number(intent.valid_from)),
		("valid_until", number(intent.valid_until)),
		("nonce", number(intent.nonce)),
	])
}

pub(super) fn machines(ids: &[MachineId]) -> Value {
	bounded(ids.iter().map(|id| number(*id)))
}

pub(super) fn registration(registration: &Registration) -> Value {
	Value::named_composite([
		("key", public_key(&registration.key)),
		("profile", profile(&registration.profile)),
		("expires_at", number(registration.expires_at)),
		("proof", signature(&registration.proof)),
	])
}

pub(super) fn new_key(agreement: &KeyAgreement) -> Value {
	Value::named_composite([
		("key", public_key(&agreement.key)),
		("expires_at", number(agreement.expires_at)),
		("proof", signature(&agreement.proof)),
	])
}

pub(super) fn public_key(key: &PublicKey) -> Value {
	match key {
		PublicKey::Ed25519(bytes) => Value::unnamed_variant("Ed25519", [Value::from_bytes(bytes)]),
		PublicKey::Sr25519(bytes) => Value::unnamed_variant("Sr25519", [Value::from_bytes(bytes)]),
		PublicKey::Ecdsa(bytes) => Value::unnamed_variant("Ecdsa", [Value::from_bytes(bytes)]),
	}
}

/// The SDK wraps the bytes in types of its own, which the encoder skips.
pub(super) fn signature(signature: &Signature) -> Value {
	match signature {
		Signature::Ed25519(bytes) => Value::unnamed_variant("Ed25519", [Value::from_bytes(bytes)]),
		Signature::Sr25519(bytes) => Value::unnamed_variant("Sr25519", [Value::from_bytes(bytes)]),
		Signature::Ecdsa(bytes) => Value::unnamed_variant("Ecdsa", [Value::from_bytes(bytes)]),
	}
}

pub(super) fn profile(profile: &MachineProfile) -> Value {
	let metadata = profile.metadata.as_ref().map(|metadata| {
		Value::named_composite([
			("hash", Value::from_bytes(metadata.hash)),
			("uri", bounded_bytes(&metadata.uri.0)),
		])
	});
	Value::named_composite([("kind", unit_variant(&profile.kind)), ("metadata", option(metadata))])
}

/// A newtype around bounded bytes: a URI or a CID.
fn bounded_bytes(bytes: &[u8]) -> Value {
	newtype(newtype(Value::from_bytes(bytes)))
}

pub(super) fn key_rights(rights: KeyRights) -> Value {
	newtype(bits(&rights))
}

/// A set of flags as the number behind it.
fn bits(set: &impl Encode) -> Value {
	let number = set.encode().iter().rev().fold(0u128, |bits, byte| bits << 8 | u128::from(*byte));
	Value::u128(number)
}

pub(super) fn operator(operator: &OperatorInfo<AccountId>) -> Value {
	Value::named_composite([
		("account", account(&operator.account)),
		("rights", newtype(bits(&operator.rights))),
	])
}

pub(super) fn policy(policy: &Policy<AccountId>) -> Value {
	Value::named_composite([
		("payment_cap", option(policy.payment_cap.map(number))),
		("period_cap", option(policy.period_cap.as_ref().map(period_cap))),
		("payees", allowed_payees(&policy.payees)),
		("co_sign_above", option(policy.co_sign_above.map(number))),
	])
}

fn period_cap(cap: &PeriodCap) -> Value {
	Value::named_composite([("blocks", number(cap.blocks)), ("amount", number(cap.amount))])
}

fn allowed_payees(allowed: &AllowedPayees<AccountId>) -> Value {
	match allowed {
		AllowedPayees::Anyone => Value::unnamed_variant("Anyone", []),
		AllowedPayees::Only { payees, kinds } => Value::named_variant(
			"Only",
			[("payees", bounded(payees.iter().map(payee))), ("kinds", machine_kinds(*kinds))],
		),
	}
}

fn machine_kinds(kinds: MachineKinds) -> Value {
	newtype(bits(&kinds))
}

pub(super) fn approval(approval: &Approval<AccountId>) -> Value {
	Value::named_composite([
		("payee", payee(&approval.payee)),
		("amount", number(approval.amount)),
		("expires_at", number(approval.expires_at)),
	])
}

pub(super) fn service(service: &Service) -> Value {
	Value::named_composite([
		("kind", unit_variant(&service.kind)),
		("unit", unit_variant(&service.unit)),
		("price", number(service.price)),
		("endpoint", bounded_bytes(&service.endpoint.0)),
		("description", option(service.description.as_ref().map(|cid| bounded_bytes(&cid.0)))),
	])
}

pub(super) fn subject(subject: &Subject<AccountId>) -> Value {
	match subject {
		Subject::Machine(machine) => Value::unnamed_variant("Machine", [number(*machine)]),
		Subject::Account(who) => Value::unnamed_variant("Account", [account(who)]),
	}
}

pub(super) fn claim(claim: ClaimType) -> Value {
	unit_variant(&claim)
}

pub(super) fn new_attestation(item: &NewAttestation) -> Value {
	Value::named_composite([
		("subject", subject(&item.subject)),
		("claim", claim(item.claim)),
		("evidence", Value::from_bytes(item.evidence)),
		("expires_at", number(item.expires_at)),
	])
}

pub(super) fn renewal(item: &Renewal) -> Value {
	Value::named_composite([
		("subject", subject(&item.subject)),
		("claim", claim(item.claim)),
		("expires_at", number(item.expires_at)),
	])
}

pub(super) fn revocation(item: &Revocation) -> Value {
	Value::named_composite([("subject", subject(&item.subject)), ("claim", claim(item.claim))])
}

pub(super) fn friend_group(group: &FriendGroup) -> Value {
	Value::named_composite([
		("friends", bounded(group.friends.iter().map(account))),
		("friends_needed", number(group.friends_needed)),
		("inheritor", account(&group.inheritor)),
		("inheritance_delay", number(group.inheritance_delay)),
		("inheritance_priority", number(group.inheritance_priority)),
		("cancel_delay", number(group.cancel_delay)),
	])
}

#[cfg(test)]
mod tests {
	use super::*;
	use dam_primitives::{Cid, MachineKind, Metadata, OperatorRights, ServiceKind, Unit, Uri};
	use scale_info::{MetaType, PortableRegistry, Registry, TypeInfo};
	use subxt::ext::scale_value::scale::encode_as_type;

	/// What the encoder makes of a value for a type of the chain.
	fn encoded<T: TypeInfo + 'static>(value: &Value) -> Vec<u8> {
		let mut registry = Registry::new();
		let id = registry.register_type(&MetaType::new::<T>()).id;
		let registry = PortableRegistry::from(registry);
		let mut out = Vec::new();
		encode_as_type(value, id, &registry, &mut out).unwrap();
		out
	}

	fn check<T: TypeInfo + Encode + 'static>(value: &Value, expected: &T) {
		assert_eq!(encoded::<T>(value), expected.encode(), "{value}");
	}

	fn someone(byte: u8) -> AccountId {
		AccountId::from([byte; 32])
	}

	#[test]
	fn payees_and_payments_should_encode_as_their_types() {
		for one in [Payee::Machine(0), Payee::Machine(u64::MAX), Payee::Account(someone(9))] {
			check(&payee(&one), &one);
			let item = Payment { payee: one, amount: u128::MAX };
			check(&payment(&item), &item);
			for count in [0, 1, 2, 33] {
				let all = vec![item.clone(); count];
				check(&list(all.iter().map(payment)), &all);
			}
		}
	}

	#[test]
	fn lists_should_encode_as_bounded_vectors_whatever_their_length() {
		type Ids = bounded_collections::BoundedVec<u64, bounded_collections::ConstU32<256>>;
		for ids in [vec![], vec![7], vec![0, 1 << 40], (0..256).collect()] {
			check(&machines(&ids), &Ids::try_from(ids.clone()).unwrap());
		}
	}

	#[test]
	fn payments_off_chain_should_encode_as_their_types() {
		let signatures =
			[Signature::Ed25519([1; 64]), Signature::Sr25519([2; 64]), Signature::Ecdsa([3; 65])];
		for by in signatures {
			check(&signature(&by), &by);
			for (channel, amount) in [(0, 0), (300, 1 << 40), (u64::MAX, u128::MAX)] {
				let one = SignedVoucher { channel, amount, signature: by };
				check(&voucher(&one), &one);
			}
			for payee in [Payee::Machine(300), Payee::Account([9; 32])] {
				let intent = Intent {
					payer: u64::MAX,
					payee,
					amount: u128::MAX,
					relay_fee: 0,
					valid_from: 1,
					valid_until: u32::MAX,
					nonce: 300,
				};
				let one = SignedIntent { intent, signature: by };
				check(&signed_intent(&one), &one);
			}
		}
		for key in [PublicKey::Sr25519([4; 32]), PublicKey::Ecdsa([5; 33])] {
			check(&public_key(&key), &key);
		}
		let one = RevealedLink { channel: 300, index: 70_000, link: [6; 32] };
		check(&revealed_link(&one), &one);
		check(&terms(&Terms::Vouchers), &Terms::Vouchers);
		let chain = Terms::HashChain { root: [7; 32], length: 1_000, unit: 1 << 70 };
		check(&terms(&chain), &chain);
	}

	#[test]
	fn profiles_should_encode_as_their_type() {
		for kind in MachineKind::ALL {
			let plain = MachineProfile { kind, metadata: None };
			check(&profile(&plain), &plain);
			for uri in ["", "x", "ipfs://charger", "é"] {
				let uri = Uri::try_from(uri).unwrap();
				let metadata = Some(Metadata { hash: [7; 32], uri });
				let described = MachineProfile { kind, metadata };
				check(&profile(&described), &described);
			}
		}
	}

	#[test]
	fn rights_and_operators_should_encode_as_their_types() {
		for rights in [KeyRights::NONE, KeyRights::CLAIM, KeyRights::ALL] {
			check(&key_rights(rights), &rights);
		}
		for rights in [OperatorRights::STATUS, OperatorRights::ALL] {
			let one = OperatorInfo { account: someone(3), rights };
			check(&operator(&one), &one);
			check(&option(Some(operator(&one))), &Some(one.clone()));
		}
		check(&option(None), &None::<OperatorInfo<AccountId>>);
	}

	#[test]
	fn policies_and_approvals_should_encode_as_their_types() {
		let kinds = [MachineKind::Other, MachineKind::Gateway];
		for payees in [
			AllowedPayees::Anyone,
			AllowedPayees::Only { payees: Default::default(), kinds: MachineKinds::NONE },
			AllowedPayees::Only {
				payees: vec![Payee::Account(someone(1))].try_into().unwrap(),
				kinds: kinds.into_iter().collect(),
			},
			AllowedPayees::Only {
				payees: vec![Payee::Machine(7), Payee::Account(someone(1))].try_into().unwrap(),
				kinds: MachineKind::ALL.into_iter().collect(),
			},
		] {
			for cap in [None, Some(0), Some(u128::MAX)] {
				let period_cap = cap.map(|amount| PeriodCap { blocks: 86_400, amount: amount / 2 });
				let one = Policy {
					payment_cap: cap,
					period_cap,
					payees: payees.clone(),
					co_sign_above: cap,
				};
				check(&policy(&one), &one);
			}
		}
		let one = Approval { payee: Payee::Machine(7), amount: 12_500_000, expires_at: 900 };
		check(&approval(&one), &one);
	}

	#[test]
	fn services_should_encode_as_their_type() {
		let cid: Cid =
			"bafkreifzjut3te7nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e".parse().unwrap();
		for kind in ServiceKind::ALL {
			for unit in Unit::ALL {
				for description in [None, Some(cid.clone())] {
					let one = Service {
						kind,
						unit,
						price: 300_000,
						endpoint: Uri::try_from("https://example.org/charge").unwrap(),
						description,
					};
					check(&service(&one), &one);
				}
			}
		}
	}

	/// The pallet's own types, which this crate does not link.
	#[derive(Encode, TypeInfo)]
	struct Issued {
		subject: Subject<AccountId>,
		claim: ClaimType,
		evidence: [u8; 32],
		expires_at: u32,
	}

	#[test]
	fn attestations_should_encode_as_their_types() {
		for claim_type in ClaimType::ALL {
			check(&claim(claim_type), &claim_type);
			for one in [Subject::Machine(300), Subject::Account(someone(4))] {
				check(&subject(&one), &one);
				let item = NewAttestation {
					subject: one.clone(),
					claim: claim_type,
					evidence: [8; 32],
					expires_at: 77,
				};
				let expected =
					Issued { subject: one, claim: claim_type, evidence: [8; 32], expires_at: 77 };
				check(&new_attestation(&item), &expected);
			}
		}
	}

	/// As `MultiSignature` of the SDK wraps it.
	#[derive(Encode, TypeInfo)]
	struct Wrapped<const N: usize>([u8; N]);

	#[derive(Encode, TypeInfo)]
	#[allow(dead_code)]
	enum Proof {
		Ed25519(Wrapped<64>),
		Sr25519(Wrapped<64>),
		Ecdsa(Wrapped<65>),
	}

	#[derive(Encode, TypeInfo)]
	struct NewKey {
		key: PublicKey,
		expires_at: u32,
		proof: Proof,
	}

	#[test]
	fn new_keys_should_encode_as_the_chain_has_them() {
		use crate::{keys::Key, Scheme};
		for scheme in Scheme::ALL {
			let (key, _) = Key::generate(scheme);
			let one = KeyAgreement::sign(&key, Default::default(), 7, KeyRights::ALL, 500);
			let proof = match one.proof {
				Signature::Ed25519(bytes) => Proof::Ed25519(Wrapped(bytes)),
				Signature::Sr25519(bytes) => Proof::Sr25519(Wrapped(bytes)),
				Signature::Ecdsa(bytes) => Proof::Ecdsa(Wrapped(bytes)),
			};
			check(&new_key(&one), &NewKey { key: one.key, expires_at: 500, proof });
		}
	}

	/// As pallet-recovery has it.
	#[derive(Encode, TypeInfo)]
	struct Group {
		friends: bounded_collections::BoundedVec<AccountId, bounded_collections::ConstU32<9>>,
		friends_needed: u32,
		inheritor: AccountId,
		inheritance_delay: u32,
		inheritance_priority: u32,
		cancel_delay: u32,
	}

	#[test]
	fn friend_groups_should_encode_as_the_chain_has_them() {
		for count in [1, 2, 9] {
			let friends: Vec<_> = (0..count).map(someone).collect();
			let one = FriendGroup {
				friends: friends.clone(),
				friends_needed: 1,
				inheritor: someone(50),
				inheritance_delay: 100,
				inheritance_priority: 0,
				cancel_delay: 10,
			};
			let expected = Group {
				friends: friends.try_into().unwrap(),
				friends_needed: 1,
				inheritor: someone(50),
				inheritance_delay: 100,
				inheritance_priority: 0,
				cancel_delay: 10,
			};
			check(&friend_group(&one), &expected);
		}
	}
}
