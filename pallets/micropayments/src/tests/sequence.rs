//! A batch does what its items would do as single payments, one after the other: the same balances,
//! the same references, the same failures, whatever state the accounts are in.

use super::*;
use frame_support::storage::with_storage_layer;
use proptest::prelude::*;

/// Which payments failed, and why.
type Failed = Vec<(u32, DispatchError)>;

/// Machines with wallets, machines without, one that is suspended and one that is retired.
const MACHINES: [MachineId; 9] = [0, 1, 2, 3, 4, 5, 6, SUSPENDED, RETIRED];
/// Who pays.
const PAYER: MachineId = 1;
/// Accounts that are nobody's.
const ACCOUNTS: [AccountId; 4] = [3_000, 3_001, 3_002, 3_003];

/// Something that has happened to an account or the asset before.
#[derive(Debug, Clone)]
enum Circumstance {
	Frozen(AccountId),
	Blocked(AccountId),
	/// Somebody paid a deposit, so that it exists with nothing in it.
	Touched(AccountId),
	/// It has that much more.
	Richer(AccountId, u128),
	/// It has that much less, maybe less than the minimum.
	Poorer(AccountId, u128),
	/// So much of it must stay.
	Keeps(AccountId, u128),
	/// So little is left until the issuance overflows.
	NearlyOverflowing(AccountId, u128),
	AssetFrozen,
	AssetDestroyed,
}

impl Circumstance {
	/// What cannot happen has not.
	fn happen(&self) {
		let admin = || RuntimeOrigin::signed(ADMIN);
		let _ = with_storage_layer(|| match *self {
			Self::Frozen(who) => Assets::freeze(admin(), USDT, who),
			Self::Blocked(who) => Assets::block(admin(), USDT, who),
			Self::Touched(who) => {
				Balances::force_set_balance(RuntimeOrigin::root(), ADMIN, 1_000)?;
				Assets::touch_other(admin(), USDT, who)
			},
			Self::Richer(who, amount) => Assets::mint(admin(), USDT, who, amount),
			Self::Poorer(who, amount) => Assets::burn(admin(), USDT, who, amount),
			Self::Keeps(who, amount) => {
				let mut kept = Kept::get();
				kept.push((who, amount));
				Kept::set(&kept);
				Ok(())
			},
			Self::NearlyOverflowing(who, left) => {
				let rest = u128::MAX - Assets::total_supply(USDT);
				Assets::mint(admin(), USDT, who, rest.saturating_sub(left))
			},
			Self::AssetFrozen => Assets::freeze_asset(admin(), USDT),
			Self::AssetDestroyed => Assets::start_destroy(RuntimeOrigin::root(), USDT),
		});
	}
}

fn machine() -> impl Strategy<Value = MachineId> {
	prop::sample::select(&MACHINES[..])
}

/// Mostly the payer's.
fn account() -> impl Strategy<Value = AccountId> {
	prop_oneof![
		2 => Just(MockMachines::account(PAYER)),
		3 => machine().prop_map(MockMachines::account),
		2 => prop::sample::select(&ACCOUNTS[..]),
		1 => Just(Micropayments::pot()),
	]
}

fn amount() -> impl Strategy<Value = u128> {
	prop_oneof![
		6 => 0..FUNDS / 2,
		3 => 0..2 * MINIMUM,
		2 => FUNDS - 2 * MINIMUM..FUNDS + 2 * MINIMUM,
		1 => u128::MAX - FUNDS..=u128::MAX,
		1 => any::<u128>(),
	]
}

fn circumstance() -> impl Strategy<Value = Circumstance> {
	use Circumstance::*;
	prop_oneof![
		2 => account().prop_map(Frozen),
		2 => account().prop_map(Blocked),
		3 => account().prop_map(Touched),
		4 => (account(), amount()).prop_map(|(who, amount)| Richer(who, amount)),
		4 => (account(), amount()).prop_map(|(who, amount)| Poorer(who, amount)),
		3 => (account(), amount()).prop_map(|(who, amount)| Keeps(who, amount)),
		1 => (account(), 0..2 * FUNDS).prop_map(|(who, left)| NearlyOverflowing(who, left)),
		1 => Just(AssetFrozen),
		1 => Just(AssetDestroyed),
	]
}

fn payee() -> impl Strategy<Value = Payee<AccountId>> {
	prop_oneof![machine().prop_map(Payee::Machine), account().prop_map(Payee::Account)]
}

fn rules() -> impl Strategy<Value = Rules> {
	let caps = (amount(), amount(), amount(), prop::collection::vec(payee(), 0..2));
	prop_oneof![
		2 => Just(Rules::NONE),
		1 => caps.prop_map(|(payment_cap, period_cap, co_sign_above, banned)| Rules {
			payment_cap,
			period_cap,
			banned,
			co_sign_above,
		}),
	]
}

fn payments() -> impl Strategy<Value = Vec<Payment<AccountId>>> {
	let payment = (payee(), amount()).prop_map(|(payee, amount)| Payment { payee, amount });
	prop::collection::vec(payment, 0..24)
}

/// Everything that payments can change, apart from events.
fn state() -> impl PartialEq + std::fmt::Debug {
	assert_eq!(sum_of_balances(), Assets::total_supply(USDT));
	(
		pallet_assets::Account::<Test>::iter().collect::<Vec<_>>(),
		pallet_assets::Asset::<Test>::get(USDT),
		frame_system::Account::<Test>::iter().collect::<Vec<_>>(),
		Counted::get(),
		Incomes::get(),
	)
}

/// The failures of a batch, as errors.
fn failures_of_batch(payments: &[Payment<AccountId>]) -> Failed {
	pay_batch(PAYER, payments.to_vec());
	let event = System::events().pop().unwrap().event;
	let RuntimeEvent::Micropayments(Event::BatchPaid { failed, paid, total, .. }) = event else {
		panic!("the last event is the batch's: {event:?}")
	};
	let succeeded = (0u32..)
		.zip(payments)
		.filter(|(index, _)| failed.iter().all(|item| item.index != *index))
		.map(|(_, payment)| payment.amount);
	assert_eq!(paid as usize, payments.len() - failed.len());
	assert_eq!(total, succeeded.sum::<u128>());
	failed.iter().map(|item| (item.index, Error::<Test>::from(item.reason).into())).collect()
}

/// The failures of the same payments as calls of their own.
fn failures_of_sequence(payments: &[Payment<AccountId>]) -> Failed {
	(0u32..)
		.zip(payments)
		.filter_map(|(index, Payment { payee, amount })| {
			with_storage_layer(|| Micropayments::pay(key(PAYER), payee.clone(), *amount))
				.err()
				.map(|error| (index, error))
		})
		.collect()
}

/// The failures of the same payments by the till.
fn failures_of_till(payments: &[Payment<AccountId>]) -> Failed {
	use pallet_dam_traits::Till;
	(0u32..)
		.zip(payments)
		.filter_map(|(index, Payment { payee, amount })| {
			<Micropayments as Till<AccountId>>::pay(PAYER, payee, *amount)
				.err()
				.map(|failure| (index, Error::<Test>::from(failure).into()))
		})
		.collect()
}

proptest! {
	#![proptest_config(cases(512))]

	#[test]
	fn batch_should_be_a_sequence_of_payments(
		circumstances in prop::collection::vec(circumstance(), 0..8),
		rules in rules(),
		payments in payments(),
	) {
		let run = |way: fn(&[Payment<AccountId>]) -> Failed| {
			new_test_ext().execute_with(|| {
				Policy::set(rules.clone());
				circumstances.iter().for_each(Circumstance::happen);
				let issuance = Assets::total_supply(USDT);
				let failures = way(&payments);
				assert_eq!(Assets::total_supply(USDT), issuance);
				(failures, state())
			})
		};
		let sequence = run(failures_of_sequence);
		prop_assert_eq!(&run(failures_of_batch), &sequence);
		prop_assert_eq!(&run(failures_of_till), &sequence);
	}
}
