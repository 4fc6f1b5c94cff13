//! `owner key`: keys of machines, by their owner or operator.

use dam_device::{
	agreement::describe_rights,
	keyring::Keyring,
	keys::account_of,
	owner::{Frozen, Owner},
	KeyAgreement,
};
use serde_json::json;

use crate::cli::{
	args::{Global, OwnMachine, OwnMachines, OwnerKeyCommand},
	connect::{account, Signing},
	failure::Failure,
	output::{count, transaction, Output},
};

pub(super) async fn run(
	command: &OwnerKeyCommand,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	match command {
		OwnerKeyCommand::Rotate { own, agreement } => {
			let agreement = KeyAgreement::read(agreement)?;
			change(own, &Change::Rotate(agreement), global, output).await
		},
		OwnerKeyCommand::Add { own, agreement } => {
			let agreement = KeyAgreement::read(agreement)?;
			change(own, &Change::Add(agreement), global, output).await
		},
		OwnerKeyCommand::Remove { own, account: key } => {
			change(own, &Change::Remove(account(key)?), global, output).await
		},
		OwnerKeyCommand::Freeze(all) => freeze(all, global, output).await,
		OwnerKeyCommand::Unfreeze(own) => unfreeze(own, global, output).await,
	}
}

enum Change {
	Rotate(KeyAgreement),
	Add(KeyAgreement),
	Remove(dam_device::AccountId),
}

async fn change(
	own: &OwnMachine,
	change: &Change,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	let signing = Signing::open(&own.key, global, output)?;
	let machine = signing.machine(&own.machine)?;
	let network = signing.connect().await?;
	let keyring = Keyring::new(&network, signing.key(), Some(machine), signing.patience()).await?;
	let mut progress = |step| output.settling(&step);
	let (result, details, text) = match change {
		Change::Rotate(agreement) => {
			let (key, rights) = (account_of(&agreement.key), agreement.rights);
			let result = keyring.rotate(agreement, &mut progress).await?;
			let details = json!({ "machine": machine, "key": key, "rights": rights });
			(result, details, format!("machine {machine} has the payment key {key} now"))
		},
		Change::Add(agreement) => {
			let (key, rights) = (account_of(&agreement.key), agreement.rights);
			let result = keyring.add(agreement, &mut progress).await?;
			let details = json!({ "machine": machine, "key": key, "rights": rights });
			let rights = describe_rights(rights);
			let text =
				format!("the key {key} acts for machine {machine} now, with the rights {rights}");
			(result, details, text)
		},
		Change::Remove(key) => {
			let result = keyring.remove(*key, &mut progress).await?;
			let text = format!("the key {key} acts for machine {machine} no more");
			(result, json!({ "machine": machine, "key": key }), text)
		},
	};
	output.done(&result, details, &text);
	Ok(())
}

async fn freeze(all: &OwnMachines, global: &Global, output: &Output) -> Result<(), Failure> {
	let signing = Signing::open(&all.key, global, output)?;
	let machines = signing.machines(&all.machines)?;
	let network = signing.connect().await?;
	let owner = Owner::new(&network, signing.key(), signing.patience());
	let mut finished: Vec<Frozen> = Vec::new();
	let result = owner
		.freeze(&machines, &mut |step| output.settling(&step), &mut |frozen| {
			finished.push(frozen.clone());
		})
		.await;
	let frozen: Vec<_> = finished.iter().flat_map(|one| &one.machines).collect();
	let value = json!({
		"transactions": finished.iter().map(|one| transaction(&one.done)).collect::<Vec<_>>(),
		"frozen": frozen,
	});
	match result {
		Err(error) if finished.is_empty() => return Err(error.into()),
		Err(error) => return Err(Failure::from(error).with_details(value)),
		Ok(_) => {},
	}
	output.result(&value, || {
		let list = frozen.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
		let block = finished.last().map_or(0, |one| one.done.block.number);
		format!(
			"the keys of {} are frozen ({list}); final in block {block}. Money can still be paid to \
			 them; let the keys act again with `dam-device owner key unfreeze`",
			count(frozen.len(), "machine"),
		)
	});
	Ok(())
}

async fn unfreeze(own: &OwnMachine, global: &Global, output: &Output) -> Result<(), Failure> {
	let signing = Signing::open(&own.key, global, output)?;
	let machine = signing.machine(&own.machine)?;
	let network = signing.connect().await?;
	let owner = Owner::new(&network, signing.key(), signing.patience());
	let result = owner.unfreeze(machine, &mut |step| output.settling(&step)).await?;
	let details = json!({ "machine": machine });
	output.done(&result, details, &format!("the keys of machine {machine} act again"));
	Ok(())
}
