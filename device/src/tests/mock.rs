//! A chain in memory: it finalizes a block every other millisecond, and every attempt to send a
//! transaction meets the next fate of a script.

use std::{
	collections::{BTreeMap, VecDeque},
	sync::{Arc, Mutex, MutexGuard},
	time::Duration,
};

use codec::Encode;
use dam_primitives::{
	machine_account, MachineId, MachineInfo, MachineProfile, MachineStatus, QuotaInfo,
};
use futures::{
	stream::{self, BoxStream},
	StreamExt,
};
use subxt::{
	config::{substrate::BlakeTwo256, Hasher},
	utils::H256,
};

use crate::{
	chain::{
		Balances, Block, Broadcast, Call, ChainError, ChainEvent, DispatchFailure, Inclusion,
		Network, Refusal, SignedCall,
	},
	keys::Key,
	AccountId, Dam, Usdt,
};

/// Time between two finalized blocks.
const SLOT: Duration = Duration::from_millis(2);

/// What becomes of one attempt to send.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fate {
	/// Sent, and included so many blocks later.
	Included(u32),
	/// Sent, then dropped; included so many blocks later all the same, if at all.
	Dropped(Option<u32>),
	/// The light client finds it invalid and sends nothing.
	Invalid,
	/// The request to send is not answered; perhaps it arrived, and is included later.
	Unanswered(Option<u32>),
	/// Sent, and nothing is heard again.
	Lost,
}

#[derive(Default)]
pub(super) struct State {
	pub(super) head: u32,
	pub(super) machines: BTreeMap<MachineId, MachineInfo<AccountId>>,
	pub(super) usdt: BTreeMap<AccountId, u128>,
	pub(super) nonces: BTreeMap<AccountId, u32>,
	/// The next fates; [`Fate::Included`] in the next block when there are none left.
	pub(super) script: VecDeque<Fate>,
	/// What the runtime says to the next validations; valid when there are none left.
	pub(super) validations: VecDeque<Result<(), Refusal>>,
	/// So many of the next searches and blocks fail for reasons of the network.
	pub(super) outages: u32,
	/// What the next inclusions say of their calls; success when there are none left.
	pub(super) failures: VecDeque<Option<DispatchFailure>>,
	/// Events of the next inclusion.
	pub(super) events: Vec<ChainEvent>,
	/// Transactions on their way: block from which on they are included.
	pending: Vec<(u32, SignedCall)>,
	/// What was included, and where.
	pub(super) included: Vec<(u32, H256)>,
	/// Hashes of every transaction that was signed.
	pub(super) signed: Vec<H256>,
	/// Hashes of everything that was sent, in order.
	pub(super) sent: Vec<H256>,
	/// How long a transaction lives, in blocks.
	pub(super) mortality: u32,
}

/// The chain.
#[derive(Clone)]
pub(super) struct Mock(Arc<Mutex<State>>);

impl Mock {
	/// A chain with machines 0 and 1; machine 0 belongs to `key` and holds 10 USDT.
	pub(super) fn new(key: &Key) -> Self {
		let mut state = State { head: 100, mortality: 64, ..State::default() };
		state.machines.insert(0, machine(0, key, MachineStatus::Active));
		let (other, _) = Key::generate(crate::Scheme::Sr25519);
		state.machines.insert(1, machine(1, &other, MachineStatus::Active));
		state.usdt.insert(AccountId::from(machine_account(0)), 10_000_000);
		Self(Arc::new(Mutex::new(state)))
	}

	pub(super) fn state(&self) -> MutexGuard<'_, State> {
		self.0.lock().unwrap()
	}

	/// Everything on its way arrives and is included, and a block passes.
	pub(super) fn advance(&self, blocks: u32) {
		for _ in 0..blocks {
			self.state().next_block();
		}
	}
}

fn machine(id: MachineId, key: &Key, status: MachineStatus) -> MachineInfo<AccountId> {
	MachineInfo {
		id,
		owner: AccountId::from([7; 32]),
		account: AccountId::from(machine_account(id)),
		key: key.public(),
		key_account: key.account(),
		status,
		profile: MachineProfile::default(),
		registered_at: 1,
		updated_at: 1,
		deposit: 0,
	}
}

fn block(number: u32) -> Block {
	Block { number, hash: BlakeTwo256.hash(&number.encode()) }
}

fn unreachable_network() -> ChainError {
	ChainError::Request { what: "the mock", why: "outage".into() }
}

impl State {
	/// The rules that a real chain has: a nonce is used once, and nothing is included after its
	/// last block.
	fn next_block(&mut self) {
		self.head += 1;
		let (due, later): (Vec<_>, Vec<_>) =
			self.pending.drain(..).partition(|(from, _)| *from <= self.head);
		self.pending = later;
		for (_, call) in due {
			let nonce = self.nonces.entry(call.signer).or_default();
			if u64::from(*nonce) == call.nonce && self.head <= call.last_block {
				*nonce += 1;
				self.included.push((self.head, call.hash));
			}
		}
	}
}

impl Network for Mock {
	fn genesis(&self) -> H256 {
		H256([1; 32])
	}

	async fn finalized(&self) -> Result<Block, ChainError> {
		Ok(block(self.state().head))
	}

	async fn longest_statement(&self) -> Result<u32, ChainError> {
		Ok(1_000)
	}

	async fn machine(&self, id: MachineId) -> Result<Option<MachineInfo<AccountId>>, ChainError> {
		Ok(self.state().machines.get(&id).cloned())
	}

	async fn machine_of(&self, account: AccountId) -> Result<Option<MachineId>, ChainError> {
		let state = self.state();
		let found = state.machines.values().find(|machine| machine.key_account == account);
		Ok(found.map(|machine| machine.id))
	}

	async fn quota(&self, _: MachineId) -> Result<Option<QuotaInfo>, ChainError> {
		Ok(None)
	}

	async fn balances(&self, accounts: &[AccountId]) -> Result<(Block, Vec<Balances>), ChainError> {
		let state = self.state();
		let balances = accounts.iter().map(|account| Balances {
			usdt: Usdt::from_units(state.usdt.get(account).copied().unwrap_or_default()),
			dam: Dam::default(),
			nonce: state.nonces.get(account).copied().unwrap_or_default(),
		});
		Ok((block(state.head), balances.collect()))
	}

	async fn sign(
		&self,
		call: &Call,
		key: &Key,
		nonce: Option<u64>,
	) -> Result<SignedCall, ChainError> {
		let mut state = self.state();
		let signer = key.account();
		let nonce =
			nonce.unwrap_or_else(|| state.nonces.get(&signer).copied().unwrap_or_default().into());
		// As on a real chain the bytes depend on call, nonce and block.
		let bytes = (format!("{call:?}"), nonce, state.head).encode();
		let hash = BlakeTwo256.hash(&bytes);
		state.signed.push(hash);
		Ok(SignedCall {
			bytes,
			hash,
			genesis: self.genesis(),
			signer,
			nonce,
			birth: block(state.head),
			last_block: state.head + state.mortality - 1,
		})
	}

	async fn validate(&self, _: &SignedCall) -> Result<Result<(), Refusal>, ChainError> {
		Ok(self.state().validations.pop_front().unwrap_or(Ok(())))
	}

	async fn broadcast(
		&self,
		call: &SignedCall,
	) -> Result<BoxStream<'static, Broadcast>, ChainError> {
		let mut state = self.state();
		state.sent.push(call.hash);
		let fate = state.script.pop_front().unwrap_or(Fate::Included(1));
		let (included, events, answered) = match fate {
			Fate::Included(blocks) => (Some(blocks), vec![Broadcast::Sent], true),
			Fate::Dropped(blocks) => {
				(blocks, vec![Broadcast::Sent, Broadcast::Dropped("gap".into())], true)
			},
			Fate::Invalid => (None, vec![Broadcast::Invalid("invalid".into())], true),
			Fate::Unanswered(blocks) => (blocks, vec![], false),
			Fate::Lost => (None, vec![Broadcast::Sent], true),
		};
		if let Some(blocks) = included {
			let from = state.head + blocks;
			state.pending.push((from, call.clone()));
		}
		if !answered {
			return Err(unreachable_network());
		}
		let ends = !matches!(fate, Fate::Lost | Fate::Included(_));
		let events = stream::iter(events);
		Ok(if ends { events.boxed() } else { events.chain(stream::pending()).boxed() })
	}

	fn finalized_after(&self, after: Block) -> BoxStream<'static, Result<Block, ChainError>> {
		let mock = self.clone();
		stream::unfold(after.number, move |last| {
			let mock = mock.clone();
			async move {
				if mock.state().head <= last {
					tokio::time::sleep(SLOT).await;
					mock.state().next_block();
				}
				let mut state = mock.state();
				if state.outages > 0 {
					state.outages -= 1;
					return Some((Err(unreachable_network()), last));
				}
				Some((Ok(block(last + 1)), last + 1))
			}
		})
		.boxed()
	}

	async fn find(&self, call: &SignedCall, block: Block) -> Result<Option<Inclusion>, ChainError> {
		let mut state = self.state();
		if state.outages > 0 {
			state.outages -= 1;
			return Err(unreachable_network());
		}
		if !state.included.contains(&(block.number, call.hash)) {
			return Ok(None);
		}
		Ok(Some(Inclusion {
			block,
			index: 2,
			fee: Dam::default(),
			result: state.failures.pop_front().flatten().map_or(Ok(()), Err),
			events: std::mem::take(&mut state.events),
		}))
	}
}
