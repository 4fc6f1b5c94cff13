//! Mandates: what is checked before anything is sent, and what is read of what came of it.

use dam_primitives::{machine_account, FailedPull, MachineStatus, Mandate, Payee, PullFailure};

use super::mock::{key, machine, patience, Mock, LIMITS};
use crate::{
	chain::{Call, ChainEvent, MandateCall, MandateEvent, Pull},
	mandates::{Grant, MandateError, Mandates},
	AccountId, Error, Usdt,
};

/// Machine 0 pays with key 3 and belongs to key 100, machine 1 pulls with key 4 and belongs to key
/// 101.
fn chain() -> Mock {
	let mock = Mock::new(&key(3)).owned_by(&key(100));
	let mut payee = machine(1, &key(4));
	payee.owner = key(101).account();
	mock.state().machines.insert(1, payee);
	mock
}

fn usdt(units: u128) -> Usdt {
	Usdt::from_units(units)
}

/// Of machine 1 on machine 0: 100 in 10 blocks, until block 150. The chain stands at block 100.
fn granted(mock: &Mock) {
	let mandate = Mandate {
		payer: 0,
		payee: Payee::Machine(1),
		cap: 100,
		period: 10,
		expires_at: 150,
		pulled: None,
		storage_deposit: 100_000,
	};
	mock.state().mandates.insert(5, mandate);
}

fn grant(cap: u128, period: u32, expires_at: u32) -> Grant {
	Grant { payee: Payee::Machine(1), cap: usdt(cap), period, expires_at }
}

fn tells_of_grant(mock: &Mock) {
	let event = |mandate, payer| {
		let (payee, cap) = (Payee::Machine(1), usdt(100));
		let (period, expires_at) = (10, 150);
		let granted = MandateEvent::Granted { mandate, payer, payee, cap, period, expires_at };
		ChainEvent::Mandate(granted)
	};
	mock.state().events = vec![event(6, 1), event(7, 0)];
}

#[tokio::test]
async fn mandate_should_be_granted_by_payment_key_or_owner() {
	let mock = chain();
	for (number, named) in [(3, None), (3, Some(0)), (100, Some(0))] {
		let signer = key(number);
		let mandates = Mandates::new(&mock, &signer, patience());
		tells_of_grant(&mock);
		let granted = mandates.grant(named, &grant(100, 10, 150), &mut |_| {}).await.unwrap();
		assert_eq!((granted.1, granted.2), (0, 7));
		let expected = MandateCall::Grant {
			machine: 0,
			payee: Payee::Machine(1),
			cap: usdt(100),
			period: 10,
			expires_at: 150,
		};
		assert_eq!(mock.last_call(), Call::Mandate(expected));
	}
	let count = mock.state().signed.len();
	for (number, named, code) in [
		(100, None, "not-registered"),
		(50, None, "not-registered"),
		(50, Some(0), "not-owner"),
		(4, Some(0), "not-entitled"),
		(3, Some(9), "unknown-machine"),
	] {
		let signer = key(number);
		let mandates = Mandates::new(&mock, &signer, patience());
		let error = mandates.grant(named, &grant(100, 10, 150), &mut |_| {}).await.unwrap_err();
		let error = Error::from(error);
		assert_eq!(error.code(), code, "{number}: {error}");
	}
	mock.change(0, |machine| machine.status = MachineStatus::Suspended);
	for (number, may) in [(3, false), (100, true)] {
		let signer = key(number);
		let mandates = Mandates::new(&mock, &signer, patience());
		tells_of_grant(&mock);
		let granted = mandates.grant(Some(0), &grant(100, 10, 150), &mut |_| {}).await;
		assert_eq!(granted.is_ok(), may, "{number}");
	}
	assert_eq!(mock.state().signed.len(), count + 1);
}

#[tokio::test]
async fn mandate_should_not_be_granted_on_terms_that_the_chain_refuses() {
	let (mock, payer) = (chain(), key(3));
	let mandates = Mandates::new(&mock, &payer, patience());
	for (cap, period, expires_at, code) in [
		(0, 10, 150, "bad-amount"),
		(100, 0, 150, "bad-time"),
		(100, 10, 101, "bad-expiry"),
		(100, 10, 102 + LIMITS.mandate, "bad-expiry"),
	] {
		let refused = mandates.grant(None, &grant(cap, period, expires_at), &mut |_| {}).await;
		assert_eq!(Error::from(refused.unwrap_err()).code(), code);
	}
	for (payee, code) in [(0, "self-payment"), (9, "unknown-payee")] {
		let grant = Grant { payee: Payee::Machine(payee), ..grant(100, 10, 150) };
		let refused = mandates.grant(None, &grant, &mut |_| {}).await.unwrap_err();
		assert_eq!(Error::from(refused).code(), code);
	}
	let wallet = AccountId::from(machine_account(0));
	mock.state().usdt.insert(wallet, LIMITS.mandate_deposit.units() - 1);
	let poor = mandates.grant(None, &grant(100, 10, 150), &mut |_| {}).await.unwrap_err();
	assert_eq!(Error::from(poor).code(), "out-of-usdt");
	assert!(mock.state().signed.is_empty());
}

#[tokio::test]
async fn pull_should_be_refused_over_the_cap_before_it_is_sent() {
	let (mock, payee) = (chain(), key(4));
	granted(&mock);
	mock.state().mandates.get_mut(&5).unwrap().pull(60, 98).unwrap();
	let mandates = Mandates::new(&mock, &payee, patience());
	let pull = |amount| Pull { mandate: 5, amount: usdt(amount) };
	let over = mandates.pull(pull(41), &mut |_| {}).await.unwrap_err();
	let MandateError::ExceedsCap { available, ends_at, .. } = &over else { panic!("{over}") };
	assert_eq!((*available, *ends_at), (usdt(40), Some(108)));
	assert!(over.to_string().contains("wait for block 108"), "{over}");
	// Waiting does not help to get more than the cap.
	let far = mandates.pull(pull(101), &mut |_| {}).await.unwrap_err();
	assert!(!far.to_string().contains("wait"), "{far}");
	assert!(mock.state().signed.is_empty());
	mandates.pull(pull(40), &mut |_| {}).await.unwrap();
	assert_eq!(mock.last_call(), Call::Mandate(MandateCall::Pull(pull(40))));
	// The next period begins with its first pull.
	mock.advance(10);
	mandates.pull(pull(100), &mut |_| {}).await.unwrap();
}

#[tokio::test]
async fn pull_should_be_refused_with_the_reason() {
	let mock = chain();
	granted(&mock);
	let refused = |number, mandate, amount| {
		let mock = mock.clone();
		async move {
			let signer = key(number);
			let mandates = Mandates::new(&mock, &signer, patience());
			let pull = Pull { mandate, amount: usdt(amount) };
			Error::from(mandates.pull(pull, &mut |_| {}).await.unwrap_err())
		}
	};
	assert_eq!(refused(4, 5, 0).await.code(), "bad-amount");
	assert_eq!(refused(4, 6, 1).await.code(), "unknown-mandate");
	for stranger in [3, 50, 100] {
		assert_eq!(refused(stranger, 5, 1).await.code(), "not-entitled", "{stranger}");
	}
	mock.change(0, |machine| machine.frozen = true);
	let stopped = refused(4, 5, 1).await;
	assert_eq!(stopped.code(), "not-active", "{stopped}");
	mock.change(0, |machine| machine.frozen = false);
	mock.advance(50);
	assert_eq!(refused(4, 5, 1).await.code(), "expired-mandate");
	assert!(mock.state().signed.is_empty());
}

#[tokio::test]
async fn batch_should_tell_which_pulls_failed() {
	let (mock, payee) = (chain(), key(4));
	let mandates = Mandates::new(&mock, &payee, patience());
	let pulls = [5, 6].map(|mandate| Pull { mandate, amount: usdt(1) });
	let failed = vec![FailedPull { index: 1, reason: PullFailure::ExceedsCap }];
	let event = MandateEvent::BatchPulled { pulled: 1, total: usdt(1), failed: failed.clone() };
	mock.state().events = vec![ChainEvent::Mandate(event)];
	let pulled = mandates.pull_batch(&pulls, &mut |_| {}).await.unwrap();
	assert_eq!((pulled.pulled, pulled.total, pulled.failed), (1, usdt(1), failed));
	for count in [0, 257] {
		let error = mandates.pull_batch(&vec![pulls[0]; count], &mut |_| {}).await.unwrap_err();
		assert!(Error::from(error).is_bad_input());
	}
}

#[tokio::test]
async fn mandate_should_be_ended_by_its_parties_or_by_time() {
	let mock = chain();
	granted(&mock);
	for (number, may) in [(3, true), (4, true), (100, true), (101, true), (50, false)] {
		let signer = key(number);
		let mandates = Mandates::new(&mock, &signer, patience());
		assert_eq!(mandates.revoke(5, &mut |_| {}).await.is_ok(), may, "{number}");
	}
	let anybody = key(50);
	let mandates = Mandates::new(&mock, &anybody, patience());
	let early = mandates.remove(5, &mut |_| {}).await.unwrap_err();
	assert!(early.to_string().contains("block 150"), "{early}");
	mock.advance(60);
	mandates.remove(5, &mut |_| {}).await.unwrap();
	assert_eq!(mock.last_call(), Call::Mandate(MandateCall::Remove(5)));
}
