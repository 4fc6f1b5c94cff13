//! The keys of a machine: replacing the payment key, adding and ending further ones.

use dam_primitives::{
	machine::{MAX_FURTHER_KEYS, MAX_KEYS_EVER},
	KeyInfo, KeyRights, MachineId, MachineInfo, MachineStatus, OperatorRights,
};
use thiserror::Error;

use crate::{
	agreement::{describe_rights, AgreementError, KeyAgreement},
	chain::{Call, Network},
	keys::{account_of, Key},
	settle::{Patience, Progress},
	transact::{from_chain, Actor, Done, TransactError},
	AccountId,
};

/// Why a machine's keys were not changed.
#[derive(Debug, Error)]
pub enum KeyringError {
	/// The new key's agreement.
	#[error(transparent)]
	Agreement(#[from] AgreementError),
	/// The signing key acts for no machine, and none was named.
	#[error(
		"the key {key} is registered for no machine: name the machine, or use its payment key"
	)]
	NotRegistered {
		/// Account of the key.
		key: AccountId,
	},
	/// The signing key was replaced or removed.
	#[error(
		"the key {key} acts for machine {machine} no more, since block {ended_at}: use its present \
		 payment key, or have its owner rotate (`dam-device owner key rotate`)"
	)]
	Ended {
		/// Account of the key.
		key: AccountId,
		/// For which machine it acted.
		machine: MachineId,
		/// Last block in which it did.
		ended_at: u32,
	},
	/// The signing key is a further key.
	#[error(
		"the key {key} of machine {machine} has the rights {rights} only: use the payment key, or \
		 have the owner rotate (`dam-device owner key rotate`)"
	)]
	NotPaymentKey {
		/// Account of the key.
		key: AccountId,
		/// For which machine it acts.
		machine: MachineId,
		/// What it may do.
		rights: String,
	},
	/// The new key was used before.
	#[error(
		"the key {key} was registered before, for machine {machine}: a key is never accepted twice, \
		 make a new one with `dam-device key new`"
	)]
	KeyUsed {
		/// Account of the new key.
		key: AccountId,
		/// Whose key it is or was.
		machine: MachineId,
	},
	/// The new key is the account of somebody who has more rights than a key.
	#[error(
		"{key} is the owner or operator of machine {machine}: make a key for the device alone with \
		 `dam-device key new`"
	)]
	NotForDevice {
		/// Account of the new key.
		key: AccountId,
		/// The machine.
		machine: MachineId,
	},
	/// The machine does not act now.
	#[error(
		"machine {machine} is suspended: its owner can resume it (`dam-device owner resume`), or \
		 rotate for it (`dam-device owner key rotate`)"
	)]
	Suspended {
		/// Which machine.
		machine: MachineId,
	},
	/// The machine's keys do not act now.
	#[error(
		"the keys of machine {machine} are frozen: its owner can rotate for it (`dam-device owner \
		 key rotate`) and unfreeze it (`dam-device owner key unfreeze`)"
	)]
	Frozen {
		/// Which machine.
		machine: MachineId,
	},
	/// The key was replaced a short while ago.
	#[error(
		"the payment key of machine {machine} was replaced in block {last}: it can replace itself \
		 from block {next} on, or its owner can do it now (`dam-device owner key rotate`)"
	)]
	RotatedTooRecently {
		/// Which machine.
		machine: MachineId,
		/// Block of the last rotation.
		last: u32,
		/// First block in which it can.
		next: u32,
	},
	/// As many further keys as a machine can have.
	#[error(
		"machine {0} has {MAX_FURTHER_KEYS} further keys, which is the most: remove one first \
		 (`dam-device owner key remove`)"
	)]
	TooManyFurtherKeys(MachineId),
	/// As many keys as a machine can have in its life.
	#[error(
		"machine {0} has had {MAX_KEYS_EVER} keys, which is the most: retire it and register the \
		 device anew"
	)]
	TooManyKeys(MachineId),
	/// The key to be removed is none.
	#[error(
		"{key} is no further key of machine {machine} that acts now: see `dam-device machine`"
	)]
	NotFurtherKey {
		/// Which key.
		key: AccountId,
		/// Which machine.
		machine: MachineId,
	},
	/// The key to be removed is the payment key.
	#[error(
		"{key} is the payment key of machine {machine}, which every machine has: replace it \
		 (`dam-device owner key rotate`) or freeze it (`dam-device owner key freeze`)"
	)]
	PaymentKey {
		/// Which key.
		key: AccountId,
		/// Which machine.
		machine: MachineId,
	},
	/// What every operation can meet.
	#[error(transparent)]
	Transact(#[from] TransactError),
}

from_chain!(KeyringError);

/// The keys of one machine, as its payment key, its owner or its operator may change them.
#[derive(Debug)]
pub struct Keyring<'a, N> {
	actor: Actor<'a, N>,
	machine: MachineInfo<AccountId>,
}

impl<'a, N: Network> Keyring<'a, N> {
	/// The keys of `machine`, or of the machine for which `key` acts.
	///
	/// # Errors
	/// [`KeyringError::NotRegistered`], [`TransactError::UnknownMachine`],
	/// [`TransactError::Retired`].
	pub async fn new(
		network: &'a N,
		key: &'a Key,
		machine: Option<MachineId>,
		patience: Patience,
	) -> Result<Self, KeyringError> {
		let actor = Actor::new(network, key, patience);
		let id = match machine {
			Some(id) => id,
			None => {
				let key = actor.account();
				let found = network.key(key).await?;
				found.ok_or(KeyringError::NotRegistered { key })?.machine
			},
		};
		let machine = actor.living(id).await?;
		Ok(Self { actor, machine })
	}

	/// The machine.
	pub const fn machine(&self) -> &MachineInfo<AccountId> {
		&self.machine
	}

	/// Replaces the payment key by the one that agrees. No money moves; what the old key signed
	/// settles for the chain's horizon.
	///
	/// Free for the payment key itself, within the machine's quota. Costs the owner a deposit until
	/// the machine is retired.
	///
	/// # Errors
	/// See [`KeyringError`].
	pub async fn rotate(
		&self,
		agreement: &KeyAgreement,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Done, KeyringError> {
		let next = self.actor.next_block().await?;
		self.check_rotation(next).await?;
		agreement.check_payment_rights()?;
		self.check_new_key(agreement).await?;
		let call = Call::RotateKey(Box::new(agreement.clone()));
		Ok(self.actor.simple(&call, progress).await?)
	}

	/// Lets the key that agrees act for the machine, with the rights that it agrees to.
	///
	/// # Errors
	/// See [`KeyringError`].
	pub async fn add(
		&self,
		agreement: &KeyAgreement,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Done, KeyringError> {
		self.check_permission()?;
		agreement.check_further_rights()?;
		let further = self.machine.keys.iter().filter(|key| !is_payment_key(key)).count();
		if further >= MAX_FURTHER_KEYS as usize {
			return Err(KeyringError::TooManyFurtherKeys(self.machine.id));
		}
		self.check_new_key(agreement).await?;
		let call = Call::AddKey(Box::new(agreement.clone()));
		Ok(self.actor.simple(&call, progress).await?)
	}

	/// Ends a further key.
	///
	/// # Errors
	/// See [`KeyringError`].
	pub async fn remove(
		&self,
		key: AccountId,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Done, KeyringError> {
		self.check_permission()?;
		let machine = self.machine.id;
		match self.machine.keys.iter().find(|other| other.account == key) {
			None => Err(KeyringError::NotFurtherKey { key, machine }),
			Some(found) if is_payment_key(found) => Err(KeyringError::PaymentKey { key, machine }),
			Some(_) => {
				let call = Call::RemoveKey { machine, key };
				Ok(self.actor.simple(&call, progress).await?)
			},
		}
	}

	/// Whether the signer may rotate in block `next`.
	async fn check_rotation(&self, next: u32) -> Result<(), KeyringError> {
		let (signer, machine) = (self.actor.account(), self.machine.id);
		let key = match self.actor.network.key(signer).await? {
			Some(key) if key.machine == machine => key,
			// Also a stranger's key may be the account of an owner or operator.
			_ => return self.check_permission(),
		};
		if let Some(ended_at) = key.valid_until {
			return Err(KeyringError::Ended { key: signer, machine, ended_at });
		}
		if !is_payment_key(&key) {
			let rights = describe_rights(key.rights);
			return Err(KeyringError::NotPaymentKey { key: signer, machine, rights });
		}
		if self.machine.frozen {
			return Err(KeyringError::Frozen { machine });
		}
		if self.machine.status == MachineStatus::Suspended {
			return Err(KeyringError::Suspended { machine });
		}
		// The first key came with the registration, all others with a rotation.
		let earliest =
			key.valid_from.saturating_add(self.actor.network.limits().await?.rotation_interval);
		if key.ordinal > 0 && next < earliest {
			let last = key.valid_from;
			return Err(KeyringError::RotatedTooRecently { machine, last, next: earliest });
		}
		Ok(())
	}

	fn check_permission(&self) -> Result<(), KeyringError> {
		if self.actor.may(&self.machine, OperatorRights::KEYS) {
			return Ok(());
		}
		Err(self.actor.not_permitted(&self.machine, OperatorRights::KEYS).into())
	}

	/// What the chain asks of every new key.
	async fn check_new_key(&self, agreement: &KeyAgreement) -> Result<(), KeyringError> {
		let network = self.actor.network;
		let limits = network.limits().await?;
		let now = network.finalized().await?.number;
		let machine = &self.machine;
		agreement.check(network.genesis(), machine.id, now, limits.statement)?;
		let key = account_of(&agreement.key);
		let operator = machine.operator.as_ref().map(|operator| operator.account);
		if key == machine.owner || Some(key) == operator {
			return Err(KeyringError::NotForDevice { key, machine: machine.id });
		}
		if let Some(used) = network.key(key).await? {
			return Err(KeyringError::KeyUsed { key, machine: used.machine });
		}
		// Removed keys are not listed, so this finds the bound late; the chain finds it in time.
		let newest = machine.keys.iter().map(|key| key.ordinal).max().unwrap_or_default();
		if newest.saturating_add(1) >= MAX_KEYS_EVER {
			return Err(KeyringError::TooManyKeys(machine.id));
		}
		Ok(self.actor.check_dam(machine.owner, limits.key_deposit).await?)
	}
}

/// Whether this is the key that pays.
pub(crate) fn is_payment_key(key: &KeyInfo<AccountId>) -> bool {
	key.rights.contains(KeyRights::PAY)
}
