//! Batches of payments from CSV and JSON.
//!
//! CSV has the header `payee,amount`; JSON is an array of objects with the same two fields, both
//! text. Everything is checked before anything is signed: one bad item refuses the whole file, with
//! its line or index, its column, and what was expected.

use std::{fs, io, path::Path};

use dam_primitives::{Payment, MAX_BATCH};
use serde_json::Value;
use thiserror::Error;

use crate::{
	amount::{AmountError, Usdt},
	payee::{parse_payee, PayeeError},
	AccountId,
};

/// Most payments that one file carries, however many extrinsics it is split into.
pub const MAX_ITEMS: usize = 1_000_000;
/// Largest file that is read.
const MAX_BYTES: u64 = 256 * 1024 * 1024;

/// Where in a file something is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
	/// Line of a CSV file, from 1.
	Line(u64),
	/// Item of a JSON array, from 0.
	Item(usize),
}

impl std::fmt::Display for Place {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		match self {
			Self::Line(line) => write!(f, "line {line}"),
			Self::Item(index) => write!(f, "item {index} (counted from 0)"),
		}
	}
}

/// Why a batch cannot be used. Nothing was sent.
#[derive(Debug, Error)]
pub enum BatchError {
	/// The file cannot be read.
	#[error("cannot read {path}: {cause}")]
	Io {
		/// Which file.
		path: String,
		/// What the system said.
		cause: io::Error,
	},
	/// The file is implausibly large.
	#[error("the file is larger than {} MiB: split it", MAX_BYTES / 1024 / 1024)]
	FileTooLarge,
	/// Nothing in it.
	#[error("the batch is empty: write at least one item below the header")]
	Empty,
	/// The CSV header is another one.
	#[error("line 1: the header is `{found}`, expected `{expected}`")]
	Header {
		/// What stands there.
		found: String,
		/// What should.
		expected: &'static str,
	},
	/// The file is no CSV or JSON.
	#[error("{place}: {why}")]
	Syntax {
		/// Where.
		place: String,
		/// What is wrong.
		why: String,
	},
	/// The payee of an item.
	#[error("{place}, column payee: {cause}")]
	Payee {
		/// Where.
		place: Place,
		/// Why.
		cause: PayeeError,
	},
	/// The amount of an item.
	#[error("{place}, column amount: {cause}")]
	Amount {
		/// Where.
		place: Place,
		/// Why.
		cause: AmountError,
	},
	/// More than one extrinsic carries.
	#[error(
		"the batch has {found} payments, one transaction carries {MAX_BATCH}: use --split to send \
		 several transactions, or shorten it"
	)]
	TooMany {
		/// How many.
		found: usize,
	},
	/// More than one file carries.
	#[error("the batch has more than {MAX_ITEMS} payments: use several files")]
	TooManyItems,
	/// The sum does not fit.
	#[error("the amounts add up to more than the chain can count: correct them")]
	TotalOverflow,
}

/// A checked list of payments.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Batch {
	payments: Vec<Payment<AccountId>>,
	total: Usdt,
}

impl Batch {
	/// Checks a list of payments.
	///
	/// # Errors
	/// [`BatchError::Empty`], [`BatchError::Amount`] for a zero amount, [`BatchError::TooManyItems`],
	/// [`BatchError::TotalOverflow`].
	pub fn new(payments: Vec<Payment<AccountId>>) -> Result<Self, BatchError> {
		if payments.is_empty() {
			return Err(BatchError::Empty);
		}
		if payments.len() > MAX_ITEMS {
			return Err(BatchError::TooManyItems);
		}
		let mut total = Usdt::default();
		for (index, payment) in payments.iter().enumerate() {
			let amount = Usdt::from_units(payment.amount)
				.non_zero()
				.map_err(|cause| BatchError::Amount { place: Place::Item(index), cause })?;
			total = total.checked_add(amount).ok_or(BatchError::TotalOverflow)?;
		}
		Ok(Self { payments, total })
	}

	/// Reads a file: JSON if its name ends in `.json` or its text begins with `[`, else CSV.
	///
	/// `network` is the chain specification's id, to refuse DIDs of other networks.
	///
	/// # Errors
	/// See [`BatchError`].
	pub fn read(path: &Path, network: Option<&str>) -> Result<Self, BatchError> {
		let bytes = read_file(path)?;
		let begins_as_json =
			bytes.iter().find(|byte| !byte.is_ascii_whitespace()).is_some_and(|byte| *byte == b'[');
		let named_json =
			path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
		if named_json || begins_as_json {
			Self::from_json(&bytes, network)
		} else {
			Self::from_csv(&bytes, network)
		}
	}

	/// Reads CSV with the header `payee,amount`.
	///
	/// # Errors
	/// See [`BatchError`].
	pub fn from_csv(bytes: &[u8], network: Option<&str>) -> Result<Self, BatchError> {
		let payments = read_rows(bytes, "payee,amount", |row| {
			item(row.place, row.column(0), row.column(1), network)
		})?;
		Self::new(payments)
	}

	/// Reads JSON: `[{"payee": "7", "amount": "0.005"}, …]`.
	///
	/// # Errors
	/// See [`BatchError`].
	pub fn from_json(bytes: &[u8], network: Option<&str>) -> Result<Self, BatchError> {
		let values: Vec<Value> = serde_json::from_slice(bytes).map_err(|error| {
			let place = format!("line {}, column {}", error.line(), error.column());
			let why = if error.is_data() {
				"expected an array of objects with the fields `payee` and `amount`".into()
			} else {
				format!("this is no valid JSON ({error})")
			};
			BatchError::Syntax { place, why }
		})?;
		if values.len() > MAX_ITEMS {
			return Err(BatchError::TooManyItems);
		}
		let payments = values
			.iter()
			.enumerate()
			.map(|(index, value)| json_item(Place::Item(index), value, network))
			.collect::<Result<_, _>>()?;
		Self::new(payments)
	}

	/// The payments, in order.
	pub fn payments(&self) -> &[Payment<AccountId>] {
		&self.payments
	}

	/// What they add up to.
	pub const fn total(&self) -> Usdt {
		self.total
	}

	/// The payments of each extrinsic: one, or as many as needed if `split`.
	///
	/// # Errors
	/// [`BatchError::TooMany`] without `split`.
	pub fn into_extrinsics(self, split: bool) -> Result<Vec<Vec<Payment<AccountId>>>, BatchError> {
		let bound = MAX_BATCH as usize;
		if self.payments.len() > bound && !split {
			return Err(BatchError::TooMany { found: self.payments.len() });
		}
		Ok(self.payments.chunks(bound).map(<[_]>::to_vec).collect())
	}
}

fn item(
	place: Place,
	payee: &str,
	amount: &str,
	network: Option<&str>,
) -> Result<Payment<AccountId>, BatchError> {
	let payee = parse_payee(payee, network).map_err(|cause| BatchError::Payee { place, cause })?;
	let amount = amount
		.parse()
		.and_then(Usdt::non_zero)
		.map_err(|cause| BatchError::Amount { place, cause })?;
	Ok(Payment { payee, amount: amount.units() })
}

fn json_item(
	place: Place,
	value: &Value,
	network: Option<&str>,
) -> Result<Payment<AccountId>, BatchError> {
	let wrong = |why: &str| BatchError::Syntax { place: place.to_string(), why: why.into() };
	let fields = value.as_object().ok_or_else(|| {
		wrong("expected an object such as {\"payee\": \"7\", \"amount\": \"0.005\"}")
	})?;
	if let Some(other) = fields.keys().find(|name| *name != "payee" && *name != "amount") {
		return Err(wrong(&format!("unknown field `{other}`, expected `payee` and `amount`")));
	}
	let payee = match fields.get("payee") {
		Some(Value::String(text)) => text.clone(),
		// A machine's number may stand without quotes.
		Some(Value::Number(number)) if number.is_u64() => number.to_string(),
		Some(_) => return Err(wrong("column payee: expected text or a machine's number")),
		None => return Err(wrong("the field `payee` is missing")),
	};
	let amount = match fields.get("amount") {
		Some(Value::String(text)) => text,
		Some(_) => return Err(wrong(
			"column amount: expected text in quotes, such as \"0.005\": JSON numbers are not exact",
		)),
		None => return Err(wrong("the field `amount` is missing")),
	};
	item(place, &payee, amount, network)
}

/// The bytes of a file that is not implausibly large.
pub(crate) fn read_file(path: &Path) -> Result<Vec<u8>, BatchError> {
	let io = |cause| BatchError::Io { path: path.display().to_string(), cause };
	if fs::metadata(path).map_err(io)?.len() > MAX_BYTES {
		return Err(BatchError::FileTooLarge);
	}
	fs::read(path).map_err(io)
}

/// A row of a CSV file.
pub(crate) struct Row {
	/// Where it stands.
	pub(crate) place: Place,
	record: csv::StringRecord,
}

impl Row {
	/// The text of a column, empty if there is none.
	pub(crate) fn column(&self, index: usize) -> &str {
		self.record.get(index).unwrap_or_default()
	}
}

/// Reads CSV with that header, row by row.
pub(crate) fn read_rows<T, E: From<BatchError>>(
	bytes: &[u8],
	expected: &'static str,
	mut read: impl FnMut(&Row) -> Result<T, E>,
) -> Result<Vec<T>, E> {
	let columns = expected.split(',').count();
	let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
	let header = reader.headers().map_err(|error| syntax(&error, columns))?;
	if header.is_empty() {
		return Err(BatchError::Empty.into());
	}
	if header.iter().ne(expected.split(',')) {
		let found = header.iter().collect::<Vec<_>>().join(",");
		return Err(BatchError::Header { found, expected }.into());
	}
	let mut items = Vec::new();
	for record in reader.records() {
		// The reader refuses rows with another number of columns.
		let record = record.map_err(|error| syntax(&error, columns))?;
		let line = record.position().map_or(0, |start| line_of(bytes, start));
		items.push(read(&Row { place: Place::Line(line), record })?);
		if items.len() > MAX_ITEMS {
			return Err(BatchError::TooManyItems.into());
		}
	}
	Ok(items)
}

/// The line in which a record stands: the reader counts from the end of the record before, and
/// passes over empty lines in silence.
fn line_of(bytes: &[u8], start: &csv::Position) -> u64 {
	let from = usize::try_from(start.byte()).unwrap_or(usize::MAX);
	let rest = bytes.get(from..).unwrap_or_default();
	let empty = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
	start.line() + empty.filter(|byte| **byte == b'\n').count() as u64
}

fn syntax(error: &csv::Error, columns: usize) -> BatchError {
	let line = match error.kind() {
		csv::ErrorKind::UnequalLengths { pos: Some(pos), .. }
		| csv::ErrorKind::Utf8 { pos: Some(pos), .. } => format!("line {}", pos.line()),
		_ => "the file".into(),
	};
	let why = match error.kind() {
		csv::ErrorKind::UnequalLengths { len, .. } => {
			format!("{len} columns, expected {columns}")
		},
		csv::ErrorKind::Utf8 { .. } => "not UTF-8 text: save the file as UTF-8".into(),
		_ => error.to_string(),
	};
	BatchError::Syntax { place: line, why }
}

#[cfg(test)]
mod tests {
	use super::*;
	use dam_primitives::Payee;
	use proptest::prelude::*;

	const ALICE: &str = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";

	fn csv(text: &str) -> Result<Batch, BatchError> {
		Batch::from_csv(text.as_bytes(), Some("local"))
	}

	fn json(text: &str) -> Result<Batch, BatchError> {
		Batch::from_json(text.as_bytes(), Some("local"))
	}

	#[test]
	fn csv_should_be_read_in_order() {
		let batch =
			csv(&format!("payee,amount\n7,0.005\ndid:dam:local:8, 1\r\n{ALICE},2.5\n")).unwrap();
		assert_eq!(batch.total().to_string(), "3.505");
		assert_eq!(batch.payments()[0], Payment { payee: Payee::Machine(7), amount: 5_000 });
		assert_eq!(batch.payments()[1].payee, Payee::Machine(8));
		assert!(matches!(batch.payments()[2].payee, Payee::Account(_)));
	}

	#[test]
	fn json_should_mean_the_same_as_csv() {
		let from_csv = csv("payee,amount\n7,0.005\n8,1\n").unwrap();
		let from_json =
			json(r#"[{"payee": 7, "amount": "0.005"}, {"payee": "8", "amount": "1"}]"#).unwrap();
		assert_eq!(from_csv, from_json);
	}

	#[test]
	fn csv_errors_should_name_line_column_and_expectation() {
		for (text, expected) in [
			("", "empty"),
			("payee,amount\n", "empty"),
			("to,amount\n7,1\n", "expected `payee,amount`"),
			("amount,payee\n1,7\n", "expected `payee,amount`"),
			("payee,amount\n7,1\n8\n", "line 3: 1 columns"),
			("payee,amount\n7,1,2\n", "line 2: 3 columns"),
			("payee,amount\n7,1\nbob,1\n", "line 3, column payee"),
			("payee,amount\n7,1\n\n8,-1\n", "line 4, column amount"),
			("payee,amount\n7,0.0000001\n", "0.000001"),
			("payee,amount\n7,0\n", "line 2, column amount: the amount is zero"),
			("payee,amount\ndid:dam:other:1,1\n", "network"),
			("payee,amount\n,1\n", "line 2, column payee: the payee is missing"),
			("payee,amount\n7,\n", "line 2, column amount: the amount is missing"),
		] {
			let error = csv(text).unwrap_err().to_string();
			assert!(error.contains(expected), "{text:?} gave {error:?}");
		}
		let error = Batch::from_csv(b"payee,amount\n\xff,1\n", None).unwrap_err().to_string();
		assert!(error.contains("UTF-8"), "{error}");
	}

	#[test]
	fn json_errors_should_name_item_field_and_expectation() {
		for (text, expected) in [
			("", "no valid JSON"),
			("[", "no valid JSON"),
			("{}", "expected an array"),
			("[]", "empty"),
			("[7]", "item 0"),
			(r#"[{"payee": "7"}]"#, "`amount` is missing"),
			(r#"[{"amount": "7"}]"#, "`payee` is missing"),
			(r#"[{"payee": "7", "amount": 1.5}]"#, "not exact"),
			(r#"[{"payee": "7", "amount": "1", "memo": ""}]"#, "unknown field `memo`"),
			(r#"[{"payee": "7", "amount": "1"}, {"payee": true, "amount": "1"}]"#, "item 1"),
		] {
			let error = json(text).unwrap_err().to_string();
			assert!(error.contains(expected), "{text:?} gave {error:?}");
		}
	}

	#[test]
	fn totals_should_be_refused_when_they_overflow() {
		let most = Usdt::from_units(u128::MAX).to_string();
		let refused = csv(&format!("payee,amount\n7,{most}\n8,{most}\n"));
		assert!(matches!(refused, Err(BatchError::TotalOverflow)));
	}

	#[test]
	fn batches_above_the_bound_should_be_split_only_on_demand() {
		let one = Payment { payee: Payee::Machine(1), amount: 1 };
		let count = 2 * MAX_BATCH as usize + 1;
		let batch = Batch::new(vec![one.clone(); count]).unwrap();
		let refused = batch.clone().into_extrinsics(false).unwrap_err();
		assert!(matches!(refused, BatchError::TooMany { found } if found == count));
		let parts = batch.into_extrinsics(true).unwrap();
		assert_eq!(parts.iter().map(Vec::len).collect::<Vec<_>>(), [1024, 1024, 1]);
		let full = Batch::new(vec![one; MAX_BATCH as usize]).unwrap();
		assert_eq!(full.into_extrinsics(false).unwrap().len(), 1);
	}

	proptest! {
		#[test]
		fn no_bytes_should_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
			let _ = Batch::from_csv(&bytes, None);
			let _ = Batch::from_json(&bytes, None);
		}

		#[test]
		fn batches_should_keep_every_item(
			items in proptest::collection::vec((any::<u64>(), 1u64..), 1..50)
		) {
			let mut text = String::from("payee,amount\n");
			for (machine, units) in &items {
				text += &format!("{machine},{}\n", Usdt::from_units(u128::from(*units)));
			}
			let batch = csv(&text).unwrap();
			let read: Vec<_> = batch
				.payments()
				.iter()
				.map(|payment| match payment.payee {
					Payee::Machine(machine) => (machine, payment.amount as u64),
					Payee::Account(_) => unreachable!("only machines were written"),
				})
				.collect();
			prop_assert_eq!(read, items);
		}
	}
}
