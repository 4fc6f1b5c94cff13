//! What the machines of a story should hold, and what they do.

use dam_device::{
	chain::{Balances, Block, Network},
	AccountId, Dam, Usdt,
};
use serde_json::{json, Value};

use super::{
	error::StageError,
	stage::{Machine, Stage},
};
use crate::cli::failure::Failure;

/// A machine in the books.
struct Line {
	name: &'static str,
	account: AccountId,
	key: AccountId,
	expected: Usdt,
}

/// What each machine should hold. A story writes every movement of money into its books, and
/// compares them with the chain.
pub(super) struct Books {
	lines: Vec<Line>,
	/// What the story has put into escrow and not taken out again.
	escrow: Usdt,
	readings: Vec<Value>,
}

impl Books {
	/// Opens the books with what the machines hold now, all read at one block, and tells it.
	pub(super) async fn open(stage: &Stage<'_>, machines: &[&Machine]) -> Result<Self, Failure> {
		let lines = machines.iter().map(|machine| Line {
			name: machine.name,
			account: machine.address(),
			key: machine.key().account(),
			expected: Usdt::default(),
		});
		let mut books =
			Self { lines: lines.collect(), escrow: Usdt::default(), readings: Vec::new() };
		for (line, held) in books.read(stage, "Before").await?.1 {
			books.lines[line].expected = held.usdt;
		}
		Ok(books)
	}

	/// One machine pays another.
	pub(super) fn pay(
		&mut self,
		from: &Machine,
		to: &Machine,
		amount: Usdt,
	) -> Result<(), StageError> {
		self.take(from, amount)?;
		self.give(to, amount)
	}

	/// A machine puts money into escrow: a deposit or a price.
	pub(super) fn lock(&mut self, from: &Machine, amount: Usdt) -> Result<(), StageError> {
		self.take(from, amount)?;
		self.escrow = sum(self.escrow, amount).ok_or(StageError::Overdrawn("escrow"))?;
		Ok(())
	}

	/// A machine gets money out of escrow: what it earned, or what it gets back.
	pub(super) fn pay_out(&mut self, to: &Machine, amount: Usdt) -> Result<(), StageError> {
		self.escrow = difference(self.escrow, amount).ok_or(StageError::Overdrawn("escrow"))?;
		self.give(to, amount)
	}

	/// Reads what the machines hold, tells it, and compares it with the books.
	pub(super) async fn check(&mut self, stage: &Stage<'_>, when: &str) -> Result<(), Failure> {
		let (block, held) = self.read(stage, when).await?;
		for (line, held) in held {
			self.lines[line].check(when, block, held.usdt)?;
		}
		Ok(())
	}

	/// As [`Self::check`], at the end of a story: nothing is left in escrow, and every unit that was
	/// spent was earned.
	pub(super) async fn close(mut self, stage: &mut Stage<'_>) -> Result<(), Failure> {
		self.check(stage, "After").await?;
		if self.escrow != Usdt::default() {
			return Err(StageError::LeftInEscrow(self.escrow).into());
		}
		stage.note("balances", json!(self.readings));
		Ok(())
	}

	/// What each machine holds at the latest final block, in the order of the lines.
	async fn read(
		&mut self,
		stage: &Stage<'_>,
		when: &str,
	) -> Result<(Block, Vec<(usize, Balances)>), Failure> {
		let accounts: Vec<_> =
			self.lines.iter().flat_map(|line| [line.account, line.key]).collect();
		let (block, balances) = stage.network().balances(&accounts).await?;
		let width = self.lines.iter().map(|line| line.name.chars().count()).max().unwrap_or(0);
		let mut text = format!("{when}, read by storage proof at block {}:", block.number);
		let (mut machines, mut rows) = (Vec::new(), Vec::new());
		for (index, (line, held)) in self.lines.iter().zip(balances.chunks_exact(2)).enumerate() {
			let [machine, key] = held else { continue };
			text.push_str(&format!(
				"\n  {:<width$} {:>12} USDT   its key {} USDT, {} DAM",
				line.name, machine.usdt, key.usdt, key.dam
			));
			line.check_key(when, key)?;
			machines.push((index, *machine));
			rows.push(json!({ "name": line.name, "machine": machine, "key": key }));
		}
		stage.say(&text);
		self.readings.push(json!({ "when": when, "block": block, "accounts": rows }));
		Ok((block, machines))
	}

	fn take(&mut self, from: &Machine, amount: Usdt) -> Result<(), StageError> {
		let line = self.line(from)?;
		line.expected =
			difference(line.expected, amount).ok_or(StageError::Overdrawn(line.name))?;
		Ok(())
	}

	fn give(&mut self, to: &Machine, amount: Usdt) -> Result<(), StageError> {
		let line = self.line(to)?;
		line.expected = sum(line.expected, amount).ok_or(StageError::Overdrawn(line.name))?;
		Ok(())
	}

	fn line(&mut self, machine: &Machine) -> Result<&mut Line, StageError> {
		let account = machine.address();
		let found = self.lines.iter_mut().find(|line| line.account == account);
		found.ok_or(StageError::Unreported(machine.name))
	}
}

impl Line {
	fn check(&self, when: &str, block: Block, found: Usdt) -> Result<(), StageError> {
		let Self { name, expected, .. } = *self;
		if found == expected {
			return Ok(());
		}
		let (when, block) = (when.into(), block.number);
		Err(StageError::Unbalanced { when, name, block, found, expected })
	}

	fn check_key(&self, when: &str, held: &Balances) -> Result<(), StageError> {
		let (usdt, dam) = (held.usdt, held.dam);
		if usdt == Usdt::default() && dam == Dam::default() {
			return Ok(());
		}
		Err(StageError::KeyHoldsMoney { when: when.into(), name: self.name, usdt, dam })
	}
}

fn sum(a: Usdt, b: Usdt) -> Option<Usdt> {
	a.checked_add(b)
}

fn difference(a: Usdt, b: Usdt) -> Option<Usdt> {
	a.units().checked_sub(b.units()).map(Usdt::from_units)
}

#[cfg(test)]
mod tests {
	use super::*;
	use dam_device::chain::Block;

	fn line(expected: u128) -> Line {
		let account = AccountId::from([1; 32]);
		Line { name: "the fridge", account, key: account, expected: Usdt::from_units(expected) }
	}

	#[test]
	fn a_single_unit_should_be_missed() {
		let block = Block { number: 7, hash: Default::default() };
		assert!(line(5).check("After", block, Usdt::from_units(5)).is_ok());
		for found in [4, 6] {
			let error = line(5).check("After", block, Usdt::from_units(found)).unwrap_err();
			let text = error.to_string();
			for part in ["After", "the fridge", "block 7", "0.000005"] {
				assert!(text.contains(part), "{text}");
			}
		}
	}

	#[test]
	fn keys_should_hold_nothing() {
		assert!(line(5).check_key("Before", &Balances::default()).is_ok());
		let dust = Balances { dam: Dam::from_units(1), ..Balances::default() };
		assert!(matches!(
			line(5).check_key("Before", &dust),
			Err(StageError::KeyHoldsMoney { name: "the fridge", .. })
		));
	}
}
