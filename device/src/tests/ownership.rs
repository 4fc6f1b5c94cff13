//! Handing machines over.

use dam_primitives::{machine_account, MachineStatus, OwnershipOffer};

use super::mock::{key, patience, Mock, LIMITS};
use crate::{
	chain::Call,
	keys::Key,
	owner::{Owner, OwnerError},
	transact::TransactError,
	AccountId, Error,
};

fn seller() -> Key {
	key(100)
}

fn buyer() -> Key {
	key(60)
}

fn chain() -> Mock {
	Mock::new(&key(3)).owned_by(&seller())
}

fn offered(mock: &Mock, to: AccountId, expires_at: u32) {
	mock.change(0, |machine| machine.offer = Some(OwnershipOffer { to, expires_at }));
}

async fn offer(mock: &Mock, to: AccountId, expires_at: u32) -> Result<(), OwnerError> {
	let seller = seller();
	let owner = Owner::new(mock, &seller, patience());
	owner.offer_ownership(0, to, expires_at, &mut |_| {}).await.map(drop)
}

async fn accept(mock: &Mock, by: &Key) -> Result<(), OwnerError> {
	Owner::new(mock, by, patience()).accept_ownership(0, &mut |_| {}).await.map(drop)
}

#[tokio::test]
async fn offers_should_name_somebody_else_and_a_block_within_reach() {
	let (mock, to) = (chain(), buyer().account());
	// Block 100 is final: the offer can stand in 101 at the earliest.
	let (first, last) = (102, 101 + LIMITS.offer);
	for expires_at in [first - 1, last + 1] {
		let refused = offer(&mock, to, expires_at).await.unwrap_err();
		assert!(refused.to_string().contains(&format!("from {first} to {last}")), "{refused}");
		assert_eq!(Error::from(refused).code(), "bad-expiry");
	}
	let address = AccountId::from(machine_account(700));
	for account in [seller().account(), key(3).account(), address] {
		assert!(matches!(
			offer(&mock, account, last).await,
			Err(OwnerError::InvalidRecipient { machine: 0, .. })
		));
	}
	assert!(mock.state().signed.is_empty());
	offer(&mock, to, last).await.unwrap();
	assert_eq!(mock.last_call(), Call::OfferOwnership { machine: 0, to, expires_at: last });
}

#[tokio::test]
async fn offers_should_be_cancelled_if_there_is_one() {
	let (mock, seller) = (chain(), seller());
	let owner = Owner::new(&mock, &seller, patience());
	assert!(matches!(owner.cancel_offer(0, &mut |_| {}).await, Err(OwnerError::NoOffer(0))));
	offered(&mock, buyer().account(), 500);
	owner.cancel_offer(0, &mut |_| {}).await.unwrap();
	assert_eq!(mock.last_call(), Call::CancelOffer(0));
}

#[tokio::test]
async fn machines_should_be_accepted_by_whom_they_are_offered_to_in_time() {
	let (mock, buyer) = (chain(), buyer());
	assert!(matches!(accept(&mock, &buyer).await, Err(OwnerError::NoOffer(0))));
	offered(&mock, buyer.account(), 101);
	let refused = accept(&mock, &key(61)).await.unwrap_err();
	assert!(matches!(&refused, OwnerError::NotRecipient { to, .. } if *to == buyer.account()));
	let poor = accept(&mock, &buyer).await.unwrap_err();
	assert!(
		matches!(&poor, OwnerError::Transact(TransactError::OutOfDam { needed, .. })
			if needed.units() == 2_000),
		"{poor}"
	);
	offered(&mock, buyer.account(), 100);
	assert!(matches!(
		accept(&mock, &buyer).await,
		Err(OwnerError::OfferExpired { expires_at: 100, next: 101, .. })
	));
	offered(&mock, key(3).account(), 101);
	assert!(matches!(accept(&mock, &key(3)).await, Err(OwnerError::InvalidRecipient { .. })));
	assert!(mock.state().signed.is_empty());

	offered(&mock, buyer.account(), 101);
	mock.state().dam.insert(buyer.account(), 2_000);
	accept(&mock, &buyer).await.unwrap();
	assert_eq!(mock.last_call(), Call::AcceptOwnership { machine: 0, unchanged_since: 1 });
	mock.change(0, |machine| machine.status = MachineStatus::Retired);
	assert!(matches!(
		accept(&mock, &buyer).await,
		Err(OwnerError::Transact(TransactError::Retired(0)))
	));
}
