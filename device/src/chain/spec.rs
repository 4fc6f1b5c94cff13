//! The chain specification: which chain, and where its nodes are.

use std::{fs, path::Path};

use serde_json::{Map, Value};

use super::SpecError;

/// A raw chain specification, checked as far as that is possible without a network.
#[derive(Clone, Debug)]
pub struct ChainSpec {
	fields: Map<String, Value>,
}

impl ChainSpec {
	/// Reads a file.
	///
	/// # Errors
	/// See [`SpecError`].
	pub fn read(path: &Path) -> Result<Self, SpecError> {
		let bytes = fs::read(path).map_err(|cause| SpecError::Io { path: path.into(), cause })?;
		Self::parse(&bytes)
	}

	/// Reads JSON.
	///
	/// # Errors
	/// See [`SpecError`].
	pub fn parse(json: &[u8]) -> Result<Self, SpecError> {
		let fields: Map<String, Value> = serde_json::from_slice(json).map_err(SpecError::Syntax)?;
		if !fields.get("id").is_some_and(Value::is_string) {
			return Err(SpecError::Missing("id"));
		}
		let genesis = fields.get("genesis").ok_or(SpecError::Missing("genesis"))?;
		if genesis.get("raw").is_none() && genesis.get("stateRootHash").is_none() {
			return Err(SpecError::NotRaw);
		}
		Ok(Self { fields })
	}

	/// The network's id, for example `local`: the middle of its machines' DIDs.
	pub fn id(&self) -> &str {
		self.fields.get("id").and_then(Value::as_str).unwrap_or_default()
	}

	/// Addresses of the nodes that are dialled first.
	pub fn boot_nodes(&self) -> Vec<String> {
		self.fields
			.get("bootNodes")
			.and_then(Value::as_array)
			.into_iter()
			.flatten()
			.filter_map(|address| address.as_str().map(str::to_owned))
			.collect()
	}

	/// Adds addresses, `/…/p2p/<peer id>` each.
	///
	/// # Errors
	/// [`SpecError::BadBootNode`].
	pub fn add_boot_nodes<A: AsRef<str>>(
		&mut self,
		addresses: impl IntoIterator<Item = A>,
	) -> Result<(), SpecError> {
		let mut all = self.boot_nodes();
		for address in addresses {
			let address = address.as_ref();
			let peer = address.rsplit_once("/p2p/").map(|(_, peer)| peer);
			if !address.starts_with('/') || peer.is_none_or(|peer| peer.len() < 40) {
				return Err(SpecError::BadBootNode(address.into()));
			}
			if !all.iter().any(|known| known == address) {
				all.push(address.into());
			}
		}
		let all = all.into_iter().map(Value::String).collect();
		self.fields.insert("bootNodes".into(), Value::Array(all));
		Ok(())
	}

	/// The specification as JSON.
	pub fn to_json(&self) -> String {
		Value::Object(self.fields.clone()).to_string()
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	const NODE: &str =
		"/ip4/127.0.0.1/tcp/30333/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp";

	#[test]
	fn specifications_should_be_refused_with_the_reason() {
		for (json, expected) in [
			("", "complete JSON"),
			(r#"{"id": "dev", "genesis": {"raw": "#, "complete JSON"),
			("[]", "complete JSON"),
			("{}", "`id`"),
			(r#"{"id": "dev"}"#, "`genesis`"),
			(r#"{"id": "dev", "genesis": {"runtimeGenesis": {}}}"#, "not raw"),
		] {
			let error = ChainSpec::parse(json.as_bytes()).unwrap_err().to_string();
			assert!(error.contains(expected), "{json:?} gave {error:?}");
		}
	}

	#[test]
	fn boot_nodes_should_be_added_once_and_checked() {
		let mut spec =
			ChainSpec::parse(br#"{"id": "dev", "genesis": {"raw": {}}, "bootNodes": []}"#).unwrap();
		spec.add_boot_nodes([NODE, NODE]).unwrap();
		assert_eq!(spec.boot_nodes(), [NODE]);
		assert_eq!(ChainSpec::parse(spec.to_json().as_bytes()).unwrap().boot_nodes(), [NODE]);
		for bad in ["", "127.0.0.1:30333", "/ip4/127.0.0.1/tcp/30333", "/ip4/1.2.3.4/tcp/1/p2p/x"] {
			let refused = spec.add_boot_nodes([bad]);
			assert!(matches!(refused, Err(SpecError::BadBootNode(_))), "{bad}");
		}
	}
}
