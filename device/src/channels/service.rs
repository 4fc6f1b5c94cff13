//! A payee that takes payments over TCP.
//!
//! One thread for each connection, and no more connections than are set: each thread waits for a
//! disk most of the time, and payments that come in together share a write. A connection ends when it
//! is silent for too long, too slow within a message, or says something that is no payment.
//!
//! Whoever can connect can make the payee check signatures and hashes, and look channels up; the
//! service listens where it is told to, which should be no more public than need be.

use std::{
	collections::HashMap,
	fmt, io,
	net::{Shutdown, SocketAddr, TcpListener, TcpStream},
	sync::{
		atomic::{AtomicBool, AtomicU64, Ordering},
		Arc, Mutex, MutexGuard, PoisonError,
	},
	thread::{self, JoinHandle},
	time::Duration,
};

use codec::MaxEncodedLen;
use dam_payments::{answer, AcceptError, Accepted, BlockClock, Refused, SharedAcceptor};
use dam_primitives::{exchange::Refusal, ChannelId, ChannelPayment, ClaimFailure};
use thiserror::Error;

use super::wire::{self, WireError, MAX_GOODS};

/// How often the listener looks whether it should stop.
const POLL: Duration = Duration::from_millis(20);
/// Channels that one connection may have looked up.
const MAX_LOOK_UPS: u32 = 4;

/// What a service puts up with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ServiceLimits {
	/// Most connections at a time. More are turned away.
	pub connections: usize,
	/// How long a connection may say nothing.
	pub idle: Duration,
	/// How long a message may take once it has begun, either way.
	pub message: Duration,
}

impl Default for ServiceLimits {
	/// 64 connections, silent for a minute, messages of five seconds.
	fn default() -> Self {
		Self { connections: 64, idle: Duration::from_secs(60), message: Duration::from_secs(5) }
	}
}

/// Why a service does not begin.
#[derive(Debug, Error)]
pub enum ServiceError {
	/// The address is taken, or not this machine's.
	#[error(
		"cannot listen at {address}: {cause}; choose another address, or port 0 for any free one"
	)]
	Listen {
		/// Where.
		address: SocketAddr,
		/// What the system said.
		cause: io::Error,
	},
	/// The system gives no thread.
	#[error("cannot start a thread: {0}")]
	Thread(io::Error),
}

/// What happens at a service.
#[derive(Debug)]
pub enum ServiceEvent<'a> {
	/// Somebody connected.
	Connected(SocketAddr),
	/// There are as many connections as may be.
	TurnedAway(SocketAddr),
	/// A payment is on disk.
	Accepted(&'a Accepted),
	/// A payment was refused.
	Refused(&'a Refused),
	/// A connection ended.
	Ended(SocketAddr, &'a WireError),
	/// The disk failed. Nothing is accepted or said any more.
	StoreFailed(&'a dam_payments::StoreError),
}

/// The one that sells. Everything is called on the threads of connections.
pub trait Seller: Send + Sync {
	/// Somebody pays through a channel that is not followed. Whether it is now.
	fn follow(&self, _channel: ChannelId) -> bool {
		false
	}

	/// What is sent after the answer to a payment that was accepted, at most
	/// [`MAX_GOODS`] bytes; `None` sends nothing.
	fn goods(&self, _accepted: &Accepted) -> Option<Vec<u8>> {
		None
	}

	/// Something happened.
	fn heard(&self, _event: &ServiceEvent<'_>) {}
}

/// A running service. It ends when it is dropped.
pub struct Service {
	inner: Arc<Inner>,
	address: SocketAddr,
	listener: Option<JoinHandle<()>>,
}

impl fmt::Debug for Service {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_struct("Service").field("address", &self.address).finish_non_exhaustive()
	}
}

struct Inner {
	acceptor: Arc<SharedAcceptor>,
	clock: Arc<BlockClock>,
	limits: ServiceLimits,
	seller: Arc<dyn Seller>,
	stopping: AtomicBool,
	next: AtomicU64,
	/// The connections that are open, to be ended.
	open: Mutex<HashMap<u64, TcpStream>>,
	/// Their threads, and some that are done.
	threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Service {
	/// Listens at `address` and accepts payments with `acceptor`, by the blocks of `clock`.
	///
	/// # Errors
	/// [`ServiceError`].
	pub fn start(
		address: SocketAddr,
		acceptor: Arc<SharedAcceptor>,
		clock: Arc<BlockClock>,
		limits: ServiceLimits,
		seller: Arc<dyn Seller>,
	) -> Result<Self, ServiceError> {
		let failed = |cause| ServiceError::Listen { address, cause };
		let listener = TcpListener::bind(address).map_err(failed)?;
		listener.set_nonblocking(true).map_err(failed)?;
		let address = listener.local_addr().map_err(failed)?;
		let inner = Arc::new(Inner {
			acceptor,
			clock,
			limits,
			seller,
			stopping: AtomicBool::new(false),
			next: AtomicU64::new(0),
			open: Mutex::default(),
			threads: Mutex::default(),
		});
		let thread = {
			let inner = inner.clone();
			thread::Builder::new().name("payments".into()).spawn(move || inner.listen(&listener))
		};
		Ok(Self { inner, address, listener: Some(thread.map_err(ServiceError::Thread)?) })
	}

	/// Where it listens.
	pub const fn address(&self) -> SocketAddr {
		self.address
	}

	/// Whether it takes payments no more, because the disk failed.
	pub fn has_stopped(&self) -> bool {
		self.inner.stopping.load(Ordering::SeqCst)
	}

	/// Takes nothing more, ends all connections, and returns when the last thread is done.
	pub fn stop(&mut self) {
		self.inner.stop();
		if let Some(listener) = self.listener.take() {
			// A thread that panicked is done, too.
			let _ = listener.join();
		}
		// Once more, for what was admitted meanwhile.
		self.inner.stop();
		for thread in std::mem::take(&mut *self.inner.threads()) {
			let _ = thread.join();
		}
	}
}

impl Drop for Service {
	fn drop(&mut self) {
		self.stop();
	}
}

impl Inner {
	fn open(&self) -> MutexGuard<'_, HashMap<u64, TcpStream>> {
		// Whatever a thread died over, the map is whole.
		self.open.lock().unwrap_or_else(PoisonError::into_inner)
	}

	fn threads(&self) -> MutexGuard<'_, Vec<JoinHandle<()>>> {
		self.threads.lock().unwrap_or_else(PoisonError::into_inner)
	}

	/// Ends everything, without waiting.
	fn stop(&self) {
		self.stopping.store(true, Ordering::SeqCst);
		for stream in self.open().values() {
			// It may have ended by itself.
			let _ = stream.shutdown(Shutdown::Both);
		}
	}

	fn listen(self: Arc<Self>, listener: &TcpListener) {
		while !self.stopping.load(Ordering::SeqCst) {
			match listener.accept() {
				Ok((stream, peer)) => self.admit(stream, peer),
				// Nobody, or somebody who has gone again, or no file handles: all pass.
				Err(_) => thread::sleep(POLL),
			}
		}
	}

	/// Gives a connection a thread, if there is room for it.
	fn admit(self: &Arc<Self>, stream: TcpStream, peer: SocketAddr) {
		let mut open = self.open();
		if open.len() >= self.limits.connections {
			drop(open);
			// Closing it says enough.
			self.seller.heard(&ServiceEvent::TurnedAway(peer));
			return;
		}
		let ready = stream.set_nonblocking(false).and_then(|()| stream.set_nodelay(true));
		let Ok(copy) = ready.and_then(|()| stream.try_clone()) else { return };
		let number = self.next.fetch_add(1, Ordering::SeqCst);
		let inner = self.clone();
		let thread = thread::Builder::new().name("payer".into()).spawn(move || {
			inner.seller.heard(&ServiceEvent::Connected(peer));
			let Err(why) = inner.serve(stream);
			inner.open().remove(&number);
			inner.seller.heard(&ServiceEvent::Ended(peer, &why));
		});
		// The lock is held until here, so that the thread finds its entry when it ends.
		if let Ok(thread) = thread {
			open.insert(number, copy);
			let mut threads = self.threads();
			threads.retain(|thread| !thread.is_finished());
			threads.push(thread);
		}
	}

	/// Answers payments until the connection ends.
	fn serve(&self, mut stream: TcpStream) -> Result<std::convert::Infallible, WireError> {
		let ServiceLimits { idle, message, .. } = self.limits;
		let mut look_ups = 0;
		loop {
			let most = ChannelPayment::max_encoded_len();
			let payment: ChannelPayment = wire::receive(&mut stream, most, idle, message)?;
			let outcome = match self.accept(&payment, &mut look_ups) {
				Ok(accepted) => Ok(accepted),
				Err(AcceptError::Refused(refused)) => Err(refused),
				Err(AcceptError::Store(error)) => {
					// Nothing may be said before the store was read again.
					self.seller.heard(&ServiceEvent::StoreFailed(&error));
					self.stop();
					return Err(WireError::Closed);
				},
			};
			match &outcome {
				Ok(accepted) => self.seller.heard(&ServiceEvent::Accepted(accepted)),
				Err(refused) => self.seller.heard(&ServiceEvent::Refused(refused)),
			}
			wire::send(&mut stream, &answer(&outcome), message)?;
			if let Some(mut goods) = outcome.ok().and_then(|accepted| self.seller.goods(&accepted))
			{
				goods.truncate(MAX_GOODS);
				wire::write(&mut stream, &goods, message)?;
			}
		}
	}

	fn accept(
		&self,
		payment: &ChannelPayment,
		look_ups: &mut u32,
	) -> Result<Accepted, AcceptError> {
		let first = self.accept_now(payment);
		let unknown = Refusal::Claim(ClaimFailure::UnknownChannel);
		match &first {
			Err(AcceptError::Refused(refused))
				if refused.refusal == unknown && *look_ups < MAX_LOOK_UPS => {},
			_ => return first,
		}
		*look_ups += 1;
		match self.seller.follow(payment.channel()) {
			true => self.accept_now(payment),
			false => first,
		}
	}

	fn accept_now(&self, payment: &ChannelPayment) -> Result<Accepted, AcceptError> {
		match self.clock.now() {
			Some(now) => self.acceptor.accept(payment, now),
			// Whoever has seen no block since it was started accepts nothing. In the first block
			// there is, every state that it has is of the future.
			None => Err(self.unseen(payment.channel())),
		}
	}

	/// The refusal of a payee that has seen no block. What it accepted before is on its disk.
	fn unseen(&self, channel: ChannelId) -> AcceptError {
		let accepted = self.acceptor.with(|acceptor| acceptor.status(channel));
		match accepted {
			Ok(status) => {
				let accepted = status.map_or(0, |status| status.accepted);
				AcceptError::Refused(Refused { channel, accepted, refusal: Refusal::StateTooOld })
			},
			Err(error) => AcceptError::Store(error),
		}
	}
}
