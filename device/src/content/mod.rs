//! Documents that the chain knows by hash: fetching them, and making sure that they are the ones
//! that were meant.
//!
//! No server and no gateway is trusted. What [`fetch_metadata`] and [`fetch_cid`] return has passed
//! [`verify_metadata`] or [`verify_cid`]; what comes from elsewhere, such as [`read`], the caller
//! passes through them.
//!
//! # What can be checked
//!
//! A [`Metadata`] holds the SHA-256 of the document, which always decides. A [`Cid`] is decided by
//!
//! * `raw` (0x55) with SHA-256 or BLAKE2b-256: the hash of the document;
//! * `dag-pb` (0x70) with SHA-256: the root of the UnixFS blocks that the usual tools cut a document
//!   into. The blocks are made again from the document, in each of the layouts that
//!   [`verify_cid`] lists.
//!
//! # What fetching reveals
//!
//! The address of a document is chosen by whoever speaks for the machine, and it may name hosts that
//! only this computer reaches. A fetch sends one `GET` without any secret to it, and nothing that it
//! returns gets through but the document that was meant. Fetch when somebody asks for a document,
//! not when a machine is merely seen.

mod fetch;
#[cfg(test)]
mod tests;
mod unixfs;

pub use fetch::{fetch_cid, fetch_metadata, read, write, MAX_REDIRECTS, TIMEOUT};

use std::{error::Error as StdError, io, path::PathBuf};

use dam_primitives::{Cid, Metadata, Uri};
use sha2::{Digest, Sha256};
use thiserror::Error;

/// Codec of a document that is one block of bytes.
const RAW: u64 = 0x55;
/// Codec of a document that is a tree of UnixFS blocks.
const DAG_PB: u64 = 0x70;
/// Multihash code of SHA-256.
const SHA2_256: u64 = 0x12;
/// Multihash code of BLAKE2b with 32 bytes.
const BLAKE2B_256: u64 = 0xb220;

/// Why a document was not fetched, or is not the one that was meant.
#[derive(Debug, Error)]
pub enum ContentError {
	/// Other bytes than those that were hashed.
	#[error(
		"this is not the document: its SHA-256 is 0x{found}, but the chain says 0x{expected}; fetch \
		 it again, perhaps from elsewhere, or ask the owner to register what changed"
	)]
	HashMismatch {
		/// What the chain says, in hexadecimal.
		expected: String,
		/// What the document has, in hexadecimal.
		found: String,
	},
	/// Other bytes than those that the CID names.
	#[error("this is not the document that {cid} names; fetch it again, perhaps from elsewhere")]
	CidMismatch {
		/// The content identifier.
		cid: String,
	},
	/// No layout of blocks that is known here leads to the CID. Either the document is another one,
	/// or it was cut into blocks in an unusual way.
	#[error(
		"no usual layout of blocks leads from this document to {cid}: it is another document, a \
		 directory, or was added with unusual settings; fetch it again, check it with an IPFS node \
		 (`ipfs get`), or ask for a CID made by `ipfs add --cid-version 1` with its defaults"
	)]
	UnknownLayout {
		/// The content identifier.
		cid: String,
	},
	/// A CID that cannot be checked here.
	#[error(
		"{cid} has codec {codec:#x} and hash {hash:#x}, of which documents cannot be checked here: \
		 raw (0x55) with sha2-256 (0x12) or blake2b-256 (0xb220), and dag-pb (0x70) with sha2-256 can"
	)]
	UnsupportedCid {
		/// The content identifier.
		cid: String,
		/// Its multicodec.
		codec: u64,
		/// The code of its multihash.
		hash: u64,
	},
	/// What should be a CID is none.
	#[error("`{0}` is no content identifier: whoever named it should replace it")]
	MalformedCid(String),
	/// The address is no URI, or one that leads out of the document's place.
	#[error("`{0}` is no address of a document: whoever named it should replace it")]
	InvalidUri(String),
	/// An address that needs another program.
	#[error(
		"`{0}` is not fetched here, only http://, https:// and ipfs:// are: fetch it otherwise and \
		 check the file"
	)]
	UnsupportedScheme(String),
	/// A document on IPFS, and no way there.
	#[error(
		"{0} lies on IPFS: name a gateway, such as http://127.0.0.1:8080 of a node of your own"
	)]
	NoGateway(String),
	/// What should be a gateway is none.
	#[error("`{0}` is no gateway: name one like https://ipfs.example, without a query")]
	InvalidGateway(String),
	/// More bytes than asked for.
	#[error("{from} is larger than {limit} bytes: allow more if you expect that")]
	TooLarge {
		/// Which file or address.
		from: String,
		/// How many bytes were allowed.
		limit: u64,
	},
	/// The server answered with something else than a document.
	#[error("{url} answers with status {status}")]
	Status {
		/// Which address.
		url: String,
		/// The status of HTTP.
		status: u16,
	},
	/// The server sends on and on.
	#[error("{url} redirects more than {MAX_REDIRECTS} times")]
	TooManyRedirects {
		/// Which address.
		url: String,
	},
	/// The server takes too long.
	#[error("{url} did not deliver within {} s", TIMEOUT.as_secs())]
	TimedOut {
		/// Which address.
		url: String,
	},
	/// Something else on the way to the server.
	#[error("cannot fetch {url}: {cause}")]
	Http {
		/// Which address.
		url: String,
		/// What went wrong.
		cause: Box<dyn StdError + Send + Sync>,
	},
	/// The file cannot be read or written.
	#[error("cannot {doing} {path}: {cause}")]
	Io {
		/// `read` or `write`.
		doing: &'static str,
		/// Which file.
		path: PathBuf,
		/// What the system said.
		cause: io::Error,
	},
	/// A file is already there.
	#[error("{0} exists already: choose another path or remove it")]
	Exists(PathBuf),
}

/// By what a document is proven to be the one that a [`Metadata`] means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Proof {
	/// By its SHA-256. The address names a place, not a content; a place within an IPFS directory is
	/// among them.
	Hash,
	/// By its SHA-256, and by the CID that its address is.
	HashAndCid,
}

/// SHA-256 of a document: what a [`Metadata`] holds of it.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
	Sha256::digest(bytes).into()
}

/// The CID of a document as one block of bytes: version 1, `raw`, SHA-256.
///
/// Tools that add a file to IPFS give it this CID as long as they do not cut it into several blocks:
/// `ipfs add --cid-version 1` up to 256 KiB at least.
pub fn raw_cid(bytes: &[u8]) -> Cid {
	let cid = [&[1, RAW as u8, SHA2_256 as u8, 32][..], &sha256(bytes)].concat();
	Cid(cid.try_into().expect("36 bytes are fewer than the 72 of the bound; qed"))
}

/// Makes sure that `bytes` are the document that `metadata` means.
///
/// They must have its SHA-256. If its address is `ipfs://<cid>`, they must also be what the CID
/// names: an address that contradicts the hash would fetch another document.
///
/// # Errors
///
/// [`ContentError::HashMismatch`]; for such addresses also [`ContentError::MalformedCid`] and what
/// [`verify_cid`] gives, although the hash is right.
pub fn verify_metadata(bytes: &[u8], metadata: &Metadata) -> Result<Proof, ContentError> {
	let found = sha256(bytes);
	if found != metadata.hash {
		return Err(ContentError::HashMismatch {
			expected: hex::encode(metadata.hash),
			found: hex::encode(found),
		});
	}
	match Address::of(&metadata.uri) {
		Ok(Address::Ipfs { cid, path }) if path.is_empty() => {
			verify(bytes, &cid)?;
			Ok(Proof::HashAndCid)
		},
		Err(error @ ContentError::MalformedCid(_)) => Err(error),
		_ => Ok(Proof::Hash),
	}
}

/// Makes sure that `bytes` are the document that `cid` names.
///
/// For `dag-pb`, the layouts are those of files that were added to IPFS by default: chunks of 256 KiB
/// under at most 174 links, as dag-pb or as raw leaves (`ipfs add`, with `--cid-version 1` or
/// `--raw-leaves`; the profile `unixfs-v0-2015`), and raw chunks of 1 MiB under at most 1,024 links
/// (the profile `unixfs-v1-2025`).
///
/// # Errors
///
/// [`ContentError::CidMismatch`], [`ContentError::UnknownLayout`],
/// [`ContentError::UnsupportedCid`], [`ContentError::MalformedCid`].
pub fn verify_cid(bytes: &[u8], cid: &Cid) -> Result<(), ContentError> {
	verify(bytes, &parse(cid)?)
}

fn verify(bytes: &[u8], cid: &::cid::Cid) -> Result<(), ContentError> {
	let digest = cid.hash().digest();
	let matches = match (cid.codec(), cid.hash().code()) {
		(RAW, SHA2_256) => *digest == sha256(bytes),
		(RAW, BLAKE2B_256) => {
			*digest == *blake2b_simd::Params::new().hash_length(32).hash(bytes).as_bytes()
		},
		(DAG_PB, SHA2_256) => {
			return if unixfs::leads_to(bytes, digest) {
				Ok(())
			} else {
				Err(ContentError::UnknownLayout { cid: cid.to_string() })
			}
		},
		(codec, hash) => {
			return Err(ContentError::UnsupportedCid { cid: cid.to_string(), codec, hash })
		},
	};
	if matches {
		Ok(())
	} else {
		Err(ContentError::CidMismatch { cid: cid.to_string() })
	}
}

/// The chain keeps any bytes: only those that are a CID from the first to the last will do.
fn parse(cid: &Cid) -> Result<::cid::Cid, ContentError> {
	::cid::Cid::try_from(cid.0.as_slice())
		.ok()
		.filter(|parsed| parsed.to_bytes() == cid.0.as_slice())
		.ok_or_else(|| ContentError::MalformedCid(hex::encode(&cid.0)))
}

/// Where a document is.
#[derive(Debug, PartialEq, Eq)]
enum Address {
	/// Wherever the URL leads.
	Web(String),
	/// On IPFS.
	Ipfs {
		/// The document itself, or the directory above it.
		cid: ::cid::Cid,
		/// The way down from there, with its leading slash; empty for the document itself.
		path: String,
	},
}

impl Address {
	fn of(uri: &Uri) -> Result<Self, ContentError> {
		let text = uri.to_text();
		if !uri.is_valid() {
			return Err(ContentError::InvalidUri(text));
		}
		// Servers never see the fragment.
		let address = text.split('#').next().unwrap_or_default();
		let (scheme, rest) =
			address.split_once(':').ok_or_else(|| ContentError::InvalidUri(text.clone()))?;
		let Some(rest) = rest.strip_prefix("//") else {
			return Err(ContentError::UnsupportedScheme(text));
		};
		match scheme.to_ascii_lowercase().as_str() {
			"http" | "https" => Ok(Self::Web(address.into())),
			"ipfs" => {
				// IPFS addresses have no query: what stands there is for browsers.
				let rest = rest.split('?').next().unwrap_or_default();
				let (cid, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
				let malformed = || ContentError::MalformedCid(cid.into());
				let cid = ::cid::Cid::try_from(cid).map_err(|_| malformed())?;
				if path.split('/').any(is_dots) {
					return Err(ContentError::InvalidUri(text));
				}
				let path = if path == "/" { String::new() } else { path.into() };
				Ok(Self::Ipfs { cid, path })
			},
			_ => Err(ContentError::UnsupportedScheme(text)),
		}
	}
}

/// Whether a segment of a path would lead a server upwards, and so out of the CID.
fn is_dots(segment: &str) -> bool {
	let plain = segment.to_ascii_lowercase().replace("%2e", ".");
	plain == "." || plain == ".."
}
