//! LDK, measured by a program of its own: its dependencies would otherwise change how the whole
//! workspace is built. See `benches/lightning`.

use super::{Plan, Subject, LDK};
use crate::error::Error;
use std::{
	path::{Path, PathBuf},
	process::Command,
};

/// One way to pay through a channel of LDK.
struct Way {
	what: &'static str,
	/// How the program calls the place where monitors are kept.
	store: &'static str,
	in_flight: u32,
	/// In a round.
	payments: u32,
}

const WAYS: [Way; 4] = [
	Way {
		what: "HTLC payments, monitors in memory",
		store: "memory",
		in_flight: 1,
		payments: 1_000,
	},
	Way {
		what: "HTLC payments, monitors in memory, 32 at a time",
		store: "memory",
		in_flight: 32,
		payments: 3_200,
	},
	Way { what: "HTLC payments, monitors on disk", store: "disk", in_flight: 1, payments: 100 },
	Way {
		what: "HTLC payments, monitors on disk, 32 at a time",
		store: "disk",
		in_flight: 32,
		payments: 640,
	},
];

/// Everything that is measured here.
pub fn subjects(plan: &Plan, program: &Path, folder: &Path) -> Vec<Subject> {
	WAYS.into_iter()
		.map(|way| {
			let payments = plan.count(way.payments);
			let (program, folder) = (PathBuf::from(program), folder.join("ldk"));
			Subject::new(LDK, way.what, move || run(&program, &way, payments, &folder))
		})
		.collect()
}

/// Starts the program once. It prints how many payments it made a second.
fn run(program: &Path, way: &Way, payments: u32, folder: &Path) -> Result<f64, Error> {
	let failed = |reason: String| Error::Lightning { path: program.into(), reason };
	let output = Command::new(program)
		.args(["--store", way.store, "--payments", &payments.to_string()])
		.args(["--in-flight", &way.in_flight.to_string(), "--folder"])
		.arg(folder)
		.output()
		.map_err(|error| failed(error.to_string()))?;
	if !output.status.success() {
		return Err(failed(String::from_utf8_lossy(&output.stderr).trim().into()));
	}
	let text = String::from_utf8_lossy(&output.stdout);
	let rate = text.trim().parse::<f64>().ok().filter(|rate| rate.is_finite() && *rate > 0.0);
	rate.ok_or_else(|| failed(format!("it printed `{}` instead of a rate", text.trim())))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn program_that_is_missing_or_fails_should_be_named() {
		let run = |program: &str| run(Path::new(program), &WAYS[0], 1, Path::new("/nowhere"));
		let missing = run("/nowhere/ldk").unwrap_err().to_string();
		assert!(missing.contains("/nowhere/ldk"), "{missing}");
		assert!(run("/bin/false").is_err());
		let talkative = run("/bin/echo").unwrap_err().to_string();
		assert!(talkative.contains("--store memory"), "{talkative}");
	}
}
