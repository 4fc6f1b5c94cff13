//! Measures a network of four validators on this machine: how fast payments are included and final,
//! how fast a light client starts and what memory it takes, and how the chain does with full blocks.
//!
//! Prints markdown tables for `docs/PERFORMANCE.md`. `scripts/bench-network` builds and runs it.

mod chain;
mod light;
mod load;

use std::process::ExitCode;

use clap::Parser;
use dam_e2e::{fleet, measure, Error, Network};

/// Blocks made before anything is measured: past the 32 from which a light client jumps.
const WARM_UP_BLOCKS: u32 = 40;

/// What to measure.
#[derive(Debug, Parser)]
struct Args {
	/// Single payments, sent one after the other at random times.
	#[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..))]
	payments: u32,
	/// Cold starts of the light client.
	#[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
	starts: u32,
	/// Machines that each send a batch of 400 payments to fill the blocks; 0 leaves that out.
	#[arg(long, default_value_t = 300)]
	batches: u32,
}

#[tokio::main]
async fn main() -> ExitCode {
	match run(&Args::parse()).await {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => {
			eprintln!("error: {error}");
			ExitCode::FAILURE
		},
	}
}

async fn run(args: &Args) -> Result<(), Error> {
	eprintln!("starting four validators");
	let network = Network::builder().validators(4).start().await?;
	network.wait_finalized(WARM_UP_BLOCKS).await?;

	eprintln!("cold starts of the light client: {}", args.starts);
	let starts = light::measure(&network, args.starts).await?;
	println!("{}", light::table(&starts));

	let client = fleet::light_client(&network).await?;
	let owner = fleet::well_known("Alice");
	let fleet = load::prepare(&client, &owner, args.batches).await?;

	eprintln!("payments on an idle network: {}", args.payments);
	let watch = chain::Watch::start(&network).await?;
	let idle = measure::payments(&client, &fleet.payer, fleet.payee, args.payments).await?;
	let idle_chain = watch.finish(&network).await?;
	println!("{}", idle.table("empty blocks"));
	println!("{}", chain::table("empty blocks", &idle_chain));

	if args.batches > 0 {
		eprintln!("payments while {} batches and paid transactions fill the blocks", args.batches);
		let batches = load::sign(&client, &fleet).await?;
		let watch = chain::Watch::start(&network).await?;
		let (full, ()) = futures::try_join!(
			measure::payments_while(&client, &fleet.payer, fleet.payee, || load::left(&network)),
			load::fill(&network, &client, &owner, &batches),
		)?;
		let full_chain = watch.finish(&network).await?;
		println!("{}", full.table("full blocks"));
		println!("{}", chain::table("full blocks", &full_chain));
	}
	let common = network.assert_one_chain().await?;
	eprintln!("all validators agree up to block {common}");
	Ok(())
}
