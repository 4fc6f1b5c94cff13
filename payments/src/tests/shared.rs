//! Many connections at a time.

use super::*;
use crate::{SharedAcceptor, StoreError};
use std::{
	sync::atomic::{AtomicBool, AtomicU64, Ordering},
	time::Duration,
};

#[test]
fn every_payment_should_be_acknowledged_once_and_kept() {
	const THREADS: u64 = 8;
	const PAYMENTS: u32 = 60;
	let medium = Medium::default();
	let limits = Limits { max_channels: 100, ..LIMITS };
	let mut acceptor = Acceptor::open_on(medium.clone(), GENESIS, &PAYEE, limits).unwrap();
	for id in 0..THREADS {
		acceptor.observe(id, if id % 2 == 0 { vouchers() } else { chained() }).unwrap();
	}
	let shared = SharedAcceptor::new(acceptor);
	let before = medium.syncs();
	std::thread::scope(|scope| {
		for id in 0..THREADS {
			let shared = &shared;
			scope.spawn(move || {
				for at in 1..=PAYMENTS {
					let payment = if id % 2 == 0 { voucher(id, at.into()) } else { reveal(id, at) };
					let accepted = shared.accept(&payment, NOW).unwrap();
					let unit = if id % 2 == 0 { 1 } else { UNIT };
					assert_eq!(accepted.amount, u128::from(at) * unit);
					let again = shared.accept(&payment, NOW);
					assert!(matches!(again, Err(AcceptError::Refused(_))), "{again:?}");
				}
			});
		}
		// States come in and claims are planned meanwhile.
		scope.spawn(|| {
			for block in 1..20 {
				let state = later(&vouchers(), block, |_| {});
				let policy = crate::ClaimPolicy { max_unsettled: 1, ..Default::default() };
				let plan = shared.with(|acceptor| {
					acceptor.observe(0, state).unwrap();
					acceptor.plan(NOW + block, &policy)
				});
				plan.unwrap().unwrap();
			}
		});
	});
	let syncs = medium.syncs() - before;
	let acceptor = shared.into_inner().unwrap();
	for id in 0..THREADS {
		let unit = if id % 2 == 0 { 1 } else { UNIT };
		assert_eq!(acceptor.status(id).unwrap().accepted, u128::from(PAYMENTS) * unit);
	}
	assert_sound(&acceptor);
	let alone = 2 * (THREADS * u64::from(PAYMENTS) + 19);
	assert!(syncs <= alone, "{syncs} syncs, {alone} if every payment had its own");
	let mut reopened =
		Acceptor::open_on(medium.cut_power(|| false), GENESIS, &PAYEE, limits).unwrap();
	// A later proof of what is known already is not written.
	for (id, record) in &mut reopened.records {
		record.state.at = acceptor.records[id].state.at;
	}
	assert_eq!(reopened.records, acceptor.records);
}

#[test]
fn payments_should_not_keep_a_payee_from_its_claims() {
	const THREADS: u64 = 6;
	const ROUNDS: u64 = 30;
	let medium = Medium::default();
	let limits = Limits { max_channels: 100, ..LIMITS };
	let mut acceptor = Acceptor::open_on(medium.clone(), GENESIS, &PAYEE, limits).unwrap();
	(0..THREADS).for_each(|id| acceptor.observe(id, vouchers()).unwrap());
	let shared = SharedAcceptor::new(acceptor);
	medium.slow_down(Duration::from_millis(1));
	let done = AtomicBool::new(false);
	let waited = std::thread::scope(|scope| {
		for id in 0..THREADS {
			let (shared, done) = (&shared, &done);
			scope.spawn(move || {
				for amount in 1..=DEPOSIT {
					shared.accept(&voucher(id, amount), NOW).unwrap();
					if done.load(Ordering::SeqCst) {
						return;
					}
				}
				panic!("the payments ended too early");
			});
		}
		let mut waited = 0;
		for _ in 0..ROUNDS {
			let before = medium.syncs();
			waited += shared.with(|_| medium.syncs() - before).unwrap();
			std::thread::sleep(Duration::from_millis(3));
		}
		done.store(true, Ordering::SeqCst);
		waited
	});
	// A write syncs a few times; without an order of who comes first, hundreds of them pass.
	assert!(waited <= 6 * ROUNDS, "{waited} syncs passed in {ROUNDS} rounds");
}

#[test]
fn one_payment_should_be_accepted_once_however_many_bring_it() {
	let (medium, acceptor) = acceptor(&[vouchers()]);
	let shared = SharedAcceptor::new(acceptor);
	for amount in 1..20 {
		let accepted = AtomicU64::new(0);
		std::thread::scope(|scope| {
			for _ in 0..8 {
				scope.spawn(|| match shared.accept(&voucher(0, amount), NOW) {
					Ok(_) => {
						accepted.fetch_add(1, Ordering::SeqCst);
					},
					Err(AcceptError::Refused(refused)) => {
						// Whoever is told that it was accepted can rely on that.
						assert_eq!(refused.accepted, amount);
						let after =
							acceptor_on(&medium.cut_power(|| false)).status(0).unwrap().accepted;
						assert_eq!(after, amount);
					},
					Err(error) => panic!("{error}"),
				});
			}
		});
		assert_eq!(accepted.into_inner(), 1);
	}
}

#[test]
fn nobody_should_be_told_anything_after_a_write_has_failed() {
	let (medium, acceptor) = acceptor(&[vouchers()]);
	let shared = SharedAcceptor::new(acceptor);
	shared.accept(&voucher(0, 1), NOW).unwrap();
	medium.fail_after(3);
	std::thread::scope(|scope| {
		for _ in 0..8 {
			scope.spawn(|| {
				for amount in 1..50 {
					// Refusals too say what is on disk.
					match shared.accept(&voucher(0, amount), NOW) {
						Err(AcceptError::Store(_)) => return,
						Ok(accepted) => panic!("{accepted:?}"),
						Err(AcceptError::Refused(refused)) => assert_eq!(refused.accepted, 1),
					}
				}
				panic!("the failure was not noticed");
			});
		}
	});
	let failed = shared.with(|acceptor| acceptor.commit()).unwrap();
	assert!(matches!(failed, Err(StoreError::Failed(_))));
	assert_eq!(acceptor_on(&medium.cut_power(|| false)).status(0).unwrap().accepted, 1);
}

#[test]
fn acceptor_should_not_be_used_after_a_thread_died_with_it() {
	let (_, acceptor) = acceptor(&[vouchers()]);
	let shared = SharedAcceptor::new(acceptor);
	let died = std::thread::scope(|scope| {
		scope.spawn(|| shared.with(|_| panic!("a test dies here"))).join().is_err()
	});
	assert!(died);
	let refused = shared.accept(&voucher(0, 1), NOW);
	assert!(matches!(refused, Err(AcceptError::Store(StoreError::Failed(_)))));
	assert!(shared.into_inner().is_err());
}
