//! `scenario first-payments`: two machines come to life, and one pays the other 1,000 times.

use std::{
	fs::DirBuilder,
	io,
	os::unix::fs::DirBuilderExt,
	path::{Path, PathBuf},
	time::{Duration, Instant},
};

use dam_device::{
	chain::{Balances, Block, LightNetwork, Network},
	owner::{Owner, Registered},
	payments::{Payer, Receipt},
	registration,
	settle::Progress,
	AccountId, Dam, Key, KeyFile, Registration, Scheme, Usdt,
};
use dam_primitives::{did::Did, machine_account, MachineId, MachineKind, Payee, Payment};
use serde_json::{json, Value};

use super::{
	args::{Global, ScenarioCommand},
	connect::{connect_to, patience, spec},
	failure::Failure,
	output::{transaction, Output},
};

/// What machine A gets: 10 USDT.
const FUNDS: Usdt = Usdt::from_units(10_000_000);
/// How often A pays B.
const PAYMENTS: usize = 1_000;
/// What B gets each time: 0.005 USDT.
const PRICE: Usdt = Usdt::from_units(5_000);
/// Blocks for which the registrations are good: ten minutes.
const VALIDITY: u32 = 600;

pub(super) async fn run(
	command: &ScenarioCommand,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	let ScenarioCommand::FirstPayments { owner_key, dir } = command;
	let owner = KeyFile::open(owner_key)?;
	let spec = spec(global)?;
	let folder = Folder::new(dir.as_deref())?;
	let start = Instant::now();
	let network = connect_to(&spec, global, output).await?;
	let story = Story { network: &network, id: spec.id(), owner: owner.key(), global, output };
	let mut report = story.play(&folder).await?;
	report["seconds"] = json!(start.elapsed().as_secs_f64());
	if output.is_json() {
		output.result(&report, String::new);
	}
	Ok(())
}

struct Story<'a> {
	network: &'a LightNetwork,
	id: &'a str,
	owner: &'a Key,
	global: &'a Global,
	output: &'a Output,
}

/// A machine of the story.
struct Machine {
	name: char,
	key: KeyFile,
	id: MachineId,
}

impl Machine {
	fn address(&self) -> AccountId {
		AccountId::from(machine_account(self.id))
	}
}

/// What the story looks at: A's machine and key, B's machine and key.
type Balance4 = [Balances; 4];

impl Story<'_> {
	async fn play(&self, folder: &Folder) -> Result<Value, Failure> {
		let keys = [
			KeyFile::create(folder.path().join("machine-a.key"), Scheme::Ed25519)?,
			KeyFile::create(folder.path().join("machine-b.key"), Scheme::Sr25519)?,
		];
		let (a, b, registered) = self.register(keys).await?;
		let owner = Owner::new(self.network, self.owner, patience(self.global));
		let clock = Instant::now();
		let funded = owner.fund(a.id, FUNDS, &mut |_| {}).await?;
		self.say(&format!(
			"The owner sends {FUNDS} USDT to machine A: final in block {} after {:.1} s, fee {} DAM \
			 (the owner's).",
			funded.block.number,
			clock.elapsed().as_secs_f32(),
			funded.fee,
		));

		let (at, before) = self.balances(&a, &b).await?;
		self.say_balances("Before", at, &before);
		self.say(&format!(
			"A pays B {PAYMENTS} times {PRICE} USDT in one transaction, signed by A's key, which \
			 holds nothing:"
		));
		let (receipt, times) = self.pay(&a, &b).await?;
		self.say(&format!(
			"  {} payments, {} USDT in all, {} failed\n  transaction {:?}\n  block {} ({:?})\n  \
			 included after {:.2} s, final after {:.2} s\n  fee {} DAM",
			receipt.paid,
			receipt.total,
			receipt.failed.len(),
			receipt.transaction,
			receipt.block.number,
			receipt.block.hash,
			times.included.as_secs_f32(),
			times.finalized.as_secs_f32(),
			receipt.fee,
		));
		let (at, after) = self.balances(&a, &b).await?;
		self.say_balances("After", at, &after);

		let wrong = check(&receipt, &before, &after);
		if !wrong.is_empty() {
			return Err(Failure::other(format!("not as it should be: {}", wrong.join("; "))));
		}
		self.say("Everything is as it should be, to the last unit.");
		Ok(json!({
			"machines": [self.describe(&a), self.describe(&b)],
			"registration": transaction(&registered.done),
			"funding": transaction(&funded),
			"batch": {
				"transaction": receipt.transaction,
				"block": receipt.block,
				"payments": receipt.paid,
				"total": receipt.total,
				"fee": receipt.fee,
				"includedAfterSeconds": times.included.as_secs_f64(),
				"finalAfterSeconds": times.finalized.as_secs_f64(),
			},
			"before": before,
			"after": after,
		}))
	}

	/// Registers both devices in one transaction.
	async fn register(
		&self,
		keys: [KeyFile; 2],
	) -> Result<(Machine, Machine, Registered), Failure> {
		let now = self.network.finalized().await?.number;
		let mut signed = Vec::new();
		for key in &keys {
			signed.push(Registration::sign(
				key.key(),
				self.network.genesis(),
				self.owner.account(),
				registration::profile(MachineKind::EvCharger, None)?,
				now.saturating_add(VALIDITY),
			));
		}
		let owner = Owner::new(self.network, self.owner, patience(self.global));
		let clock = Instant::now();
		let mut all = owner.register(&signed, &mut |_| {}, &mut |_| {}).await?;
		let registered = all.pop().ok_or_else(|| Failure::other("nothing was registered"))?;
		if let Some((_, failure)) = registered.failed.first() {
			return Err(Failure::other(format!("a registration failed: {failure}")));
		}
		let number = |key: &KeyFile| {
			let account = key.key().account();
			let found = registered.machines.iter().find(|(_, key, _)| *key == account);
			found
				.map(|(_, _, machine)| *machine)
				.ok_or_else(|| Failure::other("the chain reported no machine for one of the keys"))
		};
		let [a, b] = keys;
		let (a_id, b_id) = (number(&a)?, number(&b)?);
		let a = Machine { name: 'A', key: a, id: a_id };
		let b = Machine { name: 'B', key: b, id: b_id };
		self.say(&format!(
			"Two machines, registered by {} in one transaction: final in block {} after {:.1} s, \
			 fee {} DAM (the owner's).",
			self.owner.account(),
			registered.done.block.number,
			clock.elapsed().as_secs_f32(),
			registered.done.fee,
		));
		for machine in [&a, &b] {
			self.say(&format!(
				"  machine {}: number {}, {}\n    key {} ({})\n    address of its money {}",
				machine.name,
				machine.id,
				self.did(machine),
				machine.key.key().account(),
				machine.key.key().scheme(),
				machine.address(),
			));
		}
		Ok((a, b, registered))
	}

	async fn pay(&self, a: &Machine, b: &Machine) -> Result<(Receipt, Times), Failure> {
		let payer = Payer::new(self.network, a.key.key(), patience(self.global)).await?;
		let payment = Payment { payee: Payee::Machine(b.id), amount: PRICE.units() };
		let clock = Instant::now();
		let mut included = None;
		let receipt = payer
			.pay_batch(0, &vec![payment; PAYMENTS], None, &mut |step| {
				if matches!(step, Progress::InBlock(_) | Progress::Finalized(_)) {
					included.get_or_insert_with(|| clock.elapsed());
				}
			})
			.await?;
		let finalized = clock.elapsed();
		Ok((receipt, Times { included: included.unwrap_or(finalized), finalized }))
	}

	async fn balances(&self, a: &Machine, b: &Machine) -> Result<(Block, Balance4), Failure> {
		let accounts = [a.address(), a.key.key().account(), b.address(), b.key.key().account()];
		let (block, balances) = self.network.balances(&accounts).await?;
		let balances = balances
			.try_into()
			.map_err(|_| Failure::other("the light client gave another number of balances"))?;
		Ok((block, balances))
	}

	fn say(&self, text: &str) {
		if !self.output.is_json() {
			self.output.result(&Value::Null, || text.to_owned());
		}
	}

	fn say_balances(&self, when: &str, at: Block, held: &Balance4) {
		let [a, a_key, b, b_key] = held;
		self.say(&format!(
			"{when}, read by storage proof at block {}:\n  machine A {:>10} USDT   its key {} USDT, \
			 {} DAM\n  machine B {:>10} USDT   its key {} USDT, {} DAM",
			at.number, a.usdt, a_key.usdt, a_key.dam, b.usdt, b_key.usdt, b_key.dam,
		));
	}

	fn did(&self, machine: &Machine) -> Did {
		Did { network: self.id.into(), machine: machine.id }
	}

	fn describe(&self, machine: &Machine) -> Value {
		json!({
			"name": machine.name,
			"machine": machine.id,
			"did": self.did(machine).to_string(),
			"key": super::keys::describe(machine.key.key()),
			"address": machine.address(),
			"keyFile": machine.key.path(),
		})
	}
}

/// How long the batch took, from before it was signed.
struct Times {
	included: Duration,
	finalized: Duration,
}

/// What is not as it should be, in words.
fn check(receipt: &Receipt, before: &Balance4, after: &Balance4) -> Vec<String> {
	let total = PRICE.units() * PAYMENTS as u128;
	let mut wrong = Vec::new();
	let mut demand = |holds: bool, text: String| {
		if !holds {
			wrong.push(text);
		}
	};
	demand(receipt.fee == Dam::default(), format!("the fee was {} DAM, not 0", receipt.fee));
	demand(receipt.paid as usize == PAYMENTS, format!("{} payments were made", receipt.paid));
	demand(receipt.failed.is_empty(), format!("{} payments failed", receipt.failed.len()));
	demand(receipt.total.units() == total, format!("{} USDT were paid", receipt.total));
	demand(
		before[0].usdt.units().checked_sub(total) == Some(after[0].usdt.units()),
		format!("machine A has {} USDT, had {}", after[0].usdt, before[0].usdt),
	);
	demand(
		before[2].usdt.units().checked_add(total) == Some(after[2].usdt.units()),
		format!("machine B has {} USDT, had {}", after[2].usdt, before[2].usdt),
	);
	for (name, held) in [("A", after[1]), ("B", after[3])] {
		demand(
			held.usdt == Usdt::default() && held.dam == Dam::default(),
			format!("the key of {name} holds {} USDT and {} DAM", held.usdt, held.dam),
		);
	}
	wrong
}

/// Where the new keys are put.
struct Folder {
	path: PathBuf,
	temporary: bool,
}

impl Folder {
	fn new(given: Option<&Path>) -> Result<Self, Failure> {
		let failed = |path: &Path, error: &io::Error| {
			Failure::other(format!("cannot make the folder {}: {error}", path.display()))
		};
		if let Some(path) = given {
			let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
			made.map_err(|error| failed(path, &error))?;
			return Ok(Self { path: path.into(), temporary: false });
		}
		let path = std::env::temp_dir().join(format!("dam-device-{:016x}", rand::random::<u64>()));
		let made = DirBuilder::new().mode(0o700).create(&path);
		made.map_err(|error| failed(&path, &error))?;
		Ok(Self { path, temporary: true })
	}

	fn path(&self) -> &Path {
		&self.path
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
