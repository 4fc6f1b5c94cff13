//! What is read of the chain's state beside the types that the runtime API shares.

use std::time::SystemTime;

use codec::{Decode, Encode};
use dam_primitives::Channel;
use serde::Serialize;

use super::Block;
use crate::{AccountId, Dam, Usdt};

/// What an account holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Balances {
	/// USDT, free to spend.
	pub usdt: Usdt,
	/// DAM, free to spend or to be held.
	pub dam: Dam,
	/// Transactions sent so far.
	pub nonce: u32,
}

/// The chain's bounds, in blocks unless they say otherwise, and deposits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
	/// How far ahead a registration or key agreement may expire.
	pub statement: u32,
	/// How far ahead an offer of ownership may expire.
	pub offer: u32,
	/// How far ahead an approval may expire.
	pub approval: u32,
	/// How far ahead an attestation may expire.
	pub attestation: u32,
	/// Least distance between two rotations that a machine's key does by itself.
	pub rotation_interval: u32,
	/// How many friends at most can recover an account together.
	pub friends: u32,
	/// Held from the owner for a machine.
	pub machine_deposit: Dam,
	/// Held from the owner for each key after the first.
	pub key_deposit: Dam,
	/// Held from the attester for an attestation.
	pub attestation_deposit: Dam,
	/// Held from the friend who starts to recover an account, until the attempt ends.
	pub recovery_deposit: Dam,
	/// Least that is bonded for a machine's quota, if anything is.
	pub bond: Dam,
	/// Locked from the payer's machine while a payment channel stands.
	pub channel_deposit: Usdt,
	/// Shortest grace period of a payment channel.
	pub least_grace: u32,
	/// Longest grace period of a payment channel.
	pub most_grace: u32,
	/// Locked from the payer's machine while a stream stands.
	pub stream_deposit: Usdt,
	/// Locked from the payer's machine while a mandate stands.
	pub mandate_deposit: Usdt,
	/// How far ahead a mandate may expire.
	pub mandate: u32,
	/// Locked from the buyer's machine while an order stands.
	pub order_deposit: Usdt,
	/// Longest time that an order can give for acceptance, for delivery, and for confirmation.
	pub order_phase: u32,
}

/// A payment channel, with what else its payee has to know.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProvenChannel {
	/// As it stands in the state.
	#[serde(flatten)]
	pub channel: Channel<AccountId>,
	/// Last block in which vouchers settle, if the key that signs them was replaced; `None` while it
	/// is the payer's payment key, and for hash chains.
	pub signer_until: Option<u32>,
}

/// Channels as they stand in one finalized block.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProvenChannels {
	/// The block.
	pub block: Block,
	/// When it was built, by its own word.
	pub built_at: SystemTime,
	/// What was asked for, in that order; `None` for a channel that was closed or never opened.
	pub channels: Vec<Option<ProvenChannel>>,
}

/// When an attester was last accredited for a type of claim.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, Serialize)]
pub struct Accreditation {
	/// First block in which what the attester issues counts.
	pub since: u32,
	/// First block in which nothing counts any more; `None` while the attester is accredited.
	pub until: Option<u32>,
}

impl Accreditation {
	/// Whether the attester may issue in block `at`.
	pub fn holds_at(&self, at: u32) -> bool {
		self.since <= at && self.until.is_none_or(|until| at < until)
	}
}

/// People who may together recover a lost account.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FriendGroup {
	/// Who can start and approve an attempt, in ascending order.
	pub friends: Vec<AccountId>,
	/// How many of them must approve.
	pub friends_needed: u32,
	/// Who gets control of the account.
	pub inheritor: AccountId,
	/// Least number of blocks between the start of an attempt and its end. The owner can object for
	/// so long.
	pub inheritance_delay: u32,
	/// Which group wins if several succeed: the lowest.
	pub inheritance_priority: u32,
	/// Blocks after the last approval before the friend who started an attempt can give it up.
	pub cancel_delay: u32,
}

/// An attempt to recover an account.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RecoveryAttempt {
	/// Which group tries.
	pub friend_group_index: u32,
	/// Who started it.
	pub initiator: AccountId,
	/// When.
	pub init_block: u32,
	/// When a friend last approved.
	pub last_approval_block: u32,
	/// One bit for each friend of the group who approved, in words of 16.
	pub approvals: Vec<u16>,
}

impl RecoveryAttempt {
	/// How many friends approved.
	pub fn approved(&self) -> u32 {
		self.approvals.iter().map(|word| word.count_ones()).sum()
	}

	/// Whether the friend at that position approved.
	pub fn has_approved(&self, friend: usize) -> bool {
		self.approvals.get(friend / 16).is_some_and(|word| word & (1 << (friend % 16)) != 0)
	}
}

/// Who can recover an account, and who tries to.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Recovery {
	/// The groups of friends that the account's holder named.
	pub groups: Vec<FriendGroup>,
	/// Attempts that run.
	pub attempts: Vec<RecoveryAttempt>,
	/// Who has control of the account beside its own key.
	pub inheritor: Option<AccountId>,
	/// The priority with which the inheritor got it.
	pub inherited_with: Option<u32>,
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn accreditations_should_hold_between_their_ends() {
		let given = Accreditation { since: 5, until: Some(9) };
		assert!(!given.holds_at(4) && given.holds_at(5) && given.holds_at(8) && !given.holds_at(9));
		assert!(Accreditation { since: 5, until: None }.holds_at(u32::MAX));
	}

	#[test]
	fn approvals_should_be_counted_by_bit() {
		let attempt = RecoveryAttempt {
			friend_group_index: 0,
			initiator: AccountId::from([1; 32]),
			init_block: 1,
			last_approval_block: 1,
			approvals: vec![0b101, 0b1],
		};
		assert_eq!(attempt.approved(), 3);
		assert!(attempt.has_approved(0) && !attempt.has_approved(1) && attempt.has_approved(16));
		assert!(!attempt.has_approved(99));
	}
}
