//! What a machine offers: its services, and who may change them.

use dam_primitives::{
	machine::MAX_URI_BYTES,
	service::{MAX_PRICE, MAX_SERVICES},
	Cid, KeyRights, MachineId, MachineInfo, OperatorRights, Service, ServiceId, ServiceKind, Unit,
	Uri,
};
use thiserror::Error;

use crate::{
	agreement::describe_rights,
	amount::Usdt,
	chain::{Call, ChainError, ChainEvent, Network},
	keys::Key,
	settle::{Patience, Progress},
	transact::{from_chain, Actor, Done, TransactError},
	AccountId,
};

/// Why a service was not changed.
#[derive(Debug, Error)]
pub enum ServiceError {
	/// Something for nothing.
	#[error("the price of a unit is zero: ask for at least 0.000001 USDT")]
	ZeroPrice,
	/// More than the chain takes for a unit.
	#[error(
		"{0} USDT is too much for one unit, {} is the most: count in a smaller unit",
		Usdt::from_units(MAX_PRICE)
	)]
	PriceTooHigh(Usdt),
	/// The endpoint is longer than the chain stores.
	#[error("the endpoint is longer than {MAX_URI_BYTES} bytes: use a shorter one")]
	EndpointTooLong,
	/// The endpoint is no address.
	#[error(
		"the endpoint `{0}` is no absolute URI: begin with a scheme, such as https://, and escape \
		 everything but letters, digits and the usual marks with %"
	)]
	InvalidEndpoint(String),
	/// The signing key acts for no machine, and none was named.
	#[error("the key {key} is registered for no machine: name the machine with --machine")]
	NotRegistered {
		/// Account of the key.
		key: AccountId,
	},
	/// The signing key acts for the machine no more.
	#[error(
		"the key {key} acts for machine {machine} no more, since block {ended_at}: use a present one"
	)]
	KeyEnded {
		/// Account of the key.
		key: AccountId,
		/// For which machine it acted.
		machine: MachineId,
		/// Last block in which it did.
		ended_at: u32,
	},
	/// The signing key acts for the machine, but not in this.
	#[error(
		"the key {key} of machine {machine} has the rights {rights} only, not `services`: use \
		 another key, or the owner's"
	)]
	KeyLacksRight {
		/// Account of the key.
		key: AccountId,
		/// For which machine it acts.
		machine: MachineId,
		/// What it may do.
		rights: String,
	},
	/// The machine's keys do not act now.
	#[error(
		"the keys of machine {machine} are frozen: its owner can unfreeze them (`dam-device owner \
		 key unfreeze`), or change the services"
	)]
	Frozen {
		/// Which machine.
		machine: MachineId,
	},
	/// As many services as a machine can offer.
	#[error(
		"machine {0} offers {MAX_SERVICES} services, which is the most: withdraw or update one"
	)]
	TooManyServices(MachineId),
	/// No such service.
	#[error("machine {machine} offers no service {id}: see `dam-device service list {machine}`")]
	UnknownService {
		/// Which machine.
		machine: MachineId,
		/// Which service.
		id: ServiceId,
	},
	/// What every operation can meet.
	#[error(transparent)]
	Transact(#[from] TransactError),
}

from_chain!(ServiceError);

/// Describes a service.
///
/// # Errors
/// [`ServiceError::ZeroPrice`], [`ServiceError::PriceTooHigh`], [`ServiceError::EndpointTooLong`],
/// [`ServiceError::InvalidEndpoint`].
pub fn service(
	kind: ServiceKind,
	unit: Unit,
	price: Usdt,
	endpoint: &str,
	description: Option<Cid>,
) -> Result<Service, ServiceError> {
	let endpoint = Uri::try_from(endpoint).map_err(|_| ServiceError::EndpointTooLong)?;
	let service = Service { kind, unit, price: price.units(), endpoint, description };
	check(&service)?;
	Ok(service)
}

fn check(service: &Service) -> Result<(), ServiceError> {
	match service.price {
		0 => return Err(ServiceError::ZeroPrice),
		price if price > MAX_PRICE => {
			return Err(ServiceError::PriceTooHigh(Usdt::from_units(price)))
		},
		_ => {},
	}
	if !service.endpoint.is_valid() {
		return Err(ServiceError::InvalidEndpoint(service.endpoint.to_text()));
	}
	Ok(())
}

/// The services of one machine, as one of its keys, its owner or its operator may change them.
#[derive(Debug)]
pub struct Catalogue<'a, N> {
	actor: Actor<'a, N>,
	machine: MachineInfo<AccountId>,
}

impl<'a, N: Network> Catalogue<'a, N> {
	/// The services of `machine`, or of the machine for which `key` acts.
	///
	/// # Errors
	/// [`ServiceError::NotRegistered`], [`ServiceError::KeyEnded`],
	/// [`ServiceError::KeyLacksRight`], [`ServiceError::Frozen`],
	/// [`TransactError::UnknownMachine`], [`TransactError::Retired`],
	/// [`TransactError::NotPermitted`].
	pub async fn new(
		network: &'a N,
		key: &'a Key,
		machine: Option<MachineId>,
		patience: Patience,
	) -> Result<Self, ServiceError> {
		let actor = Actor::new(network, key, patience);
		let signer = actor.account();
		let own = network.key(signer).await?;
		let id = match (machine, &own) {
			(Some(id), _) => id,
			(None, Some(own)) => own.machine,
			(None, None) => return Err(ServiceError::NotRegistered { key: signer }),
		};
		let machine = actor.living(id).await?;
		if actor.may(&machine, OperatorRights::SERVICES) {
			return Ok(Self { actor, machine });
		}
		let Some(own) = own.filter(|own| own.machine == id) else {
			return Err(actor.not_permitted(&machine, OperatorRights::SERVICES).into());
		};
		if let Some(ended_at) = own.valid_until {
			return Err(ServiceError::KeyEnded { key: signer, machine: id, ended_at });
		}
		if !own.rights.contains(KeyRights::SERVICES) {
			let rights = describe_rights(own.rights);
			return Err(ServiceError::KeyLacksRight { key: signer, machine: id, rights });
		}
		if machine.frozen {
			return Err(ServiceError::Frozen { machine: id });
		}
		Ok(Self { actor, machine })
	}

	/// The machine.
	pub const fn machine(&self) -> &MachineInfo<AccountId> {
		&self.machine
	}

	/// Offers one more service and tells its number.
	///
	/// # Errors
	/// [`ServiceError::TooManyServices`], and what [`service`] and sending give.
	pub async fn offer(
		&self,
		service: &Service,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<(Done, ServiceId), ServiceError> {
		check(service)?;
		let machine = self.machine.id;
		if self.actor.network.services(machine).await?.len() >= MAX_SERVICES as usize {
			return Err(ServiceError::TooManyServices(machine));
		}
		let call = Call::OfferService { machine, service: service.clone() };
		let (done, events) = self.actor.transact(&call, progress).await?;
		let id = events.into_iter().find_map(|event| match event {
			ChainEvent::ServiceOffered { machine: at, id } if at == machine => Some(id),
			_ => None,
		});
		let id = id.ok_or_else(|| ChainError::Incompatible {
			what: "the event of the new service",
			why: "there is none".into(),
		})?;
		Ok((done, id))
	}

	/// Replaces a service by another description of it. Its number stays.
	///
	/// # Errors
	/// [`ServiceError::UnknownService`], and what [`service`] and sending give.
	pub async fn update(
		&self,
		id: ServiceId,
		service: &Service,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Done, ServiceError> {
		check(service)?;
		self.check_offered(id).await?;
		let call = Call::UpdateService { machine: self.machine.id, id, service: service.clone() };
		Ok(self.actor.simple(&call, progress).await?)
	}

	/// Ends a service. Its number is not used again.
	///
	/// # Errors
	/// [`ServiceError::UnknownService`], and what sending gives.
	pub async fn withdraw(
		&self,
		id: ServiceId,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Done, ServiceError> {
		self.check_offered(id).await?;
		let call = Call::WithdrawService { machine: self.machine.id, id };
		Ok(self.actor.simple(&call, progress).await?)
	}

	async fn check_offered(&self, id: ServiceId) -> Result<(), ServiceError> {
		let machine = self.machine.id;
		let services = self.actor.network.services(machine).await?;
		if services.iter().any(|service| service.id == id) {
			return Ok(());
		}
		Err(ServiceError::UnknownService { machine, id })
	}
}
