//! One node process.

use std::{
	env,
	fs::{self, File},
	net::SocketAddr,
	path::{Path, PathBuf},
	process::{Child, Command, ExitStatus, Stdio},
	time::Duration,
};

use crate::{node_binary, wait_until, Error, Metrics, Rpc};

/// Lines of a log that are shown when something went wrong.
const TAIL_LINES: usize = 40;
/// For a node to answer after its start.
const START_LIMIT: Duration = Duration::from_secs(120);
/// For a node to end by itself after it was asked to.
const STOP_LIMIT: Duration = Duration::from_secs(30);

/// What makes a node itself: kept over restarts.
#[derive(Clone, Debug)]
pub struct NodeConfig {
	/// Name in messages and in its own log.
	pub name: String,
	/// The raw chain specification.
	pub spec: PathBuf,
	/// Its folder: base path and log.
	pub folder: PathBuf,
	/// Secret of its network identity.
	pub node_key: [u8; 32],
	/// Flags beyond those that every node gets, for example `--alice`.
	pub flags: Vec<String>,
}

/// A running node, or one that was stopped and can be started again.
///
/// The process ends with this value.
#[derive(Debug)]
pub struct Node {
	config: NodeConfig,
	process: Option<Child>,
	/// Port of each listener, once the system has given one. A restart asks for the same.
	ports: Ports,
	rpc: Rpc,
	p2p_address: String,
}

#[derive(Clone, Copy, Default, Debug)]
struct Ports {
	rpc: u16,
	prometheus: u16,
	p2p: u16,
}

impl Node {
	/// Starts a node and waits until it answers.
	///
	/// # Errors
	/// [`Error::NoBinary`], [`Error::Io`], [`Error::Exited`], [`Error::TimedOut`].
	pub async fn start(config: NodeConfig, boot_nodes: &[String]) -> Result<Self, Error> {
		fs::create_dir_all(&config.folder).map_err(Error::io("making a node's folder"))?;
		let mut node = Self {
			config,
			process: None,
			ports: Ports::default(),
			rpc: Rpc::new("http://127.0.0.1:1"),
			p2p_address: String::new(),
		};
		node.spawn(boot_nodes)?;
		node.wait_ready().await?;
		Ok(node)
	}

	/// Starts it again after [`Self::stop`] or [`Self::kill`], on the same ports and database.
	///
	/// # Errors
	/// As [`Self::start`].
	pub async fn restart(&mut self, boot_nodes: &[String]) -> Result<(), Error> {
		self.kill()?;
		self.spawn(boot_nodes)?;
		self.wait_ready().await
	}

	/// Asks it to end, and ends it if it does not.
	///
	/// # Errors
	/// [`Error::Io`].
	pub async fn stop(&mut self) -> Result<(), Error> {
		let Some(process) = self.process.as_mut() else { return Ok(()) };
		// The workspace forbids unsafe code, so the signal is sent by the system's own program.
		let pid = process.id().to_string();
		Command::new("sh")
			.args(["-c", "kill -TERM \"$0\"", &pid])
			.status()
			.map_err(Error::io("sending SIGTERM"))?;
		let name = self.config.name.clone();
		let ended = wait_until(&format!("the end of {name}"), STOP_LIMIT, || {
			let ended = self.exit_status();
			async move { ended }
		})
		.await;
		match ended {
			Ok(_) => Ok(()),
			Err(_) => self.kill(),
		}
	}

	/// Ends it at once, as a power failure would.
	///
	/// # Errors
	/// [`Error::Io`].
	pub fn kill(&mut self) -> Result<(), Error> {
		let Some(mut process) = self.process.take() else { return Ok(()) };
		// It may have ended already.
		let _ = process.kill();
		process.wait().map(drop).map_err(Error::io("waiting for a node's end"))
	}

	/// Name of the node.
	pub fn name(&self) -> &str {
		&self.config.name
	}

	/// Its JSON-RPC.
	pub const fn rpc(&self) -> &Rpc {
		&self.rpc
	}

	/// `/ip4/127.0.0.1/tcp/…/p2p/…`.
	pub fn p2p_address(&self) -> &str {
		&self.p2p_address
	}

	/// Process id, while it runs.
	pub fn pid(&self) -> Option<u32> {
		self.process.as_ref().map(Child::id)
	}

	/// Its metrics now.
	///
	/// # Errors
	/// [`Error::Io`].
	pub async fn metrics(&self) -> Result<Metrics, Error> {
		let address = SocketAddr::from(([127, 0, 0, 1], self.ports.prometheus));
		Metrics::fetch(address).await.map_err(Error::io(format!("metrics of {}", self.name())))
	}

	/// All it has logged, over all starts.
	pub fn log(&self) -> String {
		// A node that never started has no log.
		fs::read(self.log_path())
			.map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
			.unwrap_or_default()
	}

	/// The last lines of its log.
	pub fn log_tail(&self) -> String {
		let log = self.log();
		let lines: Vec<&str> = log.lines().collect();
		lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
	}

	/// Waits for a text in its log.
	///
	/// # Errors
	/// [`Error::TimedOut`], [`Error::Exited`].
	pub async fn wait_log(&mut self, text: &str, limit: Duration) -> Result<(), Error> {
		let what = format!("`{text}` in the log of {}", self.name());
		wait_until(&what, limit, || {
			let found = self.check_alive().map(|()| self.log().contains(text).then_some(()));
			async move { found }
		})
		.await
	}

	/// Its error if it is not running any more.
	///
	/// # Errors
	/// [`Error::Exited`], [`Error::Io`].
	pub fn check_alive(&mut self) -> Result<(), Error> {
		match self.exit_status()? {
			None => Ok(()),
			Some(status) => {
				Err(Error::Exited { node: self.config.name.clone(), status, log: self.log_tail() })
			},
		}
	}

	fn exit_status(&mut self) -> Result<Option<ExitStatus>, Error> {
		let Some(process) = self.process.as_mut() else { return Ok(None) };
		let status = process.try_wait().map_err(Error::io("asking for a node's state"))?;
		if status.is_some() {
			self.process = None;
		}
		Ok(status)
	}

	fn log_path(&self) -> PathBuf {
		self.config.folder.join("node.log")
	}

	fn spawn(&mut self, boot_nodes: &[String]) -> Result<(), Error> {
		let config = &self.config;
		let log = File::options()
			.create(true)
			.append(true)
			.open(self.log_path())
			.map_err(Error::io("opening a node's log"))?;
		let errors = log.try_clone().map_err(Error::io("opening a node's log"))?;
		let mut command = dying_with_the_test(&node_binary()?);
		command
			.arg("--chain")
			.arg(&config.spec)
			.arg("--base-path")
			.arg(config.folder.join("base"))
			.args(["--name", &config.name])
			.args(["--node-key", &hex::encode(config.node_key)])
			.args(["--listen-addr", &format!("/ip4/127.0.0.1/tcp/{}", self.ports.p2p)])
			.args(["--rpc-port", &self.ports.rpc.to_string()])
			.args(["--prometheus-port", &self.ports.prometheus.to_string()])
			.args(["--no-mdns", "--no-telemetry", "--rpc-cors", "all"])
			.args(&config.flags);
		if !boot_nodes.is_empty() {
			command.arg("--bootnodes").args(boot_nodes);
		}
		let process = command
			.stdin(Stdio::null())
			.stdout(log)
			.stderr(errors)
			.spawn()
			.map_err(Error::io("starting a node"))?;
		self.process = Some(process);
		Ok(())
	}

	/// Learns the ports from the log, then waits for the RPC and the address of the network.
	async fn wait_ready(&mut self) -> Result<(), Error> {
		const RPC: &str = "Running JSON-RPC server: addr=127.0.0.1:";
		const PROMETHEUS: &str = "Prometheus exporter started at 127.0.0.1:";
		let what = format!("{} to open its ports", self.config.name);
		let (rpc, prometheus) = wait_until(&what, START_LIMIT, || {
			let ports = self.check_alive().map(|()| {
				let log = self.log();
				last_port(&log, RPC).zip(last_port(&log, PROMETHEUS))
			});
			async move { ports }
		})
		.await?;
		self.ports.rpc = rpc;
		self.ports.prometheus = prometheus;
		self.rpc = Rpc::new(&format!("http://127.0.0.1:{rpc}"));
		let what = format!("{} to answer", self.config.name);
		self.p2p_address = wait_until(&what, START_LIMIT, || {
			let alive = self.check_alive();
			let rpc = self.rpc.clone();
			async move {
				alive?;
				Ok(rpc.p2p_address().await.ok())
			}
		})
		.await?;
		self.ports.p2p =
			self.p2p_address.split('/').nth(4).and_then(|port| port.parse().ok()).unwrap_or(0);
		Ok(())
	}
}

impl Drop for Node {
	fn drop(&mut self) {
		// Nothing is left to do about a failure here.
		let _ = self.kill();
	}
}

/// A command that the kernel ends when the test's process dies in a way that runs no destructor.
///
/// `setpriv` sets the signal and then becomes the program, so the process id stays the same. It is
/// part of every Linux distribution; where it is missing, only that last resort is.
fn dying_with_the_test(program: &Path) -> Command {
	let found = env::var_os("PATH")
		.is_some_and(|path| env::split_paths(&path).any(|folder| folder.join("setpriv").is_file()));
	if !found {
		return Command::new(program);
	}
	let mut command = Command::new("setpriv");
	command.args(["--pdeathsig", "KILL", "--"]).arg(program);
	command
}

/// The port after the last `prefix` in the log: a restarted node writes a second one.
fn last_port(log: &str, prefix: &str) -> Option<u16> {
	let (_, rest) = log.rsplit_once(prefix)?;
	let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
	// The line may be half written: something must stand after the number.
	(digits.len() < rest.len()).then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn port_should_be_the_last_complete_one() {
		assert_eq!(
			last_port("addr=127.0.0.1:1, x\naddr=127.0.0.1:44,[::1]:2", "127.0.0.1:"),
			Some(44)
		);
		assert_eq!(last_port("addr=127.0.0.1:44", "127.0.0.1:"), None);
		assert_eq!(last_port("nothing", "127.0.0.1:"), None);
	}
}
