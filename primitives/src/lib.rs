//! Types that the chain, devices and microcontrollers share.
//!
//! Everything a device must encode, sign or derive without asking anybody is here, `no_std` and
//! free of the SDK, so that firmware and runtime cannot disagree about a byte:
//!
//! * [`machine`]: what a machine is, and the address at which it holds its money;
//! * [`key`]: public keys and signatures, byte-compatible with the SDK's `MultiSigner` and
//!   `MultiSignature`;
//! * [`registration`]: the statement a device signs to prove that it holds its key;
//! * [`payment`]: payees, batch items, and why an item failed;
//! * [`quota`]: the fee-free allowance and its error codes;
//! * [`did`] (feature `did`): the W3C DID document of a machine.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(feature = "did")]
pub mod did;
pub mod key;
pub mod machine;
pub mod payment;
pub mod quota;
pub mod registration;

pub use key::{PublicKey, Signature};
pub use machine::{
	machine_account, MachineId, MachineInfo, MachineKind, MachineProfile, MachineStatus, Metadata,
	Uri,
};
pub use payment::{FailedPayment, Payee, Payment, PaymentFailure};
pub use quota::QuotaInfo;

/// pallet-assets id of bridged USDT: the id it has on Asset Hub.
pub const USDT_ASSET_ID: u32 = 1984;
/// Decimal places of USDT. One unit on chain is 0.000001 USDT.
pub const USDT_DECIMALS: u8 = 6;
/// Decimal places of the native token DAM. One unit on chain is 10⁻¹² DAM.
pub const DAM_DECIMALS: u8 = 12;
/// Most payments that one `pay_batch` carries.
pub const MAX_BATCH: u32 = 1_024;
/// Most machines that one `register_fleet` carries.
pub const MAX_FLEET: u32 = 256;
