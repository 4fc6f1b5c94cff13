//! Payment channels off chain.
//!
//! What a buyer's and a seller's device need between two transactions, without a network:
//!
//! * [`Payer`] signs vouchers and shows links of hash chains, and signs intents;
//! * [`Acceptor`] checks and keeps what it is paid, and plans the claims that turn it into money;
//!   [`SharedAcceptor`] does so for many connections at a time;
//! * [`tend`] keeps an acceptor in step with the chain, behind the trait [`Chain`], and claims in
//!   time; [`BlockClock`] tells how late it is while the chain is out of reach;
//! * [`keys`] signs and checks on the three curves, as the chain does.
//!
//! Both sides follow one rule: **on disk before it counts**. A payer hands out nothing, and a payee
//! acknowledges nothing, that a crash could make it forget.
//!
//! The byte formats are in [`dam_primitives`]; the protocol is written down in `docs/PAYMENTS.md`.
//!
//! # Example
//!
//! ```
//! use dam_payments::{answer, Acceptor, ChannelState, Limits, MemoryKey, Payer, Reaction, Signer};
//! use dam_primitives::{Channel, Lock, Payee};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! let genesis_hash = [1; 32];
//! let (me, key) = (Payee::Machine(9), MemoryKey::ed25519(&[7; 32]));
//! // What a light client has proven of channel 5 in finalized block 1000.
//! let channel = Channel {
//!     payer: 3,
//!     payee: me.clone(),
//!     deposit: 1_000_000,
//!     settled: 0,
//!     lock: Lock::Vouchers { signer: key.public() },
//!     grace: 3_600,
//!     closing: None,
//!     storage_deposit: 10_000,
//! };
//! let proven = ChannelState { channel, signer_until: None, at: 1_000 };
//!
//! let mut payer = Payer::open(&folder.path().join("payer"), genesis_hash)?;
//! payer.observe(5, proven.clone())?;
//! let mut payee =
//!     Acceptor::open(&folder.path().join("payee"), genesis_hash, &me, Limits::default())?;
//! payee.observe(5, proven)?;
//!
//! let payment = payer.pay(5, 250_000, &key)?;
//! let accepted = payee.accept(&payment, 1_001)?;
//! assert_eq!(accepted.worth, 250_000);
//! // It is on disk: now it can be said.
//! assert_eq!(payer.react(&answer(&Ok(accepted)))?, Reaction::Paid);
//! # Ok(())
//! # }
//! ```

mod acceptor;
mod chain;
mod claims;
mod clock;
#[cfg(any(test, feature = "fuzz"))]
pub mod fuzz;
pub mod keys;
mod payer;
mod state;
mod store;
#[cfg(test)]
mod tests;

pub use acceptor::{
	answer, AcceptError, Accepted, Acceptor, ChannelStatus, FinishError, ForgetError, Limits,
	Outcome, Refused, SharedAcceptor, Staged,
};
pub use chain::{tend, Chain, Proven, Round, Seen};
pub use claims::{ClaimBatch, ClaimPolicy, ClaimReason, Claims, Lost, Plan};
pub use clock::{BlockClock, SeenBlock};
pub use keys::{Curves, MemoryKey, Signer};
pub use payer::{PayError, Payer, PayerStatus, Reaction};
pub use state::{payee_account, ChannelState, StateError};
pub use store::StoreError;
