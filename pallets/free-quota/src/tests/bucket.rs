use super::*;

#[test]
fn bucket_should_be_full_when_it_was_never_used() {
	build_and_execute(|| {
		assert_eq!(level(1), CAPACITY);
		assert!(Buckets::<Test>::get(1).is_none());
	});
}

#[test]
fn bucket_should_refill_with_time_up_to_its_capacity() {
	build_and_execute(|| {
		Quota::charge(1, CAPACITY).unwrap();
		assert_eq!(level(1), 0);
		System::set_block_number(4);
		assert_eq!(level(1), 3 * REFILL);
		System::set_block_number(1 + CAPACITY / REFILL);
		assert_eq!(level(1), CAPACITY);
		System::set_block_number(u64::MAX);
		assert_eq!(level(1), CAPACITY);
	});
}

#[test]
fn charge_should_take_the_last_unit_and_no_more() {
	build_and_execute(|| {
		Quota::charge(1, CAPACITY - 1).unwrap();
		assert_eq!(Quota::charge(1, 2), Err(BucketTooLow));
		assert_eq!(level(1), 1);
		Quota::charge(1, 1).unwrap();
		assert_eq!(Quota::charge(1, 1), Err(BucketTooLow));
		assert_eq!(Quota::charge(1, u64::MAX), Err(BucketTooLow));
	});
}

#[test]
fn refund_should_never_overfill() {
	build_and_execute(|| {
		Quota::charge(1, 10).unwrap();
		Quota::refund(1, u64::MAX);
		assert_eq!(level(1), CAPACITY);
	});
}

#[test]
fn block_share_should_be_bounded_and_come_back_with_the_next_block() {
	build_and_execute(|| {
		Quota::charge_block(BLOCK_LIMIT).unwrap();
		assert_eq!(Quota::charge_block(1), Err(BlockShareUsedUp));
		assert_eq!(Quota::charge_block(u64::MAX), Err(BlockShareUsedUp));
		System::set_block_number(2);
		Quota::charge_block(1).unwrap();
		assert_eq!(BlockUsage::<Test>::get(), (2, 1));
	});
}

#[test]
fn retirement_should_leave_no_bucket() {
	build_and_execute(|| {
		Quota::charge(1, 10).unwrap();
		Quota::charge(2, 10).unwrap();
		System::set_block_number(1 + CAPACITY / REFILL);
		Quota::charge(2, 10).unwrap();
		assert_ok!(Quota::on_retire(1));
		assert!(Buckets::<Test>::get(1).is_none());
		assert_eq!(level(2), CAPACITY - 10);
		assert_ok!(Quota::on_retire(3));
	});
}

#[test]
fn machine_should_not_be_retired_before_its_quota_is_full_again() {
	build_and_execute(|| {
		Quota::charge(1, REFILL + 1).unwrap();
		for block in [1, 2] {
			System::set_block_number(block);
			assert_noop!(Quota::on_retire(1), Error::<Test>::QuotaNotRefilled);
		}
		System::set_block_number(3);
		assert_ok!(Quota::on_retire(1));
	});
}

#[test]
fn transfer_should_not_refill_the_bucket() {
	build_and_execute(|| {
		Quota::charge(1, 10).unwrap();
		Quota::on_transfer(1);
		assert_eq!(level(1), CAPACITY - 10);
	});
}
