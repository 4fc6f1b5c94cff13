//! Recovering a lost account: friends whom the owner named beforehand give control to an heir, after
//! a delay in which the owner can object.
//!
//! An owner's account is an ordinary account, so this protects everything that it holds: machines,
//! USDT and DAM. The machines themselves need nothing of their own for it.

use dam_primitives::MachineId;
use thiserror::Error;

use crate::{
	chain::{Call, ChainError, ChainEvent, DispatchFailure, FriendGroup, Network, RecoveryAttempt},
	keys::Key,
	settle::{Patience, Progress},
	transact::{from_chain, Actor, Done, TransactError},
	AccountId,
};

/// For how many blocks the offer stands by which an heir takes a machine over: ten minutes.
const OFFER_LIFETIME: u32 = 600;

/// Why a recovery was not arranged or carried on.
#[derive(Debug, Error)]
pub enum RecoveryError {
	/// A group of nobody.
	#[error("name at least one friend: somebody else who can start a recovery")]
	NoFriends,
	/// More friends than the chain takes.
	#[error("{found} friends are named, {most} is the most: leave some out")]
	TooManyFriends {
		/// How many.
		found: usize,
		/// How many there can be.
		most: u32,
	},
	/// Somebody is named twice.
	#[error("{0} is named twice as a friend: name everybody once")]
	DuplicateFriend(AccountId),
	/// The owner is its own friend.
	#[error("{0} is the account itself: name others, since its key may be lost")]
	OwnFriend(AccountId),
	/// Nobody must agree, or more than there are.
	#[error("{needed} friends cannot be asked to approve where {friends} are named: ask for 1 to {friends}")]
	Threshold {
		/// How many should approve.
		needed: u32,
		/// How many there are.
		friends: usize,
	},
	/// Control at once.
	#[error(
		"without a delay friends could take the account before anybody notices: give at least one \
		 block, better days"
	)]
	NoDelay,
	/// Several groups at once are in the way.
	#[error("an attempt to recover {0} is going on: cancel it first")]
	AttemptRuns(AccountId),
	/// Nobody can recover the account.
	#[error("{lost} has named no group of friends with the number {group}: see `dam-device owner recovery show`")]
	UnknownGroup {
		/// The account.
		lost: AccountId,
		/// Which group.
		group: u32,
	},
	/// The account has no friends to be removed.
	#[error("{0} has named no friends: nothing was sent")]
	NothingToClear(AccountId),
	/// The signer is no friend.
	#[error("{signer} is no friend of {lost} in group {group}: use the key of one who is")]
	NotFriend {
		/// Who would sign.
		signer: AccountId,
		/// The account.
		lost: AccountId,
		/// Which group.
		group: u32,
	},
	/// The group tries already.
	#[error("group {group} tries to recover {lost} since block {since}: approve that attempt")]
	AlreadyStarted {
		/// The account.
		lost: AccountId,
		/// Which group.
		group: u32,
		/// When it started.
		since: u32,
	},
	/// The group does not try.
	#[error("group {group} does not try to recover {lost}: start an attempt first")]
	NoAttempt {
		/// The account.
		lost: AccountId,
		/// Which group.
		group: u32,
	},
	/// The friend has approved.
	#[error("{0} has approved this attempt already: nothing was sent")]
	AlreadyApproved(AccountId),
	/// Enough friends have approved.
	#[error("enough friends have approved this attempt: finish it once its delay is over")]
	FullyApproved,
	/// Too few friends have approved.
	#[error("approvals so far: {approved} of {needed}; have other friends approve")]
	NotApproved {
		/// How many have.
		approved: u32,
		/// How many must.
		needed: u32,
	},
	/// The delay is not over.
	#[error(
		"the attempt can be finished from block {0} on, so that the owner can object until then"
	)]
	TooEarly(u32),
	/// The friend must wait before giving up.
	#[error(
		"whoever started the attempt can give it up from block {0} on; the owner can at any time"
	)]
	NotYetCancelable(u32),
	/// Not the signer's to cancel.
	#[error("{0} neither started this attempt nor owns the account: use such a key")]
	NotCanceller(AccountId),
	/// The account was recovered.
	#[error("{lost} was recovered: {inheritor} has control of it")]
	Recovered {
		/// The account.
		lost: AccountId,
		/// Who has control.
		inheritor: AccountId,
	},
	/// Nobody controls the account but its own key.
	#[error("{0} was not recovered by anybody: nothing was sent")]
	NotRecovered(AccountId),
	/// The signer does not control the account.
	#[error("{signer} did not inherit {lost}: use the key of the account that did")]
	NotInheritor {
		/// Who would sign.
		signer: AccountId,
		/// The account.
		lost: AccountId,
	},
	/// The machine is not the recovered account's.
	#[error("machine {machine} belongs to {owner}, not to {lost}: check the number")]
	NotTheirs {
		/// Which machine.
		machine: MachineId,
		/// Whose it is.
		owner: AccountId,
		/// The recovered account.
		lost: AccountId,
	},
	/// What the heir did in the account's name failed.
	#[error("the recovered account could not do that: {0}")]
	Inner(DispatchFailure),
	/// What every operation can meet.
	#[error(transparent)]
	Transact(#[from] TransactError),
}

from_chain!(RecoveryError);

/// A group of friends, checked.
///
/// `delay` is the least time between the start of an attempt and its end, in blocks; the friend who
/// started it can give it up after as long without an approval.
///
/// # Errors
/// [`RecoveryError::NoFriends`], [`RecoveryError::DuplicateFriend`],
/// [`RecoveryError::Threshold`], [`RecoveryError::NoDelay`].
pub fn friend_group(
	mut friends: Vec<AccountId>,
	needed: u32,
	inheritor: AccountId,
	delay: u32,
) -> Result<FriendGroup, RecoveryError> {
	if friends.is_empty() {
		return Err(RecoveryError::NoFriends);
	}
	friends.sort_by_key(|friend| friend.0);
	if let Some(pair) = friends.windows(2).find(|pair| pair[0] == pair[1]) {
		return Err(RecoveryError::DuplicateFriend(pair[0]));
	}
	if needed == 0 || needed as usize > friends.len() {
		return Err(RecoveryError::Threshold { needed, friends: friends.len() });
	}
	if delay == 0 {
		return Err(RecoveryError::NoDelay);
	}
	Ok(FriendGroup {
		friends,
		friends_needed: needed,
		inheritor,
		inheritance_delay: delay,
		inheritance_priority: 0,
		cancel_delay: delay,
	})
}

/// Someone who takes part in a recovery: the owner, a friend, or the heir.
#[derive(Debug)]
pub struct Recoverer<'a, N> {
	actor: Actor<'a, N>,
}

impl<'a, N: Network> Recoverer<'a, N> {
	/// Someone who signs with `key`.
	pub const fn new(network: &'a N, key: &'a Key, patience: Patience) -> Self {
		Self { actor: Actor::new(network, key, patience) }
	}

	/// As the owner: names who may recover the signer's account, in place of those before; nobody
	/// if `group` is `None`.
	///
	/// # Errors
	/// [`RecoveryError::OwnFriend`], [`RecoveryError::TooManyFriends`],
	/// [`RecoveryError::AttemptRuns`], [`RecoveryError::NothingToClear`], and what sending gives.
	pub async fn set_friends(
		&self,
		group: Option<FriendGroup>,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Done, RecoveryError> {
		let own = self.actor.account();
		if group.as_ref().is_some_and(|group| group.friends.contains(&own)) {
			return Err(RecoveryError::OwnFriend(own));
		}
		if let Some(FriendGroup { friends, .. }) = &group {
			let (found, most) = (friends.len(), self.actor.network.limits().await?.friends);
			if found > most as usize {
				return Err(RecoveryError::TooManyFriends { found, most });
			}
		}
		let found = self.actor.network.recovery(own).await?;
		if !found.attempts.is_empty() {
			return Err(RecoveryError::AttemptRuns(own));
		}
		if group.is_none() && found.groups.is_empty() {
			return Err(RecoveryError::NothingToClear(own));
		}
		let call = Call::SetFriendGroups(group.into_iter().collect());
		Ok(self.actor.simple(&call, progress).await?)
	}

	/// As a friend: starts to recover an account, and approves that. Holds a deposit, which the
	/// owner can take away if it was no loss.
	///
	/// # Errors
	/// [`RecoveryError::UnknownGroup`], [`RecoveryError::NotFriend`],
	/// [`RecoveryError::AlreadyStarted`], [`RecoveryError::Recovered`], and what sending gives.
	pub async fn start(
		&self,
		lost: AccountId,
		group: u32,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Done, RecoveryError> {
		let found = self.actor.network.recovery(lost).await?;
		let friends = group_of(&found.groups, lost, group)?;
		self.check_friend(friends, lost, group)?;
		if let Some(attempt) = attempt_of(&found.attempts, group) {
			let since = attempt.init_block;
			return Err(RecoveryError::AlreadyStarted { lost, group, since });
		}
		if let (Some(inheritor), Some(priority)) = (found.inheritor, found.inherited_with) {
			if friends.inheritance_priority >= priority {
				return Err(RecoveryError::Recovered { lost, inheritor });
			}
		}
		let deposit = self.actor.network.limits().await?.recovery_deposit;
		self.actor.check_dam(self.actor.account(), deposit).await?;
		Ok(self.actor.simple(&Call::InitiateAttempt { lost, group }, progress).await?)
	}

	/// As a friend: approves an attempt that another friend has started.
	///
	/// # Errors
	/// [`RecoveryError::NoAttempt`], [`RecoveryError::NotFriend`],
	/// [`RecoveryError::AlreadyApproved`], [`RecoveryError::FullyApproved`], and what sending gives.
	pub async fn approve(
		&self,
		lost: AccountId,
		group: u32,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Done, RecoveryError> {
		let (friends, attempt) = self.attempt(lost, group).await?;
		let position = self.check_friend(&friends, lost, group)?;
		if attempt.has_approved(position) {
			return Err(RecoveryError::AlreadyApproved(self.actor.account()));
		}
		if attempt.approved() >= friends.friends_needed {
			return Err(RecoveryError::FullyApproved);
		}
		Ok(self.actor.simple(&Call::ApproveAttempt { lost, group }, progress).await?)
	}

	/// As anybody: ends an attempt that was approved and has waited long enough, so that the heir
	/// gets control.
	///
	/// # Errors
	/// [`RecoveryError::NoAttempt`], [`RecoveryError::NotApproved`], [`RecoveryError::TooEarly`],
	/// and what sending gives.
	pub async fn finish(
		&self,
		lost: AccountId,
		group: u32,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Done, RecoveryError> {
		let (friends, attempt) = self.attempt(lost, group).await?;
		let (approved, needed) = (attempt.approved(), friends.friends_needed);
		if approved < needed {
			return Err(RecoveryError::NotApproved { approved, needed });
		}
		let earliest = attempt.init_block.saturating_add(friends.inheritance_delay);
		if self.actor.next_block().await? < earliest {
			return Err(RecoveryError::TooEarly(earliest));
		}
		Ok(self.actor.simple(&Call::FinishAttempt { lost, group }, progress).await?)
	}

	/// As the owner: objects to an attempt. As the friend who started it: gives it up.
	///
	/// With `slash`, which only the owner can do, the friend loses the deposit.
	///
	/// # Errors
	/// [`RecoveryError::NoAttempt`], [`RecoveryError::NotCanceller`],
	/// [`RecoveryError::NotYetCancelable`], and what sending gives.
	pub async fn cancel(
		&self,
		lost: AccountId,
		group: u32,
		slash: bool,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Done, RecoveryError> {
		let (friends, attempt) = self.attempt(lost, group).await?;
		let signer = self.actor.account();
		if signer != lost {
			if slash || signer != attempt.initiator {
				return Err(RecoveryError::NotCanceller(signer));
			}
			let earliest = attempt.last_approval_block.saturating_add(friends.cancel_delay);
			if self.actor.next_block().await? < earliest {
				return Err(RecoveryError::NotYetCancelable(earliest));
			}
		}
		let call = match slash {
			true => Call::SlashAttempt { group },
			false => Call::CancelAttempt { lost, group },
		};
		Ok(self.actor.simple(&call, progress).await?)
	}

	/// As the owner, whose key was not lost or is found again: ends the heir's control of the
	/// signer's account. Whatever the heir took over before stays with the heir.
	///
	/// # Errors
	/// [`RecoveryError::NotRecovered`], and what sending gives.
	pub async fn dismiss_heir(
		&self,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Done, RecoveryError> {
		let own = self.actor.account();
		if self.actor.network.recovery(own).await?.inheritor.is_none() {
			return Err(RecoveryError::NotRecovered(own));
		}
		Ok(self.actor.simple(&Call::RevokeInheritor, progress).await?)
	}

	/// As the heir: takes a machine of the recovered account over, in two transactions. The second
	/// needs as much DAM as the machine's deposit.
	///
	/// Can be repeated if it was interrupted between the two.
	///
	/// # Errors
	/// [`RecoveryError::NotInheritor`], [`RecoveryError::NotTheirs`], [`RecoveryError::Inner`], and
	/// what sending gives.
	pub async fn take_machine(
		&self,
		lost: AccountId,
		machine: MachineId,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<[Done; 2], RecoveryError> {
		let signer = self.actor.account();
		if self.actor.network.recovery(lost).await?.inheritor != Some(signer) {
			return Err(RecoveryError::NotInheritor { signer, lost });
		}
		let found = self.actor.living(machine).await?;
		if found.owner != lost {
			return Err(RecoveryError::NotTheirs { machine, owner: found.owner, lost });
		}
		let deposit = crate::Dam::from_units(found.deposit);
		self.actor.check_dam(signer, deposit).await?;

		let expires_at = self.actor.next_block().await?.saturating_add(OFFER_LIFETIME);
		let offer = Call::OfferOwnership { machine, to: signer, expires_at };
		let offered = self.control(lost, offer, progress).await?;
		let unchanged_since = offered.block.number;
		let accept = Call::AcceptOwnership { machine, unchanged_since };
		let accepted = self.actor.simple(&accept, progress).await?;
		Ok([offered, accepted])
	}

	/// Does something in the recovered account's name.
	async fn control(
		&self,
		recovered: AccountId,
		call: Call,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Done, RecoveryError> {
		let call = Call::ControlInherited { recovered, call: Box::new(call) };
		let (done, events) = self.actor.transact(&call, progress).await?;
		// The transaction succeeds whatever comes of the call inside.
		let result = events.into_iter().find_map(|event| match event {
			ChainEvent::RecoveredAccountControlled { result } => Some(result),
			_ => None,
		});
		match result {
			Some(Ok(())) => Ok(done),
			Some(Err(failure)) => Err(RecoveryError::Inner(failure)),
			None => Err(ChainError::Incompatible {
				what: "the event of the recovered account",
				why: "there is none".into(),
			}
			.into()),
		}
	}

	async fn attempt(
		&self,
		lost: AccountId,
		group: u32,
	) -> Result<(FriendGroup, RecoveryAttempt), RecoveryError> {
		let found = self.actor.network.recovery(lost).await?;
		let friends = group_of(&found.groups, lost, group)?;
		let attempt = attempt_of(&found.attempts, group);
		let attempt = attempt.ok_or(RecoveryError::NoAttempt { lost, group })?;
		Ok((friends.clone(), attempt.clone()))
	}

	/// The signer's position among the friends.
	fn check_friend(
		&self,
		friends: &FriendGroup,
		lost: AccountId,
		group: u32,
	) -> Result<usize, RecoveryError> {
		let signer = self.actor.account();
		let position = friends.friends.iter().position(|friend| *friend == signer);
		position.ok_or(RecoveryError::NotFriend { signer, lost, group })
	}
}

fn group_of(
	groups: &[FriendGroup],
	lost: AccountId,
	group: u32,
) -> Result<&FriendGroup, RecoveryError> {
	let index = usize::try_from(group).unwrap_or(usize::MAX);
	groups.get(index).ok_or(RecoveryError::UnknownGroup { lost, group })
}

fn attempt_of(attempts: &[RecoveryAttempt], group: u32) -> Option<&RecoveryAttempt> {
	attempts.iter().find(|attempt| attempt.friend_group_index == group)
}

#[cfg(test)]
mod tests {
	use super::*;

	fn someone(byte: u8) -> AccountId {
		AccountId::from([byte; 32])
	}

	#[test]
	fn friends_should_be_sorted_and_checked() {
		let heir = someone(9);
		let group = friend_group(vec![someone(3), someone(1), someone(2)], 2, heir, 100).unwrap();
		assert_eq!(group.friends, [someone(1), someone(2), someone(3)]);
		assert_eq!((group.inheritance_delay, group.cancel_delay), (100, 100));
		let of = |friends, needed, delay| friend_group(friends, needed, heir, delay).unwrap_err();
		assert!(matches!(of(vec![], 1, 1), RecoveryError::NoFriends));
		let twice = vec![someone(1), someone(2), someone(1)];
		assert!(matches!(of(twice, 1, 1), RecoveryError::DuplicateFriend(_)));
		assert!(matches!(of(vec![someone(1)], 0, 1), RecoveryError::Threshold { .. }));
		assert!(matches!(of(vec![someone(1)], 2, 1), RecoveryError::Threshold { .. }));
		assert!(matches!(of(vec![someone(1)], 1, 0), RecoveryError::NoDelay));
	}
}
