//! Mandates: what a payee may pull out of a machine's wallet, again and again.
//!
//! A mandate locks no money. What can be known beforehand of a pull is checked before anything is
//! signed; whether the payer has the money, and what its owner's policy says, the chain tells.

mod error;

pub use error::MandateError;

use dam_primitives::{
	machine_account,
	mandate::{MAX_MANDATES, MAX_PULLS},
	FailedPull, MachineId, MachineStatus, Mandate, MandateId, Payee, PullFailure,
};

use crate::{
	amount::Usdt,
	chain::{Call, ChainEvent, MandateCall, MandateEvent, Network, Pull},
	keys::Key,
	party::told,
	payments::{PayError, Payer},
	policy::normal_form,
	settle::{Patience, Progress},
	transact::{Actor, Done, TransactError},
	AccountId,
};

/// What a payer promises.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Grant {
	/// Who may pull.
	pub payee: Payee<AccountId>,
	/// Most within a period.
	pub cap: Usdt,
	/// Length of a period, in blocks.
	pub period: u32,
	/// Last block in which something can be pulled.
	pub expires_at: u32,
}

/// What came of a batch of pulls.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pulled {
	/// The transaction.
	pub done: Done,
	/// How many pulls were paid.
	pub pulled: u32,
	/// How much in all.
	pub total: Usdt,
	/// Which were not, by their position, and why.
	pub failed: Vec<FailedPull>,
}

/// Mandates, as a key can grant, use and end them.
#[derive(Debug)]
pub struct Mandates<'a, N> {
	actor: Actor<'a, N>,
	patience: Patience,
}

impl<'a, N: Network> Mandates<'a, N> {
	/// What `key` can do with mandates.
	pub fn new(network: &'a N, key: &'a Key, patience: Patience) -> Self {
		Self { actor: Actor::new(network, key, patience.clone()), patience }
	}

	/// Lets a payee pull from `machine`, or from the key's machine, and tells machine and number. By
	/// the machine's payment key or its owner.
	///
	/// # Errors
	/// [`MandateError::ZeroCap`], [`MandateError::ZeroPeriod`], [`MandateError::Expiry`],
	/// [`MandateError::NotRegistered`], [`MandateError::OtherPayer`],
	/// [`MandateError::TooManyMandates`], and what [`Payer`] and sending give.
	pub async fn grant(
		&self,
		machine: Option<MachineId>,
		grant: &Grant,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<(Done, MachineId, MandateId), MandateError> {
		if grant.cap == Usdt::default() {
			return Err(MandateError::ZeroCap);
		}
		if grant.period == 0 {
			return Err(MandateError::ZeroPeriod);
		}
		let payer = self.granting(machine).await?;
		let network = self.actor.network;
		let limits = network.limits().await?;
		// It must be good in a block after the one that holds it.
		let next = self.actor.next_block().await?;
		let (first, last) = (next.saturating_add(1), next.saturating_add(limits.mandate));
		let expires_at = grant.expires_at;
		if !(first..=last).contains(&expires_at) {
			return Err(MandateError::Expiry { expires_at, first, last });
		}
		self.check_payee(payer, &grant.payee).await?;
		if network.mandates_of(payer).await?.len() >= MAX_MANDATES as usize {
			return Err(MandateError::TooManyMandates(payer));
		}
		let wallet = AccountId::from(machine_account(payer));
		self.actor.check_usdt(wallet, limits.mandate_deposit).await?;
		let Grant { payee, cap, period, .. } = grant.clone();
		let call = MandateCall::Grant { machine: payer, payee, cap, period, expires_at };
		let (done, events) = self.transact(call, progress).await?;
		let mandate = told("the event of the new mandate", events, |event| match event {
			ChainEvent::Mandate(MandateEvent::Granted { mandate, payer: by, .. })
				if by == payer =>
			{
				Some(mandate)
			},
			_ => None,
		})?;
		Ok((done, payer, mandate))
	}

	/// Ends a mandate, by payer or payee. The storage deposit goes back to the payer's wallet.
	///
	/// # Errors
	/// [`MandateError::UnknownMandate`], [`MandateError::NotParty`], and what sending gives.
	pub async fn revoke(
		&self,
		mandate: MandateId,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Done, MandateError> {
		let record = self.record(mandate).await?;
		if !self.actor.is_payer(record.payer).await? && !self.actor.is_payee(&record.payee).await? {
			return Err(MandateError::NotParty { mandate, signer: self.actor.account() });
		}
		Ok(self.transact(MandateCall::Revoke(mandate), progress).await?.0)
	}

	/// Pulls, as the payee.
	///
	/// # Errors
	/// [`MandateError::ZeroAmount`], [`MandateError::UnknownMandate`], [`MandateError::NotPayee`],
	/// [`MandateError::Expired`], [`MandateError::ExceedsCap`], [`MandateError::PayerInactive`], and
	/// what sending gives.
	pub async fn pull(
		&self,
		pull: Pull,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Done, MandateError> {
		self.check_pull(pull).await?;
		Ok(self.transact(MandateCall::Pull(pull), progress).await?.0)
	}

	/// Makes up to [`MAX_PULLS`] pulls in one transaction. Those that fail are listed, and change
	/// nothing for the others.
	///
	/// # Errors
	/// [`MandateError::WrongCount`], and what sending gives.
	pub async fn pull_batch(
		&self,
		pulls: &[Pull],
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Pulled, MandateError> {
		if pulls.is_empty() || pulls.len() > MAX_PULLS as usize {
			return Err(MandateError::WrongCount(pulls.len()));
		}
		let (done, events) =
			self.transact(MandateCall::PullBatch(pulls.to_vec()), progress).await?;
		told("the event of the pulls", events, |event| match event {
			ChainEvent::Mandate(MandateEvent::BatchPulled { pulled, total, failed }) => {
				Some(Pulled { done: done.clone(), pulled, total, failed })
			},
			_ => None,
		})
		.map_err(Into::into)
	}

	/// Removes a mandate that has expired. Anybody can do that; the storage deposit goes back to the
	/// payer's wallet.
	///
	/// # Errors
	/// [`MandateError::UnknownMandate`], [`MandateError::NotExpired`], and what sending gives.
	pub async fn remove(
		&self,
		mandate: MandateId,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Done, MandateError> {
		let Mandate { expires_at, .. } = self.record(mandate).await?;
		if self.actor.next_block().await? <= expires_at {
			return Err(MandateError::NotExpired { mandate, expires_at });
		}
		Ok(self.transact(MandateCall::Remove(mandate), progress).await?.0)
	}

	/// The machine in whose name the signer grants.
	async fn granting(&self, machine: Option<MachineId>) -> Result<MachineId, MandateError> {
		let Actor { network, key, .. } = self.actor;
		let signer = self.actor.account();
		let own = network.key(signer).await?;
		let id = match (machine, &own) {
			(Some(id), _) => id,
			(None, Some(own)) => own.machine,
			(None, None) => return Err(MandateError::NotRegistered { key: signer }),
		};
		let found = self.actor.living(id).await?;
		if found.owner == signer {
			return Ok(id);
		}
		match own {
			// Somebody else's machine, and no key of a machine: what an owner is told.
			None => {
				self.actor.own(id).await?;
			},
			Some(own) if own.machine != id => {
				return Err(MandateError::OtherPayer { machine: id, own: own.machine })
			},
			// Tells why the key may not, if so.
			Some(_) => {
				Payer::new(network, key, self.patience.clone()).await?;
			},
		}
		Ok(id)
	}

	async fn check_payee(
		&self,
		payer: MachineId,
		payee: &Payee<AccountId>,
	) -> Result<(), MandateError> {
		let Payee::Machine(payee) = normal_form(payee.clone()) else { return Ok(()) };
		if payee == payer {
			return Err(PayError::SelfPayment(payer).into());
		}
		let known = self.actor.network.machine(payee).await?;
		if known.is_none_or(|payee| payee.status == MachineStatus::Retired) {
			return Err(PayError::UnknownPayee(payee).into());
		}
		Ok(())
	}

	/// What the mandate itself forbids of a pull.
	async fn check_pull(&self, Pull { mandate, amount }: Pull) -> Result<(), MandateError> {
		let mut record = self.record(mandate).await?;
		if !self.actor.is_payee(&record.payee).await? {
			return Err(MandateError::NotPayee { mandate, signer: self.actor.account() });
		}
		let next = self.actor.next_block().await?;
		let running = record.running(next);
		let available = Usdt::from_units(record.available(next));
		match record.pull(amount.units(), next) {
			Ok(()) => {},
			Err(PullFailure::Expired) => {
				return Err(MandateError::Expired { mandate, expires_at: record.expires_at })
			},
			Err(PullFailure::ExceedsCap) => {
				return Err(MandateError::ExceedsCap {
					mandate,
					amount,
					cap: Usdt::from_units(record.cap),
					period: record.period,
					available,
					ends_at: running.map(|one| one.started_at.saturating_add(record.period)),
				})
			},
			// The mandate knows of nothing else.
			Err(_) => return Err(MandateError::ZeroAmount),
		}
		let payer = record.payer;
		let found = self.actor.network.machine(payer).await?;
		if found.is_some_and(|found| found.status == MachineStatus::Active && !found.frozen) {
			return Ok(());
		}
		Err(MandateError::PayerInactive { mandate, payer })
	}

	async fn record(&self, mandate: MandateId) -> Result<Mandate<AccountId>, MandateError> {
		let found = self.actor.network.mandate(mandate).await?;
		found.ok_or(MandateError::UnknownMandate(mandate))
	}

	async fn transact(
		&self,
		call: MandateCall,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<(Done, Vec<ChainEvent>), TransactError> {
		self.actor.transact(&Call::Mandate(call), progress).await
	}
}
