//! What the chain says of a channel.

use codec::{Decode, Encode};
use dam_primitives::{
	channel::MAX_HASHES_PER_CLAIM, machine_account, Channel, Lock, PayWordReceiver, Payee,
};
use thiserror::Error;

/// A channel as a proof of storage shows it. Where the proof comes from is the caller's business: a
/// light client, or a node of one's own. It must be of a finalized block.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct ChannelState {
	/// The channel.
	pub channel: Channel<[u8; 32]>,
	/// For a channel of vouchers whose key was replaced: the last block in which what that key signed
	/// still settles (`claimableUntil` of the key). `None` while it is the payer's payment key, and
	/// for hash chains.
	pub signer_until: Option<u32>,
	/// The finalized block of which this is proven.
	pub at: u32,
}

/// Why a state is not believed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum StateError {
	/// More is settled than was paid in, or the links do not sum up to what is settled.
	#[error("the state makes no sense: no chain of this kind can have it")]
	Impossible,
	/// It is not what an earlier state can have become.
	#[error(
		"the state contradicts an earlier one of the same channel: one of the proofs is false"
	)]
	Contradiction,
	/// Somebody else is paid.
	#[error("the channel pays somebody else: what comes through it is not for this payee")]
	OtherPayee,
	/// Claims could come too late.
	#[error(
		"the channel's grace period of {grace} blocks is too short: have the payer open one with at \
		 least {least}"
	)]
	GraceTooShort {
		/// Of the channel.
		grace: u32,
		/// What the limits demand.
		least: u32,
	},
	/// Perhaps the channel is one of those that are closed by now.
	#[error(
		"block {at} is older than block {gone_at}, which no longer had a channel: prove the state of a \
		 later block"
	)]
	TooOld {
		/// The block of the proof.
		at: u32,
		/// The latest block that is proven to have lost a channel.
		gone_at: u32,
	},
	/// There is no room for another.
	#[error("{0} channels are as many as the limits allow: have one closed first")]
	TooManyChannels(u32),
}

impl ChannelState {
	/// Whether a chain can be in this state.
	///
	/// # Errors
	/// [`StateError::Impossible`].
	pub fn check(&self) -> Result<(), StateError> {
		let channel = &self.channel;
		let adds_up = match &channel.lock {
			Lock::Vouchers { .. } => true,
			Lock::HashChain { index, length, unit, .. } => {
				index <= length && unit.checked_mul((*index).into()) == Some(channel.settled)
			},
		};
		if channel.settled > channel.deposit || !adds_up {
			return Err(StateError::Impossible);
		}
		Ok(())
	}

	/// Whether this is what `earlier` can have become: deposit and settled amount only grow, and
	/// what was agreed at opening stays.
	///
	/// # Errors
	/// [`StateError::Contradiction`].
	pub fn check_follows(&self, earlier: &Self) -> Result<(), StateError> {
		let (now, before) = (&self.channel, &earlier.channel);
		let same_lock = match (&now.lock, &before.lock) {
			(Lock::Vouchers { signer }, Lock::Vouchers { signer: before }) => signer == before,
			(
				Lock::HashChain { index, length, unit, link },
				Lock::HashChain { index: before, length: all, unit: each, link: last },
			) => {
				(length, unit) == (all, each) && (index > before || (index, link) == (before, last))
			},
			_ => false,
		};
		let closing = match (before.closing, now.closing) {
			(None, _) => true,
			(before, now) => before == now,
		};
		let grown = now.deposit >= before.deposit && now.settled >= before.settled;
		let same =
			(now.payer, &now.payee, now.grace) == (before.payer, &before.payee, before.grace);
		if same_lock && closing && grown && same {
			Ok(())
		} else {
			Err(StateError::Contradiction)
		}
	}

	/// The last block in which a claim surely settles, if there is one yet.
	pub fn deadline(&self) -> Option<u32> {
		let horizon = match self.channel.lock {
			Lock::Vouchers { .. } => self.signer_until,
			Lock::HashChain { .. } => None,
		};
		match (self.channel.closing, horizon) {
			(Some(closing), Some(horizon)) => Some(closing.min(horizon)),
			(closing, horizon) => closing.or(horizon),
		}
	}

	/// From where the links of this channel are checked; `None` for a channel of vouchers.
	pub(crate) fn receiver(&self) -> Option<PayWordReceiver> {
		match self.channel.lock {
			Lock::Vouchers { .. } => None,
			Lock::HashChain { link, index, length, .. } => Some(
				PayWordReceiver::new(link, index, length).with_max_hashes(MAX_HASHES_PER_CLAIM),
			),
		}
	}
}

/// The account at which a payee's money arrives: one payee has one, however it is written.
pub fn payee_account(payee: &Payee<[u8; 32]>) -> [u8; 32] {
	match payee {
		Payee::Machine(machine) => machine_account(*machine),
		Payee::Account(account) => *account,
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use dam_primitives::PublicKey;

	fn state() -> ChannelState {
		let channel = Channel {
			payer: 3,
			payee: Payee::Machine(4),
			deposit: 1_000,
			settled: 200,
			lock: Lock::Vouchers { signer: PublicKey::Ed25519([7; 32]) },
			grace: 100,
			closing: None,
			storage_deposit: 10,
		};
		ChannelState { channel, signer_until: None, at: 50 }
	}

	fn with(change: impl FnOnce(&mut Channel<[u8; 32]>)) -> ChannelState {
		let mut state = state();
		change(&mut state.channel);
		state
	}

	fn chained(index: u32) -> ChannelState {
		with(|channel| {
			channel.lock = Lock::HashChain { link: [index as u8; 32], index, length: 50, unit: 10 };
			channel.settled = u128::from(index) * 10;
		})
	}

	#[test]
	fn states_should_be_refused_when_no_chain_can_have_them() {
		state().check().unwrap();
		chained(20).check().unwrap();
		with(|channel| channel.settled = 1_000).check().unwrap();
		let broken = [
			with(|channel| channel.settled = 1_001),
			with(|channel| channel.lock = chained(19).channel.lock),
			with(|channel| {
				channel.lock = Lock::HashChain { link: [0; 32], index: 51, length: 50, unit: 1 };
				channel.settled = 51;
			}),
			with(|channel| {
				channel.lock =
					Lock::HashChain { link: [0; 32], index: 2, length: 50, unit: u128::MAX };
			}),
		];
		for state in broken {
			assert_eq!(state.check(), Err(StateError::Impossible), "{state:?}");
		}
	}

	#[test]
	fn states_should_only_move_forward() {
		for next in [
			state(),
			with(|channel| channel.deposit = 1_001),
			with(|channel| channel.settled = 201),
			with(|channel| channel.closing = Some(150)),
		] {
			next.check_follows(&state()).unwrap();
		}
		chained(21).check_follows(&chained(20)).unwrap();
		chained(20).check_follows(&chained(20)).unwrap();
		for next in [
			with(|channel| channel.deposit = 999),
			with(|channel| channel.settled = 199),
			with(|channel| channel.payer = 4),
			with(|channel| channel.payee = Payee::Machine(5)),
			with(|channel| channel.grace = 99),
			with(|channel| channel.lock = Lock::Vouchers { signer: PublicKey::Ed25519([8; 32]) }),
			chained(20),
		] {
			assert_eq!(next.check_follows(&state()), Err(StateError::Contradiction), "{next:?}");
		}
		assert!(chained(19).check_follows(&chained(20)).is_err());
		let mut other = chained(20);
		other.channel.lock = Lock::HashChain { link: [9; 32], index: 20, length: 50, unit: 10 };
		assert!(other.check_follows(&chained(20)).is_err());
		let closing = with(|channel| channel.closing = Some(150));
		assert!(state().check_follows(&closing).is_err());
		assert!(with(|channel| channel.closing = Some(151)).check_follows(&closing).is_err());
	}

	#[test]
	fn deadline_should_be_the_first_of_grace_and_horizon() {
		let deadline = |closing, signer_until| {
			let mut state = with(|channel| channel.closing = closing);
			state.signer_until = signer_until;
			state.deadline()
		};
		assert_eq!(deadline(None, None), None);
		assert_eq!(deadline(Some(70), None), Some(70));
		assert_eq!(deadline(None, Some(60)), Some(60));
		assert_eq!(deadline(Some(70), Some(60)), Some(60));
		assert_eq!(deadline(Some(70), Some(80)), Some(70));
		let chain = ChannelState { signer_until: Some(60), ..chained(20) };
		assert_eq!(chain.deadline(), None, "nobody signs links");
	}

	#[test]
	fn payee_should_have_one_account() {
		assert_eq!(
			payee_account(&Payee::Machine(7)),
			payee_account(&Payee::Account(machine_account(7)))
		);
		assert_eq!(payee_account(&Payee::Account([7; 32])), [7; 32]);
	}
}
