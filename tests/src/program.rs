//! Running the programs of the workspace as their users do.

use std::{ffi::OsStr, path::Path, process::Stdio, time::Duration};

use tokio::{
	io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines},
	process::{Child, ChildStdout, Command},
	task::JoinHandle,
};

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

/// A program that is read line by line while it runs. It ends with this value.
#[derive(Debug)]
pub struct Watched {
	name: String,
	child: Child,
	lines: Lines<BufReader<ChildStdout>>,
	stdout: String,
	/// Reads the other output, so that the program never waits for a reader.
	stderr: JoinHandle<String>,
}

impl Watched {
	/// Starts a program.
	///
	/// # Errors
	/// [`Error::Io`].
	pub fn start<A: AsRef<OsStr>>(
		program: &Path,
		arguments: impl IntoIterator<Item = A>,
	) -> Result<Self, Error> {
		let name = program.display().to_string();
		let mut child = Command::new(program)
			.args(arguments)
			.stdin(Stdio::null())
			.stdout(Stdio::piped())
			.stderr(Stdio::piped())
			.kill_on_drop(true)
			.spawn()
			.map_err(Error::io(format!("running {name}")))?;
		let stdout = child.stdout.take().expect("it was asked for; qed");
		let mut stderr = child.stderr.take().expect("it was asked for; qed");
		let stderr = tokio::spawn(async move {
			let mut bytes = Vec::new();
			// What could be read is worth showing.
			let _ = stderr.read_to_end(&mut bytes).await;
			String::from_utf8_lossy(&bytes).into_owned()
		});
		let lines = BufReader::new(stdout).lines();
		Ok(Self { name, child, lines, stdout: String::new(), stderr })
	}

	/// Waits until it writes a line with `text` in it. False if it ends without.
	///
	/// # Errors
	/// [`Error::Io`], [`Error::TimedOut`].
	pub async fn wait_line(&mut self, text: &str) -> Result<bool, Error> {
		let what = format!("`{text}` from {}", self.name);
		let found = tokio::time::timeout(LIMIT, async {
			while let Some(line) = self.next_line().await? {
				if line.contains(text) {
					return Ok(true);
				}
			}
			Ok(false)
		});
		found.await.map_err(|_| Error::TimedOut { what, limit: LIMIT })?
	}

	/// Waits for its end.
	///
	/// # Errors
	/// [`Error::Io`], [`Error::TimedOut`].
	pub async fn end(mut self) -> Result<Outcome, Error> {
		let what = format!("the end of {}", self.name);
		let status = tokio::time::timeout(LIMIT, async {
			while self.next_line().await?.is_some() {}
			self.child.wait().await.map_err(Error::io(what.clone()))
		});
		let status =
			status.await.map_err(|_| Error::TimedOut { what: what.clone(), limit: LIMIT })??;
		// Its output is closed with it.
		let stderr = self.stderr.await.unwrap_or_default();
		Ok(Outcome { status: status.code(), stdout: self.stdout, stderr })
	}

	async fn next_line(&mut self) -> Result<Option<String>, Error> {
		let line = self.lines.next_line().await;
		let line = line.map_err(Error::io(format!("reading {}", self.name)))?;
		if let Some(line) = &line {
			self.stdout.push_str(line);
			self.stdout.push('\n');
		}
		Ok(line)
	}
}
