//! When payments are accepted: whatever is accepted can be claimed in time.

use super::*;

/// The last block in which a payment through a channel in this state is accepted, and why it is not
/// in the next.
fn last_block(state: ChannelState) -> (u32, Refusal) {
	let (_, mut acceptor) = acceptor(&[state]);
	for (amount, now) in (1..).zip(NOW..) {
		if let Err(refusal) = accept(&mut acceptor, &voucher(0, amount), now) {
			return (now - 1, refusal);
		}
	}
	unreachable!()
}

#[test]
fn payments_should_be_refused_when_the_state_is_too_old() {
	assert_eq!(last_block(vouchers()), (NOW + LIMITS.max_state_age, Refusal::StateTooOld));
}

#[test]
fn payments_should_be_refused_when_they_could_not_be_claimed_before_the_grace_is_over() {
	let closing = |blocks| later(&vouchers(), 0, |channel| channel.closing = Some(NOW + blocks));
	let closed = Refusal::Claim(ClaimFailure::Closed);
	assert_eq!(last_block(closing(LIMITS.claim_margin)), (NOW, closed));
	assert_eq!(last_block(closing(LIMITS.claim_margin + 7)), (NOW + 7, closed));
	assert_eq!(last_block(closing(LIMITS.claim_margin - 1)), (NOW - 1, closed));
}

#[test]
fn payments_should_be_refused_when_they_could_not_be_claimed_before_the_keys_horizon() {
	let replaced = |blocks| ChannelState { signer_until: Some(NOW + blocks), ..vouchers() };
	let expired = Refusal::Claim(ClaimFailure::KeyExpired);
	assert_eq!(last_block(replaced(LIMITS.claim_margin + 7)), (NOW + 7, expired));
	assert_eq!(last_block(replaced(LIMITS.claim_margin - 1)), (NOW - 1, expired));
	// Nobody signs links.
	let chain = ChannelState { signer_until: Some(NOW), ..chained() };
	let (_, mut acceptor) = acceptor(&[chain]);
	accept(&mut acceptor, &reveal(0, 1), NOW).unwrap();
}

#[test]
fn payments_should_be_accepted_for_longer_when_a_later_state_is_proven() {
	let (_, mut acceptor) = acceptor(&[vouchers()]);
	let late = NOW + LIMITS.max_state_age + 1;
	assert_eq!(accept(&mut acceptor, &voucher(0, 1), late), Err(Refusal::StateTooOld));
	acceptor.observe(0, later(&vouchers(), 1, |_| {})).unwrap();
	accept(&mut acceptor, &voucher(0, 1), late).unwrap();
}

#[test]
fn payments_should_be_refused_when_time_has_passed_while_they_were_verified() {
	let (_, mut acceptor) = acceptor(&[vouchers()]);
	let verified = acceptor.check(&voucher(0, 5), NOW).unwrap().verify().unwrap();
	let late = NOW + LIMITS.max_state_age + 1;
	assert_eq!(acceptor.stage(&verified, late), Err(Refusal::StateTooOld));
	acceptor.observe(0, later(&vouchers(), 1, |channel| channel.closing = Some(NOW))).unwrap();
	assert_eq!(acceptor.stage(&verified, NOW), Err(ClaimFailure::Closed.into()));
}

#[test]
fn numbers_at_the_end_of_time_should_not_overflow() {
	let end = ChannelState { at: u32::MAX, ..vouchers() };
	let (_, mut acceptor) = acceptor(std::slice::from_ref(&end));
	accept(&mut acceptor, &voucher(0, 1), u32::MAX).unwrap();
	let plan = acceptor.plan(u32::MAX, &Default::default()).unwrap();
	assert!(plan.batches.is_empty() && plan.lost.is_empty());
	let closing =
		ChannelState { channel: Channel { closing: Some(u32::MAX), ..end.channel.clone() }, ..end };
	acceptor.observe(0, closing).unwrap();
	assert_eq!(acceptor.plan(u32::MAX, &Default::default()).unwrap().batches.len(), 1);
}
