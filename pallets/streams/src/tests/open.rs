use super::*;

fn try_open(payee: Payee<AccountId>, rate: u128, deposit: u128) -> DispatchResult {
	PaymentStreams::open(by(0), payee, rate, deposit)
}

#[test]
fn stream_should_hold_its_deposit_in_escrow() {
	build_and_execute(|| {
		System::set_block_number(7);
		let id = open(0, 1, 10, 1_000);
		assert_eq!(id, 0);
		assert_eq!(wallet(0), FUNDS - 1_000 - STORAGE_DEPOSIT);
		assert_eq!(Locked::<Test>::get(), 1_000 + STORAGE_DEPOSIT);
		let expected = StreamOf::<Test> {
			payer: 0,
			payee: Payee::Machine(1),
			rate: 10,
			deposit: 1_000,
			settled: 0,
			carried: 0,
			flow: Flow::Running { since: 7 },
			storage_deposit: STORAGE_DEPOSIT,
		};
		assert_eq!(stream(id), expected);
		System::assert_last_event(
			Event::Opened {
				stream: 0,
				payer: 0,
				payee: Payee::Machine(1),
				rate: 10,
				deposit: 1_000,
			}
			.into(),
		);
		assert_eq!(open(0, 2, 10, 10), 1);
		assert_eq!(open(3, 1, 10, 10), 2);
		assert_eq!((listed(0), listed(3)), (vec![0, 1], vec![2]));
	});
}

#[test]
fn machine_should_be_the_payee_by_its_address_as_by_its_number() {
	build_and_execute(|| {
		let id = open_to(0, Payee::Account(address(1)), 10, 100);
		assert_eq!(stream(id).payee, Payee::Machine(1));
		assert_ok!(PaymentStreams::close(signed(claim_key(1)), id));
	});
}

#[test]
fn stream_should_be_refused_when_rate_or_deposit_make_no_sense() {
	build_and_execute(|| {
		let payee = || Payee::Machine(1);
		assert_noop!(try_open(payee(), 0, 100), Error::<Test>::ZeroRate);
		assert_noop!(try_open(payee(), 0, 0), Error::<Test>::ZeroRate);
		assert_noop!(try_open(payee(), 10, 9), Error::<Test>::DepositBelowRate);
		assert_noop!(try_open(payee(), u128::MAX, 100), Error::<Test>::DepositBelowRate);
		assert_ok!(try_open(payee(), 10, 10));
	});
}

#[test]
fn stream_should_be_refused_when_the_payee_cannot_be_paid() {
	build_and_execute(|| {
		Retired::set(&vec![2]);
		for payee in [Payee::Machine(0), Payee::Account(address(0))] {
			assert_noop!(try_open(payee, 1, 10), Error::<Test>::SelfPayment);
		}
		for payee in [Payee::Machine(2), Payee::Account(address(2)), Payee::Machine(MACHINES)] {
			assert_noop!(try_open(payee, 1, 10), Error::<Test>::UnknownMachine);
		}
	});
}

#[test]
fn stream_should_be_refused_when_the_payer_has_too_little() {
	build_and_execute(|| {
		let open = |deposit| try_open(Payee::Machine(1), 1, deposit);
		let most = FUNDS - MINIMUM - STORAGE_DEPOSIT;
		for deposit in [most + 1, FUNDS, u128::MAX] {
			assert_noop!(open(deposit), Error::<Test>::InsufficientFunds);
		}
		assert_ok!(open(most));
		assert_eq!(wallet(0), MINIMUM);
	});
}

#[test]
fn stream_should_be_refused_when_the_policy_refuses() {
	build_and_execute(|| {
		let id = open(0, 1, 1, 100);
		Refusal::set(&Some(PaymentFailure::NeedsCoSignature));
		assert_noop!(try_open(Payee::Machine(1), 1, 100), Error::<Test>::NeedsCoSignature);
		assert_noop!(PaymentStreams::top_up(by(0), id, 100), Error::<Test>::NeedsCoSignature);
		// What it allowed before runs on.
		advance(5);
		assert_ok!(collect(id));
	});
}

#[test]
fn stream_should_be_refused_when_the_key_may_not_spend() {
	build_and_execute(|| {
		let open = |origin| PaymentStreams::open(origin, Payee::Machine(1), 1, 100);
		assert_noop!(open(RuntimeOrigin::none()), BadOrigin);
		for origin in [signed(claim_key(0)), signed(owner(0)), signed(address(0)), stranger()] {
			assert!(open(origin).is_err());
		}
		for flag in [Suspended::set, Frozen::set, Retired::set] {
			flag(&vec![0]);
			assert!(open(by(0)).is_err());
			flag(&vec![]);
		}
		assert_eq!(NextStreamId::<Test>::get(), 0);
		assert_ok!(open(by(0)));
	});
}

#[test]
fn machine_should_pay_a_bounded_number_of_streams() {
	build_and_execute(|| {
		transfer(&address(9), &address(0), FUNDS - MINIMUM);
		let ids: Vec<_> = (0..MAX_STREAMS).map(|_| open(0, 1, 1, 1)).collect();
		assert_eq!(listed(0), ids);
		assert_noop!(try_open(Payee::Machine(1), 1, 1), Error::<Test>::TooManyStreams);
		// Others are not concerned, and one that is closed makes room.
		open(1, 2, 1, 1);
		assert_ok!(PaymentStreams::close(by(0), ids[7]));
		open(0, 1, 1, 1);
		assert_noop!(try_open(Payee::Machine(1), 1, 1), Error::<Test>::TooManyStreams);
	});
}

#[test]
fn stream_should_be_refused_when_all_numbers_are_taken() {
	build_and_execute(|| {
		NextStreamId::<Test>::put(StreamId::MAX - 1);
		assert_eq!(open(0, 1, 1, 1), StreamId::MAX - 1);
		assert_noop!(try_open(Payee::Machine(1), 1, 1), Error::<Test>::Overflow);
	});
}

#[test]
fn every_failure_should_have_an_error_of_its_own() {
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
	let error = |failure: CollectFailure| format!("{:?}", Error::<Test>::from(failure));
	assert_eq!(error(CollectFailure::UnknownStream), "StreamNotFound");
	assert_eq!(error(CollectFailure::NothingDue), "NothingDue");
	assert_eq!(error(CollectFailure::PayeeUnavailable), "PayeeUnavailable");
	assert_eq!(error(CollectFailure::EscrowUnavailable), "EscrowUnavailable");
}
