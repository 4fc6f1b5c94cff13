//! A chain in memory: it finalizes a block every other millisecond, and every attempt to send a
//! transaction meets the next fate of a script.

use std::{
	collections::{BTreeMap, VecDeque},
	sync::{Arc, Mutex, MutexGuard},
	time::{Duration, SystemTime},
};

use codec::Encode;
use dam_primitives::{
	machine_account, AttestationInfo, ChannelId, ClaimType, KeyInfo, KeyRights, MachineId,
	MachineInfo, MachineProfile, MachineStatus, Mandate, MandateId, NonceWindow, Order, OrderId,
	PolicyInfo, QuotaInfo, ServiceId, ServiceInfo, ServiceKind, Stream, StreamId, Subject,
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
		Accreditation, Balances, Block, Broadcast, Call, ChainError, ChainEvent, DispatchFailure,
		Inclusion, Limits, MachineAndServices, Network, ProvenChannel, ProvenChannels, Recovery,
		Refusal, SignedCall,
	},
	keys::Key,
	settle::Patience,
	AccountId, Dam, Scheme, Usdt,
};

/// The owner of every machine, unless a test says otherwise.
pub(super) const OWNER: AccountId = AccountId([7; 32]);
/// The bounds and deposits of the chain.
pub(super) const LIMITS: Limits = Limits {
	statement: 1_000,
	offer: 500,
	approval: 400,
	attestation: 5_000,
	rotation_interval: 50,
	friends: 4,
	machine_deposit: Dam::from_units(2_000),
	key_deposit: Dam::from_units(100),
	attestation_deposit: Dam::from_units(10),
	recovery_deposit: Dam::from_units(500),
	bond: Dam::from_units(50),
	channel_deposit: Usdt::from_units(100_000),
	least_grace: 3_600,
	most_grace: 100_000,
	stream_deposit: Usdt::from_units(100_000),
	mandate_deposit: Usdt::from_units(100_000),
	mandate: 2_000,
	order_deposit: Usdt::from_units(100_000),
	order_phase: 300,
};

/// Long enough for the mock, which is fast.
pub(super) fn patience() -> Patience {
	Patience { deadline: Duration::from_secs(10), resends: 10, backoff: Duration::from_millis(1) }
}

/// The same key for the same number.
pub(super) fn key(number: u8) -> Key {
	Key::from_seed(Scheme::Ed25519, &[number; 32]).unwrap()
}

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
	/// Keys that act no more.
	pub(super) past_keys: Vec<KeyInfo<AccountId>>,
	pub(super) policies: BTreeMap<MachineId, PolicyInfo<AccountId>>,
	pub(super) services: Vec<ServiceInfo>,
	pub(super) attestations: Vec<(Subject<AccountId>, AttestationInfo<AccountId>)>,
	pub(super) accreditations: BTreeMap<(ClaimType, AccountId), Accreditation>,
	pub(super) recoveries: BTreeMap<AccountId, Recovery>,
	pub(super) channels: BTreeMap<ChannelId, ProvenChannel>,
	pub(super) streams: BTreeMap<StreamId, Stream<AccountId>>,
	pub(super) mandates: BTreeMap<MandateId, Mandate<AccountId>>,
	pub(super) orders: BTreeMap<OrderId, Order<AccountId>>,
	pub(super) windows: BTreeMap<MachineId, NonceWindow>,
	pub(super) usdt: BTreeMap<AccountId, u128>,
	pub(super) dam: BTreeMap<AccountId, u128>,
	pub(super) nonces: BTreeMap<AccountId, u32>,
	/// The next fates; [`Fate::Included`] in the next block when there are none left.
	pub(super) script: VecDeque<Fate>,
	/// What the runtime says to the next validations; valid when there are none left.
	pub(super) validations: VecDeque<Result<(), Refusal>>,
	/// So many of the next searches and blocks fail for reasons of the network.
	pub(super) outages: u32,
	/// What the next inclusions say of their calls; success when there are none left.
	pub(super) failures: VecDeque<Option<DispatchFailure>>,
	/// Events of the next inclusions: all at once, unless [`Self::later_events`] has some.
	pub(super) events: Vec<ChainEvent>,
	/// Events of the inclusions after the next one.
	pub(super) later_events: VecDeque<Vec<ChainEvent>>,
	/// Transactions on their way: block from which on they are included.
	pending: Vec<(u32, SignedCall)>,
	/// What was included, and where.
	pub(super) included: Vec<(u32, H256)>,
	/// Hashes of every transaction that was signed.
	pub(super) signed: Vec<H256>,
	/// What was signed.
	pub(super) calls: Vec<Call>,
	/// Hashes of everything that was sent, in order.
	pub(super) sent: Vec<H256>,
	/// How long a transaction lives, in blocks.
	pub(super) mortality: u32,
}

/// The chain.
#[derive(Clone)]
pub(super) struct Mock(Arc<Mutex<State>>);

impl Mock {
	/// A chain with machines 0 and 1; `key` pays for machine 0, which holds 10 USDT.
	pub(super) fn new(key: &Key) -> Self {
		let mut state = State { head: 100, mortality: 64, ..State::default() };
		state.machines.insert(0, machine(0, key));
		let (other, _) = Key::generate(Scheme::Sr25519);
		state.machines.insert(1, machine(1, &other));
		state.dam.insert(OWNER, 1_000_000);
		state.usdt.insert(AccountId::from(machine_account(0)), 10_000_000);
		Self(Arc::new(Mutex::new(state)))
	}

	pub(super) fn state(&self) -> MutexGuard<'_, State> {
		self.0.lock().unwrap()
	}

	/// Changes a machine.
	pub(super) fn change(&self, id: MachineId, change: impl FnOnce(&mut MachineInfo<AccountId>)) {
		change(self.state().machines.get_mut(&id).unwrap());
	}

	/// Both machines belong to `owner`, who has DAM.
	pub(super) fn owned_by(self, owner: &Key) -> Self {
		for id in [0, 1] {
			self.change(id, |machine| machine.owner = owner.account());
		}
		self.state().dam.insert(owner.account(), 1_000_000);
		self
	}

	/// The last call that was signed.
	pub(super) fn last_call(&self) -> Call {
		self.state().calls.last().cloned().unwrap()
	}

	/// Everything on its way arrives and is included, and a block passes.
	pub(super) fn advance(&self, blocks: u32) {
		for _ in 0..blocks {
			self.state().next_block();
		}
	}
}

/// A machine whose payment key is `key`.
pub(super) fn machine(id: MachineId, key: &Key) -> MachineInfo<AccountId> {
	MachineInfo {
		id,
		owner: OWNER,
		operator: None,
		parent: None,
		account: AccountId::from(machine_account(id)),
		keys: vec![key_info(id, key, 0, KeyRights::ALL)],
		status: MachineStatus::Active,
		frozen: false,
		offer: None,
		profile: MachineProfile::default(),
		registered_at: 1,
		updated_at: 1,
		deposit: 2_000,
	}
}

/// A key that acts since block 1.
pub(super) fn key_info(
	machine: MachineId,
	key: &Key,
	ordinal: u32,
	rights: KeyRights,
) -> KeyInfo<AccountId> {
	KeyInfo {
		machine,
		ordinal,
		public: key.public(),
		account: key.account(),
		rights,
		valid_from: 1,
		valid_until: None,
		claimable_until: None,
	}
}

/// The items after one of them, as the chain gives them.
fn page<T: Clone, K: PartialEq>(
	all: impl Iterator<Item = T>,
	after: Option<K>,
	limit: u32,
	key: impl Fn(&T) -> K,
) -> Vec<T> {
	let all: Vec<T> = all.collect();
	let start = match after {
		Some(after) => all.iter().position(|item| key(item) == after).map_or(0, |at| at + 1),
		None => 0,
	};
	all.into_iter().skip(start).take(limit as usize).collect()
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

	async fn limits(&self) -> Result<Limits, ChainError> {
		Ok(LIMITS)
	}

	async fn machine(&self, id: MachineId) -> Result<Option<MachineInfo<AccountId>>, ChainError> {
		Ok(self.state().machines.get(&id).cloned())
	}

	async fn machine_of(&self, account: AccountId) -> Result<Option<MachineId>, ChainError> {
		let sovereign = dam_primitives::machine::machine_at(&account.0);
		Ok(sovereign.or(self.key(account).await?.map(|key| key.machine)))
	}

	async fn key(&self, account: AccountId) -> Result<Option<KeyInfo<AccountId>>, ChainError> {
		let state = self.state();
		let all = state.machines.values().flat_map(|machine| &machine.keys);
		Ok(all.chain(&state.past_keys).find(|key| key.account == account).cloned())
	}

	async fn children(
		&self,
		id: MachineId,
		after: Option<MachineId>,
		limit: u32,
	) -> Result<Vec<MachineId>, ChainError> {
		let state = self.state();
		let below = state.machines.values().filter(|machine| machine.parent == Some(id));
		Ok(page(below.map(|machine| machine.id), after, limit, |id| *id))
	}

	async fn policy(&self, id: MachineId) -> Result<Option<PolicyInfo<AccountId>>, ChainError> {
		Ok(self.state().policies.get(&id).cloned())
	}

	async fn services(&self, id: MachineId) -> Result<Vec<ServiceInfo>, ChainError> {
		let state = self.state();
		Ok(state.services.iter().filter(|service| service.machine == id).cloned().collect())
	}

	async fn machine_and_services(
		&self,
		id: MachineId,
	) -> Result<Option<MachineAndServices>, ChainError> {
		let services = self.services(id).await?;
		Ok(self.machine(id).await?.map(|machine| (machine, services)))
	}

	async fn services_by_kind(
		&self,
		kind: ServiceKind,
		after: Option<(MachineId, ServiceId)>,
		limit: u32,
	) -> Result<Vec<ServiceInfo>, ChainError> {
		let state = self.state();
		let all = state.services.iter().filter(|one| one.service.kind == kind).cloned();
		Ok(page(all, after, limit, |one| (one.machine, one.id)))
	}

	async fn attestations(
		&self,
		subject: &Subject<AccountId>,
		after: Option<(ClaimType, AccountId)>,
		limit: u32,
	) -> Result<Vec<AttestationInfo<AccountId>>, ChainError> {
		let state = self.state();
		let all = state.attestations.iter().filter(|(of, _)| of == subject);
		Ok(page(all.map(|(_, one)| one.clone()), after, limit, |one| (one.claim, one.attester)))
	}

	async fn attesters(
		&self,
		subject: &Subject<AccountId>,
		claim: ClaimType,
		at: u32,
	) -> Result<Vec<AccountId>, ChainError> {
		let all = self.attestations(subject, None, u32::MAX).await?.into_iter();
		let valid = all.filter(|one| {
			one.claim == claim && one.valid && (one.issued_at..=one.expires_at).contains(&at)
		});
		Ok(valid.map(|one| one.attester).collect())
	}

	async fn accreditation(
		&self,
		claim: ClaimType,
		attester: AccountId,
	) -> Result<Option<Accreditation>, ChainError> {
		Ok(self.state().accreditations.get(&(claim, attester)).copied())
	}

	async fn recovery(&self, lost: AccountId) -> Result<Recovery, ChainError> {
		Ok(self.state().recoveries.get(&lost).cloned().unwrap_or_default())
	}

	async fn quota(&self, _: MachineId) -> Result<Option<QuotaInfo<AccountId>>, ChainError> {
		Ok(None)
	}

	async fn channels(&self, ids: &[ChannelId]) -> Result<ProvenChannels, ChainError> {
		let mut state = self.state();
		if state.outages > 0 {
			state.outages -= 1;
			return Err(unreachable_network());
		}
		let channels = ids.iter().map(|id| state.channels.get(id).cloned()).collect();
		Ok(ProvenChannels { block: block(state.head), built_at: SystemTime::now(), channels })
	}

	async fn stream(&self, id: StreamId) -> Result<Option<Stream<AccountId>>, ChainError> {
		Ok(self.state().streams.get(&id).cloned())
	}

	async fn streams_of(
		&self,
		payer: MachineId,
	) -> Result<Vec<(StreamId, Stream<AccountId>)>, ChainError> {
		let state = self.state();
		let all = state.streams.iter().filter(|(_, one)| one.payer == payer);
		Ok(all.map(|(id, one)| (*id, one.clone())).collect())
	}

	async fn mandate(&self, id: MandateId) -> Result<Option<Mandate<AccountId>>, ChainError> {
		Ok(self.state().mandates.get(&id).cloned())
	}

	async fn mandates_of(
		&self,
		payer: MachineId,
	) -> Result<Vec<(MandateId, Mandate<AccountId>)>, ChainError> {
		let state = self.state();
		let all = state.mandates.iter().filter(|(_, one)| one.payer == payer);
		Ok(all.map(|(id, one)| (*id, one.clone())).collect())
	}

	async fn order(&self, id: OrderId) -> Result<Option<Order<AccountId>>, ChainError> {
		Ok(self.state().orders.get(&id).cloned())
	}

	async fn intent_nonces(&self, payer: MachineId) -> Result<NonceWindow, ChainError> {
		Ok(self.state().windows.get(&payer).copied().unwrap_or_default())
	}

	async fn balances(&self, accounts: &[AccountId]) -> Result<(Block, Vec<Balances>), ChainError> {
		let state = self.state();
		let balances = accounts.iter().map(|account| Balances {
			usdt: Usdt::from_units(state.usdt.get(account).copied().unwrap_or_default()),
			dam: Dam::from_units(state.dam.get(account).copied().unwrap_or_default()),
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
		let mortality = self.state().mortality;
		self.sign_within(call, key, nonce, mortality).await
	}

	async fn sign_within(
		&self,
		call: &Call,
		key: &Key,
		nonce: Option<u64>,
		blocks: u32,
	) -> Result<SignedCall, ChainError> {
		let mut state = self.state();
		let signer = key.account();
		let nonce =
			nonce.unwrap_or_else(|| state.nonces.get(&signer).copied().unwrap_or_default().into());
		// As on a real chain the bytes depend on call, nonce and block.
		let bytes = (format!("{call:?}"), nonce, state.head).encode();
		let hash = BlakeTwo256.hash(&bytes);
		state.signed.push(hash);
		state.calls.push(call.clone());
		Ok(SignedCall {
			bytes,
			hash,
			genesis: self.genesis(),
			signer,
			nonce,
			birth: block(state.head),
			last_block: state.head + state.mortality.min(blocks) - 1,
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
			usdt_fee: Usdt::default(),
			result: state.failures.pop_front().flatten().map_or(Ok(()), Err),
			events: {
				let next = state.later_events.pop_front().unwrap_or_default();
				std::mem::replace(&mut state.events, next)
			},
		}))
	}
}
