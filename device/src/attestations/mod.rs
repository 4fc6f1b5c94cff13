//! Attesting: what an accredited third party says of machines and accounts.

mod batch;
mod error;
mod governance;

pub use batch::{IssueBatch, RenewalBatch, RevocationBatch};
pub use error::{AttestationBatchError, AttestationError};

use dam_primitives::{attestation::MAX_ATTESTATION_BATCH, AttestationInfo, ClaimType, Subject};

use crate::{
	chain::{Accreditation, Call, ChainEvent, DispatchFailure, Limits, Network},
	keys::Key,
	queries,
	settle::{Patience, Progress},
	transact::{Actor, Done},
	AccountId,
};

/// An attestation to be issued.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewAttestation {
	/// Of whom.
	pub subject: Subject<AccountId>,
	/// What.
	pub claim: ClaimType,
	/// SHA-256 of the evidence, which the attester keeps.
	pub evidence: [u8; 32],
	/// Last block in which it is valid.
	pub expires_at: u32,
}

/// An attestation that is to expire later.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Renewal {
	/// Of whom.
	pub subject: Subject<AccountId>,
	/// What.
	pub claim: ClaimType,
	/// Last block in which it is valid from now on.
	pub expires_at: u32,
}

/// An attestation that is taken back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Revocation {
	/// Of whom.
	pub subject: Subject<AccountId>,
	/// What.
	pub claim: ClaimType,
}

/// What came of one transaction of a batch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attested {
	/// The transaction.
	pub done: Done,
	/// How many items were issued, renewed or revoked.
	pub succeeded: u32,
	/// Which were not: position among the given ones, and why.
	pub failed: Vec<(usize, DispatchFailure)>,
}

/// Whether claims of that type are made of such a subject: identity checks are of accounts, all
/// others of machines.
pub const fn is_made_of(claim: ClaimType, subject: &Subject<AccountId>) -> bool {
	let of_accounts = matches!(claim, ClaimType::OperatorKyc | ClaimType::HolderKyc);
	of_accounts == matches!(subject, Subject::Account(_))
}

/// An attester: a key with a DAM account, a network, and the patience to wait.
#[derive(Debug)]
pub struct Attester<'a, N> {
	actor: Actor<'a, N>,
}

impl<'a, N: Network> Attester<'a, N> {
	/// An attester who signs with `key`.
	pub const fn new(network: &'a N, key: &'a Key, patience: Patience) -> Self {
		Self { actor: Actor::new(network, key, patience) }
	}

	/// Attests something, in place of what the signer attested of the same before and is not valid
	/// any more. Holds a deposit until the attestation is removed.
	///
	/// # Errors
	/// See [`AttestationError`].
	pub async fn issue(
		&self,
		item: &NewAttestation,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Done, AttestationError> {
		let NewAttestation { subject, claim, expires_at, .. } = item;
		let (next, limits) = self.present().await?;
		check_subject(*claim, subject)?;
		check_expiry(*expires_at, next, &limits)?;
		let accreditation = self.accreditation(*claim, next).await?;
		self.check_living(subject).await?;
		match self.own(subject, *claim).await? {
			Some(found) if is_valid_at(&found, next, &accreditation) => {
				return Err(AttestationError::AlreadyIssued {
					subject: subject.clone(),
					claim: *claim,
					expires_at: found.expires_at,
				});
			},
			Some(_) => {},
			None => {
				let attester = self.actor.account();
				self.actor.check_dam(attester, limits.attestation_deposit).await?;
			},
		}
		Ok(self.actor.simple(&Call::Issue(item.clone()), progress).await?)
	}

	/// Lets a valid attestation of the signer expire later.
	///
	/// # Errors
	/// See [`AttestationError`].
	pub async fn renew(
		&self,
		item: &Renewal,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Done, AttestationError> {
		let Renewal { subject, claim, expires_at } = item;
		let (next, limits) = self.present().await?;
		let found = self.standing(subject, *claim, next).await?;
		let accreditation = self.accreditation(*claim, next).await?;
		if !is_valid_at(&found, next, &accreditation) {
			return Err(AttestationError::Lapsed { subject: subject.clone(), claim: *claim });
		}
		if *expires_at <= found.expires_at {
			return Err(AttestationError::ExpiryNotLater { present: found.expires_at });
		}
		check_expiry(*expires_at, next, &limits)?;
		self.check_living(subject).await?;
		Ok(self.actor.simple(&Call::Renew(item.clone()), progress).await?)
	}

	/// Takes an attestation of the signer back. That needs no accreditation.
	///
	/// # Errors
	/// See [`AttestationError`].
	pub async fn revoke(
		&self,
		item: &Revocation,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Done, AttestationError> {
		let (next, _) = self.present().await?;
		self.standing(&item.subject, item.claim, next).await?;
		Ok(self.actor.simple(&Call::Revoke(item.clone()), progress).await?)
	}

	/// Clears an expired attestation of anybody; its deposit goes back to its attester.
	///
	/// # Errors
	/// See [`AttestationError`].
	pub async fn remove(
		&self,
		subject: &Subject<AccountId>,
		claim: ClaimType,
		attester: AccountId,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Done, AttestationError> {
		let (next, _) = self.present().await?;
		let found = self.find(subject, claim, attester).await?.ok_or_else(|| {
			AttestationError::NotFound { subject: subject.clone(), claim, attester }
		})?;
		if found.expires_at >= next {
			return Err(AttestationError::NotExpired { expires_at: found.expires_at });
		}
		let call = Call::RemoveAttestation { subject: subject.clone(), claim, attester };
		Ok(self.actor.simple(&call, progress).await?)
	}

	/// Issues many attestations: one transaction for each [`MAX_ATTESTATION_BATCH`] of them, each
	/// final before the next is sent. Failures of single items do not stop the others.
	///
	/// # Errors
	/// See [`AttestationError`]. With several transactions, those before the failed one have
	/// happened; `finished` has been told of each. The same holds for the other batches.
	pub async fn issue_batch(
		&self,
		batch: &IssueBatch,
		progress: &mut (dyn FnMut(Progress) + Send),
		finished: &mut (dyn FnMut(&Attested) + Send),
	) -> Result<Vec<Attested>, AttestationError> {
		let (next, limits) = self.present().await?;
		for item in batch.items() {
			check_expiry(item.expires_at, next, &limits)?;
		}
		self.check_accreditations(batch.items().iter().map(|item| item.claim), next).await?;
		self.batch(batch.items(), Call::IssueBatch, progress, finished).await
	}

	/// Renews many attestations.
	///
	/// # Errors
	/// As [`Self::issue_batch`].
	pub async fn renew_batch(
		&self,
		batch: &RenewalBatch,
		progress: &mut (dyn FnMut(Progress) + Send),
		finished: &mut (dyn FnMut(&Attested) + Send),
	) -> Result<Vec<Attested>, AttestationError> {
		let (next, limits) = self.present().await?;
		for item in batch.items() {
			check_expiry(item.expires_at, next, &limits)?;
		}
		self.check_accreditations(batch.items().iter().map(|item| item.claim), next).await?;
		self.batch(batch.items(), Call::RenewBatch, progress, finished).await
	}

	/// Revokes many attestations.
	///
	/// # Errors
	/// As [`Self::issue_batch`].
	pub async fn revoke_batch(
		&self,
		batch: &RevocationBatch,
		progress: &mut (dyn FnMut(Progress) + Send),
		finished: &mut (dyn FnMut(&Attested) + Send),
	) -> Result<Vec<Attested>, AttestationError> {
		self.batch(batch.items(), Call::RevokeBatch, progress, finished).await
	}

	async fn batch<T: Clone>(
		&self,
		items: &[T],
		call: fn(Vec<T>) -> Call,
		progress: &mut (dyn FnMut(Progress) + Send),
		finished: &mut (dyn FnMut(&Attested) + Send),
	) -> Result<Vec<Attested>, AttestationError> {
		let bound = MAX_ATTESTATION_BATCH as usize;
		let mut all = Vec::new();
		for (chunk, part) in items.chunks(bound).enumerate() {
			let (done, events) = self.actor.transact(&call(part.to_vec()), progress).await?;
			let mut attested = Attested { done, succeeded: 0, failed: Vec::new() };
			for event in events {
				if let ChainEvent::AttestationBatch { done, failed } = event {
					let failed = failed.into_iter();
					attested.succeeded = done;
					attested.failed = failed
						.map(|(index, failure)| (chunk * bound + index as usize, failure))
						.collect();
				}
			}
			finished(&attested);
			all.push(attested);
		}
		Ok(all)
	}

	/// The earliest block that can hold what is signed now, and the chain's bounds.
	async fn present(&self) -> Result<(u32, Limits), AttestationError> {
		Ok((self.actor.next_block().await?, self.actor.network.limits().await?))
	}

	/// The signer's accreditation, which must hold in block `next`.
	async fn accreditation(
		&self,
		claim: ClaimType,
		next: u32,
	) -> Result<Accreditation, AttestationError> {
		let attester = self.actor.account();
		let found = self.actor.network.accreditation(claim, attester).await?;
		found.filter(|accreditation| accreditation.holds_at(next)).ok_or_else(|| {
			let until = found.and_then(|accreditation| accreditation.until);
			AttestationError::NotAccredited { attester, claim, until }
		})
	}

	async fn check_accreditations(
		&self,
		claims: impl Iterator<Item = ClaimType>,
		next: u32,
	) -> Result<(), AttestationError> {
		let distinct: std::collections::BTreeSet<ClaimType> = claims.collect();
		for claim in distinct {
			self.accreditation(claim, next).await?;
		}
		Ok(())
	}

	async fn check_living(&self, subject: &Subject<AccountId>) -> Result<(), AttestationError> {
		if let Subject::Machine(machine) = subject {
			self.actor.living(*machine).await?;
		}
		Ok(())
	}

	async fn find(
		&self,
		subject: &Subject<AccountId>,
		claim: ClaimType,
		attester: AccountId,
	) -> Result<Option<AttestationInfo<AccountId>>, AttestationError> {
		let all = queries::attestations(self.actor.network, subject, usize::MAX).await?;
		Ok(all.into_iter().find(|one| one.claim == claim && one.attester == attester))
	}

	/// What the signer attests.
	async fn own(
		&self,
		subject: &Subject<AccountId>,
		claim: ClaimType,
	) -> Result<Option<AttestationInfo<AccountId>>, AttestationError> {
		self.find(subject, claim, self.actor.account()).await
	}

	/// What the signer attests, neither revoked nor expired.
	async fn standing(
		&self,
		subject: &Subject<AccountId>,
		claim: ClaimType,
		next: u32,
	) -> Result<AttestationInfo<AccountId>, AttestationError> {
		let subject = subject.clone();
		let Some(found) = self.own(&subject, claim).await? else {
			let attester = self.actor.account();
			return Err(AttestationError::NotFound { subject, claim, attester });
		};
		if let Some(revoked_at) = found.revoked_at {
			return Err(AttestationError::Revoked { subject, claim, revoked_at });
		}
		if found.expires_at < next {
			let expires_at = found.expires_at;
			return Err(AttestationError::Expired { subject, claim, expires_at });
		}
		Ok(found)
	}
}

fn check_subject(claim: ClaimType, subject: &Subject<AccountId>) -> Result<(), AttestationError> {
	if is_made_of(claim, subject) {
		return Ok(());
	}
	Err(AttestationError::WrongSubject { claim, subject: subject.clone() })
}

fn check_expiry(expires_at: u32, next: u32, limits: &Limits) -> Result<(), AttestationError> {
	let (first, last) = (next.saturating_add(1), next.saturating_add(limits.attestation));
	if (first..=last).contains(&expires_at) {
		return Ok(());
	}
	Err(AttestationError::Expiry { expires_at, first, last })
}

/// As the chain tells it, in a block to come.
fn is_valid_at(found: &AttestationInfo<AccountId>, at: u32, accreditation: &Accreditation) -> bool {
	found.issued_at <= at
		&& at <= found.expires_at
		&& found.revoked_at.is_none_or(|revoked_at| at < revoked_at)
		&& accreditation.since <= found.issued_at
		&& accreditation.holds_at(at)
}
