//! `scenario sensor-data`: a weather station sells readings, one for each payment, to two buyers at
//! once.

use std::time::Duration;

use dam_device::{services, Scheme, Usdt};
use dam_payments::Accepted;
use dam_primitives::{MachineKind, ServiceKind, Unit};
use serde_json::json;

use super::{
	books::Books,
	error::{demand, StageError},
	purchase::{buy, cheat, per_second, Purchase},
	stage::{Role, Stage},
	stall::{open, Stall},
};
use crate::cli::failure::Failure;

/// What each buyer may spend: 2 USDT.
const FUNDS: Usdt = Usdt::from_units(2_000_000);
/// What each puts into its channel: 1 USDT.
const DEPOSIT: Usdt = Usdt::from_units(1_000_000);
/// What a reading costs: 0.004 USDT.
const PRICE: Usdt = Usdt::from_units(4_000);
/// How many readings each buys.
const READINGS: u32 = 200;
/// When the station claims: 0.50 USDT.
const CLAIM_AT: Usdt = Usdt::from_units(500_000);

pub(super) async fn play(stage: &mut Stage<'_>) -> Result<(), Failure> {
	let [drone, robot, station] = stage
		.register([
			Role {
				name: "the drone",
				file: "drone.key",
				scheme: Scheme::Ed25519,
				kind: MachineKind::Drone,
			},
			Role {
				name: "the robot",
				file: "robot.key",
				scheme: Scheme::Sr25519,
				kind: MachineKind::Robot,
			},
			Role {
				name: "the weather station",
				file: "station.key",
				scheme: Scheme::Ecdsa,
				kind: MachineKind::Sensor,
			},
		])
		.await?;
	stage.fund(&drone, FUNDS).await?;
	stage.fund(&robot, FUNDS).await?;
	let readings = services::service(
		ServiceKind::Data,
		Unit::Request,
		PRICE,
		"https://station.example/reading",
		None,
	)?;
	stage.offer(&station, &readings).await?;

	let mut books = Books::open(stage, &[&drone, &robot, &station]).await?;
	let by_drone = open(stage, &mut books, (&drone, &station), DEPOSIT, None).await?;
	let by_robot = open(stage, &mut books, (&robot, &station), DEPOSIT, None).await?;
	let mut stall = Stall::open(stage, &station, CLAIM_AT, Some(reading)).await?;
	let purchase = |key: &str| Purchase {
		key: stage.folder().join(key),
		address: stall.address(),
		times: READINGS,
		price: PRICE,
		pace: Duration::ZERO,
		data: true,
	};
	let (first, second) = (purchase("drone.key"), purchase("robot.key"));

	stage.say(&format!(
		"Both ask at the same time; a reading for {PRICE} USDT goes out only when its payment is on the \
		 station's disk:"
	));
	let second = buy(by_robot, second, false);
	let by_drone = stall.serve(stage, buy(by_drone, first, false)).await?;
	let by_robot = stall.serve(stage, second).await?;
	let took = by_drone.took.max(by_robot.took);
	let requests = READINGS.saturating_mul(2);
	let rate = per_second(requests, took);
	for (name, bought) in [("drone", &by_drone), ("robot", &by_robot)] {
		stage.say(&format!(
			"  the {name}: {READINGS} readings, the last is {}",
			String::from_utf8_lossy(&bought.data)
		));
	}
	stage.say(&format!("  {requests} requests together, {rate:.0} per second."));
	demand("payments accepted", stall.accepted(), requests.into())?;

	let last = by_robot.last.ok_or(StageError::Missing("the last voucher"))?;
	let answer = stall.serve(stage, cheat(stall.address(), last)).await?;
	let refusal = answer.refusal.map_or("nothing", |refusal| refusal.explain());
	stage.say(&format!("The robot sends its last voucher again for another reading: {refusal}."));
	demand("that it is refused", answer.refusal.is_some(), true)?;
	demand("payments refused", stall.refused(), 1)?;

	stage.say("The station claims both channels, and closes them.");
	let channels = [(&drone, &by_drone.opened), (&robot, &by_robot.opened)];
	stall.close(stage, &mut books, &channels).await?;
	stage.note("data", json!({ "requests": requests, "price": PRICE, "perSecond": rate }));
	books.close(stage).await
}

/// A reading, as the station has it when the payment is kept.
fn reading(accepted: &Accepted) -> Vec<u8> {
	// What a thermometer would say: it goes up and down, and differs from request to request.
	let step = accepted.amount.checked_div(PRICE.units()).unwrap_or_default() % 40;
	let tenths = 180 + step.min(40 - step);
	let value = json!({
		"temperature": format!("{}.{}", tenths / 10, tenths % 10),
		"unit": "Cel",
		"paidInAll": Usdt::from_units(accepted.amount),
	});
	value.to_string().into_bytes()
}
