//! Real nodes on free loopback ports, for tests that need a network.
//!
//! A [`Network`] starts validators of the built-in network `local` from a raw specification made
//! at that moment, waits for finality, reads their logs and metrics, stops and restarts them by
//! process id, and leaves no process behind, whatever happens to the test:
//!
//! ```no_run
//! # async fn example() -> Result<(), dam_e2e::Error> {
//! let network = dam_e2e::Network::builder().validators(4).start().await?;
//! network.wait_finalized(10).await?;
//! network.assert_one_chain().await?;
//! # Ok(())
//! # }
//! ```
//!
//! # How it keeps the machine clean
//!
//! Nodes bind port 0 and the harness asks them where they landed, so that no port is ever taken by
//! somebody else between choosing and binding it. Everything a node writes stands in one temporary
//! folder. A node dies with its [`Node`]; the kernel ends it if the test's own process is killed.
//! A test that panics prints the end of every node's log first.
//!
//! # No test is about speed
//!
//! Deadlines here end a test that hangs, on a machine that is many times slower than usual. How
//! fast the chain is, is measured by `scripts/bench-network`.

mod binaries;
mod error;
pub mod fleet;
pub mod measure;
mod metrics;
mod network;
mod node;
pub mod program;
mod rpc;
pub mod storage;

pub use binaries::{device_binary, node_binary};
pub use error::Error;
pub use metrics::Metrics;
pub use network::{raw_spec, Builder, Network, VALIDATORS};
pub use node::{Node, NodeConfig};
pub use rpc::{Rpc, RpcError};

use std::{future::Future, time::Duration};

/// How often a condition is looked at.
const POLL: Duration = Duration::from_millis(200);

/// Waits until `condition` gives a value.
///
/// # Errors
/// [`Error::TimedOut`] with `what` after `limit`, or the error of `condition`.
pub async fn wait_until<T, F>(
	what: &str,
	limit: Duration,
	mut condition: impl FnMut() -> F,
) -> Result<T, Error>
where
	F: Future<Output = Result<Option<T>, Error>>,
{
	let deadline = tokio::time::Instant::now() + limit;
	loop {
		if let Some(value) = condition().await? {
			return Ok(value);
		}
		if tokio::time::Instant::now() >= deadline {
			return Err(Error::TimedOut { what: what.into(), limit });
		}
		tokio::time::sleep(POLL).await;
	}
}
