//! What a transaction caused, as the chain reports it.

use codec::Decode;
use dam_primitives::{FailedPayment, MachineId, Payee};
use subxt::{
	events::{Event, Events, Phase},
	ArcMetadata,
};

use super::{config::DamConfig, ChainError, DispatchFailure};
use crate::{amount::Usdt, AccountId, Dam};

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
}

/// What the events of one extrinsic say.
pub(super) struct Effects {
	pub(super) fee: Dam,
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
		let mut fee = Dam::default();
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
				_ => events.extend(own(&event, metadata)?),
			}
		}
		let result = result.ok_or_else(|| {
			incompatible("the events of the transaction", "neither success nor failure")
		})?;
		Ok(Self { fee, result, events })
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
		("Micropayments", "Paid") => {
			let (machine, payee, amount) = decode("the event Paid", input)?;
			ChainEvent::Paid { machine, payee, amount: Usdt::from_units(amount) }
		},
		("Micropayments", "BatchPaid") => {
			let (machine, paid, total, failed) = decode("the event BatchPaid", input)?;
			ChainEvent::BatchPaid { machine, paid, total: Usdt::from_units(total), failed }
		},
		_ => return Ok(None),
	}))
}

fn decode<T: Decode>(what: &'static str, input: &mut &[u8]) -> Result<T, ChainError> {
	T::decode(input).map_err(|error| incompatible(what, error))
}

fn incompatible(what: &'static str, why: impl ToString) -> ChainError {
	ChainError::Incompatible { what, why: why.to_string() }
}
