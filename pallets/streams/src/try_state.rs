//! The laws of this pallet's storage.

use crate::*;
use alloc::collections::{BTreeMap, BTreeSet};
use frame_support::ensure;
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Checks the invariants:
	///
	/// 1. [`Locked`] equals the open amounts and storage deposits of all streams.
	/// 2. No stream has settled more than was paid in, or earned more than is open.
	/// 3. Every stream's number was given, and none is given twice.
	/// 4. Each machine's list holds the streams that it pays, each once, and no list is empty.
	/// 5. Every stream has a rate, and began to run or was paused in a block that has come.
	/// 6. A paused stream has something left to earn.
	/// 7. Every payer is a machine that is not retired, and pays somebody else, in its normal form.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let now = Self::now();
		let mut locked = 0u128;
		let mut paid_by: BTreeMap<MachineId, BTreeSet<StreamId>> = BTreeMap::new();
		for (id, stream) in Streams::<T>::iter() {
			ensure!(stream.settled <= stream.deposit, "2: a stream settled more than its deposit");
			let open = stream.open_amount();
			ensure!(stream.carried <= open, "2: a stream earned more than it has");
			locked = open
				.checked_add(stream.storage_deposit)
				.and_then(|amount| locked.checked_add(amount))
				.ok_or("1: the streams overflow")?;
			ensure!(id < NextStreamId::<T>::get(), "3: a stream's number was never given");
			paid_by.entry(stream.payer).or_default().insert(id);
			ensure!(stream.rate > 0, "5: a stream earns nothing");
			let (Flow::Running { since } | Flow::Paused { since }) = stream.flow;
			ensure!(since <= now, "5: a stream began in the future");
			if let Flow::Paused { .. } = stream.flow {
				ensure!(stream.carried < open, "6: a stream is paused that has run out");
			}
			ensure!(T::Machines::is_payable(stream.payer), "7: a payer is no living machine");
			ensure!(stream.payee != Payee::Machine(stream.payer), "7: a machine pays itself");
			ensure!(
				stream.payee.clone().normal_form() == stream.payee,
				"7: a payee is not in its normal form"
			);
		}
		ensure!(Locked::<T>::get() == locked, "1: what is locked differs from the streams");

		let mut listed = BTreeMap::new();
		for (machine, streams) in OpenStreams::<T>::iter() {
			let distinct: BTreeSet<_> = streams.iter().copied().collect();
			ensure!(distinct.len() == streams.len(), "4: a machine's list names a stream twice");
			listed.insert(machine, distinct);
		}
		ensure!(listed == paid_by, "4: the lists differ from the streams");
		Ok(())
	}
}
