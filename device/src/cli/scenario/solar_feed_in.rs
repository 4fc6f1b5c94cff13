//! `scenario solar-feed-in`: a grid pays a roof by the second for as long as the sun shines.

use std::time::Instant;

use dam_device::{
	chain::{Block, Network},
	services,
	streams::Streams,
	time::{Blocks, Rate},
	Scheme, Usdt,
};
use dam_primitives::{Flow, MachineKind, ServiceKind, Unit};
use serde_json::json;

use super::{
	books::Books,
	error::{demand, StageError},
	stage::{Role, Stage},
};
use crate::cli::failure::Failure;

/// What the grid's meter may spend: 5 USDT.
const FUNDS: Usdt = Usdt::from_units(5_000_000);
/// What the roof is paid while it feeds in.
const RATE: &str = "0.30 USDT per minute";
/// What that is for a kilowatt-hour at the 45 kW that it feeds in: 0.40 USDT.
const KILOWATT_HOUR: Usdt = Usdt::from_units(400_000);
/// How long the deposit lasts: five minutes.
const LASTS: Blocks = Blocks::new(300);
/// How long it shines, and how long it does not, in blocks.
const WHILE: u32 = 5;

pub(super) async fn play(stage: &mut Stage<'_>) -> Result<(), Failure> {
	let [grid, roof] = stage
		.register([
			Role {
				name: "the grid's meter",
				file: "meter.key",
				scheme: Scheme::Ed25519,
				kind: MachineKind::Meter,
			},
			Role {
				name: "the solar roof",
				file: "roof.key",
				scheme: Scheme::Sr25519,
				kind: MachineKind::SolarInverter,
			},
		])
		.await?;
	stage.fund(&grid, FUNDS).await?;
	let power = services::service(
		ServiceKind::Energy,
		Unit::KilowattHour,
		KILOWATT_HOUR,
		"https://roof.example/meter",
		None,
	)?;
	stage.offer(&roof, &power).await?;

	let network = stage.network();
	let limits = network.limits().await?;
	let mut books = Books::open(stage, &[&grid, &roof]).await?;
	let payer = Streams::new(&network, grid.key(), stage.patience());
	let payee = Streams::new(&network, roof.key(), stage.patience());
	let rate: Rate = RATE.parse()?;
	let per_block = rate.per_block();
	let paid_in = rate.over(LASTS).ok_or(StageError::Overdrawn(grid.name))?;
	let earned = |from: Block, to: Block| {
		let blocks = to.number.checked_sub(from.number).map(Blocks::new);
		blocks.and_then(|blocks| rate.over(blocks)).ok_or(StageError::Overdrawn("the stream"))
	};

	stage.say("The sun rises.");
	let clock = Instant::now();
	let (done, stream) = payer.open(&roof.payee(), per_block, paid_in, &mut |_| {}).await?;
	let what = format!("The meter opens stream {stream}, {rate}, with {paid_in} USDT for {LASTS}");
	stage.free(clock, &what, &done)?;
	let opened = done.block;
	books.lock(&grid, paid_in)?;
	books.lock(&grid, limits.stream_deposit)?;

	// The roof believes a proof: what it earns from now on is its own.
	let record = network.stream(stream).await?.ok_or(StageError::Missing("the stream"))?;
	demand("the rate", Usdt::from_units(record.rate), per_block)?;
	demand("the stream runs", record.flow == Flow::Running { since: opened.number }, true)?;
	stage.wait_for_block(opened.number.saturating_add(WHILE)).await?;
	let clock = Instant::now();
	let (done, first) = payee.collect(stream, &mut |_| {}).await?;
	let collected = done.block;
	stage.free(clock, &format!("While it runs, the roof collects {first} USDT"), &done)?;
	demand("what was earned by then", first, earned(opened, collected)?)?;
	books.pay_out(&roof, first)?;
	books.check(stage, "At noon").await?;

	let clock = Instant::now();
	let (done, due) = payer.pause(stream, &mut |_| {}).await?;
	let paused = done.block;
	stage.free(
		clock,
		&format!("Clouds. The meter pauses, {due} USDT are earned and due"),
		&done,
	)?;
	demand("what was earned by then", due, earned(collected, paused)?)?;
	let later = stage.wait_for_block(paused.number.saturating_add(WHILE)).await?;
	let record = network.stream(stream).await?.ok_or(StageError::Missing("the stream"))?;
	demand("what is due after the clouds", Usdt::from_units(record.due(later.number)), due)?;
	stage.say(&format!(
		"  {} blocks later it is still {due} USDT.",
		later.number.saturating_sub(paused.number)
	));

	let clock = Instant::now();
	let done = payer.resume(stream, &mut |_| {}).await?;
	let resumed = done.block;
	stage.free(clock, "The sun is back, the meter resumes", &done)?;
	stage.wait_for_block(resumed.number.saturating_add(WHILE)).await?;
	let clock = Instant::now();
	let closed = payer.close(stream, &mut |_| {}).await?;
	stage.free(clock, "Evening. The meter closes the stream", &closed.done)?;
	let second = earned(resumed, closed.done.block)?;
	let total = [first, due, second]
		.into_iter()
		.try_fold(Usdt::default(), |sum, part| sum.checked_add(part))
		.ok_or(StageError::Overdrawn("the stream"))?;
	stage.say(&format!(
		"  The roof earned {total} USDT in {} blocks of sun, {} USDT went back to the meter.",
		total.units() / per_block.units().max(1),
		closed.returned,
	));
	demand("what the roof got in all", closed.settled, total)?;
	demand("what was lost", closed.forfeited, Usdt::default())?;
	let sum = closed.settled.checked_add(closed.returned);
	demand("what went to both", sum.unwrap_or_default(), paid_in)?;
	demand("the stream is gone", network.stream(stream).await?.is_none(), true)?;
	books.pay_out(&roof, due)?;
	books.pay_out(&roof, second)?;
	books.pay_out(&grid, closed.returned)?;
	books.pay_out(&grid, limits.stream_deposit)?;
	stage.note(
		"stream",
		json!({
			"stream": stream,
			"rate": per_block,
			"deposit": paid_in,
			"settled": closed.settled,
			"returned": closed.returned,
		}),
	);
	books.close(stage).await
}
