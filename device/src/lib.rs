//! The library behind `dam-device`: what a machine needs to pay and be paid on DAM Chain, without
//! trusting any server.
//!
//! # Overview
//!
//! * [`keys`]: keys of three curves and the file that keeps one;
//! * [`registration`], [`agreement`]: the offline signatures by which a device agrees to be
//!   registered, and a further key to act for a machine;
//! * [`chain`]: the light client, behind the trait [`chain::Network`];
//! * [`settle`]: sending a transaction once, and knowing for certain what became of it;
//! * [`payments`], [`policy`]: what machines pay, within what their owners allow;
//! * [`owner`], [`keyring`], [`services`], [`recovery`]: what owners, operators and keys do with
//!   machines;
//! * [`channels`], [`intents`]: payments that are signed off chain, and what is claimed of them;
//! * [`streams`], [`mandates`], [`orders`]: money that flows in time, that is pulled, and that waits
//!   until goods are there;
//! * [`attestations`]: what accredited third parties do; [`queries`]: lists put together;
//! * [`content`]: documents that the chain knows by hash, fetched and checked;
//! * [`amount`], [`time`], [`payee`], [`batch`]: what people write, checked;
//! * [`journal`]: the record that makes payments safe to repeat.
//!
//! # Example
//!
//! ```no_run
//! use dam_device::{
//!     chain::{ChainSpec, ConnectOptions, LightNetwork},
//!     payee::parse_payee,
//!     payments::Payer,
//!     KeyFile, Patience, Usdt,
//! };
//! use dam_primitives::Payment;
//!
//! # async fn example() -> Result<(), dam_device::Error> {
//! let spec = ChainSpec::read("dev.json".as_ref())?;
//! let network = LightNetwork::connect(&spec, &ConnectOptions::default(), |_| {}).await?;
//! let device = KeyFile::open("charger.key")?;
//! let payer = Payer::new(&network, device.key(), Patience::default()).await?;
//! let price: Usdt = "0.005".parse()?;
//! let payment = Payment { payee: parse_payee("7", Some(spec.id()))?, amount: price.units() };
//! let receipt = payer.pay(&payment, None, &mut |_| {}).await?;
//! println!("paid in block {}, fee {} DAM", receipt.block.number, receipt.fee);
//! # Ok(())
//! # }
//! ```

pub mod agreement;
pub mod amount;
pub mod attestations;
pub mod batch;
pub mod chain;
pub mod channels;
pub mod content;
mod error;
pub mod intents;
pub mod journal;
pub mod keyring;
pub mod keys;
pub mod mandates;
pub mod orders;
pub mod owner;
mod party;
pub mod payee;
pub mod payments;
pub mod policy;
pub mod queries;
pub mod recovery;
pub mod registration;
pub mod services;
pub mod settle;
pub mod statement;
pub mod streams;
pub mod time;
pub mod transact;

#[cfg(test)]
mod tests;

pub use agreement::KeyAgreement;
pub use amount::{AmountError, Dam, Usdt};
pub use batch::Batch;
pub use error::Error;
pub use journal::Journal;
pub use keys::{Key, KeyFile, Scheme};
pub use registration::Registration;
pub use settle::Patience;
pub use transact::Done;

/// An account of the chain: 32 bytes, shown as an SS58 address.
pub use subxt::utils::AccountId32 as AccountId;
