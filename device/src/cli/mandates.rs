//! `mandate`: what payees may pull.

use dam_device::{
	chain::{Network, Pull},
	mandates::{Grant, Mandates},
	payee::describe_payee,
	time::Blocks,
	AccountId, Usdt,
};
use dam_primitives::{Mandate, MandateId};
use serde_json::{json, Value};

use super::{
	args::{Global, MandateCommand, MandateExpiry, OneMandate, Who},
	connect::{connect_to, now, spec, Signing},
	failure::Failure,
	output::{fee, transaction, Output},
	show::{account_or_machine, find},
};

pub(super) async fn run(
	command: &MandateCommand,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	match command {
		MandateCommand::Grant { key, machine, payee, cap, per, expiry } => {
			let signing = Signing::open(key, global, output)?;
			let promise = Promise { machine: machine.as_deref(), payee, cap, per, expiry };
			grant(&signing, &promise, output).await
		},
		MandateCommand::Revoke(of) => end(of, true, global, output).await,
		MandateCommand::Pull { key, pulls } => {
			let signing = Signing::open(key, global, output)?;
			let pulls = pulls.iter().map(|text| pull(text)).collect::<Result<Vec<_>, _>>()?;
			pull_all(&signing, &pulls, output).await
		},
		MandateCommand::Remove(of) => end(of, false, global, output).await,
		MandateCommand::Show { mandate } => show(*mandate, global, output).await,
		MandateCommand::List(who) => list(who, global, output).await,
	}
}

/// What the command line says of a new mandate.
struct Promise<'a> {
	machine: Option<&'a str>,
	payee: &'a str,
	cap: &'a str,
	per: &'a str,
	expiry: &'a MandateExpiry,
}

async fn grant(
	signing: &Signing<'_>,
	promise: &Promise<'_>,
	output: &Output,
) -> Result<(), Failure> {
	let machine = promise.machine.map(|text| signing.machine(text)).transpose()?;
	let payee = signing.payee(promise.payee)?;
	let cap = promise.cap.parse::<Usdt>()?.non_zero()?;
	let period = promise.per.parse::<Blocks>()?.non_zero()?;
	let network = signing.connect().await?;
	let expires_at = promise.expiry.at(now(&network).await?);
	let grant = Grant { payee, cap, period: period.count(), expires_at };
	let mandates = Mandates::new(&network, signing.key(), signing.patience());
	let (done, payer, id) =
		mandates.grant(machine, &grant, &mut |step| output.settling(&step)).await?;
	let text = format!(
		"mandate {id} lets {} pull up to {cap} USDT every {period} from machine {payer}, until block \
		 {expires_at}",
		describe_payee(&grant.payee),
	);
	let details = json!({
		"mandate": id,
		"payer": payer,
		"payee": grant.payee,
		"cap": cap,
		"period": grant.period,
		"expiresAt": expires_at,
	});
	output.done(&done, details, &text);
	Ok(())
}

/// Reads a mandate's number and an amount.
fn pull(text: &str) -> Result<Pull, Failure> {
	let parts = text.split_once('=').and_then(|(id, amount)| Some((id.parse().ok()?, amount)));
	let (mandate, amount) = parts.ok_or_else(|| {
		Failure::usage(format!(
			"`{text}` is no pull: write a mandate's number and an amount of USDT, for example 3=0.80"
		))
	})?;
	Ok(Pull { mandate, amount: amount.parse::<Usdt>()?.non_zero()? })
}

async fn pull_all(signing: &Signing<'_>, pulls: &[Pull], output: &Output) -> Result<(), Failure> {
	let network = signing.connect().await?;
	let mandates = Mandates::new(&network, signing.key(), signing.patience());
	let mut progress = |step| output.settling(&step);
	if let [one] = pulls {
		let done = mandates.pull(*one, &mut progress).await?;
		let Pull { mandate, amount } = one;
		let text = format!("{amount} USDT were pulled by mandate {mandate}");
		output.done(&done, json!({ "mandate": mandate, "amount": amount }), &text);
		return Ok(());
	}
	let pulled = mandates.pull_batch(pulls, &mut progress).await?;
	let failed: Vec<_> = pulled
		.failed
		.iter()
		.filter_map(|one| Some((pulls.get(one.index as usize)?, one.reason)))
		.collect();
	let mut value = transaction(&pulled.done);
	value["pulled"] = json!(pulled.pulled);
	value["total"] = json!(pulled.total);
	value["failed"] = failed
		.iter()
		.map(|(pull, reason)| {
			json!({ "mandate": pull.mandate, "reason": reason, "message": reason.explain() })
		})
		.collect();
	output.result(&value, || {
		let mut lines: Vec<String> = failed
			.iter()
			.map(|(pull, reason)| format!("mandate {}: {}", pull.mandate, reason.explain()))
			.collect();
		lines.push(format!(
			"{} of {} pulls were paid, {} USDT in all; final in block {}, fee {}",
			pulled.pulled,
			pulls.len(),
			pulled.total,
			pulled.done.block.number,
			fee(pulled.done.fee, pulled.done.usdt_fee),
		));
		lines.join("\n")
	});
	if failed.is_empty() {
		return Ok(());
	}
	Err(Failure::other(format!(
		"{} of {} pulls were not paid, see above",
		failed.len(),
		pulls.len()
	)))
}

async fn end(
	of: &OneMandate,
	as_party: bool,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	let signing = Signing::open(&of.key, global, output)?;
	let network = signing.connect().await?;
	let mandates = Mandates::new(&network, signing.key(), signing.patience());
	let id = of.mandate;
	let mut progress = |step| output.settling(&step);
	let (done, what) = match as_party {
		true => (mandates.revoke(id, &mut progress).await?, "revoked"),
		false => (mandates.remove(id, &mut progress).await?, "removed"),
	};
	let text = format!("mandate {id} is {what}, its storage deposit went back to the payer");
	output.done(&done, json!({ "mandate": id }), &text);
	Ok(())
}

async fn show(id: MandateId, global: &Global, output: &Output) -> Result<(), Failure> {
	let network = connect_to(&spec(global)?, global, output).await?;
	let found = network.mandate(id).await?.ok_or_else(|| {
		Failure::not_found(format!(
			"there is no mandate {id}: it was revoked or removed, or never granted"
		))
	})?;
	let now = now(&network).await?;
	output.result(&to_json(id, &found, now), || line(id, &found, now));
	Ok(())
}

async fn list(who: &Who, global: &Global, output: &Output) -> Result<(), Failure> {
	let spec = spec(global)?;
	let subject = account_or_machine(who, &spec)?;
	let network = connect_to(&spec, global, output).await?;
	let machine = find(subject, &network).await?.id;
	let mut found = network.mandates_of(machine).await?;
	found.sort_by_key(|(id, _)| *id);
	let now = now(&network).await?;
	let all: Vec<_> = found.iter().map(|(id, one)| to_json(*id, one, now)).collect();
	output.result(&json!({ "machine": machine, "mandates": all }), || match &found[..] {
		[] => format!("machine {machine} has given no mandate"),
		all => all.iter().map(|(id, one)| line(*id, one, now)).collect::<Vec<_>>().join("\n"),
	});
	Ok(())
}

/// As the chain has it, with amounts in USDT and with what can be pulled in the block after `now`.
fn to_json(id: MandateId, mandate: &Mandate<AccountId>, now: u32) -> Value {
	let usdt = Usdt::from_units;
	json!({
		"mandate": id,
		"payer": mandate.payer,
		"payee": mandate.payee,
		"cap": usdt(mandate.cap),
		"period": mandate.period,
		"expiresAt": mandate.expires_at,
		"periodEndsAt": ends_at(mandate, now),
		"available": usdt(mandate.available(now.saturating_add(1))),
		"storageDeposit": usdt(mandate.storage_deposit),
		"block": now,
	})
}

/// First block after the running period.
fn ends_at(mandate: &Mandate<AccountId>, now: u32) -> Option<u32> {
	let running = mandate.running(now.saturating_add(1))?;
	Some(running.started_at.saturating_add(mandate.period))
}

fn line(id: MandateId, mandate: &Mandate<AccountId>, now: u32) -> String {
	let usdt = Usdt::from_units;
	let next = now.saturating_add(1);
	let state = match ends_at(mandate, now) {
		_ if mandate.has_expired(next) => format!("expired with block {}", mandate.expires_at),
		Some(block) => format!(
			"{} USDT can be pulled before block {block}; good until block {}",
			usdt(mandate.available(next)),
			mandate.expires_at,
		),
		None => format!("nothing is pulled yet; good until block {}", mandate.expires_at),
	};
	format!(
		"mandate {id}: {} may pull {} USDT every {} from machine {}; {state}",
		describe_payee(&mandate.payee),
		usdt(mandate.cap),
		Blocks::new(mandate.period),
		mandate.payer,
	)
}

#[cfg(test)]
mod tests {
	use super::*;
	use dam_primitives::Payee;

	#[test]
	fn pulls_should_name_a_mandate_and_an_amount() {
		let one = pull("3=0.80").unwrap();
		assert_eq!((one.mandate, one.amount), (3, Usdt::from_units(800_000)));
		for (text, says) in [
			("3", "3=0.80"),
			("x=1", "3=0.80"),
			("=1", "3=0.80"),
			("3=", "missing"),
			("3=0", "zero"),
			("3=-1", "-1"),
		] {
			let failure = pull(text).unwrap_err();
			assert!(failure.message().contains(says), "{text}: {}", failure.message());
			assert_eq!(failure.exit_code(), super::super::failure::BAD_INPUT, "{text}");
		}
	}

	#[test]
	fn mandates_should_be_shown_with_what_can_be_pulled() {
		let mut mandate = Mandate {
			payer: 3,
			payee: Payee::Machine(7),
			cap: 2_000_000,
			period: 86_400,
			expires_at: 90_000,
			pulled: None,
			storage_deposit: 100_000,
		};
		assert!(
			line(4, &mandate, 100).contains("machine 7 may pull 2 USDT every 1d from machine 3")
		);
		mandate.pull(800_000, 100).unwrap();
		let value = to_json(4, &mandate, 100);
		assert_eq!((&value["available"], &value["periodEndsAt"]), (&json!("1.2"), &json!(86_500)));
		assert!(line(4, &mandate, 100).contains("1.2 USDT can be pulled before block 86500"));
		assert!(line(4, &mandate, 90_000).contains("expired with block 90000"));
		assert_eq!(to_json(4, &mandate, 90_000)["available"], "0");
	}
}
