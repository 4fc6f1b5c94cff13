//! Setting policies, co-signing payments, and machines that keep to both.

use dam_primitives::{
	machine_account,
	policy::{PeriodCap, MAX_APPROVALS},
	AllowedPayees, Approval, KeyRights, MachineKind, MachineStatus, OperatorInfo, OperatorRights,
	Payee, Payment, Policy, PolicyInfo, PolicyViolation,
};

use super::mock::{key, key_info, patience, Mock, LIMITS};
use crate::{
	chain::Call,
	keys::Key,
	owner::{Owner, PolicyError},
	payments::{PayError, Payer},
	transact::TransactError,
	AccountId, Error, Usdt,
};

fn owner() -> Key {
	key(100)
}

/// Machine 0 pays with key 3.
fn chain() -> Mock {
	Mock::new(&key(3)).owned_by(&owner())
}

fn ruled(mock: &Mock, policy: Policy<AccountId>) {
	let rules = PolicyInfo { policy, spent: 0, period_ends_at: None, approvals: Vec::new() };
	mock.state().policies.insert(0, rules);
}

fn to_machine_1(amount: u128) -> Payment<AccountId> {
	Payment { payee: Payee::Machine(1), amount }
}

async fn pay(mock: &Mock, amount: u128) -> Result<(), PayError> {
	let device = key(3);
	let payer = Payer::new(mock, &device, patience()).await?;
	payer.pay(&to_machine_1(amount), None, &mut |_| {}).await.map(drop)
}

fn approval(amount: u128, expires_at: u32) -> Approval<AccountId> {
	Approval { payee: Payee::Machine(1), amount, expires_at }
}

async fn approve(mock: &Mock, by: &Key, item: Approval<AccountId>) -> Result<(), PolicyError> {
	Owner::new(mock, by, patience()).approve(0, item, &mut |_| {}).await.map(drop)
}

#[tokio::test]
async fn payments_should_be_refused_before_signing_when_the_policy_forbids_them() {
	let mock = chain();
	let capped = Policy { payment_cap: Some(5), ..Policy::default() };
	let period = PeriodCap { blocks: 60, amount: 5 };
	let periodic = Policy { period_cap: Some(period), ..Policy::default() };
	let payees = AllowedPayees::Only {
		payees: Default::default(),
		kinds: [MachineKind::Drone].into_iter().collect(),
	};
	let kinds = Policy { payees, ..Policy::default() };
	let watched = Policy { co_sign_above: Some(5), ..Policy::default() };
	for (policy, rule, code) in [
		(capped, PolicyViolation::PaymentCap, "exceeds-payment-cap"),
		(periodic, PolicyViolation::PeriodCap, "exceeds-period-cap"),
		(kinds, PolicyViolation::Payee, "payee-not-allowed"),
		(watched, PolicyViolation::CoSignature, "needs-co-signature"),
	] {
		ruled(&mock, policy);
		let refused = pay(&mock, 6).await.unwrap_err();
		assert!(
			matches!(&refused, PayError::Policy(violation) if violation.rule() == rule),
			"{refused}"
		);
		assert_eq!(Error::from(refused).code(), code);
	}
	assert!(mock.state().signed.is_empty());
	// The kind of the payee is looked up.
	mock.change(1, |machine| machine.profile.kind = MachineKind::Drone);
	let payees = AllowedPayees::Only {
		payees: Default::default(),
		kinds: [MachineKind::Drone].into_iter().collect(),
	};
	ruled(&mock, Policy { payees, ..Policy::default() });
	pay(&mock, 6).await.unwrap();
}

#[tokio::test]
async fn approved_payments_should_be_sent() {
	let mock = chain();
	ruled(&mock, Policy { co_sign_above: Some(5), ..Policy::default() });
	mock.state().policies.get_mut(&0).unwrap().approvals = vec![approval(6, 101)];
	assert!(pay(&mock, 7).await.is_err());
	pay(&mock, 6).await.unwrap();
	assert_eq!(mock.last_call(), Call::Pay(to_machine_1(6)));
}

#[tokio::test]
async fn batches_should_be_checked_payment_by_payment() {
	let (mock, device) = (chain(), key(3));
	let cap = PeriodCap { blocks: 60, amount: 10 };
	ruled(&mock, Policy { period_cap: Some(cap), ..Policy::default() });
	let payer = Payer::new(&mock, &device, patience()).await.unwrap();
	let payments = [4, 6, 1].map(to_machine_1);
	payer.check_policy(&payments[..2]).await.unwrap();
	let refused = payer.check_policy(&payments).await.unwrap_err();
	assert!(
		matches!(&refused, PayError::PolicyOfItem { index: 2, violation }
			if violation.rule() == PolicyViolation::PeriodCap),
		"{refused}"
	);
	assert_eq!(Error::from(refused).code(), "exceeds-period-cap");
}

#[tokio::test]
async fn keys_that_may_not_pay_should_be_told_why() {
	let mock = chain();
	let further = key(4);
	let claim = key_info(0, &further, 1, KeyRights::CLAIM);
	mock.change(0, |machine| machine.keys.push(claim));
	let refused = |number| {
		let mock = mock.clone();
		async move {
			let key = key(number);
			Payer::new(&mock, &key, patience()).await.map(drop).unwrap_err()
		}
	};
	let lacks = refused(4).await;
	assert!(
		matches!(&lacks, PayError::MayNotPay { machine: 0, rights } if rights == "claim"),
		"{lacks}"
	);
	assert_eq!(Error::from(lacks).code(), "key-lacks-right");
	let mut past = key_info(0, &key(5), 0, KeyRights::ALL);
	(past.valid_until, past.claimable_until) = (Some(90), Some(900));
	mock.state().past_keys.push(past);
	assert!(matches!(refused(5).await, PayError::KeyEnded { machine: 0, ended_at: 90 }));
	mock.change(0, |machine| machine.frozen = true);
	assert!(matches!(refused(3).await, PayError::Frozen { machine: 0 }));
	mock.change(0, |machine| machine.status = MachineStatus::Retired);
	assert!(matches!(refused(3).await, PayError::Retired { machine: 0 }));
	assert!(matches!(refused(6).await, PayError::NotRegistered { .. }));
}

#[tokio::test]
async fn policies_should_be_set_by_the_owner_alone() {
	let (mock, owner) = (chain(), owner());
	let boss = Owner::new(&mock, &owner, patience());
	let rules = Policy { payment_cap: Some(5), ..Policy::default() };
	boss.set_policy(0, Some(rules.clone()), &mut |_| {}).await.unwrap();
	assert_eq!(mock.last_call(), Call::SetPolicy { machine: 0, policy: Some(rules.clone()) });
	let none = boss.set_policy(0, None, &mut |_| {}).await.unwrap_err();
	assert!(matches!(none, PolicyError::NoPolicy(0)), "{none}");
	ruled(&mock, rules.clone());
	boss.set_policy(0, None, &mut |_| {}).await.unwrap();
	assert_eq!(mock.last_call(), Call::SetPolicy { machine: 0, policy: None });

	let signed = mock.state().signed.len();
	let operator = key(101);
	let account = operator.account();
	let info = OperatorInfo { account, rights: OperatorRights::ALL };
	mock.change(0, |machine| machine.operator = Some(info));
	let helper = Owner::new(&mock, &operator, patience());
	assert!(matches!(
		helper.set_policy(0, Some(rules), &mut |_| {}).await,
		Err(PolicyError::Transact(TransactError::NotOwner { .. }))
	));
	let endless = PeriodCap { blocks: 0, amount: 1 };
	let endless = Policy { period_cap: Some(endless), ..Policy::default() };
	assert!(matches!(
		boss.set_policy(0, Some(endless), &mut |_| {}).await,
		Err(PolicyError::ZeroPeriod)
	));
	let address = Payee::Account(AccountId::from(machine_account(7)));
	let payees = AllowedPayees::Only {
		payees: vec![Payee::Machine(7), address].try_into().unwrap(),
		kinds: Default::default(),
	};
	assert!(matches!(
		boss.set_policy(0, Some(Policy { payees, ..Policy::default() }), &mut |_| {}).await,
		Err(PolicyError::DuplicatePayee(_))
	));
	assert_eq!(mock.state().signed.len(), signed);
}

#[tokio::test]
async fn approvals_should_be_given_within_their_bounds() {
	let (mock, owner) = (chain(), owner());
	// Block 100 is final: the approval can stand in 101 at the earliest.
	let (first, last) = (102, 101 + LIMITS.approval);
	for expires_at in [first - 1, last + 1] {
		let refused = approve(&mock, &owner, approval(6, expires_at)).await.unwrap_err();
		assert!(refused.to_string().contains(&format!("from {first} to {last}")), "{refused}");
	}
	assert!(matches!(
		approve(&mock, &owner, approval(0, first)).await,
		Err(PolicyError::ZeroAmount)
	));
	ruled(&mock, Policy::default());
	// Expired ones do not count.
	let mut waiting = vec![approval(6, 101); MAX_APPROVALS as usize];
	waiting.push(approval(6, 100));
	mock.state().policies.get_mut(&0).unwrap().approvals = waiting.clone();
	assert!(matches!(
		approve(&mock, &owner, approval(6, first)).await,
		Err(PolicyError::TooManyApprovals(0))
	));
	assert!(mock.state().signed.is_empty());
	waiting[0].expires_at = 100;
	mock.state().policies.get_mut(&0).unwrap().approvals = waiting;
	approve(&mock, &owner, approval(6, last)).await.unwrap();
	assert_eq!(mock.last_call(), Call::Approve { machine: 0, approval: approval(6, last) });
}

#[tokio::test]
async fn approvals_should_be_given_by_operators_with_the_right() {
	let (mock, operator) = (chain(), key(101));
	let appoint = |rights| {
		let info = OperatorInfo { account: operator.account(), rights };
		mock.change(0, |machine| machine.operator = Some(info));
	};
	appoint(OperatorRights::ALL.without(OperatorRights::CO_SIGN));
	let refused = approve(&mock, &operator, approval(6, 200)).await.unwrap_err();
	assert!(refused.to_string().contains("`co-sign`"), "{refused}");
	appoint(OperatorRights::CO_SIGN);
	approve(&mock, &operator, approval(6, 200)).await.unwrap();
}

#[tokio::test]
async fn approvals_should_be_revoked_if_they_wait() {
	let (mock, owner) = (chain(), owner());
	let boss = Owner::new(&mock, &owner, patience());
	ruled(&mock, Policy::default());
	mock.state().policies.get_mut(&0).unwrap().approvals = vec![approval(6, 200)];
	let revoke = |payee, amount| {
		let boss = &boss;
		async move { boss.revoke_approval(0, payee, Usdt::from_units(amount), &mut |_| {}).await }
	};
	let refused = revoke(Payee::Machine(1), 7).await.unwrap_err();
	assert!(refused.to_string().contains("0.000007 USDT to machine 1"), "{refused}");
	assert_eq!(Error::from(refused).code(), "no-approval");
	// The machine's address means the machine.
	revoke(Payee::Account(AccountId::from(machine_account(1))), 6).await.unwrap();
	let amount = Usdt::from_units(6);
	let expected = Call::RevokeApproval { machine: 0, payee: Payee::Machine(1), amount };
	assert_eq!(mock.last_call(), expected);
	// Without a policy the chain does not show what waits: it is asked.
	mock.state().policies.clear();
	revoke(Payee::Machine(1), 7).await.unwrap();
}
