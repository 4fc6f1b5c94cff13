use super::*;

#[test]
fn offer_should_put_the_amount_into_escrow() {
	build_and_execute(|| {
		let terms = offer();
		assert_ok!(submit(terms.clone()));
		assert_eq!(wallet(BUYER), FUNDS - AMOUNT - STORAGE_DEPOSIT);
		assert_eq!(Locked::<Test>::get(), AMOUNT + STORAGE_DEPOSIT);
		let expected = Order {
			buyer: BUYER,
			offer: terms,
			state: OrderState::Offered,
			storage_deposit: STORAGE_DEPOSIT,
		};
		assert_eq!(order(0), expected);
		assert_eq!((NextOrderId::<Test>::get(), OpenOrders::<Test>::get(BUYER)), (1, 1));
		let seller = Payee::Machine(SHOP);
		let event = Event::<Test>::Offered { order: 0, buyer: BUYER, seller, amount: AMOUNT };
		System::assert_last_event(event.into());
	});
}

#[test]
fn offer_should_be_made_by_a_payment_key_that_may_spend() {
	build_and_execute(|| {
		for who in [STRANGER, owner(BUYER), claim_key(BUYER), wallet_of(BUYER)] {
			assert!(PurchaseOrders::offer(signed(who), offer()).is_err());
		}
		assert_noop!(
			PurchaseOrders::offer(RuntimeOrigin::none(), offer()),
			DispatchError::BadOrigin
		);
		Suspended::set(&vec![BUYER]);
		assert!(submit(offer()).is_err());
		Suspended::set(&vec![]);
		assert_ok!(submit(offer()));
	});
}

#[test]
fn offer_should_be_refused_when_a_time_is_out_of_bounds() {
	build_and_execute(|| {
		advance(10);
		let now = System::block_number();
		for accept_by in [0, now - 1, now + MAX_PHASE + 1, u32::MAX] {
			let bad = Offer { accept_by, ..offer() };
			assert_noop!(submit(bad), Error::<Test>::InvalidDeadline);
		}
		for blocks in [0, MAX_PHASE + 1, u32::MAX] {
			let bad = Offer { deliver_within: blocks, ..offer() };
			assert_noop!(submit(bad), Error::<Test>::InvalidDeadline);
			let bad = Offer { confirm_within: blocks, ..offer() };
			assert_noop!(submit(bad), Error::<Test>::InvalidDeadline);
		}
		for (accept_within, blocks) in [(0, 1), (MAX_PHASE, MAX_PHASE)] {
			let (deliver_within, confirm_within) = (blocks, blocks);
			let accept_by = now + accept_within;
			assert_ok!(submit(Offer { accept_by, deliver_within, confirm_within, ..offer() }));
		}
	});
}

#[test]
fn offer_should_be_refused_when_the_seller_cannot_be_paid() {
	build_and_execute(|| {
		let to = |seller| submit(offer_to(Payee::Machine(seller)));
		assert_noop!(to(BUYER), Error::<Test>::SelfPayment);
		assert_noop!(to(MACHINES), Error::<Test>::UnknownMachine);
		Retired::set(&vec![SHOP]);
		assert_noop!(to(SHOP), Error::<Test>::UnknownMachine);
	});
}

#[test]
fn seller_should_be_the_machine_when_its_address_is_named() {
	build_and_execute(|| {
		let to = |machine| offer_to(Payee::Account(wallet_of(machine)));
		let id = accepted(to(SHOP));
		assert_eq!(order(id).offer.seller, Payee::Machine(SHOP));
		assert_noop!(submit(to(BUYER)), Error::<Test>::SelfPayment);
		assert_noop!(submit(to(MACHINES)), Error::<Test>::UnknownMachine);
	});
}

#[test]
fn offer_should_be_refused_when_the_buyer_has_too_little() {
	build_and_execute(|| {
		let of = |amount| submit(Offer { amount, ..offer() });
		assert_noop!(of(0), Error::<Test>::ZeroAmount);
		let most = FUNDS - STORAGE_DEPOSIT - MINIMUM;
		assert_noop!(of(most + 1), Error::<Test>::InsufficientFunds);
		assert_noop!(of(u128::MAX), Error::<Test>::InsufficientFunds);
		assert_ok!(of(most));
		assert_eq!(wallet(BUYER), MINIMUM);
	});
}

#[test]
fn offer_should_be_refused_when_the_policy_refuses() {
	build_and_execute(|| {
		PolicyRefuses::set(&true);
		assert_noop!(submit(offer()), Error::<Test>::NeedsCoSignature);
	});
}

#[test]
fn buyer_should_have_a_bounded_number_of_orders() {
	build_and_execute(|| {
		let amount = 1;
		let small = || Offer { amount, ..offer() };
		let id = offered(small());
		OpenOrders::<Test>::insert(BUYER, MAX_OPEN_ORDERS - 1);
		assert_ok!(submit(small()));
		assert_noop!(submit(small()), Error::<Test>::TooManyOrders);
		// Another buyer has room, and so has this one once an order has ended.
		assert_ok!(PurchaseOrders::offer(signed(key(2)), small()));
		assert_ok!(PurchaseOrders::cancel(signed(key(BUYER)), id));
		assert_ok!(submit(small()));
		OpenOrders::<Test>::insert(BUYER, 2);
	});
}

#[test]
fn numbers_should_never_come_back() {
	build_and_execute(|| {
		let id = offered(offer());
		assert_ok!(PurchaseOrders::cancel(signed(key(BUYER)), id));
		assert_eq!(offered(offer()), id + 1);
		assert_noop!(PurchaseOrders::accept(signed(key(SHOP)), id), Error::<Test>::OrderNotFound);
	});
}

#[test]
fn offer_should_be_refused_when_all_numbers_are_taken() {
	new_test_ext().execute_with(|| {
		NextOrderId::<Test>::put(OrderId::MAX);
		assert_noop!(submit(offer()), Error::<Test>::Overflow);
		NextOrderId::<Test>::put(0);
		Locked::<Test>::put(u128::MAX - AMOUNT);
		assert_noop!(submit(offer()), Error::<Test>::Overflow);
	});
}

#[test]
fn every_failure_of_the_till_should_have_an_error_of_its_own() {
	use PaymentFailure::*;
	let error = |failure: PaymentFailure| format!("{:?}", Error::<Test>::from(failure));
	for failure in [
		ZeroAmount,
		UnknownMachine,
		SelfPayment,
		InsufficientFunds,
		PayerFrozen,
		PayeeUnavailable,
		ExceedsPaymentCap,
		ExceedsPeriodCap,
		PayeeNotAllowed,
		NeedsCoSignature,
	] {
		assert_eq!(error(failure), format!("{failure:?}"));
	}
	assert_eq!(error(BelowMinimum), "PayeeUnavailable");
}
