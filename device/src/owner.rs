//! What an owner does: register machines, fund them, stop them, take money out.

use dam_primitives::{machine_account, MachineId, MachineInfo, MachineStatus, MAX_FLEET};
use subxt::utils::H256;
use thiserror::Error;

use crate::{
	amount::Usdt,
	chain::{Block, Call, ChainError, ChainEvent, DispatchFailure, Inclusion, Network, SignedCall},
	keys::{account_of, Key},
	registration::{Registration, RegistrationError},
	settle::{settle, Patience, Progress, SettleError},
	AccountId, Dam,
};

/// Why an owner's operation did not happen.
#[derive(Debug, Error)]
pub enum OwnerError {
	/// No registration was given.
	#[error("no registration was given: name at least one registration file")]
	NothingToRegister,
	/// A registration that the chain would refuse.
	#[error("registration {index} (counted from 0): {cause}")]
	Registration {
		/// Position among the given ones.
		index: usize,
		/// Why.
		cause: RegistrationError,
	},
	/// A key is given twice.
	#[error("registrations {first} and {second} are of the same key: leave one out")]
	Duplicate {
		/// Position of the first.
		first: usize,
		/// Position of the second.
		second: usize,
	},
	/// The key acts or acted for a machine.
	#[error(
		"the key {key} was registered before, for machine {machine}: a key is never accepted twice, \
		 make a new one with `dam-device key new`"
	)]
	KeyUsed {
		/// Account of the key.
		key: AccountId,
		/// Whose key it is or was.
		machine: MachineId,
	},
	/// The machine's status is what it should become, or cannot become that.
	#[error("machine {machine} is {} already: nothing was sent", status(*.suspended))]
	NoChange {
		/// Which machine.
		machine: MachineId,
		/// Whether it is suspended.
		suspended: bool,
	},
	/// No such machine.
	#[error("there is no machine {0}: check the number with `dam-device machine`")]
	UnknownMachine(MachineId),
	/// The machine is gone.
	#[error("machine {0} is retired: it cannot be changed or paid any more")]
	Retired(MachineId),
	/// Somebody else's machine.
	#[error("machine {machine} belongs to {owner}, the key is of {signer}: use the owner's key")]
	NotOwner {
		/// Which machine.
		machine: MachineId,
		/// Its owner.
		owner: AccountId,
		/// Who would sign.
		signer: AccountId,
	},
	/// Too little money.
	#[error("{account} holds {available} USDT, {needed} are needed: send USDT to it first")]
	OutOfUsdt {
		/// Whose account.
		account: AccountId,
		/// What it holds.
		available: Usdt,
		/// What is needed.
		needed: Usdt,
	},
	/// The transaction did not become final.
	#[error(transparent)]
	Settle(#[from] SettleError),
	/// The transaction is final, but the chain did nothing.
	#[error("the chain refused in block {}: {failure}", block.number)]
	Failed {
		/// Where.
		block: Block,
		/// What was paid for the attempt.
		fee: Dam,
		/// Why.
		failure: DispatchFailure,
	},
}

impl From<ChainError> for OwnerError {
	fn from(error: ChainError) -> Self {
		Self::Settle(error.into())
	}
}

/// A finished operation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Done {
	/// Hash of the transaction.
	pub transaction: H256,
	/// The finalized block that holds it.
	pub block: Block,
	/// The fee that the owner paid.
	pub fee: Dam,
}

/// What came of a transaction with registrations.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Registered {
	/// The transaction.
	pub done: Done,
	/// New machines: position among the given registrations, account of the key, number.
	pub machines: Vec<(usize, AccountId, MachineId)>,
	/// Registrations that failed: position among the given ones, and why.
	pub failed: Vec<(usize, DispatchFailure)>,
}

/// A change of a machine's status.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
	/// Stop spending, until resumed.
	Suspend,
	/// Spend again.
	Resume,
	/// End for good: the rest of its money goes to the owner.
	Retire,
}

/// An owner: a key with a DAM account, a network, and the patience to wait.
#[derive(Debug)]
pub struct Owner<'a, N> {
	network: &'a N,
	key: &'a Key,
	patience: Patience,
}

impl<'a, N: Network> Owner<'a, N> {
	/// An owner who signs with `key`.
	pub const fn new(network: &'a N, key: &'a Key, patience: Patience) -> Self {
		Self { network, key, patience }
	}

	/// Registers machines: one transaction for each [`MAX_FLEET`] of them, each final before the
	/// next is sent. Failures of single registrations do not stop the others.
	///
	/// # Errors
	/// See [`OwnerError`]. With several transactions, those before the failed one have happened;
	/// `finished` has been told of each.
	pub async fn register(
		&self,
		registrations: &[Registration],
		progress: &mut (dyn FnMut(Progress) + Send),
		finished: &mut (dyn FnMut(&Registered) + Send),
	) -> Result<Vec<Registered>, OwnerError> {
		self.check(registrations).await?;
		let mut all = Vec::new();
		for (chunk, part) in registrations.chunks(MAX_FLEET as usize).enumerate() {
			let offset = chunk * MAX_FLEET as usize;
			let call = match part {
				[one] => Call::Register(Box::new(one.clone())),
				part => Call::RegisterFleet(part.to_vec()),
			};
			let (signed, inclusion) = self.execute(&call, progress).await?;
			let registered = outcome(&signed, inclusion, part, offset)?;
			finished(&registered);
			all.push(registered);
		}
		Ok(all)
	}

	/// Sends USDT to a machine's address. Any account can do that, not only the owner.
	///
	/// # Errors
	/// [`OwnerError::UnknownMachine`], [`OwnerError::Retired`], [`OwnerError::OutOfUsdt`], and what
	/// sending gives.
	pub async fn fund(
		&self,
		machine: MachineId,
		amount: Usdt,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Done, OwnerError> {
		self.living(machine).await?;
		self.check_funds(self.key.account(), amount).await?;
		let to = AccountId::from(machine_account(machine));
		self.simple(&Call::SendUsdt { to, amount }, progress).await
	}

	/// Changes a machine's status.
	///
	/// # Errors
	/// [`OwnerError::UnknownMachine`], [`OwnerError::Retired`], [`OwnerError::NotOwner`],
	/// [`OwnerError::NoChange`], and what sending gives.
	pub async fn change(
		&self,
		machine: MachineId,
		change: Change,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Done, OwnerError> {
		let status = self.own(machine).await?.status;
		let suspended = status == MachineStatus::Suspended;
		if matches!((change, suspended), (Change::Suspend, true) | (Change::Resume, false)) {
			return Err(OwnerError::NoChange { machine, suspended });
		}
		let call = match change {
			Change::Suspend => Call::Suspend(machine),
			Change::Resume => Call::Resume(machine),
			Change::Retire => Call::Retire(machine),
		};
		self.simple(&call, progress).await
	}

	/// Takes USDT out of a machine to the owner's account.
	///
	/// # Errors
	/// [`OwnerError::UnknownMachine`], [`OwnerError::NotOwner`], [`OwnerError::OutOfUsdt`], and what
	/// sending gives.
	pub async fn withdraw(
		&self,
		machine: MachineId,
		amount: Usdt,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Done, OwnerError> {
		self.own(machine).await?;
		self.check_funds(AccountId::from(machine_account(machine)), amount).await?;
		self.simple(&Call::Withdraw { machine, amount }, progress).await
	}

	async fn check(&self, registrations: &[Registration]) -> Result<(), OwnerError> {
		if registrations.is_empty() {
			return Err(OwnerError::NothingToRegister);
		}
		let genesis = self.network.genesis();
		let now = self.network.finalized().await?.number;
		let longest = self.network.longest_statement().await?;
		for (index, registration) in registrations.iter().enumerate() {
			registration
				.check(genesis, self.key.account(), now, longest)
				.map_err(|cause| OwnerError::Registration { index, cause })?;
			let earlier = &registrations[..index];
			if let Some(first) = earlier.iter().position(|other| other.key == registration.key) {
				return Err(OwnerError::Duplicate { first, second: index });
			}
		}
		// Of a fleet only the item would fail; of one registration the whole fee would be lost.
		if let [one] = registrations {
			let key = account_of(&one.key);
			if let Some(machine) = self.network.machine_of(key).await? {
				return Err(OwnerError::KeyUsed { key, machine });
			}
		}
		Ok(())
	}

	async fn living(&self, machine: MachineId) -> Result<MachineInfo<AccountId>, OwnerError> {
		let found = self.network.machine(machine).await?;
		let found = found.ok_or(OwnerError::UnknownMachine(machine))?;
		if found.status == MachineStatus::Retired {
			return Err(OwnerError::Retired(machine));
		}
		Ok(found)
	}

	async fn own(&self, machine: MachineId) -> Result<MachineInfo<AccountId>, OwnerError> {
		let found = self.living(machine).await?;
		let signer = self.key.account();
		if found.owner != signer {
			return Err(OwnerError::NotOwner { machine, owner: found.owner, signer });
		}
		Ok(found)
	}

	async fn check_funds(&self, account: AccountId, needed: Usdt) -> Result<(), OwnerError> {
		let (_, balances) = self.network.balances(&[account]).await?;
		let available = balances.first().map_or_else(Usdt::default, |balances| balances.usdt);
		if available < needed {
			return Err(OwnerError::OutOfUsdt { account, available, needed });
		}
		Ok(())
	}

	async fn simple(
		&self,
		call: &Call,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Done, OwnerError> {
		let (signed, inclusion) = self.execute(call, progress).await?;
		let Inclusion { block, fee, result, .. } = inclusion;
		result.map_err(|failure| OwnerError::Failed { block, fee, failure })?;
		Ok(Done { transaction: signed.hash, block, fee })
	}

	async fn execute(
		&self,
		call: &Call,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<(SignedCall, Inclusion), OwnerError> {
		let signed = self.network.sign(call, self.key, None).await?;
		progress(Progress::Signed { hash: signed.hash });
		let inclusion = settle(self.network, &signed, &self.patience, progress).await?;
		Ok((signed, inclusion))
	}
}

const fn status(suspended: bool) -> &'static str {
	if suspended {
		"suspended"
	} else {
		"active"
	}
}

/// Matches the events to the registrations by key.
fn outcome(
	signed: &SignedCall,
	inclusion: Inclusion,
	part: &[Registration],
	offset: usize,
) -> Result<Registered, OwnerError> {
	let Inclusion { block, fee, result, events, .. } = inclusion;
	result.map_err(|failure| OwnerError::Failed { block, fee, failure })?;
	let mut registered = Registered {
		done: Done { transaction: signed.hash, block, fee },
		machines: Vec::new(),
		failed: Vec::new(),
	};
	for event in events {
		match event {
			ChainEvent::MachineRegistered { machine, key, .. } => {
				let index = part.iter().position(|one| account_of(&one.key) == key);
				registered.machines.push((offset + index.unwrap_or_default(), key, machine));
			},
			ChainEvent::RegistrationFailed { index, failure } => {
				registered.failed.push((offset + index as usize, failure))
			},
			_ => {},
		}
	}
	Ok(registered)
}
