use super::*;

fn collect_all(streams: Vec<StreamId>) {
	let streams = BoundedVec::try_from(streams).unwrap();
	assert_ok!(PaymentStreams::collect_batch(stranger(), streams));
}

#[test]
fn batch_should_collect_the_good_and_report_the_bad() {
	build_and_execute(|| {
		let ids: Vec<_> = (0..4).map(|payer| open(payer, payer + 5, 10, 100)).collect();
		advance(3);
		let fresh = open(4, 9, 10, 100);
		Blocked::set(&vec![address(7)]);
		collect_all(vec![ids[0], 99, ids[1], ids[2], fresh, ids[0], ids[3]]);
		let failed = [
			(1, CollectFailure::UnknownStream),
			(3, CollectFailure::PayeeUnavailable),
			(4, CollectFailure::NothingDue),
			(5, CollectFailure::NothingDue),
		]
		.map(|(index, reason)| FailedCollection { index, reason });
		System::assert_last_event(
			Event::BatchCollected {
				collected: 3,
				total: 90,
				failed: BoundedVec::try_from(failed.to_vec()).unwrap(),
			}
			.into(),
		);
		assert_eq!([5, 6, 7, 8, 9].map(income), [30, 30, 0, 30, 0]);
		assert_eq!(stream(ids[2]).settled, 0);
		// One event for the whole batch.
		assert_eq!(
			System::events()
				.iter()
				.filter(|record| matches!(
					record.event,
					RuntimeEvent::PaymentStreams(
						Event::Collected { .. } | Event::BatchCollected { .. }
					)
				))
				.count(),
			1
		);
	});
}

#[test]
fn batch_should_take_every_place() {
	build_and_execute(|| {
		let ids: Vec<_> = (0..5).map(|payer| open(payer, 9, 1, 100)).collect();
		advance(2);
		collect_all((0..MAX_COLLECTIONS).map(|n| ids[n as usize % 5]).collect());
		assert_eq!(income(9), 10);
		let Some(RuntimeEvent::PaymentStreams(Event::BatchCollected { collected, failed, .. })) =
			System::events().pop().map(|record| record.event)
		else {
			panic!("the last event is that of the batch")
		};
		assert_eq!((collected, failed.len() as u32), (5, MAX_COLLECTIONS - 5));
	});
}

#[test]
fn empty_batch_should_do_nothing() {
	build_and_execute(|| {
		collect_all(vec![]);
		System::assert_last_event(
			Event::BatchCollected { collected: 0, total: 0, failed: BoundedVec::new() }.into(),
		);
		let unsigned = PaymentStreams::collect_batch(RuntimeOrigin::none(), BoundedVec::new());
		assert_eq!(unsigned, Err(BadOrigin.into()));
	});
}
