use super::*;

#[test]
fn payee_should_close_at_once_and_the_rest_go_back() {
	build_and_execute(|| {
		let id = open(0, 1, 1_000);
		assert_ok!(submit(voucher(0, id, 300)));
		assert_ok!(PaymentChannels::close(signed(1), id));
		assert_eq!(wallet(0), FUNDS - 300);
		assert_eq!(wallet(1), FUNDS + 300);
		assert_eq!(Channels::<Test>::iter().count(), 0);
		assert_eq!(OpenChannels::<Test>::iter().count(), 0);
		assert_eq!(Income::get().get(&0), None, "what comes back is no income");
		System::assert_last_event(
			Event::Closed { channel: id, settled: 300, returned: 700 }.into(),
		);
	});
}

#[test]
fn nobody_but_the_payee_should_close_at_once() {
	build_and_execute(|| {
		let id = open(0, 1, 1_000);
		for origin in [signed(0), signed(2), stranger(), RuntimeOrigin::signed(claim_key(0))] {
			assert_noop!(PaymentChannels::close(origin, id), Error::<Test>::NotPayee);
		}
		assert_noop!(PaymentChannels::close(RuntimeOrigin::none(), id), BadOrigin);
		// A key of the payee that may claim is enough; its owner is as good.
		let another = open(2, 1, 1_000);
		assert_ok!(PaymentChannels::close(RuntimeOrigin::signed(claim_key(1)), another));
		assert_ok!(PaymentChannels::close(RuntimeOrigin::signed(owner()), id));
		let payee = AccountId::from([0x77; 32]);
		let id = open_with(0, Payee::Account(payee.clone()), 10, Terms::Vouchers);
		assert_noop!(PaymentChannels::close(signed(1), id), Error::<Test>::NotPayee);
		assert_ok!(PaymentChannels::close(RuntimeOrigin::signed(payee), id));
		assert_noop!(
			PaymentChannels::close(RuntimeOrigin::signed(owner()), id),
			Error::<Test>::ChannelNotFound
		);
	});
}

#[test]
fn payee_should_claim_until_the_last_block_of_the_grace_period() {
	build_and_execute(|| {
		let id = open(0, 1, 1_000);
		System::set_block_number(5);
		assert_ok!(PaymentChannels::request_close(signed(0), id));
		let last = 5 + MIN_GRACE;
		System::assert_last_event(Event::CloseRequested { channel: id, last_block: last }.into());
		System::set_block_number(last);
		assert_noop!(PaymentChannels::sweep(stranger(), id), Error::<Test>::GraceRuns);
		assert_ok!(submit(voucher(0, id, 300)));
		System::set_block_number(last + 1);
		assert_noop!(submit(voucher(0, id, 400)), Error::<Test>::GraceOver);
		assert_ok!(PaymentChannels::sweep(stranger(), id));
		assert_eq!(wallet(0), FUNDS - 300);
		assert_noop!(PaymentChannels::sweep(stranger(), id), Error::<Test>::ChannelNotFound);
	});
}

#[test]
fn payee_should_close_while_the_grace_period_runs() {
	build_and_execute(|| {
		let id = open(0, 1, 1_000);
		assert_ok!(PaymentChannels::request_close(signed(0), id));
		assert_ok!(PaymentChannels::close(signed(1), id));
		assert_noop!(PaymentChannels::request_close(signed(0), id), Error::<Test>::ChannelNotFound);
	});
}

#[test]
fn nobody_but_payer_and_owner_should_ask_to_close() {
	build_and_execute(|| {
		let id = open(0, 1, 1_000);
		for origin in [signed(1), stranger(), RuntimeOrigin::signed(claim_key(0))] {
			assert_noop!(PaymentChannels::request_close(origin, id), Error::<Test>::NotPayer);
		}
		// A payer that may not act still gets its money back, by its owner.
		Suspended::set(&vec![0]);
		assert_noop!(PaymentChannels::request_close(signed(0), id), Error::<Test>::NotPayer);
		assert_ok!(PaymentChannels::request_close(RuntimeOrigin::signed(owner()), id));
		assert_noop!(
			PaymentChannels::request_close(RuntimeOrigin::signed(owner()), id),
			Error::<Test>::AlreadyClosing
		);
	});
}

#[test]
fn channel_should_not_be_swept_when_nobody_asked_to_close() {
	build_and_execute(|| {
		let id = open(0, 1, 1_000);
		System::set_block_number(u32::MAX);
		assert_noop!(PaymentChannels::sweep(stranger(), id), Error::<Test>::GraceRuns);
		// Nor does a grace period that would end after the last block there can be begin.
		assert_noop!(PaymentChannels::request_close(signed(0), id), Error::<Test>::Overflow);
	});
}

#[test]
fn channel_should_stay_when_the_payers_wallet_cannot_take_the_rest() {
	build_and_execute(|| {
		let id = open(0, 1, 1_000);
		Blocked::set(&vec![MockMachines::account(0)]);
		assert_noop!(PaymentChannels::close(signed(1), id), Error::<Test>::PayerUnavailable);
		// The payee still gets what it is owed.
		assert_ok!(submit(voucher(0, id, 300)));
		Blocked::set(&vec![]);
		assert_ok!(PaymentChannels::close(signed(1), id));
	});
}

#[test]
fn grace_period_should_not_be_asked_for_twice_nor_stop_again() {
	build_and_execute(|| {
		let id = open(0, 1, 1_000);
		assert_ok!(PaymentChannels::request_close(signed(0), id));
		let last = channel(id).closing;
		System::set_block_number(5);
		assert_noop!(PaymentChannels::request_close(signed(0), id), Error::<Test>::AlreadyClosing);
		assert_noop!(PaymentChannels::top_up(signed(0), id, 1), Error::<Test>::AlreadyClosing);
		assert_ok!(submit(voucher(0, id, 300)));
		assert_eq!(channel(id).closing, last);
	});
}
