//! Finalized blocks without gaps.
//!
//! Finality notifications skip blocks, and after a loss of connection they may skip many. The gap is
//! filled by walking back along parent hashes, which needs no trust: each header is its hash's.

use std::{
	collections::VecDeque,
	sync::{
		atomic::{AtomicU32, Ordering},
		Arc,
	},
	time::Duration,
};

use futures::{stream, stream::BoxStream, StreamExt};
use subxt::{
	backend::{Backend, ChainHeadBackend},
	config::substrate::{BlakeTwo256, SubstrateHeader},
	utils::H256,
};

use super::{number, retried, Block, ChainError, DamConfig, Headers, Legacy, LightNetwork};

/// Longest gap that is walked. Nothing that a device waits for is further back.
const MAX_GAP: u32 = 10_000;
/// Pause before a lost subscription is taken up again.
const RESUBSCRIBE: Duration = Duration::from_millis(500);

struct Follow {
	backend: Arc<ChainHeadBackend<DamConfig>>,
	legacy: Legacy,
	seen: Arc<AtomicU32>,
	last: Block,
	ready: VecDeque<Block>,
	headers: Option<Headers>,
}

impl LightNetwork {
	/// See [`Network::finalized_after`](crate::chain::Network::finalized_after).
	pub(super) fn follow(&self, after: Block) -> BoxStream<'static, Result<Block, ChainError>> {
		let follow = Follow {
			backend: self.backend.clone(),
			legacy: self.legacy.clone(),
			seen: self.seen.clone(),
			last: after,
			ready: VecDeque::new(),
			headers: None,
		};
		stream::unfold(follow, |mut follow| async move { Some((follow.next().await, follow)) })
			.boxed()
	}
}

impl Follow {
	async fn next(&mut self) -> Result<Block, ChainError> {
		loop {
			if let Some(block) = self.ready.pop_front() {
				self.last = block;
				self.seen.fetch_max(block.number, Ordering::Relaxed);
				return Ok(block);
			}
			let (header, hash) = self.next_header().await?;
			let number = number(header.number)?;
			if number > self.last.number {
				let newest = Block { number, hash };
				self.ready = fill(&self.legacy, self.last, newest, header).await?;
			}
		}
	}

	async fn next_header(&mut self) -> Result<(SubstrateHeader<H256>, H256), ChainError> {
		if self.headers.is_none() {
			let subscribed = self.backend.stream_finalized_block_headers(BlakeTwo256).await;
			self.headers = Some(match subscribed {
				Ok(headers) => headers,
				Err(error) => return Err(self.lost(error.to_string()).await),
			});
		}
		let item = match &mut self.headers {
			Some(headers) => headers.next().await,
			None => None,
		};
		match item {
			Some(Ok((header, block))) => Ok((header, block.hash())),
			Some(Err(error)) => Err(self.lost(error.to_string()).await),
			None => Err(self.lost("the subscription ended".into()).await),
		}
	}

	/// Forgets the subscription; the next call makes a new one.
	async fn lost(&mut self, why: String) -> ChainError {
		self.headers = None;
		tokio::time::sleep(RESUBSCRIBE).await;
		ChainError::Request { what: "following finalized blocks", why }
	}
}

/// The blocks after `last` up to `newest`, oldest first.
async fn fill(
	legacy: &Legacy,
	last: Block,
	newest: Block,
	header: SubstrateHeader<H256>,
) -> Result<VecDeque<Block>, ChainError> {
	let gap = newest.number - last.number;
	if gap > MAX_GAP {
		return Err(ChainError::Incompatible {
			what: "the distance to the finalized head",
			why: format!("{gap} blocks, {MAX_GAP} is the most that is followed back"),
		});
	}
	let mut blocks = VecDeque::from([newest]);
	let mut parent = header.parent_hash;
	for number in (last.number + 1..newest.number).rev() {
		blocks.push_front(Block { number, hash: parent });
		let header = retried("a block header", || async {
			match legacy.chain_get_header(Some(parent)).await {
				Ok(Some(header)) => Ok(header),
				Ok(None) => Err("no peer has it".to_owned()),
				Err(error) => Err(error.to_string()),
			}
		})
		.await?;
		parent = header.parent_hash;
	}
	if parent != last.hash {
		return Err(ChainError::Incompatible {
			what: "the finalized chain",
			why: format!("block {} is not the one seen before", last.number),
		});
	}
	Ok(blocks)
}
