//! How the pallets are set up.

mod consensus;
mod fees;
mod machines;
mod money;
mod payments;
mod system;
mod wrappers;

pub use consensus::{GenesisValidators, BABE_GENESIS_EPOCH_CONFIG};
pub use machines::{FreeCalls, KeyDeposit, MachineDeposit, MachineWallets, MinBond};
pub use money::{bridge_account, UsdtMinimumBalance, WeightToFee};
pub use system::{BlockLengths, BlockWeights};
#[cfg(test)]
pub(crate) use wrappers::deposit;
pub use wrappers::ProxyType;
