mod cancel;
mod properties;
mod refused;
mod replay;
mod submit;
mod try_state;

use crate::{mock::*, *};
use dam_primitives::{Intent, Signature};
use frame_support::{assert_noop, assert_ok, BoundedVec};
use sp_runtime::DispatchError;

const PAYER: MachineId = 0;
const PAYEE: MachineId = 3;
const AMOUNT: u128 = 1_000;
const RELAY_FEE: u128 = 30;

/// An intent to [`PAYEE`], valid now.
fn intent(payer: MachineId, nonce: u64) -> Intent {
	let now = System::block_number();
	Intent {
		payer,
		payee: Payee::Machine(PAYEE),
		amount: AMOUNT,
		relay_fee: RELAY_FEE,
		valid_from: now,
		valid_until: now + 100,
		nonce,
	}
}

fn batch(intents: Vec<SignedIntent>) -> IntentBatch {
	BoundedVec::try_from(intents).unwrap()
}

/// Submits intents and returns those that failed.
fn submit_by(who: AccountId, intents: Vec<SignedIntent>) -> Vec<(u32, IntentFailure)> {
	let count = intents.len() as u32;
	PaymentIntents::submit(RuntimeOrigin::signed(who), batch(intents)).unwrap();
	let Some(RuntimeEvent::PaymentIntents(Event::IntentsSettled { settled, failed, .. })) =
		System::events().pop().map(|record| record.event)
	else {
		panic!("there is no result")
	};
	assert_eq!(settled + failed.len() as u32, count);
	failed.into_iter().map(|failed| (failed.index, failed.reason)).collect()
}

/// Submits intents that must all settle.
fn settle_by(who: AccountId, intents: Vec<SignedIntent>) {
	let failed = submit_by(who, intents);
	assert!(failed.is_empty(), "{failed:?}");
}

/// Submits one intent by the gateway.
fn submit(signed: SignedIntent) -> Result<(), IntentFailure> {
	match submit_by(gateway(), vec![signed])[..] {
		[] => Ok(()),
		[(_, reason)] => Err(reason),
		_ => unreachable!("one intent fails once"),
	}
}

/// Whether an intent fails for that reason and leaves everything as it was, but for the event.
fn assert_refused(signed: SignedIntent, reason: IntentFailure) {
	assert_refused_by(gateway(), signed, reason);
}

fn assert_refused_by(who: AccountId, signed: SignedIntent, reason: IntentFailure) {
	let state = || (Money::get(), Income::get(), Counted::get(), windows());
	let before = state();
	assert_eq!(submit_by(who, vec![signed]), [(0, reason)]);
	assert_eq!(state(), before);
}

fn windows() -> std::collections::BTreeMap<MachineId, NonceWindow> {
	Nonces::<Test>::iter().collect()
}

fn cancel(machine: MachineId, nonces: &[u64]) -> sp_runtime::DispatchResult {
	let nonces = BoundedVec::try_from(nonces.to_vec()).unwrap();
	PaymentIntents::cancel(RuntimeOrigin::signed(key(machine)), nonces)
}
