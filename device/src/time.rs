//! Times as people write them, in the chain's measure: blocks of a second.

use std::{fmt, str::FromStr};

use thiserror::Error;

use crate::amount::{AmountError, Usdt};

/// Names of the units of time, and their blocks.
const UNITS: [(&[&str], u32); 5] = [
	(&["s", "sec", "second", "seconds"], 1),
	(&["m", "min", "minute", "minutes"], 60),
	(&["h", "hour", "hours"], 3_600),
	(&["d", "day", "days"], 86_400),
	(&["w", "week", "weeks"], 604_800),
];

/// Why a text is no time, or no rate.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum TimeError {
	/// Not a number and a unit.
	#[error(
		"`{0}` is no length of time: write numbers with units, such as 90s, 30m, 2h, 1d12h or 4w, or \
		 a number of blocks, which are seconds"
	)]
	Malformed(String),
	/// More blocks than there will ever be.
	#[error("`{0}` is too long: the chain counts to 4294967295 blocks of a second, 136 years")]
	TooLong(String),
	/// Nothing at all.
	#[error("a length of time of zero has no effect here: write at least 1s")]
	Zero,
	/// Not an amount per time.
	#[error(
		"`{0}` is no rate: write an amount of USDT and a time, for example `0.02 per minute` or \
		 `1.5/h`"
	)]
	MalformedRate(String),
	/// The amount of a rate.
	#[error("the rate's amount: {0}")]
	Amount(#[from] AmountError),
	/// Less than the smallest unit in a block.
	#[error(
		"`{text}` is less than 0.000001 USDT a second, the least that flows: {least} USDT is the \
		 least for that time"
	)]
	TooSlow {
		/// What was given.
		text: String,
		/// The smallest amount that is one unit a block.
		least: Usdt,
	},
}

/// A length of time, in blocks. A block takes a second.
///
/// ```
/// # use dam_device::time::Blocks;
/// assert_eq!("1h30m".parse(), Ok(Blocks::new(5_400)));
/// assert_eq!(Blocks::new(5_400).to_string(), "1h30m");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Blocks(u32);

impl Blocks {
	/// So many blocks.
	pub const fn new(blocks: u32) -> Self {
		Self(blocks)
	}

	/// How many blocks.
	pub const fn count(self) -> u32 {
		self.0
	}

	/// The time, unless it is none.
	///
	/// # Errors
	/// [`TimeError::Zero`].
	pub const fn non_zero(self) -> Result<Self, TimeError> {
		if self.0 == 0 {
			Err(TimeError::Zero)
		} else {
			Ok(self)
		}
	}
}

impl FromStr for Blocks {
	type Err = TimeError;

	/// Reads numbers with units, such as `1d12h`, or a number of blocks.
	fn from_str(text: &str) -> Result<Self, TimeError> {
		let malformed = || TimeError::Malformed(text.into());
		let too_long = || TimeError::TooLong(text.into());
		let mut rest = text.trim();
		let (mut total, mut bare) = (0u32, false);
		while !rest.is_empty() {
			// After a number of blocks nothing can come.
			if bare {
				return Err(malformed());
			}
			let (digits, after) = split(rest, |letter| letter.is_ascii_digit());
			let (unit, after) = split(after.trim_start(), |letter| letter.is_ascii_alphabetic());
			if digits.is_empty() {
				return Err(malformed());
			}
			let blocks = match unit {
				"" => {
					bare = true;
					1
				},
				unit => blocks_in(unit).ok_or_else(malformed)?,
			};
			// Digits only, so this can fail for their number alone.
			let number: u32 = digits.parse().map_err(|_| too_long())?;
			let part = number.checked_mul(blocks).ok_or_else(too_long)?;
			total = total.checked_add(part).ok_or_else(too_long)?;
			rest = after.trim_start();
			if bare && total != part {
				return Err(malformed());
			}
		}
		if text.trim().is_empty() {
			return Err(malformed());
		}
		Ok(Self(total))
	}
}

impl fmt::Display for Blocks {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		if self.0 == 0 {
			return f.write_str("0s");
		}
		let mut left = self.0;
		for (names, blocks) in UNITS.iter().rev() {
			let (number, rest) = (left / blocks, left % blocks);
			if let (1.., Some(name)) = (number, names.first()) {
				write!(f, "{number}{name}")?;
			}
			left = rest;
		}
		Ok(())
	}
}

/// An amount per time, as the chain has it: a whole number of units in every block.
///
/// What people ask for seldom divides by the seconds of a minute. The rate is then the next lower
/// one that the chain has, so that nobody pays more than was asked for; [`Self::over`] tells what it
/// comes to.
///
/// ```
/// # use dam_device::time::Rate;
/// let rate: Rate = "0.02 USDT per minute".parse()?;
/// assert_eq!(rate.per_block().to_string(), "0.000333");
/// assert_eq!(rate.over_its_time().to_string(), "0.01998");
/// # Ok::<(), dam_device::time::TimeError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rate {
	per_block: Usdt,
	asked: Usdt,
	time: Blocks,
}

impl Rate {
	/// What is earned with every block.
	pub const fn per_block(&self) -> Usdt {
		self.per_block
	}

	/// What is earned in so many blocks; `None` if that is more than any money there is.
	pub fn over(&self, time: Blocks) -> Option<Usdt> {
		self.per_block.units().checked_mul(time.count().into()).map(Usdt::from_units)
	}

	/// What is earned in the time that the rate was asked for: at most the amount that was asked.
	pub fn over_its_time(&self) -> Usdt {
		// Not more than what was asked for, so it fits.
		self.over(self.time).unwrap_or(self.asked)
	}

	/// Whether the chain has exactly the rate that was asked for.
	pub fn is_exact(&self) -> bool {
		self.over_its_time() == self.asked
	}
}

impl FromStr for Rate {
	type Err = TimeError;

	/// Reads an amount and a time with `per` or `/` between them; `USDT` may stand after the amount.
	fn from_str(text: &str) -> Result<Self, TimeError> {
		let malformed = || TimeError::MalformedRate(text.into());
		let (amount, time) =
			text.split_once('/').or_else(|| text.split_once(" per ")).ok_or_else(malformed)?;
		let amount = amount.trim();
		let amount = amount.strip_suffix("USDT").map_or(amount, str::trim_end);
		let asked: Usdt = amount.parse()?;
		let time = match (blocks_in(time.trim()), time.trim()) {
			(Some(blocks), _) => Blocks(blocks),
			(None, "block") => Blocks(1),
			(None, time) => time.parse::<Blocks>().map_err(|_| malformed())?.non_zero()?,
		};
		let blocks = u128::from(time.count());
		// Not zero, so this is a number.
		let per_block = asked.units().checked_div(blocks).unwrap_or_default();
		if per_block == 0 {
			return Err(TimeError::TooSlow { text: text.into(), least: Usdt::from_units(blocks) });
		}
		Ok(Self { per_block: Usdt::from_units(per_block), asked, time })
	}
}

impl fmt::Display for Rate {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "{} USDT a second, {} in {}", self.per_block, self.over_its_time(), self.time)
	}
}

/// The blocks in one unit of that name.
fn blocks_in(unit: &str) -> Option<u32> {
	UNITS.iter().find(|(names, _)| names.contains(&unit)).map(|(_, blocks)| *blocks)
}

/// The beginning of which all letters fit, and the rest.
fn split(text: &str, fits: impl Fn(char) -> bool) -> (&str, &str) {
	text.split_at(text.find(|letter| !fits(letter)).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn times_should_be_read_in_every_form() {
		for (text, blocks) in [
			("0", 0),
			("90", 90),
			("90s", 90),
			("30m", 1_800),
			("30 min", 1_800),
			("2h", 7_200),
			("1d12h", 129_600),
			("1d 12h", 129_600),
			("1 week 1 second", 604_801),
			("4294967295", u32::MAX),
		] {
			assert_eq!(text.parse(), Ok(Blocks(blocks)), "{text}");
		}
	}

	#[test]
	fn other_texts_should_be_refused_with_what_to_write() {
		for text in ["", " ", "h", "2x", "-1h", "1.5h", "1h 30", "30 1h", "2 h 5", "1e3", "²h"] {
			let error = text.parse::<Blocks>().unwrap_err();
			assert_eq!(error, TimeError::Malformed(text.into()), "{text}");
		}
		for text in ["4294967296", "1193047h", "4294967295s1s", "99999999999999999999d"] {
			assert_eq!(text.parse::<Blocks>(), Err(TimeError::TooLong(text.into())), "{text}");
		}
		assert_eq!(Blocks(0).non_zero(), Err(TimeError::Zero));
	}

	#[test]
	fn times_should_be_written_as_they_are_read() {
		for blocks in [0, 1, 59, 60, 61, 3_600, 5_400, 86_399, 604_800, 700_000, u32::MAX] {
			let text = Blocks(blocks).to_string();
			assert_eq!(text.parse(), Ok(Blocks(blocks)), "{text}");
		}
		assert_eq!(Blocks(129_600).to_string(), "1d12h");
	}

	#[test]
	fn rates_should_be_rounded_down_to_whole_units_a_block() {
		for (text, per_block, exact) in [
			("0.02 USDT per minute", 333, false),
			("0.02 per minute", 333, false),
			("0.02/min", 333, false),
			("0.03 / m", 500, true),
			("0.000001/s", 1, true),
			("0.000001 per block", 1, true),
			("1.5/h", 416, false),
			("1 per 1d12h", 7, false),
			("340282366920938463463374607431768.211455/s", u128::MAX, true),
		] {
			let rate: Rate = text.parse().unwrap();
			assert_eq!(rate.per_block().units(), per_block, "{text}");
			assert_eq!(rate.is_exact(), exact, "{text}");
			assert!(rate.over_its_time() <= rate.asked, "{text}");
		}
		let rate: Rate = "0.02/min".parse().unwrap();
		assert_eq!(rate.over(Blocks(7_200)).unwrap().to_string(), "2.3976");
		assert_eq!(rate.to_string(), "0.000333 USDT a second, 0.01998 in 1m");
		let rate: Rate = "340282366920938463463374607431768.211455/s".parse().unwrap();
		assert_eq!(rate.over(Blocks(2)), None);
	}

	#[test]
	fn rates_should_be_refused_with_the_reason() {
		for text in ["", "0.02", "0.02 per", "0.02 per lightyear", "0.02 minute", "1/-5s"] {
			let error = text.parse::<Rate>().unwrap_err();
			assert_eq!(error, TimeError::MalformedRate(text.into()), "{text}");
		}
		for text in ["a/h", "-1/h", "/h", "0.0000001/s"] {
			assert!(matches!(text.parse::<Rate>(), Err(TimeError::Amount(_))), "{text}");
		}
		assert_eq!("1/0s".parse::<Rate>(), Err(TimeError::Zero));
		let slow = "0.003599/h".parse::<Rate>().unwrap_err();
		assert!(slow.to_string().contains("0.0036 USDT"), "{slow}");
		assert!("0.0036/h".parse::<Rate>().is_ok());
		assert!(matches!("0/h".parse::<Rate>(), Err(TimeError::TooSlow { .. })));
	}
}
