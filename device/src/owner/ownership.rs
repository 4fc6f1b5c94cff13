//! Handing a machine over: the owner offers, the next one accepts.

use dam_primitives::MachineId;

use super::{Owner, OwnerError};
use crate::{chain::Call, chain::Network, settle::Progress, transact::Done, AccountId, Dam};

impl<N: Network> Owner<'_, N> {
	/// Offers a machine to somebody, in place of an offer before. Nothing moves until it is accepted.
	///
	/// # Errors
	/// [`OwnerError::InvalidRecipient`], [`OwnerError::OfferExpiry`], and see
	/// [`TransactError`](crate::transact::TransactError).
	pub async fn offer_ownership(
		&self,
		machine: MachineId,
		to: AccountId,
		expires_at: u32,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Done, OwnerError> {
		self.actor.own(machine).await?;
		if !self.is_independent(to, machine).await? {
			return Err(OwnerError::InvalidRecipient { machine, account: to });
		}
		let next = self.actor.next_block().await?;
		let (first, last) =
			(next.saturating_add(1), next.saturating_add(self.actor.network.limits().await?.offer));
		if !(first..=last).contains(&expires_at) {
			return Err(OwnerError::OfferExpiry { expires_at, first, last });
		}
		let call = Call::OfferOwnership { machine, to, expires_at };
		Ok(self.actor.simple(&call, progress).await?)
	}

	/// Takes an offer back.
	///
	/// # Errors
	/// [`OwnerError::NoOffer`], and see [`TransactError`](crate::transact::TransactError).
	pub async fn cancel_offer(
		&self,
		machine: MachineId,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Done, OwnerError> {
		if self.actor.own(machine).await?.offer.is_none() {
			return Err(OwnerError::NoOffer(machine));
		}
		Ok(self.actor.simple(&Call::CancelOffer(machine), progress).await?)
	}

	/// Takes over a machine that was offered to the signer, with its money and its deposit. Whoever
	/// has the device's payment key still has it: rotate.
	///
	/// # Errors
	/// [`OwnerError::NoOffer`], [`OwnerError::NotRecipient`], [`OwnerError::OfferExpired`],
	/// [`OwnerError::InvalidRecipient`], and see [`TransactError`](crate::transact::TransactError).
	pub async fn accept_ownership(
		&self,
		machine: MachineId,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Done, OwnerError> {
		let found = self.actor.living(machine).await?;
		let signer = self.actor.account();
		let Some(offer) = found.offer else { return Err(OwnerError::NoOffer(machine)) };
		if offer.to != signer {
			return Err(OwnerError::NotRecipient { machine, to: offer.to, signer });
		}
		let next = self.actor.next_block().await?;
		if next > offer.expires_at {
			let expires_at = offer.expires_at;
			return Err(OwnerError::OfferExpired { machine, expires_at, next });
		}
		if self.actor.network.machine_of(signer).await? == Some(machine) {
			return Err(OwnerError::InvalidRecipient { machine, account: signer });
		}
		self.actor.check_dam(signer, Dam::from_units(found.deposit)).await?;
		// What was checked here is what is taken over, or nothing is.
		let call = Call::AcceptOwnership { machine, unchanged_since: found.updated_at };
		Ok(self.actor.simple(&call, progress).await?)
	}
}
