//! `owner quota`: bonds for more fee-free quota.

use dam_device::{owner::Owner, Dam};
use serde_json::json;

use crate::cli::{
	args::{Global, OwnMachine, QuotaCommand},
	connect::Signing,
	failure::Failure,
	output::Output,
};

pub(super) async fn run(
	command: &QuotaCommand,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	match command {
		QuotaCommand::Bond { own, amount } => bond(own, amount, global, output).await,
		QuotaCommand::Unbond { own, amount } => {
			unbond(own, amount.as_deref(), global, output).await
		},
		QuotaCommand::Withdraw(own) => withdraw(own, global, output).await,
	}
}

async fn bond(
	own: &OwnMachine,
	amount: &str,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	let amount = amount.parse::<Dam>()?;
	let signing = Signing::open(&own.key, global, output)?;
	let machine = signing.machine(&own.machine)?;
	let network = signing.connect().await?;
	let owner = Owner::new(&network, signing.key(), signing.patience());
	let result = owner.bond(machine, amount, &mut |step| output.settling(&step)).await?;
	let text = format!("{amount} DAM are bonded for machine {machine}: its quota has grown");
	output.done(&result, json!({ "machine": machine, "amount": amount }), &text);
	Ok(())
}

async fn unbond(
	own: &OwnMachine,
	amount: Option<&str>,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	let amount = amount.map(str::parse::<Dam>).transpose()?;
	let signing = Signing::open(&own.key, global, output)?;
	let machine = signing.machine(&own.machine)?;
	let network = signing.connect().await?;
	let owner = Owner::new(&network, signing.key(), signing.patience());
	let (result, amount) =
		owner.unbond(machine, amount, &mut |step| output.settling(&step)).await?;
	let text = format!(
		"{amount} DAM of machine {machine} are unbonded; `dam-device quota {machine}` shows when they \
		 can be withdrawn"
	);
	output.done(&result, json!({ "machine": machine, "amount": amount }), &text);
	Ok(())
}

async fn withdraw(own: &OwnMachine, global: &Global, output: &Output) -> Result<(), Failure> {
	let signing = Signing::open(&own.key, global, output)?;
	let machine = signing.machine(&own.machine)?;
	let network = signing.connect().await?;
	let owner = Owner::new(&network, signing.key(), signing.patience());
	let (result, arrived) =
		owner.withdraw_unbonded(machine, &mut |step| output.settling(&step)).await?;
	let lines: Vec<_> = arrived
		.iter()
		.map(|chunk| format!("{} DAM went back to {}", Dam::from_units(chunk.amount), chunk.bonder))
		.collect();
	let text = match &lines[..] {
		[] => format!("what was bonded for machine {machine} and has arrived went back"),
		lines => lines.join("\n"),
	};
	output.done(&result, json!({ "machine": machine, "arrived": arrived }), &text);
	Ok(())
}
