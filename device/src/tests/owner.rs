//! Registering, stopping and arranging machines.

use dam_primitives::{
	machine::MAX_FLEET_DEPTH, machine_account, MachineId, MachineKind, MachineProfile,
	MachineStatus, OperatorInfo, OperatorRights, MAX_FLEET,
};

use super::mock::{key, machine, patience, Mock, LIMITS};
use crate::{
	chain::{Call, ChainEvent, DispatchFailure, Network},
	keys::Key,
	owner::{Change, Owner, OwnerError, Registered},
	registration,
	transact::TransactError,
	AccountId, Error, Registration, Usdt,
};

/// The key of the owner of machines 0 and 1.
fn owner() -> Key {
	key(100)
}

fn chain() -> Mock {
	Mock::new(&key(3)).owned_by(&owner())
}

fn registrations(mock: &Mock, devices: impl IntoIterator<Item = Key>) -> Vec<Registration> {
	let sign = |device: Key| {
		Registration::sign(&device, mock.genesis(), owner().account(), Default::default(), 500)
	};
	devices.into_iter().map(sign).collect()
}

async fn register(mock: &Mock, all: &[Registration]) -> Result<Vec<Registered>, OwnerError> {
	let owner = owner();
	Owner::new(mock, &owner, patience()).register(all, &mut |_| {}, &mut |_| {}).await
}

async fn change(
	mock: &Mock,
	key: &Key,
	machine: MachineId,
	change: Change,
) -> Result<(), OwnerError> {
	Owner::new(mock, key, patience()).change(machine, change, &mut |_| {}).await.map(drop)
}

fn operated(mock: &Mock, rights: OperatorRights) -> Key {
	let operator = key(101);
	let account = operator.account();
	mock.change(0, |machine| machine.operator = Some(OperatorInfo { account, rights }));
	operator
}

fn registered(machine: MachineId, key: &Key) -> ChainEvent {
	ChainEvent::MachineRegistered { machine, owner: owner().account(), key: key.account() }
}

#[tokio::test]
async fn register_should_tell_which_registration_became_which_machine() {
	let mock = chain();
	let failure =
		DispatchFailure { name: "DamIdentity.KeyAlreadyUsed".into(), explanation: "Used.".into() };
	mock.state().events = vec![
		registered(2, &key(1)),
		ChainEvent::RegistrationFailed { index: 1, failure: failure.clone() },
		registered(3, &key(4)),
		ChainEvent::FleetRegistered { registered: 2, failed: 1 },
	];
	let all = registrations(&mock, [key(1), key(2), key(4)]);
	let parts = register(&mock, &all).await.unwrap();
	assert_eq!(parts.len(), 1);
	assert_eq!(parts[0].machines, [(0, key(1).account(), 2), (2, key(4).account(), 3)]);
	assert_eq!(parts[0].failed, [(1, failure)]);
	assert_eq!(mock.last_call(), Call::RegisterFleet(all));

	let one = registrations(&mock, [key(5)]);
	register(&mock, &one).await.unwrap();
	assert_eq!(mock.last_call(), Call::Register(Box::new(one[0].clone())));
}

#[tokio::test]
async fn register_should_split_what_one_transaction_cannot_carry() {
	let mock = chain();
	let devices: Vec<Key> =
		(0..=MAX_FLEET).map(|_| Key::generate(crate::Scheme::Ed25519).0).collect();
	let last = devices.last().unwrap().account();
	mock.state().later_events =
		[vec![ChainEvent::MachineRegistered { machine: 258, owner: owner().account(), key: last }]]
			.into();
	let parts = register(&mock, &registrations(&mock, devices)).await.unwrap();
	assert_eq!(parts.len(), 2);
	assert_eq!(parts[1].machines, [(MAX_FLEET as usize, last, 258)]);
	let calls = mock.state().calls.clone();
	assert!(matches!(&calls[0], Call::RegisterFleet(all) if all.len() == MAX_FLEET as usize));
	assert!(matches!(&calls[1], Call::Register(_)));
}

#[tokio::test]
async fn register_should_refuse_before_signing_what_the_chain_would_refuse() {
	let mock = chain();
	let of = |devices: &[u8]| registrations(&mock, devices.iter().map(|number| key(*number)));
	assert!(matches!(register(&mock, &[]).await, Err(OwnerError::NothingToRegister)));
	assert!(matches!(
		register(&mock, &of(&[1, 2, 1])).await,
		Err(OwnerError::Duplicate { first: 0, second: 2 })
	));
	assert!(matches!(register(&mock, &of(&[1, 100])).await, Err(OwnerError::OwnKey { index: 1 })));
	assert!(matches!(
		register(&mock, &of(&[3])).await,
		Err(OwnerError::KeyUsed { machine: 0, .. })
	));
	let theirs = AccountId::from([8; 32]);
	let other = Registration::sign(&key(1), mock.genesis(), theirs, MachineProfile::default(), 500);
	let refused = register(&mock, &[of(&[2]).remove(0), other]).await.unwrap_err();
	assert!(matches!(&refused, OwnerError::Registration { index: 1, .. }), "{refused}");
	assert_eq!(Error::from(refused).code(), "bad-registration");
	let late = Registration::sign(
		&key(1),
		mock.genesis(),
		owner().account(),
		MachineProfile::default(),
		101 + LIMITS.statement,
	);
	let refused = register(&mock, &[late]).await.unwrap_err();
	assert!(refused.to_string().contains("earlier --expires-at"), "{refused}");

	let deposit = LIMITS.machine_deposit.units();
	mock.state().dam.insert(owner().account(), 2 * deposit - 1);
	let poor = register(&mock, &of(&[1, 2])).await.unwrap_err();
	assert!(
		matches!(&poor, OwnerError::Transact(TransactError::OutOfDam { needed, .. })
			if needed.units() == 2 * deposit),
		"{poor}"
	);
	assert_eq!(Error::from(poor).code(), "out-of-dam");
	assert!(mock.state().signed.is_empty());
}

#[tokio::test]
async fn status_should_be_changed_by_the_owner_and_an_operator_with_the_right() {
	let mock = chain();
	change(&mock, &owner(), 0, Change::Suspend).await.unwrap();
	assert_eq!(mock.last_call(), Call::Suspend(0));
	let operator = operated(&mock, OperatorRights::STATUS);
	mock.change(0, |machine| machine.status = MachineStatus::Suspended);
	change(&mock, &operator, 0, Change::Resume).await.unwrap();
	assert_eq!(mock.last_call(), Call::Resume(0));
	change(&mock, &owner(), 0, Change::Retire).await.unwrap();
	assert_eq!(mock.last_call(), Call::Retire(0));
}

#[tokio::test]
async fn status_should_not_be_changed_by_others_or_without_need() {
	let mock = chain();
	let refused = |machine, key, to| {
		let mock = mock.clone();
		async move { change(&mock, &key, machine, to).await.unwrap_err() }
	};
	let stranger = refused(0, key(50), Change::Suspend).await;
	assert!(stranger.to_string().contains("the right `status`"), "{stranger}");
	assert_eq!(Error::from(stranger).code(), "not-owner");
	operated(&mock, OperatorRights::PROFILE);
	let helper = refused(0, key(101), Change::Suspend).await;
	assert!(
		matches!(&helper, OwnerError::Transact(TransactError::NotPermitted { .. })),
		"{helper}"
	);
	operated(&mock, OperatorRights::ALL);
	let operator = refused(0, key(101), Change::Retire).await;
	assert!(
		matches!(&operator, OwnerError::Transact(TransactError::NotOwner { machine: 0, .. })),
		"{operator}"
	);
	assert!(matches!(
		refused(0, owner(), Change::Resume).await,
		OwnerError::NoChange { machine: 0, suspended: false }
	));
	assert!(matches!(
		refused(9, owner(), Change::Suspend).await,
		OwnerError::Transact(TransactError::UnknownMachine(9))
	));
	mock.change(1, |machine| machine.parent = Some(0));
	assert!(matches!(refused(0, owner(), Change::Retire).await, OwnerError::HasChildren(0)));
	mock.change(0, |machine| machine.status = MachineStatus::Retired);
	for to in [Change::Suspend, Change::Resume, Change::Retire] {
		assert!(matches!(
			refused(0, owner(), to).await,
			OwnerError::Transact(TransactError::Retired(0))
		));
	}
	assert!(mock.state().signed.is_empty());
}

#[tokio::test]
async fn money_should_move_only_if_it_is_there() {
	let (mock, owner) = (chain(), owner());
	let boss = Owner::new(&mock, &owner, patience());
	let poor = boss.fund(0, Usdt::from_units(1), &mut |_| {}).await.unwrap_err();
	assert_eq!(Error::from(poor).code(), "out-of-usdt");
	mock.state().usdt.insert(owner.account(), 5);
	boss.fund(0, Usdt::from_units(5), &mut |_| {}).await.unwrap();
	let to = AccountId::from(machine_account(0));
	assert_eq!(mock.last_call(), Call::SendUsdt { to, amount: Usdt::from_units(5) });

	let all = Usdt::from_units(10_000_000);
	boss.withdraw(0, all, &mut |_| {}).await.unwrap();
	assert_eq!(mock.last_call(), Call::Withdraw { machine: 0, amount: all });
	let more = Usdt::from_units(10_000_001);
	assert!(matches!(
		boss.withdraw(0, more, &mut |_| {}).await,
		Err(OwnerError::Transact(TransactError::OutOfUsdt { .. }))
	));
	let device = key(3);
	let thief = Owner::new(&mock, &device, patience());
	assert!(matches!(
		thief.withdraw(0, Usdt::from_units(1), &mut |_| {}).await,
		Err(OwnerError::Transact(TransactError::NotOwner { .. }))
	));
}

#[tokio::test]
async fn operators_should_be_somebody_else_with_a_right() {
	let (mock, owner) = (chain(), owner());
	let boss = Owner::new(&mock, &owner, patience());
	let set = |account, rights| {
		let (boss, mut progress) = (&boss, |_| {});
		async move {
			let operator = Some(OperatorInfo { account, rights });
			boss.set_operator(0, operator, &mut progress).await
		}
	};
	let (someone, rights) = (AccountId::from([8; 32]), OperatorRights::CO_SIGN);
	set(someone, rights).await.unwrap();
	let operator = Some(OperatorInfo { account: someone, rights });
	assert_eq!(mock.last_call(), Call::SetOperator { machine: 0, operator });

	let signed = mock.state().signed.len();
	assert!(matches!(set(someone, OperatorRights::NONE).await, Err(OwnerError::NoRights)));
	let address = AccountId::from(machine_account(700));
	for account in [owner.account(), key(3).account(), address] {
		assert!(matches!(
			set(account, rights).await,
			Err(OwnerError::InvalidOperator { machine: 0, .. })
		));
	}
	assert!(matches!(
		boss.set_operator(0, None, &mut |_| {}).await,
		Err(OwnerError::NoOperator(0))
	));
	assert_eq!(mock.state().signed.len(), signed);
	operated(&mock, OperatorRights::ALL);
	boss.set_operator(0, None, &mut |_| {}).await.unwrap();
	assert_eq!(mock.last_call(), Call::SetOperator { machine: 0, operator: None });
}

#[tokio::test]
async fn profiles_should_be_changed_by_whoever_may() {
	let (mock, owner) = (chain(), owner());
	let described = registration::profile(MachineKind::Drone, Some(([7; 32], "ipfs://x"))).unwrap();
	let change = |key: Key, profile: MachineProfile| {
		let mock = mock.clone();
		async move { Owner::new(&mock, &key, patience()).set_profile(0, profile, &mut |_| {}).await }
	};
	change(owner, described.clone()).await.unwrap();
	assert_eq!(mock.last_call(), Call::SetProfile { machine: 0, profile: described.clone() });
	let operator = operated(&mock, OperatorRights::PROFILE);
	change(operator, described.clone()).await.unwrap();

	let operator = operated(&mock, OperatorRights::STATUS);
	let refused = change(operator, described.clone()).await.unwrap_err();
	assert!(refused.to_string().contains("`profile`"), "{refused}");
	let mut nowhere = described;
	nowhere.metadata.as_mut().unwrap().uri = "charger.json".try_into().unwrap();
	let refused = change(self::owner(), nowhere).await.unwrap_err();
	assert!(matches!(refused, OwnerError::Profile(_)), "{refused}");
	assert_eq!(mock.state().signed.len(), 2);
}

#[tokio::test]
async fn freeze_should_pass_over_what_is_frozen_or_retired() {
	let (mock, owner) = (chain(), owner());
	for id in 2..4 {
		let mut more = machine(id, &key(id as u8));
		more.owner = owner.account();
		mock.state().machines.insert(id, more);
	}
	mock.change(1, |machine| machine.frozen = true);
	mock.change(2, |machine| machine.status = MachineStatus::Retired);
	mock.state().events = [0, 3].map(|machine| ChainEvent::MachineFrozen { machine }).into();
	let boss = Owner::new(&mock, &owner, patience());
	let mut told = 0;
	let frozen = boss.freeze(&[3, 0, 1, 2, 0], &mut |_| {}, &mut |_| told += 1).await.unwrap();
	assert_eq!(mock.last_call(), Call::Freeze(vec![0, 3]));
	assert_eq!((frozen.len(), told), (1, 1));
	assert_eq!(frozen[0].machines, [0, 3]);

	let none = boss.freeze(&[1, 2], &mut |_| {}, &mut |_| {}).await.unwrap_err();
	assert!(matches!(none, OwnerError::NothingToFreeze), "{none}");
	assert_eq!(Error::from(none).code(), "no-change");
	let unknown = boss.freeze(&[0, 9], &mut |_| {}, &mut |_| {}).await;
	assert!(matches!(unknown, Err(OwnerError::Transact(TransactError::UnknownMachine(9)))));
	let operator = operated(&mock, OperatorRights::STATUS);
	let helper = Owner::new(&mock, &operator, patience());
	let others = helper.freeze(&[0, 3], &mut |_| {}, &mut |_| {}).await;
	assert!(matches!(
		others,
		Err(OwnerError::Transact(TransactError::NotPermitted { machine: 3, .. }))
	));
	assert_eq!(mock.state().signed.len(), 1);
	helper.freeze(&[0], &mut |_| {}, &mut |_| {}).await.unwrap();
}

#[tokio::test]
async fn freeze_should_split_what_one_transaction_cannot_carry() {
	let (mock, owner) = (chain(), owner());
	let count = u64::from(MAX_FLEET) + 1;
	for id in 0..count {
		let mut one = machine(id, &Key::generate(crate::Scheme::Ed25519).0);
		one.owner = owner.account();
		mock.state().machines.insert(id, one);
	}
	let ids: Vec<MachineId> = (0..count).collect();
	let boss = Owner::new(&mock, &owner, patience());
	let parts = boss.freeze(&ids, &mut |_| {}, &mut |_| {}).await.unwrap();
	assert_eq!(parts.len(), 2);
	let calls = mock.state().calls.clone();
	let (most, rest) = ids.split_at(MAX_FLEET as usize);
	assert_eq!(calls, [Call::Freeze(most.to_vec()), Call::Freeze(rest.to_vec())]);
}

#[tokio::test]
async fn unfreeze_should_need_frozen_keys() {
	let (mock, owner) = (chain(), owner());
	let boss = Owner::new(&mock, &owner, patience());
	assert!(matches!(boss.unfreeze(0, &mut |_| {}).await, Err(OwnerError::NotFrozen(0))));
	mock.change(0, |machine| machine.frozen = true);
	boss.unfreeze(0, &mut |_| {}).await.unwrap();
	assert_eq!(mock.last_call(), Call::Unfreeze(0));
}

/// Machines 0 to 5 of the owner; each from 1 to 3 stands below the one before.
fn tree() -> Mock {
	let mock = chain();
	for id in 2..6 {
		let mut more = machine(id, &key(id as u8));
		more.owner = owner().account();
		mock.state().machines.insert(id, more);
	}
	for id in 1..4 {
		mock.change(id, |machine| machine.parent = Some(id - 1));
	}
	mock
}

#[tokio::test]
async fn machines_should_stand_below_others_within_the_bounds_of_a_tree() {
	let (mock, owner) = (tree(), owner());
	let boss = Owner::new(&mock, &owner, patience());
	let set = |machines: &'static [MachineId], parent| {
		let boss = &boss;
		async move { boss.set_parent(machines, parent, &mut |_| {}, &mut |_| {}).await }
	};
	// What stands there already is left out.
	set(&[5, 4, 1], Some(0)).await.unwrap();
	assert_eq!(mock.last_call(), Call::SetParent { machines: vec![4, 5], parent: Some(0) });
	set(&[3, 4], None).await.unwrap();
	assert_eq!(mock.last_call(), Call::SetParent { machines: vec![3], parent: None });

	let signed = mock.state().signed.len();
	assert!(matches!(set(&[1], Some(0)).await, Err(OwnerError::SamePlace)));
	assert!(matches!(set(&[4, 5], None).await, Err(OwnerError::SamePlace)));
	for (machine, parent) in [(&[0], 3), (&[4], 4)] {
		assert!(matches!(
			set(machine, Some(parent)).await,
			Err(OwnerError::Cycle { parent: found, .. }) if found == parent
		));
	}
	assert!(matches!(set(&[2], Some(5)).await, Err(OwnerError::HasChildren(2))));
	assert_eq!(MAX_FLEET_DEPTH, 4);
	let deep = set(&[4], Some(3)).await.unwrap_err();
	assert!(matches!(deep, OwnerError::TooDeep(3)), "{deep}");
	assert_eq!(Error::from(deep).code(), "bad-parent");
	assert_eq!(mock.state().signed.len(), signed);
}

#[tokio::test]
async fn machines_should_leave_the_tree_of_another_owner() {
	let (mock, owner) = (tree(), owner());
	let boss = Owner::new(&mock, &owner, patience());
	let (buyer, stranger) = (key(60), key(61));
	// Machine 1 was sold; it still stands below machine 0.
	mock.change(1, |machine| machine.owner = buyer.account());
	assert!(matches!(
		boss.set_parent(&[1], Some(5), &mut |_| {}, &mut |_| {}).await,
		Err(OwnerError::Transact(TransactError::NotOwner { machine: 1, .. }))
	));
	let thief = Owner::new(&mock, &stranger, patience());
	assert!(matches!(
		thief.set_parent(&[1], None, &mut |_| {}, &mut |_| {}).await,
		Err(OwnerError::Transact(TransactError::NotOwner { machine: 1, .. }))
	));
	assert!(mock.state().signed.is_empty());
	boss.set_parent(&[1], None, &mut |_| {}, &mut |_| {}).await.unwrap();
	let new = Owner::new(&mock, &buyer, patience());
	new.set_parent(&[1], None, &mut |_| {}, &mut |_| {}).await.unwrap();
	assert_eq!(mock.state().signed.len(), 2);
}
