use super::*;
use dam_primitives::quota::EXCEEDS_QUOTA;
use sp_runtime::transaction_validity::TransactionPriority;

fn priority(key: AccountId, call: &RuntimeCall, weight: u64) -> TransactionPriority {
	validate(key, call, weight, 0).unwrap().priority
}

#[test]
fn free_call_of_a_machine_should_cost_quota_and_no_fee() {
	build_and_execute(|| {
		assert_ok!(run(1, &free_call(), 100, None));
		assert_eq!(level(1), CAPACITY - 100 - BASE);
		assert_eq!(BlockUsage::<Test>::get(), (1, 100 + BASE));
		assert_eq!(Balances::free_balance(1), 0);
	});
}

#[test]
fn free_call_should_not_touch_the_key_when_it_holds_money() {
	build_and_execute(|| {
		assert_ok!(run(RICH_KEY, &free_call(), 100, None));
		assert_eq!(Balances::free_balance(RICH_KEY), RICH);
	});
}

#[test]
fn unused_weight_should_come_back() {
	build_and_execute(|| {
		assert_ok!(run(1, &free_call(), 1_000, Some(400)));
		assert_eq!(level(1), CAPACITY - 400 - BASE);
		assert_eq!(BlockUsage::<Test>::get(), (1, 400 + BASE));
	});
}

#[test]
fn length_should_cost() {
	build_and_execute(|| {
		assert_eq!(Extension::cost(&info(100), 50), 100 + BASE + 50 * LENGTH_COST);
		assert_eq!(Extension::cost(&info(u64::MAX), usize::MAX), u64::MAX);
	});
}

#[test]
fn other_signers_and_other_calls_should_pay_a_fee() {
	build_and_execute(|| {
		let payment = TransactionValidityError::from(InvalidTransaction::Payment);
		// No machine's key, no money.
		assert_eq!(run(150, &free_call(), 100, None), Err(payment));
		// A machine's key, but not a free call.
		assert_eq!(run(1, &paid_call(), 100, None), Err(payment));
		// No machine's key, but money.
		assert_ok!(run(200, &free_call(), 100, None));
		assert_eq!(Balances::free_balance(200), RICH - 100 - BASE as u128);
		assert!(Buckets::<Test>::iter().next().is_none());
	});
}

#[test]
fn call_should_be_free_only_when_the_key_has_the_right_that_it_needs() {
	build_and_execute(|| {
		let services_key = 300 + 1;
		let payment = Err(InvalidTransaction::Payment.into());
		assert_eq!(run(services_key, &free_call(), 100, None), payment);
		assert_eq!(run(services_key, &paid_call(), 100, None), payment);
		assert!(Buckets::<Test>::iter().next().is_none());

		// All keys of a machine draw on the same bucket.
		assert_ok!(run(services_key, &services_call(), 100, None));
		assert_eq!(level(1), CAPACITY - 100 - BASE);
		assert_ok!(run(1, &services_call(), 100, None));
		assert_ok!(run(1, &free_call(), 100, None));
		assert_eq!(level(1), CAPACITY - 3 * (100 + BASE));
		assert_eq!(Buckets::<Test>::iter().count(), 1);
	});
}

#[test]
fn bucket_that_one_key_emptied_should_be_empty_for_the_others() {
	build_and_execute(|| {
		assert_ok!(run(300 + 1, &services_call(), CAPACITY - BASE, None));
		assert_eq!(run(1, &free_call(), 100, None), Err(custom(QUOTA_EXHAUSTED)));
	});
}

#[test]
fn suspended_machine_should_have_no_quota_for_what_it_may_not_do() {
	build_and_execute(|| {
		Suspended::set(&1);
		assert_eq!(run(1, &free_call(), 100, None), Err(InvalidTransaction::Payment.into()));
		assert_eq!(level(1), CAPACITY);
		// What it still may do is still free.
		assert_ok!(run(1, &services_call(), 100, None));
		assert_eq!(level(1), CAPACITY - 100 - BASE);
	});
}

#[test]
fn empty_bucket_should_refuse_with_a_code_of_its_own() {
	build_and_execute(|| {
		assert_ok!(run(1, &free_call(), CAPACITY - BASE, None));
		assert_eq!(level(1), 0);
		assert_eq!(run(1, &free_call(), 100, None), Err(custom(QUOTA_EXHAUSTED)));
		// Others are not concerned.
		assert_ok!(run(2, &free_call(), 100, None));
		// And it comes back: 105 units are there after one block.
		System::set_block_number(2);
		assert_ok!(run(1, &free_call(), 100, None));
	});
}

#[test]
fn over_quota_should_pay_a_fee_when_the_key_can() {
	build_and_execute(|| {
		assert_ok!(run(RICH_KEY, &free_call(), CAPACITY - BASE, None));
		assert_eq!(Balances::free_balance(RICH_KEY), RICH);
		assert_ok!(run(RICH_KEY, &free_call(), 100, None));
		assert_eq!(Balances::free_balance(RICH_KEY), RICH - 100 - BASE as u128);
	});
}

#[test]
fn call_above_the_capacity_should_say_that_waiting_does_not_help() {
	build_and_execute(|| {
		assert_eq!(run(1, &free_call(), CAPACITY, None), Err(custom(EXCEEDS_QUOTA)));
		assert_ok!(run(1, &free_call(), CAPACITY - BASE, None));
	});
}

#[test]
fn block_share_should_hold_back_free_calls_of_all_machines_together() {
	build_and_execute(|| {
		assert_ok!(run(1, &free_call(), CAPACITY - BASE, None));
		assert_ok!(run(2, &free_call(), CAPACITY - BASE, None));
		// The pool keeps it for the next block.
		assert_eq!(
			run(3, &free_call(), 0, None),
			Err(InvalidTransaction::ExhaustsResources.into())
		);
		// Payers still get in.
		assert_ok!(run(200, &free_call(), 100, None));
		System::set_block_number(2);
		assert_ok!(run(3, &free_call(), 0, None));
	});
}

#[test]
fn priority_should_fall_with_the_bucket_and_stay_below_payers() {
	build_and_execute(|| {
		let full = priority(1, &free_call(), 0);
		assert_ok!(run(1, &free_call(), CAPACITY / 2, None));
		let half = priority(1, &free_call(), 0);
		assert!(full > half, "{full} > {half}");
		assert!(half > 0);
		assert!(full <= crate::extension::MAX_FREE_PRIORITY);
		// A heavy transaction without a tip has the lowest priority among those that pay.
		let payer = priority(200, &paid_call(), 4_000_000);
		assert!(payer > crate::extension::MAX_FREE_PRIORITY);
	});
}

#[test]
fn extension_should_look_like_the_two_that_it_wraps() {
	use codec::Encode;
	use frame_system::CheckNonce;
	type Row = (CheckNonce<Test>, ChargeTransactionPayment<Test>);

	let names: Vec<_> = <Extension as TransactionExtension<RuntimeCall>>::metadata()
		.into_iter()
		.map(|extension| (extension.identifier, extension.ty, extension.implicit))
		.collect();
	let wrapped: Vec<_> = <Row as TransactionExtension<RuntimeCall>>::metadata()
		.into_iter()
		.map(|extension| (extension.identifier, extension.ty, extension.implicit))
		.collect();
	assert_eq!(names, wrapped);
	assert_eq!(
		names.iter().map(|(name, ..)| *name).collect::<Vec<_>>(),
		["CheckNonce", "ChargeTransactionPayment"]
	);

	let fee = || ChargeTransactionPayment::<Test>::from(77);
	let row = (CheckNonce::<Test>(9), fee());
	let extension = Extension::new(9, fee());
	assert_eq!(extension.encode(), row.encode());
	let implicit = TransactionExtension::<RuntimeCall>::implicit(&extension).unwrap();
	assert!(implicit.encode().is_empty());
}

#[test]
fn weight_that_was_not_used_should_be_told() {
	build_and_execute(|| {
		let call = free_call();
		let origin = || Some(1).into();
		let info = info(100);
		let (pre, _) =
			extension(1, 0, 0).validate_and_prepare(origin(), &call, &info, 0, 0).unwrap();
		let unused = <Extension as TransactionExtension<RuntimeCall>>::post_dispatch_details(
			pre,
			&info,
			&PostDispatchInfo::default(),
			0,
			&Ok(()),
		);
		// Neither weighs anything here.
		assert_eq!(unused, Ok(Weight::zero()));
		assert_eq!(level(1), CAPACITY - 100 - BASE);
	});
}
