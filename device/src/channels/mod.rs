//! Payment channels: opened, watched, claimed and closed on chain, and paid through off chain.
//!
//! * [`Channels`] sends what payers and payees send: it needs a key and a network.
//! * [`LightChain`] shows a payee's acceptor the chain by storage proofs and sends its claims;
//!   [`Keeper`] makes it do so every few seconds.
//! * [`service`] takes payments over TCP, [`Session`] makes them; [`wire`] is what they say.
//! * [`CloseConsent`] carries a payee's agreement to close from one to the other.
//!
//! What is signed, accepted and kept between two transactions is the crate `dam-payments`.

mod consent;
mod error;
mod keeper;
mod light_chain;
pub mod service;
mod session;
pub mod wire;

pub use consent::{CloseConsent, ConsentError};
pub use error::ChannelError;
pub use keeper::{Keeper, LookUps, Tended};
pub(crate) use light_chain::raw;
pub use light_chain::{look, ClaimFate, Claimed, LightChain, SubmitError};
pub use session::{Paid, Session, SessionError};

use dam_payments::Signer;
use dam_primitives::{
	channel::{FailedClaim, MAX_CLAIMS},
	ChannelId, Lock, MachineId, Payee, PublicKey, RevealedLink, Signature, SignedVoucher, Terms,
};

use crate::{
	amount::Usdt,
	chain::{Call, ChainEvent, ChannelCall, Network, ProvenChannel},
	keys::Key,
	party::told,
	payee::describe_payee,
	payments::Payer,
	settle::{Patience, Progress},
	transact::{Actor, Done},
	AccountId,
};

/// What a transaction is asked about.
const WHAT: &str = "what became of the channel";

impl Signer for Key {
	fn public(&self) -> PublicKey {
		Self::public(self)
	}

	fn sign(&self, message: &[u8]) -> Signature {
		Self::sign(self, message)
	}
}

/// What came of a batch of claims.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settled {
	/// How many were settled.
	pub settled: u32,
	/// How much in all.
	pub total: Usdt,
	/// Which were not, and why.
	pub failed: Vec<FailedClaim>,
}

/// What came of a channel in the end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Closed {
	/// What the payee got in all.
	pub settled: Usdt,
	/// What went back to the payer, without the storage deposit.
	pub returned: Usdt,
}

/// What is done with channels on chain: a key, a network, and the patience to wait.
#[derive(Debug)]
pub struct Channels<'a, N> {
	actor: Actor<'a, N>,
	patience: Patience,
}

impl<'a, N: Network> Channels<'a, N> {
	/// The channels on that network, as the holder of a key sees them.
	pub fn new(network: &'a N, key: &'a Key, patience: Patience) -> Self {
		Self { actor: Actor::new(network, key, patience.clone()), patience }
	}

	/// Opens a channel from the machine whose payment key signs, and tells its number. The deposit and
	/// the storage deposit leave the machine's wallet.
	///
	/// # Errors
	/// What the chain would refuse is refused before anything is signed: [`ChannelError::Pay`] for what
	/// would keep the machine from paying the deposit to the payee, [`ChannelError::Grace`],
	/// [`ChannelError::NoLinks`], [`ChannelError::WorthLess`].
	pub async fn open(
		&self,
		payee: &Payee<AccountId>,
		deposit: Usdt,
		terms: Terms,
		grace: u32,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<(Done, ChannelId), ChannelError> {
		let limits = self.actor.network.limits().await?;
		let (least, most) = (limits.least_grace, limits.most_grace);
		if !(least..=most).contains(&grace) {
			return Err(ChannelError::Grace { grace, least, most });
		}
		check_terms(deposit, &terms)?;
		self.check_lock(payee, deposit, limits.channel_deposit).await?;
		let payee = payee.clone();
		let call = Call::Channel(ChannelCall::Open { payee, deposit, terms, grace });
		let (done, events) = self.actor.transact(&call, progress).await?;
		let opened = told(WHAT, events, |event| match event {
			ChainEvent::ChannelOpened { channel, .. } => Some(channel),
			_ => None,
		});
		Ok((done, opened?))
	}

	/// Pays more into a channel, by the payer's payment key, and tells what was paid in so far.
	///
	/// # Errors
	/// [`ChannelError::Unknown`], [`ChannelError::Closing`], [`ChannelError::NotPayer`],
	/// [`ChannelError::WorthLess`], [`ChannelError::Pay`].
	pub async fn top_up(
		&self,
		id: ChannelId,
		amount: Usdt,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<(Done, Usdt), ChannelError> {
		let ProvenChannel { channel, .. } = self.existing(id).await?;
		if channel.closing.is_some() {
			return Err(ChannelError::Closing(id));
		}
		let deposit = Usdt::from_units(channel.deposit);
		let deposit = deposit.checked_add(amount).ok_or(ChannelError::Overflow)?;
		if let Lock::HashChain { link, length, unit, .. } = channel.lock {
			check_terms(deposit, &Terms::HashChain { root: link, length, unit })?;
		}
		let payer = self.check_lock(&channel.payee, amount, Usdt::default()).await?;
		if payer != channel.payer {
			return Err(ChannelError::NotPayer { channel: id, payer: channel.payer });
		}
		let call = Call::Channel(ChannelCall::TopUp { channel: id, amount });
		Ok((self.actor.simple(&call, progress).await?, deposit))
	}

	/// Settles vouchers of any channels, at most [`MAX_CLAIMS`]. By anybody.
	///
	/// # Errors
	/// [`ChannelError::TooManyClaims`], [`ChannelError::Transact`].
	pub async fn claim_batch(
		&self,
		vouchers: Vec<SignedVoucher>,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<(Done, Settled), ChannelError> {
		if vouchers.len() > MAX_CLAIMS as usize {
			return Err(ChannelError::TooManyClaims(vouchers.len()));
		}
		let call = Call::Channel(ChannelCall::ClaimBatch(vouchers));
		let (done, events) = self.actor.transact(&call, progress).await?;
		let settled = told(WHAT, events, |event| match event {
			ChainEvent::VouchersClaimed { settled, total, failed } => {
				Some(Settled { settled, total, failed })
			},
			_ => None,
		});
		Ok((done, settled?))
	}

	/// Settles a link of a hash chain and tells what that paid. By anybody.
	///
	/// # Errors
	/// [`ChannelError::Transact`].
	pub async fn claim_links(
		&self,
		revealed: RevealedLink,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<(Done, Usdt), ChannelError> {
		let call = Call::Channel(ChannelCall::ClaimLinks(revealed));
		let (done, events) = self.actor.transact(&call, progress).await?;
		let amount = told(WHAT, events, |event| match event {
			ChainEvent::ChannelClaimed { amount, .. } => Some(amount),
			_ => None,
		});
		Ok((done, amount?))
	}

	/// Closes a channel at once, by its payee: what is open goes back to the payer. What is owed must
	/// have been claimed before.
	///
	/// # Errors
	/// [`ChannelError::Unknown`], [`ChannelError::NotPayee`], [`ChannelError::Transact`].
	pub async fn close(
		&self,
		id: ChannelId,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<(Done, Closed), ChannelError> {
		let payee = self.existing(id).await?.channel.payee;
		if !self.actor.is_payee(&payee).await? {
			return Err(ChannelError::NotPayee { channel: id, payee: describe_payee(&payee) });
		}
		self.end(ChannelCall::Close(id), progress).await
	}

	/// Asks to close a channel, by its payer, and tells the last block in which claims are taken.
	///
	/// # Errors
	/// [`ChannelError::Unknown`], [`ChannelError::NotPayer`], [`ChannelError::AlreadyClosing`],
	/// [`ChannelError::Transact`].
	pub async fn request_close(
		&self,
		id: ChannelId,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<(Done, u32), ChannelError> {
		let found = self.existing(id).await?.channel;
		self.check_payer(id, found.payer).await?;
		if let Some(last_block) = found.closing {
			return Err(ChannelError::AlreadyClosing { channel: id, last_block });
		}
		let call = Call::Channel(ChannelCall::RequestClose(id));
		let (done, events) = self.actor.transact(&call, progress).await?;
		let last_block = told(WHAT, events, |event| match event {
			ChainEvent::ChannelCloseRequested { last_block, .. } => Some(last_block),
			_ => None,
		});
		Ok((done, last_block?))
	}

	/// Closes a channel at once, by its payer, with the payee's consent.
	///
	/// # Errors
	/// [`ChannelError::Consent`] if it is of another chain, is not signed by its key, or is outdated,
	/// [`ChannelError::Unknown`], [`ChannelError::NotPayer`], [`ChannelError::Transact`].
	pub async fn close_agreed(
		&self,
		consent: &CloseConsent,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<(Done, Closed), ChannelError> {
		consent.check(self.actor.network.genesis())?;
		let CloseConsent { channel: id, settled, key, signature, .. } = *consent;
		let found = self.existing(id).await?.channel;
		self.check_payer(id, found.payer).await?;
		let (least, most) = (Usdt::from_units(found.settled), Usdt::from_units(found.deposit));
		if !(least..=most).contains(&settled) {
			return Err(ConsentError::Outdated { channel: id, settled, least, most }.into());
		}
		let call = ChannelCall::CloseAgreed { channel: id, settled, key, signature };
		self.end(call, progress).await
	}

	/// Removes a channel whose grace period is over; what is open goes back to the payer. By anybody.
	///
	/// # Errors
	/// [`ChannelError::Unknown`], [`ChannelError::NotClosing`], [`ChannelError::GraceRuns`],
	/// [`ChannelError::Transact`].
	pub async fn sweep(
		&self,
		id: ChannelId,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<(Done, Closed), ChannelError> {
		let closing = self.existing(id).await?.channel.closing;
		let last_block = closing.ok_or(ChannelError::NotClosing(id))?;
		if self.actor.next_block().await? <= last_block {
			return Err(ChannelError::GraceRuns { channel: id, last_block });
		}
		self.end(ChannelCall::Sweep(id), progress).await
	}

	/// The channel as it is proven to stand in the latest finalized block.
	///
	/// # Errors
	/// [`ChannelError::Unknown`], [`ChannelError::Transact`].
	pub async fn existing(&self, id: ChannelId) -> Result<ProvenChannel, ChannelError> {
		let mut found = self.actor.network.channels(&[id]).await?;
		found.channels.pop().flatten().ok_or(ChannelError::Unknown(id))
	}

	/// Whether the signer's machine could put `amount` into escrow for the payee, with a storage
	/// deposit on top; which machine that is.
	async fn check_lock(
		&self,
		payee: &Payee<AccountId>,
		amount: Usdt,
		storage: Usdt,
	) -> Result<MachineId, ChannelError> {
		let Actor { network, key, .. } = self.actor;
		let payer = Payer::new(network, key, self.patience.clone()).await?;
		payer.check_lock(payee, amount, storage).await?;
		Ok(payer.machine().id)
	}

	async fn check_payer(&self, channel: ChannelId, payer: MachineId) -> Result<(), ChannelError> {
		match self.actor.is_payer(payer).await? {
			true => Ok(()),
			false => Err(ChannelError::NotPayer { channel, payer }),
		}
	}

	/// Sends a call that ends a channel.
	async fn end(
		&self,
		call: ChannelCall,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<(Done, Closed), ChannelError> {
		let (done, events) = self.actor.transact(&Call::Channel(call), progress).await?;
		let closed = told(WHAT, events, |event| match event {
			ChainEvent::ChannelClosed { settled, returned, .. } => {
				Some(Closed { settled, returned })
			},
			_ => None,
		});
		Ok((done, closed?))
	}
}

/// Whether a channel with these terms can take such a deposit.
fn check_terms(deposit: Usdt, terms: &Terms) -> Result<(), ChannelError> {
	let Terms::HashChain { length, unit, .. } = terms else { return Ok(()) };
	if *length == 0 || *unit == 0 {
		return Err(ChannelError::NoLinks);
	}
	let worth = unit.checked_mul((*length).into()).ok_or(ChannelError::Overflow)?;
	if deposit.units() > worth {
		let worth = Usdt::from_units(worth);
		return Err(ChannelError::WorthLess { deposit, worth });
	}
	Ok(())
}
