//! Two nodes, their channel, and payments through it.

use crate::{peer::Peer, store::Store, Error, LdkError};
use lightning::{
	bitcoin::{
		absolute::LockTime,
		block::{Header, Version},
		hashes::Hash,
		transaction, Amount, BlockHash, CompactTarget, Transaction, TxMerkleNode, TxOut,
	},
	events::Event,
	ln::{
		channelmanager::{PaymentId, RecipientOnionFields, MIN_FINAL_CLTV_EXPIRY_DELTA},
		msgs::{BaseMessageHandler, Init},
	},
	routing::router::{Path, PaymentParameters, Route, RouteHop, RouteParameters},
};

/// What the payer puts into the channel: as much as one may hold by default.
const CAPACITY_SATS: u64 = 16_000_000;
/// A payment: a satoshi, some tenths of a US cent. So small an HTLC gets no output and no signature
/// of its own, which is the cheapest that LDK can do.
const PAYMENT_MSAT: u64 = 1_000;
/// Blocks on top of the funding transaction until the channel is ready.
const CONFIRMATIONS: u32 = 6;
/// For how long the payee takes a payment, in seconds.
const EXPIRY: u32 = 3_600;

/// A channel that is ready.
pub struct Channel {
	payer: Peer,
	payee: Peer,
	route: Route,
}

impl Channel {
	/// Opens a channel between two new nodes.
	pub fn open(at_payer: Store, at_payee: Store) -> Result<Self, Error> {
		let (payer, payee) = (Peer::new(1, at_payer), Peer::new(2, at_payee));
		for (one, other, inbound) in [(&payer, &payee, false), (&payee, &payer, true)] {
			let features = other.manager.provided_init_features(one.id());
			let init = Init { features, networks: None, remote_network_address: None };
			one.manager
				.peer_connected(other.id(), &init, inbound)
				.map_err(|()| Error::Ldk("it does not want to connect to itself".into()))?;
		}
		payer
			.manager
			.create_channel(payee.id(), CAPACITY_SATS, 0, 0, None, None)
			.map_err(|error| Error::ldk("opening a channel")(LdkError::from(error)))?;
		let events = exchange(&payer, &payee);
		let funding = fund(&payer, events)?;
		exchange(&payer, &payee);
		confirm(&payer, &payee, &funding);
		exchange(&payer, &payee);
		let route = route(&payer, &payee)?;
		Ok(Self { payer, payee, route })
	}

	/// Makes `payments`, and has each claimed, `in_flight` of them at a time.
	pub fn pay(&mut self, payments: u32, in_flight: u32) -> Result<(), Error> {
		let mut left = payments;
		while left > 0 {
			let group = left.min(in_flight);
			self.pay_group(group)?;
			left -= group;
		}
		Ok(())
	}

	fn pay_group(&self, count: u32) -> Result<(), Error> {
		let Self { payer, payee, route } = self;
		for _ in 0..count {
			let (hash, secret) = payee
				.manager
				.create_inbound_payment(Some(PAYMENT_MSAT), EXPIRY, None)
				.map_err(|()| Error::Ldk("it takes no payment".into()))?;
			let onion = RecipientOnionFields::secret_only(secret);
			payer
				.manager
				.send_payment_with_route(route.clone(), hash, onion, PaymentId(hash.0))
				.map_err(|error| Error::ldk("paying")(LdkError::from(error)))?;
		}
		exchange(payer, payee);
		payee.manager.process_pending_htlc_forwards();
		for event in payee.events() {
			if let Event::PaymentClaimable { purpose, .. } = event {
				let preimage =
					purpose.preimage().ok_or_else(|| Error::Ldk("a preimage is missing".into()))?;
				payee.manager.claim_funds(preimage);
			}
		}
		let events = exchange(payer, payee);
		let count_of =
			|counts: fn(&Event) -> bool| events.iter().filter(|event| counts(event)).count();
		let sent = count_of(|event| matches!(event, Event::PaymentSent { .. }));
		let claimed = count_of(|event| matches!(event, Event::PaymentClaimed { .. }));
		if sent != count as usize || claimed != count as usize {
			return Err(Error::Ldk(format!("of {count} payments {claimed} came in, {sent} out")));
		}
		Ok(())
	}
}

/// Hands messages over until there are none; returns what happened at both. Some messages wait until
/// what happened was asked for.
fn exchange(one: &Peer, other: &Peer) -> Vec<Event> {
	let mut events = Vec::new();
	loop {
		let sent = one.send_to(other) | other.send_to(one);
		let before = events.len();
		events.extend(one.events());
		events.extend(other.events());
		if !sent && events.len() == before {
			return events;
		}
	}
}

/// Gives the payer the funding transaction that it asks for.
fn fund(payer: &Peer, events: Vec<Event>) -> Result<Transaction, Error> {
	let asked = events.into_iter().find_map(|event| match event {
		Event::FundingGenerationReady {
			temporary_channel_id,
			counterparty_node_id,
			output_script,
			..
		} => Some((temporary_channel_id, counterparty_node_id, output_script)),
		_ => None,
	});
	let Some((channel, payee, script_pubkey)) = asked else {
		return Err(Error::Ldk("it asks for no funding transaction".into()));
	};
	let value = Amount::from_sat(CAPACITY_SATS);
	// Nobody looks where the money comes from.
	let funding = Transaction {
		version: transaction::Version::TWO,
		lock_time: LockTime::ZERO,
		input: Vec::new(),
		output: vec![TxOut { value, script_pubkey }],
	};
	payer
		.manager
		.funding_transaction_generated(channel, payee, funding.clone())
		.map_err(|error| Error::ldk("funding a channel")(LdkError::from(error)))?;
	Ok(funding)
}

/// Buries the funding transaction under blocks.
fn confirm(payer: &Peer, payee: &Peer, funding: &Transaction) {
	let mut previous = BlockHash::all_zeros();
	for height in 1..=CONFIRMATIONS {
		let header = Header {
			version: Version::TWO,
			prev_blockhash: previous,
			merkle_root: TxMerkleNode::all_zeros(),
			time: height,
			bits: CompactTarget::from_consensus(0),
			nonce: height,
		};
		let transactions: &[_] = if height == 1 { &[(1, funding)] } else { &[] };
		for peer in [payer, payee] {
			peer.connect(&header, height, transactions);
		}
		previous = header.block_hash();
	}
}

/// One hop.
fn route(payer: &Peer, payee: &Peer) -> Result<Route, Error> {
	let channels = payer.manager.list_usable_channels();
	let channel = channels
		.first()
		.and_then(|channel| channel.get_outbound_payment_scid())
		.ok_or_else(|| Error::Ldk("the channel is not ready".into()))?;
	let delta = u32::from(MIN_FINAL_CLTV_EXPIRY_DELTA);
	let hop = RouteHop {
		pubkey: payee.id(),
		node_features: payee.manager.provided_node_features(),
		short_channel_id: channel,
		channel_features: lightning::types::features::ChannelFeatures::empty(),
		fee_msat: PAYMENT_MSAT,
		cltv_expiry_delta: delta,
		maybe_announced_channel: false,
	};
	let parameters = PaymentParameters::from_node_id(payee.id(), delta);
	Ok(Route {
		paths: vec![Path { hops: vec![hop], blinded_tail: None }],
		route_params: Some(RouteParameters::from_payment_params_and_value(
			parameters,
			PAYMENT_MSAT,
		)),
	})
}
