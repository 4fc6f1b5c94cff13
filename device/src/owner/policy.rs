//! What an owner lets a machine spend: the policy, and co-signatures of single payments.

use dam_primitives::{
	policy::{PeriodCap, MAX_APPROVALS, MAX_LISTED_PAYEES},
	AllowedPayees, Approval, MachineId, MachineKind, OperatorRights, Payee, Policy,
};
use thiserror::Error;

use super::Owner;
use crate::{
	amount::Usdt,
	chain::{Call, Network},
	payee::describe_payee,
	policy::normal_form,
	settle::Progress,
	transact::{from_chain, Done, TransactError},
	AccountId,
};

/// Why a policy or an approval was not changed.
#[derive(Debug, Error)]
pub enum PolicyError {
	/// A period of no length.
	#[error("the period has no length: give it at least one block, or leave the period cap out")]
	ZeroPeriod,
	/// More payees than a policy lists.
	#[error(
		"{0} payees are listed, {MAX_LISTED_PAYEES} is the most: list kinds of machines instead, or \
		 fewer payees"
	)]
	TooManyPayees(usize),
	/// A payee is listed twice.
	#[error("{} is listed twice, perhaps by number and by address: list it once", describe_payee(.0))]
	DuplicatePayee(Payee<AccountId>),
	/// There is no policy.
	#[error("machine {0} has no spending policy: nothing was sent")]
	NoPolicy(MachineId),
	/// An approval of nothing.
	#[error("an approval of zero allows nothing: approve the exact amount of the payment")]
	ZeroAmount,
	/// The approval's last block is not in the future, or too far.
	#[error(
		"the approval would expire in block {expires_at}: name a block from {first} to {last}"
	)]
	Expiry {
		/// Last block that was named.
		expires_at: u32,
		/// Earliest that it can be.
		first: u32,
		/// Latest that it can be.
		last: u32,
	},
	/// As many approvals as can wait.
	#[error(
		"{MAX_APPROVALS} approvals wait for machine {0}, which is the most: revoke one \
		 (`dam-device owner revoke-approval`), or wait until one is used or expires"
	)]
	TooManyApprovals(MachineId),
	/// No such approval.
	#[error(
		"no approval of {amount} USDT to {} waits for machine {machine}: it was used, it expired, or \
		 there never was one (see `dam-device owner policy show`)",
		describe_payee(payee)
	)]
	NoApproval {
		/// Which machine.
		machine: MachineId,
		/// Whom it would have paid.
		payee: Payee<AccountId>,
		/// How much.
		amount: Usdt,
	},
	/// What every operation can meet.
	#[error(transparent)]
	Transact(#[from] TransactError),
}

from_chain!(PolicyError);

/// Puts a policy together from what people write.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PolicyDraft {
	/// Most that one payment may be.
	pub payment_cap: Option<Usdt>,
	/// Most that is paid in a period, and the period's length in blocks.
	pub period_cap: Option<(Usdt, u32)>,
	/// Who may be paid, and machines of which kinds; `None` for anybody.
	pub payees: Option<(Vec<Payee<AccountId>>, Vec<MachineKind>)>,
	/// Above which amount a payment needs a co-signature.
	pub co_sign_above: Option<Usdt>,
}

impl PolicyDraft {
	/// The policy, if the chain takes it.
	///
	/// # Errors
	/// [`PolicyError::ZeroPeriod`], [`PolicyError::TooManyPayees`],
	/// [`PolicyError::DuplicatePayee`].
	pub fn build(self) -> Result<Policy<AccountId>, PolicyError> {
		let payees = match self.payees {
			None => AllowedPayees::Anyone,
			Some((listed, kinds)) => {
				let count = listed.len();
				let listed: Vec<_> = listed.into_iter().map(normal_form).collect();
				AllowedPayees::Only {
					payees: listed.try_into().map_err(|_| PolicyError::TooManyPayees(count))?,
					kinds: kinds.into_iter().collect(),
				}
			},
		};
		let policy = Policy {
			payment_cap: self.payment_cap.map(Usdt::units),
			period_cap: self
				.period_cap
				.map(|(amount, blocks)| PeriodCap { blocks, amount: amount.units() }),
			payees,
			co_sign_above: self.co_sign_above.map(Usdt::units),
		};
		check(&policy)?;
		Ok(policy)
	}
}

/// What the chain would refuse of a policy, whoever sets it.
fn check(policy: &Policy<AccountId>) -> Result<(), PolicyError> {
	if policy.period_cap.is_some_and(|cap| cap.blocks == 0) {
		return Err(PolicyError::ZeroPeriod);
	}
	if let AllowedPayees::Only { payees, .. } = &policy.payees {
		let normal: Vec<_> = payees.iter().cloned().map(normal_form).collect();
		for (index, payee) in normal.iter().enumerate() {
			if normal[..index].contains(payee) {
				return Err(PolicyError::DuplicatePayee(payee.clone()));
			}
		}
	}
	Ok(())
}

impl<N: Network> Owner<'_, N> {
	/// Sets what a machine may spend, or lets it spend all it has.
	///
	/// # Errors
	/// See [`PolicyError`].
	pub async fn set_policy(
		&self,
		machine: MachineId,
		policy: Option<Policy<AccountId>>,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Done, PolicyError> {
		policy.as_ref().map(check).transpose()?;
		self.actor.own(machine).await?;
		if policy.is_none() && self.actor.network.policy(machine).await?.is_none() {
			return Err(PolicyError::NoPolicy(machine));
		}
		Ok(self.actor.simple(&Call::SetPolicy { machine, policy }, progress).await?)
	}

	/// Co-signs one payment of exactly this payee and amount, to be made until `expires_at`.
	///
	/// # Errors
	/// See [`PolicyError`].
	pub async fn approve(
		&self,
		machine: MachineId,
		approval: Approval<AccountId>,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Done, PolicyError> {
		let Approval { amount, expires_at, .. } = approval;
		if amount == 0 {
			return Err(PolicyError::ZeroAmount);
		}
		self.actor.permitted(machine, OperatorRights::CO_SIGN).await?;
		let next = self.actor.next_block().await?;
		let longest = self.actor.network.limits().await?.approval;
		let (first, last) = (next.saturating_add(1), next.saturating_add(longest));
		if !(first..=last).contains(&expires_at) {
			return Err(PolicyError::Expiry { expires_at, first, last });
		}
		// Without a policy the chain does not show what waits; it counts all the same.
		let waiting =
			self.actor.network.policy(machine).await?.map_or(0, |rules| {
				rules.approvals.iter().filter(|one| one.expires_at >= next).count()
			});
		if waiting >= MAX_APPROVALS as usize {
			return Err(PolicyError::TooManyApprovals(machine));
		}
		Ok(self.actor.simple(&Call::Approve { machine, approval }, progress).await?)
	}

	/// Takes every approval of this payee and amount back.
	///
	/// # Errors
	/// See [`PolicyError`].
	pub async fn revoke_approval(
		&self,
		machine: MachineId,
		payee: Payee<AccountId>,
		amount: Usdt,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Done, PolicyError> {
		self.actor.permitted(machine, OperatorRights::CO_SIGN).await?;
		let payee = normal_form(payee);
		if let Some(rules) = self.actor.network.policy(machine).await? {
			let waits = rules
				.approvals
				.iter()
				.any(|one| one.amount == amount.units() && normal_form(one.payee.clone()) == payee);
			if !waits {
				return Err(PolicyError::NoApproval { machine, payee, amount });
			}
		}
		let call = Call::RevokeApproval { machine, payee, amount };
		Ok(self.actor.simple(&call, progress).await?)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use dam_primitives::machine_account;

	fn only(payees: Vec<Payee<AccountId>>) -> PolicyDraft {
		PolicyDraft { payees: Some((payees, vec![])), ..PolicyDraft::default() }
	}

	#[test]
	fn drafts_should_become_policies() {
		let draft = PolicyDraft {
			payment_cap: Some(Usdt::from_units(5)),
			period_cap: Some((Usdt::from_units(50), 60)),
			payees: Some((vec![Payee::Machine(7)], vec![MachineKind::Drone])),
			co_sign_above: Some(Usdt::default()),
		};
		let policy = draft.build().unwrap();
		assert_eq!(policy.payment_cap, Some(5));
		assert_eq!(policy.period_cap, Some(PeriodCap { blocks: 60, amount: 50 }));
		assert_eq!(policy.co_sign_above, Some(0));
		assert_eq!(PolicyDraft::default().build().unwrap(), Policy::default());
	}

	#[test]
	fn drafts_should_be_refused_with_the_reason() {
		let endless =
			PolicyDraft { period_cap: Some((Usdt::from_units(1), 0)), ..PolicyDraft::default() };
		assert!(matches!(endless.build(), Err(PolicyError::ZeroPeriod)));
		let address = Payee::Account(AccountId::from(machine_account(7)));
		let twice = only(vec![Payee::Machine(7), Payee::Machine(8), address]);
		assert!(matches!(twice.build(), Err(PolicyError::DuplicatePayee(Payee::Machine(7)))));
		let most = u64::from(MAX_LISTED_PAYEES);
		only((0..most).map(Payee::Machine).collect()).build().unwrap();
		let many = only((0..=most).map(Payee::Machine).collect());
		assert!(matches!(many.build(), Err(PolicyError::TooManyPayees(33))));
	}
}
