//! Tests of the whole library. Those of single parts stand beside them.

mod accept;
mod claims;
mod medium;
mod model;
mod payer;
mod shared;
mod store;
mod tend;
mod time;

use dam_primitives::{
	channel::ClaimFailure, exchange::Refusal, payword::Link, Channel, ChannelId, ChannelPayment,
	Lock, Payee, RevealedLink, SignedVoucher, Voucher,
};

use crate::{
	acceptor::record::Record, AcceptError, Accepted, Acceptor, ChannelState, Limits, MemoryKey,
	Signer,
};
use medium::Medium;

pub const GENESIS: [u8; 32] = [1; 32];
pub const PAYEE: Payee<[u8; 32]> = Payee::Machine(9);
/// The payer's machine.
pub const PAYER: u64 = 3;
/// The block in which tests begin.
pub const NOW: u32 = 1_000;
pub const DEPOSIT: u128 = 10_000;
/// Of the hash chains of these tests.
pub const UNIT: u128 = 10;
/// Of the hash chains of these tests.
pub const LENGTH: u32 = 1_000;

/// Short, so that tests reach them.
pub const LIMITS: Limits =
	Limits { max_channels: 4, max_state_age: 20, claim_margin: 120, max_hashes: 100 };

/// The payer's key.
pub fn key() -> MemoryKey {
	MemoryKey::ed25519(&[7; 32])
}

pub fn channel(lock: Lock) -> Channel<[u8; 32]> {
	Channel {
		payer: PAYER,
		payee: PAYEE,
		deposit: DEPOSIT,
		settled: 0,
		lock,
		grace: 1_000,
		closing: None,
		storage_deposit: 5,
	}
}

/// A channel of vouchers, proven in block [`NOW`].
pub fn vouchers() -> ChannelState {
	proven(channel(Lock::Vouchers { signer: key().public() }))
}

/// A channel of links, proven in block [`NOW`].
pub fn chained() -> ChannelState {
	proven(channel(Lock::HashChain { link: link(0), index: 0, length: LENGTH, unit: UNIT }))
}

pub fn proven(channel: Channel<[u8; 32]>) -> ChannelState {
	ChannelState { channel, signer_until: None, at: NOW }
}

/// The state with other amounts and a later proof.
pub fn later(
	state: &ChannelState,
	blocks: u32,
	change: impl FnOnce(&mut Channel<[u8; 32]>),
) -> ChannelState {
	let mut state = state.clone();
	state.at += blocks;
	change(&mut state.channel);
	state
}

pub fn voucher(channel: ChannelId, amount: u128) -> ChannelPayment {
	voucher_by(&key(), channel, amount)
}

pub fn voucher_by(key: &MemoryKey, channel: ChannelId, amount: u128) -> ChannelPayment {
	let payload = Voucher::new(GENESIS, channel, amount).signing_payload();
	ChannelPayment::Voucher(SignedVoucher { channel, amount, signature: key.sign(&payload) })
}

/// Link `index` of the hash chain of these tests.
pub fn link(index: u32) -> Link {
	use dam_primitives::{crypto::SoftwareBlake2, payword::descend};
	descend::<SoftwareBlake2>(&[3; 32], LENGTH - index)
}

pub fn reveal(channel: ChannelId, index: u32) -> ChannelPayment {
	ChannelPayment::Link(RevealedLink { channel, index, link: link(index) })
}

pub fn acceptor_on(medium: &Medium) -> Acceptor {
	Acceptor::open_on(medium.clone(), GENESIS, &PAYEE, LIMITS).unwrap()
}

/// An acceptor that follows channels 0, 1, … of these states.
pub fn acceptor(states: &[ChannelState]) -> (Medium, Acceptor) {
	let medium = Medium::default();
	let mut acceptor = acceptor_on(&medium);
	for (channel, state) in (0..).zip(states) {
		acceptor.observe(channel, state.clone()).unwrap();
	}
	acceptor.commit().unwrap();
	(medium, acceptor)
}

/// What the payee is said to have accepted, or why not.
pub fn accept(
	acceptor: &mut Acceptor,
	payment: &ChannelPayment,
	now: u32,
) -> Result<Accepted, Refusal> {
	acceptor.accept(payment, now).map_err(|error| match error {
		AcceptError::Refused(refused) => refused.refusal,
		AcceptError::Store(error) => panic!("{error}"),
	})
}

pub fn refused(failure: ClaimFailure) -> Result<Accepted, Refusal> {
	Err(Refusal::Claim(failure))
}

/// Every record is as it would be read again.
pub fn assert_sound(acceptor: &Acceptor) {
	use codec::{DecodeAll, Encode};
	for (channel, record) in &acceptor.records {
		assert!(record.is_sound(), "channel {channel}: {record:?}");
		assert_eq!(Record::decode_all(&mut &record.encode()[..]).as_ref(), Ok(record));
	}
}

/// How many cases a property is tried with: `PROPTEST_CASES`, or this many.
pub fn cases(default: u32) -> proptest::test_runner::Config {
	let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
	proptest::test_runner::Config::with_cases(cases.unwrap_or(default))
}
