//! `owner`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};
use dam_primitives::{MachineKind, OperatorRights};

use super::{expiry, keys::About, named, QuotaCommand, RecoveryCommand, Who};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum OwnerCommand {
	/// Register machines from the files their devices signed. Holds a deposit for each until it is
	/// retired.
	Register {
		/// The owner's key file.
		#[arg(long, value_name = "FILE")]
		key: PathBuf,
		/// Registration files; more than 256 go out in several transactions.
		#[arg(required = true, value_name = "REGISTRATION")]
		registrations: Vec<PathBuf>,
	},
	/// Send USDT to a machine. Any account can do that.
	Fund(Money),
	/// Stop a machine's spending. By its owner, or an operator with the right `status`.
	Suspend(OwnMachine),
	/// Let a machine spend again. By its owner, or an operator with the right `status`.
	Resume(OwnMachine),
	/// End a machine for good; the rest of its money and its deposit go to the owner.
	Retire(OwnMachine),
	/// Take USDT out of a machine to the owner's account.
	Withdraw(Money),
	/// Replace, add and remove the keys that act for a machine, or freeze them all.
	#[command(subcommand)]
	Key(OwnerKeyCommand),
	/// What a machine may spend.
	#[command(subcommand)]
	Policy(PolicyCommand),
	/// Bond DAM so that a machine may do more without a fee.
	#[command(subcommand)]
	Quota(QuotaCommand),
	/// Co-sign one payment of a machine beforehand: exactly this payee and amount, once. By its owner,
	/// or an operator with the right `co-sign`.
	#[command(after_help = "\
Example:
  dam-device --chain-spec dev.json owner approve --key alice.key 0 did:dam:dev:1 12.5")]
	Approve {
		#[command(flatten)]
		payment: ApprovedPayment,
		#[command(flatten)]
		expiry: ApprovalExpiry,
	},
	/// Take every co-signature of this payee and amount back. By whoever may approve.
	RevokeApproval(ApprovedPayment),
	/// Who may act in the owner's name.
	#[command(subcommand)]
	Operator(OperatorCommand),
	/// Change what a machine says of itself, in place of all that it said before: its kind, and a
	/// document about it.
	///
	/// By its owner, or an operator with the right `profile`. Without a document it names none any
	/// more.
	#[command(after_help = "\
Example:
  dam-device --chain-spec dev.json owner profile --key alice.key 7 --kind ev-charger \\
      --metadata-hash 0x… --metadata-uri ipfs://…")]
	Profile {
		#[command(flatten)]
		own: OwnMachine,
		/// What the machine is, for example ev-charger; a wrong one lists all.
		#[arg(long, value_parser = named::<MachineKind>)]
		kind: MachineKind,
		#[command(flatten)]
		about: About,
	},
	/// The tree of a fleet. It says what belongs together and carries no rights.
	#[command(subcommand)]
	Parent(ParentCommand),
	/// Hand a machine over: the owner offers, the next one accepts.
	#[command(subcommand)]
	Transfer(TransferCommand),
	/// Let friends recover the owner's account if its key is lost.
	#[command(subcommand)]
	Recovery(RecoveryCommand),
}

#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct OwnMachine {
	/// The key file of whoever signs.
	#[arg(long, value_name = "FILE")]
	pub(in crate::cli) key: PathBuf,
	/// The machine: its number or DID.
	#[arg(allow_hyphen_values = true)]
	pub(in crate::cli) machine: String,
}

#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct OwnMachines {
	/// The key file of whoever signs.
	#[arg(long, value_name = "FILE")]
	pub(in crate::cli) key: PathBuf,
	/// The machines: their numbers or DIDs; more than 256 go out in several transactions.
	#[arg(required = true, value_name = "MACHINE", allow_hyphen_values = true)]
	pub(in crate::cli) machines: Vec<String>,
}

#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct Money {
	#[command(flatten)]
	pub(in crate::cli) own: OwnMachine,
	/// How much, in USDT.
	#[arg(allow_hyphen_values = true)]
	pub(in crate::cli) amount: String,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum OwnerKeyCommand {
	/// Replace a machine's payment key, for example when the device is lost or its key was stolen.
	///
	/// By its owner, or an operator with the right `keys`; also while the machine is suspended or its
	/// keys are frozen. No money moves. Holds a deposit from the owner until the machine is retired.
	#[command(after_help = "\
Example, when a device was stolen:
  dam-device --chain-spec dev.json owner key freeze --key alice.key 7
  dam-device key new replacement.key
  dam-device --chain-spec dev.json key agree --key replacement.key --out r.agreement 7
  dam-device --chain-spec dev.json owner key rotate --key alice.key 7 r.agreement
  dam-device --chain-spec dev.json owner key unfreeze --key alice.key 7")]
	Rotate {
		#[command(flatten)]
		own: OwnMachine,
		/// The file in which the new key agrees (`key agree`).
		agreement: PathBuf,
	},
	/// Let a further key act for a machine, with fewer rights than its payment key.
	///
	/// By its owner, or an operator with the right `keys`. Holds a deposit from the owner until the
	/// machine is retired.
	Add {
		#[command(flatten)]
		own: OwnMachine,
		/// The file in which the new key agrees (`key agree --rights …`).
		agreement: PathBuf,
	},
	/// End a further key. By its owner, or an operator with the right `keys`.
	Remove {
		#[command(flatten)]
		own: OwnMachine,
		/// The key's account.
		#[arg(value_name = "ACCOUNT")]
		account: String,
	},
	/// Stop every key of machines at once, in an emergency. Money can still be paid to them.
	///
	/// By their owner, or an operator with the right `status`.
	Freeze(OwnMachines),
	/// Let the keys of a machine act again. By its owner, or an operator with the right `status`.
	Unfreeze(OwnMachine),
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum PolicyCommand {
	/// Set what a machine may spend, in place of all rules that were set before. A payment must keep
	/// every rule that is given. By its owner.
	#[command(after_help = "\
Examples:
  At most 5 USDT a payment and 50 a day, to machine 1 and to any EV charger:
    dam-device --chain-spec dev.json owner policy set --key alice.key 0 --payment-cap 5 \\
        --period-cap 50 --period 86400 --payee 1 --payee-kind ev-charger
  Anything above 10 USDT only with the owner's co-signature (`owner approve`):
    dam-device --chain-spec dev.json owner policy set --key alice.key 0 --co-sign-above 10")]
	Set(PolicySet),
	/// Let a machine spend all it has. By its owner.
	Clear(OwnMachine),
	/// Show what a machine may spend, what it has spent, and which co-signatures wait.
	Show(Who),
}

#[derive(Debug, ClapArgs)]
#[group(id = "rules", required = true, multiple = true, args = [
	"payment_cap", "period_cap", "payee", "payee_kind", "co_sign_above",
])]
pub(in crate::cli) struct PolicySet {
	#[command(flatten)]
	pub(in crate::cli) own: OwnMachine,
	/// Most that one payment may be, in USDT.
	#[arg(long, value_name = "USDT")]
	pub(in crate::cli) payment_cap: Option<String>,
	/// Most that is paid in a period, in USDT. A period begins with the first payment after the
	/// last one ended.
	#[arg(long, value_name = "USDT", requires = "period")]
	pub(in crate::cli) period_cap: Option<String>,
	/// Length of the period, in blocks; a block takes a second.
	#[arg(long, value_name = "BLOCKS", requires = "period_cap")]
	pub(in crate::cli) period: Option<u32>,
	/// A payee that is allowed: a machine's number, its DID, or an account; can be repeated. Once
	/// one payee or kind is named, all others are forbidden.
	#[arg(long, value_name = "PAYEE")]
	pub(in crate::cli) payee: Vec<String>,
	/// A kind of machines that may be paid, for example ev-charger; can be repeated. The kind is
	/// what machines say of themselves.
	#[arg(long, value_name = "KIND", value_parser = named::<MachineKind>)]
	pub(in crate::cli) payee_kind: Vec<MachineKind>,
	/// Payments above this need a co-signature (`owner approve`), in USDT.
	#[arg(long, value_name = "USDT")]
	pub(in crate::cli) co_sign_above: Option<String>,
}

expiry! {
	/// When an approval expires.
	ApprovalExpiry: 86_400, "the payment can be made"
}

#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct ApprovedPayment {
	#[command(flatten)]
	pub(in crate::cli) own: OwnMachine,
	/// Who is paid: a machine's number, its DID, or an account.
	#[arg(allow_hyphen_values = true)]
	pub(in crate::cli) payee: String,
	/// Exactly how much, in USDT.
	#[arg(allow_hyphen_values = true)]
	pub(in crate::cli) amount: String,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum OperatorCommand {
	/// Appoint an operator in place of the one before. By the owner.
	#[command(after_help = "\
Rights: status (suspend, resume, freeze, unfreeze), keys (replace, add, remove), profile, services,
co-sign. An operator with `keys` can spend the machine's money within its policy.

Example:
  dam-device --chain-spec dev.json owner operator set --key alice.key 7 \\
      5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty --rights status,services")]
	Set {
		#[command(flatten)]
		own: OwnMachine,
		/// The operator's account.
		#[arg(value_name = "ACCOUNT")]
		account: String,
		/// What the operator may do.
		#[arg(long, value_delimiter = ',', required = true, value_parser = operator_right)]
		rights: Vec<OperatorRights>,
	},
	/// Dismiss the operator. By the owner.
	Clear(OwnMachine),
}

fn operator_right(name: &str) -> Result<OperatorRights, String> {
	OperatorRights::by_name(name).ok_or_else(|| {
		let all = OperatorRights::ALL.names().collect::<Vec<_>>().join(", ");
		format!("unknown right, expected {all}")
	})
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ParentCommand {
	/// Put machines directly below another one. By the owner of all of them; all or none of a
	/// transaction's machines move.
	#[command(after_help = "\
Example:
  dam-device --chain-spec dev.json owner parent set --key alice.key --parent 7 8 9 10")]
	Set {
		#[command(flatten)]
		own: OwnMachines,
		/// The machine that will stand above them: its number or DID.
		#[arg(long, value_name = "MACHINE")]
		parent: String,
	},
	/// Make each machine the root of its own tree. By its owner, or the owner of the machine above.
	Clear(OwnMachines),
}

expiry! {
	/// When an offer expires.
	OfferExpiry: 604_800, "the offer can be accepted"
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum TransferCommand {
	/// Offer a machine to another owner, in place of an offer before.
	Offer {
		#[command(flatten)]
		own: OwnMachine,
		/// Who may accept.
		#[arg(value_name = "ACCOUNT")]
		to: String,
		#[command(flatten)]
		expiry: OfferExpiry,
	},
	/// Take an offer back.
	Cancel(OwnMachine),
	/// As the one to whom a machine is offered: take it over, with its money and its deposit.
	///
	/// Its operator and further keys are gone then, its payment key stays: whoever has the device, or
	/// kept a copy of its key, can still spend within the policy. Replace the key (`owner key rotate`).
	Accept(OwnMachine),
}
