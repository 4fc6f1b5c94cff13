//! The DID of a machine, `did:dam:<network>:<id>`, and the document to which it resolves.
//!
//! The method is specified in `docs/did-dam.md`. Data model: W3C Decentralized Identifiers 1.0. Keys
//! are in the Multikey form of W3C Controlled Identifiers 1.0 (multicodec prefix, base58-btc
//! multibase).
//!
//! Everything here is a function of what the runtime API shows of a machine: whoever has read that
//! with a proof, has a proven document.

mod document;
mod endpoint;
mod version;

pub use document::{multikey, not_found, resolve};

use alloc::string::{String, ToString};
use core::fmt;

use crate::MachineId;

/// Longest network of a [`Did`], in bytes.
pub const MAX_NETWORK_BYTES: usize = 64;

/// A parsed `did:dam:<network>:<id>`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Did {
	/// Id of the chain specification, for example `local`. At most [`MAX_NETWORK_BYTES`] lowercase
	/// letters, digits, hyphens and underscores.
	pub network: String,
	/// The machine.
	pub machine: MachineId,
}

/// Why a text is not a DID of this method.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DidError {
	/// It is a DID, but of another method.
	OtherMethod,
	/// It is no DID, or it is of this method without being `did:dam:<network>:<id>` with a decimal
	/// id.
	Malformed,
	/// It is a DID URL: behind the DID stands a path, a query or a fragment. To dereference it,
	/// resolve the DID in front of it and look up the rest in its document.
	Url,
}

impl fmt::Display for DidError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			Self::OtherMethod => "not a DID of the method `dam`: it must begin with `did:dam:`",
			Self::Malformed => {
				"malformed DID: expected `did:dam:<network>:<id>`, for example `did:dam:local:7`"
			},
			Self::Url => {
				"a DID URL, not a DID: leave out the path, query or fragment behind \
				 `did:dam:<network>:<id>`"
			},
		})
	}
}

impl core::error::Error for DidError {}

impl core::str::FromStr for Did {
	type Err = DidError;

	fn from_str(text: &str) -> Result<Self, DidError> {
		let rest = text.strip_prefix("did:").ok_or(DidError::Malformed)?;
		let (method, rest) = rest.split_once(':').ok_or(DidError::Malformed)?;
		let is_method = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
		if method.is_empty() || !method.bytes().all(is_method) {
			return Err(DidError::Malformed);
		}
		if method != "dam" {
			return Err(DidError::OtherMethod);
		}
		if rest.contains(['/', '?', '#']) {
			return Err(DidError::Url);
		}
		let (network, id) = rest.rsplit_once(':').ok_or(DidError::Malformed)?;
		// One spelling per machine: no sign, no leading zero.
		let machine: MachineId = id.parse().map_err(|_| DidError::Malformed)?;
		if !is_network(network) || machine.to_string() != id {
			return Err(DidError::Malformed);
		}
		Ok(Self { network: network.into(), machine })
	}
}

fn is_network(text: &str) -> bool {
	(1..=MAX_NETWORK_BYTES).contains(&text.len())
		&& text.bytes().all(|byte| {
			byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_')
		})
}

impl fmt::Display for Did {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "did:dam:{}:{}", self.network, self.machine)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use alloc::format;

	#[test]
	fn did_should_read_back_what_it_writes() {
		let did: Did = "did:dam:local:7".parse().unwrap();
		assert_eq!(did, Did { network: "local".into(), machine: 7 });
		assert_eq!(did.to_string(), "did:dam:local:7");
		let longest = format!("did:dam:{}:{}", "n".repeat(MAX_NETWORK_BYTES), MachineId::MAX);
		assert_eq!(longest.parse::<Did>().unwrap().to_string(), longest);
	}

	#[test]
	fn did_should_refuse_other_methods() {
		for text in ["did:web:example.org", "did:dam2:local:7", "did:key:z6Mk#z6Mk"] {
			assert_eq!(text.parse::<Did>(), Err(DidError::OtherMethod), "{text}");
		}
	}

	#[test]
	fn did_should_refuse_other_spellings() {
		let too_long = format!("did:dam:{}:7", "n".repeat(MAX_NETWORK_BYTES + 1));
		for text in [
			"",
			"7",
			"did",
			"did:",
			"did::local:7",
			"did:dam",
			"did:dam:",
			"did:dam:7",
			"did:dam::7",
			"did:dam:local:",
			"did:dam:local:07",
			"did:dam:local:+7",
			"did:dam:local:-7",
			"did:dam:local:7 ",
			" did:dam:local:7",
			"did:dam:local:18446744073709551616",
			"did:dam:Local:7",
			"did:dam:lo%63al:7",
			"did:dam:a:b:7",
			"did:dam:local:7;service=x",
			"did:dam:\u{e9}:7",
			"did:DAM:local:7",
			"DID:dam:local:7",
			too_long.as_str(),
		] {
			assert_eq!(text.parse::<Did>(), Err(DidError::Malformed), "{text}");
		}
	}

	#[test]
	fn did_should_refuse_did_urls() {
		for text in [
			"did:dam:local:7#key-0",
			"did:dam:local:7#",
			"did:dam:local:7?versionId=3",
			"did:dam:local:7?service=service-0",
			"did:dam:local:7/path",
			"did:dam:local:7/",
		] {
			assert_eq!(text.parse::<Did>(), Err(DidError::Url), "{text}");
		}
	}
}
