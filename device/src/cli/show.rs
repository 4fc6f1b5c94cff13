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
	machine_account, KeyInfo, MachineInfo, MachineStatus, Payee,
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
	let full_in = quota.blocks_until(quota.capacity);
	let mut value = json!(quota);
	value["machine"] = json!(machine.id);
	value["fullInBlocks"] = json!(full_in);
	output.result(&value, || {
		let milliseconds = |time: u64| format!("{:.3} ms", time as f64 / PER_MILLISECOND);
		format!(
			"machine {} may use {} of {} of computing time without a fee; {} more every block{}",
			machine.id,
			milliseconds(quota.available),
			milliseconds(quota.capacity),
			milliseconds(quota.refill_per_block),
			match full_in {
				Some(0) => ", it is full".into(),
				Some(blocks) => format!(", full in {blocks} blocks"),
				None => String::new(),
			},
		)
	});
	Ok(())
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
