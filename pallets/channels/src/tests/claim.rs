use super::*;

#[test]
fn voucher_should_settle_cumulatively_on_every_curve() {
	build_and_execute(|| {
		for payer in 0..3 {
			let id = open(payer, 5, 1_000);
			let before = wallet(5);
			assert_ok!(submit(voucher(payer, id, 300)));
			assert_eq!(wallet(5), before + 300);
			assert_ok!(submit(voucher(payer, id, 1_000)));
			assert_eq!(wallet(5), before + 1_000);
			assert_eq!(channel(id).open_amount(), 0);
		}
		assert_eq!(Income::get()[&5], 3_000);
	});
}

#[test]
fn voucher_should_settle_once_whatever_the_order() {
	build_and_execute(|| {
		let id = open(0, 1, 1_000);
		let (early, late) = (voucher(0, id, 300), voucher(0, id, 500));
		assert_ok!(submit(late));
		assert_noop!(submit(late), Error::<Test>::NothingNew);
		assert_noop!(submit(early), Error::<Test>::NothingNew);
		assert_noop!(submit(voucher(0, id, 0)), Error::<Test>::NothingNew);
		assert_eq!(channel(id).settled, 500);
	});
}

#[test]
fn voucher_should_be_refused_above_the_deposit() {
	build_and_execute(|| {
		let id = open(0, 1, 1_000);
		assert_noop!(submit(voucher(0, id, 1_001)), Error::<Test>::ExceedsDeposit);
		assert_noop!(submit(voucher(0, id, u128::MAX)), Error::<Test>::ExceedsDeposit);
		assert_ok!(PaymentChannels::top_up(signed(0), id, 1));
		assert_ok!(submit(voucher(0, id, 1_001)));
	});
}

#[test]
fn voucher_should_be_refused_when_anything_it_covers_is_changed() {
	build_and_execute(|| {
		let id = open(0, 1, 1_000);
		let other = open(0, 1, 1_000);
		let good = voucher(0, id, 300);
		let more = SignedVoucher { amount: 301, ..good };
		let elsewhere = SignedVoucher { channel: other, ..good };
		for bad in [more, elsewhere, voucher(3, id, 300), voucher(1, id, 300)] {
			assert_noop!(submit(bad), Error::<Test>::InvalidProof);
		}
		let foreign = Voucher::new([9; 32], id, 300);
		let signature = Device::of(0).sign(&foreign.signing_payload());
		assert_noop!(
			submit(SignedVoucher { channel: id, amount: 300, signature }),
			Error::<Test>::InvalidProof
		);
		assert_ok!(submit(good));
	});
}

#[test]
fn voucher_should_be_refused_when_the_curve_is_renamed() {
	build_and_execute(|| {
		let id = open(0, 1, 1_000);
		let Signature::Ed25519(signature) = voucher(0, id, 1).signature else {
			unreachable!("machine 0 signs with Ed25519")
		};
		let signature = Signature::Sr25519(signature);
		assert_noop!(
			submit(SignedVoucher { channel: id, amount: 1, signature }),
			Error::<Test>::InvalidProof
		);
	});
}

#[test]
fn voucher_of_a_closed_channel_should_be_good_for_nothing() {
	build_and_execute(|| {
		let id = open(0, 1, 1_000);
		let unused = voucher(0, id, 700);
		assert_ok!(PaymentChannels::close(signed(1), id));
		assert_noop!(submit(unused), Error::<Test>::ChannelNotFound);
		// The same payer and payee again: another number, so another channel.
		let again = open(0, 1, 1_000);
		assert_ne!(again, id);
		assert_noop!(submit(unused), Error::<Test>::ChannelNotFound);
		assert_noop!(
			submit(SignedVoucher { channel: again, ..unused }),
			Error::<Test>::InvalidProof
		);
	});
}

#[test]
fn voucher_should_settle_though_its_payer_may_not_act() {
	build_and_execute(|| {
		let id = open(0, 1, 1_000);
		let claim = voucher(0, id, 300);
		Suspended::set(&vec![0]);
		assert_ok!(submit(claim));
	});
}

#[test]
fn voucher_should_be_refused_when_its_key_is_past_the_horizon() {
	build_and_execute(|| {
		let id = open(0, 1, 1_000);
		let claim = voucher(0, id, 300);
		Expired::set(&vec![0]);
		assert_noop!(submit(claim), Error::<Test>::KeyExpired);
		Expired::set(&vec![]);
		assert_ok!(submit(claim));
	});
}

#[test]
fn claim_should_wait_when_the_payee_cannot_take_money() {
	build_and_execute(|| {
		let id = open(0, 1, 1_000);
		Blocked::set(&vec![MockMachines::account(1)]);
		assert_noop!(submit(voucher(0, id, 300)), Error::<Test>::PayeeUnavailable);
		Blocked::set(&vec![]);
		assert_ok!(submit(voucher(0, id, 300)));
	});
}

#[test]
fn voucher_should_be_refused_by_a_hash_chain() {
	build_and_execute(|| {
		let links = chain(3, 1);
		let terms = Terms::HashChain { root: links[0], length: 3, unit: 10 };
		let id = open_with(0, Payee::Machine(1), 30, terms);
		assert_noop!(submit(voucher(0, id, 10)), Error::<Test>::WrongTerms);
	});
}

#[test]
fn money_should_go_to_the_payee_whoever_claims() {
	build_and_execute(|| {
		let payee = AccountId::from([0x77; 32]);
		let id = open_with(0, Payee::Account(payee.clone()), 1_000, Terms::Vouchers);
		let voucher = voucher(0, id, 300);
		assert_noop!(PaymentChannels::claim(RuntimeOrigin::none(), voucher), BadOrigin);
		assert_ok!(PaymentChannels::claim(signed(2), voucher));
		assert_eq!(balance(&payee), 300);
		assert_eq!(wallet(2), FUNDS);
	});
}

#[test]
fn promises_of_other_kinds_should_not_pass_for_vouchers() {
	build_and_execute(|| {
		let id = open(0, 1, 1_000);
		let (_, signature) = consent(&Device::of(0), id, 300);
		assert_noop!(
			submit(SignedVoucher { channel: id, amount: 300, signature }),
			Error::<Test>::InvalidProof
		);
	});
}

#[test]
fn extreme_amounts_should_settle_exactly() {
	build_and_execute(|| {
		let rich = u128::MAX / 2;
		fund(0, rich);
		let id = open(0, 1, rich);
		assert_ok!(PaymentChannels::top_up(signed(0), id, 1));
		assert_noop!(submit(voucher(0, id, rich + 2)), Error::<Test>::ExceedsDeposit);
		assert_ok!(submit(voucher(0, id, 1)));
		assert_ok!(submit(voucher(0, id, rich + 1)));
		assert_eq!((channel(id).settled, wallet(1)), (rich + 1, FUNDS + rich + 1));
	});
}

#[test]
fn claim_should_be_refused_when_the_payee_is_retired() {
	build_and_execute(|| {
		let id = open(0, 1, 1_000);
		Retired::set(&vec![1]);
		assert_noop!(submit(voucher(0, id, 300)), Error::<Test>::PayeeUnavailable);
		// The payer does not wait for ever: nor would it if the payee's owner had closed.
		assert_ok!(PaymentChannels::close(RuntimeOrigin::signed(owner()), id));
		assert_eq!(wallet(0), FUNDS);
	});
}
