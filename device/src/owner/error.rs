//! Why an owner's operation did not happen.

use dam_primitives::{machine::MAX_FLEET_DEPTH, MachineId};
use thiserror::Error;

use crate::{
	registration::RegistrationError,
	transact::{from_chain, TransactError},
	AccountId,
};

/// Why an owner's operation did not happen.
#[derive(Debug, Error)]
pub enum OwnerError {
	/// No registration was given.
	#[error("no registration was given: name at least one registration file")]
	NothingToRegister,
	/// A registration that the chain would refuse.
	#[error("registration {index} (counted from 0): {cause}")]
	Registration {
		/// Position among the given ones.
		index: usize,
		/// Why.
		cause: RegistrationError,
	},
	/// A key is given twice.
	#[error("registrations {first} and {second} are of the same key: leave one out")]
	Duplicate {
		/// Position of the first.
		first: usize,
		/// Position of the second.
		second: usize,
	},
	/// The owner's own key.
	#[error(
		"registration {index} (counted from 0) is of the owner's own key: make one for the device \
		 alone with `dam-device key new`"
	)]
	OwnKey {
		/// Position among the given ones.
		index: usize,
	},
	/// The key acts or acted for a machine.
	#[error(
		"the key {key} was registered before, for machine {machine}: a key is never accepted twice, \
		 make a new one with `dam-device key new`"
	)]
	KeyUsed {
		/// Account of the key.
		key: AccountId,
		/// Whose key it is or was.
		machine: MachineId,
	},
	/// The machine's status is what it should become.
	#[error("machine {machine} is {} already: nothing was sent", status(*.suspended))]
	NoChange {
		/// Which machine.
		machine: MachineId,
		/// Whether it is suspended.
		suspended: bool,
	},
	/// Machines stand below it.
	#[error(
		"machines stand below machine {0} in its fleet's tree (`dam-device children {0}`): give \
		 them another parent or none first (`dam-device owner parent`)"
	)]
	HasChildren(MachineId),
	/// None of the machines can be frozen.
	#[error("all of these machines are frozen or retired already: nothing was sent")]
	NothingToFreeze,
	/// The keys are not frozen.
	#[error("the keys of machine {0} are not frozen: nothing was sent")]
	NotFrozen(MachineId),
	/// Not somebody who can operate the machine.
	#[error(
		"{account} cannot operate machine {machine}: it is its owner, one of its keys, or a \
		 machine's address; name somebody else"
	)]
	InvalidOperator {
		/// Which machine.
		machine: MachineId,
		/// Who.
		account: AccountId,
	},
	/// An operator who may do nothing.
	#[error("an operator needs at least one right: name them with --rights")]
	NoRights,
	/// There is nobody to dismiss.
	#[error("machine {0} has no operator: nothing was sent")]
	NoOperator(MachineId),
	/// What the machine would say of itself.
	#[error(transparent)]
	Profile(RegistrationError),
	/// All machines stand where they should.
	#[error("all of these machines stand there already: nothing was sent")]
	SamePlace,
	/// The parent is below the machine, or the machine itself.
	#[error(
		"machine {machine} cannot stand below machine {parent}, which is itself or stands below it: \
		 choose another parent"
	)]
	Cycle {
		/// Which machine.
		machine: MachineId,
		/// Below which.
		parent: MachineId,
	},
	/// The tree would be too deep.
	#[error(
		"a fleet's tree has at most {MAX_FLEET_DEPTH} levels and machine {0} is on the last: choose \
		 a parent nearer to the root"
	)]
	TooDeep(MachineId),
	/// Not somebody who can own the machine.
	#[error(
		"machine {machine} cannot go to {account}: it is its owner, one of its keys, or a machine's \
		 address; name somebody else"
	)]
	InvalidRecipient {
		/// Which machine.
		machine: MachineId,
		/// Who.
		account: AccountId,
	},
	/// The offer's last block is not in the future, or too far.
	#[error("the offer would expire in block {expires_at}: name a block from {first} to {last}")]
	OfferExpiry {
		/// Last block that was named.
		expires_at: u32,
		/// Earliest that it can be.
		first: u32,
		/// Latest that it can be.
		last: u32,
	},
	/// Nobody is offered the machine.
	#[error("machine {0} is offered to nobody: its owner can offer it (`dam-device owner transfer offer`)")]
	NoOffer(MachineId),
	/// Somebody else is offered the machine.
	#[error("machine {machine} is offered to {to}, not to {signer}: use that key")]
	NotRecipient {
		/// Which machine.
		machine: MachineId,
		/// To whom it is offered.
		to: AccountId,
		/// Who would accept.
		signer: AccountId,
	},
	/// The offer has expired.
	#[error(
		"the offer of machine {machine} could be accepted until block {expires_at}, the next block \
		 is {next}: ask its owner for another"
	)]
	OfferExpired {
		/// Which machine.
		machine: MachineId,
		/// Last block in which it could be.
		expires_at: u32,
		/// The earliest block that could hold the transaction.
		next: u32,
	},
	/// What every operation can meet.
	#[error(transparent)]
	Transact(#[from] TransactError),
}

from_chain!(OwnerError);

const fn status(suspended: bool) -> &'static str {
	if suspended {
		"suspended"
	} else {
		"active"
	}
}
