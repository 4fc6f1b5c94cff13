//! Recovering accounts whose keys are lost.

use dam_primitives::MachineStatus;

use super::mock::{key, patience, Mock, LIMITS};
use crate::{
	chain::{Call, ChainEvent, DispatchFailure, FriendGroup, Recovery, RecoveryAttempt},
	keys::Key,
	recovery::{friend_group, Recoverer, RecoveryError},
	transact::TransactError,
	AccountId, Error,
};

/// The owner of both machines.
const LOST: u8 = 100;
const FRIENDS: [u8; 3] = [20, 21, 22];
const HEIR: u8 = 30;

fn lost() -> AccountId {
	key(LOST).account()
}

fn group() -> FriendGroup {
	let friends = FRIENDS.map(|number| key(number).account()).to_vec();
	friend_group(friends, 2, key(HEIR).account(), 50).unwrap()
}

/// An attempt that started in a block, approved by some friends.
fn attempt(init_block: u32, initiator: u8, approved: &[u8]) -> RecoveryAttempt {
	let friends = group().friends;
	let bit = |number: &u8| {
		let position = friends.iter().position(|friend| *friend == key(*number).account());
		1 << position.unwrap()
	};
	RecoveryAttempt {
		friend_group_index: 0,
		initiator: key(initiator).account(),
		init_block,
		last_approval_block: init_block,
		approvals: vec![approved.iter().map(bit).sum()],
	}
}

fn chain(found: Recovery) -> Mock {
	let mock = Mock::new(&key(3)).owned_by(&key(LOST));
	mock.state().recoveries.insert(lost(), found);
	mock
}

fn with_friends() -> Recovery {
	Recovery { groups: vec![group()], ..Recovery::default() }
}

fn trying(attempt: RecoveryAttempt) -> Mock {
	chain(Recovery { attempts: vec![attempt], ..with_friends() })
}

fn inherited() -> Mock {
	let inheritor = Some(key(HEIR).account());
	chain(Recovery { inheritor, inherited_with: Some(0), ..with_friends() })
}

/// What a step gives when a key does it.
macro_rules! step {
	($mock:expr, $number:expr, $method:ident($($argument:expr),*)) => {{
		let (mock, key): (&Mock, Key) = (&$mock, key($number));
		let recoverer = Recoverer::new(mock, &key, patience());
		recoverer.$method($($argument,)* &mut |_| {}).await
	}};
}

#[tokio::test]
async fn owners_should_name_friends_within_the_bounds() {
	let mock = chain(Recovery::default());
	step!(mock, LOST, set_friends(Some(group()))).unwrap();
	assert_eq!(mock.last_call(), Call::SetFriendGroups(vec![group()]));
	assert!(matches!(step!(mock, LOST, set_friends(None)), Err(RecoveryError::NothingToClear(_))));
	let own = friend_group(vec![lost()], 1, key(HEIR).account(), 50).unwrap();
	assert!(matches!(step!(mock, LOST, set_friends(Some(own))), Err(RecoveryError::OwnFriend(_))));
	let many = (0..=LIMITS.friends).map(|number| key(number as u8).account()).collect();
	let many = friend_group(many, 1, key(HEIR).account(), 50).unwrap();
	let refused = step!(mock, LOST, set_friends(Some(many))).unwrap_err();
	assert!(matches!(refused, RecoveryError::TooManyFriends { found: 5, most: 4 }), "{refused}");
	assert!(Error::from(refused).is_bad_input());
	assert_eq!(mock.state().signed.len(), 1);

	let mock = chain(with_friends());
	step!(mock, LOST, set_friends(None)).unwrap();
	assert_eq!(mock.last_call(), Call::SetFriendGroups(vec![]));
	let mock = trying(attempt(90, 20, &[20]));
	let busy = step!(mock, LOST, set_friends(None)).unwrap_err();
	assert!(matches!(busy, RecoveryError::AttemptRuns(_)), "{busy}");
	assert_eq!(Error::from(busy).code(), "attempt-runs");
}

#[tokio::test]
async fn friends_should_start_one_attempt() {
	let mock = chain(with_friends());
	let poor = step!(mock, 20, start(lost(), 0)).unwrap_err();
	assert!(
		matches!(&poor, RecoveryError::Transact(TransactError::OutOfDam { needed, .. })
			if *needed == LIMITS.recovery_deposit),
		"{poor}"
	);
	let friend = key(20).account();
	mock.state().dam.insert(friend, LIMITS.recovery_deposit.units());
	step!(mock, 20, start(lost(), 0)).unwrap();
	assert_eq!(mock.last_call(), Call::InitiateAttempt { lost: lost(), group: 0 });
	assert!(matches!(
		step!(mock, 20, start(lost(), 1)),
		Err(RecoveryError::UnknownGroup { group: 1, .. })
	));
	let stranger = step!(mock, 50, start(lost(), 0)).unwrap_err();
	assert!(matches!(&stranger, RecoveryError::NotFriend { .. }), "{stranger}");
	assert_eq!(Error::from(stranger).code(), "not-entitled");
	let mock = trying(attempt(90, 20, &[20]));
	assert!(matches!(
		step!(mock, 21, start(lost(), 0)),
		Err(RecoveryError::AlreadyStarted { since: 90, .. })
	));
	let mock = inherited();
	mock.state().dam.insert(friend, LIMITS.recovery_deposit.units());
	assert!(matches!(step!(mock, 20, start(lost(), 0)), Err(RecoveryError::Recovered { .. })));
	// A group that comes before the one that won may still try.
	mock.state().recoveries.get_mut(&lost()).unwrap().inherited_with = Some(1);
	step!(mock, 20, start(lost(), 0)).unwrap();
}

#[tokio::test]
async fn friends_should_approve_once_and_no_more_than_needed() {
	let mock = chain(with_friends());
	assert!(matches!(
		step!(mock, 21, approve(lost(), 0)),
		Err(RecoveryError::NoAttempt { group: 0, .. })
	));
	let mock = trying(attempt(90, 20, &[20]));
	assert!(matches!(step!(mock, 20, approve(lost(), 0)), Err(RecoveryError::AlreadyApproved(_))));
	assert!(matches!(step!(mock, 50, approve(lost(), 0)), Err(RecoveryError::NotFriend { .. })));
	step!(mock, 21, approve(lost(), 0)).unwrap();
	assert_eq!(mock.last_call(), Call::ApproveAttempt { lost: lost(), group: 0 });
	let mock = trying(attempt(90, 20, &[20, 21]));
	assert!(matches!(step!(mock, 22, approve(lost(), 0)), Err(RecoveryError::FullyApproved)));
}

#[tokio::test]
async fn attempts_should_be_finished_when_approved_and_old_enough() {
	let few = step!(trying(attempt(10, 20, &[20])), 20, finish(lost(), 0)).unwrap_err();
	assert!(matches!(few, RecoveryError::NotApproved { approved: 1, needed: 2 }), "{few}");
	// Block 101 is the next one.
	let early = step!(trying(attempt(52, 20, &[20, 21])), 20, finish(lost(), 0)).unwrap_err();
	assert!(matches!(early, RecoveryError::TooEarly(102)), "{early}");
	assert_eq!(Error::from(early).code(), "too-soon");
	// By anybody.
	let mock = trying(attempt(51, 20, &[20, 21]));
	step!(mock, 50, finish(lost(), 0)).unwrap();
	assert_eq!(mock.last_call(), Call::FinishAttempt { lost: lost(), group: 0 });
}

#[tokio::test]
async fn attempts_should_be_cancelled_by_the_owner_and_later_by_who_started_them() {
	let mock = trying(attempt(52, 20, &[20]));
	for (number, slash) in [(21, false), (50, false), (20, true)] {
		assert!(matches!(
			step!(mock, number, cancel(lost(), 0, slash)),
			Err(RecoveryError::NotCanceller(_))
		));
	}
	assert!(matches!(
		step!(mock, 20, cancel(lost(), 0, false)),
		Err(RecoveryError::NotYetCancelable(102))
	));
	assert!(mock.state().signed.is_empty());
	step!(mock, LOST, cancel(lost(), 0, false)).unwrap();
	assert_eq!(mock.last_call(), Call::CancelAttempt { lost: lost(), group: 0 });
	step!(mock, LOST, cancel(lost(), 0, true)).unwrap();
	assert_eq!(mock.last_call(), Call::SlashAttempt { group: 0 });
	let mock = trying(attempt(51, 20, &[20]));
	step!(mock, 20, cancel(lost(), 0, false)).unwrap();
}

#[tokio::test]
async fn heirs_should_take_machines_over_in_two_steps() {
	let mock = inherited();
	let heir = key(HEIR).account();
	mock.state().dam.insert(heir, 2_000);
	mock.state().events = vec![ChainEvent::RecoveredAccountControlled { result: Ok(()) }];
	step!(mock, HEIR, take_machine(lost(), 0)).unwrap();
	let calls = mock.state().calls.clone();
	let [Call::ControlInherited { recovered, call }, Call::AcceptOwnership { machine: 0, .. }] =
		&calls[..]
	else {
		panic!("{calls:?}");
	};
	assert_eq!(*recovered, lost());
	assert!(
		matches!(**call, Call::OfferOwnership { machine: 0, to, expires_at }
			if to == heir && expires_at > 101),
		"{call:?}"
	);
}

#[tokio::test]
async fn heirs_should_be_told_when_the_recovered_account_could_not_act() {
	let mock = inherited();
	mock.state().dam.insert(key(HEIR).account(), 2_000);
	let failure =
		DispatchFailure { name: "DamIdentity.NotOwner".into(), explanation: "No.".into() };
	let result = Err(failure.clone());
	mock.state().events = vec![ChainEvent::RecoveredAccountControlled { result }];
	let inner = step!(mock, HEIR, take_machine(lost(), 0)).unwrap_err();
	assert!(matches!(&inner, RecoveryError::Inner(found) if *found == failure), "{inner}");
	// Nothing was accepted, and a silent chain is none that this program knows.
	assert_eq!(mock.state().signed.len(), 1);
	let silent = step!(mock, HEIR, take_machine(lost(), 0)).unwrap_err();
	assert_eq!(Error::from(silent).code(), "incompatible");
}

#[tokio::test]
async fn machines_should_be_taken_over_by_the_heir_alone() {
	let mock = inherited();
	assert!(matches!(
		step!(mock, 20, take_machine(lost(), 0)),
		Err(RecoveryError::NotInheritor { .. })
	));
	assert!(matches!(
		step!(mock, HEIR, take_machine(lost(), 0)),
		Err(RecoveryError::Transact(TransactError::OutOfDam { .. }))
	));
	mock.state().dam.insert(key(HEIR).account(), 2_000);
	mock.change(0, |machine| machine.owner = key(50).account());
	let theirs = step!(mock, HEIR, take_machine(lost(), 0)).unwrap_err();
	assert!(matches!(&theirs, RecoveryError::NotTheirs { machine: 0, .. }), "{theirs}");
	assert_eq!(Error::from(theirs).code(), "not-owner");
	mock.change(1, |machine| machine.status = MachineStatus::Retired);
	assert!(matches!(
		step!(mock, HEIR, take_machine(lost(), 1)),
		Err(RecoveryError::Transact(TransactError::Retired(1)))
	));
	assert!(mock.state().signed.is_empty());
}

#[tokio::test]
async fn owners_should_dismiss_an_heir_if_there_is_one() {
	let mock = chain(with_friends());
	let nobody = step!(mock, LOST, dismiss_heir()).unwrap_err();
	assert!(matches!(nobody, RecoveryError::NotRecovered(_)), "{nobody}");
	assert_eq!(Error::from(nobody).code(), "no-change");
	let mock = inherited();
	step!(mock, LOST, dismiss_heir()).unwrap();
	assert_eq!(mock.last_call(), Call::RevokeInheritor);
}
