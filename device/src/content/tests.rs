use std::{
	io::{Read, Write},
	net::{SocketAddr, TcpListener, TcpStream},
	thread,
	time::{Duration, Instant},
};

use super::{
	fetch::{at_gateway, download},
	*,
};

const KIB: usize = 1024;

/// `bafkreif…` and `Qmf…` name these bytes.
const HELLO: &[u8] = b"hello world";
const HELLO_RAW: &str = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e";
const HELLO_V0: &str = "Qmf412jQZiuVUtdgnB36FXFX7xg5V6KEbSJ4dpQuhkLyfD";
/// Another document's.
const OTHER_RAW: &str = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku";

fn cid(text: &str) -> Cid {
	text.parse().unwrap()
}

fn document(size: usize) -> Vec<u8> {
	(0..size).map(|i| (i * 31 + (i >> 8) * 7 + (i >> 16) * 13) as u8).collect()
}

fn metadata(bytes: &[u8], uri: &str) -> Metadata {
	Metadata { hash: Sha256::digest(bytes).into(), uri: Uri::try_from(uri).unwrap() }
}

/// A server that answers every request with what `answer` makes of its path.
fn serve(answer: impl Fn(&str, &mut TcpStream) + Send + 'static) -> SocketAddr {
	let listener = TcpListener::bind("127.0.0.1:0").unwrap();
	let address = listener.local_addr().unwrap();
	thread::spawn(move || {
		for stream in listener.incoming() {
			let mut stream = stream.unwrap();
			let mut request = Vec::new();
			let mut byte = [0];
			while !request.ends_with(b"\r\n\r\n") {
				match stream.read(&mut byte) {
					Ok(1) => request.push(byte[0]),
					_ => break,
				}
			}
			let request = String::from_utf8_lossy(&request).into_owned();
			answer(request.split(' ').nth(1).unwrap_or_default(), &mut stream);
		}
	});
	address
}

fn send(stream: &mut TcpStream, head: &str, body: &[u8]) {
	// The client may hang up as soon as it has seen enough.
	let _ = stream
		.write_all(format!("HTTP/1.1 {head}\r\nConnection: close\r\n\r\n").as_bytes())
		.and_then(|()| stream.write_all(body));
}

fn send_document(stream: &mut TcpStream, body: &[u8]) {
	send(stream, &format!("200 OK\r\nContent-Length: {}", body.len()), body);
}

#[test]
fn files_should_match_their_cids_in_every_usual_layout() {
	// Made with npm's ipfs-unixfs-importer 15.
	for (size, cids) in [
		(
			0,
			&[
				"QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH",
				"bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku",
			][..],
		),
		(
			256 * KIB,
			&[
				"QmR7mwzKpt7e4UKRMjGKnEExpjq4Ykf6LYwoMmyQ3P3HEf",
				"bafkreiczgstydfoazwtvftp4xsly5nbucgh3deeplmt4klmhxy6mold4yi",
				"bafybeibji2zcdenqv36tdbtkgzpxovualg5g7wefocifoeymcsbuznx4ba",
			],
		),
		(
			256 * KIB + 1,
			&[
				"QmT2Vf8Pxn4TDcB3eBvfqK7YWhQhm21efgytY8QdXxLkws",
				"bafybeihn3jdjr7ug74plqriwu5bxd4srbljuhif3fpoj4o3ym4lvzrps5u",
				"QmeM8NtCmYw5vPDjtRTWv883RpT14THKdTTXRUiwDVEhzU",
				"bafybeidybqljlzfit2xybq5trfxpdgfkwcal5o7ktu4uzfv5vnjrh4baly",
				"bafkreibkbyqconupvr2q5o6afkzenktqygspxqunrgqofx35rczbyvt3fa",
			],
		),
		(
			1024 * KIB + 1,
			&[
				"Qmdjzsh2Sh9BkueseRfXcpQCy2i6PTaP42AvLWCmX64tjM",
				"bafybeifcxjkuqfjgoiezvfeig7adlkochc2dqy7epawey4tkd225b7u5fq",
			],
		),
		// The most that one node links to, and a byte more.
		(174 * 256 * KIB, &["QmanGGvBsKN1QXPiRAQxSk9JxMept7RfPZNxEmBZpqY1Yy"]),
		(
			174 * 256 * KIB + 1,
			&[
				"QmRKVJ1hvesMutcjEyAphKJsGNzBoedjsqtEDraoY6r5nr",
				"bafybeie7ejyd2kdeqivydjroem3zyxp2zhbvjbyz4lojfyg6qmnvxo252a",
				"Qmc2DMyeGJNVQzB7b9nB5W1BPwHGNwtSCUDzaDmNZsh4us",
			],
		),
	] {
		let document = document(size);
		for text in cids {
			verify_cid(&document, &cid(text)).unwrap_or_else(|error| panic!("{size}: {error}"));
		}
	}
}

#[test]
fn raw_blocks_should_match_by_either_hash() {
	for text in [HELLO_RAW, "bafk2bzaceaswza5ss4iu2ia3galz6pyo6dfm5f4dmiw2lf2de22dmf4k533ba"] {
		assert!(verify_cid(HELLO, &cid(text)).is_ok(), "{text}");
		assert!(matches!(
			verify_cid(b"hello world\n", &cid(text)),
			Err(ContentError::CidMismatch { cid }) if cid == text
		));
	}
}

#[test]
fn documents_should_have_the_hash_and_the_cid_that_other_tools_give_them() {
	assert_eq!(
		hex::encode(sha256(HELLO)),
		"b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"
	);
	for (document, expected) in [
		(HELLO.to_vec(), HELLO_RAW),
		(Vec::new(), OTHER_RAW),
		(document(256 * KIB), "bafkreiczgstydfoazwtvftp4xsly5nbucgh3deeplmt4klmhxy6mold4yi"),
	] {
		assert_eq!(raw_cid(&document).to_text(), expected);
		verify_cid(&document, &raw_cid(&document)).unwrap();
	}
}

#[test]
fn changed_documents_should_match_no_more() {
	let original = document(256 * KIB + 1);
	let (mut changed, mut longer) = (original.clone(), original.clone());
	*changed.last_mut().unwrap() ^= 1;
	longer.push(0);
	for bytes in [&changed[..], &longer, &original[1..], &original[..256 * KIB], b""] {
		for text in [
			"QmT2Vf8Pxn4TDcB3eBvfqK7YWhQhm21efgytY8QdXxLkws",
			"bafybeihn3jdjr7ug74plqriwu5bxd4srbljuhif3fpoj4o3ym4lvzrps5u",
		] {
			assert!(matches!(
				verify_cid(bytes, &cid(text)),
				Err(ContentError::UnknownLayout { cid }) if cid == text
			));
		}
	}
	// The bare hash of a document is no dag-pb node of it, and the other way round.
	let raw: ::cid::Cid = HELLO_RAW.try_into().unwrap();
	let v0: ::cid::Cid = HELLO_V0.try_into().unwrap();
	let swapped = |codec, of: &::cid::Cid| ::cid::Cid::new_v1(codec, *of.hash());
	assert!(verify(HELLO, &raw).is_ok() && verify(HELLO, &v0).is_ok());
	assert!(matches!(
		verify(HELLO, &swapped(DAG_PB, &raw)),
		Err(ContentError::UnknownLayout { .. })
	));
	assert!(matches!(verify(HELLO, &swapped(RAW, &v0)), Err(ContentError::CidMismatch { .. })));
	// Version 1 of the same node is the same document.
	assert!(verify(HELLO, &swapped(DAG_PB, &v0)).is_ok());
}

#[test]
fn cids_that_cannot_be_checked_should_be_named_as_such() {
	for (text, (expected_codec, expected_hash)) in [
		// SHA-512, dag-cbor, identity, and dag-pb by BLAKE2b.
		(
			"bafkrgqbqt3gerhas23vuzrapkdeqf4vu2dwxp3srdj6hvg6nhsug2tgyn6mj3u23yx7utft\
			 q3i2ckw2fwdh5qmhid5qf3t35yvkc5e5ottlw6",
			(RAW, 0x13),
		),
		("bafyreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e", (0x71, SHA2_256)),
		("bafkqac3imvwgy3zao5xxe3de", (RAW, 0)),
		("bafykbzaceaswza5ss4iu2ia3galz6pyo6dfm5f4dmiw2lf2de22dmf4k533ba", (DAG_PB, BLAKE2B_256)),
	] {
		assert!(
			matches!(
				verify_cid(HELLO, &cid(text)),
				Err(ContentError::UnsupportedCid { codec, hash, .. })
					if (codec, hash) == (expected_codec, expected_hash)
			),
			"{text}"
		);
	}
}

#[test]
fn bytes_that_are_no_cid_should_be_refused() {
	let raw = cid(HELLO_RAW).0.into_inner();
	let longer = [&raw[..], &[0]].concat();
	for bytes in [&b""[..], b"hello", HELLO_RAW.as_bytes(), &raw[..35], &longer] {
		let bytes = Cid(bytes.to_vec().try_into().unwrap());
		assert!(matches!(verify_cid(HELLO, &bytes), Err(ContentError::MalformedCid(_))));
	}
	// A hash that was cut short proves too little, although its bytes agree.
	let short = [&[1, 0x55, 0x12, 20][..], &raw[4..24]].concat();
	let short = Cid(short.try_into().unwrap());
	assert!(matches!(verify_cid(HELLO, &short), Err(ContentError::CidMismatch { .. })));
}

#[test]
fn metadata_should_be_proven_by_its_hash_and_by_its_cid_if_that_is_all_the_address() {
	let proof = |uri: &str| verify_metadata(HELLO, &metadata(HELLO, uri)).unwrap();
	for uri in [
		format!("ipfs://{HELLO_RAW}"),
		format!("IPFS://{HELLO_RAW}/"),
		format!("ipfs://{HELLO_V0}?filename=a.json"),
		format!("ipfs://{HELLO_V0}#top"),
	] {
		assert_eq!(proof(&uri), Proof::HashAndCid, "{uri}");
	}
	for uri in [
		"https://maker.example/charger.json".into(),
		"coap://[::1]/doc".into(),
		"urn:isbn:0451450523".into(),
		// A directory and what is in it: the directory's blocks are not here.
		format!("ipfs://{OTHER_RAW}/charger.json"),
	] {
		assert_eq!(proof(&uri), Proof::Hash, "{uri}");
	}
}

#[test]
fn metadata_should_be_refused_when_hash_or_cid_say_something_else() {
	let other = metadata(b"hello worlds", &format!("ipfs://{HELLO_RAW}"));
	assert!(matches!(
		verify_metadata(HELLO, &other),
		Err(ContentError::HashMismatch { found, .. })
			if found == "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"
	));
	let refused = |uri: &str| verify_metadata(HELLO, &metadata(HELLO, uri)).unwrap_err();
	assert!(matches!(
		refused(&format!("ipfs://{OTHER_RAW}")),
		ContentError::CidMismatch { cid } if cid == OTHER_RAW
	));
	assert!(matches!(
		refused("ipfs://QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH"),
		ContentError::UnknownLayout { .. }
	));
	assert!(
		matches!(refused("ipfs://charger"), ContentError::MalformedCid(text) if text == "charger")
	);
}

#[test]
fn gateways_should_be_asked_below_ipfs() {
	let document: ::cid::Cid = HELLO_RAW.try_into().unwrap();
	let at = |gateway| at_gateway(gateway, &document, "/a").unwrap();
	for gateway in [
		"http://127.0.0.1:8080",
		"http://127.0.0.1:8080/",
		"HTTP://127.0.0.1:8080/ipfs",
		"http://127.0.0.1:8080/ipfs/",
	] {
		assert_eq!(at(Some(gateway)), format!("http://127.0.0.1:8080/ipfs/{HELLO_RAW}/a"));
	}
	assert_eq!(
		at(Some("https://gateway.example/token")),
		format!("https://gateway.example/token/ipfs/{HELLO_RAW}/a")
	);
	for gateway in [
		"",
		"gateway.example",
		"ftp://gateway.example",
		"http://",
		"https:///",
		"http://a?b",
		"http://a b",
	] {
		assert!(
			matches!(
				at_gateway(Some(gateway), &document, ""),
				Err(ContentError::InvalidGateway(text)) if text == gateway
			),
			"{gateway}"
		);
	}
	assert!(matches!(
		at_gateway(None, &document, ""),
		Err(ContentError::NoGateway(text)) if text == format!("ipfs://{HELLO_RAW}")
	));
}

#[test]
fn addresses_should_not_lead_out_of_their_place() {
	let address = |text: &str| Address::of(&Uri::try_from(text).unwrap());
	for bad in ["", "charger.json", "http:", "http://a b"] {
		assert!(matches!(address(bad), Err(ContentError::InvalidUri(_))), "{bad}");
	}
	for way_out in ["/..", "/a/../b", "/.", "/%2e%2E/x", "/a/.%2e"] {
		let bad = format!("ipfs://{HELLO_RAW}{way_out}");
		assert!(matches!(address(&bad), Err(ContentError::InvalidUri(_))), "{bad}");
	}
	for other in ["ftp://a/b", "file:///etc/passwd", "data:text/plain,a", "ipns://a", "https:a"] {
		assert!(matches!(address(other), Err(ContentError::UnsupportedScheme(_))), "{other}");
	}
	assert_eq!(address("HTTPS://a/b?c#d").unwrap(), Address::Web("HTTPS://a/b?c".into()));
	assert_eq!(
		address(&format!("ipfs://{HELLO_V0}/a/..b/c?d#e")).unwrap(),
		Address::Ipfs { cid: HELLO_V0.try_into().unwrap(), path: "/a/..b/c".into() }
	);
}

#[tokio::test]
async fn fetch_should_return_what_was_meant_and_nothing_else() {
	let server = serve(|path, stream| match path {
		"/charger.json" => send_document(stream, HELLO),
		"/forged.json" => send_document(stream, b"goodbye"),
		path if path == format!("/ipfs/{HELLO_RAW}") => send_document(stream, HELLO),
		path if path == format!("/ipfs/{HELLO_V0}/charger.json") => send_document(stream, HELLO),
		path if path == format!("/ipfs/{OTHER_RAW}") => send_document(stream, b"goodbye"),
		_ => send(stream, "404 Not Found\r\nContent-Length: 0", b""),
	});
	let gateway = format!("http://{server}");
	let fetch = |uri: String| {
		let gateway = &gateway;
		async move { fetch_metadata(&metadata(HELLO, &uri), Some(gateway), 100).await }
	};

	let (bytes, proof) = fetch(format!("http://{server}/charger.json#top")).await.unwrap();
	assert_eq!((bytes.as_slice(), proof), (HELLO, Proof::Hash));
	let (bytes, proof) = fetch(format!("ipfs://{HELLO_RAW}")).await.unwrap();
	assert_eq!((bytes.as_slice(), proof), (HELLO, Proof::HashAndCid));
	let (bytes, proof) = fetch(format!("ipfs://{HELLO_V0}/charger.json")).await.unwrap();
	assert_eq!((bytes.as_slice(), proof), (HELLO, Proof::Hash));
	assert_eq!(fetch_cid(&cid(HELLO_RAW), Some(&gateway), 100).await.unwrap(), HELLO);

	assert!(matches!(
		fetch(format!("http://{server}/forged.json")).await,
		Err(ContentError::HashMismatch { .. })
	));
	assert!(matches!(
		fetch_cid(&cid(OTHER_RAW), Some(&gateway), 100).await,
		Err(ContentError::CidMismatch { .. })
	));
	assert!(matches!(
		fetch_cid(&cid(HELLO_V0), Some(&gateway), 100).await,
		Err(ContentError::Status { status: 404, .. })
	));
	assert!(matches!(fetch_cid(&cid(HELLO_RAW), None, 100).await, Err(ContentError::NoGateway(_))));
	assert!(matches!(fetch("ftp://a/b".into()).await, Err(ContentError::UnsupportedScheme(_))));
}

#[tokio::test]
async fn fetch_should_end_when_the_document_is_larger_than_allowed() {
	let server = serve(|path, stream| match path {
		"/declared" => send_document(stream, &document(10)),
		"/boasted" => send(stream, "200 OK\r\nContent-Length: 99999999999", &document(1_000)),
		// No length at all: the end of the connection ends the document.
		"/undeclared" => send(stream, "200 OK", &document(10)),
		"/chunked" => send(
			stream,
			"200 OK\r\nTransfer-Encoding: chunked",
			b"5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n",
		),
		_ => {
			send(stream, "200 OK", b"");
			// Endless.
			while stream.write_all(&[0; 4_096]).is_ok() {}
		},
	});
	let get = |path: &str, limit| download(format!("http://{server}/{path}"), limit, TIMEOUT);
	for path in ["declared", "undeclared", "chunked"] {
		assert_eq!(get(path, 10).await.unwrap().len(), 10, "{path}");
		assert_eq!(get(path, u64::MAX).await.unwrap().len(), 10, "{path}");
	}
	for path in ["declared", "undeclared", "chunked", "boasted", "endless"] {
		for limit in [0, 9] {
			assert!(
				matches!(get(path, limit).await, Err(ContentError::TooLarge { limit: 9 | 0, .. })),
				"{path}"
			);
		}
	}
}

#[tokio::test]
async fn fetch_should_fail_when_the_document_ends_early() {
	let server = serve(|_, stream| send(stream, "200 OK\r\nContent-Length: 20", &document(10)));
	assert!(matches!(
		download(format!("http://{server}/"), 100, TIMEOUT).await,
		Err(ContentError::Http { .. })
	));
}

#[tokio::test]
async fn fetch_should_follow_a_few_redirects_and_no_more() {
	// `/n` leads to `/n-1`, and `/0` is the document.
	let server = serve(|path, stream| match path[1..].parse::<u32>() {
		Ok(0) => send_document(stream, HELLO),
		Ok(n) => {
			send(stream, &format!("302 Found\r\nLocation: /{}\r\nContent-Length: 0", n - 1), b"")
		},
		Err(_) if path == "/file" => send(
			stream,
			"301 Moved Permanently\r\nLocation: file:///etc/hostname\r\nContent-Length: 0",
			b"",
		),
		Err(_) => send(stream, "302 Found\r\nContent-Length: 0", b""),
	});
	let get = |path: &str| download(format!("http://{server}/{path}"), 100, TIMEOUT);
	assert_eq!(get("0").await.unwrap(), HELLO);
	assert_eq!(get(&MAX_REDIRECTS.to_string()).await.unwrap(), HELLO);
	for endless in [MAX_REDIRECTS + 1, 1_000] {
		assert!(matches!(
			get(&endless.to_string()).await,
			Err(ContentError::TooManyRedirects { .. })
		));
	}
	assert!(matches!(get("file").await, Err(ContentError::Http { .. })));
	let nowhere = get("nowhere").await;
	assert!(
		matches!(
			nowhere,
			Err(ContentError::Status { status: 302, .. } | ContentError::Http { .. })
		),
		"{nowhere:?}"
	);
}

#[tokio::test]
async fn fetch_should_name_every_status_but_success() {
	let server = serve(|path, stream| {
		send(stream, &format!("{} Whatever\r\nContent-Length: 11", &path[1..]), HELLO)
	});
	for expected in [201, 206, 400, 403, 410, 429, 500, 503] {
		let fetched = download(format!("http://{server}/{expected}"), 100, TIMEOUT).await;
		assert!(
			matches!(fetched, Err(ContentError::Status { status, .. }) if status == expected),
			"{expected}: {fetched:?}"
		);
	}
}

#[tokio::test]
async fn fetch_should_give_up_when_the_server_stalls() {
	const PATIENCE: Duration = Duration::from_millis(300);
	let server = serve(|path, stream| {
		if path == "/drip" {
			send(stream, "200 OK\r\nContent-Length: 1000", b"");
			while stream.write_all(&[0]).is_ok() {
				thread::sleep(Duration::from_millis(20));
			}
		}
		thread::sleep(Duration::from_secs(2));
	});
	for path in ["drip", "silence"] {
		let start = Instant::now();
		let fetched = download(format!("http://{server}/{path}"), 10_000, PATIENCE).await;
		assert!(matches!(fetched, Err(ContentError::TimedOut { .. })), "{path}: {fetched:?}");
		assert!(start.elapsed() >= PATIENCE, "{path} ended early");
	}
}

#[tokio::test]
async fn fetch_should_say_what_is_wrong_with_the_connection() {
	// A port that was free a moment ago.
	let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
	assert!(matches!(
		download(format!("http://{closed}/"), 100, TIMEOUT).await,
		Err(ContentError::Http { .. })
	));
	// TLS is spoken to https, so a server without it is refused.
	let plain = serve(|_, stream| send_document(stream, HELLO));
	let refused = download(format!("https://{plain}/"), 100, Duration::from_secs(5)).await;
	assert!(
		matches!(refused, Err(ContentError::Http { .. } | ContentError::TimedOut { .. })),
		"{refused:?}"
	);
	// Not HTTP at all.
	let rubbish = serve(|_, stream| drop(stream.write_all(b"SSH-2.0-OpenSSH\r\n\r\n")));
	assert!(matches!(
		download(format!("http://{rubbish}/"), 100, TIMEOUT).await,
		Err(ContentError::Http { .. })
	));
}

#[test]
fn wrong_documents_should_be_told_from_wrong_commands() {
	let error = |error: ContentError| {
		let error = crate::Error::from(error);
		(error.code(), error.is_bad_input())
	};
	let mismatch = verify_metadata(HELLO, &metadata(b"other", "ipfs://x")).unwrap_err();
	assert!(mismatch.to_string().contains("its SHA-256 is 0xb94d27b9"), "{mismatch}");
	assert_eq!(error(mismatch), ("content-mismatch", false));
	let other = verify_cid(HELLO, &cid(OTHER_RAW)).unwrap_err();
	assert_eq!(error(other), ("content-mismatch", false));
	let document: ::cid::Cid = HELLO_RAW.try_into().unwrap();
	let nowhere = at_gateway(None, &document, "").unwrap_err();
	assert_eq!(error(nowhere), ("bad-gateway", true));
	assert_eq!(error(ContentError::Exists("a".into())), ("file-exists", true));
	let large = ContentError::TooLarge { from: "a".into(), limit: 1 };
	assert_eq!(error(large), ("too-large", false));
}

#[test]
fn files_should_be_read_up_to_the_limit() {
	let folder = tempfile::tempdir().unwrap();
	let path = folder.path().join("charger.json");
	std::fs::write(&path, HELLO).unwrap();
	assert_eq!(read(&path, HELLO.len() as u64).unwrap(), HELLO);
	assert_eq!(read(&path, u64::MAX).unwrap(), HELLO);
	assert!(matches!(
		read(&path, HELLO.len() as u64 - 1),
		Err(ContentError::TooLarge { limit: 10, .. })
	));
	for missing in [folder.path().join("no.json"), folder.path().to_path_buf()] {
		assert!(matches!(
			read(&missing, 100),
			Err(ContentError::Io { doing: "read", path, .. }) if path == missing
		));
	}
}

#[test]
fn files_should_be_written_once() {
	let folder = tempfile::tempdir().unwrap();
	let path = folder.path().join("charger.json");
	write(&path, HELLO).unwrap();
	assert_eq!(std::fs::read(&path).unwrap(), HELLO);
	assert!(matches!(write(&path, b"other"), Err(ContentError::Exists(taken)) if taken == path));
	assert_eq!(std::fs::read(&path).unwrap(), HELLO);
	let nowhere = folder.path().join("no").join("charger.json");
	assert!(matches!(write(&nowhere, HELLO), Err(ContentError::Io { doing: "write", .. })));
}
