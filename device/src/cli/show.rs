//! Commands that only read: `balance`, `quota`, `machine`, `did`, `head`.

use std::time::{Duration, Instant};

use dam_device::{
	agreement::describe_rights,
	chain::{ChainError, ChainSpec, Heads, LightNetwork, Network},
	payee::{parse_did, parse_payee, PayeeError},
	queries, AccountId, Dam, KeyFile,
};
use dam_primitives::{
	did::{not_found, resolve, Did, DidError},
	machine_account, KeyInfo, MachineId, MachineInfo, MachineStatus, Payee, QuotaInfo,
};
use futures::StreamExt;
use serde_json::json;

use super::{
	args::{Children, DidCommand, Global, Head, Who},
	connect::{connect_to, genesis, spec},
	failure::Failure,
	output::Output,
};

/// Picoseconds of reference time in a millisecond.
const PER_MILLISECOND: f64 = 1e9;

/// Whom a read is about, before the network is asked.
pub(super) fn account_or_machine(who: &Who, spec: &ChainSpec) -> Result<Payee<AccountId>, Failure> {
	if let Some(file) = &who.key {
		return Ok(Payee::Account(KeyFile::open(file)?.key().account()));
	}
	Ok(parse_payee(who.who.as_deref().unwrap_or_default(), Some(spec.id()))?)
}

/// The machine that is meant, which must exist.
pub(super) async fn find(
	subject: Payee<AccountId>,
	network: &LightNetwork,
) -> Result<MachineInfo<AccountId>, Failure> {
	let id = match subject {
		Payee::Machine(id) => Some(id),
		Payee::Account(account) => network.machine_of(account).await?,
	};
	let found = match id {
		Some(id) => network.machine(id).await?,
		None => None,
	};
	found.ok_or_else(|| match subject {
		Payee::Account(account) => Failure::not_found(format!(
			"{account} belongs to no machine: have its owner register it (`dam-device owner register`)"
		)),
		Payee::Machine(id) => {
			Failure::not_found(format!("there is no machine {id}: check the number"))
		},
	})
}

pub(super) async fn balance(who: &Who, global: &Global, output: &Output) -> Result<(), Failure> {
	let spec = spec(global)?;
	let subject = account_or_machine(who, &spec)?;
	let network = connect_to(&spec, global, output).await?;
	// The account that was named and, if it acts for a machine, the machine's account first:
	// that is where its money stands.
	let (machine, own) = match subject {
		Payee::Machine(machine) => (Some(machine), None),
		Payee::Account(account) => (network.machine_of(account).await?, Some(account)),
	};
	let sovereign = machine.map(|machine| AccountId::from(machine_account(machine)));
	let accounts: Vec<AccountId> = sovereign.into_iter().chain(own).collect();
	let (block, balances) = network.balances(&accounts).await?;
	let rows: Vec<_> = accounts
		.iter()
		.zip(&balances)
		.map(|(account, held)| {
			let role = if sovereign == Some(*account) { "machine" } else { "account" };
			json!({ "role": role, "address": account, "usdt": held.usdt, "dam": held.dam, "nonce": held.nonce })
		})
		.collect();
	let value = json!({ "block": block, "machine": machine, "accounts": rows });
	output.result(&value, || {
		let mut lines = vec![format!("at block {}", block.number)];
		for (account, held) in accounts.iter().zip(&balances) {
			let name = match machine {
				Some(machine) if sovereign == Some(*account) => format!("machine {machine}"),
				_ => "account".into(),
			};
			lines.push(format!("{name} {account}: {} USDT, {} DAM", held.usdt, held.dam));
		}
		lines.join("\n")
	});
	Ok(())
}

pub(super) async fn quota(who: &Who, global: &Global, output: &Output) -> Result<(), Failure> {
	let spec = spec(global)?;
	let subject = account_or_machine(who, &spec)?;
	let network = connect_to(&spec, global, output).await?;
	let machine = find(subject, &network).await?;
	let quota = network.quota(machine.id).await?.ok_or_else(|| {
		let id = machine.id;
		Failure::other(match machine.status {
			MachineStatus::Retired => format!("machine {id} is retired and has no quota any more"),
			MachineStatus::Suspended => format!(
				"machine {id} is suspended and has no quota: its owner can resume it (`dam-device \
				 owner resume`)"
			),
			MachineStatus::Active => format!(
				"the keys of machine {id} are frozen and have no quota: its owner can unfreeze them \
				 (`dam-device owner key unfreeze`)"
			),
		})
	})?;
	let now = network.finalized().await?.number;
	let mut value = json!(quota);
	value["machine"] = json!(machine.id);
	value["bonded"] = json!(Dam::from_units(quota.bonded));
	value["unbonding"] = quota
		.unbonding
		.iter()
		.map(|chunk| {
			json!({
				"bonder": chunk.bonder,
				"amount": Dam::from_units(chunk.amount),
				"unlocksAt": chunk.unlocks_at,
			})
		})
		.collect();
	value["fullInBlocks"] = json!(quota.blocks_until(quota.capacity));
	output.result(&value, || quota_text(machine.id, &quota, now));
	Ok(())
}

/// A machine's quota for people; a block takes a second.
fn quota_text(machine: MachineId, quota: &QuotaInfo<AccountId>, now: u32) -> String {
	let milliseconds = |time: u64| format!("{:.3} ms", time as f64 / PER_MILLISECOND);
	let full = match quota.blocks_until(quota.capacity) {
		Some(0) => "it is full".into(),
		Some(blocks) => format!("full again in {}", duration(blocks)),
		None => "it does not refill".into(),
	};
	let mut lines = vec![
		format!(
			"machine {machine} may use {} of {} of computing time without a fee; {} more every \
			 block, {full}",
			milliseconds(quota.available),
			milliseconds(quota.capacity),
			milliseconds(quota.refill_per_block),
		),
		format!(
			"  with its deposit  {}, and {} every block",
			milliseconds(quota.base_capacity),
			milliseconds(quota.base_refill),
		),
	];
	if quota.bonded > 0 {
		lines.push(format!(
			"  bonded {} DAM    {}, and {} every block",
			Dam::from_units(quota.bonded),
			milliseconds(quota.bonded_capacity),
			milliseconds(quota.bonded_refill),
		));
	}
	for chunk in &quota.unbonding {
		let amount = Dam::from_units(chunk.amount);
		let when = match chunk.unlocks_at.saturating_sub(now) {
			0 => "now (`dam-device owner quota withdraw`)".into(),
			blocks => format!("in {}, from block {} on", duration(blocks.into()), chunk.unlocks_at),
		};
		lines.push(format!("  {amount} DAM can go back to {} {when}", chunk.bonder));
	}
	lines.join("\n")
}

/// About how long so many blocks of a second take, in two units at most.
fn duration(seconds: u64) -> String {
	let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
	let parts = match (days, hours, minutes) {
		(0, 0, 0) => return format!("{seconds} s"),
		(0, 0, _) => [(minutes, "min"), (seconds % 60, "s")],
		(0, ..) => [(hours, "h"), (minutes % 60, "min")],
		_ => [(days, "d"), (hours % 24, "h")],
	};
	let parts = parts.into_iter().filter(|(number, _)| *number > 0);
	parts.map(|(number, unit)| format!("{number} {unit}")).collect::<Vec<_>>().join(" ")
}

pub(super) async fn machine(who: &Who, global: &Global, output: &Output) -> Result<(), Failure> {
	let spec = spec(global)?;
	let subject = account_or_machine(who, &spec)?;
	let network = connect_to(&spec, global, output).await?;
	let machine = find(subject, &network).await?;
	let did = Did { network: spec.id().into(), machine: machine.id };
	let mut value = json!(machine);
	value["did"] = json!(did.to_string());
	value["deposit"] = json!(Dam::from_units(machine.deposit));
	output.result(&value, || {
		let document = machine.profile.metadata.as_ref().map_or_else(String::new, |metadata| {
			format!(
				"\ndocument    {} (SHA-256 0x{})",
				metadata.uri.to_text(),
				hex::encode(metadata.hash)
			)
		});
		format!(
			"machine     {}\ndid         {did}\nstatus      {}{}\nkind        {}\nowner       {}\n\
			 address     {}\n{}registered  block {}, last change block {}\ndeposit     {} DAM{}{}{}\
			 {document}",
			machine.id,
			name(&machine.status),
			if machine.frozen { ", keys frozen" } else { "" },
			name(&machine.profile.kind),
			machine.owner,
			machine.account,
			machine.keys.iter().map(key_line).collect::<String>(),
			machine.registered_at,
			machine.updated_at,
			Dam::from_units(machine.deposit),
			machine.operator.as_ref().map_or_else(String::new, |operator| {
				let rights = operator.rights.names().collect::<Vec<_>>().join(",");
				format!("\noperator    {} with the rights {rights}", operator.account)
			}),
			machine
				.parent
				.map_or_else(String::new, |parent| format!("\nparent      machine {parent}")),
			machine.offer.as_ref().map_or_else(String::new, |offer| {
				format!("\noffered     to {} until block {}", offer.to, offer.expires_at)
			}),
		)
	});
	Ok(())
}

fn key_line(key: &KeyInfo<AccountId>) -> String {
	format!(
		"key {:<7} {} ({}) with the rights {}, since block {}\n",
		key.ordinal,
		key.account,
		key.public.scheme(),
		describe_rights(key.rights),
		key.valid_from,
	)
}

pub(super) async fn children(
	command: &Children,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	let spec = spec(global)?;
	let subject = account_or_machine(&command.who, &spec)?;
	let network = connect_to(&spec, global, output).await?;
	let machine = find(subject, &network).await?;
	let found = queries::children(&network, machine.id, command.limit as usize).await?;
	let value = json!({ "machine": machine.id, "parent": machine.parent, "children": found });
	output.result(&value, || match &found[..] {
		[] => format!("no machine stands below machine {}", machine.id),
		all => all.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
	});
	Ok(())
}

/// The name of a variant as JSON has it.
pub(super) fn name(variant: &impl serde::Serialize) -> String {
	let value = json!(variant);
	value.as_str().unwrap_or_default().to_owned()
}

pub(super) async fn did(
	command: &DidCommand,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	let DidCommand::Resolve { did } = command;
	let spec = spec(global)?;
	let did = parse_did(did, Some(spec.id())).map_err(unresolvable)?;
	let network = connect_to(&spec, global, output).await?;
	let Some((machine, services)) = network.machine_and_services(did.machine).await? else {
		let text = format!("there is no machine {}: check the number in the DID", did.machine);
		return Err(Failure::not_found(text).with_details(not_found()));
	};
	let result = resolve(&did.network, &network.genesis().0, &machine, &services);
	output.result(&result, || format!("{result:#}"));
	Ok(())
}

/// What cannot be a DID of this network, with the word of DID Core for it.
fn unresolvable(error: PayeeError) -> Failure {
	let word = match &error {
		PayeeError::OtherNetwork { .. } => "notFound",
		PayeeError::BadDid { why: DidError::OtherMethod, .. } => "methodNotSupported",
		_ => "invalidDid",
	};
	let mut result = not_found();
	result["didResolutionMetadata"]["error"] = json!(word);
	Failure::from(error).with_details(result)
}

pub(super) async fn head(command: &Head, global: &Global, output: &Output) -> Result<(), Failure> {
	let start = Instant::now();
	let spec = spec(global)?;
	let network = LightNetwork::open(&spec, genesis(global)?).await?;
	let timeout = Duration::from_secs(global.timeout);
	let mut heads = network.heads();
	let mut left = command.follow;
	while left > 0 {
		let next = tokio::time::timeout(timeout, heads.next()).await;
		let head = match next {
			Ok(Some(head)) => head?,
			Ok(None) => return Err(Failure::other("the light client stopped: start again")),
			Err(_) => return Err(silent(&spec, timeout).into()),
		};
		let (kind, block) = match head {
			Heads::Best(block) => ("best", block),
			Heads::Finalized(block) => ("finalized", block),
		};
		// The genesis is known from the specification: that says nothing about the network.
		if block.number == 0 {
			continue;
		}
		if kind == "finalized" {
			left -= 1;
		}
		let seconds = start.elapsed().as_secs_f64();
		let value = json!({ "seconds": seconds, "kind": kind, "block": block });
		output.result(&value, || {
			format!("{seconds:7.3} s  {kind:<9}  {:>8}  {:?}", block.number, block.hash)
		});
	}
	Ok(())
}

fn silent(spec: &ChainSpec, waited: Duration) -> ChainError {
	ChainError::NoPeers { waited, boot_nodes: spec.boot_nodes() }
}

#[cfg(test)]
mod tests {
	use super::*;
	use dam_primitives::UnbondingInfo;

	#[test]
	fn durations_should_read_well() {
		for (seconds, text) in [
			(0, "0 s"),
			(12, "12 s"),
			(60, "1 min"),
			(1_000, "16 min 40 s"),
			(3_600, "1 h"),
			(7_320, "2 h 2 min"),
			(7 * 86_400, "7 d"),
			(7 * 86_400 - 1, "6 d 23 h"),
		] {
			assert_eq!(duration(seconds), text);
		}
	}

	#[test]
	fn quota_should_say_what_there_is_and_when_it_is_full() {
		const MS: u64 = 1_000_000_000;
		let chunk = |unlocks_at| UnbondingInfo {
			bonder: AccountId::from([1; 32]),
			amount: 1_500_000_000_000,
			unlocks_at,
		};
		let mut quota = QuotaInfo {
			available: 397_600_000_000,
			capacity: 400 * MS,
			refill_per_block: MS / 5,
			base_capacity: 200 * MS,
			base_refill: MS / 10,
			bonded_capacity: 200 * MS,
			bonded_refill: MS / 10,
			bonded: 20_000_000_000_000,
			unbonding: vec![chunk(5), chunk(100)],
			full_at: 22,
		};
		let text = quota_text(7, &quota, 10);
		for part in [
			"machine 7 may use 397.600 ms of 400.000 ms",
			"0.200 ms more every block, full again in 12 s",
			"bonded 20 DAM",
			"1.5 DAM can go back to",
			"now (`dam-device owner quota withdraw`)",
			"in 1 min 30 s, from block 100 on",
		] {
			assert!(text.contains(part), "{part}: {text}");
		}
		quota.available = quota.capacity;
		quota.bonded = 0;
		quota.unbonding.clear();
		let text = quota_text(7, &quota, 10);
		assert!(text.contains("it is full") && !text.contains("bonded"), "{text}");
	}

	#[test]
	fn dids_that_cannot_be_resolved_should_fail_with_the_word_of_did_core() {
		for (text, word) in [
			("did:dam:elsewhere:7", "notFound"),
			("did:web:example.org", "methodNotSupported"),
			("did:dam:local:7#key-0", "invalidDid"),
			("did:dam:local:07", "invalidDid"),
			("7", "invalidDid"),
		] {
			let failure = unresolvable(parse_did(text, Some("local")).unwrap_err());
			let error = &failure.to_json()["error"];
			assert_eq!(error["code"], "bad-did", "{text}");
			assert_eq!(error["details"]["didResolutionMetadata"]["error"], word, "{text}");
			assert_eq!(failure.exit_code(), super::super::failure::BAD_INPUT, "{text}");
		}
	}
}
