//! Which transactions blocks hold.
//!
//! A node ends the connection to whoever asks it for one block again and again. So each block is
//! downloaded once, however many transactions are looked for in it.

use std::{collections::VecDeque, sync::Arc};

use subxt::{
	config::{substrate::BlakeTwo256, Hasher},
	utils::H256,
};
use tokio::sync::Mutex;

use super::{retried, Block, ChainError, LightNetwork};

/// Blocks that are remembered: several times as many as may be searched at a time.
const BLOCKS: usize = 256;

/// Hashes of the transactions of the latest blocks that were searched, the oldest first.
#[derive(Default)]
pub(super) struct Bodies(Mutex<VecDeque<(H256, Arc<[H256]>)>>);

impl LightNetwork {
	/// The hashes of the transactions of a block, in their order.
	pub(super) async fn transactions_of(&self, block: Block) -> Result<Arc<[H256]>, ChainError> {
		// Held while a block is downloaded: whoever looks into the same one waits for it.
		let mut known = self.bodies.0.lock().await;
		if let Some((_, found)) = known.iter().find(|(hash, _)| *hash == block.hash) {
			return Ok(found.clone());
		}
		let body = retried("a block", || async {
			match self.legacy.chain_get_block(Some(block.hash)).await {
				Ok(Some(details)) => Ok(details.block.extrinsics),
				Ok(None) => Err("no peer gave a valid one".to_owned()),
				Err(error) => Err(error.to_string()),
			}
		})
		.await?;
		let hashes: Arc<[H256]> =
			body.iter().map(|extrinsic| BlakeTwo256.hash(&extrinsic.0)).collect();
		known.push_back((block.hash, hashes.clone()));
		if known.len() > BLOCKS {
			known.pop_front();
		}
		Ok(hashes)
	}
}
