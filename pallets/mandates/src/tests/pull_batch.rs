use super::*;

fn pull_all(who: AccountId, pulls: Vec<(MandateId, u128)>) {
	let pulls: Vec<_> =
		pulls.into_iter().map(|(mandate, amount)| Pull { mandate, amount }).collect();
	assert_ok!(PaymentMandates::pull_batch(signed(who), BoundedVec::try_from(pulls).unwrap()));
}

#[test]
fn batch_should_pay_the_good_and_report_the_bad() {
	build_and_execute(|| {
		let ids: Vec<_> = (0..6).map(|payer| grant(payer, 8)).collect();
		let foreign = grant(0, 9);
		assert_ok!(PaymentMandates::grant(
			signed(owner(7)),
			7,
			Payee::Machine(8),
			100,
			10,
			System::block_number() + 1
		));
		let short = NextMandateId::<Test>::get() - 1;
		advance(2);
		Frozen::set(&vec![2]);
		PaymentCap::set(&80);
		pull_all(
			payment_key(8),
			vec![
				(ids[0], 60),
				(99, 1),
				(ids[0], 41),
				(ids[1], 0),
				(ids[2], 1),
				(foreign, 1),
				(ids[3], 81),
				(short, 1),
				(ids[0], 40),
				(ids[5], 7),
			],
		);
		let failed = [
			(1, PullFailure::UnknownMandate),
			(2, PullFailure::ExceedsCap),
			(3, PaymentFailure::ZeroAmount.into()),
			(4, PullFailure::PayerInactive),
			(5, PullFailure::NotPayee),
			(6, PaymentFailure::ExceedsPaymentCap.into()),
			(7, PullFailure::Expired),
		]
		.map(|(index, reason)| FailedPull { index, reason });
		System::assert_last_event(
			Event::BatchPulled {
				pulled: 3,
				total: 107,
				failed: BoundedVec::try_from(failed.to_vec()).unwrap(),
			}
			.into(),
		);
		assert_eq!(income(8), 107);
		assert_eq!(mandate(ids[3]).pulled, None);
		// One event for the whole batch.
		let single = |event: &RuntimeEvent| {
			matches!(event, RuntimeEvent::PaymentMandates(Event::Pulled { .. }))
		};
		assert!(!System::events().iter().any(|record| single(&record.event)));
	});
}

#[test]
fn batch_should_take_every_place_and_obey_the_cap_over_all_of_them() {
	build_and_execute(|| {
		let id = grant(0, 1);
		pull_all(claim_key(1), vec![(id, 1); MAX_PULLS as usize]);
		assert_eq!(income(1), 100);
		let Some(RuntimeEvent::PaymentMandates(Event::BatchPulled { pulled, total, failed })) =
			System::events().pop().map(|record| record.event)
		else {
			panic!("the last event is that of the batch")
		};
		assert_eq!((pulled, total, failed.len() as u32), (100, 100, MAX_PULLS - 100));
		assert!(failed.iter().all(|failed| failed.reason == PullFailure::ExceedsCap));
	});
}

#[test]
fn empty_batch_should_do_nothing() {
	build_and_execute(|| {
		pull_all(person(), vec![]);
		System::assert_last_event(
			Event::BatchPulled { pulled: 0, total: 0, failed: BoundedVec::new() }.into(),
		);
		let unsigned = PaymentMandates::pull_batch(RuntimeOrigin::none(), BoundedVec::new());
		assert_eq!(unsigned, Err(BadOrigin.into()));
	});
}
