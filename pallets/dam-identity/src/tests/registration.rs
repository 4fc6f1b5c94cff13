use super::*;
use dam_primitives::{PublicKey, Uri};
use sp_runtime::{DispatchError, MultiSignature};

fn submit(owner: &AccountId, registration: RegistrationOf<Test>) -> Result<(), DispatchError> {
	Identity::register(RuntimeOrigin::signed(owner.clone()), registration)
}

#[test]
fn registration_should_make_a_machine_on_every_curve() {
	build_and_execute(|| {
		for n in 0..3 {
			let device = Device::new(n);
			let id = register(&owner(1), n);
			assert_eq!(id, u64::from(n));
			assert_eq!(Identity::authorize(&device.account(), KeyRights::ALL), Ok(id));
			assert_eq!(Identity::signer(&device.account()), Ok(id));
			let info = Identity::machine_info(id).unwrap();
			let payment_key = info.payment_key().unwrap();
			assert_eq!(info.keys.len(), 1);
			assert_eq!(payment_key.public, device.public());
			assert_eq!(payment_key.account, device.account());
			assert_eq!((payment_key.ordinal, payment_key.valid_from), (0, 1));
			assert_eq!(Identity::key_info(&device.account()).as_ref(), Some(payment_key));
			assert_eq!(info.deposit, DEPOSIT);
			assert_eq!(info.status, MachineStatus::Active);
			assert!(!info.frozen && info.operator.is_none() && info.offer.is_none());
			assert!(Identity::children(id, None, 9).is_empty());
			assert_eq!(Identity::machine_of(&device.account()), Some(id));
			assert_eq!(Identity::machine_of(&Identity::account(id)), Some(id));
			assert!(OpenWallets::get().contains(&Identity::account(id)));
		}
		assert_eq!(held(&owner(1)), 3 * DEPOSIT);
	});
}

#[test]
fn key_should_keep_its_nonce_without_any_balance() {
	build_and_execute(|| {
		let key = Device::new(0).account();
		register(&owner(1), 0);
		System::inc_account_nonce(&key);
		assert_eq!(System::account(&key).data, Default::default());
		// Money that comes and goes must not take the nonce along.
		assert_ok!(Balances::transfer_allow_death(
			RuntimeOrigin::signed(owner(1)),
			key.clone(),
			50
		));
		assert_ok!(Balances::transfer_all(RuntimeOrigin::signed(key.clone()), owner(1), false));
		assert_eq!(System::account_nonce(&key), 1);
	});
}

#[test]
fn registration_should_fail_when_the_owner_cannot_pay_the_deposit() {
	build_and_execute(|| {
		let poor = owner(9);
		let registration = Device::new(0).agree(&poor, 10);
		assert_noop!(submit(&poor, registration), TokenError::FundsUnavailable);
	});
}

#[test]
fn proof_should_be_refused_when_made_for_another_owner() {
	build_and_execute(|| {
		let registration = Device::new(0).agree(&owner(1), 10);
		assert_noop!(submit(&owner(2), registration), Error::<Test>::InvalidProof);
	});
}

#[test]
fn proof_should_be_refused_when_made_for_another_chain() {
	build_and_execute(|| {
		let registration =
			Device::new(0).agree_on([1; 32], &owner(1), MachineProfile::default(), 10);
		assert_noop!(submit(&owner(1), registration), Error::<Test>::InvalidProof);
	});
}

#[test]
fn proof_should_be_refused_when_anything_it_covers_is_changed() {
	build_and_execute(|| {
		let good = Device::new(0).agree(&owner(1), 10);

		let mut later = good.clone();
		later.expires_at = 11;
		assert_noop!(submit(&owner(1), later), Error::<Test>::InvalidProof);

		let mut other_profile = good.clone();
		other_profile.profile.kind = dam_primitives::MachineKind::Drone;
		assert_noop!(submit(&owner(1), other_profile), Error::<Test>::InvalidProof);

		let mut other_key = good.clone();
		other_key.key = Device::new(3).public();
		assert_noop!(submit(&owner(1), other_key), Error::<Test>::InvalidProof);

		assert_ok!(submit(&owner(1), good));
	});
}

#[test]
fn proof_should_be_refused_when_the_curve_is_renamed() {
	build_and_execute(|| {
		let good = Device::new(0).agree(&owner(1), 10);
		let PublicKey::Ed25519(bytes) = good.key else { unreachable!("device 0 is Ed25519") };
		let mut renamed = good.clone();
		renamed.key = PublicKey::Sr25519(bytes);
		assert_noop!(submit(&owner(1), renamed), Error::<Test>::InvalidProof);

		let MultiSignature::Ed25519(signature) = good.proof.clone() else {
			unreachable!("device 0 is Ed25519")
		};
		let mut both = good;
		both.key = PublicKey::Sr25519(bytes);
		both.proof = MultiSignature::Sr25519(signature.0.into());
		assert_noop!(submit(&owner(1), both), Error::<Test>::InvalidProof);
	});
}

#[test]
fn statement_should_be_accepted_until_its_last_block_and_not_after() {
	build_and_execute(|| {
		let first = Device::new(0).agree(&owner(1), 20);
		let second = Device::new(1).agree(&owner(1), 20);
		System::set_block_number(20);
		assert_ok!(submit(&owner(1), first));
		System::set_block_number(21);
		assert_noop!(submit(&owner(1), second), Error::<Test>::StatementExpired);
	});
}

#[test]
fn statement_should_be_refused_when_it_lives_too_long() {
	build_and_execute(|| {
		let now = System::block_number();
		let longest = Device::new(0).agree(&owner(1), now + LIFETIME);
		let too_long = Device::new(1).agree(&owner(1), now + LIFETIME + 1);
		let endless = Device::new(1).agree(&owner(1), u32::MAX);
		assert_ok!(submit(&owner(1), longest));
		assert_noop!(submit(&owner(1), too_long), Error::<Test>::StatementLifetimeTooLong);
		assert_noop!(submit(&owner(1), endless), Error::<Test>::StatementLifetimeTooLong);
	});
}

#[test]
fn key_should_register_only_once() {
	build_and_execute(|| {
		let registration = Device::new(0).agree(&owner(1), 10);
		assert_ok!(submit(&owner(1), registration.clone()));
		assert_noop!(submit(&owner(1), registration), Error::<Test>::KeyAlreadyUsed);
		let elsewhere = Device::new(0).agree(&owner(2), 10);
		assert_noop!(submit(&owner(2), elsewhere), Error::<Test>::KeyAlreadyUsed);
	});
}

#[test]
fn key_should_not_register_again_when_its_machine_is_retired() {
	build_and_execute(|| {
		let registration = Device::new(0).agree(&owner(1), 10);
		assert_ok!(submit(&owner(1), registration.clone()));
		assert_ok!(Identity::retire(RuntimeOrigin::signed(owner(1)), 0));
		assert_noop!(submit(&owner(1), registration), Error::<Test>::KeyAlreadyUsed);
	});
}

#[test]
fn profile_should_be_shown_as_it_was_signed() {
	build_and_execute(|| {
		let uri = Uri::try_from("ipfs://bafkreigh2akiscaildc").unwrap();
		let profile = MachineProfile {
			kind: dam_primitives::MachineKind::EvCharger,
			metadata: Some(Metadata { hash: [7; 32], uri }),
		};
		let genesis = Identity::genesis_hash();
		let registration = Device::new(0).agree_on(genesis, &owner(1), profile.clone(), 10);
		assert_ok!(submit(&owner(1), registration));
		assert_eq!(Identity::machine_info(0).unwrap().profile, profile);
		assert_eq!(Identity::kind(0), Some(profile.kind));
		assert_eq!(Identity::kind(1), None);
	});
}

#[test]
fn uri_should_be_refused_when_it_is_not_an_absolute_uri() {
	build_and_execute(|| {
		for bad in [&[0xff][..], b"", b"example.org", b"http://a b"] {
			let uri = Uri(BoundedVec::truncate_from(bad.to_vec()));
			let profile = MachineProfile {
				metadata: Some(Metadata { hash: [0; 32], uri }),
				..Default::default()
			};
			let registration =
				Device::new(0).agree_on(Identity::genesis_hash(), &owner(1), profile, 10);
			assert_noop!(submit(&owner(1), registration), Error::<Test>::InvalidUri);
		}
	});
}

#[test]
fn registration_should_be_refused_when_the_owner_is_the_device() {
	build_and_execute(|| {
		let key = key(0);
		assert_ok!(Balances::transfer_allow_death(origin(1), key.clone(), 500));
		let registration = Device::new(0).agree(&key, 10);
		assert_noop!(submit(&key, registration), Error::<Test>::InvalidKey);
	});
}

#[test]
fn registration_should_fail_when_all_numbers_are_taken() {
	new_test_ext().execute_with(|| {
		NextMachineId::<Test>::put(MachineId::MAX);
		let registration = Device::new(0).agree(&owner(1), 10);
		assert_noop!(submit(&owner(1), registration), Error::<Test>::TooManyMachines);
	});
}

#[test]
fn fleet_should_register_the_good_and_report_the_bad() {
	build_and_execute(|| {
		let mut fleet: Vec<_> = (0..4).map(|n| Device::new(n).agree(&owner(1), 10)).collect();
		fleet[1].expires_at = 9;
		fleet.push(Device::new(0).agree(&owner(1), 10));
		assert_ok!(Identity::register_fleet(
			RuntimeOrigin::signed(owner(1)),
			BoundedVec::truncate_from(fleet)
		));
		let failures: Vec<_> = System::events()
			.into_iter()
			.filter_map(|record| match record.event {
				RuntimeEvent::Identity(Event::RegistrationFailed { index, error }) => {
					Some((index, error))
				},
				_ => None,
			})
			.collect();
		assert_eq!(
			failures,
			[(1, Error::<Test>::InvalidProof.into()), (4, Error::<Test>::KeyAlreadyUsed.into())]
		);
		System::assert_last_event(Event::FleetRegistered { registered: 3, failed: 2 }.into());
		assert_eq!(NextMachineId::<Test>::get(), 3);
	});
}

#[test]
fn fleet_should_stop_charging_when_the_owner_runs_out_of_money() {
	build_and_execute(|| {
		// The existential deposit stays, so nine of eleven are paid for.
		let fleet: Vec<_> = (0..11).map(|n| Device::new(n).agree(&owner(1), 10)).collect();
		assert_ok!(Identity::register_fleet(
			RuntimeOrigin::signed(owner(1)),
			BoundedVec::truncate_from(fleet)
		));
		System::assert_last_event(Event::FleetRegistered { registered: 9, failed: 2 }.into());
		assert_eq!(held(&owner(1)), 9 * DEPOSIT);
		assert_eq!(OpenWallets::get().len(), 9);
	});
}
