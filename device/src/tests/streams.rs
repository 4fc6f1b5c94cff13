//! Streams: what is checked before anything is sent, and what is read of what came of it.

use dam_primitives::{machine_account, CollectFailure, FailedCollection, Flow, Payee, Stream};

use super::mock::{key, machine, patience, Mock, LIMITS};
use crate::{
	chain::{Call, ChainEvent, StreamCall, StreamEvent},
	keys::Key,
	payments::PayError,
	streams::{StreamError, Streams},
	AccountId, Error, Usdt,
};

/// A unit of USDT.
const ONE: u128 = 1_000_000;

fn owner() -> Key {
	key(100)
}

/// Machine 0 pays with key 3, machine 1 claims with key 4, both of one owner.
fn chain() -> Mock {
	let mock = Mock::new(&key(3)).owned_by(&owner());
	let mut payee = machine(1, &key(4));
	payee.owner = key(101).account();
	mock.state().machines.insert(1, payee);
	mock
}

/// A stream that runs since block 90; the chain stands at block 100.
fn running(mock: &Mock) {
	let stream = Stream {
		payer: 0,
		payee: Payee::Machine(1),
		rate: 10,
		deposit: 1_000,
		settled: 0,
		carried: 0,
		flow: Flow::Running { since: 90 },
		storage_deposit: 100_000,
	};
	mock.state().streams.insert(5, stream);
}

fn usdt(units: u128) -> Usdt {
	Usdt::from_units(units)
}

fn says(mock: &Mock, event: StreamEvent) {
	mock.state().events = vec![ChainEvent::Stream(event)];
}

#[tokio::test]
async fn stream_should_be_opened_by_the_payment_key_and_tell_its_number() {
	let (mock, payer) = (chain(), key(3));
	let streams = Streams::new(&mock, &payer, patience());
	let payee = Payee::Machine(1);
	let opened = |stream, payer| {
		let (payee, rate, deposit) = (payee.clone(), usdt(10), usdt(ONE));
		ChainEvent::Stream(StreamEvent::Opened { stream, payer, payee, rate, deposit })
	};
	mock.state().events = vec![opened(6, 1), opened(7, 0)];
	let (_, id) = streams.open(&payee, usdt(10), usdt(ONE), &mut |_| {}).await.unwrap();
	assert_eq!(id, 7);
	let expected = StreamCall::Open { payee: payee.clone(), rate: usdt(10), deposit: usdt(ONE) };
	assert_eq!(mock.last_call(), Call::Stream(expected));
	// A chain that does not say which is another chain than this program knows.
	let silent = streams.open(&payee, usdt(10), usdt(ONE), &mut |_| {}).await.unwrap_err();
	assert_eq!(Error::from(silent).code(), "incompatible");
}

#[tokio::test]
async fn stream_should_not_be_opened_on_terms_that_the_chain_refuses() {
	let mock = chain();
	for (number, payee, rate, deposit, code) in [
		(3, 1, 0, ONE, "bad-amount"),
		(3, 1, 10, 9, "bad-amount"),
		(3, 0, 10, ONE, "self-payment"),
		(3, 9, 10, ONE, "unknown-payee"),
		// The machine holds 10 USDT: the storage deposit does not fit beside that.
		(3, 1, 10, 10 * ONE, "out-of-usdt"),
		(50, 1, 10, ONE, "not-registered"),
		(100, 1, 10, ONE, "not-registered"),
	] {
		let signer = key(number);
		let streams = Streams::new(&mock, &signer, patience());
		let payee = Payee::Machine(payee);
		let error = streams.open(&payee, usdt(rate), usdt(deposit), &mut |_| {}).await.unwrap_err();
		let error = Error::from(error);
		assert_eq!(error.code(), code, "{error}");
		assert_eq!(error.is_bad_input(), code == "bad-amount", "{error}");
	}
	assert!(mock.state().signed.is_empty());
}

#[tokio::test]
async fn deposit_should_leave_room_for_the_storage_deposit() {
	let (mock, payer) = (chain(), key(3));
	let streams = Streams::new(&mock, &payer, patience());
	let wallet = AccountId::from(machine_account(0));
	mock.state().usdt.insert(wallet, ONE + LIMITS.stream_deposit.units());
	let payee = Payee::Machine(1);
	let opened = StreamEvent::Opened {
		stream: 1,
		payer: 0,
		payee: payee.clone(),
		rate: usdt(10),
		deposit: usdt(ONE),
	};
	says(&mock, opened);
	streams.open(&payee, usdt(10), usdt(ONE), &mut |_| {}).await.unwrap();
	mock.state().usdt.insert(wallet, ONE + LIMITS.stream_deposit.units() - 1);
	let short = streams.open(&payee, usdt(10), usdt(ONE), &mut |_| {}).await.unwrap_err();
	assert!(
		matches!(&short, StreamError::Pay(PayError::OutOfUsdt { needed, .. })
			if *needed == usdt(ONE + LIMITS.stream_deposit.units())),
		"{short}"
	);
	// A top-up makes nothing new.
	running(&mock);
	mock.state().usdt.insert(wallet, ONE);
	says(&mock, StreamEvent::ToppedUp { stream: 5, deposit: usdt(ONE + 1_000) });
	let (_, deposit) = streams.top_up(5, usdt(ONE), &mut |_| {}).await.unwrap();
	assert_eq!(deposit, usdt(ONE + 1_000));
}

#[tokio::test]
async fn stream_should_be_paid_by_its_own_machine_only() {
	let (mock, payer, payee) = (chain(), key(3), key(4));
	running(&mock);
	let theirs = Streams::new(&mock, &payee, patience());
	let refused = theirs.top_up(5, usdt(1), &mut |_| {}).await.unwrap_err();
	assert!(
		matches!(refused, StreamError::OtherPayer { stream: 5, payer: 0, own: 1 }),
		"{refused}"
	);
	let refused = theirs.pause(5, &mut |_| {}).await.unwrap_err();
	assert!(matches!(refused, StreamError::NotPayer { stream: 5, payer: 0 }), "{refused}");
	let streams = Streams::new(&mock, &payer, patience());
	assert!(matches!(streams.top_up(5, usdt(0), &mut |_| {}).await, Err(StreamError::ZeroAmount)));
	assert!(matches!(
		streams.top_up(6, usdt(1), &mut |_| {}).await,
		Err(StreamError::UnknownStream(6))
	));
	assert!(mock.state().signed.is_empty());
}

#[tokio::test]
async fn stream_should_be_paused_and_resumed_by_payer_or_owner() {
	let mock = chain();
	for number in [3, 100] {
		let signer = key(number);
		let streams = Streams::new(&mock, &signer, patience());
		running(&mock);
		assert!(matches!(streams.resume(5, &mut |_| {}).await, Err(StreamError::NotPaused(5))));
		says(&mock, StreamEvent::Paused { stream: 5, due: usdt(110) });
		let (_, due) = streams.pause(5, &mut |_| {}).await.unwrap();
		assert_eq!((due, mock.last_call()), (usdt(110), Call::Stream(StreamCall::Pause(5))));
		mock.state().streams.get_mut(&5).unwrap().flow = Flow::Paused { since: 101 };
		let twice = streams.pause(5, &mut |_| {}).await.unwrap_err();
		assert!(matches!(twice, StreamError::AlreadyPaused { stream: 5, since: 101 }), "{twice}");
		streams.resume(5, &mut |_| {}).await.unwrap();
		assert_eq!(mock.last_call(), Call::Stream(StreamCall::Resume(5)));
	}
	// Frozen keys decide nothing; the owner does.
	mock.change(0, |machine| machine.frozen = true);
	running(&mock);
	for (number, may) in [(3, false), (100, true)] {
		let signer = key(number);
		let streams = Streams::new(&mock, &signer, patience());
		says(&mock, StreamEvent::Paused { stream: 5, due: usdt(0) });
		assert_eq!(streams.pause(5, &mut |_| {}).await.is_ok(), may, "{number}");
	}
}

#[tokio::test]
async fn stream_that_has_run_out_should_be_swept_and_not_paused() {
	let (mock, payer, anybody) = (chain(), key(3), key(50));
	running(&mock);
	let sweeper = Streams::new(&mock, &anybody, patience());
	let early = sweeper.sweep(5, &mut |_| {}).await.unwrap_err();
	assert!(early.to_string().contains("block 190"), "{early}");
	mock.advance(100);
	let streams = Streams::new(&mock, &payer, patience());
	assert!(matches!(streams.pause(5, &mut |_| {}).await, Err(StreamError::RunOut(5))));
	let closed = StreamEvent::Closed {
		stream: 5,
		settled: usdt(1_000),
		forfeited: usdt(0),
		returned: usdt(0),
	};
	says(&mock, closed);
	let closed = sweeper.sweep(5, &mut |_| {}).await.unwrap();
	assert_eq!(closed.settled, usdt(1_000));
	assert_eq!(mock.last_call(), Call::Stream(StreamCall::Sweep(5)));
}

#[tokio::test]
async fn stream_should_be_closed_by_its_parties_only() {
	let mock = chain();
	running(&mock);
	for (number, may) in [(3, true), (4, true), (100, true), (101, true), (50, false)] {
		let signer = key(number);
		let streams = Streams::new(&mock, &signer, patience());
		let (settled, returned) = (usdt(300), usdt(700));
		says(&mock, StreamEvent::Closed { stream: 5, settled, forfeited: usdt(0), returned });
		match streams.close(5, &mut |_| {}).await {
			Ok(closed) => assert!(may && closed.returned == returned, "{number}"),
			Err(error) => {
				assert!(!may, "{number}: {error}");
				assert!(matches!(error, StreamError::NotParty { stream: 5, .. }), "{error}");
				assert_eq!(Error::from(error).code(), "not-entitled");
			},
		}
	}
	// What a suspended machine is owed its key still takes; what it owes only its owner ends.
	mock.change(0, |machine| machine.status = dam_primitives::MachineStatus::Suspended);
	mock.change(1, |machine| machine.status = dam_primitives::MachineStatus::Suspended);
	for (number, may) in [(3, false), (4, true)] {
		let signer = key(number);
		let streams = Streams::new(&mock, &signer, patience());
		let (settled, returned) = (usdt(300), usdt(700));
		says(&mock, StreamEvent::Closed { stream: 5, settled, forfeited: usdt(0), returned });
		assert_eq!(streams.close(5, &mut |_| {}).await.is_ok(), may, "{number}");
	}
}

#[tokio::test]
async fn collections_should_tell_what_came_of_each() {
	let (mock, anybody) = (chain(), key(50));
	running(&mock);
	let streams = Streams::new(&mock, &anybody, patience());
	says(&mock, StreamEvent::Collected { stream: 5, amount: usdt(110) });
	let (_, amount) = streams.collect(5, &mut |_| {}).await.unwrap();
	assert_eq!(amount, usdt(110));
	let failed = vec![FailedCollection { index: 1, reason: CollectFailure::UnknownStream }];
	let (collected, total) = (1, usdt(10));
	says(&mock, StreamEvent::BatchCollected { collected, total, failed: failed.clone() });
	let batch = streams.collect_batch(&[5, 6], &mut |_| {}).await.unwrap();
	assert_eq!((batch.collected, batch.total, batch.failed), (1, usdt(10), failed));
	assert_eq!(mock.last_call(), Call::Stream(StreamCall::CollectBatch(vec![5, 6])));
	for wrong in [&[][..], &[0; 257]] {
		let error = streams.collect_batch(wrong, &mut |_| {}).await.unwrap_err();
		assert!(matches!(error, StreamError::WrongCount(count) if count == wrong.len()), "{error}");
	}
	mock.state().streams.get_mut(&5).unwrap().flow = Flow::Paused { since: 101 };
	let nothing = streams.collect(5, &mut |_| {}).await.unwrap_err();
	assert!(matches!(nothing, StreamError::NothingDue(5)), "{nothing}");
}
