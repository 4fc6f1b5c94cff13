//! Settling intents, and making them void.

use crate::*;
use alloc::vec::Vec;
use frame_support::{
	pallet_prelude::*,
	storage::{transactional::with_transaction_opaque_err, TransactionOutcome},
};
use frame_system::pallet_prelude::BlockNumberFor;
use pallet_dam_traits::HostCrypto;
use sp_runtime::traits::{UniqueSaturatedInto, Zero};

/// What an intent moved, in units of 0.000001 USDT.
struct Moved {
	amount: u128,
	relay_fee: u128,
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_submit(who: T::AccountId, intents: &IntentBatch) {
		// Also for a key that no longer acts: a key is not a wallet.
		let relayer = match T::Machines::machine_of_key(&who) {
			Some(machine) => Payee::Machine(machine),
			None => Payee::Account(who),
		};
		let now = frame_system::Pallet::<T>::block_number().unique_saturated_into();
		let genesis_hash = Self::genesis_hash();

		let (mut settled, mut total, mut relay_fees) = (0u32, 0u128, 0u128);
		let mut failed = Vec::new();
		for (index, signed) in (0u32..).zip(intents) {
			match Self::settle(signed, now, &genesis_hash, &relayer) {
				Ok(moved) => {
					// For the event alone: at most MAX_INTENTS times the money there is.
					settled = settled.saturating_add(1);
					total = total.saturating_add(moved.amount);
					relay_fees = relay_fees.saturating_add(moved.relay_fee);
				},
				Err(reason) => failed.push(FailedIntent { index, reason }),
			}
		}
		let failed = BoundedVec::truncate_from(failed);
		Self::deposit_event(Event::IntentsSettled { relayer, settled, total, relay_fees, failed });
	}

	pub(crate) fn do_cancel(
		key: T::AccountId,
		nonces: BoundedVec<u64, ConstU32<MAX_CANCELLED>>,
	) -> DispatchResult {
		let machine = T::Machines::authorize(&key, KeyRights::PAY)?;
		let mut window = Nonces::<T>::get(machine);
		for nonce in &nonces {
			// Those that were used or given up are void already.
			if window.mark(*nonce) == Err(IntentFailure::NonceTooFar) {
				return Err(Error::<T>::NonceTooFar.into());
			}
		}
		if window != NonceWindow::default() {
			Nonces::<T>::insert(machine, window);
		}
		Self::deposit_event(Event::IntentsCancelled { machine, nonces });
		Ok(())
	}

	/// Settles an intent, or changes nothing and tells why.
	fn settle(
		signed: &SignedIntent,
		now: u32,
		genesis_hash: &[u8; 32],
		relayer: &Payee<T::AccountId>,
	) -> Result<Moved, IntentFailure> {
		let intent = &signed.intent;
		intent.check(now)?;
		let payer = intent.payer;
		let key = T::Machines::payment_key(payer).ok_or(IntentFailure::UnknownPayer)?;
		ensure!(T::Machines::may_spend(payer), IntentFailure::PayerInactive);
		let mut window = Nonces::<T>::get(payer);
		window.mark(intent.nonce)?;
		// Cheap checks first: the signature is what costs.
		ensure!(signed.is_signed_by(genesis_hash, &key, &HostCrypto), IntentFailure::InvalidProof);

		let payee = match &intent.payee {
			Payee::Machine(machine) => Payee::Machine(*machine),
			Payee::Account(account) => Payee::Account((*account).into()),
		};
		let itself = *relayer == Payee::Machine(payer);
		let relay_fee = if itself { 0 } else { intent.relay_fee };
		Self::pay(payer, &payee, intent.amount, relayer, relay_fee)?;
		Nonces::<T>::insert(payer, window);
		Ok(Moved { amount: intent.amount, relay_fee })
	}

	/// Pays payee and relayer, or neither.
	fn pay(
		payer: MachineId,
		payee: &Payee<T::AccountId>,
		amount: u128,
		relayer: &Payee<T::AccountId>,
		relay_fee: u128,
	) -> Result<(), IntentFailure> {
		if relay_fee == 0 {
			return T::Till::pay(payer, payee, amount).map_err(IntentFailure::Payment);
		}
		with_transaction_opaque_err(|| {
			match Self::pay_both(payer, payee, amount, relayer, relay_fee) {
				Ok(()) => TransactionOutcome::Commit(Ok(())),
				Err(reason) => TransactionOutcome::Rollback(Err(reason)),
			}
		})
		// Storage layers are nested too deeply: nothing was done, and the intent is still good.
		.unwrap_or(Err(IntentFailure::Payment(PaymentFailure::PayeeUnavailable)))
	}

	/// Pays payee and relayer, each as far as the payer's policy allows it: whoever has stolen the
	/// key could otherwise pay a listed payee a little, and itself the rest. An error may leave half
	/// of it done.
	fn pay_both(
		payer: MachineId,
		payee: &Payee<T::AccountId>,
		amount: u128,
		relayer: &Payee<T::AccountId>,
		relay_fee: u128,
	) -> Result<(), IntentFailure> {
		T::Till::pay(payer, payee, amount).map_err(IntentFailure::Payment)?;
		T::Till::pay(payer, relayer, relay_fee).map_err(IntentFailure::RelayFee)
	}

	/// Hash of block 0, which frame-system keeps for ever.
	pub(crate) fn genesis_hash() -> [u8; 32] {
		let hash = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
		let mut bytes = [0; 32];
		for (byte, source) in bytes.iter_mut().zip(hash.as_ref()) {
			*byte = *source;
		}
		bytes
	}
}

impl<T: Config> pallet_dam_traits::OnMachineChange<T::AccountId> for Pallet<T> {
	/// Forgets the nonces. A retired machine never pays again and its number never comes back, so
	/// nothing that it signed is settled once more.
	fn on_retire(machine: MachineId) -> DispatchResult {
		Nonces::<T>::remove(machine);
		Ok(())
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_fill(machine: MachineId) {
		Nonces::<T>::insert(machine, NonceWindow { base: 1, used: [u64::MAX; 4] });
	}
}
