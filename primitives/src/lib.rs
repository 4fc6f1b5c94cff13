//! Types that the chain, devices and microcontrollers share.
//!
//! Everything a device must encode, sign or derive without asking anybody is here, `no_std` and
//! free of the SDK, so that firmware and runtime cannot disagree about a byte:
//!
//! * [`machine`]: what a machine is, and the address at which it holds its money;
//! * [`rights`]: what keys and operators may do for it;
//! * [`key`]: public keys and signatures, byte-compatible with the SDK's `MultiSigner` and
//!   `MultiSignature`;
//! * [`registration`], [`rotation`]: the statements that keys sign to prove that a device holds
//!   them;
//! * [`policy`]: what an owner lets a machine spend;
//! * [`service`]: what machines offer; [`attestation`]: what third parties say of them;
//! * [`cid`]: content identifiers of documents;
//! * [`payment`]: payees, batch items, and why an item failed;
//! * [`channel`]: payment channels; [`voucher`], [`payword`]: the two ways to pay through one;
//!   [`exchange`]: what payer and payee say to each other about it;
//! * [`stream`]: payments that run in time; [`mandate`]: payments that the payee pulls;
//!   [`order`]: payments that wait in escrow;
//! * [`intent`]: payments that are signed offline and submitted by others; [`window`]: which of their
//!   nonces were used;
//! * [`crypto`]: what a host brings along to check all of that;
//! * [`quota`]: the fee-free allowance and its error codes;
//! * [`did`] (feature `did`): the W3C DID document of a machine.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub mod attestation;
pub mod channel;
pub mod cid;
pub mod crypto;
#[cfg(feature = "did")]
pub mod did;
pub mod exchange;
pub mod intent;
pub mod key;
pub mod machine;
pub mod mandate;
pub mod order;
pub mod payment;
pub mod payword;
pub mod policy;
pub mod quota;
pub mod registration;
pub mod rights;
pub mod rotation;
pub mod service;
pub mod stream;
pub mod voucher;
pub mod window;

pub use attestation::{AttestationInfo, ClaimType, Subject};
pub use channel::{Channel, ChannelId, ClaimFailure, FailedClaim, Lock, Terms};
pub use cid::Cid;
pub use exchange::{Answer, ChannelPayment, Refusal};
pub use intent::{FailedIntent, Intent, IntentFailure, SignedIntent};
pub use key::{PublicKey, Signature};
pub use machine::{
	machine_account, KeyInfo, MachineId, MachineInfo, MachineKind, MachineProfile, MachineStatus,
	Metadata, OperatorInfo, OwnershipOffer, Uri,
};
pub use mandate::{FailedPull, Mandate, MandateId, PullFailure};
pub use order::{Offer, Order, OrderId, OrderState};
pub use payment::{FailedPayment, Payee, Payment, PaymentFailure};
pub use payword::{PayWordReceiver, RevealedLink};
pub use policy::{AllowedPayees, Approval, MachineKinds, Policy, PolicyInfo, PolicyViolation};
pub use quota::{QuotaInfo, UnbondingInfo};
pub use rights::{KeyRights, OperatorRights};
pub use service::{Service, ServiceId, ServiceInfo, ServiceKind, Unit};
pub use stream::{CollectFailure, FailedCollection, Flow, Stream, StreamId};
pub use voucher::{CloseAgreement, SignedVoucher, Voucher};
pub use window::NonceWindow;

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
/// Most items of a page of anything that the runtime API lists.
pub const MAX_PAGE: u32 = 256;
