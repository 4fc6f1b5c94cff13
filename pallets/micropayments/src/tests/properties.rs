//! Random sequences of payments, through escrow and not, against a model of balances and of what the
//! policy counts.

use super::*;
use pallet_dam_traits::Till;
use proptest::prelude::*;
use std::collections::BTreeMap;

const MACHINES: u64 = 8;

#[derive(Debug, Clone)]
enum Step {
	Pay { payer: u64, payee: u64, amount: u128 },
	Batch { payer: u64, items: Vec<(u64, u128)> },
	Withdraw { machine: u64, amount: u128 },
	TillPay { payer: u64, payee: u64, amount: u128 },
	Lock { payer: u64, payee: u64, amount: u128 },
	LockDeposit { machine: u64, amount: u128 },
	PayOut { payee: u64, amount: u128 },
	PayOuts { items: Vec<(u64, u128)> },
	Release { machine: u64, amount: u128 },
}

fn amount() -> impl Strategy<Value = u128> {
	prop_oneof![8 => 0..2 * FUNDS, 1 => Just(u128::MAX), 1 => 0..MINIMUM]
}

fn step() -> impl Strategy<Value = Step> {
	let machine = || 0..MACHINES;
	prop_oneof![
		(machine(), machine(), amount()).prop_map(|(payer, payee, amount)| Step::Pay {
			payer,
			payee,
			amount
		}),
		(machine(), prop::collection::vec((machine(), amount()), 0..12))
			.prop_map(|(payer, items)| Step::Batch { payer, items }),
		(machine(), amount()).prop_map(|(machine, amount)| Step::Withdraw { machine, amount }),
		(machine(), machine(), amount()).prop_map(|(payer, payee, amount)| Step::TillPay {
			payer,
			payee,
			amount
		}),
		(machine(), machine(), amount()).prop_map(|(payer, payee, amount)| Step::Lock {
			payer,
			payee,
			amount
		}),
		(machine(), amount()).prop_map(|(machine, amount)| Step::LockDeposit { machine, amount }),
		(machine(), amount()).prop_map(|(payee, amount)| Step::PayOut { payee, amount }),
		prop::collection::vec((machine(), amount()), 0..6)
			.prop_map(|items| Step::PayOuts { items }),
		(machine(), amount()).prop_map(|(machine, amount)| Step::Release { machine, amount }),
	]
}

/// What the policy of every machine allows here.
const PAYMENT_CAP: u128 = FUNDS;
const PERIOD_CAP: u128 = 3 * FUNDS;
const BANNED: MachineId = 7;

/// Whether the model's policy allows a payment, after what the machine has paid.
fn allows(counted: u128, payee: MachineId, amount: u128) -> bool {
	amount <= PAYMENT_CAP && amount <= PERIOD_CAP - counted && payee != BANNED
}

/// Moves money in the model by its own reading of the rules; whether it moved.
fn move_money(
	model: &mut BTreeMap<AccountId, u128>,
	from: AccountId,
	to: AccountId,
	amount: u128,
) -> bool {
	let has = model.get(&from).copied().unwrap_or(0);
	let keeps_minimum = has.checked_sub(amount).is_some_and(|rest| rest >= MINIMUM);
	let opens = model.contains_key(&to) || amount >= MINIMUM;
	if amount == 0 || from == to || !keeps_minimum || !opens {
		return false;
	}
	*model.entry(from).or_default() -= amount;
	*model.entry(to).or_default() += amount;
	true
}

proptest! {
	#![proptest_config(cases(64))]

	#[test]
	fn balances_should_follow_the_model(steps in prop::collection::vec(step(), 1..60)) {
		build_and_execute(|| {
			Policy::set(Rules {
				payment_cap: PAYMENT_CAP,
				period_cap: PERIOD_CAP,
				banned: vec![Payee::Machine(BANNED)],
				..Rules::NONE
			});
			let account = MockMachines::account;
			let mut paid = [0u128; MACHINES as usize];
			let mut model: BTreeMap<AccountId, u128> =
				(0..5).map(|machine| (account(machine), FUNDS)).collect();
			let pot = Micropayments::pot();
			model.insert(pot, MINIMUM);
			let mut income = [0u128; MACHINES as usize];
			for step in steps {
				match step {
					Step::Pay { payer, payee, amount } => {
						let result =
							Micropayments::pay(key(payer), Payee::Machine(payee), amount);
						let spent = &mut paid[payer as usize];
						let moved = allows(*spent, payee, amount)
							&& move_money(&mut model, account(payer), account(payee), amount);
						if moved {
							*spent += amount;
							income[payee as usize] += amount;
						}
						assert_eq!(result.is_ok(), moved, "{result:?}");
					},
					Step::Batch { payer, items } => {
						let payments = items
							.iter()
							.map(|&(payee, amount)| Payment { payee: Payee::Machine(payee), amount })
							.collect();
						assert_ok!(Micropayments::pay_batch(
							key(payer),
							BoundedVec::truncate_from(payments)
						));
						let (mut total, mut refused) = (0, vec![]);
						let spent = &mut paid[payer as usize];
						for (index, &(payee, amount)) in (0u32..).zip(&items) {
							if allows(*spent, payee, amount)
								&& move_money(&mut model, account(payer), account(payee), amount)
							{
								total += amount;
								*spent += amount;
								income[payee as usize] += amount;
							} else {
								refused.push(index);
							}
						}
						let event = System::events().pop().unwrap().event;
						let RuntimeEvent::Micropayments(Event::BatchPaid {
							paid, total: reported, failed, ..
						}) = event else { panic!("the last event is the batch's: {event:?}") };
						assert_eq!(reported, total);
						assert_eq!(paid as usize, items.len() - refused.len());
						let failed: Vec<_> = failed.iter().map(|item| item.index).collect();
						assert_eq!(failed, refused);
					},
					Step::Withdraw { machine, amount } => {
						let result =
							Micropayments::withdraw(RuntimeOrigin::signed(2_000), machine, amount);
						let moved = move_money(&mut model, account(machine), 2_000, amount);
						assert_eq!(result.is_ok(), moved, "{result:?}");
					},
					Step::TillPay { payer, payee, amount } => {
						let result = <Micropayments as Till<AccountId>>::pay(payer, &Payee::Machine(payee), amount);
						let spent = &mut paid[payer as usize];
						let moved = allows(*spent, payee, amount)
							&& move_money(&mut model, account(payer), account(payee), amount);
						if moved {
							*spent += amount;
							income[payee as usize] += amount;
						}
						assert_eq!(result.is_ok(), moved, "{result:?}");
					},
					Step::Lock { payer, payee, amount } => {
						let result = Micropayments::lock(payer, &Payee::Machine(payee), amount);
						let spent = &mut paid[payer as usize];
						let moved = allows(*spent, payee, amount)
							&& payer != payee
							&& move_money(&mut model, account(payer), pot, amount);
						if moved {
							*spent += amount;
						}
						assert_eq!(result.is_ok(), moved, "{result:?}");
					},
					Step::LockDeposit { machine, amount } => {
						let result = Micropayments::lock_deposit(machine, amount);
						let moved = move_money(&mut model, account(machine), pot, amount);
						assert_eq!(result.is_ok(), moved || amount == 0, "{result:?}");
					},
					Step::PayOut { payee, amount } => {
						let result = Micropayments::pay_out(&Payee::Machine(payee), amount);
						let moved = move_money(&mut model, pot, account(payee), amount);
						if moved {
							income[payee as usize] += amount;
						}
						assert_eq!(result.is_ok(), moved || amount == 0, "{result:?}");
					},
					Step::PayOuts { items } => {
						let paid_out = Micropayments::pay_outs(|pay| {
							items
								.iter()
								.map(|&(payee, amount)| pay(&Payee::Machine(payee), amount).is_ok())
								.collect::<Vec<_>>()
						});
						let mut expected = vec![];
						for &(payee, amount) in &items {
							let moved = move_money(&mut model, pot, account(payee), amount);
							if moved {
								income[payee as usize] += amount;
							}
							expected.push(moved || amount == 0);
						}
						assert_eq!(paid_out, Ok(expected));
					},
					Step::Release { machine, amount } => {
						let result = Micropayments::release(machine, amount);
						let moved = move_money(&mut model, pot, account(machine), amount);
						assert_eq!(result.is_ok(), moved || amount == 0, "{result:?}");
					},
				}
				for machine in 0..MACHINES {
					assert_eq!(counted(machine), paid[machine as usize]);
					let told = Incomes::get().get(&machine).copied().unwrap_or_default();
					assert_eq!(told, income[machine as usize]);
				}
				for (account, balance) in &model {
					assert_eq!(Assets::balance(USDT, account), *balance);
				}
				Escrowed::set(&(model[&pot] - MINIMUM));
				check();
			}
		});
	}
}
