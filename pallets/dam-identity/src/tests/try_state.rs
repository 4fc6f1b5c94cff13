//! Each invariant must notice every corruption that it is about.

use super::*;
use dam_primitives::{machine::MAX_FLEET_DEPTH, Uri};

/// Machines 0 to 3 of owner 1 and 4, which is retired. Machine 1 stands below 0. Machine 0 had the
/// keys of devices 0 and 10 and has that of 20 to claim; it is operated by owner 2, offered to owner
/// 3, and has a document.
fn corrupt(law: &str, corruption: impl FnOnce()) {
	new_test_ext().execute_with(|| {
		for n in 0..5 {
			register(&owner(1), n);
		}
		go_to(5);
		assert_ok!(Identity::rotate_key(origin(1), 0, new_key(0, 10, KeyRights::ALL)));
		add_key(&owner(1), 0, 20, KeyRights::CLAIM);
		assert_ok!(Identity::set_operator(origin(1), 0, operator(2, OperatorRights::KEYS)));
		assert_ok!(Identity::offer_ownership(origin(1), 0, owner(3), 50));
		assert_ok!(Identity::set_parent(origin(1), list(&[1]), Some(0)));
		let uri = Uri::try_from("x:y").unwrap();
		let metadata = Some(Metadata { hash: [1; 32], uri });
		let profile = MachineProfile { metadata, ..Default::default() };
		assert_ok!(Identity::set_profile(origin(1), 0, profile));
		assert_ok!(Identity::retire(origin(1), 4));
		check_invariants();
		corruption();
		let error = Identity::do_try_state().unwrap_err();
		let text: &'static str = error.into();
		let found = text.split_once(':').unwrap().0;
		assert_eq!(found, law, "law {law} should have been broken, not: {text}");
	});
}

fn machine(id: MachineId, change: impl FnOnce(&mut MachineRecordOf<Test>)) {
	Machines::<Test>::mutate(id, |machine| change(machine.as_mut().unwrap()));
}

fn key_record(n: u32, change: impl FnOnce(&mut KeyRecord<u32>)) {
	Keys::<Test>::mutate(key(n), |key| change(key.as_mut().unwrap()));
}

#[test]
fn gaps_in_the_numbers_should_be_noticed() {
	corrupt("1", || NextMachineId::<Test>::put(6));
	corrupt("1", || NextMachineId::<Test>::put(4));
}

#[test]
fn wrong_payment_keys_should_be_noticed() {
	corrupt("2", || machine(1, |machine| machine.key = key(99)));
	corrupt("2", || machine(1, |machine| machine.key = key(2)));
	corrupt("2", || key_record(1, |key| key.public = Device::new(3).public()));
	corrupt("2", || key_record(1, |key| key.rights = KeyRights::PAY));
	// The retired machine's as well.
	corrupt("2", || machine(4, |machine| machine.key = key(99)));
}

#[test]
fn wrong_numbers_of_payment_keys_should_be_noticed() {
	let ended = |key: &mut KeyRecord<u32>| {
		key.valid_until = Some(5);
		key.claimable_until = Some(5);
	};
	let revived = |key: &mut KeyRecord<u32>| {
		key.valid_until = None;
		key.claimable_until = None;
	};
	corrupt("3", || key_record(1, ended));
	corrupt("3", || key_record(0, revived));
	corrupt("3", || key_record(4, revived));
	corrupt("3", || machine(0, |machine| machine.key = key(0)));
}

#[test]
fn wrong_deposits_should_be_noticed() {
	corrupt("4", || machine(0, |machine| machine.deposit += 1));
	corrupt("4", || machine(0, |machine| machine.deposit -= KEY_DEPOSIT));
	corrupt("4", || machine(4, |machine| machine.deposit = DEPOSIT));
	corrupt("4", || machine(0, |machine| machine.owner = owner(4)));
	corrupt("4", || machine(0, |machine| machine.deposit = Balance::MAX));
}

#[test]
fn mortal_keys_should_be_noticed() {
	for n in [0, 10, 20, 4] {
		corrupt("5", || {
			System::dec_sufficients(&key(n));
		});
	}
}

#[test]
fn miscounted_keys_should_be_noticed() {
	corrupt("6", || machine(0, |machine| machine.keys_ever += 1));
	corrupt("6", || machine(0, |machine| machine.keys_ever -= 1));
	corrupt("6", || key_record(10, |key| key.ordinal = 0));
	corrupt("6", || key_record(10, |key| key.ordinal = 7));
	corrupt("6", || key_record(0, |key| key.machine = 99));
	corrupt("6", || Keys::<Test>::remove(key(0)));
}

#[test]
fn wrong_lists_of_further_keys_should_be_noticed() {
	let further = |keys: &[u32]| {
		let keys = keys.iter().map(|n| key(*n)).collect::<Vec<_>>();
		FurtherKeys::<Test>::insert(0, BoundedVec::truncate_from(keys));
	};
	corrupt("7", || further(&[]));
	corrupt("7", || further(&[0]));
	corrupt("7", || further(&[20, 10]));
	corrupt("7", || further(&[20, 20]));
	corrupt("7", || FurtherKeys::<Test>::remove(0));
	corrupt("7", || FurtherKeys::<Test>::swap(0, 1));
	corrupt("7", || key_record(20, |key| key.rights = KeyRights::NONE));
	corrupt("7", || {
		key_record(20, |key| {
			key.valid_until = Some(5);
			key.claimable_until = Some(5);
		})
	});
}

#[test]
fn disordered_blocks_of_keys_should_be_noticed() {
	corrupt("8", || key_record(0, |key| key.claimable_until = None));
	corrupt("8", || key_record(0, |key| key.valid_until = None));
	corrupt("8", || key_record(0, |key| key.valid_until = Some(0)));
	corrupt("8", || key_record(0, |key| key.claimable_until = Some(4)));
}

#[test]
fn wrong_trees_should_be_noticed() {
	corrupt("9", || Children::<Test>::remove(0, 1));
	corrupt("9", || Children::<Test>::insert(0, 2, ()));
	corrupt("9", || machine(0, |machine| machine.children = 0));
	corrupt("9", || machine(0, |machine| machine.children = 2));
	corrupt("9", || machine(2, |machine| machine.children = 1));
	corrupt("9", || machine(1, |machine| machine.parent = None));
	corrupt("9", || machine(1, |machine| machine.parent = Some(2)));
	let link = |child, parent| {
		machine(child, |machine| machine.parent = Some(parent));
		machine(parent, |machine| machine.children += 1);
		Children::<Test>::insert(parent, child, ());
	};
	// Cycles, long and short; a retired machine on either side; one that does not exist.
	corrupt("9", || link(0, 1));
	corrupt("9", || link(2, 2));
	corrupt("9", || link(2, 4));
	corrupt("9", || link(4, 2));
	corrupt("9", || machine(2, |machine| machine.parent = Some(99)));
}

#[test]
fn trees_that_are_too_deep_should_be_noticed() {
	corrupt("9", || {
		for n in 30..30 + MAX_FLEET_DEPTH {
			let machine = register(&owner(2), n);
			if n > 30 {
				assert_ok!(Identity::set_parent(origin(2), list(&[machine]), Some(machine - 1)));
			}
		}
		check_invariants();
		// The root of the deepest tree goes below machine 3 by force.
		let root = 5;
		machine(root, |machine| machine.parent = Some(3));
		machine(3, |machine| machine.children += 1);
		Children::<Test>::insert(3, root, ());
	});
}

#[test]
fn wrong_offers_should_be_noticed() {
	let offered = |id, to| Offers::<Test>::insert(id, OfferRecord { to, expires_at: 9 });
	corrupt("10", || offered(1, owner(1)));
	corrupt("10", || offered(4, owner(2)));
	corrupt("10", || offered(99, owner(2)));
}

#[test]
fn wrong_owners_and_operators_should_be_noticed() {
	use codec::Decode;
	let appoint = |id, account, rights| {
		machine(id, |machine| machine.operator = Some(OperatorInfo { account, rights }))
	};
	corrupt("11", || appoint(0, owner(1), OperatorRights::ALL));
	corrupt("11", || appoint(0, key(0), OperatorRights::ALL));
	corrupt("11", || appoint(0, key(20), OperatorRights::ALL));
	corrupt("11", || appoint(4, owner(2), OperatorRights::ALL));
	corrupt("11", || appoint(0, owner(2), OperatorRights::NONE));
	corrupt("11", || {
		appoint(0, owner(2), OperatorRights::decode(&mut &[0b1000_0000u8][..]).unwrap())
	});
	// A retired one, so that no deposit is in the wrong place.
	corrupt("11", || machine(4, |machine| machine.owner = key(4)));
}

#[test]
fn wrong_documents_should_be_noticed() {
	let document = |id, uri| {
		let uri = Uri::try_from(uri).unwrap();
		Documents::<Test>::insert(id, Metadata { hash: [0; 32], uri });
	};
	corrupt("12", || document(0, "invalid"));
	corrupt("12", || document(4, "x:y"));
	corrupt("12", || document(99, "x:y"));
}
