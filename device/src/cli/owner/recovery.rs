//! `owner recovery`: getting an account back whose key is lost.

use std::path::Path;

use dam_device::{
	chain::{FriendGroup, Network},
	recovery::{friend_group, Recoverer},
};
use serde_json::json;

use crate::cli::{
	args::{Attempt, Global, RecoveryCommand},
	connect::{account, connect_to, spec, Signing},
	failure::Failure,
	output::{count, transaction, Output},
};

pub(super) async fn run(
	command: &RecoveryCommand,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	match command {
		RecoveryCommand::Set { key, friend, needed, heir, delay } => {
			let friends =
				friend.iter().map(|friend| account(friend)).collect::<Result<Vec<_>, _>>()?;
			let group = friend_group(friends, *needed, account(heir)?, *delay)?;
			let text = format!(
				"{needed} of {} friends can give the account to {} after {delay} blocks",
				group.friends.len(),
				group.inheritor
			);
			set(key, Some(group), &text, global, output).await
		},
		RecoveryCommand::Clear { key } => {
			set(key, None, "nobody can recover the account any more", global, output).await
		},
		RecoveryCommand::Show { account } => show(account, global, output).await,
		RecoveryCommand::Start(at) => attempt(at, Step::Start, global, output).await,
		RecoveryCommand::Approve(at) => attempt(at, Step::Approve, global, output).await,
		RecoveryCommand::Finish(at) => attempt(at, Step::Finish, global, output).await,
		RecoveryCommand::Cancel { attempt: at, slash } => {
			attempt(at, Step::Cancel { slash: *slash }, global, output).await
		},
		RecoveryCommand::Dismiss { key } => dismiss(key, global, output).await,
		RecoveryCommand::Take { key, account, machines } => {
			take(key, account, machines, global, output).await
		},
	}
}

async fn set(
	key: &Path,
	group: Option<FriendGroup>,
	text: &str,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	let signing = Signing::open(key, global, output)?;
	let network = signing.connect().await?;
	let owner = Recoverer::new(&network, signing.key(), signing.patience());
	let details = json!({ "account": signing.key().account(), "group": group });
	let result = owner.set_friends(group, &mut |step| output.settling(&step)).await?;
	output.done(&result, details, text);
	Ok(())
}

async fn dismiss(key: &Path, global: &Global, output: &Output) -> Result<(), Failure> {
	let signing = Signing::open(key, global, output)?;
	let network = signing.connect().await?;
	let owner = Recoverer::new(&network, signing.key(), signing.patience());
	let result = owner.dismiss_heir(&mut |step| output.settling(&step)).await?;
	let account = signing.key().account();
	let text = format!("nobody but its own key has control of {account} any more");
	output.done(&result, json!({ "account": account }), &text);
	Ok(())
}

#[derive(Clone, Copy)]
enum Step {
	Start,
	Approve,
	Finish,
	Cancel { slash: bool },
}

async fn attempt(
	at: &Attempt,
	step: Step,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	let Attempt { key, account: lost, group } = at;
	let (lost, group) = (account(lost)?, *group);
	let signing = Signing::open(key, global, output)?;
	let network = signing.connect().await?;
	let recoverer = Recoverer::new(&network, signing.key(), signing.patience());
	let mut progress = |step| output.settling(&step);
	let (result, text) = match step {
		Step::Start => {
			(recoverer.start(lost, group, &mut progress).await?, "the recovery has started")
		},
		Step::Approve => {
			(recoverer.approve(lost, group, &mut progress).await?, "the recovery is approved")
		},
		Step::Finish => {
			let result = recoverer.finish(lost, group, &mut progress).await?;
			(result, "the account is recovered: its heir can take its machines over")
		},
		Step::Cancel { slash } => {
			let result = recoverer.cancel(lost, group, slash, &mut progress).await?;
			(result, "the recovery is cancelled")
		},
	};
	output.done(&result, json!({ "account": lost, "group": group }), text);
	Ok(())
}

async fn take(
	key: &Path,
	lost: &str,
	machines: &[String],
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	let lost = account(lost)?;
	let signing = Signing::open(key, global, output)?;
	let machines = signing.machines(machines)?;
	let network = signing.connect().await?;
	let heir = Recoverer::new(&network, signing.key(), signing.patience());
	let mut taken = Vec::new();
	for machine in &machines {
		match heir.take_machine(lost, *machine, &mut |step| output.settling(&step)).await {
			Ok(steps) => {
				output.note(&format!("machine {machine} is taken over"));
				let steps = steps.iter().map(transaction).collect::<Vec<_>>();
				taken.push(json!({ "machine": machine, "transactions": steps }));
			},
			Err(error) => return Err(Failure::from(error).with_details(json!({ "taken": taken }))),
		}
	}
	output.result(&json!({ "account": lost, "taken": taken }), || {
		format!(
			"taken over from {lost} by {}: {}; replace the payment keys if somebody else may have \
			 them (`dam-device owner key rotate`)",
			signing.key().account(),
			count(taken.len(), "machine"),
		)
	});
	Ok(())
}

async fn show(of: &str, global: &Global, output: &Output) -> Result<(), Failure> {
	let of = account(of)?;
	let spec = spec(global)?;
	let network = connect_to(&spec, global, output).await?;
	let found = network.recovery(of).await?;
	let mut value = json!(found);
	value["account"] = json!(of);
	output.result(&value, || {
		let mut lines = Vec::new();
		for (number, group) in found.groups.iter().enumerate() {
			let friends = group.friends.iter().map(ToString::to_string).collect::<Vec<_>>();
			lines.push(format!(
				"group {number}: {} of {} can give the account to {} after {} blocks",
				group.friends_needed,
				friends.join(", "),
				group.inheritor,
				group.inheritance_delay,
			));
		}
		for attempt in &found.attempts {
			lines.push(format!(
				"group {} tries since block {}, by {}; {} approved",
				attempt.friend_group_index,
				attempt.init_block,
				attempt.initiator,
				attempt.approved(),
			));
		}
		if let Some(inheritor) = found.inheritor {
			lines.push(format!("{inheritor} has control of the account"));
		}
		if lines.is_empty() {
			lines.push(format!("nobody can recover {of}"));
		}
		lines.join("\n")
	});
	Ok(())
}
