//! Running the programs of the workspace as their users do.

use std::{ffi::OsStr, path::Path, process::Stdio, time::Duration};

use tokio::process::Command;

use crate::Error;

/// A program that has not ended by then never will.
const LIMIT: Duration = Duration::from_secs(300);

/// How a program ended.
#[derive(Clone, Debug)]
pub struct Outcome {
	/// Exit status; `None` if a signal ended it.
	pub status: Option<i32>,
	/// What it wrote to standard output.
	pub stdout: String,
	/// What it wrote to standard error.
	pub stderr: String,
}

impl Outcome {
	/// Whether it ended with status 0.
	pub fn success(&self) -> bool {
		self.status == Some(0)
	}
}

/// Runs a program to its end.
///
/// # Errors
/// [`Error::Io`], [`Error::TimedOut`]; the program is ended then.
pub async fn run<A: AsRef<OsStr>>(
	program: &Path,
	arguments: impl IntoIterator<Item = A>,
) -> Result<Outcome, Error> {
	let name = program.display().to_string();
	let output =
		Command::new(program).args(arguments).stdin(Stdio::null()).kill_on_drop(true).output();
	let output = tokio::time::timeout(LIMIT, output)
		.await
		.map_err(|_| Error::TimedOut { what: format!("the end of {name}"), limit: LIMIT })?
		.map_err(Error::io(format!("running {name}")))?;
	Ok(Outcome {
		status: output.status.code(),
		stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
		stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
	})
}
