//! What an owner does with many machines at once: freezing their keys, arranging their tree.

use std::collections::BTreeSet;

use dam_primitives::{
	machine::MAX_FLEET_DEPTH, MachineId, MachineInfo, MachineStatus, OperatorRights, MAX_FLEET,
};
use futures::{stream, StreamExt, TryStreamExt};

use super::{Owner, OwnerError};
use crate::{
	chain::{Call, ChainError, ChainEvent, Network},
	settle::Progress,
	transact::{Done, TransactError},
	AccountId,
};

/// How many machines are looked up at a time.
const LOOKUPS: usize = 16;

/// What came of freezing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Frozen {
	/// The transaction.
	pub done: Done,
	/// The machines whose keys act no more. Those that were frozen or retired before are missing.
	pub machines: Vec<MachineId>,
}

impl<N: Network> Owner<'_, N> {
	/// Freezes all keys of machines: one transaction for each [`MAX_FLEET`] of them. Machines that
	/// are frozen or retired are passed over. Money can still be paid to them.
	///
	/// # Errors
	/// [`OwnerError::NothingToFreeze`], and see [`TransactError`]. If one machine is unknown or not
	/// the signer's, nothing is sent. With several transactions, those before the failed one have
	/// happened; `finished` has been told of each.
	pub async fn freeze(
		&self,
		machines: &[MachineId],
		progress: &mut (dyn FnMut(Progress) + Send),
		finished: &mut (dyn FnMut(&Frozen) + Send),
	) -> Result<Vec<Frozen>, OwnerError> {
		let mut ids = Vec::new();
		for machine in self.find_all(machines).await? {
			if machine.status == MachineStatus::Retired {
				continue;
			}
			if !self.actor.may(&machine, OperatorRights::STATUS) {
				return Err(self.actor.not_permitted(&machine, OperatorRights::STATUS).into());
			}
			if !machine.frozen {
				ids.push(machine.id);
			}
		}
		if ids.is_empty() {
			return Err(OwnerError::NothingToFreeze);
		}
		let mut all = Vec::new();
		for part in ids.chunks(MAX_FLEET as usize) {
			let (done, events) =
				self.actor.transact(&Call::Freeze(part.to_vec()), progress).await?;
			let machines = events.into_iter().filter_map(|event| match event {
				ChainEvent::MachineFrozen { machine } => Some(machine),
				_ => None,
			});
			let frozen = Frozen { done, machines: machines.collect() };
			finished(&frozen);
			all.push(frozen);
		}
		Ok(all)
	}

	/// Lets a machine's keys act again.
	///
	/// # Errors
	/// [`OwnerError::NotFrozen`], and see [`TransactError`].
	pub async fn unfreeze(
		&self,
		machine: MachineId,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Done, OwnerError> {
		if !self.actor.permitted(machine, OperatorRights::STATUS).await?.frozen {
			return Err(OwnerError::NotFrozen(machine));
		}
		Ok(self.actor.simple(&Call::Unfreeze(machine), progress).await?)
	}

	/// Puts machines directly below `parent` in the fleet's tree, or makes each the root of its own:
	/// one transaction for each [`MAX_FLEET`] of them, each of which does all or nothing.
	///
	/// # Errors
	/// [`OwnerError::SamePlace`], [`OwnerError::Cycle`], [`OwnerError::HasChildren`],
	/// [`OwnerError::TooDeep`], and see [`TransactError`]. With several transactions, those before
	/// the failed one have happened; `finished` has been told of each.
	pub async fn set_parent(
		&self,
		machines: &[MachineId],
		parent: Option<MachineId>,
		progress: &mut (dyn FnMut(Progress) + Send),
		finished: &mut (dyn FnMut(&Done) + Send),
	) -> Result<Vec<Done>, OwnerError> {
		let ids = match parent {
			Some(parent) => self.check_attach(machines, parent).await?,
			None => self.check_detach(machines).await?,
		};
		if ids.is_empty() {
			return Err(OwnerError::SamePlace);
		}
		let mut all = Vec::new();
		for part in ids.chunks(MAX_FLEET as usize) {
			let call = Call::SetParent { machines: part.to_vec(), parent };
			let done = self.actor.simple(&call, progress).await?;
			finished(&done);
			all.push(done);
		}
		Ok(all)
	}

	/// The machines that will move below `parent`.
	async fn check_attach(
		&self,
		machines: &[MachineId],
		parent: MachineId,
	) -> Result<Vec<MachineId>, OwnerError> {
		let above = self.actor.own(parent).await?;
		let line = self.line_of(&above).await?;
		let mut ids = Vec::new();
		for found in self.find_all(machines).await? {
			self.check_own(&found)?;
			let machine = found.id;
			if found.parent == Some(parent) {
				continue;
			}
			if line.contains(&machine) {
				return Err(OwnerError::Cycle { machine, parent });
			}
			if !self.actor.network.children(machine, None, 1).await?.is_empty() {
				return Err(OwnerError::HasChildren(machine));
			}
			if line.len() >= MAX_FLEET_DEPTH as usize {
				return Err(OwnerError::TooDeep(parent));
			}
			ids.push(machine);
		}
		Ok(ids)
	}

	/// The machines that will stand for themselves. Besides their owner, the owner of the machine
	/// above may do that.
	async fn check_detach(&self, machines: &[MachineId]) -> Result<Vec<MachineId>, OwnerError> {
		let mut ids = Vec::new();
		for found in self.find_all(machines).await? {
			if let Err(error) = self.check_own(&found) {
				let above = match found.parent {
					Some(parent) => self.actor.network.machine(parent).await?,
					None => None,
				};
				let signer = self.actor.account();
				let theirs = found.status != MachineStatus::Retired
					&& above.is_some_and(|above| above.owner == signer);
				if !theirs {
					return Err(error.into());
				}
			}
			if found.parent.is_some() {
				ids.push(found.id);
			}
		}
		Ok(ids)
	}

	/// As [`Actor::own`](crate::transact::Actor::own), of a machine that was looked up before.
	fn check_own(&self, machine: &MachineInfo<AccountId>) -> Result<(), TransactError> {
		let signer = self.actor.account();
		if machine.status == MachineStatus::Retired {
			return Err(TransactError::Retired(machine.id));
		}
		if machine.owner != signer {
			let (id, owner) = (machine.id, machine.owner);
			return Err(TransactError::NotOwner { machine: id, owner, signer });
		}
		Ok(())
	}

	/// A machine and all above it, upwards, but not more than a tree may be deep.
	async fn line_of(
		&self,
		machine: &MachineInfo<AccountId>,
	) -> Result<Vec<MachineId>, OwnerError> {
		let mut line = vec![machine.id];
		let mut parent = machine.parent;
		while let Some(id) = parent.filter(|_| line.len() < MAX_FLEET_DEPTH as usize) {
			line.push(id);
			parent = self.actor.network.machine(id).await?.and_then(|above| above.parent);
		}
		Ok(line)
	}

	/// Looks machines up, each once, in ascending order.
	async fn find_all(
		&self,
		machines: &[MachineId],
	) -> Result<Vec<MachineInfo<AccountId>>, TransactError> {
		let network = self.actor.network;
		let distinct: BTreeSet<MachineId> = machines.iter().copied().collect();
		stream::iter(distinct)
			.map(|id| async move {
				let found: Result<_, ChainError> = network.machine(id).await;
				found?.ok_or(TransactError::UnknownMachine(id))
			})
			.buffered(LOOKUPS)
			.try_collect()
			.await
	}
}
