//! Takes blocks as a full node takes them from its peers: through the import queue, which checks seal
//! and slot, checks the inherents, executes every extrinsic with its signature, compares the state
//! root and commits to disk.

use crate::{
	author::Sealed,
	error::Error,
	node::{Node, State},
};
use dam_node::service::FullClient;
use dam_runtime::{opaque::Block, Hash};
use polkadot_sdk::*;
use sc_consensus::import_queue::{
	BlockImportError, BlockImportStatus, ImportQueue, ImportQueueService, IncomingBlock, Link,
};
use sp_consensus::BlockOrigin;
use std::{
	path::Path,
	sync::mpsc::{self, Receiver, Sender},
	time::Duration,
};

/// A block that takes longer than this has met a fault.
const LONGEST_IMPORT: Duration = Duration::from_secs(120);

/// How the import of a block ended.
type Outcome = Result<(), String>;

/// A full node without its network.
pub struct Importer {
	node: Node,
	queue: Box<dyn ImportQueueService<Block>>,
	outcomes: Receiver<Outcome>,
}

impl State for Importer {
	fn chain(&self) -> &FullClient {
		self.node.client()
	}
}

impl Importer {
	/// Opens the chain in `folder`.
	pub fn open(folder: &Path) -> Result<Self, Error> {
		let (node, queue) = Node::open(folder)?;
		let (sender, outcomes) = mpsc::channel();
		let service = queue.service();
		node.task_manager
			.spawn_handle()
			.spawn("import-queue", None, async move { queue.run(&Reporter(sender)).await });
		Ok(Self { node, queue: service, outcomes })
	}

	/// Imports a block on top of the newest one and makes it final.
	///
	/// # Errors
	/// If the block is refused, or was known before.
	pub fn import(&mut self, block: &Sealed) -> Result<(), Error> {
		let incoming = IncomingBlock {
			hash: block.hash,
			header: Some(block.header.clone()),
			body: Some(block.body.clone()),
			indexed_body: None,
			justifications: None,
			origin: None,
			allow_missing_state: false,
			skip_execution: false,
			import_existing: false,
			state: None,
		};
		self.queue.import_blocks(BlockOrigin::NetworkBroadcast, vec![incoming]);
		self.outcomes
			.recv_timeout(LONGEST_IMPORT)
			.map_err(Error::import(block.number))?
			.map_err(Error::import(block.number))?;
		self.node.finalize(block.hash).map_err(Error::import(block.number))
	}

	/// Closes the database.
	pub fn close(self) -> Result<(), Error> {
		let Self { node, queue, outcomes } = self;
		drop((queue, outcomes));
		node.close()
	}
}

/// Passes on how imports ended.
struct Reporter(Sender<Outcome>);

impl Link<Block> for Reporter {
	fn blocks_processed(
		&self,
		_imported: usize,
		_count: usize,
		results: Vec<(Result<BlockImportStatus<u32>, BlockImportError>, Hash)>,
	) {
		for (result, _) in results {
			let outcome = match result {
				Ok(BlockImportStatus::ImportedUnknown(..)) => Ok(()),
				Ok(BlockImportStatus::ImportedKnown(..)) => Err("it was known before".into()),
				Err(error) => Err(error.to_string()),
			};
			// Nobody listens any more when the importer is being closed.
			let _ = self.0.send(outcome);
		}
	}
}
