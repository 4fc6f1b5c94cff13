//! Which nonces of a payer were used: what lets intents come in any order and happen once.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::IntentFailure;

/// How many nonces in a row a window remembers one by one.
pub const WIDTH: u64 = 256;
/// How far beyond its last nonce a window moves at once.
///
/// Whoever draws nonces at random, or stole a key and wants to spoil them, would otherwise leave few
/// or none for later. Seconds since 1970 are within it.
pub const MAX_STEP: u64 = 1 << 32;

/// The used nonces of one payer, in 40 bytes.
///
/// Of [`WIDTH`] nonces in a row the window knows which were used; all below count as used, all above
/// as unused. A nonce above moves the window up, so that it becomes the last one inside, which gives
/// up whatever falls out below. So a payer counts upwards from 0, and has no two intents about that
/// are [`WIDTH`] or more apart; within that, intents may come in any order.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	Debug,
	Default,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct NonceWindow {
	/// The lowest nonce that may be unused.
	pub base: u64,
	/// Whether `base + i` was used: bit `i % 64`, the least significant first, of word `i / 64`.
	pub used: [u64; 4],
}

impl NonceWindow {
	/// The last nonce inside.
	pub const fn last(&self) -> u64 {
		// Exact: a window only moves until its last nonce is one that was used.
		self.base.saturating_add(WIDTH - 1)
	}

	/// Whether `nonce` can be used.
	///
	/// # Errors
	/// [`IntentFailure::NonceUsed`], [`IntentFailure::NonceTooOld`] or
	/// [`IntentFailure::NonceTooFar`].
	pub fn check(&self, nonce: u64) -> Result<(), IntentFailure> {
		let Some(place) = nonce.checked_sub(self.base) else {
			return Err(IntentFailure::NonceTooOld);
		};
		if nonce.saturating_sub(self.last()) > MAX_STEP {
			return Err(IntentFailure::NonceTooFar);
		}
		match self.word(place) {
			Some(word) if word & bit(place) != 0 => Err(IntentFailure::NonceUsed),
			_ => Ok(()),
		}
	}

	/// Uses `nonce`, if it can be used.
	///
	/// # Errors
	/// As [`Self::check`]; then nothing has changed.
	pub fn mark(&mut self, nonce: u64) -> Result<(), IntentFailure> {
		self.check(nonce)?;
		self.move_up(nonce.saturating_sub(self.last()));
		// Neither is `None`: the nonce is inside now.
		let place = nonce.checked_sub(self.base).ok_or(IntentFailure::NonceTooOld)?;
		let index = usize::try_from(place / 64).map_err(|_| IntentFailure::NonceTooFar)?;
		let word = self.used.get_mut(index).ok_or(IntentFailure::NonceTooFar)?;
		*word |= bit(place);
		Ok(())
	}

	/// The nonce after the highest that was used: where a payer goes on that lost its memory. `None`
	/// if there is none left.
	///
	/// Intents that it has handed out and that were not submitted may have higher ones. It should wait
	/// until they have expired, or go on [`WIDTH`] further up, which ends them.
	pub fn next_nonce(&self) -> Option<u64> {
		let highest = (0u64..)
			.zip(&self.used)
			.filter(|(_, word)| **word != 0)
			.map(|(index, word)| 64 * index + 63 - u64::from(word.leading_zeros()))
			.last();
		match highest {
			Some(place) => self.base.checked_add(place)?.checked_add(1),
			None => Some(self.base),
		}
	}

	/// The word in which the nonce at `place` has its bit; `None` beyond the window.
	fn word(&self, place: u64) -> Option<u64> {
		self.used.get(usize::try_from(place / 64).ok()?).copied()
	}

	/// Moves the window up by `step` nonces.
	fn move_up(&mut self, step: u64) {
		let before = *self;
		self.base = before.base.saturating_add(step);
		for (index, word) in (0u64..).zip(&mut self.used) {
			// The new word is cut out of two neighbours of the old ones.
			let start = step.saturating_add(64 * index);
			let low = before.word(start).unwrap_or(0);
			let high = before.word(start.saturating_add(64)).unwrap_or(0);
			*word = match step % 64 {
				0 => low,
				shift => low >> shift | high << (64 - shift),
			};
		}
	}
}

/// The bit of a word for the nonce at `place`.
const fn bit(place: u64) -> u64 {
	1 << (place % 64)
}

#[cfg(test)]
mod tests {
	use super::*;
	use alloc::{collections::BTreeSet, vec, vec::Vec};

	fn window(nonces: &[u64]) -> NonceWindow {
		let mut window = NonceWindow::default();
		for nonce in nonces {
			window.mark(*nonce).unwrap();
		}
		window
	}

	#[test]
	fn window_should_keep_its_layout() {
		let window = window(&[0, 65, 256]);
		let mut expected = vec![1, 0, 0, 0, 0, 0, 0, 0];
		expected.extend([0, 0, 0, 0, 0, 0, 0, 0]);
		expected.extend([1, 0, 0, 0, 0, 0, 0, 0]);
		expected.extend([0, 0, 0, 0, 0, 0, 0, 0]);
		expected.extend([0, 0, 0, 0, 0, 0, 0, 0x80]);
		assert_eq!(window.encode(), expected);
		assert_eq!(NonceWindow::max_encoded_len(), 40);
	}

	#[test]
	fn nonce_should_be_usable_once_in_any_order() {
		let mut window = NonceWindow::default();
		for nonce in (0..WIDTH).rev().step_by(2).chain((0..WIDTH).step_by(2)) {
			assert_eq!(window.mark(nonce), Ok(()));
			assert_eq!(window.mark(nonce), Err(IntentFailure::NonceUsed));
		}
		assert_eq!(window, NonceWindow { base: 0, used: [u64::MAX; 4] });
	}

	#[test]
	fn window_should_give_up_what_falls_out() {
		let mut window = window(&[3, 300]);
		assert_eq!((window.base, window.last()), (45, 300));
		for nonce in [0, 3, 44] {
			assert_eq!(window.mark(nonce), Err(IntentFailure::NonceTooOld));
		}
		assert_eq!(window.mark(45), Ok(()));
		assert_eq!(window.mark(300), Err(IntentFailure::NonceUsed));
	}

	#[test]
	fn window_should_move_a_bounded_step_at_once() {
		let furthest = WIDTH - 1 + MAX_STEP;
		let mut window = NonceWindow::default();
		for nonce in [furthest + 1, u64::MAX] {
			assert_eq!(window.mark(nonce), Err(IntentFailure::NonceTooFar));
			assert_eq!(window, NonceWindow::default());
		}
		assert_eq!(window.mark(furthest), Ok(()));
		assert_eq!(window, NonceWindow { base: MAX_STEP, used: [0, 0, 0, 1 << 63] });
	}

	#[test]
	fn window_should_end_with_the_last_number() {
		let mut window = NonceWindow { base: u64::MAX - 1_000, used: [0, 0, 0, 1 << 63] };
		assert_eq!(window.mark(u64::MAX), Ok(()));
		assert_eq!((window.base, window.last()), (u64::MAX - 255, u64::MAX));
		assert_eq!(window.mark(u64::MAX), Err(IntentFailure::NonceUsed));
		assert_eq!(window.next_nonce(), None);
		assert_eq!(window.mark(u64::MAX - 1), Ok(()));
	}

	#[test]
	fn next_nonce_should_be_above_whatever_was_used() {
		assert_eq!(window(&[]).next_nonce(), Some(0));
		assert_eq!(window(&[0]).next_nonce(), Some(1));
		assert_eq!(window(&[63]).next_nonce(), Some(64));
		assert_eq!(window(&[7, 64, 9]).next_nonce(), Some(65));
		assert_eq!(window(&[255, 3]).next_nonce(), Some(256));
		assert_eq!(window(&[1_000]).next_nonce(), Some(1_001));
	}

	/// Against the definition: a set of used nonces, the highest of which decides what is too old.
	#[test]
	fn window_should_be_that_of_its_definition() {
		let mut state = 1u64;
		let mut random = |below: u64| {
			// Numbers of Knuth's MMIX generator; its high bits are good enough here.
			state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
			(state >> 33) % below
		};
		let (mut window, mut used) = (NonceWindow::default(), BTreeSet::new());
		for _ in 0..50_000 {
			let last = used.last().copied().unwrap_or(0).max(WIDTH - 1);
			let reach = [300, 70, 2_000][random(3) as usize];
			let nonce = (last + random(reach)).saturating_sub(280);
			let expected = if nonce + WIDTH <= last {
				Err(IntentFailure::NonceTooOld)
			} else if used.contains(&nonce) {
				Err(IntentFailure::NonceUsed)
			} else {
				used.insert(nonce);
				Ok(())
			};
			assert_eq!(window.mark(nonce), expected, "{nonce} after {last}");
			assert_eq!(window.next_nonce(), Some(used.last().map_or(0, |highest| highest + 1)));
		}
		assert!(used.len() > 5_000, "too few were used for the test to say much");
		let inside: Vec<_> = (window.base..=window.last())
			.filter(|nonce| window.check(*nonce) == Err(IntentFailure::NonceUsed))
			.collect();
		assert_eq!(inside, used.range(window.base..).copied().collect::<Vec<_>>());
	}
}
