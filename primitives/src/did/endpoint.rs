//! Service endpoints as DID Core wants them: valid and normalized by RFC 3986.

use alloc::{
	format,
	string::{String, ToString},
};
use fluent_uri::Uri;

/// Schemes whose specification says that no path is the path `/`: RFC 9110, RFC 6455, RFC 7252 and
/// RFC 8323.
const EMPTY_PATH_IS_ROOT: [&str; 10] =
	["http", "https", "ws", "wss", "coap", "coaps", "coap+tcp", "coaps+tcp", "coap+ws", "coaps+ws"];
/// Schemes in which capital letters of the authority mean something, although RFC 3986 gives them no
/// meaning there.
const CASE_SENSITIVE: [&str; 2] = ["ipfs", "ipns"];

/// The normal form of an endpoint; `None` if it is no URI.
///
/// The chain looks at an endpoint's characters only, so that it may hold one that is no URI, such as
/// `http://[`.
pub(super) fn normalized(text: &str) -> Option<String> {
	let uri = Uri::parse(text).ok()?;
	let scheme = uri.scheme().as_str().to_ascii_lowercase();
	if CASE_SENSITIVE.contains(&scheme.as_str()) {
		return Some(format!("{scheme}{}", text.get(scheme.len()..)?));
	}
	let uri = uri.normalize();
	match uri.authority() {
		Some(authority)
			if uri.path().is_empty() && EMPTY_PATH_IS_ROOT.contains(&scheme.as_str()) =>
		{
			let origin = format!("{scheme}://{authority}");
			let rest = uri.as_str().get(origin.len()..)?;
			Some(format!("{origin}/{rest}"))
		},
		_ => Some(uri.to_string()),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn endpoint_should_take_its_normal_form() {
		for (text, normal) in [
			("HTTPS://Charger.Example", "https://charger.example/"),
			("https://charger.example:443?x=1#y", "https://charger.example/?x=1#y"),
			("https://charger.example:8443/a/../b/./c", "https://charger.example:8443/b/c"),
			("https://charger.example/%7epay%c3%a9", "https://charger.example/~pay%C3%A9"),
			("coap://[2001:DB8::1]:5683/kwh", "coap://[2001:db8::1]/kwh"),
			("coap://[2001:db8::1]", "coap://[2001:db8::1]/"),
			("mqtts://broker.example", "mqtts://broker.example"),
			(
				"urn:uuid:6E8BC430-9C3A-11D9-9669-0800200C9A66",
				"urn:uuid:6E8BC430-9C3A-11D9-9669-0800200C9A66",
			),
			("IPFS://QmYwAPJzv5CZsnA/x", "ipfs://QmYwAPJzv5CZsnA/x"),
			("did:dam:local:7", "did:dam:local:7"),
		] {
			assert_eq!(normalized(text).as_deref(), Some(normal), "{text}");
			assert_eq!(normalized(normal).as_deref(), Some(normal), "{normal}");
		}
	}

	#[test]
	fn endpoint_should_be_refused_when_it_is_no_uri() {
		for text in [
			"http://[",
			"http://a/[b]",
			"x:a#b#c",
			"http://a:b/",
			"relative/path",
			"http://a b",
			"",
		] {
			assert_eq!(normalized(text), None, "{text}");
		}
	}
}
