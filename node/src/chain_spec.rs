//! Which chain: the built-in networks, and specifications from files.
//!
//! A specification in `chain-specs/` is the genesis in readable JSON, without the runtime: a
//! compiled runtime would make the file megabytes long and different at every compiler run. The
//! node fills in its own runtime where `genesis.runtimeGenesis.code` is missing. What all nodes of
//! one network must share byte for byte is the raw form, `build-spec --raw`, which has everything.

use dam_primitives::DAM_DECIMALS;
use dam_runtime::{genesis_config_presets, opaque::Block, WASM_BINARY};
use polkadot_sdk::{sc_chain_spec, sc_client_api, sc_service, sc_sync_state_rpc, sp_core};
use sc_chain_spec::{ChainSpecExtension, ChainType};
use serde::{Deserialize, Serialize};
use serde_json::{json, Value};
use std::{
	fs, io,
	path::{Path, PathBuf},
};

/// What a specification of this chain holds beyond genesis and boot nodes.
#[derive(Default, Clone, Serialize, Deserialize, ChainSpecExtension)]
#[serde(rename_all = "camelCase")]
pub struct Extensions {
	/// Blocks that must have these hashes: a node that sees another one at that height refuses it.
	pub fork_blocks: sc_client_api::ForkBlocks<Block>,
	/// Blocks that are never imported.
	pub bad_blocks: sc_client_api::BadBlocks<Block>,
	/// A finalized checkpoint from which light clients start instead of genesis. Filled in by the
	/// RPC `sync_state_genSyncSpec`.
	pub light_sync_state: sc_sync_state_rpc::LightSyncStateExtension,
}

/// A specification of this chain.
pub type ChainSpec = sc_service::GenericChainSpec<Extensions>;

/// Prefix byte of this chain's addresses.
const SS58_FORMAT: u16 = 42;

/// A network that the program knows by name.
pub struct Network {
	/// Its id: after `--chain`, in DIDs, and as the folder of its database.
	pub id: &'static str,
	/// Its name for people.
	pub name: &'static str,
	/// Its file in `chain-specs/`, as it was at build time.
	pub embedded: &'static str,
	chain_type: ChainType,
	/// Genesis preset of the runtime.
	preset: &'static str,
}

/// The networks that the program knows by name.
pub const NETWORKS: [Network; 2] = [
	Network {
		id: "dev",
		name: "DAM Development",
		embedded: include_str!("../../chain-specs/dev.json"),
		chain_type: ChainType::Development,
		preset: genesis_config_presets::DEVELOPMENT,
	},
	Network {
		id: "local",
		name: "DAM Local",
		embedded: include_str!("../../chain-specs/local.json"),
		chain_type: ChainType::Local,
		preset: genesis_config_presets::LOCAL,
	},
];

impl Network {
	/// Name of its file in `chain-specs/`.
	pub fn file_name(&self) -> String {
		format!("{}.json", self.id)
	}

	/// What its file must say: built from the runtime's preset, without the runtime.
	pub fn preset_spec(&self) -> Result<Value, SpecError> {
		let properties = json!({
			"tokenSymbol": "DAM",
			"tokenDecimals": DAM_DECIMALS,
			"ss58Format": SS58_FORMAT,
		});
		let spec = ChainSpec::builder(own_runtime()?, Extensions::default())
			.with_name(self.name)
			.with_id(self.id)
			.with_chain_type(self.chain_type.clone())
			.with_properties(properties.as_object().cloned().unwrap_or_default())
			.with_genesis_config_preset_name(self.preset)
			.build();
		let refused = |reason| SpecError::Refused { origin: self.origin(), reason };
		let text = spec.as_json(false).map_err(refused)?;
		let mut json: Value =
			serde_json::from_str(&text).map_err(|error| refused(error.to_string()))?;
		if let Some(genesis) = runtime_genesis(&mut json) {
			genesis.remove("code");
		}
		Ok(json)
	}

	fn origin(&self) -> String {
		format!("the built-in specification `{}`", self.id)
	}
}

/// Why a specification cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SpecError {
	/// No chain was named.
	#[error(
		"say which chain: `--dev` for one of your own, `--chain local` for the local network of \
		 four validators, or `--chain <FILE>` with the specification of the network to join"
	)]
	NotChosen,
	/// Neither a built-in network nor a file.
	#[error(
		"there is no chain `{0}`: it is neither built in (`dev`, `local`) nor a file that exists; \
		 check the spelling after --chain"
	)]
	Unknown(String),
	/// The file is there but cannot be read.
	#[error("cannot read the chain specification `{path}`: {source}", path = .path.display())]
	Unreadable {
		/// The file.
		path: PathBuf,
		/// What the system says.
		source: io::Error,
	},
	/// Not JSON.
	#[error("{origin}, line {line}, column {column}: {reason}\n{advice}")]
	NotJson {
		/// Where it comes from.
		origin: String,
		/// Line, from 1.
		line: usize,
		/// Column, from 1.
		column: usize,
		/// What the parser says.
		reason: String,
		/// What to do.
		advice: &'static str,
	},
	/// JSON, but not a specification of this chain.
	#[error(
		"{origin} is not a chain specification: {reason}\n\
		 Compare it with what `dam-node export-chain-spec --chain local` prints."
	)]
	Refused {
		/// Where it comes from.
		origin: String,
		/// What is wrong.
		reason: String,
	},
	/// The program was built without the runtime.
	#[error(
		"this program was built without its runtime (SKIP_WASM_BUILD was set), and the \
		 specification does not bring one: build it again without that variable, or use a \
		 specification written by `build-spec --raw`"
	)]
	NoRuntime,
}

/// Finds the specification that `--chain` names.
///
/// # Errors
/// See [`SpecError`]; every text says where and what to do.
pub fn load(id: &str) -> Result<ChainSpec, SpecError> {
	if id.is_empty() {
		return Err(SpecError::NotChosen);
	}
	if let Some(network) = NETWORKS.iter().find(|network| network.id == id) {
		return read(network.embedded.as_bytes().to_vec(), &network.origin());
	}
	let path = Path::new(id);
	let json = fs::read(path).map_err(|source| match source.kind() {
		io::ErrorKind::NotFound => SpecError::Unknown(id.into()),
		_ => SpecError::Unreadable { path: path.into(), source },
	})?;
	read(json, &format!("`{id}`"))
}

/// Parses a specification and fills in this program's runtime if it lacks one.
fn read(json: Vec<u8>, origin: &str) -> Result<ChainSpec, SpecError> {
	let refused = |reason: String| SpecError::Refused { origin: origin.into(), reason };
	let mut spec: Value =
		serde_json::from_slice(&json).map_err(|error| not_json(origin, &error))?;
	let kinds = spec.get("genesis").and_then(Value::as_object);
	if !kinds.is_some_and(|kinds| kinds.contains_key("raw") || kinds.contains_key("runtimeGenesis"))
	{
		return Err(refused("`genesis` must hold `raw` or `runtimeGenesis`".into()));
	}
	let complete = if lacks_runtime(&mut spec) {
		let code = own_runtime()?;
		if let Some(genesis) = runtime_genesis(&mut spec) {
			genesis.insert("code".into(), Value::String(sp_core::bytes::to_hex(code, false)));
		}
		serde_json::to_vec(&spec).map_err(|error| refused(error.to_string()))?
	} else {
		json
	};
	ChainSpec::from_json_bytes(complete).map_err(|reason| {
		// The SDK's own prefix says nothing that ours does not.
		refused(reason.trim_start_matches("Error parsing spec file: ").into())
	})
}

fn not_json(origin: &str, error: &serde_json::Error) -> SpecError {
	let text = error.to_string();
	// The position is named apart.
	let reason = text.split(" at line ").next().unwrap_or(&text).to_string();
	let advice = if error.is_eof() {
		"The text ends too early: the file is cut off. Fetch or write it again."
	} else {
		"Correct it there, or write it again with `dam-node export-chain-spec --output <FILE>`."
	};
	SpecError::NotJson {
		origin: origin.into(),
		line: error.line(),
		column: error.column(),
		reason,
		advice,
	}
}

fn runtime_genesis(spec: &mut Value) -> Option<&mut serde_json::Map<String, Value>> {
	spec.get_mut("genesis")?.get_mut("runtimeGenesis")?.as_object_mut()
}

fn lacks_runtime(spec: &mut Value) -> bool {
	runtime_genesis(spec).is_some_and(|genesis| {
		matches!(genesis.get("code").and_then(Value::as_str), None | Some("" | "0x"))
	})
}

fn own_runtime() -> Result<&'static [u8], SpecError> {
	WASM_BINARY.ok_or(SpecError::NoRuntime)
}

/// The place of the first difference between two JSON texts, as a JSON pointer.
pub fn first_difference(left: &Value, right: &Value) -> Option<String> {
	match (left, right) {
		(Value::Object(left), Value::Object(right)) => {
			left.keys().chain(right.keys()).find_map(|key| {
				let below = match (left.get(key), right.get(key)) {
					(Some(left), Some(right)) => first_difference(left, right)?,
					_ => String::new(),
				};
				Some(format!("/{key}{below}"))
			})
		},
		(Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
			left.iter().zip(right).enumerate().find_map(|(index, (left, right))| {
				Some(format!("/{index}{}", first_difference(left, right)?))
			})
		},
		_ => (left != right).then(String::new),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use polkadot_sdk::sp_runtime::BuildStorage;
	use std::io::Write;

	fn file(content: &str) -> tempfile::NamedTempFile {
		let mut file = tempfile::NamedTempFile::new().unwrap();
		file.write_all(content.as_bytes()).unwrap();
		file
	}

	fn error_of(content: &str) -> SpecError {
		load(file(content).path().to_str().unwrap()).err().unwrap()
	}

	#[test]
	fn files_should_say_what_the_presets_say() {
		for network in &NETWORKS {
			let file: Value = serde_json::from_str(network.embedded).unwrap();
			let difference = first_difference(&file, &network.preset_spec().unwrap());
			assert_eq!(
				difference,
				None,
				"chain-specs/{} and the runtime's preset differ there; run scripts/chain-specs",
				network.file_name(),
			);
		}
	}

	#[test]
	fn built_in_networks_should_make_a_genesis() {
		for network in &NETWORKS {
			let spec = load(network.id).unwrap();
			assert_eq!(spec.id(), network.id);
			assert_eq!(spec.name(), network.name);
			let storage = spec.build_storage().unwrap();
			assert_eq!(storage.top.get(&b":code"[..]).map(Vec::as_slice), WASM_BINARY);
		}
	}

	#[test]
	fn file_without_runtime_should_make_the_same_genesis_as_the_built_in_network() {
		let copy = file(NETWORKS[1].embedded);
		let from_file = load(copy.path().to_str().unwrap()).unwrap();
		let built_in = load("local").unwrap();
		assert_eq!(from_file.build_storage().unwrap().top, built_in.build_storage().unwrap().top);
	}

	#[test]
	fn raw_specification_should_read_back() {
		let raw = file(&load("dev").unwrap().as_json(true).unwrap());
		let spec = load(raw.path().to_str().unwrap()).unwrap();
		assert_eq!(
			spec.build_storage().unwrap().top,
			load("dev").unwrap().build_storage().unwrap().top
		);
	}

	#[test]
	fn a_runtime_of_the_file_should_be_kept() {
		let mut spec: Value = serde_json::from_str(NETWORKS[0].embedded).unwrap();
		runtime_genesis(&mut spec).unwrap().insert("code".into(), json!("0x0102"));
		assert!(!lacks_runtime(&mut spec));
	}

	#[test]
	fn truncated_file_should_name_file_line_and_remedy() {
		let text = NETWORKS[0].embedded;
		let error = error_of(&text[..text.len() / 2]);
		assert!(matches!(error, SpecError::NotJson { line: 2.., .. }), "{error}");
		let text = error.to_string();
		assert!(text.contains("cut off") && text.contains("line"), "{text}");
	}

	#[test]
	fn other_json_should_be_refused() {
		assert!(matches!(error_of("{}"), SpecError::Refused { .. }));
		assert!(matches!(error_of("[1, 2]"), SpecError::Refused { .. }));
		let error = error_of(r#"{"genesis": {"raw": {"top": {}, "childrenDefault": {}}}}"#);
		assert!(error.to_string().contains("missing field"), "{error}");
	}

	#[test]
	fn unknown_and_missing_chain_should_say_what_there_is() {
		assert!(load("locale").err().unwrap().to_string().contains("`dev`, `local`"));
		assert!(load("").err().unwrap().to_string().contains("--chain"));
		let folder = tempfile::tempdir().unwrap();
		let error = load(folder.path().to_str().unwrap()).err().unwrap();
		assert!(matches!(error, SpecError::Unreadable { .. }), "{error}");
	}

	#[test]
	fn first_difference_should_point_to_it() {
		let left = json!({ "a": 1, "b": [1, { "c": 2 }] });
		assert_eq!(first_difference(&left, &left), None);
		assert_eq!(
			first_difference(&left, &json!({ "a": 1, "b": [1, { "c": 3 }] })),
			Some("/b/1/c".into())
		);
		assert_eq!(first_difference(&left, &json!({ "a": 1 })), Some("/b".into()));
		assert_eq!(first_difference(&json!([1]), &json!([1, 2])), Some("".into()));
	}
}
