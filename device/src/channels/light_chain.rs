//! The chain as a payee's acceptor sees it: proven states in, claims out.

use std::{
	collections::BTreeMap,
	sync::{
		atomic::{AtomicBool, Ordering},
		Mutex, MutexGuard, PoisonError,
	},
	time::Duration,
};

use dam_payments::{Chain, ChannelState, ClaimBatch, Claims, Proven, Seen, SeenBlock};
use dam_primitives::{Channel, ChannelId, Payee};
use subxt::utils::H256;
use thiserror::Error;
use tokio::{sync::mpsc, task::JoinHandle};

use super::Settled;
use crate::{
	amount::Usdt,
	chain::{
		Block, Call, ChainError, ChainEvent, ChannelCall, DispatchFailure, Network, ProvenChannel,
		Refusal, SignedCall,
	},
	keys::Key,
	settle::{send, Patience, SettleError},
	AccountId, Dam,
};

/// How long a block takes.
pub(super) const BLOCK_TIME: Duration = Duration::from_secs(1);
/// Fewer blocks than this are not worth a transaction: the shortest that there is.
const LEAST_BLOCKS: u32 = 4;
/// How long the preparation of a transaction may take. Whoever is cut off would wait for each of its
/// requests otherwise, and look at nothing else.
const PREPARATION: Duration = Duration::from_secs(20);
/// How much longer than its transaction lives its fate is waited for.
const SLACK: Duration = Duration::from_secs(30);

/// Why a batch of claims was not sent.
#[derive(Debug, Error)]
pub enum SubmitError {
	/// The chain could not be asked.
	#[error(transparent)]
	Chain(#[from] ChainError),
	/// It was not seen when it was last looked at, or takes too long to answer. Nothing was sent.
	#[error("the chain is out of reach: claims are sent when it is seen again")]
	OutOfReach,
	/// The runtime refuses the transaction.
	#[error("claims are refused: {0}")]
	Refused(#[from] Refusal),
	/// Its transaction would outlive it.
	#[error("it is too late for this batch: it is made again after block {until}")]
	TooLate {
		/// Last block of the batch.
		until: u32,
	},
}

/// What became of a transaction with claims.
#[derive(Debug)]
pub enum ClaimFate {
	/// Final, and settled as far as it says.
	Final {
		/// Where.
		block: Block,
		/// The fee that was paid.
		fee: Dam,
		/// What was settled.
		settled: Settled,
	},
	/// Final, but the chain did nothing.
	Failed {
		/// Where.
		block: Block,
		/// Why.
		failure: DispatchFailure,
	},
	/// Not final. The claims are made again, unless finalized states show that they settled.
	Open(SettleError),
}

/// A transaction with claims whose fate is known.
#[derive(Debug)]
pub struct Claimed {
	/// Number of the batch.
	pub batch: u64,
	/// Hash of the transaction.
	pub transaction: H256,
	/// What became of it.
	pub fate: ClaimFate,
}

/// Looks at the chain and sends claims, signed by one key. Must be used within a tokio runtime.
///
/// Claims are sent in the background until they are final or can never be; their fates come out of
/// the receiver that [`Self::new`] gives. Whoever has the receiver no more only stops hearing.
#[derive(Debug)]
pub struct LightChain<'a, N> {
	network: N,
	key: &'a Key,
	sent: Mutex<Sent>,
	fates: mpsc::UnboundedSender<Claimed>,
	/// Whether the chain was seen when it was last looked at.
	seen: AtomicBool,
}

/// What was sent and may still be included.
#[derive(Debug, Default)]
struct Sent {
	/// Last blocks of the batches that were sent, by their numbers.
	batches: BTreeMap<u64, u32>,
	/// Last blocks of the transactions that were signed, by their nonces.
	nonces: BTreeMap<u64, u32>,
	tasks: Vec<JoinHandle<()>>,
}

impl<'a, N: Network + Clone + 'static> LightChain<'a, N> {
	/// Claims with `key`, which need not be the payee's: the money goes to the payee only. A machine's
	/// key claims without a fee.
	pub fn new(network: N, key: &'a Key) -> (Self, mpsc::UnboundedReceiver<Claimed>) {
		let (fates, receiver) = mpsc::unbounded_channel();
		let chain =
			Self { network, key, sent: Mutex::default(), fates, seen: AtomicBool::new(true) };
		(chain, receiver)
	}

	/// The network.
	pub const fn network(&self) -> &N {
		&self.network
	}

	/// Whether this batch was sent from here.
	pub fn has_sent(&self, batch: &ClaimBatch) -> bool {
		self.sent().batches.contains_key(&batch.number)
	}

	/// How many transactions are under way.
	pub fn under_way(&self) -> usize {
		let mut sent = self.sent();
		sent.tasks.retain(|task| !task.is_finished());
		sent.tasks.len()
	}

	fn sent(&self) -> MutexGuard<'_, Sent> {
		// Whatever a thread died over, the maps are whole.
		self.sent.lock().unwrap_or_else(PoisonError::into_inner)
	}

	/// The first nonce that no transaction has which may still be included, as far as is known here.
	///
	/// After an earlier transaction has died its nonce is taken again, so that those after it do not
	/// wait for it for ever.
	fn next_nonce(&self, unused: u64, finalized: u32) -> u64 {
		let mut sent = self.sent();
		sent.nonces.retain(|nonce, last_block| *nonce >= unused && *last_block > finalized);
		sent.batches.retain(|_, last_block| *last_block > finalized);
		(unused..).find(|nonce| !sent.nonces.contains_key(nonce)).unwrap_or(unused)
	}

	/// Signs a call so that it cannot be included after block `until`, and has it checked.
	async fn sign(&self, call: &Call, until: u32) -> Result<SignedCall, SubmitError> {
		let account = [self.key.account()];
		let (at, balances) = self.network.balances(&account).await?;
		let unused = balances.first().map_or(0, |balances| u64::from(balances.nonce));
		let nonce = self.next_nonce(unused, at.number);
		// Not counted from `at`: the transaction is born in a later block, if another one is final by
		// now.
		let born = self.network.finalized().await?.number;
		let blocks = until.saturating_sub(born);
		if blocks < LEAST_BLOCKS {
			return Err(SubmitError::TooLate { until });
		}
		let signed = self.network.sign_within(call, self.key, Some(nonce), blocks).await?;
		if signed.last_block > until {
			return Err(SubmitError::TooLate { until });
		}
		self.network.validate(&signed).await??;
		self.sent().nonces.insert(signed.nonce, signed.last_block);
		Ok(signed)
	}

	/// Sends a transaction until its fate is known.
	fn spawn(&self, batch: u64, signed: SignedCall) {
		let (network, fates) = (self.network.clone(), self.fates.clone());
		let blocks = signed.last_block.saturating_sub(signed.birth.number);
		let deadline = BLOCK_TIME.saturating_mul(blocks).saturating_add(SLACK);
		let patience = Patience { deadline, resends: u32::MAX, ..Patience::default() };
		let task = tokio::spawn(async move {
			let result = send(&network, &signed, &patience, &mut |step| {
				log::debug!("claims of batch {batch}: {step:?}");
			})
			.await;
			let fate = match result {
				Ok(inclusion) => match inclusion.result {
					Ok(()) => ClaimFate::Final {
						block: inclusion.block,
						fee: inclusion.fee,
						settled: settled(inclusion.events),
					},
					Err(failure) => ClaimFate::Failed { block: inclusion.block, failure },
				},
				Err(error) => ClaimFate::Open(error),
			};
			// Nobody need listen.
			let _ = fates.send(Claimed { batch, transaction: signed.hash, fate });
		});
		self.sent().tasks.push(task);
	}
}

/// What events say of claims, of whatever kind.
fn settled(events: Vec<ChainEvent>) -> Settled {
	let nothing = Settled { settled: 0, total: Usdt::default(), failed: Vec::new() };
	events
		.into_iter()
		.find_map(|event| match event {
			ChainEvent::VouchersClaimed { settled, total, failed } => {
				Some(Settled { settled, total, failed })
			},
			ChainEvent::ChannelClaimed { amount, .. } => {
				Some(Settled { settled: 1, total: amount, failed: Vec::new() })
			},
			_ => None,
		})
		.unwrap_or(nothing)
}

impl<N: Network + Clone + 'static> Chain for LightChain<'_, N> {
	type Error = SubmitError;

	async fn look(&self, channels: &[ChannelId]) -> Result<Seen, Self::Error> {
		let found = look(&self.network, channels).await;
		self.seen.store(found.is_ok(), Ordering::SeqCst);
		Ok(found?)
	}

	async fn submit(&self, batch: &ClaimBatch) -> Result<(), Self::Error> {
		let calls = match &batch.claims {
			Claims::Vouchers(vouchers) => vec![ChannelCall::ClaimBatch(vouchers.clone())],
			Claims::Links(links) => links.iter().copied().map(ChannelCall::ClaimLinks).collect(),
		};
		if !self.seen.load(Ordering::SeqCst) {
			return Err(SubmitError::OutOfReach);
		}
		for call in calls {
			let call = Call::Channel(call);
			let signed = tokio::time::timeout(PREPARATION, self.sign(&call, batch.until)).await;
			let signed = signed.map_err(|_| SubmitError::OutOfReach)??;
			self.spawn(batch.number, signed);
		}
		self.sent().batches.insert(batch.number, batch.until);
		Ok(())
	}
}

/// Claims stop being sent with whoever sends them: they are on disk, and made again.
impl<N> Drop for LightChain<'_, N> {
	fn drop(&mut self) {
		let sent = self.sent.get_mut().unwrap_or_else(PoisonError::into_inner);
		for task in &sent.tasks {
			task.abort();
		}
	}
}

/// The latest finalized block, and what it is proven to have of each of `channels`, as payers and
/// payees take it.
///
/// # Errors
/// [`ChainError`].
pub async fn look<N: Network>(network: &N, channels: &[ChannelId]) -> Result<Seen, ChainError> {
	let found = network.channels(channels).await?;
	let (at, built_at) = (found.block.number, found.built_at);
	let proven = found.channels.into_iter().map(|found| match found {
		Some(found) => Proven::Exists(state(found, at)),
		None => Proven::Missing { at },
	});
	let channels = channels.iter().copied().zip(proven).collect();
	Ok(Seen { block: SeenBlock { number: at, built_at }, channels })
}

fn state(found: ProvenChannel, at: u32) -> ChannelState {
	let ProvenChannel { channel, signer_until } = found;
	let Channel { payer, payee, deposit, settled, lock, grace, closing, storage_deposit } = channel;
	let payee = raw(&payee);
	let channel = Channel { payer, payee, deposit, settled, lock, grace, closing, storage_deposit };
	ChannelState { channel, signer_until, at }
}

/// A payee as what is signed and kept off chain names it.
pub(crate) fn raw(payee: &Payee<AccountId>) -> Payee<[u8; 32]> {
	match payee {
		Payee::Machine(machine) => Payee::Machine(*machine),
		Payee::Account(account) => Payee::Account(account.0),
	}
}
