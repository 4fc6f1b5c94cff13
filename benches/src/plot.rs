//! The figures as a picture: payments per second over the size of the state.

use crate::{error::Error, report::Summary};
use plotters::prelude::*;
use std::path::Path;

/// Width and height, in pixels.
const SIZE: (u32, u32) = (960, 540);

/// One colour a workload; distinguishable for people who do not tell red from green.
const COLOURS: [RGBColor; 8] = [
	RGBColor(0, 114, 178),
	RGBColor(230, 159, 0),
	RGBColor(0, 158, 115),
	RGBColor(204, 121, 167),
	RGBColor(213, 94, 0),
	RGBColor(86, 180, 233),
	RGBColor(117, 112, 30),
	RGBColor(0, 0, 0),
];

/// Draws one line a workload, both axes logarithmic.
///
/// # Errors
/// If the file cannot be written.
pub fn write(summaries: &[Summary], file: &Path) -> Result<(), Error> {
	let Some(first) = summaries.first() else { return Ok(()) };
	let most = |value: fn(&Summary) -> f64| {
		let values = || summaries.iter().map(value);
		(values().fold(value(first), f64::min), values().fold(value(first), f64::max))
	};
	let (fewest_accounts, most_accounts) = most(|one| one.accounts as f64);
	let (slowest, fastest) = most(|one| one.per_second);

	let root = SVGBackend::new(file, SIZE).into_drawing_area();
	root.fill(&WHITE).map_err(Error::report)?;
	let mut chart = ChartBuilder::on(&root)
		.caption("Payments per second of one core", ("sans-serif", 24))
		.margin(16)
		.x_label_area_size(48)
		.y_label_area_size(88)
		.build_cartesian_2d(
			(fewest_accounts / 2.0..most_accounts * 2.0).log_scale(),
			(slowest / 2.0..fastest * 4.0).log_scale(),
		)
		.map_err(Error::report)?;
	chart
		.configure_mesh()
		.x_desc("accounts in the state")
		.y_desc("payments per second")
		.x_label_formatter(&|value| format!("{value:.0}"))
		.y_label_formatter(&|value| format!("{value:.0}"))
		.axis_desc_style(("sans-serif", 16))
		.label_style(("sans-serif", 13))
		.draw()
		.map_err(Error::report)?;

	// Every size has the same workloads, in the order of the tables.
	let lines = summaries
		.iter()
		.filter(|one| one.accounts == first.accounts)
		.map(|one| (one.workload, one.title));
	for (index, (workload, title)) in lines.enumerate() {
		let colour = COLOURS[index % COLOURS.len()];
		let points: Vec<_> = summaries
			.iter()
			.filter(|one| one.workload == workload)
			.map(|one| (one.accounts as f64, one.per_second))
			.collect();
		chart
			.draw_series(LineSeries::new(points.clone(), colour.stroke_width(2)).point_size(4))
			.map_err(Error::report)?
			.label(title)
			.legend(move |(x, y)| PathElement::new([(x, y), (x + 24, y)], colour.stroke_width(3)));
	}
	chart
		.configure_series_labels()
		.position(SeriesLabelPosition::UpperRight)
		.background_style(WHITE.mix(0.85))
		.border_style(BLACK.mix(0.3))
		.label_font(("sans-serif", 14))
		.draw()
		.map_err(Error::report)?;
	root.present().map_err(Error::report)
}

#[cfg(test)]
mod tests {
	use super::*;

	fn summary(accounts: u64, title: &'static str, per_second: f64) -> Summary {
		Summary {
			accounts,
			workload: title,
			title,
			per_second,
			import: 1.0,
			import_range: (1.0, 1.0),
			cpu: 1.0,
			weight: 1.0,
			build: 1.0,
			per_block: 1.0,
		}
	}

	#[test]
	fn picture_should_name_every_workload_and_axis() {
		let folder = tempfile::tempdir().unwrap();
		let file = folder.path().join("payments.svg");
		let summaries = [
			summary(1_000, "one", 3_000.0),
			summary(1_000, "two", 60_000.0),
			summary(1_000_000, "one", 2_000.0),
			summary(1_000_000, "two", 50_000.0),
		];
		write(&summaries, &file).unwrap();
		let svg = std::fs::read_to_string(file).unwrap();
		assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
		for text in ["one", "two", "accounts in the state", "payments per second"] {
			assert!(svg.contains(text), "{text} is missing");
		}
		assert!(svg.matches("<polyline").count() >= 2);
	}

	#[test]
	fn one_point_should_be_drawn_too() {
		let folder = tempfile::tempdir().unwrap();
		let file = folder.path().join("payments.svg");
		write(&[summary(1_000, "one", 3_000.0)], &file).unwrap();
		assert!(std::fs::read_to_string(file).unwrap().contains("<circle"));
	}
}
