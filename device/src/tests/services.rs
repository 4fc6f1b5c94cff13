//! Offering, changing and ending services.

use dam_primitives::{
	service::{MAX_PRICE, MAX_SERVICES},
	KeyRights, MachineId, MachineStatus, OperatorInfo, OperatorRights, Service, ServiceId,
	ServiceInfo, ServiceKind, Unit,
};

use super::mock::{key, key_info, patience, Mock};
use crate::{
	chain::{Call, ChainEvent},
	keys::Key,
	services::{service, Catalogue, ServiceError},
	settle::SettleError,
	transact::TransactError,
	Error, Usdt,
};

fn owner() -> Key {
	key(100)
}

/// Machine 0 pays with key 3.
fn chain() -> Mock {
	Mock::new(&key(3)).owned_by(&owner())
}

fn charging(price: u128) -> Service {
	let price = Usdt::from_units(price);
	service(ServiceKind::Charging, Unit::KilowattHour, price, "https://example.org", None).unwrap()
}

fn offered(mock: &Mock, machine: MachineId, id: ServiceId) {
	let info = ServiceInfo { machine, status: MachineStatus::Active, id, service: charging(1) };
	mock.state().services.push(info);
}

async fn open(
	mock: &Mock,
	number: u8,
	machine: Option<MachineId>,
) -> Result<MachineId, ServiceError> {
	let key = key(number);
	Ok(Catalogue::new(mock, &key, machine, patience()).await?.machine().id)
}

#[tokio::test]
async fn services_should_be_managed_by_whoever_may() {
	let mock = chain();
	let helper = key_info(0, &key(4), 1, KeyRights::SERVICES);
	mock.change(0, |machine| machine.keys.push(helper));
	let operator = OperatorInfo { account: key(101).account(), rights: OperatorRights::SERVICES };
	mock.change(0, |machine| machine.operator = Some(operator));
	// The machine's keys need not name it.
	for number in [3, 4] {
		assert_eq!(open(&mock, number, None).await.unwrap(), 0);
	}
	for number in [3, 4, 100, 101] {
		assert_eq!(open(&mock, number, Some(0)).await.unwrap(), 0);
	}
	// Suspension takes spending alone.
	mock.change(0, |machine| machine.status = MachineStatus::Suspended);
	assert_eq!(open(&mock, 3, None).await.unwrap(), 0);
}

#[tokio::test]
async fn services_should_not_be_managed_by_others() {
	let mock = chain();
	let claims = key_info(0, &key(4), 1, KeyRights::CLAIM);
	mock.change(0, |machine| machine.keys.push(claims));
	let mut past = key_info(0, &key(5), 0, KeyRights::ALL);
	past.valid_until = Some(90);
	mock.state().past_keys.push(past);
	let refused = |number, machine| {
		let mock = mock.clone();
		async move { open(&mock, number, machine).await.unwrap_err() }
	};
	let stranger = refused(50, None).await;
	assert!(stranger.to_string().contains("--machine"), "{stranger}");
	assert!(matches!(stranger, ServiceError::NotRegistered { .. }));
	let lacks = refused(4, None).await;
	assert!(matches!(&lacks, ServiceError::KeyLacksRight { rights, .. } if rights == "claim"));
	assert_eq!(Error::from(lacks).code(), "key-lacks-right");
	assert!(matches!(
		refused(5, None).await,
		ServiceError::KeyEnded { machine: 0, ended_at: 90, .. }
	));
	// The key of one machine has no say in another.
	for (number, machine) in [(3, 1), (50, 0)] {
		assert!(matches!(
			refused(number, Some(machine)).await,
			ServiceError::Transact(TransactError::NotPermitted { .. })
		));
	}
	assert!(matches!(
		refused(100, Some(9)).await,
		ServiceError::Transact(TransactError::UnknownMachine(9))
	));
	mock.change(0, |machine| machine.frozen = true);
	assert!(matches!(refused(3, None).await, ServiceError::Frozen { machine: 0 }));
	assert_eq!(open(&mock, 100, Some(0)).await.unwrap(), 0);
	mock.change(0, |machine| machine.status = MachineStatus::Retired);
	assert!(matches!(refused(3, None).await, ServiceError::Transact(TransactError::Retired(0))));
}

#[tokio::test]
async fn offer_should_tell_the_number_of_the_service() {
	let (mock, device) = (chain(), key(3));
	let catalogue = Catalogue::new(&mock, &device, None, patience()).await.unwrap();
	mock.state().events = vec![
		ChainEvent::ServiceOffered { machine: 1, id: 4 },
		ChainEvent::ServiceOffered { machine: 0, id: 7 },
	];
	let (_, id) = catalogue.offer(&charging(300_000), &mut |_| {}).await.unwrap();
	assert_eq!(id, 7);
	let expected = Call::OfferService { machine: 0, service: charging(300_000) };
	assert_eq!(mock.last_call(), expected);
	// A chain that does not say which is another chain than this program knows.
	let silent = catalogue.offer(&charging(1), &mut |_| {}).await.unwrap_err();
	assert!(
		matches!(&silent, ServiceError::Transact(TransactError::Settle(SettleError::Chain(_)))),
		"{silent}"
	);
	assert_eq!(Error::from(silent).code(), "incompatible");
}

#[tokio::test]
async fn services_should_be_within_their_bounds() {
	let (mock, device) = (chain(), key(3));
	let make = |price, endpoint: &str| {
		let price = Usdt::from_units(price);
		service(ServiceKind::Data, Unit::Request, price, endpoint, None)
	};
	assert!(matches!(make(0, "https://a.example"), Err(ServiceError::ZeroPrice)));
	make(MAX_PRICE, "https://a.example").unwrap();
	let dear = make(MAX_PRICE + 1, "https://a.example").unwrap_err();
	assert!(dear.to_string().contains("1000000 is the most"), "{dear}");
	for (endpoint, says) in
		[("a.example", "no absolute URI"), (&format!("https://{}", "a".repeat(128)), "128 bytes")]
	{
		let refused = make(1, endpoint).unwrap_err();
		assert!(refused.to_string().contains(says), "{refused}");
		assert!(Error::from(refused).is_bad_input());
	}
	(0..MAX_SERVICES).for_each(|id| offered(&mock, 0, id));
	let catalogue = Catalogue::new(&mock, &device, None, patience()).await.unwrap();
	let many = catalogue.offer(&charging(1), &mut |_| {}).await.unwrap_err();
	assert!(matches!(many, ServiceError::TooManyServices(0)), "{many}");
	let free = Service { price: 0, ..charging(1) };
	assert!(matches!(catalogue.update(0, &free, &mut |_| {}).await, Err(ServiceError::ZeroPrice)));
	assert!(mock.state().signed.is_empty());
}

#[tokio::test]
async fn services_should_be_changed_and_ended_by_their_number() {
	let (mock, device) = (chain(), key(3));
	offered(&mock, 0, 2);
	offered(&mock, 1, 5);
	let catalogue = Catalogue::new(&mock, &device, None, patience()).await.unwrap();
	catalogue.update(2, &charging(9), &mut |_| {}).await.unwrap();
	let expected = Call::UpdateService { machine: 0, id: 2, service: charging(9) };
	assert_eq!(mock.last_call(), expected);
	catalogue.withdraw(2, &mut |_| {}).await.unwrap();
	assert_eq!(mock.last_call(), Call::WithdrawService { machine: 0, id: 2 });
	for refused in [
		catalogue.update(5, &charging(9), &mut |_| {}).await,
		catalogue.withdraw(5, &mut |_| {}).await,
	] {
		assert!(matches!(refused, Err(ServiceError::UnknownService { machine: 0, id: 5 })));
	}
	assert_eq!(mock.state().signed.len(), 2);
}
