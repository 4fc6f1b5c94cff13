//! The laws of this pallet's storage.

use crate::*;
use alloc::{
	collections::{BTreeMap, BTreeSet},
	vec::Vec,
};
use dam_primitives::machine::MAX_FLEET_DEPTH;
use frame_support::{ensure, traits::fungible::InspectHold as _};
use sp_runtime::{
	traits::{CheckedAdd, Zero},
	TryRuntimeError,
};

impl<T: Config> Pallet<T> {
	/// Checks the invariants:
	///
	/// 1. Numbers have no gaps: there are exactly [`NextMachineId`] machines, each below it.
	/// 2. The payment key that a machine names has a record that points back, with every right, and
	///    every key stands under the account of its public key.
	/// 3. A living machine has exactly one active key that may pay, the one that it names; a retired
	///    one has no active key at all.
	/// 4. For every owner, the deposits of its machines, those for their keys included, equal what is
	///    held from it; a retired machine's deposit is zero.
	/// 5. Every key's account is kept alive, so that its nonce never restarts.
	/// 6. A machine has had exactly as many keys as it counts, at most [`MAX_KEYS_EVER`], and their
	///    ordinals are 0, 1, 2 and so on. No key names a machine that does not exist.
	/// 7. [`FurtherKeys`] lists exactly the active keys that may not pay, and has no empty list. Their
	///    rights are known, and at least one each.
	/// 8. A key has both an end and a horizon or neither, and its blocks are in order.
	/// 9. [`Children`] holds exactly the pairs that the machines' parents make, and every machine
	///    counts its own. The tree is of living machines, without a cycle, and at most
	///    [`MAX_FLEET_DEPTH`] deep.
	/// 10. Offers are of living machines only, and never to their owner.
	/// 11. A machine's operator is not its owner, and neither is one of its keys, present or past. It
	///     has at least one right, all of them known. A retired machine has no operator.
	/// 12. Documents are of living machines only, with valid addresses.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let machines: BTreeMap<MachineId, MachineRecordOf<T>> = Machines::<T>::iter().collect();
		let next = NextMachineId::<T>::get();
		ensure!(machines.keys().all(|id| *id < next), "1: a machine's number was never given");
		ensure!(machines.len() as u64 == next, "1: the numbers have a gap");

		Self::check_keys(&machines)?;
		Self::check_deposits(&machines)?;
		Self::check_fleets(&machines)?;
		Self::check_people(&machines)?;
		for (id, document) in Documents::<T>::iter() {
			ensure!(is_living::<T>(&machines, id), "12: a document is of no living machine");
			ensure!(document.uri.is_valid(), "12: a document's address is invalid");
		}
		Ok(())
	}

	/// Laws 2, 3 and 5 to 8.
	fn check_keys(
		machines: &BTreeMap<MachineId, MachineRecordOf<T>>,
	) -> Result<(), TryRuntimeError> {
		let mut ordinals: BTreeMap<MachineId, BTreeSet<u32>> = BTreeMap::new();
		let mut paying: BTreeMap<MachineId, Vec<T::AccountId>> = BTreeMap::new();
		let mut further: BTreeMap<MachineId, BTreeSet<T::AccountId>> = BTreeMap::new();
		for (account, key) in Keys::<T>::iter() {
			ensure!(account == account_of(&key.public), "2: a key stands under a foreign account");
			ensure!(
				frame_system::Pallet::<T>::sufficients(&account) > 0,
				"5: a key's account may be reaped"
			);
			ensure!(machines.contains_key(&key.machine), "6: a key's machine does not exist");
			ensure!(
				ordinals.entry(key.machine).or_default().insert(key.ordinal),
				"6: two keys have one ordinal"
			);
			ensure!(
				!key.rights.is_empty() && key.rights.is_known(),
				"7: a key has no right, or one that does not exist"
			);
			match (key.valid_until, key.claimable_until) {
				(None, None) => {},
				(Some(end), Some(horizon)) => ensure!(
					key.valid_from <= end && end <= horizon,
					"8: a key's blocks are not in order"
				),
				_ => return Err("8: a key has only one of an end and a horizon".into()),
			}
			if key.is_active() {
				ensure!(
					is_living::<T>(machines, key.machine),
					"3: a retired machine's key is still active"
				);
				if key.rights.contains(KeyRights::PAY) {
					paying.entry(key.machine).or_default().push(account);
				} else {
					further.entry(key.machine).or_default().insert(account);
				}
			}
		}

		for (id, record) in machines {
			let key = Keys::<T>::get(&record.key).ok_or("2: a machine's key has no record")?;
			ensure!(key.machine == *id, "2: a machine's key points to another machine");
			ensure!(key.rights == KeyRights::ALL, "2: a payment key lacks a right");
			let ordinals = ordinals.remove(id).unwrap_or_default();
			ensure!(
				ordinals.into_iter().eq(0..record.keys_ever) && record.keys_ever <= MAX_KEYS_EVER,
				"6: a machine miscounts its keys"
			);
			if record.status != MachineStatus::Retired {
				ensure!(
					paying.remove(id).is_some_and(|keys| keys == [record.key.clone()]),
					"3: a living machine has not exactly the payment key that it names"
				);
			}
		}

		for (id, keys) in FurtherKeys::<T>::iter() {
			let listed: BTreeSet<_> = keys.iter().cloned().collect();
			ensure!(listed.len() == keys.len() && !keys.is_empty(), "7: a list of keys is untidy");
			ensure!(further.remove(&id) == Some(listed), "7: a list of keys differs from the keys");
		}
		ensure!(further.is_empty(), "7: an active key is not listed");
		Ok(())
	}

	/// Law 4.
	fn check_deposits(
		machines: &BTreeMap<MachineId, MachineRecordOf<T>>,
	) -> Result<(), TryRuntimeError> {
		let mut deposits: BTreeMap<&T::AccountId, BalanceOf<T>> = BTreeMap::new();
		for record in machines.values() {
			ensure!(
				record.status != MachineStatus::Retired || record.deposit.is_zero(),
				"4: a retired machine has a deposit"
			);
			let sum = deposits.entry(&record.owner).or_default();
			*sum = sum.checked_add(&record.deposit).ok_or("4: the deposits overflow")?;
		}
		for (owner, sum) in deposits {
			let held = T::Currency::balance_on_hold(&HoldReason::MachineDeposit.into(), owner);
			ensure!(held == sum, "4: an owner's deposits differ from what is held");
		}
		Ok(())
	}

	/// Law 9.
	fn check_fleets(
		machines: &BTreeMap<MachineId, MachineRecordOf<T>>,
	) -> Result<(), TryRuntimeError> {
		let mut counts: BTreeMap<MachineId, u32> = BTreeMap::new();
		let mut pairs = 0u64;
		for (id, record) in machines {
			let Some(parent) = record.parent else { continue };
			ensure!(
				is_living::<T>(machines, *id) && is_living::<T>(machines, parent),
				"9: a machine in a tree is not alive"
			);
			ensure!(Children::<T>::contains_key(parent, id), "9: a child is not in the index");
			// From a cycle no root is reached.
			let root = core::iter::successors(Some(record), |at| machines.get(&at.parent?))
				.take(MAX_FLEET_DEPTH as usize)
				.find(|at| at.parent.is_none());
			ensure!(root.is_some(), "9: a tree is too deep, or a cycle");
			let count = counts.entry(parent).or_default();
			*count = count.checked_add(1).ok_or("9: the children overflow")?;
			pairs += 1;
		}
		ensure!(Children::<T>::iter_keys().count() as u64 == pairs, "9: the index has a stranger");
		for (id, record) in machines {
			ensure!(
				record.children == counts.remove(id).unwrap_or_default(),
				"9: a machine miscounts its children"
			);
		}
		Ok(())
	}

	/// Laws 10 and 11.
	fn check_people(
		machines: &BTreeMap<MachineId, MachineRecordOf<T>>,
	) -> Result<(), TryRuntimeError> {
		for (id, offer) in Offers::<T>::iter() {
			ensure!(is_living::<T>(machines, id), "10: an offer is of no living machine");
			ensure!(
				machines.get(&id).is_some_and(|record| record.owner != offer.to),
				"10: a machine is offered to its owner"
			);
		}
		for (id, record) in machines {
			let is_key = |account| Keys::<T>::get(account).is_some_and(|key| key.machine == *id);
			ensure!(!is_key(&record.owner), "11: a machine's key owns it");
			let Some(OperatorInfo { account, rights }) = &record.operator else { continue };
			ensure!(
				record.status != MachineStatus::Retired,
				"11: a retired machine has an operator"
			);
			ensure!(*account != record.owner, "11: a machine's owner operates it");
			ensure!(!is_key(account), "11: a machine's key operates it");
			ensure!(
				!rights.is_empty() && rights.is_known(),
				"11: an operator has no right, or one that does not exist"
			);
		}
		Ok(())
	}
}

/// Whether machine `id` exists and is not retired.
fn is_living<T: Config>(machines: &BTreeMap<MachineId, MachineRecordOf<T>>, id: MachineId) -> bool {
	machines.get(&id).is_some_and(|record| record.status != MachineStatus::Retired)
}
