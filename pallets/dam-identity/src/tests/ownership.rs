use super::*;
use sp_runtime::{DispatchError, DispatchResult};

fn offer(from: u8, machine: MachineId, to: u8, expires_at: u32) -> DispatchResult {
	Identity::offer_ownership(origin(from), machine, owner(to), expires_at)
}

#[test]
fn ownership_should_move_with_the_deposit() {
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		assert_ok!(Identity::rotate_key(origin(1), machine, new_key(machine, 1, KeyRights::ALL)));
		assert_ok!(offer(1, machine, 2, 50));
		System::assert_last_event(
			Event::OwnershipOffered { machine, to: owner(2), expires_at: 50 }.into(),
		);
		let shown = Identity::machine_info(machine).unwrap().offer.unwrap();
		assert_eq!((shown.to, shown.expires_at), (owner(2), 50));
		assert_eq!(Identity::owner(machine), Some(owner(1)));

		go_to(8);
		assert_ok!(Identity::accept_ownership(origin(2), machine, System::block_number()));
		System::assert_last_event(
			Event::OwnershipTransferred { machine, from: owner(1), to: owner(2) }.into(),
		);
		assert_eq!(Identity::owner(machine), Some(owner(2)));
		assert_eq!(ToldTransferred::get(), [(machine, Some(owner(2)))]);
		let info = Identity::machine_info(machine).unwrap();
		assert_eq!((info.offer, info.updated_at), (None, 8));
		assert_eq!((held(&owner(1)), held(&owner(2))), (0, DEPOSIT + KEY_DEPOSIT));
		assert_eq!(Balances::free_balance(owner(1)), ENDOWMENT);
		assert_eq!(Balances::free_balance(owner(2)), ENDOWMENT - DEPOSIT - KEY_DEPOSIT);
		// The wallet stays open, as it was.
		assert_eq!(OpenWallets::get(), [Identity::account(machine)]);
		// The old owner has nothing to say any more, and the deposit goes back to the new one.
		assert_noop!(Identity::retire(origin(1), machine), Error::<Test>::NotOwner);
		assert_noop!(Identity::suspend(origin(1), machine), Error::<Test>::NotAuthorized);
		assert_ok!(Identity::retire(origin(2), machine));
		assert_eq!(Balances::free_balance(owner(2)), ENDOWMENT);
	});
}

#[test]
fn transfer_should_leave_behind_what_was_the_sellers() {
	build_and_execute(|| {
		let parent = register(&owner(1), 0);
		let machine = register(&owner(1), 1);
		let child = register(&owner(1), 2);
		add_key(&owner(1), machine, 3, KeyRights::CLAIM);
		add_key(&owner(1), machine, 4, KeyRights::SERVICES);
		assert_ok!(Identity::set_operator(origin(1), machine, operator(3, OperatorRights::ALL)));
		assert_ok!(Identity::set_parent(origin(1), list(&[machine]), Some(parent)));
		assert_ok!(Identity::set_parent(origin(1), list(&[child]), Some(machine)));
		assert_ok!(Identity::suspend(origin(1), machine));
		assert_ok!(Identity::freeze(origin(1), list(&[machine])));
		assert_ok!(offer(1, machine, 2, 50));
		go_to(7);
		assert_ok!(Identity::accept_ownership(origin(2), machine, System::block_number()));

		let info = Identity::machine_info(machine).unwrap();
		assert!(info.operator.is_none() && info.parent.is_none());
		assert_eq!(record(parent).children, 0);
		// Gone: further keys. Kept: the payment key, suspension, freeze, and the children.
		assert_eq!(info.keys.len(), 1);
		assert_eq!(info.payment_key().unwrap().account, key(1));
		for n in [3, 4] {
			assert_eq!(Identity::key_info(&key(n)).unwrap().valid_until, Some(7));
		}
		assert!(info.frozen && info.status == MachineStatus::Suspended);
		assert_eq!(Identity::children(machine, None, 9), [child]);
		assert_eq!(Identity::owner(child), Some(owner(1)));
		assert_eq!(
			Identity::permit(&owner(3), machine, OperatorRights::STATUS),
			Err(Error::<Test>::NotAuthorized.into())
		);
		// The buyer makes sure of the key.
		assert_ok!(Identity::rotate_key(origin(2), machine, new_key(machine, 9, KeyRights::ALL)));
		assert_eq!(
			Identity::authorize(&key(1), KeyRights::CLAIM),
			Err(Error::<Test>::KeyEnded.into())
		);
	});
}

#[test]
fn offer_should_be_accepted_in_its_last_block_and_not_after() {
	build_and_execute(|| {
		let first = register(&owner(1), 0);
		let second = register(&owner(1), 1);
		assert_ok!(offer(1, first, 2, 30));
		assert_ok!(offer(1, second, 2, 30));
		go_to(30);
		assert_ok!(Identity::accept_ownership(origin(2), first, System::block_number()));
		go_to(31);
		assert_noop!(
			Identity::accept_ownership(origin(2), second, System::block_number()),
			Error::<Test>::OfferExpired
		);
		// It can be renewed.
		assert_ok!(offer(1, second, 2, 32));
		assert_ok!(Identity::accept_ownership(origin(2), second, System::block_number()));
	});
}

#[test]
fn offer_should_be_refused_when_its_expiry_is_not_ahead_or_too_far() {
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		go_to(10);
		assert_noop!(offer(1, machine, 2, 0), Error::<Test>::OfferExpired);
		assert_noop!(offer(1, machine, 2, 10), Error::<Test>::OfferExpired);
		assert_noop!(
			offer(1, machine, 2, 11 + OFFER_LIFETIME),
			Error::<Test>::OfferLifetimeTooLong
		);
		assert_noop!(offer(1, machine, 2, u32::MAX), Error::<Test>::OfferLifetimeTooLong);
		assert_ok!(offer(1, machine, 2, 11));
		assert_ok!(offer(1, machine, 2, 10 + OFFER_LIFETIME));
	});
}

#[test]
fn offer_should_be_accepted_by_its_recipient_alone_and_once() {
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		assert_noop!(
			Identity::accept_ownership(origin(2), machine, System::block_number()),
			Error::<Test>::OfferNotFound
		);
		assert_ok!(offer(1, machine, 2, 50));
		for who in [origin(1), origin(3), device(0)] {
			assert_noop!(
				Identity::accept_ownership(who, machine, System::block_number()),
				Error::<Test>::NotRecipient
			);
		}
		assert_ok!(Identity::accept_ownership(origin(2), machine, System::block_number()));
		assert_noop!(
			Identity::accept_ownership(origin(2), machine, System::block_number()),
			Error::<Test>::OfferNotFound
		);
		assert_noop!(
			Identity::accept_ownership(origin(2), machine + 1, System::block_number()),
			Error::<Test>::MachineNotFound
		);
	});
}

#[test]
fn newest_offer_should_be_the_only_one() {
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		assert_ok!(offer(1, machine, 2, 50));
		assert_ok!(offer(1, machine, 3, 60));
		assert_noop!(
			Identity::accept_ownership(origin(2), machine, System::block_number()),
			Error::<Test>::NotRecipient
		);
		assert_ok!(Identity::accept_ownership(origin(3), machine, System::block_number()));
	});
}

#[test]
fn cancelled_offer_should_not_be_accepted() {
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		assert_noop!(Identity::cancel_offer(origin(1), machine), Error::<Test>::OfferNotFound);
		assert_ok!(offer(1, machine, 2, 50));
		for who in [origin(2), device(0)] {
			assert_noop!(Identity::cancel_offer(who, machine), Error::<Test>::NotOwner);
		}
		assert_ok!(Identity::cancel_offer(origin(1), machine));
		System::assert_last_event(Event::OfferCancelled { machine }.into());
		assert_noop!(
			Identity::accept_ownership(origin(2), machine, System::block_number()),
			Error::<Test>::OfferNotFound
		);
	});
}

#[test]
fn offer_should_be_made_by_the_owner_alone() {
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		assert_noop!(offer(2, machine, 3, 50), Error::<Test>::NotOwner);
		assert_noop!(
			Identity::offer_ownership(device(0), machine, owner(2), 50),
			Error::<Test>::NotOwner
		);
		assert_noop!(offer(1, machine + 1, 2, 50), Error::<Test>::MachineNotFound);
	});
}

#[test]
fn offer_should_be_refused_when_it_is_to_the_owner_a_key_or_a_wallet() {
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		add_key(&owner(1), machine, 1, KeyRights::CLAIM);
		assert_ok!(Identity::remove_key(origin(1), machine, key(1)));
		for to in
			[owner(1), key(0), key(1), Identity::account(machine), Identity::account(machine + 9)]
		{
			assert_noop!(
				Identity::offer_ownership(origin(1), machine, to, 50),
				Error::<Test>::InvalidRecipient
			);
		}
	});
}

#[test]
fn acceptance_should_be_refused_when_the_recipient_has_become_a_key_of_the_machine() {
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		assert_ok!(Balances::transfer_allow_death(origin(1), key(5), 400));
		assert_ok!(Identity::offer_ownership(origin(1), machine, key(5), 50));
		add_key(&owner(1), machine, 5, KeyRights::CLAIM);
		assert_noop!(
			Identity::accept_ownership(device(5), machine, System::block_number()),
			Error::<Test>::InvalidRecipient
		);
	});
}

#[test]
fn acceptance_should_change_nothing_when_the_new_owner_cannot_pay_the_deposit() {
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		add_key(&owner(1), machine, 1, KeyRights::CLAIM);
		let deposit = DEPOSIT + KEY_DEPOSIT;
		// All but the deposit is away, and of that the existential deposit must stay.
		let rest = ENDOWMENT - deposit;
		assert_ok!(Balances::transfer_allow_death(origin(2), owner(3), rest));
		assert_ok!(offer(1, machine, 2, 50));
		let refused: DispatchError = TokenError::FundsUnavailable.into();
		assert_noop!(
			Identity::accept_ownership(origin(2), machine, System::block_number()),
			refused
		);
		assert!(ToldTransferred::get().is_empty());
		assert_ok!(Balances::transfer_allow_death(origin(3), owner(2), 1));
		assert_ok!(Identity::accept_ownership(origin(2), machine, System::block_number()));
		assert_eq!(Balances::free_balance(owner(2)), 1);
	});
}

#[test]
fn operator_should_be_able_to_buy_the_machine() {
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		assert_ok!(Identity::set_operator(origin(1), machine, operator(2, OperatorRights::ALL)));
		assert_ok!(offer(1, machine, 2, 50));
		assert_ok!(Identity::accept_ownership(origin(2), machine, System::block_number()));
		assert_eq!(record(machine).operator, None);
		assert_ok!(Identity::permit_owner(&owner(2), machine));
	});
}

#[test]
fn offer_should_die_with_the_machine() {
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		assert_ok!(offer(1, machine, 2, 50));
		assert_ok!(Identity::retire(origin(1), machine));
		assert_noop!(
			Identity::accept_ownership(origin(2), machine, System::block_number()),
			Error::<Test>::MachineRetired
		);
		assert_eq!(Offers::<Test>::iter().count(), 0);
	});
}

#[test]
fn buyer_should_get_the_machine_that_it_looked_at() {
	build_and_execute(|| {
		let machine = register(&owner(1), 0);
		assert_ok!(offer(1, machine, 2, 90));
		go_to(10);
		let looked_at = System::block_number();
		go_to(12);
		// The seller replaces the key, at the buyer's cost, after the buyer has looked.
		assert_ok!(Identity::rotate_key(origin(1), machine, new_key(machine, 1, KeyRights::ALL)));
		assert_noop!(
			Identity::accept_ownership(origin(2), machine, looked_at),
			Error::<Test>::MachineChanged
		);
		assert_noop!(
			Identity::accept_ownership(origin(2), machine, 11),
			Error::<Test>::MachineChanged
		);
		assert_ok!(Identity::accept_ownership(origin(2), machine, 12));
		assert_eq!(held(&owner(2)), DEPOSIT + KEY_DEPOSIT);
	});
}
