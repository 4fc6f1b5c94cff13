use super::*;
use dam_primitives::PublicKey;
use sp_runtime::{DispatchError, DispatchResult, MultiSignature};

/// What keys other than the payment key may do at most.
const FURTHER: KeyRights = KeyRights::ALL.without(KeyRights::PAY);

/// Replaces the payment key of `machine` by device `n`.
fn rotate(who: RuntimeOrigin, machine: MachineId, n: u32) -> DispatchResult {
	Identity::rotate_key(who, machine, new_key(machine, n, KeyRights::ALL))
}

fn add(who: RuntimeOrigin, machine: MachineId, n: u32, rights: KeyRights) -> DispatchResult {
	Identity::add_key(who, machine, new_key(machine, n, rights), rights)
}

fn pays(n: u32) -> Result<MachineId, DispatchError> {
	Identity::authorize(&key(n), KeyRights::PAY)
}

#[test]
fn rotation_should_replace_the_payment_key_on_every_curve() {
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		for (at, n) in [(10, 1), (20, 2), (30, 3)] {
			go_to(at);
			assert_ok!(rotate(origin(1), machine, n));
			System::assert_last_event(
				Event::KeyRotated { machine, old: key(n - 1), new: key(n) }.into(),
			);
			assert_eq!(pays(n), Ok(machine));
			assert_eq!(Identity::signer(&key(n)), Ok(machine));
			assert_eq!(pays(n - 1), Err(Error::<Test>::KeyEnded.into()));

			let old = Identity::key_info(&key(n - 1)).unwrap();
			assert_eq!(old.valid_until, Some(at));
			assert_eq!(old.claimable_until, Some(at + HORIZON));
			let new = Identity::key_info(&key(n)).unwrap();
			assert_eq!((new.ordinal, new.valid_from, new.valid_until), (n, at, None));
			assert_eq!(new.rights, KeyRights::ALL);
		}
		let info = Identity::machine_info(machine).unwrap();
		assert_eq!(info.keys.len(), 1);
		assert_eq!(info.payment_key().map(|info| info.account.clone()), Some(key(3)));
		assert_eq!(info.deposit, DEPOSIT + 3 * KEY_DEPOSIT);
		assert_eq!(held(&owner(1)), DEPOSIT + 3 * KEY_DEPOSIT);
		// Its money has not moved.
		assert_eq!(OpenWallets::get(), [Identity::account(machine)]);
		for n in 0..4 {
			assert_eq!(Identity::machine_of(&key(n)), Some(machine));
		}
	});
}

#[test]
fn payment_key_should_replace_itself_once_in_the_interval() {
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		// Never rotated: no need to wait.
		assert_ok!(rotate(device(0), machine, 1));
		assert_noop!(rotate(device(1), machine, 2), Error::<Test>::RotatedTooRecently);
		go_to(INTERVAL);
		assert_noop!(rotate(device(1), machine, 2), Error::<Test>::RotatedTooRecently);
		go_to(1 + INTERVAL);
		assert_ok!(rotate(device(1), machine, 2));
		assert_eq!(held(&owner(1)), DEPOSIT + 2 * KEY_DEPOSIT);
		// The owner need not wait, and makes the key wait.
		assert_ok!(rotate(origin(1), machine, 3));
		assert_ok!(rotate(origin(1), machine, 4));
		assert_noop!(rotate(device(4), machine, 5), Error::<Test>::RotatedTooRecently);
	});
}

#[test]
fn payment_key_should_not_replace_itself_when_suspended_or_frozen_but_the_owner_may() {
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		assert_ok!(Identity::suspend(origin(1), machine));
		assert_noop!(rotate(device(0), machine, 1), Error::<Test>::MachineSuspended);
		assert_ok!(rotate(origin(1), machine, 1));
		assert_ok!(Identity::resume(origin(1), machine));
		go_to(500);
		assert_ok!(Identity::freeze(origin(1), list(&[machine])));
		assert_noop!(rotate(device(1), machine, 2), Error::<Test>::KeysFrozen);
		assert_ok!(rotate(origin(1), machine, 2));
		assert_eq!(pays(2), Err(Error::<Test>::KeysFrozen.into()));
		assert_ok!(add(origin(1), machine, 3, KeyRights::CLAIM));
	});
}

#[test]
fn rotation_should_be_refused_when_the_signer_has_no_say() {
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		let other = register(&owner(2), 10);
		add_key(&owner(1), machine, 20, FURTHER);
		assert_ok!(rotate(origin(1), machine, 1));
		go_to(500);
		// A stranger, the owner of another machine, and the key of another machine.
		assert_noop!(rotate(origin(3), machine, 2), Error::<Test>::NotAuthorized);
		assert_noop!(rotate(origin(2), machine, 2), Error::<Test>::NotAuthorized);
		assert_noop!(rotate(device(10), machine, 2), Error::<Test>::NotAuthorized);
		assert_noop!(rotate(device(0), other, 2), Error::<Test>::NotAuthorized);
		// A key that was rotated away, and one that may not pay.
		assert_noop!(rotate(device(0), machine, 2), Error::<Test>::KeyEnded);
		assert_noop!(rotate(device(20), machine, 2), Error::<Test>::KeyLacksRight);
		assert_noop!(rotate(origin(1), 7, 2), Error::<Test>::MachineNotFound);
		// The payment key alone can.
		assert_ok!(rotate(device(1), machine, 2));
	});
}

#[test]
fn thief_should_lose_the_race_against_the_owner_in_any_order() {
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		// The thief is first: the owner ends the thief's key all the same.
		assert_ok!(rotate(device(0), machine, 66));
		assert_ok!(rotate(origin(1), machine, 1));
		assert_eq!(pays(66), Err(Error::<Test>::KeyEnded.into()));
		assert_noop!(rotate(device(66), machine, 67), Error::<Test>::KeyEnded);
		go_to(1_000);
		// The owner is first: the stolen key has ended.
		assert_ok!(rotate(origin(1), machine, 2));
		assert_noop!(rotate(device(1), machine, 68), Error::<Test>::KeyEnded);
		go_to(2_000);
		// The thief submits the owner's own proof first: that is what the owner wanted.
		let owners = new_key(machine, 3, KeyRights::ALL);
		assert_noop!(
			Identity::add_key(device(2), machine, owners.clone(), FURTHER),
			Error::<Test>::NotAuthorized
		);
		assert_ok!(Identity::rotate_key(device(2), machine, owners.clone()));
		assert_noop!(
			Identity::rotate_key(origin(1), machine, owners),
			Error::<Test>::KeyAlreadyUsed
		);
		assert_eq!(pays(3), Ok(machine));
		assert_eq!(pays(2), Err(Error::<Test>::KeyEnded.into()));
	});
}

#[test]
fn payment_key_should_leave_the_last_keys_of_a_life_to_the_owner() {
	build_and_execute(|| {
		assert_ok!(Balances::force_set_balance(RuntimeOrigin::root(), owner(1), 1_000_000));
		let machine = register(&owner(1), 0);
		// Ed25519 devices: the quickest to sign.
		let mut n = 0;
		while record(machine).keys_ever < MAX_KEYS_EVER - RESERVED_KEYS {
			assert_ok!(rotate(device(n), machine, n + 3));
			n += 3;
			go_to(System::block_number() + INTERVAL);
		}
		assert_noop!(rotate(device(n), machine, n + 3), Error::<Test>::TooManyKeys);
		assert_ok!(Identity::set_operator(origin(1), machine, operator(2, OperatorRights::KEYS)));
		assert_noop!(rotate(origin(2), machine, n + 3), Error::<Test>::TooManyKeys);
		assert_noop!(add(origin(2), machine, n + 3, KeyRights::CLAIM), Error::<Test>::TooManyKeys);
		for _ in 0..RESERVED_KEYS {
			assert_ok!(rotate(origin(1), machine, n + 3));
			n += 3;
		}
		assert_eq!(record(machine).keys_ever, MAX_KEYS_EVER);
		assert_noop!(rotate(origin(1), machine, n + 3), Error::<Test>::TooManyKeys);
		assert_noop!(add(origin(1), machine, n + 3, KeyRights::CLAIM), Error::<Test>::TooManyKeys);
		assert_eq!(pays(n), Ok(machine));
		assert_eq!(held(&owner(1)), DEPOSIT + Balance::from(MAX_KEYS_EVER - 1) * KEY_DEPOSIT);
		assert_ok!(Identity::retire(origin(1), machine));
		assert_eq!(held(&owner(1)), 0);
	});
}

#[test]
fn new_key_should_be_refused_when_the_owner_cannot_pay_for_it() {
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		let left = KEY_DEPOSIT; // The existential deposit is one of them, and must stay.
		let rest = Balances::free_balance(owner(1)) - left;
		assert_ok!(Balances::transfer_allow_death(origin(1), owner(2), rest));
		assert_noop!(rotate(device(0), machine, 1), TokenError::FundsUnavailable);
		assert_noop!(rotate(origin(1), machine, 1), TokenError::FundsUnavailable);
		assert_noop!(add(origin(1), machine, 1, KeyRights::CLAIM), TokenError::FundsUnavailable);
		assert_ok!(Balances::transfer_allow_death(origin(2), owner(1), 1));
		assert_ok!(rotate(device(0), machine, 1));
	});
}

#[test]
fn what_a_key_signed_should_settle_until_its_horizon_and_not_after() {
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		add_key(&owner(1), machine, 20, FURTHER);
		go_to(10);
		assert_ok!(rotate(origin(1), machine, 1));
		for at in [10, 10 + HORIZON] {
			go_to(at);
			assert_eq!(Identity::signer(&key(0)), Ok(machine));
		}
		go_to(11 + HORIZON);
		assert_eq!(Identity::signer(&key(0)), Err(Error::<Test>::KeyHorizonPassed.into()));
		assert_eq!(Identity::signer(&key(1)), Ok(machine));
		// A key that never could pay signed nothing that settles.
		assert_eq!(Identity::signer(&key(20)), Err(Error::<Test>::KeyLacksRight.into()));
	});
}

#[test]
fn horizon_should_not_overflow_at_the_end_of_time() {
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		go_to(u32::MAX - 20);
		assert_ok!(rotate(origin(1), machine, 1));
		assert_eq!(Identity::key_info(&key(0)).unwrap().claimable_until, Some(u32::MAX));
	});
}

#[test]
fn proof_should_be_refused_when_made_for_another_machine_chain_or_right() {
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		let other = register(&owner(1), 10);
		let refused: DispatchError = Error::<Test>::InvalidProof.into();
		let elsewhere = new_key(other, 1, KeyRights::ALL);
		assert_noop!(Identity::rotate_key(origin(1), machine, elsewhere), refused);

		let foreign = Device::new(1).agree_to_act_on([1; 32], machine, KeyRights::ALL, 10);
		assert_noop!(
			Identity::rotate_key(origin(1), machine, foreign),
			Error::<Test>::InvalidProof
		);

		// Who agreed to claim did not agree to pay, and the other way round.
		let claims = new_key(machine, 1, KeyRights::CLAIM);
		assert_noop!(
			Identity::rotate_key(origin(1), machine, claims.clone()),
			Error::<Test>::InvalidProof
		);
		assert_noop!(
			Identity::add_key(origin(1), machine, claims.clone(), FURTHER),
			Error::<Test>::InvalidProof
		);
		let everything = new_key(machine, 1, KeyRights::ALL);
		assert_noop!(
			Identity::add_key(origin(1), machine, everything, KeyRights::CLAIM),
			Error::<Test>::InvalidProof
		);
		assert_ok!(Identity::add_key(origin(1), machine, claims, KeyRights::CLAIM));
	});
}

#[test]
fn proof_should_be_refused_when_it_is_a_registrations() {
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		let Registration { key, expires_at, proof, .. } = Device::new(1).agree(&owner(1), 10);
		assert_noop!(
			Identity::rotate_key(origin(1), machine, NewKey { key, expires_at, proof }),
			Error::<Test>::InvalidProof
		);
		let NewKey { key, expires_at, proof } = new_key(1, 1, KeyRights::ALL);
		let registration = Registration { key, profile: Default::default(), expires_at, proof };
		assert_noop!(Identity::register(origin(1), registration), Error::<Test>::InvalidProof);
	});
}

#[test]
fn proof_should_be_refused_when_anything_it_covers_is_changed() {
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		// Device 3 is Ed25519, so that its key can be passed off as Sr25519.
		let good = new_key(machine, 3, KeyRights::ALL);
		let (PublicKey::Ed25519(bytes), MultiSignature::Ed25519(signature)) =
			(good.key, good.proof.clone())
		else {
			unreachable!("device 3 is Ed25519")
		};
		let expiry = NewKey { expires_at: good.expires_at + 1, ..good.clone() };
		let thiefs = NewKey { key: Device::new(6).public(), ..good.clone() };
		let curve = NewKey { key: PublicKey::Sr25519(bytes), ..good.clone() };
		let both = NewKey {
			key: PublicKey::Sr25519(bytes),
			proof: MultiSignature::Sr25519(signature.0.into()),
			..good.clone()
		};
		for bad in [expiry, thiefs, curve, both] {
			assert_noop!(
				Identity::rotate_key(origin(1), machine, bad),
				Error::<Test>::InvalidProof
			);
		}
		assert_ok!(Identity::rotate_key(origin(1), machine, good));
	});
}

#[test]
fn statement_should_be_accepted_until_its_last_block_and_not_after() {
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		let agree =
			|n, expires_at| Device::new(n).agree_to_act(machine, KeyRights::ALL, expires_at);
		assert_noop!(
			Identity::rotate_key(origin(1), machine, agree(1, 2 + LIFETIME)),
			Error::<Test>::StatementLifetimeTooLong
		);
		assert_noop!(
			Identity::rotate_key(origin(1), machine, agree(1, u32::MAX)),
			Error::<Test>::StatementLifetimeTooLong
		);
		assert_ok!(Identity::rotate_key(origin(1), machine, agree(1, 1 + LIFETIME)));
		go_to(20);
		assert_ok!(Identity::rotate_key(origin(1), machine, agree(2, 20)));
		assert_noop!(
			Identity::rotate_key(origin(1), machine, agree(3, 19)),
			Error::<Test>::StatementExpired
		);
	});
}

#[test]
fn key_should_be_entered_only_once_in_any_role() {
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		let other = register(&owner(2), 10);
		assert_ok!(rotate(origin(1), machine, 1));
		add_key(&owner(1), machine, 2, FURTHER);
		assert_ok!(Identity::remove_key(origin(1), machine, key(2)));
		// Past, present, removed, and another machine's keys.
		for n in [0, 1, 2, 10] {
			assert_noop!(rotate(origin(1), machine, n), Error::<Test>::KeyAlreadyUsed);
			assert_noop!(add(origin(1), machine, n, FURTHER), Error::<Test>::KeyAlreadyUsed);
			assert_noop!(rotate(origin(2), other, n), Error::<Test>::KeyAlreadyUsed);
			let registration = Device::new(n).agree(&owner(3), 10);
			assert_noop!(
				Identity::register(origin(3), registration),
				Error::<Test>::KeyAlreadyUsed
			);
		}
	});
}

#[test]
fn further_key_should_do_what_it_may_and_nothing_else() {
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		go_to(3);
		assert_ok!(add(origin(1), machine, 1, KeyRights::SERVICES));
		System::assert_last_event(
			Event::KeyAdded { machine, key: key(1), rights: KeyRights::SERVICES }.into(),
		);
		assert_eq!(Identity::authorize(&key(1), KeyRights::SERVICES), Ok(machine));
		for right in [KeyRights::PAY, KeyRights::CLAIM, FURTHER, KeyRights::ALL] {
			assert_eq!(
				Identity::authorize(&key(1), right),
				Err(Error::<Test>::KeyLacksRight.into())
			);
		}
		let info = Identity::machine_info(machine).unwrap();
		let accounts: Vec<_> = info.keys.iter().map(|info| info.account.clone()).collect();
		assert_eq!(accounts, [key(0), key(1)]);
		assert_eq!(info.payment_key().unwrap().account, key(0));
		assert_eq!((info.updated_at, info.deposit), (3, DEPOSIT + KEY_DEPOSIT));
	});
}

#[test]
fn further_key_should_be_refused_when_its_rights_are_none_unknown_or_to_pay() {
	use codec::Decode;
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		let unknown = KeyRights::decode(&mut &[0b1000_0010u8][..]).unwrap();
		for rights in [
			KeyRights::NONE,
			KeyRights::PAY,
			KeyRights::ALL,
			KeyRights::PAY.and(KeyRights::CLAIM),
			unknown,
		] {
			assert_noop!(add(origin(1), machine, 1, rights), Error::<Test>::InvalidRights);
		}
		assert_ok!(add(origin(1), machine, 1, FURTHER));
	});
}

#[test]
fn further_keys_should_stay_within_their_bound() {
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		for n in 1..=MAX_FURTHER_KEYS {
			assert_ok!(add(origin(1), machine, n, KeyRights::CLAIM));
		}
		assert_noop!(
			add(origin(1), machine, 20, KeyRights::CLAIM),
			Error::<Test>::TooManyFurtherKeys
		);
		// The payment key is none of them.
		assert_ok!(rotate(origin(1), machine, 20));
		assert_ok!(Identity::remove_key(origin(1), machine, key(3)));
		assert_ok!(add(origin(1), machine, 21, KeyRights::CLAIM));
		assert_eq!(Identity::machine_info(machine).unwrap().keys.len(), 8);
	});
}

#[test]
fn removed_key_should_act_no_more() {
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		add_key(&owner(1), machine, 1, KeyRights::CLAIM);
		go_to(9);
		assert_ok!(Identity::remove_key(origin(1), machine, key(1)));
		System::assert_last_event(Event::KeyRemoved { machine, key: key(1) }.into());
		assert_eq!(
			Identity::authorize(&key(1), KeyRights::CLAIM),
			Err(Error::<Test>::KeyEnded.into())
		);
		let ended = Identity::key_info(&key(1)).unwrap();
		assert_eq!((ended.valid_until, ended.claimable_until), (Some(9), Some(9 + HORIZON)));
		assert!(!FurtherKeys::<Test>::contains_key(machine));
		// Its record stays, and so does what it cost.
		assert_eq!(held(&owner(1)), DEPOSIT + KEY_DEPOSIT);
	});
}

#[test]
fn key_should_not_be_removed_when_it_is_not_a_further_key_of_the_machine() {
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		let other = register(&owner(1), 10);
		let refused: DispatchError = Error::<Test>::NotFurtherKey.into();
		assert_noop!(Identity::remove_key(origin(1), machine, key(1)), refused);
		add_key(&owner(1), machine, 1, KeyRights::CLAIM);
		add_key(&owner(1), other, 11, KeyRights::CLAIM);
		assert_ok!(rotate(origin(1), machine, 2));
		// Present and past payment keys, another machine's key, and nobody's.
		for n in [2, 0, 11, 99] {
			assert_noop!(Identity::remove_key(origin(1), machine, key(n)), refused);
		}
		assert_ok!(Identity::remove_key(origin(1), machine, key(1)));
		assert_noop!(Identity::remove_key(origin(1), machine, key(1)), refused);
	});
}

#[test]
fn further_keys_should_obey_the_owner_alone() {
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		add_key(&owner(1), machine, 1, FURTHER);
		for who in [origin(2), device(0), device(1)] {
			assert_noop!(
				add(who.clone(), machine, 2, KeyRights::CLAIM),
				Error::<Test>::NotAuthorized
			);
			assert_noop!(Identity::remove_key(who, machine, key(1)), Error::<Test>::NotAuthorized);
		}
		assert_noop!(add(origin(1), 5, 2, KeyRights::CLAIM), Error::<Test>::MachineNotFound);
		assert_noop!(Identity::remove_key(origin(1), 5, key(1)), Error::<Test>::MachineNotFound);
	});
}

#[test]
fn key_should_be_refused_when_it_is_the_owner_or_the_operator() {
	build_and_execute(|| {
		// Device 7 owns the machine of device 0, and device 8 operates it.
		for n in [7, 8] {
			assert_ok!(Balances::transfer_allow_death(origin(1), key(n), 400));
		}
		let machine = register(&key(7), 0);
		let operator = OperatorInfo { account: key(8), rights: OperatorRights::PROFILE };
		assert_ok!(Identity::set_operator(device(7), machine, Some(operator)));
		for n in [7, 8] {
			assert_noop!(rotate(device(7), machine, n), Error::<Test>::InvalidKey);
			assert_noop!(add(device(7), machine, n, KeyRights::CLAIM), Error::<Test>::InvalidKey);
		}
	});
}

#[test]
fn every_key_should_keep_its_nonce_without_any_balance() {
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		assert_ok!(rotate(origin(1), machine, 1));
		add_key(&owner(1), machine, 2, KeyRights::CLAIM);
		assert_ok!(Identity::remove_key(origin(1), machine, key(2)));
		for n in [0, 1, 2] {
			System::inc_account_nonce(key(n));
		}
		assert_ok!(Identity::retire(origin(1), machine));
		for n in [0, 1, 2] {
			assert_eq!(System::account_nonce(key(n)), 1);
			assert_eq!(System::sufficients(&key(n)), 1);
		}
	});
}
