//! Single payments through the light client, at random times.

use std::time::{Duration, Instant};

use dam_device::{chain::LightNetwork, payments::Payer, settle::Progress};
use dam_primitives::{MachineId, Payee, Payment};
use rand::Rng;

use super::Samples;
use crate::{
	fleet::{self, Machine},
	Error,
};

/// Longest random pause between two payments: two slots, so that every phase of a slot is hit.
const PAUSE_MS: u64 = 2_000;

/// What was measured, in ms from the call of `pay`: signing and checking included.
#[derive(Clone, Debug, Default)]
pub struct Payments {
	/// Until the light client saw it in a block; not of those that were final before it looked.
	pub included: Samples,
	/// Until it was final.
	pub finalized: Samples,
}

/// Sends `count` payments, each final before the next.
///
/// # Errors
/// [`Error::Device`].
pub async fn payments(
	light: &LightNetwork,
	payer: &Machine,
	payee: MachineId,
	count: u32,
) -> Result<Payments, Error> {
	let mut left = count;
	payments_while(light, payer, payee, || {
		let more = left > 0;
		left = left.saturating_sub(1);
		async move { Ok(more) }
	})
	.await
}

/// Sends payments for as long as `go_on` says so.
///
/// # Errors
/// [`Error::Device`], or that of `go_on`.
pub async fn payments_while<F>(
	light: &LightNetwork,
	payer: &Machine,
	payee: MachineId,
	mut go_on: impl FnMut() -> F,
) -> Result<Payments, Error>
where
	F: std::future::Future<Output = Result<bool, Error>>,
{
	let device = |cause: dam_device::payments::PayError| Error::Device(Box::new(cause));
	let payer = Payer::new(light, &payer.key, fleet::patience()).await.map_err(device)?;
	let (mut included, mut finalized) = (Vec::new(), Vec::new());
	while go_on().await? {
		let pause = rand::thread_rng().gen_range(0..PAUSE_MS);
		tokio::time::sleep(Duration::from_millis(pause)).await;
		let payment = Payment { payee: Payee::Machine(payee), amount: 1 };
		let start = Instant::now();
		let mut in_block = None;
		payer
			.pay(&payment, None, &mut |step| {
				if matches!(step, Progress::InBlock(_)) {
					in_block.get_or_insert_with(|| start.elapsed());
				}
			})
			.await
			.map_err(device)?;
		finalized.push(start.elapsed().as_secs_f64() * 1e3);
		included.extend(in_block.map(|elapsed| elapsed.as_secs_f64() * 1e3));
	}
	Ok(Payments {
		included: included.into_iter().collect(),
		finalized: finalized.into_iter().collect(),
	})
}

impl Payments {
	/// Those of several payers together.
	pub fn together(all: impl IntoIterator<Item = Self>) -> Self {
		let (mut included, mut finalized) = (Vec::new(), Vec::new());
		for one in all {
			included.extend(one.included);
			finalized.extend(one.finalized);
		}
		Self {
			included: included.into_iter().collect(),
			finalized: finalized.into_iter().collect(),
		}
	}

	/// A markdown table.
	pub fn table(&self, title: &str) -> String {
		format!(
			"| {} payments, {title} | p50 / p95 ms | most |\n|---|---|---|\n\
			 | sent → seen in a block ({} seen before they were final) | {} | {:.0} |\n\
			 | sent → final | {} | {:.0} |\n",
			self.finalized.count(),
			self.included.count(),
			self.included.typical(),
			self.included.max(),
			self.finalized.typical(),
			self.finalized.max(),
		)
	}
}
