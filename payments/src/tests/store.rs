//! What becomes of the store when disks, programs and people do what they do.

use super::*;
use crate::{Payer, StoreError};
use proptest::prelude::*;
use std::{fs, os::unix::fs::PermissionsExt, path::Path};

fn open(path: &Path) -> Result<Acceptor, StoreError> {
	Acceptor::open(path, GENESIS, &PAYEE, LIMITS)
}

/// A store in which 100 was accepted through channel 0 and 7 links through channel 1: as it is after
/// a crash, and after a clean end.
fn filled() -> [Vec<u8>; 2] {
	let (medium, mut acceptor) = acceptor(&[vouchers(), chained()]);
	accept(&mut acceptor, &voucher(0, 100), NOW).unwrap();
	accept(&mut acceptor, &reveal(1, 7), NOW).unwrap();
	let crashed = medium.image();
	drop(acceptor);
	[crashed, medium.image()]
}

#[test]
fn store_should_be_the_owners_alone() {
	let folder = tempfile::tempdir().unwrap();
	let path = folder.path().join("store");
	let acceptor = open(&path).unwrap();
	assert_eq!(acceptor.path(), path);
	assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
	assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no draft is left behind");
}

#[test]
fn store_should_have_one_program_at_a_time() {
	let folder = tempfile::tempdir().unwrap();
	let path = folder.path().join("store");
	let first = open(&path).unwrap();
	assert!(matches!(open(&path), Err(StoreError::InUse(_))));
	drop(first);
	open(&path).unwrap();
}

#[test]
fn one_of_many_programs_should_make_the_store() {
	let folder = tempfile::tempdir().unwrap();
	let path = folder.path().join("store");
	let barrier = std::sync::Barrier::new(8);
	let opened: Vec<_> = std::thread::scope(|scope| {
		let threads: Vec<_> = (0..8)
			.map(|_| {
				scope.spawn(|| {
					barrier.wait();
					open(&path)
				})
			})
			.collect();
		threads.into_iter().map(|thread| thread.join().unwrap()).collect()
	});
	assert_eq!(opened.iter().filter(|opened| opened.is_ok()).count(), 1);
	for refused in opened.iter().filter_map(|opened| opened.as_ref().err()) {
		assert!(matches!(refused, StoreError::InUse(_)), "{refused}");
	}
	drop(opened);
	open(&path).unwrap();
}

#[test]
fn store_should_be_refused_when_it_is_somebody_elses() {
	let folder = tempfile::tempdir().unwrap();
	let path = folder.path().join("store");
	drop(open(&path).unwrap());
	let elsewhere = Acceptor::open(&path, [2; 32], &PAYEE, LIMITS);
	assert!(matches!(elsewhere, Err(StoreError::WrongChain(_))));
	let other = Acceptor::open(&path, GENESIS, &Payee::Machine(8), LIMITS);
	assert!(matches!(other, Err(StoreError::WrongRole(_))));
	assert!(matches!(Payer::open(&path, GENESIS), Err(StoreError::WrongRole(_))));
	let wallet = Payee::Account(dam_primitives::machine_account(9));
	Acceptor::open(&path, GENESIS, &wallet, LIMITS).unwrap();
}

#[test]
fn store_should_be_refused_when_the_folder_is_missing_or_it_is_a_folder() {
	let folder = tempfile::tempdir().unwrap();
	let missing = folder.path().join("missing/store");
	assert!(matches!(open(&missing), Err(StoreError::Io { .. })));
	assert!(matches!(open(folder.path()), Err(StoreError::Io { .. })));
}

#[test]
fn store_should_be_refused_when_it_is_another_file() {
	let folder = tempfile::tempdir().unwrap();
	let path = folder.path().join("store");
	for content in [vec![], vec![0; 10_000], b"not a store".to_vec(), vec![0xff; 100_000]] {
		fs::write(&path, &content).unwrap();
		let opened = open(&path);
		assert!(matches!(opened, Err(StoreError::Corrupted { .. })), "{opened:?}");
		assert_eq!(fs::read(&path).unwrap(), content, "it is left as it is");
	}
}

#[test]
fn store_should_be_refused_when_it_is_cut_short() {
	for image in filled() {
		let expected = reopen(image.clone()).unwrap().records;
		let mut refused = 0;
		for length in (1..image.len()).step_by(509) {
			match reopen(image[..length].to_vec()) {
				Ok(acceptor) => assert_eq!(acceptor.records, expected, "cut at {length}"),
				Err(_) => refused += 1,
			}
		}
		assert!(refused > 0);
	}
}

#[test]
fn store_of_a_newer_program_should_be_refused() {
	let medium = Medium::default();
	crate::store::tests_support::with_version(&medium, 2);
	let opened = Acceptor::open_on(medium, GENESIS, &PAYEE, LIMITS);
	assert!(matches!(opened, Err(StoreError::Version { found: 2, .. })), "{opened:?}");
}

fn reopen(image: Vec<u8>) -> Result<Acceptor, StoreError> {
	Acceptor::open_on(Medium::from_image(image), GENESIS, &PAYEE, LIMITS)
}

#[test]
fn damage_should_be_found_or_do_no_harm() {
	for image in filled() {
		let expected = reopen(image.clone()).unwrap().records;
		assert_eq!(expected.len(), 2);
		let (mut refused, mut harmless) = (0, 0);
		// Every byte that is not zero, and some that are.
		for at in (0..image.len()).filter(|at| image[*at] != 0 || at % 997 == 0) {
			let mut damaged = image.clone();
			damaged[at] ^= 1 << (at % 8);
			match reopen(damaged) {
				Ok(acceptor) => {
					assert_eq!(acceptor.records, expected, "a flip at {at} was not noticed");
					harmless += 1;
				},
				Err(_) => refused += 1,
			}
		}
		assert!(refused > 0 && harmless > 0, "{refused} refused, {harmless} harmless");
	}
}

proptest! {
	#![proptest_config(cases(64))]

	/// Power is cut at any moment of any write, and any part of what was not synced is kept.
	#[test]
	fn acknowledged_payments_should_survive_any_power_cut(
		groups in proptest::collection::vec(1u32..6, 1..12),
		fail_after in 0u32..60,
		survive in proptest::collection::vec(any::<bool>(), 64),
	) {
		let (medium, mut acceptor) = acceptor(&[vouchers(), chained()]);
		medium.fail_after(fail_after);
		let (mut next, mut acknowledged, mut tried) = (1u32, 0u32, 0u32);
		for group in groups {
			let payments: Vec<_> = (next..next + group)
				.flat_map(|at| [voucher(0, at.into()), reveal(1, at)])
				.collect();
			tried = next + group - 1;
			match acceptor.accept_all(&payments, NOW) {
				Ok(outcomes) => {
					prop_assert!(outcomes.iter().all(Result::is_ok));
					(acknowledged, next) = (tried, tried + 1);
				},
				Err(_) => break,
			}
		}
		let mut survive = survive.iter().cycle();
		let after = medium.cut_power(|| *survive.next().unwrap());
		drop(acceptor);
		let reopened = acceptor_on(&after);
		let kept = reopened.status(0).unwrap().accepted;
		// What was acknowledged, or the group that was under way, whole.
		prop_assert!(kept == acknowledged.into() || kept == tried.into());
		prop_assert_eq!(reopened.status(1).unwrap().accepted, kept * UNIT);
		assert_sound(&reopened);
	}
}
