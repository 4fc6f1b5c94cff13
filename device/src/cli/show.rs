//! Commands that only read: `balance`, `quota`, `machine`, `did`, `head`.

use std::time::{Duration, Instant};

use dam_device::{
	chain::{ChainError, ChainSpec, Heads, LightNetwork, Network},
	payee::{parse_machine, parse_payee},
	AccountId, KeyFile,
};
use dam_primitives::{
	did::{resolve, Did},
	machine_account, MachineId, MachineInfo, Payee,
};
use futures::StreamExt;
use serde_json::json;

use super::{
	args::{DidCommand, Global, Head, Who},
	connect::{connect_to, genesis, spec},
	failure::Failure,
	output::Output,
};

/// Picoseconds of reference time in a millisecond.
const PER_MILLISECOND: f64 = 1e9;

/// Whom a read is about, before the network is asked.
enum Subject {
	Machine(MachineId),
	Account(AccountId),
}

fn subject(who: &Who, spec: &ChainSpec) -> Result<Subject, Failure> {
	if let Some(file) = &who.key {
		return Ok(Subject::Account(KeyFile::open(file)?.key().account()));
	}
	let text = who.who.as_deref().unwrap_or_default();
	Ok(match parse_payee(text, Some(spec.id()))? {
		Payee::Machine(machine) => Subject::Machine(machine),
		Payee::Account(account) => Subject::Account(account),
	})
}

/// The machine that is meant, which must exist.
async fn find(subject: Subject, network: &LightNetwork) -> Result<MachineInfo<AccountId>, Failure> {
	let id = match subject {
		Subject::Machine(id) => Some(id),
		Subject::Account(account) => network.machine_of(account).await?,
	};
	let found = match id {
		Some(id) => network.machine(id).await?,
		None => None,
	};
	found.ok_or_else(|| match (subject, id) {
		(Subject::Account(account), _) => Failure::not_found(format!(
			"{account} belongs to no machine: have its owner register it (`dam-device owner register`)"
		)),
		(Subject::Machine(id), _) => {
			Failure::not_found(format!("there is no machine {id}: check the number"))
		},
	})
}

pub(super) async fn balance(who: &Who, global: &Global, output: &Output) -> Result<(), Failure> {
	let spec = spec(global)?;
	let subject = subject(who, &spec)?;
	let network = connect_to(&spec, global, output).await?;
	// The account that was named and, if it acts for a machine, the machine's account first:
	// that is where its money stands.
	let (machine, own) = match subject {
		Subject::Machine(machine) => (Some(machine), None),
		Subject::Account(account) => (network.machine_of(account).await?, Some(account)),
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
	let subject = subject(who, &spec)?;
	let network = connect_to(&spec, global, output).await?;
	let machine = find(subject, &network).await?;
	let quota = network.quota(machine.id).await?.ok_or_else(|| {
		Failure::other(format!(
			"machine {} is not active and has no quota: its owner can resume it",
			machine.id
		))
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
	let subject = subject(who, &spec)?;
	let network = connect_to(&spec, global, output).await?;
	let machine = find(subject, &network).await?;
	let did = Did { network: spec.id().into(), machine: machine.id };
	let mut value = json!(machine);
	value["did"] = json!(did.to_string());
	output.result(&value, || {
		let document = machine.profile.metadata.as_ref().map_or_else(String::new, |metadata| {
			format!(
				"\ndocument    {} (SHA-256 0x{})",
				metadata.uri.to_text(),
				hex::encode(metadata.hash)
			)
		});
		format!(
			"machine     {}\ndid         {did}\nstatus      {}\nkind        {}\nowner       {}\n\
			 address     {}\nkey         {} ({})\nregistered  block {}, last change block {}\n\
			 deposit     {} DAM{document}",
			machine.id,
			name(&machine.status),
			name(&machine.profile.kind),
			machine.owner,
			machine.account,
			machine.key_account,
			machine.key.scheme(),
			machine.registered_at,
			machine.updated_at,
			dam_device::Dam::from_units(machine.deposit),
		)
	});
	Ok(())
}

/// The name of a variant as JSON has it.
fn name(variant: &impl serde::Serialize) -> String {
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
	let subject = Subject::Machine(parse_machine(did, Some(spec.id()))?);
	let network = connect_to(&spec, global, output).await?;
	let document = resolve(spec.id(), &find(subject, &network).await?);
	output.result(&document, || format!("{document:#}"));
	Ok(())
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
