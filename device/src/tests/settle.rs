//! A transaction reaches certainty, whatever the network does, and never moves money twice.

use std::time::Duration;

use proptest::prelude::*;
use subxt::utils::H256;

use super::mock::{self, patience, Fate, Mock};
use crate::{
	chain::{Call, Inclusion, Network, Refusal, SignedCall},
	keys::Key,
	settle::{resume, settle, Patience, Progress, SettleError},
};

fn key() -> Key {
	mock::key(3)
}

async fn signed(mock: &Mock) -> SignedCall {
	mock.sign(&Call::Suspend(0), &key(), None).await.unwrap()
}

async fn send(mock: &Mock) -> Result<Inclusion, SettleError> {
	let call = signed(mock).await;
	settle(mock, &call, &patience(), &mut |_| {}).await
}

fn mock(script: &[Fate]) -> Mock {
	let mock = Mock::new(&key());
	mock.state().script = script.iter().copied().collect();
	mock
}

#[tokio::test]
async fn settle_should_end_at_finality() {
	let mock = mock(&[Fate::Included(3)]);
	let mut steps = Vec::new();
	let call = signed(&mock).await;
	let inclusion = settle(&mock, &call, &patience(), &mut |step| steps.push(step)).await.unwrap();
	assert!(inclusion.block.number >= 103);
	assert!(steps.contains(&Progress::Sent));
	assert!(matches!(steps.last(), Some(Progress::Finalized(_))));
}

#[tokio::test]
async fn settle_should_send_the_same_bytes_again_when_dropped() {
	let mock = mock(&[Fate::Dropped(None), Fate::Unanswered(None), Fate::Dropped(None)]);
	send(&mock).await.unwrap();
	let state = mock.state();
	assert_eq!(state.sent.len(), 4);
	assert!(state.sent.iter().all(|hash| *hash == state.signed[0]));
	assert_eq!(state.included.len(), 1);
}

#[tokio::test]
async fn settle_should_notice_that_a_dropped_transaction_was_included_all_the_same() {
	for fate in [Fate::Dropped(Some(2)), Fate::Unanswered(Some(2))] {
		let mock = mock(&[fate]);
		send(&mock).await.unwrap();
		assert_eq!(mock.state().included.len(), 1);
	}
}

#[tokio::test]
async fn settle_should_refuse_without_sending_when_the_runtime_refuses() {
	let mock = mock(&[]);
	mock.state().validations.push_back(Err(Refusal::QuotaExhausted));
	let refused = send(&mock).await;
	assert!(matches!(refused, Err(SettleError::Refused(Refusal::QuotaExhausted))));
	assert!(mock.state().sent.is_empty());
}

#[tokio::test]
async fn settle_should_refuse_when_the_light_client_finds_it_invalid_before_sending() {
	let mock = mock(&[Fate::Invalid]);
	// Valid when asked first, over quota when the light client looks.
	mock.state().validations = [Ok(()), Err(Refusal::QuotaExhausted)].into();
	let result = send(&mock).await;
	assert!(matches!(result, Err(SettleError::Refused(Refusal::QuotaExhausted))), "{result:?}");
	assert!(mock.state().included.is_empty());
}

#[tokio::test]
async fn settle_should_expire_when_provably_never_included() {
	let mock = mock(&[Fate::Lost]);
	mock.state().mortality = 8;
	let call = signed(&mock).await;
	let result = settle(&mock, &call, &patience(), &mut |_| {}).await;
	assert!(matches!(result, Err(SettleError::Expired { last_block: 107, .. })), "{result:?}");
	assert!(result.unwrap_err().is_without_effect());
	// The chain agrees: it can never be included now.
	mock.advance(100);
	assert!(mock.state().included.is_empty());
}

#[tokio::test]
async fn settle_should_leave_it_open_when_time_runs_out() {
	let mock = mock(&[Fate::Lost]);
	mock.state().mortality = 1_000_000;
	let call = signed(&mock).await;
	let short = Patience { deadline: Duration::from_millis(50), ..patience() };
	let error = settle(&mock, &call, &short, &mut |_| {}).await.unwrap_err();
	assert!(matches!(error, SettleError::Undecided { .. }), "{error}");
	assert!(!error.is_without_effect());
	assert!(error.to_string().contains("do not repeat"), "{error}");
}

#[tokio::test]
async fn settle_should_wait_through_outages() {
	let mock = mock(&[Fate::Included(2)]);
	mock.state().outages = 25;
	let call = signed(&mock).await;
	let mut waits = 0;
	settle(&mock, &call, &patience(), &mut |step| {
		waits += usize::from(matches!(step, Progress::Waiting { .. }));
	})
	.await
	.unwrap();
	assert_eq!(waits, 25);
}

#[tokio::test]
async fn resume_should_notice_that_another_transaction_used_the_nonce() {
	let mock = mock(&[Fate::Included(1), Fate::Lost]);
	let first = signed(&mock).await;
	mock.advance(1);
	let second = mock.sign(&Call::Resume(0), &key(), Some(first.nonce)).await.unwrap();
	settle(&mock, &first, &patience(), &mut |_| {}).await.unwrap();
	let error = resume(&mock, &second, &patience(), &mut |_| {}).await.unwrap_err();
	assert!(matches!(error, SettleError::Superseded { .. }), "{error}");
}

#[tokio::test]
async fn resume_should_find_what_was_included_long_ago() {
	let mock = mock(&[Fate::Included(1)]);
	let call = signed(&mock).await;
	drop(mock.broadcast(&call).await.unwrap());
	mock.advance(40);
	let inclusion = resume(&mock, &call, &patience(), &mut |_| {}).await.unwrap();
	assert_eq!(inclusion.block.number, 101);
	assert_eq!(mock.state().included.len(), 1);
}

#[tokio::test]
async fn resume_should_refuse_another_chain() {
	let mock = mock(&[]);
	let call = SignedCall { genesis: H256([9; 32]), ..signed(&mock).await };
	let error = resume(&mock, &call, &patience(), &mut |_| {}).await.unwrap_err();
	assert!(error.to_string().contains("another chain"), "{error}");
	assert!(mock.state().sent.is_empty());
}

fn fates() -> impl Strategy<Value = Vec<Fate>> {
	let later = proptest::option::of(1u32..6);
	proptest::collection::vec(
		prop_oneof![
			(1u32..6).prop_map(Fate::Included),
			later.clone().prop_map(Fate::Dropped),
			later.prop_map(Fate::Unanswered),
			Just(Fate::Invalid),
		],
		0..8,
	)
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(64))]
	/// Whatever happens: success means included once, "without effect" means never included.
	#[test]
	fn settle_should_tell_the_truth(script in fates(), outages in 0u32..6, mortality in 2u32..20) {
		let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
		runtime.block_on(async {
			let mock = mock(&script);
			mock.state().outages = outages;
			mock.state().mortality = mortality;
			let result = send(&mock).await;
			// Let everything that is still on its way arrive.
			mock.advance(200);
			let state = mock.state();
			prop_assert_eq!(state.signed.len(), 1);
			prop_assert!(state.sent.iter().all(|hash| *hash == state.signed[0]));
			match result {
				Ok(_) => prop_assert_eq!(state.included.len(), 1),
				Err(error) if error.is_without_effect() =>
					prop_assert!(state.included.is_empty(), "{} but {:?}", error, state.included),
				Err(_) => prop_assert!(state.included.len() <= 1),
			}
			Ok(())
		})?;
	}
}
