//! `owner`: register, fund, suspend, resume, retire, withdraw.

use std::path::PathBuf;

use dam_device::{
	owner::{Change, Done, Owner, Registered},
	payee::parse_machine,
	KeyFile, Registration, Usdt,
};
use dam_primitives::{did::Did, machine_account, MachineId};
use serde_json::{json, Value};

use super::{
	args::{Global, Money, OwnMachine, OwnerCommand},
	connect::{connect_to, patience, spec},
	failure::Failure,
	output::Output,
};

pub(super) async fn run(
	command: &OwnerCommand,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	match command {
		OwnerCommand::Register { key, registrations } => {
			register(key, registrations, global, output).await
		},
		OwnerCommand::Fund(money) => fund(money, global, output).await,
		OwnerCommand::Withdraw(money) => withdraw(money, global, output).await,
		OwnerCommand::Suspend(own) => change(own, Change::Suspend, global, output).await,
		OwnerCommand::Resume(own) => change(own, Change::Resume, global, output).await,
		OwnerCommand::Retire(own) => change(own, Change::Retire, global, output).await,
	}
}

async fn register(
	key: &PathBuf,
	files: &[PathBuf],
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	// Everything that can be wrong offline is found before the network is bothered.
	let key = KeyFile::open(key)?;
	let registrations =
		files.iter().map(|file| Registration::read(file)).collect::<Result<Vec<_>, _>>()?;
	let spec = spec(global)?;
	let network = connect_to(&spec, global, output).await?;
	let owner = Owner::new(&network, key.key(), patience(global));
	let mut finished = Vec::new();
	let result = owner
		.register(&registrations, &mut |step| output.settling(&step), &mut |registered| {
			finished.push(registered.clone());
		})
		.await;
	let value = json!({
		"transactions": finished.iter().map(|one| done(&one.done)).collect::<Vec<_>>(),
		"machines": finished.iter().flat_map(|one| machines(one, spec.id(), files)).collect::<Vec<_>>(),
		"failed": finished.iter().flat_map(|one| failures(one, files)).collect::<Vec<_>>(),
	});
	match result {
		Err(error) if finished.is_empty() => return Err(error.into()),
		Err(error) => return Err(Failure::from(error).with_details(value)),
		Ok(_) => {},
	}
	output.result(&value, || summary(&value));
	let failed = finished.iter().map(|one| one.failed.len()).sum::<usize>();
	if failed > 0 {
		let text = format!("{failed} of {} registrations failed, see above", registrations.len());
		return Err(Failure::other(text));
	}
	Ok(())
}

async fn fund(money: &Money, global: &Global, output: &Output) -> Result<(), Failure> {
	let key = KeyFile::open(&money.own.key)?;
	let amount = money.amount.parse::<Usdt>()?.non_zero()?;
	let spec = spec(global)?;
	let machine = parse_machine(&money.own.machine, Some(spec.id()))?;
	let network = connect_to(&spec, global, output).await?;
	let owner = Owner::new(&network, key.key(), patience(global));
	let result = owner.fund(machine, amount, &mut |step| output.settling(&step)).await?;
	finish(output, &result, machine, &format!("machine {machine} received {amount} USDT"));
	Ok(())
}

async fn withdraw(money: &Money, global: &Global, output: &Output) -> Result<(), Failure> {
	let key = KeyFile::open(&money.own.key)?;
	let amount = money.amount.parse::<Usdt>()?.non_zero()?;
	let spec = spec(global)?;
	let machine = parse_machine(&money.own.machine, Some(spec.id()))?;
	let network = connect_to(&spec, global, output).await?;
	let owner = Owner::new(&network, key.key(), patience(global));
	let result = owner.withdraw(machine, amount, &mut |step| output.settling(&step)).await?;
	let text = format!("{amount} USDT went from machine {machine} to {}", key.key().account());
	finish(output, &result, machine, &text);
	Ok(())
}

async fn change(
	own: &OwnMachine,
	change: Change,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	let key = KeyFile::open(&own.key)?;
	let spec = spec(global)?;
	let machine = parse_machine(&own.machine, Some(spec.id()))?;
	let network = connect_to(&spec, global, output).await?;
	let owner = Owner::new(&network, key.key(), patience(global));
	let result = owner.change(machine, change, &mut |step| output.settling(&step)).await?;
	let what = match change {
		Change::Suspend => "is suspended: it can be paid, but does not spend",
		Change::Resume => "is active again",
		Change::Retire => "is retired for good",
	};
	finish(output, &result, machine, &format!("machine {machine} {what}"));
	Ok(())
}

fn finish(output: &Output, result: &Done, machine: MachineId, text: &str) {
	let mut value = done(result);
	value["machine"] = json!(machine);
	output.result(&value, || {
		format!("{text}; final in block {}, fee {} DAM", result.block.number, result.fee)
	});
}

/// A transaction as JSON.
pub(super) fn done(done: &Done) -> Value {
	json!({ "transaction": done.transaction, "block": done.block, "fee": done.fee })
}

fn machines<'a>(
	registered: &'a Registered,
	network: &'a str,
	files: &'a [PathBuf],
) -> impl Iterator<Item = Value> + 'a {
	registered.machines.iter().map(move |(index, key, machine)| {
		json!({
			"file": files.get(*index),
			"machine": machine,
			"did": Did { network: network.into(), machine: *machine }.to_string(),
			"key": key,
			"address": dam_device::AccountId::from(machine_account(*machine)),
		})
	})
}

fn failures<'a>(
	registered: &'a Registered,
	files: &'a [PathBuf],
) -> impl Iterator<Item = Value> + 'a {
	registered.failed.iter().map(|(index, failure)| {
		json!({ "file": files.get(*index), "error": failure.name, "message": failure.explanation })
	})
}

fn summary(value: &Value) -> String {
	let items = |name: &str| value[name].as_array().cloned().unwrap_or_default();
	let mut lines = Vec::new();
	for machine in items("machines") {
		lines.push(format!(
			"machine {}  {}  key {}  address {}",
			machine["machine"],
			text(&machine["did"]),
			text(&machine["key"]),
			text(&machine["address"]),
		));
	}
	for failure in items("failed") {
		lines.push(format!("failed: {}: {}", text(&failure["file"]), text(&failure["message"])));
	}
	for transaction in items("transactions") {
		lines.push(format!(
			"final in block {}, fee {} DAM",
			transaction["block"]["number"],
			text(&transaction["fee"]),
		));
	}
	lines.join("\n")
}

fn text(value: &Value) -> &str {
	value.as_str().unwrap_or_default()
}
