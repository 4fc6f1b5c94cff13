//! Replacing, adding and ending keys.

use dam_primitives::{
	machine::{MAX_FURTHER_KEYS, MAX_KEYS_EVER},
	KeyRights, MachineStatus, OperatorInfo, OperatorRights,
};

use super::mock::{key, key_info, patience, Mock, LIMITS};
use crate::{
	agreement::AgreementError,
	chain::{Call, Network},
	keyring::{Keyring, KeyringError},
	keys::Key,
	statement::StatementError,
	transact::TransactError,
	Error, KeyAgreement,
};

fn owner() -> Key {
	key(100)
}

/// Machine 0 pays with key 3.
fn device() -> Key {
	key(3)
}

fn chain() -> Mock {
	Mock::new(&device()).owned_by(&owner())
}

fn agreed(mock: &Mock, key: &Key, rights: KeyRights) -> KeyAgreement {
	KeyAgreement::sign(key, mock.genesis(), 0, rights, 500)
}

async fn rotate(mock: &Mock, by: &Key, to: &KeyAgreement) -> Result<(), KeyringError> {
	Keyring::new(mock, by, Some(0), patience()).await?.rotate(to, &mut |_| {}).await.map(drop)
}

async fn add(mock: &Mock, by: &Key, new: &KeyAgreement) -> Result<(), KeyringError> {
	Keyring::new(mock, by, Some(0), patience()).await?.add(new, &mut |_| {}).await.map(drop)
}

async fn remove(mock: &Mock, by: &Key, old: &Key) -> Result<(), KeyringError> {
	let keyring = Keyring::new(mock, by, Some(0), patience()).await?;
	keyring.remove(old.account(), &mut |_| {}).await.map(drop)
}

fn operated(mock: &Mock, rights: OperatorRights) -> Key {
	let operator = key(101);
	let account = operator.account();
	mock.change(0, |machine| machine.operator = Some(OperatorInfo { account, rights }));
	operator
}

#[tokio::test]
async fn payment_keys_should_be_replaced_by_themselves_the_owner_and_an_operator() {
	let mock = chain();
	let new = agreed(&mock, &key(4), KeyRights::ALL);
	let operator = operated(&mock, OperatorRights::KEYS);
	for by in [device(), owner(), operator] {
		rotate(&mock, &by, &new).await.unwrap();
		assert_eq!(mock.last_call(), Call::RotateKey(Box::new(new.clone())));
	}
	// A device need not know its number.
	let device = device();
	let keyring = Keyring::new(&mock, &device, None, patience()).await.unwrap();
	assert_eq!(keyring.machine().id, 0);
	let stranger = key(50);
	let refused = Keyring::new(&mock, &stranger, None, patience()).await.map(drop);
	assert!(matches!(refused, Err(KeyringError::NotRegistered { .. })));
}

#[tokio::test]
async fn devices_should_rotate_only_while_they_act_and_now_and_then() {
	let mock = chain();
	let new = agreed(&mock, &key(4), KeyRights::ALL);
	let further = key_info(0, &key(5), 1, KeyRights::SERVICES);
	mock.change(0, |machine| machine.keys.push(further));
	let lacks = rotate(&mock, &key(5), &new).await.unwrap_err();
	assert!(matches!(&lacks, KeyringError::NotPaymentKey { .. }), "{lacks}");
	assert_eq!(Error::from(lacks).code(), "key-lacks-right");
	let mut past = key_info(0, &key(6), 0, KeyRights::ALL);
	past.valid_until = Some(90);
	mock.state().past_keys.push(past);
	assert!(matches!(
		rotate(&mock, &key(6), &new).await,
		Err(KeyringError::Ended { ended_at: 90, .. })
	));
	mock.change(0, |machine| machine.status = MachineStatus::Suspended);
	assert!(matches!(rotate(&mock, &device(), &new).await, Err(KeyringError::Suspended { .. })));
	mock.change(0, |machine| machine.frozen = true);
	assert!(matches!(rotate(&mock, &device(), &new).await, Err(KeyringError::Frozen { .. })));
	assert!(mock.state().signed.is_empty());
	// None of that stops the owner.
	rotate(&mock, &owner(), &new).await.unwrap();

	let mock = chain();
	let since = 101 - LIMITS.rotation_interval + 1;
	mock.change(0, |machine| {
		(machine.keys[0].ordinal, machine.keys[0].valid_from) = (1, since);
	});
	let soon = rotate(&mock, &device(), &new).await.unwrap_err();
	assert!(
		matches!(soon, KeyringError::RotatedTooRecently { last, next: 102, .. } if last == since),
		"{soon}"
	);
	assert_eq!(Error::from(soon).code(), "too-soon");
	rotate(&mock, &owner(), &new).await.unwrap();
	mock.state().head = 101;
	rotate(&mock, &device(), &new).await.unwrap();
}

#[tokio::test]
async fn new_keys_should_be_fresh_and_agree_to_exactly_this() {
	let mock = chain();
	let refused = |new: KeyAgreement| {
		let mock = mock.clone();
		async move { rotate(&mock, &owner(), &new).await.unwrap_err() }
	};
	let good = agreed(&mock, &key(4), KeyRights::ALL);
	let genesis = mock.genesis();
	let other = KeyAgreement::sign(&key(4), genesis, 1, KeyRights::ALL, 500);
	assert!(matches!(
		refused(other).await,
		KeyringError::Agreement(AgreementError::WrongMachine { theirs: 1, ours: 0 })
	));
	let late = 100 + LIMITS.statement + 1;
	let late = KeyAgreement::sign(&key(4), genesis, 0, KeyRights::ALL, late);
	let expired = KeyAgreement::sign(&key(4), genesis, 0, KeyRights::ALL, 99);
	let forged = KeyAgreement { expires_at: 501, ..good.clone() };
	for (bad, says) in [(late, "goes beyond"), (expired, "sign it again"), (forged, "altered")] {
		let error = refused(bad).await;
		assert!(
			matches!(&error, KeyringError::Agreement(AgreementError::Statement(_)))
				&& error.to_string().contains(says),
			"{error}"
		);
		assert_eq!(Error::from(error).code(), "bad-agreement");
	}
	let elsewhere = KeyAgreement::sign(&key(4), Default::default(), 0, KeyRights::ALL, 500);
	assert!(matches!(
		refused(elsewhere).await,
		KeyringError::Agreement(AgreementError::Statement(StatementError::WrongChain { .. }))
	));
	let fewer = agreed(&mock, &key(4), KeyRights::CLAIM);
	assert!(matches!(
		refused(fewer).await,
		KeyringError::Agreement(AgreementError::NotForPayments { .. })
	));
	for used in [device(), key(1)] {
		// Key 1 acts for nobody yet.
		if used.account() == key(1).account() {
			mock.state().past_keys.push(key_info(1, &used, 0, KeyRights::ALL));
		}
		assert!(matches!(
			refused(agreed(&mock, &used, KeyRights::ALL)).await,
			KeyringError::KeyUsed { .. }
		));
	}
	let operator = operated(&mock, OperatorRights::STATUS);
	for person in [owner(), operator] {
		assert!(matches!(
			refused(agreed(&mock, &person, KeyRights::ALL)).await,
			KeyringError::NotForDevice { machine: 0, .. }
		));
	}
	mock.state().dam.insert(owner().account(), LIMITS.key_deposit.units() - 1);
	// The owner pays, whoever rotates.
	let poor = rotate(&mock, &device(), &good).await.unwrap_err();
	assert!(
		matches!(&poor, KeyringError::Transact(TransactError::OutOfDam { account, .. })
			if *account == owner().account()),
		"{poor}"
	);
	mock.change(0, |machine| machine.keys[0].ordinal = MAX_KEYS_EVER - 1);
	assert!(matches!(refused(good).await, KeyringError::TooManyKeys(0)));
	assert!(mock.state().signed.is_empty());
}

#[tokio::test]
async fn further_keys_should_be_added_with_fewer_rights() {
	let mock = chain();
	let new = agreed(&mock, &key(4), KeyRights::CLAIM);
	add(&mock, &owner(), &new).await.unwrap();
	assert_eq!(mock.last_call(), Call::AddKey(Box::new(new.clone())));
	let operator = operated(&mock, OperatorRights::KEYS);
	add(&mock, &operator, &new).await.unwrap();

	let signed = mock.state().signed.len();
	let payer = agreed(&mock, &key(4), KeyRights::ALL);
	assert!(matches!(
		add(&mock, &owner(), &payer).await,
		Err(KeyringError::Agreement(AgreementError::NotForFurtherKeys(_)))
	));
	// The device's own key may replace itself, no more.
	let device = add(&mock, &device(), &new).await.unwrap_err();
	assert!(device.to_string().contains("`keys`"), "{device}");
	for number in 0..MAX_FURTHER_KEYS {
		let one = key_info(0, &key(10 + number as u8), number + 1, KeyRights::CLAIM);
		mock.change(0, |machine| machine.keys.push(one));
	}
	let many = add(&mock, &owner(), &new).await.unwrap_err();
	assert!(matches!(many, KeyringError::TooManyFurtherKeys(0)), "{many}");
	assert_eq!(Error::from(many).code(), "too-many-keys");
	assert_eq!(mock.state().signed.len(), signed);
}

#[tokio::test]
async fn further_keys_should_be_removed_and_payment_keys_not() {
	let mock = chain();
	let further = key_info(0, &key(4), 1, KeyRights::CLAIM);
	mock.change(0, |machine| machine.keys.push(further));
	let payment = remove(&mock, &owner(), &device()).await.unwrap_err();
	assert!(matches!(payment, KeyringError::PaymentKey { machine: 0, .. }), "{payment}");
	let unknown = remove(&mock, &owner(), &key(5)).await.unwrap_err();
	assert!(matches!(unknown, KeyringError::NotFurtherKey { machine: 0, .. }), "{unknown}");
	assert!(matches!(
		remove(&mock, &device(), &key(4)).await,
		Err(KeyringError::Transact(TransactError::NotPermitted { .. }))
	));
	assert!(mock.state().signed.is_empty());
	remove(&mock, &owner(), &key(4)).await.unwrap();
	assert_eq!(mock.last_call(), Call::RemoveKey { machine: 0, key: key(4).account() });
}
