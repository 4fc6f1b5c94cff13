//! Each invariant must notice the corruption it is about.

use super::*;

fn corrupt(law: &str, corruption: impl FnOnce()) {
	new_test_ext().execute_with(|| {
		open(0, 1, 1_000);
		let links = chain(3, 1);
		let terms = Terms::HashChain { root: links[0], length: 3, unit: 10 };
		open_with(2, Payee::Machine(1), 30, terms);
		let revealed = RevealedLink { channel: 1, index: 1, link: links[1] };
		PaymentChannels::claim_links(stranger(), revealed).unwrap();
		PaymentChannels::request_close(signed(0), 0).unwrap();
		check();
		corruption();
		let error = PaymentChannels::do_try_state().unwrap_err();
		let text: &'static str = error.into();
		assert!(text.starts_with(law), "law {law} should have been broken, not: {text}");
	});
}

fn change(id: ChannelId, change: impl FnOnce(&mut Channel<AccountId>)) {
	Channels::<Test>::mutate(id, |channel| change(channel.as_mut().unwrap()));
}

#[test]
fn invariants_should_notice_every_corruption() {
	corrupt("1", || Locked::<Test>::mutate(|locked| *locked += 1));
	corrupt("1", || change(0, |channel| channel.settled += 1));
	corrupt("1", || change(0, |channel| channel.storage_deposit = u128::MAX));
	corrupt("2", || change(0, |channel| channel.settled = 1_001));
	corrupt("2", || change(0, |channel| (channel.deposit, channel.settled) = (0, 0)));
	corrupt("3", || NextChannelId::<Test>::put(1));
	corrupt("4", || OpenChannels::<Test>::insert(0, 2));
	corrupt("4", || OpenChannels::<Test>::insert(7, 0));
	corrupt("4", || OpenChannels::<Test>::remove(2));
	corrupt("5", || change(1, |channel| channel.deposit = 31));
	corrupt("6", || Retired::set(&vec![0]));
	corrupt("6", || change(0, |channel| channel.payer = MACHINES));
	corrupt("6", || change(0, |channel| channel.payee = Payee::Machine(0)));
	corrupt("6", || change(0, |channel| channel.payee = Payee::Account(MockMachines::account(1))));
	corrupt("7", || change(0, |channel| channel.closing = Some(2 + MIN_GRACE)));
	corrupt("5", || {
		change(1, |channel| {
			let Lock::HashChain { index, .. } = &mut channel.lock else { unreachable!() };
			*index = 2;
		})
	});
	corrupt("5", || {
		change(1, |channel| {
			let Lock::HashChain { index, .. } = &mut channel.lock else { unreachable!() };
			*index = 4;
		})
	});
}
