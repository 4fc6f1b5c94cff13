//! Getting documents from servers, gateways and files.

use std::{
	fs::{File, OpenOptions},
	io::{self, Read, Write},
	path::Path,
	time::Duration,
};

use dam_primitives::{Cid, Metadata};
use ureq::Agent;

use super::{parse, verify, verify_metadata, Address, ContentError, Proof};

/// Longest time that a fetch takes, from the name of the host to the last byte.
pub const TIMEOUT: Duration = Duration::from_secs(30);
/// Most redirects that a fetch follows.
pub const MAX_REDIRECTS: u32 = 5;

/// Fetches the document that `metadata` means, of at most `limit` bytes, and says what proves that
/// it is that.
///
/// Addresses on IPFS are asked from `gateway`, the URL of an HTTP gateway with or without `/ipfs` at
/// its end, which is not trusted.
///
/// # Errors
///
/// What [`verify_metadata`] gives, [`ContentError::NoGateway`], and everything that can go wrong on
/// the way to a server.
pub async fn fetch_metadata(
	metadata: &Metadata,
	gateway: Option<&str>,
	limit: u64,
) -> Result<(Vec<u8>, Proof), ContentError> {
	let url = match Address::of(&metadata.uri)? {
		Address::Web(url) => url,
		Address::Ipfs { cid, path } => at_gateway(gateway, &cid, &path)?,
	};
	let bytes = download(url, limit, TIMEOUT).await?;
	let proof = verify_metadata(&bytes, metadata)?;
	Ok((bytes, proof))
}

/// Fetches the document that `cid` names, of at most `limit` bytes, from `gateway`: see
/// [`fetch_metadata`].
///
/// # Errors
///
/// What [`verify_cid`](super::verify_cid) gives, [`ContentError::NoGateway`], and everything that
/// can go wrong on the way to a server.
pub async fn fetch_cid(
	cid: &Cid,
	gateway: Option<&str>,
	limit: u64,
) -> Result<Vec<u8>, ContentError> {
	let cid = parse(cid)?;
	let bytes = download(at_gateway(gateway, &cid, "")?, limit, TIMEOUT).await?;
	verify(&bytes, &cid)?;
	Ok(bytes)
}

/// Reads a file of at most `limit` bytes, for [`verify_metadata`] or
/// [`verify_cid`](super::verify_cid).
///
/// # Errors
///
/// [`ContentError::Io`] and [`ContentError::TooLarge`].
pub fn read(path: &Path, limit: u64) -> Result<Vec<u8>, ContentError> {
	let bytes = File::open(path).and_then(|file| read_at_most(file, limit));
	bytes
		.map_err(|cause| ContentError::Io { doing: "read", path: path.into(), cause })?
		.ok_or_else(|| ContentError::TooLarge { from: path.display().to_string(), limit })
}

/// Writes a document into a new file; an existing one is never overwritten.
///
/// # Errors
///
/// [`ContentError::Exists`] and [`ContentError::Io`].
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), ContentError> {
	let failed = |cause: io::Error| match cause.kind() {
		io::ErrorKind::AlreadyExists => ContentError::Exists(path.into()),
		_ => ContentError::Io { doing: "write", path: path.into(), cause },
	};
	let mut file = OpenOptions::new().write(true).create_new(true).open(path).map_err(failed)?;
	file.write_all(bytes).map_err(failed)
}

/// Everything that `reader` holds; `None` if that is more than `limit` bytes.
fn read_at_most(reader: impl Read, limit: u64) -> io::Result<Option<Vec<u8>>> {
	let mut bytes = Vec::new();
	reader.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
	Ok(Some(bytes).filter(|bytes| bytes.len() as u64 <= limit))
}

/// The URL of what stands at `path` below `cid`.
pub(super) fn at_gateway(
	gateway: Option<&str>,
	cid: &::cid::Cid,
	path: &str,
) -> Result<String, ContentError> {
	let gateway = gateway.ok_or_else(|| ContentError::NoGateway(format!("ipfs://{cid}{path}")))?;
	let invalid = || ContentError::InvalidGateway(gateway.into());
	let (scheme, host) = gateway.split_once("://").ok_or_else(invalid)?;
	let scheme = scheme.to_ascii_lowercase();
	let usable = matches!(scheme.as_str(), "http" | "https")
		&& !host.trim_matches('/').is_empty()
		&& !host.contains(['?', '#'])
		&& !host.contains(char::is_whitespace);
	if !usable {
		return Err(invalid());
	}
	let host = host.trim_end_matches('/');
	let host = host.strip_suffix("/ipfs").unwrap_or(host);
	Ok(format!("{scheme}://{host}/ipfs/{cid}{path}"))
}

/// What a `GET` of `url` returns, without blocking the caller's task.
pub(super) async fn download(
	url: String,
	limit: u64,
	timeout: Duration,
) -> Result<Vec<u8>, ContentError> {
	let name = url.clone();
	tokio::task::spawn_blocking(move || get(&url, limit, timeout))
		.await
		.unwrap_or_else(|cause| Err(ContentError::Http { url: name, cause: cause.into() }))
}

fn get(url: &str, limit: u64, timeout: Duration) -> Result<Vec<u8>, ContentError> {
	let agent: Agent = Agent::config_builder()
		.timeout_global(Some(timeout))
		.max_redirects(MAX_REDIRECTS)
		.user_agent(concat!("dam-device/", env!("CARGO_PKG_VERSION")))
		// The bytes are hashed as they come.
		.accept_encoding("identity")
		.build()
		.into();
	let response = agent.get(url).call().map_err(|error| explain(url, error))?;
	let status = response.status().as_u16();
	if status != 200 {
		return Err(ContentError::Status { url: url.into(), status });
	}
	// A failure of the transport travels inside the error of the reader.
	read_at_most(response.into_body().into_reader(), limit)
		.map_err(|error| explain(url, error.into()))?
		.ok_or_else(|| ContentError::TooLarge { from: url.into(), limit })
}

fn explain(url: &str, error: ureq::Error) -> ContentError {
	let url = url.to_owned();
	match error {
		ureq::Error::StatusCode(status) => ContentError::Status { url, status },
		ureq::Error::TooManyRedirects => ContentError::TooManyRedirects { url },
		ureq::Error::Timeout(_) => ContentError::TimedOut { url },
		cause => ContentError::Http { url, cause: cause.into() },
	}
}
