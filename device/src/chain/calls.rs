//! The calls a device or an owner sends, as values that subxt encodes against the chain's metadata.

use dam_primitives::{MachineId, Payee, Payment, PublicKey, Signature, USDT_ASSET_ID};
use subxt::{
	dynamic::Value,
	ext::scale_value::Composite,
	transactions::{dynamic, DynamicPayload},
};

use crate::{amount::Usdt, registration::Registration, AccountId};

/// A call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Call {
	/// The owner registers one machine. Costs the owner a fee and holds a deposit.
	Register(Box<Registration>),
	/// The owner registers machines, at most [`dam_primitives::MAX_FLEET`].
	RegisterFleet(Vec<Registration>),
	/// The owner stops a machine's spending.
	Suspend(MachineId),
	/// The owner lets it spend again.
	Resume(MachineId),
	/// The owner ends it for good.
	Retire(MachineId),
	/// The machine pays one payee.
	Pay(Payment<AccountId>),
	/// The machine pays payees, at most [`dam_primitives::MAX_BATCH`].
	PayBatch(Vec<Payment<AccountId>>),
	/// The owner takes money out of a machine.
	Withdraw {
		/// Whose money.
		machine: MachineId,
		/// How much.
		amount: Usdt,
	},
	/// Any account sends USDT, for example to a machine's address.
	SendUsdt {
		/// To whom.
		to: AccountId,
		/// How much.
		amount: Usdt,
	},
}

impl Call {
	/// The call for subxt.
	pub(super) fn payload(&self) -> DynamicPayload<Composite<()>> {
		let machine_call =
			|name: &str, machine: MachineId| identity(name, [("machine", number(machine))]);
		match self {
			Self::Register(registration) => {
				identity("register", [("registration", registration_value(registration))])
			},
			Self::RegisterFleet(registrations) => {
				let all = registrations.iter().map(registration_value).collect::<Vec<_>>();
				identity("register_fleet", [("registrations", Value::unnamed_composite(all))])
			},
			Self::Suspend(machine) => machine_call("suspend", *machine),
			Self::Resume(machine) => machine_call("resume", *machine),
			Self::Retire(machine) => machine_call("retire", *machine),
			Self::Pay(payment) => dynamic(
				"Micropayments",
				"pay",
				Composite::named([
					("payee", payee_value(&payment.payee)),
					("amount", Value::u128(payment.amount)),
				]),
			),
			Self::PayBatch(payments) => {
				let all = payments.iter().map(payment_value).collect::<Vec<_>>();
				dynamic(
					"Micropayments",
					"pay_batch",
					Composite::named([("payments", Value::unnamed_composite(all))]),
				)
			},
			Self::Withdraw { machine, amount } => dynamic(
				"Micropayments",
				"withdraw",
				Composite::named([
					("machine", number(*machine)),
					("amount", Value::u128(amount.units())),
				]),
			),
			Self::SendUsdt { to, amount } => dynamic(
				"Assets",
				"transfer_keep_alive",
				Composite::named([
					("id", Value::u128(USDT_ASSET_ID.into())),
					("target", Value::unnamed_variant("Id", [Value::from_bytes(to.0)])),
					("amount", Value::u128(amount.units())),
				]),
			),
		}
	}
}

fn identity<const N: usize>(
	name: &str,
	fields: [(&str, Value); N],
) -> DynamicPayload<Composite<()>> {
	dynamic("DamIdentity", name, Composite::named(fields))
}

fn number(machine: MachineId) -> Value {
	Value::u128(machine.into())
}

fn payee_value(payee: &Payee<AccountId>) -> Value {
	match payee {
		Payee::Machine(machine) => Value::unnamed_variant("Machine", [number(*machine)]),
		Payee::Account(account) => {
			Value::unnamed_variant("Account", [Value::from_bytes(account.0)])
		},
	}
}

fn payment_value(payment: &Payment<AccountId>) -> Value {
	Value::named_composite([
		("payee", payee_value(&payment.payee)),
		("amount", Value::u128(payment.amount)),
	])
}

fn registration_value(registration: &Registration) -> Value {
	let key = match registration.key {
		PublicKey::Ed25519(bytes) => Value::unnamed_variant("Ed25519", [Value::from_bytes(bytes)]),
		PublicKey::Sr25519(bytes) => Value::unnamed_variant("Sr25519", [Value::from_bytes(bytes)]),
		PublicKey::Ecdsa(bytes) => Value::unnamed_variant("Ecdsa", [Value::from_bytes(bytes)]),
	};
	let proof = match registration.proof {
		Signature::Ed25519(bytes) => Value::unnamed_variant("Ed25519", [Value::from_bytes(bytes)]),
		Signature::Sr25519(bytes) => Value::unnamed_variant("Sr25519", [Value::from_bytes(bytes)]),
		Signature::Ecdsa(bytes) => Value::unnamed_variant("Ecdsa", [Value::from_bytes(bytes)]),
	};
	let metadata = match &registration.profile.metadata {
		Some(metadata) => {
			let document = Value::named_composite([
				("hash", Value::from_bytes(metadata.hash)),
				("uri", Value::from_bytes(metadata.uri.0.as_slice())),
			]);
			Value::unnamed_variant("Some", [document])
		},
		None => Value::unnamed_variant("None", []),
	};
	// The variants of the kind are named on chain as they are in Rust.
	let kind = Value::unnamed_variant(format!("{:?}", registration.profile.kind), []);
	Value::named_composite([
		("key", key),
		("profile", Value::named_composite([("kind", kind), ("metadata", metadata)])),
		("expires_at", Value::u128(registration.expires_at.into())),
		("proof", proof),
	])
}
