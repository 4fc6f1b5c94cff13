//! The benchmark as its script starts it, as small as it can be. The program itself compares, after
//! each workload, the events of its blocks with the payments that it put into them, and every balance
//! in the importer's state with what it should be; here it is seen that it did so for all of them.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

/// Columns of `blocks.csv`.
const ACCOUNTS: usize = 0;
const WORKLOAD: usize = 1;
const BLOCKS: usize = 3;
const EXTRINSICS: usize = 4;
const PAYMENTS: usize = 5;

fn run(folder: &Path, arguments: &[&str]) -> String {
	let output = Command::new(env!("CARGO_BIN_EXE_dam-bench-payments"))
		.arg("--out")
		.arg(folder.join("out"))
		.arg("--work")
		.arg(folder.join("work"))
		.args(arguments)
		.output()
		.unwrap();
	let errors = String::from_utf8_lossy(&output.stderr);
	assert!(output.status.success(), "{errors}");
	String::from_utf8(output.stdout).unwrap()
}

fn rows(file: &Path) -> Vec<Vec<String>> {
	let text = fs::read_to_string(file).unwrap();
	text.lines().skip(1).map(|line| line.split(',').map(String::from).collect()).collect()
}

#[test]
fn quick_run_should_pay_in_every_way_and_write_every_file() {
	let folder = tempfile::tempdir().unwrap();
	let tables = run(folder.path(), &["--quick"]);
	let out = folder.path().join("out");

	let rows_of_blocks = rows(&out.join("blocks.csv"));
	let number = |row: &[String], column: usize| row[column].parse::<u32>().unwrap();
	let workloads: BTreeMap<&str, &Vec<String>> =
		rows_of_blocks.iter().map(|row| (row[WORKLOAD].as_str(), row)).collect();
	assert_eq!(workloads.len(), rows_of_blocks.len(), "one round");
	for (workload, size) in [
		("transfer", 1),
		("pay_batch-distinct", 1_000),
		("pay_batch-few", 1_000),
		("claim_batch", 256),
		("claim_links", 1),
		("intents", 256),
		("intents-fee", 256),
	] {
		let row = workloads[workload];
		assert_eq!(row[ACCOUNTS], "1000");
		assert_eq!(number(row, PAYMENTS), size * number(row, EXTRINSICS), "{workload}");
		assert!(number(row, EXTRINSICS) > 0, "{workload}");
	}
	assert!(number(workloads["utility.batch"], PAYMENTS) > 100);
	assert_eq!(number(workloads["empty"], PAYMENTS), 0);
	assert_eq!(number(workloads["empty"], BLOCKS), 10);

	assert!(!rows(&out.join("off-chain.csv")).is_empty());
	let picture = fs::read_to_string(out.join("payments.svg")).unwrap();
	assert!(picture.contains("pay_batch to 1,000 payees"));
	for heading in ["payments/s per core", "per second (range)", "| aim |"] {
		assert!(tables.contains(heading), "{tables}");
	}
}

#[test]
fn mistakes_should_be_told_before_anything_is_measured() {
	let output = Command::new(env!("CARGO_BIN_EXE_dam-bench-payments"))
		.args(["--workloads", "telepathy"])
		.output()
		.unwrap();
	assert!(!output.status.success());
	let errors = String::from_utf8_lossy(&output.stderr);
	assert!(errors.contains("`telepathy`") && errors.contains("pay_batch-few"), "{errors}");
}
