//! Channels on chain: what is sent, and what is refused before.

use dam_primitives::{
	Channel, ChannelId, ClaimFailure, CloseAgreement, FailedClaim, Lock, MachineStatus, Payee,
	RevealedLink, Signature, SignedVoucher, Terms,
};

use super::mock::{self, patience, Mock, LIMITS};
use crate::{
	chain::{Call, ChainEvent, ChannelCall, Network, ProvenChannel},
	channels::{ChannelError, Channels, CloseConsent, Closed, ConsentError, Settled},
	keys::Key,
	payments::PayError,
	AccountId, Error, Usdt,
};

const GRACE: u32 = LIMITS.least_grace;

fn key() -> Key {
	mock::key(3)
}

fn usdt(units: u128) -> Usdt {
	Usdt::from_units(units)
}

/// A channel of machine 0 to machine 1 with 1 USDT in it.
pub(super) fn channel(key: &Key) -> ProvenChannel {
	let channel = Channel {
		payer: 0,
		payee: Payee::Machine(1),
		deposit: 1_000_000,
		settled: 0,
		lock: Lock::Vouchers { signer: key.public() },
		grace: GRACE,
		closing: None,
		storage_deposit: 100_000,
	};
	ProvenChannel { channel, signer_until: None }
}

/// A chain with channel 5.
pub(super) fn mock() -> Mock {
	let mock = Mock::new(&key());
	mock.state().channels.insert(5, channel(&key()));
	mock
}

pub(super) fn change(mock: &Mock, change: impl FnOnce(&mut Channel<AccountId>)) {
	change(&mut mock.state().channels.get_mut(&5).unwrap().channel);
}

async fn open(
	mock: &Mock,
	payee: Payee<AccountId>,
	deposit: u128,
	terms: Terms,
	grace: u32,
) -> Result<ChannelId, ChannelError> {
	let key = key();
	let channels = Channels::new(mock, &key, patience());
	let opened = channels.open(&payee, usdt(deposit), terms, grace, &mut |_| {}).await;
	opened.map(|(_, id)| id)
}

#[tokio::test]
async fn open_should_tell_the_number() {
	let mock = mock();
	let payee = Payee::Machine(1);
	mock.state().events.push(ChainEvent::ChannelOpened {
		channel: 9,
		payer: 0,
		payee: payee.clone(),
		deposit: usdt(7),
	});
	assert_eq!(open(&mock, payee.clone(), 7, Terms::Vouchers, GRACE).await.unwrap(), 9);
	let call = ChannelCall::Open { payee, deposit: usdt(7), terms: Terms::Vouchers, grace: GRACE };
	assert_eq!(mock.last_call(), Call::Channel(call));
}

#[tokio::test]
async fn open_should_refuse_before_signing_what_the_chain_would_refuse() {
	let mock = mock();
	let one = || Payee::Machine(1);
	let chain = |length, unit| Terms::HashChain { root: [9; 32], length, unit };
	for grace in [0, GRACE - 1, LIMITS.most_grace + 1] {
		let error = open(&mock, one(), 7, Terms::Vouchers, grace).await.unwrap_err();
		assert!(matches!(error, ChannelError::Grace { .. }), "{error}");
	}
	for terms in [chain(0, 1), chain(1, 0)] {
		let error = open(&mock, one(), 7, terms, GRACE).await.unwrap_err();
		assert!(matches!(error, ChannelError::NoLinks), "{error}");
	}
	let error = open(&mock, one(), 7, chain(3, 2), GRACE).await.unwrap_err();
	assert!(matches!(error, ChannelError::WorthLess { worth, .. } if worth == usdt(6)), "{error}");
	assert!(Error::from(error).is_bad_input());
	let error = open(&mock, one(), 7, chain(3, u128::MAX), GRACE).await.unwrap_err();
	assert!(matches!(error, ChannelError::Overflow), "{error}");
	// The machine has 10 USDT, of which the storage deposit takes a part.
	let error = open(&mock, one(), 9_900_001, Terms::Vouchers, GRACE).await.unwrap_err();
	assert!(matches!(error, ChannelError::Pay(PayError::OutOfUsdt { .. })), "{error}");
	let error = open(&mock, Payee::Machine(0), 7, Terms::Vouchers, GRACE).await.unwrap_err();
	assert!(matches!(error, ChannelError::Pay(PayError::SelfPayment(0))), "{error}");
	let error = open(&mock, Payee::Machine(77), 7, Terms::Vouchers, GRACE).await.unwrap_err();
	assert!(matches!(error, ChannelError::Pay(PayError::UnknownPayee(77))), "{error}");
	mock.change(0, |machine| machine.status = MachineStatus::Suspended);
	let error = open(&mock, one(), 7, Terms::Vouchers, GRACE).await.unwrap_err();
	assert!(matches!(error, ChannelError::Pay(PayError::Suspended { machine: 0 })), "{error}");
	assert!(mock.state().signed.is_empty());
}

#[tokio::test]
async fn top_up_should_tell_what_is_in_the_channel() {
	let (mock, key) = (mock(), key());
	let channels = Channels::new(&mock, &key, patience());
	let (_, deposit) = channels.top_up(5, usdt(3), &mut |_| {}).await.unwrap();
	assert_eq!(deposit, usdt(1_000_003));
	assert!(matches!(
		channels.top_up(6, usdt(3), &mut |_| {}).await,
		Err(ChannelError::Unknown(6))
	));
	change(&mock, |channel| {
		channel.lock = Lock::HashChain { link: [0; 32], index: 0, length: 10, unit: 100_000 };
	});
	let error = channels.top_up(5, usdt(1), &mut |_| {}).await.unwrap_err();
	assert!(matches!(error, ChannelError::WorthLess { .. }), "{error}");
	change(&mock, |channel| channel.closing = Some(200));
	let error = channels.top_up(5, usdt(1), &mut |_| {}).await.unwrap_err();
	assert!(matches!(error, ChannelError::Closing(5)), "{error}");
	change(&mock, |channel| {
		(channel.payer, channel.closing) = (8, None);
		channel.lock = Lock::Vouchers { signer: key.public() };
	});
	let error = channels.top_up(5, usdt(1), &mut |_| {}).await.unwrap_err();
	assert!(matches!(error, ChannelError::NotPayer { channel: 5, payer: 8 }), "{error}");
}

#[tokio::test]
async fn claims_should_tell_what_was_settled() {
	let (mock, key) = (mock(), key());
	let channels = Channels::new(&mock, &key, patience());
	let voucher = SignedVoucher { channel: 5, amount: 1, signature: Signature::Ed25519([0; 64]) };
	let failed = vec![FailedClaim { index: 1, reason: ClaimFailure::InvalidProof }];
	mock.state().events.push(ChainEvent::VouchersClaimed {
		settled: 1,
		total: usdt(1),
		failed: failed.clone(),
	});
	let (_, settled) = channels.claim_batch(vec![voucher; 2], &mut |_| {}).await.unwrap();
	assert_eq!(settled, Settled { settled: 1, total: usdt(1), failed });
	let error = channels.claim_batch(vec![voucher; 513], &mut |_| {}).await.unwrap_err();
	assert!(matches!(error, ChannelError::TooManyClaims(513)), "{error}");

	mock.state().events.push(ChainEvent::ChannelClaimed { channel: 5, amount: usdt(4) });
	let revealed = RevealedLink { channel: 5, index: 4, link: [1; 32] };
	let (_, amount) = channels.claim_links(revealed, &mut |_| {}).await.unwrap();
	assert_eq!(amount, usdt(4));
}

fn closed_event() -> ChainEvent {
	ChainEvent::ChannelClosed { channel: 5, settled: usdt(4), returned: usdt(6) }
}

#[tokio::test]
async fn channels_should_be_closed_by_whoever_may() {
	let (mock, payer) = (mock(), key());
	let payee = mock::key(8);
	mock.state().machines.insert(1, mock::machine(1, &payee));
	let by_payer = Channels::new(&mock, &payer, patience());
	let by_payee = Channels::new(&mock, &payee, patience());

	let error = by_payer.close(5, &mut |_| {}).await.unwrap_err();
	assert!(matches!(error, ChannelError::NotPayee { channel: 5, .. }), "{error}");
	let error = by_payee.request_close(5, &mut |_| {}).await.unwrap_err();
	assert!(matches!(error, ChannelError::NotPayer { channel: 5, payer: 0 }), "{error}");
	assert!(mock.state().signed.is_empty());

	mock.state().events.push(closed_event());
	let (_, closed) = by_payee.close(5, &mut |_| {}).await.unwrap();
	assert_eq!(closed, Closed { settled: usdt(4), returned: usdt(6) });

	mock.state().events.push(ChainEvent::ChannelCloseRequested { channel: 5, last_block: 700 });
	let (_, last_block) = by_payer.request_close(5, &mut |_| {}).await.unwrap();
	assert_eq!(last_block, 700);
	change(&mock, |channel| channel.closing = Some(700));
	let error = by_payer.request_close(5, &mut |_| {}).await.unwrap_err();
	assert!(
		matches!(error, ChannelError::AlreadyClosing { channel: 5, last_block: 700 }),
		"{error}"
	);
}

#[tokio::test]
async fn sweep_should_wait_for_the_end_of_the_grace_period() {
	let (mock, key) = (mock(), key());
	let channels = Channels::new(&mock, &key, patience());
	let error = channels.sweep(5, &mut |_| {}).await.unwrap_err();
	assert!(matches!(error, ChannelError::NotClosing(5)), "{error}");
	change(&mock, |channel| channel.closing = Some(101));
	// The next block is 101, the last one in which claims are taken.
	let error = channels.sweep(5, &mut |_| {}).await.unwrap_err();
	assert!(matches!(error, ChannelError::GraceRuns { channel: 5, last_block: 101 }), "{error}");
	mock.advance(1);
	mock.state().events.push(closed_event());
	channels.sweep(5, &mut |_| {}).await.unwrap();
	assert_eq!(mock.last_call(), Call::Channel(ChannelCall::Sweep(5)));
}

fn consent(payee: &Key, genesis: [u8; 32], settled: u128) -> CloseConsent {
	let agreement = CloseAgreement::new(genesis, 5, settled);
	let signature = payee.sign(&agreement.signing_payload());
	CloseConsent::new(&agreement, payee.public(), signature)
}

#[tokio::test]
async fn close_agreed_should_check_the_agreement() {
	let (mock, payer, payee) = (mock(), key(), mock::key(8));
	let channels = Channels::new(&mock, &payer, patience());
	let genesis = mock.genesis().0;
	change(&mock, |channel| channel.settled = 10);
	for settled in [9, 1_000_001] {
		let error = channels.close_agreed(&consent(&payee, genesis, settled), &mut |_| {}).await;
		let error = error.unwrap_err();
		let outdated = matches!(error, ChannelError::Consent(ConsentError::Outdated { .. }));
		assert!(outdated, "{error}");
	}
	let other = channels.close_agreed(&consent(&payee, [7; 32], 50), &mut |_| {}).await;
	let error = other.unwrap_err();
	assert!(matches!(error, ChannelError::Consent(ConsentError::WrongChain { .. })), "{error}");
	let altered = CloseConsent { settled: usdt(51), ..consent(&payee, genesis, 50) };
	let error = channels.close_agreed(&altered, &mut |_| {}).await.unwrap_err();
	assert!(matches!(error, ChannelError::Consent(ConsentError::BadProof)), "{error}");
	assert!(mock.state().signed.is_empty());

	mock.state().events.push(closed_event());
	channels.close_agreed(&consent(&payee, genesis, 50), &mut |_| {}).await.unwrap();
	assert!(matches!(
		mock.last_call(),
		Call::Channel(ChannelCall::CloseAgreed { channel: 5, settled, .. }) if settled == usdt(50)
	));
}

#[test]
fn agreements_should_survive_their_file_and_nothing_else() {
	let folder = tempfile::tempdir().unwrap();
	let path = folder.path().join("agreement");
	let one = consent(&mock::key(8), [1; 32], 50);
	one.write(&path).unwrap();
	assert_eq!(CloseConsent::read(&path).unwrap(), one);
	assert!(matches!(one.write(&path), Err(ConsentError::Exists(_))));
	let text = std::fs::read_to_string(&path).unwrap();
	for (from, to, expected) in [
		("}", "", "EOF"),
		("{", "{\"more\":1,", "unknown field"),
		("\"0.00005\"", "\"x\"", "`settled`"),
		("\"key\":\"0x00", "\"key\":\"0x07", "`key`"),
		("\"signature\":\"0x", "\"signature\":\"", "`signature`"),
		("\"genesis\"", "\"nothing\"", "unknown field"),
	] {
		assert!(text.contains(from), "{text}");
		std::fs::write(&path, text.replacen(from, to, 1)).unwrap();
		let error = CloseConsent::read(&path).unwrap_err().to_string();
		assert!(error.contains(expected), "{from}: {error}");
	}
	std::fs::write(&path, "x".repeat(5_000)).unwrap();
	assert!(CloseConsent::read(&path).unwrap_err().to_string().contains("too long"));
	let missing = CloseConsent::read(&folder.path().join("none")).unwrap_err();
	assert!(matches!(missing, ConsentError::Io { doing: "read", .. }));
}
