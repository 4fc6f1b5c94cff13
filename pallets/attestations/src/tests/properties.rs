//! Random sequences of operations, while time passes, against a model, with the invariants checked
//! after each step.
//!
//! The model knows no rule of validity by block numbers. It keeps who is believed now, and at the
//! end of each block it writes that down: what the pallet tells of the past must be what was
//! written down at the time.

use super::*;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Subject, claim and attester.
type Key = (Subject<AccountId>, ClaimType, AccountId);

const ATTESTERS: [AccountId; 2] = [1, POOR];
/// A machine, one that may be retired, one that does not exist, and a person. Few, so that random
/// operations meet.
const SUBJECTS: [Subject<AccountId>; 4] =
	[Subject::Machine(0), Subject::Machine(MORTAL), Subject::Machine(UNKNOWN), PERSON];
const CLAIMS: [ClaimType; 3] = [MeterCalibration, Carbon, HolderKyc];
const MORTAL: MachineId = 2;
/// The attester who can pay for two attestations only.
const POOR: AccountId = 2;

#[derive(Debug, Clone)]
enum Step {
	Accredit(AccountId, ClaimType),
	Withdraw(AccountId, ClaimType),
	Issue(Key, i64),
	Renew(Key, i64),
	Revoke(Key),
	Remove(Key),
	IssueBatch(AccountId, Vec<(Subject<AccountId>, ClaimType, i64)>),
	RenewBatch(AccountId, Vec<(Subject<AccountId>, ClaimType, i64)>),
	RevokeBatch(AccountId, Vec<(Subject<AccountId>, ClaimType)>),
	Retire,
	Advance(u32),
}

/// A claim and a subject, mostly of the sort of which it is made.
fn matter() -> impl Strategy<Value = (Subject<AccountId>, ClaimType)> {
	let of_machine =
		(prop::sample::select(&SUBJECTS[..2]), prop::sample::select(&CLAIMS[..2])).boxed();
	let of_person = (Just(PERSON), Just(HolderKyc)).boxed();
	let any = (prop::sample::select(&SUBJECTS[..]), prop::sample::select(&CLAIMS[..])).boxed();
	prop_oneof![8 => of_machine, 2 => of_person, 1 => any]
}

fn step() -> impl Strategy<Value = Step> {
	let attester = || prop::sample::select(&ATTESTERS[..]);
	let claim = || prop::sample::select(&CLAIMS[..]);
	let key = || (matter(), attester()).prop_map(|((subject, claim), who)| (subject, claim, who));
	// Mostly within a few steps of time, sometimes at the bounds.
	let ahead = || prop_oneof![8 => 1..40i64, 1 => -2..=1i64, 1 => 98..=102i64];
	let items = || {
		let item =
			(matter(), ahead()).prop_map(|((subject, claim), ahead)| (subject, claim, ahead));
		prop::collection::vec(item, 0..8)
	};
	prop_oneof![
		8 => (attester(), claim()).prop_map(|(who, claim)| Step::Accredit(who, claim)),
		2 => (attester(), claim()).prop_map(|(who, claim)| Step::Withdraw(who, claim)),
		8 => (key(), ahead()).prop_map(|(key, ahead)| Step::Issue(key, ahead)),
		6 => (key(), ahead()).prop_map(|(key, ahead)| Step::Renew(key, ahead)),
		3 => key().prop_map(Step::Revoke),
		5 => key().prop_map(Step::Remove),
		5 => (attester(), items()).prop_map(|(who, items)| Step::IssueBatch(who, items)),
		3 => (attester(), items()).prop_map(|(who, items)| Step::RenewBatch(who, items)),
		1 => (attester(), prop::collection::vec(matter(), 0..8))
			.prop_map(|(who, items)| Step::RevokeBatch(who, items)),
		10 => prop_oneof![30 => (1..12u32).prop_map(Step::Advance), 1 => Just(Step::Retire)],
	]
}

/// What the model knows of an attestation.
struct Entry {
	issued: i64,
	expires: i64,
	revoked: bool,
	/// Whether its attester was accredited without a gap since the issue.
	covered: bool,
	/// Whether its attester was accredited anew after a gap: nothing is told of it any more.
	forgotten: bool,
}

#[derive(Default)]
struct Model {
	now: i64,
	/// Who is accredited, and from which block on.
	accredited: BTreeMap<(AccountId, ClaimType), i64>,
	/// When an accreditation was last withdrawn.
	withdrawn: BTreeMap<(AccountId, ClaimType), i64>,
	entries: BTreeMap<Key, Entry>,
	retired: bool,
	/// What was valid at the end of each block.
	history: BTreeMap<i64, BTreeSet<Key>>,
}

impl Model {
	fn accredit(&mut self, who: AccountId, claim: ClaimType) -> bool {
		if self.accredited.contains_key(&(who, claim)) {
			return false;
		}
		let same_block = self.withdrawn.get(&(who, claim)) == Some(&self.now);
		self.accredited.insert((who, claim), self.now + i64::from(same_block));
		for (key, entry) in &mut self.entries {
			if (key.2, key.1) == (who, claim) {
				entry.forgotten = true;
			}
		}
		true
	}

	fn withdraw(&mut self, who: AccountId, claim: ClaimType) -> bool {
		if self.accredited.remove(&(who, claim)).is_none() {
			return false;
		}
		self.withdrawn.insert((who, claim), self.now);
		for (key, entry) in &mut self.entries {
			if (key.2, key.1) == (who, claim) {
				entry.covered = false;
			}
		}
		true
	}

	fn is_accredited(&self, key: &Key) -> bool {
		self.accredited.get(&(key.2, key.1)).is_some_and(|since| *since <= self.now)
	}

	fn takes_subject(&self, key: &Key) -> bool {
		match (&key.0, key.1) {
			(Subject::Account(_), HolderKyc) => true,
			(Subject::Machine(MORTAL), MeterCalibration | Carbon) => !self.retired,
			(Subject::Machine(id), MeterCalibration | Carbon) => *id != UNKNOWN,
			_ => false,
		}
	}

	fn issue(&mut self, key: &Key, ahead: i64) -> bool {
		let fits = (1..=i64::from(LIFETIME)).contains(&ahead);
		let taken = self.is_valid(key);
		let pays = self.entries.contains_key(key) || self.count(key.2) < affordable(key.2);
		let allowed = fits && !taken && pays && self.is_accredited(key) && self.takes_subject(key);
		if allowed {
			let entry = Entry {
				issued: self.now,
				expires: self.now + ahead,
				revoked: false,
				covered: true,
				forgotten: false,
			};
			self.entries.insert(key.clone(), entry);
		}
		allowed
	}

	fn renew(&mut self, key: &Key, ahead: i64) -> bool {
		let allowed = self.is_valid(key)
			&& self.is_accredited(key)
			&& self.takes_subject(key)
			&& ahead <= i64::from(LIFETIME)
			&& self.now + ahead > self.entries[key].expires;
		if allowed {
			self.entries.get_mut(key).unwrap().expires = self.now + ahead;
		}
		allowed
	}

	fn revoke(&mut self, key: &Key) -> bool {
		match self.entries.get_mut(key) {
			Some(entry) if !entry.revoked && self.now <= entry.expires => {
				entry.revoked = true;
				true
			},
			_ => false,
		}
	}

	fn remove(&mut self, key: &Key) -> bool {
		let over = self.entries.get(key).is_some_and(|entry| entry.expires < self.now);
		over && self.entries.remove(key).is_some()
	}

	fn advance(&mut self, blocks: u32) {
		for _ in 0..blocks {
			let valid = self.entries.keys().filter(|key| self.is_valid(key)).cloned().collect();
			self.history.insert(self.now, valid);
			self.now += 1;
		}
	}

	/// Whether it is valid now.
	fn is_valid(&self, key: &Key) -> bool {
		self.entries
			.get(key)
			.is_some_and(|entry| !entry.revoked && entry.covered && self.now <= entry.expires)
	}

	/// Whether the state of now still tells that it was valid at the end of a block before.
	fn was_valid(&self, key: &Key, at: i64) -> bool {
		self.entries.get(key).is_some_and(|entry| entry.issued <= at && !entry.forgotten)
			&& self.history[&at].contains(key)
	}

	fn count(&self, who: AccountId) -> usize {
		self.entries.keys().filter(|key| key.2 == who).count()
	}

	/// Compares what the pallet tells of every attestation, in the blocks from `from` on.
	fn compare(&self, from: i64) {
		for (subject, claim, attester) in keys() {
			let key = (subject.clone(), claim, attester);
			let told = |at: i64| {
				let at = u32::try_from(at).unwrap();
				Attestations::is_valid(&subject, claim, &attester, at)
			};
			for at in from.max(1)..self.now {
				assert_eq!(told(at), self.was_valid(&key, at), "{key:?} in past block {at}");
			}
			assert_eq!(told(self.now), self.is_valid(&key), "{key:?} now");
			if self.is_valid(&key) {
				let expires = self.entries[&key].expires;
				assert!(told(expires) && !told(expires + 1), "{key:?} at its end");
			}
		}
	}
}

fn keys() -> impl Iterator<Item = Key> {
	SUBJECTS.into_iter().flat_map(|subject| {
		CLAIMS.into_iter().flat_map(move |claim| {
			let subject = subject.clone();
			ATTESTERS.into_iter().map(move |attester| (subject.clone(), claim, attester))
		})
	})
}

/// How many attestations an attester can pay for.
fn affordable(who: AccountId) -> usize {
	if who == POOR {
		2
	} else {
		9
	}
}

/// The block `ahead` blocks from now.
fn block(ahead: i64) -> u32 {
	u32::try_from((i64::from(System::block_number()) + ahead).max(0)).unwrap()
}

/// Compares the event of a batch with what the model says of each item.
fn compare_batch(expected: Vec<bool>) {
	let RuntimeEvent::Attestations(
		Event::BatchIssued { issued: done, failed, .. }
		| Event::BatchRenewed { renewed: done, failed, .. }
		| Event::BatchRevoked { revoked: done, failed, .. },
	) = System::events().pop().unwrap().event
	else {
		panic!("the last event is the batch's")
	};
	let refused: Vec<_> =
		(0u32..).zip(&expected).filter(|(_, allowed)| !**allowed).map(|(n, _)| n).collect();
	let failed: Vec<_> = failed.iter().map(|item| item.index).collect();
	assert_eq!(failed, refused);
	assert_eq!(done as usize, expected.len() - refused.len());
}

/// Does a step on the chain and in the model, and compares what came of it.
fn take(step: Step, model: &mut Model) {
	let root = RuntimeOrigin::root();
	let (result, allowed) = match step {
		Step::Accredit(who, claim) => {
			(Attestations::accredit(root, who, claim), model.accredit(who, claim))
		},
		Step::Withdraw(who, claim) => {
			(Attestations::withdraw_accreditation(root, who, claim), model.withdraw(who, claim))
		},
		Step::Issue(key, ahead) => {
			let (subject, claim, who) = key.clone();
			let result = Attestations::issue(signed(who), item(subject, claim, block(ahead)));
			(result, model.issue(&key, ahead))
		},
		Step::Renew(key, ahead) => {
			let (subject, claim, who) = key.clone();
			let result = Attestations::renew(signed(who), subject, claim, block(ahead));
			(result, model.renew(&key, ahead))
		},
		Step::Revoke(key) => {
			let (subject, claim, who) = key.clone();
			(Attestations::revoke(signed(who), subject, claim), model.revoke(&key))
		},
		Step::Remove(key) => {
			let (subject, claim, attester) = key.clone();
			(Attestations::remove(signed(50), subject, claim, attester), model.remove(&key))
		},
		Step::IssueBatch(who, items) => {
			let calls = items
				.iter()
				.map(|(subject, claim, ahead)| item(subject.clone(), *claim, block(*ahead)))
				.collect();
			let calls = BoundedVec::truncate_from(calls);
			assert_ok!(Attestations::issue_batch(signed(who), calls));
			let expected = items
				.into_iter()
				.map(|(subject, claim, ahead)| model.issue(&(subject, claim, who), ahead));
			return compare_batch(expected.collect());
		},
		Step::RenewBatch(who, items) => {
			let calls = items
				.iter()
				.cloned()
				.map(|(subject, claim, ahead)| Renewal { subject, claim, expires_at: block(ahead) })
				.collect();
			let calls = BoundedVec::truncate_from(calls);
			assert_ok!(Attestations::renew_batch(signed(who), calls));
			let expected = items
				.into_iter()
				.map(|(subject, claim, ahead)| model.renew(&(subject, claim, who), ahead));
			return compare_batch(expected.collect());
		},
		Step::RevokeBatch(who, items) => {
			let calls = items
				.iter()
				.cloned()
				.map(|(subject, claim)| Revocation { subject, claim })
				.collect();
			let calls = BoundedVec::truncate_from(calls);
			assert_ok!(Attestations::revoke_batch(signed(who), calls));
			let expected =
				items.into_iter().map(|(subject, claim)| model.revoke(&(subject, claim, who)));
			return compare_batch(expected.collect());
		},
		Step::Retire => {
			MockMachines::retire(MORTAL);
			model.retired = true;
			return;
		},
		Step::Advance(blocks) => {
			model.advance(blocks);
			System::set_block_number(System::block_number() + blocks);
			return;
		},
	};
	assert_eq!(result.is_ok(), allowed, "{result:?}");
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

	#[test]
	fn storage_should_follow_the_model(steps in prop::collection::vec(step(), 1..160)) {
		new_test_ext().execute_with(|| {
			let spent = (affordable(1) - affordable(POOR)) as Balance * DEPOSIT;
			assert_ok!(Balances::transfer_allow_death(signed(POOR), RICH, spent));
			let mut model = Model { now: 1, ..Default::default() };
			for step in steps {
				take(step, &mut model);
				Attestations::do_try_state().unwrap();
				model.compare(model.now - 3);
				for who in ATTESTERS {
					assert_eq!(held(who), model.count(who) as Balance * DEPOSIT);
				}
				for (subject, claim) in [(SUBJECTS[0].clone(), Carbon), (PERSON, HolderKyc)] {
					let mut told = Attestations::attesters(subject.clone(), claim, block(0));
					told.sort();
					let believed = |who: &AccountId| {
						model.is_valid(&(subject.clone(), claim, *who))
					};
					assert_eq!(told, ATTESTERS.into_iter().filter(believed).collect::<Vec<_>>());
				}
			}
			model.compare(1);
			let listed: usize = SUBJECTS
				.into_iter()
				.map(|subject| Attestations::of(subject, None, u32::MAX).len())
				.sum();
			assert_eq!(listed, model.entries.len());
		});
	}
}
