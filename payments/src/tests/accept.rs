//! Which payments are accepted, and what is remembered of them.

use super::*;
use crate::{answer, FinishError, ForgetError, StateError};
use dam_primitives::{exchange::Answer, PublicKey, Signature};

#[test]
fn vouchers_should_be_worth_what_is_new() {
	let (_, mut acceptor) = acceptor(&[vouchers()]);
	for (amount, worth) in [(1, 1), (500, 499), (DEPOSIT, DEPOSIT - 500)] {
		let accepted = accept(&mut acceptor, &voucher(0, amount), NOW).unwrap();
		assert_eq!(accepted, Accepted { channel: 0, amount, worth });
		assert_eq!(acceptor.status(0).unwrap().accepted, amount);
	}
	assert_sound(&acceptor);
}

#[test]
fn links_should_be_worth_what_is_new() {
	let (_, mut acceptor) = acceptor(&[chained()]);
	for (index, links) in [(1, 1), (2, 1), (100, 98)] {
		let accepted = accept(&mut acceptor, &reveal(0, index), NOW).unwrap();
		let (amount, worth) = (u128::from(index) * UNIT, links * UNIT);
		assert_eq!(accepted, Accepted { channel: 0, amount, worth });
	}
	assert_sound(&acceptor);
}

#[test]
fn payments_should_be_refused_when_they_bring_nothing_new() {
	let (_, mut acceptor) = acceptor(&[vouchers(), chained()]);
	accept(&mut acceptor, &voucher(0, 500), NOW).unwrap();
	accept(&mut acceptor, &reveal(1, 50), NOW).unwrap();
	for payment in [voucher(0, 500), voucher(0, 499), voucher(0, 0), reveal(1, 50), reveal(1, 0)] {
		let again = accept(&mut acceptor, &payment, NOW);
		assert_eq!(again, refused(ClaimFailure::NothingNew), "{payment:?}");
	}
	assert_eq!(acceptor.status(0).unwrap().accepted, 500);
	assert_eq!(acceptor.status(1).unwrap().accepted, 50 * UNIT);
}

#[test]
fn payments_should_be_refused_when_others_came_in_while_they_were_verified() {
	let (_, mut acceptor) = acceptor(&[vouchers(), chained()]);
	for [less, more] in [[voucher(0, 5), voucher(0, 7)], [reveal(1, 5), reveal(1, 7)]] {
		let verify = |payment| acceptor.check(&payment, NOW).unwrap().verify().unwrap();
		let (less, more) = (verify(less), verify(more));
		let accepted = acceptor.stage(&more, NOW).unwrap();
		for late in [&less, &more] {
			assert_eq!(acceptor.stage(late, NOW), Err(ClaimFailure::NothingNew.into()));
		}
		assert_eq!(acceptor.status(accepted.channel).unwrap().accepted, accepted.amount);
	}
	assert_sound(&acceptor);
}

#[test]
fn payments_should_be_refused_when_they_are_above_the_deposit() {
	let little = later(&chained(), 0, |channel| channel.deposit = 30 * UNIT);
	let (_, mut acceptor) = acceptor(&[vouchers(), little.clone()]);
	for payment in [voucher(0, DEPOSIT + 1), voucher(0, u128::MAX), reveal(1, 31)] {
		let above = accept(&mut acceptor, &payment, NOW);
		assert_eq!(above, refused(ClaimFailure::ExceedsDeposit), "{payment:?}");
	}
	accept(&mut acceptor, &reveal(1, 30), NOW).unwrap();
	// After a top-up there is room.
	acceptor.observe(0, later(&vouchers(), 1, |channel| channel.deposit += 1)).unwrap();
	acceptor.observe(1, later(&little, 1, |channel| channel.deposit += UNIT)).unwrap();
	accept(&mut acceptor, &voucher(0, DEPOSIT + 1), NOW).unwrap();
	accept(&mut acceptor, &reveal(1, 31), NOW).unwrap();
	assert_sound(&acceptor);
}

#[test]
fn payments_should_be_refused_when_they_are_not_the_payers() {
	let (_, mut acceptor) = acceptor(&[vouchers(), vouchers(), chained()]);
	let ChannelPayment::Voucher(good) = voucher(0, 500) else { unreachable!() };
	let Signature::Ed25519(bytes) = good.signature else { unreachable!() };
	let forged = [
		ChannelPayment::Voucher(SignedVoucher { amount: 501, ..good }),
		ChannelPayment::Voucher(SignedVoucher { channel: 1, ..good }),
		ChannelPayment::Voucher(SignedVoucher { signature: Signature::Sr25519(bytes), ..good }),
		voucher_by(&MemoryKey::ed25519(&[8; 32]), 0, 500),
		voucher_by(&MemoryKey::sr25519(&[7; 32]), 0, 500),
		ChannelPayment::Link(RevealedLink { channel: 2, index: 5, link: link(6) }),
		ChannelPayment::Link(RevealedLink { channel: 2, index: 5, link: [0; 32] }),
		ChannelPayment::Link(RevealedLink { channel: 2, index: 1, link: link(0) }),
	];
	for payment in forged {
		let refusal = accept(&mut acceptor, &payment, NOW);
		assert_eq!(refusal, refused(ClaimFailure::InvalidProof), "{payment:?}");
	}
	let kinds = [voucher(2, 500), reveal(0, 5)];
	for payment in kinds {
		assert_eq!(accept(&mut acceptor, &payment, NOW), refused(ClaimFailure::WrongTerms));
	}
	for channel in 0..3 {
		assert_eq!(acceptor.status(channel).unwrap().accepted, 0);
	}
}

#[test]
fn payments_should_be_refused_on_another_chain() {
	let (_, mut acceptor) = acceptor(&[vouchers()]);
	let payload = Voucher::new([2; 32], 0, 500).signing_payload();
	let elsewhere = SignedVoucher { channel: 0, amount: 500, signature: key().sign(&payload) };
	let refusal = accept(&mut acceptor, &ChannelPayment::Voucher(elsewhere), NOW);
	assert_eq!(refusal, refused(ClaimFailure::InvalidProof));
}

#[test]
fn payments_should_be_refused_through_unknown_channels() {
	let (_, mut acceptor) = acceptor(&[vouchers()]);
	assert_eq!(accept(&mut acceptor, &voucher(1, 5), NOW), refused(ClaimFailure::UnknownChannel));
}

#[test]
fn links_should_be_refused_when_they_are_too_far() {
	let (_, mut acceptor) = acceptor(&[chained()]);
	let far = LIMITS.max_hashes + 1;
	assert_eq!(accept(&mut acceptor, &reveal(0, far), NOW), refused(ClaimFailure::TooManyHashes));
	accept(&mut acceptor, &reveal(0, 1), NOW).unwrap();
	accept(&mut acceptor, &reveal(0, far), NOW).unwrap();
}

#[test]
fn answers_should_tell_where_the_payer_stands() {
	let (_, mut acceptor) = acceptor(&[vouchers()]);
	let payments = [voucher(0, 500), voucher(0, 400), voucher(7, 1), voucher(0, 600)];
	let outcomes = acceptor.accept_all(&payments, NOW).unwrap();
	let answers: Vec<_> = outcomes.iter().map(answer).collect();
	let refusal = |failure| Some(Refusal::Claim(failure));
	assert_eq!(
		answers,
		[
			Answer { channel: 0, accepted: 500, refusal: None },
			Answer { channel: 0, accepted: 500, refusal: refusal(ClaimFailure::NothingNew) },
			Answer { channel: 7, accepted: 0, refusal: refusal(ClaimFailure::UnknownChannel) },
			Answer { channel: 0, accepted: 600, refusal: None },
		]
	);
}

#[test]
fn many_payments_should_share_one_write() {
	let (medium, mut acceptor) = acceptor(&[vouchers(), chained()]);
	let payments: Vec<_> = (1..=50).flat_map(|at| [voucher(0, at.into()), reveal(1, at)]).collect();
	let before = medium.syncs();
	accept(&mut acceptor, &voucher_by(&key(), 0, 1), NOW).unwrap();
	let one = medium.syncs() - before;
	let staged = acceptor.stage_all(&payments, NOW);
	assert_eq!(medium.syncs() - before, one, "nothing is written before it is kept");
	assert_eq!(staged.accepted(), 99, "one of them was accepted before");
	let outcomes = acceptor.keep(staged).unwrap();
	assert_eq!(medium.syncs() - before, 2 * one, "a hundred cost as many syncs as one");
	assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 99);
	let reopened = acceptor_on(&Medium::from_image(medium.image()));
	assert_eq!(reopened.status(0).unwrap().accepted, 50);
	assert_eq!(reopened.status(1).unwrap().accepted, 50 * UNIT);
}

#[test]
fn what_was_accepted_should_survive_a_power_cut() {
	let (medium, mut acceptor) = acceptor(&[vouchers(), chained()]);
	accept(&mut acceptor, &voucher(0, 500), NOW).unwrap();
	accept(&mut acceptor, &reveal(1, 7), NOW).unwrap();
	let mut reopened = acceptor_on(&medium.cut_power(|| false));
	assert_eq!(reopened.records, acceptor.records);
	let again = accept(&mut reopened, &voucher(0, 500), NOW);
	assert_eq!(again, refused(ClaimFailure::NothingNew), "the same voucher is not paid twice");
	accept(&mut reopened, &reveal(1, 8), NOW).unwrap();
}

#[test]
fn what_was_only_staged_should_not_count() {
	let (medium, mut acceptor) = acceptor(&[vouchers()]);
	assert_eq!(acceptor.stage_all(&[voucher(0, 500)], NOW).accepted(), 1);
	let reopened = acceptor_on(&medium.cut_power(|| true));
	assert_eq!(reopened.status(0).unwrap().accepted, 0);
}

#[test]
fn nothing_should_be_accepted_after_a_write_has_failed() {
	let (medium, mut acceptor) = acceptor(&[vouchers()]);
	accept(&mut acceptor, &voucher(0, 100), NOW).unwrap();
	medium.fail_after(1);
	for amount in [200, 300] {
		let result = acceptor.accept(&voucher(0, amount), NOW);
		assert!(matches!(result, Err(AcceptError::Store(_))), "{result:?}");
	}
	// Nothing new, but nothing may be said of what is on disk either.
	assert!(matches!(acceptor.accept(&voucher(0, 100), NOW), Err(AcceptError::Store(_))));
	assert!(acceptor.in_flight().is_err());
	assert!(acceptor.plan(NOW, &Default::default()).is_err());
	let reopened = acceptor_on(&medium.cut_power(|| false));
	assert_eq!(reopened.status(0).unwrap().accepted, 100);
}

#[test]
fn channels_should_be_refused_when_they_are_not_for_this_payee() {
	let (_, mut acceptor) = acceptor(&[]);
	let cases = [
		(
			later(&vouchers(), 0, |channel| channel.payee = Payee::Machine(8)),
			StateError::OtherPayee,
		),
		(
			later(&vouchers(), 0, |channel| channel.payee = Payee::Account([9; 32])),
			StateError::OtherPayee,
		),
		(
			later(&vouchers(), 0, |channel| channel.grace = 139),
			StateError::GraceTooShort { grace: 139, least: 140 },
		),
		(later(&vouchers(), 0, |channel| channel.settled = DEPOSIT + 1), StateError::Impossible),
	];
	for (state, expected) in cases {
		assert_eq!(acceptor.observe(0, state), Err(expected));
	}
	assert_eq!(acceptor.channels().count(), 0);
	acceptor.observe(0, later(&vouchers(), 0, |channel| channel.grace = 140)).unwrap();
	// The wallet's address is as good as the number.
	let wallet = Payee::Account(dam_primitives::machine_account(9));
	acceptor.observe(1, later(&vouchers(), 0, |channel| channel.payee = wallet)).unwrap();
}

#[test]
fn channels_should_be_refused_when_there_is_no_room() {
	let states = vec![vouchers(); LIMITS.max_channels as usize];
	let (_, mut acceptor) = acceptor(&states);
	assert_eq!(acceptor.observe(9, vouchers()), Err(StateError::TooManyChannels(4)));
	acceptor.observe(3, later(&vouchers(), 1, |_| {})).unwrap();
	acceptor.forget_closed(2, NOW + 1).unwrap();
	acceptor.observe(9, later(&vouchers(), 1, |_| {})).unwrap();
}

#[test]
fn older_states_should_change_nothing() {
	let (_, mut acceptor) = acceptor(&[vouchers()]);
	let new = later(&vouchers(), 5, |channel| channel.settled = 70);
	acceptor.observe(0, new.clone()).unwrap();
	acceptor.observe(0, later(&vouchers(), 4, |channel| channel.settled = 60)).unwrap();
	assert_eq!(acceptor.status(0).unwrap().state, new);
	let contradiction = later(&vouchers(), 6, |channel| channel.settled = 69);
	assert_eq!(acceptor.observe(0, contradiction), Err(StateError::Contradiction));
	assert_eq!(acceptor.status(0).unwrap().state, new);
}

#[test]
fn channel_should_begin_with_what_is_settled() {
	let mut half = later(&chained(), 0, |channel| channel.settled = 500 * UNIT);
	half.channel.lock = Lock::HashChain { link: link(500), index: 500, length: LENGTH, unit: UNIT };
	let settled = later(&vouchers(), 0, |channel| channel.settled = 500);
	let (_, mut acceptor) = acceptor(&[settled, half]);
	assert_eq!(accept(&mut acceptor, &voucher(0, 500), NOW), refused(ClaimFailure::NothingNew));
	assert_eq!(accept(&mut acceptor, &voucher(0, 501), NOW).unwrap().worth, 1);
	assert_eq!(accept(&mut acceptor, &reveal(1, 500), NOW), refused(ClaimFailure::NothingNew));
	assert_eq!(accept(&mut acceptor, &reveal(1, 502), NOW).unwrap().worth, 2 * UNIT);
	assert_sound(&acceptor);
}

#[test]
fn what_somebody_else_claims_should_not_be_worth_anything_again() {
	let (_, mut acceptor) = acceptor(&[vouchers(), chained()]);
	accept(&mut acceptor, &voucher(0, 100), NOW).unwrap();
	accept(&mut acceptor, &reveal(1, 10), NOW).unwrap();
	// More than was ever shown here.
	acceptor.observe(0, later(&vouchers(), 1, |channel| channel.settled = 300)).unwrap();
	let claimed = later(&chained(), 1, |channel| {
		channel.settled = 30 * UNIT;
		channel.lock = Lock::HashChain { link: link(30), index: 30, length: LENGTH, unit: UNIT };
	});
	acceptor.observe(1, claimed).unwrap();
	assert_sound(&acceptor);
	assert_eq!(accept(&mut acceptor, &voucher(0, 300), NOW), refused(ClaimFailure::NothingNew));
	assert_eq!(accept(&mut acceptor, &voucher(0, 301), NOW).unwrap().worth, 1);
	assert_eq!(accept(&mut acceptor, &reveal(1, 30), NOW), refused(ClaimFailure::NothingNew));
	assert_eq!(accept(&mut acceptor, &reveal(1, 31), NOW).unwrap().worth, UNIT);
	assert_eq!(acceptor.status(0).unwrap().unsettled, 1);
	assert_sound(&acceptor);
}

#[test]
fn nothing_should_be_accepted_through_a_finished_channel() {
	let (medium, mut acceptor) = acceptor(&[vouchers()]);
	accept(&mut acceptor, &voucher(0, 100), NOW).unwrap();
	assert_eq!(acceptor.finish(0).unwrap(), 100);
	assert_eq!(accept(&mut acceptor, &voucher(0, 200), NOW), Err(Refusal::Finished));
	let mut reopened = acceptor_on(&medium.cut_power(|| false));
	assert_eq!(accept(&mut reopened, &voucher(0, 200), NOW), Err(Refusal::Finished));
	assert!(matches!(acceptor.finish(5), Err(FinishError::UnknownChannel(5))));
}

#[test]
fn closed_channels_should_not_come_back_to_life() {
	let (medium, mut acceptor) = acceptor(&[vouchers()]);
	accept(&mut acceptor, &voucher(0, 100), NOW).unwrap();
	for at in [NOW - 1, NOW] {
		// Before it was opened, there was no such channel either.
		let result = acceptor.forget_closed(0, at);
		assert!(matches!(result, Err(ForgetError::TooOld { seen: NOW, .. })), "{result:?}");
	}
	assert_eq!(acceptor.forget_closed(0, NOW + 5).unwrap(), 100, "what was not seen settled");
	assert!(matches!(acceptor.forget_closed(0, NOW + 6), Err(ForgetError::UnknownChannel(0))));
	let mut reopened = acceptor_on(&medium.cut_power(|| false));
	for acceptor in [&mut acceptor, &mut reopened] {
		// An old proof that came late would make every old voucher worth its goods once more.
		let stale = later(&vouchers(), 4, |_| {});
		let expected = StateError::TooOld { at: NOW + 4, gone_at: NOW + 5 };
		assert_eq!(acceptor.observe(0, stale), Err(expected));
		let outcome = accept(acceptor, &voucher(0, 100), NOW + 5);
		assert_eq!(outcome, refused(ClaimFailure::UnknownChannel));
		acceptor.observe(1, later(&vouchers(), 5, |_| {})).unwrap();
	}
}

#[test]
fn keys_of_every_curve_should_pay() {
	let keys = [
		MemoryKey::ed25519(&[7; 32]),
		MemoryKey::sr25519(&[7; 32]),
		MemoryKey::ecdsa(&[7; 32]).unwrap(),
	];
	let lock = |signer: PublicKey| proven(channel(Lock::Vouchers { signer }));
	let states: Vec<_> = keys.iter().map(|key| lock(key.public())).collect();
	let (medium, mut acceptor) = acceptor(&states);
	for (channel, key) in (0..).zip(&keys) {
		accept(&mut acceptor, &voucher_by(key, channel, 5), NOW).unwrap();
		for other in keys.iter().filter(|other| other.public() != key.public()) {
			let outcome = accept(&mut acceptor, &voucher_by(other, channel, 6), NOW);
			assert_eq!(outcome, refused(ClaimFailure::InvalidProof));
		}
	}
	assert_eq!(acceptor_on(&medium.cut_power(|| false)).records, acceptor.records);
}

#[test]
fn channel_that_is_seen_again_unchanged_should_not_be_written() {
	let (medium, mut acceptor) = acceptor(&[vouchers()]);
	accept(&mut acceptor, &voucher(0, 5), NOW).unwrap();
	let before = medium.syncs();
	for blocks in 1..50 {
		acceptor.observe(0, later(&vouchers(), blocks, |_| {})).unwrap();
		acceptor.commit().unwrap();
	}
	assert_eq!(medium.syncs(), before);
	// It counts all the same: the state is not too old.
	accept(&mut acceptor, &voucher(0, 6), NOW + 50).unwrap();
	let settled = later(&vouchers(), 51, |channel| channel.settled = 6);
	acceptor.observe(0, settled.clone()).unwrap();
	acceptor.commit().unwrap();
	let reopened = acceptor_on(&medium.cut_power(|| false));
	assert_eq!(reopened.status(0).unwrap().state, settled);
}
