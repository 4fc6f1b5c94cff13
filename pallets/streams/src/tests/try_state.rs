//! Each invariant must notice the corruption it is about.

use super::*;

fn corrupt(law: &str, corruption: impl FnOnce()) {
	new_test_ext().execute_with(|| {
		open(0, 1, 10, 1_000);
		open(0, 2, 10, 1_000);
		open(3, 1, 10, 1_000);
		advance(5);
		assert_ok!(collect(0));
		advance(5);
		assert_ok!(PaymentStreams::pause(by(0), 1));
		check();
		corruption();
		let error = PaymentStreams::do_try_state().unwrap_err();
		let text: &'static str = error.into();
		assert!(text.starts_with(law), "law {law} should have been broken, not: {text}");
	});
}

fn change(id: StreamId, change: impl FnOnce(&mut StreamOf<Test>)) {
	Streams::<Test>::mutate(id, |stream| change(stream.as_mut().unwrap()));
}

fn list(machine: MachineId, streams: Vec<StreamId>) {
	OpenStreams::<Test>::insert(machine, BoundedVec::try_from(streams).unwrap());
}

#[test]
fn invariants_should_notice_every_corruption() {
	corrupt("1", || Locked::<Test>::mutate(|locked| *locked += 1));
	corrupt("1", || change(0, |stream| stream.settled += 1));
	corrupt("1", || change(0, |stream| stream.storage_deposit = u128::MAX));
	corrupt("2", || change(0, |stream| stream.settled = 1_001));
	corrupt("2", || change(1, |stream| stream.carried = 1_001));
	corrupt("3", || NextStreamId::<Test>::put(2));

	// Listed and not there, there and not listed, listed twice, with another machine, or not at all.
	corrupt("4", || list(0, vec![0, 1, 2]));
	corrupt("4", || list(0, vec![0]));
	corrupt("4", || list(0, vec![0, 1, 1]));
	corrupt("4", || change(2, |stream| stream.payer = 0));
	corrupt("4", || OpenStreams::<Test>::remove(3));
	corrupt("4", || list(7, vec![]));

	corrupt("5", || change(0, |stream| stream.rate = 0));
	corrupt("5", || change(0, |stream| stream.flow = Flow::Running { since: 12 }));
	corrupt("5", || change(1, |stream| stream.flow = Flow::Paused { since: 12 }));
	corrupt("6", || change(1, |stream| stream.carried = 1_000));
	corrupt("7", || Retired::set(&vec![3]));
	corrupt("7", || change(0, |stream| stream.payee = Payee::Machine(0)));
	corrupt("7", || change(0, |stream| stream.payee = Payee::Account(address(1))));
}
