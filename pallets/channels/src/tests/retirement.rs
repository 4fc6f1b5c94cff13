//! What becomes of channels when a machine is retired or sold.

use super::*;
use pallet_dam_traits::OnMachineChange;

#[test]
fn payer_should_not_retire_before_its_channels_are_closed() {
	build_and_execute(|| {
		let id = open(0, 1, 1_000);
		assert_noop!(PaymentChannels::on_retire(0), Error::<Test>::HasOpenChannels);
		assert_ok!(PaymentChannels::on_retire(1));
		// Not even when the grace period is over: the rest has still to go back.
		assert_ok!(PaymentChannels::request_close(signed(0), id));
		System::set_block_number(2 + MIN_GRACE);
		assert_noop!(PaymentChannels::on_retire(0), Error::<Test>::HasOpenChannels);
		assert_ok!(PaymentChannels::sweep(stranger(), id));
		assert_ok!(PaymentChannels::on_retire(0));
	});
}

#[test]
fn sale_should_leave_channels_as_they_are() {
	build_and_execute(|| {
		let id = open(0, 1, 1_000);
		let before = channel(id);
		PaymentChannels::on_transfer(0);
		PaymentChannels::on_transfer(1);
		assert_eq!(channel(id), before);
		assert_ok!(submit(voucher(0, id, 300)));
	});
}

#[test]
fn payer_should_get_its_money_back_when_its_payee_is_gone() {
	build_and_execute(|| {
		let id = open(0, 1, 1_000);
		Retired::set(&vec![1]);
		assert_ok!(PaymentChannels::request_close(signed(0), id));
		System::set_block_number(2 + MIN_GRACE);
		assert_ok!(PaymentChannels::sweep(stranger(), id));
		assert_eq!(wallet(0), FUNDS);
	});
}
