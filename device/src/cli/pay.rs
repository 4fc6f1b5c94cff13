//! `pay` and `pay-batch`.

use dam_device::{
	payee::{describe_payee, parse_payee},
	payments::{Payer, Receipt},
	Batch, Journal, KeyFile, Usdt,
};
use dam_primitives::Payment;
use serde_json::{json, Value};

use super::{
	args::{Global, Pay, PayBatch},
	connect::{connect_to, patience, spec},
	failure::Failure,
	output::{describe, fee, Output},
};

pub(super) async fn pay(command: &Pay, global: &Global, output: &Output) -> Result<(), Failure> {
	let key = KeyFile::open(&command.key)?;
	let amount = command.amount.parse::<Usdt>()?.non_zero()?;
	let spec = spec(global)?;
	let payee = parse_payee(&command.payee, Some(spec.id()))?;
	let mut journal = command.journal.as_deref().map(Journal::open).transpose()?;
	let network = connect_to(&spec, global, output).await?;
	let payer = Payer::new(&network, key.key(), patience(global)).await?;
	let payment = Payment { payee, amount: amount.units() };
	let receipt = payer.pay(&payment, journal.as_mut(), &mut |step| output.settling(&step)).await?;
	output.result(&receipt_json(&receipt, 0), || {
		format!(
			"machine {} paid {amount} USDT to {}; final in block {}, fee {}",
			receipt.machine,
			describe_payee(&payment.payee),
			receipt.block.number,
			fee(receipt.fee, receipt.usdt_fee),
		)
	});
	Ok(())
}

pub(super) async fn pay_batch(
	command: &PayBatch,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	let key = KeyFile::open(&command.key)?;
	let spec = spec(global)?;
	let batch = Batch::read(&command.file, Some(spec.id()))?;
	let (count, total) = (batch.payments().len(), batch.total());
	let parts = batch.into_extrinsics(command.split)?;
	let mut journal = command.journal.as_deref().map(Journal::open).transpose()?;
	let network = connect_to(&spec, global, output).await?;
	let payer = Payer::new(&network, key.key(), patience(global)).await?;
	// With a journal the money may be gone because it was paid.
	if !command.partial && journal.is_none() {
		payer.check_policy(&parts.concat()).await?;
		payer.check_funds(total).await?;
	}
	output.note(&format!("machine {} pays {total} USDT in {count} payments", payer.machine().id));

	let bar = output.bar(count);
	let mut receipts: Vec<(usize, Receipt)> = Vec::new();
	let mut offset = 0;
	for (index, part) in parts.iter().enumerate() {
		let mut progress = |step| {
			if let Some(text) = describe(&step) {
				bar.set_message(text);
			}
		};
		match payer.pay_batch(index, part, journal.as_mut(), &mut progress).await {
			Ok(receipt) => receipts.push((offset, receipt)),
			Err(error) => {
				bar.finish_and_clear();
				let failure = Failure::from(error);
				if receipts.is_empty() {
					return Err(failure);
				}
				// Say what has happened before, so that nobody pays it again.
				output.note(&lines(&receipts));
				output.note(&format!(
					"the first {offset} payments are done; payment {offset} (counted from 0) and \
					 those after it are not"
				));
				return Err(failure.with_details(json!({
					"sent": receipts.iter().map(sent).collect::<Vec<_>>(),
					"firstUnsent": offset,
				})));
			},
		}
		offset += part.len();
		bar.set_position(offset as u64);
	}
	bar.finish_and_clear();
	report(&receipts, count, output)
}

fn report(receipts: &[(usize, Receipt)], count: usize, output: &Output) -> Result<(), Failure> {
	let failed: usize = receipts.iter().map(|(_, receipt)| receipt.failed.len()).sum();
	let value = json!({ "payments": count, "failed": failed, "transactions":
		receipts.iter().map(sent).collect::<Vec<_>>() });
	output.result(&value, || lines(receipts));
	if failed > 0 {
		return Err(Failure::other(format!(
			"{failed} of {count} payments failed, the others are final: see the list and send the \
			 failed ones again in another batch"
		)));
	}
	Ok(())
}

/// What was paid and what was not, for people.
fn lines(receipts: &[(usize, Receipt)]) -> String {
	let mut lines = Vec::new();
	for (offset, receipt) in receipts {
		for one in &receipt.failed {
			let index = offset + one.index as usize;
			lines
				.push(format!("payment {index} (counted from 0) failed: {}", one.reason.explain()));
		}
		lines.push(format!(
			"machine {} made {} payments of {} USDT together; final in block {}, fee {}, \
			 transaction {:?}",
			receipt.machine,
			receipt.paid,
			receipt.total,
			receipt.block.number,
			fee(receipt.fee, receipt.usdt_fee),
			receipt.transaction,
		));
	}
	lines.join("\n")
}

fn sent((offset, receipt): &(usize, Receipt)) -> Value {
	receipt_json(receipt, *offset)
}

fn receipt_json(receipt: &Receipt, offset: usize) -> Value {
	let failed = receipt.failed.iter().map(|one| {
		json!({
			"index": offset + one.index as usize,
			"reason": one.reason,
			"message": one.reason.explain(),
		})
	});
	json!({
		"machine": receipt.machine,
		"transaction": receipt.transaction,
		"block": receipt.block,
		"fee": receipt.fee,
		"usdtFee": receipt.usdt_fee,
		"paid": receipt.paid,
		"total": receipt.total,
		"failed": failed.collect::<Vec<_>>(),
	})
}
