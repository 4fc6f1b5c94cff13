use super::*;
use frame_support::dispatch::{DispatchResultWithPostInfo, GetDispatchInfo, PostDispatchInfo};
use sp_runtime::DispatchError;

const LENGTH: u32 = 100;
const UNIT: u128 = 7;

fn open_chain(deposit: u128) -> (ChannelId, Vec<[u8; 32]>) {
	let links = chain(LENGTH, 3);
	let terms = Terms::HashChain { root: links[0], length: LENGTH, unit: UNIT };
	(open_with(0, Payee::Machine(1), deposit, terms), links)
}

fn claim(id: ChannelId, index: u32, link: [u8; 32]) -> DispatchResultWithPostInfo {
	PaymentChannels::claim_links(stranger(), RevealedLink { channel: id, index, link })
}

fn submit(id: ChannelId, index: u32, link: [u8; 32]) -> Result<PostDispatchInfo, DispatchError> {
	claim(id, index, link).map_err(|error| error.error)
}

fn refused(error: Error<Test>) -> Result<PostDispatchInfo, DispatchError> {
	Err(error.into())
}

#[test]
fn links_should_settle_what_they_are_worth() {
	build_and_execute(|| {
		let (id, links) = open_chain(UNIT * 100);
		submit(id, 1, links[1]).unwrap();
		assert_eq!(channel(id).settled, UNIT);
		submit(id, 60, links[60]).unwrap();
		assert_eq!(channel(id).settled, UNIT * 60);
		submit(id, LENGTH, links[100]).unwrap();
		assert_eq!(channel(id).open_amount(), 0);
		assert_eq!(Income::get()[&1], UNIT * 100);
	});
}

#[test]
fn link_should_settle_once_whatever_the_order() {
	build_and_execute(|| {
		let (id, links) = open_chain(UNIT * 100);
		submit(id, 10, links[10]).unwrap();
		for index in [0, 1, 9, 10] {
			let result = submit(id, index, links[index as usize]);
			assert_eq!(result, refused(Error::NothingNew), "{index}");
		}
		assert_eq!(channel(id).settled, UNIT * 10);
	});
}

#[test]
fn link_should_be_refused_when_it_is_not_of_this_chain() {
	build_and_execute(|| {
		let (id, links) = open_chain(UNIT * 100);
		assert_eq!(submit(id, 10, links[9]), refused(Error::InvalidProof));
		assert_eq!(submit(id, 9, links[10]), refused(Error::InvalidProof));
		assert_eq!(submit(id, 1, [0; 32]), refused(Error::InvalidProof));
		assert_eq!(submit(id, 1, links[0]), refused(Error::InvalidProof));
		assert_eq!(submit(id + 1, 1, links[1]), refused(Error::ChannelNotFound));
		let vouchers = open(0, 1, 10);
		assert_eq!(submit(vouchers, 1, links[1]), refused(Error::WrongTerms));
	});
}

#[test]
fn link_should_be_refused_beyond_the_deposit_or_the_end() {
	build_and_execute(|| {
		let (id, links) = open_chain(UNIT * 50);
		assert_eq!(submit(id, 51, links[51]), refused(Error::ExceedsDeposit));
		assert_eq!(submit(id, LENGTH + 1, [0; 32]), refused(Error::ExceedsDeposit));
		assert_eq!(submit(id, u32::MAX, [0; 32]), refused(Error::ExceedsDeposit));
		submit(id, 50, links[50]).unwrap();
		assert_ok!(PaymentChannels::top_up(signed(0), id, UNIT));
		submit(id, 51, links[51]).unwrap();
	});
}

#[test]
fn long_way_should_be_gone_in_several_claims() {
	build_and_execute(|| {
		let length = MAX_HASHES_PER_CLAIM + 1;
		let links = chain(length, 9);
		let terms = Terms::HashChain { root: links[0], length, unit: 1 };
		let id = open_with(0, Payee::Machine(1), 9_000, terms);
		assert_eq!(submit(id, length, links[length as usize]), refused(Error::ExceedsDeposit));
		let top_up = u128::from(length) - 9_000;
		fund(0, top_up);
		assert_ok!(PaymentChannels::top_up(signed(0), id, top_up));
		assert_eq!(submit(id, length, links[length as usize]), refused(Error::TooManyHashes));
		submit(id, 1, links[1]).unwrap();
		submit(id, length, links[length as usize]).unwrap();
	});
}

#[test]
fn hashes_should_be_charged_as_they_were_needed() {
	build_and_execute(|| {
		let (id, links) = open_chain(UNIT * 100);
		let info = submit(id, 60, links[60]).unwrap();
		assert_eq!(info.actual_weight, Some(<()>::claim_links(60)));
		let info = submit(id, 61, links[61]).unwrap();
		assert_eq!(info.actual_weight, Some(<()>::claim_links(1)));
		// A claim in vain costs the hashes that it took: all, if the link is wrong, or none.
		let spent = |index, link| claim(id, index, link).unwrap_err().post_info.actual_weight;
		assert_eq!(spent(71, links[70]), Some(<()>::claim_links(10)));
		assert_eq!(spent(61, links[61]), Some(<()>::claim_links(0)));
		assert_eq!(spent(LENGTH + 1, links[61]), Some(<()>::claim_links(0)));
	});
}

#[test]
fn hashes_should_be_paid_for_beforehand_and_never_more_than_are_computed() {
	let weight = |index| {
		let revealed = RevealedLink { channel: 0, index, link: [0; 32] };
		Call::<Test>::claim_links { revealed }.get_dispatch_info().call_weight
	};
	assert_eq!(weight(7), <()>::claim_links(7));
	assert_eq!(weight(MAX_HASHES_PER_CLAIM), <()>::claim_links(MAX_HASHES_PER_CLAIM));
	assert_eq!(weight(u32::MAX), <()>::claim_links(MAX_HASHES_PER_CLAIM));
}

#[test]
fn links_should_settle_though_the_payers_key_is_past_its_horizon() {
	build_and_execute(|| {
		let (id, links) = open_chain(UNIT * 100);
		Expired::set(&vec![0]);
		Suspended::set(&vec![0]);
		submit(id, 10, links[10]).unwrap();
	});
}

#[test]
fn link_should_wait_when_the_payee_cannot_take_money() {
	build_and_execute(|| {
		let (id, links) = open_chain(UNIT * 100);
		Blocked::set(&vec![MockMachines::account(1)]);
		assert_eq!(submit(id, 10, links[10]), refused(Error::PayeeUnavailable));
		let Lock::HashChain { index, .. } = channel(id).lock else { unreachable!() };
		assert_eq!((index, channel(id).settled), (0, 0));
		Blocked::set(&vec![]);
		submit(id, 10, links[10]).unwrap();
	});
}

#[test]
fn links_should_be_taken_until_the_last_block_of_the_grace_period() {
	build_and_execute(|| {
		let (id, links) = open_chain(UNIT * 100);
		assert_ok!(PaymentChannels::request_close(signed(0), id));
		System::set_block_number(1 + MIN_GRACE);
		submit(id, 10, links[10]).unwrap();
		System::set_block_number(2 + MIN_GRACE);
		assert_eq!(submit(id, 11, links[11]), refused(Error::GraceOver));
	});
}

#[test]
fn link_of_another_channel_with_the_same_root_should_settle_there_too() {
	// A payer that uses a chain twice pays twice: links name no channel. That is its mistake, and
	// costs nobody else.
	build_and_execute(|| {
		let (first, links) = open_chain(UNIT * 100);
		let (second, _) = open_chain(UNIT * 100);
		submit(first, 10, links[10]).unwrap();
		submit(second, 10, links[10]).unwrap();
		assert_eq!(Income::get()[&1], 2 * 10 * UNIT);
	});
}
