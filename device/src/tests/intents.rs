//! Intents: signed without a network, kept in files, submitted and cancelled.

use dam_payments::Payer;
use dam_primitives::{
	intent::{FailedIntent, MAX_LIFETIME},
	IntentFailure, KeyRights, Payee, PaymentFailure, SignedIntent,
};
use subxt::utils::H256;

use super::mock::{self, patience, Mock};
use crate::{
	chain::{Call, ChainEvent, IntentCall},
	intents::{
		append, from_line, read, sign, to_line, Gateway, IntentError, IntentFileError, Wish,
	},
	keys::{verify, Key},
	payments::PayError,
	AccountId, Error, Scheme, Usdt,
};

const GENESIS: H256 = H256([1; 32]);

fn key() -> Key {
	mock::key(3)
}

fn wish() -> Wish {
	Wish {
		payer: 0,
		payee: Payee::Machine(1),
		amount: Usdt::from_units(250_000),
		relay_fee: Usdt::from_units(1_000),
		valid_from: 100,
		valid_until: 200,
	}
}

fn signed(count: usize) -> Vec<SignedIntent> {
	let folder = tempfile::tempdir().unwrap();
	let mut store = Payer::open(&folder.path().join("store"), GENESIS.0).unwrap();
	(0..count).map(|_| sign(&mut store, &key(), &wish()).unwrap()).collect()
}

#[test]
fn signing_should_use_no_nonce_twice() {
	let folder = tempfile::tempdir().unwrap();
	let path = folder.path().join("store");
	for expected in 0..3 {
		let mut store = Payer::open(&path, GENESIS.0).unwrap();
		let SignedIntent { intent, signature } = sign(&mut store, &key(), &wish()).unwrap();
		assert_eq!(intent.nonce, expected);
		assert!(verify(&key().public(), &intent.signing_payload(&GENESIS.0), &signature));
	}
	let mut store = Payer::open(&path, GENESIS.0).unwrap();
	store.skip_nonces(50).unwrap();
	assert_eq!(sign(&mut store, &key(), &wish()).unwrap().intent.nonce, 50);
}

#[test]
fn signing_should_refuse_what_no_chain_takes() {
	let folder = tempfile::tempdir().unwrap();
	let mut store = Payer::open(&folder.path().join("store"), GENESIS.0).unwrap();
	for (wish, expected) in [
		(Wish { amount: Usdt::default(), ..wish() }, IntentFailure::ZeroAmount),
		(Wish { payee: Payee::Machine(0), ..wish() }, IntentFailure::SelfPayment),
		(Wish { valid_until: 99, ..wish() }, IntentFailure::Expired),
		(Wish { valid_until: 101 + MAX_LIFETIME, ..wish() }, IntentFailure::LifetimeTooLong),
		(Wish { relay_fee: Usdt::from_units(u128::MAX), ..wish() }, IntentFailure::Overflow),
	] {
		let error = sign(&mut store, &key(), &wish).unwrap_err();
		assert!(
			matches!(error, dam_payments::PayError::Intent(found) if found == expected),
			"{error}"
		);
	}
	// No nonce was used up.
	assert_eq!(sign(&mut store, &key(), &wish()).unwrap().intent.nonce, 0);
}

#[test]
fn lines_should_carry_every_intent() {
	let folder = tempfile::tempdir().unwrap();
	let mut store = Payer::open(&folder.path().join("store"), GENESIS.0).unwrap();
	let own = AccountId::from(dam_primitives::machine_account(7));
	for scheme in Scheme::ALL {
		let key = Key::from_seed(scheme, &[5; 32]).unwrap();
		for payee in [Payee::Machine(u64::MAX), Payee::Account(mock::OWNER), Payee::Account(own)] {
			let amount = Usdt::from_units(u128::MAX / 3);
			let one = sign(&mut store, &key, &Wish { payee, amount, ..wish() }).unwrap();
			let (genesis, read) = from_line(&to_line(GENESIS, &one)).unwrap();
			assert_eq!((genesis, read), (GENESIS, one));
		}
	}
}

#[test]
fn files_should_be_read_and_refused_with_the_reason() {
	let folder = tempfile::tempdir().unwrap();
	let path = folder.path().join("intents");
	let missing = read(&path, GENESIS).unwrap_err();
	assert!(matches!(missing, IntentFileError::Io { doing: "read", .. }), "{missing}");
	let all = signed(3);
	for one in &all {
		append(&path, GENESIS, one).unwrap();
	}
	let text = std::fs::read_to_string(&path).unwrap();
	std::fs::write(&path, text.replace('\n', "\n\n")).unwrap();
	assert_eq!(read(&path, GENESIS).unwrap(), all, "empty lines say nothing");

	let other = read(&path, H256([2; 32])).unwrap_err();
	assert!(matches!(other, IntentFileError::WrongChain { line: 1, .. }), "{other}");
	for (from, to, expected) in [
		("{", "", "expected"),
		("\"nonce\":0", "\"nonce\":-1", "invalid value"),
		("\"nonce\":0,", "", "missing field `nonce`"),
		("\"nonce\":0", "\"nonce\":0,\"x\":1", "unknown field"),
		("\"payer\":0", "\"payer\":\"0\"", "invalid type"),
		("\"payee\":\"1\"", "\"payee\":\"one\"", "names no payee"),
		("\"payee\":\"1\"", "\"payee\":\"0x12\"", "payee:"),
		("\"amount\":\"0.25\"", "\"amount\":\"0,25\"", "amount:"),
		("\"relayFee\":\"0.001\"", "\"relayFee\":\"0.0000001\"", "relayFee:"),
		("\"signature\":\"0x00", "\"signature\":\"0x03", "signature:"),
		("\"signature\":\"0x", "\"signature\":\"", "signature:"),
		("\"genesis\":\"0x01", "\"genesis\":\"0x", "expected"),
	] {
		assert!(text.contains(from), "{from} in {text}");
		std::fs::write(&path, format!("\n{}", text.replacen(from, to, 1))).unwrap();
		let error = read(&path, GENESIS).unwrap_err();
		assert!(matches!(error, IntentFileError::Malformed { line: 2, .. }), "{error}");
		assert!(error.to_string().contains(expected), "{from} to {to}: {error}");
		assert!(Error::from(error).is_bad_input());
	}
	std::fs::write(&path, "\n \n").unwrap();
	assert!(matches!(read(&path, GENESIS), Err(IntentFileError::Empty(_))));
	std::fs::write(&path, [0xff, 0xfe]).unwrap();
	assert!(matches!(read(&path, GENESIS), Err(IntentFileError::Io { .. })));
}

#[tokio::test]
async fn submit_should_tell_what_became_of_each() {
	let (mock, key) = (Mock::new(&key()), key());
	let gateway = Gateway::new(&mock, &key, patience());
	let reason = IntentFailure::Payment(PaymentFailure::InsufficientFunds);
	let failed = vec![FailedIntent { index: 1, reason }];
	mock.state().events.push(ChainEvent::IntentsSettled {
		relayer: Payee::Machine(0),
		settled: 1,
		total: Usdt::from_units(250_000),
		relay_fees: Usdt::from_units(1_000),
		failed: failed.clone(),
	});
	let intents = signed(2);
	let relayed = gateway.submit(&intents, &mut |_| {}).await.unwrap();
	assert_eq!((relayed.settled, relayed.failed), (1, failed));
	assert_eq!(relayed.total, Usdt::from_units(250_000));
	assert_eq!(mock.last_call(), Call::Intent(IntentCall::Submit(intents.clone())));

	let many = vec![intents[0].clone(); 513];
	let error = gateway.submit(&many, &mut |_| {}).await.unwrap_err();
	assert!(matches!(error, IntentError::TooMany(513)), "{error}");
}

#[tokio::test]
async fn cancel_should_be_for_payment_keys() {
	let (mock, key) = (Mock::new(&key()), key());
	let gateway = Gateway::new(&mock, &key, patience());
	let error = gateway.cancel(&[], &mut |_| {}).await.unwrap_err();
	assert!(matches!(error, IntentError::NoNonces), "{error}");
	let error = gateway.cancel(&[1; 65], &mut |_| {}).await.unwrap_err();
	assert!(matches!(error, IntentError::TooManyNonces(65)), "{error}");
	let (_, machine) = gateway.cancel(&[4, 9], &mut |_| {}).await.unwrap();
	assert_eq!(machine, 0);
	assert_eq!(mock.last_call(), Call::Intent(IntentCall::Cancel(vec![4, 9])));

	mock.change(0, |machine| machine.keys[0].rights = KeyRights::CLAIM);
	let error = gateway.cancel(&[4], &mut |_| {}).await.unwrap_err();
	assert!(matches!(error, IntentError::Pay(PayError::MayNotPay { .. })), "{error}");
}
