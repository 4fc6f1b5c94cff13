//! `key` and `registration`: keys and what they sign offline, and a key that replaces itself.

use std::{
	io::{IsTerminal, Read},
	path::Path,
};

use dam_device::{
	agreement::describe_rights, chain::Network, keyring::Keyring, payee::parse_machine,
	registration, Key, KeyAgreement, KeyFile, Registration, Scheme,
};
use dam_primitives::{did::multikey, KeyRights, MachineKind, MachineProfile};
use serde_json::{json, Value};
use zeroize::Zeroizing;

use super::{
	args::{About, Agree, Global, KeyCommand, RegistrationCommand, Sign},
	connect::{account, connect_to, hash, spec, statement, Signing},
	failure::Failure,
	output::Output,
};

pub(super) async fn key(
	command: &KeyCommand,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
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
		KeyCommand::Agree(agree) => return self::agree(agree, global, output).await,
		KeyCommand::Rotate { key, agreement } => {
			return rotate(key, agreement, global, output).await
		},
		KeyCommand::Status { account, key } => {
			return status(account.as_deref(), key.as_deref(), global, output).await
		},
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
	let Sign { key, owner, expiry, kind, about, out } = sign;
	let key = KeyFile::open(key)?;
	let owner = account(owner)?;
	let profile = profile(*kind, about)?;
	let (genesis, expires_at) = statement(expiry, global, output).await?;
	let signed = Registration::sign(key.key(), genesis, owner, profile, expires_at);
	signed.write(out)?;
	let value = json!({
		"file": out,
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
			out.display(),
			key.key().account(),
			expires_at,
			out.display(),
		)
	});
	Ok(())
}

async fn agree(agree: &Agree, global: &Global, output: &Output) -> Result<(), Failure> {
	let Agree { key, rights, expiry, out, machine } = agree;
	let key = KeyFile::open(key)?;
	// A DID names its network, which the specification must confirm if there is one.
	let network = global.chain_spec.as_ref().map(|_| spec(global)).transpose()?;
	let machine = parse_machine(machine, network.as_ref().map(|spec| spec.id()))?;
	let rights = rights.iter().fold(KeyRights::NONE, |all, right| all.and(*right));
	if rights.contains(KeyRights::PAY) && rights != KeyRights::ALL {
		return Err(Failure::usage(
			"--rights: a payment key has all rights (pay,claim,services), another has claim, \
			 services or both",
		));
	}
	let (genesis, expires_at) = statement(expiry, global, output).await?;
	let signed = KeyAgreement::sign(key.key(), genesis, machine, rights, expires_at);
	signed.write(out)?;
	let value = json!({
		"file": out,
		"genesis": genesis,
		"machine": machine,
		"key": describe(key.key()),
		"rights": rights,
		"expiresAt": expires_at,
	});
	output.result(&value, || {
		let next = if rights == KeyRights::ALL {
			format!(
				"the present key: dam-device --chain-spec … key rotate --key … {0}\n   or the \
				 owner: dam-device --chain-spec … owner key rotate --key … {machine} {0}",
				out.display()
			)
		} else {
			format!(
				"the owner: dam-device --chain-spec … owner key add --key … {machine} {}",
				out.display()
			)
		};
		format!(
			"{} lets the key {} act for machine {machine} with the rights {} on the chain with \
			 genesis {genesis:?}, if added until block {expires_at}\nnext, {next}",
			out.display(),
			key.key().account(),
			describe_rights(rights),
		)
	});
	Ok(())
}

async fn rotate(
	key: &Path,
	agreement: &Path,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	let agreement = KeyAgreement::read(agreement)?;
	let signing = Signing::open(key, global, output)?;
	let network = signing.connect().await?;
	let keyring = Keyring::new(&network, signing.key(), None, signing.patience()).await?;
	let done = keyring.rotate(&agreement, &mut |step| output.settling(&step)).await?;
	let machine = keyring.machine().id;
	let text = format!(
		"machine {machine} has the payment key {} now, and no longer {}",
		dam_device::keys::account_of(&agreement.key),
		signing.key().account(),
	);
	let details = json!({
		"machine": machine,
		"key": dam_device::keys::account_of(&agreement.key),
		"rights": agreement.rights,
	});
	output.done(&done, details, &text);
	Ok(())
}

async fn status(
	text: Option<&str>,
	file: Option<&Path>,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	let account = match file {
		Some(file) => KeyFile::open(file)?.key().account(),
		None => account(text.unwrap_or_default())?,
	};
	let spec = spec(global)?;
	let network = connect_to(&spec, global, output).await?;
	let key = network.key(account).await?.ok_or_else(|| {
		Failure::not_found(format!(
			"{account} is the key of no machine: have its owner register it (`dam-device owner \
			 register`) or add it (`dam-device owner key add`)"
		))
	})?;
	output.result(&json!(key), || {
		let end = match (key.valid_until, key.claimable_until) {
			(Some(until), Some(horizon)) => {
				format!("until block {until}; what it signed before settles until block {horizon}")
			},
			_ => "and still does".into(),
		};
		format!(
			"key      {account} ({})\nmachine  {}, its key number {}\nrights   {}\nacts     from \
			 block {} {end}",
			key.public.scheme(),
			key.machine,
			key.ordinal,
			describe_rights(key.rights),
			key.valid_from,
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

/// What a machine says of itself.
pub(super) fn profile(kind: MachineKind, about: &About) -> Result<MachineProfile, Failure> {
	let document = match (&about.metadata_hash, &about.metadata_uri) {
		(Some(text), Some(uri)) => Some((hash("--metadata-hash", text)?.0, &**uri)),
		_ => None,
	};
	Ok(registration::profile(kind, document)?)
}
