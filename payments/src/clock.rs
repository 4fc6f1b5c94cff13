//! Which block is being built, for somebody who may be cut off from the chain, or shown an old one.

use std::{
	sync::Mutex,
	time::{Duration, Instant, SystemTime},
};

/// A finalized block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SeenBlock {
	/// Its number.
	pub number: u32,
	/// When it was built, by its own word, which validators check to some seconds.
	pub built_at: SystemTime,
}

/// Counts blocks on from the last one that was seen, and from when that was built: whoever is shown
/// the chain with a delay, by peers that hold blocks back, still knows how late it is.
///
/// Two clocks are asked and the one that went further is believed: the monotonic one, which starts
/// when the block is seen, stands still while a device sleeps, and the one on the wall can be wrong.
/// To believe that too many blocks were built makes a payee refuse payments, so a device whose wall
/// clock is ahead of the chain takes none until it is set; to believe that too few were makes it
/// accept what it can no longer claim.
#[derive(Debug)]
pub struct BlockClock {
	block_time: Duration,
	seen: Mutex<Option<Sight>>,
}

#[derive(Clone, Copy, Debug)]
struct Sight {
	block: SeenBlock,
	monotonic: Instant,
}

impl BlockClock {
	/// A clock for a chain that builds a block every `block_time`. It does not know the time before a
	/// block was [`saw`](Self::saw).
	pub const fn new(block_time: Duration) -> Self {
		Self { block_time, seen: Mutex::new(None) }
	}

	/// A finalized block was seen just now. An earlier one than was seen before changes nothing.
	pub fn saw(&self, block: SeenBlock) {
		self.saw_at(block, Instant::now());
	}

	/// The block that is being built, as far as is known; `None` before any block was seen.
	pub fn now(&self) -> Option<u32> {
		self.now_at(Instant::now(), SystemTime::now())
	}

	fn saw_at(&self, block: SeenBlock, monotonic: Instant) {
		// What is kept is whole at any moment, so a thread that died with it left nothing half done.
		let mut seen = self.seen.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
		if seen.is_none_or(|seen| block.number > seen.block.number) {
			*seen = Some(Sight { block, monotonic });
		}
	}

	fn now_at(&self, monotonic: Instant, wall: SystemTime) -> Option<u32> {
		let seen = (*self.seen.lock().unwrap_or_else(|poisoned| poisoned.into_inner()))?;
		let passed = monotonic
			.saturating_duration_since(seen.monotonic)
			.max(wall.duration_since(seen.block.built_at).unwrap_or_default());
		// A block time of zero has no meaning; it counts as a nanosecond.
		let blocks = passed.as_nanos() / self.block_time.as_nanos().max(1);
		let blocks = u32::try_from(blocks).unwrap_or(u32::MAX);
		Some(seen.block.number.saturating_add(1).saturating_add(blocks))
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
		let saw = |number, passed: Duration| {
			clock.saw_at(SeenBlock { number, built_at: wall + passed }, start + passed)
		};
		saw(100, Duration::ZERO);
		let now = |passed: Duration| clock.now_at(start + passed, wall + passed);
		assert_eq!(now(Duration::ZERO), Some(101));
		assert_eq!(now(Duration::from_millis(999)), Some(101));
		assert_eq!(now(SECOND * 60), Some(161));
		// Time passes though no block comes: that is the point.
		saw(99, SECOND * 60);
		saw(100, SECOND * 60);
		assert_eq!(now(SECOND * 60), Some(161));
		saw(150, SECOND * 60);
		assert_eq!(now(SECOND * 60), Some(151));
	}

	#[test]
	fn clock_should_believe_whichever_clock_went_further() {
		let clock = BlockClock::new(SECOND);
		let (start, wall) = (Instant::now(), SystemTime::now());
		clock.saw_at(SeenBlock { number: 100, built_at: wall }, start);
		assert_eq!(clock.now_at(start, wall + SECOND * 3_600), Some(3_701), "it slept");
		assert_eq!(clock.now_at(start + SECOND * 9, wall - SECOND * 9), Some(110), "set back");
		let ages = SECOND * u32::MAX;
		assert_eq!(clock.now_at(start, wall + ages), Some(u32::MAX), "no overflow");
	}

	#[test]
	fn clock_should_see_through_blocks_that_come_late() {
		let clock = BlockClock::new(SECOND);
		let (start, wall) = (Instant::now(), SystemTime::now());
		let late = SECOND * 900;
		clock.saw_at(SeenBlock { number: 100, built_at: wall - late }, start);
		assert_eq!(clock.now_at(start, wall), Some(1_001));
		// The next one comes after a second, as late as the one before.
		let (start, wall) = (start + SECOND, wall + SECOND);
		clock.saw_at(SeenBlock { number: 101, built_at: wall - late }, start);
		assert_eq!(clock.now_at(start, wall), Some(1_002));
		// A clock that was never set knows no better than the monotonic one.
		assert_eq!(clock.now_at(start + SECOND, SystemTime::UNIX_EPOCH), Some(103));
	}
}
