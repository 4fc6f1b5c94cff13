//! `scenario first-payments`: two machines come to life, and one pays the other 1,000 times.

use std::time::{Duration, Instant};

use dam_device::{
	payments::{Payer, Receipt},
	settle::Progress,
	Dam, Scheme, Usdt,
};
use dam_primitives::{MachineKind, Payment};
use serde_json::json;

use super::{
	books::Books,
	error::demand,
	stage::{Machine, Role, Stage},
};
use crate::cli::failure::Failure;

/// What machine A gets: 10 USDT.
const FUNDS: Usdt = Usdt::from_units(10_000_000);
/// How often A pays B.
const PAYMENTS: u32 = 1_000;
/// What B gets each time: 0.005 USDT.
const PRICE: Usdt = Usdt::from_units(5_000);
/// What B gets in all: 5 USDT.
const TOTAL: Usdt = Usdt::from_units(5_000_000);

pub(super) async fn play(stage: &mut Stage<'_>) -> Result<(), Failure> {
	let kind = MachineKind::EvCharger;
	let [a, b] = stage
		.register([
			Role { name: "machine A", file: "machine-a.key", scheme: Scheme::Ed25519, kind },
			Role { name: "machine B", file: "machine-b.key", scheme: Scheme::Sr25519, kind },
		])
		.await?;
	stage.fund(&a, FUNDS).await?;
	let mut books = Books::open(stage, &[&a, &b]).await?;
	stage.say(&format!(
		"A pays B {PAYMENTS} times {PRICE} USDT in one transaction, signed by A's key, which holds \
		 nothing:"
	));
	let (receipt, times) = pay(stage, &a, &b).await?;
	stage.say(&format!(
		"  {} payments, {} USDT in all, {} failed\n  transaction {:?}\n  block {} ({:?})\n  \
		 included after {:.2} s, final after {:.2} s\n  fee {} DAM",
		receipt.paid,
		receipt.total,
		receipt.failed.len(),
		receipt.transaction,
		receipt.block.number,
		receipt.block.hash,
		times.included.as_secs_f32(),
		times.finalized.as_secs_f32(),
		receipt.fee,
	));
	demand("the fee", receipt.fee, Dam::default())?;
	demand("payments made", receipt.paid, PAYMENTS)?;
	demand("payments failed", receipt.failed.len(), 0)?;
	demand("USDT paid", receipt.total, TOTAL)?;
	books.pay(&a, &b, TOTAL)?;
	stage.note(
		"batch",
		json!({
			"transaction": receipt.transaction,
			"block": receipt.block,
			"payments": receipt.paid,
			"total": receipt.total,
			"fee": receipt.fee,
			"includedAfterSeconds": times.included.as_secs_f64(),
			"finalAfterSeconds": times.finalized.as_secs_f64(),
		}),
	);
	books.close(stage).await
}

async fn pay(stage: &Stage<'_>, a: &Machine, b: &Machine) -> Result<(Receipt, Times), Failure> {
	let network = stage.network();
	let payer = Payer::new(&network, a.key(), stage.patience()).await?;
	let payments = (0..PAYMENTS)
		.map(|_| Payment { payee: b.payee(), amount: PRICE.units() })
		.collect::<Vec<_>>();
	let clock = Instant::now();
	let mut included = None;
	let receipt = payer
		.pay_batch(0, &payments, None, &mut |step| {
			if matches!(step, Progress::InBlock(_) | Progress::Finalized(_)) {
				included.get_or_insert_with(|| clock.elapsed());
			}
		})
		.await?;
	let finalized = clock.elapsed();
	Ok((receipt, Times { included: included.unwrap_or(finalized), finalized }))
}

/// How long the batch took, from before it was signed.
struct Times {
	included: Duration,
	finalized: Duration,
}
