//! Prometheus metrics of a node.

use std::{collections::BTreeMap, io, net::SocketAddr, time::Duration};

use tokio::{
	io::{AsyncReadExt, AsyncWriteExt},
	net::TcpStream,
};

/// A node that does not answer in this time does not answer.
const LIMIT: Duration = Duration::from_secs(10);

/// All samples of one moment.
#[derive(Clone, Debug, Default)]
pub struct Metrics {
	/// `name{labels}` as the node wrote it, and the value.
	samples: BTreeMap<String, f64>,
}

impl Metrics {
	/// Reads them from the node's exporter.
	pub(crate) async fn fetch(address: SocketAddr) -> io::Result<Self> {
		let request = async {
			let mut stream = TcpStream::connect(address).await?;
			stream
				.write_all(b"GET /metrics HTTP/1.0\r\nHost: localhost\r\nConnection: close\r\n\r\n")
				.await?;
			let mut text = String::new();
			stream.read_to_string(&mut text).await?;
			Ok::<_, io::Error>(text)
		};
		let text = tokio::time::timeout(LIMIT, request).await??;
		Ok(Self::parse(&text))
	}

	fn parse(text: &str) -> Self {
		let samples = text
			.lines()
			.filter(|line| !line.starts_with('#'))
			.filter_map(|line| {
				let (name, value) = line.trim().rsplit_once(' ')?;
				Some((name.to_owned(), value.parse().ok()?))
			})
			.collect();
		Self { samples }
	}

	/// The sum of a metric over the samples whose labels contain every one of `labels`
	/// (`key="value"`); `None` if there is no such sample.
	pub fn get(&self, name: &str, labels: &[&str]) -> Option<f64> {
		let mut found = self
			.samples
			.iter()
			.filter(|(sample, _)| {
				let (base, own) = sample.split_once('{').unwrap_or((sample, ""));
				base == name && labels.iter().all(|label| own.contains(label))
			})
			.map(|(_, value)| *value)
			.peekable();
		found.peek()?;
		Some(found.sum())
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	const TEXT: &str = "HTTP/1.0 200 OK\r\n\r\n# TYPE substrate_block_height gauge\n\
		substrate_block_height{status=\"best\",chain=\"local\"} 12\n\
		substrate_block_height{status=\"finalized\",chain=\"local\"} 10\n\
		substrate_sub_libp2p_peers_count 3\n";

	#[test]
	fn samples_should_be_found_by_name_and_labels() {
		let metrics = Metrics::parse(TEXT);
		assert_eq!(metrics.get("substrate_block_height", &["status=\"finalized\""]), Some(10.0));
		assert_eq!(metrics.get("substrate_block_height", &[]), Some(22.0));
		assert_eq!(metrics.get("substrate_sub_libp2p_peers_count", &[]), Some(3.0));
		assert_eq!(metrics.get("substrate_block", &[]), None);
	}
}
