//! Which block is being built, for somebody who may be cut off from the chain.

use std::{
	sync::Mutex,
	time::{Duration, Instant, SystemTime},
};

/// Counts blocks on from the last one that was seen.
///
/// Two clocks are asked and the one that went further is believed: the monotonic one stands still
/// while a device sleeps, and the one on the wall can be set back. To believe that too many blocks
/// were built makes a payee refuse payments until it sees the chain again; to believe that too few
/// were makes it accept what it can no longer claim.
#[derive(Debug)]
pub struct BlockClock {
	block_time: Duration,
	seen: Mutex<Option<Seen>>,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
	block: u32,
	monotonic: Instant,
	wall: SystemTime,
}

impl BlockClock {
	/// A clock for a chain that builds a block every `block_time`. It does not know the time before a
	/// block was [`saw`](Self::saw).
	pub const fn new(block_time: Duration) -> Self {
		Self { block_time, seen: Mutex::new(None) }
	}

	/// A finalized block was seen just now. An earlier one than was seen before changes nothing.
	pub fn saw(&self, block: u32) {
		self.saw_at(block, Instant::now(), SystemTime::now());
	}

	/// The block that is being built, as far as is known; `None` before any block was seen.
	pub fn now(&self) -> Option<u32> {
		self.now_at(Instant::now(), SystemTime::now())
	}

	fn saw_at(&self, block: u32, monotonic: Instant, wall: SystemTime) {
		// What is kept is whole at any moment, so a thread that died with it left nothing half done.
		let mut seen = self.seen.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
		if seen.is_none_or(|seen| block > seen.block) {
			*seen = Some(Seen { block, monotonic, wall });
		}
	}

	fn now_at(&self, monotonic: Instant, wall: SystemTime) -> Option<u32> {
		let seen = (*self.seen.lock().unwrap_or_else(|poisoned| poisoned.into_inner()))?;
		let passed = monotonic
			.saturating_duration_since(seen.monotonic)
			.max(wall.duration_since(seen.wall).unwrap_or_default());
		// A block time of zero has no meaning; it counts as a nanosecond.
		let blocks = passed.as_nanos() / self.block_time.as_nanos().max(1);
		let blocks = u32::try_from(blocks).unwrap_or(u32::MAX);
		Some(seen.block.saturating_add(1).saturating_add(blocks))
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	const SECOND: Duration = Duration::from_secs(1);

	#[test]
	fn clock_should_count_on_from_the_last_block_seen() {
		let clock = BlockClock::new(SECOND);
		let (start, wall) = (Instant::now(), SystemTime::now());
		assert_eq!(clock.now_at(start, wall), None);
		clock.saw_at(100, start, wall);
		let now = |passed: Duration| clock.now_at(start + passed, wall + passed);
		assert_eq!(now(Duration::ZERO), Some(101));
		assert_eq!(now(Duration::from_millis(999)), Some(101));
		assert_eq!(now(SECOND * 60), Some(161));
		// Time passes though no block comes: that is the point.
		clock.saw_at(99, start + SECOND * 60, wall + SECOND * 60);
		clock.saw_at(100, start + SECOND * 60, wall + SECOND * 60);
		assert_eq!(now(SECOND * 60), Some(161));
		clock.saw_at(150, start + SECOND * 60, wall + SECOND * 60);
		assert_eq!(now(SECOND * 60), Some(151));
	}

	#[test]
	fn clock_should_believe_whichever_clock_went_further() {
		let clock = BlockClock::new(SECOND);
		let (start, wall) = (Instant::now(), SystemTime::now());
		clock.saw_at(100, start, wall);
		assert_eq!(clock.now_at(start, wall + SECOND * 3_600), Some(3_701), "it slept");
		assert_eq!(clock.now_at(start + SECOND * 9, wall - SECOND * 9), Some(110), "set back");
		let ages = SECOND * u32::MAX;
		assert_eq!(clock.now_at(start, wall + ages), Some(u32::MAX), "no overflow");
	}
}
