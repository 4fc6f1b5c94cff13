//! What every operation has in common: who signs it, what stands in its way, and what came of it.

use dam_primitives::{MachineId, MachineInfo, MachineStatus, OperatorRights};
use subxt::utils::H256;
use thiserror::Error;

use crate::{
	amount::Usdt,
	chain::{Block, Call, ChainError, ChainEvent, DispatchFailure, Inclusion, Network, SignedCall},
	keys::Key,
	settle::{settle, Patience, Progress, SettleError},
	AccountId, Dam,
};

/// Why an operation did not happen, as far as that has nothing to do with what it is.
#[derive(Debug, Error)]
pub enum TransactError {
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
	/// Somebody else's machine, and its operator may not do that either.
	#[error(
		"machine {machine} belongs to {owner}, and {signer} is no operator of it with the right \
		 `{right}`: use the owner's key, or have the owner grant that right (`dam-device owner \
		 operator set`)"
	)]
	NotPermitted {
		/// Which machine.
		machine: MachineId,
		/// Its owner.
		owner: AccountId,
		/// Who would sign.
		signer: AccountId,
		/// What an operator would need.
		right: &'static str,
	},
	/// Too little USDT.
	#[error("{account} holds {available} USDT, {needed} are needed: send USDT to it first")]
	OutOfUsdt {
		/// Whose account.
		account: AccountId,
		/// What it holds.
		available: Usdt,
		/// What is needed.
		needed: Usdt,
	},
	/// Too little DAM for what is held while the entry stands.
	#[error(
		"{account} holds {available} DAM, {needed} are held as a deposit: send DAM to it first"
	)]
	OutOfDam {
		/// Whose account.
		account: AccountId,
		/// What it holds.
		available: Dam,
		/// What will be held.
		needed: Dam,
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

impl From<ChainError> for TransactError {
	fn from(error: ChainError) -> Self {
		Self::Settle(error.into())
	}
}

/// Lets an error of one operation take in what can go wrong with all of them.
macro_rules! from_chain {
	($($error:ty),+) => {
		$(
			impl From<$crate::chain::ChainError> for $error {
				fn from(error: $crate::chain::ChainError) -> Self {
					Self::Transact(error.into())
				}
			}
		)+
	};
}
pub(crate) use from_chain;

/// A finished operation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Done {
	/// Hash of the transaction.
	pub transaction: H256,
	/// The finalized block that holds it.
	pub block: Block,
	/// The fee that was paid in DAM.
	pub fee: Dam,
	/// The fee that was paid in USDT.
	pub usdt_fee: Usdt,
}

/// Whoever acts: a key, a network, and the patience to wait.
#[derive(Clone, Debug)]
pub(crate) struct Actor<'a, N> {
	pub(crate) network: &'a N,
	pub(crate) key: &'a Key,
	patience: Patience,
}

impl<'a, N: Network> Actor<'a, N> {
	pub(crate) const fn new(network: &'a N, key: &'a Key, patience: Patience) -> Self {
		Self { network, key, patience }
	}

	pub(crate) fn account(&self) -> AccountId {
		self.key.account()
	}

	/// The earliest block that can hold what is signed now.
	pub(crate) async fn next_block(&self) -> Result<u32, TransactError> {
		Ok(self.network.finalized().await?.number.saturating_add(1))
	}

	/// A machine that exists and is not retired.
	pub(crate) async fn living(
		&self,
		machine: MachineId,
	) -> Result<MachineInfo<AccountId>, TransactError> {
		let found = self.network.machine(machine).await?;
		let found = found.ok_or(TransactError::UnknownMachine(machine))?;
		if found.status == MachineStatus::Retired {
			return Err(TransactError::Retired(machine));
		}
		Ok(found)
	}

	/// A living machine that the signer owns.
	pub(crate) async fn own(
		&self,
		machine: MachineId,
	) -> Result<MachineInfo<AccountId>, TransactError> {
		let found = self.living(machine).await?;
		let signer = self.account();
		if found.owner != signer {
			return Err(TransactError::NotOwner { machine, owner: found.owner, signer });
		}
		Ok(found)
	}

	/// A living machine that the signer owns, or operates with `right`.
	pub(crate) async fn permitted(
		&self,
		machine: MachineId,
		right: OperatorRights,
	) -> Result<MachineInfo<AccountId>, TransactError> {
		let found = self.living(machine).await?;
		if self.may(&found, right) {
			return Ok(found);
		}
		Err(self.not_permitted(&found, right))
	}

	/// Whether the signer owns the machine, or operates it with `right`.
	pub(crate) fn may(&self, machine: &MachineInfo<AccountId>, right: OperatorRights) -> bool {
		let signer = self.account();
		machine.owner == signer
			|| machine.operator.as_ref().is_some_and(|operator| {
				operator.account == signer && operator.rights.contains(right)
			})
	}

	pub(crate) fn not_permitted(
		&self,
		machine: &MachineInfo<AccountId>,
		right: OperatorRights,
	) -> TransactError {
		TransactError::NotPermitted {
			machine: machine.id,
			owner: machine.owner,
			signer: self.account(),
			right: right.names().next().unwrap_or_default(),
		}
	}

	pub(crate) async fn check_usdt(
		&self,
		account: AccountId,
		needed: Usdt,
	) -> Result<(), TransactError> {
		let (_, balances) = self.network.balances(&[account]).await?;
		let available = balances.first().map_or_else(Usdt::default, |balances| balances.usdt);
		if available < needed {
			return Err(TransactError::OutOfUsdt { account, available, needed });
		}
		Ok(())
	}

	/// Whether `account` holds what will be held from it. That is necessary, not sufficient: the
	/// fee and the least that keeps the account alive come on top, and the chain has its say.
	pub(crate) async fn check_dam(
		&self,
		account: AccountId,
		needed: Dam,
	) -> Result<(), TransactError> {
		let (_, balances) = self.network.balances(&[account]).await?;
		let available = balances.first().map_or_else(Dam::default, |balances| balances.dam);
		if available < needed {
			return Err(TransactError::OutOfDam { account, available, needed });
		}
		Ok(())
	}

	/// Signs, sends and waits. What came of the call is in the inclusion.
	pub(crate) async fn execute(
		&self,
		call: &Call,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<(SignedCall, Inclusion), TransactError> {
		let signed = self.network.sign(call, self.key, None).await?;
		progress(Progress::Signed { hash: signed.hash });
		let inclusion = settle(self.network, &signed, &self.patience, progress).await?;
		Ok((signed, inclusion))
	}

	/// As [`Self::execute`], for calls that fail as a whole or succeed as a whole.
	pub(crate) async fn transact(
		&self,
		call: &Call,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<(Done, Vec<ChainEvent>), TransactError> {
		let (signed, inclusion) = self.execute(call, progress).await?;
		let Inclusion { block, fee, usdt_fee, result, events, .. } = inclusion;
		result.map_err(|failure| TransactError::Failed { block, fee, failure })?;
		Ok((Done { transaction: signed.hash, block, fee, usdt_fee }, events))
	}

	/// As [`Self::transact`], where the events say nothing new.
	pub(crate) async fn simple(
		&self,
		call: &Call,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Done, TransactError> {
		Ok(self.transact(call, progress).await?.0)
	}
}
