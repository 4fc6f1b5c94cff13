//! `content`: documents that the chain knows by hash.

use std::path::Path;

use dam_device::{
	chain::Network,
	content::{self, ContentError, Proof},
	payee::parse_machine,
};
use dam_primitives::{Cid, ServiceId};
use serde_json::{json, Value};

use super::{
	args::{ContentCommand, Document, Global, Who},
	connect::{connect_to, spec},
	failure::Failure,
	output::Output,
	services::cid,
	show::{account_or_machine, find},
};

pub(super) async fn run(
	command: &ContentCommand,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	match command {
		ContentCommand::Machine { who, document } => machine(who, document, global, output).await,
		ContentCommand::Service { machine, id, document } => {
			service(machine, *id, document, global, output).await
		},
		ContentCommand::Cid { cid: text, document } => {
			let cid = cid("CID", text)?;
			check_free(document)?;
			let bytes = by_cid(&cid, document).await?;
			finish(document, &bytes, json!({ "cid": cid, "proof": "cid" }), output)
		},
		ContentCommand::Hash { file, max_bytes } => hash(file, *max_bytes, output),
	}
}

async fn machine(
	who: &Who,
	document: &Document,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	check_free(document)?;
	let spec = spec(global)?;
	let subject = account_or_machine(who, &spec)?;
	let network = connect_to(&spec, global, output).await?;
	let machine = find(subject, &network).await?;
	let id = machine.id;
	let metadata = machine.profile.metadata.ok_or_else(|| {
		Failure::not_found(format!(
			"machine {id} names no document: its owner can register one (`dam-device owner profile`)"
		))
	})?;
	let gateway = document.gateway.as_deref();
	let (bytes, proof) = match &document.check {
		Some(file) => {
			let bytes = content::read(file, document.max_bytes)?;
			let proof = content::verify_metadata(&bytes, &metadata)?;
			(bytes, proof)
		},
		None => content::fetch_metadata(&metadata, gateway, document.max_bytes).await?,
	};
	let proof = match proof {
		Proof::Hash => "hash",
		Proof::HashAndCid => "hash-and-cid",
	};
	let details = json!({ "machine": id, "uri": metadata.uri, "proof": proof });
	finish(document, &bytes, details, output)
}

async fn service(
	machine: &str,
	id: ServiceId,
	document: &Document,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	check_free(document)?;
	let spec = spec(global)?;
	let machine = parse_machine(machine, Some(spec.id()))?;
	let network = connect_to(&spec, global, output).await?;
	let services = network.services(machine).await?;
	let info = services.into_iter().find(|service| service.id == id).ok_or_else(|| {
		Failure::not_found(format!(
			"machine {machine} offers no service {id}: see `dam-device service list {machine}`"
		))
	})?;
	let cid = info.service.description.ok_or_else(|| {
		Failure::not_found(format!(
			"service {id} of machine {machine} names no description: whoever offers it can add one \
			 (`dam-device service update --description`)"
		))
	})?;
	let bytes = by_cid(&cid, document).await?;
	let details = json!({ "machine": machine, "service": id, "cid": cid, "proof": "cid" });
	finish(document, &bytes, details, output)
}

/// Nothing is fetched that could not be kept.
fn check_free(document: &Document) -> Result<(), Failure> {
	match &document.out {
		Some(file) if file.exists() => Err(ContentError::Exists(file.clone()).into()),
		_ => Ok(()),
	}
}

/// The document that a CID names, from the file or from the gateway.
async fn by_cid(cid: &Cid, document: &Document) -> Result<Vec<u8>, Failure> {
	let gateway = document.gateway.as_deref();
	Ok(match &document.check {
		Some(file) => {
			let bytes = content::read(file, document.max_bytes)?;
			content::verify_cid(&bytes, cid)?;
			bytes
		},
		None => content::fetch_cid(cid, gateway, document.max_bytes).await?,
	})
}

/// Keeps a document that was proven, and says so.
fn finish(
	document: &Document,
	bytes: &[u8],
	mut value: Value,
	output: &Output,
) -> Result<(), Failure> {
	if let Some(file) = &document.out {
		content::write(file, bytes)?;
	}
	let file = document.out.as_deref().or(document.check.as_deref());
	value["file"] = json!(file);
	value["bytes"] = json!(bytes.len());
	value["sha256"] = json!(sha256(bytes));
	output.result(&value, || {
		format!(
			"{} is the document: {} bytes, SHA-256 {}",
			file.unwrap_or(Path::new("")).display(),
			bytes.len(),
			sha256(bytes)
		)
	});
	Ok(())
}

fn hash(file: &Path, max_bytes: u64, output: &Output) -> Result<(), Failure> {
	let bytes = content::read(file, max_bytes)?;
	let (hash, cid) = (sha256(&bytes), content::raw_cid(&bytes));
	let value = json!({ "file": file, "bytes": bytes.len(), "sha256": hash, "cid": cid });
	output.result(&value, || {
		format!(
			"file     {}\nbytes    {}\nsha256   {hash}\ncid      {}",
			file.display(),
			bytes.len(),
			cid.to_text()
		)
	});
	Ok(())
}

fn sha256(bytes: &[u8]) -> String {
	format!("0x{}", hex::encode(content::sha256(bytes)))
}
