//! Checks, before anything starts, that every port a node wants is free.
//!
//! The SDK takes another port without a word when the RPC port is used, shares the peer-to-peer
//! port with the other process (`SO_REUSEPORT`), and runs on without Prometheus. An operator then
//! talks to the wrong node. Here a used port is an error that names the flag to change.

use polkadot_sdk::{sc_network, sc_service};
use sc_network::{multiaddr::Protocol, Multiaddr};
use sc_service::Configuration;
use std::{
	fmt, io,
	net::{IpAddr, SocketAddr, TcpListener, UdpSocket},
};

/// What listens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Listener {
	/// JSON-RPC, HTTP and WebSocket.
	Rpc,
	/// Metrics.
	Prometheus,
	/// Other nodes and light clients.
	Peers,
}

impl Listener {
	/// The flag that moves it to another port.
	pub const fn flag(self) -> &'static str {
		match self {
			Self::Rpc => "--rpc-port",
			Self::Prometheus => "--prometheus-port",
			Self::Peers => "--port",
		}
	}
}

impl fmt::Display for Listener {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			Self::Rpc => "JSON-RPC",
			Self::Prometheus => "Prometheus metrics",
			Self::Peers => "connections of other nodes",
		})
	}
}

/// A port that another process uses.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
	"port {port} ({address}), wanted for {listener}, is used by another process: stop that one, \
	 or give this node another port with `{flag} <PORT>` (0 takes any free one)",
	port = .address.port(),
	flag = .listener.flag(),
)]
pub struct PortInUse {
	/// What was to listen there.
	pub listener: Listener,
	/// Where.
	pub address: SocketAddr,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Transport {
	Tcp,
	Udp,
}

/// Fails at the first port of `config` that another process uses.
pub fn check(config: &Configuration) -> Result<(), PortInUse> {
	let rpc = config
		.rpc
		.addr
		.iter()
		.flatten()
		.filter(|endpoint| !endpoint.is_optional && !endpoint.retry_random_port)
		.map(|endpoint| (Listener::Rpc, Transport::Tcp, endpoint.listen_addr));
	let prometheus = config
		.prometheus_config
		.iter()
		.map(|prometheus| (Listener::Prometheus, Transport::Tcp, prometheus.port));
	let peers = config
		.network
		.listen_addresses
		.iter()
		.filter_map(socket_address)
		.map(|(transport, address)| (Listener::Peers, transport, address));
	for (listener, transport, address) in rpc.chain(prometheus).chain(peers) {
		if is_used(transport, address) {
			return Err(PortInUse { listener, address });
		}
	}
	Ok(())
}

/// The socket of a multiaddress, if it begins with an IP address and a port.
fn socket_address(address: &Multiaddr) -> Option<(Transport, SocketAddr)> {
	let mut parts = address.iter();
	let ip: IpAddr = match parts.next()? {
		Protocol::Ip4(ip) => ip.into(),
		Protocol::Ip6(ip) => ip.into(),
		_ => return None,
	};
	match parts.next()? {
		Protocol::Tcp(port) => Some((Transport::Tcp, (ip, port).into())),
		Protocol::Udp(port) => Some((Transport::Udp, (ip, port).into())),
		_ => None,
	}
}

/// Other failures, such as a machine without IPv6, are for the listener itself to report.
fn is_used(transport: Transport, address: SocketAddr) -> bool {
	let bound = match transport {
		Transport::Tcp => TcpListener::bind(address).map(drop),
		Transport::Udp => UdpSocket::bind(address).map(drop),
	};
	bound.is_err_and(|error| error.kind() == io::ErrorKind::AddrInUse)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn port_should_be_used_only_while_somebody_listens() {
		let holder = TcpListener::bind("127.0.0.1:0").unwrap();
		let address = holder.local_addr().unwrap();
		assert!(is_used(Transport::Tcp, address));
		drop(holder);
		assert!(!is_used(Transport::Tcp, address));
	}

	#[test]
	fn port_zero_should_always_be_free() {
		assert!(!is_used(Transport::Tcp, "127.0.0.1:0".parse().unwrap()));
		assert!(!is_used(Transport::Udp, "127.0.0.1:0".parse().unwrap()));
	}

	#[test]
	fn multiaddresses_should_give_their_sockets() {
		let socket = |text: &str| socket_address(&text.parse().unwrap());
		assert_eq!(
			socket("/ip4/0.0.0.0/tcp/30333/ws"),
			Some((Transport::Tcp, "0.0.0.0:30333".parse().unwrap()))
		);
		assert_eq!(
			socket("/ip6/::/udp/30333/webrtc-direct"),
			Some((Transport::Udp, "[::]:30333".parse().unwrap()))
		);
		assert_eq!(socket("/dns/example.org/tcp/30333"), None);
	}

	#[test]
	fn message_should_name_port_purpose_and_flag() {
		let text =
			PortInUse { listener: Listener::Rpc, address: "127.0.0.1:9944".parse().unwrap() }
				.to_string();
		for part in ["9944", "JSON-RPC", "--rpc-port"] {
			assert!(text.contains(part), "{text}");
		}
	}
}
