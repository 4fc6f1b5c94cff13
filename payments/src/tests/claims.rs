//! What is claimed, when, and when again.

use super::*;
use crate::{ClaimPolicy, ClaimReason, Claims, Lost, Plan};
use dam_primitives::{
	channel::{MAX_CLAIMS, MAX_HASHES_PER_CLAIM},
	crypto::SoftwareBlake2,
	payword::descend,
};

/// Claims nothing by itself within these tests' numbers.
const PATIENT: ClaimPolicy =
	ClaimPolicy { max_unsettled: u128::MAX, max_age: u32::MAX, headroom: 0, lifetime: 10 };

fn reasons(plan: &Plan) -> Vec<ClaimReason> {
	plan.due.iter().map(|(_, reason)| *reason).collect()
}

/// The only batch of a plan, as channels with amounts.
fn vouchers_of(plan: &Plan) -> Vec<(ChannelId, u128)> {
	let [batch] = &plan.batches[..] else { panic!("{plan:?}") };
	let Claims::Vouchers(vouchers) = &batch.claims else { panic!("{plan:?}") };
	vouchers.iter().map(|voucher| (voucher.channel, voucher.amount)).collect()
}

#[test]
fn nothing_should_be_claimed_before_there_is_a_reason() {
	let (_, mut acceptor) = acceptor(&[vouchers(), chained()]);
	assert_eq!(acceptor.plan(NOW, &PATIENT).unwrap(), Plan::default());
	accept(&mut acceptor, &voucher(0, DEPOSIT - 1), NOW).unwrap();
	accept(&mut acceptor, &reveal(1, 100), NOW).unwrap();
	let last = NOW + vouchers().channel.grace - LIMITS.claim_margin - 1;
	assert_eq!(acceptor.plan(last, &PATIENT).unwrap(), Plan::default());
	assert_eq!(acceptor.in_flight().unwrap(), []);
}

#[test]
fn claims_should_be_made_when_the_channel_was_not_seen_for_nearly_its_grace_period() {
	let (_, mut acceptor) = acceptor(&[vouchers(), chained()]);
	accept(&mut acceptor, &voucher(0, 500), NOW).unwrap();
	accept(&mut acceptor, &reveal(1, 100), NOW).unwrap();
	// The payer may have asked to close in the block after the proof.
	let last = NOW + vouchers().channel.grace - LIMITS.claim_margin;
	assert_eq!(acceptor.plan(last - 1, &PATIENT).unwrap(), Plan::default());
	let plan = acceptor.plan(last, &PATIENT).unwrap();
	assert_eq!(plan.due, [(1, ClaimReason::Unseen), (0, ClaimReason::Unseen)]);
	assert_eq!(acceptor.plan(last + 1, &PATIENT).unwrap(), Plan::default(), "it is under way");

	// Whoever sees the channel has no reason.
	let (_, mut acceptor) = self::acceptor(&[vouchers()]);
	accept(&mut acceptor, &voucher(0, 500), NOW).unwrap();
	acceptor.observe(0, later(&vouchers(), 1, |_| {})).unwrap();
	assert_eq!(acceptor.plan(last, &PATIENT).unwrap(), Plan::default());
}

#[test]
fn claims_should_be_made_for_their_reasons() {
	let claim = |policy: ClaimPolicy, now: u32| {
		let (_, mut acceptor) = acceptor(&[vouchers()]);
		accept(&mut acceptor, &voucher(0, 400), NOW).unwrap();
		accept(&mut acceptor, &voucher(0, 500), NOW + 9).unwrap();
		reasons(&acceptor.plan(now, &policy).unwrap())
	};
	let amount = |max_unsettled| ClaimPolicy { max_unsettled, ..PATIENT };
	assert_eq!(claim(amount(501), NOW + 9), []);
	assert_eq!(claim(amount(500), NOW + 9), [ClaimReason::Amount]);
	let age = ClaimPolicy { max_age: 50, ..PATIENT };
	assert_eq!(claim(age, NOW + 49), []);
	assert_eq!(claim(age, NOW + 50), [ClaimReason::Age]);
	let headroom = |headroom| ClaimPolicy { headroom, ..PATIENT };
	assert_eq!(claim(headroom(DEPOSIT - 501), NOW + 9), []);
	assert_eq!(claim(headroom(DEPOSIT - 500), NOW + 9), [ClaimReason::Exhausted]);
}

#[test]
fn exhausted_and_finished_channels_should_be_claimed() {
	let (_, mut acceptor) = acceptor(&[vouchers(), vouchers(), vouchers()]);
	accept(&mut acceptor, &voucher(0, DEPOSIT), NOW).unwrap();
	accept(&mut acceptor, &voucher(1, 5), NOW).unwrap();
	acceptor.finish(1).unwrap();
	acceptor.finish(2).unwrap();
	let plan = acceptor.plan(NOW, &PATIENT).unwrap();
	assert_eq!(plan.due, [(0, ClaimReason::Exhausted), (1, ClaimReason::Finished)]);
	assert_eq!(vouchers_of(&plan), [(0, DEPOSIT), (1, 5)]);
	assert_eq!(plan.closable, [2], "nothing is owed through it");
}

#[test]
fn claims_should_be_made_when_the_payer_closes() {
	let (_, mut acceptor) = acceptor(&[vouchers(), vouchers()]);
	accept(&mut acceptor, &voucher(0, 5), NOW).unwrap();
	for channel in 0..2 {
		let closing = later(&vouchers(), 1, |channel| channel.closing = Some(NOW + 1_000));
		acceptor.observe(channel, closing).unwrap();
	}
	let plan = acceptor.plan(NOW + 1, &PATIENT).unwrap();
	assert_eq!(plan.due, [(0, ClaimReason::Closing)]);
	assert_eq!(plan.closable, [1]);
	// Once it is settled, there is no reason to let the payer wait.
	let settled = later(&vouchers(), 9, |channel| {
		(channel.closing, channel.settled) = (Some(NOW + 1_000), 5);
	});
	acceptor.observe(0, settled).unwrap();
	assert_eq!(acceptor.plan(NOW + 9, &PATIENT).unwrap().closable, [0, 1]);
}

#[test]
fn claims_should_be_made_before_the_keys_horizon() {
	let (_, mut acceptor) = acceptor(&[vouchers()]);
	accept(&mut acceptor, &voucher(0, 5), NOW).unwrap();
	let until = NOW + 5_000;
	let replaced = ChannelState { signer_until: Some(until), ..later(&vouchers(), 4_500, |_| {}) };
	acceptor.observe(0, replaced).unwrap();
	let plan = acceptor.plan(until - LIMITS.claim_margin - 1, &PATIENT).unwrap();
	assert_eq!(reasons(&plan), []);
	let plan = acceptor.plan(until - LIMITS.claim_margin, &PATIENT).unwrap();
	assert_eq!(reasons(&plan), [ClaimReason::KeyHorizon]);
}

#[test]
fn claims_should_be_under_way_once() {
	let (medium, mut acceptor) = acceptor(&[vouchers()]);
	accept(&mut acceptor, &voucher(0, DEPOSIT - 1), NOW).unwrap();
	let eager = ClaimPolicy { max_unsettled: 1, ..PATIENT };
	let plan = acceptor.plan(NOW, &eager).unwrap();
	assert_eq!(vouchers_of(&plan), [(0, DEPOSIT - 1)]);
	assert_eq!((plan.batches[0].number, plan.batches[0].until), (0, NOW + 10));
	assert_eq!(acceptor.status(0).unwrap().submitted, Some(DEPOSIT - 1));
	// More comes in meanwhile; it waits for the fate of what is under way.
	accept(&mut acceptor, &voucher(0, DEPOSIT), NOW + 1).unwrap();
	assert_eq!(acceptor.plan(NOW + 1, &eager).unwrap(), Plan::default());
	let mut reopened = acceptor_on(&medium.cut_power(|| false));
	assert_eq!(reopened.in_flight().unwrap(), plan.batches);
	assert_eq!(reopened.plan(NOW + 1, &eager).unwrap(), Plan::default());
	for acceptor in [&mut acceptor, &mut reopened] {
		let settled = later(&vouchers(), 2, |channel| channel.settled = DEPOSIT - 1);
		acceptor.observe(0, settled).unwrap();
		assert_sound(acceptor);
		assert_eq!(acceptor.in_flight().unwrap(), []);
		let next = acceptor.plan(NOW + 2, &eager).unwrap();
		assert_eq!(vouchers_of(&next), [(0, DEPOSIT)]);
		assert_eq!(next.batches[0].number, 1, "numbers are never reused");
	}
}

#[test]
fn claims_should_be_made_again_when_their_transaction_is_dead() {
	let (_, mut acceptor) = acceptor(&[vouchers()]);
	accept(&mut acceptor, &voucher(0, 500), NOW).unwrap();
	let eager = ClaimPolicy { max_unsettled: 1, ..PATIENT };
	let mut now = NOW;
	let mut numbers = Vec::new();
	for failures in 0..14 {
		let plan = acceptor.plan(now, &eager).unwrap();
		assert_eq!(vouchers_of(&plan), [(0, 500)]);
		numbers.push(plan.batches[0].number);
		let until = plan.batches[0].until;
		assert_eq!(until, now + 10);
		// The last block in which it can be included is final, but perhaps it is in just that one.
		acceptor.observe(0, later(&vouchers(), until - NOW, |_| {})).unwrap();
		assert_eq!(acceptor.plan(until, &eager).unwrap(), Plan::default());
		acceptor.observe(0, later(&vouchers(), until + 1 - NOW, |_| {})).unwrap();
		assert_sound(&acceptor);
		assert_eq!(acceptor.status(0).unwrap().failures, failures + 1);
		// It waits longer each time, up to about a quarter of an hour.
		let wait = 1 << failures.min(10);
		acceptor.observe(0, later(&vouchers(), until + wait - NOW, |_| {})).unwrap();
		assert_eq!(acceptor.plan(until + wait, &eager).unwrap(), Plan::default());
		now = until + 1 + wait;
	}
	assert_eq!(numbers, (0..14).collect::<Vec<_>>());
	let settled = later(&vouchers(), now - NOW, |channel| channel.settled = 500);
	acceptor.observe(0, settled).unwrap();
	assert_eq!(acceptor.status(0).unwrap().failures, 0);
}

#[test]
fn urgent_claims_should_not_wait() {
	let (_, mut acceptor) = acceptor(&[vouchers()]);
	accept(&mut acceptor, &voucher(0, 500), NOW).unwrap();
	let closing = |blocks| {
		later(&vouchers(), blocks, |channel| channel.closing = Some(NOW + LIMITS.claim_margin))
	};
	acceptor.observe(0, closing(0)).unwrap();
	assert_eq!(vouchers_of(&acceptor.plan(NOW, &PATIENT).unwrap()), [(0, 500)]);
	acceptor.observe(0, closing(11)).unwrap();
	assert_eq!(acceptor.status(0).unwrap().failures, 1);
	assert_eq!(vouchers_of(&acceptor.plan(NOW + 11, &PATIENT).unwrap()), [(0, 500)]);
	acceptor.observe(0, closing(22)).unwrap();
	assert_eq!(vouchers_of(&acceptor.plan(NOW + 22, &PATIENT).unwrap()), [(0, 500)]);
}

#[test]
fn urgent_claims_should_overtake_smaller_ones() {
	let (_, mut acceptor) = acceptor(&[vouchers()]);
	accept(&mut acceptor, &voucher(0, 500), NOW).unwrap();
	let eager = ClaimPolicy { max_unsettled: 1, ..PATIENT };
	acceptor.plan(NOW, &eager).unwrap();
	accept(&mut acceptor, &voucher(0, 600), NOW + 1).unwrap();
	let closing = later(&vouchers(), 2, |channel| channel.closing = Some(NOW + 100));
	acceptor.observe(0, closing).unwrap();
	assert_eq!(vouchers_of(&acceptor.plan(NOW + 2, &eager).unwrap()), [(0, 600)]);
	assert_sound(&acceptor);
	assert_eq!(acceptor.plan(NOW + 3, &eager).unwrap(), Plan::default());
	// The smaller one settles all the same: the larger one is still under way.
	let settled = later(&vouchers(), 4, |channel| {
		(channel.closing, channel.settled) = (Some(NOW + 100), 500);
	});
	acceptor.observe(0, settled).unwrap();
	assert_eq!(acceptor.status(0).unwrap().submitted, Some(600));
	assert_sound(&acceptor);
}

#[test]
fn lost_claims_should_be_reported_until_the_channel_is_forgotten() {
	let (_, mut acceptor) = acceptor(&[vouchers()]);
	accept(&mut acceptor, &voucher(0, 500), NOW).unwrap();
	let last = NOW + 200;
	let closing = |blocks| later(&vouchers(), blocks, |channel| channel.closing = Some(last));
	acceptor.observe(0, closing(1)).unwrap();
	// Too late to claim, too early to know.
	let plan = acceptor.plan(last + 1, &PATIENT).unwrap();
	assert_eq!(plan, Plan::default());
	acceptor.observe(0, closing(200)).unwrap();
	assert_eq!(acceptor.plan(last + 1, &PATIENT).unwrap(), Plan::default());
	acceptor.observe(0, closing(201)).unwrap();
	for _ in 0..2 {
		let plan = acceptor.plan(last + 1, &PATIENT).unwrap();
		assert_eq!(plan.lost, [Lost { channel: 0, amount: 500 }]);
		assert!(plan.batches.is_empty());
	}
	assert_eq!(acceptor.forget_closed(0, last + 5).unwrap(), 500);
	assert_eq!(acceptor.plan(last + 6, &PATIENT).unwrap(), Plan::default());
}

#[test]
fn claims_should_be_batched_the_most_urgent_first() {
	let medium = Medium::default();
	let limits = Limits { max_channels: 2_000, ..LIMITS };
	let mut acceptor = Acceptor::open_on(medium.clone(), GENESIS, &PAYEE, limits).unwrap();
	let count = u64::from(MAX_CLAIMS) + 100;
	for id in 0..count {
		acceptor.observe(id, vouchers()).unwrap();
	}
	let payments: Vec<_> = (0..count).map(|id| voucher(id, u128::from(id) + 1)).collect();
	let outcomes = acceptor.accept_all(&payments, NOW).unwrap();
	assert!(outcomes.iter().all(Result::is_ok));
	// Channel 3 closes soon, channel 2 a little later.
	for (id, grace) in [(3, 300), (2, 400)] {
		let closing = later(&vouchers(), 1, |channel| channel.closing = Some(NOW + grace));
		acceptor.observe(id, closing).unwrap();
	}
	let eager = ClaimPolicy { max_unsettled: 1, ..PATIENT };
	let plan = acceptor.plan(NOW + 1, &eager).unwrap();
	let channels = |batch: usize| -> Vec<ChannelId> {
		let Claims::Vouchers(vouchers) = &plan.batches[batch].claims else { panic!() };
		vouchers.iter().map(|voucher| voucher.channel).collect()
	};
	assert_eq!(plan.batches.len(), 2);
	assert_eq!(channels(0).len(), MAX_CLAIMS as usize);
	assert_eq!(channels(1).len(), 100);
	assert_eq!(channels(0)[..4], [3, 2, count - 1, count - 2], "then the largest");
	assert_eq!(channels(1)[99], 0);
	assert_eq!(acceptor.in_flight().unwrap(), plan.batches, "in the same order");
	let reopened = Acceptor::open_on(medium.cut_power(|| false), GENESIS, &PAYEE, limits).unwrap();
	assert_eq!(reopened.in_flight().unwrap(), plan.batches);
}

#[test]
fn far_links_should_be_claimed_in_steps() {
	let length = 1_000_000;
	let link = |index: u32| descend::<SoftwareBlake2>(&[3; 32], length - index);
	let lock = |index| Lock::HashChain { link: link(index), index, length, unit: 1 };
	let state = |index: u32| {
		proven(Channel { deposit: length.into(), settled: index.into(), ..channel(lock(index)) })
	};
	let limits = Limits { max_hashes: length, ..LIMITS };
	let open =
		|medium: &Medium| Acceptor::open_on(medium.clone(), GENESIS, &PAYEE, limits).unwrap();
	let medium = Medium::default();
	let mut acceptor = open(&medium);
	acceptor.observe(0, state(5)).unwrap();
	let reveal =
		|index| ChannelPayment::Link(RevealedLink { channel: 0, index, link: link(index) });

	let near = 5 + MAX_HASHES_PER_CLAIM - 1;
	accept(&mut acceptor, &reveal(near), NOW).unwrap();
	assert_eq!(acceptor.plan(NOW, &PATIENT).unwrap(), Plan::default());
	let far = 5 + 3 * MAX_HASHES_PER_CLAIM + 7;
	accept(&mut acceptor, &reveal(far), NOW).unwrap();
	let plan = acceptor.plan(NOW, &PATIENT).unwrap();
	assert_eq!(reasons(&plan), [ClaimReason::Far]);
	let expected = [12, 10_012, 20_012, 30_012].map(|index| RevealedLink {
		channel: 0,
		index,
		link: link(index),
	});
	assert_eq!(plan.batches[0].claims, Claims::Links(expected.to_vec()));
	assert_eq!(open(&medium.cut_power(|| false)).in_flight().unwrap(), plan.batches);

	// Two of the four settle before their transactions are dead.
	acceptor.observe(0, ChannelState { at: NOW + 5, ..state(10_012) }).unwrap();
	assert_sound(&acceptor);
	let left = Claims::Links(expected[2..].to_vec());
	assert_eq!(acceptor.in_flight().unwrap()[0].claims, left);
	acceptor.observe(0, ChannelState { at: NOW + 11, ..state(10_012) }).unwrap();
	assert_sound(&acceptor);
	let again = acceptor.plan(NOW + 12, &PATIENT).unwrap();
	assert_eq!(again.batches[0].claims, left);
	acceptor.observe(0, ChannelState { at: NOW + 13, ..state(far) }).unwrap();
	assert_eq!(acceptor.status(0).unwrap().unsettled, 0);
	assert_sound(&acceptor);

	// Farther than 64 claims reach: the rest is claimed next.
	accept(&mut acceptor, &reveal(length), NOW + 13).unwrap();
	let plan = acceptor.plan(NOW + 13, &PATIENT).unwrap();
	let Claims::Links(steps) = &plan.batches[0].claims else { panic!() };
	assert_eq!((steps[0].index, steps.len()), (far + MAX_HASHES_PER_CLAIM, 64));
	let reached = far + 64 * MAX_HASHES_PER_CLAIM;
	assert_eq!(steps[63], RevealedLink { channel: 0, index: reached, link: link(reached) });
	assert_sound(&acceptor);
	acceptor.observe(0, ChannelState { at: NOW + 14, ..state(reached) }).unwrap();
	assert_sound(&acceptor);
	let rest = acceptor.plan(NOW + 14, &PATIENT).unwrap();
	assert_eq!(rest.due, [(0, ClaimReason::Exhausted)]);
	acceptor.observe(0, ChannelState { at: NOW + 15, ..state(length) }).unwrap();
	assert_eq!(acceptor.status(0).unwrap().unsettled, 0);
}

#[test]
fn age_should_count_from_the_oldest_payment_that_is_not_settled() {
	let (_, mut acceptor) = acceptor(&[vouchers()]);
	let policy = ClaimPolicy { max_age: 15, ..PATIENT };
	accept(&mut acceptor, &voucher(0, 100), NOW).unwrap();
	assert_eq!(reasons(&acceptor.plan(NOW + 15, &policy).unwrap()), [ClaimReason::Age]);
	accept(&mut acceptor, &voucher(0, 200), NOW + 18).unwrap();
	acceptor.observe(0, later(&vouchers(), 20, |channel| channel.settled = 100)).unwrap();
	assert_eq!(reasons(&acceptor.plan(NOW + 32, &policy).unwrap()), []);
	assert_eq!(reasons(&acceptor.plan(NOW + 33, &policy).unwrap()), [ClaimReason::Age]);
	// What did not settle is as old as it was.
	acceptor.observe(0, later(&vouchers(), 44, |channel| channel.settled = 100)).unwrap();
	assert_sound(&acceptor);
	assert_eq!(reasons(&acceptor.plan(NOW + 45, &policy).unwrap()), [ClaimReason::Age]);
}
