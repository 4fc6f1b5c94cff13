//! `service`: what machines offer.

use dam_device::{
	chain::Network,
	queries,
	services::{self, Catalogue},
	Usdt,
};
use dam_primitives::{did::Did, Cid, MachineStatus, Service, ServiceInfo, ServiceKind};
use serde_json::{json, Value};

use super::{
	args::{Global, Seller, ServiceArgs, ServiceCommand, Who},
	connect::{connect_to, spec, Signing},
	failure::Failure,
	output::Output,
	show::{account_or_machine, find, name},
};

pub(super) async fn run(
	command: &ServiceCommand,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	match command {
		ServiceCommand::Offer { by, service } => {
			change(by, Change::Offer(describe(service)?), global, output).await
		},
		ServiceCommand::Update { by, id, service } => {
			change(by, Change::Update(*id, describe(service)?), global, output).await
		},
		ServiceCommand::Withdraw { by, id } => {
			change(by, Change::Withdraw(*id), global, output).await
		},
		ServiceCommand::List(who) => list(who, global, output).await,
		ServiceCommand::Find { kind, limit, active } => {
			self::find_all(*kind, *limit, *active, global, output).await
		},
	}
}

enum Change {
	Offer(Service),
	Update(u32, Service),
	Withdraw(u32),
}

fn describe(service: &ServiceArgs) -> Result<Service, Failure> {
	let ServiceArgs { kind, unit, price, endpoint, description } = service;
	let description = description.as_deref().map(|text| cid("--description", text)).transpose()?;
	Ok(services::service(*kind, *unit, price.parse::<Usdt>()?, endpoint, description)?)
}

/// Reads a content identifier.
pub(super) fn cid(name: &str, text: &str) -> Result<Cid, Failure> {
	text.parse().map_err(|error| Failure::usage(format!("{name} `{text}`: {error}")))
}

async fn change(
	by: &Seller,
	change: Change,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	let signing = Signing::open(&by.key, global, output)?;
	let machine = by.machine.as_deref().map(|text| signing.machine(text)).transpose()?;
	let network = signing.connect().await?;
	let catalogue = Catalogue::new(&network, signing.key(), machine, signing.patience()).await?;
	let machine = catalogue.machine().id;
	let mut progress = |step| output.settling(&step);
	let (result, id, text) = match &change {
		Change::Offer(service) => {
			let (result, id) = catalogue.offer(service, &mut progress).await?;
			(result, id, "is offered")
		},
		Change::Update(id, service) => {
			(catalogue.update(*id, service, &mut progress).await?, *id, "is updated")
		},
		Change::Withdraw(id) => {
			(catalogue.withdraw(*id, &mut progress).await?, *id, "is withdrawn")
		},
	};
	let did = Did { network: signing.network_id().into(), machine };
	let url = format!("{did}#service-{id}");
	let text = format!("service {id} of machine {machine} {text} ({url})");
	output.done(&result, json!({ "machine": machine, "service": id, "url": url }), &text);
	Ok(())
}

async fn list(who: &Who, global: &Global, output: &Output) -> Result<(), Failure> {
	let spec = spec(global)?;
	let subject = account_or_machine(who, &spec)?;
	let network = connect_to(&spec, global, output).await?;
	let machine = find(subject, &network).await?.id;
	let found = network.services(machine).await?;
	show(&found, || format!("machine {machine} offers nothing"), output);
	Ok(())
}

async fn find_all(
	kind: ServiceKind,
	limit: u32,
	active: bool,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	let spec = spec(global)?;
	let network = connect_to(&spec, global, output).await?;
	let mut found = queries::services_by_kind(&network, kind, limit as usize).await?;
	if active {
		found.retain(|service| service.status == MachineStatus::Active);
	}
	show(&found, || format!("nobody offers {}", name(&kind)), output);
	Ok(())
}

fn show(found: &[ServiceInfo], nothing: impl FnOnce() -> String, output: &Output) {
	let all = found.iter().map(service_json).collect::<Vec<_>>();
	output.result(&json!({ "services": all }), || match found {
		[] => nothing(),
		all => all.iter().map(line).collect::<Vec<_>>().join("\n"),
	});
}

/// As the chain has it, with the price in USDT.
fn service_json(service: &ServiceInfo) -> Value {
	let mut value = json!(service);
	value["price"] = json!(Usdt::from_units(service.service.price));
	value
}

fn line(info: &ServiceInfo) -> String {
	let ServiceInfo { machine, status, id, service } = info;
	let status = match status {
		MachineStatus::Active => String::new(),
		other => format!(" ({})", name(other)),
	};
	let description = service
		.description
		.as_ref()
		.map_or_else(String::new, |cid| format!("  described by {}", cid.to_text()));
	format!(
		"machine {machine}{status}, service {id}: {}, {} USDT per {}, at {}{description}",
		name(&service.kind),
		Usdt::from_units(service.price),
		name(&service.unit),
		service.endpoint.to_text(),
	)
}

#[cfg(test)]
mod tests {
	use super::*;
	use dam_primitives::Unit;

	#[test]
	fn services_should_be_shown_with_price_and_state() {
		let service = services::service(
			ServiceKind::Charging,
			Unit::KilowattHour,
			Usdt::from_units(300_000),
			"https://example.org",
			Some("bafkreifzjut3te7nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e".parse().unwrap()),
		)
		.unwrap();
		let info = ServiceInfo { machine: 7, status: MachineStatus::Suspended, id: 2, service };
		let value = service_json(&info);
		assert_eq!((&value["price"], &value["kind"]), (&json!("0.3"), &json!("charging")));
		assert_eq!((&value["machine"], &value["id"]), (&json!(7), &json!(2)));
		let text = line(&info);
		for part in ["machine 7 (suspended)", "0.3 USDT per kilowatt-hour", "bafkrei"] {
			assert!(text.contains(part), "{text}");
		}
	}
}
