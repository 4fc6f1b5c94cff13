//! What the chain itself did meanwhile: slots, forks, finality, how full the blocks were.

use std::{
	sync::{Arc, Mutex},
	time::{Duration, Instant},
};

use codec::Compact;
use dam_e2e::{measure::Samples, storage, Error, Network, Node, Rpc};
use tokio::task::JoinHandle;

/// Length of a slot in ms.
const SLOT_MS: u64 = 1_000;
/// How often the heads are looked at.
const LOOK: Duration = Duration::from_millis(200);
/// Words of a node's log when its best block moves to another branch.
const REORG: &str = "Reorg on #";
/// Picoseconds in a millisecond.
const PER_MS: f64 = 1e9;

/// Weight that a block used: three dispatch classes, reference time and proof size each.
type BlockWeight = [(Compact<u64>, Compact<u64>); 3];

/// A measurement under way.
pub struct Watch {
	first: u32,
	reorgs: usize,
	heads: JoinHandle<()>,
	lags: Arc<Mutex<Vec<f64>>>,
	begun: Instant,
}

/// What was measured.
pub struct Report {
	seconds: f64,
	slots: u64,
	blocks: u64,
	reorgs: usize,
	/// Best minus finalized block, every 200 ms, at every validator.
	lag: Samples,
	/// ms of weight in each block.
	weight: Samples,
	/// Extrinsics in each block, inherents included.
	extrinsics: Samples,
}

impl Watch {
	/// Begins at the best block.
	pub async fn start(network: &Network) -> Result<Self, Error> {
		let first = at(&network.nodes()[0], |rpc| async move { rpc.number(None).await }).await?;
		let lags = Arc::default();
		let heads = tokio::spawn(look(
			network.nodes().iter().map(|node| node.rpc().clone()).collect(),
			Arc::clone(&lags),
		));
		Ok(Self { first, reorgs: reorgs(network), heads, lags, begun: Instant::now() })
	}

	/// Ends at the best block, once that is final.
	pub async fn finish(self, network: &Network) -> Result<Report, Error> {
		self.heads.abort();
		let node = &network.nodes()[0];
		let last = at(node, |rpc| async move { rpc.number(None).await }).await?;
		let seconds = self.begun.elapsed().as_secs_f64();
		network.wait_finalized(last).await?;
		let mut weights = Vec::new();
		let mut extrinsics = Vec::new();
		let mut times = Vec::new();
		for number in self.first..=last {
			let (time, weight, count) = at(node, |rpc| async move {
				let hash = rpc.block_hash(number).await?.unwrap_or_default();
				let time: Option<u64> =
					rpc.value(storage::value("Timestamp", "Now"), &hash).await?;
				let weight: Option<BlockWeight> =
					rpc.value(storage::value("System", "BlockWeight"), &hash).await?;
				Ok((time, weight, rpc.extrinsics(&hash).await?.len()))
			})
			.await?;
			times.extend(time);
			let weight = weight.map_or(0, |classes| classes.iter().map(|(time, _)| time.0).sum());
			weights.push(weight as f64 / PER_MS);
			extrinsics.push(count as f64);
		}
		let span = times.last().unwrap_or(&0).saturating_sub(*times.first().unwrap_or(&0));
		let lags = std::mem::take(&mut *self.lags.lock().expect("nobody panics holding it; qed"));
		Ok(Report {
			seconds,
			slots: span / SLOT_MS,
			blocks: u64::from(last - self.first),
			reorgs: reorgs(network) - self.reorgs,
			lag: lags.into_iter().collect(),
			weight: weights.into_iter().collect(),
			extrinsics: extrinsics.into_iter().collect(),
		})
	}
}

async fn look(nodes: Vec<Rpc>, lags: Arc<Mutex<Vec<f64>>>) {
	loop {
		for rpc in &nodes {
			// A question that is not answered now is asked again.
			if let (Ok((finalized, _)), Ok(best)) = (rpc.finalized().await, rpc.number(None).await)
			{
				let lag = f64::from(best.saturating_sub(finalized));
				lags.lock().expect("nobody panics holding it; qed").push(lag);
			}
		}
		tokio::time::sleep(LOOK).await;
	}
}

fn reorgs(network: &Network) -> usize {
	network.nodes().iter().map(|node| node.log().matches(REORG).count()).sum()
}

async fn at<T, F>(node: &Node, ask: impl FnOnce(Rpc) -> F) -> Result<T, Error>
where
	F: std::future::Future<Output = Result<T, dam_e2e::RpcError>>,
{
	ask(node.rpc().clone()).await.map_err(|cause| Error::Rpc { node: node.name().into(), cause })
}

/// A markdown table.
pub fn table(title: &str, report: &Report) -> String {
	format!(
		"| chain, {title}, {:.0} s | |\n|---|---|\n\
		 | blocks / slots | {} / {} |\n\
		 | changes of branch, all validators | {} |\n\
		 | finality lag, blocks, p50 / p95 (most) | {} ({:.0}) |\n\
		 | weight of a block, ms, p50 / p95 (most) | {} ({:.0}) |\n\
		 | extrinsics of a block, p50 / p95 (most) | {} ({:.0}) |\n",
		report.seconds,
		report.blocks,
		report.slots,
		report.reorgs,
		report.lag.typical(),
		report.lag.max(),
		report.weight.typical(),
		report.weight.max(),
		report.extrinsics.typical(),
		report.extrinsics.max(),
	)
}
