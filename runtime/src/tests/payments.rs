//! Payments as signed extrinsics: that they cost nothing, and that nobody can cheat.

use super::support::*;
use crate::{units::*, *};
use codec::{Decode, Encode};
use dam_primitives::USDT_ASSET_ID;
use frame_support::{assert_ok, traits::fungible::Inspect as _};
use pallet_dam_traits::Machines;
use sp_core::H256;
use sp_runtime::{
	generic::Era,
	transaction_validity::{InvalidTransaction, TransactionValidityError},
};

fn invalid(reason: InvalidTransaction) -> TransactionValidityError {
	reason.into()
}

/// Two machines; the first has 10 USDT.
fn two_machines() -> (u64, u64) {
	let machines = (register(&device(1)), register(&device(2)));
	fund(machines.0, 10 * USDT);
	machines
}

#[test]
fn key_that_holds_nothing_should_pay_without_a_fee() {
	new_test_ext().execute_with(|| {
		let (payer, payee) = two_machines();
		let dam_before = Balances::total_issuance();
		let accounts_before: alloc::collections::BTreeMap<_, _> =
			frame_system::Account::<Runtime>::iter().map(|(who, info)| (who, info.data)).collect();

		assert_ok!(
			apply(sign(&device(1), pay_batch(payee, 5_000, 1_000), Envelope::honest(0))).unwrap()
		);

		assert_eq!((wallet(payer), wallet(payee)), (5 * USDT, 5 * USDT));
		assert_eq!(Balances::total_issuance(), dam_before);
		let accounts_after: alloc::collections::BTreeMap<_, _> =
			frame_system::Account::<Runtime>::iter().map(|(who, info)| (who, info.data)).collect();
		assert_eq!(accounts_before, accounts_after, "somebody's DAM changed");
		assert_eq!(System::account_nonce(key_of(&device(1))), 1);
	});
}

#[test]
fn new_machine_should_take_the_smallest_payment() {
	new_test_ext().execute_with(|| {
		let (_, payee) = two_machines();
		assert_eq!(wallet(payee), 0);
		assert_ok!(apply(sign(&device(1), pay(payee, 1), Envelope::honest(0))).unwrap());
		assert_eq!(wallet(payee), 1);
	});
}

#[test]
fn payment_should_not_be_replayed() {
	new_test_ext().execute_with(|| {
		let (_, payee) = two_machines();
		let payment = sign(&device(1), pay(payee, 1), Envelope::honest(0));
		assert_ok!(apply(payment.clone()).unwrap());
		assert_eq!(apply(payment.clone()), Err(invalid(InvalidTransaction::Stale)));
		start_block(2);
		assert_eq!(apply(payment), Err(invalid(InvalidTransaction::Stale)));
		assert_eq!(wallet(payee), 1);
	});
}

#[test]
fn payment_should_not_be_replayed_after_the_machine_is_retired() {
	new_test_ext().execute_with(|| {
		let (payer, payee) = two_machines();
		let payment = sign(&device(1), pay(payee, 1), Envelope::honest(0));
		assert_ok!(apply(payment.clone()).unwrap());
		let_quota_refill();
		assert_ok!(DamIdentity::retire(RuntimeOrigin::signed(owner()), payer));
		// Even if somebody gives the key's account a life of its own.
		assert_ok!(Balances::transfer_keep_alive(
			RuntimeOrigin::signed(owner()),
			key_of(&device(1)).into(),
			DAM
		));
		assert_eq!(apply(payment), Err(invalid(InvalidTransaction::Stale)));
	});
}

#[test]
fn payment_of_the_future_should_wait() {
	new_test_ext().execute_with(|| {
		let (_, payee) = two_machines();
		let result = apply(sign(&device(1), pay(payee, 1), Envelope::honest(1)));
		assert_eq!(result, Err(invalid(InvalidTransaction::Future)));
	});
}

#[test]
fn payment_for_another_chain_should_be_refused() {
	new_test_ext().execute_with(|| {
		let (_, payee) = two_machines();
		let elsewhere = Envelope { genesis: H256::repeat_byte(1), ..Envelope::honest(0) };
		let result = apply(sign(&device(1), pay(payee, 1), elsewhere));
		assert_eq!(result, Err(invalid(InvalidTransaction::BadProof)));
	});
}

#[test]
fn payment_should_be_refused_when_signed_by_another_key_or_changed() {
	new_test_ext().execute_with(|| {
		let (_, payee) = two_machines();
		let mut forged = sign(&device(3), pay(payee, 1), Envelope::honest(0)).encode();
		let theirs = key_of(&device(3)).encode();
		let at = forged.windows(32).position(|bytes| bytes == theirs).unwrap();
		forged[at..at + 32].copy_from_slice(&key_of(&device(1)).encode());
		let forged = UncheckedExtrinsic::decode(&mut forged.as_slice()).unwrap();
		assert_eq!(apply(forged), Err(invalid(InvalidTransaction::BadProof)));

		let mut changed = sign(&device(1), pay(payee, 1), Envelope::honest(0)).encode();
		// The amount is last.
		*changed.last_mut().unwrap() = 8;
		let changed = UncheckedExtrinsic::decode(&mut changed.as_slice()).unwrap();
		assert_eq!(apply(changed), Err(invalid(InvalidTransaction::BadProof)));
		assert_eq!(wallet(payee), 0);
	});
}

#[test]
fn mortal_payment_should_die_at_its_boundary() {
	new_test_ext().execute_with(|| {
		let (_, payee) = two_machines();
		// Valid in blocks 0 to 3 of a period of four.
		let mortal = |nonce| {
			let envelope = Envelope { era: Era::mortal(4, 0), ..Envelope::honest(nonce) };
			sign(&device(1), pay(payee, 1), envelope)
		};
		start_block(2);
		start_block(3);
		assert_ok!(apply(mortal(0)).unwrap());
		start_block(4);
		// What was signed for an era that is past no longer verifies.
		assert!(apply(mortal(1)).is_err());
		assert_eq!(wallet(payee), 1);
	});
}

#[test]
fn tip_on_a_free_payment_should_not_be_taken() {
	new_test_ext().execute_with(|| {
		let (_, payee) = two_machines();
		let envelope = Envelope { tip: u128::MAX, ..Envelope::honest(0) };
		assert_ok!(apply(sign(&device(1), pay(payee, 1), envelope)).unwrap());
	});
}

#[test]
fn stolen_key_should_move_nothing_by_other_pallets() {
	new_test_ext().execute_with(|| {
		let (payer, _) = two_machines();
		let key = key_of(&device(1));
		// Even with a fee in hand, the key's account has no right to the machine's wallet.
		assert_ok!(Balances::transfer_keep_alive(
			RuntimeOrigin::signed(owner()),
			key.clone().into(),
			10 * DAM
		));
		let thief = key_of(&device(3));
		let before = wallet(payer);
		let attempts: alloc::vec::Vec<RuntimeCall> = alloc::vec![
			pallet_assets::Call::transfer {
				id: USDT_ASSET_ID.into(),
				target: thief.clone().into(),
				amount: USDT,
			}
			.into(),
			pallet_assets::Call::transfer_approved {
				id: USDT_ASSET_ID.into(),
				owner: DamIdentity::account(payer).into(),
				destination: thief.clone().into(),
				amount: USDT,
			}
			.into(),
			pallet_assets::Call::force_transfer {
				id: USDT_ASSET_ID.into(),
				source: DamIdentity::account(payer).into(),
				dest: thief.clone().into(),
				amount: USDT,
			}
			.into(),
			pallet_assets::Call::transfer_all {
				id: USDT_ASSET_ID.into(),
				dest: thief.clone().into(),
				keep_alive: false,
			}
			.into(),
			pallet_proxy::Call::proxy {
				real: DamIdentity::account(payer).into(),
				force_proxy_type: None,
				call: alloc::boxed::Box::new(
					pallet_assets::Call::transfer {
						id: USDT_ASSET_ID.into(),
						target: thief.clone().into(),
						amount: USDT,
					}
					.into(),
				),
			}
			.into(),
			pallet_micropayments::Call::withdraw { machine: payer, amount: USDT }.into(),
			pallet_dam_identity::Call::retire { machine: payer }.into(),
		];
		for (nonce, call) in (0u32..).zip(attempts) {
			let result = apply(sign(&device(1), call.clone(), Envelope::honest(nonce)));
			// `transfer_all` of an empty account succeeds at moving nothing.
			let harmless =
				matches!(call, RuntimeCall::Assets(pallet_assets::Call::transfer_all { .. }));
			assert!(harmless || matches!(result, Ok(Err(_))), "{call:?}: {result:?}");
			assert_eq!((wallet(payer), usdt(&thief)), (before, 0), "{call:?}");
		}
	});
}

#[test]
fn wallet_should_not_be_squatted_before_registration() {
	new_test_ext().execute_with(|| {
		// The next machine's address is known to everybody.
		let next = pallet_dam_identity::NextMachineId::<Runtime>::get();
		fund(next, USDT);
		assert_eq!(register(&device(1)), next);
		assert_eq!(wallet(next), USDT);
		assert_ok!(DamIdentity::retire(RuntimeOrigin::signed(owner()), next));
		assert_eq!(wallet(next), 0);
	});
}

#[test]
fn retirement_should_return_every_unit_and_leave_no_account() {
	new_test_ext().execute_with(|| {
		let before =
			(Balances::total_balance(&owner()), Balances::free_balance(owner()), usdt(&owner()));
		let (payer, payee) = two_machines();
		assert_ok!(apply(sign(&device(1), pay(payee, 1), Envelope::honest(0))).unwrap());
		let_quota_refill();
		for machine in [payer, payee] {
			assert_ok!(DamIdentity::retire(RuntimeOrigin::signed(owner()), machine));
			assert!(!pallet_assets::Account::<Runtime>::contains_key(
				USDT_ASSET_ID,
				DamIdentity::account(machine)
			));
		}
		let after =
			(Balances::total_balance(&owner()), Balances::free_balance(owner()), usdt(&owner()));
		assert_eq!(before, after);
	});
}

#[test]
fn sudo_should_have_a_key_in_development_only() {
	new_test_ext().execute_with(|| {
		assert_eq!(pallet_sudo::Key::<Runtime>::get(), Some(owner()));
	});
	let default = RuntimeGenesisConfig::default();
	assert_eq!(default.sudo.key, None);
}
