//! The pot: that it is there from the beginning, and that the law about it notices what is wrong.

use super::*;
use sp_runtime::BuildStorage;

#[test]
fn pot_should_begin_with_what_keeps_it_alive() {
	new_test_ext().execute_with(|| {
		assert_eq!(Assets::balance(USDT, Micropayments::pot()), MINIMUM);
		assert_eq!(Assets::total_supply(USDT), ISSUANCE);
	});
}

#[test]
fn pot_that_was_endowed_should_get_no_more() {
	let mut storage = Default::default();
	pallet_assets::GenesisConfig::<Test> {
		assets: vec![(USDT, ADMIN, true, MINIMUM)],
		accounts: vec![(USDT, Micropayments::pot(), 500)],
		..Default::default()
	}
	.assimilate_storage(&mut storage)
	.unwrap();
	GenesisConfig::<Test>::default().assimilate_storage(&mut storage).unwrap();
	sp_io::TestExternalities::new(storage).execute_with(|| {
		assert_eq!(Assets::balance(USDT, Micropayments::pot()), 500);
		assert_eq!(Assets::total_supply(USDT), 500);
	});
}

#[test]
fn pot_should_be_missed_when_the_asset_came_later() {
	let mut storage = GenesisConfig::<Test>::default().build_storage().unwrap();
	pallet_assets::GenesisConfig::<Test> {
		assets: vec![(USDT, ADMIN, true, MINIMUM)],
		..Default::default()
	}
	.assimilate_storage(&mut storage)
	.unwrap();
	sp_io::TestExternalities::new(storage).execute_with(|| {
		assert_eq!(Assets::total_supply(USDT), 0);
		assert!(Micropayments::do_try_state().is_err());
	});
}

#[test]
fn pot_should_be_no_machines_wallet() {
	assert_eq!(MockMachines::machine_at(&Micropayments::pot()), None);
}

#[test]
fn invariant_should_notice_every_shortage() {
	let fails = |corruption: &dyn Fn()| {
		new_test_ext().execute_with(|| {
			check();
			corruption();
			let error = Micropayments::do_try_state().unwrap_err();
			let text: &'static str = error.into();
			assert!(text.starts_with("1:"), "{text}");
		});
	};
	fails(&|| Escrowed::set(&1));
	fails(&|| Escrowed::set(&u128::MAX));
	fails(&|| {
		assert_ok!(Assets::burn(RuntimeOrigin::signed(ADMIN), USDT, Micropayments::pot(), 1));
	});
	// A gift breaks nothing.
	new_test_ext().execute_with(|| {
		let from = RuntimeOrigin::signed(MockMachines::account(1));
		assert_ok!(Assets::transfer(from, USDT, Micropayments::pot(), 5));
		check();
	});
}
