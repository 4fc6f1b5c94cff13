//! Rounds: looking at the chain, and claiming.

use super::*;
use crate::{
	tend, BlockClock, Chain, ClaimBatch, ClaimPolicy, Claims, Lost, Proven, Round, Seen, SeenBlock,
	SharedAcceptor, StateError,
};
use std::{
	future::Future,
	pin::pin,
	sync::Mutex,
	task::{Context, Poll, Waker},
	time::{Duration, SystemTime},
};

/// A chain that says what a test wants it to.
#[derive(Default)]
struct Scripted {
	head: u32,
	says: Vec<(ChannelId, Proven)>,
	out_of_reach: bool,
	asked: Mutex<Vec<Vec<ChannelId>>>,
	sent: Mutex<Vec<ClaimBatch>>,
}

impl Chain for Scripted {
	type Error = &'static str;

	async fn look(&self, channels: &[ChannelId]) -> Result<Seen, Self::Error> {
		let mut channels = channels.to_vec();
		channels.sort();
		self.asked.lock().unwrap().push(channels);
		if self.out_of_reach {
			Err("no peers")
		} else {
			Ok(Seen { block: built_now(self.head), channels: self.says.clone() })
		}
	}

	async fn submit(&self, batch: &ClaimBatch) -> Result<(), Self::Error> {
		if self.out_of_reach {
			return Err("no peers");
		}
		self.sent.lock().unwrap().push(batch.clone());
		Ok(())
	}
}

const EAGER: ClaimPolicy =
	ClaimPolicy { max_unsettled: 1, max_age: u32::MAX, headroom: 0, lifetime: 10 };

/// Nothing here waits for anything.
fn block_on<F: Future>(future: F) -> F::Output {
	let mut future = pin!(future);
	match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
		Poll::Ready(output) => output,
		Poll::Pending => panic!("a future waited"),
	}
}

fn round(shared: &SharedAcceptor, chain: &Scripted, clock: &BlockClock) -> Round<&'static str> {
	block_on(tend(shared, chain, clock, &EAGER)).unwrap()
}

/// So slow that tests see no block pass.
fn clock() -> BlockClock {
	BlockClock::new(Duration::from_secs(100_000))
}

fn built_now(number: u32) -> SeenBlock {
	SeenBlock { number, built_at: SystemTime::now() }
}

fn exists(state: ChannelState) -> Proven {
	Proven::Exists(state)
}

#[test]
fn round_should_look_claim_and_forget() {
	let (medium, mut acceptor) = acceptor(&[vouchers(), vouchers(), vouchers()]);
	accept(&mut acceptor, &voucher(0, 500), NOW).unwrap();
	accept(&mut acceptor, &voucher(1, 600), NOW).unwrap();
	let shared = SharedAcceptor::new(acceptor);
	let clock = clock();
	let chain = Scripted {
		head: NOW + 5,
		says: vec![
			(0, exists(later(&vouchers(), 5, |_| {}))),
			(1, Proven::Missing { at: NOW + 5 }),
			(2, exists(later(&vouchers(), 5, |channel| channel.closing = Some(NOW + 900)))),
			(7, Proven::Missing { at: NOW + 5 }),
		],
		..Default::default()
	};
	let done = round(&shared, &chain, &clock);
	assert_eq!(clock.now(), Some(NOW + 6));
	assert_eq!(done.unseen, None);
	assert!(done.disbelieved.is_empty() && done.unsent.is_empty());
	assert_eq!(done.gone, [Lost { channel: 1, amount: 600 }]);
	assert_eq!(done.plan.closable, [2]);
	let sent = chain.sent.lock().unwrap().clone();
	let ChannelPayment::Voucher(owed) = voucher(0, 500) else { unreachable!() };
	let claims = Claims::Vouchers(vec![owed]);
	assert_eq!(sent, [ClaimBatch { number: 0, until: NOW + 16, claims }]);
	// All of it is on disk.
	let reopened = acceptor_on(&medium.cut_power(|| false));
	assert_eq!(reopened.in_flight().unwrap(), sent);
	assert_eq!(reopened.status(1), None);
	assert_eq!(reopened.status(2).unwrap().state.channel.closing, Some(NOW + 900));

	round(&shared, &chain, &clock);
	assert_eq!(chain.sent.lock().unwrap().len(), 1, "it is under way");
	assert_eq!(*chain.asked.lock().unwrap(), [vec![0, 1, 2], vec![0, 2]]);
}

#[test]
fn round_should_claim_by_what_is_known_when_the_chain_is_out_of_reach() {
	let (_, mut acceptor) = acceptor(&[vouchers()]);
	accept(&mut acceptor, &voucher(0, 500), NOW).unwrap();
	let shared = SharedAcceptor::new(acceptor);
	let clock = clock();
	let mut chain = Scripted { out_of_reach: true, ..Default::default() };
	let done = round(&shared, &chain, &clock);
	assert_eq!(done.unseen, Some("no peers"));
	assert!(done.plan.batches.is_empty(), "nobody knows how late it is");
	clock.saw(built_now(NOW));
	let done = round(&shared, &chain, &clock);
	assert_eq!(done.plan.batches.len(), 1);
	assert_eq!(done.unsent, [(0, "no peers")]);
	// It is made again when its transaction could no longer be included.
	chain.out_of_reach = false;
	(chain.head, chain.says) = (NOW + 11, vec![(0, exists(later(&vouchers(), 11, |_| {})))]);
	assert!(round(&shared, &chain, &clock).plan.batches.is_empty());
	(chain.head, chain.says) = (NOW + 12, vec![(0, exists(later(&vouchers(), 12, |_| {})))]);
	let done = round(&shared, &chain, &clock);
	assert_eq!(done.plan.batches[0].number, 1);
	assert_eq!(chain.sent.lock().unwrap().len(), 1);
}

#[test]
fn round_should_report_states_that_are_not_believed() {
	let (_, acceptor) = acceptor(&[vouchers()]);
	let shared = SharedAcceptor::new(acceptor);
	let false_state = later(&vouchers(), 5, |channel| channel.deposit -= 1);
	let says = vec![(0, exists(false_state))];
	let chain = Scripted { head: NOW + 5, says, ..Default::default() };
	let done = round(&shared, &chain, &clock());
	assert_eq!(done.disbelieved, [(0, StateError::Contradiction)]);
	let state = shared.with(|acceptor| acceptor.status(0).unwrap().state).unwrap();
	assert_eq!(state, vouchers());
}

#[test]
fn round_should_not_forget_by_an_old_proof() {
	let (_, acceptor) = acceptor(&[vouchers()]);
	let shared = SharedAcceptor::new(acceptor);
	let chain = Scripted { says: vec![(0, Proven::Missing { at: NOW })], ..Default::default() };
	assert!(round(&shared, &chain, &clock()).gone.is_empty());
	assert!(shared.with(|acceptor| acceptor.status(0).is_some()).unwrap());
}
