//! What every story has: a network, an owner, a folder, machines, and somebody who tells it.

use std::{
	fs::DirBuilder,
	os::unix::fs::DirBuilderExt,
	path::{Path, PathBuf},
	time::Instant,
};

use dam_device::{
	chain::{Block, ChainError, LightNetwork, Network},
	owner::Owner,
	registration,
	services::Catalogue,
	AccountId, Dam, Done, Key, KeyFile, Patience, Registration, Scheme, Usdt,
};
use dam_primitives::{did::Did, machine_account, MachineId, MachineKind, Payee, Service};
use futures::StreamExt;
use serde_json::{json, Map, Value};

use super::error::StageError;
use crate::cli::{
	args::{Global, Props},
	connect::{connect_to, patience, spec},
	failure::Failure,
	output::{count, transaction, Output},
	show::name,
};

/// Blocks for which the registrations are good: ten minutes.
const VALIDITY: u32 = 600;

/// A device that a story needs.
pub(super) struct Role {
	/// What the story calls it, for example `the fridge`.
	pub(super) name: &'static str,
	/// Its key file in the story's folder.
	pub(super) file: &'static str,
	/// Curve of its key.
	pub(super) scheme: Scheme,
	/// What sort of machine it is.
	pub(super) kind: MachineKind,
}

/// A machine of a story.
pub(super) struct Machine {
	/// What the story calls it.
	pub(super) name: &'static str,
	/// Its number.
	pub(super) id: MachineId,
	key: KeyFile,
}

impl Machine {
	/// The key of the device, which holds nothing.
	pub(super) const fn key(&self) -> &Key {
		self.key.key()
	}

	/// Where its money stands.
	pub(super) fn address(&self) -> AccountId {
		AccountId::from(machine_account(self.id))
	}

	/// The machine, as one that is paid.
	pub(super) const fn payee(&self) -> Payee<AccountId> {
		Payee::Machine(self.id)
	}
}

/// Where a story is played.
pub(super) struct Stage<'a> {
	network: LightNetwork,
	network_id: String,
	owner: KeyFile,
	patience: Patience,
	folder: Folder,
	output: &'a Output,
	start: Instant,
	report: Map<String, Value>,
	steps: Vec<Value>,
}

impl<'a> Stage<'a> {
	/// Opens the owner's key, makes the folder, and connects.
	pub(super) async fn set(
		props: &Props,
		global: &Global,
		output: &'a Output,
	) -> Result<Self, Failure> {
		let owner = KeyFile::open(&props.owner_key)?;
		let spec = spec(global)?;
		let folder = Folder::new(props.dir.as_deref())?;
		let start = Instant::now();
		let network = connect_to(&spec, global, output).await?;
		Ok(Self {
			network,
			network_id: spec.id().into(),
			owner,
			patience: patience(global),
			folder,
			output,
			start,
			report: Map::new(),
			steps: Vec::new(),
		})
	}

	/// The network. A clone: it stays usable while the stage is told things.
	pub(super) fn network(&self) -> LightNetwork {
		self.network.clone()
	}

	/// How long to wait for a transaction.
	pub(super) fn patience(&self) -> Patience {
		self.patience.clone()
	}

	/// The key of the owner of all machines. It has DAM and USDT.
	pub(super) const fn owner(&self) -> &Key {
		self.owner.key()
	}

	/// Where devices keep their keys and what else they must not lose.
	pub(super) fn folder(&self) -> &Path {
		&self.folder.path
	}

	/// A line of the story. Whoever reads along gets it at once.
	pub(super) fn say(&self, text: &str) {
		if !self.output.is_json() {
			self.output.result(&Value::Null, || text.to_owned());
		}
	}

	/// Something for the report that programs get at the end.
	pub(super) fn note(&mut self, name: &str, value: Value) {
		self.report.insert(name.into(), value);
	}

	/// Tells of a machine's transaction, begun at `clock`: who did what, and that it cost nothing.
	///
	/// # Errors
	/// [`StageError::Fee`].
	pub(super) fn free(
		&mut self,
		clock: Instant,
		what: &str,
		done: &Done,
	) -> Result<(), StageError> {
		self.step(clock, what, done, "");
		if done.fee == Dam::default() {
			return Ok(());
		}
		Err(StageError::Fee { what: what.into(), fee: done.fee })
	}

	/// Tells of a transaction, begun at `clock`, for which somebody else than a machine paid a fee.
	pub(super) fn charged(&mut self, clock: Instant, what: &str, done: &Done, whose: &str) {
		self.step(clock, what, done, &format!(" ({whose})"));
	}

	fn step(&mut self, clock: Instant, what: &str, done: &Done, whose: &str) {
		let seconds = clock.elapsed().as_secs_f64();
		self.say(&format!(
			"{what}: final in block {} after {seconds:.1} s, fee {} DAM{whose}.",
			done.block.number, done.fee,
		));
		let mut step = transaction(done);
		step["what"] = json!(what);
		step["seconds"] = json!(seconds);
		self.steps.push(step);
	}

	/// Makes keys for all roles and has the owner register their machines in one transaction.
	pub(super) async fn register<const N: usize>(
		&mut self,
		roles: [Role; N],
	) -> Result<[Machine; N], Failure> {
		let now = self.network.finalized().await?.number;
		let (mut keys, mut signed) = (Vec::new(), Vec::new());
		for role in &roles {
			let key = KeyFile::create(self.folder.path.join(role.file), role.scheme)?;
			signed.push(Registration::sign(
				key.key(),
				self.network.genesis(),
				self.owner().account(),
				registration::profile(role.kind, None)?,
				now.saturating_add(VALIDITY),
			));
			keys.push(key);
		}
		let owner = Owner::new(&self.network, self.owner(), self.patience());
		let clock = Instant::now();
		let all = owner.register(&signed, &mut |_| {}, &mut |_| {}).await?;
		let mut machines = Vec::new();
		for (index, (role, key)) in roles.iter().zip(keys).enumerate() {
			let mut failed = all.iter().flat_map(|part| &part.failed);
			if let Some((_, failure)) = failed.find(|(at, _)| *at == index) {
				return Err(
					StageError::Refused { name: role.name, failure: failure.clone() }.into()
				);
			}
			let account = key.key().account();
			let mut found = all.iter().flat_map(|part| &part.machines);
			let found = found.find(|(_, key, _)| *key == account);
			let (_, _, id) = *found.ok_or(StageError::Unreported(role.name))?;
			machines.push(Machine { name: role.name, id, key });
		}
		for part in &all {
			let what = format!(
				"{}, registered by {} in one transaction",
				count(part.machines.len(), "machine"),
				self.owner().account()
			);
			self.charged(clock, &what, &part.done, "the owner's");
		}
		for (machine, role) in machines.iter().zip(&roles) {
			self.say(&format!(
				"  {} ({}): number {}, {}\n    key {} ({})\n    address of its money {}",
				machine.name,
				name(&role.kind),
				machine.id,
				self.did(machine),
				machine.key().account(),
				machine.key().scheme(),
				machine.address(),
			));
		}
		let described = machines.iter().map(|machine| self.describe(machine)).collect();
		self.note("machines", described);
		// As many as there are roles.
		machines.try_into().map_err(|_| StageError::Unreported("one machine").into())
	}

	/// Has the owner send USDT to a machine.
	pub(super) async fn fund(&mut self, machine: &Machine, amount: Usdt) -> Result<(), Failure> {
		let clock = Instant::now();
		let owner = Owner::new(&self.network, self.owner(), self.patience());
		let done = owner.fund(machine.id, amount, &mut |_| {}).await?;
		let what = format!("The owner sends {amount} USDT to {}", machine.name);
		self.charged(clock, &what, &done, "the owner's");
		Ok(())
	}

	/// Has a machine offer a service.
	pub(super) async fn offer(
		&mut self,
		machine: &Machine,
		service: &Service,
	) -> Result<(), Failure> {
		let clock = Instant::now();
		let (network, patience) = (self.network(), self.patience());
		let catalogue = Catalogue::new(&network, machine.key(), None, patience).await?;
		let (done, id) = catalogue.offer(service, &mut |_| {}).await?;
		let what = format!(
			"{} offers {} for {} USDT per {} as its service {id}",
			sentence(machine.name),
			name(&service.kind),
			Usdt::from_units(service.price),
			name(&service.unit),
		);
		Ok(self.free(clock, &what, &done)?)
	}

	/// Waits until block `number` is final, and gives the block that was seen to be.
	///
	/// # Errors
	/// [`ChainError::TimedOut`] if nothing becomes final for as long as a transaction is waited for.
	pub(super) async fn wait_for_block(&self, number: u32) -> Result<Block, Failure> {
		let mut last = self.network.finalized().await?;
		let mut blocks = self.network.finalized_after(last);
		while last.number < number {
			let waited = self.patience.deadline;
			match tokio::time::timeout(waited, blocks.next()).await {
				Ok(Some(Ok(block))) => last = block,
				Ok(Some(Err(error))) if error.is_transient() => {},
				Ok(Some(Err(error))) => return Err(error.into()),
				Ok(None) | Err(_) => {
					return Err(ChainError::TimedOut { what: "the next block", waited }.into())
				},
			}
		}
		Ok(last)
	}

	/// The story is over, and all was as it should be.
	pub(super) fn end(mut self) {
		self.say("Everything is as it should be, to the last unit.");
		if self.output.is_json() {
			let steps = std::mem::take(&mut self.steps);
			self.note("steps", json!(steps));
			self.note("seconds", json!(self.start.elapsed().as_secs_f64()));
			self.output.result(&Value::Object(self.report), String::new);
		}
	}

	fn did(&self, machine: &Machine) -> Did {
		Did { network: self.network_id.clone(), machine: machine.id }
	}

	fn describe(&self, machine: &Machine) -> Value {
		json!({
			"name": machine.name,
			"machine": machine.id,
			"did": self.did(machine).to_string(),
			"key": crate::cli::keys::describe(machine.key()),
			"address": machine.address(),
			"keyFile": machine.key.path(),
		})
	}
}

/// A name at the beginning of a sentence.
pub(super) fn sentence(name: &str) -> String {
	let mut letters = name.chars();
	letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Where the new keys are put.
struct Folder {
	path: PathBuf,
	temporary: bool,
}

impl Folder {
	/// The given folder, which may exist; or a new one that is removed again.
	fn new(given: Option<&Path>) -> Result<Self, StageError> {
		let failed = |path: &Path| {
			let path = path.to_owned();
			move |cause| StageError::Folder { path, cause }
		};
		if let Some(path) = given {
			let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
			made.map_err(failed(path))?;
			return Ok(Self { path: path.into(), temporary: false });
		}
		let path = std::env::temp_dir().join(format!("dam-device-{:016x}", rand::random::<u64>()));
		DirBuilder::new().mode(0o700).create(&path).map_err(failed(&path))?;
		Ok(Self { path, temporary: true })
	}
}

impl Drop for Folder {
	fn drop(&mut self) {
		if self.temporary {
			// The keys of a story that is over; what cannot be removed stays private to the user.
			let _ = std::fs::remove_dir_all(&self.path);
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn temporary_folders_should_not_outlive_their_story() {
		let folder = Folder::new(None).unwrap();
		let path = folder.path.clone();
		assert!(path.is_dir());
		drop(folder);
		assert!(!path.exists());

		let parent = tempfile::tempdir().unwrap();
		let given = parent.path().join("a").join("b");
		drop(Folder::new(Some(&given)).unwrap());
		drop(Folder::new(Some(&given)).unwrap());
		assert!(given.is_dir());
	}

	#[test]
	fn sentences_should_begin_with_a_capital() {
		assert_eq!(sentence("the fridge"), "The fridge");
		assert_eq!(sentence(""), "");
	}
}
