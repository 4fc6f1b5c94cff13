//! Who exists in a prepared state: machines, their owners, their channels. Everything follows from
//! numbers, so that a later run knows every key of a state that an earlier one made.

use crate::key::Key;
use dam_primitives::{payword::Link, ChannelId, MachineId};
use polkadot_sdk::sp_io::hashing::blake2_256;
use std::ops::Range;

/// Machines that one person owns.
pub const FLEET: u64 = 4;

/// Machines beside those that are counted: they sign batches for the others. Together they have the
/// quota for some hundred batches, and a small state must stay small.
const GATEWAYS: u64 = 512;

/// People who sign batches of one kind.
const RESERVED: u64 = 24;

/// Links of all chains together, about: so that making them takes seconds at any size.
const LINKS_IN_ALL: u64 = 20_000_000;
/// Longest chain.
const LONGEST_CHAIN: u64 = 20_000;
/// Shortest chain: two claims.
const SHORTEST_CHAIN: u64 = 2 * LINKS_PER_CLAIM as u64;

/// Links that one claim goes ahead.
pub const LINKS_PER_CLAIM: u32 = 100;

/// Everybody in a state with a number of accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Population {
	accounts: u64,
}

impl Population {
	/// A state in which `accounts` machines are paid and pay.
	pub const fn new(accounts: u64) -> Self {
		Self { accounts }
	}

	/// How many machines are paid and pay: 0, 1 and so on.
	pub const fn accounts(&self) -> u64 {
		self.accounts
	}

	/// How many machines there are. Those above [`accounts`](Self::accounts) are gateways. Every one
	/// has a wallet, a key, and a channel of its own number.
	pub const fn machines(&self) -> u64 {
		self.accounts.saturating_add(GATEWAYS).next_multiple_of(FLEET)
	}

	/// How many people there are. Each owns [`FLEET`] machines in a row.
	pub const fn people(&self) -> u64 {
		self.machines() / FLEET
	}

	/// The people who sign single transfers: all but a few.
	pub const fn payers(&self) -> Range<u64> {
		0..self.people() - 3 * RESERVED
	}

	/// People who do nothing else than to sign batches of a kind; there are three kinds.
	pub const fn reserved(&self, kind: u64) -> Range<u64> {
		let first = self.payers().end + (kind % 3) * RESERVED;
		first..first + RESERVED
	}

	/// Gateways that sign batches of a kind; there are three kinds.
	pub const fn gateways(&self, kind: u64) -> Range<u64> {
		let each = (self.machines() - self.accounts) / 3;
		let first = self.accounts + (kind % 3) * each;
		first..first + each
	}

	/// Whom a channel pays: another machine for each.
	pub const fn payee_of(&self, channel: ChannelId) -> MachineId {
		channel.wrapping_add(self.accounts / 2) % self.accounts
	}

	/// Links of each hash chain.
	pub fn chain_length(&self) -> u32 {
		let chains = (self.machines() / 2).max(1);
		let length = (LINKS_IN_ALL / chains).clamp(SHORTEST_CHAIN, LONGEST_CHAIN);
		let whole = length - length % u64::from(LINKS_PER_CLAIM);
		// At most LONGEST_CHAIN.
		u32::try_from(whole).unwrap_or(u32::MAX)
	}
}

/// Whether a channel is paid by the links of a hash chain; by vouchers otherwise.
pub const fn is_chained(channel: ChannelId) -> bool {
	channel % 2 == 1
}

/// The payment key of a machine.
pub fn machine_key(machine: MachineId) -> Key {
	Key::derive("machine", machine)
}

/// The key of a person.
pub fn person_key(person: u64) -> Key {
	Key::derive("person", person)
}

/// The secret of a channel's hash chain.
pub fn chain_seed(channel: ChannelId) -> Link {
	let mut source = *b"dam-bench hash chain\0\0\0\0\0\0\0\0";
	source[20..].copy_from_slice(&channel.to_le_bytes());
	blake2_256(&source)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn fleets_should_be_whole_and_gateways_come_on_top() {
		for accounts in [1_000, 1_001, 100_000, 999_999] {
			let population = Population::new(accounts);
			assert!(population.machines() >= accounts + GATEWAYS);
			assert_eq!(population.people() * FLEET, population.machines());
		}
	}

	#[test]
	fn signers_of_different_kinds_should_be_different() {
		let population = Population::new(1_000);
		let ranges = |of: &dyn Fn(u64) -> Range<u64>| [of(0), of(1), of(2)];
		let people = ranges(&|kind| population.reserved(kind));
		assert!(population.payers().end > 200);
		assert_eq!(population.payers().end, people[0].start);
		assert_eq!(people[2].end, population.people());
		let gateways = ranges(&|kind| population.gateways(kind));
		assert_eq!(gateways[0].start, 1_000);
		assert!(gateways[2].end <= population.machines());
		for [earlier, later] in [&people, &gateways].map(|all| [all[0].end, all[1].start]) {
			assert_eq!(earlier, later);
		}
	}

	#[test]
	fn channels_should_pay_somebody_else_who_exists() {
		for accounts in [1_000, 1_001] {
			let population = Population::new(accounts);
			for channel in 0..population.machines() {
				let payee = population.payee_of(channel);
				assert!(payee < accounts && payee != channel, "{channel} {payee}");
			}
		}
	}

	#[test]
	fn chains_should_be_made_of_whole_claims() {
		for accounts in [1_000, 100_000, 1_000_000, 4_000_000] {
			let length = Population::new(accounts).chain_length();
			assert_eq!(length % LINKS_PER_CLAIM, 0);
			assert!(length >= 2 * LINKS_PER_CLAIM);
		}
		assert_eq!(Population::new(1_000).chain_length(), 20_000);
	}

	#[test]
	fn keys_and_seeds_should_differ() {
		assert_ne!(machine_key(1).account, person_key(1).account);
		assert_ne!(machine_key(1).account, machine_key(2).account);
		assert_eq!(machine_key(1).account, machine_key(1).account);
		assert_ne!(chain_seed(1), chain_seed(256));
	}
}
