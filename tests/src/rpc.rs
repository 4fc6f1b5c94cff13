//! A node's JSON-RPC, as far as tests need it.

use std::time::Duration;

use codec::Decode;
use dam_primitives::{MachineId, QuotaInfo};
use jsonrpsee::{
	core::{client::ClientT, params::ArrayParams, ClientError},
	http_client::{HttpClient, HttpClientBuilder},
	rpc_params,
};
use serde_json::Value;

/// Why a node did not give the answer that was asked for.
#[derive(Debug, thiserror::Error)]
pub enum RpcError {
	/// The node refuses: its own code, message and data.
	#[error("{method}: error {code}: {message} {data}")]
	Refused {
		/// Method that was called.
		method: String,
		/// JSON-RPC error code.
		code: i32,
		/// Its message.
		message: String,
		/// What it adds; empty if nothing.
		data: String,
	},
	/// It could not be reached, or did not answer in time.
	#[error("{method}: {cause}")]
	Transport {
		/// Method that was called.
		method: String,
		/// Why.
		cause: ClientError,
	},
	/// The answer has another form.
	#[error("{method}: an answer of another form: {answer}")]
	Form {
		/// Method that was called.
		method: String,
		/// What came.
		answer: String,
	},
}

impl RpcError {
	/// Whether the pool refused a transaction with this `InvalidTransaction::Custom` code.
	pub fn is_custom_refusal(&self, code: u8) -> bool {
		matches!(self, Self::Refused { code: 1010, data, .. } if data.contains(&format!("Custom error: {code}")))
	}
}

/// A client of one node.
#[derive(Clone, Debug)]
pub struct Rpc {
	client: HttpClient,
	url: String,
}

impl Rpc {
	/// A client of the node at `http://…`. Connects with the first request.
	///
	/// # Panics
	/// If `url` is no URL.
	pub fn new(url: &str) -> Self {
		let client = HttpClientBuilder::default()
			.request_timeout(Duration::from_secs(60))
			.max_request_size(32 * 1024 * 1024)
			.max_response_size(64 * 1024 * 1024)
			.build(url)
			.unwrap_or_else(|error| panic!("{url}: {error}"));
		Self { client, url: url.into() }
	}

	/// `http://…` of the node.
	pub fn url(&self) -> &str {
		&self.url
	}

	/// Calls any method.
	///
	/// # Errors
	/// [`RpcError::Refused`], [`RpcError::Transport`].
	pub async fn call(&self, method: &str, parameters: ArrayParams) -> Result<Value, RpcError> {
		self.client.request(method, parameters).await.map_err(|error| match error {
			ClientError::Call(error) => RpcError::Refused {
				method: method.into(),
				code: error.code(),
				message: error.message().into(),
				data: error.data().map(|data| data.get().to_owned()).unwrap_or_default(),
			},
			cause => RpcError::Transport { method: method.into(), cause },
		})
	}

	/// Number and hash of the latest final block.
	///
	/// # Errors
	/// [`RpcError`].
	pub async fn finalized(&self) -> Result<(u32, String), RpcError> {
		let hash = self.text("chain_getFinalizedHead", rpc_params![]).await?;
		Ok((self.number(Some(&hash)).await?, hash))
	}

	/// Number of a block, or of the best one.
	///
	/// # Errors
	/// [`RpcError`].
	pub async fn number(&self, hash: Option<&str>) -> Result<u32, RpcError> {
		let header = self.call("chain_getHeader", rpc_params![hash]).await?;
		header["number"]
			.as_str()
			.and_then(|number| u32::from_str_radix(number.trim_start_matches("0x"), 16).ok())
			.ok_or_else(|| form("chain_getHeader", &header))
	}

	/// Hash of the block at that height; `None` if the node has none yet.
	///
	/// # Errors
	/// [`RpcError`].
	pub async fn block_hash(&self, number: u32) -> Result<Option<String>, RpcError> {
		let hash = self.call("chain_getBlockHash", rpc_params![number]).await?;
		Ok(hash.as_str().map(str::to_owned))
	}

	/// The extrinsics of a block.
	///
	/// # Errors
	/// [`RpcError`].
	pub async fn extrinsics(&self, hash: &str) -> Result<Vec<Vec<u8>>, RpcError> {
		/// The SDK writes an extrinsic as an array of numbers, older releases as hexadecimal text.
		fn bytes(extrinsic: &Value) -> Option<Vec<u8>> {
			match extrinsic {
				Value::String(text) => unhex(text),
				Value::Array(numbers) => {
					numbers.iter().map(|number| u8::try_from(number.as_u64()?).ok()).collect()
				},
				_ => None,
			}
		}
		let block = self.call("chain_getBlock", rpc_params![hash]).await?;
		block["block"]["extrinsics"]
			.as_array()
			.and_then(|all| all.iter().map(bytes).collect())
			.ok_or_else(|| form("chain_getBlock", &block))
	}

	/// Number of peers.
	///
	/// # Errors
	/// [`RpcError`].
	pub async fn peers(&self) -> Result<u64, RpcError> {
		let health = self.call("system_health", rpc_params![]).await?;
		health["peers"].as_u64().ok_or_else(|| form("system_health", &health))
	}

	/// `/ip4/…/p2p/…` at which the node listens on the loopback interface.
	///
	/// # Errors
	/// [`RpcError`].
	pub async fn p2p_address(&self) -> Result<String, RpcError> {
		let addresses = self.call("system_localListenAddresses", rpc_params![]).await?;
		addresses
			.as_array()
			.into_iter()
			.flatten()
			.filter_map(Value::as_str)
			.find(|address| address.starts_with("/ip4/127.0.0.1/tcp/") && address.contains("/p2p/"))
			.map(str::to_owned)
			.ok_or_else(|| form("system_localListenAddresses", &addresses))
	}

	/// Hands a signed extrinsic to the pool; its hash.
	///
	/// # Errors
	/// [`RpcError::Refused`] with the pool's reason, [`RpcError`].
	pub async fn submit(&self, extrinsic: &[u8]) -> Result<String, RpcError> {
		let bytes = format!("0x{}", hex::encode(extrinsic));
		self.text("author_submitExtrinsic", rpc_params![bytes]).await
	}

	/// Values at `keys` in the state after block `at`, in the order of the keys.
	///
	/// # Errors
	/// [`RpcError`].
	pub async fn storage(
		&self,
		keys: &[Vec<u8>],
		at: &str,
	) -> Result<Vec<Option<Vec<u8>>>, RpcError> {
		const METHOD: &str = "state_queryStorageAt";
		let hexed: Vec<String> = keys.iter().map(|key| format!("0x{}", hex::encode(key))).collect();
		let answer = self.call(METHOD, rpc_params![&hexed, at]).await?;
		let changes = answer[0]["changes"].as_array().ok_or_else(|| form(METHOD, &answer))?;
		let found: std::collections::HashMap<&str, &Value> =
			changes.iter().filter_map(|change| Some((change[0].as_str()?, &change[1]))).collect();
		hexed
			.iter()
			.map(|key| match found.get(key.as_str()).and_then(|value| value.as_str()) {
				None => Ok(None),
				Some(value) => unhex(value).map(Some).ok_or_else(|| form(METHOD, &answer)),
			})
			.collect()
	}

	/// Every key that begins with `prefix` in the state after block `at`.
	///
	/// # Errors
	/// [`RpcError`].
	pub async fn keys(&self, prefix: &[u8], at: &str) -> Result<Vec<Vec<u8>>, RpcError> {
		const METHOD: &str = "state_getKeysPaged";
		/// Most that a node gives at once.
		const PAGE: usize = 1000;
		let prefix = format!("0x{}", hex::encode(prefix));
		let mut all = Vec::new();
		let mut last: Option<String> = None;
		loop {
			let page = self.call(METHOD, rpc_params![&prefix, PAGE, &last, at]).await?;
			let keys = page.as_array().ok_or_else(|| form(METHOD, &page))?;
			for key in keys {
				let key = key.as_str().and_then(unhex).ok_or_else(|| form(METHOD, &page))?;
				all.push(key);
			}
			if keys.len() < PAGE {
				return Ok(all);
			}
			last = keys.last().and_then(Value::as_str).map(str::to_owned);
		}
	}

	/// One value of a known type, decoded.
	///
	/// # Errors
	/// [`RpcError`].
	pub async fn value<T: Decode>(&self, key: Vec<u8>, at: &str) -> Result<Option<T>, RpcError> {
		let value = self.storage(&[key], at).await?.remove(0);
		value
			.map(|bytes| {
				T::decode(&mut bytes.as_slice()).map_err(|error| RpcError::Form {
					method: "state_queryStorageAt".into(),
					answer: error.to_string(),
				})
			})
			.transpose()
	}

	/// The fee-free allowance of a machine after block `at`.
	///
	/// # Errors
	/// [`RpcError`].
	pub async fn quota(&self, machine: MachineId, at: &str) -> Result<Option<QuotaInfo>, RpcError> {
		const METHOD: &str = "state_call";
		let argument = format!("0x{}", hex::encode(codec::Encode::encode(&machine)));
		let answer = self.text(METHOD, rpc_params!["DamApi_quota", argument, at]).await?;
		unhex(&answer)
			.and_then(|bytes| Decode::decode(&mut bytes.as_slice()).ok())
			.ok_or_else(|| form(METHOD, &Value::String(answer)))
	}

	async fn text(&self, method: &str, parameters: ArrayParams) -> Result<String, RpcError> {
		let answer = self.call(method, parameters).await?;
		answer.as_str().map(str::to_owned).ok_or_else(|| form(method, &answer))
	}
}

fn unhex(text: &str) -> Option<Vec<u8>> {
	hex::decode(text.strip_prefix("0x")?).ok()
}

fn form(method: &str, answer: &Value) -> RpcError {
	let mut answer = answer.to_string();
	// Enough to see what it is; an answer may be megabytes long.
	if let Some((end, _)) = answer.char_indices().nth(300) {
		answer.truncate(end);
	}
	RpcError::Form { method: method.into(), answer }
}
