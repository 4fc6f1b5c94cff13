//! Every bad input that a user of `dam-device`, of `dam-node` or of the RPC can give: a clear error,
//! an exit status other than 0, and nothing sent.

use std::{
	fs,
	net::TcpListener,
	os::unix::fs::PermissionsExt,
	path::{Path, PathBuf},
};

use dam_device::{
	chain::{LightNetwork, Network as _},
	AccountId, Key, KeyFile, Scheme, Usdt,
};
use dam_e2e::{device_binary, fleet, node_binary, program, Network, Rpc, RpcError};
use dam_primitives::{machine_account, MAX_BATCH};
use jsonrpsee::rpc_params;
use serde_json::{json, Value};

/// A payer's secret, so that both this test and a key file can hold it.
const PAYER: &str = "//Charger";
/// 10 USDT.
const FUNDS: u128 = 10_000_000;

/// A command line and words of the error that it must give.
struct Case {
	arguments: Vec<String>,
	says: Vec<&'static str>,
}

fn case(arguments: &[&str], says: &[&'static str]) -> Case {
	Case { arguments: arguments.iter().map(ToString::to_string).collect(), says: says.to_vec() }
}

/// Runs every case and lists all that did not fail as they should.
async fn all_should_fail(program: &Path, common: &[&str], cases: Vec<Case>) {
	let mut wrong = Vec::new();
	for Case { arguments, says } in cases {
		let all = common.iter().copied().chain(arguments.iter().map(String::as_str));
		let outcome = program::run(program, all).await.unwrap();
		let missing: Vec<_> = says.iter().filter(|word| !outcome.stderr.contains(**word)).collect();
		let failed = matches!(outcome.status, Some(1..=100));
		if !failed || !missing.is_empty() || outcome.stderr.contains("panicked") {
			wrong.push(format!("{arguments:?}: without {missing:?}: {outcome:?}"));
		}
	}
	assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// A folder with everything that a device's commands read.
struct Files {
	folder: tempfile::TempDir,
}

impl Files {
	fn new() -> Self {
		Self { folder: tempfile::tempdir().unwrap() }
	}

	fn path(&self, name: &str) -> PathBuf {
		self.folder.path().join(name)
	}

	fn write(&self, name: &str, content: &str) -> String {
		fs::write(self.path(name), content).unwrap();
		self.text(name)
	}

	/// As [`Self::write`], readable by its owner only, as key files must be.
	fn write_private(&self, name: &str, content: &str) -> String {
		let path = self.write(name, content);
		fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
		path
	}

	fn text(&self, name: &str) -> String {
		self.path(name).to_str().expect("temporary paths are text; qed").into()
	}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn device_should_refuse_bad_input_and_send_nothing() {
	let network = Network::builder().development().start().await.unwrap();
	network.wait_finalized(2).await.unwrap();
	let rpc = network.nodes()[0].rpc();
	let light = fleet::light_client(&network).await.unwrap();
	let owner = fleet::well_known("Alice");
	let payer = || Key::from_uri(Scheme::Ed25519, PAYER).unwrap();
	let (payee, _) = Key::generate(Scheme::Sr25519);
	let machines = fleet::register_keys(&light, &owner, vec![payer(), payee]).await.unwrap();
	fleet::fund(&light, &owner, machines[0].id, Usdt::from_units(FUNDS)).await.unwrap();
	let before = state(&light, &owner, machines[0].id).await;

	let files = Files::new();
	KeyFile::import(files.path("payer.key"), Scheme::Ed25519, PAYER).unwrap();
	KeyFile::create(files.path("stranger.key"), Scheme::Ed25519).unwrap();
	let spec = files.write("spec.json", &network.light_spec().unwrap());
	let device = device_binary().unwrap();
	let own = machines[0].id.to_string();
	let other = machines[1].id.to_string();

	let common = ["--chain-spec", &spec, "--timeout", "60"];
	all_should_fail(&device, &common, batch_cases(&files)).await;
	all_should_fail(&device, &common, payment_cases(&files, &own, &other)).await;
	all_should_fail(&device, &common, agreement_cases(&files, &own, &other)).await;
	all_should_fail(&device, &common, key_cases(&files, &other)).await;
	all_should_fail(&device, &[], chain_cases(&files, &spec, &network, &other)).await;

	let pending = rpc.call("author_pendingExtrinsics", rpc_params![]).await.unwrap();
	assert_eq!(pending, json!([]), "something was sent");
	network.wait_more_finalized(2).await.unwrap();
	assert_eq!(state(&light, &owner, machines[0].id).await, before, "something was sent");
}

fn batch_cases(files: &Files) -> Vec<Case> {
	let most = u128::MAX.to_string();
	let whole = &most[..most.len() - 6];
	let rows = |count: u32| (0..count).map(|_| "1,0.000001\n").collect::<String>();
	let json_rows = r#"[{"payee": "1", "amount": "0.5"}, {"payee": "1", "ammount": "0.5"}]"#;
	let with = |name: &str, content: &str, says: &[&'static str]| {
		let file = files.write(name, content);
		case(&["pay-batch", "--key", &files.text("payer.key"), &file], says)
	};
	let csv = |name: &str, rows: &str, says: &[&'static str]| {
		with(name, &format!("payee,amount\n{rows}"), says)
	};
	vec![
		with("header.csv", "to;amount\n1;2\n", &["payee,amount"]),
		with("empty.csv", "", &["empty"]),
		csv("none.csv", "", &["empty"]),
		csv("columns.csv", "1,0.5\n1\n", &["line 3"]),
		csv("words.csv", "1,0.5\n1,ten\n", &["line 3", "ten"]),
		csv("overflow.csv", &format!("1,9{most}\n"), &["line 2", "too large"]),
		csv("sum.csv", &format!("1,{whole}\n1,{whole}\n"), &["add up"]),
		csv("decimals.csv", "1,0.0000001\n", &["line 2", "7 decimals", "0.000001"]),
		csv("zero.csv", "1,0\n", &["line 2", "zero"]),
		csv("negative.csv", "1,-5\n", &["line 2", "-5"]),
		csv("recipient.csv", "bob,1\n", &["line 2", "payee", "bob"]),
		csv("network.csv", "did:dam:elsewhere:1,1\n", &["line 2", "elsewhere"]),
		csv("long.csv", &rows(MAX_BATCH + 1), &["1025", "1024", "--split"]),
		with("broken.json", "[{\"payee\": \"1\"", &["line 1"]),
		with("field.json", json_rows, &["item 1", "ammount"]),
		case(&["pay-batch", "--key", &files.text("payer.key"), &files.text("no.csv")], &["no.csv"]),
	]
}

fn payment_cases(files: &Files, own: &str, other: &str) -> Vec<Case> {
	let payer = files.text("payer.key");
	let pay = |payee: &str, amount: &str, says: &[&'static str]| {
		case(&["pay", "--key", &payer, payee, amount], says)
	};
	let stranger = files.text("stranger.key");
	vec![
		pay("999999", "1", &["no machine 999999"]),
		pay(own, "1", &["itself"]),
		pay(other, "0", &["zero"]),
		pay(other, "0.0000001", &["decimals"]),
		pay(other, "-1", &["-1"]),
		pay(other, "99999999999999999999999999999999999999999", &["too large"]),
		pay(other, "11", &["holds 10 USDT", "11"]),
		pay("nobody", "1", &["nobody"]),
		pay("5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQZ", "1", &["5Grwva"]),
		case(&["pay", "--key", &stranger, other, "1"], &["registered for no machine"]),
		case(&["pay", "--key", &payer, other], &["AMOUNT"]),
		case(&["pay", "--key", &payer, other, "1", "--tip", "1"], &["--tip"]),
	]
}

/// Streams, mandates and orders.
fn agreement_cases(files: &Files, own: &str, other: &str) -> Vec<Case> {
	let payer = files.text("payer.key");
	let with = |command: &[&str], arguments: &[&str], says: &[&'static str]| {
		case(&[command, &["--key", &payer], arguments].concat(), says)
	};
	let stream =
		|arguments: &[&str], says: &[&'static str]| with(&["stream", "open"], arguments, says);
	let mandate =
		|arguments: &[&str], says: &[&'static str]| with(&["mandate", "grant"], arguments, says);
	let order =
		|arguments: &[&str], says: &[&'static str]| with(&["order", "offer"], arguments, says);
	let hash = format!("0x{}", "11".repeat(32));
	let offer = ["--terms-hash", &hash];
	vec![
		stream(&[other, "0.02 per minute"], &["--deposit"]),
		stream(&[other, "0.02 per minute", "--for", "2x"], &["2x", "1d12h"]),
		stream(&[other, "0.02", "--for", "2h"], &["0.02", "per minute"]),
		stream(&[other, "0.00001 per minute", "--for", "2h"], &["0.00006 USDT"]),
		stream(&[other, "-1/h", "--for", "2h"], &["-1"]),
		stream(&[other, "1/s", "--deposit", "0.5"], &["does not last a second"]),
		stream(&[other, "1/s", "--deposit", "10"], &["holds 10 USDT", "10.1"]),
		stream(&[own, "1/s", "--deposit", "1"], &["itself"]),
		with(&["stream", "collect"], &["999999"], &["no stream 999999"]),
		case(&["stream", "show", "999999"], &["no stream 999999"]),
		mandate(&[other, "0", "--per", "1d"], &["zero"]),
		mandate(&[other, "1", "--per", "0"], &["zero"]),
		mandate(&[other, "1", "--per", "1d", "--expires-at", "1"], &["block 1 cannot"]),
		mandate(&["999999", "1", "--per", "1d"], &["no machine 999999"]),
		with(&["mandate", "pull"], &["0:1"], &["3=0.80"]),
		with(&["mandate", "pull"], &["999999=1"], &["no mandate 999999"]),
		order(&[other, "1"], &["--terms"]),
		order(&[other, "1", "--terms-hash", "0x12"], &["64 hexadecimal digits"]),
		order(&[other, "1", "--terms", &files.text("no.txt")], &["no.txt"]),
		order(&[&[other, "1", "--deliver-within", "1000w"], &offer[..]].concat(), &["deliver"]),
		order(&[&[other, "11"], &offer[..]].concat(), &["holds 10 USDT"]),
		order(&[&[other, "1", "--arbiter", "bob"], &offer[..]].concat(), &["bob"]),
		with(&["order", "accept"], &["999999"], &["no order 999999"]),
		with(&["order", "deliver"], &["999999"], &["--evidence"]),
	]
}

fn key_cases(files: &Files, other: &str) -> Vec<Case> {
	let pay = |key: &str, says: &[&'static str]| case(&["pay", "--key", key, other, "1"], says);
	let good = fs::read_to_string(files.path("payer.key")).unwrap();
	let truncated = files.write_private("truncated.key", &good[..good.len() / 2]);
	let rubbish = files.write_private("rubbish.key", "\u{1}\u{2}not a key");
	let wrong_type = files.write_private("type.key", &good.replace("\"ed25519\"", "\"sr25519\""));
	let unknown_type = files.write_private("unknown.key", &good.replace("\"ed25519\"", "\"rsa\""));
	let open = files.write_private("open.key", &good);
	fs::set_permissions(&open, fs::Permissions::from_mode(0o644)).unwrap();
	let new = files.text("new.key");
	vec![
		pay(&truncated, &["truncated.key", "restore"]),
		pay(&rubbish, &["rubbish.key", "restore"]),
		pay(&wrong_type, &["does not belong", "sr25519"]),
		pay(&unknown_type, &["unknown.key"]),
		pay(&open, &["chmod 600"]),
		pay(&files.text("missing.key"), &["missing.key", "key new"]),
		case(&["key", "new", &files.text("payer.key")], &["exists", "never overwritten"]),
		case(&["key", "new", &new, "--scheme", "rsa"], &["rsa", "ed25519"]),
		case(&["key", "import", &new, "--scheme", "ed25519", "--suri", "0x12"], &["secret"]),
		case(&["key", "import", &new, "--scheme", "ed25519", "--suri", "//A/soft"], &["//"]),
	]
}

fn chain_cases(files: &Files, spec: &str, network: &Network, other: &str) -> Vec<Case> {
	let payer = files.text("payer.key");
	let with = |arguments: &[&str], says: &[&'static str]| {
		let pay = ["pay", "--key", &payer, other, "1", "--timeout", "5"];
		case(&[arguments, &pay].concat(), says)
	};
	let text = fs::read_to_string(spec).unwrap();
	let truncated = files.write("truncated.json", &text[..text.len() / 2]);
	let lonely = fs::read_to_string(network.spec()).unwrap();
	let lonely = files.write("lonely.json", &lonely);
	let not_raw = json!({ "id": "dev", "genesis": { "runtimeGenesis": {} }, "bootNodes": [] });
	let not_raw = files.write("plain.json", &not_raw.to_string());
	let nobody = closed_port();
	let nobody = format!(
		"/ip4/127.0.0.1/tcp/{nobody}/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp"
	);
	let genesis = format!("0x{}", "11".repeat(32));
	vec![
		with(&["--chain-spec", &truncated], &["complete JSON"]),
		with(&["--chain-spec", &not_raw], &["not raw"]),
		with(&["--chain-spec", &files.text("no.json")], &["no.json"]),
		with(&["--chain-spec", &lonely], &["boot node"]),
		with(&["--chain-spec", &lonely, "--boot-node", "127.0.0.1:30333"], &["boot node"]),
		with(&["--chain-spec", &lonely, "--boot-node", &nobody], &["no peer answered"]),
		with(&["--chain-spec", spec, "--genesis", &genesis], &["another chain"]),
		with(&["--chain-spec", spec, "--genesis", "0x12"], &["64 hexadecimal digits"]),
		with(&[], &["--chain-spec"]),
	]
}

/// Everything that a transaction would change: balances and nonces.
async fn state(light: &LightNetwork, owner: &Key, payer: u64) -> String {
	let payer_key = Key::from_uri(Scheme::Ed25519, PAYER).unwrap();
	let machine = AccountId::from(machine_account(payer));
	let accounts = [owner.account(), payer_key.account(), machine];
	let (_, balances) = light.balances(&accounts).await.unwrap();
	format!("{balances:?}")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn node_should_refuse_bad_input_and_say_what_to_do() {
	let node = node_binary().unwrap();
	let files = Files::new();
	let base = files.text("base");
	let spec = String::from_utf8(dam_e2e::raw_spec("dev").unwrap()).unwrap();
	let truncated = files.write("truncated.json", &spec[..spec.len() / 2]);
	let rubbish = files.write("rubbish.json", "{\"name\": 7}");
	let start = ["--base-path", &base, "--no-mdns", "--no-prometheus", "--no-telemetry"];
	let with =
		|arguments: &[&str], says: &[&'static str]| case(&[&start[..], arguments].concat(), says);

	let holder = TcpListener::bind("127.0.0.1:0").unwrap();
	let port = holder.local_addr().unwrap().port().to_string();
	let listen = format!("/ip4/127.0.0.1/tcp/{port}");
	let free = ["--listen-addr", "/ip4/127.0.0.1/tcp/0"];
	let prometheus = case(
		&[
			"--dev",
			"--base-path",
			&base,
			free[0],
			free[1],
			"--rpc-port",
			"0",
			"--prometheus-port",
			&port,
		],
		&["Prometheus", "--prometheus-port"],
	);
	let cases = vec![
		with(&["--develop"], &["--develop"]),
		with(&["--chain", &truncated], &["truncated.json", "line"]),
		with(&["--chain", &rubbish], &["rubbish.json", "not a chain specification"]),
		with(&["--chain", &files.text("missing.json")], &["missing.json"]),
		with(&["--chain", "lokal"], &["no chain `lokal`"]),
		with(&["--dev", "--rpc-port", "70000"], &["70000"]),
		with(&["--dev", "--rpc-port", &port, free[0], free[1]], &["JSON-RPC", "--rpc-port"]),
		with(
			&["--dev", "--rpc-port", "0", "--listen-addr", &listen],
			&["used by another", "--port"],
		),
		prometheus,
		with(&["--chain", "local", "--validator"], &["generate-node-key"]),
	];
	all_should_fail(&node, &[], cases).await;
	drop(holder);

	// A second node on the folder of a running one.
	let network = Network::builder().development().start().await.unwrap();
	let taken = network.folder().join("alice").join("base");
	let spec = network.spec().to_str().expect("temporary paths are text; qed");
	let taken = taken.to_str().expect("temporary paths are text; qed");
	let second = case(
		&[
			"--chain",
			spec,
			"--base-path",
			taken,
			"--rpc-port",
			"0",
			free[0],
			free[1],
			"--no-prometheus",
		],
		&["in use", "--base-path"],
	);
	all_should_fail(&node, &[], vec![second]).await;
	network.wait_more_finalized(2).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rpc_should_refuse_rubbish_and_go_on() {
	let mut network = Network::builder().development().start().await.unwrap();
	let rpc = network.nodes()[0].rpc().clone();
	let nowhere = format!("0x{}", "ab".repeat(32));
	let calls: Vec<(&str, Vec<Value>)> = vec![
		("dam_machine", vec![]),
		("dam_machine", vec![json!(-1)]),
		("dam_machine", vec![json!("5Grwva")]),
		("dam_machine", vec![json!({"id": 1})]),
		("dam_machine", vec![json!(1.5)]),
		("dam_machine", vec![json!(0), json!("0x12")]),
		("dam_machine", vec![json!(0), json!(nowhere)]),
		("dam_machineOf", vec![json!("")]),
		("dam_machineOf", vec![json!(["x"])]),
		("dam_quota", vec![json!("18446744073709551616")]),
		("dam_quota", vec![json!(null)]),
		("dam_resolveDid", vec![json!("did:web:example.org")]),
		("dam_resolveDid", vec![json!("did:dam:elsewhere:0")]),
		("dam_resolveDid", vec![json!(7)]),
		("dam_nothing", vec![]),
		("author_submitExtrinsic", vec![json!("0xzz")]),
		("author_submitExtrinsic", vec![json!("0x00")]),
		("author_submitExtrinsic", vec![json!(format!("0x{}", "ff".repeat(10_000)))]),
		("state_getStorage", vec![json!("not hexadecimal")]),
	];
	for (method, parameters) in calls {
		let mut array = jsonrpsee::core::params::ArrayParams::new();
		parameters.iter().for_each(|one| array.insert(one).expect("JSON is JSON; qed"));
		match rpc.call(method, array).await {
			Err(RpcError::Refused { message, .. }) => assert!(!message.is_empty()),
			other => panic!("{method} {parameters:?} gave {other:?}"),
		}
	}
	let pending = rpc.call("author_pendingExtrinsics", rpc_params![]).await.unwrap();
	assert_eq!(pending, json!([]));
	text_that_is_no_json_should_be_refused(&rpc).await;
	network.wait_more_finalized(2).await.unwrap();
	network.check_alive().unwrap();
}

/// Below the level of a JSON-RPC client.
async fn text_that_is_no_json_should_be_refused(rpc: &Rpc) {
	use tokio::io::{AsyncReadExt, AsyncWriteExt};
	let address = rpc.url().trim_start_matches("http://");
	for body in ["{", "[]", "\u{0}", "{\"jsonrpc\":\"2.0\",\"id\":1}"] {
		let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
		let request = format!(
			"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
			 Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
			body.len()
		);
		stream.write_all(request.as_bytes()).await.unwrap();
		let mut answer = String::new();
		stream.read_to_string(&mut answer).await.unwrap();
		assert!(answer.contains("error") || answer.starts_with("HTTP/1.1 4"), "{body:?}: {answer}");
	}
}

/// A port at which nobody listens.
fn closed_port() -> u16 {
	TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
