//! `key` and `registration`: everything that works offline.

use std::io::{IsTerminal, Read};

use dam_device::{
	chain::Network, payee::parse_account, registration, Key, KeyFile, Registration, Scheme,
};
use dam_primitives::{did::multikey, MachineKind};
use serde_json::{json, Value};
use zeroize::Zeroizing;

use super::{
	args::{Global, KeyCommand, RegistrationCommand, Sign},
	connect::{connect_to, hash, offline_genesis, spec},
	failure::Failure,
	output::Output,
};

pub(super) fn key(command: &KeyCommand, output: &Output) -> Result<(), Failure> {
	let file = match command {
		KeyCommand::New { file, scheme } => {
			let made = KeyFile::create(file, scheme.parse::<Scheme>()?)?;
			output.note(&format!(
				"{} is the only copy of this key: keep a copy in a safe place",
				file.display()
			));
			made
		},
		KeyCommand::Import { file, scheme, suri } => {
			let suri = match suri {
				Some(suri) => Zeroizing::new(suri.clone()),
				None => read_secret(output)?,
			};
			KeyFile::import(file, scheme.parse::<Scheme>()?, &suri)?
		},
		KeyCommand::Show { file } => KeyFile::open(file)?,
	};
	let mut value = describe(file.key());
	value["file"] = json!(file.path());
	output.result(&value, || {
		format!(
			"file     {}\nscheme   {}\npublic   {}\naddress  {}",
			file.path().display(),
			file.key().scheme(),
			hex_of(file.key()),
			file.key().account(),
		)
	});
	Ok(())
}

pub(super) async fn registration(
	command: &RegistrationCommand,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	let RegistrationCommand::Sign(sign) = command;
	let key = KeyFile::open(&sign.key)?;
	let owner = parse_account(&sign.owner)?;
	let profile = registration::profile(kind(&sign.kind)?, document(sign)?)?;
	let (genesis, expires_at) = match sign.expires_at {
		Some(block) => (offline_genesis(global).await?, block),
		None => {
			let network = connect_to(&spec(global)?, global, output).await?;
			let now = network.finalized().await?.number;
			(network.genesis(), now.saturating_add(sign.valid_for))
		},
	};
	let signed = Registration::sign(key.key(), genesis, owner, profile, expires_at);
	signed.write(&sign.out)?;
	let value = json!({
		"file": sign.out,
		"genesis": genesis,
		"owner": owner,
		"key": describe(key.key()),
		"kind": signed.profile.kind,
		"expiresAt": expires_at,
	});
	output.result(&value, || {
		format!(
			"{} lets {owner} register the key {} on the chain with genesis {genesis:?} until \
			 block {}\nnext, the owner: dam-device --chain-spec … owner register --key … {}",
			sign.out.display(),
			key.key().account(),
			expires_at,
			sign.out.display(),
		)
	});
	Ok(())
}

/// The public half of a key.
pub(super) fn describe(key: &Key) -> Value {
	json!({
		"scheme": key.scheme(),
		"public": hex_of(key),
		"multikey": multikey(&key.public()),
		"address": key.account(),
	})
}

fn hex_of(key: &Key) -> String {
	format!("0x{}", hex::encode(key.public().as_bytes()))
}

fn read_secret(output: &Output) -> Result<Zeroizing<String>, Failure> {
	if std::io::stdin().is_terminal() {
		output.note("secret URI, then end of input (Ctrl-D):");
	}
	let mut text = Zeroizing::new(String::new());
	std::io::stdin()
		.take(4096)
		.read_to_string(&mut text)
		.map_err(|error| Failure::other(format!("cannot read standard input: {error}")))?;
	Ok(Zeroizing::new(text.trim().to_owned()))
}

fn kind(text: &str) -> Result<MachineKind, Failure> {
	// The parser lists the kinds by itself.
	serde_json::from_value(Value::String(text.into()))
		.map_err(|error| Failure::usage(format!("--kind: {error}")))
}

fn document(sign: &Sign) -> Result<Option<([u8; 32], &str)>, Failure> {
	match (&sign.metadata_hash, &sign.metadata_uri) {
		(Some(text), Some(uri)) => Ok(Some((hash("--metadata-hash", text)?.0, uri))),
		_ => Ok(None),
	}
}
