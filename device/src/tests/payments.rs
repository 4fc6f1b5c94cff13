//! Payments, receipts, journals.

use std::time::Duration;

use dam_primitives::{FailedPayment, MachineStatus, Payee, Payment, PaymentFailure};

use super::mock::{self, patience, Fate, Mock};
use crate::{
	chain::{ChainEvent, DispatchFailure},
	keys::Key,
	payments::{PayError, Payer},
	settle::{Patience, SettleError},
	AccountId, Error, Journal, Usdt,
};

fn key() -> Key {
	mock::key(3)
}

fn impatience() -> Patience {
	Patience { deadline: Duration::from_millis(60), ..patience() }
}

fn to_machine(machine: u64, amount: u128) -> Payment<AccountId> {
	Payment { payee: Payee::Machine(machine), amount }
}

async fn refusal(mock: &Mock, payment: Payment<AccountId>) -> PayError {
	let key = key();
	let payer = match Payer::new(mock, &key, patience()).await {
		Ok(payer) => payer,
		Err(error) => return error,
	};
	payer.pay(&payment, None, &mut |_| {}).await.unwrap_err()
}

#[tokio::test]
async fn pay_should_give_a_receipt() {
	let (mock, key) = (Mock::new(&key()), key());
	let payer = Payer::new(&mock, &key, patience()).await.unwrap();
	let receipt = payer.pay(&to_machine(1, 5_000), None, &mut |_| {}).await.unwrap();
	assert_eq!((receipt.machine, receipt.paid), (0, 1));
	assert_eq!(receipt.total, Usdt::from_units(5_000));
	assert_eq!(receipt.fee.units(), 0);
	assert!(receipt.failed.is_empty());
}

#[tokio::test]
async fn pay_should_refuse_before_signing_what_the_chain_would_refuse() {
	let mock = Mock::new(&key());
	let own = refusal(&mock, to_machine(0, 1)).await;
	assert!(matches!(own, PayError::SelfPayment(0)), "{own}");
	let unknown = refusal(&mock, to_machine(9, 1)).await;
	assert!(matches!(unknown, PayError::UnknownPayee(9)), "{unknown}");
	let poor = refusal(&mock, to_machine(1, 10_000_001)).await;
	assert!(matches!(poor, PayError::OutOfUsdt { .. }), "{poor}");
	assert_eq!(Error::from(poor).code(), "out-of-usdt");

	if let Some(machine) = mock.state().machines.get_mut(&0) {
		machine.status = MachineStatus::Suspended;
	}
	assert!(matches!(refusal(&mock, to_machine(1, 1)).await, PayError::Suspended { machine: 0 }));
	mock.state().machines.remove(&0);
	let stranger = refusal(&mock, to_machine(1, 1)).await;
	assert!(matches!(stranger, PayError::NotRegistered { .. }));
	assert_eq!(Error::from(stranger).code(), "not-registered");
	assert!(mock.state().signed.is_empty());
}

#[tokio::test]
async fn pay_should_fail_when_the_call_fails() {
	let mock = Mock::new(&key());
	mock.state().failures = [Some(DispatchFailure {
		name: "Micropayments.PayeeUnavailable".into(),
		explanation: "The payee's account cannot take the payment.".into(),
	})]
	.into();
	let error = refusal(&mock, to_machine(1, 1)).await;
	assert!(
		matches!(&error, PayError::Failed { failure, .. } if failure.variant() == "PayeeUnavailable")
	);
	assert!(error.to_string().contains("cannot take"), "{error}");
}

#[tokio::test]
async fn pay_batch_should_list_what_failed() {
	let (mock, key) = (Mock::new(&key()), key());
	let failed = vec![FailedPayment { index: 1, reason: PaymentFailure::UnknownMachine }];
	mock.state().events.push(ChainEvent::BatchPaid {
		machine: 0,
		paid: 1,
		total: Usdt::from_units(7),
		failed: failed.clone(),
	});
	let payer = Payer::new(&mock, &key, patience()).await.unwrap();
	let payments = [to_machine(1, 7), to_machine(99, 7)];
	let receipt = payer.pay_batch(0, &payments, None, &mut |_| {}).await.unwrap();
	assert_eq!((receipt.paid, receipt.total.units()), (1, 7));
	assert_eq!(receipt.failed, failed);
}

#[tokio::test]
async fn a_repeated_command_should_pay_once_with_a_journal() {
	let (mock, key) = (Mock::new(&key()), key());
	let folder = tempfile::tempdir().unwrap();
	let path = folder.path().join("journal");
	mock.state().script = [Fate::Lost].into();
	mock.state().mortality = 1_000_000;

	// The first run gives up; the second, another process, finds the same transaction.
	let payer = Payer::new(&mock, &key, impatience()).await.unwrap();
	let mut journal = Journal::open(&path).unwrap();
	let payment = to_machine(1, 5_000);
	let error = payer.pay(&payment, Some(&mut journal), &mut |_| {}).await.unwrap_err();
	assert!(matches!(error, PayError::Settle(SettleError::Undecided { .. })), "{error}");
	drop(journal);

	let payer = Payer::new(&mock, &key, patience()).await.unwrap();
	for _ in 0..3 {
		let mut journal = Journal::open(&path).unwrap();
		let receipt = payer.pay(&payment, Some(&mut journal), &mut |_| {}).await.unwrap();
		assert_eq!(receipt.transaction, mock.state().signed[0]);
	}
	assert_eq!(mock.state().signed.len(), 1);
	assert_eq!(mock.state().included.len(), 1);

	// The journal is of this payment, not of another.
	let mut journal = Journal::open(&path).unwrap();
	let other = payer.pay(&to_machine(1, 6_000), Some(&mut journal), &mut |_| {}).await;
	assert!(matches!(other, Err(PayError::Journal(_))));
}

#[tokio::test]
async fn a_repeated_command_should_try_again_what_the_chain_did_not_pay() {
	let (mock, key) = (Mock::new(&key()), key());
	let folder = tempfile::tempdir().unwrap();
	let path = folder.path().join("journal");
	let poor = || DispatchFailure {
		name: "Micropayments.InsufficientFunds".into(),
		explanation: "The payer has too little.".into(),
	};
	let payer = Payer::new(&mock, &key, patience()).await.unwrap();
	let payment = to_machine(1, 5_000);

	mock.state().failures = [Some(poor()), Some(poor()), None].into();
	let mut journal = Journal::open(&path).unwrap();
	let error = payer.pay(&payment, Some(&mut journal), &mut |_| {}).await.unwrap_err();
	assert!(matches!(error, PayError::Failed { .. }), "{error}");

	let mut journal = Journal::open(&path).unwrap();
	payer.pay(&payment, Some(&mut journal), &mut |_| {}).await.unwrap();
	assert_eq!(mock.state().signed.len(), 2);
}

#[tokio::test]
async fn a_repeated_command_should_sign_anew_what_provably_never_happened() {
	let (mock, key) = (Mock::new(&key()), key());
	let folder = tempfile::tempdir().unwrap();
	let path = folder.path().join("journal");
	mock.state().script = [Fate::Lost].into();
	mock.state().mortality = 8;
	let payer = Payer::new(&mock, &key, patience()).await.unwrap();
	let payment = to_machine(1, 5_000);

	let mut journal = Journal::open(&path).unwrap();
	let error = payer.pay(&payment, Some(&mut journal), &mut |_| {}).await.unwrap_err();
	assert!(matches!(error, PayError::Settle(SettleError::Expired { .. })), "{error}");

	let mut journal = Journal::open(&path).unwrap();
	payer.pay(&payment, Some(&mut journal), &mut |_| {}).await.unwrap();
	assert_eq!(mock.state().signed.len(), 2);
	assert_eq!(mock.state().included.len(), 1);
}
