//! The other side of a stall: a machine that pays over TCP, on a thread of its own.

use std::{
	net::SocketAddr,
	path::PathBuf,
	thread,
	time::{Duration, Instant},
};

use dam_device::{
	channels::{Session, SessionError},
	KeyFile, Usdt,
};
use dam_primitives::{Answer, ChannelPayment};
use tokio::task::JoinHandle;

use super::stall::Opened;
use crate::cli::failure::Failure;

/// What a payer pays, and how fast.
pub(super) struct Purchase {
	/// The file of its key.
	pub(super) key: PathBuf,
	/// Where.
	pub(super) address: SocketAddr,
	/// How often.
	pub(super) times: u32,
	/// How much each time; through a hash chain, one link each time.
	pub(super) price: Usdt,
	/// How long one takes, by the meter; payments are never made faster.
	pub(super) pace: Duration,
	/// Whether data comes with each payment.
	pub(super) data: bool,
}

/// What a payer tells when it is done.
pub(super) struct Bought {
	/// The channel, with what the payer's disk knows.
	pub(super) opened: Opened,
	/// How long it took.
	pub(super) took: Duration,
	/// The longest that one payment took until it was acknowledged.
	pub(super) slowest: Duration,
	/// The last data that came, if any does.
	pub(super) data: Vec<u8>,
	/// The last payment, to be sent again by whoever wants to cheat.
	pub(super) last: Option<ChannelPayment>,
}

/// Pays on a thread of its own, as a device of its own would.
pub(super) fn buy(
	mut opened: Opened,
	purchase: Purchase,
	by_links: bool,
) -> JoinHandle<Result<Bought, Failure>> {
	tokio::task::spawn_blocking(move || {
		let key = KeyFile::open(&purchase.key)?;
		let mut session = Session::connect(purchase.address)?;
		let (start, mut slowest, mut data) = (Instant::now(), Duration::ZERO, Vec::new());
		for made in 0..purchase.times {
			let clock = Instant::now();
			let payment = match by_links {
				true => opened.payer.pay_links(opened.id, 1)?,
				false => opened.payer.pay(opened.id, purchase.price.units(), key.key())?,
			};
			session.pay(&opened.payer, payment)?;
			if purchase.data {
				data = session.goods().map_err(SessionError::from)?;
			}
			slowest = slowest.max(clock.elapsed());
			// By the meter's own clock: what took longer is caught up with.
			let due = purchase.pace.saturating_mul(made.saturating_add(1));
			thread::sleep(due.saturating_sub(start.elapsed()));
		}
		let last = opened.payer.status(opened.id).and_then(|status| status.last);
		Ok(Bought { opened, took: start.elapsed(), slowest, data, last })
	})
}

/// A rate for people.
pub(super) fn per_second(count: u32, took: Duration) -> f64 {
	f64::from(count) / took.as_secs_f64().max(f64::EPSILON)
}

/// Sends one payment again that was accepted before; gives what the payee says.
pub(super) fn cheat(
	address: SocketAddr,
	payment: ChannelPayment,
) -> JoinHandle<Result<Answer, Failure>> {
	tokio::task::spawn_blocking(move || {
		let mut session = Session::connect(address)?;
		let answer = session.exchange(&payment);
		Ok(answer.map_err(SessionError::from)?)
	})
}
