//! What a transaction caused, as the chain reports it.

use codec::{Compact, Decode, Encode};
use dam_primitives::{
	ChannelId, FailedClaim, FailedIntent, FailedPayment, MachineId, Payee, ServiceId, USDT_ASSET_ID,
};
use subxt::{
	events::{Event, Events, Phase},
	utils::H256,
	ArcMetadata,
};

use super::{config::DamConfig, ChainError, DispatchFailure};
use crate::{amount::Usdt, AccountId, Dam};

mod mandates;
mod orders;
mod streams;

pub use mandates::MandateEvent;
pub use orders::OrderEvent;
pub use streams::StreamEvent;

/// An event of this chain's own pallets.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ChainEvent {
	/// A machine was registered.
	MachineRegistered {
		/// Its number.
		machine: MachineId,
		/// Its owner.
		owner: AccountId,
		/// The account of its key.
		key: AccountId,
	},
	/// One registration of a fleet failed; the others did not suffer.
	RegistrationFailed {
		/// Position in the fleet, from 0.
		index: u32,
		/// Why.
		failure: DispatchFailure,
	},
	/// A fleet was worked through.
	FleetRegistered {
		/// How many machines were registered.
		registered: u32,
		/// How many were not.
		failed: u32,
	},
	/// A machine's keys act no more, until they are unfrozen.
	MachineFrozen {
		/// Its number.
		machine: MachineId,
	},
	/// A machine offers one more service.
	ServiceOffered {
		/// Which machine.
		machine: MachineId,
		/// The number of the service.
		id: ServiceId,
	},
	/// A batch of attestations was issued, renewed or revoked.
	AttestationBatch {
		/// How many items were.
		done: u32,
		/// Which were not, by their position from 0, and why.
		failed: Vec<(u32, DispatchFailure)>,
	},
	/// A recovered account did what its inheritor told it to do, or not.
	RecoveredAccountControlled {
		/// What came of it.
		result: Result<(), DispatchFailure>,
	},
	/// The sudo key's call was carried out, or not.
	Sudid {
		/// What came of it.
		result: Result<(), DispatchFailure>,
	},
	/// A machine paid.
	Paid {
		/// Who paid.
		machine: MachineId,
		/// Who was paid.
		payee: Payee<AccountId>,
		/// How much.
		amount: Usdt,
	},
	/// A machine paid a batch.
	BatchPaid {
		/// Who paid.
		machine: MachineId,
		/// How many items were paid.
		paid: u32,
		/// How much in all.
		total: Usdt,
		/// Which items were not, and why.
		failed: Vec<FailedPayment>,
	},
	/// A payment channel was opened.
	ChannelOpened {
		/// Its number.
		channel: ChannelId,
		/// Who pays.
		payer: MachineId,
		/// Who is paid.
		payee: Payee<AccountId>,
		/// What was paid in.
		deposit: Usdt,
	},
	/// More was paid into a channel.
	ChannelToppedUp {
		/// Which channel.
		channel: ChannelId,
		/// What was paid in so far, settled or not.
		deposit: Usdt,
	},
	/// The payee of a channel was paid.
	ChannelClaimed {
		/// Out of which channel.
		channel: ChannelId,
		/// How much, this time.
		amount: Usdt,
	},
	/// A batch of vouchers was worked through.
	VouchersClaimed {
		/// How many were settled.
		settled: u32,
		/// How much in all.
		total: Usdt,
		/// Which were not, and why.
		failed: Vec<FailedClaim>,
	},
	/// The payer of a channel asked to close it.
	ChannelCloseRequested {
		/// Which channel.
		channel: ChannelId,
		/// Last block in which claims are taken.
		last_block: u32,
	},
	/// A channel is gone.
	ChannelClosed {
		/// Which.
		channel: ChannelId,
		/// What the payee got in all.
		settled: Usdt,
		/// What went back to the payer, without the storage deposit.
		returned: Usdt,
	},
	/// A batch of intents was worked through.
	IntentsSettled {
		/// Who got the relay fees.
		relayer: Payee<AccountId>,
		/// How many were settled.
		settled: u32,
		/// What their payees got in all.
		total: Usdt,
		/// What the relayer got in all.
		relay_fees: Usdt,
		/// Which were not settled, and why.
		failed: Vec<FailedIntent>,
	},
	/// Of a stream.
	Stream(StreamEvent),
	/// Of a mandate.
	Mandate(MandateEvent),
	/// Of an order.
	Order(OrderEvent),
}

/// What the events of one extrinsic say.
pub(super) struct Effects {
	pub(super) fee: Dam,
	pub(super) usdt_fee: Usdt,
	pub(super) result: Result<(), DispatchFailure>,
	pub(super) events: Vec<ChainEvent>,
}

impl Effects {
	/// Picks the events of the extrinsic at `index` out of a block's.
	pub(super) fn of(
		all: &Events<DamConfig>,
		index: u32,
		metadata: &ArcMetadata,
	) -> Result<Self, ChainError> {
		let (mut fee, mut usdt_fee) = (Dam::default(), Usdt::default());
		let mut result = None;
		let mut events = Vec::new();
		for event in all.iter() {
			let event = event.map_err(|error| incompatible("an event", error))?;
			if event.phase() != Phase::ApplyExtrinsic(index) {
				continue;
			}
			let mut fields = event.field_bytes();
			match (event.pallet_name(), event.event_name()) {
				("System", "ExtrinsicSuccess") => result = Some(Ok(())),
				("System", "ExtrinsicFailed") => {
					result = Some(Err(DispatchFailure::decode(fields, metadata.clone())))
				},
				("TransactionPayment", "TransactionFeePaid") => {
					let (_who, actual_fee, _tip): (AccountId, u128, u128) =
						decode("the event TransactionFeePaid", &mut fields)?;
					fee = Dam::from_units(actual_fee);
				},
				("AssetTxPayment", "AssetTxFeePaid") => {
					let (_who, actual_fee, _tip, asset): (AccountId, u128, u128, Option<u32>) =
						decode("the event AssetTxFeePaid", &mut fields)?;
					if asset == Some(USDT_ASSET_ID) {
						usdt_fee = Usdt::from_units(actual_fee);
					}
				},
				_ => events.extend(own(&event, metadata)?),
			}
		}
		let result = result.ok_or_else(|| {
			incompatible("the events of the transaction", "neither success nor failure")
		})?;
		Ok(Self { fee, usdt_fee, result, events })
	}
}

fn own(
	event: &Event<'_, DamConfig>,
	metadata: &ArcMetadata,
) -> Result<Option<ChainEvent>, ChainError> {
	let input = &mut event.field_bytes();
	Ok(Some(match (event.pallet_name(), event.event_name()) {
		("DamIdentity", "MachineRegistered") => {
			let (machine, owner, key) = decode("the event MachineRegistered", input)?;
			ChainEvent::MachineRegistered { machine, owner, key }
		},
		("DamIdentity", "RegistrationFailed") => {
			let index = decode("the event RegistrationFailed", input)?;
			let failure = DispatchFailure::decode(input, metadata.clone());
			ChainEvent::RegistrationFailed { index, failure }
		},
		("DamIdentity", "FleetRegistered") => {
			let (registered, failed) = decode("the event FleetRegistered", input)?;
			ChainEvent::FleetRegistered { registered, failed }
		},
		("DamIdentity", "MachineFrozen") => {
			ChainEvent::MachineFrozen { machine: decode("the event MachineFrozen", input)? }
		},
		("Services", "ServiceOffered") => {
			let (machine, id) = decode("the event ServiceOffered", input)?;
			ChainEvent::ServiceOffered { machine, id }
		},
		("Attestations", "BatchIssued" | "BatchRenewed" | "BatchRevoked") => {
			let (_attester, done, failed): (AccountId, u32, Vec<FailedItem>) =
				decode("the event of a batch of attestations", input)?;
			let failed = failed.into_iter().map(|FailedItem { index, error }| {
				(index.0, DispatchFailure::decode(&error.encode(), metadata.clone()))
			});
			ChainEvent::AttestationBatch { done, failed: failed.collect() }
		},
		("Recovery", "RecoveredAccountControlled") => {
			let (_recovered, _inheritor, _hash): (AccountId, AccountId, H256) =
				decode("the event RecoveredAccountControlled", input)?;
			ChainEvent::RecoveredAccountControlled { result: outcome(input, metadata)? }
		},
		("Sudo", "Sudid") => ChainEvent::Sudid { result: outcome(input, metadata)? },
		("Micropayments", "Paid") => {
			let (machine, payee, amount) = decode("the event Paid", input)?;
			ChainEvent::Paid { machine, payee, amount: Usdt::from_units(amount) }
		},
		("Micropayments", "BatchPaid") => {
			let (machine, paid, total, failed) = decode("the event BatchPaid", input)?;
			ChainEvent::BatchPaid { machine, paid, total: Usdt::from_units(total), failed }
		},
		("Channels", name) => return channels(name, input),
		("Streams", name) => return Ok(StreamEvent::read(name, input)?.map(ChainEvent::Stream)),
		("Mandates", name) => return Ok(MandateEvent::read(name, input)?.map(ChainEvent::Mandate)),
		("Orders", name) => return Ok(OrderEvent::read(name, input)?.map(ChainEvent::Order)),
		("Intents", "IntentsSettled") => {
			let (relayer, settled, total, relay_fees, failed) =
				decode("the event IntentsSettled", input)?;
			let (total, relay_fees) = (Usdt::from_units(total), Usdt::from_units(relay_fees));
			ChainEvent::IntentsSettled { relayer, settled, total, relay_fees, failed }
		},
		_ => return Ok(None),
	}))
}

/// An event of pallet-channels.
fn channels(name: &str, input: &mut &[u8]) -> Result<Option<ChainEvent>, ChainError> {
	let what = "an event of a payment channel";
	Ok(Some(match name {
		"Opened" => {
			let (channel, payer, payee, deposit) = decode(what, input)?;
			ChainEvent::ChannelOpened { channel, payer, payee, deposit: Usdt::from_units(deposit) }
		},
		"ToppedUp" => {
			let (channel, deposit) = decode(what, input)?;
			ChainEvent::ChannelToppedUp { channel, deposit: Usdt::from_units(deposit) }
		},
		"Claimed" => {
			let (channel, amount) = decode(what, input)?;
			ChainEvent::ChannelClaimed { channel, amount: Usdt::from_units(amount) }
		},
		"BatchClaimed" => {
			let (settled, total, failed) = decode(what, input)?;
			ChainEvent::VouchersClaimed { settled, total: Usdt::from_units(total), failed }
		},
		"CloseRequested" => {
			let (channel, last_block) = decode(what, input)?;
			ChainEvent::ChannelCloseRequested { channel, last_block }
		},
		"Closed" => {
			let (channel, settled, returned) = decode(what, input)?;
			let (settled, returned) = (Usdt::from_units(settled), Usdt::from_units(returned));
			ChainEvent::ChannelClosed { channel, settled, returned }
		},
		_ => return Ok(None),
	}))
}

/// What came of a call inside another one: the last field of its event.
fn outcome(
	input: &mut &[u8],
	metadata: &ArcMetadata,
) -> Result<Result<(), DispatchFailure>, ChainError> {
	match decode::<u8>("the outcome of the call", input)? {
		0 => Ok(Ok(())),
		1 => Ok(Err(DispatchFailure::decode(input, metadata.clone()))),
		tag => Err(incompatible("the outcome of the call", format!("variant {tag}"))),
	}
}

/// An item of a batch that failed, as the chain reports it.
#[derive(Decode)]
struct FailedItem {
	index: Compact<u32>,
	error: AnyDispatchError,
}

/// `sp_runtime::DispatchError`, only as far as one must know where it ends.
#[derive(Encode, Decode)]
enum AnyDispatchError {
	Other,
	CannotLookup,
	BadOrigin,
	Module { index: u8, error: [u8; 4] },
	ConsumerRemaining,
	NoProviders,
	TooManyConsumers,
	Token(u8),
	Arithmetic(u8),
	Transactional(u8),
	Exhausted,
	Corruption,
	Unavailable,
	RootNotAllowed,
	Trie(u8),
}

fn decode<T: Decode>(what: &'static str, input: &mut &[u8]) -> Result<T, ChainError> {
	T::decode(input).map_err(|error| incompatible(what, error))
}

fn incompatible(what: &'static str, why: impl ToString) -> ChainError {
	ChainError::Incompatible { what, why: why.to_string() }
}

#[cfg(test)]
mod tests {
	use super::*;
	use dam_primitives::ClaimFailure;

	#[test]
	fn events_of_channels_should_be_read_as_the_chain_writes_them() {
		let read = |name: &str, bytes: Vec<u8>| channels(name, &mut &bytes[..]).unwrap();
		let usdt = Usdt::from_units;
		let payee: Payee<AccountId> = Payee::Machine(300);
		let opened = (7u64, 3u64, payee.clone(), 9u128).encode();
		let expected = ChainEvent::ChannelOpened { channel: 7, payer: 3, payee, deposit: usdt(9) };
		assert_eq!(read("Opened", opened), Some(expected));
		let expected = ChainEvent::ChannelToppedUp { channel: 7, deposit: usdt(9) };
		assert_eq!(read("ToppedUp", (7u64, 9u128).encode()), Some(expected));
		let expected = ChainEvent::ChannelClaimed { channel: 7, amount: usdt(9) };
		assert_eq!(read("Claimed", (7u64, 9u128).encode()), Some(expected));
		let failed = vec![FailedClaim { index: 64, reason: ClaimFailure::Closed }];
		let batch = (2u32, 9u128, failed.clone()).encode();
		let expected = ChainEvent::VouchersClaimed { settled: 2, total: usdt(9), failed };
		assert_eq!(read("BatchClaimed", batch), Some(expected));
		let expected = ChainEvent::ChannelCloseRequested { channel: 7, last_block: 800 };
		assert_eq!(read("CloseRequested", (7u64, 800u32).encode()), Some(expected));
		let expected =
			ChainEvent::ChannelClosed { channel: 7, settled: usdt(4), returned: usdt(5) };
		assert_eq!(read("Closed", (7u64, 4u128, 5u128).encode()), Some(expected));
		assert_eq!(read("SomethingNew", Vec::new()), None);
		assert!(channels("Closed", &mut &[1, 2][..]).is_err());
	}

	#[test]
	fn failed_items_should_be_told_apart_by_their_length() {
		// As the chain encodes them: three items, 0, 1 and 255, whose errors have one, six and two
		// bytes.
		let bytes = [3 << 2, 0, 2, 1 << 2, 3, 34, 7, 0, 0, 0, 0xfd, 3, 7, 1];
		let items = Vec::<FailedItem>::decode(&mut &bytes[..]).unwrap();
		let indices: Vec<_> = items.iter().map(|item| item.index.0).collect();
		assert_eq!(indices, [0, 1, 255]);
		let errors: Vec<_> = items.iter().map(|item| item.error.encode()).collect();
		assert_eq!(errors, [vec![2], vec![3, 34, 7, 0, 0, 0], vec![7, 1]]);
		assert!(Vec::<FailedItem>::decode(&mut &bytes[..bytes.len() - 1]).is_err());
		assert!(Vec::<FailedItem>::decode(&mut &[1 << 2, 0, 15][..]).is_err());
	}
}
