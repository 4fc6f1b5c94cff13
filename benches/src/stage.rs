//! Who pays whom how much: choices at random, the same in every run.

use crate::population::Population;
use dam_primitives::{machine_account, MachineId, USDT_ASSET_ID};
use dam_runtime::{AccountId, Balance, Hash, Runtime, RuntimeCall};
use polkadot_sdk::*;
use rand::{rngs::StdRng, seq::index, seq::SliceRandom, Rng, SeedableRng};

/// Highest amount of a payment, in units of 0.000001 USDT. The lowest is 1.
pub const HIGHEST_PAYMENT: Balance = 1_000;

/// The choices of a run.
pub struct Stage {
	genesis: Hash,
	population: Population,
	random: StdRng,
}

impl Stage {
	/// For a chain with that `genesis`. The same `seed` makes the same choices.
	pub fn new(genesis: Hash, population: Population, seed: u64) -> Self {
		Self { genesis, population, random: StdRng::seed_from_u64(seed) }
	}

	/// Hash of block 0.
	pub const fn genesis(&self) -> Hash {
		self.genesis
	}

	/// Everybody.
	pub const fn population(&self) -> Population {
		self.population
	}

	/// One of `0..count`, each as probable as any other.
	pub fn one_of(&mut self, count: u64) -> u64 {
		self.random.gen_range(0..count.max(1))
	}

	/// A machine to pay.
	pub fn payee(&mut self) -> MachineId {
		self.one_of(self.population.accounts())
	}

	/// `count` machines, all different; all there are, if there are fewer.
	pub fn distinct(&mut self, count: u32) -> Vec<MachineId> {
		let accounts = usize::try_from(self.population.accounts()).unwrap_or(usize::MAX);
		let count = usize::try_from(count).unwrap_or(usize::MAX).min(accounts);
		index::sample(&mut self.random, accounts, count)
			.into_iter()
			.map(|index| index as MachineId)
			.collect()
	}

	/// `items` in an order by chance.
	pub fn shuffled<T>(&mut self, mut items: Vec<T>) -> Vec<T> {
		items.shuffle(&mut self.random);
		items
	}

	/// What is paid.
	pub fn amount(&mut self) -> Balance {
		self.random.gen_range(1..=HIGHEST_PAYMENT)
	}
}

/// A machine's wallet.
pub fn wallet(machine: MachineId) -> AccountId {
	machine_account(machine).into()
}

/// An amount as it is added to an account. Amounts of this program are far below the bound.
pub fn gain(amount: Balance) -> i128 {
	i128::try_from(amount).unwrap_or(i128::MAX)
}

/// A plain transfer of USDT.
pub fn transfer(to: AccountId, amount: Balance) -> RuntimeCall {
	pallet_assets::Call::<Runtime>::transfer_keep_alive {
		id: USDT_ASSET_ID.into(),
		target: to.into(),
		amount,
	}
	.into()
}
