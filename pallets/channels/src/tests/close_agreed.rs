//! Closing at once, by the payer with the payee's consent.

use super::*;

fn close(
	origin: RuntimeOrigin,
	id: ChannelId,
	settled: u128,
	(key, signature): (PublicKey, Signature),
) -> DispatchResult {
	PaymentChannels::close_agreed(origin, id, settled, key, signature)
}

#[test]
fn payer_should_close_with_what_both_agreed_on() {
	build_and_execute(|| {
		// The payees' keys are on all three curves.
		for payee in 1..4 {
			let id = open(0, payee, 1_000);
			assert_ok!(submit(voucher(0, id, 300)));
			let consent = consent(&Device::of(payee), id, 450);
			assert_ok!(close(signed(0), id, 450, consent));
			assert_eq!(wallet(payee), FUNDS + 450);
			assert!(!Channels::<Test>::contains_key(id));
			System::assert_last_event(
				Event::Closed { channel: id, settled: 450, returned: 550 }.into(),
			);
		}
		assert_eq!(wallet(0), FUNDS - 3 * 450);
		assert_eq!(OpenChannels::<Test>::get(0), 0);
		assert_eq!(Income::get().into_iter().collect::<Vec<_>>(), [(1, 450), (2, 450), (3, 450)]);
	});
}

#[test]
fn payee_may_agree_to_what_it_has_and_to_all_there_is() {
	build_and_execute(|| {
		let id = open(0, 1, 1_000);
		assert_ok!(submit(voucher(0, id, 300)));
		assert_ok!(close(signed(0), id, 300, consent(&Device::of(1), id, 300)));
		let id = open(0, 1, 1_000);
		assert_ok!(close(signed(0), id, 1_000, consent(&Device::of(1), id, 1_000)));
		let id = open(0, 1, 1_000);
		assert_ok!(close(signed(0), id, 0, consent(&Device::of(1), id, 0)));
		assert_eq!((wallet(0), wallet(1)), (FUNDS - 1_300, FUNDS + 1_300));
	});
}

#[test]
fn nobody_but_the_payers_side_should_use_a_consent() {
	build_and_execute(|| {
		let id = open(0, 1, 1_000);
		let consent = consent(&Device::of(1), id, 1_000);
		// Above all not the payee: it would pay itself.
		for origin in [signed(1), stranger(), RuntimeOrigin::signed(claim_key(0))] {
			assert_noop!(close(origin, id, 1_000, consent), Error::<Test>::NotPayer);
		}
		assert_noop!(close(RuntimeOrigin::none(), id, 1_000, consent), BadOrigin);
		Suspended::set(&vec![0]);
		assert_noop!(close(signed(0), id, 1_000, consent), Error::<Test>::NotPayer);
		assert_ok!(close(RuntimeOrigin::signed(owner()), id, 1_000, consent));
	});
}

#[test]
fn consent_should_be_the_payees_for_this_channel_amount_and_chain() {
	build_and_execute(|| {
		let id = open(0, 1, 1_000);
		let other = open(0, 1, 1_000);
		let refused = |settled, consent| {
			assert_noop!(close(signed(0), id, settled, consent), Error::<Test>::InvalidProof);
		};
		let payee = Device::of(1);
		refused(300, consent(&payee, other, 300));
		refused(300, consent(&payee, id, 301));
		refused(300, consent(&Device::of(0), id, 300));
		refused(300, consent(&Device::of(2), id, 300));
		refused(300, consent(&Device::claimer(2), id, 300));
		// Somebody else's signature under the payee's name.
		let (key, _) = consent(&payee, id, 300);
		let (_, signature) = consent(&Device::of(4), id, 300);
		refused(300, (key, signature));
		// A voucher that the payee gave as a payer elsewhere is no consent.
		let voucher = voucher(1, id, 300);
		refused(300, (key, voucher.signature));
		let foreign = dam_primitives::CloseAgreement::new([9; 32], id, 300);
		refused(300, (key, payee.sign(&foreign.signing_payload())));

		assert_ok!(close(signed(0), id, 300, consent(&Device::claimer(1), id, 300)));
	});
}

#[test]
fn accounts_should_consent_with_their_own_key() {
	build_and_execute(|| {
		// Machine 50's key is as good as any: the payee is the account, not the machine.
		let payee = Device::of(50);
		let account = pallet_dam_traits::account_of(&payee.public());
		let id = open_with(0, Payee::Account(account.clone()), 1_000, Terms::Vouchers);
		let claimer = consent(&Device::claimer(50), id, 300);
		assert_noop!(close(signed(0), id, 300, claimer), Error::<Test>::InvalidProof);
		assert_ok!(close(signed(0), id, 300, consent(&payee, id, 300)));
		assert_eq!(balance(&account), 300);
	});
}

#[test]
fn consent_should_be_void_when_the_payee_has_got_more_since() {
	build_and_execute(|| {
		let id = open(0, 1, 1_000);
		let old = consent(&Device::of(1), id, 300);
		assert_ok!(submit(voucher(0, id, 301)));
		assert_noop!(close(signed(0), id, 300, old), Error::<Test>::AgreementOutdated);
		let more = consent(&Device::of(1), id, 1_001);
		assert_noop!(close(signed(0), id, 1_001, more), Error::<Test>::ExceedsDeposit);
		assert_noop!(
			close(signed(0), id + 1, 300, consent(&Device::of(1), id + 1, 300)),
			Error::<Test>::ChannelNotFound
		);
	});
}

#[test]
fn agreement_should_close_before_during_and_after_the_grace_period() {
	build_and_execute(|| {
		for wait in [0, MIN_GRACE, MIN_GRACE + 1] {
			let id = open(0, 1, 1_000);
			assert_ok!(PaymentChannels::request_close(signed(0), id));
			System::set_block_number(System::block_number() + wait);
			assert_ok!(close(signed(0), id, 300, consent(&Device::of(1), id, 300)));
		}
	});
}

#[test]
fn channel_should_stay_as_it_is_when_the_payee_cannot_be_paid() {
	build_and_execute(|| {
		let id = open(0, 1, 1_000);
		let agreed = consent(&Device::of(1), id, 300);
		Blocked::set(&vec![MockMachines::account(1)]);
		assert_noop!(close(signed(0), id, 300, agreed), Error::<Test>::PayeeUnavailable);
		// With nothing to pay, nothing is in the way.
		assert_ok!(close(signed(0), id, 0, consent(&Device::of(1), id, 0)));
	});
}
