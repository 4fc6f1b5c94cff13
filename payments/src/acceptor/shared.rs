//! One acceptor for many connections: payments that come in together share a write to disk.

use std::sync::{Condvar, Mutex, MutexGuard};

use dam_primitives::ChannelPayment;

use super::{AcceptError, Accepted, Acceptor, Refused, Unverified};
use crate::store::StoreError;

/// An acceptor that many threads use at a time.
///
/// Signatures and hashes are checked side by side. Whoever has staged a payment while no write is
/// under way writes everything that is staged, for all; who comes later waits for the next write. So
/// the slower the disk, the more payments share a write, and nobody waits for more than two.
#[derive(Debug)]
pub struct SharedAcceptor {
	state: Mutex<State>,
	written: Condvar,
}

#[derive(Debug)]
struct State {
	acceptor: Acceptor,
	/// Number of the group of payments that is being collected.
	collecting: u64,
	/// The last group that is on disk.
	committed: u64,
	/// Whether somebody is writing the group before the one that is being collected.
	writing: bool,
	/// How many wait to do something that is not a payment. They come before the next write.
	waiting: u32,
}

impl SharedAcceptor {
	/// Shares an acceptor.
	pub const fn new(acceptor: Acceptor) -> Self {
		let state = State { acceptor, collecting: 1, committed: 0, writing: false, waiting: 0 };
		Self { state: Mutex::new(state), written: Condvar::new() }
	}

	/// Accepts a payment in block `now`; returns once it is on disk. See [`Acceptor::accept`].
	///
	/// # Errors
	/// [`AcceptError`]: then nothing may be acknowledged.
	pub fn accept(&self, payment: &ChannelPayment, now: u32) -> Result<Accepted, AcceptError> {
		let checked = self.lock()?.acceptor.check(payment, now);
		let verified = checked.and_then(Unverified::verify);
		let mut state = self.lock()?;
		let outcome = verified
			.and_then(|verified| state.acceptor.stage(&verified, now))
			.map_err(|refusal| state.acceptor.refuse(payment.channel(), refusal));
		// A refusal says what was accepted so far. That, too, must be on disk before it is said.
		self.commit(state)?;
		Ok(outcome.map_err(|refused: Refused| refused)?)
	}

	/// Does something with the acceptor that is not a payment: takes a state, plans claims. Waits
	/// for the write under way and for no other, however many payments come in: whoever pays without
	/// a pause must not keep a payee from its claims. Payments wait meanwhile.
	///
	/// # Errors
	/// [`StoreError::Failed`] after a write that failed.
	pub fn with<R>(&self, action: impl FnOnce(&mut Acceptor) -> R) -> Result<R, StoreError> {
		let mut state = self.lock()?;
		// A write under way holds older records than a commit of `action` would: in this order only
		// do they reach the disk as they were made.
		state.waiting = state.waiting.saturating_add(1);
		while state.writing {
			state = self.wait(state)?;
		}
		state.waiting = state.waiting.saturating_sub(1);
		let done = action(&mut state.acceptor);
		self.written.notify_all();
		Ok(done)
	}

	/// Ends the sharing.
	///
	/// # Errors
	/// [`StoreError::Failed`] after a thread died in the middle of something.
	pub fn into_inner(self) -> Result<Acceptor, StoreError> {
		match self.state.into_inner() {
			Ok(state) => Ok(state.acceptor),
			Err(poisoned) => Err(failed(&poisoned.get_ref().acceptor)),
		}
	}

	/// Returns once everything that is staged by now is on disk.
	fn commit<'a>(&'a self, mut state: MutexGuard<'a, State>) -> Result<(), StoreError> {
		let store = state.acceptor.store();
		let group = match (state.acceptor.is_clean(), state.writing) {
			(false, _) => state.collecting,
			(true, true) => state.collecting.saturating_sub(1),
			(true, false) => return store.check(),
		};
		while state.committed < group {
			store.check()?;
			if state.writing || state.waiting > 0 {
				state = self.wait(state)?;
				continue;
			}
			let changes = state.acceptor.take_changes();
			let writing = state.collecting;
			state.collecting = state.collecting.saturating_add(1);
			state.writing = true;
			drop(state);
			let result = store.write(&changes);
			state = self.lock()?;
			state.writing = false;
			if result.is_ok() {
				state.committed = writing;
			}
			self.written.notify_all();
			result?;
		}
		Ok(())
	}

	fn lock(&self) -> Result<MutexGuard<'_, State>, StoreError> {
		self.state.lock().map_err(|poisoned| failed(&poisoned.get_ref().acceptor))
	}

	fn wait<'a>(&self, state: MutexGuard<'a, State>) -> Result<MutexGuard<'a, State>, StoreError> {
		self.written.wait(state).map_err(|poisoned| failed(&poisoned.get_ref().acceptor))
	}
}

/// A thread died while it held the acceptor: what is in memory may be half done.
fn failed(acceptor: &Acceptor) -> StoreError {
	StoreError::Failed(acceptor.path().into())
}
