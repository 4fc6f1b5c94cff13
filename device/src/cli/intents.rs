//! `intent`: payments that are signed offline and submitted by gateways.

use std::path::{Path, PathBuf};

use dam_device::{
	chain::{LightNetwork, Network},
	intents::{self, Gateway, Relayed, Wish},
	payee::{describe_payee, parse_machine, parse_payee},
	KeyFile, Usdt,
};
use dam_payments::Payer;
use dam_primitives::{intent::MAX_INTENTS, MachineId, SignedIntent};
use serde_json::{json, Value};

use super::{
	args::{Global, IntentCommand, IntentSign},
	connect::{connect_to, offline_genesis, spec, Signing},
	failure::Failure,
	output::{count, transaction, Output},
};

pub(super) async fn run(
	command: &IntentCommand,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	match command {
		IntentCommand::Sign(command) => sign(command, global, output).await,
		IntentCommand::Submit { key, files } => submit(key, files, global, output).await,
		IntentCommand::Cancel { key, nonces } => cancel(key, nonces, global, output).await,
	}
}

async fn sign(command: &IntentSign, global: &Global, output: &Output) -> Result<(), Failure> {
	let key = KeyFile::open(&command.key)?;
	let amount = command.amount.parse::<Usdt>()?.non_zero()?;
	let relay_fee = command.relay_fee.parse::<Usdt>()?;
	let spec_if_any = global.chain_spec.as_ref().map(|_| spec(global)).transpose()?;
	let network_id = spec_if_any.as_ref().map(|spec| spec.id());
	let payee = parse_payee(&command.payee, network_id)?;
	let machine =
		command.machine.as_deref().map(|text| parse_machine(text, network_id)).transpose()?;
	let (genesis, known) = match (machine, command.valid_from) {
		(Some(machine), Some(first)) => (offline_genesis(global).await?, (machine, first)),
		(machine, first) => {
			let network = connect_to(&spec(global)?, global, output).await?;
			let known = (
				payer_of(machine, &key, &network).await?,
				match first {
					Some(first) => first,
					None => network.finalized().await?.number.saturating_add(1),
				},
			);
			let mut store = Payer::open(&command.store, network.genesis().0)?;
			// For a store that was made anew; another one is further by itself.
			if let Some(next) = network.intent_nonces(known.0).await?.next_nonce() {
				store.skip_nonces(next)?;
			}
			(network.genesis(), known)
		},
	};
	let (payer, valid_from) = known;
	let last = || valid_from.saturating_add(command.valid_for);
	let valid_until = command.valid_until.unwrap_or_else(last);
	let mut store = Payer::open(&command.store, genesis.0)?;
	if let Some(nonce) = command.nonce {
		store.skip_nonces(nonce)?;
	}
	let wish = Wish { payer, payee, amount, relay_fee, valid_from, valid_until };
	let signed = intents::sign(&mut store, key.key(), &wish)?;
	let line = intents::to_line(genesis, &signed);
	match &command.out {
		None => output.result(&json_of(&line), || line),
		Some(path) => {
			intents::append(path, genesis, &signed)?;
			output.result(&json_of(&line), || {
				format!(
					"machine {payer} pays {amount} USDT to {} if it is submitted in blocks \
					 {valid_from} to {valid_until}; nonce {}, added to {}",
					describe_payee(&wish.payee),
					signed.intent.nonce,
					path.display()
				)
			});
		},
	}
	Ok(())
}

/// The machine that pays.
async fn payer_of(
	named: Option<MachineId>,
	key: &KeyFile,
	network: &LightNetwork,
) -> Result<MachineId, Failure> {
	if let Some(machine) = named {
		return Ok(machine);
	}
	let account = key.key().account();
	network.machine_of(account).await?.ok_or_else(|| {
		Failure::not_found(format!(
			"{account} belongs to no machine: have its owner register it (`dam-device owner register`)"
		))
	})
}

/// What this program has just written.
fn json_of(line: &str) -> Value {
	serde_json::from_str(line).unwrap_or_default()
}

async fn submit(
	key: &Path,
	files: &[PathBuf],
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	let signing = Signing::open(key, global, output)?;
	let genesis = offline_genesis(global).await?;
	let mut all = Vec::new();
	for file in files {
		all.extend(intents::read(file, genesis)?);
	}
	let network = signing.connect().await?;
	let gateway = Gateway::new(&network, signing.key(), signing.patience());
	let mut parts: Vec<(usize, Relayed)> = Vec::new();
	for (part, chunk) in all.chunks(MAX_INTENTS as usize).enumerate() {
		let offset = part * MAX_INTENTS as usize;
		match gateway.submit(chunk, &mut |step| output.settling(&step)).await {
			Ok(relayed) => parts.push((offset, relayed)),
			Err(error) => {
				let failure = Failure::from(error);
				if parts.is_empty() {
					return Err(failure);
				}
				output.note(&lines(&parts, &all));
				return Err(failure.with_details(json!({
					"sent": parts.iter().map(|part| json_part(part, &all)).collect::<Vec<_>>(),
					"firstUnsent": offset,
				})));
			},
		}
	}
	let failed: usize = parts.iter().map(|(_, relayed)| relayed.failed.len()).sum();
	let value = json!({
		"intents": all.len(),
		"failed": failed,
		"transactions": parts.iter().map(|part| json_part(part, &all)).collect::<Vec<_>>(),
	});
	output.result(&value, || lines(&parts, &all));
	if failed > 0 {
		return Err(Failure::other(format!(
			"{failed} of {} were not settled, the others are final: see the list",
			count(all.len(), "intent")
		)));
	}
	Ok(())
}

fn lines(parts: &[(usize, Relayed)], all: &[SignedIntent]) -> String {
	let mut lines = Vec::new();
	for (offset, relayed) in parts {
		for failed in &relayed.failed {
			let index = offset + failed.index as usize;
			let whose = all.get(index).map_or_else(String::new, |signed| {
				format!(" (machine {}, nonce {})", signed.intent.payer, signed.intent.nonce)
			});
			lines.push(format!(
				"intent {index} (counted from 0){whose} was not settled: {}",
				failed.reason.explain()
			));
		}
		lines.push(format!(
			"{} settled, {} USDT to their payees, {} USDT of relay fees to {}; final in block {}, fee \
			 {} DAM",
			count(relayed.settled as usize, "intent"),
			relayed.total,
			relayed.relay_fees,
			describe_payee(&relayed.relayer),
			relayed.done.block.number,
			relayed.done.fee,
		));
	}
	lines.join("\n")
}

fn json_part((offset, relayed): &(usize, Relayed), all: &[SignedIntent]) -> Value {
	let failed = relayed.failed.iter().map(|failed| {
		let index = offset + failed.index as usize;
		let intent = all.get(index).map(|signed| &signed.intent);
		json!({
			"index": index,
			"payer": intent.map(|intent| intent.payer),
			"nonce": intent.map(|intent| intent.nonce),
			"reason": failed.reason,
			"message": failed.reason.explain(),
		})
	});
	let failed: Vec<_> = failed.collect();
	let mut value = transaction(&relayed.done);
	value["settled"] = json!(relayed.settled);
	value["total"] = json!(relayed.total);
	value["relayFees"] = json!(relayed.relay_fees);
	value["relayer"] = json!(describe_payee(&relayed.relayer));
	value["failed"] = json!(failed);
	value
}

async fn cancel(
	key: &Path,
	nonces: &[u64],
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	let signing = Signing::open(key, global, output)?;
	let network = signing.connect().await?;
	let gateway = Gateway::new(&network, signing.key(), signing.patience());
	let (done, machine) = gateway.cancel(nonces, &mut |step| output.settling(&step)).await?;
	let text =
		format!("{} of machine {machine} can no longer be settled", count(nonces.len(), "nonce"));
	output.done(&done, json!({ "machine": machine, "nonces": nonces }), &text);
	Ok(())
}
