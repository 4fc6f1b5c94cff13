//! What the runtime's configuration must not be.

use crate::*;
use frame_support::{dispatch::DispatchClass, traits::Get};
use sp_runtime::traits::Zero;

impl<T: Config> Pallet<T> {
	/// Explains a bad configuration, in tests and when the node is built.
	pub(crate) fn check_config() {
		assert!(
			!T::MachineDeposit::get().is_zero(),
			"MachineDeposit is zero: anybody could fill the state for the price of fees"
		);
		assert!(
			!T::KeyDeposit::get().is_zero(),
			"KeyDeposit is zero: keys could fill the state, those of machines free of fees"
		);
		assert!(
			!T::MaxStatementLifetime::get().is_zero(),
			"MaxStatementLifetime is zero: no statement would reach the chain in time"
		);
		assert!(
			!T::RotationInterval::get().is_zero(),
			"RotationInterval is zero: a thief could use up a machine's keys within a block"
		);
		assert!(
			!T::KeyHorizon::get().is_zero(),
			"KeyHorizon is zero: a payer could rotate away what it owes"
		);
		assert!(
			!T::MaxOfferLifetime::get().is_zero(),
			"MaxOfferLifetime is zero: no offer could be made"
		);
		if let Some(most) = T::BlockWeights::get().get(DispatchClass::Normal).max_extrinsic {
			for (call, weight) in [
				("register_fleet", T::WeightInfo::register_fleet(MAX_FLEET)),
				("freeze", T::WeightInfo::freeze(MAX_FLEET)),
				("set_parent", T::WeightInfo::set_parent(MAX_FLEET)),
			] {
				assert!(
					weight.all_lte(most),
					"{call} of MAX_FLEET machines does not fit a block: {weight:?}, and {most:?} is \
					 what a transaction may weigh"
				);
			}
		}
	}
}
