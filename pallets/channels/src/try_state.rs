//! The laws of this pallet's storage.

use crate::*;
use alloc::collections::BTreeMap;
use frame_support::ensure;
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Checks the invariants:
	///
	/// 1. [`Locked`] equals the open amounts and storage deposits of all channels.
	/// 2. No channel has settled more than was paid in, and none was opened with nothing.
	/// 3. Every channel's number was given, and none is given twice.
	/// 4. For every machine, the counter equals the number of its channels, and no counter is zero or
	///    above [`MAX_CHANNELS`].
	/// 5. A hash chain has settled exactly what its last link is worth, no link beyond its end, and no
	///    more was paid in than all links are worth.
	/// 6. Every payer is a machine that is not retired, and pays somebody else, in its normal form.
	/// 7. No channel closes later than its grace period from now.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let now = Self::now();
		let mut locked = 0u128;
		let mut counted: BTreeMap<MachineId, u32> = BTreeMap::new();
		for (id, channel) in Channels::<T>::iter() {
			let open = channel.deposit.checked_sub(channel.settled);
			let open = open.ok_or("2: a channel settled more than its deposit")?;
			ensure!(channel.deposit > 0, "2: a channel was opened with nothing");
			locked = open
				.checked_add(channel.storage_deposit)
				.and_then(|amount| locked.checked_add(amount))
				.ok_or("1: the channels overflow")?;
			ensure!(id < NextChannelId::<T>::get(), "3: a channel's number was never given");
			*counted.entry(channel.payer).or_default() += 1;
			if let Lock::HashChain { index, length, unit, .. } = channel.lock {
				ensure!(index <= length, "5: a link beyond the end of its chain was settled");
				ensure!(
					unit.checked_mul(index.into()) == Some(channel.settled),
					"5: a hash chain settled something else than its links are worth"
				);
				ensure!(
					unit.checked_mul(length.into()).is_some_and(|worth| channel.deposit <= worth),
					"5: more was paid in than a hash chain is worth"
				);
			}
			ensure!(T::Machines::is_payable(channel.payer), "6: a payer is no living machine");
			ensure!(channel.payee != Payee::Machine(channel.payer), "6: a machine pays itself");
			ensure!(
				channel.payee.clone().normal_form() == channel.payee,
				"6: a payee is not in its normal form"
			);
			let in_time = channel
				.closing
				.is_none_or(|last_block| last_block.saturating_sub(now) <= channel.grace);
			ensure!(in_time, "7: a channel closes after more than its grace period");
		}
		ensure!(Locked::<T>::get() == locked, "1: what is locked differs from the channels");
		let counters: BTreeMap<_, _> = OpenChannels::<T>::iter().collect();
		ensure!(counters == counted, "4: a counter differs from the number of channels");
		ensure!(
			counters.values().all(|open| *open <= MAX_CHANNELS),
			"4: a machine pays from more channels than it may"
		);
		Ok(())
	}
}
