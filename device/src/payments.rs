//! Paying, as a machine.

use std::collections::{BTreeMap, BTreeSet};

use dam_primitives::{
	machine_account, FailedPayment, MachineId, MachineInfo, MachineKind, MachineStatus, Payee,
	Payment,
};
use futures::{stream, StreamExt, TryStreamExt};
use subxt::utils::H256;
use thiserror::Error;

use crate::{
	agreement::describe_rights,
	amount::Usdt,
	chain::{Block, Call, ChainError, ChainEvent, DispatchFailure, Inclusion, Network, SignedCall},
	journal::{digest, Journal, JournalError},
	keyring::is_payment_key,
	keys::Key,
	policy::{normal_form, Allowance, Violation},
	settle::{resume, send, Patience, Progress, SettleError},
	AccountId, Dam,
};

/// How many payees are looked up at a time.
const LOOKUPS: usize = 16;

/// Why a payment did not happen.
#[derive(Debug, Error)]
pub enum PayError {
	/// The key acts for no machine.
	#[error(
		"the key {key} is registered for no machine: have the device sign a registration \
		 (`dam-device registration sign`) and the owner submit it (`dam-device owner register`)"
	)]
	NotRegistered {
		/// Account of the key.
		key: AccountId,
	},
	/// The key was replaced, removed, or its machine is gone.
	#[error(
		"the key acts for machine {machine} no more, since block {ended_at}: use the machine's \
		 present payment key"
	)]
	KeyEnded {
		/// Whose key it was.
		machine: MachineId,
		/// Last block in which it acted.
		ended_at: u32,
	},
	/// The key acts for the machine, but not in payments.
	#[error(
		"the key may not pay for machine {machine}, its rights are {rights}: use the payment key"
	)]
	MayNotPay {
		/// Whose key it is.
		machine: MachineId,
		/// What it may do.
		rights: String,
	},
	/// The owner has frozen the keys.
	#[error(
		"the keys of machine {machine} are frozen: its owner can unfreeze them (`dam-device owner \
		 key unfreeze`)"
	)]
	Frozen {
		/// Which machine.
		machine: MachineId,
	},
	/// The owner has stopped the machine.
	#[error("machine {machine} is suspended: its owner can resume it (`dam-device owner resume`)")]
	Suspended {
		/// Which machine.
		machine: MachineId,
	},
	/// The owner has ended the machine.
	#[error("machine {machine} is retired: it neither pays nor is paid any more")]
	Retired {
		/// Which machine.
		machine: MachineId,
	},
	/// Too little money.
	#[error(
		"machine {machine} holds {available} USDT, {needed} are needed: send USDT to its address \
		 {address} (for example `dam-device owner fund`)"
	)]
	OutOfUsdt {
		/// Which machine.
		machine: MachineId,
		/// Its address.
		address: AccountId,
		/// What it holds.
		available: Usdt,
		/// What would be paid.
		needed: Usdt,
	},
	/// The payee is no machine that takes payments.
	#[error("there is no machine {0} that takes payments: check the payee's number")]
	UnknownPayee(MachineId),
	/// The payer would pay itself.
	#[error("machine {0} would pay itself: name another payee")]
	SelfPayment(MachineId),
	/// The owner's policy.
	#[error(transparent)]
	Policy(#[from] Violation),
	/// The owner's policy, for one payment of several.
	#[error("payment {index} (counted from 0): {violation}")]
	PolicyOfItem {
		/// Position of the payment, from 0.
		index: usize,
		/// Which rule.
		violation: Violation,
	},
	/// The transaction did not become final.
	#[error(transparent)]
	Settle(#[from] SettleError),
	/// The transaction is final, but the chain did not pay.
	#[error("the payment failed in block {}: {failure}", block.number)]
	Failed {
		/// Where.
		block: Block,
		/// What was paid for the attempt.
		fee: Dam,
		/// Why.
		failure: DispatchFailure,
	},
	/// The journal.
	#[error(transparent)]
	Journal(#[from] JournalError),
}

impl From<ChainError> for PayError {
	fn from(error: ChainError) -> Self {
		Self::Settle(error.into())
	}
}

/// A finished payment or batch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Receipt {
	/// Who paid.
	pub machine: MachineId,
	/// Hash of the transaction.
	pub transaction: H256,
	/// The finalized block that holds it.
	pub block: Block,
	/// The fee in DAM: zero within the quota.
	pub fee: Dam,
	/// The fee in USDT: zero within the quota, and unless fees are paid in USDT.
	pub usdt_fee: Usdt,
	/// How many items were paid.
	pub paid: u32,
	/// How much in all.
	pub total: Usdt,
	/// Which items were not paid, and why.
	pub failed: Vec<FailedPayment>,
}

/// A machine that pays: a key, a network, and the patience to wait.
#[derive(Debug)]
pub struct Payer<'a, N> {
	network: &'a N,
	key: &'a Key,
	machine: MachineInfo<AccountId>,
	patience: Patience,
}

impl<'a, N: Network> Payer<'a, N> {
	/// Finds the machine for which a key pays.
	///
	/// # Errors
	/// [`PayError::NotRegistered`], [`PayError::Retired`], [`PayError::KeyEnded`],
	/// [`PayError::MayNotPay`], [`PayError::Frozen`], [`PayError::Suspended`].
	pub async fn new(network: &'a N, key: &'a Key, patience: Patience) -> Result<Self, PayError> {
		let account = key.account();
		let not_registered = PayError::NotRegistered { key: account };
		let Some(record) = network.key(account).await? else {
			return Err(not_registered);
		};
		let id = record.machine;
		let Some(machine) = network.machine(id).await? else {
			return Err(not_registered);
		};
		if machine.status == MachineStatus::Retired {
			return Err(PayError::Retired { machine: id });
		}
		if let Some(ended_at) = record.valid_until {
			return Err(PayError::KeyEnded { machine: id, ended_at });
		}
		if !is_payment_key(&record) {
			let rights = describe_rights(record.rights);
			return Err(PayError::MayNotPay { machine: id, rights });
		}
		if machine.frozen {
			return Err(PayError::Frozen { machine: id });
		}
		if machine.status == MachineStatus::Suspended {
			return Err(PayError::Suspended { machine: id });
		}
		Ok(Self { network, key, machine, patience })
	}

	/// The machine that pays.
	pub const fn machine(&self) -> &MachineInfo<AccountId> {
		&self.machine
	}

	/// Pays one payee and waits until that is final.
	///
	/// # Errors
	/// See [`PayError`].
	pub async fn pay(
		&self,
		payment: &Payment<AccountId>,
		journal: Option<&mut Journal>,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Receipt, PayError> {
		let digest = digest(self.network.genesis(), self.key.account(), payment);
		// What the chain would refuse is refused here, where it costs no quota. A repeated command
		// must get past this: the money may be gone because it was paid.
		let repeated = match &journal {
			Some(journal) => journal.signed(0, digest)?.is_some(),
			None => false,
		};
		if !repeated {
			self.check(payment).await?;
		}
		let call = Call::Pay(payment.clone());
		let (signed, inclusion) = self.execute(0, digest, &call, journal, progress).await?;
		let mut receipt = self.receipt(&signed, inclusion)?;
		receipt.paid = 1;
		receipt.total = Usdt::from_units(payment.amount);
		Ok(receipt)
	}

	/// Pays up to [`dam_primitives::MAX_BATCH`] payees in one transaction and waits until that is
	/// final. Items are isolated: those that fail are listed in the receipt.
	///
	/// `part` is the position of this transaction in a command that sends several.
	///
	/// # Errors
	/// See [`PayError`].
	pub async fn pay_batch(
		&self,
		part: usize,
		payments: &[Payment<AccountId>],
		journal: Option<&mut Journal>,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Receipt, PayError> {
		let call = Call::PayBatch(payments.to_vec());
		let digest = digest(self.network.genesis(), self.key.account(), &payments);
		let (signed, inclusion) = self.execute(part, digest, &call, journal, progress).await?;
		let events = inclusion.events.clone();
		let mut receipt = self.receipt(&signed, inclusion)?;
		for event in events {
			if let ChainEvent::BatchPaid { paid, total, failed, .. } = event {
				(receipt.paid, receipt.total, receipt.failed) = (paid, total, failed);
			}
		}
		Ok(receipt)
	}

	/// Whether the owner's policy allows all of these payments, one after another. Costs one look at
	/// each payee if the policy is about kinds of machines.
	///
	/// # Errors
	/// [`PayError::PolicyOfItem`] for the first that it does not allow.
	pub async fn check_policy(&self, payments: &[Payment<AccountId>]) -> Result<(), PayError> {
		self.plan(payments)
			.await?
			.map_err(|(index, violation)| PayError::PolicyOfItem { index, violation })
	}

	/// What the chain would refuse of putting `amount` into escrow for `payee`, which the owner's
	/// policy counts as a payment, with a storage deposit on top.
	pub(crate) async fn check_lock(
		&self,
		payee: &Payee<AccountId>,
		amount: Usdt,
		storage: Usdt,
	) -> Result<(), PayError> {
		let payment = Payment { payee: payee.clone(), amount: amount.units() };
		self.check_allowed(&payment).await?;
		// More than any number is more than any machine holds.
		let needed = amount.checked_add(storage).unwrap_or(Usdt::from_units(u128::MAX));
		self.check_funds(needed).await
	}

	/// What the chain would refuse of one payment.
	async fn check(&self, payment: &Payment<AccountId>) -> Result<(), PayError> {
		self.check_allowed(payment).await?;
		self.check_funds(Usdt::from_units(payment.amount)).await
	}

	/// Whether the payee can be paid, and the owner's policy allows it.
	async fn check_allowed(&self, payment: &Payment<AccountId>) -> Result<(), PayError> {
		self.check_payee(&payment.payee).await?;
		let payments = std::slice::from_ref(payment);
		self.plan(payments).await?.map_err(|(_, violation)| PayError::Policy(violation))
	}

	/// Goes through payments with the owner's policy, until it forbids one.
	async fn plan(
		&self,
		payments: &[Payment<AccountId>],
	) -> Result<Result<(), (usize, Violation)>, PayError> {
		let machine = self.machine.id;
		let Some(rules) = self.network.policy(machine).await? else { return Ok(Ok(())) };
		// The earliest block that can hold the payment.
		let next = self.network.finalized().await?.number.saturating_add(1);
		let mut allowance = Allowance::new(machine, rules, next);
		let kinds = self.kinds(&allowance, payments).await?;
		for (index, payment) in payments.iter().enumerate() {
			let amount = Usdt::from_units(payment.amount);
			let kind =
				allowance.asks_kind_of(&payment.payee).and_then(|id| kinds.get(&id).copied());
			if let Err(violation) = allowance.allow(&payment.payee, kind, amount) {
				return Ok(Err((index, violation)));
			}
			allowance.made(&payment.payee, amount, next);
		}
		Ok(Ok(()))
	}

	/// The kinds of the payees, as far as the policy asks for them.
	async fn kinds(
		&self,
		allowance: &Allowance,
		payments: &[Payment<AccountId>],
	) -> Result<BTreeMap<MachineId, MachineKind>, PayError> {
		let asked: BTreeSet<MachineId> =
			payments.iter().filter_map(|payment| allowance.asks_kind_of(&payment.payee)).collect();
		let found: Vec<_> = stream::iter(asked)
			.map(|id| async move { Ok::<_, ChainError>((id, self.network.machine(id).await?)) })
			.buffer_unordered(LOOKUPS)
			.try_collect()
			.await?;
		Ok(found
			.into_iter()
			.filter_map(|(id, machine)| Some((id, machine?.profile.kind)))
			.collect())
	}

	/// Whether the payee is another machine that takes payments, or an account.
	///
	/// # Errors
	/// [`PayError::SelfPayment`], [`PayError::UnknownPayee`].
	pub async fn check_payee(&self, payee: &Payee<AccountId>) -> Result<(), PayError> {
		let Payee::Machine(payee) = normal_form(payee.clone()) else { return Ok(()) };
		if payee == self.machine.id {
			return Err(PayError::SelfPayment(payee));
		}
		let known = self.network.machine(payee).await?;
		if known.is_none_or(|payee| payee.status == MachineStatus::Retired) {
			return Err(PayError::UnknownPayee(payee));
		}
		Ok(())
	}

	/// Whether the machine holds `needed`.
	///
	/// # Errors
	/// [`PayError::OutOfUsdt`].
	pub async fn check_funds(&self, needed: Usdt) -> Result<(), PayError> {
		let machine = self.machine.id;
		let address = AccountId::from(machine_account(machine));
		let (_, balances) = self.network.balances(&[address]).await?;
		let available = balances.first().map_or_else(Usdt::default, |balances| balances.usdt);
		if available < needed {
			return Err(PayError::OutOfUsdt { machine, address, available, needed });
		}
		Ok(())
	}

	/// Signs, records, sends and waits; or takes up what the journal says was signed before.
	async fn execute(
		&self,
		part: usize,
		digest: H256,
		call: &Call,
		mut journal: Option<&mut Journal>,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<(SignedCall, Inclusion), PayError> {
		let before = match &journal {
			Some(journal) => journal.signed(part, digest)?.cloned(),
			None => None,
		};
		if let Some(signed) = before {
			progress(Progress::Signed { hash: signed.hash });
			match resume(self.network, &signed, &self.patience, progress).await {
				Ok(inclusion) if inclusion.result.is_ok() => return Ok((signed, inclusion)),
				// Provably paid nothing: the only cases in which another one may be signed.
				Ok(_) | Err(SettleError::Expired { .. } | SettleError::Superseded { .. }) => {},
				Err(error) => return Err(error.into()),
			}
		}
		let signed = self.network.sign(call, self.key, None).await?;
		// What is refused here was never sent, so the journal need not know of it.
		self.network.validate(&signed).await?.map_err(SettleError::Refused)?;
		if let Some(journal) = journal.as_mut() {
			journal.record(part, digest, &signed)?;
		}
		progress(Progress::Signed { hash: signed.hash });
		let inclusion = send(self.network, &signed, &self.patience, progress).await?;
		Ok((signed, inclusion))
	}

	fn receipt(&self, signed: &SignedCall, inclusion: Inclusion) -> Result<Receipt, PayError> {
		let Inclusion { block, fee, usdt_fee, result, .. } = inclusion;
		result.map_err(|failure| PayError::Failed { block, fee, failure })?;
		Ok(Receipt {
			machine: self.machine.id,
			transaction: signed.hash,
			block,
			fee,
			usdt_fee,
			paid: 0,
			total: Usdt::default(),
			failed: Vec::new(),
		})
	}
}
