//! Bonds: DAM that an owner locks up for more fee-free quota.

use dam_primitives::{MachineId, QuotaInfo, UnbondingInfo};
use thiserror::Error;

use super::Owner;
use crate::{
	chain::{Call, Network, QuotaCall},
	error::transact_code,
	settle::Progress,
	transact::{from_chain, Done, TransactError},
	AccountId, Dam,
};

/// Why a bond was not changed.
#[derive(Debug, Error)]
pub enum QuotaError {
	/// Nothing was named.
	#[error("the amount is zero: name how much DAM")]
	ZeroAmount,
	/// Less would be bonded than can be.
	#[error(
		"{bonded} DAM would be bonded for machine {machine}, {least} is the least: bond more, or \
		 unbond everything"
	)]
	TooSmall {
		/// Which machine.
		machine: MachineId,
		/// What would be bonded then.
		bonded: Dam,
		/// What must be.
		least: Dam,
	},
	/// Less is bonded.
	#[error(
		"only {bonded} DAM are bonded for machine {machine}: unbond no more than that (see \
		 `dam-device quota`)"
	)]
	BondedLess {
		/// Which machine.
		machine: MachineId,
		/// What is bonded.
		bonded: Dam,
	},
	/// Nothing is on its way back.
	#[error(
		"nothing that was bonded for machine {0} is on its way back: there is nothing to withdraw"
	)]
	NothingUnbonding(MachineId),
	/// Nothing has arrived.
	#[error(
		"{amount} DAM can be withdrawn from block {unlocks_at} on, which is {} blocks away: try \
		 again then",
		.unlocks_at.saturating_sub(*.now)
	)]
	NotYet {
		/// The next amount.
		amount: Dam,
		/// When it can be withdrawn.
		unlocks_at: u32,
		/// The next block.
		now: u32,
	},
	/// The keys of the machine are frozen.
	#[error(
		"the keys of machine {0} are frozen, so that its quota is not shown: unfreeze them first \
		 (`dam-device owner key unfreeze`)"
	)]
	Frozen(MachineId),
	/// What every operation can meet.
	#[error(transparent)]
	Transact(#[from] TransactError),
}

from_chain!(QuotaError);

impl QuotaError {
	/// A word for programs.
	pub(crate) const fn code(&self) -> &'static str {
		match self {
			Self::ZeroAmount | Self::TooSmall { .. } | Self::BondedLess { .. } => "bad-amount",
			Self::NothingUnbonding(_) => "no-change",
			Self::NotYet { .. } => "too-early",
			Self::Frozen(_) => "frozen",
			Self::Transact(error) => transact_code(error),
		}
	}
}

impl<N: Network> Owner<'_, N> {
	/// Bonds `amount` for a machine, in addition to what is bonded. Its quota grows at once, and fills
	/// with time. The DAM stays in the owner's account, on hold.
	///
	/// # Errors
	/// [`QuotaError::ZeroAmount`], [`QuotaError::TooSmall`], [`QuotaError::Frozen`], and see
	/// [`TransactError`].
	pub async fn bond(
		&self,
		machine: MachineId,
		amount: Dam,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Done, QuotaError> {
		self.actor.own(machine).await?;
		let bonded = self.quota(machine).await?.bonded.saturating_add(amount.units());
		check(machine, amount, bonded, self.actor.network.limits().await?.bond)?;
		self.actor.check_dam(self.actor.account(), amount).await?;
		let call = Call::Quota(QuotaCall::Bond { machine, amount });
		Ok(self.actor.simple(&call, progress).await?)
	}

	/// Unbonds `amount` of a machine, or everything. Its quota falls at once; the DAM can be withdrawn
	/// after some days. Returns how much it was.
	///
	/// # Errors
	/// [`QuotaError::ZeroAmount`], [`QuotaError::TooSmall`], [`QuotaError::BondedLess`],
	/// [`QuotaError::Frozen`], and see [`TransactError`].
	pub async fn unbond(
		&self,
		machine: MachineId,
		amount: Option<Dam>,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<(Done, Dam), QuotaError> {
		self.actor.own(machine).await?;
		let bonded = self.quota(machine).await?.bonded;
		let amount = amount.unwrap_or(Dam::from_units(bonded));
		let rest = bonded
			.checked_sub(amount.units())
			.filter(|_| bonded > 0)
			.ok_or(QuotaError::BondedLess { machine, bonded: Dam::from_units(bonded) })?;
		if rest > 0 || amount.units() == 0 {
			check(machine, amount, rest, self.actor.network.limits().await?.bond)?;
		}
		let call = Call::Quota(QuotaCall::Unbond { machine, amount });
		Ok((self.actor.simple(&call, progress).await?, amount))
	}

	/// Gives what was bonded for a machine and has arrived back to whoever bonded it. Anybody can do
	/// that. Returns what came back, by block of arrival.
	///
	/// # Errors
	/// [`QuotaError::NothingUnbonding`], [`QuotaError::NotYet`], and see [`TransactError`].
	pub async fn withdraw_unbonded(
		&self,
		machine: MachineId,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<(Done, Vec<UnbondingInfo<AccountId>>), QuotaError> {
		// Of a machine that may not act nothing is shown, but its bonds come back all the same.
		let mut arrived = Vec::new();
		if let Some(quota) = self.actor.network.quota(machine).await? {
			let now = self.actor.next_block().await?;
			let next = quota.unbonding.iter().min_by_key(|chunk| chunk.unlocks_at);
			let next = next.ok_or(QuotaError::NothingUnbonding(machine))?;
			if next.unlocks_at > now {
				let amount = Dam::from_units(next.amount);
				return Err(QuotaError::NotYet { amount, unlocks_at: next.unlocks_at, now });
			}
			arrived.extend(quota.unbonding.into_iter().filter(|chunk| chunk.unlocks_at <= now));
		}
		let call = Call::Quota(QuotaCall::Withdraw(machine));
		Ok((self.actor.simple(&call, progress).await?, arrived))
	}

	async fn quota(&self, machine: MachineId) -> Result<QuotaInfo<AccountId>, QuotaError> {
		self.actor.network.quota(machine).await?.ok_or(QuotaError::Frozen(machine))
	}
}

/// Checks an amount, and what would be bonded after it.
fn check(machine: MachineId, amount: Dam, bonded: u128, least: Dam) -> Result<(), QuotaError> {
	if amount.units() == 0 {
		return Err(QuotaError::ZeroAmount);
	}
	let bonded = Dam::from_units(bonded);
	if bonded < least {
		return Err(QuotaError::TooSmall { machine, bonded, least });
	}
	Ok(())
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn amounts_should_be_checked_before_anything_is_sent() {
		let dam = Dam::from_units;
		assert!(matches!(check(7, dam(0), 50, dam(10)), Err(QuotaError::ZeroAmount)));
		assert!(matches!(
			check(7, dam(5), 9, dam(10)),
			Err(QuotaError::TooSmall { machine: 7, .. })
		));
		check(7, dam(5), 10, dam(10)).unwrap();
	}
}
