//! What everybody should have: kept beside the chain, and compared with it.

use crate::{
	error::Error,
	extrinsic::Moves,
	genesis::{PERSON_USDT, WALLET_USDT},
	node::State,
	population::Population,
	stage::gain,
};
use dam_primitives::machine::machine_at;
use dam_runtime::{AccountId, Balance, Micropayments};
use std::collections::{BTreeSet, HashMap};

/// Expected balances, in units of 0.000001 USDT.
pub struct Ledger {
	pot: (AccountId, Balance),
	/// What was added to each account since the beginning.
	gains: HashMap<AccountId, i128>,
	/// Accounts that changed since the last comparison.
	changed: BTreeSet<AccountId>,
}

impl Ledger {
	/// At the beginning of a chain with that population, which it is compared with at a few places.
	pub fn open(chain: &impl State, population: Population) -> Result<Self, Error> {
		let pot = Micropayments::pot();
		let escrow = chain.usdt(&pot)?;
		let mut ledger =
			Self { pot: (pot, escrow), gains: HashMap::new(), changed: BTreeSet::new() };
		let machines = [0, population.accounts() - 1, population.machines() - 1];
		ledger.changed.extend(machines.map(crate::stage::wallet));
		let people = [0, population.people() - 1];
		ledger.changed.extend(people.map(|person| crate::population::person_key(person).account));
		ledger.check(chain)?;
		Ok(ledger)
	}

	/// What the next blocks should do.
	pub fn expect(&mut self, moves: Moves) {
		for (account, gain) in moves {
			let gains = self.gains.entry(account.clone()).or_default();
			*gains = gains.saturating_add(gain);
			self.changed.insert(account);
		}
	}

	/// Compares every account that should have changed since the last time.
	///
	/// # Errors
	/// If one has not exactly what it should.
	pub fn check(&mut self, chain: &impl State) -> Result<(), Error> {
		for account in std::mem::take(&mut self.changed) {
			let expected = self.balance(&account);
			let found = chain.usdt(&account)?;
			if gain(found) != expected {
				let reason = format!("{account} has {found} instead of {expected}");
				return Err(Error::Content { number: chain.tip().number, reason });
			}
		}
		Ok(())
	}

	fn balance(&self, account: &AccountId) -> i128 {
		let first = match machine_at(account.as_ref()) {
			_ if *account == self.pot.0 => self.pot.1,
			Some(_) => WALLET_USDT,
			None => PERSON_USDT,
		};
		let gains = self.gains.get(account).copied().unwrap_or_default();
		gain(first).saturating_add(gains)
	}
}
