//! Tests, by subject.

mod bonds;
mod bucket;
mod extension;
mod fees;
mod properties;
mod rates;
mod rows;
mod try_state;

use crate::{bucket::*, mock::*, *};
use dam_primitives::quota::QUOTA_EXHAUSTED;
use frame_support::{
	assert_noop, assert_ok, assert_storage_noop, storage::with_transaction, weights::Weight,
};
use pallet_dam_traits::OnMachineChange;
use pallet_transaction_payment::ChargeTransactionPayment;
use sp_runtime::{
	traits::{DispatchTransaction, TransactionExtension, TxBaseImplication},
	transaction_validity::{
		InvalidTransaction, TransactionSource::External, TransactionValidityError, ValidTransaction,
	},
	DispatchError, TransactionOutcome,
};

/// What a call of weight `weight` costs at no length: the base weight comes on top.
const BASE: u64 = 5;

fn free_call() -> RuntimeCall {
	frame_system::Call::remark { remark: vec![] }.into()
}

/// Free for keys that manage services.
fn services_call() -> RuntimeCall {
	frame_system::Call::kill_storage { keys: vec![] }.into()
}

fn paid_call() -> RuntimeCall {
	frame_system::Call::remark_with_event { remark: vec![] }.into()
}

fn info(weight: u64) -> DispatchInfo {
	DispatchInfo { call_weight: Weight::from_parts(weight, 0), ..Default::default() }
}

/// The extension of a key's transaction, so many after its next one.
fn extension(key: AccountId, ahead: u64, tip: u128) -> Extension {
	let ahead = u32::try_from(ahead).unwrap_or(u32::MAX);
	let nonce = System::account_nonce(key).saturating_add(ahead);
	Extension::new(nonce, ChargeTransactionPayment::from(tip))
}

/// Runs a key's next transaction, whose dispatch uses `actual` of its weight.
fn run(
	key: AccountId,
	call: &RuntimeCall,
	weight: u64,
	actual: Option<u64>,
) -> Result<(), TransactionValidityError> {
	run_with(extension(key, 0, 0), key, call, weight, actual, 0)
}

/// Runs a transaction; what is refused leaves nothing behind.
fn run_with(
	extension: Extension,
	key: AccountId,
	call: &RuntimeCall,
	weight: u64,
	actual: Option<u64>,
	len: usize,
) -> Result<(), TransactionValidityError> {
	with_transaction(|| {
		let result = extension.test_run(Some(key).into(), call, &info(weight), len, 0, |_| {
			Ok(PostDispatchInfo {
				actual_weight: actual.map(|actual| Weight::from_parts(actual, 0)),
				..Default::default()
			})
		});
		match result {
			Ok(outcome) => {
				assert!(outcome.is_ok(), "{outcome:?}");
				TransactionOutcome::Commit(Ok::<_, DispatchError>(Ok(())))
			},
			Err(error) => TransactionOutcome::Rollback(Ok(Err(error))),
		}
	})
	.unwrap()
}

/// What a pool is told of a key's transaction, so many after its next one.
fn validate(
	key: AccountId,
	call: &RuntimeCall,
	weight: u64,
	ahead: u64,
) -> Result<ValidTransaction, TransactionValidityError> {
	extension(key, ahead, 0)
		.validate(
			Some(key).into(),
			call,
			&info(weight),
			0,
			((), ()),
			&TxBaseImplication(()),
			External,
		)
		.map(|(validity, _, _)| validity)
}

fn custom(code: u8) -> TransactionValidityError {
	InvalidTransaction::Custom(code).into()
}

fn signed(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

fn advance(blocks: u64) {
	System::set_block_number(System::block_number() + blocks);
}
