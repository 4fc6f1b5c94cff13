//! Rows of transactions that wait in a pool.

use super::*;
use crate::extension::MAX_FREE_PRIORITY;

/// A tenth of a bucket.
const TENTH: u64 = CAPACITY / 10;

/// A free transaction that costs a tenth of the bucket, so many after the next one.
fn tenth(key: AccountId, ahead: u64) -> Result<ValidTransaction, TransactionValidityError> {
	validate(key, &free_call(), TENTH - BASE, ahead)
}

#[test]
fn row_should_end_where_the_bucket_ends() {
	build_and_execute(|| {
		for ahead in 0..10 {
			assert!(tenth(1, ahead).is_ok(), "{ahead}");
		}
		for ahead in [10, 11, 1_000, u64::MAX] {
			assert_eq!(tenth(1, ahead).unwrap_err(), custom(QUOTA_EXHAUSTED));
		}
		// A smaller one has a longer row; one without cost does not exist.
		assert!(validate(1, &free_call(), 0, CAPACITY / BASE - 1).is_ok());
		assert!(validate(1, &free_call(), 0, CAPACITY / BASE).is_err());
	});
}

#[test]
fn priority_should_fall_along_the_row() {
	build_and_execute(|| {
		let row: Vec<_> = (0..10).map(|ahead| tenth(1, ahead).unwrap().priority).collect();
		let expected: Vec<_> = (1..=10).map(|n| MAX_FREE_PRIORITY / 10 * (10 - n)).collect();
		assert_eq!(row, expected);
		// The first of a quiet machine goes before all but the first of a flooding one.
		assert_eq!(tenth(2, 0).unwrap().priority, row[0]);
		// Among those that pay, the place in the row does not matter.
		let paid = |ahead| validate(200, &paid_call(), 100, ahead).unwrap().priority;
		assert_eq!(paid(0), paid(5));
		assert!(paid(5) > MAX_FREE_PRIORITY);
	});
}

#[test]
fn row_should_carry_the_tags_of_the_nonce() {
	build_and_execute(|| {
		use codec::Encode;
		for call in [free_call(), paid_call()] {
			let first = validate(RICH_KEY, &call, 100, 0).unwrap();
			let second = validate(RICH_KEY, &call, 100, 1).unwrap();
			assert_eq!(first.provides, [(RICH_KEY, 0u32).encode()]);
			assert!(first.requires.is_empty());
			assert_eq!(second.provides, [(RICH_KEY, 1u32).encode()]);
			assert_eq!(second.requires, first.provides);
		}
	});
}

#[test]
fn row_should_stay_valid_while_blocks_take_from_it() {
	build_and_execute(|| {
		for included in 0..10 {
			for ahead in 0..10 - included {
				assert!(tenth(1, ahead).is_ok(), "{ahead} after {included}");
			}
			assert!(tenth(1, 10 - included).is_err());
			assert_ok!(run(1, &free_call(), TENTH - BASE, None));
		}
		assert_eq!(level(1), 0);
		assert_eq!(tenth(1, 0).unwrap_err(), custom(QUOTA_EXHAUSTED));
		// What comes back lets more in, in order.
		advance(TENTH / REFILL);
		assert!(tenth(1, 0).is_ok());
		assert_eq!(tenth(1, 1).unwrap_err(), custom(QUOTA_EXHAUSTED));
	});
}

#[test]
fn rows_of_two_keys_should_be_two_rows() {
	build_and_execute(|| {
		let services = |ahead| validate(301, &services_call(), TENTH - BASE, ahead);
		for ahead in 0..10 {
			assert!(tenth(1, ahead).is_ok() && services(ahead).is_ok());
		}
		// What one has used, the other has not any more.
		for _ in 0..6 {
			assert_ok!(run(1, &free_call(), TENTH - BASE, None));
		}
		assert!(services(3).is_ok());
		assert_eq!(services(4).unwrap_err(), custom(QUOTA_EXHAUSTED));
	});
}

#[test]
fn heavy_row_should_hold_no_more_than_the_harmonic_bound() {
	build_and_execute(|| {
		// The dearest row there is: the transaction at place n costs a 1/n of the bucket.
		let mut sum = 0;
		for place in 1..=1_000 {
			let cost = CAPACITY / place;
			assert!(validate(1, &free_call(), cost - BASE, place - 1).is_ok());
			assert!(validate(1, &free_call(), cost + 1 - BASE, place - 1).is_err());
			sum += cost;
		}
		assert!(sum < 8 * CAPACITY, "{sum}");
	});
}

#[test]
fn nonce_should_be_checked_as_ever() {
	build_and_execute(|| {
		let free = |extension| run_with(extension, 1, &free_call(), 100, None, 0);
		let future = Err(InvalidTransaction::Future.into());
		assert_eq!(free(extension(1, 1, 0)), future);
		assert_eq!((level(1), System::account_nonce(1)), (CAPACITY, 0));
		assert_ok!(free(extension(1, 0, 0)));
		assert_eq!(System::account_nonce(1), 1);
		let stale = Extension::new(0, ChargeTransactionPayment::from(0));
		assert_eq!(free(stale), Err(InvalidTransaction::Stale.into()));
		// An account that nobody keeps alive has no nonce.
		assert_eq!(run(150, &free_call(), 100, None), Err(InvalidTransaction::Payment.into()));
	});
}

#[test]
fn payer_should_hold_as_many_fees_as_wait() {
	build_and_execute(|| {
		// 4,000,000 each, out of 100,000,000, of which one unit stays.
		let fee = 4_000_000;
		let pays = |key, ahead| validate(key, &paid_call(), fee - BASE, ahead);
		for ahead in 0..24 {
			assert!(pays(200, ahead).is_ok(), "{ahead}");
		}
		for ahead in [24, 25, 10_000, u64::MAX] {
			assert_eq!(pays(200, ahead).unwrap_err(), InvalidTransaction::Payment.into());
		}
	});
}

#[test]
fn free_call_too_far_in_the_row_should_pay_if_the_key_can() {
	build_and_execute(|| {
		let rich = |ahead| validate(RICH_KEY, &free_call(), TENTH - BASE, ahead);
		assert!(rich(9).unwrap().priority < MAX_FREE_PRIORITY);
		assert!(rich(10).unwrap().priority > MAX_FREE_PRIORITY);
		// A thousand fees of a hundred thousand are more than it holds.
		assert!(rich(998).is_ok());
		assert_eq!(rich(999).unwrap_err(), custom(QUOTA_EXHAUSTED));
	});
}
