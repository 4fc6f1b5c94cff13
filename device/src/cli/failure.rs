//! How a command fails: what is said, and the exit status.

use serde_json::{json, Value};

/// Exit status of an operation that failed.
const FAILED: u8 = 1;
/// Exit status of wrong usage or bad input. Nothing was sent.
pub(super) const BAD_INPUT: u8 = 2;

/// A failed command.
#[derive(Debug)]
pub(super) struct Failure {
	code: &'static str,
	message: String,
	bad_input: bool,
	details: Option<Value>,
}

impl Failure {
	/// The command line is wrong.
	pub(super) fn usage(message: impl Into<String>) -> Self {
		Self { code: "usage", message: message.into(), bad_input: true, details: None }
	}

	/// Something that the library does not know of.
	pub(super) fn other(message: impl Into<String>) -> Self {
		Self { code: "failed", message: message.into(), bad_input: false, details: None }
	}

	/// What was asked for does not exist.
	pub(super) fn not_found(message: impl Into<String>) -> Self {
		Self { code: "not-found", ..Self::other(message) }
	}

	/// Adds what has happened all the same.
	pub(super) fn with_details(mut self, details: Value) -> Self {
		self.details = Some(details);
		self
	}

	/// 1 for a failed operation, 2 for bad input.
	pub(super) const fn exit_code(&self) -> u8 {
		if self.bad_input {
			BAD_INPUT
		} else {
			FAILED
		}
	}

	/// For people.
	pub(super) fn message(&self) -> &str {
		&self.message
	}

	/// For programs.
	pub(super) fn to_json(&self) -> Value {
		let mut error = json!({ "code": self.code, "message": self.message });
		if let Some(details) = &self.details {
			error["details"] = details.clone();
		}
		json!({ "error": error })
	}
}

impl<E: Into<dam_device::Error>> From<E> for Failure {
	fn from(error: E) -> Self {
		let error = error.into();
		Self {
			code: error.code(),
			message: error.to_string(),
			bad_input: error.is_bad_input(),
			details: None,
		}
	}
}
