//! How DAM Chain encodes transactions and blocks, for subxt.

use subxt::{
	config::{
		substrate::{BlakeTwo256, SubstrateHeader},
		Config, DefaultTransactionExtensions, HashFor, SubstrateConfig,
	},
	metadata::ArcMetadata,
	utils::{MultiAddress, MultiSignature},
};

use dam_primitives::USDT_ASSET_ID;

use crate::AccountId;

/// What a fee is paid in, if a transaction is not free.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum FeeAsset {
	/// The signer's account pays in DAM.
	#[default]
	Dam,
	/// The wallet of the machine for which the key signs pays in USDT, within the owner's policy; the
	/// signer's account, if it is no machine's key.
	Usdt,
}

impl FeeAsset {
	/// The asset as transactions name it.
	pub(super) const fn id(self) -> Option<u32> {
		match self {
			Self::Dam => None,
			Self::Usdt => Some(USDT_ASSET_ID),
		}
	}
}

/// DAM Chain's encoding.
///
/// Not subxt's own two: `PolkadotConfig` carries another chain's history, and `SubstrateConfig` has
/// account indices in its addresses, which this chain does not, and looks the hasher up in the
/// metadata, which a light client has to download first. This one can hash before it is connected.
/// Metadata is kept per runtime version in the wrapped configuration.
#[derive(Clone, Debug, Default)]
pub struct DamConfig(SubstrateConfig);

impl Config for DamConfig {
	type AccountId = AccountId;
	type Address = MultiAddress<AccountId, ()>;
	type Signature = MultiSignature;
	type Header = SubstrateHeader<HashFor<Self>>;
	type TransactionExtensions = DefaultTransactionExtensions<Self>;
	type AssetId = u32;
	type Hasher = BlakeTwo256;

	fn metadata_for_spec_version(&self, spec_version: u32) -> Option<ArcMetadata> {
		self.0.metadata_for_spec_version(spec_version)
	}

	fn set_metadata_for_spec_version(&self, spec_version: u32, metadata: ArcMetadata) {
		self.0.set_metadata_for_spec_version(spec_version, metadata);
	}
}
