//! What a payer promises, and that it never promises it twice.

use super::*;
use crate::{PayError, Payer, Reaction};
use dam_primitives::{
	crypto::{SoftwareBlake2, VerifySignature},
	exchange::Answer,
	payword::descend,
	Intent, IntentFailure, Terms,
};
use std::path::PathBuf;

struct Place {
	_folder: tempfile::TempDir,
	path: PathBuf,
}

impl Place {
	fn new() -> Self {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("payer");
		Self { _folder: folder, path }
	}

	fn open(&self) -> Payer {
		Payer::open(&self.path, GENESIS).unwrap()
	}
}

/// A channel with a hash chain that was made here.
fn chained_by(payer: &mut Payer, length: u32) -> ChannelState {
	let Terms::HashChain { root, length, unit } = payer.make_chain(length, UNIT).unwrap() else {
		unreachable!()
	};
	proven(channel(Lock::HashChain { link: root, index: 0, length, unit }))
}

fn index_of(payment: &ChannelPayment) -> u32 {
	let ChannelPayment::Link(revealed) = payment else { panic!("{payment:?}") };
	revealed.index
}

#[test]
fn promises_should_be_what_a_payee_accepts() {
	let place = Place::new();
	let mut payer = place.open();
	let chain = chained_by(&mut payer, LENGTH);
	payer.observe(0, vouchers()).unwrap();
	payer.observe(1, chain.clone()).unwrap();
	let (_, mut acceptor) = acceptor(&[vouchers(), chain]);
	for amount in [1, 499, DEPOSIT - 500] {
		let payment = payer.pay(0, amount, &key()).unwrap();
		assert_eq!(accept(&mut acceptor, &payment, NOW).unwrap().worth, amount);
	}
	for links in [1, 1, 98] {
		let payment = payer.pay_links(1, links).unwrap();
		assert_eq!(accept(&mut acceptor, &payment, NOW).unwrap().worth, u128::from(links) * UNIT);
	}
	let status = payer.status(1).unwrap();
	assert_eq!((status.promised, status.left), (100 * UNIT, DEPOSIT - 100 * UNIT));
	assert_eq!(payer.signer(0), Some(key().public()));
	assert_eq!(payer.signer(1), None);
}

#[test]
fn promises_should_survive_and_go_on() {
	let place = Place::new();
	let mut payer = place.open();
	let chain = chained_by(&mut payer, LENGTH);
	payer.observe(0, vouchers()).unwrap();
	payer.observe(1, chain).unwrap();
	let voucher = payer.pay(0, 70, &key()).unwrap();
	let link = payer.pay_links(1, 7).unwrap();
	drop(payer);
	let mut payer = place.open();
	assert_eq!(payer.status(0).unwrap().last, Some(voucher));
	assert_eq!(payer.status(1).unwrap().last, Some(link));
	assert_eq!(payer.pay(0, 5, &key()).unwrap(), super::voucher(0, 75));
	let next = payer.pay_links(1, 3).unwrap();
	let (ChannelPayment::Link(link), ChannelPayment::Link(next)) = (link, next) else { panic!() };
	assert_eq!((next.index, descend::<SoftwareBlake2>(&next.link, 3)), (10, link.link));
}

#[test]
fn more_than_the_deposit_should_never_be_promised() {
	let place = Place::new();
	let mut payer = place.open();
	let short = chained_by(&mut payer, 50);
	payer.observe(0, vouchers()).unwrap();
	payer.observe(1, short).unwrap();
	payer.pay(0, DEPOSIT - 1, &key()).unwrap();
	for amount in [2, u128::MAX] {
		let result = payer.pay(0, amount, &key());
		assert!(matches!(result, Err(PayError::ExceedsDeposit { channel: 0, left: 1 })));
	}
	assert!(matches!(payer.pay(0, 0, &key()), Err(PayError::ZeroAmount)));
	// The deposit is larger than all links together.
	for links in [51, u32::MAX] {
		assert!(matches!(payer.pay_links(1, links), Err(PayError::ExceedsDeposit { .. })));
	}
	assert_eq!(index_of(&payer.pay_links(1, 50).unwrap()), 50);
	assert!(matches!(payer.pay_links(1, 1), Err(PayError::ExceedsDeposit { .. })));
	payer.observe(0, later(&vouchers(), 1, |channel| channel.deposit += 1)).unwrap();
	payer.pay(0, 2, &key()).unwrap();
	assert_eq!(payer.status(0).unwrap().promised, DEPOSIT + 1);
}

#[test]
fn nothing_should_be_promised_in_the_wrong_way() {
	let place = Place::new();
	let mut payer = place.open();
	let chain = chained_by(&mut payer, LENGTH);
	payer.observe(0, vouchers()).unwrap();
	payer.observe(1, chain).unwrap();
	assert!(matches!(payer.pay(1, 1, &key()), Err(PayError::WrongTerms(1))));
	assert!(matches!(payer.pay_links(0, 1), Err(PayError::WrongTerms(0))));
	let other = MemoryKey::ed25519(&[8; 32]);
	assert!(matches!(payer.pay(0, 1, &other), Err(PayError::WrongKey(0))));
	assert!(matches!(payer.pay(5, 1, &key()), Err(PayError::UnknownChannel(5))));
	let closing = later(&vouchers(), 1, |channel| channel.closing = Some(NOW + 1_000));
	payer.observe(0, closing).unwrap();
	assert!(matches!(payer.pay(0, 1, &key()), Err(PayError::Closing(0))));
}

#[test]
fn chains_should_be_refused_when_they_were_not_made_here() {
	let place = Place::new();
	let mut payer = place.open();
	assert!(matches!(payer.observe(0, chained()), Err(PayError::UnknownChain(0))));
	let made = chained_by(&mut payer, LENGTH);
	let longer = later(&made, 0, |channel| {
		if let Lock::HashChain { length, .. } = &mut channel.lock {
			*length += 1;
		}
	});
	assert!(matches!(payer.observe(0, longer), Err(PayError::UnknownChain(0))));
	payer.observe(0, made).unwrap();
}

#[test]
fn one_chain_should_pay_through_one_channel() {
	let place = Place::new();
	let mut payer = place.open();
	let chain = chained_by(&mut payer, LENGTH);
	payer.observe(4, chain.clone()).unwrap();
	let twice = payer.observe(5, chain.clone());
	assert!(matches!(twice, Err(PayError::ChainInUse { channel: 5, other: 4 })), "{twice:?}");
	drop(payer);
	let mut payer = place.open();
	assert!(matches!(payer.observe(5, chain), Err(PayError::ChainInUse { .. })));
}

#[test]
fn chains_should_be_found_when_links_were_claimed_before() {
	let place = Place::new();
	let mut payer = place.open();
	let (_other, chain) = (chained_by(&mut payer, LENGTH), chained_by(&mut payer, LENGTH));
	payer.observe(0, chain.clone()).unwrap();
	let ChannelPayment::Link(shown) = payer.pay_links(0, 30).unwrap() else { panic!() };
	let claimed = |link: [u8; 32]| {
		later(&chain, 1, |channel| {
			channel.settled = 30 * UNIT;
			channel.lock = Lock::HashChain { link, index: 30, length: LENGTH, unit: UNIT };
		})
	};
	// As if the opening had never been seen: only the seeds are left.
	payer.forget_record(0);
	assert!(matches!(payer.observe(0, claimed([9; 32])), Err(PayError::UnknownChain(0))));
	payer.observe(0, claimed(shown.link)).unwrap();
	let ChannelPayment::Link(next) = payer.pay_links(0, 1).unwrap() else { panic!() };
	assert_eq!((next.index, descend::<SoftwareBlake2>(&next.link, 1)), (31, shown.link));
}

#[test]
fn chains_should_be_refused_when_they_make_no_sense() {
	let place = Place::new();
	let mut payer = place.open();
	for (length, unit) in [(5, 0), (2, u128::MAX)] {
		assert!(matches!(payer.make_chain(length, unit), Err(PayError::BadUnit)));
	}
	for length in [0, (1 << 24) + 1] {
		assert!(matches!(payer.make_chain(length, 1), Err(PayError::BadLength)));
	}
	assert_eq!(payer.spare_chains().count(), 0);
}

#[test]
fn spare_chains_should_be_discarded_and_no_others() {
	let place = Place::new();
	let mut payer = place.open();
	let chain = chained_by(&mut payer, LENGTH);
	let Lock::HashChain { link: used, .. } = chain.channel.lock else { unreachable!() };
	payer.observe(0, chain).unwrap();
	let Terms::HashChain { root, .. } = payer.make_chain(5, 1).unwrap() else { unreachable!() };
	assert_eq!(payer.spare_chains().collect::<Vec<_>>(), [root]);
	assert!(!payer.discard_chain(&used).unwrap());
	assert!(payer.discard_chain(&root).unwrap());
	assert!(!payer.discard_chain(&root).unwrap());
	drop(payer);
	let mut payer = place.open();
	assert_eq!(payer.spare_chains().count(), 0);
	payer.pay_links(0, 1).unwrap();
}

#[test]
fn closed_channels_should_leave_no_secret() {
	let place = Place::new();
	let mut payer = place.open();
	let chain = chained_by(&mut payer, LENGTH);
	payer.observe(0, chain).unwrap();
	let too_old = payer.forget_closed(0, NOW);
	assert!(matches!(too_old, Err(PayError::TooOld { channel: 0, seen: NOW, .. })), "{too_old:?}");
	payer.forget_closed(0, NOW + 1).unwrap();
	assert!(matches!(payer.forget_closed(0, NOW + 1), Err(PayError::UnknownChannel(0))));
	assert_eq!((payer.channels().count(), payer.spare_chains().count()), (0, 0));
	drop(payer);
	let payer = place.open();
	assert_eq!((payer.channels().count(), payer.spare_chains().count()), (0, 0));
}

#[test]
fn payer_should_not_promise_again_what_is_settled() {
	let place = Place::new();
	let mut payer = place.open();
	let settled = |amount| later(&vouchers(), 1, |channel| channel.settled = amount);
	payer.observe(0, settled(300)).unwrap();
	assert_eq!(payer.pay(0, 1, &key()).unwrap(), voucher(0, 301));
	// Another store has promised more than this one.
	payer.observe(0, settled(400)).unwrap();
	let status = payer.status(0).unwrap();
	assert_eq!((status.promised, status.last), (400, None));
	assert_eq!(payer.pay(0, 1, &key()).unwrap(), voucher(0, 401));
	let older = vouchers();
	payer.observe(0, older).unwrap();
	assert_eq!(payer.status(0).unwrap().promised, 401);
	let contradiction = later(&vouchers(), 2, |channel| channel.deposit -= 1);
	assert!(matches!(payer.observe(0, contradiction), Err(PayError::State(_))));
}

#[test]
fn answers_should_be_understood() {
	let place = Place::new();
	let mut payer = place.open();
	payer.observe(0, vouchers()).unwrap();
	payer.pay(0, 100, &key()).unwrap();
	let last = payer.pay(0, 50, &key()).unwrap();
	let react = |accepted, refusal| payer.react(&Answer { channel: 0, accepted, refusal }).unwrap();
	let nothing_new = Some(Refusal::Claim(ClaimFailure::NothingNew));
	assert_eq!(react(150, None), Reaction::Paid);
	// The answer to the first try was lost.
	assert_eq!(react(150, nothing_new), Reaction::Paid);
	assert_eq!(react(100, None), Reaction::SendAgain(last));
	assert_eq!(react(100, nothing_new), Reaction::SendAgain(last));
	let refusal = Refusal::StateTooOld;
	assert_eq!(react(100, Some(refusal)), Reaction::Refused { unpaid: 50, refusal });
	for refusal in [None, nothing_new, Some(refusal)] {
		assert_eq!(react(151, refusal), Reaction::Impossible);
	}
	let stranger = Answer { channel: 5, accepted: 0, refusal: None };
	assert!(matches!(payer.react(&stranger), Err(PayError::UnknownChannel(5))));
}

#[test]
fn intents_should_use_no_nonce_twice() {
	let intent = Intent {
		payer: PAYER,
		payee: PAYEE,
		amount: 5,
		relay_fee: 1,
		valid_from: 10,
		valid_until: 20,
		nonce: 99,
	};
	let place = Place::new();
	let mut payer = place.open();
	let sign = |payer: &mut Payer| {
		let signed = payer.sign_intent(intent.clone(), &key()).unwrap();
		let payload = signed.intent.signing_payload(&GENESIS);
		assert!(crate::Curves.verify(&key().public(), &payload, &signed.signature));
		assert_eq!(Intent { nonce: 99, ..signed.intent.clone() }, intent, "nothing else changed");
		signed.intent.nonce
	};
	assert_eq!((sign(&mut payer), sign(&mut payer)), (0, 1));
	drop(payer);
	let mut payer = place.open();
	assert_eq!(sign(&mut payer), 2);
	payer.skip_nonces(1).unwrap();
	assert_eq!(sign(&mut payer), 3);
	payer.skip_nonces(70).unwrap();
	drop(payer);
	let mut payer = place.open();
	assert_eq!(sign(&mut payer), 70);

	for (broken, expected) in [
		(Intent { amount: 0, ..intent.clone() }, IntentFailure::ZeroAmount),
		(Intent { payee: Payee::Machine(PAYER), ..intent.clone() }, IntentFailure::SelfPayment),
		(Intent { valid_until: 9, ..intent.clone() }, IntentFailure::Expired),
	] {
		let refused = payer.sign_intent(broken, &key());
		assert!(matches!(refused, Err(PayError::Intent(failure)) if failure == expected));
	}
	assert_eq!(sign(&mut payer), 71, "none of those took a nonce");
	payer.skip_nonces(u64::MAX).unwrap();
	assert!(matches!(payer.sign_intent(intent.clone(), &key()), Err(PayError::OutOfNonces)));
}

#[test]
fn store_should_be_refused_when_a_seed_is_missing() {
	let place = Place::new();
	let mut payer = place.open();
	let chain = chained_by(&mut payer, LENGTH);
	let Lock::HashChain { link: root, .. } = chain.channel.lock else { unreachable!() };
	payer.observe(0, chain).unwrap();
	payer.forget_seed(&root);
	drop(payer);
	assert!(matches!(Payer::open(&place.path, GENESIS), Err(crate::StoreError::Corrupted { .. })));
}
