//! The light client: smoldot, spoken to through subxt.
//!
//! Nothing that a node says is believed: headers are followed from the genesis or checkpoint of the
//! chain specification by the finality proofs of the validators, state is read with storage and
//! call proofs against finalized headers, and block bodies are checked against their headers.
//!
//! # Cold start
//!
//! No database is kept, so every start synchronizes anew. What happens, in order:
//!
//! 1. The genesis of the specification is hashed. With a full genesis its runtime is compiled once
//!    for that, which takes most of the time; a specification with a checkpoint (`lightSyncState`)
//!    saves it.
//! 2. All boot nodes are dialled at once; the first that answers is asked for its head. A gap of
//!    more than 32 blocks is crossed by warp sync, which checks one finality proof per change of
//!    the validator set; a smaller one block by block.
//! 3. The runtime of the finalized block is downloaded with a proof if it is not the genesis's.
//! 4. Only for calls and reads, and once per runtime version: the metadata is computed by running
//!    the runtime locally.
//!
//! `dam-device head` shows how long the first three take on a given network. On the loopback
//! interface it is some tenths of a second. A boot node that does not listen yet costs more: smoldot
//! dials it again only after about ten seconds.

use std::{
	fmt,
	sync::{
		atomic::{AtomicU32, Ordering},
		Arc,
	},
	time::{Duration, Instant},
};

use futures::{
	future::ready,
	stream::{self, BoxStream},
	Future, StreamExt,
};
use subxt::{
	backend::{Backend, ChainHeadBackend, StreamOfResults},
	client::{OnlineClient, OnlineClientAtBlock},
	config::{
		substrate::{BlakeTwo256, SubstrateHeader},
		RpcConfigFor,
	},
	lightclient::LightClient,
	rpcs::{LegacyRpcMethods, RpcClient},
	utils::H256,
};

use super::{
	config::{DamConfig, FeeAsset},
	Block, ChainError, ChainSpec, SpecError,
};

mod bodies;
mod channels;
mod follow;
mod network;

/// How long one request to peers may take; smoldot tries several peers within it.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);
/// How often a request is tried that failed for reasons of the network.
const REQUEST_ATTEMPTS: u32 = 3;
/// Pause before the second attempt; doubled for each further one.
const REQUEST_BACKOFF: Duration = Duration::from_millis(250);
/// How often the light client's health is looked at while it connects.
const HEALTH_INTERVAL: Duration = Duration::from_millis(50);

/// How to connect.
#[derive(Clone, Debug)]
pub struct ConnectOptions {
	/// How long peers may take to answer and the head to be reached.
	pub timeout: Duration,
	/// The genesis that the specification must have, if the caller knows it.
	pub genesis: Option<H256>,
}

impl Default for ConnectOptions {
	/// A minute, any genesis.
	fn default() -> Self {
		Self { timeout: Duration::from_secs(60), genesis: None }
	}
}

/// What happens while connecting.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ConnectProgress {
	/// The specification was accepted.
	Opened {
		/// Hash of its block 0.
		genesis: H256,
	},
	/// The number of peers changed.
	Peers(usize),
	/// The head of the chain is known and its state can be read.
	Ready {
		/// The latest finalized block.
		finalized: Block,
	},
}

/// A block that the light client has just learned of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Heads {
	/// The best block changed.
	Best(Block),
	/// A block is final.
	Finalized(Block),
}

type AtBlock = OnlineClientAtBlock<DamConfig>;
type Legacy = LegacyRpcMethods<RpcConfigFor<DamConfig>>;
type Headers = StreamOfResults<(SubstrateHeader<H256>, subxt::backend::BlockRef<H256>)>;

/// A chain seen by a light client. Must be used within a tokio runtime.
///
/// Cheap to clone; the light client stops when the last clone is dropped.
#[derive(Clone)]
pub struct LightNetwork {
	client: OnlineClient<DamConfig>,
	backend: Arc<ChainHeadBackend<DamConfig>>,
	legacy: Legacy,
	/// Keeps the light client running.
	_light_client: LightClient,
	genesis: H256,
	boot_nodes: Vec<String>,
	/// The highest finalized number handed out, so that no read goes behind it.
	seen: Arc<AtomicU32>,
	/// Blocks that were searched.
	bodies: Arc<bodies::Bodies>,
	/// What fees are paid in.
	fees: FeeAsset,
}

impl fmt::Debug for LightNetwork {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_struct("LightNetwork").field("genesis", &self.genesis).finish_non_exhaustive()
	}
}

impl LightNetwork {
	/// Starts the light client and returns before any peer has answered.
	///
	/// # Errors
	/// [`ChainError::Spec`], [`ChainError::WrongChain`].
	pub async fn open(spec: &ChainSpec, genesis: Option<H256>) -> Result<Self, ChainError> {
		let refused = |error: &dyn fmt::Display| SpecError::Refused(error.to_string());
		let (light_client, rpc) =
			LightClient::relay_chain(spec.to_json()).map_err(|error| refused(&error))?;
		let rpc = RpcClient::new(rpc);
		// Whether a transaction is final is read from finalized blocks, not from its own events:
		// those need no waiting for the other stream.
		let backend = Arc::new(
			ChainHeadBackend::builder()
				.submit_transactions_ignoring_follow_events()
				.build_with_background_driver(rpc.clone()),
		);
		let client = OnlineClient::from_backend_with_config(DamConfig::default(), backend.clone())
			.await
			.map_err(|error| refused(&error))?;
		let found = client.genesis_hash();
		match genesis {
			Some(expected) if expected != found => {
				return Err(ChainError::WrongChain { expected, found })
			},
			_ => {},
		}
		Ok(Self {
			client,
			backend,
			legacy: Legacy::new(rpc),
			_light_client: light_client,
			genesis: found,
			boot_nodes: spec.boot_nodes(),
			seen: Arc::default(),
			bodies: Arc::default(),
			fees: FeeAsset::default(),
		})
	}

	/// The same chain, with fees that are paid in `fees` from now on.
	#[must_use]
	pub fn with_fees_in(self, fees: FeeAsset) -> Self {
		Self { fees, ..self }
	}

	/// Starts the light client and waits until it is at the head of the chain.
	///
	/// # Errors
	/// [`ChainError::Spec`], [`ChainError::WrongChain`], [`ChainError::NoPeers`],
	/// [`ChainError::NotSynced`].
	pub async fn connect(
		spec: &ChainSpec,
		options: &ConnectOptions,
		mut progress: impl FnMut(ConnectProgress),
	) -> Result<Self, ChainError> {
		let network = Self::open(spec, options.genesis).await?;
		progress(ConnectProgress::Opened { genesis: network.genesis });
		if network.boot_nodes.is_empty() {
			return Err(SpecError::NoBootNode.into());
		}
		network.wait_for_head(options.timeout, &mut progress).await?;
		Ok(network)
	}

	/// Hash of block 0 of a specification, computed without any network.
	///
	/// # Errors
	/// [`ChainError::Spec`].
	pub async fn genesis_of(spec: &ChainSpec) -> Result<H256, ChainError> {
		Ok(Self::open(spec, None).await?.genesis)
	}

	/// Best and finalized blocks from now on, as the light client learns of them.
	pub fn heads(&self) -> BoxStream<'static, Result<Heads, ChainError>> {
		let backend = self.backend.clone();
		let best =
			stream::once(async move { backend.stream_best_block_headers(BlakeTwo256).await });
		let backend = self.backend.clone();
		let finalized =
			stream::once(async move { backend.stream_finalized_block_headers(BlakeTwo256).await });
		stream::select(
			best.flat_map(|headers| blocks(headers, Heads::Best)),
			finalized.flat_map(|headers| blocks(headers, Heads::Finalized)),
		)
		.boxed()
	}

	async fn wait_for_head(
		&self,
		timeout: Duration,
		progress: &mut impl FnMut(ConnectProgress),
	) -> Result<(), ChainError> {
		let start = Instant::now();
		let mut peers = 0;
		let given_up = |peers| {
			let waited = start.elapsed();
			match peers {
				0 => ChainError::NoPeers { waited, boot_nodes: self.boot_nodes.clone() },
				peers => ChainError::NotSynced { peers, waited },
			}
		};
		loop {
			// Smoldot answers only once a peer has given it the runtime of a block.
			let left = timeout.saturating_sub(start.elapsed());
			let health = tokio::time::timeout(left, self.legacy.system_health())
				.await
				.map_err(|_| given_up(peers))?
				.map_err(|error| ChainError::Request {
					what: "the light client's health",
					why: error.to_string(),
				})?;
			if health.peers != peers {
				peers = health.peers;
				progress(ConnectProgress::Peers(peers));
			}
			if peers > 0 && !health.is_syncing {
				break;
			}
			if start.elapsed() >= timeout {
				return Err(given_up(peers));
			}
			tokio::time::sleep(HEALTH_INTERVAL).await;
		}
		let left = timeout.saturating_sub(start.elapsed()).max(REQUEST_TIMEOUT);
		let at = tokio::time::timeout(left, self.at()).await.map_err(|_| given_up(peers))??;
		progress(ConnectProgress::Ready { finalized: block_of(&at) });
		Ok(())
	}

	/// A client at the latest finalized block, never behind one that was handed out.
	async fn at(&self) -> Result<AtBlock, ChainError> {
		let start = Instant::now();
		loop {
			let at = retried("the finalized block", || self.client.at_current_block()).await?;
			if block_of(&at).number >= self.seen.load(Ordering::Relaxed) {
				return Ok(at);
			}
			let waited = start.elapsed();
			if waited > REQUEST_TIMEOUT {
				return Err(ChainError::TimedOut { what: "the finalized block", waited });
			}
			tokio::time::sleep(HEALTH_INTERVAL).await;
		}
	}

	/// Calls a runtime API at the latest finalized block.
	async fn call<R: codec::Decode>(
		&self,
		what: &'static str,
		function: &str,
		arguments: &[u8],
	) -> Result<R, ChainError> {
		call_at(&self.at().await?, what, function, arguments).await
	}
}

/// Calls a runtime API at a block.
async fn call_at<R: codec::Decode>(
	at: &AtBlock,
	what: &'static str,
	function: &str,
	arguments: &[u8],
) -> Result<R, ChainError> {
	let bytes =
		retried(what, || async { at.runtime_apis().call_raw(function, Some(arguments)).await })
			.await?;
	decode_all(what, &bytes)
}

fn blocks(
	headers: Result<Headers, subxt::error::BackendError>,
	make: fn(Block) -> Heads,
) -> BoxStream<'static, Result<Heads, ChainError>> {
	let failed = |error: subxt::error::BackendError| ChainError::Request {
		what: "following the chain",
		why: error.to_string(),
	};
	let mut last = None;
	match headers {
		Ok(headers) => headers
			.map(move |item| {
				let (header, block) = item.map_err(failed)?;
				Ok(Block { number: number(header.number)?, hash: block.hash() })
			})
			.filter_map(move |block| {
				// The best block is named again whenever something is finalized.
				let news = match &block {
					Ok(block) => last.replace(block.hash) != Some(block.hash),
					Err(_) => true,
				};
				ready(news.then(|| block.map(make)))
			})
			.boxed(),
		Err(error) => stream::once(async move { Err(failed(error)) }).boxed(),
	}
}

fn block_of(at: &AtBlock) -> Block {
	// The chain's own numbers have 32 bits; `number` checks that where they come in.
	Block { number: u32::try_from(at.block_number()).unwrap_or(u32::MAX), hash: at.block_hash() }
}

fn number(number: u64) -> Result<u32, ChainError> {
	u32::try_from(number).map_err(|error| ChainError::Incompatible {
		what: "the block number",
		why: error.to_string(),
	})
}

/// Decodes an answer to its last byte.
fn decode_all<T: codec::Decode>(what: &'static str, mut bytes: &[u8]) -> Result<T, ChainError> {
	use codec::DecodeAll;
	T::decode_all(&mut bytes)
		.map_err(|error| ChainError::Incompatible { what, why: error.to_string() })
}

/// One attempt, within [`REQUEST_TIMEOUT`].
///
/// subxt waits for ever when smoldot reports that an operation has failed for lack of peers, so
/// every request needs this.
async fn timed<T, E: fmt::Display>(
	what: &'static str,
	request: impl Future<Output = Result<T, E>>,
) -> Result<T, ChainError> {
	match tokio::time::timeout(REQUEST_TIMEOUT, request).await {
		Ok(Ok(answer)) => Ok(answer),
		Ok(Err(error)) => Err(ChainError::Request { what, why: error.to_string() }),
		Err(_) => Err(ChainError::TimedOut { what, waited: REQUEST_TIMEOUT }),
	}
}

/// Several attempts, with back-off. For reads only.
async fn retried<T, E, F>(
	what: &'static str,
	mut request: impl FnMut() -> F,
) -> Result<T, ChainError>
where
	E: fmt::Display,
	F: Future<Output = Result<T, E>>,
{
	let mut pause = REQUEST_BACKOFF;
	let mut attempt = 1;
	loop {
		match timed(what, request()).await {
			Err(error) if error.is_transient() && attempt < REQUEST_ATTEMPTS => {
				log::debug!("{error} (attempt {attempt})");
				tokio::time::sleep(pause).await;
				pause *= 2;
				attempt += 1;
			},
			answer => return answer,
		}
	}
}
