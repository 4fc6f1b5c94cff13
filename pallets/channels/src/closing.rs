//! Closing channels, by agreement or not.

use crate::*;
use dam_primitives::{crypto::VerifySignature, CloseAgreement};
use frame_support::pallet_prelude::*;
use pallet_dam_traits::{account_of, HostCrypto};
use sp_runtime::traits::{CheckedAdd, UniqueSaturatedInto};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_close(who: T::AccountId, id: ChannelId) -> DispatchResult {
		let channel = Channels::<T>::get(id).ok_or(Error::<T>::ChannelNotFound)?;
		ensure!(T::Machines::is_payee(&who, &channel.payee), Error::<T>::NotPayee);
		Self::remove(id, channel)
	}

	pub(crate) fn do_close_agreed(
		who: T::AccountId,
		id: ChannelId,
		settled: u128,
		key: PublicKey,
		signature: Signature,
	) -> DispatchResult {
		let mut channel = Channels::<T>::get(id).ok_or(Error::<T>::ChannelNotFound)?;
		// The payee's consent alone must not pay it.
		ensure!(T::Machines::is_payer(&who, channel.payer), Error::<T>::NotPayer);
		ensure!(settled <= channel.deposit, Error::<T>::ExceedsDeposit);
		let due = settled.checked_sub(channel.settled).ok_or(Error::<T>::AgreementOutdated)?;
		ensure!(T::Machines::is_payee(&account_of(&key), &channel.payee), Error::<T>::InvalidProof);
		let agreement = CloseAgreement::new(Self::genesis_hash(), id, settled);
		ensure!(
			HostCrypto.verify(&key, &agreement.signing_payload(), &signature),
			Error::<T>::InvalidProof
		);

		T::Till::pay_out(&channel.payee, due).map_err(|_| Error::<T>::PayeeUnavailable)?;
		Self::subtract_locked(due)?;
		channel.settled = settled;
		Self::remove(id, channel)
	}

	pub(crate) fn do_request_close(who: T::AccountId, id: ChannelId) -> DispatchResult {
		let mut channel = Channels::<T>::get(id).ok_or(Error::<T>::ChannelNotFound)?;
		ensure!(T::Machines::is_payer(&who, channel.payer), Error::<T>::NotPayer);
		ensure!(channel.closing.is_none(), Error::<T>::AlreadyClosing);
		let last_block = frame_system::Pallet::<T>::block_number()
			.checked_add(&channel.grace.into())
			.ok_or(Error::<T>::Overflow)?;
		channel.closing = Some(last_block.unique_saturated_into());
		Channels::<T>::insert(id, channel);
		Self::deposit_event(Event::CloseRequested { channel: id, last_block });
		Ok(())
	}

	pub(crate) fn do_sweep(id: ChannelId) -> DispatchResult {
		let channel = Channels::<T>::get(id).ok_or(Error::<T>::ChannelNotFound)?;
		let is_over = channel.closing.is_some_and(|last_block| Self::now() > last_block);
		ensure!(is_over, Error::<T>::GraceRuns);
		Self::remove(id, channel)
	}

	/// Gives back what is open and forgets the channel.
	fn remove(id: ChannelId, channel: Channel<T::AccountId>) -> DispatchResult {
		let returned = channel.deposit.checked_sub(channel.settled).ok_or(Error::<T>::Overflow)?;
		let locked = returned.checked_add(channel.storage_deposit).ok_or(Error::<T>::Overflow)?;
		T::Till::release(channel.payer, locked).map_err(|_| Error::<T>::PayerUnavailable)?;
		Self::subtract_locked(locked)?;
		OpenChannels::<T>::mutate_exists(channel.payer, |open| {
			*open = open.and_then(|open| open.checked_sub(1)).filter(|open| *open > 0)
		});
		Channels::<T>::remove(id);
		let settled = channel.settled;
		Self::deposit_event(Event::Closed { channel: id, settled, returned });
		Ok(())
	}
}

impl<T: Config> pallet_dam_traits::OnMachineChange<T::AccountId> for Pallet<T> {
	/// A machine that is gone could not take back what is open, and what it promised would be void.
	fn on_retire(machine: MachineId) -> DispatchResult {
		ensure!(OpenChannels::<T>::get(machine) == 0, Error::<T>::HasOpenChannels);
		Ok(())
	}
}
