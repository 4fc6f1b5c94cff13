//! `scenario irrigation`: a valve pays a well by the litre, with one hash for each.

use std::time::Duration;

use dam_device::{services, Scheme, Usdt};
use dam_primitives::{MachineKind, ServiceKind, Unit};
use serde_json::json;

use super::{
	books::Books,
	error::{demand, StageError},
	purchase::{buy, per_second, Purchase},
	stage::{Role, Stage},
	stall::{open, Stall},
};
use crate::cli::failure::Failure;

/// What the valve may spend: 3 USDT.
const FUNDS: Usdt = Usdt::from_units(3_000_000);
/// What a litre costs, which is what a link is worth: 0.002 USDT.
const PRICE: Usdt = Usdt::from_units(2_000);
/// How many links the valve makes: as many litres could flow.
const LENGTH: u32 = 1_000;
/// What it puts into the channel: 2 USDT, all links together.
const DEPOSIT: Usdt = Usdt::from_units(2_000_000);
/// How many litres flow.
const LITRES: u32 = 600;
/// When the well claims: 1 USDT.
const CLAIM_AT: Usdt = Usdt::from_units(1_000_000);

pub(super) async fn play(stage: &mut Stage<'_>) -> Result<(), Failure> {
	let [valve, well] = stage
		.register([
			Role {
				name: "the valve",
				file: "valve.key",
				scheme: Scheme::Ed25519,
				kind: MachineKind::Other,
			},
			Role {
				name: "the well",
				file: "well.key",
				scheme: Scheme::Ecdsa,
				kind: MachineKind::Meter,
			},
		])
		.await?;
	stage.fund(&valve, FUNDS).await?;
	let water = services::service(
		ServiceKind::Other,
		Unit::Litre,
		PRICE,
		"https://well.example/pump",
		None,
	)?;
	stage.offer(&well, &water).await?;

	let mut books = Books::open(stage, &[&valve, &well]).await?;
	stage.say(&format!(
		"The valve hashes a secret {LENGTH} times. The last hash goes into the channel; going back, each \
		 one before it pays for a litre, {PRICE} USDT. That is all a microcontroller needs."
	));
	let links = Some((LENGTH, PRICE));
	let opened = open(stage, &mut books, (&valve, &well), DEPOSIT, links).await?;
	let mut stall = Stall::open(stage, &well, CLAIM_AT, None).await?;
	let purchase = Purchase {
		key: stage.folder().join("valve.key"),
		address: stall.address(),
		times: LITRES,
		price: PRICE,
		pace: Duration::ZERO,
		data: false,
	};
	stage.say("The water flows, as fast as both disks keep what was paid:");
	let bought = stall.serve(stage, buy(opened, purchase, true)).await?;
	let rate = per_second(LITRES, bought.took);
	stage.say(&format!(
		"  {LITRES} litres, each paid before the next one: {rate:.0} payments per second over TCP, \
		 {:.1} ms at most for one.",
		bought.slowest.as_secs_f64() * 1e3
	));
	demand("payments accepted", stall.accepted(), LITRES.into())?;
	demand("payments refused", stall.refused(), 0)?;
	let units = PRICE.units().checked_mul(LITRES.into());
	let total = Usdt::from_units(units.ok_or(StageError::Overdrawn("the valve"))?);
	let promised = bought.opened.payer.status(bought.opened.id).map_or(0, |status| status.promised);
	demand("what the valve owes", Usdt::from_units(promised), total)?;

	stage.say("The field is wet. The well claims the last link, which stands for all before it.");
	stall.close(stage, &mut books, &[(&valve, &bought.opened)]).await?;
	stage.note(
		"irrigation",
		json!({ "litres": LITRES, "price": PRICE, "total": total, "perSecond": rate }),
	);
	books.close(stage).await
}
