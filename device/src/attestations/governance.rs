//! Accrediting attesters, where governance is a single key.
//!
//! Development and test networks have a sudo key, which stands for governance. Networks with money on
//! them have none: there the same calls are put to the vote.

use dam_primitives::ClaimType;

use super::{AttestationError, Attester};
use crate::{
	chain::{Call, ChainEvent, Inclusion, Network},
	settle::Progress,
	transact::{Done, TransactError},
	AccountId,
};

impl<N: Network> Attester<'_, N> {
	/// Lets `attester` attest `claim`. The signer is the network's sudo key.
	///
	/// # Errors
	/// [`TransactError::Failed`] if the signer is not, or the attester is accredited already.
	pub async fn accredit(
		&self,
		attester: AccountId,
		claim: ClaimType,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Done, AttestationError> {
		self.govern(Call::Accredit { attester, claim }, progress).await
	}

	/// Lets `attester` attest `claim` no more, and ends what it has attested. The signer is the
	/// network's sudo key.
	///
	/// # Errors
	/// [`TransactError::Failed`] if the signer is not, or the attester is not accredited.
	pub async fn withdraw_accreditation(
		&self,
		attester: AccountId,
		claim: ClaimType,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Done, AttestationError> {
		self.govern(Call::WithdrawAccreditation { attester, claim }, progress).await
	}

	async fn govern(
		&self,
		call: Call,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Done, AttestationError> {
		let (signed, inclusion) = self.actor.execute(&Call::Sudo(Box::new(call)), progress).await?;
		let Inclusion { block, fee, usdt_fee, result, events, .. } = inclusion;
		// The wrapper succeeds even if the call in it fails.
		let inner = events.into_iter().find_map(|event| match event {
			ChainEvent::Sudid { result } => Some(result),
			_ => None,
		});
		result.and(inner.unwrap_or(Ok(()))).map_err(|failure| TransactError::Failed {
			block,
			fee,
			failure,
		})?;
		Ok(Done { transaction: signed.hash, block, fee, usdt_fee })
	}
}
