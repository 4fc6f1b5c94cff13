//! What other pallets and the runtime API ask.

use crate::*;
use alloc::vec::Vec;
use dam_primitives::{
	machine::machine_at, machine_account, KeyInfo, MachineInfo, MachineKind, OperatorRights,
	OwnershipOffer, PublicKey, MAX_PAGE,
};
use frame_support::pallet_prelude::*;
use sp_runtime::traits::UniqueSaturatedInto;

impl<T: Config> pallet_dam_traits::Machines<T::AccountId> for Pallet<T> {
	fn authorize(key: &T::AccountId, right: KeyRights) -> Result<MachineId, DispatchError> {
		let key = Keys::<T>::get(key).ok_or(Error::<T>::KeyNotFound)?;
		let record = Machines::<T>::get(key.machine).ok_or(Error::<T>::MachineNotFound)?;
		Self::ensure_acts(&key, &record, right)?;
		Ok(key.machine)
	}

	fn signer(key: &T::AccountId) -> Result<MachineId, DispatchError> {
		let key = Keys::<T>::get(key).ok_or(Error::<T>::KeyNotFound)?;
		ensure!(key.rights.contains(KeyRights::PAY), Error::<T>::KeyLacksRight);
		if let Some(until) = key.claimable_until {
			let now = frame_system::Pallet::<T>::block_number();
			ensure!(now <= until, Error::<T>::KeyHorizonPassed);
		}
		Ok(key.machine)
	}

	fn payment_key(id: MachineId) -> Option<PublicKey> {
		let record =
			Machines::<T>::get(id).filter(|record| record.status != MachineStatus::Retired)?;
		Keys::<T>::get(&record.key).map(|key| key.public)
	}

	fn may_spend(id: MachineId) -> bool {
		Machines::<T>::get(id)
			.is_some_and(|record| record.status == MachineStatus::Active && !record.frozen)
	}

	fn machine_of_key(key: &T::AccountId) -> Option<MachineId> {
		Keys::<T>::get(key).map(|key| key.machine)
	}

	fn permit(who: &T::AccountId, machine: MachineId, right: OperatorRights) -> DispatchResult {
		ensure!(Self::living(machine)?.permits(who, right), Error::<T>::NotAuthorized);
		Ok(())
	}

	fn permit_owner(who: &T::AccountId, machine: MachineId) -> DispatchResult {
		ensure!(Self::living(machine)?.owner == *who, Error::<T>::NotOwner);
		Ok(())
	}

	fn status(id: MachineId) -> Option<MachineStatus> {
		Machines::<T>::get(id).map(|record| record.status)
	}

	fn kind(id: MachineId) -> Option<MachineKind> {
		Machines::<T>::get(id).map(|record| record.kind)
	}

	fn owner(id: MachineId) -> Option<T::AccountId> {
		Machines::<T>::get(id).map(|record| record.owner)
	}

	fn account(id: MachineId) -> T::AccountId {
		machine_account(id).into()
	}

	fn machine_at(account: &T::AccountId) -> Option<MachineId> {
		machine_at(account.as_ref())
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_machine(seed: u32) -> (MachineId, T::AccountId) {
		Self::insert_benchmark_machine(PublicKey::Sr25519(sp_io::hashing::blake2_256(
			&seed.to_le_bytes(),
		)))
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_machine_with_key(key: PublicKey) -> MachineId {
		Self::insert_benchmark_machine(key).0
	}
}

impl<T: Config> Pallet<T> {
	/// Whether `key` may use `right` now for its machine, whose record is given.
	pub(crate) fn ensure_acts(
		key: &KeyRecord<BlockNumberFor<T>>,
		record: &MachineRecordOf<T>,
		right: KeyRights,
	) -> Result<(), Error<T>> {
		ensure!(record.status != MachineStatus::Retired, Error::<T>::MachineRetired);
		ensure!(key.is_active(), Error::<T>::KeyEnded);
		ensure!(!record.frozen, Error::<T>::KeysFrozen);
		ensure!(key.rights.contains(right), Error::<T>::KeyLacksRight);
		ensure!(
			record.status == MachineStatus::Active || !right.contains(KeyRights::PAY),
			Error::<T>::MachineSuspended
		);
		Ok(())
	}

	/// The machine that an account belongs to: as its key, past or present, or as its sovereign
	/// account.
	pub fn machine_of(account: &T::AccountId) -> Option<MachineId> {
		match Keys::<T>::get(account) {
			Some(key) => Some(key.machine),
			None => machine_at(account.as_ref()).filter(|id| Machines::<T>::contains_key(id)),
		}
	}

	/// The key that signs from `account`, past or present.
	pub fn key_info(account: &T::AccountId) -> Option<KeyInfo<T::AccountId>> {
		let key = Keys::<T>::get(account)?;
		Some(KeyInfo {
			machine: key.machine,
			ordinal: key.ordinal,
			public: key.public,
			account: account.clone(),
			rights: key.rights,
			valid_from: key.valid_from.unique_saturated_into(),
			valid_until: key.valid_until.map(UniqueSaturatedInto::unique_saturated_into),
			claimable_until: key.claimable_until.map(UniqueSaturatedInto::unique_saturated_into),
		})
	}

	/// The machines that stand directly below `id`: at most `limit` of them, and never more than
	/// [`MAX_PAGE`], that come after `after` in an order without meaning.
	pub fn children(id: MachineId, after: Option<MachineId>, limit: u32) -> Vec<MachineId> {
		let children = match after {
			Some(after) => {
				Children::<T>::iter_key_prefix_from(id, Children::<T>::hashed_key_for(id, after))
			},
			None => Children::<T>::iter_key_prefix(id),
		};
		children.take(limit.min(MAX_PAGE) as usize).collect()
	}
}

impl<T: Config> Pallet<T>
where
	BalanceOf<T>: UniqueSaturatedInto<u128>,
{
	/// A machine as the runtime API shows it, whatever its status. A retired one has no keys, no
	/// operator and no metadata any more. An offer is shown until it is accepted, cancelled or
	/// replaced, even after its last block.
	pub fn machine_info(id: MachineId) -> Option<MachineInfo<T::AccountId>> {
		let record = Machines::<T>::get(id)?;
		let keys = core::iter::once(record.key)
			.chain(FurtherKeys::<T>::get(id))
			.filter_map(|key| Self::key_info(&key))
			.filter(|key| key.valid_until.is_none())
			.collect();
		let offer = Offers::<T>::get(id).map(|OfferRecord { to, expires_at }| OwnershipOffer {
			to,
			expires_at: expires_at.unique_saturated_into(),
		});
		Some(MachineInfo {
			id,
			owner: record.owner,
			operator: record.operator,
			parent: record.parent,
			account: Self::account(id),
			keys,
			status: record.status,
			frozen: record.frozen,
			offer,
			profile: MachineProfile { kind: record.kind, metadata: Documents::<T>::get(id) },
			registered_at: record.registered_at.unique_saturated_into(),
			updated_at: record.updated_at.unique_saturated_into(),
			deposit: record.deposit.unique_saturated_into(),
		})
	}
}
