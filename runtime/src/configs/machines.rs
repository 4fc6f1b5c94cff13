//! Machines, what they may spend and offer, and their fee-free quota.

use super::{
	fees::UsdtRate,
	money::{AssetAccountDeposit, ExistentialDeposit, Usdt},
};
use crate::{units::*, *};
use dam_primitives::{KeyRights, USDT_ASSET_ID};
use frame_support::{
	parameter_types,
	traits::{
		fungible::{Inspect, Mutate},
		tokens::{DepositConsequence, Fortitude, Preservation, Provenance},
		AccountTouch, ConstU32,
	},
	weights::constants::{WEIGHT_REF_TIME_PER_MICROS, WEIGHT_REF_TIME_PER_MILLIS},
};
use frame_system::EnsureRoot;
use pallet_dam_traits::Wallets;
use pallet_free_quota::Rates;
use sp_runtime::{DispatchResult, Perbill};

parameter_types! {
	/// Held from the owner for each machine: the price of everything that a machine may leave in
	/// the state, each list at its bound. See docs/adr/0005-identity.md.
	pub const MachineDeposit: Balance = 2 * DAM;
	/// Held more for every key after the first, since each leaves a record for good.
	pub const KeyDeposit: Balance = 100 * MILLIDAM;
	/// A statement of a device may be used for 30 days.
	pub const MaxStatementLifetime: BlockNumber = 30 * DAYS;
	/// A device replaces its own key once a day at most; its owner whenever it must.
	pub const RotationInterval: BlockNumber = DAYS;
	/// What a key signed before it was replaced settles for a week.
	pub const KeyHorizon: BlockNumber = 7 * DAYS;
	/// An offer of a machine stands for 30 days at most.
	pub const MaxOfferLifetime: BlockNumber = 30 * DAYS;

	/// A co-signed payment must be made within 30 days.
	pub const MaxApprovalLifetime: BlockNumber = 30 * DAYS;

	/// Held from the attester for each attestation.
	pub const AttestationDeposit: Balance = 50 * MILLIDAM;
	/// An attestation is good for five years at most, then it is issued anew.
	pub const MaxAttestationLifetime: BlockNumber = 5 * 365 * DAYS;

	/// What quota there is until governance sets other rates.
	pub const QuotaRates: Rates = Rates {
		// A full bucket covers a batch of 1,024 payments and some single ones.
		base_capacity: 200 * WEIGHT_REF_TIME_PER_MILLIS,
		// An empty bucket is full again after 1,000 blocks, about 17 minutes.
		base_refill: 200 * WEIGHT_REF_TIME_PER_MICROS,
		// 20 DAM double what a machine has. All that is free of a block, for ever, takes 30,000.
		bonded_capacity: 10 * WEIGHT_REF_TIME_PER_MILLIS,
		bonded_refill: 10 * WEIGHT_REF_TIME_PER_MICROS,
		// A block has room for about 150 ns of reference time per byte of extrinsics.
		length_cost: 150_000,
		// A quarter of every block is left to those who pay fees.
		block_share: Perbill::from_percent(75),
	};
	/// Whatever governance does, a machine can make a payment without a fee: it costs about a
	/// twentieth of this.
	pub const LeastQuota: u64 = 20 * WEIGHT_REF_TIME_PER_MILLIS;
	/// The rates are per DAM.
	pub const BondUnit: Balance = DAM;
	/// Pays for the state that a bond and its parts on their way back may take, many times over.
	pub const MinBond: Balance = DAM;
	/// As long as past keys settle: whoever bonds means it.
	pub const UnbondingPeriod: BlockNumber = 7 * DAYS;
}

impl pallet_dam_identity::Config for Runtime {
	type WeightInfo = pallet_dam_identity::weights::SubstrateWeight<Runtime>;
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Wallets = MachineWallets;
	// Those that may refuse a retirement come first.
	type OnMachineChange =
		(FreeQuota, Channels, Streams, Mandates, Orders, Intents, SpendingPolicy, Services);
	type MachineDeposit = MachineDeposit;
	type KeyDeposit = KeyDeposit;
	type MaxStatementLifetime = MaxStatementLifetime;
	type RotationInterval = RotationInterval;
	type KeyHorizon = KeyHorizon;
	type MaxOfferLifetime = MaxOfferLifetime;
}

impl pallet_free_quota::Config for Runtime {
	type WeightInfo = pallet_free_quota::weights::SubstrateWeight<Runtime>;
	type Machines = DamIdentity;
	type FreeCalls = FreeCalls;
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type AdminOrigin = EnsureRoot<AccountId>;
	type FeeAssets = Assets;
	type FeeAsset = ConstU32<USDT_ASSET_ID>;
	type FeeRate = UsdtRate;
	type FeePolicy = SpendingPolicy;
	type DefaultRates = QuotaRates;
	type LeastCapacity = LeastQuota;
	type BondUnit = BondUnit;
	type MinBond = MinBond;
	type UnbondingPeriod = UnbondingPeriod;
}

impl pallet_spending_policy::Config for Runtime {
	type WeightInfo = pallet_spending_policy::weights::SubstrateWeight<Runtime>;
	type Machines = DamIdentity;
	type MaxApprovalLifetime = MaxApprovalLifetime;
}

impl pallet_attestations::Config for Runtime {
	type WeightInfo = pallet_attestations::weights::SubstrateWeight<Runtime>;
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Machines = DamIdentity;
	type GovernanceOrigin = EnsureRoot<AccountId>;
	type AttestationDeposit = AttestationDeposit;
	type MaxAttestationLifetime = MaxAttestationLifetime;
}

impl pallet_services::Config for Runtime {
	type WeightInfo = pallet_services::weights::SubstrateWeight<Runtime>;
	type Machines = DamIdentity;
}

/// The calls that are free within a machine's quota, and the right that a key needs for each. None
/// of them dispatches another call.
pub struct FreeCalls;
impl pallet_free_quota::FreeCalls<RuntimeCall> for FreeCalls {
	fn right(call: &RuntimeCall) -> Option<KeyRights> {
		use pallet_channels::Call as Channel;
		use pallet_dam_identity::Call as Identity;
		use pallet_intents::Call as Intent;
		use pallet_mandates::Call as Mandate;
		use pallet_micropayments::Call as Payments;
		use pallet_orders::Call as Order;
		use pallet_services::Call as Catalogue;
		use pallet_streams::Call as Stream;
		match call {
			RuntimeCall::Micropayments(Payments::pay { .. } | Payments::pay_batch { .. })
			| RuntimeCall::DamIdentity(Identity::rotate_key { .. })
			| RuntimeCall::Channels(
				Channel::open { .. }
				| Channel::top_up { .. }
				| Channel::request_close { .. }
				| Channel::close_agreed { .. },
			)
			| RuntimeCall::Streams(
				Stream::open { .. }
				| Stream::top_up { .. }
				| Stream::pause { .. }
				| Stream::resume { .. },
			)
			| RuntimeCall::Mandates(Mandate::grant { .. })
			| RuntimeCall::Orders(
				Order::offer { .. } | Order::confirm { .. } | Order::dispute { .. },
			)
			| RuntimeCall::Intents(Intent::cancel { .. }) => Some(KeyRights::PAY),
			RuntimeCall::Channels(
				Channel::claim { .. }
				| Channel::claim_batch { .. }
				| Channel::claim_links { .. }
				| Channel::close { .. }
				| Channel::sweep { .. },
			)
			| RuntimeCall::Streams(
				Stream::collect { .. }
				| Stream::collect_batch { .. }
				| Stream::close { .. }
				| Stream::sweep { .. },
			)
			| RuntimeCall::Mandates(
				Mandate::pull { .. }
				| Mandate::pull_batch { .. }
				| Mandate::revoke { .. }
				| Mandate::remove { .. },
			)
			| RuntimeCall::Orders(
				Order::accept { .. }
				| Order::cancel { .. }
				| Order::deliver { .. }
				| Order::release { .. }
				| Order::expire_dispute { .. },
			)
			| RuntimeCall::Intents(Intent::submit { .. }) => Some(KeyRights::CLAIM),
			RuntimeCall::Services(
				Catalogue::offer { .. } | Catalogue::update { .. } | Catalogue::withdraw { .. },
			) => Some(KeyRights::SERVICES),
			_ => None,
		}
	}
}

/// Machines keep their money in USDT accounts that a deposit keeps open, whatever their balance.
///
/// The deposit stands in the machine's own DAM account, where the owner sends it at registration:
/// so it changes hands with the machine, and the owner of the last day gets it.
pub struct MachineWallets;

impl MachineWallets {
	/// What the owner sends: the deposit of the USDT account, and what keeps the DAM account alive.
	fn cost() -> Balance {
		AssetAccountDeposit::get() + ExistentialDeposit::get()
	}

	/// Why the USDT account exists, if it does.
	fn reason(wallet: &AccountId) -> Option<pallet_assets::ExistenceReason<Balance, AccountId>> {
		pallet_assets::Account::<Runtime>::get(USDT_ASSET_ID, wallet).map(|account| account.reason)
	}

	/// Gives a deposit that a stranger made for `wallet` back to him.
	///
	/// Addresses are predictable. Left as it is, the stranger could take his deposit back as soon as
	/// the wallet is empty, and small payments to the machine would fail from then on. Only an empty
	/// account can be given back; one with money in it keeps itself open.
	fn return_deposit_of_stranger(wallet: &AccountId) -> DispatchResult {
		let Some(asset) = pallet_assets::Asset::<Runtime>::get(USDT_ASSET_ID) else {
			return Ok(());
		};
		match pallet_assets::Account::<Runtime>::get(USDT_ASSET_ID, wallet) {
			Some(account)
				if account.balance == 0
					&& matches!(
						account.reason,
						pallet_assets::ExistenceReason::DepositFrom(..)
					) =>
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

impl Wallets<AccountId> for MachineWallets {
	fn open(wallet: &AccountId, depositor: &AccountId) -> DispatchResult {
		Balances::transfer(depositor, wallet, Self::cost(), Preservation::Expendable)?;
		Self::return_deposit_of_stranger(wallet)?;
		// Whoever paid to the address before its machine was registered must not be able to prevent
		// the registration: an account with money is open already.
		if Self::reason(wallet).is_some() {
			return Ok(());
		}
		<Assets as AccountTouch<u32, AccountId>>::touch(USDT_ASSET_ID, wallet, wallet)
	}

	fn close(wallet: &AccountId, beneficiary: &AccountId) -> DispatchResult {
		let balance = Usdt::reducible_balance(wallet, Preservation::Expendable, Fortitude::Polite);
		if balance > 0 {
			// Anybody can send a machine less than opens an account, and must not be able to prevent
			// its retirement by that.
			if Usdt::can_deposit(beneficiary, balance, Provenance::Extant)
				== DepositConsequence::BelowMinimum
			{
				<Assets as AccountTouch<u32, AccountId>>::touch(
					USDT_ASSET_ID,
					beneficiary,
					beneficiary,
				)?;
			}
			Usdt::transfer(wallet, beneficiary, balance, Preservation::Expendable)?;
		}
		Self::return_deposit_of_stranger(wallet)?;
		if let Some(pallet_assets::ExistenceReason::DepositHeld(_)) = Self::reason(wallet) {
			Assets::refund(RuntimeOrigin::signed(wallet.clone()), USDT_ASSET_ID.into(), false)?;
		}
		let dam = Balances::reducible_balance(wallet, Preservation::Expendable, Fortitude::Polite);
		Balances::transfer(wallet, beneficiary, dam, Preservation::Expendable).map(|_| ())
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_open(wallet: &AccountId) {
		// A stranger was there before.
		let stranger = frame_benchmarking::account::<AccountId>("stranger", 0, 0);
		Balances::mint_into(&stranger, DAM).expect("it takes DAM");
		<Assets as AccountTouch<u32, AccountId>>::touch(USDT_ASSET_ID, wallet, &stranger)
			.expect("the wallet is not open");
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_close(wallet: &AccountId) {
		Usdt::mint_into(wallet, 1).expect("the wallet is open");
	}
}
