//! Several validators that make one chain.

use std::{
	fs,
	path::{Path, PathBuf},
	process::Command,
	sync::{Arc, LazyLock},
	time::Duration,
};

use tempfile::TempDir;
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::{node_binary, wait_until, Error, Node, NodeConfig};

/// The validators of the built-in network `local`, by the flag that gives a node their keys.
pub const VALIDATORS: [&str; 4] = ["alice", "bob", "charlie", "dave"];

/// For nodes to find each other, and for blocks to become final.
const FINALITY_LIMIT: Duration = Duration::from_secs(240);

/// One network at a time in a process: two would starve each other on a small machine.
static TURN: LazyLock<Arc<Mutex<()>>> = LazyLock::new(Arc::default);

/// Describes a network before it starts.
#[derive(Clone, Debug)]
pub struct Builder {
	chain: &'static str,
	validators: usize,
	flags: Vec<String>,
}

impl Builder {
	/// How many of [`VALIDATORS`] run. Without three of the four nothing becomes final.
	///
	/// # Panics
	/// If there are not so many.
	pub fn validators(mut self, count: usize) -> Self {
		assert!((1..=VALIDATORS.len()).contains(&count), "1 to 4 validators, not {count}");
		self.validators = count;
		self
	}

	/// One validator of the built-in network `dev`, which makes final blocks alone.
	pub fn development(mut self) -> Self {
		self.chain = "dev";
		self.validators = 1;
		self.flag("--force-authoring")
	}

	/// Adds a flag of `dam-node` for every validator.
	pub fn flag(mut self, flag: impl Into<String>) -> Self {
		self.flags.push(flag.into());
		self
	}

	/// Starts the validators, one after the other, and waits until all are connected.
	///
	/// # Errors
	/// [`Error`].
	pub async fn start(self) -> Result<Network, Error> {
		let turn = TURN.clone().lock_owned().await;
		let folder = tempfile::Builder::new()
			.prefix("dam-e2e-")
			.tempdir()
			.map_err(Error::io("making the network's folder"))?;
		let spec = folder.path().join("spec.json");
		fs::write(&spec, raw_spec(self.chain)?).map_err(Error::io("writing the specification"))?;
		let mut network =
			Network { nodes: Vec::new(), spec, folder, flags: self.flags, _turn: turn };
		for index in 0..self.validators {
			// Each knows all before it: nobody depends on one of them later.
			network.add(index).await?;
		}
		network.wait_connected().await?;
		Ok(network)
	}
}

/// The raw specification of a built-in network, as `dam-node build-spec` prints it.
///
/// # Errors
/// [`Error::NoBinary`], [`Error::Spec`].
pub fn raw_spec(chain: &str) -> Result<Vec<u8>, Error> {
	let output = Command::new(node_binary()?)
		.args(["build-spec", "--chain", chain, "--raw", "--disable-default-bootnode"])
		.output()
		.map_err(Error::io("starting dam-node"))?;
	if output.status.success() {
		Ok(output.stdout)
	} else {
		Err(Error::Spec(String::from_utf8_lossy(&output.stderr).into_owned()))
	}
}

/// Running validators. All their processes end with this value.
pub struct Network {
	// Dropped in this order: processes, then their folder, then the turn of the next network.
	nodes: Vec<Node>,
	spec: PathBuf,
	folder: TempDir,
	flags: Vec<String>,
	_turn: OwnedMutexGuard<()>,
}

impl Network {
	/// Four validators, unless told otherwise.
	pub fn builder() -> Builder {
		Builder { chain: "local", validators: VALIDATORS.len(), flags: Vec::new() }
	}

	/// The nodes, in the order of [`VALIDATORS`].
	pub fn nodes(&self) -> &[Node] {
		&self.nodes
	}

	/// One node.
	///
	/// # Panics
	/// If there is none of that index.
	pub fn node(&mut self, index: usize) -> &mut Node {
		&mut self.nodes[index]
	}

	/// The network's folder, for files of the test itself.
	pub fn folder(&self) -> &Path {
		self.folder.path()
	}

	/// The raw specification, without boot nodes.
	pub fn spec(&self) -> &Path {
		&self.spec
	}

	/// The specification for a light client: the raw one, with every running node as boot node.
	///
	/// # Errors
	/// [`Error::Io`], [`Error::Spec`].
	pub fn light_spec(&self) -> Result<String, Error> {
		let text = fs::read(&self.spec).map_err(Error::io("reading the specification"))?;
		let mut spec: serde_json::Value =
			serde_json::from_slice(&text).map_err(|error| Error::Spec(error.to_string()))?;
		spec["bootNodes"] = self.addresses(None).into();
		Ok(spec.to_string())
	}

	/// Starts a stopped node again, on its own ports and database.
	///
	/// # Errors
	/// As [`Node::start`].
	pub async fn restart(&mut self, index: usize) -> Result<(), Error> {
		let others = self.addresses(Some(index));
		self.nodes[index].restart(&others).await
	}

	/// Waits until every running node has finalized block `number`.
	///
	/// # Errors
	/// [`Error::TimedOut`], [`Error::Exited`].
	pub async fn wait_finalized(&self, number: u32) -> Result<(), Error> {
		for node in self.running() {
			let what = format!("{} to finalize block {number}", node.name());
			wait_until(&what, FINALITY_LIMIT, || async {
				// An answer that fails is one that comes later.
				let last = node.rpc().finalized().await;
				Ok(last.is_ok_and(|(last, _)| last >= number).then_some(()))
			})
			.await?;
		}
		Ok(())
	}

	/// Waits until every running node has finalized `blocks` more than it has now.
	///
	/// # Errors
	/// [`Error::TimedOut`], [`Error::Rpc`].
	pub async fn wait_more_finalized(&self, blocks: u32) -> Result<(), Error> {
		let mut highest = 0;
		for node in self.running() {
			let (number, _) = node.rpc().finalized().await.map_err(at(node))?;
			highest = highest.max(number);
		}
		self.wait_finalized(highest + blocks).await
	}

	/// Checks that all running nodes agree on every block that all of them have finalized.
	///
	/// Returns the number of the last such block.
	///
	/// # Errors
	/// [`Error::Split`], [`Error::Rpc`].
	pub async fn assert_one_chain(&self) -> Result<u32, Error> {
		let mut common = u32::MAX;
		for node in self.running() {
			let (number, _) = node.rpc().finalized().await.map_err(at(node))?;
			common = common.min(number);
		}
		// The hash of a block fixes all before it.
		let mut first: Option<(&Node, String)> = None;
		for node in self.running() {
			let hash = node.rpc().block_hash(common).await.map_err(at(node))?;
			let hash = hash.unwrap_or_else(|| "missing".into());
			match &first {
				None => first = Some((node, hash)),
				Some((_, known)) if *known == hash => {},
				Some((other, known)) => {
					return Err(Error::Split {
						number: common,
						first: other.name().into(),
						one: known.clone(),
						second: node.name().into(),
						other: hash,
					})
				},
			}
		}
		Ok(common)
	}

	/// Fails if a node has ended by itself.
	///
	/// # Errors
	/// [`Error::Exited`].
	pub fn check_alive(&mut self) -> Result<(), Error> {
		self.nodes.iter_mut().try_for_each(Node::check_alive)
	}

	async fn add(&mut self, index: usize) -> Result<(), Error> {
		let name = VALIDATORS[index];
		let mut node_key = [0; 32];
		node_key[31] = u8::try_from(index + 1).expect("at most four; qed");
		let mut flags = vec![format!("--{name}"), "--validator".into()];
		flags.extend(self.flags.iter().cloned());
		let config = NodeConfig {
			name: name.into(),
			spec: self.spec.clone(),
			folder: self.folder.path().join(name),
			node_key,
			flags,
		};
		let node = Node::start(config, &self.addresses(None)).await?;
		self.nodes.push(node);
		Ok(())
	}

	async fn wait_connected(&self) -> Result<(), Error> {
		let others = self.nodes.len() as u64 - 1;
		for node in &self.nodes {
			let what = format!("{} to find {others} peers", node.name());
			wait_until(&what, FINALITY_LIMIT, || async {
				Ok(node.rpc().peers().await.is_ok_and(|peers| peers >= others).then_some(()))
			})
			.await?;
		}
		Ok(())
	}

	fn running(&self) -> impl Iterator<Item = &Node> {
		self.nodes.iter().filter(|node| node.pid().is_some())
	}

	fn addresses(&self, except: Option<usize>) -> Vec<String> {
		self.nodes
			.iter()
			.enumerate()
			.filter(|(index, node)| Some(*index) != except && node.pid().is_some())
			.map(|(_, node)| node.p2p_address().to_owned())
			.collect()
	}
}

impl Drop for Network {
	fn drop(&mut self) {
		if std::thread::panicking() {
			for node in &self.nodes {
				eprintln!("\n--- last lines of {} ---\n{}", node.name(), node.log_tail());
			}
		}
	}
}

/// Names the node in an RPC's error.
fn at(node: &Node) -> impl FnOnce(crate::RpcError) -> Error + '_ {
	move |cause| Error::Rpc { node: node.name().into(), cause }
}
