//! What a story finds not to be as it should.

use std::{fmt::Display, io, path::PathBuf};

use dam_device::{chain::DispatchFailure, Dam, Usdt};
use thiserror::Error;

use crate::cli::failure::Failure;

/// Why a story does not go on.
#[derive(Debug, Error)]
pub(super) enum StageError {
	/// No place for the keys.
	#[error("cannot make the folder {path}: {cause}; name another one with --dir")]
	Folder { path: PathBuf, cause: io::Error },
	/// The chain did not take a device.
	#[error("{name} was not registered: {failure}")]
	Refused { name: &'static str, failure: DispatchFailure },
	/// The chain did not say what became of a device.
	#[error("the chain reported no machine for the key of {0}")]
	Unreported(&'static str),
	/// Money is where it should not be.
	#[error("{when}: {name} holds {found} USDT at block {block}, it should hold {expected}")]
	Unbalanced { when: String, name: &'static str, block: u32, found: Usdt, expected: Usdt },
	/// Keys hold nothing.
	#[error("{when}: the key of {name} holds {usdt} USDT and {dam} DAM, it should hold nothing")]
	KeyHoldsMoney { when: String, name: &'static str, usdt: Usdt, dam: Dam },
	/// Something that the story has made is not there.
	#[error("{0} is not on the chain")]
	Missing(&'static str),
	/// A story leaves nothing in escrow.
	#[error("at the end {0} USDT of the story are in escrow, there should be none")]
	LeftInEscrow(Usdt),
	/// The story pays more than somebody has.
	#[error("{0} would have less than nothing, or more than there is")]
	Overdrawn(&'static str),
	/// A machine's key pays no fee.
	#[error("{what}: the fee was {fee} DAM, it should be 0")]
	Fee { what: String, fee: Dam },
	/// Something else came of a step.
	#[error("{what}: {found}, it should be {expected}")]
	Outcome { what: String, found: String, expected: String },
}

impl From<StageError> for Failure {
	fn from(error: StageError) -> Self {
		Self::other(error.to_string())
	}
}

/// Demands that a step had the outcome that the story tells of.
///
/// # Errors
/// [`StageError::Outcome`].
pub(super) fn demand<T: PartialEq + Display>(
	what: &str,
	found: T,
	expected: T,
) -> Result<(), StageError> {
	if found == expected {
		return Ok(());
	}
	Err(StageError::Outcome {
		what: what.into(),
		found: found.to_string(),
		expected: expected.to_string(),
	})
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn outcomes_should_be_compared_and_named() {
		assert!(demand("the price", 5, 5).is_ok());
		let failure = Failure::from(demand("the price", 4, 5).unwrap_err());
		assert_eq!(failure.message(), "the price: 4, it should be 5");
		assert_eq!(failure.exit_code(), 1);
	}
}
