//! The light client from a cold start, as a process of its own.

use std::{fs, process::Stdio, time::Duration};

use dam_e2e::{device_binary, measure::Samples, Error, Network};
use serde_json::Value;
use tokio::process::Command;

/// How often the process's memory is looked at. Its peak is kept by the kernel; only what comes
/// between the last look and the end is missed.
const LOOK: Duration = Duration::from_millis(5);

/// What was measured.
pub struct Starts {
	/// From the program's start to the first finalized block it learns of, in ms.
	first_final: Samples,
	/// Peak of its resident memory, in MiB.
	memory: Samples,
}

/// Starts `dam-device head` again and again, each time without any state.
pub async fn measure(network: &Network, starts: u32) -> Result<Starts, Error> {
	let spec = network.folder().join("light.json");
	let io = |what: &str, cause| Error::Io { what: what.into(), cause };
	fs::write(&spec, network.light_spec()?)
		.map_err(|cause| io("writing the specification", cause))?;
	let device = device_binary()?;
	let (mut times, mut peaks) = (Vec::new(), Vec::new());
	for _ in 0..starts {
		let child = Command::new(&device)
			.args(["--output", "json", "--chain-spec"])
			.arg(&spec)
			.args(["head", "--follow", "1"])
			.stdin(Stdio::null())
			.stdout(Stdio::piped())
			.stderr(Stdio::null())
			.kill_on_drop(true)
			.spawn()
			.map_err(|cause| io("starting dam-device", cause))?;
		let pid = child.id().unwrap_or_default();
		let mut ended = Box::pin(child.wait_with_output());
		let mut peak = 0.0;
		let output = loop {
			tokio::select! {
				output = &mut ended => break output.map_err(|cause| io("running dam-device", cause))?,
				() = tokio::time::sleep(LOOK) => peak = peak_memory(pid).unwrap_or(peak),
			}
		};
		let text = String::from_utf8_lossy(&output.stdout);
		let seconds = text
			.lines()
			.filter_map(|line| serde_json::from_str::<Value>(line).ok())
			.find(|line| line["kind"] == "finalized")
			.and_then(|line| line["seconds"].as_f64());
		let Some(seconds) = seconds else {
			return Err(Error::Spec(format!("`dam-device head` saw no finalized block: {text}")));
		};
		times.push(seconds * 1e3);
		peaks.push(peak);
	}
	Ok(Starts { first_final: times.into_iter().collect(), memory: peaks.into_iter().collect() })
}

/// `VmHWM` in MiB.
fn peak_memory(pid: u32) -> Option<f64> {
	let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
	let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
	let kib: f64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
	Some(kib / 1024.0)
}

/// A markdown table.
pub fn table(starts: &Starts) -> String {
	format!(
		"| light client, {} cold starts | p50 / p95 | most |\n|---|---|---|\n\
		 | to the first finalized head, ms | {} | {:.0} |\n\
		 | peak resident memory, MiB | {} | {:.0} |\n",
		starts.first_final.count(),
		starts.first_final.typical(),
		starts.first_final.max(),
		starts.memory.typical(),
		starts.memory.max(),
	)
}
