//! The library behind `dam-device`: what a machine needs to pay and be paid on DAM Chain, without
//! trusting any server.
//!
//! # Overview
//!
//! * [`keys`]: keys of three curves and the file that keeps one;
//! * [`registration`]: the offline signature by which a device agrees to be registered;
//! * [`chain`]: the light client, behind the trait [`chain::Network`];
//! * [`settle`]: sending a transaction once, and knowing for certain what became of it;
//! * [`payments`], [`owner`]: what machines and owners do;
//! * [`amount`], [`payee`], [`batch`]: what people write, checked;
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

pub mod amount;
pub mod batch;
pub mod chain;
mod error;
pub mod journal;
pub mod keys;
pub mod owner;
pub mod payee;
pub mod payments;
pub mod registration;
pub mod settle;

#[cfg(test)]
mod tests;

pub use amount::{AmountError, Dam, Usdt};
pub use batch::Batch;
pub use error::Error;
pub use journal::Journal;
pub use keys::{Key, KeyFile, Scheme};
pub use registration::Registration;
pub use settle::Patience;

/// An account of the chain: 32 bytes, shown as an SS58 address.
pub use subxt::utils::AccountId32 as AccountId;
