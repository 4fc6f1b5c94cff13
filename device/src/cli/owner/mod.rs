//! `owner`: what owners and operators do.

mod arrange;
mod keys;
mod policy;
mod quota;
mod recovery;

use std::path::PathBuf;

use dam_device::{
	owner::{Change, Owner, Registered},
	KeyFile, Registration, Usdt,
};
use dam_primitives::{did::Did, machine_account, MachineStatus};
use serde_json::{json, Value};

use super::{
	args::{Global, Money, OwnMachine, OwnerCommand},
	connect::{connect_to, patience, spec, Signing},
	failure::Failure,
	output::{transaction, Output},
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
		OwnerCommand::Key(command) => keys::run(command, global, output).await,
		OwnerCommand::Policy(command) => policy::run(command, global, output).await,
		OwnerCommand::Quota(command) => quota::run(command, global, output).await,
		OwnerCommand::Approve { payment, expiry } => {
			policy::approve(payment, expiry, global, output).await
		},
		OwnerCommand::RevokeApproval(payment) => {
			policy::revoke_approval(payment, global, output).await
		},
		OwnerCommand::Operator(command) => arrange::operator(command, global, output).await,
		OwnerCommand::Profile { own, kind, about } => {
			arrange::profile(own, *kind, about, global, output).await
		},
		OwnerCommand::Parent(command) => arrange::parent(command, global, output).await,
		OwnerCommand::Transfer(command) => arrange::transfer(command, global, output).await,
		OwnerCommand::Recovery(command) => recovery::run(command, global, output).await,
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
		"transactions": finished.iter().map(|one| transaction(&one.done)).collect::<Vec<_>>(),
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
	let amount = money.amount.parse::<Usdt>()?.non_zero()?;
	let signing = Signing::open(&money.own.key, global, output)?;
	let machine = signing.machine(&money.own.machine)?;
	let network = signing.connect().await?;
	let owner = Owner::new(&network, signing.key(), signing.patience());
	let result = owner.fund(machine, amount, &mut |step| output.settling(&step)).await?;
	let details = json!({ "machine": machine, "amount": amount });
	output.done(&result, details, &format!("machine {machine} received {amount} USDT"));
	Ok(())
}

async fn withdraw(money: &Money, global: &Global, output: &Output) -> Result<(), Failure> {
	let amount = money.amount.parse::<Usdt>()?.non_zero()?;
	let signing = Signing::open(&money.own.key, global, output)?;
	let machine = signing.machine(&money.own.machine)?;
	let network = signing.connect().await?;
	let owner = Owner::new(&network, signing.key(), signing.patience());
	let result = owner.withdraw(machine, amount, &mut |step| output.settling(&step)).await?;
	let account = signing.key().account();
	let text = format!("{amount} USDT went from machine {machine} to {account}");
	let details = json!({ "machine": machine, "amount": amount, "to": account });
	output.done(&result, details, &text);
	Ok(())
}

async fn change(
	own: &OwnMachine,
	change: Change,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	let signing = Signing::open(&own.key, global, output)?;
	let machine = signing.machine(&own.machine)?;
	let network = signing.connect().await?;
	let owner = Owner::new(&network, signing.key(), signing.patience());
	let result = owner.change(machine, change, &mut |step| output.settling(&step)).await?;
	let (status, what) = match change {
		Change::Suspend => {
			(MachineStatus::Suspended, "is suspended: it can be paid, but does not spend")
		},
		Change::Resume => (MachineStatus::Active, "is active again"),
		Change::Retire => (MachineStatus::Retired, "is retired for good"),
	};
	let details = json!({ "machine": machine, "status": status });
	output.done(&result, details, &format!("machine {machine} {what}"));
	Ok(())
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
		let fee = match text(&transaction["usdtFee"]) {
			"" | "0" => format!("{} DAM", text(&transaction["fee"])),
			usdt => format!("{usdt} USDT"),
		};
		lines.push(format!("final in block {}, fee {fee}", transaction["block"]["number"]));
	}
	lines.join("\n")
}

fn text(value: &Value) -> &str {
	value.as_str().unwrap_or_default()
}
