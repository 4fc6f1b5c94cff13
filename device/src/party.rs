//! The two sides of a stream, a mandate or an order: who may speak for them.

use dam_primitives::{KeyRights, MachineId, MachineInfo, MachineStatus, Payee};

use crate::{
	chain::{ChainError, ChainEvent, Network},
	keyring::is_payment_key,
	transact::{Actor, TransactError},
	AccountId,
};

impl<N: Network> Actor<'_, N> {
	/// Whether the signer decides over what a machine has promised to pay: its payment key, while the
	/// machine may spend, or its owner.
	pub(crate) async fn is_payer(&self, machine: MachineId) -> Result<bool, TransactError> {
		let Some(found) = self.network.machine(machine).await? else { return Ok(false) };
		let signer = self.account();
		Ok(match found.status {
			MachineStatus::Retired => false,
			_ if found.owner == signer => true,
			MachineStatus::Suspended => false,
			MachineStatus::Active => {
				!found.frozen
					&& found.keys.iter().any(|key| {
						key.account == signer && key.valid_until.is_none() && is_payment_key(key)
					})
			},
		})
	}

	/// Whether the signer may take what a payee is owed, or waive it: the account itself; for a
	/// machine its owner, or a key of it with the right to claim.
	pub(crate) async fn is_payee(&self, payee: &Payee<AccountId>) -> Result<bool, TransactError> {
		let signer = self.account();
		let machine = match payee.clone().normal_form() {
			Payee::Account(account) => return Ok(account == signer),
			Payee::Machine(machine) => self.network.machine(machine).await?,
		};
		Ok(machine.is_some_and(|machine| machine.owner == signer || may_claim(&machine, signer)))
	}
}

/// Whether a key may claim for its machine, which may be suspended.
fn may_claim(machine: &MachineInfo<AccountId>, key: AccountId) -> bool {
	machine.status != MachineStatus::Retired
		&& !machine.frozen
		&& machine.keys.iter().any(|one| {
			one.account == key && one.valid_until.is_none() && one.rights.contains(KeyRights::CLAIM)
		})
}

/// What the events of a transaction say of `what`. A chain that does not say it is another chain than
/// this program knows.
pub(crate) fn told<T>(
	what: &'static str,
	events: Vec<ChainEvent>,
	pick: impl FnMut(ChainEvent) -> Option<T>,
) -> Result<T, ChainError> {
	events
		.into_iter()
		.find_map(pick)
		.ok_or_else(|| ChainError::Incompatible { what, why: "there is none".into() })
}
