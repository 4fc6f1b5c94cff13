//! `owner operator`, `profile`, `parent`, `transfer`: how machines are arranged and handed over.

use dam_device::{owner::Owner, Done};
use dam_primitives::{MachineKind, OperatorInfo, OperatorRights};
use serde_json::json;

use crate::cli::{
	args::{About, Global, OperatorCommand, OwnMachine, ParentCommand, TransferCommand},
	connect::{account, now, Signing},
	failure::Failure,
	keys,
	output::{transaction, Output},
};

pub(super) async fn operator(
	command: &OperatorCommand,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	let (own, operator) = match command {
		OperatorCommand::Clear(own) => (own, None),
		OperatorCommand::Set { own, account: who, rights } => {
			let rights = rights.iter().fold(OperatorRights::NONE, |all, right| all.and(*right));
			(own, Some(OperatorInfo { account: account(who)?, rights }))
		},
	};
	let text = match &operator {
		None => "has no operator any more".into(),
		Some(OperatorInfo { account, rights }) => {
			let rights = rights.names().collect::<Vec<_>>().join(",");
			format!("has the operator {account}, with the rights {rights}")
		},
	};
	let signing = Signing::open(&own.key, global, output)?;
	let machine = signing.machine(&own.machine)?;
	let network = signing.connect().await?;
	let owner = Owner::new(&network, signing.key(), signing.patience());
	let details = json!({ "machine": machine, "operator": operator });
	let result = owner.set_operator(machine, operator, &mut |step| output.settling(&step)).await?;
	output.done(&result, details, &format!("machine {machine} {text}"));
	Ok(())
}

pub(super) async fn profile(
	own: &OwnMachine,
	kind: MachineKind,
	about: &About,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	let profile = keys::profile(kind, about)?;
	let signing = Signing::open(&own.key, global, output)?;
	let machine = signing.machine(&own.machine)?;
	let network = signing.connect().await?;
	let owner = Owner::new(&network, signing.key(), signing.patience());
	let details = json!({ "machine": machine, "profile": profile });
	let result = owner.set_profile(machine, profile, &mut |step| output.settling(&step)).await?;
	output.done(&result, details, &format!("machine {machine} has this profile now"));
	Ok(())
}

pub(super) async fn parent(
	command: &ParentCommand,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	let (own, parent) = match command {
		ParentCommand::Set { own, parent } => (own, Some(parent)),
		ParentCommand::Clear(own) => (own, None),
	};
	let signing = Signing::open(&own.key, global, output)?;
	let machines = signing.machines(&own.machines)?;
	let parent = parent.map(|parent| signing.machine(parent)).transpose()?;
	let network = signing.connect().await?;
	let owner = Owner::new(&network, signing.key(), signing.patience());
	let mut finished: Vec<Done> = Vec::new();
	let result = owner
		.set_parent(&machines, parent, &mut |step| output.settling(&step), &mut |one| {
			finished.push(one.clone());
		})
		.await;
	let value = json!({
		"transactions": finished.iter().map(transaction).collect::<Vec<_>>(),
		"machines": machines,
		"parent": parent,
	});
	match result {
		Err(error) if finished.is_empty() => return Err(error.into()),
		Err(error) => return Err(Failure::from(error).with_details(value)),
		Ok(_) => {},
	}
	output.result(&value, || {
		let place = match parent {
			Some(parent) => format!("directly below machine {parent}"),
			None => "below no other machine".into(),
		};
		let list = machines.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
		let block = finished.last().map_or(0, |one| one.block.number);
		format!("now {place}: {list}; final in block {block}")
	});
	Ok(())
}

pub(super) async fn transfer(
	command: &TransferCommand,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	let (own, recipient) = match command {
		TransferCommand::Offer { own, to, .. } => (own, Some(account(to)?)),
		TransferCommand::Cancel(own) | TransferCommand::Accept(own) => (own, None),
	};
	let signing = Signing::open(&own.key, global, output)?;
	let machine = signing.machine(&own.machine)?;
	let network = signing.connect().await?;
	let owner = Owner::new(&network, signing.key(), signing.patience());
	let mut progress = |step| output.settling(&step);
	let (result, details, text) = match (command, recipient) {
		(TransferCommand::Offer { expiry, .. }, Some(to)) => {
			let expires_at = expiry.at(now(&network).await?);
			let result = owner.offer_ownership(machine, to, expires_at, &mut progress).await?;
			let details = json!({ "machine": machine, "to": to, "expiresAt": expires_at });
			let text = format!("machine {machine} is offered to {to} until block {expires_at}");
			(result, details, text)
		},
		(TransferCommand::Accept(_), _) => {
			let result = owner.accept_ownership(machine, &mut progress).await?;
			let owner = signing.key().account();
			let text = format!(
				"machine {machine} belongs to {owner} now; its payment key is still the old one: \
				 replace it with `dam-device owner key rotate` if somebody else may have it"
			);
			(result, json!({ "machine": machine, "owner": owner }), text)
		},
		_ => {
			let result = owner.cancel_offer(machine, &mut progress).await?;
			let text = format!("machine {machine} is offered to nobody any more");
			(result, json!({ "machine": machine }), text)
		},
	};
	output.done(&result, details, &text);
	Ok(())
}
