//! `scenario toll-road`: cars let a gate pull its toll, up to a cap a day.

use std::time::Instant;

use dam_device::{
	chain::{Network, Pull},
	mandates::{Grant, MandateError, Mandates},
	services,
	time::Blocks,
	Scheme, Usdt,
};
use dam_primitives::{FailedPull, MachineKind, MandateId, PullFailure, ServiceKind, Unit};
use serde_json::json;

use super::{
	books::Books,
	error::{demand, StageError},
	stage::{sentence, Machine, Role, Stage},
};
use crate::cli::failure::Failure;

/// What each car has: 5 USDT.
const FUNDS: Usdt = Usdt::from_units(5_000_000);
/// What a passage costs: 0.80 USDT.
const TOLL: Usdt = Usdt::from_units(800_000);
/// Most that the gate can pull from a car in a day: 2 USDT.
const CAP: Usdt = Usdt::from_units(2_000_000);
/// What two passages leave of it: 0.40 USDT.
const REST: Usdt = Usdt::from_units(400_000);
/// A day.
const DAY: Blocks = Blocks::new(86_400);
/// How long the mandates are good, in blocks: thirty days.
const VALIDITY: u32 = 30 * 86_400;

pub(super) async fn play(stage: &mut Stage<'_>) -> Result<(), Failure> {
	let car = |name, file| Role { name, file, scheme: Scheme::Ed25519, kind: MachineKind::Vehicle };
	let gate = Role {
		name: "the gate",
		file: "gate.key",
		scheme: Scheme::Sr25519,
		kind: MachineKind::Sensor,
	};
	let roles = [
		gate,
		car("the first car", "car-1.key"),
		car("the second car", "car-2.key"),
		car("the third car", "car-3.key"),
	];
	let [gate, first, second, third] = stage.register(roles).await?;
	let cars = [&first, &second, &third];
	for car in cars {
		stage.fund(car, FUNDS).await?;
	}
	let passage =
		services::service(ServiceKind::Toll, Unit::Piece, TOLL, "https://road.example/toll", None)?;
	stage.offer(&gate, &passage).await?;

	let network = stage.network();
	let deposit = network.limits().await?.mandate_deposit;
	let mut books = Books::open(stage, &[&gate, &first, &second, &third]).await?;
	let mut mandates = Vec::new();
	for car in cars {
		mandates.push(grant(stage, car, &gate).await?);
		books.lock(car, deposit)?;
	}
	stage.say(&format!(
		"  Nothing is locked but {deposit} USDT each, which come back when a mandate is gone."
	));

	let puller = Mandates::new(&network, gate.key(), stage.patience());
	let [one, two, three] =
		<[MandateId; 3]>::try_from(mandates).map_err(|_| StageError::Missing("a mandate"))?;
	for time in ["once", "twice"] {
		let clock = Instant::now();
		let done = puller.pull(Pull { mandate: one, amount: TOLL }, &mut |_| {}).await?;
		stage.free(
			clock,
			&format!("The first car passes {time}, the gate pulls {TOLL} USDT"),
			&done,
		)?;
		books.pay(&first, &gate, TOLL)?;
	}
	match puller.pull(Pull { mandate: one, amount: TOLL }, &mut |_| {}).await {
		Err(error @ MandateError::ExceedsCap { available, .. }) => {
			demand("what the cap leaves", available, REST)?;
			stage.say(&format!(
				"It comes a third time. The gate stays closed, and nothing is sent:\n  {error}."
			));
		},
		Err(error) => return Err(error.into()),
		Ok(_) => demand("the third passage", "paid", "refused over the cap")?,
	}

	stage.say("In the evening the gate pulls for all three at once, in one transaction:");
	let pulls = [one, two, three].map(|mandate| Pull { mandate, amount: TOLL });
	let clock = Instant::now();
	let pulled = puller.pull_batch(&pulls, &mut |_| {}).await?;
	stage.free(
		clock,
		&format!("  {} of {} pulls were paid, {} USDT", pulled.pulled, pulls.len(), pulled.total),
		&pulled.done,
	)?;
	let over = FailedPull { index: 0, reason: PullFailure::ExceedsCap };
	demand("the pulls that failed", format!("{:?}", pulled.failed), format!("{:?}", [over]))?;
	demand("the pulls that were paid", pulled.pulled, 2)?;
	stage.say(&format!("  The first car was not: {}.", over.reason.explain()));
	books.pay(&second, &gate, TOLL)?;
	books.pay(&third, &gate, TOLL)?;

	let clock = Instant::now();
	let done = puller.pull(Pull { mandate: one, amount: REST }, &mut |_| {}).await?;
	stage.free(
		clock,
		&format!("What is left of the first car's day is {REST} USDT, pulled"),
		&done,
	)?;
	books.pay(&first, &gate, REST)?;
	let record = network.mandate(one).await?.ok_or(StageError::Missing("the mandate"))?;
	let next = network.finalized().await?.number.saturating_add(1);
	demand("what the day leaves", Usdt::from_units(record.available(next)), Usdt::default())?;
	books.check(stage, "In the evening").await?;

	for (car, mandate) in cars.into_iter().zip([one, two, three]) {
		let clock = Instant::now();
		let payer = Mandates::new(&network, car.key(), stage.patience());
		let done = payer.revoke(mandate, &mut |_| {}).await?;
		stage.free(clock, &format!("{} revokes mandate {mandate}", sentence(car.name)), &done)?;
		books.pay_out(car, deposit)?;
	}
	stage.note("mandates", json!([one, two, three]));
	books.close(stage).await
}

/// A car lets the gate pull.
async fn grant(stage: &mut Stage<'_>, car: &Machine, gate: &Machine) -> Result<MandateId, Failure> {
	let network = stage.network();
	let clock = Instant::now();
	let expires_at = network.finalized().await?.number.saturating_add(VALIDITY);
	let grant = Grant { payee: gate.payee(), cap: CAP, period: DAY.count(), expires_at };
	let payer = Mandates::new(&network, car.key(), stage.patience());
	let (done, _, mandate) = payer.grant(None, &grant, &mut |_| {}).await?;
	let what = format!(
		"{} lets the gate pull up to {CAP} USDT every {DAY}, mandate {mandate}",
		sentence(car.name)
	);
	stage.free(clock, &what, &done)?;
	Ok(mandate)
}
