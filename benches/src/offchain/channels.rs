//! Vouchers and links through the crate `dam-payments`, with its stores on disk.

use super::{rate, Plan, Subject, CHANNELS};
use crate::error::Error;
use codec::Encode;
use dam_payments::{Acceptor, ChannelState, Limits, MemoryKey, Payer, SharedAcceptor, Signer};
use dam_primitives::{
	crypto::SoftwareBlake2,
	payword::{Link, PayWordChain, PayWordReceiver},
	Channel, ChannelId, ChannelPayment, Lock, Payee, RevealedLink, SignedVoucher, Terms, Voucher,
};
use polkadot_sdk::sp_io::hashing::blake2_256;
use std::{
	path::{Path, PathBuf},
	thread,
};

const GENESIS: [u8; 32] = [4; 32];
const PAYEE: Payee<[u8; 32]> = Payee::Machine(1_000_000);
/// Block of the proofs; payments come in the next.
const PROVEN: u32 = 1_000;
const NOW: u32 = PROVEN + 1;
/// Channels that a payee follows: a payment comes through each in turn.
const FOLLOWED: u64 = 256;
/// Enough for any run, in units of 0.000001 USDT.
const DEPOSIT: u128 = 1_000_000_000_000;
/// Links of each chain: enough for any run.
const LENGTH: u32 = 40_000;
/// Connections that pay at a time.
const CONNECTIONS: usize = 32;

fn proven(lock: Lock, deposit: u128) -> ChannelState {
	let channel = Channel {
		payer: 3,
		payee: PAYEE,
		deposit,
		settled: 0,
		lock,
		grace: 3_600,
		closing: None,
		storage_deposit: 100_000,
	};
	ChannelState { channel, signer_until: None, at: PROVEN }
}

fn key(channel: ChannelId) -> MemoryKey {
	MemoryKey::ed25519(&(b"dam-bench payer", channel).using_encoded(blake2_256))
}

fn open(folder: &Path, name: &str) -> Result<Acceptor, Error> {
	Acceptor::open(&folder.join(name), GENESIS, &PAYEE, Limits::default()).map_err(Error::off_chain)
}

/// Somebody who pays through many channels.
trait Source {
	/// A channel as its payee sees it first.
	fn state(&mut self, channel: ChannelId) -> ChannelState;
	/// The next payment through a channel, if there is one.
	fn next(&mut self, channel: ChannelId) -> Option<ChannelPayment>;
}

/// Signs vouchers, each 1 higher than the last.
#[derive(Default)]
struct Vouchers(u128);

impl Source for Vouchers {
	fn state(&mut self, channel: ChannelId) -> ChannelState {
		proven(Lock::Vouchers { signer: key(channel).public() }, DEPOSIT)
	}

	fn next(&mut self, channel: ChannelId) -> Option<ChannelPayment> {
		self.0 += 1;
		let amount = self.0;
		let payload = Voucher::new(GENESIS, channel, amount).signing_payload();
		let signature = key(channel).sign(&payload);
		Some(ChannelPayment::Voucher(SignedVoucher { channel, amount, signature }))
	}
}

/// Shows links, one after another.
struct Links {
	length: u32,
	/// The chain of each channel, and the last link that was shown.
	chains: Vec<(PayWordChain<SoftwareBlake2>, u32)>,
}

impl Source for Links {
	fn state(&mut self, channel: ChannelId) -> ChannelState {
		let seed = (b"dam-bench chain", channel).using_encoded(blake2_256);
		let length = self.length;
		let chain = PayWordChain::new(&seed, length).expect("the length is within its bounds");
		let link = *chain.root();
		self.chains.push((chain, 0));
		proven(Lock::HashChain { link, index: 0, length, unit: 1 }, length.into())
	}

	fn next(&mut self, channel: ChannelId) -> Option<ChannelPayment> {
		let (chain, index) = self.chains.get_mut(usize::try_from(channel).ok()?)?;
		*index += 1;
		let link = chain.link(*index)?;
		Some(ChannelPayment::Link(RevealedLink { channel, index: *index, link }))
	}
}

/// A payee with [`FOLLOWED`] channels, and who pays through them.
struct Shop<S> {
	acceptor: Acceptor,
	source: S,
	turn: u64,
}

impl<S: Source> Shop<S> {
	fn new(mut source: S, folder: &Path, name: &str) -> Result<Self, Error> {
		let mut acceptor = open(folder, name)?;
		for channel in 0..FOLLOWED {
			acceptor.observe(channel, source.state(channel)).map_err(Error::off_chain)?;
		}
		acceptor.commit().map_err(Error::off_chain)?;
		Ok(Self { acceptor, source, turn: 0 })
	}

	/// Payments through all channels in turn.
	fn payments(&mut self, count: u32) -> Result<Vec<ChannelPayment>, Error> {
		let payments = (0..count).map(|_| {
			let channel = self.turn % FOLLOWED;
			self.turn += 1;
			self.source.next(channel)
		});
		let all: Option<_> = payments.collect();
		all.ok_or_else(|| Error::off_chain("the hash chains are used up: take fewer rounds"))
	}

	/// Accepts payments, `at_once` of them with one write.
	fn accept(&mut self, count: u32, at_once: u32) -> Result<f64, Error> {
		let payments = self.payments(count)?;
		rate(count, || {
			for group in payments.chunks(at_once as usize) {
				let outcomes = self.acceptor.accept_all(group, NOW).map_err(Error::off_chain)?;
				for outcome in outcomes {
					outcome.map_err(Error::off_chain)?;
				}
			}
			Ok(())
		})
	}

	/// Accepts payments in memory; the write comes when nobody measures.
	fn stage(&mut self, count: u32) -> Result<f64, Error> {
		let payments = self.payments(count)?;
		let mut staged = None;
		let rate = rate(count, || {
			staged = Some(self.acceptor.stage_all(&payments, NOW));
			Ok(())
		})?;
		if let Some(staged) = staged {
			if staged.accepted() != payments.len() {
				return Err(Error::off_chain("a good payment was refused"));
			}
			self.acceptor.keep(staged).map_err(Error::off_chain)?;
		}
		Ok(rate)
	}
}

/// Payments that come in through many connections at a time.
fn shared(folder: &Path, round: u32, count: u32) -> Result<f64, Error> {
	// A store for each round: a shared acceptor is shared for good.
	let mut shop = Shop::new(Vouchers::default(), folder, &format!("shared-{round}"))?;
	let payments = shop.payments(count)?;
	let acceptor = SharedAcceptor::new(shop.acceptor);
	let each = payments.len().div_ceil(CONNECTIONS);
	rate(count, || {
		thread::scope(|scope| {
			let connections: Vec<_> = (0..CONNECTIONS)
				.map(|connection| {
					let (acceptor, payments) = (&acceptor, &payments);
					// The payments of one channel come through one connection, in their order.
					let mine = (0..each)
						.filter_map(move |turn| payments.get(turn * CONNECTIONS + connection));
					scope.spawn(move || {
						for payment in mine {
							acceptor.accept(payment, NOW).map_err(Error::off_chain)?;
						}
						Ok(())
					})
				})
				.collect();
			connections.into_iter().try_for_each(|connection| {
				connection.join().map_err(|_| Error::off_chain("a connection's thread died"))?
			})
		})
	})
}

/// The bare rule of hash chains, without a store around it.
fn receive(chain: &[Link]) -> Result<f64, Error> {
	let length = u32::try_from(chain.len() - 1).map_err(Error::off_chain)?;
	let mut receiver = PayWordReceiver::new(chain[0], 0, length);
	rate(length, || {
		for (index, link) in (1..).zip(&chain[1..]) {
			receiver
				.accept::<SoftwareBlake2>(index, link)
				.map_err(|failure| Error::off_chain(failure.explain()))?;
		}
		Ok(())
	})
}

/// A payer's store, which the payer alone uses.
fn payer(folder: &Path, name: &str) -> Result<Payer, Error> {
	Payer::open(&folder.join(name), GENESIS).map_err(Error::off_chain)
}

/// Vouchers signed, each on disk before it is handed out.
fn promise(plan: &Plan, folder: &Path) -> Result<Subject, Error> {
	let mut payer = payer(folder, "payer-of-vouchers")?;
	payer.observe(0, Vouchers::default().state(0)).map_err(Error::off_chain)?;
	let (count, key) = (plan.count(200), key(0));
	Ok(Subject::new(CHANNELS, "vouchers signed, each on disk before it is said", move || {
		rate(count, || {
			for _ in 0..count {
				payer.pay(0, 1, &key).map_err(Error::off_chain)?;
			}
			Ok(())
		})
	}))
}

/// Links shown, each on disk before it is handed out.
fn show(plan: &Plan, folder: &Path) -> Result<Subject, Error> {
	let mut payer = payer(folder, "payer-of-links")?;
	let Terms::HashChain { root, length, unit } =
		payer.make_chain(plan.count(LENGTH), 1).map_err(Error::off_chain)?
	else {
		return Err(Error::off_chain("a chain's terms are others"));
	};
	let lock = Lock::HashChain { link: root, index: 0, length, unit };
	payer.observe(0, proven(lock, length.into())).map_err(Error::off_chain)?;
	let count = plan.count(200);
	Ok(Subject::new(CHANNELS, "links shown, each on disk before it is said", move || {
		rate(count, || {
			for _ in 0..count {
				payer.pay_links(0, 1).map_err(Error::off_chain)?;
			}
			Ok(())
		})
	}))
}

/// Everything that is measured here.
pub fn subjects(plan: &Plan, folder: &Path) -> Result<Vec<Subject>, Error> {
	let mut subjects = vec![promise(plan, folder)?, show(plan, folder)?];
	let vouchers = |name| Shop::new(Vouchers::default(), folder, name);
	let links = |name| {
		let links = Links { length: plan.count(LENGTH), chains: Vec::new() };
		Shop::new(links, folder, name)
	};

	let (mut shop, count) = (vouchers("vouchers-1")?, plan.count(200));
	subjects.push(Subject::new(CHANNELS, "vouchers accepted, a write for each", move || {
		shop.accept(count, 1)
	}));
	let (mut round, count, place): (u32, _, PathBuf) = (0, plan.count(6_400), folder.into());
	subjects.push(Subject::new(CHANNELS, "vouchers accepted, 32 connections", move || {
		round += 1;
		shared(&place, round, count)
	}));
	let (mut shop, count) = (vouchers("vouchers-256")?, plan.count(256 * 20));
	subjects.push(Subject::new(CHANNELS, "vouchers accepted, a write for 256", move || {
		shop.accept(count, 256)
	}));
	let (mut shop, count) = (vouchers("vouchers-memory")?, plan.count(5_000));
	subjects.push(Subject::new(CHANNELS, "vouchers accepted in memory", move || shop.stage(count)));
	let (mut shop, count) = (links("links-1")?, plan.count(200));
	subjects.push(Subject::new(CHANNELS, "links accepted, a write for each", move || {
		shop.accept(count, 1)
	}));
	let (mut shop, count) = (links("links-1024")?, plan.count(1_024 * 40));
	subjects.push(Subject::new(CHANNELS, "links accepted, a write for 1,024", move || {
		shop.accept(count, 1_024)
	}));
	let (mut shop, count) = (links("links-memory")?, plan.count(200_000));
	subjects.push(Subject::new(CHANNELS, LINKS_IN_MEMORY, move || shop.stage(count)));

	let length = plan.count(1_000_000);
	let mut chain = vec![[9; 32]];
	for _ in 0..length {
		let last = chain.last().copied().unwrap_or_default();
		chain.push(dam_primitives::payword::previous::<SoftwareBlake2>(&last));
	}
	chain.reverse();
	subjects.push(Subject::new(CHANNELS, "links accepted, the bare rule", move || receive(&chain)));
	Ok(subjects)
}

/// What the aim for links is about.
pub const LINKS_IN_MEMORY: &str = "links accepted in memory";
