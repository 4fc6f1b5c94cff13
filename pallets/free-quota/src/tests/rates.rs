use super::*;
use sp_runtime::Perbill;

fn set(change: impl FnOnce(&mut Rates)) -> sp_runtime::DispatchResult {
	let mut rates = CurrentRates::<Test>::get();
	change(&mut rates);
	Quota::set_rates(RuntimeOrigin::root(), rates)
}

#[test]
fn rates_should_be_the_default_until_governance_sets_others() {
	build_and_execute(|| {
		assert_eq!(CurrentRates::<Test>::get(), DefaultRates::get());
		assert_noop!(
			Quota::set_rates(signed(OWNER), DefaultRates::get()),
			DispatchError::BadOrigin
		);
		assert_ok!(set(|rates| rates.base_capacity *= 2));
		let rates = Rates { base_capacity: 2 * CAPACITY, ..DefaultRates::get() };
		assert_eq!(CurrentRates::<Test>::get(), rates);
		System::assert_last_event(Event::RatesSet { rates }.into());
	});
}

#[test]
fn rates_should_be_refused_with_the_reason() {
	build_and_execute(|| {
		type Refused = Error<Test>;
		assert_noop!(set(|rates| rates.base_capacity = MAX_CAPACITY + 1), Refused::RateTooHigh);
		assert_noop!(
			set(|rates| rates.bonded_capacity = MAX_CAPACITY_PER_DAM + 1),
			Refused::RateTooHigh
		);
		assert_noop!(set(|rates| rates.length_cost = MAX_LENGTH_COST + 1), Refused::RateTooHigh);
		assert_noop!(set(|rates| rates.base_refill = 0), Refused::ZeroRefill);
		assert_noop!(set(|rates| rates.base_refill = CAPACITY + 1), Refused::RefillAboveCapacity);
		assert_noop!(
			set(|rates| rates.bonded_refill = BONDED_CAPACITY + 1),
			Refused::RefillAboveCapacity
		);
		assert_noop!(set(|rates| rates.base_capacity = LEAST - 1), Refused::CapacityTooLow);
		assert_noop!(
			set(|rates| rates.block_share = Perbill::from_percent(1)),
			Refused::BlockShareTooLow
		);
		assert_noop!(set(|rates| rates.block_share = Perbill::zero()), Refused::BlockShareTooLow);

		assert_ok!(set(|rates| {
			rates.base_capacity = MAX_CAPACITY;
			rates.base_refill = MAX_CAPACITY;
			rates.bonded_capacity = MAX_CAPACITY_PER_DAM;
			rates.bonded_refill = MAX_CAPACITY_PER_DAM;
			rates.length_cost = MAX_LENGTH_COST;
			rates.block_share = Perbill::one();
		}));
		assert_ok!(set(|rates| {
			rates.base_capacity = LEAST;
			rates.base_refill = 1;
			rates.bonded_capacity = 0;
			rates.bonded_refill = 0;
			rates.length_cost = 0;
			rates.block_share = Perbill::from_rational(LEAST, 4_000_000);
		}));
	});
}

#[test]
fn largest_rates_and_bonds_should_not_overflow() {
	let rates = Rates {
		base_capacity: MAX_CAPACITY,
		base_refill: MAX_CAPACITY,
		bonded_capacity: MAX_CAPACITY_PER_DAM,
		bonded_refill: MAX_CAPACITY_PER_DAM,
		..DefaultRates::get()
	};
	for bonded in [u128::MAX, u128::MAX / 2, 1 << 90] {
		let limits = rates.limits(bonded, 1_000_000_000_000);
		assert_eq!((limits.capacity, limits.refill), (2 * MAX_CAPACITY, 2 * MAX_CAPACITY));
	}
	// The largest bond whose quota is not cut: an hour at a second for each DAM.
	let limits = rates.bonded_part(3_600_000_000_000_000, 1_000_000_000_000);
	assert_eq!(limits.capacity, MAX_CAPACITY);
	let limits = rates.bonded_part(3_600_000_000_000_000 - 1, 1_000_000_000_000);
	assert_eq!(limits.capacity, MAX_CAPACITY - 1);
	build_and_execute(|| {
		CurrentRates::<Test>::put(rates);
		Quota::store(1, 0, 0);
		System::set_block_number(u64::MAX);
		assert_eq!(level(1), MAX_CAPACITY);
		Quota::charge(1, MAX_CAPACITY).unwrap();
		CurrentRates::<Test>::put(DefaultRates::get());
	});
}

#[test]
fn lower_capacity_should_cut_levels_when_they_are_read() {
	build_and_execute(|| {
		Quota::charge(1, 10).unwrap();
		assert_ok!(set(|rates| rates.base_capacity = CAPACITY / 2));
		// One that was used, and one that never was.
		assert_eq!((level(1), level(2)), (CAPACITY / 2, CAPACITY / 2));
		assert_eq!(Quota::charge(1, CAPACITY / 2 + 1), Err(BucketTooLow));
		assert_ok!(Quota::do_try_state());
		// What was cut is there again as long as nobody has written it down.
		assert_ok!(set(|rates| rates.base_capacity = CAPACITY));
		assert_eq!((level(1), level(2)), (CAPACITY - 10, CAPACITY));
		assert_ok!(set(|rates| rates.base_capacity = CAPACITY / 2));
		Quota::charge(1, 1).unwrap();
		assert_ok!(set(|rates| rates.base_capacity = CAPACITY));
		assert_eq!(level(1), CAPACITY / 2 - 1);
	});
}

#[test]
fn change_of_rates_should_touch_no_bucket_and_count_waiting_time_at_the_new_refill() {
	build_and_execute(|| {
		Quota::charge(1, CAPACITY).unwrap();
		advance(10);
		let before = Buckets::<Test>::get(1);
		assert_ok!(set(|rates| rates.base_refill = 2 * REFILL));
		assert_eq!(Buckets::<Test>::get(1), before);
		assert_eq!(level(1), 20 * REFILL);
		assert_ok!(set(|rates| rates.base_refill = REFILL / 2));
		assert_eq!(level(1), 5 * REFILL);
	});
}

#[test]
fn bonds_should_feel_new_rates_at_once() {
	build_and_execute(|| {
		assert_ok!(Quota::bond(signed(OWNER), 1, 10 * DAM));
		assert_ok!(set(|rates| {
			rates.bonded_capacity = 0;
			rates.bonded_refill = 0;
		}));
		assert_eq!(Quota::quota(1).capacity, CAPACITY);
		// The bond itself is as it was.
		assert_ok!(Quota::unbond(signed(OWNER), 1, 10 * DAM));
	});
}

#[test]
fn length_cost_and_block_share_should_be_the_current_ones() {
	build_and_execute(|| {
		assert_ok!(set(|rates| {
			rates.length_cost = 3;
			rates.block_share = Perbill::from_percent(25);
		}));
		assert_eq!(Extension::cost(&info(100), 50), 100 + BASE + 150);
		assert_eq!(Quota::block_limit(), 1_000_000);
		Quota::charge_block(1_000_000).unwrap();
		assert_eq!(Quota::charge_block(1), Err(BlockShareUsedUp));
		// Lowered in the middle of a block.
		assert_ok!(set(|rates| rates.block_share = Perbill::from_percent(10)));
		assert_eq!(Quota::charge_block(1), Err(BlockShareUsedUp));
	});
}
