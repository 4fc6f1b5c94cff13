//! `scenario`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ScenarioCommand {
	/// A car pays a charger by vouchers, kilowatt-hour by kilowatt-hour, with or without the chain.
	EvCharging(Props),
	/// Two machines are made and registered; one pays the other 1,000 times in one transaction.
	FirstPayments(Props),
	/// A hospital orders vaccine; a part arrives spoilt, it disputes, and an arbiter splits the price.
	HospitalSupplies(Props),
	/// A valve pays a well by the litre, with a hash chain.
	Irrigation(Props),
	/// A weather station sells readings to two buyers at once, each for a payment on its disk.
	SensorData(Props),
	/// A fridge orders milk; the price waits in escrow until it has arrived.
	SmartFridge(Props),
	/// A grid pays a solar roof by the second, pauses while it is cloudy, and gets back what is left.
	SolarFeedIn(Props),
	/// Three cars let a toll gate pull up to a cap a day; what is above it is refused.
	TollRoad(Props),
}

impl ScenarioCommand {
	/// What the story is played with.
	pub(in crate::cli) const fn props(&self) -> &Props {
		match self {
			Self::EvCharging(props)
			| Self::FirstPayments(props)
			| Self::HospitalSupplies(props)
			| Self::Irrigation(props)
			| Self::SensorData(props)
			| Self::SmartFridge(props)
			| Self::SolarFeedIn(props)
			| Self::TollRoad(props) => props,
		}
	}
}

/// What every story is played with.
#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct Props {
	/// Key file of an account with DAM and USDT, on a development chain Alice's.
	#[arg(long, value_name = "FILE")]
	pub(in crate::cli) owner_key: PathBuf,
	/// Where the devices' new key files are put; left out, a folder that is removed again.
	#[arg(long, value_name = "FOLDER")]
	pub(in crate::cli) dir: Option<PathBuf>,
}
