//! The pallets of our own: machines, their fee-free quota, their payments.

use super::money::Usdt;
use crate::{units::*, *};
use dam_primitives::USDT_ASSET_ID;
use frame_support::{
	parameter_types,
	traits::{
		fungible::{Inspect, Mutate},
		tokens::{Fortitude, Preservation},
		AccountTouch, Contains,
	},
	weights::constants::{WEIGHT_REF_TIME_PER_MICROS, WEIGHT_REF_TIME_PER_MILLIS},
};
use pallet_dam_traits::Wallets;
use sp_runtime::{DispatchResult, Perbill};

parameter_types! {
	/// Held from the owner for each machine.
	pub const MachineDeposit: Balance = DAM;
	/// A statement of a device may be used for 30 days.
	pub const MaxStatementLifetime: BlockNumber = 30 * DAYS;

	/// A full bucket covers a batch of 1,024 payments and some single ones.
	pub const QuotaCapacity: u64 = 200 * WEIGHT_REF_TIME_PER_MILLIS;
	/// An empty bucket is full again after 1,000 blocks, about 17 minutes.
	pub const QuotaRefill: u64 = 200 * WEIGHT_REF_TIME_PER_MICROS;
	/// A block has room for about 150 ns of reference time per byte of extrinsics.
	pub const QuotaLengthCost: u64 = 150_000;
	/// A quarter of every block is left to those who pay fees.
	pub const FreeBlockShare: Perbill = Perbill::from_percent(75);
}

impl pallet_dam_identity::Config for Runtime {
	type WeightInfo = pallet_dam_identity::weights::SubstrateWeight<Runtime>;
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Wallets = MachineWallets;
	type OnRetire = FreeQuota;
	type MachineDeposit = MachineDeposit;
	type MaxStatementLifetime = MaxStatementLifetime;
}

impl pallet_free_quota::Config for Runtime {
	type WeightInfo = pallet_free_quota::weights::SubstrateWeight<Runtime>;
	type Machines = DamIdentity;
	type FreeCalls = FreeCalls;
	type Capacity = QuotaCapacity;
	type RefillPerBlock = QuotaRefill;
	type LengthCost = QuotaLengthCost;
	type BlockShare = FreeBlockShare;
}

impl pallet_micropayments::Config for Runtime {
	type WeightInfo = pallet_micropayments::weights::SubstrateWeight<Runtime>;
	type Currency = Usdt;
	type Machines = DamIdentity;
}

/// The calls that are free within a machine's quota. None of them dispatches another call.
pub struct FreeCalls;
impl Contains<RuntimeCall> for FreeCalls {
	fn contains(call: &RuntimeCall) -> bool {
		matches!(
			call,
			RuntimeCall::Micropayments(
				pallet_micropayments::Call::pay { .. }
					| pallet_micropayments::Call::pay_batch { .. }
			)
		)
	}
}

/// Machines keep their money in USDT accounts that their owners' deposits keep open.
pub struct MachineWallets;
impl Wallets<AccountId> for MachineWallets {
	fn open(wallet: &AccountId, depositor: &AccountId) -> DispatchResult {
		// Addresses are predictable: whoever paid to one before its machine was registered must
		// not be able to prevent the registration.
		if pallet_assets::Account::<Runtime>::contains_key(USDT_ASSET_ID, wallet) {
			return Ok(());
		}
		<Assets as AccountTouch<u32, AccountId>>::touch(USDT_ASSET_ID, wallet, depositor)
	}

	fn close(wallet: &AccountId, beneficiary: &AccountId) -> DispatchResult {
		let balance = Usdt::reducible_balance(wallet, Preservation::Expendable, Fortitude::Polite);
		if balance > 0 {
			Usdt::transfer(wallet, beneficiary, balance, Preservation::Expendable)?;
		}
		// Gone already if no deposit kept it open. Only the asset's administrator may give the
		// deposit back to whoever made it.
		let Some(asset) = pallet_assets::Asset::<Runtime>::get(USDT_ASSET_ID) else {
			return Ok(());
		};
		match pallet_assets::Account::<Runtime>::get(USDT_ASSET_ID, wallet) {
			Some(account)
				if matches!(account.reason, pallet_assets::ExistenceReason::DepositFrom(..)) =>
			{
				Assets::refund_other(
					RuntimeOrigin::signed(asset.admin),
					USDT_ASSET_ID.into(),
					wallet.clone().into(),
				)
			},
			_ => Ok(()),
		}
	}
}
