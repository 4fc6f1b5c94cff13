//! The calls that devices, owners and attesters send.

mod channels;
mod intents;
mod mandates;
mod orders;
mod quota;
mod streams;

pub use channels::ChannelCall;
pub use intents::IntentCall;
pub use mandates::{MandateCall, Pull};
pub use orders::OrderCall;
pub use quota::QuotaCall;
pub use streams::StreamCall;

use dam_primitives::{
	Approval, ClaimType, MachineId, MachineProfile, OperatorInfo, Payee, Payment, Policy, Service,
	ServiceId, Subject, USDT_ASSET_ID,
};
use subxt::{
	dynamic::Value,
	ext::scale_value::Composite,
	transactions::{dynamic, DynamicPayload},
};

use super::{
	values::{
		account, address, approval, bounded, claim, friend_group, key_rights, list, machines,
		new_attestation, new_key, number, operator, option, payee, payment, policy, profile,
		registration, renewal, revocation, service, subject,
	},
	FriendGroup,
};
use crate::{
	agreement::KeyAgreement,
	amount::{Dam, Usdt},
	attestations::{NewAttestation, Renewal, Revocation},
	registration::Registration,
	AccountId,
};

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
	/// The machine's payment key, its owner or its operator replaces the payment key.
	RotateKey(Box<KeyAgreement>),
	/// The owner or operator lets a further key act for a machine.
	AddKey(Box<KeyAgreement>),
	/// The owner or operator ends a further key.
	RemoveKey {
		/// For which machine the key acts.
		machine: MachineId,
		/// Its account.
		key: AccountId,
	},
	/// The owner or operator freezes the keys of machines, at most [`dam_primitives::MAX_FLEET`].
	Freeze(Vec<MachineId>),
	/// The owner or operator lets a machine's keys act again.
	Unfreeze(MachineId),
	/// The owner appoints an operator, or none.
	SetOperator {
		/// Of which machine.
		machine: MachineId,
		/// Whom.
		operator: Option<OperatorInfo<AccountId>>,
	},
	/// The owner or operator changes what a machine says of itself.
	SetProfile {
		/// Which machine.
		machine: MachineId,
		/// What it says.
		profile: MachineProfile,
	},
	/// The owner puts machines below another one in the fleet's tree, or takes them out of it.
	SetParent {
		/// Which machines, at most [`dam_primitives::MAX_FLEET`].
		machines: Vec<MachineId>,
		/// Below which one.
		parent: Option<MachineId>,
	},
	/// The owner offers a machine to somebody.
	OfferOwnership {
		/// Which machine.
		machine: MachineId,
		/// To whom.
		to: AccountId,
		/// Last block in which the offer can be accepted.
		expires_at: u32,
	},
	/// The owner takes the offer back.
	CancelOffer(MachineId),
	/// Whoever was offered a machine takes it over.
	AcceptOwnership {
		/// Which machine.
		machine: MachineId,
		/// The block in which it was looked at: later changes make the acceptance fail.
		unchanged_since: u32,
	},
	/// The owner sets what a machine may spend, or lets it spend everything.
	SetPolicy {
		/// Which machine.
		machine: MachineId,
		/// The rules.
		policy: Option<Policy<AccountId>>,
	},
	/// The owner or operator co-signs a payment.
	Approve {
		/// Who will pay.
		machine: MachineId,
		/// What.
		approval: Approval<AccountId>,
	},
	/// The owner or operator takes co-signatures back.
	RevokeApproval {
		/// Who would have paid.
		machine: MachineId,
		/// Whom.
		payee: Payee<AccountId>,
		/// How much.
		amount: Usdt,
	},
	/// The machine, its owner or its operator offers a service.
	OfferService {
		/// Which machine.
		machine: MachineId,
		/// What.
		service: Service,
	},
	/// The machine, its owner or its operator changes a service.
	UpdateService {
		/// Which machine.
		machine: MachineId,
		/// Which service.
		id: ServiceId,
		/// What it is from now on.
		service: Service,
	},
	/// The machine, its owner or its operator ends a service.
	WithdrawService {
		/// Which machine.
		machine: MachineId,
		/// Which service.
		id: ServiceId,
	},
	/// Governance lets an account attest a type of claim.
	Accredit {
		/// Whom.
		attester: AccountId,
		/// For what.
		claim: ClaimType,
	},
	/// Governance takes that back.
	WithdrawAccreditation {
		/// From whom.
		attester: AccountId,
		/// For what.
		claim: ClaimType,
	},
	/// An attester attests something.
	Issue(NewAttestation),
	/// An attester lets an attestation expire later.
	Renew(Renewal),
	/// An attester takes an attestation back.
	Revoke(Revocation),
	/// [`Call::Issue`], at most [`dam_primitives::attestation::MAX_ATTESTATION_BATCH`] times.
	IssueBatch(Vec<NewAttestation>),
	/// [`Call::Renew`], as often at most.
	RenewBatch(Vec<Renewal>),
	/// [`Call::Revoke`], as often at most.
	RevokeBatch(Vec<Revocation>),
	/// Anybody clears an attestation that has expired.
	RemoveAttestation {
		/// Of whom.
		subject: Subject<AccountId>,
		/// What.
		claim: ClaimType,
		/// By whom.
		attester: AccountId,
	},
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
	/// Any account sends DAM, for example to one that has to pay fees.
	SendDam {
		/// To whom.
		to: AccountId,
		/// How much.
		amount: Dam,
	},
	/// With a payment channel.
	Channel(ChannelCall),
	/// With payments that were signed offline.
	Intent(IntentCall),
	/// With money that flows in time.
	Stream(StreamCall),
	/// With what a payee may pull.
	Mandate(MandateCall),
	/// With money that waits until goods are there.
	Order(OrderCall),
	/// With bonds for more fee-free quota.
	Quota(QuotaCall),
	/// An account names who may recover it; none ends that.
	SetFriendGroups(Vec<FriendGroup>),
	/// A friend starts to recover a lost account.
	InitiateAttempt {
		/// The lost account.
		lost: AccountId,
		/// Position of the friend's group.
		group: u32,
	},
	/// A friend agrees to an attempt.
	ApproveAttempt {
		/// The lost account.
		lost: AccountId,
		/// Position of the friend's group.
		group: u32,
	},
	/// Anybody ends an attempt that was approved and has waited long enough.
	FinishAttempt {
		/// The lost account.
		lost: AccountId,
		/// Position of the group.
		group: u32,
	},
	/// The account's holder ends an attempt, or whoever started it.
	CancelAttempt {
		/// The account that is not lost.
		lost: AccountId,
		/// Position of the group.
		group: u32,
	},
	/// The account's holder ends an attempt at the cost of whoever started it.
	SlashAttempt {
		/// Position of the group.
		group: u32,
	},
	/// The holder of a recovered account takes the inheritor's control away.
	RevokeInheritor,
	/// The inheritor of a recovered account acts in its name.
	ControlInherited {
		/// The recovered account.
		recovered: AccountId,
		/// What it does.
		call: Box<Call>,
	},
	/// The sudo key acts in governance's name, where a chain has one.
	Sudo(Box<Call>),
}

/// Pallet, call and arguments, each named as on chain.
struct Parts {
	pallet: &'static str,
	call: &'static str,
	arguments: Vec<(&'static str, Value)>,
}

impl Call {
	/// The call for subxt.
	pub(super) fn payload(&self) -> DynamicPayload<Composite<()>> {
		let Parts { pallet, call, arguments } = self.parts();
		dynamic(pallet, call, Composite::named(arguments))
	}

	fn parts(&self) -> Parts {
		match self {
			Self::Register(one) => identity("register", vec![("registration", registration(one))]),
			Self::RegisterFleet(all) => {
				let all = bounded(all.iter().map(registration));
				identity("register_fleet", vec![("registrations", all)])
			},
			Self::Suspend(id) => identity("suspend", vec![machine(*id)]),
			Self::Resume(id) => identity("resume", vec![machine(*id)]),
			Self::Retire(id) => identity("retire", vec![machine(*id)]),
			Self::RotateKey(one) => {
				identity("rotate_key", vec![machine(one.machine), ("new_key", new_key(one))])
			},
			Self::AddKey(one) => identity(
				"add_key",
				vec![
					machine(one.machine),
					("new_key", new_key(one)),
					("rights", key_rights(one.rights)),
				],
			),
			Self::RemoveKey { machine: id, key } => {
				identity("remove_key", vec![machine(*id), ("key", account(key))])
			},
			Self::Freeze(ids) => identity("freeze", vec![("machines", machines(ids))]),
			Self::Unfreeze(id) => identity("unfreeze", vec![machine(*id)]),
			Self::SetOperator { machine: id, operator: one } => {
				let one = option(one.as_ref().map(operator));
				identity("set_operator", vec![machine(*id), ("operator", one)])
			},
			Self::SetProfile { machine: id, profile: one } => {
				identity("set_profile", vec![machine(*id), ("profile", profile(one))])
			},
			Self::SetParent { machines: ids, parent } => {
				let parent = option(parent.map(number));
				identity("set_parent", vec![("machines", machines(ids)), ("parent", parent)])
			},
			Self::OfferOwnership { machine: id, to, expires_at } => identity(
				"offer_ownership",
				vec![machine(*id), ("to", account(to)), ("expires_at", number(*expires_at))],
			),
			Self::CancelOffer(id) => identity("cancel_offer", vec![machine(*id)]),
			Self::AcceptOwnership { machine: id, unchanged_since } => identity(
				"accept_ownership",
				vec![machine(*id), ("unchanged_since", number(*unchanged_since))],
			),
			Self::SetPolicy { machine: id, policy: rules } => {
				let rules = option(rules.as_ref().map(policy));
				spending("set_policy", vec![machine(*id), ("policy", rules)])
			},
			Self::Approve { machine: id, approval: one } => {
				spending("approve", vec![machine(*id), ("approval", approval(one))])
			},
			Self::RevokeApproval { machine: id, payee: whom, amount } => spending(
				"revoke_approval",
				vec![machine(*id), ("payee", payee(whom)), ("amount", number(amount.units()))],
			),
			Self::OfferService { machine: id, service: one } => {
				services("offer", vec![machine(*id), ("service", service(one))])
			},
			Self::UpdateService { machine: at, id, service: one } => services(
				"update",
				vec![machine(*at), ("id", number(*id)), ("service", service(one))],
			),
			Self::WithdrawService { machine: at, id } => {
				services("withdraw", vec![machine(*at), ("id", number(*id))])
			},
			Self::Accredit { attester, claim: of } => attestations(
				"accredit",
				vec![("attester", account(attester)), ("claim", claim(*of))],
			),
			Self::WithdrawAccreditation { attester, claim: of } => attestations(
				"withdraw_accreditation",
				vec![("attester", account(attester)), ("claim", claim(*of))],
			),
			Self::Issue(item) => attestations("issue", vec![("item", new_attestation(item))]),
			Self::Renew(item) => attestations(
				"renew",
				vec![
					("subject", subject(&item.subject)),
					("claim", claim(item.claim)),
					("expires_at", number(item.expires_at)),
				],
			),
			Self::Revoke(item) => attestations(
				"revoke",
				vec![("subject", subject(&item.subject)), ("claim", claim(item.claim))],
			),
			Self::IssueBatch(items) => {
				let items = bounded(items.iter().map(new_attestation));
				attestations("issue_batch", vec![("items", items)])
			},
			Self::RenewBatch(items) => {
				attestations("renew_batch", vec![("items", bounded(items.iter().map(renewal)))])
			},
			Self::RevokeBatch(items) => {
				attestations("revoke_batch", vec![("items", bounded(items.iter().map(revocation)))])
			},
			Self::RemoveAttestation { subject: of, claim: what, attester } => attestations(
				"remove",
				vec![
					("subject", subject(of)),
					("claim", claim(*what)),
					("attester", account(attester)),
				],
			),
			Self::Pay(one) => micropayments(
				"pay",
				vec![("payee", payee(&one.payee)), ("amount", number(one.amount))],
			),
			Self::PayBatch(all) => {
				micropayments("pay_batch", vec![("payments", bounded(all.iter().map(payment)))])
			},
			Self::Withdraw { machine: id, amount } => {
				micropayments("withdraw", vec![machine(*id), ("amount", number(amount.units()))])
			},
			Self::SendUsdt { to, amount } => Parts {
				pallet: "Assets",
				call: "transfer_keep_alive",
				arguments: vec![
					("id", number(USDT_ASSET_ID)),
					("target", address(to)),
					("amount", number(amount.units())),
				],
			},
			Self::SendDam { to, amount } => Parts {
				pallet: "Balances",
				call: "transfer_keep_alive",
				arguments: vec![("dest", address(to)), ("value", number(amount.units()))],
			},
			Self::Channel(call) => call.parts(),
			Self::Intent(call) => call.parts(),
			Self::Stream(call) => call.parts(),
			Self::Mandate(call) => call.parts(),
			Self::Order(call) => call.parts(),
			Self::Quota(call) => call.parts(),
			Self::SetFriendGroups(groups) => {
				let groups = list(groups.iter().map(friend_group));
				recovery("set_friend_groups", vec![("friend_groups", groups)])
			},
			Self::InitiateAttempt { lost, group } => {
				recovery("initiate_attempt", attempt(lost, *group))
			},
			Self::ApproveAttempt { lost, group } => {
				recovery("approve_attempt", attempt(lost, *group))
			},
			Self::FinishAttempt { lost, group } => {
				recovery("finish_attempt", attempt(lost, *group))
			},
			Self::CancelAttempt { lost, group } => {
				recovery("cancel_attempt", attempt(lost, *group))
			},
			Self::SlashAttempt { group } => {
				recovery("slash_attempt", vec![("friend_group_index", number(*group))])
			},
			Self::RevokeInheritor => recovery("revoke_inheritor", vec![]),
			Self::ControlInherited { recovered, call } => recovery(
				"control_inherited_account",
				vec![("recovered", address(recovered)), ("call", call.payload().into_value())],
			),
			Self::Sudo(call) => Parts {
				pallet: "Sudo",
				call: "sudo",
				arguments: vec![("call", call.payload().into_value())],
			},
		}
	}
}

fn machine(id: MachineId) -> (&'static str, Value) {
	("machine", number(id))
}

fn attempt(lost: &AccountId, group: u32) -> Vec<(&'static str, Value)> {
	vec![("lost", address(lost)), ("friend_group_index", number(group))]
}

/// A function that makes a call of one pallet.
macro_rules! calls_of {
	($($function:ident: $pallet:literal,)+) => {
		$(
			fn $function(call: &'static str, arguments: Vec<(&'static str, Value)>) -> Parts {
				Parts { pallet: $pallet, call, arguments }
			}
		)+
	};
}

calls_of! {
	identity: "DamIdentity",
	spending: "SpendingPolicy",
	services: "Services",
	attestations: "Attestations",
	micropayments: "Micropayments",
	recovery: "Recovery",
}
