//! `scenario ev-charging`: a car pays a charger by vouchers, one for each kilowatt-hour.
//!
//! Both go on while the chain is out of reach: what is signed and kept counts, and is claimed when the
//! chain is back.

use std::time::Duration;

use dam_device::{services, Scheme, Usdt};
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

/// What the car may spend: 50 USDT.
const FUNDS: Usdt = Usdt::from_units(50_000_000);
/// What it puts into the channel: 40 USDT.
const DEPOSIT: Usdt = Usdt::from_units(40_000_000);
/// What a kilowatt-hour costs: 0.30 USDT.
const PRICE: Usdt = Usdt::from_units(300_000);
/// How many the car takes.
const KILOWATT_HOURS: u32 = 100;
/// The first ones, while the chain is there in any case.
const FIRST: u32 = 5;
/// When the charger claims: 10 USDT.
const CLAIM_AT: Usdt = Usdt::from_units(10_000_000);
/// How long the meter takes for a kilowatt-hour: a story's time is short.
const PACE: Duration = Duration::from_millis(100);

pub(super) async fn play(stage: &mut Stage<'_>) -> Result<(), Failure> {
	let [car, charger] = stage
		.register([
			Role {
				name: "the car",
				file: "car.key",
				scheme: Scheme::Ed25519,
				kind: MachineKind::Vehicle,
			},
			Role {
				name: "the charger",
				file: "charger.key",
				scheme: Scheme::Sr25519,
				kind: MachineKind::EvCharger,
			},
		])
		.await?;
	stage.fund(&car, FUNDS).await?;
	let charging = services::service(
		ServiceKind::Charging,
		Unit::KilowattHour,
		PRICE,
		"https://charger.example/plug/1",
		None,
	)?;
	stage.offer(&charger, &charging).await?;

	let mut books = Books::open(stage, &[&car, &charger]).await?;
	let opened = open(stage, &mut books, (&car, &charger), DEPOSIT, None).await?;
	books.check(stage, "Plugged in").await?;
	let mut stall = Stall::open(stage, &charger, CLAIM_AT, None).await?;
	let purchase = |times| Purchase {
		key: stage.folder().join("car.key"),
		address: stall.address(),
		times,
		price: PRICE,
		pace: PACE,
		data: false,
	};
	let (first, rest) = (purchase(FIRST), purchase(KILOWATT_HOURS - FIRST));

	stage.say(&format!(
		"The car pays {PRICE} USDT for each kilowatt-hour, by a voucher over TCP. The charger proves \
		 the channel on chain once, then keeps each voucher on its disk and lets the next one flow."
	));
	let bought = stall.serve(stage, buy(opened, first, false)).await?;
	stage.say(&format!("  {FIRST} kWh; a payment took {:.1} ms at most.", millis(bought.slowest)));
	stage.say("The car is charged on, whether the chain is there or not:");
	let bought = stall.serve(stage, buy(bought.opened, rest, false)).await?;
	let rate = per_second(KILOWATT_HOURS - FIRST, bought.took);
	stage.say(&format!(
		"  {KILOWATT_HOURS} kWh, each paid and acknowledged; {rate:.0} payments per second at the \
		 meter's pace, {:.1} ms at most for one.",
		millis(bought.slowest)
	));
	demand("payments accepted", stall.accepted(), KILOWATT_HOURS.into())?;

	let last = bought.last.ok_or(StageError::Missing("the last voucher"))?;
	let answer = stall.serve(stage, cheat(stall.address(), last)).await?;
	let refusal = answer.refusal.map_or("nothing", |refusal| refusal.explain());
	stage.say(&format!("The last voucher once more: {refusal}."));
	demand("that the last voucher is refused", answer.refusal.is_some(), true)?;
	let units = PRICE.units().checked_mul(KILOWATT_HOURS.into());
	let total = Usdt::from_units(units.ok_or(StageError::Overdrawn("the car"))?);
	demand("what the charger has", Usdt::from_units(answer.accepted), total)?;

	stage.say("Unplugged. The charger claims what is left, and closes the channel.");
	stall.close(stage, &mut books, &[(&car, &bought.opened)]).await?;
	stage.note(
		"charging",
		json!({
			"kilowattHours": KILOWATT_HOURS,
			"price": PRICE,
			"total": total,
			"perSecond": rate,
			"slowestMilliseconds": millis(bought.slowest),
		}),
	);
	books.close(stage).await
}

fn millis(time: Duration) -> f64 {
	time.as_secs_f64() * 1e3
}
