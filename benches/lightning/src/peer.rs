//! A node of LDK without a network and without a chain.

use crate::{silent::Silent, store::Store};
use lightning::{
	bitcoin::{block::Header, secp256k1::PublicKey, Network, Transaction},
	chain::{chainmonitor::ChainMonitor, BestBlock, Confirm, Filter},
	events::{Event, EventsProvider},
	ln::{
		channelmanager::{ChainParameters, ChannelManager},
		msgs::{BaseMessageHandler, ChannelMessageHandler, MessageSendEvent},
	},
	onion_message::messenger::NullMessageRouter,
	sign::{InMemorySigner, KeysManager, NodeSigner},
	util::{config::UserConfig, persist::MonitorUpdatingPersister},
};
use std::{
	cell::RefCell,
	sync::Arc,
	time::{SystemTime, UNIX_EPOCH},
};

/// Updates of a monitor that are kept one by one, before all of it is written anew.
const UPDATES_KEPT: u64 = 100;

type Keys = Arc<KeysManager>;
type Persister =
	MonitorUpdatingPersister<Arc<Store>, Arc<Silent>, Keys, Keys, Arc<Silent>, Arc<Silent>>;
type Monitors = ChainMonitor<
	InMemorySigner,
	Arc<dyn Filter + Send + Sync>,
	Arc<Silent>,
	Arc<Silent>,
	Arc<Silent>,
	Arc<Persister>,
	Keys,
>;
type Manager = ChannelManager<
	Arc<Monitors>,
	Arc<Silent>,
	Keys,
	Keys,
	Keys,
	Arc<Silent>,
	Arc<Silent>,
	Arc<NullMessageRouter>,
	Arc<Silent>,
>;

/// One side of a channel.
pub struct Peer {
	/// Its channels.
	pub manager: Manager,
	monitors: Arc<Monitors>,
}

impl Peer {
	/// The node with the keys of that `seed`.
	pub fn new(seed: u8, store: Store) -> Self {
		let silent = Arc::new(Silent);
		let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
		let keys = Arc::new(KeysManager::new(&[seed; 32], now.as_secs(), now.subsec_nanos(), true));
		let persister = Arc::new(MonitorUpdatingPersister::new(
			Arc::new(store),
			silent.clone(),
			UPDATES_KEPT,
			keys.clone(),
			keys.clone(),
			silent.clone(),
			silent.clone(),
		));
		let monitors = Arc::new(ChainMonitor::new(
			None,
			silent.clone(),
			silent.clone(),
			silent.clone(),
			persister,
			keys.clone(),
			keys.get_peer_storage_key(),
		));
		let best_block = BestBlock::from_network(Network::Regtest);
		let manager = ChannelManager::new(
			silent.clone(),
			monitors.clone(),
			silent.clone(),
			silent.clone(),
			Arc::new(NullMessageRouter {}),
			silent,
			keys.clone(),
			keys.clone(),
			keys,
			UserConfig::default(),
			ChainParameters { network: Network::Regtest, best_block },
			u32::try_from(now.as_secs()).unwrap_or(u32::MAX),
		);
		Self { manager, monitors }
	}

	/// Its public name.
	pub fn id(&self) -> PublicKey {
		self.manager.get_our_node_id()
	}

	/// A block came, with these transactions.
	pub fn connect(&self, header: &Header, height: u32, transactions: &[(usize, &Transaction)]) {
		for listener in [&self.manager as &dyn Confirm, &*self.monitors as &dyn Confirm] {
			listener.transactions_confirmed(header, transactions, height);
			listener.best_block_updated(header, height);
		}
	}

	/// What happened since it was asked last.
	pub fn events(&self) -> Vec<Event> {
		let events = RefCell::new(Vec::new());
		self.manager.process_pending_events(&|event| {
			events.borrow_mut().push(event);
			Ok(())
		});
		events.into_inner()
	}

	/// Hands the other side every message that waits. Tells whether there was one.
	pub fn send_to(&self, other: &Self) -> bool {
		let messages = self.manager.get_and_clear_pending_msg_events();
		let any = !messages.is_empty();
		for message in messages {
			other.receive(self.id(), message);
		}
		any
	}

	fn receive(&self, from: PublicKey, message: MessageSendEvent) {
		let manager = &self.manager;
		match message {
			MessageSendEvent::SendOpenChannel { msg, .. } => {
				manager.handle_open_channel(from, &msg);
			},
			MessageSendEvent::SendAcceptChannel { msg, .. } => {
				manager.handle_accept_channel(from, &msg);
			},
			MessageSendEvent::SendFundingCreated { msg, .. } => {
				manager.handle_funding_created(from, &msg);
			},
			MessageSendEvent::SendFundingSigned { msg, .. } => {
				manager.handle_funding_signed(from, &msg);
			},
			MessageSendEvent::SendChannelReady { msg, .. } => {
				manager.handle_channel_ready(from, &msg);
			},
			MessageSendEvent::UpdateHTLCs { updates, .. } => {
				for add in &updates.update_add_htlcs {
					manager.handle_update_add_htlc(from, add);
				}
				for fulfill in updates.update_fulfill_htlcs {
					manager.handle_update_fulfill_htlc(from, fulfill);
				}
				for commitment in &updates.commitment_signed {
					manager.handle_commitment_signed(from, commitment);
				}
			},
			MessageSendEvent::SendRevokeAndACK { msg, .. } => {
				manager.handle_revoke_and_ack(from, &msg);
			},
			// News for the rest of the network. Anything else would show as a payment that is missing.
			_ => {},
		}
	}
}
