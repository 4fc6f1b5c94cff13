//! How money moves between machines, and what of it is free.

use super::money::Usdt;
use crate::{units::*, *};
use frame_support::{parameter_types, traits::Get};

parameter_types! {
	/// Comes back when a channel, a stream, a mandate or an order is gone, in units of 0.000001 USDT:
	/// 0.10 USDT. A machine that earns a little can open one, and a thousand cost 100 USDT to keep.
	pub const PaymentStorageDeposit: u128 = USDT / 10;

	/// A payee has at least an hour to claim after the payer asked to close: enough for a gateway
	/// that was restarted.
	pub const MinGrace: BlockNumber = HOURS;
	/// And at most 30 days, so that a payer gets its money back in the end.
	pub const MaxGrace: BlockNumber = 30 * DAYS;

	/// What is owed to a payee who cannot take it goes back to the payer after 30 days.
	pub const PayeeTimeout: BlockNumber = 30 * DAYS;
	/// A stream pauses for 30 days at most, then anybody can end it.
	pub const MaxPause: BlockNumber = 30 * DAYS;
	/// A mandate is good for five years at most, then it is granted anew.
	pub const MaxMandateLifetime: BlockNumber = 5 * 365 * DAYS;
	/// Longest time that an order gives to accept, to deliver, or to confirm.
	pub const MaxOrderPhase: BlockNumber = 90 * DAYS;
	/// An arbiter has 30 days.
	pub const DisputeTimeout: BlockNumber = 30 * DAYS;
}

impl pallet_micropayments::Config for Runtime {
	type WeightInfo = pallet_micropayments::weights::SubstrateWeight<Runtime>;
	type Currency = Usdt;
	type Machines = DamIdentity;
	type Policy = SpendingPolicy;
	type OnIncome = Income;
	type Escrowed = Escrowed;
}

impl pallet_channels::Config for Runtime {
	type WeightInfo = pallet_channels::weights::SubstrateWeight<Runtime>;
	type Machines = DamIdentity;
	type Till = Micropayments;
	type StorageDeposit = PaymentStorageDeposit;
	type MinGrace = MinGrace;
	type MaxGrace = MaxGrace;
}

impl pallet_streams::Config for Runtime {
	type WeightInfo = pallet_streams::weights::SubstrateWeight<Runtime>;
	type Machines = DamIdentity;
	type Till = Micropayments;
	type StorageDeposit = PaymentStorageDeposit;
	type PayeeTimeout = PayeeTimeout;
	type MaxPause = MaxPause;
}

impl pallet_mandates::Config for Runtime {
	type WeightInfo = pallet_mandates::weights::SubstrateWeight<Runtime>;
	type Machines = DamIdentity;
	type Till = Micropayments;
	type StorageDeposit = PaymentStorageDeposit;
	type MaxLifetime = MaxMandateLifetime;
}

impl pallet_orders::Config for Runtime {
	type WeightInfo = pallet_orders::weights::SubstrateWeight<Runtime>;
	type Machines = DamIdentity;
	type Till = Micropayments;
	type StorageDeposit = PaymentStorageDeposit;
	type MaxPhase = MaxOrderPhase;
	type DisputeTimeout = DisputeTimeout;
	type PayeeTimeout = PayeeTimeout;
}

impl pallet_intents::Config for Runtime {
	type WeightInfo = pallet_intents::weights::SubstrateWeight<Runtime>;
	type Machines = DamIdentity;
	type Till = Micropayments;
}

/// Whoever takes a share of what machines earn: nobody yet.
pub type Income = ();

/// What the books of all pallets together say is in escrow, in units of 0.000001 USDT.
pub struct Escrowed;
impl Get<u128> for Escrowed {
	fn get() -> u128 {
		[
			pallet_channels::Locked::<Runtime>::get(),
			pallet_streams::Locked::<Runtime>::get(),
			pallet_mandates::Locked::<Runtime>::get(),
			pallet_orders::Locked::<Runtime>::get(),
		]
		.into_iter()
		// A sum that saturates is more than there is: the law that asks for it fails then.
		.fold(0, u128::saturating_add)
	}
}
