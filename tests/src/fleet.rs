//! Owners, machines and light clients of a test network.

use std::time::Duration;

use dam_device::{
	chain::{Call, ChainEvent, ChainSpec, ConnectOptions, LightNetwork, Network as _},
	owner::Owner,
	registration, settle, Key, KeyAgreement, Patience, Registration, Scheme, Usdt,
};
use dam_primitives::{KeyRights, MachineId, MachineKind};

use crate::{Error, Network};

/// For a transaction to become final, on a machine that is busy with everything else.
const PATIENCE: Duration = Duration::from_secs(300);
/// Blocks for which a device's agreement to be registered is valid.
const STATEMENT_LIFETIME: u32 = 10_000;

/// A registered machine and the key that acts for it. The key's account has never held anything.
#[derive(Debug)]
pub struct Machine {
	/// Its number.
	pub id: MachineId,
	/// Its device's key.
	pub key: Key,
}

/// How long tests wait for a transaction: long enough for any machine.
pub fn patience() -> Patience {
	Patience { deadline: PATIENCE, ..Patience::default() }
}

/// The well-known key of that name, for example `Alice`; it owns DAM and USDT on test networks.
///
/// # Panics
/// If the name makes no derivation path.
pub fn well_known(name: &str) -> Key {
	Key::from_uri(Scheme::Sr25519, &format!("//{name}")).expect("a name is a derivation path; qed")
}

/// A light client of the network, at its head.
///
/// # Errors
/// [`Error::Device`] and what [`Network::light_spec`] gives.
pub async fn light_client(network: &Network) -> Result<LightNetwork, Error> {
	let spec = ChainSpec::parse(network.light_spec()?.as_bytes()).map_err(Error::device)?;
	let options = ConnectOptions { timeout: PATIENCE, ..ConnectOptions::default() };
	LightNetwork::connect(&spec, &options, |_| {}).await.map_err(Error::device)
}

/// Makes `count` device keys and has `owner` register their machines.
///
/// # Errors
/// [`Error::Device`], also if the chain refused a single one of them.
pub async fn register(
	light: &LightNetwork,
	owner: &Key,
	count: usize,
) -> Result<Vec<Machine>, Error> {
	register_keys(light, owner, device_keys(count)).await
}

/// Fresh keys, of the curve that most devices have.
pub fn device_keys(count: usize) -> Vec<Key> {
	(0..count).map(|_| Key::generate(Scheme::Ed25519).0).collect()
}

/// Has `owner` register a machine for each key.
///
/// # Errors
/// [`Error::Device`], also if the chain refused a single one of them.
pub async fn register_keys(
	light: &LightNetwork,
	owner: &Key,
	keys: Vec<Key>,
) -> Result<Vec<Machine>, Error> {
	let registrations = agree(light, owner, &keys).await?;
	let registered = Owner::new(light, owner, patience())
		.register(&registrations, &mut |_| {}, &mut |_| {})
		.await
		.map_err(Error::device)?;
	if let Some((_, failure)) = registered.iter().flat_map(|part| &part.failed).next() {
		return Err(Error::device(failure.clone()));
	}
	let mut ids = vec![None; keys.len()];
	for (index, _, id) in registered.iter().flat_map(|part| &part.machines) {
		ids[*index] = Some(*id);
	}
	keys.into_iter()
		.zip(ids)
		.map(|(key, id)| match id {
			Some(id) => Ok(Machine { id, key }),
			None => Err(Error::Unregistered(key.account().to_string())),
		})
		.collect()
}

/// Has each key agree to be registered by `owner`.
///
/// # Errors
/// [`Error::Device`].
pub async fn agree(
	light: &LightNetwork,
	owner: &Key,
	keys: &[Key],
) -> Result<Vec<Registration>, Error> {
	let expires_at = light.finalized().await.map_err(Error::device)?.number + STATEMENT_LIFETIME;
	let profile = registration::profile(MachineKind::EvCharger, None).map_err(Error::device)?;
	let sign = |key| {
		let (genesis, profile) = (light.genesis(), profile.clone());
		Registration::sign(key, genesis, owner.account(), profile, expires_at)
	};
	Ok(keys.iter().map(sign).collect())
}

/// Sends USDT from `owner` to a machine.
///
/// # Errors
/// [`Error::Device`].
pub async fn fund(
	light: &LightNetwork,
	owner: &Key,
	machine: MachineId,
	amount: Usdt,
) -> Result<(), Error> {
	Owner::new(light, owner, patience())
		.fund(machine, amount, &mut |_| {})
		.await
		.map(drop)
		.map_err(Error::device)
}

/// Has a new key agree to act for a machine.
///
/// # Errors
/// [`Error::Device`].
pub async fn agree_to_act(
	light: &LightNetwork,
	key: &Key,
	machine: MachineId,
	rights: KeyRights,
) -> Result<KeyAgreement, Error> {
	let expires_at = light.finalized().await.map_err(Error::device)?.number + STATEMENT_LIFETIME;
	Ok(KeyAgreement::sign(key, light.genesis(), machine, rights, expires_at))
}

/// Sends any call, waits until it is final, and tells what it caused.
///
/// # Errors
/// [`Error::Device`], also if the call failed.
pub async fn send(light: &LightNetwork, key: &Key, call: &Call) -> Result<Vec<ChainEvent>, Error> {
	let signed = light.sign(call, key, None).await.map_err(Error::device)?;
	let inclusion =
		settle::settle(light, &signed, &patience(), &mut |_| {}).await.map_err(Error::device)?;
	inclusion.result.map_err(Error::device)?;
	Ok(inclusion.events)
}

/// Does something in governance's name: the well-known key that has sudo on test networks signs.
///
/// # Errors
/// [`Error::Device`], also if the call inside failed.
pub async fn govern(light: &LightNetwork, sudo: &Key, call: Call) -> Result<(), Error> {
	for event in send(light, sudo, &Call::Sudo(Box::new(call))).await? {
		if let ChainEvent::Sudid { result } = event {
			result.map_err(Error::device)?;
		}
	}
	Ok(())
}
