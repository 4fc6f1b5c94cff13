//! Time on the wall and on the processors.

use crate::error::Error;
use cpu_time::ProcessTime;
use std::{
	thread,
	time::{Duration, Instant},
};

/// How often [`settle`] looks.
const LOOK: Duration = Duration::from_millis(20);
/// Less CPU time than this between two looks is an idle process: the runtime's timers wake it up.
const IDLE: Duration = Duration::from_millis(1);
/// [`settle`] gives up after this long.
const LONGEST_WAIT: Duration = Duration::from_secs(20);

/// CPU time of this process so far, of all its threads.
pub fn cpu() -> Result<ProcessTime, Error> {
	ProcessTime::try_now().map_err(Error::CpuTime)
}

/// Waits until the background threads of the databases have written what they were given, so that
/// the work of one measurement is not counted in the next.
pub fn settle() -> Result<(), Error> {
	let begun = Instant::now();
	let mut before = cpu()?;
	while begun.elapsed() < LONGEST_WAIT {
		thread::sleep(LOOK);
		let now = cpu()?;
		if now.duration_since(before) < IDLE {
			break;
		}
		before = now;
	}
	Ok(())
}

/// What something took.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Took {
	/// On the wall.
	pub wall: Duration,
	/// On the processors, all threads of the process together, until they were idle again.
	pub cpu: Duration,
}

/// Measures `work`, between two moments at which the process is idle.
pub fn measure<T>(work: impl FnOnce() -> Result<T, Error>) -> Result<(T, Took), Error> {
	settle()?;
	let cpu_before = cpu()?;
	let begun = Instant::now();
	let result = work()?;
	let wall = begun.elapsed();
	settle()?;
	Ok((result, Took { wall, cpu: cpu()?.duration_since(cpu_before) }))
}

/// The middle of `samples`; the mean of the two in the middle if they are even in number, 0 if there
/// are none.
pub fn median(samples: impl IntoIterator<Item = f64>) -> f64 {
	let mut sorted: Vec<f64> = samples.into_iter().collect();
	sorted.sort_by(f64::total_cmp);
	let middle = sorted.len() / 2;
	match (sorted.len() % 2, sorted.get(middle)) {
		(_, None) => 0.0,
		(1, Some(sample)) => *sample,
		(_, Some(upper)) => (sorted[middle - 1] + upper) / 2.0,
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn median_should_be_the_middle() {
		assert_eq!(median([3.0, 1.0, 2.0]), 2.0);
		assert_eq!(median([4.0, 1.0, 2.0, 3.0]), 2.5);
		assert_eq!(median([7.0]), 7.0);
		assert_eq!(median([]), 0.0);
	}

	#[test]
	fn measurement_should_count_what_the_processors_did() {
		let work = Duration::from_millis(100);
		let (result, took) = measure(|| {
			let begun = cpu()?;
			while cpu()?.duration_since(begun) < work {}
			Ok(7)
		})
		.unwrap();
		assert_eq!(result, 7);
		assert!(took.cpu >= work, "{took:?}");
		assert!(took.wall > Duration::ZERO, "{took:?}");
	}
}
