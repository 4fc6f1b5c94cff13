//! `scenario`: stories that machines play on a development chain, through the light client.
//!
//! Each story has a file of its own, and a function `play` that gets a [`Stage`]: the network, an
//! owner with money, a folder for what the devices keep, and the means to tell what happens. What
//! the machines hold is written down in [`Books`](books::Books) and compared with storage proofs,
//! to the last unit.

mod books;
mod error;
mod ev_charging;
mod first_payments;
mod hospital_supplies;
mod irrigation;
mod purchase;
mod sensor_data;
mod smart_fridge;
mod solar_feed_in;
mod stage;
mod stall;
mod toll_road;

use super::{
	args::{Global, ScenarioCommand},
	failure::Failure,
	output::Output,
};
use stage::Stage;

/// Plays a story from its beginning, with machines that are made and registered for it: what other
/// stories left on the chain does not matter.
pub(super) async fn run(
	command: &ScenarioCommand,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	let mut stage = Stage::set(command.props(), global, output).await?;
	match command {
		ScenarioCommand::EvCharging(_) => ev_charging::play(&mut stage).await?,
		ScenarioCommand::FirstPayments(_) => first_payments::play(&mut stage).await?,
		ScenarioCommand::HospitalSupplies(_) => hospital_supplies::play(&mut stage).await?,
		ScenarioCommand::Irrigation(_) => irrigation::play(&mut stage).await?,
		ScenarioCommand::SensorData(_) => sensor_data::play(&mut stage).await?,
		ScenarioCommand::SmartFridge(_) => smart_fridge::play(&mut stage).await?,
		ScenarioCommand::SolarFeedIn(_) => solar_feed_in::play(&mut stage).await?,
		ScenarioCommand::TollRoad(_) => toll_road::play(&mut stage).await?,
	}
	stage.end();
	Ok(())
}
