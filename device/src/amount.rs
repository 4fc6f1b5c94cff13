//! Amounts of money: exact decimal text to and from the chain's integers.
//!
//! No floating point anywhere: `0.1` has no exact binary form, and money must.

use std::{fmt, str::FromStr};

use dam_primitives::{DAM_DECIMALS, USDT_DECIMALS};
use thiserror::Error;

/// Why a text is no amount.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum AmountError {
	/// Nothing there.
	#[error("the amount is missing: write it as a decimal number, for example 0.005")]
	Empty,
	/// Something other than digits and one point.
	#[error(
		"`{0}` is no amount: write digits and at most one decimal point, without sign, exponent, \
		 unit or separators, for example 1250.5"
	)]
	Malformed(String),
	/// Finer than the asset can be divided.
	#[error(
		"`{text}` has {found} decimals, {most} is the most: the smallest amount is {smallest}"
	)]
	TooManyDecimals {
		/// What was given.
		text: String,
		/// Decimals in it.
		found: usize,
		/// Decimals of the asset.
		most: u8,
		/// One unit of the asset.
		smallest: String,
	},
	/// More than the chain can count.
	#[error("`{0}` is too large: the chain counts to 2^128 of the smallest unit")]
	Overflow(String),
	/// Zero, where that makes no sense.
	#[error("the amount is zero: pay at least 0.000001 USDT")]
	Zero,
}

/// An amount of USDT, in units of 0.000001 USDT.
///
/// ```
/// # use dam_device::Usdt;
/// let price: Usdt = "0.005".parse()?;
/// assert_eq!(price.units(), 5_000);
/// assert_eq!(price.to_string(), "0.005");
/// # Ok::<(), dam_device::AmountError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Debug)]
pub struct Usdt(u128);

impl Usdt {
	/// From units of 0.000001 USDT.
	pub const fn from_units(units: u128) -> Self {
		Self(units)
	}

	/// In units of 0.000001 USDT.
	pub const fn units(self) -> u128 {
		self.0
	}

	/// The amount, unless it is zero.
	///
	/// # Errors
	/// [`AmountError::Zero`].
	pub const fn non_zero(self) -> Result<Self, AmountError> {
		if self.0 == 0 {
			Err(AmountError::Zero)
		} else {
			Ok(self)
		}
	}

	/// The sum, or `None` if it does not fit.
	pub fn checked_add(self, other: Self) -> Option<Self> {
		self.0.checked_add(other.0).map(Self)
	}
}

impl FromStr for Usdt {
	type Err = AmountError;
	fn from_str(text: &str) -> Result<Self, AmountError> {
		parse_units(text, USDT_DECIMALS).map(Self)
	}
}

impl fmt::Display for Usdt {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.pad(&format_units(self.0, USDT_DECIMALS))
	}
}

/// As text: JSON numbers lose precision above 2^53.
impl serde::Serialize for Usdt {
	fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
		serializer.collect_str(self)
	}
}

/// An amount of DAM, in units of 10^-12 DAM.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Debug)]
pub struct Dam(u128);

impl Dam {
	/// From units of 10^-12 DAM.
	pub const fn from_units(units: u128) -> Self {
		Self(units)
	}

	/// In units of 10^-12 DAM.
	pub const fn units(self) -> u128 {
		self.0
	}
}

impl FromStr for Dam {
	type Err = AmountError;
	fn from_str(text: &str) -> Result<Self, AmountError> {
		parse_units(text, DAM_DECIMALS).map(Self)
	}
}

impl fmt::Display for Dam {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.pad(&format_units(self.0, DAM_DECIMALS))
	}
}

/// As text: JSON numbers lose precision above 2^53.
impl serde::Serialize for Dam {
	fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
		serializer.collect_str(self)
	}
}

/// Reads a decimal text as an integer count of 10^-`decimals`.
fn parse_units(text: &str, decimals: u8) -> Result<u128, AmountError> {
	if text.is_empty() {
		return Err(AmountError::Empty);
	}
	let malformed = || AmountError::Malformed(text.into());
	let (whole, fraction) = match text.split_once('.') {
		// "1." and ".5" are more often slips than amounts.
		Some((whole, fraction)) if whole.is_empty() || fraction.is_empty() => {
			return Err(malformed())
		},
		Some(parts) => parts,
		None => (text, ""),
	};
	if !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
		return Err(malformed());
	}
	// Zeros at the end say nothing more: "1.5000000" is "1.5".
	let fraction = fraction.trim_end_matches('0');
	if fraction.len() > usize::from(decimals) {
		return Err(AmountError::TooManyDecimals {
			text: text.into(),
			found: fraction.len(),
			most: decimals,
			smallest: format_units(1, decimals),
		});
	}
	let padding = usize::from(decimals) - fraction.len();
	let digits = whole.bytes().chain(fraction.bytes()).chain(std::iter::repeat_n(b'0', padding));
	let mut units: u128 = 0;
	for digit in digits {
		units = units
			.checked_mul(10)
			.and_then(|units| units.checked_add(u128::from(digit - b'0')))
			.ok_or_else(|| AmountError::Overflow(text.into()))?;
	}
	Ok(units)
}

/// The shortest decimal text of `units` × 10^-`decimals`.
fn format_units(units: u128, decimals: u8) -> String {
	let width = usize::from(decimals);
	let digits = format!("{units:0>width$}", width = width + 1);
	let (whole, fraction) = digits.split_at(digits.len() - width);
	match fraction.trim_end_matches('0') {
		"" => whole.into(),
		fraction => format!("{whole}.{fraction}"),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	#[test]
	fn amounts_should_be_exact() {
		for (text, units) in [
			("10", 10_000_000),
			("0.005", 5_000),
			("0.000001", 1),
			("0", 0),
			("0.0", 0),
			("1.50", 1_500_000),
			("1.5000000000", 1_500_000),
			("007", 7_000_000),
		] {
			assert_eq!(text.parse::<Usdt>().map(Usdt::units), Ok(units), "{text}");
		}
	}

	#[test]
	fn amounts_should_be_refused_when_malformed() {
		for text in
			["-1", "+1", "1e3", "1,5", "1_000", " 1", "1 ", "1.", ".5", "1.2.3", "0x10", "ten", "١"]
		{
			let refused = text.parse::<Usdt>();
			assert!(matches!(refused, Err(AmountError::Malformed(_))), "{text}: {refused:?}");
		}
		assert_eq!("".parse::<Usdt>(), Err(AmountError::Empty));
	}

	#[test]
	fn amounts_should_be_refused_when_finer_than_the_asset() {
		let error = "0.0000001".parse::<Usdt>().unwrap_err();
		assert!(matches!(error, AmountError::TooManyDecimals { found: 7, most: 6, .. }));
		assert!(error.to_string().contains("0.000001"), "{error}");
	}

	#[test]
	fn amounts_should_be_refused_when_they_overflow() {
		let most = Usdt::from_units(u128::MAX);
		assert_eq!(most.to_string().parse(), Ok(most));
		for text in ["340282366920938463463374607431768.211456", &"9".repeat(80)] {
			assert!(matches!(text.parse::<Usdt>(), Err(AmountError::Overflow(_))), "{text}");
		}
	}

	#[test]
	fn zero_should_be_no_payment() {
		assert_eq!(Usdt::default().non_zero(), Err(AmountError::Zero));
		assert!(Usdt::from_units(1).non_zero().is_ok());
	}

	proptest! {
		#[test]
		fn every_amount_should_read_back_what_it_writes(units: u128) {
			let amount = Usdt::from_units(units);
			prop_assert_eq!(amount.to_string().parse(), Ok(amount));
		}

		#[test]
		fn no_text_should_panic(text in ".{0,60}") {
			let _ = text.parse::<Usdt>();
		}
	}
}
