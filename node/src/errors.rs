//! Failures of the program, in words that say what is wrong and what to do.
//!
//! The SDK's errors are written for its developers. Those that an operator meets are recognized
//! here and told again; the rest keeps the SDK's words.

use crate::{chain_spec::SpecError, listeners::PortInUse};
use polkadot_sdk::{sc_cli, sc_network, sc_service, sp_blockchain};
use std::{
	error::Error as StdError,
	fmt, io,
	path::{Path, PathBuf},
};

/// Why the program ends with a status other than 0.
#[derive(Debug)]
pub enum Error {
	/// The chain specification cannot be used.
	Spec(SpecError),
	/// The runtime refuses the genesis of the chain specification.
	Genesis(String),
	/// Another process listens where this one should.
	PortInUse(PortInUse),
	/// As [`Self::PortInUse`], noticed too late to say which: taken while the node started.
	PortTaken,
	/// Another process has the database open.
	DatabaseLocked(Option<PathBuf>),
	/// The operating system does not let the node use a file or port.
	PermissionDenied(String),
	/// No space is left where the node writes.
	DiskFull(String),
	/// A validator without an identity on the network.
	NoNetworkKey(PathBuf),
	/// Two identities for one address among the boot nodes.
	DuplicateBootnode(String),
	/// A part without which the node cannot run has stopped.
	EssentialTask,
	/// Files in `chain-specs/` differ from the runtime's presets.
	SpecDrift(Vec<String>),
	/// A flag or argument that does not fit.
	Input(String),
	/// Anything else, in the SDK's words.
	Other(Box<dyn StdError + Send + Sync>),
}

impl Error {
	/// Adds the path to a [`Self::DatabaseLocked`] that does not know it.
	pub fn at_database(self, path: Option<PathBuf>) -> Self {
		match self {
			Self::DatabaseLocked(None) => Self::DatabaseLocked(path),
			other => other,
		}
	}
}

impl StdError for Error {}

impl fmt::Display for Error {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Spec(error) => error.fmt(f),
			Self::Genesis(reason) => write!(
				f,
				"the runtime refuses the genesis of the chain specification: {reason}. Correct it \
				 under `genesis.runtimeGenesis`; a specification without `code` must be written \
				 for this release of the program.",
			),
			Self::PortInUse(error) => error.fmt(f),
			Self::PortTaken => f.write_str(
				"another process took a port while the node started: start it again, or choose \
				 other ports with `--port`, `--rpc-port` and `--prometheus-port`",
			),
			Self::DatabaseLocked(path) => {
				let place = path.as_deref().unwrap_or(Path::new("this base path"));
				write!(
					f,
					"the database at `{}` is in use: another dam-node runs on it. Stop that one, or \
					 give this one a folder of its own with `--base-path <PATH>`. A key that is in \
					 use must never run on two nodes: equivocation is slashed.",
					place.display()
				)
			},
			Self::PermissionDenied(what) => write!(
				f,
				"the operating system refuses access ({what}): check who owns the folder given by \
				 --base-path; ports below 1024 need a privilege",
			),
			Self::DiskFull(what) => write!(
				f,
				"no space is left on the disk ({what}): free some, or move the folder given by \
				 --base-path; the database itself is not harmed",
			),
			Self::NoNetworkKey(path) => write!(
				f,
				"a validator needs a lasting identity on the network, and `{}` does not exist. Make \
				 it once with\n  dam-node key generate-node-key --chain <CHAIN> --base-path <PATH>\n\
				 (the same --chain and --base-path as the node), or name an existing one with \
				 `--node-key-file <FILE>`.",
				path.display()
			),
			Self::DuplicateBootnode(what) => write!(
				f,
				"{what}. Two nodes cannot have one address: correct `bootNodes` in the chain \
				 specification, or the addresses given by --bootnodes.",
			),
			Self::EssentialTask => f.write_str(
				"a part without which the node cannot run has stopped; the log lines above say why",
			),
			Self::SpecDrift(files) => write!(
				f,
				"these chain specifications do not say what the runtime's presets say:\n  {}\n\
				 Write them again with `scripts/chain-specs`, and build the node again.",
				files.join("\n  ")
			),
			Self::Input(text) => f.write_str(text),
			Self::Other(error) => error.fmt(f),
		}
	}
}

impl From<SpecError> for Error {
	fn from(error: SpecError) -> Self {
		Self::Spec(error)
	}
}

impl From<PortInUse> for Error {
	fn from(error: PortInUse) -> Self {
		Self::PortInUse(error)
	}
}

impl From<sc_cli::Error> for Error {
	fn from(error: sc_cli::Error) -> Self {
		match error {
			sc_cli::Error::Service(error) => error.into(),
			sc_cli::Error::Client(error) => sc_service::Error::from(error).into(),
			sc_cli::Error::Io(error) => error.into(),
			sc_cli::Error::Application(error) => from_box(error),
			sc_cli::Error::NetworkKeyNotFound(path) => Self::NoNetworkKey(path),
			sc_cli::Error::Input(text) => {
				genesis_fault(&text).map_or(Self::Input(text), Self::Genesis)
			},
			other => Self::Other(other.into()),
		}
	}
}

impl From<sc_service::Error> for Error {
	fn from(error: sc_service::Error) -> Self {
		use sc_network::error::Error as NetworkError;
		match error {
			sc_service::Error::Client(sp_blockchain::Error::Backend(text))
				if text.contains(LOCKED) =>
			{
				Self::DatabaseLocked(None)
			},
			sc_service::Error::Client(sp_blockchain::Error::Storage(text)) => {
				genesis_fault(&text).map_or(Self::Other(text.into()), Self::Genesis)
			},
			sc_service::Error::Io(error) => error.into(),
			sc_service::Error::Network(NetworkError::Io(error)) => error.into(),
			sc_service::Error::Network(error @ NetworkError::DuplicateBootnode { .. }) => {
				Self::DuplicateBootnode(error.to_string())
			},
			sc_service::Error::Application(error) => from_box(error),
			sc_service::Error::Other(text) if text == ESSENTIAL => Self::EssentialTask,
			sc_service::Error::Other(text) => {
				genesis_fault(&text).map_or(Self::Input(text), Self::Genesis)
			},
			other => Self::Other(other.into()),
		}
	}
}

impl From<io::Error> for Error {
	fn from(error: io::Error) -> Self {
		match error.kind() {
			io::ErrorKind::AddrInUse => Self::PortTaken,
			io::ErrorKind::PermissionDenied => Self::PermissionDenied(error.to_string()),
			io::ErrorKind::StorageFull => Self::DiskFull(error.to_string()),
			_ => Self::Other(error.into()),
		}
	}
}

/// Words of ParityDB for a database that another process holds; no type survives to here.
const LOCKED: &str = "Database file is in use";

/// Words of the SDK's task manager.
const ESSENTIAL: &str = "Essential task failed.";

/// What the runtime says of a genesis that it refuses, without the position and the copy of the
/// whole genesis that follow: they are of an internal form, not of the file.
fn genesis_fault(text: &str) -> Option<String> {
	let (_, fault) = text.split_once("Invalid JSON blob: ")?;
	let end = [" at line ", " for blob"].iter().filter_map(|mark| fault.find(mark)).min();
	Some(fault[..end.unwrap_or(fault.len())].into())
}

fn from_box(error: Box<dyn StdError + Send + Sync>) -> Error {
	match error.downcast::<io::Error>() {
		Ok(error) => (*error).into(),
		Err(error) => match error.downcast::<Error>() {
			Ok(error) => *error,
			Err(error) => Error::Other(error),
		},
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn cli(error: sc_cli::Error) -> String {
		Error::from(error).to_string()
	}

	#[test]
	fn locked_database_should_name_its_path_and_the_way_out() {
		let locked = || sp_blockchain::Error::Backend(format!("{LOCKED}. (os error 11)"));
		for error in [
			Error::from(sc_service::Error::Client(locked())),
			Error::from(sc_cli::Error::Client(locked())),
			Error::from(sc_cli::Error::Service(locked().into())),
		] {
			let text = error.at_database(Some("/var/lib/dam/paritydb".into())).to_string();
			for part in ["/var/lib/dam/paritydb", "another dam-node", "--base-path"] {
				assert!(text.contains(part), "{text}");
			}
		}
	}

	#[test]
	fn refused_genesis_should_say_what_is_wrong_and_not_repeat_itself() {
		let fault = "Invalid JSON blob: unknown field `x`, expected `system` at line 1 column 2 \
			for blob:\n{ \"x\": 1 }";
		for error in [
			Error::from(sc_service::Error::Client(sp_blockchain::Error::Storage(fault.into()))),
			Error::from(sc_cli::Error::Input(fault.into())),
			Error::from(sc_service::Error::Other(fault.into())),
		] {
			let text = error.to_string();
			assert!(text.contains("unknown field `x`, expected `system`."), "{text}");
			assert!(!text.contains("blob"), "{text}");
		}
	}

	#[test]
	fn other_database_error_should_keep_its_words() {
		let error = sp_blockchain::Error::Backend("corrupted".into());
		assert!(cli(error.into()).contains("corrupted"));
	}

	#[test]
	fn used_port_should_be_recognized_behind_the_sdks_wrapping() {
		let used = || io::Error::from(io::ErrorKind::AddrInUse);
		for error in [
			Error::from(sc_service::Error::Application(used().into())),
			Error::from(sc_cli::Error::Io(used())),
			Error::from(sc_service::Error::Network(used().into())),
		] {
			assert!(matches!(error, Error::PortTaken), "{error}");
		}
	}

	#[test]
	fn missing_network_key_should_show_the_command_that_makes_it() {
		let text = cli(sc_cli::Error::NetworkKeyNotFound("/d/secret_ed25519".into()));
		assert!(text.contains("/d/secret_ed25519") && text.contains("generate-node-key"), "{text}");
	}

	#[test]
	fn system_failures_should_say_what_to_do() {
		let text = cli(io::Error::from(io::ErrorKind::PermissionDenied).into());
		assert!(text.contains("--base-path"), "{text}");
		let text = cli(io::Error::from(io::ErrorKind::StorageFull).into());
		assert!(text.contains("no space"), "{text}");
	}

	#[test]
	fn input_errors_should_lose_the_sdks_prefix() {
		assert_eq!(cli(sc_cli::Error::Input("say which chain".into())), "say which chain");
	}

	#[test]
	fn stopped_task_should_point_to_the_log() {
		let error = Error::from(sc_service::Error::Other(ESSENTIAL.into()));
		assert!(error.to_string().contains("log lines above"));
	}
}
