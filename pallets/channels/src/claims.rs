//! Settling vouchers and links of hash chains.

use crate::*;
use alloc::vec::Vec;
use dam_primitives::PayWordReceiver;
use frame_support::pallet_prelude::*;
use pallet_dam_traits::{account_of, HostCrypto, PayOut};
use sp_runtime::traits::{UniqueSaturatedInto, Zero};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_claim(voucher: SignedVoucher) -> DispatchResult {
		let amount = Self::settle_voucher(&voucher, Self::genesis_hash(), &mut |payee, amount| {
			T::Till::pay_out(payee, amount)
		})
		.map_err(Error::<T>::from)?;
		Self::subtract_locked(amount)?;
		Self::deposit_event(Event::Claimed { channel: voucher.channel, amount });
		Ok(())
	}

	pub(crate) fn do_claim_batch(vouchers: VoucherBatch) -> DispatchResult {
		let genesis_hash = Self::genesis_hash();
		let (mut settled, mut total) = (0u32, Some(0u128));
		let mut failed = Vec::new();
		T::Till::pay_outs(|pay| {
			for (index, voucher) in (0u32..).zip(&vouchers) {
				match Self::settle_voucher(voucher, genesis_hash, pay) {
					Ok(amount) => {
						// At most MAX_CLAIMS items.
						settled = settled.saturating_add(1);
						total = total.and_then(|total| total.checked_add(amount));
					},
					Err(reason) => failed.push(FailedClaim { index, reason }),
				}
			}
		})
		.map_err(|_| Error::<T>::EscrowShort)?;
		let total = total.ok_or(Error::<T>::Overflow)?;
		Self::subtract_locked(total)?;
		let failed = BoundedVec::truncate_from(failed);
		Self::deposit_event(Event::BatchClaimed { settled, total, failed });
		Ok(())
	}

	/// Settles a link; tells in `hashes` how many were computed, even if it fails.
	pub(crate) fn do_claim_links(revealed: RevealedLink, hashes: &mut u32) -> DispatchResult {
		let amount = Self::settle_link(&revealed, hashes).map_err(Error::<T>::from)?;
		Self::subtract_locked(amount)?;
		Self::deposit_event(Event::Claimed { channel: revealed.channel, amount });
		Ok(())
	}

	/// Pays the payee what a voucher is worth, or changes nothing. The caller takes it off
	/// [`Locked`].
	fn settle_voucher(
		voucher: &SignedVoucher,
		genesis_hash: [u8; 32],
		pay: &mut PayOut<'_, T::AccountId>,
	) -> Result<u128, ClaimFailure> {
		let mut channel =
			Channels::<T>::get(voucher.channel).ok_or(ClaimFailure::UnknownChannel)?;
		let worth = voucher.check(genesis_hash, &channel, 0, Self::now(), &HostCrypto)?;
		let Lock::Vouchers { signer } = &channel.lock else {
			return Err(ClaimFailure::WrongTerms);
		};
		ensure!(
			T::Machines::signer(&account_of(signer)) == Ok(channel.payer),
			ClaimFailure::KeyExpired
		);
		pay(&channel.payee, worth).map_err(|_| ClaimFailure::PayeeUnavailable)?;
		channel.settled = voucher.amount;
		Channels::<T>::insert(voucher.channel, channel);
		Ok(worth)
	}

	/// Pays the payee for a link and all before it, or changes nothing. The caller takes it off
	/// [`Locked`].
	fn settle_link(revealed: &RevealedLink, hashes: &mut u32) -> Result<u128, ClaimFailure> {
		let mut channel =
			Channels::<T>::get(revealed.channel).ok_or(ClaimFailure::UnknownChannel)?;
		let Lock::HashChain { link, index, length, unit } = channel.lock else {
			return Err(ClaimFailure::WrongTerms);
		};
		let receiver = PayWordReceiver::new(link, index, length);
		let checked = revealed.check::<HostCrypto, _>(&channel, &receiver, Self::now());
		// What is refused for another reason was refused before anything was hashed.
		if matches!(checked, Ok(_) | Err(ClaimFailure::InvalidProof)) {
			*hashes = revealed.index.saturating_sub(index);
		}
		let (worth, receiver) = checked?;
		let settled = channel.settled.checked_add(worth).ok_or(ClaimFailure::ExceedsDeposit)?;
		T::Till::pay_out(&channel.payee, worth).map_err(|_| ClaimFailure::PayeeUnavailable)?;
		channel.settled = settled;
		channel.lock =
			Lock::HashChain { link: *receiver.link(), index: receiver.index(), length, unit };
		Channels::<T>::insert(revealed.channel, channel);
		Ok(worth)
	}

	/// The present block, as it stands in channels.
	pub(crate) fn now() -> u32 {
		frame_system::Pallet::<T>::block_number().unique_saturated_into()
	}

	/// Hash of block 0, which frame-system keeps for ever.
	pub(crate) fn genesis_hash() -> [u8; 32] {
		let hash = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
		let mut bytes = [0; 32];
		let source = hash.as_ref();
		let length = source.len().min(bytes.len());
		bytes[..length].copy_from_slice(&source[..length]);
		bytes
	}
}
