//! The stories of `dam-device scenario`, each played by the program itself through its light client
//! on real nodes, and looked at by another light client afterwards.

use std::{fs, path::PathBuf};

use dam_device::{
	chain::{LightNetwork, Network as _},
	AccountId, KeyFile, Scheme,
};
use dam_e2e::{
	device_binary, fleet,
	program::{self, Watched},
	Network,
};
use dam_primitives::{machine_account, MachineId};
use serde_json::Value;

/// The line of `ev-charging` after which the chain is not needed for a while.
const OFF_CHAIN: &str = "The car is charged on, whether the chain is there or not";
/// The line after the last voucher.
const CHARGED: &str = "100 kWh, each paid and acknowledged";

/// A network, and a user of `dam-device` with the key of an owner.
struct World {
	network: Network,
	owner: PathBuf,
	spec: PathBuf,
}

impl World {
	fn new(network: Network) -> Self {
		let (owner, spec) =
			(network.folder().join("owner.key"), network.folder().join("light.json"));
		KeyFile::import(&owner, Scheme::Sr25519, "//Alice").unwrap();
		fs::write(&spec, network.light_spec().unwrap()).unwrap();
		Self { network, owner, spec }
	}

	/// The command line that plays a story.
	fn command(&self, name: &str, format: &str) -> Vec<String> {
		let path =
			|path: &PathBuf| path.to_str().expect("temporary paths are text; qed").to_owned();
		["--chain-spec", &path(&self.spec), "--timeout", "240", "--output", format]
			.into_iter()
			.chain(["scenario", name, "--owner-key", &path(&self.owner)])
			.map(ToOwned::to_owned)
			.collect()
	}

	/// Plays a story to its end and gives its report.
	async fn play(&self, name: &str) -> Value {
		let device = device_binary().unwrap();
		let outcome = program::run(&device, self.command(name, "json")).await.unwrap();
		assert!(outcome.success(), "{name}: {outcome:?}");
		serde_json::from_str(&outcome.stdout).unwrap()
	}
}

/// The machines of a story, in the order in which they were registered.
fn machines(report: &Value) -> Vec<MachineId> {
	let machines = report["machines"].as_array().expect("every story has machines");
	machines.iter().map(|machine| machine["machine"].as_u64().expect("a number")).collect()
}

/// What machines hold, in units of 0.000001 USDT.
async fn held(light: &LightNetwork, machines: &[MachineId]) -> Vec<u128> {
	let accounts: Vec<AccountId> =
		machines.iter().map(|id| AccountId::from(machine_account(*id))).collect();
	let (_, balances) = light.balances(&accounts).await.unwrap();
	balances.iter().map(|held| held.usdt.units()).collect()
}

/// Every transaction of a story is told with its block; those of machines cost nothing.
fn check_steps(name: &str, report: &Value, least_free: usize) {
	let steps = report["steps"].as_array().expect("every story has steps");
	let free = steps.iter().filter(|step| step["fee"] == "0").count();
	assert!(free >= least_free, "{name}: {free} steps were free: {steps:#?}");
	let mut last = 0;
	for step in steps {
		let block = step["block"]["number"].as_u64().expect("a number");
		assert!(block >= last, "{name}: {step}");
		last = block;
	}
	let readings = report["balances"].as_array().expect("balances are read");
	assert!(readings.len() >= 2, "{name}: {readings:?}");
}

/// An amount in units of 0.000001 USDT.
const fn usdt(hundredths: u128) -> u128 {
	hundredths * 10_000
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stories_should_end_to_the_last_unit_on_four_validators() {
	let network = Network::builder().validators(4).start().await.unwrap();
	network.wait_finalized(3).await.unwrap();
	let world = World::new(network);
	let light = fleet::light_client(&world.network).await.unwrap();
	for (name, least_free, expected) in [
		("smart-fridge", 5, vec![usdt(750), usdt(1_250)]),
		("toll-road", 11, vec![usdt(360), usdt(300), usdt(420), usdt(420)]),
		("irrigation", 3, vec![usdt(180), usdt(120)]),
		("sensor-data", 5, vec![usdt(120), usdt(120), usdt(160)]),
		("hospital-supplies", 5, vec![usdt(1_644), usdt(4_356)]),
	] {
		let report = world.play(name).await;
		check_steps(name, &report, least_free);
		assert_eq!(held(&light, &machines(&report)).await, expected, "{name}");
		println!("{name}: {expected:?} after {} s", report["seconds"]);
	}

	// How much flows depends on the blocks; that nothing is lost does not.
	let report = world.play("solar-feed-in").await;
	check_steps("solar-feed-in", &report, 6);
	let stream = &report["stream"];
	let units = |name: &str| {
		let text = stream[name].as_str().expect("amounts are text");
		text.parse::<dam_device::Usdt>().unwrap().units()
	};
	let (settled, returned) = (units("settled"), units("returned"));
	assert_eq!(settled + returned, units("deposit"));
	assert!(settled >= 10 * units("rate") && settled % units("rate") == 0, "{stream}");
	assert_eq!(held(&light, &machines(&report)).await, [usdt(500) - settled, settled]);
	println!("solar-feed-in: {settled} earned after {} s", report["seconds"]);
	world.network.assert_one_chain().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn charging_should_go_on_while_the_only_node_is_down_and_end_right_after_it() {
	let network = Network::builder().development().start().await.unwrap();
	network.wait_finalized(2).await.unwrap();
	let mut world = World::new(network);
	let device = device_binary().unwrap();
	let mut story = Watched::start(&device, world.command("ev-charging", "text")).unwrap();
	if !story.wait_line(OFF_CHAIN).await.unwrap() {
		panic!("it ended before the car was charged: {:?}", story.end().await.unwrap());
	}
	let before = world.network.nodes()[0].rpc().finalized().await.unwrap().0;
	world.network.node(0).stop().await.unwrap();
	assert_eq!(world.network.nodes()[0].pid(), None);
	println!("the only node is down since block {before}");

	// Every voucher is paid and acknowledged while nobody could be asked.
	if !story.wait_line(CHARGED).await.unwrap() {
		panic!("it ended while the node was down: {:?}", story.end().await.unwrap());
	}
	world.network.restart(0).await.unwrap();
	println!("the node is back");
	let outcome = story.end().await.unwrap();
	println!("{}", outcome.stdout);
	assert!(outcome.success(), "{outcome:?}");
	assert!(outcome.stdout.contains("to the last unit"), "{outcome:?}");

	// The first two machines of this chain: the car has paid 100 kWh at 0.30 USDT.
	let light = fleet::light_client(&world.network).await.unwrap();
	assert_eq!(held(&light, &[0, 1]).await, [usdt(2_000), usdt(3_000)]);
	let after = world.network.nodes()[0].rpc().finalized().await.unwrap().0;
	assert!(after > before, "it went on at block {after}, after {before}");
}
