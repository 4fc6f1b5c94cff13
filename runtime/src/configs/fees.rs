//! Fees in USDT.
//!
//! The SDK's extension charges fees in DAM or, if the signer names it, in an asset. Here it is joined
//! with our pallets: who pays for a device's key, within which policy, and where the money goes, is
//! pallet-free-quota's to say; what DAM is worth is governance's, through pallet-asset-rate.

use crate::*;
use codec::{Compact, Decode, Encode};
use dam_primitives::USDT_ASSET_ID;
use frame_support::{
	ensure,
	traits::{
		fungibles::Credit,
		tokens::{ConversionFromAssetBalance, ConversionToAssetBalance},
	},
	weights::Weight,
};
use frame_system::EnsureRoot;
use pallet_asset_tx_payment::{ChargeAssetTxPayment, OnChargeAssetTransaction};
use pallet_free_quota::{FeeExtension, FeeRate, FeeRefusal, WeightInfo as _};
use pallet_transaction_payment::OnChargeTransaction;
use sp_runtime::{
	traits::{DispatchInfoOf, PostDispatchInfoOf, SaturatedConversion},
	transaction_validity::{InvalidTransaction, TransactionValidityError},
	FixedPointNumber, FixedU128,
};

impl pallet_asset_rate::Config for Runtime {
	type WeightInfo = pallet_asset_rate::weights::SubstrateWeight<Runtime>;
	type RuntimeEvent = RuntimeEvent;
	type CreateOrigin = EnsureRoot<AccountId>;
	type RemoveOrigin = EnsureRoot<AccountId>;
	type UpdateOrigin = EnsureRoot<AccountId>;
	type Currency = Balances;
	type AssetKind = u32;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = ();
}

impl pallet_asset_tx_payment::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type Fungibles = Assets;
	type OnChargeAssetTransaction = UsdtFees;
	type WeightInfo = FeeWeights;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = UsdtFees;
}

/// What DAM is worth in USDT: the rate that pallet-asset-rate keeps.
pub struct UsdtRate;

impl FeeRate for UsdtRate {
	fn in_usdt(fee: Balance) -> Option<Balance> {
		let units = AssetRate::to_asset_balance(fee, USDT_ASSET_ID).ok()?;
		// The SDK rounds down, so that a tip could buy priority for nothing.
		let worth = AssetRate::from_asset_balance(units, USDT_ASSET_ID).ok()?;
		Some(if worth < fee { units.saturating_add(1) } else { units })
	}

	fn set_price(usdt_per_dam: Balance) {
		let rate = FixedU128::checked_from_rational(units::DAM, usdt_per_dam)
			.expect("the price is not zero, and DAM in its units is far from overflowing");
		pallet_asset_rate::ConversionRateToNative::<Runtime>::insert(USDT_ASSET_ID, rate);
	}
}

/// Charges fees in DAM.
type DamFees = <Runtime as pallet_transaction_payment::Config>::OnChargeTransaction;

/// Charges fees in USDT, and in no other asset.
pub struct UsdtFees;

impl UsdtFees {
	fn ensure_usdt(asset: u32) -> Result<(), FeeRefusal> {
		ensure!(asset == USDT_ASSET_ID, FeeRefusal::WithoutRate);
		Ok(())
	}
}

impl OnChargeAssetTransaction<Runtime> for UsdtFees {
	type Balance = Balance;
	type AssetId = u32;
	type LiquidityInfo = Credit<AccountId, Assets>;

	fn withdraw_fee(
		who: &AccountId,
		_: &RuntimeCall,
		_: &DispatchInfoOf<RuntimeCall>,
		asset: u32,
		fee: Balance,
		_: Balance,
	) -> Result<Self::LiquidityInfo, TransactionValidityError> {
		Self::ensure_usdt(asset)?;
		Ok(FreeQuota::take_fee(who, fee)?)
	}

	fn can_withdraw_fee(
		who: &AccountId,
		_: &RuntimeCall,
		_: &DispatchInfoOf<RuntimeCall>,
		asset: u32,
		fee: Balance,
		_: Balance,
	) -> Result<(), TransactionValidityError> {
		Self::ensure_usdt(asset)?;
		Ok(FreeQuota::can_pay_fee(who, fee, 1)?)
	}

	/// Fee and tip go to the pot together.
	fn correct_and_deposit_fee(
		who: &AccountId,
		_: &DispatchInfoOf<RuntimeCall>,
		_: &PostDispatchInfoOf<RuntimeCall>,
		fee: Balance,
		tip: Balance,
		taken: Self::LiquidityInfo,
	) -> Result<(Balance, Balance), TransactionValidityError> {
		let fee = FreeQuota::settle_fee(who, fee, taken);
		// If the call has taken the rate away, what the tip was is not known any more.
		let tip = FreeQuota::fee_in_usdt(tip).unwrap_or_default().min(fee);
		Ok((fee, tip))
	}
}

impl FeeExtension<Runtime> for ChargeAssetTxPayment<Runtime> {
	fn can_pay(
		&self,
		who: &AccountId,
		call: &RuntimeCall,
		info: &DispatchInfoOf<RuntimeCall>,
		len: usize,
		times: u64,
	) -> Result<(), TransactionValidityError> {
		// The SDK keeps its fields to itself, but not their encoding, which is what a signer signs.
		let (Compact(tip), asset) = <(Compact<Balance>, Option<u32>)>::decode(&mut &*self.encode())
			.map_err(|_| InvalidTransaction::Call)?;
		let fee = TransactionPayment::compute_fee(len.saturated_into(), info, tip);
		match asset {
			Some(asset) => {
				UsdtFees::ensure_usdt(asset)?;
				Ok(FreeQuota::can_pay_fee(who, fee, times)?)
			},
			None => {
				// More than there is of DAM, if it saturates.
				let all = fee.saturating_mul(times.into());
				<DamFees as OnChargeTransaction<Runtime>>::can_withdraw_fee(
					who, call, info, all, tip,
				)
			},
		}
	}
}

/// The SDK's weights for computing and charging a fee, with our own for moving USDT, which is more
/// than the SDK's adapter does.
pub struct FeeWeights;

impl pallet_asset_tx_payment::WeightInfo for FeeWeights {
	fn charge_asset_tx_payment_zero() -> Weight {
		pallet_asset_tx_payment::weights::SubstrateWeight::<Runtime>::charge_asset_tx_payment_zero()
	}

	fn charge_asset_tx_payment_native() -> Weight {
		pallet_asset_tx_payment::weights::SubstrateWeight::<Runtime>::charge_asset_tx_payment_native(
		)
	}

	fn charge_asset_tx_payment_asset() -> Weight {
		Self::charge_asset_tx_payment_native()
			.saturating_add(pallet_free_quota::weights::SubstrateWeight::<Runtime>::usdt_fee())
	}
}

#[cfg(feature = "runtime-benchmarks")]
impl pallet_asset_tx_payment::BenchmarkHelperTrait<AccountId, u32, u32> for UsdtFees {
	fn create_asset_id_parameter(_: u32) -> (u32, u32) {
		(USDT_ASSET_ID, USDT_ASSET_ID)
	}

	fn setup_balances_and_pool(asset: u32, account: AccountId) {
		use frame_support::traits::fungibles::Mutate;
		UsdtRate::set_price(units::USDT / 10);
		Assets::mint_into(asset, &account, 1_000_000 * units::USDT).expect("it takes money");
	}
}
