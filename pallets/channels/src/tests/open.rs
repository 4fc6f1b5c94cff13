use super::*;
use sp_runtime::DispatchError;

fn try_open(
	payer: MachineId,
	payee: Payee<AccountId>,
	deposit: u128,
	terms: Terms,
	grace: u32,
) -> DispatchResult {
	PaymentChannels::open(signed(payer), payee, deposit, terms, grace)
}

fn hash_chain(length: u32, unit: u128) -> Terms {
	Terms::HashChain { root: [1; 32], length, unit }
}

#[test]
fn channel_should_hold_its_deposit_in_escrow() {
	build_and_execute(|| {
		for payer in 0..3 {
			let id = open(payer, 4, 1_000);
			assert_eq!(id, payer);
			assert_eq!(wallet(payer), FUNDS - 1_000 - STORAGE_DEPOSIT);
			assert_eq!(channel(id).deposit, 1_000);
			assert_eq!(channel(id).lock, Lock::Vouchers { signer: Device::of(payer).public() });
		}
		assert_eq!(Locked::<Test>::get(), 3 * (1_000 + STORAGE_DEPOSIT));
	});
}

#[test]
fn channel_should_be_refused_when_the_grace_period_is_out_of_bounds() {
	build_and_execute(|| {
		for grace in [0, MIN_GRACE - 1, MAX_GRACE + 1, u32::MAX] {
			assert_noop!(
				try_open(0, Payee::Machine(1), 100, Terms::Vouchers, grace),
				Error::<Test>::InvalidGrace
			);
		}
		for grace in [MIN_GRACE, MAX_GRACE] {
			assert_ok!(try_open(0, Payee::Machine(1), 100, Terms::Vouchers, grace));
		}
	});
}

#[test]
fn channel_should_be_refused_when_the_payee_cannot_be_paid() {
	build_and_execute(|| {
		let open = |payee| try_open(0, payee, 100, Terms::Vouchers, MIN_GRACE);
		assert_noop!(open(Payee::Machine(0)), Error::<Test>::SelfPayment);
		assert_noop!(open(Payee::Machine(MACHINES)), Error::<Test>::UnknownMachine);
		let by_address = |id| Payee::Account(MockMachines::account(id));
		assert_noop!(open(by_address(0)), Error::<Test>::SelfPayment);
		assert_noop!(open(by_address(MACHINES)), Error::<Test>::UnknownMachine);
		Retired::set(&vec![1]);
		assert_noop!(open(Payee::Machine(1)), Error::<Test>::UnknownMachine);
	});
}

#[test]
fn machine_should_be_the_payee_by_its_address_too() {
	build_and_execute(|| {
		let id = open_with(0, Payee::Account(MockMachines::account(1)), 100, Terms::Vouchers);
		assert_eq!(channel(id).payee, Payee::Machine(1));
		// So its key can close, which no key of the address could.
		assert_ok!(PaymentChannels::close(signed(1), id));
	});
}

#[test]
fn channel_should_be_refused_when_the_payer_has_too_little() {
	build_and_execute(|| {
		let open = |deposit| try_open(0, Payee::Machine(1), deposit, Terms::Vouchers, MIN_GRACE);
		assert_noop!(open(0), Error::<Test>::ZeroAmount);
		assert_noop!(open(FUNDS), Error::<Test>::InsufficientFunds);
		assert_noop!(open(u128::MAX), Error::<Test>::InsufficientFunds);
		assert_ok!(open(FUNDS - STORAGE_DEPOSIT));
		assert_eq!(wallet(0), 0);
	});
}

#[test]
fn channel_should_be_refused_when_the_policy_refuses() {
	build_and_execute(|| {
		let id = open(0, 1, 100);
		PolicyRefuses::set(&true);
		assert_noop!(
			try_open(0, Payee::Machine(1), 100, Terms::Vouchers, MIN_GRACE),
			Error::<Test>::NeedsCoSignature
		);
		assert_noop!(PaymentChannels::top_up(signed(0), id, 100), Error::<Test>::NeedsCoSignature);
	});
}

#[test]
fn channel_should_be_opened_by_a_payment_key_that_may_spend_alone() {
	build_and_execute(|| {
		let refused = |origin: RuntimeOrigin, error: DispatchError| {
			let payee = Payee::Machine(1);
			assert_noop!(
				PaymentChannels::open(origin, payee, 100, Terms::Vouchers, MIN_GRACE),
				error
			);
		};
		refused(stranger(), DispatchError::Other("no machine's key"));
		refused(RuntimeOrigin::signed(owner()), DispatchError::Other("no machine's key"));
		refused(RuntimeOrigin::signed(claim_key(0)), DispatchError::Other("no right"));
		refused(RuntimeOrigin::none(), BadOrigin.into());
		Suspended::set(&vec![0]);
		refused(signed(0), DispatchError::Other("suspended"));
		assert_eq!(NextChannelId::<Test>::get(), 0);
	});
}

#[test]
fn hash_chain_should_be_refused_when_it_cannot_cover_the_deposit() {
	build_and_execute(|| {
		let open = |terms, deposit| try_open(0, Payee::Machine(1), deposit, terms, MIN_GRACE);
		assert_noop!(open(hash_chain(0, 1), 1), Error::<Test>::InvalidTerms);
		assert_noop!(open(hash_chain(1, 0), 1), Error::<Test>::InvalidTerms);
		assert_noop!(open(hash_chain(10, 5), 51), Error::<Test>::InvalidTerms);
		assert_noop!(open(hash_chain(2, u128::MAX), 51), Error::<Test>::Overflow);
		assert_ok!(open(hash_chain(10, 5), 50));
		assert_noop!(PaymentChannels::top_up(signed(0), 0, 1), Error::<Test>::InvalidTerms);
	});
}

#[test]
fn deposit_should_grow_by_top_ups_of_the_payer_alone() {
	build_and_execute(|| {
		let id = open(0, 1, 100);
		assert_ok!(PaymentChannels::top_up(signed(0), id, 50));
		assert_eq!(channel(id).deposit, 150);
		assert_noop!(PaymentChannels::top_up(signed(1), id, 50), Error::<Test>::NotPayer);
		assert_noop!(PaymentChannels::top_up(signed(0), id, 0), Error::<Test>::ZeroAmount);
		assert_noop!(PaymentChannels::top_up(signed(0), id, u128::MAX), Error::<Test>::Overflow);
		assert_noop!(PaymentChannels::top_up(signed(0), id + 1, 1), Error::<Test>::ChannelNotFound);
		assert_ok!(PaymentChannels::request_close(signed(0), id));
		assert_noop!(PaymentChannels::top_up(signed(0), id, 1), Error::<Test>::AlreadyClosing);
	});
}

#[test]
fn machine_should_pay_from_a_bounded_number_of_channels() {
	build_and_execute(|| {
		fund(0, u128::from(MAX_CHANNELS) * (STORAGE_DEPOSIT + 1));
		let ids: Vec<_> = (0..MAX_CHANNELS).map(|_| open(0, 1, 1)).collect();
		let one_more = || try_open(0, Payee::Machine(1), 1, Terms::Vouchers, MIN_GRACE);
		assert_noop!(one_more(), Error::<Test>::TooManyChannels);
		// It is the payer that is bounded, not the payee, and each payer by itself.
		open(2, 1, 1);
		assert_ok!(PaymentChannels::close(signed(1), ids[5]));
		assert_ok!(one_more());
	});
}

#[test]
fn channel_should_be_refused_when_all_numbers_are_taken() {
	new_test_ext().execute_with(|| {
		NextChannelId::<Test>::put(ChannelId::MAX);
		assert_noop!(
			try_open(0, Payee::Machine(1), 1, Terms::Vouchers, MIN_GRACE),
			Error::<Test>::Overflow
		);
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
