//! What an owner does, or an operator in the owner's name: register machines, fund them, stop them,
//! take money out, arrange them, hand them over.

mod error;
mod fleet;
mod ownership;
mod policy;
mod quota;

pub use error::OwnerError;
pub use fleet::Frozen;
pub use policy::{PolicyDraft, PolicyError};
pub use quota::QuotaError;

use dam_primitives::{
	machine::machine_at, machine_account, MachineId, MachineProfile, MachineStatus, OperatorInfo,
	OperatorRights, MAX_FLEET,
};

use crate::{
	amount::Usdt,
	chain::{Call, ChainEvent, DispatchFailure, Inclusion, Network, SignedCall},
	keys::{account_of, Key},
	registration::{check_profile, Registration},
	settle::{Patience, Progress},
	transact::{Actor, Done, TransactError},
	AccountId, Dam,
};

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

/// An owner or operator: a key with a DAM account, a network, and the patience to wait.
#[derive(Debug)]
pub struct Owner<'a, N> {
	actor: Actor<'a, N>,
}

impl<'a, N: Network> Owner<'a, N> {
	/// An owner who signs with `key`.
	pub const fn new(network: &'a N, key: &'a Key, patience: Patience) -> Self {
		Self { actor: Actor::new(network, key, patience) }
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
			let (signed, inclusion) = self.actor.execute(&call, progress).await?;
			let registered = outcome(&signed, inclusion, part, offset)?;
			finished(&registered);
			all.push(registered);
		}
		Ok(all)
	}

	/// Sends USDT to a machine's address. Any account can do that, not only the owner.
	///
	/// # Errors
	/// See [`TransactError`].
	pub async fn fund(
		&self,
		machine: MachineId,
		amount: Usdt,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Done, OwnerError> {
		self.actor.living(machine).await?;
		self.actor.check_usdt(self.actor.account(), amount).await?;
		let to = AccountId::from(machine_account(machine));
		Ok(self.actor.simple(&Call::SendUsdt { to, amount }, progress).await?)
	}

	/// Sends DAM to an account, for example to an arbiter's, who pays fees. Any account can do that.
	///
	/// # Errors
	/// See [`TransactError`].
	pub async fn send_dam(
		&self,
		to: AccountId,
		amount: Dam,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Done, OwnerError> {
		self.actor.check_dam(self.actor.account(), amount).await?;
		Ok(self.actor.simple(&Call::SendDam { to, amount }, progress).await?)
	}

	/// Changes a machine's status. Suspending and resuming can be an operator's work.
	///
	/// # Errors
	/// [`OwnerError::NoChange`], [`OwnerError::HasChildren`], and see [`TransactError`].
	pub async fn change(
		&self,
		machine: MachineId,
		change: Change,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Done, OwnerError> {
		let call = match change {
			Change::Retire => {
				self.actor.own(machine).await?;
				if !self.actor.network.children(machine, None, 1).await?.is_empty() {
					return Err(OwnerError::HasChildren(machine));
				}
				Call::Retire(machine)
			},
			Change::Suspend | Change::Resume => {
				let found = self.actor.permitted(machine, OperatorRights::STATUS).await?;
				let suspended = found.status == MachineStatus::Suspended;
				if suspended == (change == Change::Suspend) {
					return Err(OwnerError::NoChange { machine, suspended });
				}
				match change {
					Change::Suspend => Call::Suspend(machine),
					_ => Call::Resume(machine),
				}
			},
		};
		Ok(self.actor.simple(&call, progress).await?)
	}

	/// Takes USDT out of a machine to the owner's account. The owner's policy does not limit that.
	///
	/// # Errors
	/// See [`TransactError`].
	pub async fn withdraw(
		&self,
		machine: MachineId,
		amount: Usdt,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Done, OwnerError> {
		self.actor.own(machine).await?;
		let wallet = AccountId::from(machine_account(machine));
		self.actor.check_usdt(wallet, amount).await?;
		Ok(self.actor.simple(&Call::Withdraw { machine, amount }, progress).await?)
	}

	/// Appoints an operator with a list of rights in place of the one before, or none.
	///
	/// # Errors
	/// [`OwnerError::InvalidOperator`], [`OwnerError::NoRights`], [`OwnerError::NoOperator`], and
	/// see [`TransactError`].
	pub async fn set_operator(
		&self,
		machine: MachineId,
		operator: Option<OperatorInfo<AccountId>>,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Done, OwnerError> {
		let found = self.actor.own(machine).await?;
		match &operator {
			None if found.operator.is_none() => return Err(OwnerError::NoOperator(machine)),
			None => {},
			Some(OperatorInfo { account, rights }) => {
				if rights.is_empty() {
					return Err(OwnerError::NoRights);
				}
				if !self.is_independent(*account, machine).await? {
					return Err(OwnerError::InvalidOperator { machine, account: *account });
				}
			},
		}
		Ok(self.actor.simple(&Call::SetOperator { machine, operator }, progress).await?)
	}

	/// Changes what a machine says of itself. Its kind matters to the policies of those who pay it.
	///
	/// # Errors
	/// [`OwnerError::Profile`], and see [`TransactError`].
	pub async fn set_profile(
		&self,
		machine: MachineId,
		profile: MachineProfile,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Done, OwnerError> {
		check_profile(&profile).map_err(OwnerError::Profile)?;
		self.actor.permitted(machine, OperatorRights::PROFILE).await?;
		Ok(self.actor.simple(&Call::SetProfile { machine, profile }, progress).await?)
	}

	/// Whether `account` may own or operate `machine` beside the signer: the chain wants neither the
	/// owner itself, nor a key of the machine, nor any machine's address.
	async fn is_independent(
		&self,
		account: AccountId,
		machine: MachineId,
	) -> Result<bool, TransactError> {
		if account == self.actor.account() || machine_at(&account.0).is_some() {
			return Ok(false);
		}
		Ok(self.actor.network.machine_of(account).await? != Some(machine))
	}

	async fn check(&self, registrations: &[Registration]) -> Result<(), OwnerError> {
		if registrations.is_empty() {
			return Err(OwnerError::NothingToRegister);
		}
		let (network, owner) = (self.actor.network, self.actor.account());
		let now = network.finalized().await?.number;
		let limits = network.limits().await?;
		for (index, registration) in registrations.iter().enumerate() {
			registration
				.check(network.genesis(), owner, now, limits.statement)
				.map_err(|cause| OwnerError::Registration { index, cause })?;
			let earlier = &registrations[..index];
			if let Some(first) = earlier.iter().position(|other| other.key == registration.key) {
				return Err(OwnerError::Duplicate { first, second: index });
			}
			if account_of(&registration.key) == owner {
				return Err(OwnerError::OwnKey { index });
			}
		}
		// Of a fleet only the item would fail; of one registration the whole fee would be lost.
		if let [one] = registrations {
			let key = account_of(&one.key);
			if let Some(machine) = network.machine_of(key).await? {
				return Err(OwnerError::KeyUsed { key, machine });
			}
		}
		let deposit = limits.machine_deposit.units().saturating_mul(registrations.len() as u128);
		Ok(self.actor.check_dam(owner, Dam::from_units(deposit)).await?)
	}
}

/// Matches the events to the registrations by key.
fn outcome(
	signed: &SignedCall,
	inclusion: Inclusion,
	part: &[Registration],
	offset: usize,
) -> Result<Registered, OwnerError> {
	let Inclusion { block, fee, usdt_fee, result, events, .. } = inclusion;
	result.map_err(|failure| TransactError::Failed { block, fee, failure })?;
	let mut registered = Registered {
		done: Done { transaction: signed.hash, block, fee, usdt_fee },
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
