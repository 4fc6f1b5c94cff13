//! How a payee sees the chain, and what becomes of its claims.

use std::{sync::Arc, time::Duration};

use dam_payments::{
	Acceptor, Chain, ClaimBatch, ClaimPolicy, Claims, Limits, MemoryKey, Payer, Proven,
	SharedAcceptor,
};
use dam_primitives::{Payee, RevealedLink, Signature, SignedVoucher};

use super::{
	channels::{change, channel, mock},
	mock::{self, Fate, Mock, OWNER},
};
use crate::{
	chain::{ChainEvent, Network, Refusal},
	channels::{look, ClaimFate, Keeper, LightChain, SubmitError},
	keys::Key,
	Usdt,
};

fn key() -> Key {
	mock::key(3)
}

fn usdt(units: u128) -> Usdt {
	Usdt::from_units(units)
}

#[tokio::test]
async fn look_should_tell_existing_missing_and_replaced() {
	let (mock, key) = (mock(), key());
	change(&mock, |channel| channel.closing = Some(300));
	let account = Payee::Account(OWNER);
	let mut other = channel(&key);
	(other.channel.payee, other.signer_until) = (account, Some(250));
	mock.state().channels.insert(7, other);
	let found = look(&mock, &[7, 6, 5]).await.unwrap().channels;
	assert_eq!(found.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [7, 6, 5]);
	let Proven::Exists(replaced) = &found[0].1 else { panic!("{found:?}") };
	assert_eq!((replaced.signer_until, replaced.at), (Some(250), 100));
	assert_eq!(replaced.channel.payee, Payee::Account(OWNER.0));
	assert_eq!(found[1].1, Proven::Missing { at: 100 });
	let Proven::Exists(closing) = &found[2].1 else { panic!("{found:?}") };
	assert_eq!(closing.deadline(), Some(300));
	mock.state().outages = 1;
	assert!(look(&mock, &[5]).await.unwrap_err().is_transient());
}

fn batch(number: u64, until: u32, claims: Claims) -> ClaimBatch {
	ClaimBatch { number, until, claims }
}

fn vouchers() -> Claims {
	let signature = Signature::Ed25519([0; 64]);
	Claims::Vouchers(vec![SignedVoucher { channel: 5, amount: 1, signature }])
}

#[tokio::test]
async fn claims_should_die_with_their_batch() {
	let (mock, key) = (mock(), key());
	let (chain, mut fates) = LightChain::new(mock.clone(), &key);
	mock.state().mortality = 1_000;
	mock.state().script = [Fate::Lost].into();
	let one = batch(1, 108, vouchers());
	chain.submit(&one).await.unwrap();
	assert!(chain.has_sent(&one));
	let claimed = fates.recv().await.unwrap();
	assert_eq!(claimed.batch, 1);
	assert!(matches!(claimed.fate, ClaimFate::Open(_)), "{claimed:?}");
	// It could not have been included after its last block.
	mock.advance(200);
	assert!(mock.state().included.is_empty());
	let until = mock.state().head + 3;
	let error = chain.submit(&batch(2, until, vouchers())).await.unwrap_err();
	assert!(matches!(error, SubmitError::TooLate { .. }), "{error}");
}

#[tokio::test]
async fn nothing_should_be_sent_to_a_chain_that_is_not_seen() {
	let (mock, key) = (mock(), key());
	let (chain, _fates) = LightChain::new(mock.clone(), &key);
	mock.state().outages = 1;
	chain.look(&[5]).await.unwrap_err();
	let error = chain.submit(&batch(1, 160, vouchers())).await.unwrap_err();
	assert!(matches!(error, SubmitError::OutOfReach), "{error}");
	assert!(mock.state().signed.is_empty());
	chain.look(&[5]).await.unwrap();
	chain.submit(&batch(1, 160, vouchers())).await.unwrap();
}

#[tokio::test]
async fn claims_should_tell_what_became_of_them() {
	let (mock, key) = (mock(), key());
	let (chain, mut fates) = LightChain::new(mock.clone(), &key);
	mock.state().events.push(ChainEvent::VouchersClaimed {
		settled: 1,
		total: usdt(1),
		failed: Vec::new(),
	});
	chain.submit(&batch(1, 160, vouchers())).await.unwrap();
	let claimed = fates.recv().await.unwrap();
	let ClaimFate::Final { settled, .. } = claimed.fate else { panic!("{claimed:?}") };
	assert_eq!((settled.settled, settled.total), (1, usdt(1)));

	mock.state().validations.push_back(Err(Refusal::QuotaExhausted));
	let refused = batch(2, mock.state().head + 60, vouchers());
	let error = chain.submit(&refused).await.unwrap_err();
	assert!(matches!(error, SubmitError::Refused(Refusal::QuotaExhausted)), "{error}");
	assert!(!chain.has_sent(&refused));
}

#[tokio::test]
async fn claims_under_way_should_have_different_nonces() {
	let (mock, key) = (mock(), key());
	let (chain, mut fates) = LightChain::new(mock.clone(), &key);
	let links = |first: u32| {
		let link = |index| RevealedLink { channel: 5, index, link: [1; 32] };
		Claims::Links(vec![link(first), link(first + 1)])
	};
	mock.state().script = [Fate::Included(3), Fate::Included(4), Fate::Included(5)].into();
	chain.submit(&batch(1, 160, links(1))).await.unwrap();
	chain.submit(&batch(2, 160, vouchers())).await.unwrap();
	for _ in 0..3 {
		let claimed = fates.recv().await.unwrap();
		assert!(matches!(claimed.fate, ClaimFate::Final { .. }), "{claimed:?}");
	}
	assert_eq!(mock.state().included.len(), 3);
	assert_eq!(mock.state().nonces[&key.account()], 3);
}

#[tokio::test]
async fn a_dead_transaction_should_give_its_nonce_back() {
	let (mock, key) = (mock(), key());
	let (chain, mut fates) = LightChain::new(mock.clone(), &key);
	mock.state().script = [Fate::Lost].into();
	chain.submit(&batch(1, 108, vouchers())).await.unwrap();
	assert!(matches!(fates.recv().await.unwrap().fate, ClaimFate::Open(_)));
	// If its nonce were skipped, no later transaction could ever be included.
	let until = mock.state().head + 60;
	chain.submit(&batch(2, until, vouchers())).await.unwrap();
	assert!(matches!(fates.recv().await.unwrap().fate, ClaimFate::Final { .. }));
	assert_eq!(mock.state().nonces[&key.account()], 1);
}

/// A payee's acceptor that has accepted 40 units through channel 5, and who keeps it.
struct Payees {
	mock: Mock,
	acceptor: Arc<SharedAcceptor>,
	_folder: tempfile::TempDir,
}

async fn payee() -> Payees {
	let folder = tempfile::tempdir().unwrap();
	let seed = [3; 32];
	let signer = MemoryKey::ed25519(&seed);
	let mock = mock();
	let genesis = mock.genesis().0;
	let mut payer = Payer::open(&folder.path().join("payer"), genesis).unwrap();
	let path = folder.path().join("payee");
	let mut acceptor =
		Acceptor::open(&path, genesis, &Payee::Machine(1), Limits::default()).unwrap();
	let Some((_, Proven::Exists(state))) = look(&mock, &[5]).await.unwrap().channels.pop() else {
		panic!("there is channel 5")
	};
	payer.observe(5, state.clone()).unwrap();
	acceptor.observe(5, state).unwrap();
	let payment = payer.pay(5, 40, &signer).unwrap();
	acceptor.accept(&payment, 101).unwrap();
	Payees { mock, acceptor: Arc::new(SharedAcceptor::new(acceptor)), _folder: folder }
}

#[tokio::test]
async fn a_keeper_should_claim_and_see_it_settled() {
	let Payees { mock, acceptor, _folder } = payee().await;
	let key = mock::key(8);
	let mut keeper = Keeper::new(acceptor, mock.clone(), &key);
	let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
	let chain = mock.clone();
	// What the chain does when it includes the claim.
	let settling = async move {
		while chain.state().included.is_empty() {
			tokio::time::sleep(Duration::from_millis(5)).await;
		}
		change(&chain, |channel| channel.settled = 40);
	};
	let mut heard = Vec::new();
	let mut hear = |claimed| heard.push(claimed);
	let (left, ()) = tokio::join!(keeper.settle(deadline, &mut hear), settling);
	assert_eq!((left.unwrap(), heard.len()), (0, 1));
	assert_eq!(mock.state().included.len(), 1);
	assert_eq!(keeper.unsettled().unwrap(), 0);
}

#[tokio::test]
async fn a_keeper_should_send_what_an_earlier_round_could_not() {
	let Payees { mock, acceptor, _folder } = payee().await;
	let key = mock::key(8);
	let mut keeper = Keeper::new(acceptor.clone(), mock.clone(), &key);
	let policy = ClaimPolicy { max_age: 0, ..ClaimPolicy::default() };
	mock.state().validations.push_back(Err(Refusal::QuotaExhausted));
	let first = keeper.round(&policy).await.unwrap();
	assert_eq!(first.round.unsent.len(), 1);
	assert!(mock.state().sent.is_empty());

	// The chain cannot be seen: nothing is sent, nothing is lost.
	mock.state().outages = 1;
	assert!(keeper.round(&policy).await.unwrap().round.unseen.is_some());
	assert!(mock.state().sent.is_empty());

	let third = keeper.round(&policy).await.unwrap();
	assert!(third.round.plan.batches.is_empty() && third.unsent.is_empty());
	let until = tokio::time::Instant::now() + Duration::from_millis(200);
	let mut fates = 0;
	keeper.wait(until, &mut |_| fates += 1).await.unwrap();
	assert_eq!((fates, mock.state().sent.len()), (1, 1));

	// Another run of the program knows from its disk what is under way, and sends it again.
	drop(keeper);
	let mut again = Keeper::new(acceptor, mock.clone(), &key);
	again.round(&policy).await.unwrap();
	let until = tokio::time::Instant::now() + Duration::from_millis(200);
	again.wait(until, &mut |_| {}).await.unwrap();
	assert_eq!(mock.state().signed.len(), 3);
}

#[tokio::test]
async fn a_keeper_should_follow_channels_that_pay_its_payee() {
	let Payees { mock, acceptor, _folder } = payee().await;
	let key = mock::key(8);
	let mut keeper = Keeper::new(acceptor, mock.clone(), &key);
	let mut theirs = channel(&key);
	theirs.channel.payee = Payee::Machine(0);
	mock.state().channels.insert(6, theirs);
	mock.state().channels.insert(7, channel(&key));
	assert!(keeper.follow(5).await.unwrap(), "it is followed already");
	assert!(!keeper.follow(6).await.unwrap(), "it pays somebody else");
	assert!(keeper.follow(7).await.unwrap());
	assert!(!keeper.follow(8).await.unwrap(), "there is none");
	// Whoever names numbers at random does not make the keeper ask again and again.
	mock.state().channels.insert(8, channel(&key));
	assert!(!keeper.follow(8).await.unwrap());
	assert!(keeper.clock().now().is_some());
	keeper.end_look_ups();
	let look_ups = keeper.look_ups();
	assert!(!std::thread::spawn(move || look_ups.follow(7)).join().unwrap());
}
