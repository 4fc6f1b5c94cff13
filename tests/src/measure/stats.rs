//! Percentiles.

/// Sorted samples.
#[derive(Clone, Debug, Default)]
pub struct Samples(Vec<f64>);

impl FromIterator<f64> for Samples {
	fn from_iter<I: IntoIterator<Item = f64>>(samples: I) -> Self {
		let mut sorted: Vec<f64> = samples.into_iter().collect();
		sorted.sort_by(f64::total_cmp);
		Self(sorted)
	}
}

impl IntoIterator for Samples {
	type Item = f64;
	type IntoIter = std::vec::IntoIter<f64>;

	fn into_iter(self) -> Self::IntoIter {
		self.0.into_iter()
	}
}

impl Samples {
	/// The sample that `percent` of all do not exceed (nearest rank); 0 if there are none.
	pub fn percentile(&self, percent: f64) -> f64 {
		let rank = (percent / 100.0 * self.0.len() as f64).ceil() as usize;
		self.0.get(rank.saturating_sub(1)).copied().unwrap_or_default()
	}

	/// How many there are.
	pub fn count(&self) -> usize {
		self.0.len()
	}

	/// The largest; 0 if there are none.
	pub fn max(&self) -> f64 {
		self.0.last().copied().unwrap_or_default()
	}

	/// `p50 / p95`, rounded.
	pub fn typical(&self) -> String {
		format!("{:.0} / {:.0}", self.percentile(50.0), self.percentile(95.0))
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn percentiles_should_be_of_the_nearest_rank() {
		let samples: Samples = (1..=20).rev().map(f64::from).collect();
		assert_eq!(samples.percentile(50.0), 10.0);
		assert_eq!(samples.percentile(95.0), 19.0);
		assert_eq!(samples.max(), 20.0);
		assert_eq!(Samples::default().percentile(50.0), 0.0);
	}
}
