//! Fees of the chain that a machine's wallet pays.

use dam_primitives::{MachineId, PolicyViolation};

/// What the owner's policy says to fees that a key of the machine lets its wallet pay.
///
/// A fee is no payment: nobody whom the thief of a key could name gets it, so lists of payees do not
/// matter. Caps do, or a thief could burn what he cannot steal.
pub trait FeePolicy {
	/// Whether `times` fees of `fee` each, in units of 0.000001 USDT, may leave the wallet of
	/// `machine` now.
	fn allow_fee(machine: MachineId, fee: u128, times: u64) -> Result<(), PolicyViolation>;

	/// Counts a fee that was allowed and taken.
	fn fee_taken(machine: MachineId, fee: u128);

	/// Counts what came back of a fee that was taken in the same block.
	fn fee_returned(machine: MachineId, amount: u128);

	/// Sets the policy that takes longest to ask of those that allow everything, for benchmarks.
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_fee_policy(machine: MachineId);
}

/// No policy: everything is allowed, nothing is counted.
impl FeePolicy for () {
	fn allow_fee(_: MachineId, _: u128, _: u64) -> Result<(), PolicyViolation> {
		Ok(())
	}

	fn fee_taken(_: MachineId, _: u128) {}

	fn fee_returned(_: MachineId, _: u128) {}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_fee_policy(_: MachineId) {}
}
