use super::*;

fn submit_all(vouchers: Vec<SignedVoucher>) {
	assert_ok!(PaymentChannels::claim_batch(stranger(), VoucherBatch::truncate_from(vouchers)));
}

#[test]
fn batch_should_settle_the_good_and_report_the_bad() {
	build_and_execute(|| {
		let ids: Vec<_> = (0..5).map(|payer| open(payer, 6, 1_000)).collect();
		Expired::set(&vec![4]);
		submit_all(vec![
			voucher(0, ids[0], 100),
			voucher(1, ids[1], 1_001),
			voucher(2, ids[2], 300),
			voucher(0, ids[0], 100),
			voucher(0, ids[3], 100),
			voucher(0, 99, 100),
			voucher(4, ids[4], 100),
			voucher(0, ids[0], 150),
		]);
		let failed = [
			(1, ClaimFailure::ExceedsDeposit),
			(3, ClaimFailure::NothingNew),
			(4, ClaimFailure::InvalidProof),
			(5, ClaimFailure::UnknownChannel),
			(6, ClaimFailure::KeyExpired),
		]
		.map(|(index, reason)| FailedClaim { index, reason });
		System::assert_last_event(
			Event::BatchClaimed {
				settled: 3,
				total: 450,
				failed: BoundedVec::truncate_from(failed.to_vec()),
			}
			.into(),
		);
		assert_eq!(Income::get()[&6], 450);
	});
}

#[test]
fn batch_should_pay_payees_of_their_own() {
	build_and_execute(|| {
		let ids: Vec<_> = (0..4).map(|payer| open(payer, payer + 5, 1_000)).collect();
		Blocked::set(&vec![MockMachines::account(7)]);
		submit_all((0..4).map(|payer| voucher(payer, ids[payer as usize], 10)).collect());
		assert_eq!(Income::get().into_iter().collect::<Vec<_>>(), [(5, 10), (6, 10), (8, 10)]);
		assert_eq!(channel(ids[2]).settled, 0);
	});
}

#[test]
fn empty_batch_should_do_nothing() {
	build_and_execute(|| {
		submit_all(vec![]);
		System::assert_last_event(
			Event::BatchClaimed { settled: 0, total: 0, failed: BoundedVec::new() }.into(),
		);
	});
}

#[test]
fn batch_should_leave_escrow_at_once() {
	build_and_execute(|| {
		let id = open(0, 1, 1_000);
		submit_all((1..=100).map(|amount| voucher(0, id, amount)).collect());
		assert_eq!(PayOutsBegun::get(), 1);
		assert_eq!(channel(id).settled, 100);
	});
}

#[test]
fn batch_should_name_every_failure() {
	use ClaimFailure::*;
	build_and_execute(|| {
		let vouchers = [open(0, 1, 1_000), open(1, 2, 1_000), open(2, 3, 1_000), open(4, 5, 1_000)];
		let links = chain(3, 1);
		let terms = Terms::HashChain { root: links[0], length: 3, unit: 10 };
		let linked = open_with(0, Payee::Machine(1), 30, terms);
		assert_ok!(PaymentChannels::request_close(signed(1), vouchers[1]));
		System::set_block_number(System::block_number() + MIN_GRACE + 1);
		Blocked::set(&vec![MockMachines::account(3)]);
		Expired::set(&vec![4]);
		submit_all(vec![
			voucher(0, 99, 1),
			voucher(0, linked, 10),
			voucher(1, vouchers[1], 1),
			voucher(1, vouchers[0], 1),
			voucher(0, vouchers[0], 0),
			voucher(0, vouchers[0], 1_001),
			voucher(4, vouchers[3], 1),
			voucher(2, vouchers[2], 1),
			voucher(0, vouchers[0], 1),
		]);
		let reasons = [
			UnknownChannel,
			WrongTerms,
			Closed,
			InvalidProof,
			NothingNew,
			ExceedsDeposit,
			KeyExpired,
			PayeeUnavailable,
		];
		let failed =
			(0..).zip(reasons).map(|(index, reason)| FailedClaim { index, reason }).collect();
		System::assert_last_event(
			Event::BatchClaimed { settled: 1, total: 1, failed: BoundedVec::truncate_from(failed) }
				.into(),
		);
	});
}

#[test]
fn batch_should_settle_nothing_when_escrow_is_short() {
	build_and_execute(|| {
		let id = open(0, 1, 1_000);
		EscrowIsShort::set(&true);
		let vouchers = VoucherBatch::truncate_from(vec![voucher(0, id, 300)]);
		// As a dispatch does: what the call stored goes with it.
		let result = frame_support::storage::with_storage_layer(|| {
			PaymentChannels::claim_batch(stranger(), vouchers)
		});
		assert_eq!(result, Err(Error::<Test>::EscrowShort.into()));
		assert_eq!((channel(id).settled, wallet(1)), (0, FUNDS));
	});
}

#[test]
fn largest_batch_should_settle_and_a_larger_one_not_decode() {
	use codec::{Decode, Encode};
	build_and_execute(|| {
		let id = open(0, 1, 1_000);
		let vouchers: Vec<_> =
			(1..=u128::from(MAX_CLAIMS)).map(|amount| voucher(0, id, amount)).collect();
		submit_all(vouchers.clone());
		assert_eq!(channel(id).settled, u128::from(MAX_CLAIMS));
		let mut larger = vouchers;
		larger.push(voucher(0, id, 1_000));
		assert!(VoucherBatch::decode(&mut &larger.encode()[..]).is_err());
	});
}

#[test]
fn batch_should_be_refused_without_a_signature() {
	build_and_execute(|| {
		let vouchers = VoucherBatch::new();
		assert_noop!(PaymentChannels::claim_batch(RuntimeOrigin::none(), vouchers), BadOrigin);
	});
}
