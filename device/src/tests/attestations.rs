//! Attesting.

use dam_primitives::{
	attestation::MAX_ATTESTATION_BATCH, AttestationInfo, ClaimType, MachineStatus, Subject,
};

use super::mock::{key, patience, Mock, LIMITS};
use crate::{
	attestations::{
		AttestationError, Attested, Attester, IssueBatch, NewAttestation, Renewal, RenewalBatch,
		Revocation, RevocationBatch,
	},
	chain::{Accreditation, Call, ChainEvent, DispatchFailure},
	keys::Key,
	transact::TransactError,
	AccountId, Error,
};

const CLAIM: ClaimType = ClaimType::MeterCalibration;
/// Block 100 is final: what is signed now can stand in block 101 at the earliest.
const NEXT: u32 = 101;

fn office() -> Key {
	key(70)
}

/// A chain on which the office is accredited for calibrations, and has DAM.
fn chain() -> Mock {
	let mock = Mock::new(&key(3));
	let office = office().account();
	accredit(&mock, Accreditation { since: 1, until: None });
	mock.state().dam.insert(office, LIMITS.attestation_deposit.units());
	mock
}

fn accredit(mock: &Mock, one: Accreditation) {
	mock.state().accreditations.insert((CLAIM, office().account()), one);
}

fn of(machine: u64) -> Subject<AccountId> {
	Subject::Machine(machine)
}

fn item(machine: u64) -> NewAttestation {
	NewAttestation { subject: of(machine), claim: CLAIM, evidence: [5; 32], expires_at: 500 }
}

/// What the office attests of machine 0.
fn standing(mock: &Mock, issued_at: u32, expires_at: u32, revoked_at: Option<u32>) {
	let info = AttestationInfo {
		claim: CLAIM,
		attester: office().account(),
		evidence: [5; 32],
		issued_at,
		expires_at,
		revoked_at,
		valid: false,
	};
	mock.state().attestations = vec![(of(0), info)];
}

/// What an attester's method gives.
macro_rules! attest {
	($mock:expr, $method:ident($($argument:expr),*)) => {{
		let key = office();
		Attester::new(&$mock, &key, patience()).$method($($argument,)* &mut |_| {}).await
	}};
}

#[tokio::test]
async fn issue_should_attest_what_is_not_attested_validly() {
	let mock = chain();
	attest!(mock, issue(&item(0))).unwrap();
	assert_eq!(mock.last_call(), Call::Issue(item(0)));
	// What is not valid any more is replaced, and its deposit stays: none is needed.
	mock.state().dam.clear();
	for (issued_at, expires_at, revoked_at) in [(2, 100, None), (2, 400, Some(90))] {
		standing(&mock, issued_at, expires_at, revoked_at);
		attest!(mock, issue(&item(0))).unwrap();
	}
	accredit(&mock, Accreditation { since: 50, until: None });
	standing(&mock, 2, 400, None);
	attest!(mock, issue(&item(0))).unwrap();

	standing(&mock, 60, 400, None);
	let twice = attest!(mock, issue(&item(0))).unwrap_err();
	assert!(matches!(&twice, AttestationError::AlreadyIssued { expires_at: 400, .. }), "{twice}");
	assert_eq!(Error::from(twice).code(), "already-issued");
}

#[tokio::test]
async fn issue_should_refuse_before_signing_what_the_chain_would_refuse() {
	let mock = chain();
	let (first, last) = (NEXT + 1, NEXT + LIMITS.attestation);
	for expires_at in [first - 1, last + 1] {
		let refused = attest!(mock, issue(&NewAttestation { expires_at, ..item(0) }));
		assert!(matches!(
			refused,
			Err(AttestationError::Expiry { first: found, last: end, .. })
				if (found, end) == (first, last)
		));
	}
	let person = NewAttestation { subject: Subject::Account(office().account()), ..item(0) };
	let refused = attest!(mock, issue(&person)).unwrap_err();
	assert!(matches!(&refused, AttestationError::WrongSubject { .. }), "{refused}");
	assert!(Error::from(refused).is_bad_input());
	let other = NewAttestation { claim: ClaimType::Carbon, ..item(0) };
	let refused = attest!(mock, issue(&other)).unwrap_err();
	assert!(matches!(&refused, AttestationError::NotAccredited { until: None, .. }), "{refused}");
	assert_eq!(Error::from(refused).code(), "not-accredited");
	assert!(matches!(
		attest!(mock, issue(&item(9))),
		Err(AttestationError::Transact(TransactError::UnknownMachine(9)))
	));
	mock.change(1, |machine| machine.status = MachineStatus::Retired);
	assert!(matches!(
		attest!(mock, issue(&item(1))),
		Err(AttestationError::Transact(TransactError::Retired(1)))
	));
	mock.state().dam.clear();
	assert!(matches!(
		attest!(mock, issue(&item(0))),
		Err(AttestationError::Transact(TransactError::OutOfDam { .. }))
	));
	accredit(&mock, Accreditation { since: 1, until: Some(NEXT) });
	let ended = attest!(mock, issue(&item(0))).unwrap_err();
	assert!(ended.to_string().contains("any more, since block 101"), "{ended}");
	assert!(mock.state().signed.is_empty());
}

#[tokio::test]
async fn renew_should_lengthen_what_is_valid() {
	let mock = chain();
	let renewal = |expires_at| Renewal { subject: of(0), claim: CLAIM, expires_at };
	let refused = |expires_at| {
		let (mock, item) = (mock.clone(), renewal(expires_at));
		async move { attest!(mock, renew(&item)).unwrap_err() }
	};
	assert!(matches!(refused(500).await, AttestationError::NotFound { .. }));
	standing(&mock, 2, 400, Some(90));
	assert!(matches!(refused(500).await, AttestationError::Revoked { revoked_at: 90, .. }));
	standing(&mock, 2, 100, None);
	assert!(matches!(refused(500).await, AttestationError::Expired { expires_at: 100, .. }));
	standing(&mock, 2, 400, None);
	accredit(&mock, Accreditation { since: 50, until: None });
	let lapsed = refused(500).await;
	assert!(matches!(&lapsed, AttestationError::Lapsed { .. }), "{lapsed}");
	assert_eq!(Error::from(lapsed).code(), "lapsed");
	standing(&mock, 60, 400, None);
	assert!(matches!(refused(400).await, AttestationError::ExpiryNotLater { present: 400 }));
	let far = NEXT + LIMITS.attestation + 1;
	assert!(matches!(refused(far).await, AttestationError::Expiry { .. }));
	accredit(&mock, Accreditation { since: 50, until: Some(90) });
	assert!(matches!(refused(500).await, AttestationError::NotAccredited { until: Some(90), .. }));
	assert!(mock.state().signed.is_empty());
	accredit(&mock, Accreditation { since: 50, until: None });
	attest!(mock, renew(&renewal(500))).unwrap();
	assert_eq!(mock.last_call(), Call::Renew(renewal(500)));
}

#[tokio::test]
async fn revoke_should_need_no_accreditation() {
	let mock = chain();
	mock.state().accreditations.clear();
	let item = Revocation { subject: of(0), claim: CLAIM };
	assert!(matches!(attest!(mock, revoke(&item)), Err(AttestationError::NotFound { .. })));
	standing(&mock, 2, 400, Some(90));
	assert!(matches!(attest!(mock, revoke(&item)), Err(AttestationError::Revoked { .. })));
	standing(&mock, 2, 400, None);
	attest!(mock, revoke(&item)).unwrap();
	assert_eq!(mock.last_call(), Call::Revoke(item));
}

#[tokio::test]
async fn remove_should_clear_what_has_expired() {
	let mock = chain();
	let attester = office().account();
	let anybody = key(50);
	let remove = || {
		let (mock, key) = (mock.clone(), &anybody);
		async move {
			let somebody = Attester::new(&mock, key, patience());
			somebody.remove(&of(0), CLAIM, attester, &mut |_| {}).await
		}
	};
	assert!(matches!(remove().await, Err(AttestationError::NotFound { .. })));
	// Revoked or not.
	standing(&mock, 2, NEXT, Some(50));
	let early = remove().await.unwrap_err();
	assert!(matches!(early, AttestationError::NotExpired { expires_at: NEXT }), "{early}");
	standing(&mock, 2, NEXT - 1, None);
	remove().await.unwrap();
	let expected = Call::RemoveAttestation { subject: of(0), claim: CLAIM, attester };
	assert_eq!(mock.last_call(), expected);
}

#[tokio::test]
async fn batches_should_be_split_and_tell_what_failed() {
	let (mock, office) = (chain(), office());
	let most = MAX_ATTESTATION_BATCH as usize;
	let items: Vec<_> = (0..=MAX_ATTESTATION_BATCH).map(|id| item(id.into())).collect();
	let batch = IssueBatch::new(items.clone()).unwrap();
	let failure = |index| {
		let failure =
			DispatchFailure { name: "Attestations.AlreadyIssued".into(), explanation: "".into() };
		(index, failure)
	};
	mock.state().events =
		vec![ChainEvent::AttestationBatch { done: 255, failed: vec![failure(3)] }];
	mock.state().later_events =
		[vec![ChainEvent::AttestationBatch { done: 0, failed: vec![failure(0)] }]].into();
	let mut told = Vec::new();
	let parts = Attester::new(&mock, &office, patience())
		.issue_batch(&batch, &mut |_| {}, &mut |part: &Attested| told.push(part.clone()))
		.await
		.unwrap();
	assert_eq!(told, parts);
	let failed = |part: &Attested| part.failed.iter().map(|(index, _)| *index).collect::<Vec<_>>();
	assert_eq!((parts[0].succeeded, failed(&parts[0])), (255, vec![3]));
	assert_eq!((parts[1].succeeded, failed(&parts[1])), (0, vec![most]));
	let calls = mock.state().calls.clone();
	let (first, rest) = items.split_at(most);
	assert_eq!(calls, [Call::IssueBatch(first.to_vec()), Call::IssueBatch(rest.to_vec())]);
}

#[tokio::test]
async fn batches_should_be_refused_as_a_whole_for_what_concerns_all() {
	let (mock, office) = (chain(), office());
	let attester = Attester::new(&mock, &office, patience());
	let late = NewAttestation { expires_at: NEXT, ..item(0) };
	let late = IssueBatch::new(vec![item(1), late]).unwrap();
	assert!(matches!(
		attester.issue_batch(&late, &mut |_| {}, &mut |_| {}).await,
		Err(AttestationError::Expiry { expires_at: NEXT, .. })
	));
	let other = Renewal { subject: of(0), claim: ClaimType::Carbon, expires_at: 500 };
	let other = RenewalBatch::new(vec![other]).unwrap();
	assert!(matches!(
		attester.renew_batch(&other, &mut |_| {}, &mut |_| {}).await,
		Err(AttestationError::NotAccredited { claim: ClaimType::Carbon, .. })
	));
	assert!(mock.state().signed.is_empty());
	// Revoking needs no accreditation.
	let back = Revocation { subject: of(0), claim: ClaimType::Carbon };
	let batch = RevocationBatch::new(vec![back.clone()]).unwrap();
	attester.revoke_batch(&batch, &mut |_| {}, &mut |_| {}).await.unwrap();
	assert_eq!(mock.last_call(), Call::RevokeBatch(vec![back]));
}

#[tokio::test]
async fn accreditation_should_tell_what_came_of_the_call_within() {
	let mock = chain();
	let sudo = key(1);
	let governance = Attester::new(&mock, &sudo, patience());
	let who = key(9).account();
	mock.state().events = vec![ChainEvent::Sudid { result: Ok(()) }];
	governance.accredit(who, CLAIM, &mut |_| {}).await.unwrap();
	let inner = Call::Accredit { attester: who, claim: CLAIM };
	assert_eq!(mock.last_call(), Call::Sudo(Box::new(inner)));

	// The wrapper is in a block all the same.
	let failure = DispatchFailure {
		name: "Attestations.NotAccredited".into(),
		explanation: "Not accredited.".into(),
	};
	mock.state().events = vec![ChainEvent::Sudid { result: Err(failure.clone()) }];
	let refused = governance.withdraw_accreditation(who, CLAIM, &mut |_| {}).await;
	assert!(
		matches!(&refused, Err(AttestationError::Transact(TransactError::Failed { failure: found, .. }))
			if *found == failure),
		"{refused:?}"
	);
}
